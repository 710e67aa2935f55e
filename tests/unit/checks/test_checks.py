"""One rule of the checks per test: what contradicts what between records, and what is worth a second look."""

from __future__ import annotations

import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import planalloc as pa
from planalloc import checks

DOCS = Path(__file__).parents[3] / "docs" / "errors"
TWO_REPS = pa.PlanningProblem.simple(
    year=2027, revenue=1_000, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
)
"""Alice and Bruno cover A (600) and B (400) in 2027, by month; no playbook, so that nothing else is found."""
CALL = pa.Activity(id="call", hours=1)
FUNNEL = pa.Funnel(deal_size=100, stages=[pa.Stage(id="offer", conversion=0.5, activities={"call": 1})])
CADENCE = pa.Cadence(segment="A", activity="call", per_account_per_year=4)


def found(problem: pa.PlanningProblem) -> list[tuple[str, str, str]]:
    """Return code, level and path of all findings."""
    return [(one.code, one.level, one.path) for one in pa.check(problem)]


def targets(*lines: pa.Target, **changes: Any) -> pa.PlanningProblem:
    """Aim at other targets, in the same segments."""
    return TWO_REPS.replace(TWO_REPS.strategy.but(targets=lines, **changes))


def line(segment: str = "A", **fields: Any) -> pa.Target:
    """Make a target."""
    return pa.Target(segment=segment, **fields)


def rep(name: str = "alice", **fields: Any) -> pa.PlanningProblem:
    """Put somebody else in the place of Alice or Bruno."""
    return TWO_REPS.replace(pa.Rep(id=name, **fields))


def seasons(*records: pa.Seasonality) -> pa.PlanningProblem:
    """Define seasonalities."""
    return TWO_REPS.add(*records)


# -- nothing ---------------------------------------------------------------------------------------------------------


def test_a_problem_without_contradictions_has_no_findings() -> None:
    """Silence means that there is nothing to say; it is falsy, and prints as such."""
    assert pa.check(TWO_REPS) == ()
    assert str(pa.check(TWO_REPS)) == "nothing to correct"


# -- names -----------------------------------------------------------------------------------------------------------


def test_one_id_names_one_record() -> None:
    """Two records of a kind with one id are one finding, whatever their number."""
    reps = [pa.Rep(id="alice"), pa.Rep(id="alice", fte=0.5), pa.Rep(id="alice", fte=0.8)]
    problem = TWO_REPS.but(sales_force=pa.SalesForce(reps=reps))
    assert found(problem) == [("duplicate", "error", "sales_force.reps[alice]")]


def test_records_of_two_kinds_may_share_an_id() -> None:
    """A team and a segment of one name are no confusion: fields say which is meant."""
    assert found(TWO_REPS.add(pa.Team(id="A"), pa.Team(id="alice"))) == []


def test_an_unknown_id_is_one_finding_and_no_consequences() -> None:
    """What follows from a typo is not told until it is corrected: here that A would be covered by nobody."""
    problem = rep("alice", covers=["a"]).replace(pa.Rep(id="bruno", covers=["B"]))
    assert found(problem) == [("unknown-name", "error", "sales_force.reps[alice].covers")]


def test_a_period_is_known_at_every_grain_that_holds_whole_periods() -> None:
    """A pin may speak of a month, a quarter, four months, a semester or the year of a monthly plan."""
    periods = ["2027-03", "2027-Q1", "2027-4M1", "2027-H1", "2027"]
    assert found(TWO_REPS.add(*(pa.Bound(rep="alice", period=one, at_most=600) for one in periods))) == []


def test_a_period_outside_the_horizon_is_unknown() -> None:
    """A pin on next year speaks of nothing in this plan."""
    problem = TWO_REPS.add(pa.Pin(rep="alice", period="2028-01", quota=1))
    assert found(problem) == [("unknown-name", "error", "limits[pin: alice, 2028-01 = 1].period")]


def test_a_period_that_cuts_the_plans_periods_is_refused() -> None:
    """A week lies within a month and holds none, so that a monthly plan has no number for it."""
    problem = TWO_REPS.add(pa.Pin(rep="alice", period="2027-W05", quota=1))
    assert found(problem) == [("nesting", "error", "limits[pin: alice, 2027-W05 = 1].period")]


def test_teams_form_a_tree() -> None:
    """Teams that are above each other are told once, with the whole circle."""
    problem = TWO_REPS.add(
        pa.Team(id="x", parent="y"),
        pa.Team(id="y", parent="z"),
        pa.Team(id="z", parent="x"),
        pa.Team(id="w", parent="x"),
    )
    [finding] = pa.check(problem)
    assert (finding.code, finding.rule) == ("circle", "runs in a circle: x > y > z > x")


def test_seasonalities_inside_each_other_end_somewhere() -> None:
    """A seasonality inside itself has no proportions."""
    problem = seasons(pa.Seasonality(id="s", grain="year", weights=[1], inside="s"))
    assert found(problem) == [("circle", "error", "strategy.seasonalities[s].inside")]


# -- calendar --------------------------------------------------------------------------------------------------------


def test_a_horizon_needs_a_working_day() -> None:
    """Nobody works from Saturday to Sunday."""
    weekend = pa.Calendar(start=date(2027, 1, 2), end=date(2027, 1, 3))
    assert found(TWO_REPS.replace(weekend)) == [("no-working-day", "error", "calendar")]


def test_public_holidays_are_no_working_days() -> None:
    """New Year's Day of 2027 is a Friday: worked where no country is given, a holiday in France."""
    friday = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 1, 3))
    assert found(TWO_REPS.replace(friday)) == []
    assert found(TWO_REPS.replace(friday.but(country="FR"))) == [("no-working-day", "error", "calendar")]


def test_a_seasonality_has_one_weight_for_each_period() -> None:
    """Three weights do not say what the fourth quarter gets."""
    problem = seasons(pa.Seasonality(id="s", grain="quarter", weights=[0.5, 0.3, 0.2]))
    assert found(problem) == [("weights-length", "error", "strategy.seasonalities[s].weights")]


def test_the_plans_periods_nest_in_those_of_a_seasonality() -> None:
    """A week that spans two months belongs to neither weight; in a 4-4-5 calendar months are whole weeks."""
    monthly = pa.Seasonality(id="s", grain="month", weights=[1, *[0] * 11])
    weekly = TWO_REPS.calendar.but(grain="week")
    retail = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), grain="week", pattern="4-4-5")
    assert found(seasons(monthly).replace(weekly)) == [("nesting", "error", "strategy.seasonalities[s].grain")]
    assert found(seasons(monthly).replace(retail)) == []


def test_an_inner_seasonality_is_finer() -> None:
    """Proportions inside a quarter cannot come from weights by semester."""
    outer = pa.Seasonality(id="outer", grain="quarter", weights=[0.25] * 4, inside="inner")
    inner = pa.Seasonality(id="inner", grain="semester", weights=[0.5, 0.5])
    assert found(seasons(outer, inner)) == [("nesting", "error", "strategy.seasonalities[outer].inside")]


def test_a_mistake_in_an_inner_seasonality_is_told_once() -> None:
    """The seasonality that holds it has nothing to add."""
    outer = pa.Seasonality(id="outer", grain="semester", weights=[0.5, 0.5], inside="inner")
    inner = pa.Seasonality(id="inner", grain="quarter", weights=[0.5, 0.5])
    assert found(seasons(outer, inner)) == [("weights-length", "error", "strategy.seasonalities[inner].weights")]


def test_a_weight_needs_something_inside_its_period() -> None:
    """Half a year's sales cannot fall in a semester in which the inner seasonality sells nothing."""
    outer = pa.Seasonality(id="outer", grain="semester", weights=[0.5, 0.5], inside="inner")
    inner = pa.Seasonality(id="inner", grain="quarter", weights=[0.5, 0.5, 0, 0])
    assert found(seasons(outer, inner)) == [("weight-on-nothing", "error", "strategy.seasonalities[outer].weights")]
    assert found(seasons(outer.but(weights=[1, 0]), inner)) == []


def test_a_weight_needs_a_working_day_to_spread_over() -> None:
    """A fourth quarter that is cut to a weekend has none; it may carry nothing, or a weight that is spread evenly."""
    cut = TWO_REPS.replace(pa.Calendar(start=date(2027, 1, 2), end=date(2027, 10, 3)))
    season = pa.Seasonality(id="s", grain="quarter", weights=[0.25] * 4)
    assert found(cut.add(season)) == [("weight-on-nothing", "error", "strategy.seasonalities[s].weights")]
    assert found(cut.add(season.but(spread="equal"))) == []
    assert found(cut.add(season.but(weights=[0.5, 0.5, 0, 0]))) == []


# -- strategy --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "path"),
    [
        (targets(line(share=1), revenue=1_000.5), "strategy.revenue"),
        (targets(line(revenue=600.5), line("B", rest=True)), "strategy.targets[A].revenue"),
        (TWO_REPS.add(pa.Pin(rep="alice", base=0.5)), "limits[pin: alice = 0.5 of the base].base"),
        (TWO_REPS.add(pa.Bound(rep="alice", at_least=0.5)), "limits[bound: alice >= 0.5].at_least"),
    ],
    ids=["revenue", "target", "pin", "bound"],
)
def test_amounts_are_multiples_of_the_rounding_unit(problem: pa.PlanningProblem, path: str) -> None:
    """An amount that is given is kept to the unit or refused, never rounded in silence (S-7)."""
    assert ("not-a-multiple", "error", path) in found(problem)
    assert not pa.check(problem.replace(pa.Policy(round_to=0.5))).errors


def test_a_decimal_unit_is_exact() -> None:
    """0.3 is three tenths, although it is not as a float."""
    assert found(targets(line(revenue=0.1), line("B", revenue=0.2), revenue=0.3).replace(pa.Policy(round_to=0.1))) == []


def test_an_amount_has_units_that_can_be_told_apart() -> None:
    """Beyond 2^53 units neighbouring amounts are one number."""
    problem = TWO_REPS.replace(TWO_REPS.strategy.but(revenue=1e17))
    assert found(problem) == [("amount-too-large", "error", "strategy.revenue")]
    assert found(problem.replace(pa.Policy(round_to=1e9))) == []


def test_one_target_at_most_is_the_rest() -> None:
    """Two rests do not say who gets what."""
    problem = targets(line(rest=True), line("B", rest=True))
    assert found(problem) == [("two-rests", "error", "strategy.targets")]


def test_shares_need_a_revenue() -> None:
    """35 % of an unknown number is unknown; amounts make their own whole."""
    assert found(targets(line(share=1), line("B", revenue=1), revenue=None)) == [
        ("revenue-missing", "error", "strategy.revenue")
    ]
    assert found(targets(line(revenue=7), line("B", revenue=1), revenue=None)) == []


@pytest.mark.parametrize(("off", "word"), [(-50, "50.00 short of"), (50, "50.00 more than")])
def test_targets_make_exactly_the_revenue(off: int, word: str) -> None:
    """What is missing from or exceeds the whole is told as an amount (S-6)."""
    [finding] = pa.check(targets(line(revenue=600), line("B", revenue=400 + off)))
    assert finding.code == "not-the-whole"
    assert word in finding.rule


def test_the_rest_cannot_be_negative() -> None:
    """Shares above 1 leave no rest."""
    problem = targets(line(share=0.7), line("A", business=None, share=0.0), line("B", rest=True))
    above = targets(line(revenue=1_001), line("B", rest=True))
    assert [one[0] for one in found(above)] == ["not-the-whole"]
    assert "not-the-whole" not in [one[0] for one in found(problem)]


def test_shares_may_miss_the_whole_by_rounding() -> None:
    """Three times 0.333333 is meant to be 1 (S-6); 0.3333 is not."""
    three = TWO_REPS.add(pa.Segment(id="C"))
    for share, expected in ((0.333333, []), (0.3333, ["not-the-whole"])):
        lines = [line(name, share=share) for name in "ABC"]
        assert [one[0] for one in found(three.replace(three.strategy.but(targets=lines)))] == expected


def test_there_is_something_to_plan() -> None:
    """Targets of 0 throughout are a plan of nothing; one of 0 beside others is fine."""
    assert [one[0] for one in found(targets(line(share=1), line("B", share=0), revenue=0))] == ["nothing-to-plan"]
    zeros = targets(line(revenue=0), line("B", revenue=0), revenue=None)
    assert [one[0] for one in found(zeros)] == ["nothing-to-plan"]
    assert found(targets(line(revenue=0), line("B", revenue=5), revenue=None)) == []


def test_targets_speak_of_different_revenue() -> None:
    """All of A and the new business of A overlap; new and existing business do not."""
    new, existing = line(business="new", share=0.2), line(business="existing", share=0.2)
    overlap = targets(line(share=0.4), new, line("B", share=0.4))
    assert [one[0] for one in found(overlap)] == ["targets-overlap"]
    assert found(targets(new, existing, line("B", share=0.6))) == []


def test_a_segment_has_a_purpose() -> None:
    """A segment with neither target nor cadence is probably forgotten; a cadence alone is enough."""
    unused = TWO_REPS.add(pa.Segment(id="C"))
    used = unused.add(CALL, FUNNEL, CADENCE.but(segment="C")).replace(pa.Rep(id="alice", accounts={"C": 3}))
    assert found(unused) == [("segment-unused", "warning", "strategy.segments[C]")]
    assert found(used) == []


# -- sales force -----------------------------------------------------------------------------------------------------


def test_somebody_sells() -> None:
    """A plan needs at least one rep who books revenue, and without one nothing else is said."""
    assert found(TWO_REPS.but(sales_force=pa.SalesForce(reps=()))) == [("no-rep", "error", "sales_force.reps")]
    overlay = pa.SalesForce(reps=[pa.Rep(id="alice", role="overlay")])
    assert [one[0] for one in found(TWO_REPS.but(sales_force=overlay))] == ["no-rep"]


@pytest.mark.parametrize("dates", [{"start": date(2028, 1, 1)}, {"end": date(2026, 12, 31)}], ids=["later", "earlier"])
def test_a_rep_is_there_at_some_time(dates: dict[str, date]) -> None:
    """One who comes after the horizon or left before it is probably a typing error (S-5)."""
    assert found(rep("bruno", **dates)) == [("rep-never-there", "error", "sales_force.reps[bruno]")]


def test_a_rep_of_one_day_is_there() -> None:
    """The first and the last day of the horizon are part of it."""
    assert found(rep("bruno", start=date(2027, 12, 31))) == []
    assert found(rep("bruno", end=date(2027, 1, 1))) == []


def test_a_rep_covers_something() -> None:
    """An empty list is not "everything", which is said by leaving it out."""
    assert found(rep("bruno", covers=[])) == [("covers-nothing", "error", "sales_force.reps[bruno].covers")]


def test_a_rep_without_a_line_is_told() -> None:
    """One who covers segments without targets carries nothing; that may be meant."""
    problem = TWO_REPS.add(pa.Segment(id="C"), pa.Rep(id="chloe", covers=["C"]))
    assert ("no-line", "warning", "sales_force.reps[chloe].covers") in found(problem)


def test_a_rep_without_selling_time_is_told() -> None:
    """A selling share of 0 is a number and means no time; it is the sales force's where the rep has none."""
    assert found(rep("bruno", selling_share=0)) == [
        ("no-selling-time", "warning", "sales_force.reps[bruno].selling_share")
    ]
    nobody = TWO_REPS.but(sales_force=TWO_REPS.sales_force.but(selling_share=0))
    assert [one for one in found(nobody) if one[1] == "warning"] == [
        ("no-selling-time", "warning", "sales_force.reps[alice].selling_share"),
        ("no-selling-time", "warning", "sales_force.reps[bruno].selling_share"),
    ]


def test_accounts_lie_in_what_a_rep_covers() -> None:
    """Accounts that their rep may not sell to belong to somebody else."""
    problem = rep("bruno", covers=["B"], accounts={"A": 3})
    assert found(problem) == [("accounts-not-covered", "error", "sales_force.reps[bruno].accounts")]


def test_accounts_are_split_where_a_cadence_asks() -> None:
    """A cadence for prospects cannot count them among all accounts."""
    cadence = TWO_REPS.add(CALL, FUNNEL, CADENCE.but(business="new"))
    one_number = cadence.replace(pa.Rep(id="alice", accounts={"A": 20}))
    split = cadence.replace(pa.Rep(id="alice", accounts={"A": {"new": 5, "existing": 15}}))
    assert found(one_number) == [("accounts-not-split", "error", "sales_force.reps[alice].accounts")]
    assert found(split) == []


@pytest.mark.parametrize("year", [2026, 2028])
def test_an_absence_in_another_year_is_told(year: int) -> None:
    """It changes nothing, and is probably last year's list."""
    away = pa.Absence(start=date(year, 8, 2), end=date(year, 8, 20))
    assert found(rep("bruno", absences=[away])) == [("absence-outside", "warning", "sales_force.reps[bruno].absences")]


def test_an_absence_before_the_first_day_is_told() -> None:
    """Outside employment is outside, although it is within the horizon."""
    away = pa.Absence(start=date(2027, 3, 1), end=date(2027, 3, 5))
    problem = rep("bruno", start=date(2027, 4, 1), absences=[away])
    assert found(problem) == [("absence-outside", "warning", "sales_force.reps[bruno].absences")]


def test_an_absence_that_reaches_into_the_horizon_counts() -> None:
    """Part of it is enough."""
    away = pa.Absence(start=date(2026, 12, 20), end=date(2027, 1, 1))
    assert found(rep("bruno", absences=[away])) == []


# -- playbook --------------------------------------------------------------------------------------------------------


def test_a_line_without_a_funnel_is_told_or_refused() -> None:
    """Its revenue would cost no hours: a warning by default, an error where the policy says so."""
    only_a = TWO_REPS.add(CALL, FUNNEL.but(segment="A"))
    refusing = only_a.replace(pa.Policy(on_missing_funnel="refuse"))
    assert found(only_a) == [("no-funnel", "warning", "strategy.targets[B]")]
    assert found(refusing) == [("no-funnel", "error", "strategy.targets[B]")]
    assert found(only_a.add(FUNNEL)) == []


def test_a_plan_of_money_alone_needs_no_funnel() -> None:
    """An empty playbook is a choice, unless the policy refuses it."""
    assert found(TWO_REPS) == []
    refused = found(TWO_REPS.replace(pa.Policy(on_missing_funnel="refuse")))
    assert refused == [("no-funnel", "error", "strategy.targets[A]"), ("no-funnel", "error", "strategy.targets[B]")]


def test_a_cadence_meets_accounts() -> None:
    """Four calls a year to nobody's accounts are no work, and accounts were probably forgotten."""
    problem = TWO_REPS.add(CALL, FUNNEL, CADENCE)
    assert found(problem) == [("cadence-without-accounts", "warning", "playbook.cadences[A / call]")]
    assert found(problem.replace(pa.Rep(id="alice", accounts={"A": 3}))) == []


# -- coverage --------------------------------------------------------------------------------------------------------


def test_somebody_covers_each_target() -> None:
    """A line that nobody may sell can only fall short; one of 0 needs nobody."""
    only_b = TWO_REPS.replace(pa.Rep(id="alice", covers=["B"]), pa.Rep(id="bruno", covers=["B"]))
    assert found(only_b) == [("nobody-covers", "error", "strategy.targets[A]")]
    zero = only_b.strategy.but(targets=[line(revenue=0), line("B", rest=True)])
    assert found(only_b.replace(zero)) == []


def test_those_who_cover_a_target_have_time() -> None:
    """Reps who are away all year, or whose hours are not for selling, carry nothing."""
    away = pa.Absence(start=date(2027, 1, 1), end=date(2027, 12, 31))
    for nobody in (pa.Rep(id="alice", absences=[away]), pa.Rep(id="alice", selling_share=0)):
        problem = TWO_REPS.replace(nobody, pa.Rep(id="bruno", covers=["B"]))
        assert ("nobody-has-time", "error", "strategy.targets[A]") in found(problem)


def test_a_rep_away_but_for_a_weekend_has_no_time() -> None:
    """What is left after absences must hold a working day."""
    away = [
        pa.Absence(start=date(2027, 1, 1), end=date(2027, 5, 28)),
        pa.Absence(start=date(2027, 5, 31), end=date(2027, 12, 31)),
    ]
    problem = TWO_REPS.replace(pa.Rep(id="alice", absences=away), pa.Rep(id="bruno", covers=["B"]))
    assert found(problem) == [("nobody-has-time", "error", "strategy.targets[A]")]


def test_a_basis_is_known_of_somebody() -> None:
    """A split by last year needs last year's sales; a part of 0 needs nothing."""
    by_last_year = TWO_REPS.replace(pa.Policy(basis={"last_year": 1}))
    assert found(by_last_year) == [("basis-unknown", "error", "policy.basis[last_year]")]
    assert found(TWO_REPS.replace(pa.Policy(basis={"last_year": 0, "capacity": 1}))) == []


def test_reps_without_the_basis_are_told() -> None:
    """Those of whom it is not known stand in by capacity; one whose sales were 0 does not."""
    by_potential = TWO_REPS.replace(pa.Policy(basis={"potential": 1}), pa.Rep(id="alice", potential={"A": 9, "B": 1}))
    assert found(by_potential) == [("basis-stands-in", "warning", "policy.basis[potential]")]
    assert found(by_potential.replace(pa.Rep(id="bruno", potential={}))) == []


@pytest.mark.parametrize(
    ("scope", "expected"), [("rep", []), ("line", [("basis-zero", "error", "strategy.targets[B]")])]
)
def test_a_line_cannot_be_split_by_zeros(scope: str, expected: list[tuple[str, str, str]]) -> None:
    """By line, last year's sales of that segment must not all be 0; by rep, their sum counts."""
    only_a = TWO_REPS.replace(*(pa.Rep(id=name, last_year={"A": 5}) for name in ("alice", "bruno")))
    assert found(only_a.replace(pa.Policy(basis={"last_year": 1}, basis_scope=scope))) == expected


# -- limits ----------------------------------------------------------------------------------------------------------


def test_an_expired_limit_is_left_aside_and_told() -> None:
    """It counts up to and including its last day, and contradicts nothing after that."""
    old = pa.Pin(rep="alice", quota=900, expires=date(2026, 12, 31))
    new = pa.Pin(rep="alice", quota=100, expires=date(2027, 1, 1))
    assert found(TWO_REPS.add(old, new)) == [("limit-expired", "warning", "limits[pin: alice = 900].expires")]


def test_limits_on_the_same_numbers_agree() -> None:
    """Two amounts for one sum, or an amount outside its bounds, are told with both names."""
    pin, other = pa.Pin(rep="alice", quota=300), pa.Pin(rep="alice", quota=200)
    cap = pa.Bound(rep="alice", at_most=200)
    for second in (other, cap):
        [finding] = pa.check(TWO_REPS.add(pin, second))
        assert (finding.code, finding.value) == ("limits-disagree", pin.label)
        assert second.label in finding.rule


def test_limits_that_agree_are_fine() -> None:
    """A floor and a cap around a pin, and a pin on the base beside one on the quota, say nothing contrary."""
    pin, base = pa.Pin(rep="alice", quota=300), pa.Pin(rep="alice", base=200)
    floor, cap = pa.Bound(rep="alice", at_least=300), pa.Bound(rep="alice", at_most=300)
    assert found(TWO_REPS.add(pin, floor, cap)) == []
    assert [one[0] for one in found(TWO_REPS.add(pin, base))] == []


def test_a_limit_speaks_of_some_number() -> None:
    """A pin on a segment that the rep does not cover cannot hold; one of 0 holds, and is told."""
    only_b = rep("bruno", covers=["B"])
    for amount, level in ((5, "error"), (0, "warning")):
        problem = only_b.add(pa.Pin(rep="bruno", segment="A", quota=amount))
        assert found(problem) == [("limit-on-nothing", level, f"limits[pin: bruno, A = {amount}]")]


def test_a_limit_does_not_speak_of_an_overlay_rep() -> None:
    """A second quota follows from what others book, and cannot be agreed by itself."""
    problem = TWO_REPS.add(pa.Rep(id="zoe", role="overlay"), pa.Pin(rep="zoe", quota=5))
    assert found(problem) == [("limit-on-overlay", "error", "limits[pin: zoe = 5].rep")]


def test_a_pin_is_not_above_its_target() -> None:
    """Alice cannot carry more of A than the strategy asks of A; the rest is a target as well."""
    assert found(TWO_REPS.add(pa.Pin(rep="alice", segment="A", quota=600))) == []
    assert [one[0] for one in found(TWO_REPS.add(pa.Pin(rep="alice", segment="A", quota=601)))] == [
        "limit-above-target"
    ]
    rest = targets(line(share=0.6), line("B", rest=True)).add(pa.Bound(rep="bruno", segment="B", at_least=401))
    assert [one[0] for one in found(rest)] == ["limit-above-target"]


def test_over_assignment_makes_room_for_a_pin() -> None:
    """A quota may exceed the target by the hedge of the teams above; a base may not."""
    north = TWO_REPS.add(pa.Team(id="north", hedge=0.1)).replace(pa.Rep(id="alice", team="north"))
    assert found(north.add(pa.Pin(rep="alice", segment="A", quota=660))) == []
    assert [one[0] for one in found(north.add(pa.Pin(rep="alice", segment="A", quota=661)))] == ["limit-above-target"]
    assert [one[0] for one in found(north.add(pa.Pin(rep="alice", segment="A", base=601)))] == ["limit-above-target"]


@pytest.mark.parametrize(
    ("limits", "many"),
    [
        ([pa.Bound(rep="alice", at_least=700), pa.Bound(rep="bruno", at_least=700)], 1),
        ([pa.Pin(rep="alice", segment="A", quota=400), pa.Bound(rep="bruno", segment="A", at_least=300)], 1),
        ([pa.QuotaRange(at_least=600)], 1),
        ([pa.QuotaRange(at_least=600, rep="alice")], 0),
        ([pa.Bound(rep="alice", at_least=500), pa.Bound(rep="bruno", at_least=500)], 0),
        ([pa.Bound(rep="alice", at_least=700), pa.Bound(rep="bruno", at_least=700, expires=date(2020, 1, 1))], 0),
        ([pa.Pin(rep="alice", segment="A", quota=400), pa.Pin(rep="bruno", segment="B", quota=400)], 0),
    ],
)
def test_floors_that_exceed_their_lines_only_together(limits: list[pa.Bound], many: int) -> None:
    """Floors and pins that each may hold alone, and together cannot, are told before anything is solved (F-16)."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=1_000, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
    )
    codes = [one.code for one in pa.check(problem.add(*limits))]
    assert codes.count("limits-above-target") == many
    if many:
        with pytest.raises(pa.InfeasibleError):
            pa.allocate(problem.add(*limits))


def test_a_range_by_last_year_needs_it() -> None:
    """For one rep it cannot hold; for everyone it leaves out those of whom it is not known, and says so."""
    alice = rep("alice", last_year={"A": 500})
    for who, level in (({"rep": "bruno"}, "error"), ({}, "warning")):
        limit = pa.QuotaRange(**who, at_most=1.2, relative_to="last_year")
        assert found(alice.add(limit)) == [("range-without-last-year", level, f"limits[{limit.label}].relative_to")]
    assert found(alice.add(pa.QuotaRange(rep="alice", at_most=1.2, relative_to="last_year"))) == []


# -- all together ----------------------------------------------------------------------------------------------------


def test_findings_read_well() -> None:
    """Printed, they are a count and one sentence each with its remedy, errors first."""
    problem = rep("bruno", team="nord", accounts={"A": 3}).add(
        pa.Team(id="north"), CALL, FUNNEL, CADENCE.but(segment="B"), pa.Pin(rep="alice", quota=99.5)
    )
    assert str(pa.check(problem)) == (
        "2 errors, 1 warning\n"
        "  error: sales_force.reps[bruno].team: 'nord' is unknown; must be the id of a team. Did you mean 'north'?\n"
        "  error: limits[pin: alice = 99.5].quota: 99.5 is no multiple of round_to = 1. The nearest is 100; or plan in "
        "a finer unit, with Policy(round_to=...).\n"
        "  warning: playbook.cadences[B / call]: 'B / call' meets no account: nobody has any in that segment. Give the "
        "reps accounts, as Rep(accounts={'B': 20})."
    )


def test_errors_come_before_warnings() -> None:
    """Whoever reads only the first line reads what must be corrected."""
    problem = TWO_REPS.add(pa.Segment(id="C"), pa.Pin(rep="zoe", quota=1))
    findings = pa.check(problem)
    assert [one.level for one in findings] == ["error", "warning"]
    assert (len(findings.errors), len(findings.warnings)) == (1, 1)


def test_a_finding_is_told_once() -> None:
    """The same unknown segment twice in one list is one finding."""
    assert len(pa.check(rep("alice", covers=["C", "C"]))) == 1


def test_warnings_do_not_stop_a_plan() -> None:
    """They come with it."""
    plan = pa.allocate(TWO_REPS.add(pa.Segment(id="C")))
    assert [one.code for one in plan.findings] == ["segment-unused"]


@pytest.mark.parametrize("seed", range(5))
def test_a_refusal_reads_the_same_in_any_order_of_input(seed: int) -> None:
    """The same mistakes give the same message, byte for byte, however reps, teams and limits are listed (S-3)."""
    problem = (
        TWO_REPS.replace(pa.Rep(id="alice", team="nord"), pa.Rep(id="bruno", team="soud", accounts={"X": 1, "Y": 2}))
        .add(pa.Team(id="north"), pa.Team(id="south"), pa.Segment(id="C"), pa.Segment(id="D"))
        .add(pa.Pin(rep="alice", quota=0.5), pa.Bound(rep="zoe", at_most=5), pa.Pin(rep="bruno", quota=0.25))
    )
    shuffle = random.Random(seed).sample  # noqa: S311 -- an order, not a secret
    force, strategy = problem.sales_force, problem.strategy
    reps, teams = shuffle(force.reps, len(force.reps)), shuffle(force.teams, len(force.teams))
    segments, lines = shuffle(strategy.segments, 4), shuffle(strategy.targets, 2)
    mixed = problem.but(
        sales_force=force.but(reps=reps, teams=teams),
        strategy=strategy.but(segments=segments, targets=lines),
        limits=shuffle(problem.limits, 3),
    )
    messages = []
    for one in (problem, mixed):
        with pytest.raises(pa.UnknownNameError) as caught:
            pa.allocate(one)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


# -- documentation ---------------------------------------------------------------------------------------------------


def test_every_finding_is_explained() -> None:
    """Each code that a check or a revision gives has a section in docs/errors/findings.md, and no other has one."""
    folder = Path(checks.__file__).parent
    telling = [*sorted(folder.glob("*.py")), folder.parent / "replanning" / "telling.py"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in telling)
    codes = set(re.findall(r'Finding\(\s*"([a-z-]+)"', source))
    explained = re.findall(r"^### `([a-z-]+)`", (DOCS / "findings.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(codes) > 30
    assert set(explained) == codes
    assert len(explained) == len(codes)


def _below(kind: type[pa.PlanallocError]) -> set[type[pa.PlanallocError]]:
    return {kind}.union(*(_below(one) for one in kind.__subclasses__()))


def test_every_error_has_a_page() -> None:
    """The code of each error is the name of a page that shows it."""
    for kind in _below(pa.PlanallocError) - {pa.PlanallocError}:
        page = (DOCS / f"{kind.code}.md").read_text(encoding="utf-8")
        assert kind.__name__ in page
