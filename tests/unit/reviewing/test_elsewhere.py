"""Quotas from elsewhere: any days, by rep."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import planalloc as pa

JANUARY = {"rep": "alice", "start": date(2027, 1, 4), "end": date(2027, 2, 7), "quota": 100}


def attained(quotas: list[dict[str, Any]], *sales: tuple[date, float], **more: Any) -> pa.Attainment:
    """Measure sales of alice against quotas."""
    rows = [{"date": day, "rep": "alice", "amount": amount} for day, amount in sales]
    return pa.attainment(quotas, pa.Actuals(sales=rows), **more)


def test_first_and_last_day_count() -> None:
    """A sale on either edge counts, one a day outside does not and is told."""
    edges = ((date(2027, 1, 4), 1), (date(2027, 2, 7), 2), (date(2027, 1, 3), 4), (date(2027, 2, 8), 8))
    found = attained([JANUARY], *edges)
    assert found.quotas["actual"].tolist() == [3]
    assert found.set_aside.to_dicts()[0]["amount"] == 12


def test_without_a_last_day_a_quota_goes_on_to_the_next() -> None:
    """The day before the next one is the last."""
    quotas = [{**JANUARY, "end": None}, {**JANUARY, "start": date(2027, 4, 5), "end": None}]
    found = attained(quotas, (date(2027, 4, 4), 1), (date(2027, 4, 5), 2), (date(2030, 1, 1), 4))
    assert found.quotas["actual"].tolist() == [1, 6]
    assert found.quotas.to_dicts()[0]["end"] == date(2027, 4, 4)


def test_overlapping_quotas_are_refused() -> None:
    """A sale would count twice."""
    with pytest.raises(pa.InputError, match="overlaps"):
        attained([JANUARY, {**JANUARY, "start": date(2027, 2, 1)}])


def test_everything_wrong_with_the_quotas_is_told_at_once() -> None:
    """Two findings, one error."""
    wrong = [{**JANUARY, "rep": None}, {**JANUARY, "end": date(2026, 1, 1)}]
    with pytest.raises(pa.InputError, match=r"(?s)has no rep.*ends before"):
        attained(wrong)


def test_another_currency_and_the_future_are_set_aside() -> None:
    """Both are told with their amounts."""
    rows = [
        {"date": date(2027, 1, 5), "rep": "alice", "amount": 5, "currency": "USD"},
        {"date": date(2027, 2, 1), "rep": "alice", "amount": 7, "currency": "EUR"},
    ]
    found = pa.attainment([JANUARY], pa.Actuals(sales=rows), currency="EUR", as_of=date(2027, 1, 31))
    assert found.quotas["actual"].tolist() == [0]
    assert sorted(found.set_aside["amount"].tolist()) == [5, 7]


def test_a_shared_sale_counts_by_its_shares() -> None:
    """A quarter of 100 is 25; shares that do not add up to one are set aside."""
    rows = [
        {"id": one, "date": date(2027, 1, 5), "rep": "alice", "amount": 100, "credit": share}
        for one, share in (("s1", 1.0), ("s2", 0.25))
    ]
    rows.append({"id": "s2", "date": date(2027, 1, 5), "rep": "bruno", "amount": 100, "credit": 0.75})
    found = pa.attainment([JANUARY, {**JANUARY, "rep": "bruno"}], pa.Actuals(sales=rows))
    assert found.quotas["actual"].tolist() == [125, 75]


def test_arguments_that_are_none_are_refused() -> None:
    """Day and actuals at once; no quota at all."""
    with pytest.raises(pa.InputError, match=r"(?s)as_of: 'x' is no date.*is not Actuals"):
        pa.attainment([JANUARY], [], as_of="x")  # type: ignore[arg-type]
    with pytest.raises(pa.InputError, match="quotas: no row is there"):
        attained([], (date(2027, 1, 4), 1))
