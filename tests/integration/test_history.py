"""AdventureWorks and Maven CRM: problems that start from what really happened, whatever engine holds the tables.

AdventureWorks is Microsoft's sample bicycle maker (MIT), Maven CRM the pipeline of an invented computer maker. Maven's
traps: a product spelled in two ways, opportunities without an account, and open ones without a date of closing.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.csv as arrow_csv
import pytest

import planalloc as pa

DATA = Path(__file__).parents[3] / "shared" / "data"
MAVEN, BICYCLES = DATA / "maven_crm", DATA / "adventureworks"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the tables of both companies are not beside the project")

ENGINES = ("pandas", "polars", "lazy polars", "duckdb", "pyarrow", "dicts")


def pipeline(engine: str) -> Any:
    """Read Maven's opportunities as an engine reads a file: dates are text here and dates there."""
    path = str(MAVEN / "sales_pipeline.csv")
    match engine:
        case "pandas":
            return pd.read_csv(path)
        case "polars":
            return pl.read_csv(path, try_parse_dates=True)
        case "lazy polars":
            return pl.scan_csv(path)
        case "duckdb":
            return duckdb.sql(f"FROM read_csv('{path}')")
        case "pyarrow":
            return arrow_csv.read_csv(path)
        case _:
            return pl.read_csv(path).to_dicts()


def order_lines(engine: str) -> Any:
    """Read AdventureWorks' reseller order lines with the category of their product, joined by the engine."""
    lines, products = (
        str(BICYCLES / name) for name in ("dw_FactResellerSales.csv.gz", "dw_DimProduct_with_category.csv")
    )
    match engine:
        case "pandas":
            dated = pd.read_csv(lines, parse_dates=["OrderDate"])
            return dated.merge(pd.read_csv(products), on="ProductKey", how="left")
        case "polars":
            return pl.read_csv(lines, try_parse_dates=True).join(pl.read_csv(products), on="ProductKey", how="left")
        case "lazy polars":
            return pl.scan_csv(lines).join(pl.scan_csv(products), on="ProductKey", how="left")
        case "duckdb":
            return duckdb.sql(f"FROM '{lines}' LEFT JOIN '{products}' USING (ProductKey)")
        case "pyarrow":
            category = arrow_csv.read_csv(products).select(["ProductKey", "EnglishProductCategoryName"])
            return arrow_csv.read_csv(lines).join(category, "ProductKey")
        case _:
            return order_lines("polars").to_dicts()


OPPORTUNITY = {"id": "opportunity_id", "rep": "sales_agent", "amount": "close_value"}
MAVEN_COLUMNS = {
    "sales": OPPORTUNITY | {"date": "close_date"},
    "opportunities": OPPORTUNITY | {"created": "engage_date", "closed": "close_date", "won": "deal_stage"},
}
BICYCLE_COLUMNS = {
    "date": "OrderDate",
    "rep": "EmployeeKey",
    "segment": "EnglishProductCategoryName",
    "account": "ResellerKey",
    "amount": "SalesAmount",
}


def maven_problem() -> pa.PlanningProblem:
    """Plan 2018 by the sectors of Maven's accounts."""
    accounts = pl.read_csv(MAVEN / "accounts.csv").select("account", "sector")
    sectors = sorted(accounts["sector"].unique())
    return pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2018, 1, 1), end=date(2018, 12, 31)),
        strategy=pa.Strategy(
            name="Maven 2018",
            currency="USD",
            segments=tuple(pa.Segment(id=sector) for sector in sectors),
            products=tuple(pa.Product(id=name) for name in pl.read_csv(MAVEN / "products.csv")["product"]),
            targets=tuple(pa.Target(segment=sector, revenue=1_100_000) for sector in sectors),
        ),
        sales_force=pa.SalesForce(
            reps=tuple(pa.Rep(id=name) for name in pl.read_csv(MAVEN / "sales_teams.csv")["sales_agent"])
        ),
        portfolio=pa.Portfolio.from_frame(accounts, columns={"id": "account", "segment": "sector"}),
    )


def maven_baseline(engine: str) -> pa.Baseline:
    """Read all that Maven's table holds."""
    table = pipeline(engine)
    actuals = pa.Actuals(sales=table, opportunities=table, columns=MAVEN_COLUMNS)
    return pa.baseline(actuals, maven_problem(), start=date(2016, 10, 1), end=date(2017, 12, 31))


def bicycle_problem() -> pa.PlanningProblem:
    """Plan 2013 by product categories, with the seventeen sellers and all resellers."""
    sellers = pl.read_csv(BICYCLES / "reps.csv").filter(pl.col("EmployeeKey").is_not_null())
    resellers = pl.read_csv(BICYCLES / "dw_DimReseller.csv").select("ResellerKey")
    categories = ("Accessories", "Bikes", "Clothing", "Components")
    return pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2013, 1, 1), end=date(2013, 12, 31)),
        strategy=pa.Strategy(
            name="Resellers 2013",
            currency="USD",
            measure="invoices",
            segments=tuple(pa.Segment(id=name) for name in categories),
            targets=tuple(pa.Target(segment=name, revenue=8_000_000, seasonality=name) for name in categories),
        ),
        sales_force=pa.SalesForce.from_frame(sellers.select("EmployeeKey"), columns={"id": "EmployeeKey"}),
        portfolio=pa.Portfolio.from_frame(resellers, columns={"id": "ResellerKey"}),
    )


def bicycle_seasons(engine: str, *, since: date | None = None, until: date) -> pa.SeasonalHistory:
    """Read the seasons of the categories."""
    columns = {name: BICYCLE_COLUMNS[name] for name in ("date", "segment", "amount")}
    return pa.Seasonality.from_history(
        order_lines(engine),
        by="segment",
        columns=columns,
        calendar=bicycle_problem().calendar,
        since=since,
        until=until,
    )


def bicycle_baseline(engine: str) -> pa.Baseline:
    """Read what was sold in 2012."""
    actuals = pa.Actuals(sales=order_lines(engine), measure="invoices", columns={"sales": BICYCLE_COLUMNS})
    return pa.baseline(actuals, bicycle_problem(), start=date(2012, 1, 1), end=date(2012, 12, 31))


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_maven_is_the_same_problem_from_any_engine(engine: str) -> None:
    """Reference weights, funnels and seasons come out byte for byte as from pandas."""

    def written(name: str) -> str:
        columns = {"date": "engage_date", "amount": "close_value"}
        seasons = pa.Seasonality.from_history(pipeline(name), by="product", grain="quarter", columns=columns)
        problem = maven_baseline(name).into(maven_problem())
        return problem.but(strategy=problem.strategy.but(seasonalities=seasons.seasonalities)).model_dump_json()

    assert written(engine) == written("pandas")


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_adventureworks_is_the_same_problem_from_any_engine(engine: str) -> None:
    """Reference weights of sellers and resellers, and seasons, come out byte for byte as from pandas."""

    def written(name: str) -> str:
        problem = bicycle_baseline(name).into(bicycle_problem())
        seasons = bicycle_seasons(name, until=date(2012, 12, 31)).seasonalities
        return problem.but(strategy=problem.strategy.but(seasonalities=seasons)).model_dump_json()

    assert written(engine) == written("pandas")


def test_the_traps_of_maven_are_told_with_their_counts() -> None:
    """A product misspelled, opportunities without an account, without dates: counted, as a plain filter does."""
    table = pl.read_csv(MAVEN / "sales_pipeline.csv")
    misspelled, nobody = pl.col("product") == "GTXPro", pl.col("account").is_null()
    told = {(one.table, one.rule): (one.rows, one.examples) for one in maven_baseline("polars").set_aside}
    assert told["sales", "has no date"][0] == table["close_date"].null_count() == 2089
    assert told["opportunities", "names a product that nobody defined"] == (1480, ("'GTXPro'",))
    assert (
        told["opportunities", "has neither a segment nor an account"][0]
        == len(table.filter(nobody, ~misspelled))
        == 1203
    )
    assert (
        told["opportunities", "has no date of creation"][0]
        == len(table.filter(~nobody, ~misspelled, pl.col("engage_date").is_null()))
        == 129
    )


def test_maven_spelled_right_sells_what_the_ground_truth_says() -> None:
    """With the product spelled as its list has it, reps and accounts together sold all 10,005,534 dollars."""
    table = pl.read_csv(MAVEN / "sales_pipeline.csv").with_columns(pl.col("product").replace("GTXPro", "GTX Pro"))
    actuals = pa.Actuals(sales=table, opportunities=table, columns=MAVEN_COLUMNS)
    found = pa.baseline(actuals, maven_problem(), start=date(2016, 10, 1), end=date(2017, 12, 31))
    truth = pl.read_csv(MAVEN / "gt_rep_kpis.csv")
    sold = {rep: sum(lines.values()) for rep, lines in found.by_rep.items()}
    assert sold == dict(zip(truth["sales_agent"], truth["revenue"], strict=True))
    assert sum(found.by_account.values()) == sum(sold.values()) == 10_005_534
    assert len(found.without_sales) == 5


def test_maven_funnels_rest_on_cohorts_that_have_closed() -> None:
    """A conversion counts opportunities at least 105 days old, open ones as not won, as a plain filter does."""
    table = pl.read_csv(MAVEN / "sales_pipeline.csv", try_parse_dates=True)
    sector = pl.read_csv(MAVEN / "accounts.csv").select("account", "sector")
    old = table.filter(
        pl.col("engage_date") <= date(2017, 12, 31) - pl.duration(days=105), pl.col("product") != "GTXPro"
    )
    truth = {
        name: (count, won)
        for name, count, won in old.join(sector, on="account")
        .group_by("sector")
        .agg(pl.len(), (pl.col("deal_stage") == "Won").sum().alias("won"))
        .iter_rows()
    }
    rows = maven_baseline("polars").rows
    found = {row["segment"]: (row["count"], row["successes"]) for row in rows if row["what"] == "conversion"}
    assert found == truth
    assert all(row["low"] < row["value"] < row["high"] for row in rows if row["what"] == "conversion")


def test_a_maven_problem_with_its_history_plans() -> None:
    """What history gives is what a problem needs: nothing to correct, and every dollar planned."""
    problem = maven_baseline("polars").into(maven_problem())
    assert not [finding for finding in pa.check(problem) if finding.level == "error"]
    assert pa.allocate(problem.but(policy=pa.Policy(basis={"last_year": 1.0}))).quotas.total("base") == 11_000_000


def test_adventureworks_sold_last_year_what_the_lines_add_up_to() -> None:
    """Sums by seller and category agree with those of the order lines, seller 294 having none."""
    found = bicycle_baseline("polars")
    truth = {
        (str(rep), segment): amount / 10_000
        for rep, segment, amount in order_lines("polars")
        .filter(pl.col("OrderDate").dt.year() == 2012)
        .group_by("EmployeeKey", "EnglishProductCategoryName")
        .agg((pl.col("SalesAmount") * 10_000).round().cast(pl.Int64).sum())
        .iter_rows()
    }
    assert {(rep, name): sold for rep, lines in found.by_rep.items() for name, sold in lines.items()} == truth
    assert found.without_sales == ("294",)
    assert all(one.outside for one in found.set_aside)


def test_months_without_a_sale_stay_empty() -> None:
    """By 2011 alone, nothing is planned in February, April and June, and the other months have their shares."""
    history = bicycle_seasons("polars", since=date(2011, 1, 1), until=date(2011, 12, 31))
    assert {season.basis for season in history.seasons} == {"shares"}
    for season, one in zip(history.seasons, history.seasonalities, strict=True):
        assert [one.weights[month] for month in (1, 3, 5)] == [0, 0, 0]
        assert np.flatnonzero(season.raw_shares).tolist() == np.flatnonzero(one.weights).tolist()


def test_a_december_of_three_days_does_not_count() -> None:
    """The table begins on 29 December 2010: that month is told, and not taken for a whole one."""
    history = bicycle_seasons("polars", until=date(2012, 12, 31))
    told = {one.rule: one.amount for one in history.set_aside}
    assert told["lies in a period of which the table holds only a part"] == pytest.approx(489328.58, abs=0.005)
    assert {season.years for season in history.seasons} == {2.0}
    assert {season.basis for season in history.seasons} == {"moving average"}
