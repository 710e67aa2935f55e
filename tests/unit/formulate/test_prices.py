"""F-15 by its own definition: move one limit by one unit, solve everything again, see what changes first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate import prices
from planalloc.formulate.answering import answer_by_program
from planalloc.formulate.explaining import Box, Held, held
from planalloc.formulate.formulation import formulate
from planalloc.formulate.prices import prices_of
from planalloc.lp.lexicographic import lexicographic
from planalloc.lp.solvers.highs import Highs
from planalloc.lp.solvers.interior import InteriorPoint

if TYPE_CHECKING:
    from planalloc.formulate.prices import Price

QUARTERS = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="quarter")


@st.composite
def standings(draw: st.DrawFn) -> Held:
    """Return the solved program of a company of three reps and two lines in which something binds."""
    away = pa.Absence(start=date(2027, 3, 1), end=date(2027, 3, 20))
    people = [
        pa.Rep(
            id=name,
            fte=draw(st.sampled_from([1.0, 0.8])),
            accounts={"A": draw(st.sampled_from([0, 10, 40]))},
            absences=draw(st.sampled_from([[], [away]])),
            covers=draw(st.sampled_from([["A", "B"], ["A"]])),
        )
        for name in ("alice", "bruno")
    ]
    limits: list[Any] = [
        pa.Bound(rep="alice", at_most=300),
        pa.Pin(rep="chloe", segment="A", base=90),
        pa.MixBand(tolerance=0.1),
        pa.QuotaRange(at_most=1.1, relative_to="reference"),
        pa.Bound(rep="bruno", period="2027-Q2", at_least=130),
    ]
    problem = pa.PlanningProblem(
        calendar=QUARTERS,
        strategy=pa.Strategy(
            name="Priced",
            currency="EUR",
            segments=[pa.Segment(id="A", priority=draw(st.sampled_from([1, 3]))), pa.Segment(id="B")],
            targets=[
                pa.Target(segment="A", revenue=draw(st.integers(600, 3000))),
                pa.Target(segment="B", revenue=draw(st.integers(300, 1500))),
            ],
        ),
        sales_force=pa.SalesForce(reps=(*people, pa.Rep(id="chloe")), hours_per_week=1000 / 52),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=1), pa.Activity(id="visit", hours=1)],
            funnels=[pa.Funnel(deal_size=1, stages=[pa.Stage(id="deal", conversion=1, activities={"call": 1})])],
            cadences=[pa.Cadence(segment="A", activity="visit", per_account_per_year=5, feeds_funnel=False)],
        ),
        limits=draw(st.lists(st.sampled_from(limits), unique=True, max_size=2)),
        policy=pa.Policy(default_phasing="equal", overtime_limit_share=draw(st.sampled_from([0, 0.05]))),
    )
    formulation = formulate(problem.canonical())
    try:
        solved = answer_by_program(formulation).solved
    except pa.InfeasibleError:
        solved = None
    assume(solved is not None)
    assert solved is not None
    return held(formulation, solved)


def whole(standing: Held) -> Box:
    """Return the box of everything."""
    return Box(*(np.ones(length, dtype=bool) for length in standing.formulation.reference.shape))


def gain(standing: Held, row: int, side: float, *, units: float = 1.0) -> tuple[str, float]:
    """Solve all tiers again, from nothing, and return the first that changes and by how much per unit of the row."""
    program = standing.solved.program
    step = prices._unit(standing, row)[0] * units
    end = "row_lower" if side < 0 else "row_upper"
    ends = getattr(program.program, end).copy()
    ends[row] += side * step
    again = lexicographic(program.program.but(**{end: ends}), program.tiers, linear=Highs(), convex=InteriorPoint())
    for tier, before, after in zip(program.tiers, standing.solved.solutions, again, strict=True):
        better = before.objective - after.objective
        if better > 1e-8 * max(abs(before.objective), 1.0):
            return tier.name, better / units
    return "", 0.0


def priced(standing: Held) -> dict[int, Price]:
    """Return all prices by row."""
    everything = whole(standing)
    found = {}
    for row in (*standing.solved.program.limit_rows, *standing.solved.program.hours_rows.ravel()):
        candidate = prices._candidate(standing, int(row))
        price = None if candidate is None else prices._price(standing, candidate, everything)
        if price is not None:
            found[int(row)] = price
    return found


@settings(max_examples=20, deadline=None)
@given(standing=standings())
def test_a_price_is_what_everything_solved_again_gains(standing: Held) -> None:
    """Of every limit and every hour: the same tier changes first, by the same amount, and never for the worse."""
    program, found = standing.solved.program, priced(standing)
    order = [tier.name for tier in program.tiers]
    for row in (*program.limit_rows, *program.hours_rows.ravel()):
        gains = []
        for side, end in ((-1.0, program.program.row_lower[row]), (1.0, program.program.row_upper[row])):
            if np.isfinite(end):
                tier, better = gain(standing, int(row), side)
                gains += [(order.index(tier), -better)] if tier else []
        price = found.get(int(row))
        if price is None:
            assert not gains
            continue
        first, better = min(gains)
        units = prices._unit(standing, int(row))[1]
        assert price.worth > 0
        assert price.tier == order[first]
        assert price.worth == pytest.approx(-better * prices._tier_unit(standing, first) / units, rel=1e-4)


@settings(max_examples=8, deadline=None)
@given(standing=standings(), units=st.sampled_from([0.1, 0.5]))
def test_a_price_in_money_holds_for_a_part_of_its_unit(standing: Held, units: float) -> None:
    """Within its range a price predicts: half a unit of what reaches a target reaches half as much, and never less."""
    for row, price in priced(standing).items():
        if price.tier == "shortfall":
            candidate = prices._candidate(standing, row)
            assert candidate is not None
            _, better = gain(standing, row, candidate.side, units=units)
            worth = better * prices._tier_unit(standing, 0) / candidate.units
            assert price.worth * (1 - 1e-6) <= worth <= candidate.bound * (1 + 1e-6)


@settings(max_examples=8, deadline=None)
@given(standing=standings())
def test_who_is_priced_and_who_is_counted_is_all_that_may_be_worth_something(standing: Held) -> None:
    """A dozen are told at most, in the order in which they matter."""
    found, untold = prices_of(standing, whole(standing))
    order = [tier.name for tier in standing.solved.program.tiers]
    ranks = [order.index(one.tier) for one in found]
    assert len(found) <= prices.MOST_PRICES
    assert ranks == sorted(ranks)
    assert len(found) + untold >= len(priced(standing))
