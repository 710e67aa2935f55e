"""F-13, F-14, S-7: whole units that add up on every margin, pins and bounds exact, or a refusal that names them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate.answering import Answered, answer
from planalloc.formulate.formulation import Formulation, formulate
from planalloc.formulate.rounding import whole_base, whole_quota, whole_reference

if TYPE_CHECKING:
    from planalloc.types import Ints

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
SEASON = pa.Seasonality(id="s", grain="quadrimester", weights=[0.5, 0.2, 0.3])


def problem_of(
    *reps: pa.Rep,
    revenue: float = 1000,
    shares: dict[str, float] | None = None,
    season: bool = False,
    limits: tuple[pa.Pin | pa.Bound, ...] = (),
    teams: tuple[pa.Team, ...] = (),
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem by months; three reps unless said otherwise."""
    split = {"A": 0.35, "B": 0.25, "C": 0.4} if shares is None else shares
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=revenue, currency="EUR", shares=split, reps=[] if reps else ["alice", "bruno", "chloe"]
    )
    if season:
        targets = [one.but(seasonality="s") for one in problem.strategy.targets]
        problem = problem.replace(problem.strategy.but(targets=targets, seasonalities=[SEASON]))
    return problem.add(*reps, *teams, *limits).replace(pa.Policy(**policy))


def rounded(problem: pa.PlanningProblem) -> tuple[Formulation, Answered, Ints, Ints]:
    """Return a problem, its plan in floats, and base and shortfall in whole units."""
    formulation = formulate(problem.canonical())
    answered = answer(formulation)
    return formulation, answered, *whole_base(formulation, answered)


def test_every_margin_is_floor_or_ceiling() -> None:
    """Cells, lines by month, reps, reps by line, and lines by season stay within one unit; targets are exact."""
    _, answered, base, shortfall = rounded(problem_of(season=True, revenue=1001))
    assert base.sum(axis=(0, 2)).tolist() == [350, 250, 401]
    assert shortfall.sum() == 0
    floats = answered.base
    for axes in ((), (0,), (2,), (1, 2)):
        assert np.abs(base.sum(axis=axes) - floats.sum(axis=axes)).max() < 1
    by_season = base[:, 0].sum(axis=0).reshape(3, 4).sum(axis=1)
    assert np.abs(by_season - 350 * np.array([0.5, 0.2, 0.3])).max() < 1


def test_a_shortfall_is_rounded_with_the_base() -> None:
    """Half of a line cannot be carried: base and shortfall together are the target in whole units, by the season."""
    limits = (pa.Bound(segment="A", at_most=177),)
    _, answered, base, shortfall = rounded(problem_of(season=True, limits=limits))
    assert base.sum(axis=(0, 2)).tolist() == [177, 250, 400]
    assert shortfall.sum(axis=1).tolist() == [173, 0, 0]
    due = 350 * answered.weights[0]
    assert np.abs(base[:, 0].sum(axis=0) + shortfall[0] - due).max() < 1
    assert np.abs(shortfall[0] - 173 * answered.weights[0]).max() < 1


@pytest.mark.parametrize(
    "limit",
    [
        pa.Pin(rep="alice", quota=301),
        pa.Pin(rep="alice", segment="A", quota=101),
        pa.Pin(rep="alice", segment="A", period="2027-03", quota=7),
        pa.Pin(rep="alice", period="2027-03", quota=31),
        pa.Pin(rep="alice", period="2027-Q1", quota=77),
        pa.Pin(rep="alice", segment="A", period="2027-Q2", quota=19),
        pa.Pin(segment="A", period="2027-03", quota=29),
        pa.Pin(team="north", quota=655),
        pa.Pin(team="north", segment="A", quota=235),
        pa.Pin(team="north", period="2027-12", quota=53),
        pa.Bound(rep="alice", at_most=313),
        pa.Bound(rep="alice", period="2027-03", at_most=23),
        pa.Bound(rep="alice", period="2027-03", at_least=47),
        pa.Bound(team="north", segment="B", at_least=171),
        pa.Bound(rep="alice", period="2027-H1", at_least=181, at_most=183),
    ],
)
def test_a_limit_holds_to_the_unit(limit: Any) -> None:
    """A pin is exact and a bound is kept, also where it cuts across lines, months and reps (S-7, S-8)."""
    people = (pa.Rep(id="alice", team="north"), pa.Rep(id="bruno", team="north"), pa.Rep(id="chloe"))
    problem = problem_of(*people, teams=(pa.Team(id="north"),), limits=(limit,), season=True)
    formulation, answered, base, shortfall = rounded(problem)
    assert answered.path in {"closed form", "program"}
    (box,) = formulation.limits.sums
    assert box.excess(base.astype(float)) == 0
    assert (base.sum(axis=(0, 2)) + shortfall.sum(axis=1)).tolist() == [350, 250, 400]


def test_pins_on_every_month_of_a_rep_hold() -> None:
    """Twelve pins over all lines, each on one month, are exact together."""
    limits = tuple(pa.Pin(rep="alice", period=f"2027-{month:02d}", quota=20 + month) for month in range(1, 13))
    _, _, base, _ = rounded(problem_of(limits=limits))
    assert base[0].sum(axis=0).tolist() == [20 + month for month in range(1, 13)]
    assert base.sum(axis=(0, 2)).tolist() == [350, 250, 400]


TRIANGLE = (
    pa.Pin(rep="alice", segment="A", quota=1),
    pa.Pin(rep="alice", product="box", quota=1),
    pa.Pin(rep="alice", business="existing", quota=1),
)
"""Each of three lines is in two of the three pins: half a unit on each, and nothing in whole units."""


def triangle(*limits: pa.Pin) -> pa.PlanningProblem:
    """Return a problem whose lines are each in two of the three pins."""
    problem = problem_of(limits=limits)
    strategy = problem.strategy.but(
        revenue=None,
        products=[pa.Product(id="box"), pa.Product(id="suite")],
        targets=[
            pa.Target(segment="A", product="box", business="new", revenue=10),
            pa.Target(segment="A", product="suite", business="existing", revenue=10),
            pa.Target(segment="B", product="box", business="existing", revenue=10),
        ],
    )
    return problem.replace(strategy)


def test_limits_that_no_whole_numbers_keep_are_named() -> None:
    """Pairs of three lines that make 1 each ask for halves: refused, with the three pins named (S-7)."""
    with pytest.raises(pa.InfeasibleError, match="no plan in whole units keeps all of these limits") as caught:
        rounded(triangle(*TRIANGLE))
    assert {way.label for way in caught.value.relaxation} == {limit.label for limit in TRIANGLE}
    assert all(limit.label in str(caught.value) for limit in TRIANGLE)
    assert "finer unit" in caught.value.hint


def test_only_those_to_blame_are_named() -> None:
    """A fourth pin, on somebody else, can hold in whole units and is not blamed."""
    other = pa.Pin(rep="chloe", segment="B", quota=5)
    with pytest.raises(pa.InfeasibleError) as caught:
        rounded(triangle(*TRIANGLE, other))
    assert other.label not in str(caught.value)


def test_limits_that_whole_numbers_keep_are_kept() -> None:
    """Two of the three pins can hold; so can all three at 2, or in half units."""
    for limits in (TRIANGLE[:2], tuple(pin.but(quota=2) for pin in TRIANGLE)):
        formulation, _, base, _ = rounded(triangle(*limits))
        assert all(box.excess(base.astype(float)) == 0 for box in formulation.limits.sums)
    _, _, halves, _ = rounded(triangle(*TRIANGLE).replace(pa.Policy(round_to=0.5)))
    assert halves[0].sum(axis=1).tolist() == [1, 1, 1]


def test_without_a_hedge_the_quota_is_the_base() -> None:
    """Where nobody is hedged, quota and base are one number in every cell."""
    formulation, answered, base, _ = rounded(problem_of())
    assert whole_quota(formulation, answered, base=base) is base


def test_a_hedge_is_rounded_by_itself() -> None:
    """With 10 % more, quotas are the floor or ceiling of 1.1 x base in floats; the base still adds up (F-14)."""
    people = (pa.Rep(id="alice", team="north"), pa.Rep(id="bruno"))
    formulation, answered, base, _ = rounded(problem_of(*people, teams=(pa.Team(id="north", hedge=0.1),)))
    quota = whole_quota(formulation, answered, base=base)
    assert base.sum(axis=(0, 2)).tolist() == [350, 250, 400]
    assert quota.sum(axis=(1, 2)).tolist() == [550, 500]
    assert np.abs(quota - answered.base * np.array([1.1, 1.0])[:, None, None]).max() < 1


def test_a_pinned_quota_is_exact_as_it_is_carried() -> None:
    """A quota of 333 with a hedge of 5 % is 333 to the unit, its base whatever follows from that."""
    people = (pa.Rep(id="alice", team="north"), pa.Rep(id="bruno"))
    limits = (pa.Pin(rep="alice", quota=333), pa.Pin(rep="alice", segment="A", quota=111))
    formulation, answered, base, _ = rounded(
        problem_of(*people, teams=(pa.Team(id="north", hedge=0.05),), limits=limits)
    )
    quota = whole_quota(formulation, answered, base=base)
    assert quota[0].sum() == 333
    assert quota[0, 0].sum() == 111
    assert abs(base[0].sum() - 333 / 1.05) < 1
    assert base.sum() == 1000


def test_a_pinned_base_is_exact_under_a_hedge() -> None:
    """A base of 333 is 333 to the unit, and carried as 349.65, that is 349 or 350."""
    people = (pa.Rep(id="alice", team="north"), pa.Rep(id="bruno"))
    formulation, answered, base, _ = rounded(
        problem_of(*people, teams=(pa.Team(id="north", hedge=0.05),), limits=(pa.Pin(rep="alice", base=333),))
    )
    assert base[0].sum() == 333
    assert whole_quota(formulation, answered, base=base)[0].sum() in {349, 350}


def test_the_reference_beside_a_reference_plan_is_the_plan() -> None:
    """Where nothing was solved, reference and base are one number in every cell."""
    formulation, answered, base, _ = rounded(problem_of())
    assert whole_reference(formulation, answered, base=base) is base


def test_the_reference_beside_another_plan_stays_the_fair_split() -> None:
    """With a pin on one, the reference still splits evenly, and adds up to the targets too."""
    formulation, answered, base, _ = rounded(problem_of(limits=(pa.Pin(rep="alice", quota=100),)))
    found = whole_reference(formulation, answered, base=base)
    assert base.sum(axis=(1, 2)).tolist() == [100, 450, 450]
    assert sorted(found.sum(axis=(1, 2))) == [333, 333, 334]
    assert found.sum(axis=(0, 2)).tolist() == [350, 250, 400]


def test_alike_reps_share_odd_units_evenly() -> None:
    """Seven who are alike carry 1000: no two differ by more than one, in all, by line, by month and by cell (S-3)."""
    _, _, base, _ = rounded(problem_of(*[pa.Rep(id=f"r{i}") for i in range(7)]))
    for axes in ((1, 2), (1,), (2,), ()):
        sums = base.sum(axis=axes)
        assert (sums.max(axis=0) - sums.min(axis=0)).max() <= 1


def test_a_limit_tells_a_rep_apart_from_those_alike() -> None:
    """One of three alike is bound to 100; the other two share the odd unit of 901."""
    _, _, base, _ = rounded(problem_of(revenue=1001, limits=(pa.Bound(rep="bruno", at_most=100),)))
    assert base[1].sum() == 100
    assert sorted(base[[0, 2]].sum(axis=(1, 2))) == [450, 451]


@settings(max_examples=25, deadline=None)
@given(
    revenue=st.integers(50, 5000),
    ftes=st.lists(st.sampled_from([0.5, 0.8, 1.0]), min_size=2, max_size=4),
    period=st.sampled_from([None, "2027-02", "2027-Q3", "2027-4M1"]),
    part=st.integers(0, 100),
)
def test_any_pin_on_a_rep_holds(revenue: int, ftes: list[float], period: str | None, part: int) -> None:
    """A pin on one rep, of any period over all lines, holds to the unit, and every line keeps its target."""
    people = [pa.Rep(id=f"r{i}", fte=fte) for i, fte in enumerate(ftes)]
    without = problem_of(*people, revenue=revenue)
    formulation, answered, _, _ = rounded(without)
    box = formulate(without.add(pa.Pin(rep="r0", period=period, quota=1)).canonical()).limits.sums[0]
    amount = int(box.total(answered.base) * part / 100)
    pinned = without.add(pa.Pin(rep="r0", period=period, quota=amount))
    found, _, base, shortfall = rounded(pinned)
    assert found.limits.sums[0].total(base.astype(float)) == amount
    assert (base.sum(axis=(0, 2)) + shortfall.sum(axis=1) == formulation.targets).all()


def test_rounding_of_floats_that_are_whole_changes_nothing() -> None:
    """Whole numbers are their own rounding."""
    formulation, answered, base, _ = rounded(problem_of())
    again, shortfall = whole_base(formulation, replace(answered, base=base.astype(float)))
    assert (again == base).all()
    assert shortfall.sum() == 0
