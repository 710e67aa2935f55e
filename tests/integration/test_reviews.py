"""Reviews of two public companies: AdventureWorks' quotas and what was sold, and Maven's pipeline.

AdventureWorks is Microsoft's sample company (MIT); its quotas begin on odd days, none of them the first of a month.
Maven Analytics' "CRM Sales Opportunities" is a made-up seller of hardware: 8,800 opportunities of 30 agents.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import planalloc as pa

DATA = Path(__file__).parents[3] / "shared" / "data"
ADVENTUREWORKS, MAVEN = DATA / "adventureworks", DATA / "maven_crm"

pytestmark = pytest.mark.skipif(
    not ADVENTUREWORKS.is_dir() or not MAVEN.is_dir(), reason="the public tables are not beside the project"
)

LAST_DAY = date(2017, 12, 31)


@pytest.fixture(scope="module")
def attained() -> pa.Attainment:
    """Measure every reseller order line against the 163 published quotas."""
    lines = pl.scan_csv(ADVENTUREWORKS / "dw_FactResellerSales.csv.gz", try_parse_dates=True)
    columns = {"sales": {"rep": "EmployeeKey", "date": "OrderDate", "amount": "SalesAmount"}}
    return pa.attainment(
        pl.read_csv(ADVENTUREWORKS / "dw_FactSalesQuota.csv", try_parse_dates=True),
        pa.Actuals(sales=lines, columns=columns),
        columns={"rep": "EmployeeKey", "start": "Date", "quota": "SalesAmountQuota"},
    )


def test_adventureworks_reached_84_percent_of_its_quotas(attained: pa.Attainment) -> None:
    """80,450,596.98 of 95,714,000, and no sale is left over."""
    quotas = attained.quotas
    assert len(quotas) == 163
    assert round(quotas.total("actual"), 2) == 80_450_596.98
    assert quotas.total("quota") == 95_714_000
    assert round(quotas.total("attainment"), 4) == 0.8405
    assert len(attained.set_aside) == 0


def test_each_quarter_of_each_seller_is_as_published(attained: pa.Attainment) -> None:
    """All 163, to the cent."""
    staff = pl.read_csv(ADVENTUREWORKS / "reps.csv").filter(pl.col("EmployeeKey").is_not_null())
    login = dict(zip(map(str, staff["EmployeeKey"]), staff["rep"], strict=True))
    known = pl.read_csv(ADVENTUREWORKS / "gt_quota_attainment.csv", try_parse_dates=True).to_dicts()
    found = {(login[row["rep"]], row["start"]): row for row in attained.quotas.to_dicts()}
    assert len(known) == 163
    for row in known:
        ours = found[row["rep"], row["quota_from"]]
        assert ours["quota"] == row["quota"]
        assert ours["actual"] == pytest.approx(row["actual"], abs=0.0051)
        assert ours["attainment"] == pytest.approx(row["attainment"], abs=0.000051)


@pytest.fixture(scope="module")
def pipeline() -> pl.DataFrame:
    """Read the opportunities; one product has two spellings, and an outcome stands among the stages."""
    outcome = pl.when(pl.col("deal_stage") == "Won").then(True).when(pl.col("deal_stage") == "Lost").then(False)
    return (
        pl.read_csv(MAVEN / "sales_pipeline.csv", try_parse_dates=True)
        .with_columns(pl.col("product").replace("GTXPro", "GTX Pro").alias("line"), outcome.alias("won"))
        .drop("product", "account")
    )


@pytest.fixture(scope="module")
def plan(pipeline: pl.DataFrame) -> pa.Plan:
    """Plan ten million over the seven products, in proportion to what they sold, for the thirty agents."""
    teams = pl.read_csv(MAVEN / "sales_teams.csv").filter(
        pl.col("sales_agent").is_in(pipeline["sales_agent"].implode())
    )
    sold = pipeline.filter(pl.col("won")).group_by("line").agg(pl.sum("close_value")).sort("line")
    total = sold["close_value"].sum()
    stages = [
        pa.Stage(id="Prospecting", conversion=0.8, days_before_booking=80),
        pa.Stage(id="Engaging", conversion=0.6, days_before_booking=50),
    ]
    return pa.allocate(
        pa.PlanningProblem(
            calendar=pa.Calendar(start=date(2017, 1, 1), end=LAST_DAY),
            strategy=pa.Strategy(
                name="2017",
                currency="USD",
                revenue=10_000_000,
                segments=[pa.Segment(id=one) for one in sold["line"]],
                targets=[pa.Target(segment=one, share=value / total) for one, value in sold.rows()],
            ),
            sales_force=pa.SalesForce(
                reps=[pa.Rep(id=agent, team=manager) for agent, manager, _ in teams.rows()],
                teams=[pa.Team(id=one) for one in sorted(set(teams["manager"]))],
            ),
            playbook=pa.Playbook(funnels=[pa.Funnel(deal_size=2_400, stages=stages)]),
        )
    )


def reviewed(plan: pa.Plan, pipeline: pl.DataFrame, *, as_of: date = LAST_DAY) -> pa.Review:
    """Review the opportunities, and the won ones as sales."""
    common = {"id": "opportunity_id", "rep": "sales_agent", "segment": "line", "amount": "close_value"}
    columns = {
        "opportunities": {**common, "stage": "deal_stage", "created": "engage_date", "closed": "close_date"},
        "sales": {**common, "date": "close_date"},
    }
    won = pipeline.filter(pl.col("won"))
    return pa.review(plan, pa.Actuals(sales=won, opportunities=pipeline, columns=columns), as_of=as_of)


@pytest.fixture(scope="module")
def review(plan: pa.Plan, pipeline: pl.DataFrame) -> pa.Review:
    """Review the whole year."""
    return reviewed(plan, pipeline)


def test_maven_won_63_percent_of_what_was_closed(review: pa.Review) -> None:
    """4,238 of 6,711, of 2,360.91 each, within 51.78 days, 10,005,534 in all."""
    deals = review.deals
    assert (deals.total("won"), deals.total("closed"), deals.total("value")) == (4238, 6711, 10_005_534)
    assert round(deals.total("win_rate"), 4) == 0.6315
    assert round(deals.total("deal_size"), 2) == 2360.91
    assert round(deals.total("cycle_days"), 2) == 51.78


def test_what_maven_does_not_date_is_set_aside(review: pa.Review) -> None:
    """The 500 prospects have no day on which they were engaged."""
    told = [(row["rule"], row["rows"]) for row in review.set_aside.to_dicts()]
    assert told == [("has no date of creation", 500)]


def test_each_agent_is_as_published(review: pa.Review) -> None:
    """Closed, won, win rate, revenue, days to close and deal size of all thirty."""
    found = {row["rep"]: row for row in review.deals.by("rep").to_dicts()}
    known = pl.read_csv(MAVEN / "gt_rep_kpis.csv").to_dicts()
    assert len(known) == len(found) == 30
    for row in known:
        ours = found[row["sales_agent"]]
        assert (ours["closed"], ours["won"], ours["value"]) == (row["closed"], row["won"], row["revenue"])
        assert ours["win_rate"] == pytest.approx(row["win_rate"], abs=0.000051)
        assert ours["days_to_close"] == pytest.approx(row["cycle_days"], abs=0.000051)
        assert ours["deal_size"] == pytest.approx(row["avg_won_deal"], abs=0.000051)


def test_each_agent_and_product_is_as_published(review: pa.Review) -> None:
    """Closed, won, win rate and revenue of every pair."""
    found = {(row["rep"], row["segment"]): row for row in review.deals.by("rep", "segment").to_dicts()}
    known = pl.read_csv(MAVEN / "gt_winrate_rep_product.csv").to_dicts()
    assert len(known) == len(found)
    for row in known:
        ours = found[row["sales_agent"], row["product"].replace("GTXPro", "GTX Pro")]
        assert (ours["closed"], ours["won"], ours["value"]) == (row["closed"], row["won"], row["revenue"])


def test_each_quarter_of_each_agent_is_as_published(review: pa.Review) -> None:
    """Revenue of thirty agents in four quarters, from the sales."""
    found = {(row["rep"], row["quarter"]): row["actual"] for row in review.attainment.by("rep", "quarter").to_dicts()}
    known = pl.read_csv(MAVEN / "gt_revenue_rep_quarter.csv").to_dicts()
    for row in known:
        for quarter in ("Q1", "Q2", "Q3", "Q4"):
            assert found[row["sales_agent"], f"2017-{quarter}"] == row[f"2017{quarter}"]


def test_each_product_is_as_published(review: pa.Review) -> None:
    """Closed, won, win rate, revenue and deal size of the seven products."""
    found = {row["segment"]: row for row in review.deals.by("segment").to_dicts()}
    for row in pl.read_csv(MAVEN / "gt_product.csv").to_dicts():
        ours = found[row["product"].replace("GTXPro", "GTX Pro")]
        assert (ours["closed"], ours["won"], ours["value"]) == (row["closed"], row["won"], row["revenue"])
        assert ours["deal_size"] == pytest.approx(row["avg_won"], abs=0.000051)


def test_the_forecast_of_september_holds_what_december_brought(plan: pa.Plan, pipeline: pl.DataFrame) -> None:
    """Within a twentieth, from what was known on the last day of September."""
    (row,) = reviewed(plan, pipeline, as_of=date(2017, 9, 30)).forecast.where(scope="company").to_dicts()
    assert row["closed"] < 7_300_000
    assert row["expected"] == pytest.approx(10_005_534, rel=0.05)


def test_each_month_is_as_published(review: pa.Review) -> None:
    """Closed, won and revenue by month of closing."""
    found = {row["period"]: row for row in review.deals.by("period").to_dicts()}
    known = pl.read_csv(MAVEN / "gt_monthly.csv").to_dicts()
    assert len(known) == len(found)
    for row in known:
        ours = found[row["month"]]
        assert (ours["closed"], ours["won"], ours["value"]) == (row["closed"], row["won"], row["revenue"])


def test_each_agent_and_sector_is_as_published() -> None:
    """Revenue by the sector of the account, one of whose names is misspelled."""
    accounts = pl.read_csv(MAVEN / "accounts.csv").with_columns(pl.col("sector").replace("technolgy", "technology"))
    won = (
        pl.read_csv(MAVEN / "sales_pipeline.csv", try_parse_dates=True)
        .filter(pl.col("deal_stage") == "Won")
        .join(accounts, on="account", how="left")
    )
    sectors = sorted(set(won["sector"]))
    problem = pa.PlanningProblem.simple(
        year=2017,
        revenue=10_000_000,
        currency="USD",
        shares=dict.fromkeys(sectors, 1 / len(sectors)),
        reps=sorted(set(won["sales_agent"])),
    )
    columns = {"rep": "sales_agent", "segment": "sector", "amount": "close_value", "date": "close_date"}
    actuals = pa.Actuals(sales=won, columns={"sales": columns})
    review = pa.review(pa.allocate(problem), actuals, as_of=LAST_DAY)
    found = {(row["rep"], row["segment"]): row["actual"] for row in review.attainment.by("rep", "segment").to_dicts()}
    known = pl.read_csv(MAVEN / "gt_revenue_rep_sector.csv").to_dicts()
    assert len(known) == 30
    for row in known:
        for sector in sectors:
            assert found[row["sales_agent"], sector] == row[sector]
