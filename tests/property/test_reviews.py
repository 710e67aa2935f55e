"""No event is lost in silence: what counts and what is set aside are all there is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa

PLAN = pa.allocate(
    pa.PlanningProblem.simple(
        year=2027, revenue=1200, currency="EUR", shares={"A": 0.5, "B": 0.5}, reps=["alice", "bruno"]
    )
)

SALE = st.fixed_dictionaries(
    {
        "date": st.integers(-40, 400).map(lambda days: date(2027, 1, 1) + timedelta(days=days)),
        "rep": st.sampled_from(["alice", "bruno", "nobody", None]),
        "segment": st.sampled_from(["A", "B", "C", None]),
        "currency": st.sampled_from(["EUR", "USD", None]),
        "amount": st.integers(-50_000, 50_000).map(lambda cents: cents / 100),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SALE, max_size=30), st.integers(0, 364))
def test_what_counts_and_what_is_set_aside_are_all_there_is(sales: list[dict[str, Any]], day: int) -> None:
    """Rows and money of both add up to what was given, as rows of dicts and in an engine."""
    as_of = date(2027, 1, 1) + timedelta(days=day)
    schema = {"date": pl.Date, "rep": pl.String, "segment": pl.String, "currency": pl.String, "amount": pl.Float64}
    tables = []
    for source in (sales, pl.DataFrame(sales, schema=schema).lazy()):
        review = pa.review(PLAN, pa.Actuals(sales=source), as_of=as_of)
        told = review.set_aside.total("amount") + review.attainment.total("actual")
        assert told == pytest.approx(sum(one["amount"] for one in sales), abs=1e-6)
        notes = sum(one["amount"] < 0 for one in sales)
        assert review.attainment.total("deals") + review.set_aside.total("rows") >= len(sales) - notes
        tables.append((review.attainment, review.standing("rep"), review.forecast))
    assert tables[0] == tables[1]


@settings(max_examples=20, deadline=None)
@given(st.lists(SALE, min_size=1, max_size=20), st.randoms())
def test_the_order_of_the_events_does_not_matter(sales: list[dict[str, Any]], random: Any) -> None:
    """Shuffled sales give the same tables."""
    turned = random.sample(sales, len(sales))
    there, back = (pa.review(PLAN, pa.Actuals(sales=one), as_of=date(2027, 6, 30)) for one in (sales, turned))
    assert there.attainment == back.attainment
    assert there.forecast == back.forecast
