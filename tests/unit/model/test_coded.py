"""Columns of which alike values are held once say what a list of their rows would say."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines import ENGINES, held_by
from planalloc.model.coded import Coded, order_of, together
from planalloc.model.grouping import open_source

cells = st.sampled_from(["bruno", "alice", " alice", "", None, 7, date(2027, 1, 5)])
columns = st.lists(cells, max_size=12)


def said(column: list[Any]) -> list[Any]:
    """Return a column as it is, with None for what is not given."""
    return [one or None for one in column]


@settings(max_examples=50, deadline=None)
@given(columns)
def test_rows_are_what_they_were(column: list[Any]) -> None:
    """Each row has its value, whichever way it is asked for."""
    coded = Coded.of(column)
    assert list(coded) == [coded[i] for i in range(len(coded))] == said(column)
    assert coded.given.tolist() == [one is not None for one in said(column)]
    assert len(set(coded.values)) == len(coded.values)
    assert list(coded.at(np.arange(len(column))[::-1])) == list(coded)[::-1]
    assert list(coded[2:]) == said(column)[2:]


@settings(max_examples=50, deadline=None)
@given(columns)
def test_readers_see_each_value(column: list[Any]) -> None:
    """What a reader makes of values is what it makes of each row; what it makes nothing of is not given."""

    def short(value: Any) -> str | None:
        return str(value).strip()[:3] if value != "bruno" else None

    expected = [None if one is None else short(one) for one in said(column)]
    coded = Coded.of(column).read(short)
    assert list(coded) == expected
    assert coded.each(len, nothing=-1, kind=np.int64).tolist() == [-1 if one is None else len(one) for one in expected]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(cells, cells), max_size=12))
def test_columns_side_by_side(rows: list[tuple[Any, Any]]) -> None:
    """Two columns together have their pairs, and one filled from the other has that where it had nothing."""
    one, other = (Coded.of([row[k] for row in rows]) for k in (0, 1))
    pairs = list(zip(one, other, strict=True))
    both = together(one, other)
    assert (list(both), len(set(both.values))) == (pairs, len(both.values))
    assert list(one.filled(other)) == [a if a is not None else b for a, b in pairs]


def test_columns_of_too_many_combinations_keep_their_order() -> None:
    """Where one number cannot tell all combinations apart, rows still come by the first column, then the next."""
    draw = np.random.default_rng(1)
    many = [Coded(tuple(range(2**20)), draw.integers(-1, 2**20, 200)) for _ in range(4)]
    many[0] = Coded(many[0].values, draw.integers(-1, 2, 200))
    assert order_of(many).tolist() == np.lexsort([one.codes for one in many[::-1]]).tolist()


@pytest.mark.parametrize("engine", ENGINES)
def test_groups_come_in_the_order_of_their_keys(engine: str) -> None:
    """No engine's order of rows or threads is seen in what comes back, so the last digit of no sum depends on it."""
    rows = [{"rep": f"rep{i * 7919 % 500:03}", "amount": 1.0} for i in range(1000)]
    source = open_source(held_by(engine, rows), table="sales", known=("rep", "amount"), required=(), columns={})
    assert list(source.group("rep", numbers=["amount"]).keys["rep"]) == [f"rep{i:03}" for i in range(500)]
