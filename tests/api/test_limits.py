"""S-7, S-8, F-3 to F-6: what was agreed holds in the finished plan, to the unit, and everything else moves around it.

The year has four quarters of 13 weeks that weigh the same, and a full-time rep 1,000 hours in it. Nothing costs hours
unless a test says so, so that only limits can bind.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

import planalloc as pa

QUARTERS = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="quarter")
YEAR = QUARTERS.but(grain="year")
JULY = date(2027, 7, 5)
"""First day of the third quarter."""

TEAMS = (pa.Team(id="north"), pa.Team(id="paris", parent="north"), pa.Team(id="south"))
FOUR = (
    pa.Rep(id="alice", team="paris"),
    pa.Rep(id="bruno", team="north"),
    pa.Rep(id="chloe", team="south"),
    pa.Rep(id="dario"),
)
HALF_A_YEAR = (pa.Rep(id="alice"), pa.Rep(id="bruno"), pa.Rep(id="joe", start=JULY))
"""Of 1,200, the fair split is 480, 480 and 240."""


def problem_of(
    *reps: pa.Rep,
    targets: dict[str, float] | None = None,
    teams: tuple[pa.Team, ...] = TEAMS,
    calendar: pa.Calendar = QUARTERS,
    hours: float = 0.0,
    limits: tuple[Any, ...] = (),
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem with these targets by segment, and hours that each unit of revenue costs."""
    lines = {"A": 1200.0} if targets is None else targets
    stage = pa.Stage(id="deal", conversion=1, activities={"call": 1})
    return pa.PlanningProblem(
        calendar=calendar,
        strategy=pa.Strategy(
            name="Limits",
            currency="EUR",
            segments=[pa.Segment(id=name) for name in lines],
            targets=[pa.Target(segment=name, revenue=amount) for name, amount in lines.items()],
        ),
        sales_force=pa.SalesForce(reps=reps, teams=teams, hours_per_week=1000 / 52),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=hours)] if hours else [],
            funnels=[pa.Funnel(deal_size=1, stages=[stage])] if hours else [],
        ),
        limits=limits,
        policy=pa.Policy(default_phasing="equal", **policy),
    )


def plan_of(*reps: pa.Rep, **options: Any) -> pa.Plan:
    """Return the plan of such a problem."""
    return pa.allocate(problem_of(*reps, **options))


def carried(plan: pa.Plan, column: str = "base", **parts: Any) -> dict[str, float]:
    """Return a number of each rep."""
    rows = plan.quotas.where(**parts).by("rep").to_dicts()
    return {row["rep"]: row[column] for row in rows}


def codes(problem: pa.PlanningProblem) -> dict[str, str]:
    """Return what `check` finds about limits, with its level."""
    return {one.code: one.level for one in pa.check(problem) if one.path.startswith("limits")}


# -- ranges (F-3) -----------------------------------------------------------------------------------------------------


def test_a_range_in_money_counts_for_the_part_of_the_year_in_which_somebody_is_there() -> None:
    """A cap of 400 is one of 200 for somebody who joins in the middle; what nobody may carry is short."""
    plan = plan_of(*HALF_A_YEAR, limits=(pa.QuotaRange(at_most=400),))
    assert carried(plan) == {"alice": 400, "bruno": 400, "joe": 200}
    assert plan.shortfall.total("revenue") == 200


def test_a_range_that_is_not_prorated_is_the_same_for_a_joiner() -> None:
    """A floor of 400 lifts somebody of half a year from 240 to 400; the others give in proportion."""
    plan = plan_of(*HALF_A_YEAR, limits=(pa.QuotaRange(at_least=400, prorated=False),))
    assert carried(plan) == {"alice": 400, "bruno": 400, "joe": 400}


def test_a_floor_is_prorated_as_a_cap_is() -> None:
    """At least 600 a year is at least 300 in half a year."""
    plan = plan_of(*HALF_A_YEAR, limits=(pa.QuotaRange(rep="joe", at_least=600),))
    assert carried(plan) == {"alice": 450, "bruno": 450, "joe": 300}


@pytest.mark.parametrize("prorated", [True, False])
def test_a_range_around_the_reference_is_prorated_by_the_reference_itself(prorated: bool) -> None:  # noqa: FBT001 -- a parameter
    """The reference of a joiner speaks of half a year already: it is not halved again, whatever `prorated` says."""
    limits = (
        pa.Bound(rep="alice", at_most=400),
        pa.QuotaRange(rep="joe", at_most=1, relative_to="reference", prorated=prorated),
    )
    assert carried(plan_of(*HALF_A_YEAR, limits=limits)) == {"alice": 400, "bruno": 560, "joe": 240}


def test_a_range_around_the_reference_holds_for_everybody_by_themselves() -> None:
    """Of 400 each, one is pinned to 300: the others take 440, which is 10 % more, and 20 are short."""
    three = [pa.Rep(id=name) for name in ("alice", "bruno", "chloe")]
    limits = (pa.Pin(rep="alice", quota=300), pa.QuotaRange(at_most=1.1, relative_to="reference"))
    plan = plan_of(*three, limits=limits)
    assert carried(plan) == {"alice": 300, "bruno": 440, "chloe": 440}
    assert plan.shortfall.total("revenue") == 20


def test_a_range_around_the_reference_has_both_ends() -> None:
    """Between 90 and 110 % of 400, who is pinned to 520 leaves 340 for each of the others, and they keep 360."""
    three = [pa.Rep(id=name) for name in ("alice", "bruno", "chloe")]
    both = pa.QuotaRange(at_least=0.9, at_most=1.1, relative_to="reference")
    with pytest.raises(pa.InfeasibleError):
        plan_of(*three, limits=(pa.Pin(rep="alice", quota=520), both))
    plan = plan_of(*three, limits=(pa.Pin(rep="alice", quota=440), pa.Bound(rep="bruno", at_most=390), both))
    assert carried(plan) == {"alice": 440, "bruno": 380, "chloe": 380}


def test_a_range_around_last_year_takes_all_segments_together() -> None:
    """20 % more than 100 in A and 50 in B are 180, in whatever mix."""
    old = pa.Rep(id="alice", last_year={"A": 100, "B": 50})
    limits = (pa.QuotaRange(rep="alice", at_most=1.2, relative_to="last_year"),)
    plan = plan_of(old, pa.Rep(id="bruno"), targets={"A": 1000, "B": 200}, limits=limits)
    assert carried(plan) == {"alice": 180, "bruno": 1020}
    assert carried(plan, segment="B") == {"alice": 30, "bruno": 170}


@pytest.mark.parametrize(("prorated", "joe"), [(True, 120), (False, 240)])
def test_last_year_is_prorated_like_money(prorated: bool, joe: float) -> None:  # noqa: FBT001 -- a parameter
    """1.2 times the 200 of last year is 240, and 120 for half of this year."""
    people = (*HALF_A_YEAR[:2], HALF_A_YEAR[2].but(last_year={"A": 200}))
    growth = pa.QuotaRange(rep="joe", at_most=1.2, relative_to="last_year", prorated=prorated)
    assert carried(plan_of(*people, limits=(growth,)))["joe"] == joe


def test_whose_last_year_is_not_known_is_left_out_of_a_range_with_a_warning() -> None:
    """A cap for all at 1.2 times last year holds those who have one; the plan says who has none."""
    known, unknown = pa.Rep(id="alice", last_year={"A": 100}), pa.Rep(id="bruno")
    plan = plan_of(known, unknown, limits=(pa.QuotaRange(at_most=1.2, relative_to="last_year"),))
    assert carried(plan) == {"alice": 120, "bruno": 1080}
    (found,) = [one for one in plan.findings if one.code == "range-without-last-year"]
    assert (found.level, found.value) == ("warning", "bruno")


def test_a_range_on_one_rep_whose_last_year_is_not_known_is_refused() -> None:
    """It would hold nobody at all."""
    limits = (pa.QuotaRange(rep="bruno", at_most=1.2, relative_to="last_year"),)
    with pytest.raises(pa.InputError, match="bruno"):
        plan_of(pa.Rep(id="alice", last_year={"A": 100}), pa.Rep(id="bruno"), limits=limits)


def test_no_sales_last_year_is_a_number() -> None:
    """S-5: zero is known, and 1.2 times zero is zero."""
    limits = (pa.QuotaRange(rep="bruno", at_most=1.2, relative_to="last_year"),)
    plan = plan_of(pa.Rep(id="alice"), pa.Rep(id="bruno", last_year={}), limits=limits)
    assert carried(plan) == {"alice": 1200, "bruno": 0}
    assert codes(plan.problem) == {}


@pytest.mark.parametrize(("of", "base", "quota"), [("quota", 400, 500), ("base", 500, 625)])
def test_a_range_speaks_of_the_quota_or_of_the_base(of: Any, base: float, quota: float) -> None:
    """With 25 % on top, 500 as people carry it are 400 of the targets."""
    people = (pa.Rep(id="alice", hedge=0.25), pa.Rep(id="bruno"))
    plan = plan_of(*people, limits=(pa.QuotaRange(rep="alice", at_most=500, of=of),))
    assert (plan.rep("alice").base, plan.rep("alice").quota) == (base, quota)
    assert plan.rep("bruno").base == 1200 - base


@pytest.mark.parametrize(("of", "base"), [("quota", 480), ("base", 480)])
def test_a_multiple_of_the_reference_is_of_the_same_number(of: Any, base: float) -> None:
    """80 % of what the reference lets people carry are 80 % of the reference, over-assignment included or not."""
    people = (pa.Rep(id="alice", hedge=0.25), pa.Rep(id="bruno"))
    limits = (pa.QuotaRange(rep="alice", at_most=0.8, relative_to="reference", of=of),)
    assert plan_of(*people, limits=limits).rep("alice").base == base


@pytest.mark.parametrize(
    ("who", "plan"),
    [
        ({}, {"alice": 200, "bruno": 200, "chloe": 200, "dario": 200}),
        ({"team": "north"}, {"alice": 200, "bruno": 200, "chloe": 400, "dario": 400}),
        ({"team": "paris"}, {"alice": 200, "bruno": 333, "chloe": 333, "dario": 333}),
        ({"rep": "dario"}, {"alice": 333, "bruno": 333, "chloe": 333, "dario": 200}),
        ({"rep": "dario", "team": "south"}, {"alice": 300, "bruno": 300, "chloe": 300, "dario": 300}),
    ],
)
def test_a_range_holds_everybody_or_a_team_with_those_below_or_one(who: Any, plan: dict[str, float]) -> None:
    """Of 300 each, a cap of 200 holds those it names, each by themselves; the others take the rest."""
    found = carried(plan_of(*FOUR, limits=(pa.QuotaRange(at_most=200, **who),)))
    assert found == pytest.approx(plan, abs=1)


def test_a_range_holds_to_the_unit_where_its_ends_are_no_whole_numbers() -> None:
    """1.07 times last year's 101 is 108.07: nobody carries 109, with or without over-assignment."""
    people = [pa.Rep(id=name, hedge=hedge, last_year={"A": 101}) for name, hedge in (("alice", 0), ("bruno", 0.13))]
    plan = plan_of(*people, targets={"A": 997}, limits=(pa.QuotaRange(at_most=1.07, relative_to="last_year"),))
    assert carried(plan, "quota") == {"alice": 108, "bruno": 108}


# -- bands around the strategy's mix (F-4) ----------------------------------------------------------------------------


def leaves_band(plan: pa.Plan, rep: str, mix: dict[str, float], tolerance: float) -> float:
    """Return by how many units a rep's lines leave a band, beyond what one unit of a line and of the total make."""
    total = plan.rep(rep).base
    off = []
    for segment, share in mix.items():
        line = plan.rep(rep).quotas.where(segment=segment).total("base")
        beyond = max((1 - tolerance) * share * total - line, line - (1 + tolerance) * share * total)
        off.append(beyond - (1 + (1 + tolerance) * share))
    return max(off)


MIXED = (pa.Rep(id="alice"), pa.Rep(id="bruno", covers=["A"]), pa.Rep(id="chloe", covers=["B"]))
"""Of 600 in A and 300 in B, even totals leave nothing of B to the one who covers both."""


def test_without_a_band_a_mixed_force_leaves_the_mix() -> None:
    """What the bands below have to change: 300 of A and none of B."""
    plan = plan_of(*MIXED, targets={"A": 600, "B": 300})
    assert [plan.rep("alice").quotas.where(segment=one).total("base") for one in "AB"] == [300, 0]


@pytest.mark.parametrize("tolerance", [0, 0.1])
@pytest.mark.parametrize("who", [{}, {"rep": "alice"}])
@pytest.mark.parametrize("targets", [{"A": 600, "B": 300}, {"A": 613, "B": 291}])
def test_a_band_holds_a_generalist_near_the_strategy(who: Any, tolerance: float, targets: dict[str, float]) -> None:
    """A's share and B's stay within the tolerance of the strategy's, after rounding to one unit; all is reached."""
    plan = plan_of(*MIXED, targets=targets, limits=(pa.MixBand(tolerance=tolerance, **who),))
    whole = sum(targets.values())
    assert leaves_band(plan, "alice", {name: one / whole for name, one in targets.items()}, tolerance) <= 0
    assert plan.rep("alice").quotas.where(segment="B").total("base") > 0
    assert plan.shortfall.total("revenue") == 0


def test_a_band_does_not_speak_of_those_who_have_one_line() -> None:
    """A specialist's mix is 100 % of their own line, within any band."""
    people = (pa.Rep(id="bruno", covers=["A"]), pa.Rep(id="chloe", covers=["B"]))
    plan = plan_of(*people, targets={"A": 600, "B": 300}, limits=(pa.MixBand(tolerance=0),))
    assert (plan.report.path, carried(plan)) == ("reference", {"bruno": 600, "chloe": 300})


def test_a_band_takes_the_rest_of_a_rep_along_with_a_pin() -> None:
    """100 of A with the strategy's mix of 2 : 1 are 50 of B; within 10 %, 57.9 (which is 36.7 % of 157.9) at most."""
    two = (pa.Rep(id="alice"), pa.Rep(id="bruno"))
    pin, targets = pa.Pin(rep="alice", segment="A", quota=100), {"A": 600, "B": 300}
    lines = {}
    for tolerance in (0, 0.1, 1):
        limits = (pin, pa.MixBand(rep="alice", tolerance=tolerance))
        lines[tolerance] = carried(plan_of(*two, targets=targets, limits=limits), segment="B")["alice"]
    assert lines == {0: 50, 0.1: pytest.approx(57.9, abs=1), 1: pytest.approx(100, abs=50)}
    assert lines[1] > lines[0.1]


@pytest.mark.parametrize(("who", "free"), [({"team": "north"}, "chloe"), ({"rep": "bruno"}, "chloe")])
def test_a_band_of_some_leaves_the_others_free(who: Any, free: str) -> None:
    """Who is outside the band may be pinned to one line alone; who is inside may not be."""
    band, targets = pa.MixBand(tolerance=0.1, **who), {"A": 600, "B": 300}
    alone = (pa.Pin(rep=free, segment="A", quota=100), pa.Pin(rep=free, segment="B", quota=0))
    assert carried(plan_of(*FOUR, targets=targets, limits=(band, *alone)))[free] == 100
    inside = tuple(one.but(rep="bruno") for one in alone)
    with pytest.raises(pa.InfeasibleError):
        plan_of(*FOUR, targets=targets, limits=(band, *inside))


def test_a_band_holds_for_joiners_too() -> None:
    """Of lines with opposite seasons somebody of half a year would carry one alone; a band of 0 keeps the mix."""
    seasons = [
        pa.Seasonality(id="early", grain="quarter", weights=(0.4, 0.4, 0.1, 0.1)),
        pa.Seasonality(id="late", grain="quarter", weights=(0.1, 0.1, 0.4, 0.4)),
    ]
    targets = [
        pa.Target(segment="A", revenue=600, seasonality="early"),
        pa.Target(segment="B", revenue=600, seasonality="late"),
    ]
    problem = problem_of(*HALF_A_YEAR, targets={"A": 600, "B": 600})
    problem = problem.but(strategy=problem.strategy.but(seasonalities=seasons, targets=targets))
    free, held = pa.allocate(problem), pa.allocate(problem.add(pa.MixBand(rep="joe", tolerance=0)))
    lines = [[plan.rep("joe").quotas.where(segment=one).total("base") for one in "AB"] for plan in (free, held)]
    assert lines[0][1] > lines[0][0] + 50
    assert lines[1][0] == pytest.approx(lines[1][1], abs=2)


# -- team targets (F-6) -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("team", "base"), [("north", 801), ("paris", 401), ("south", 199)])
def test_a_team_reaches_its_target_to_the_unit(team: str, base: float) -> None:
    """A leaf, or a parent with the team below it; the rest is shared by the others."""
    plan = plan_of(*FOUR, targets={"A": 797, "B": 403}, limits=(pa.TeamTarget(team=team, base=base),))
    assert plan.team(team).base == base
    assert plan.quotas.total("base") == 1200


def test_the_members_of_a_team_share_its_target_in_proportion() -> None:
    """Alice and Bruno, alike, have 400 each of 800; the two others 200 each."""
    plan = plan_of(*FOUR, limits=(pa.TeamTarget(team="north", base=800),))
    assert carried(plan) == {"alice": 400, "bruno": 400, "chloe": 200, "dario": 200}


def test_a_parent_and_the_team_below_it_have_targets_of_their_own() -> None:
    """700 in the north of which 400 in Paris leave 300 for Bruno."""
    limits = (pa.TeamTarget(team="north", base=700), pa.TeamTarget(team="paris", base=400))
    assert carried(plan_of(*FOUR, limits=limits)) == {"alice": 400, "bruno": 300, "chloe": 250, "dario": 250}


def test_a_team_target_may_speak_of_one_segment() -> None:
    """251 of A in the north, exactly; its B stays as it was."""
    plan = plan_of(*FOUR, targets={"A": 603, "B": 300}, limits=(pa.TeamTarget(team="north", segment="A", base=251),))
    assert plan.team("north").quotas.where(segment="A").total("base") == 251
    assert plan.team("north").quotas.where(segment="B").total("base") == 150


def test_a_team_target_may_speak_of_one_business() -> None:
    """New business in the south, exactly, across segments."""
    problem = problem_of(*FOUR)
    targets = [pa.Target(segment="A", business=one, revenue=603) for one in ("new", "existing")]
    problem = problem.but(strategy=problem.strategy.but(targets=targets))
    plan = pa.allocate(problem.add(pa.TeamTarget(team="south", business="new", base=101)))
    assert plan.team("south").quotas.where(business="new").total("base") == 101
    assert plan.team("south").quotas.where(business="existing").total("base") == pytest.approx(603 / 4, abs=1)


def test_a_team_target_speaks_of_the_base() -> None:
    """Over-assignment comes on top: 800 of the targets are 880 with 10 % more."""
    teams = (pa.Team(id="north", hedge=0.1), *TEAMS[1:])
    plan = plan_of(*FOUR, teams=teams, limits=(pa.TeamTarget(team="north", base=800),))
    assert (plan.team("north").base, plan.team("north").quota) == (800, 880)


def test_all_teams_may_have_targets_and_a_band_at_once() -> None:
    """Every team to the unit, everybody's mix within 5 %, nothing short."""
    targets = {"A": 601, "B": 307, "C": 293}
    limits = (
        pa.TeamTarget(team="north", base=701),
        pa.TeamTarget(team="paris", base=299),
        pa.TeamTarget(team="south", base=251),
        pa.MixBand(tolerance=0.05),
    )
    plan = plan_of(*FOUR, targets=targets, limits=limits)
    assert [plan.team(one).base for one in ("north", "paris", "south")] == [701, 299, 251]
    assert (
        max(leaves_band(plan, rep.id, {name: one / 1201 for name, one in targets.items()}, 0.05) for rep in FOUR) <= 0
    )
    assert plan.shortfall.total("revenue") == 0


# -- overtime ---------------------------------------------------------------------------------------------------------

TWO = (pa.Rep(id="alice", team="paris"), pa.Rep(id="bruno", team="north"))


def overtime_of(*limits: pa.OvertimeLimit, **options: Any) -> dict[tuple[str, str], float]:
    """Return the overtime of two reps who have 1,000 hours each for work of 2,800, by rep and period."""
    plan = plan_of(*TWO, targets={"A": 2800}, hours=1, limits=limits, **{"calendar": YEAR, **options})
    rows = plan.capacity.to_dicts()
    return {(row["rep"], row["period"]): round(row["overtime_hours"], 6) for row in rows}


@pytest.mark.parametrize(
    ("share", "limits", "alice", "bruno"),
    [
        (0.1, [], 100, 100),
        (0.0, [pa.OvertimeLimit(rep="alice", hours=50)], 50, 0),
        (0.1, [pa.OvertimeLimit(rep="alice", hours=50)], 50, 100),
        (0.1, [pa.OvertimeLimit(rep="alice", hours=150)], 150, 100),
        (0.1, [pa.OvertimeLimit(rep="alice", hours=0)], 0, 100),
        (0.1, [pa.OvertimeLimit(hours=20)], 20, 20),
        (0.1, [pa.OvertimeLimit(team="paris", hours=20)], 20, 100),
        (0.1, [pa.OvertimeLimit(team="north", hours=20)], 20, 20),
        (0.1, [pa.OvertimeLimit(rep="alice", hours=150), pa.OvertimeLimit(hours=30)], 30, 30),
        (0.1, [pa.OvertimeLimit(rep="alice", hours=10), pa.OvertimeLimit(hours=30)], 10, 30),
        (0.1, [pa.OvertimeLimit(rep="alice", hours=150, expires=date(2026, 12, 31))], 100, 100),
    ],
)
def test_an_overtime_limit_replaces_the_policy_for_those_it_names(
    share: float, limits: Any, alice: float, bruno: float
) -> None:
    """Hours for those whom limits name, the least of several; the policy's share of the hours for the others."""
    found = overtime_of(*limits, overtime_limit_share=share)
    assert found == {("alice", "2027"): alice, ("bruno", "2027"): bruno}


@pytest.mark.parametrize(
    ("period", "hours"),
    [
        ("2027-Q2", [25, 5, 25, 25]),
        ("2027-H1", [5, 5, 25, 25]),
        ("2027", [5, 5, 5, 5]),
        (None, [5, 5, 5, 5]),
    ],
)
def test_overtime_is_limited_in_each_period_inside_the_one_named(period: str | None, hours: list[float]) -> None:
    """5 hours in each of these quarters, the policy's tenth of 250 in the others; a joint line spares nobody."""
    free = pa.Bound(rep="alice", period="2027-Q1", at_least=0)  # the season of a line that is cut by period is free
    limit = pa.OvertimeLimit(rep="alice", period=period, hours=5)
    plan = plan_of(TWO[0], targets={"A": 2800}, hours=1, limits=(limit, free), overtime_limit_share=0.1)
    allowed = dict(zip((f"2027-Q{one}" for one in range(1, 5)), hours, strict=True))
    for row in plan.capacity.to_dicts():
        assert row["overtime_hours"] <= allowed[row["period"]] + 1e-6
    assert plan.quotas.total("base") == 4 * (250 + min(hours))


# -- pins and bounds on any sum (F-5) ---------------------------------------------------------------------------------

HEDGED = (
    pa.Rep(id="alice", team="paris", hedge=0.05),
    pa.Rep(id="bruno", team="north"),
    pa.Rep(id="chloe", team="south"),
    pa.Rep(id="dario"),
)
HEDGED_TEAMS = (pa.Team(id="north", hedge=0.1), pa.Team(id="paris", parent="north", hedge=0.03), pa.Team(id="south"))
SUMS: list[dict[str, str]] = [
    {"rep": "alice"},
    {"rep": "alice", "period": "2027-Q2"},
    {"rep": "alice", "segment": "A"},
    {"rep": "alice", "segment": "B", "period": "2027-Q3"},
    {"rep": "chloe", "period": "2027-H2"},
    {"team": "north"},
    {"team": "north", "segment": "B"},
    {"team": "paris", "period": "2027-Q4"},
    {"team": "south", "segment": "A", "period": "2027-H1"},
    {"segment": "A", "period": "2027-Q1"},
    {"period": "2027-Q1"},
    {"segment": "B", "period": "2027-H2"},
]


def sum_of(plan: pa.Plan, parts: dict[str, str], column: str) -> float:
    """Return a sum of a plan by the parts that a limit names."""
    rows = plan.quotas
    if "team" in parts:
        rows = rows.where(rep=list(plan.team(parts["team"]).reps))
    if "period" in parts:
        grain = "semester" if "-H" in parts["period"] else "quarter"
        rows = rows.where(**{grain: parts["period"]})
    return rows.where(**{name: parts[name] for name in ("rep", "segment") if name in parts}).total(column)


@cache
def hedged_plan(*limits: Any) -> pa.Plan:
    """Return the plan of four reps with over-assignment at three levels."""
    return plan_of(*HEDGED, teams=HEDGED_TEAMS, targets={"A": 1201, "B": 799}, limits=limits)


@pytest.mark.parametrize("parts", SUMS, ids=[" ".join(parts.values()) for parts in SUMS])
@pytest.mark.parametrize("of", ["base", "quota"])
def test_a_pin_on_any_sum_is_kept_to_the_unit(parts: dict[str, str], of: Any) -> None:
    """S-7: a rep's period over all lines, a team's line, a quarter over all: the sum is exact, the base adds up."""
    amount = float(round(sum_of(hedged_plan(), parts, of) * 0.93))
    plan = hedged_plan(pa.Pin(**parts, **{of: amount}))
    assert sum_of(plan, parts, of) == amount
    assert plan.quotas.total("base") + plan.shortfall.total("revenue") == 2000


@pytest.mark.parametrize("parts", SUMS, ids=[" ".join(parts.values()) for parts in SUMS])
@pytest.mark.parametrize(("of", "end", "times"), [("base", "at_most", 0.9), ("quota", "at_least", 1.07)])
def test_a_bound_on_any_sum_is_kept_and_met_to_a_unit(parts: dict[str, str], of: Any, end: str, times: float) -> None:
    """S-8: never beyond it, and no further from it than rounding takes: one unit of each of two lines."""
    amount = float(round(sum_of(hedged_plan(), parts, of) * times))
    inside = sum_of(hedged_plan(pa.Bound(**parts, **{end: amount}, of=of)), parts, of) - amount
    assert 0 <= (inside if end == "at_least" else -inside) <= 2


def test_a_segments_quarter_over_all_reps_moves_the_season_and_the_plan_says_so() -> None:
    """F-8: 400 of 1,200 in the first quarter leave 267 for each of the others; the gap of 100 is shown."""
    plan = plan_of(*FOUR, limits=(pa.Pin(segment="A", period="2027-Q1", quota=400),))
    quarters = [row["base"] for row in plan.quotas.by("period").to_dicts()]
    assert quarters == pytest.approx([400, 267, 267, 267], abs=1)
    gaps = {row["period"]: row["gap"] for row in plan.report.phasing_gap.to_dicts()}
    assert gaps["2027-Q1"] == pytest.approx(100, abs=0.01)


def test_limits_that_meet_in_one_rep_are_all_kept() -> None:
    """A pin of the year, one of a quarter over all lines, one of a line, and a bound on a cell."""
    limits = (
        pa.Pin(rep="alice", quota=601),
        pa.Pin(rep="alice", period="2027-Q1", quota=203),
        pa.Pin(rep="alice", segment="B", quota=251),
        pa.Bound(rep="alice", segment="B", period="2027-Q3", at_most=31),
    )
    plan = plan_of(*FOUR, targets={"A": 1201, "B": 799}, limits=limits)
    for limit in limits[:3]:
        assert sum_of(plan, limit.parts, "quota") == limit.quota
    assert sum_of(plan, limits[3].parts, "quota") <= 31


# -- names, expiry ----------------------------------------------------------------------------------------------------

ONE_OF_EACH = (
    pa.Pin(rep="alice", quota=200),
    pa.Bound(rep="alice", at_most=200),
    pa.QuotaRange(rep="alice", at_most=200),
    pa.MixBand(rep="alice", tolerance=0),
    pa.TeamTarget(team="paris", base=200),
    pa.OvertimeLimit(rep="alice", hours=0),
)


@pytest.mark.parametrize("limit", ONE_OF_EACH, ids=lambda one: one.kind)
def test_a_limit_that_has_expired_changes_nothing_and_is_named(limit: Any) -> None:
    """One whose last day lies before the horizon is left aside, with a warning."""
    expired = limit.but(expires=date(2027, 1, 3))
    plan, free = plan_of(*FOUR, limits=(expired,)), plan_of(*FOUR)
    assert carried(plan) == carried(free)
    (found,) = [one for one in plan.findings if one.code == "limit-expired"]
    assert (found.level, limit.label in found.path) == ("warning", True)


@pytest.mark.parametrize("limit", [one for one in ONE_OF_EACH if one.kind in {"pin", "bound", "range", "team"}])
def test_a_limit_that_expires_within_the_horizon_counts(limit: Any) -> None:
    """The number of a year was agreed for the year, on whichever day of it the agreement ends."""
    plan = plan_of(*FOUR, limits=(limit.but(expires=date(2027, 1, 4)),))
    assert carried(plan)["alice"] == 200


@pytest.mark.parametrize("limit", ONE_OF_EACH, ids=lambda one: one.kind)
def test_two_limits_of_one_name_are_refused(limit: Any) -> None:
    """S-7: a name tells one limit, or nobody would know which one gives way; two names for the same are fine."""
    other = pa.Bound(segment="A", at_most=10**6, name=limit.label)
    assert codes(problem_of(*FOUR, limits=(limit, other))) == {"duplicate": "error"}
    assert "duplicate" not in codes(problem_of(*FOUR, limits=(limit, limit.but(agreed_with="marie"))))
    with pytest.raises(pa.InputError, match="already"):
        problem_of(*FOUR, limits=(limit,)).add(limit)
    assert codes(problem_of(*FOUR, limits=(limit, limit.but(name="another")))) == {}


def test_limits_of_different_kinds_may_not_share_a_name_either() -> None:
    """A relaxation names limits by their names alone."""
    pairs = pairwise(one.but(name="agreed") for one in ONE_OF_EACH)
    assert [codes(problem_of(*FOUR, limits=pair)) for pair in pairs] == [{"duplicate": "error"}] * 5


def test_pins_that_agree_are_fine_and_those_that_do_not_are_both_named() -> None:
    """S-7: overlapping pins on the same numbers."""
    one, two = pa.Pin(rep="alice", quota=200, name="November"), pa.Pin(rep="alice", quota=200, name="December")
    assert carried(plan_of(*FOUR, limits=(one, two)))["alice"] == 200
    with pytest.raises(pa.InputError, match=r"(?s)November.*December|December.*November"):
        plan_of(*FOUR, limits=(one, two.but(quota=201)))


def test_a_team_target_and_a_pin_on_the_same_numbers_are_compared_as_well() -> None:
    """S-7: both speak of what the team reaches together."""
    limits = (pa.TeamTarget(team="north", base=600), pa.Pin(team="north", base=601))
    assert codes(problem_of(*FOUR, limits=limits)) == {"limits-disagree": "error"}


def test_limits_are_kept_in_the_plan_and_in_its_json() -> None:
    """Every kind comes back as it was given, and the plan with it."""
    limits = tuple(one.but(name=f"limit {number}") for number, one in enumerate(ONE_OF_EACH))
    plan = plan_of(*FOUR, targets={"A": 601, "B": 307}, limits=limits)
    back = pa.Plan.from_json(plan.to_json())
    assert (back, back.problem.limits) == (plan, limits)


@pytest.mark.parametrize("limit", ONE_OF_EACH[:4], ids=lambda one: one.kind)
def test_an_unknown_name_in_a_limit_is_refused(limit: Any) -> None:
    """S-4, with the nearest known name."""
    with pytest.raises(pa.UnknownNameError, match="alice"):
        plan_of(*FOUR, limits=(limit.but(rep="alicia"),))
