"""Rules of the tables of money: a row where somebody may carry a number, in units that can be paid."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

import planalloc as pa

MONEY = ("reference", "base", "quota")


def problem_of(*reps: pa.Rep, revenue: float = 1200, round_to: float = 1, **strategy: Any) -> pa.PlanningProblem:
    """Return a problem of one year by months, equally spread; two lines unless said otherwise."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=revenue, currency="EUR", shares={"A": 0.75, "B": 0.25}, reps=[] if reps else ["alice"]
    )
    return problem.add(*reps).replace(
        problem.strategy.but(**strategy), pa.Policy(round_to=round_to, default_phasing="equal")
    )


def test_a_row_says_who_carries_what_when() -> None:
    """The columns of quotas, in order, and the first row of a plan that can be told in the head."""
    table = pa.allocate(problem_of()).quotas
    assert table.columns == (
        "rep", "team", "segment", "product", "business", "period", "start", "end", "reference", "base", "quota",
    )  # fmt: skip
    assert table.to_dicts()[0] == {
        "rep": "alice",
        "team": None,
        "segment": "A",
        "product": None,
        "business": None,
        "period": "2027-01",
        "start": date(2027, 1, 1),
        "end": date(2027, 1, 31),
        "reference": 75,
        "base": 75,
        "quota": 75,
    }
    assert len(table) == 2 * 12


def test_rows_are_where_somebody_may_carry_a_number() -> None:
    """Who covers A alone has rows of A, who joins in July rows from July on, also where the number is 0."""
    plan = pa.allocate(
        problem_of(
            pa.Rep(id="alice"), pa.Rep(id="bruno", covers=["A"]), pa.Rep(id="chloe", start=date(2027, 7, 1)), revenue=7
        )
    )
    assert len(plan.quotas.where(rep="alice")) == 24
    assert len(plan.quotas.where(rep="bruno")) == 12
    assert len(plan.quotas.where(rep="chloe")) == 12
    assert min(plan.quotas.where(rep="chloe")["period"]) == "2027-07"
    assert 0 in plan.quotas["base"]
    assert plan.quotas.total("base") == 7


def test_rows_come_by_rep_then_line_then_period() -> None:
    """Sorted by the ids of reps and lines, and by time."""
    rows = pa.allocate(problem_of(pa.Rep(id="zoe"), pa.Rep(id="alice"))).quotas.to_dicts()
    keys = [(row["rep"], row["segment"], row["period"]) for row in rows]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("round_to", "revenue", "kind", "decimals"),
    [
        (1, 1200, "i", {}),
        (100, 120_000, "i", {}),
        (0.01, 12.05, "f", dict.fromkeys(MONEY, 2)),
        (0.5, 12.5, "f", dict.fromkeys(MONEY, 1)),
        (0.25, 12.25, "f", dict.fromkeys(MONEY, 2)),
        (2.5, 125, "f", dict.fromkeys(MONEY, 1)),
    ],
)
def test_money_has_the_decimals_of_its_unit(
    round_to: float, revenue: float, kind: str, decimals: dict[str, int]
) -> None:
    """Whole units are whole numbers; cents have two decimals, halves one; every number is a multiple of the unit."""
    table = pa.allocate(problem_of(revenue=revenue, round_to=round_to)).quotas
    assert dict(table.decimals) == decimals
    for name in MONEY:
        assert table[name].dtype.kind == kind
        multiples = table[name] / round_to
        assert np.abs(multiples - np.rint(multiples)).max() < 1e-9
    assert table.total("base") == revenue


def test_cents_add_up_exactly() -> None:
    """Twenty-four amounts in cents make 12.05, not 12.049999999999999."""
    assert pa.allocate(problem_of(revenue=12.05, round_to=0.01)).quotas.total("quota") == 12.05


PRICED: dict[str, Any] = {
    "products": [pa.Product(id="box"), pa.Product(id="suite", unit_price=5)],
    "targets": [
        pa.Target(segment="A", product="suite", share=0.5),
        pa.Target(segment="A", product="box", share=0.25),
        pa.Target(segment="B", share=0.25),
    ],
}


def test_a_price_gives_units() -> None:
    """600 of a product at 5 are 120 units, 10 a month; a product without a price has none, nor has a segment."""
    table = pa.allocate(problem_of(**PRICED)).quotas
    assert table.columns[-1] == "units"
    assert table.where(product="suite").total("units") == 120
    assert table.where(product="suite", period="2027-01").to_dicts()[0]["units"] == 10
    assert np.isnan(table.where(product="box")["units"]).all()
    assert np.isnan(table.where(segment="B")["units"]).all()


def test_units_are_those_that_are_carried() -> None:
    """With a hedge of 10 %, 600 of base are 660 of quota, and 132 units."""
    problem = problem_of(pa.Rep(id="alice", team="north"), **PRICED).add(pa.Team(id="north", hedge=0.1))
    assert pa.allocate(problem).quotas.where(product="suite").total("units") == pytest.approx(132)


def test_without_a_price_there_are_no_units() -> None:
    """Products without prices leave the table as it is."""
    unpriced = {**PRICED, "products": [pa.Product(id="box"), pa.Product(id="suite")]}
    assert "units" not in pa.allocate(problem_of(**unpriced)).quotas.columns


def test_reference_base_and_quota_are_three_numbers() -> None:
    """A pinned quota of 330 at a hedge of 10 % is a base of 300, where the simple answer is 600."""
    problem = problem_of(pa.Rep(id="alice", team="north"), pa.Rep(id="bruno", team="south")).add(
        pa.Team(id="north", hedge=0.1), pa.Team(id="south"), pa.Pin(rep="alice", quota=330)
    )
    plan = pa.allocate(problem)
    assert plan.quotas.by("rep", "team").to_dicts() == [
        {"rep": "alice", "team": "north", "reference": 600, "base": 300, "quota": 330},
        {"rep": "bruno", "team": "south", "reference": 600, "base": 900, "quota": 900},
    ]


def test_no_shortfall_is_an_empty_table() -> None:
    """Where every target is met, the table of shortfalls has its columns and no row."""
    table = pa.allocate(problem_of()).shortfall
    assert table.columns == ("segment", "product", "business", "period", "revenue")
    assert len(table) == 0
    assert table.total("revenue") == 0


def test_a_shortfall_is_told_by_line_and_period() -> None:
    """600 of A at most leave 300 short, 25 a month; base and shortfall are the target."""
    plan = pa.allocate(problem_of().add(pa.Bound(segment="A", at_most=600)))
    assert plan.shortfall.to_dicts()[0] == {
        "segment": "A",
        "product": None,
        "business": None,
        "period": "2027-01",
        "revenue": 25,
    }
    assert plan.shortfall["revenue"].tolist() == [25] * 12
    assert plan.quotas.where(segment="A").total("base") == 600


def test_a_shortfall_in_cents_has_cents() -> None:
    """A shortfall has the decimals of the plan's money."""
    plan = pa.allocate(problem_of(revenue=12, round_to=0.01).add(pa.Bound(segment="A", at_most=8.95)))
    assert dict(plan.shortfall.decimals) == {"revenue": 2}
    assert plan.shortfall.total("revenue") == 0.05


def test_no_gap_is_an_empty_table() -> None:
    """Where every line follows its season, the table of gaps is empty."""
    table = pa.allocate(problem_of()).report.phasing_gap
    assert (table.columns, len(table)) == (("segment", "product", "business", "period", "season", "gap"), 0)


def test_a_gap_in_the_season_is_told_in_money() -> None:
    """Nobody is there in January: its 75 of A fall on eleven months, 6.82 each (F-8)."""
    gap = pa.allocate(problem_of(pa.Rep(id="alice", start=date(2027, 2, 1)))).report.phasing_gap
    assert len(gap) == 24
    assert [(row["segment"], row["period"], row["season"], row["gap"]) for row in gap.to_dicts()[:1]] == [
        ("A", "2027-01", pytest.approx(75), pytest.approx(-75))
    ]
    assert gap.where(segment="A")["gap"][1:] == pytest.approx(np.full(11, 75 / 11))
    assert gap.total("gap") == pytest.approx(0)


def test_a_gap_is_in_money_whatever_the_unit() -> None:
    """In hundreds, a gap of 7,500 is 7,500."""
    problem = problem_of(pa.Rep(id="alice", start=date(2027, 2, 1)), revenue=120_000, round_to=100)
    gap = pa.allocate(problem).report.phasing_gap
    assert gap["gap"][0] == pytest.approx(-7500)
