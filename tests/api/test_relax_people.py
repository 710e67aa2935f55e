"""F-16: a limit gives way for whom it must, in words that a manager can act on, and the changed problem has a plan."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import planalloc as pa
from planalloc.checks.limits import season_findings
from planalloc.formulate.ground import Ground
from planalloc.formulate.repairing import wider_by_a_unit


def simple(*limits: Any, reps: tuple[str, ...] = ("alice", "bruno", "chloe")) -> pa.PlanningProblem:
    """Return a problem of 1,200 on two lines."""
    return pa.PlanningProblem.simple(
        year=2027, revenue=1200, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=list(reps)
    ).add(*limits)


def by_label(problem: pa.PlanningProblem) -> dict[str, Any]:
    """Return the limits of a problem by label."""
    return {limit.label: limit for limit in problem.limits}


# -- for whom ---------------------------------------------------------------------------------------------------------


def test_a_range_of_everyone_gives_way_for_one_rep_only() -> None:
    """Alice cannot have 300, having been promised no more than 250; Bruno and Chloe keep their floor."""
    floor = pa.QuotaRange(at_least=300, name="floor")
    relaxation = pa.relax(simple(floor, pa.Pin(rep="alice", quota=250, name="promise")))
    assert relaxation.gap == {"EUR": 50}
    assert relaxation.problem is not None
    after = by_label(relaxation.problem)
    if "floor (alice)" in after:
        assert after["floor"] == floor.but(but_not=("alice",))
        assert after["floor (alice)"] == floor.but(name="floor (alice)", rep="alice", at_least=250)
    else:
        assert after["promise"].quota == 300


def test_a_range_that_gives_way_keeps_the_others_floor() -> None:
    """Two limits hold alice at 250, so that the floor is what gives way; the others have theirs still."""
    floor = pa.QuotaRange(at_least=300, name="floor")
    held = (
        pa.Pin(rep="alice", segment="A", quota=125, name="A"),
        pa.Pin(rep="alice", segment="B", quota=125, name="B"),
        pa.Bound(rep="alice", at_most=250, name="cap"),
    )
    relaxation = pa.relax(simple(floor, *held))
    assert [(one.label, one.amount) for one in relaxation] == [("floor (alice)", -50)]
    after = by_label(relaxation.problem)  # type: ignore[arg-type]
    assert after["floor"].but_not == ("alice",)
    assert (after["floor (alice)"].rep, after["floor (alice)"].at_least) == ("alice", 250)
    plan = pa.allocate(relaxation.problem)  # type: ignore[arg-type]
    assert plan.rep("bruno").quota >= 300
    assert plan.rep("chloe").quota >= 300


def test_a_band_that_gives_way_keeps_the_others_mix() -> None:
    """Alice is pinned to A alone; the band around everyone's mix stays for the others."""
    held = (
        pa.Pin(rep="alice", segment="A", quota=400, name="A"),
        pa.Pin(rep="alice", segment="B", quota=100, name="B"),
        pa.Bound(rep="alice", segment="A", at_least=400, name="A again"),
        pa.Bound(rep="alice", segment="B", at_most=100, name="B again"),
    )
    relaxation = pa.relax(simple(pa.MixBand(tolerance=0.4, name="band"), *held))
    after = by_label(relaxation.problem)  # type: ignore[arg-type]
    assert (after["band"].tolerance, after["band"].but_not) == (0.4, ("alice",))
    assert after["band (alice)"].tolerance > 0.4
    pa.allocate(relaxation.problem)  # type: ignore[arg-type]


def test_reps_who_are_alike_are_named_each() -> None:
    """A floor of 500 for three of 1,200 is 300 too much: 100 each, told of each of them."""
    relaxation = pa.relax(simple(pa.QuotaRange(at_least=500, name="floor")))
    assert relaxation.gap == {"EUR": 300}
    assert {one.label for one in relaxation} == {"floor (alice)", "floor (bruno)", "floor (chloe)"}


def test_an_exception_must_be_a_rep() -> None:
    """An unknown rep in ``but_not`` is found, with the nearest one."""
    found = pa.check(simple(pa.QuotaRange(at_least=1, but_not=("alise",))))
    assert [(one.code, one.candidates) for one in found] == [("unknown-name", ("alice",))]


def test_an_exception_is_left_out() -> None:
    """A cap for everyone but alice does not hold her."""
    plan = pa.allocate(simple(pa.QuotaRange(at_most=300, but_not=("alice",))))
    assert [plan.rep(name).quota for name in ("alice", "bruno", "chloe")] == [600, 300, 300]


# -- in turns ---------------------------------------------------------------------------------------------------------


def test_what_a_change_uncovers_gives_way_in_turn() -> None:
    """Pins of 700 and 400 on 1,000 collide in the season, by 100; what is left takes more hours than a quarter has."""
    deal = pa.Stage(id="deal", conversion=1, activities={"call": 0.9})
    problem = pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="quarter"),
        strategy=pa.Strategy(
            name="Turns", currency="EUR", segments=[pa.Segment(id="A")], targets=[pa.Target(segment="A", revenue=1000)]
        ),
        sales_force=pa.SalesForce(reps=[pa.Rep(id="alice")], hours_per_week=1000 / 52),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=1)], funnels=[pa.Funnel(deal_size=1, stages=[deal])]
        ),
        limits=[
            pa.Pin(segment="A", period="2027-Q1", quota=700, name="first"),
            pa.Pin(segment="A", period="2027-Q2", quota=400, name="second"),
        ],
        policy=pa.Policy(default_phasing="equal"),
    )
    with pytest.raises(pa.InfeasibleError) as caught:
        pa.allocate(problem)
    assert caught.value.relaxation.gap == {"EUR": 100}
    relaxation = pa.relax(problem)
    assert relaxation.gap["EUR"] > 100
    assert relaxation.problem is not None
    assert pa.allocate(relaxation.problem).quotas.total("base") <= 1000
    assert pa.allocate(problem, on_infeasible="relax").report.relaxed == relaxation.changes


# -- words ------------------------------------------------------------------------------------------------------------


def test_hours_are_not_named_where_agreed_numbers_collide_by_themselves() -> None:
    """Floors beyond the total collide whatever the hours are; no least coverage is named that nobody set."""
    limits = (pa.Bound(rep="alice", at_least=700), pa.Bound(rep="bruno", at_least=600))
    conflict = pa.relax(simple(*limits)).conflict
    assert set(conflict) == {"bound: alice >= 700", "bound: bruno >= 600"}


def test_a_way_out_that_is_the_least_change_is_not_told_twice() -> None:
    """Where there is no other, none is told."""
    limits = (pa.Bound(rep="alice", at_least=700), pa.Bound(rep="bruno", at_least=600))
    text = str(pa.relax(simple(*limits)))
    assert "the least change" in text
    assert "or other numbers" not in text


def test_limits_that_hold_in_fractions_only_are_widened_by_a_unit() -> None:
    """A pin and the target of a team become bounds of one unit around; a bound gives one unit at each end."""
    problem = simple(pa.Pin(rep="alice", quota=100, name="p"), pa.Bound(rep="bruno", at_least=0, at_most=9, name="b"))
    relaxation = wider_by_a_unit(problem, ("p", "b"))
    after = by_label(relaxation.problem)  # type: ignore[arg-type]
    assert (after["p"].at_least, after["p"].at_most, after["p"].of) == (99, 101, "quota")
    assert (after["b"].at_least, after["b"].at_most) == (0, 10)


def test_limits_that_hold_in_fractions_only_are_relaxed() -> None:
    """Three lines, each in two of three pins of 1, ask for halves: each pin gives a unit, and a plan exists."""
    pins = (
        pa.Pin(rep="alice", segment="A", quota=1),
        pa.Pin(rep="alice", product="box", quota=1),
        pa.Pin(rep="alice", business="existing", quota=1),
    )
    problem = simple(*pins)
    problem = problem.replace(
        problem.strategy.but(
            revenue=None,
            products=[pa.Product(id="box"), pa.Product(id="suite")],
            targets=[
                pa.Target(segment="A", product="box", business="new", revenue=10),
                pa.Target(segment="A", product="suite", business="existing", revenue=10),
                pa.Target(segment="B", product="box", business="existing", revenue=10),
            ],
        )
    )
    assert {one.label for one in pa.relax(problem)} == {pin.label for pin in pins}
    plan = pa.allocate(problem, on_infeasible="relax")
    assert {one.label for one in plan.report.relaxed} == {pin.label for pin in pins}
    assert plan.quotas.total("base") == 30


def test_people_whose_hours_collide_alike_are_one_item() -> None:
    """Four different people, each with fewer hours than the floor of their team takes, are told in one breath."""
    deal = pa.Stage(id="deal", conversion=1, activities={"call": 5})
    problem = pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="year"),
        strategy=pa.Strategy(
            name="Many", currency="EUR", segments=[pa.Segment(id="A")], targets=[pa.Target(segment="A", revenue=1000)]
        ),
        sales_force=pa.SalesForce(
            reps=[pa.Rep(id=name, fte=1 - i / 10) for i, name in enumerate(("alice", "bruno", "chloe", "david"))],
            hours_per_week=1000 / 52,
        ),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=1)], funnels=[pa.Funnel(deal_size=1, stages=[deal])]
        ),
        limits=[pa.Bound(segment="A", at_least=900, name="floor")],
        policy=pa.Policy(default_phasing="equal"),
    )
    assert pa.relax(problem).conflict == ("floor", "hours of alice, bruno and 2 others in 2027")


# -- options and labels -----------------------------------------------------------------------------------------------


def test_an_unknown_way_to_meet_a_collision_is_refused() -> None:
    """The nearest and all that may be given are told."""
    with pytest.raises(pa.UnknownNameError, match=r"(?s)cannot be 'relaxed'. Did you mean 'relax'.*raise, relax"):
        pa.allocate(simple(), on_infeasible="relaxed")  # type: ignore[arg-type]


def test_an_unknown_file_format_is_refused() -> None:
    """So is a format that is neither LP nor MPS."""
    with pytest.raises(pa.UnknownNameError, match="It may be: lp, mps"):
        pa.write_program(simple(), file_format="xyz")  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [{"prorated": False}, {"of": "base"}, {"but_not": ("alice",)}])
def test_ranges_that_differ_have_labels_that_differ(other: dict[str, Any]) -> None:
    """Two ranges of one label would be refused as one name of two limits."""
    assert pa.QuotaRange(at_least=5).label != pa.QuotaRange(at_least=5, **other).label


def test_the_base_of_a_team_in_a_dict_is_a_team_target() -> None:
    """With a rep, a period or a quota it is a pin, as before."""
    problem = simple().but(limits=[{"team": "north", "base": 5}, {"team": "north", "period": "2027-01", "base": 5}])
    assert [type(one) for one in problem.limits] == [pa.TeamTarget, pa.Pin]


def test_replacing_an_unnamed_limit_says_how_to() -> None:
    """Its label is made of its amount, so another amount is not found."""
    with pytest.raises(pa.UnknownNameError, match=r"drop\(limit"):
        simple(pa.Pin(rep="alice", quota=5)).replace(pa.Pin(rep="alice", quota=6))


def test_a_value_that_is_none_of_a_fields_comes_with_the_nearest() -> None:
    """What may be given is told, and which one is nearest."""
    with pytest.raises(ValueError, match=r"must be 'week', .* or 'year'; the nearest is 'quarter'"):
        pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain="quarterly")


# -- seasons ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quota", "moves"), [(40, False), (300, True)])
def test_a_pin_above_its_season_is_told(quota: float, moves: bool) -> None:  # noqa: FBT001 -- a parameter
    """A has 600 in the year, about 50 in March; of 300 in March the plan is made, in a season that moved."""
    problem = simple(pa.Pin(segment="A", period="2027-03", quota=quota)).canonical()
    found = list(season_findings(Ground(problem)))
    assert [(one.code, one.level) for one in found] == [("limit-above-season", "warning")] * moves
    assert pa.allocate(problem).quotas.where(segment="A", period="2027-03").total("quota") == quota


def test_a_range_in_cents_gives_way_in_cents() -> None:
    """What is left of a floor is a multiple of the rounding unit, so that the changed problem can be planned."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1.0, currency="EUR", shares={"A": 1}, reps=["alice"])
    problem = problem.replace(pa.Policy(round_to=0.01), pa.Rep(id="alice", team="north")).add(
        pa.Team(id="north"),
        pa.QuotaRange(rep="alice", at_least=0.05, at_most=0.73),
        pa.TeamTarget(team="north", segment="A", base=0.01),
    )
    relaxed = pa.relax(problem).problem
    assert relaxed is not None
    assert pa.allocate(relaxed).quotas.total("base") <= 1
    assert pa.allocate(problem, on_infeasible="relax").report.relaxed
