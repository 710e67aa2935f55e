"""Rules of pins and bounds: one amount or an interval, on a part of the plan that is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

import planalloc as pa
from planalloc.model.limits import Limit


def error_of(record: Any, **fields: Any) -> tuple[str, str]:
    """Return the type and the words of the one thing that is wrong with a limit."""
    with pytest.raises(ValidationError) as caught:
        record(**fields)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


@pytest.mark.parametrize(("record", "amount"), [(pa.Pin, {"quota": 1}), (pa.Bound, {"at_most": 1})])
def test_a_limit_names_a_part(record: Any, amount: dict[str, float]) -> None:
    """The whole is what the targets say; any single part is enough, and none is not."""
    assert error_of(record, **amount)[0] == "limit_on_everything"
    for part in ("rep", "team", "segment", "product", "period"):
        assert record(**{part: "x"}, **amount).parts == {part: "x"}
    assert record(business="new", **amount).parts == {"business": "new"}


def test_a_pin_gives_one_number() -> None:
    """What people carry or what adds up to the targets, not both; zero is a number."""
    assert error_of(pa.Pin, rep="alice")[0] == "pin_amount"
    assert error_of(pa.Pin, rep="alice", quota=1, base=1)[0] == "pin_amount"
    assert pa.Pin(rep="alice", quota=0).quota == 0
    assert pa.Pin(rep="alice", base=0).base == 0


def test_a_bound_gives_its_ends_in_order() -> None:
    """At least one end, the lower not above the upper; equal ends are fine."""
    assert error_of(pa.Bound, rep="alice")[0] == "bound_empty"
    kind, words = error_of(pa.Bound, rep="alice", at_least=2_000, at_most=1_000)
    assert kind == "bound_reversed"
    assert "at_least 2,000 above at_most 1,000" in words
    assert pa.Bound(rep="alice", at_least=1, at_most=1).of == "quota"


@pytest.mark.parametrize("fields", [{"quota": -1}, {"base": -1}, {"at_least": -1}, {"at_most": -1}])
def test_money_of_limits_is_not_negative(fields: dict[str, float]) -> None:
    """Negative money is refused (S-5)."""
    record = pa.Pin if {"quota", "base"} & set(fields) else pa.Bound
    assert error_of(record, rep="alice", **fields)[0] == "out_of_range"


@pytest.mark.parametrize(
    ("limit", "label"),
    [
        (pa.Pin(rep="alice", segment="A", quota=2_000_000), "pin: alice, A = 2,000,000"),
        (pa.Pin(rep="alice", base=0.5), "pin: alice = 0.5"),
        (pa.Pin(segment="A", business="new", period="2027-Q1", quota=0), "pin: A, new, 2027-Q1 = 0"),
        (pa.Bound(team="north", at_least=10), "bound: north >= 10"),
        (pa.Bound(rep="a", at_least=10, at_most=20), "bound: a >= 10 and <= 20"),
        (pa.Bound(name="cap of bruno", rep="bruno", at_most=20), "cap of bruno"),
    ],
)
def test_a_label_says_what_is_limited(limit: pa.Pin | pa.Bound, label: str) -> None:
    """A limit without a name is called by its parts and its amount."""
    assert limit.label == label


@pytest.mark.parametrize(
    "limit",
    [
        pa.Pin(rep="alice", quota=5, expires=date(2027, 6, 30), reason="agreed", agreed_with="alice"),
        pa.Pin(rep="alice", base=5),
        pa.Bound(rep="alice", at_least=5),
        pa.Bound(rep="alice", at_most=5, of="base"),
    ],
)
def test_a_limit_is_read_back_as_what_it_was(limit: pa.Pin | pa.Bound) -> None:
    """As values or as JSON, a pin stays a pin and a bound a bound."""
    adapter: TypeAdapter[AnyLimit] = TypeAdapter(Limit)
    assert adapter.validate_python(limit.model_dump()) == limit
    assert adapter.validate_json(limit.model_dump_json()) == limit
    given = limit.model_dump(exclude_defaults=True)
    assert adapter.validate_python(given) == limit
