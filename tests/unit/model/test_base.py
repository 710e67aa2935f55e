"""Rules that every record keeps: numbers, texts and dates are what they say, nothing changes after it was checked."""

from __future__ import annotations

import json
import pickle
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import planalloc as pa
from planalloc.model.base import nearest, suggest

FULL = pa.Rep(
    id="alice",
    team="north",
    covers=["A", pa.Scope(segment="B", business="new")],
    accounts={"A": 20, "B": {"new": 12, "existing": 8}},
    last_year={"A": 1_000},
    fte=0.8,
    start=date(2027, 3, 31),
    ramp=pa.Ramp(months=[0.25, 0.5]),
    absences=[pa.Absence(start=date(2027, 8, 2), end=date(2027, 8, 20))],
)
"""A rep with every kind of field."""


def words_of(record: type[pa.Rep | pa.Segment], **fields: Any) -> str:
    """Return what is said when a record is refused."""
    with pytest.raises(ValidationError) as caught:
        record(**fields)
    return "; ".join(str(one["msg"]) for one in caught.value.errors())


@pytest.mark.parametrize(
    "number", [1, 0.5, np.float64(0.5), np.int64(1), np.float32(0.5), Decimal("0.5"), Fraction(1, 2)]
)
def test_every_kind_of_number_is_a_float(number: Any) -> None:
    """Python, numpy and decimal numbers are numbers, and are held as Python floats (S-5)."""
    fte = pa.Rep(id="alice", fte=number).fte
    assert type(fte) is float
    assert fte == float(number)


@pytest.mark.parametrize("number", [True, np.True_, "0.5", None, 1j, [1]])
def test_what_is_no_number_is_refused(number: Any) -> None:
    """A boolean, a text or nothing at all is no number, and the message says how one is written."""
    assert "must be a number" in words_of(pa.Rep, id="alice", fte=number)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), Decimal("NaN"), np.float64("nan")])
def test_numbers_are_finite(number: Any) -> None:
    """NaN and infinities are refused: what is not known is left out (S-5)."""
    assert "must be finite" in words_of(pa.Rep, id="alice", fte=number)


@pytest.mark.parametrize(("fte", "accepted"), [(0, False), (1e-9, True), (2, True), (2.001, False), (-1, False)])
def test_an_interval_holds_its_closed_end_only(fte: float, *, accepted: bool) -> None:
    """Fte lies in (0, 2]: 0 is outside, 2 is inside, and a refusal gives the value, the range and what to do."""
    if accepted:
        assert pa.Rep(id="alice", fte=fte).fte == fte
    else:
        assert words_of(pa.Rep, id="alice", fte=fte).startswith(f"is {fte:g}, allowed is (0, 2]; a full-time rep is 1")


def test_the_schema_shows_the_range() -> None:
    """The JSON schema of a number has the ends of its interval, open or closed, and none where it is unbounded."""
    schema = pa.Rep.model_json_schema()["properties"]["fte"]
    assert (schema["exclusiveMinimum"], schema["maximum"]) == (0, 2)
    assert "minimum" not in schema
    deal = pa.Funnel.model_json_schema()["properties"]["deal_size"]
    assert deal["exclusiveMinimum"] == 0
    assert not {"maximum", "exclusiveMaximum"} & set(deal)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (1042, "must be text, not int; write it in quotes, '1042'"),
        (None, "must be text, not NoneType"),
        ("", "must not be empty"),
        ("  ", "must not be empty"),
        (" a", "has blanks around it; write 'a'"),
        ("a\nb", "holds control characters"),
        ("a" * 201, "has 201 characters, at most 200"),
    ],
)
def test_what_cannot_name_anything_is_refused(text: Any, words: str) -> None:
    """Ids are text of one line without blanks around it, 200 characters at most (S-5)."""
    assert words in words_of(pa.Segment, id=text)


@pytest.mark.parametrize("text", ["a" * 200, "Île-de-France", "North East", "a/b", "<b>", "0"])
def test_any_other_text_is_an_id(text: str) -> None:
    """Accents, blanks inside, slashes and digits are fine in an id, which is kept as it was given."""
    assert pa.Segment(id=text).id == text


def test_a_date_is_a_date_or_its_iso_text() -> None:
    """ISO text is a date; a time stamp, a number and any other text are none (S-13)."""
    assert pa.Rep(id="a", start="2027-03-31").start == date(2027, 3, 31)
    for other in (datetime(2027, 3, 31), 20270331, "31/03/2027", "2027-02-30"):  # noqa: DTZ001 -- no time zone is the point
        assert "must be a date" in words_of(pa.Rep, id="a", start=other)


def test_an_unknown_field_names_the_nearest_one() -> None:
    """A misspelled field is refused with the field that was probably meant and all that there are (S-4)."""
    words = words_of(pa.Rep, id="alice", ftes=1)
    assert words.startswith("Rep has no field 'ftes'. Did you mean 'fte'? It has: id, name, team")


def test_an_unknown_field_of_an_inner_record_is_named_as_such() -> None:
    """The record that lacks the field is named, not the one that holds it."""
    assert "Ramp has no field 'month'. Did you mean 'months'?" in words_of(
        pa.Rep, id="a", start=date(2027, 1, 1), ramp={"months": [1], "month": 1}
    )


def test_an_error_keeps_its_place_and_value() -> None:
    """A refusal deep inside gives the path to the value and the value."""
    with pytest.raises(ValidationError) as caught:
        pa.Rep(id="a", accounts={"A": {"new": -1}})
    (error,) = caught.value.errors()
    assert error["loc"][:3] == ("accounts", "A", "by business")
    assert error["input"] == -1
    assert error["type"] == "out_of_range"


def test_all_mistakes_of_a_record_are_told_at_once() -> None:
    """Two wrong fields are two errors, not one after the other."""
    with pytest.raises(ValidationError) as caught:
        pa.Rep(id="a", fte=3, hours_per_week=200)
    assert [one["loc"] for one in caught.value.errors()] == [("fte",), ("hours_per_week",)]


def test_but_changes_some_fields_and_checks_again() -> None:
    """`but` gives a new record, leaves the old one as it was, and refuses what the constructor refuses."""
    other = FULL.but(fte=1, team=None)
    assert (other.fte, other.team, other.accounts) == (1.0, None, FULL.accounts)
    assert FULL.fte == 0.8
    with pytest.raises(ValidationError, match="allowed is"):
        FULL.but(fte=3)
    with pytest.raises(ValidationError, match="Rep has no field 'fts'"):
        FULL.but(fts=1)
    with pytest.raises(ValidationError, match="before the start"):
        FULL.but(end=date(2027, 1, 1))


def test_but_of_nothing_is_the_same_record() -> None:
    """`but` without changes is equal, whatever the fields hold."""
    assert FULL.but() == FULL


def test_records_are_frozen() -> None:
    """No field of a record can be set."""
    with pytest.raises(ValidationError, match="frozen"):
        FULL.fte = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.__setitem__("A", 1),
        lambda d: d.__delitem__("A"),
        lambda d: d.clear(),
        lambda d: d.pop("A"),
        lambda d: d.popitem(),
        lambda d: d.setdefault("C", 1),
        lambda d: d.update(A=1),
        lambda d: d.__ior__({"A": 1}),
    ],
)
def test_dicts_of_records_are_frozen(change: Any) -> None:
    """No way of changing a dict changes that of a record, nor one inside it."""
    frozen: Any
    for frozen in (FULL.accounts, FULL.accounts["B"], pa.Policy().basis):
        before = dict(frozen)
        with pytest.raises(TypeError, match="make a new one with"):
            change(frozen)
        assert frozen == before


def test_a_record_does_not_hold_on_to_what_it_was_given() -> None:
    """Changing a dict or a list after the record was made does not change the record."""
    accounts, covers = {"A": 20.0}, ["A"]
    rep = pa.Rep(id="a", accounts=accounts, covers=covers)
    accounts["A"] = -1
    covers.append("B")
    assert rep.accounts == {"A": 20}
    assert rep.covers == ("A",)


def test_equal_records_hash_alike() -> None:
    """Records are keys of dicts: equal ones, with their dicts in any order, have one hash."""
    one = pa.Rep(id="a", accounts={"A": 1, "B": {"new": 2, "existing": 3}})
    two = pa.Rep(id="a", accounts={"B": {"existing": 3, "new": 2}, "A": 1})
    assert one == two
    assert hash(one) == hash(two)
    assert len({one, two, one.but(fte=0.5)}) == 2


def test_a_record_survives_pickling_and_stays_frozen() -> None:
    """A pickled record is equal to the one it was, its dicts still frozen."""
    back = pickle.loads(pickle.dumps(FULL))  # noqa: S301 -- our own bytes
    assert back == FULL
    assert hash(back) == hash(FULL)
    with pytest.raises(TypeError):
        back.accounts["B"]["new"] = 1


def test_a_record_survives_json() -> None:
    """JSON text and JSON values give back the same record."""
    assert pa.Rep.model_validate_json(FULL.model_dump_json()) == FULL
    assert pa.Rep.model_validate(json.loads(json.dumps(FULL.model_dump(mode="json")))) == FULL


def test_nearest_knows_case_and_order() -> None:
    """The nearest names come best first, three at most, spelled as they are known, whatever the case asked for."""
    assert nearest("ALICE", ["bruno", "Alice"]) == ("Alice",)
    assert nearest("rep1", ["rep10", "rep2", "rep3", "rep4", "rep5"])[0] == "rep10"
    assert len(nearest("rep1", ["rep10", "rep2", "rep3", "rep4", "rep5"])) == 3
    assert nearest("xyz", ["alice"]) == ()


def test_suggest_is_silent_when_nothing_is_near() -> None:
    """Nothing near is no suggestion; several near ones are joined by "or"."""
    assert suggest("xyz", ["alice"]) == ""
    assert suggest("rep1", ["rep22", "rep10"]) == " Did you mean 'rep10' or 'rep22'?"


@given(st.text(min_size=1, max_size=20))
def test_nearest_of_a_known_name_is_itself(name: str) -> None:
    """Whatever the text, a known name is the nearest to itself."""
    assert nearest(name, [name]) == (name,)
