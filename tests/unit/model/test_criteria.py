"""What criteria mean, and which of them cannot be written."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from planalloc.model.criteria import AllOf, AnyOf, Column, Condition, Criteria, NotOf, conditions, meets
from planalloc.model.strategy import Segment


def column(*values: Any) -> Column:
    """Make a column of one value per account, None for what is not given."""
    given_values = [value for value in values if value is not None]
    return Column(
        tuple(given_values),
        np.array(
            [-1 if value is None else sum(one is not None for one in values[:i]) for i, value in enumerate(values)]
        ),
    )


def met(criteria: Criteria, **fields: list[Any]) -> list[bool]:
    """Return which accounts meet criteria."""
    columns = {name: column(*values) for name, values in fields.items()}
    found: list[bool] = meets(criteria, columns, size=max(map(len, fields.values()))).tolist()
    return found


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"equals": 2}, [False, True, False, False]),
        ({"one_of": [1, 3]}, [True, False, True, False]),
        ({"at_least": 2}, [False, True, True, False]),
        ({"at_most": 2}, [True, True, False, False]),
        ({"at_least": 2, "at_most": 2}, [False, True, False, False]),
        ({"missing": True}, [False, False, False, True]),
        ({"missing": False}, [True, True, True, False]),
        ({"missing": False, "at_most": 1}, [True, False, False, False]),
    ],
)
def test_a_condition_and_a_value_not_given(asked: dict[str, Any], expected: list[bool]) -> None:
    """Ends are included, all that is given must hold, and a value that is not given meets `missing` alone."""
    assert met(Condition(field="rooms", **asked), rooms=[1.0, 2.0, 3.0, None]) == expected


def test_a_field_that_nobody_has_is_missing_everywhere() -> None:
    """Where no account has the field, none meets a condition on it and all meet `missing`."""
    assert not meets(Condition(field="rooms", at_least=0), {}, size=2).any()
    assert meets(Condition(field="rooms", missing=True), {}, size=2).all()


def test_not_is_the_whole_opposite() -> None:
    """`NotOf` is met where its criteria are not, also where the field is not given."""
    assert met(NotOf(not_of=Condition(field="rooms", at_least=2)), rooms=[1.0, 2.0, None]) == [True, False, True]


def test_a_bool_is_no_number() -> None:
    """True does not equal 1, nor 1 True, nor the text of either."""
    assert met(Condition(field="chain", equals=True), chain=[True, 1.0, "True"]) == [True, False, False]
    assert met(Condition(field="chain", one_of=[1]), chain=[True, 1.0, "1"]) == [False, True, False]


def test_days_are_compared_as_days() -> None:
    """An end may be a day, given as a date or as ISO text."""
    early, late = date(2026, 1, 31), date(2026, 12, 1)
    assert met(Condition(field="last_contact", at_least="2026-06-01"), last_contact=[early, late]) == [False, True]
    assert met(Condition(field="last_contact", at_most=early), last_contact=[early, late]) == [True, False]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "asks for nothing"),
        ({"missing": True, "equals": 1}, "asks for a value and for none"),
        ({"at_least": 2, "at_most": 1}, "swap the two"),
        ({"at_least": 2, "at_most": "2026-06-01"}, "use one kind"),
        ({"at_least": "80"}, "without quotes"),
        ({"one_of": []}, "give at least one"),
        ({"equals": [1]}, "must be text, a number, True or False"),
        ({"equals": "x" * 10_000_000}, "has 10,000,000 characters"),
        ({"equal": 1}, "Did you mean 'equals'?"),
    ],
)
def test_conditions_that_cannot_be_meant(fields: dict[str, Any], said: str) -> None:
    """What asks for nothing, for the impossible or for what no field can hold is refused, shortly, with what to do."""
    with pytest.raises(ValidationError) as error:
        Condition(field="rooms", **fields)
    assert said in str(error.value)
    assert len(str(error.value)) < 1_000


def test_criteria_nested_without_end_are_refused() -> None:
    """Fifty levels are enough for people."""
    criteria: Criteria = Condition(field="rooms", missing=True)
    for _ in range(49):
        criteria = NotOf(not_of=criteria)
    with pytest.raises(ValidationError, match="51 deep, at most 50"):
        NotOf(not_of=criteria)


def test_conditions_are_listed_as_written() -> None:
    """Every condition inside criteria is found, however deep."""
    a, b, c = (Condition(field=name, missing=True) for name in "abc")
    assert [one.field for one in conditions(AnyOf(any_of=[a, AllOf(all_of=[NotOf(not_of=c), b])]))] == ["a", "c", "b"]


VALUES = st.one_of(st.sampled_from(["north", "south", "1"]), st.booleans(), st.sampled_from([0.0, 1.0, 2.5]))
FIELDS = ("x", "y")
CONDITIONS = st.one_of(
    st.builds(Condition, field=st.sampled_from(FIELDS), equals=VALUES),
    st.builds(Condition, field=st.sampled_from(FIELDS), one_of=st.lists(VALUES, min_size=1, max_size=3)),
    st.builds(Condition, field=st.sampled_from(FIELDS), at_least=st.sampled_from([0.0, 1.0])),
    st.builds(Condition, field=st.sampled_from(FIELDS), missing=st.booleans()),
)
CRITERIA = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.builds(AllOf, all_of=st.lists(inner, min_size=1, max_size=3)),
        st.builds(AnyOf, any_of=st.lists(inner, min_size=1, max_size=3)),
        st.builds(NotOf, not_of=inner),
    ),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None)
@given(criteria=CRITERIA)
def test_criteria_survive_json(criteria: Criteria) -> None:
    """What is stored and read back is the same criteria, with True still no 1."""
    segment = Segment(id="A", criteria=criteria)
    again = Segment.model_validate_json(segment.model_dump_json())
    assert again == segment
    assert repr(again) == repr(segment)


@settings(max_examples=50, deadline=None)
@given(
    criteria=st.lists(CRITERIA, min_size=1, max_size=3), rows=st.lists(st.tuples(*[st.none() | VALUES] * 2), min_size=1)
)
def test_de_morgan(criteria: list[Criteria], rows: list[tuple[Any, Any]]) -> None:
    """Not any of some criteria is all of their opposites, whatever is given and whatever is not."""
    fields = {name: list(values) for name, values in zip(FIELDS, zip(*rows, strict=True), strict=True)}
    neither = NotOf(not_of=AnyOf(any_of=criteria))
    assert met(neither, **fields) == met(AllOf(all_of=[NotOf(not_of=one) for one in criteria]), **fields)


@settings(max_examples=50, deadline=None)
@given(criteria=CRITERIA, rows=st.lists(st.tuples(*[st.none() | VALUES] * 2), min_size=1))
def test_each_account_is_judged_by_itself(criteria: Criteria, rows: list[tuple[Any, Any]]) -> None:
    """Who else is in the portfolio plays no part."""
    fields = {name: list(values) for name, values in zip(FIELDS, zip(*rows, strict=True), strict=True)}
    alone = [met(criteria, x=[x], y=[y])[0] for x, y in rows]
    assert met(criteria, **fields) == alone
