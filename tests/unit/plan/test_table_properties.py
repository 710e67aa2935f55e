"""What holds for every table: nothing vanishes in a sum, in whatever order and steps, and JSON loses nothing."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.errors import InputError
from planalloc.plan import grouping
from planalloc.plan.table import Periods, Table, Text

MONTHS = ("2027-01", "2027-02", "2027-03", "2027-04")
CALENDAR = Periods(
    "month",
    MONTHS,
    {
        "week": "Weeks run over the ends of months.",
        "quarter": ("2027-Q1", "2027-Q1", "2027-Q1", "2027-Q2"),
        "quadrimester": ("2027-4M1",) * 4,
        "year": ("2027",) * 4,
    },
)
row = st.tuples(
    st.integers(-1, 2),
    st.integers(-1, 3),
    st.integers(-(2**62), 2**62),
    st.integers(-(10**9), 10**9),
    st.one_of(st.none(), st.floats(allow_infinity=False)),
    st.booleans(),
    st.one_of(st.none(), st.dates()),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return up to a dozen rows with missing texts, huge whole numbers, cents, dates and booleans."""
    rows = draw(st.lists(row, max_size=12))
    rep, period, base, cents, score, flag, start = zip(*rows, strict=True) if rows else ((),) * 7
    return Table(
        {
            "rep": Text(np.array(rep, dtype=np.int32), ("zoe", "alice", "bruno")),
            "period": Text(np.array(period, dtype=np.int32), MONTHS),
            "start": np.array(start, dtype="datetime64[D]"),
            "flag": np.array(flag, dtype=np.bool_),
            "base": np.array(base, dtype=np.int64),
            "money": np.array(cents, dtype=np.float64) / 100,
            "score": np.array(score, dtype=np.float64),
        },
        measures=("base", "money"),
        decimals={"money": 2},
        calendar=CALENDAR,
    )


def exact_sums(table: Table, *keys: str) -> dict[tuple[Any, ...], int]:
    """Sum ``base`` by keys with Python's own integers."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for entry in table.to_dicts():
        sums[tuple(entry[key] for key in keys)] += entry["base"]
    return {key: sums[key] for key in {tuple(entry[key] for key in keys) for entry in table.to_dicts()}}


@settings(max_examples=50, deadline=None)
@given(table=tables(), keys=st.sampled_from([("rep",), ("period", "rep"), ("flag", "rep"), ("rep", "start", "period")]))
def test_by_gives_the_sums_of_python_integers(table: Table, keys: tuple[str, ...]) -> None:
    """Every group and no other appears, with the sum that unlimited integers give, or the call raises."""
    expected = exact_sums(table, *keys)
    if any(not -(2**63) <= value < 2**63 for value in expected.values()):
        with pytest.raises(InputError, match="exceeds"):
            table.by(*keys)
        return
    found = table.by(*keys).to_dicts()
    assert {tuple(entry[key] for key in keys): entry["base"] for entry in found} == expected
    assert len(found) == len(expected)


@settings(max_examples=50, deadline=None)
@given(table=tables(), seed=st.randoms(use_true_random=False))
def test_by_does_not_depend_on_the_order_of_rows(table: Table, seed: Any) -> None:
    """Rows in another order give the same sums in the same order."""
    small = Table({**table.contents, "base": table["base"] // 2**10}, measures=table.measures, decimals=table.decimals)
    order = np.array(seed.sample(range(len(small)), len(small)), dtype=np.int64)
    shuffled = small._rows(order)
    assert shuffled.by("rep", "flag") == small.by("rep", "flag")


@settings(max_examples=50, deadline=None)
@given(table=tables())
def test_by_in_two_steps_is_by_in_one(table: Table) -> None:
    """Summing by rep and quarter and then by quarter is summing by quarter."""
    small = Table(
        {name: table.contents[name] for name in ("rep", "period", "money")},
        measures=("money",),
        decimals=table.decimals,
        calendar=CALENDAR,
    )
    assert small.by("rep", "quarter").by("quarter") == small.by("quarter")
    assert small.by("quarter").by("quarter") == small.by("quarter")


@settings(max_examples=50, deadline=None)
@given(table=tables())
def test_by_sorting_or_counting_is_the_same(table: Table) -> None:
    """Few combinations of keys are counted and many are sorted; the answer does not tell which."""
    keys = ("rep", "period", "flag", "start")
    small = Table({**table.contents, "base": table["base"] // 2**10}, measures=("base",))
    expected = small.by(*keys)
    with pytest.MonkeyPatch.context() as patch:
        for factor, limit in ((0, 2**62), (10**6, 2**62), (0, 4)):
            patch.setattr(grouping, "DENSE_FACTOR", factor)
            patch.setattr(grouping, "CODE_LIMIT", limit)
            assert small.by(*keys) == expected


@settings(max_examples=50, deadline=None)
@given(table=tables(), keys=st.permutations(["rep", "period", "flag"]))
def test_pivot_loses_nothing(table: Table, keys: list[str]) -> None:
    """The columns of a pivot sum to the total of the measure."""
    small = Table({**table.contents, "base": table["base"] // 2**10}, measures=("base",))
    wide = small.pivot(keys[0], keys[1], "base")
    assert sum(wide.total(name) for name in wide.columns[1:]) == small.total("base")


@settings(max_examples=50, deadline=None)
@given(table=tables())
def test_json_is_lossless(table: Table) -> None:
    """Through strict JSON text with sorted keys, a table comes back equal, with its roles."""
    text = json.dumps(table.to_json_data(), sort_keys=True, allow_nan=False)
    again = Table.from_json_data(json.loads(text), calendar=CALENDAR)
    assert again == table
    assert again._roles() == table._roles()
