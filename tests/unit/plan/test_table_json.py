"""Rules of a table in JSON: roles come back, and what is no table is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from planalloc.plan.table import Periods, Table, Text


def _changed(**changes: Any) -> dict[str, Any]:
    column = {"name": "base", "type": "int64", "values": [1]}
    table = {"name": "t", "columns": [column], "measures": [], "ratios": {}, "decimals": {}, "kinds": {}}
    return {**table, **changes}


TEXT = {"name": "rep", "type": "text", "categories": ["a"], "codes": [0]}


def test_json_keeps_ratios_and_kinds() -> None:
    """A table read back sums and divides as before, and shows its numbers as before."""
    calendar = Periods("month", ("2027-01", "2027-02", "2027-03", "2027-04"), {"quarter": ("Q1", "Q1", "Q1", "Q2")})
    hours = Table(
        {
            "period": Text.of(calendar.ids),
            "planned_hours": np.array([1.0, 2.0, 3.0, 4.0]),
            "available_hours": np.array([2.0, 4.0, 4.0, 0.0]),
            "utilization": np.array([0.5, 0.5, 0.75, np.nan]),
        },
        measures=("planned_hours", "available_hours"),
        ratios={"utilization": ("planned_hours", "available_hours")},
        calendar=calendar,
    )
    again = Table.from_json_data(json.loads(json.dumps(hours.to_json_data())), calendar=calendar)
    assert again.by("quarter") == hours.by("quarter")
    wide = hours.pivot("quarter", "month", "utilization")
    assert Table.from_json_data(wide.to_json_data()).kinds == dict.fromkeys(calendar.ids, "share")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "found: list"),
        ({"name": "t"}, "found: name"),
        (_changed(more=1), "found: .*more"),
        (_changed(name=1), "'name' of a table in JSON must be str, not 1"),
        (_changed(columns={}), "'columns' of a table in JSON must be list"),
        (_changed(columns=[1]), "a column in JSON is an object"),
        (_changed(columns=[{"name": "a", "type": "int64"}]), "found: name, type"),
        (_changed(columns=[{"name": "a", "type": "int8", "values": []}]), "type 'int8'"),
        (_changed(columns=[{"name": "a", "type": "int64", "values": [1, 2.5]}]), "'a' holds whole numbers, not 2.5"),
        (_changed(columns=[{"name": "a", "type": "int64", "values": [1, None]}]), "'a' holds whole numbers, not None"),
        (_changed(columns=[{"name": "a", "type": "int64", "values": [True]}]), "'a' holds whole numbers, not True"),
        (_changed(columns=[{"name": "a", "type": "int64", "values": [2**63]}]), "column 'a'"),
        (_changed(columns=[{"name": "a", "type": "bool", "values": [1]}]), "'a' holds True or False, not 1"),
        (_changed(columns=[{"name": "a", "type": "float64", "values": ["1"]}]), "'a' holds numbers, not '1'"),
        (_changed(columns=[{"name": "a", "type": "float64", "values": [float("inf")]}]), "infinite"),
        (_changed(columns=[{"name": "a", "type": "date", "values": ["2027-02-30"]}]), "column 'a'"),
        (_changed(columns=[{"name": "a", "type": "date", "values": ["2027"]}]), "written as 2027-01-31"),
        (_changed(columns=[{**TEXT, "codes": [1]}]), "between -1 and 0"),
        (_changed(columns=[{**TEXT, "codes": [0.5]}]), "'rep' holds codes, not 0.5"),
        (_changed(columns=[{**TEXT, "categories": [1]}]), "1 is no text"),
        (_changed(columns=[TEXT, TEXT]), "same name"),
        (_changed(columns=[TEXT, {"name": "a", "type": "bool", "values": []}]), "differ in length"),
        (_changed(measures=["quota"]), "measure 'quota'"),
        (_changed(measures=[["base"]]), "are not names"),
        (_changed(ratios={"base": 1}), "are not names"),
        (_changed(decimals={"base": "2"}), "decimals of 'base'"),
    ],
)
def test_json_that_is_no_table_is_refused(content: Any, words: str) -> None:
    """Bad content raises a ValueError that says what is wrong with which column."""
    with pytest.raises(ValueError, match=words):
        Table.from_json_data(content)
