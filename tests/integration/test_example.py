"""The invented firm of `examples/digital_services`: what its story promises is what its plan holds."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import planalloc as pa

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).parents[2] / "examples" / "digital_services" / "plan.py"
LINE = ("segment", "product", "business")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """Import the example as a module, which plans nothing."""
    spec = spec_from_file_location("digital_services_plan", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def problem(script: ModuleType) -> pa.PlanningProblem:
    """Read the firm as the script does."""
    read: pa.PlanningProblem = script.problem()
    return read


@pytest.fixture(scope="module")
def plan(problem: pa.PlanningProblem) -> pa.Plan:
    """Plan it once."""
    return pa.allocate(problem)


def by_line(table: pa.Table, measure: str) -> dict[tuple[Any, ...], float]:
    """Sum a measure by segment, product and business."""
    return {tuple(row[part] for part in LINE): row[measure] for row in table.by(*LINE).to_dicts()}


def targets(problem: pa.PlanningProblem) -> dict[tuple[Any, ...], float]:
    """Return the target of each line in money; the rest is what the shares leave."""
    whole = problem.strategy.revenue
    assert whole is not None
    lines = {(one.segment, one.product, one.business): one for one in problem.strategy.targets}
    shares = {line: round(one.share * whole) for line, one in lines.items() if one.share is not None}
    return {line: shares.get(line, whole - sum(shares.values())) for line in lines}


def test_the_files_have_no_error_and_one_warning(problem: pa.PlanningProblem) -> None:
    """Nothing contradicts anything; the two hires have no last year, and that is said."""
    findings = pa.check(problem)
    assert findings.errors == ()
    assert [one.code for one in findings.warnings] == ["basis-stands-in"]
    assert findings.warnings[0].value == "eloise, theo"


def test_hours_bind_and_every_target_is_met(plan: pa.Plan) -> None:
    """The fair split does not fit the hours, and another split does."""
    assert plan.report.path == "program"
    assert len(plan.shortfall) == 0
    assert len(plan.report.phasing_gap) == 0


def test_base_and_shortfall_make_the_target_of_every_line(problem: pa.PlanningProblem, plan: pa.Plan) -> None:
    """What reps stand for and what is short add up to the strategy on all 16 lines, to the euro."""
    base, short = by_line(plan.quotas, "base"), by_line(plan.shortfall, "revenue")
    assert {line: base[line] + short.get(line, 0) for line in base} == targets(problem)


def test_half_of_every_renewals_line_falls_in_the_first_quadrimester(
    problem: pa.PlanningProblem, plan: pa.Plan
) -> None:
    """50, 20 and 30 % of each line that renews, exactly."""
    seasons = plan.quotas.by(*LINE, "quadrimester").to_dicts()
    renewing = [one for one in problem.strategy.targets if one.seasonality == "renewals"]
    assert len(renewing) == 5
    for one in renewing:
        line = (one.segment, one.product, one.business)
        planned = [row["base"] for row in seasons if tuple(row[part] for part in LINE) == line]
        assert [10 * amount for amount in planned] == [part * sum(planned) for part in (5, 2, 3)]


def test_nobody_carries_what_they_do_not_cover(problem: pa.PlanningProblem, plan: pa.Plan) -> None:
    """Specialists carry their segment alone, hunters new and farmers existing business."""
    carried = plan.quotas.by("rep", *LINE).to_dicts()
    reps = {rep.id: rep for rep in problem.sales_force.reps}
    lines = {(one.segment, one.product, one.business): one for one in problem.strategy.targets}
    for row in carried:
        if row["quota"] > 0:
            assert reps[row["rep"]].may_carry(lines[row["segment"], row["product"], row["business"]])


@pytest.mark.parametrize(
    ("rep", "segment"), [("agathe", "keys"), ("camille", "public"), ("noemie", "industry"), ("romane", "smb")]
)
def test_a_specialist_makes_the_whole_number_in_one_segment(plan: pa.Plan, rep: str, segment: str) -> None:
    """100 % of a specialist's quota is in their segment."""
    assert plan.rep(rep).quota == plan.quotas.where(rep=rep, segment=segment).total("quota") > 0


@pytest.mark.parametrize(
    ("rep", "there"),
    [
        ("eloise", range(3, 13)),
        ("theo", range(9, 13)),
        ("ludovic", range(1, 7)),
        ("maelle", [1, 2, 3, 4, 9, 10, 11, 12]),
    ],
)
def test_who_is_away_for_a_month_carries_nothing_in_it(plan: pa.Plan, rep: str, there: list[int]) -> None:
    """Hires before their start, leavers after their end, and those on leave have no quota and no work."""
    present = {f"2027-{month:02}" for month in there}
    quotas = {row["period"]: row["quota"] for row in plan.rep(rep).quotas.by("period").to_dicts()}
    assert {period for period, quota in quotas.items() if quota > 0} == present
    assert {row["period"] for row in plan.rep(rep).activities.to_dicts()} <= present


def test_what_was_agreed_is_held(problem: pa.PlanningProblem, plan: pa.Plan) -> None:
    """Pins are met to the euro, bounds are kept."""
    assert len(problem.limits) == 7
    for limit in problem.limits:
        assert isinstance(limit, pa.Pin | pa.Bound)
        rows = plan.team(limit.team).quotas if limit.team else plan.quotas.where(rep=limit.rep)
        conditions = {name: value for name, value in limit.parts.items() if name not in {"rep", "team"}}
        carried = rows.where(**conditions).total("quota")
        if isinstance(limit, pa.Pin):
            assert carried == limit.quota
        else:
            assert (limit.at_least or 0) <= carried <= (limit.at_most or carried)


def test_the_two_regions_carry_three_percent_more(plan: pa.Plan) -> None:
    """The hedge of the regions lies on top of everyone's base and leaves the targets alone."""
    assert plan.quotas.total("base") == 18_000_000
    assert plan.quotas.total("quota") == 18_540_000


def test_only_the_promise_that_no_longer_fits_costs_overtime_and_visits(plan: pa.Plan) -> None:
    """Zoé works up to 3 % more than her hours, and nobody else leaves accounts out."""
    hours = plan.capacity.by("rep").to_dicts()
    assert {row["rep"] for row in hours if row["overtime_hours"] > 0} == {"zoe"}
    zoe = plan.rep("zoe").capacity
    assert zoe.total("overtime_hours") <= 0.03 * zoe.total("available_hours") * (1 + 1e-6)
    left_out = {row["rep"] for row in plan.coverage.to_dicts() if row["covered_accounts"] < row["wanted_accounts"]}
    assert left_out == {"zoe"}


@pytest.mark.parametrize("rep", ["agathe", "bastien", "olivier"])
def test_every_key_account_is_seen_as_often_as_the_cadence_says(
    problem: pa.PlanningProblem, plan: pa.Plan, rep: str
) -> None:
    """Customers get a workshop each, and all accounts 8 calls and 3 meetings; one may be lost to whole numbers."""
    person = next(one for one in problem.sales_force.reps if one.id == rep)
    done = plan.rep(rep).activities
    assert done.where(activity="workshop", source="cadence").total("count") == person.count("keys", "existing")
    for activity, times in (("call", 8), ("meeting", 3)):
        assert done.where(activity=activity).total("count") >= times * person.count("keys") - 1


def test_the_script_prints_the_plan_of_the_firm_and_of_one_rep(
    script: ModuleType, plan: pa.Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader sees the whole, one person's year, and one person's month."""
    script.main()
    printed = capsys.readouterr().out
    for part in (plan, plan.rep("ines"), plan.rep("ines").period("2027-02")):
        assert str(part) in printed
    assert "zoe sees" in printed
