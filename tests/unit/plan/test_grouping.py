"""Rules of grouping: keys in their order, missing last, and sums that are exact or refused."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from planalloc.errors import InputError
from planalloc.plan.table import Column, Table, Text


def test_by_orders_rows_by_category_and_missing_last() -> None:
    """Text comes in the order of its categories, not of the alphabet or of the rows."""
    table = Table({"team": Text.of(["north", None, "south", "north"], ["south", "north"]), "n": np.arange(4)})
    assert table.by("team")["team"].tolist() == ["south", "north", None]


def test_by_ignores_missing_dates_among_others() -> None:
    """The first and last day are of the dates that are known; without any, they are missing."""
    days = np.array(["2027-01-05", "NaT", "NaT"], dtype="datetime64[D]")
    table = Table({"period": Text.of(["a", "a", "b"]), "start": days, "end": days})
    assert table.by("period").to_dicts() == [
        {"period": "a", "start": date(2027, 1, 5), "end": date(2027, 1, 5)},
        {"period": "b", "start": None, "end": None},
    ]


def test_by_sums_whole_numbers_beyond_the_precision_of_floats() -> None:
    """2**53 + 1 has no float of its own; its sum is exact."""
    table = Table({"rep": Text.of(["a", "a"]), "base": np.array([2**53, 1])}, measures=("base",))
    assert table.by("rep")["base"].tolist() == [2**53 + 1]


def test_by_refuses_a_sum_that_overflows() -> None:
    """A sum beyond 64 bits raises, and never wraps around; one that comes back within them is exact."""
    rep = Text.of(["a", "a", "a"])
    with pytest.raises(InputError, match="a sum of base exceeds"):
        Table({"rep": rep, "base": np.array([2**62, 2**62, 0])}, measures=("base",)).by("rep")
    with pytest.raises(InputError, match="a sum of base exceeds"):
        Table({"rep": rep, "base": np.array([-(2**62), -(2**62), -1])}, measures=("base",)).by("rep")
    with pytest.raises(InputError, match="a sum of base exceeds"):
        Table({"rep": rep, "base": np.array([1e18, 0.0, 0.0])}, measures=("base",), decimals={"base": 2}).by("rep")
    back = Table({"rep": rep, "base": np.array([2**62, 2**62, -(2**62)])}, measures=("base",))
    assert back.by("rep")["base"].tolist() == [2**62]


def test_by_orders_more_combinations_than_64_bits_can_number() -> None:
    """Five keys of 10,000 ids each have 10**20 combinations, and rows still come in the order of the keys."""
    ids = tuple(f"{number:04d}" for number in range(10_000))
    contents: dict[str, Column] = {name: Text(np.array([5000, 0]), ids) for name in "abcde"}
    assert Table(contents).by(*"abcde")["a"].tolist() == ["0000", "5000"]


def test_by_sums_money_in_cents() -> None:
    """Ten times 0.10 is 1.00, where floats would give 0.9999999999999999."""
    table = Table(
        {"rep": Text.of(["a"] * 10 + ["b"]), "base": np.array([0.1] * 10 + [np.nan])},
        measures=("base",),
        decimals={"base": 2},
    )
    assert table.by("rep").to_dicts() == [{"rep": "a", "base": 1.0}, {"rep": "b", "base": None}]
    assert table.where(rep="a").total("base") == 1.0
