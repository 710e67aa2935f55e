"""Second quotas: overlay reps carry what others book, and the company's number does not grow by it.

The year has four quarters that weigh the same: 600 in A and 400 in B are 150 and 100 in each.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import planalloc as pa

QUARTERS = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="quarter")
JULY = date(2027, 7, 5)
"""First day of the third quarter."""


def problem_of(
    *reps: pa.Rep,
    targets: tuple[pa.Target, ...] = (pa.Target(segment="A", revenue=600), pa.Target(segment="B", revenue=400)),
    teams: tuple[pa.Team, ...] = (),
    limits: tuple[Any, ...] = (),
    hours: float = 0.0,
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem of these reps beside Alice and Bruno, who book everything."""
    stage = pa.Stage(id="deal", conversion=1, activities={"call": 1})
    visits = pa.Cadence(segment="A", activity="call", per_account_per_year=10, feeds_funnel=False)
    return pa.PlanningProblem(
        calendar=QUARTERS,
        strategy=pa.Strategy(
            name="Overlay",
            currency="EUR",
            segments=[pa.Segment(id=one) for one in sorted({target.segment for target in targets})],
            targets=targets,
        ),
        sales_force=pa.SalesForce(
            teams=teams, reps=(pa.Rep(id="alice"), pa.Rep(id="bruno"), *reps), hours_per_week=1000 / 52
        ),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=hours)] if hours else [],
            funnels=[pa.Funnel(deal_size=1, stages=[stage])] if hours else [],
            cadences=[visits] if hours else [],
        ),
        limits=limits,
        policy=pa.Policy(default_phasing="equal", **policy),
    )


def overlay(rep_id: str = "olga", **fields: Any) -> pa.Rep:
    """Return somebody who helps others to sell."""
    return pa.Rep(id=rep_id, role="overlay", **fields)


def second(plan: pa.Plan, key: str, column: str = "quota") -> dict[str, float]:
    """Return the overlay quotas by rep, segment or period."""
    return {row[key]: row[column] for row in plan.overlay_quotas.by(key).to_dicts()}


def test_an_overlay_quota_is_what_others_book_on_the_lines_covered() -> None:
    """600 in A, in every quarter as it is booked; B is none of her business."""
    plan = pa.allocate(problem_of(overlay(covers=["A"])))
    assert second(plan, "segment") == {"A": 600}
    assert second(plan, "period") == {f"2027-Q{one}": 150 for one in range(1, 5)}


def test_an_overlay_quota_is_never_in_the_base() -> None:
    """With and without her, the others' numbers, their hours and the company's total are the same (S-1)."""
    with_her, without = (pa.allocate(problem_of(*some, hours=1)) for some in ([overlay(accounts={"A": 9})], []))
    for table in ("quotas", "activities", "capacity", "shortfall", "coverage"):
        assert getattr(with_her, table).to_dicts() == getattr(without, table).to_dicts()
    assert with_her.quotas.total("base") == 1000
    assert len(without.overlay_quotas) == 0


def test_an_overlay_quota_follows_the_shortfall() -> None:
    """What nobody has the hours to book is nobody's second quota either: 2,000 hours reach 2,000 of 3,000."""
    plan = pa.allocate(problem_of(overlay(), targets=(pa.Target(segment="A", revenue=3000),), hours=1))
    assert plan.shortfall.total("revenue") == 1000
    assert second(plan, "rep") == {"olga": 2000}


def test_an_overlay_quota_follows_the_season_that_limits_leave() -> None:
    """Where a limit leaves nothing of A to the first quarter, so it is for her."""
    plan = pa.allocate(problem_of(overlay(covers=["A"]), limits=(pa.Pin(segment="A", period="2027-Q1", base=0),)))
    assert second(plan, "period") == {"2027-Q1": 0, "2027-Q2": 200, "2027-Q3": 200, "2027-Q4": 200}


@pytest.mark.parametrize(
    ("when", "quarters"),
    [
        ({"start": JULY}, [3, 4]),
        ({"end": date(2027, 7, 4)}, [1, 2]),
        ({"absences": [pa.Absence(start=date(2027, 1, 4), end=date(2027, 4, 4))]}, [2, 3, 4]),
    ],
)
def test_an_overlay_rep_shares_only_what_is_booked_while_there(when: dict[str, Any], quarters: list[int]) -> None:
    """Who joins in July carries nothing of the first half, and nobody carries it in her stead."""
    plan = pa.allocate(problem_of(overlay(covers=["A"], **when)))
    assert second(plan, "period") == {f"2027-Q{one}": 150 for one in quarters}
    assert plan.rep("olga").quota == 150 * len(quarters)


def test_overlay_reps_share_by_the_rules_of_the_others() -> None:
    """By hours and coverage: half-time on A alone and full-time on both share 1,000 as 1 : 2."""
    plan = pa.allocate(problem_of(overlay(covers=["A"], fte=0.5), overlay("otto")))
    assert second(plan, "rep") == pytest.approx({"olga": 333, "otto": 667}, abs=1)
    assert plan.overlay_quotas.total("quota") == 1000


def test_a_joiner_shares_the_rest_of_the_year_with_who_is_there_already() -> None:
    """All 300 of the first half are the other's; of the second half, she takes 200 of 300: 2 : 1 of hours in all."""
    plan = pa.allocate(problem_of(overlay(covers=["A"], start=JULY), overlay("otto", covers=["A"])))
    assert second(plan, "rep") == {"olga": 200, "otto": 400}
    quarters = plan.rep("otto").quotas.by("period").to_dicts()
    assert [row["quota"] for row in quarters] == [150, 150, 50, 50]


def test_an_overlay_rep_may_cover_a_business_or_a_product() -> None:
    """Only new business, whatever the segment."""
    targets = tuple(
        pa.Target(segment=segment, business=one, revenue=amount)
        for segment, one, amount in (("A", "new", 100), ("A", "existing", 200), ("B", "new", 300))
    )
    plan = pa.allocate(problem_of(overlay(covers=[pa.Scope(business="new")]), targets=targets))
    assert second(plan, "segment") == {"A": 100, "B": 300}


def test_over_assignment_comes_on_top_of_an_overlay_quota() -> None:
    """F-14: 20 % of the team and 10 % of her own on 600 are 792."""
    teams = (pa.Team(id="north", hedge=0.2),)
    plan = pa.allocate(problem_of(overlay(covers=["A"], team="north", hedge=0.1), teams=teams))
    assert (second(plan, "rep", "base"), second(plan, "rep", "quota")) == ({"olga": 600}, {"olga": 792})


def test_a_team_does_not_count_its_overlay_reps() -> None:
    """What the team must reach is booked by those who book; the second quota would count it twice."""
    teams = (pa.Team(id="north"),)
    problem = problem_of(overlay(team="north"), pa.Rep(id="chloe", team="north"), teams=teams)
    plan = pa.allocate(problem.add(pa.TeamTarget(team="north", base=500)))
    assert (plan.team("north").base, plan.rep("chloe").base, plan.rep("olga").quota) == (500, 500, 1000)
    assert plan.team("north").reps == ("chloe",)


@pytest.mark.parametrize(
    "limit",
    [
        pa.Pin(rep="olga", quota=100),
        pa.Bound(rep="olga", at_most=100),
        pa.QuotaRange(rep="olga", at_most=100),
        pa.MixBand(rep="olga", tolerance=0.1),
        pa.OvertimeLimit(rep="olga", hours=1),
    ],
    ids=lambda one: one.kind,
)
def test_limits_on_overlay_reps_are_refused(limit: Any) -> None:
    """Their quota follows from what others book; the message says whom a limit may name."""
    problem = problem_of(overlay(), limits=(limit,))
    assert [one.code for one in pa.check(problem).errors] == ["limit-on-overlay"]
    with pytest.raises(pa.InputError, match=r"overlay rep.*those who book"):
        pa.allocate(problem)


def test_limits_on_everybody_do_not_speak_of_overlay_reps() -> None:
    """A cap of 300 for each holds those who book; she carries the 600 that they do."""
    plan = pa.allocate(problem_of(overlay(), limits=(pa.QuotaRange(at_most=300), pa.MixBand(tolerance=0.1))))
    assert (plan.quotas.total("base"), second(plan, "rep")) == (600, {"olga": 600})


def test_an_overlay_rep_alone_is_no_sales_force() -> None:
    """Somebody has to book."""
    problem = problem_of(overlay()).drop(rep="alice").drop(rep="bruno")
    with pytest.raises(pa.InputError, match="primary"):
        pa.allocate(problem)


def test_a_line_that_only_an_overlay_rep_covers_is_covered_by_nobody() -> None:
    """S-2: B without anybody who books is refused, not lost."""
    problem = problem_of(overlay())
    for name in ("alice", "bruno"):
        problem = problem.replace(pa.Rep(id=name, covers=["A"]))
    with pytest.raises(pa.InputError, match="B"):
        pa.allocate(problem)


def test_an_overlay_rep_without_anything_booked_carries_nothing() -> None:
    """Nothing of A in the half in which she is there: a plan of her own, with no rows."""
    nothing = pa.Bound(segment="A", period="2027-H2", at_most=0)
    plan = pa.allocate(problem_of(overlay(covers=["A"], start=JULY), limits=(nothing,)))
    assert (len(plan.overlay_quotas), plan.rep("olga").quota, len(plan.rep("olga").quotas)) == (0, 0, 0)


def test_the_plan_of_an_overlay_rep() -> None:
    """Her second quota in words and numbers, by period; no hours and no activities of her own."""
    plan = pa.allocate(problem_of(overlay(name="Olga Orlova", covers=["A"], accounts={"A": 5}), hours=0.1))
    hers = plan.rep("olga")
    assert (hers.quota, hers.base, hers.period("2027-Q3").quota) == (600, 600, 150)
    assert (len(hers.capacity), len(hers.activities), len(hers.pipeline)) == (0, 0, 0)
    assert "Olga Orlova" in str(hers)
    assert "600" in str(hers)
    assert "Olga Orlova" in hers._repr_html_()


def test_a_plan_with_overlay_quotas_comes_back_from_json() -> None:
    """Table by table, and byte for byte when written again."""
    people = (overlay(covers=["A"], start=JULY), overlay("otto", hedge=0.1))
    plan = pa.allocate(problem_of(*people))
    back = pa.Plan.from_json(plan.to_json())
    assert (back, back.overlay_quotas) == (plan, plan.overlay_quotas)
    assert back.to_json() == plan.to_json()
    assert back.rep("olga").quotas == plan.rep("olga").quotas


def test_the_order_of_overlay_reps_plays_no_part() -> None:
    """S-3: byte for byte."""
    people = [overlay(covers=["A"], fte=0.7), overlay("otto", start=JULY), overlay("oona", covers=["B"])]
    texts = {pa.allocate(problem_of(*order)).to_json() for order in (people, people[::-1])}
    assert len(texts) == 1


def test_an_overlay_quota_is_whole_units_and_adds_up() -> None:
    """Three alike share 601 of A and 399 of B: every line's quarter is what is booked, and they differ by one unit."""
    targets = (pa.Target(segment="A", revenue=601), pa.Target(segment="B", revenue=398))
    plan = pa.allocate(problem_of(*(overlay(f"o{one}") for one in range(3)), targets=targets))
    booked = plan.quotas.pivot("segment", "period", "base").to_dicts()
    assert plan.overlay_quotas.pivot("segment", "period", "base").to_dicts() == booked
    totals = second(plan, "rep")
    assert (sum(totals.values()), max(totals.values()) - min(totals.values())) == (999, 0)
