"""Rules of the form as data: what a grid works out by itself."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.plan.forms.page import Field, Grid, added


def test_a_grid_adds_across_and_down() -> None:
    """Row totals, the total row, and where both meet."""
    fields = (
        Field("month"),
        Field("A", "amount", adds=True),
        Field("B", "amount", adds=True),
        Field("total", "amount", adds=True, across=(1, 2)),
    )
    grid = Grid("", fields, (("January", 1, 2, None), ("February", 10, 20, None)), "Total")
    assert grid.rows == (("January", 1, 2, 3), ("February", 10, 20, 30))
    assert grid.totals == ("Total", 11, 22, 33)


def test_ratios_are_divided_anew_in_the_total_row() -> None:
    """Half of ten and all of ten are three quarters of twenty; nothing of nothing is missing."""
    fields = (
        Field("month"),
        Field("planned", "hours", adds=True),
        Field("there", "hours", adds=True),
        Field("used", "share", ratio=(1, 2)),
    )
    rows = (("January", 5.0, 10.0, None), ("February", 10.0, 10.0, None), ("March", 0.0, 0.0, None))
    grid = Grid("", fields, rows, "Total")
    assert [row[3] for row in grid.rows] == [0.5, 1.0, None]
    assert grid.totals == ("Total", 15.0, 20.0, 0.75)


def test_parts_of_the_whole_add_up_to_it() -> None:
    """Each row's part of the column, and all of it in the total row."""
    fields = (Field("segment"), Field("quota", "amount", adds=True), Field("share", "share", of_all=1))
    grid = Grid("", fields, (("A", 25, None), ("B", 75, None)), "Total")
    assert [row[2] for row in grid.rows] == [0.25, 0.75]
    assert grid.totals == ("Total", 100, 1.0)


def test_a_grid_without_a_word_for_it_has_no_total_row() -> None:
    """One row needs no sum of itself."""
    assert Grid("", (Field("quota", adds=True),), ((1,),)).totals is None


@given(st.lists(st.integers(0, 10**12), max_size=60))
@settings(max_examples=50, deadline=None)
def test_cents_add_up_exactly(cents: list[int]) -> None:
    """Sums of money in cents are the cents of the sum."""
    assert added([one / 100 for one in cents], "amount") == sum(cents) / 100


def test_what_is_missing_counts_as_nothing() -> None:
    """None and text do not spoil a sum."""
    assert added([None, 2, "x", 3], "count") == 5
    assert math.isclose(float(added([None, 0.5], "hours")), 0.5)
