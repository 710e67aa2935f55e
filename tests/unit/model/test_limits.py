"""Rules of limits: an amount, an interval, a range or a band, on a part of the plan or on people that are named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

import planalloc as pa
from planalloc.model.limits import AnyLimit, Limit


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
        (pa.Pin(rep="alice", base=0.5), "pin: alice = 0.5 of the base"),
        (pa.Pin(segment="A", business="new", period="2027-Q1", quota=0), "pin: A, new, 2027-Q1 = 0"),
        (pa.Bound(team="north", at_least=10), "bound: team north >= 10"),
        (pa.Bound(rep="a", at_least=10, at_most=20), "bound: a >= 10 and <= 20"),
        (pa.Bound(name="cap of bruno", rep="bruno", at_most=20), "cap of bruno"),
        (pa.QuotaRange(at_least=1_000), "range: everyone >= 1,000"),
        (
            pa.QuotaRange(team="north", at_most=1.2, relative_to="reference"),
            "range: everyone in north <= 1.2 x reference",
        ),
        (
            pa.QuotaRange(rep="alice", at_least=1, at_most=2, relative_to="last_year"),
            "range: alice >= 1 and <= 2 x last year",
        ),
        (pa.MixBand(tolerance=0.125, team="north"), "mix: everyone in north within 12.5 %"),
        (pa.MixBand(tolerance=0, rep="alice"), "mix: alice within 0 %"),
        (pa.TeamTarget(team="north", segment="A", business="new", base=5), "team target: north, A, new = 5"),
        (pa.OvertimeLimit(hours=0), "overtime: everyone <= 0 h a period"),
        (pa.OvertimeLimit(rep="alice", period="2027-03", hours=7.5), "overtime: alice, 2027-03 <= 7.5 h a period"),
        (pa.MixBand(name="mix of all", tolerance=0.1), "mix of all"),
    ],
)
def test_a_label_says_what_is_limited(limit: AnyLimit, label: str) -> None:
    """A limit without a name is called by its parts and its amount."""
    assert limit.label == label


@pytest.mark.parametrize(
    "limit",
    [
        pa.Pin(rep="alice", quota=5, expires=date(2027, 6, 30), reason="agreed", agreed_with="alice"),
        pa.Pin(rep="alice", base=5),
        pa.Bound(rep="alice", at_least=5),
        pa.Bound(rep="alice", at_most=5, of="base"),
        pa.QuotaRange(at_least=5),
        pa.QuotaRange(rep="alice", at_most=1.2, relative_to="last_year", prorated=False, of="base"),
        pa.MixBand(team="north", tolerance=0.1),
        pa.TeamTarget(team="north", base=5),
        pa.OvertimeLimit(team="north", hours=5),
    ],
)
def test_a_limit_is_read_back_as_what_it_was(limit: AnyLimit) -> None:
    """As values or as JSON, every limit comes back as the kind it was."""
    adapter: TypeAdapter[AnyLimit] = TypeAdapter(Limit)
    assert adapter.validate_python(limit.model_dump()) == limit
    assert adapter.validate_json(limit.model_dump_json()) == limit


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"rep": "alice", "quota": 5}, pa.Pin),
        ({"rep": "alice", "base": 5}, pa.Pin),
        ({"rep": "alice", "at_least": 5}, pa.Bound),
        ({"rep": "alice", "at_most": 5, "of": "base"}, pa.Bound),
        ({"rep": "alice", "at_most": 1.2, "relative_to": "last_year"}, pa.QuotaRange),
        ({"rep": "alice", "at_most": 5, "prorated": False}, pa.QuotaRange),
        ({"rep": "alice", "at_most": 5, "kind": "range"}, pa.QuotaRange),
        ({"team": "north", "tolerance": 0.1}, pa.MixBand),
        ({"team": "north", "hours": 5}, pa.OvertimeLimit),
        ({"team": "north", "base": 5, "kind": "team"}, pa.TeamTarget),
        ({"team": "north", "base": 5}, pa.TeamTarget),
    ],
)
def test_a_limit_written_as_a_dict_is_told_by_its_fields(fields: dict[str, Any], kind: type) -> None:
    """The kind, where it is said; else the fields that only one kind has; a pin otherwise."""
    adapter: TypeAdapter[AnyLimit] = TypeAdapter(Limit)
    assert type(adapter.validate_python(fields)) is kind


def test_a_kind_that_is_none_is_refused() -> None:
    """A misspelled kind is no pin."""
    adapter: TypeAdapter[AnyLimit] = TypeAdapter(Limit)
    with pytest.raises(ValidationError):
        adapter.validate_python({"rep": "alice", "quota": 5, "kind": "pine"})


def test_a_range_gives_its_ends_in_order() -> None:
    """At least one end, the lower not above the upper, in money or as multiples."""
    assert error_of(pa.QuotaRange, rep="alice")[0] == "bound_empty"
    assert error_of(pa.QuotaRange, at_least=1.2, at_most=1.1, relative_to="reference")[0] == "bound_reversed"


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (pa.MixBand, {"tolerance": 1.1}),
        (pa.MixBand, {"tolerance": -0.1}),
        (pa.OvertimeLimit, {"hours": -1}),
        (pa.OvertimeLimit, {"hours": 1001}),
        (pa.TeamTarget, {"team": "north", "base": -1}),
    ],
)
def test_ranges_of_limits(record: Any, fields: dict[str, Any]) -> None:
    """A tolerance is a part of one, overtime is no less than none, a target is money (S-5)."""
    assert error_of(record, **fields)[0] == "out_of_range"


def test_a_team_target_names_its_team() -> None:
    """Without a team there is no team target."""
    assert error_of(pa.TeamTarget, base=5)[0] == "missing"
