"""F-5: a limit is a box of reps x lines x periods, on what people carry or on what adds up to the targets."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

import planalloc as pa
from planalloc.formulate.answering import answer
from planalloc.formulate.formulation import formulate
from planalloc.formulate.index import Index
from planalloc.formulate.limits import LimitSum, limit_sums

INF = float("inf")

PROBLEM = pa.PlanningProblem(
    calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31)),
    strategy=pa.Strategy(
        name="Limits",
        currency="EUR",
        segments=[pa.Segment(id="A"), pa.Segment(id="B")],
        products=[pa.Product(id="suite")],
        targets=[
            pa.Target(segment="A", business="existing", revenue=12_000),
            pa.Target(segment="A", business="new", revenue=12_000),
            pa.Target(segment="B", product="suite", revenue=12_000),
        ],
    ),
    sales_force=pa.SalesForce(
        teams=[
            pa.Team(id="north", hedge=0.25),
            pa.Team(id="paris", parent="north", hedge=0.2),
            pa.Team(id="south"),
        ],
        reps=[
            pa.Rep(id="alice", team="paris"),
            pa.Rep(id="bruno", team="north"),
            pa.Rep(id="chloe", team="south"),
            pa.Rep(id="dario"),
        ],
    ),
    policy=pa.Policy(default_phasing="equal"),
)
"""Lines in order: A existing, A new, B suite. Reps in order: alice, bruno, chloe, dario."""


def sum_of(limit: pa.Pin | pa.Bound, **policy: Any) -> LimitSum:
    """Return one limit as a box."""
    (found,) = limit_sums(Index(PROBLEM.but(limits=[limit], policy=PROBLEM.policy.but(**policy))))
    return found


@pytest.mark.parametrize(
    ("parts", "reps", "lines", "periods"),
    [
        ({"rep": "bruno"}, [1], [0, 1, 2], range(12)),
        ({"team": "north"}, [0, 1], [0, 1, 2], range(12)),
        ({"team": "paris"}, [0], [0, 1, 2], range(12)),
        ({"team": "south"}, [2], [0, 1, 2], range(12)),
        ({"segment": "A"}, range(4), [0, 1], range(12)),
        ({"business": "new"}, range(4), [1], range(12)),
        ({"product": "suite"}, range(4), [2], range(12)),
        ({"segment": "B", "business": "new"}, range(4), [], range(12)),
        ({"period": "2027-03"}, range(4), [0, 1, 2], [2]),
        ({"period": "2027-Q2"}, range(4), [0, 1, 2], [3, 4, 5]),
        ({"period": "2027-4M3"}, range(4), [0, 1, 2], [8, 9, 10, 11]),
        ({"period": "2027-H1"}, range(4), [0, 1, 2], range(6)),
        ({"period": "2027"}, range(4), [0, 1, 2], range(12)),
        ({"rep": "bruno", "team": "paris"}, [], [0, 1, 2], range(12)),
        ({"rep": "alice", "segment": "A", "business": "new", "period": "2027-12"}, [0], [1], [11]),
    ],
)
def test_a_limit_is_a_box(parts: dict[str, Any], reps: Any, lines: Any, periods: Any) -> None:
    """Every part that is given narrows the box; a team holds those below it, a coarse period its months."""
    box = sum_of(pa.Bound(at_most=1, **parts))
    assert np.flatnonzero(box.reps).tolist() == list(reps)
    assert np.flatnonzero(box.lines).tolist() == list(lines)
    assert np.flatnonzero(box.periods).tolist() == list(periods)


def test_a_total_is_the_sum_of_its_box() -> None:
    """Of cells that count 1, 2, 3, ..., bruno's second line in March to be found alone, and in the second quarter."""
    cells = np.arange(4 * 3 * 12, dtype=float).reshape(4, 3, 12)
    one = sum_of(pa.Bound(rep="bruno", segment="A", business="new", period="2027-03", at_most=1))
    assert one.total(cells) == 36 + 12 + 2
    quarter = sum_of(pa.Bound(rep="bruno", segment="A", business="new", period="2027-Q2", at_most=1))
    assert quarter.total(cells) == 3 * (36 + 12) + 3 + 4 + 5


def test_only_a_part_of_the_year_cuts_periods() -> None:
    """The whole year, named or not, cuts nothing; a half does."""
    cut = [sum_of(pa.Bound(rep="alice", period=period, at_most=1)).cuts_periods for period in (None, "2027", "2027-H1")]
    assert cut == [False, False, True]


@pytest.mark.parametrize(
    ("limit", "of_quota", "lower", "upper"),
    [
        (pa.Pin(rep="alice", quota=5), True, 5, 5),
        (pa.Pin(rep="alice", base=5), False, 5, 5),
        (pa.Pin(rep="alice", quota=0), True, 0, 0),
        (pa.Bound(rep="alice", at_least=5), True, 5, INF),
        (pa.Bound(rep="alice", at_most=5), True, -INF, 5),
        (pa.Bound(rep="alice", at_least=0, at_most=0, of="base"), False, 0, 0),
    ],
)
def test_ends_of_a_limit(limit: Any, lower: float, upper: float, *, of_quota: bool) -> None:
    """A pin has both ends at its amount; an end that is not given is none; 0 is an end."""
    found = sum_of(limit)
    assert (found.of_quota, found.lower, found.upper) == (of_quota, lower, upper)


def test_ends_are_counted_in_rounding_units() -> None:
    """0.29 in cents is 29, and 2,000,000 in thousands 2,000."""
    assert sum_of(pa.Pin(rep="alice", quota=0.29), round_to=0.01).upper == 29
    assert sum_of(pa.Pin(rep="alice", quota=2_000_000), round_to=1000).upper == 2000


@pytest.mark.parametrize(("total", "excess"), [(4, -6), (10, 0), (15, 0), (20, 0), (23, 3)])
def test_excess_is_signed(total: float, excess: float) -> None:
    """Between 10 and 20, 4 is 6 too little, 23 is 3 too much."""
    cells = np.zeros((4, 3, 12))
    cells[0, 0, 0], cells[1] = total, 99
    assert sum_of(pa.Bound(rep="alice", at_least=10, at_most=20)).excess(cells) == excess


@pytest.mark.parametrize(
    ("expires", "many"), [(date(2026, 12, 31), 0), (date(2027, 1, 1), 1), (date(2027, 6, 30), 1), (None, 1)]
)
def test_a_limit_that_expired_before_the_horizon_is_left_aside(expires: date | None, many: int) -> None:
    """The last day on which it counts is before the first day of the horizon."""
    pinned = PROBLEM.add(pa.Pin(rep="alice", quota=1, expires=expires))
    assert len(limit_sums(Index(pinned))) == many


def quota_and_base(*limits: pa.Pin | pa.Bound, rep: int = 0) -> tuple[float, float]:
    """Return what one rep carries, and their base, in a plan with these limits."""
    formulation = formulate(PROBLEM.add(*limits).canonical())
    base = answer(formulation).base
    return float(formulation.quota(base)[rep].sum()), float(base[rep].sum())


def test_hedges_multiply_down_the_tree() -> None:
    """Alice is in Paris in the north: 20 % on 25 % make 1.5; dario is in no team and carries the base (F-14)."""
    assert Index(PROBLEM).hedge.tolist() == pytest.approx([1.5, 1.25, 1, 1])
    assert quota_and_base() == pytest.approx((13_500, 9_000))
    assert quota_and_base(rep=3) == pytest.approx((9_000, 9_000))


@pytest.mark.parametrize(
    ("limit", "quota", "base"),
    [
        (pa.Pin(rep="alice", quota=6_000), 6_000, 4_000),
        (pa.Pin(rep="alice", base=6_000), 9_000, 6_000),
        (pa.Bound(rep="alice", at_most=6_000), 6_000, 4_000),
        (pa.Bound(rep="alice", at_most=6_000, of="base"), 9_000, 6_000),
        (pa.Bound(rep="alice", at_least=15_000), 15_000, 10_000),
        (pa.Bound(rep="alice", at_least=15_000, of="base"), 22_500, 15_000),
    ],
)
def test_a_limit_speaks_of_the_quota_or_of_the_base(limit: Any, quota: float, base: float) -> None:
    """With a hedge of 1.5, a quota of 6,000 is a base of 4,000, and a base of 6,000 a quota of 9,000 (S-11)."""
    assert quota_and_base(limit) == pytest.approx((quota, base))


def test_a_limit_on_a_team_holds_for_the_sum_of_its_quotas() -> None:
    """In the north, 1.5 x alice and 1.25 x bruno are 11,000 together; both give way in proportion."""
    formulation = formulate(PROBLEM.add(pa.Bound(team="north", at_most=11_000)).canonical())
    base = answer(formulation).base.sum(axis=(1, 2))
    assert 1.5 * base[0] + 1.25 * base[1] == pytest.approx(11_000)
    assert base.sum() == pytest.approx(36_000)
    assert base[2] == pytest.approx(base[3])
    assert base[0] < base[1] < base[2]
