"""AdventureWorks plans its reseller year 2013 from what it sold in 2011 and 2012.

The bicycle maker is Microsoft's sample company (MIT). Its traps: 2011 has months without a sale, three of the seventeen
sellers join during 2013, one of them sold nothing the year before, and the ids are numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

import planalloc as pa
from planalloc.types import Grain

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "adventureworks"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="AdventureWorks' tables are not beside the project")

GROWTH = Decimal("1.15")
REVENUE = 32_422_676
"""What resellers bought in 2012, 28,193,631.53 dollars, grown by 15 % and rounded to whole dollars."""

RAMP = "0.25;0.5;0.75"
GROUP_OF_MANAGER = {
    "North American Sales Manager": "North America",
    "Pacific Sales Manager": "Pacific",
    "European Sales Manager": "Europe",
}
COMPANY = "Resellers"
TERRITORIES = {
    "North America": ("Canada", "Central", "Northeast", "Northwest", "Southeast", "Southwest"),
    "Europe": ("France", "Germany", "United Kingdom"),
    "Pacific": ("Australia",),
}
JOINERS = {"294": "2013-03", "295": "2013-05", "296": "2013-05"}
"""Sellers hired during 2013, with the month of their first day."""

WITHOUT_LAST_YEAR = "294"

POLICIES = {
    "capacity": pa.Policy(),
    "last year by rep": pa.Policy(basis={"last_year": 1.0}),
    "last year by line": pa.Policy(basis={"last_year": 1.0}, basis_scope="line"),
    "half last year": pa.Policy(basis={"capacity": 0.5, "last_year": 0.5}),
}

MakePlan = Callable[[str], pa.Plan]


@pytest.fixture(scope="module")
def sales() -> pl.DataFrame:
    """Read every reseller order line: who sold what to whom in which month, and for how much.

    Amounts are in ten-thousandths of a dollar: whole numbers, whose sums do not depend on their order.
    """
    products = pl.read_csv(FOLDER / "dw_DimProduct_with_category.csv")
    lines = pl.read_csv(FOLDER / "dw_FactResellerSales.csv.gz", try_parse_dates=True)
    return lines.join(products, on="ProductKey", how="left", validate="m:1").select(
        rep="EmployeeKey",
        reseller="ResellerKey",
        segment="EnglishProductCategoryName",
        year=pl.col("OrderDate").dt.year(),
        month=pl.col("OrderDate").dt.month().cast(pl.Int64),
        amount=(pl.col("SalesAmount") * 10_000).round().cast(pl.Int64),
    )


@pytest.fixture(scope="module")
def sellers() -> pl.DataFrame:
    """Read the seventeen sellers: those of the sales staff who have a key in the data warehouse."""
    staff = pl.read_csv(FOLDER / "reps.csv", try_parse_dates=True).filter(pl.col("EmployeeKey").is_not_null())
    manages = pl.col("JobTitle").replace_strict(GROUP_OF_MANAGER, default=None)
    return staff.with_columns(team=pl.col("Name").fill_null(manages), ramp=pl.lit(RAMP))


def seasons(sales: pl.DataFrame) -> dict[str, list[int]]:
    """Give the sales of each category in the twelve months, all years together; a month without a sale has 0."""
    months = pl.DataFrame({"month": range(1, 13)})
    return {
        str(key[0]): months.join(rows.group_by("month").agg(pl.sum("amount")), on="month", how="left")["amount"]
        .fill_null(0)
        .to_list()
        for key, rows in sales.group_by("segment")
    }


def strategy(curves: dict[str, list[int]], *, shares_of: dict[str, list[int]]) -> pa.Strategy:
    """Plan the categories by the shares and the curves of past sales."""
    total = sum(map(sum, shares_of.values()))
    return pa.Strategy(
        name="Resellers 2013",
        currency="USD",
        measure="invoices",
        revenue=REVENUE,
        segments=tuple(pa.Segment(id=name) for name in curves),
        targets=tuple(
            pa.Target(segment=name, share=sum(months) / total, seasonality=f"{name} by month")
            for name, months in shares_of.items()
        ),
        seasonalities=tuple(
            pa.Seasonality(id=f"{name} by month", grain="month", weights=tuple(map(float, months)), normalize=True)
            for name, months in curves.items()
        ),
    )


def sales_force(sales: pl.DataFrame, sellers: pl.DataFrame) -> pa.SalesForce:
    """Read the sellers as they stand in the tables, with their resellers and sales of 2012."""
    known = (
        sales.filter(pl.col("year") == 2012)
        .group_by("rep", "segment")
        .agg(accounts=pl.col("reseller").n_unique(), last_year=pl.col("amount").sum() / 10_000)
    )
    teams = [pa.Team(id=COMPANY)]
    for group, territories in TERRITORIES.items():
        teams += [pa.Team(id=group, parent=COMPANY), *(pa.Team(id=one, parent=group) for one in territories)]
    return pa.SalesForce.from_frame(
        sellers.select("EmployeeKey", "rep", "team", "HireDate", "ramp"),
        accounts=known.rename({"rep": "seller"}),
        teams=teams,
        columns={"id": "EmployeeKey", "name": "rep", "start": "HireDate", "rep": "seller"},
    )


@pytest.fixture(scope="module")
def problem(sales: pl.DataFrame, sellers: pl.DataFrame) -> pa.PlanningProblem:
    """Plan the reseller year, shares and seasons as in 2011 and 2012 together."""
    pooled = seasons(sales.filter(pl.col("year").is_in([2011, 2012])))
    return pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2013, 1, 1), end=date(2013, 12, 31)),
        strategy=strategy(pooled, shares_of=pooled),
        sales_force=sales_force(sales, sellers),
    )


@pytest.fixture(scope="module")
def plan_by(problem: pa.PlanningProblem) -> MakePlan:
    """Give plans by the name of their policy, each made once."""
    made: dict[str, pa.Plan] = {}

    def plan(name: str) -> pa.Plan:
        if name not in made:
            made[name] = pa.allocate(problem.replace(POLICIES[name]))
        return made[name]

    return plan


@pytest.fixture(params=POLICIES)
def plan(request: pytest.FixtureRequest, plan_by: MakePlan) -> pa.Plan:
    """Make one plan for each policy."""
    return plan_by(request.param)


def rows_of(plan: pa.Plan) -> pl.DataFrame:
    """Give the rows of the quotas, with plain texts."""
    return pl.DataFrame(plan.quotas.to_dicts(), infer_schema_length=None)


def sums(rows: pl.DataFrame, *keys: str) -> dict[tuple[object, ...], int]:
    """Sum the base by some columns."""
    return {tuple(row[:-1]): row[-1] for row in rows.group_by(keys).agg(pl.sum("base")).iter_rows()}


def there_all_year(plan: pa.Plan) -> list[pa.Rep]:
    """Give the sellers who were there before 2013, in the order of their ids."""
    return [rep for rep in plan.problem.sales_force.reps if rep.id not in JOINERS]


def test_past_sales_are_those_of_the_ground_truth(sales: pl.DataFrame, sellers: pl.DataFrame) -> None:
    """Sums by month, and by seller and category, agree to the cent with those computed beside the tables."""
    monthly = pl.read_csv(FOLDER / "gt_reseller_monthly.csv")
    ours = sales.group_by("year", "month").agg(pl.sum("amount")).sort("year", "month")
    assert [f"{year}-{month:02d}" for year, month, _ in ours.iter_rows()] == monthly["month"].to_list()
    assert (ours["amount"] / 10_000).to_list() == pytest.approx(monthly["revenue"].to_list(), abs=0.00501)

    by_category = pl.read_csv(FOLDER / "gt_rep_x_category.csv").unpivot(index="rep", variable_name="segment")
    named = sales.join(sellers.select("EmployeeKey", name="rep"), left_on="rep", right_on="EmployeeKey", validate="m:1")
    ours = named.group_by("name", "segment").agg(pl.sum("amount"))
    both = by_category.join(ours, left_on=["rep", "segment"], right_on=["name", "segment"], validate="1:1")
    assert len(both) == len(by_category) == len(ours) == 17 * 4
    assert (both["amount"] / 10_000).to_list() == pytest.approx(both["value"].to_list(), abs=0.00501)


def test_the_target_is_last_year_grown(sales: pl.DataFrame) -> None:
    """2012 grown by 15 % is the revenue planned here."""
    last_year = Decimal(sales.filter(pl.col("year") == 2012)["amount"].sum()) / 10_000
    assert int((last_year * GROWTH).to_integral_value()) == REVENUE


def test_sellers_are_read_with_their_keys_as_text(problem: pa.PlanningProblem) -> None:
    """Seventeen sellers by number, sixteen of them with sales in 2012, none lost on the way (S-2, S-5)."""
    reps = problem.sales_force.reps
    assert {rep.id for rep in reps} == {str(key) for key in (272, *range(281, 297))}
    assert [rep.id for rep in reps if rep.last_year is None] == [WITHOUT_LAST_YEAR]
    sold = sum(sum((rep.last_year or {}).values()) for rep in reps)
    assert sold == pytest.approx(28_193_631.53, abs=0.005)


def test_nothing_binds_so_that_the_reference_is_the_plan(plan: pa.Plan) -> None:
    """Without limits and hours the fair split is the plan: nothing is short, and every season is kept (F-11)."""
    assert plan.report.path == "reference"
    assert (len(plan.shortfall), len(plan.report.phasing_gap)) == (0, 0)
    assert plan.quotas["base"].tolist() == plan.quotas["quota"].tolist() == plan.quotas["reference"].tolist()


def test_lines_are_the_shares_of_the_revenue(plan: pa.Plan) -> None:
    """Each category is its share of the revenue to less than one dollar, and together they are all of it (S-6)."""
    lines = sums(rows_of(plan), "segment")
    assert sum(lines.values()) == REVENUE
    for target in plan.problem.strategy.targets:
        assert abs(lines[(target.segment,)] - (target.share or 0.0) * REVENUE) < 1


@pytest.mark.parametrize("grain", [grain for grain in get_args(Grain) if grain != "week"])
def test_every_margin_adds_up(plan: pa.Plan, grain: Grain) -> None:
    """At every grain, by line, by seller and by both, whole dollars add up to the revenue exactly (S-1)."""
    rows, calendar = rows_of(plan), plan.problem.calendar
    coarse = [period.id for period in calendar.periods(grain)]
    holder = {
        month.id: coarse[position]
        for month, position in zip(calendar.periods(), calendar.nest("month", grain), strict=True)
    }
    rows = rows.with_columns(pl.col("period").replace_strict(holder).alias("coarse"))
    assert rows["base"].dtype == pl.Int64
    for keys in ((), ("segment",), ("rep",), ("rep", "segment")):
        told = plan.quotas.by(*keys, grain).to_dicts()
        assert {(*(row[key] for key in keys), row[grain]): row["base"] for row in told} == sums(rows, *keys, "coarse")
        assert sum(row["base"] for row in told) == REVENUE


def test_teams_add_up_through_the_tree(plan: pa.Plan) -> None:
    """A group is its manager and its territories, and the company is its groups (S-1)."""
    own = {rep.team: 0 for rep in plan.problem.sales_force.reps}
    for rep in plan.problem.sales_force.reps:
        own[rep.team] += int(plan.rep(rep.id).base)
    for group, territories in TERRITORIES.items():
        assert plan.team(group).base == own[group] + sum(plan.team(one).base for one in territories)
    assert plan.team(COMPANY).base == sum(plan.team(group).base for group in TERRITORIES) == REVENUE


def test_every_category_keeps_its_season(plan: pa.Plan) -> None:
    """Each category's month is what was asked to less than one dollar, although three sellers come later (F-8)."""
    rows = rows_of(plan)
    lines, months = sums(rows, "segment"), sums(rows, "segment", "period")
    for curve in plan.problem.strategy.seasonalities:
        segment = curve.id.removesuffix(" by month")
        for number, weight in enumerate(curve.weights, start=1):
            asked = weight / sum(curve.weights) * lines[(segment,)]
            assert abs(months[(segment, f"2013-{number:02d}")] - asked) < 1


def test_joiners_carry_nothing_before_their_first_month(plan: pa.Plan) -> None:
    """Hired in March and May, they have numbers from that month on and none before."""
    rows = rows_of(plan).filter(pl.col("base") > 0)
    for rep, month in JOINERS.items():
        assert rows.filter(pl.col("rep") == rep)["period"].min() == month


def test_by_capacity_earlier_hires_are_alike_and_joiners_carry_less(plan_by: MakePlan) -> None:
    """Whoever was hired by 2012 is ramped up and carries the same, to a dollar; the later the hire, the less (S-3)."""
    totals = {rep: base for (rep,), base in sums(rows_of(plan_by("capacity")), "rep").items()}
    steady = [totals[rep.id] for rep in there_all_year(plan_by("capacity"))]
    assert max(steady) - min(steady) <= 1
    assert min(steady) > totals["294"] > totals["295"] > 0
    assert abs(totals["295"] - totals["296"]) <= 1


def part_of_a_joiner_of_may() -> float:
    """Count 170 of 365 days for a hire on Thursday, May 30, on a ramp of 25, 50 and 75 %.

    By month, days x part of the working days employed x ramp: the last 2 of May's 23 and all of June at 25 %; 21 of
    July's 23 at 50 % and 2 at 75 %; 21 of August's 22 at 75 % and 1 in full; then 122 days in full.
    """
    may, june = 31 * 2 / 23 * 0.25, 30 * 0.25
    july, august = 31 * (21 * 0.5 + 2 * 0.75) / 23, 31 * (21 * 0.75 + 1) / 22
    return (may + june + july + august + 122) / 365


def test_a_joiner_carries_the_ramped_part_of_a_year(plan_by: MakePlan) -> None:
    """By capacity, a joiner carries what a colleague hired earlier does, times the ramped part of the year."""
    plan = plan_by("capacity")
    assert abs(plan.rep("295").base - part_of_a_joiner_of_may() * plan.rep("281").base) < 2


def test_last_year_counts_for_the_part_of_the_year_that_a_joiner_is_there(plan_by: MakePlan) -> None:
    """Sales of 2012 credited to a seller hired in 2013 weigh by the ramped part of 2013, per dollar as any other's."""
    plan = plan_by("last year by rep")
    reps = {rep.id: rep for rep in plan.problem.sales_force.reps}
    colleague, joiner = (sum((reps[name].last_year or {}).values()) for name in ("281", "295"))
    asked = part_of_a_joiner_of_may() * joiner / colleague * plan.rep("281").base
    assert abs(plan.rep("295").base - asked) < 2


def test_by_rep_totals_are_in_proportion_to_last_year(plan_by: MakePlan) -> None:
    """Sellers who are there all year carry the same per dollar of last year, so that they rank as they did."""
    plan = plan_by("last year by rep")
    sold = {rep.id: sum((rep.last_year or {}).values()) for rep in there_all_year(plan)}
    base = {rep: int(plan.rep(rep).base) for rep in sold}
    per_dollar = sum(base.values()) / sum(sold.values())
    for rep, amount in sold.items():
        assert abs(base[rep] - per_dollar * amount) < 2
    assert sorted(base, key=base.__getitem__) == sorted(sold, key=sold.__getitem__)


def test_by_line_each_category_is_in_proportion_to_last_year(plan_by: MakePlan) -> None:
    """Within a category, sellers who are there all year carry the same per dollar of it sold last year."""
    plan = plan_by("last year by line")
    base = sums(rows_of(plan), "rep", "segment")
    for segment in ("Accessories", "Bikes", "Clothing", "Components"):
        sold = {rep.id: (rep.last_year or {})[segment] for rep in there_all_year(plan)}
        carried = {rep: base[(rep, segment)] for rep in sold}
        per_dollar = sum(carried.values()) / sum(sold.values())
        for rep, amount in sold.items():
            assert abs(carried[rep] - per_dollar * amount) < 2


def test_a_category_not_sold_last_year_is_carried_by_rep_only(plan_by: MakePlan) -> None:
    """Seller 296 sold no accessories in 2012: by line none are carried, by rep the strategy's mix is."""
    assert sums(rows_of(plan_by("last year by line")), "rep", "segment").get(("296", "Accessories"), 0) == 0
    assert sums(rows_of(plan_by("last year by rep")), "rep", "segment")[("296", "Accessories")] > 0


@pytest.mark.parametrize("name", ["last year by rep", "last year by line", "half last year"])
def test_who_has_no_last_year_still_carries_a_number(plan_by: MakePlan, name: str) -> None:
    """Seller 294 sold nothing in 2012 because nobody had hired her: unknown stands in by capacity, it is not zero."""
    totals = {rep: base for (rep,), base in sums(rows_of(plan_by(name)), "rep").items()}
    average = REVENUE / len(totals)
    assert 0.3 * average < totals[WITHOUT_LAST_YEAR] < average


def test_half_capacity_lies_between_the_two(plan_by: MakePlan) -> None:
    """A blend of capacity and last year gives each seller the mean of what the two give, to a dollar."""
    capacity, last_year, blend = (
        {rep: base for (rep,), base in sums(rows_of(plan_by(name)), "rep").items()}
        for name in ("capacity", "last year by rep", "half last year")
    )
    for rep, base in blend.items():
        assert abs(base - (capacity[rep] + last_year[rep]) / 2) < 2


def test_months_without_a_sale_stay_empty(problem: pa.PlanningProblem, sales: pl.DataFrame) -> None:
    """By the season of 2011 alone, February, April and June have no numbers, and the rest is still all of it."""
    curves = seasons(sales.filter(pl.col("year") == 2011))
    shares = seasons(sales.filter(pl.col("year").is_in([2011, 2012])))
    plan = pa.allocate(problem.replace(strategy(curves, shares_of=shares)))
    rows = rows_of(plan)
    months = {period: base for (period,), base in sums(rows, "period").items()}
    empty = {f"2013-{month:02d}" for month in range(1, 13)} - {period for period, base in months.items() if base}
    assert empty == {"2013-02", "2013-04", "2013-06"}
    assert sum(months.values()) == REVENUE
    lines, by_month = sums(rows, "segment"), sums(rows, "segment", "period")
    for segment, curve in curves.items():
        for number, sold in enumerate(curve, start=1):
            asked = sold / sum(curve) * lines[(segment,)]
            assert abs(by_month.get((segment, f"2013-{number:02d}"), 0) - asked) < 1


def test_sellers_in_any_order_make_the_same_plan(problem: pa.PlanningProblem, plan_by: MakePlan) -> None:
    """Tables whose rows come in another order plan the same, number by number (S-3)."""
    force = problem.sales_force
    turned = problem.replace(force.but(reps=force.reps[::-1], teams=force.teams[::-1]), POLICIES["last year by rep"])
    assert pa.allocate(turned).quotas == plan_by("last year by rep").quotas


def test_the_year_2013_revised_month_by_month(
    plan_by: MakePlan, sales: pl.DataFrame, problem: pa.PlanningProblem
) -> None:
    """With what was really sold: the past stays closed, and credited, open and short make every target each month."""
    sold = sales.filter(pl.col("year") == 2013).select(
        rep=pl.col("rep").cast(pl.String),
        segment="segment",
        date=pl.date(2013, pl.col("month"), 15),
        amount=pl.col("amount") / 10_000,
    )
    plan = plan_by("capacity")
    targets = {row["segment"]: row["base"] for row in plan.quotas.by("segment").to_dicts()}
    for month in problem.calendar.periods()[:-1]:
        revised = pa.replan(plan, pa.Actuals(sales=sold, measure="invoices"), as_of=month.end)
        before, after = ([row for row in one.quotas.to_dicts() if row["end"] <= month.end] for one in (plan, revised))
        assert before == after
        real = sold.filter(pl.col("date") <= month.end)["amount"].sum()
        assert float(revised.credited.total("revenue")) == pytest.approx(real, abs=len(targets))
        for segment, target in targets.items():
            parts = [revised.credited, revised.quotas, revised.shortfall, revised.beyond]
            credited, quotas, short, beyond = (part.where(segment=segment) for part in parts)
            made = credited.total("revenue") + quotas.total("base") - credited.total("base") + short.total("revenue")
            assert made - beyond.total("surplus") + beyond.total("written_off") == target
        plan = revised
