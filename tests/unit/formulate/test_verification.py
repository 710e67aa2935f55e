"""S-8: the last look finds every rule that a plan in whole units breaks, and names who and how much."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pytest

import planalloc as pa
from planalloc.formulate.answering import Answered, answer
from planalloc.formulate.formulation import Formulation, formulate
from planalloc.formulate.rounding import whole_base, whole_quota
from planalloc.formulate.verification import verify

if TYPE_CHECKING:
    from planalloc.model.limits import AnyLimit
    from planalloc.types import Ints

ALICE, BRUNO, CHLOE = 0, 1, 2
A, B = 0, 1
JAN, FEB, DEC = 0, 1, 11


class Whole(NamedTuple):
    """A plan in whole units, whose arrays may be changed."""

    formulation: Formulation
    answered: Answered
    base: Ints
    quota: Ints
    shortfall: Ints

    def broken(self) -> str:
        """Return what is found to be broken."""
        with pytest.raises(pa.VerificationError) as caught:
            self.check()
        assert "report it" in caught.value.hint
        return caught.value.message

    def check(self) -> None:
        """Look for broken rules."""
        verify(self.formulation, self.answered, base=self.base, quota=self.quota, shortfall=self.shortfall)


def plan(*limits: AnyLimit, hedge: float = 0.1) -> Whole:
    """Return a plan of 1,200 on A and 600 on B, ten euros and five a month, for three reps.

    Alice is in a team with a hedge, bruno covers A alone, chloe joins in February.
    """
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1800, currency="EUR", shares={"A": 2 / 3, "B": 1 / 3}, reps=[]
    )
    problem = problem.replace(pa.Policy(default_phasing="equal")).add(
        pa.Team(id="north", hedge=hedge),
        pa.Rep(id="alice", team="north"),
        pa.Rep(id="bruno", covers=["A"]),
        pa.Rep(id="chloe", start=date(2027, 2, 1)),
        *limits,
    )
    formulation = formulate(problem.canonical())
    answered = answer(formulation)
    base, shortfall = whole_base(formulation, answered)
    quota = whole_quota(formulation, answered, base=base)
    return Whole(formulation, answered, base.copy(), quota.copy(), shortfall.copy())


def test_a_plan_that_keeps_the_rules_passes() -> None:
    """Nothing is found in a plan as it comes out, with limits or without."""
    plan().check()
    plan(pa.Pin(rep="alice", quota=700), pa.Bound(segment="B", at_most=500)).check()


@pytest.mark.parametrize("off", [1, -1])
def test_a_line_off_its_target_is_found(off: int) -> None:
    """One unit too many or too few on a line is found, with the line and the amount (S-1)."""
    whole = plan()
    whole.base[ALICE, A, FEB] += off
    assert f"A misses its target by {off} units" in whole.broken()


def test_a_shortfall_that_nobody_lacks_is_found() -> None:
    """A unit of shortfall beside a full line is one too many."""
    whole = plan()
    whole.shortfall[B, FEB] += 1
    assert "B misses its target by 1 units" in whole.broken()


@pytest.mark.parametrize("array", ["base", "quota", "shortfall"])
def test_a_negative_number_is_found(array: str) -> None:
    """Nobody carries less than nothing, and no line lacks it."""
    whole = plan()
    numbers = getattr(whole, array)
    numbers[(ALICE, A, FEB) if numbers.ndim == 3 else (A, FEB)] = -1
    assert "a number is negative" in whole.broken()


def test_a_line_that_is_not_covered_is_found() -> None:
    """Bruno covers A alone: a unit of B in his plan is found, although the line adds up."""
    whole = plan()
    whole.base[ALICE, B, FEB] -= 1
    whole.base[BRUNO, B, FEB] += 1
    assert "bruno carries B without covering it or without being there" in whole.broken()


def test_a_period_of_absence_is_found() -> None:
    """Chloe joins in February: a unit in January is found."""
    whole = plan()
    whole.base[ALICE, A, JAN] -= 1
    whole.base[CHLOE, A, JAN] += 1
    assert "chloe carries A without covering it or without being there" in whole.broken()


def test_a_limit_on_a_quota_is_checked_on_the_quota() -> None:
    """A quota one unit off its pin is found, whatever the base is."""
    whole = plan(pa.Pin(rep="alice", quota=700))
    whole.quota[ALICE, A, FEB] += 1
    assert "'pin: alice = 700' is missed by 1 units" in whole.broken()


def test_a_limit_on_a_base_is_checked_on_the_base() -> None:
    """A base above its bound is found, although the line still adds up; the quota plays no part."""
    whole = plan(pa.Bound(rep="alice", at_most=600, of="base"))
    whole.quota[ALICE] += 7
    whole.check()
    whole.base[ALICE, A, FEB] += 2
    whole.base[CHLOE, A, FEB] -= 2
    assert "'bound: alice <= 600 of the base' is missed by 2 units" in whole.broken()


def test_a_number_below_its_floor_is_found() -> None:
    """A quota below its floor is found, with a sign that says which way."""
    whole = plan(pa.Bound(rep="alice", at_least=900))
    whole.quota[ALICE, A, FEB] -= 3
    assert "'bound: alice >= 900' is missed by -3 units" in whole.broken()


def test_a_range_that_is_left_is_found() -> None:
    """A cap on everyone's quota is broken by whom it names, and by how much."""
    whole = plan(pa.QuotaRange(at_most=900))
    whole.check()
    whole.quota[ALICE, A, FEB] = 900
    assert "'range: everyone <= 900' is missed by" in whole.broken()
    assert "units for alice" in whole.broken()


def test_a_band_that_is_left_by_more_than_rounding_is_found() -> None:
    """Alice's mix within 5 % of two thirds: a unit beside it is rounding, forty moved from A to B are not."""
    whole = plan(pa.MixBand(rep="alice", tolerance=0.05), hedge=0)
    whole.check()
    whole.base[ALICE, A, 1:] -= 20
    whole.base[CHLOE, A, 1:] += 20
    assert "'mix: alice within 5 %' is missed by more than a unit for alice" in whole.broken()


def test_a_team_target_that_is_missed_is_found() -> None:
    """A team's base one unit off its target is found, although the line adds up."""
    whole = plan(pa.TeamTarget(team="north", base=700))
    whole.base[ALICE, A, FEB] += 1
    whole.base[CHLOE, A, FEB] -= 1
    assert "'team target: north = 700' is missed by 1 units" in whole.broken()


def test_a_season_that_is_left_is_found() -> None:
    """Two units moved from February to December are more than rounding takes: both months are named (F-8)."""
    whole = plan()
    whole.base[ALICE, A, FEB] -= 2
    whole.base[ALICE, A, DEC] += 2
    words = whole.broken()
    assert "A with its shortfall is 2.000 units off its season in 2027-02" in words
    assert "A with its shortfall is 2.000 units off its season in 2027-12" in words


def test_one_unit_beside_the_season_is_rounding() -> None:
    """One unit from a month to another is what rounding may take."""
    whole = plan()
    whole.base[ALICE, A, FEB] -= 1
    whole.base[ALICE, A, DEC] += 1
    whole.check()


def test_a_shortfall_that_leaves_the_season_is_found() -> None:
    """With 120 of B short, ten a month, a shortfall moved to December is found, although each month adds up."""
    whole = plan(pa.Bound(segment="B", at_most=480, of="base"), hedge=0)
    whole.shortfall[B, FEB] -= 3
    whole.shortfall[B, DEC] += 3
    whole.base[ALICE, B, FEB] += 3
    whole.base[ALICE, B, DEC] -= 3
    assert "B in its shortfall is 3.000 units off its season in 2027-02" in whole.broken()


def test_all_that_is_broken_is_counted() -> None:
    """Several broken rules are one error that counts them all and tells the first ones."""
    whole = plan(pa.Pin(rep="alice", quota=700))
    whole.base[ALICE, A, FEB] += 5
    whole.quota[ALICE, A, FEB] -= 5
    words = whole.broken()
    assert words.startswith("the plan in whole units breaks 3 rules: ")
    assert words.count(";") == 2


def test_the_season_is_the_one_that_can_be_planned() -> None:
    """What is measured against is the season as planned: against that of a year backwards, January is wrong."""
    whole = plan(pa.Bound(period="2027-01", at_most=0))
    whole.check()
    backwards = whole._replace(answered=replace(whole.answered, weights=whole.answered.weights[:, ::-1]))
    assert "off its season in 2027-01" in backwards.broken()
