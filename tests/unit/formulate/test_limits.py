"""F-3 to F-6: limits as boxes, ranges and bands, on what people carry or on what adds up to the targets."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import planalloc as pa
from planalloc.formulate.answering import answer
from planalloc.formulate.formulation import formulate
from planalloc.formulate.index import Index

if TYPE_CHECKING:
    from planalloc.formulate.limits import Limits, LimitSum

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


def limits_of(*limits: Any, **policy: Any) -> Limits:
    """Return limits as arrays."""
    problem = PROBLEM.but(limits=limits, policy=PROBLEM.policy.but(**policy))
    return formulate(problem.canonical()).limits


def sum_of(limit: pa.Pin | pa.Bound | pa.TeamTarget, **policy: Any) -> LimitSum:
    """Return one limit as a box."""
    (found,) = limits_of(limit, **policy).sums
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
    found = limits_of(
        pa.Pin(rep="alice", quota=1, expires=expires),
        pa.QuotaRange(at_least=1, expires=expires),
        pa.MixBand(tolerance=0.1, expires=expires),
        pa.OvertimeLimit(hours=5, expires=expires),
    )
    assert (len(found.sums), len(found.ranges), len(found.bands)) == (many, many, many)
    assert found.overtime.max() == 5 * many


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


def test_a_reps_own_hedge_is_on_top() -> None:
    """10 % of her own on the 1.5 of her teams make 1.65; without a team, her own alone, be it below the base."""
    problem = PROBLEM.replace(pa.Rep(id="alice", team="paris", hedge=0.1), pa.Rep(id="dario", hedge=-0.2))
    assert Index(problem).hedge.tolist() == pytest.approx([1.65, 1.25, 1, 0.8])


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


# -- team targets, ranges, bands, overtime ----------------------------------------------------------------------------


def test_a_team_target_is_a_box_on_the_base() -> None:
    """What the north must reach in A adds up to the targets, so the hedge plays no part (F-6)."""
    box = sum_of(pa.TeamTarget(team="north", segment="A", base=9_000))
    assert (np.flatnonzero(box.reps).tolist(), np.flatnonzero(box.lines).tolist()) == ([0, 1], [0, 1])
    assert (box.of_quota, box.lower, box.upper) == (False, 9_000, 9_000)


@pytest.mark.parametrize(
    ("limit", "lower", "upper"),
    [
        (pa.QuotaRange(at_least=5, at_most=9), [5, 5, 5, 5], [9, 9, 9, 9]),
        (pa.QuotaRange(rep="bruno", at_most=9), [-INF] * 4, [INF, 9, INF, INF]),
        (pa.QuotaRange(team="north", at_least=5), [5, 5, -INF, -INF], [INF] * 4),
        (pa.QuotaRange(relative_to="reference", at_least=0.5, of="base"), [4500] * 4, [INF] * 4),
        (pa.QuotaRange(relative_to="reference", at_most=1.2), [-INF] * 4, [16_200, 13_500, 10_800, 10_800]),
    ],
)
def test_a_range_holds_for_each_rep(limit: pa.QuotaRange, lower: list[float], upper: list[float]) -> None:
    """A floor and a cap for each rep that is meant, in money or as a multiple of the reference (F-3)."""
    (span,) = limits_of(limit).ranges
    assert span.lower.tolist() == lower
    assert span.upper.tolist() == upper


def test_a_range_of_last_year_leaves_out_who_has_none() -> None:
    """5 % of growth on 1,000 is 1,050; who has no last year has no range; who sold nothing has a floor of 0."""
    problem = PROBLEM.replace(pa.Rep(id="alice", last_year={"A": 600, "B": 400}), pa.Rep(id="bruno", last_year={})).add(
        pa.QuotaRange(relative_to="last_year", at_least=1.05)
    )
    (span,) = formulate(problem.canonical()).limits.ranges
    assert span.lower.tolist() == [1050, 0, -INF, -INF]


@pytest.mark.parametrize(("prorated", "floor"), [(True, 496), (False, 1000)])
def test_a_range_counts_for_the_time_of_presence(floor: float, *, prorated: bool) -> None:
    """Up to June 30 are 181 of 365 days: of a floor of 1,000, 495.9 count, which is at least 496."""
    problem = PROBLEM.replace(pa.Rep(id="dario", end=date(2027, 6, 30))).add(
        pa.QuotaRange(rep="dario", at_least=1000, prorated=prorated)
    )
    (span,) = formulate(problem.canonical()).limits.ranges
    assert span.lower[3] == floor


def test_ends_of_a_range_are_whole_units() -> None:
    """A floor of 10.5 is at least 11, a cap of 10.5 at most 10; where no whole number is between, the nearest is."""
    (wide,) = limits_of(pa.QuotaRange(relative_to="reference", at_least=0.10005, at_most=0.20005, of="base")).ranges
    assert (wide.lower[0], wide.upper[0]) == (901, 1800)
    (narrow,) = limits_of(pa.QuotaRange(relative_to="reference", at_least=0.10005, at_most=0.10006, of="base")).ranges
    assert (narrow.lower[0], narrow.upper[0]) == (900, 900)


def test_excess_of_a_range_is_signed_for_each() -> None:
    """Between 10 and 20: 4 is 6 too little for one, 23 is 3 too much for another, and in between is fine."""
    (span,) = limits_of(pa.QuotaRange(at_least=10, at_most=20)).ranges
    cells = np.zeros((4, 3, 12))
    cells[:, 0, 0] = [4, 23, 10, 20]
    assert span.excess(cells).tolist() == [-6, 3, 0, 0]


def test_a_range_binds_each_by_themselves() -> None:
    """A floor of half of the reference lets nobody fall below it when another takes more."""
    limits = (pa.Pin(rep="dario", quota=27_000), pa.QuotaRange(relative_to="reference", at_least=0.3))
    formulation = formulate(PROBLEM.add(*limits).canonical())
    base = answer(formulation).base.sum(axis=(1, 2))
    assert base == pytest.approx([3_000, 3_000, 3_000, 27_000])


def test_a_band_is_kept_around_the_mix_of_what_is_covered() -> None:
    """With a pin on one line, the others of that rep follow, within a tenth of the strategy's mix (F-4)."""
    limits = (pa.Pin(rep="dario", segment="B", quota=4_000), pa.MixBand(rep="dario", tolerance=0.1))
    formulation = formulate(PROBLEM.add(*limits).canonical())
    lines = answer(formulation).base[3].sum(axis=1)
    assert lines[2] == pytest.approx(4_000)
    assert (lines / lines.sum() <= 1.1 / 3 + 1e-6).all()
    assert (lines / lines.sum() >= 0.9 / 3 - 1e-6).all()
    assert lines.sum() == pytest.approx(4_000 / 1.1 * 3, rel=1e-6)


def test_excess_of_a_band_is_measured_on_the_line() -> None:
    """Of 100 with a mix of thirds, a line of 40 is 3.33 above 110 % of a third; a rep who is not meant has none."""
    found = limits_of(pa.MixBand(rep="alice", tolerance=0.1))
    cells = np.zeros((4, 3, 12))
    cells[:2, :, 0] = [40, 33, 27]
    excess = found.bands[0].excess(cells, mix=found.mix)
    assert excess[0] == pytest.approx([40 - 110 / 3, 0, 27 - 30])
    assert excess[1:].tolist() == [[0, 0, 0]] * 3


def test_overtime_is_the_policys_but_for_those_who_are_named() -> None:
    """A tenth of the hours, but 10 hours a month for the north, and none for alice in winter: the least counts."""
    found = limits_of(
        pa.OvertimeLimit(team="north", hours=10),
        pa.OvertimeLimit(rep="alice", period="2027-Q1", hours=0),
        overtime_limit_share=0.1,
    ).overtime
    assert found[0].tolist() == [0] * 3 + [10] * 9
    assert found[1].tolist() == [10] * 12
    assert found[2, 1] == pytest.approx(16)


def test_overtime_may_be_limited_for_all() -> None:
    """A limit without a name is everyone's, and where there are no hours there is no overtime."""
    problem = PROBLEM.replace(pa.Rep(id="dario", start=date(2027, 2, 1))).add(pa.OvertimeLimit(hours=7))
    found = formulate(problem.canonical()).limits.overtime
    assert found[3].tolist() == [0] + [7] * 11
    assert found[0].tolist() == [7] * 12
