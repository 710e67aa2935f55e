"""F-3, F-5, F-10: where a closed form answers, it is the answer that the program would give."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate.answering import answer, answer_by_program
from planalloc.formulate.formulation import formulate

if TYPE_CHECKING:
    from planalloc.formulate.formulation import Formulation

QUARTERS = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain="quarter")


def company(
    *reps: pa.Rep, limits: list[Any], targets: dict[str, float], calls: float = 0.0, **fields: Any
) -> Formulation:
    """Return a company by the quarter whose lines have a season; `calls` of one hour for each 100 EUR."""
    stage = pa.Stage(id="deal", conversion=1, days_before_booking=30, activities={"call": calls} if calls else {})
    problem = pa.PlanningProblem(
        calendar=QUARTERS,
        strategy=pa.Strategy(
            name="Levels",
            currency="EUR",
            segments=[pa.Segment(id=name) for name in targets],
            targets=[pa.Target(segment=name, revenue=amount, seasonality="s") for name, amount in targets.items()],
            seasonalities=[pa.Seasonality(id="s", grain="quarter", weights=[0.4, 0.1, 0.2, 0.3])],
        ),
        sales_force=pa.SalesForce(reps=reps, hours_per_week=35),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=1)], funnels=[pa.Funnel(deal_size=100, stages=[stage])]
        ),
        limits=limits,
        **fields,
    )
    return formulate(problem.canonical())


def same(formulation: Formulation) -> None:
    """Require that no program was needed, and that one would say the same, to a thousandth of a unit."""
    found = answer(formulation)
    assert found.path == "closed form"
    certain = answer_by_program(formulation)
    size = float(formulation.targets.sum())
    assert found.base == pytest.approx(certain.base, rel=1e-7, abs=1e-9 * size)
    assert found.tiers["distance"] == pytest.approx(certain.tiers["distance"], rel=1e-6, abs=1e-9 * size)


people = st.lists(st.sampled_from([0.2, 0.5, 0.8, 1.0]), min_size=2, max_size=6).map(
    lambda ftes: [pa.Rep(id=f"r{i}", fte=fte) for i, fte in enumerate(ftes)]
)


def total_limits(names: list[str]) -> Any:
    """Pins, bounds and ranges of whole reps."""
    rep, amount = st.sampled_from(names), st.integers(0, 6_000)
    return st.lists(
        st.one_of(
            st.builds(lambda r, q: pa.Bound(rep=r, at_most=q), rep, amount),
            st.builds(lambda r, q: pa.Bound(rep=r, at_least=q, of="base"), rep, amount),
            st.builds(lambda r, q: pa.Pin(rep=r, quota=q), rep, amount),
            st.builds(lambda r, q: pa.QuotaRange(rep=r, at_least=q, at_most=q + 500), rep, amount),
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda one: one.rep,
    )


@settings(max_examples=40, deadline=None)
@given(data=st.data(), reps=people, hedge=st.sampled_from([0.0, 0.05]))
def test_whole_reps_of_one_mix(data: st.DataObject, reps: list[pa.Rep], hedge: float) -> None:
    """Numbers agreed with whole reps of one mix leave everybody that mix and season."""
    limits = data.draw(total_limits([rep.id for rep in reps]))
    reps = [reps[0].but(hedge=hedge), *reps[1:]]
    formulation = company(*reps, limits=limits, targets={"A": 7_000, "B": 3_000})
    assume(answer_or_none(formulation) == "closed form")
    same(formulation)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), reps=people, joins=st.sampled_from([0, 1]))
def test_single_numbers_of_a_line(data: st.DataObject, reps: list[pa.Rep], joins: int) -> None:
    """A rep's line, or their quarter of a line, moves the others of that line, in that quarter, and nothing else."""
    if joins:
        reps = [*reps[:-1], reps[-1].but(start=date(2027, 4, 1), covers=["A"])]
    rep = st.sampled_from([one.id for one in reps])
    single = st.builds(
        lambda r, s, q, most: pa.Bound(rep=r, segment=s, period=f"2027-Q{q}", at_most=most),
        rep,
        st.sampled_from(["A", "B"]),
        st.integers(1, 4),
        st.integers(0, 900),
    )
    limits = data.draw(st.lists(single, min_size=1, max_size=4, unique_by=lambda one: one.label))
    formulation = company(*reps, limits=limits, targets={"A": 7_000, "B": 3_000})
    assume(answer_or_none(formulation) == "closed form")
    same(formulation)


def answer_or_none(formulation: Formulation) -> str | None:
    """Return the path, None where limits collide."""
    try:
        return answer(formulation).path
    except pa.InfeasibleError:
        return None


def away(days: int) -> tuple[pa.Absence, ...]:
    """Absences weigh on hours and not on the fair split: so many days from the second of February on."""
    return (pa.Absence(start=date(2027, 2, 2), end=date(2027, 2, 2) + timedelta(days=days)),)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    days=st.integers(20, 50),
    covers=st.sampled_from([None, ["A"], ["A", "B"]]),
    joiner=st.sampled_from([(), (pa.Rep(id="dora", start=date(2027, 4, 1)),)]),
)
def test_one_rep_who_is_short_of_hours(days: int, covers: list[str] | None, joiner: tuple[pa.Rep, ...]) -> None:
    """What one has no hours for goes to the others of the line in proportion, where they have the hours."""
    alice = pa.Rep(id="alice", covers=covers, absences=away(days))
    reps = [alice, pa.Rep(id="bruno"), pa.Rep(id="chloe"), *joiner]
    formulation = company(*reps, limits=[], targets={"A": 70_000, "B": 30_000, "C": 25_000}, calls=2.2)
    assume(answer_or_none(formulation) == "closed form")
    same(formulation)


def test_each_closed_form_is_met() -> None:
    """The cases above are no empty ones: a total, a single number and somebody short of hours are answered so."""
    alice, bruno = pa.Rep(id="alice"), pa.Rep(id="bruno")
    for limit in (
        pa.Pin(rep="alice", quota=4_000),
        pa.QuotaRange(rep="alice", at_most=4_000),
        pa.Pin(rep="alice", segment="A", quota=1_000),
        pa.Pin(rep="alice", segment="A", period="2027-Q2", quota=100),
    ):
        same(company(alice, bruno, limits=[limit], targets={"A": 7_000, "B": 3_000}))
    short = alice.but(absences=away(40))
    same(company(short, bruno, pa.Rep(id="chloe"), limits=[], targets={"A": 70_000, "B": 30_000}, calls=2.5))


def test_what_no_closed_form_answers() -> None:
    """Two people who are short of hours are left to the program."""
    reps = [pa.Rep(id="alice", absences=away(40)), pa.Rep(id="bruno", absences=away(45)), pa.Rep(id="chloe")]
    found = answer(company(*reps, limits=[], targets={"A": 100_000}, calls=2.5))
    assert found.path == "program"
    assert np.isfinite(found.base).all()
