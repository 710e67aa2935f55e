"""Rules of the strategy's records: one amount a target, weights that make a whole, a currency that is one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

import planalloc as pa


def error_of(record: Any, **fields: Any) -> tuple[str, str]:
    """Return the type and the words of the one thing that is wrong with a record."""
    with pytest.raises(ValidationError) as caught:
        record(**fields)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({}, "gives no amount"),
        ({"share": 0.5, "revenue": 10}, "gives share and revenue"),
        ({"share": 0.5, "rest": True}, "gives share and rest"),
        ({"share": 0.5, "revenue": 10, "rest": True}, "gives share and revenue and rest"),
    ],
)
def test_a_target_gives_one_amount(amounts: dict[str, Any], words: str) -> None:
    """A share, an amount or the rest: exactly one of the three."""
    kind, said = error_of(pa.Target, segment="A", **amounts)
    assert kind == "target_amount"
    assert said.startswith(words)


@pytest.mark.parametrize("amounts", [{"share": 0}, {"share": 1}, {"revenue": 0}, {"rest": True}])
def test_zero_is_an_amount(amounts: dict[str, Any]) -> None:
    """Zero means zero, not "not given" (S-5)."""
    target = pa.Target(segment="A", **amounts)
    assert {name: getattr(target, name) for name in amounts} == amounts


@pytest.mark.parametrize("share", [-0.01, 1.01, 35])
def test_a_share_is_a_part_of_one(share: float) -> None:
    """35 % is 0.35; 35 is refused, and the message says how to write it."""
    assert "write 35 % as 0.35" in error_of(pa.Target, segment="A", share=share)[1]


@pytest.mark.parametrize("weights", [(0.5, 0.5), (1,), (0, 1), (0.3333333,) * 3, (0.3333336,) * 3])
def test_weights_make_a_whole(weights: tuple[float, ...]) -> None:
    """Weights sum to 1 to a millionth, so that thirds can be written; they are kept as they are given (S-6)."""
    assert pa.Seasonality(id="s", grain="month", weights=weights).weights == weights


@pytest.mark.parametrize("third", [0.33333, 0.333334])
def test_weights_that_miss_a_whole_by_more_are_refused(third: float) -> None:
    """Two millionths off 1, above or below, are more than writing thirds explains."""
    assert error_of(pa.Seasonality, id="s", grain="month", weights=[third] * 3)[0] == "weights_sum"


def test_weights_that_make_no_whole_are_refused_with_what_is_missing() -> None:
    """Weights of 0.9 are 0.1 short, weights of 1.2 are 0.2 above; rescaling has to be asked for (S-6)."""
    kind, words = error_of(pa.Seasonality, id="s", grain="month", weights=[0.5, 0.4])
    assert kind == "weights_sum"
    assert "sum to 0.9, 0.1 short of 1" in words
    assert "sum to 1.2, 0.2 above 1" in error_of(pa.Seasonality, id="s", grain="month", weights=[0.6, 0.6])[1]
    assert pa.Seasonality(id="s", grain="month", weights=[3, 1], normalize=True).weights == (3, 1)


def test_weights_are_not_negative_and_not_all_zero() -> None:
    """A period sells nothing or something; at least one sells something, even where weights are rescaled."""
    assert error_of(pa.Seasonality, id="s", grain="month", weights=[1.5, -0.5])[0] == "out_of_range"
    assert error_of(pa.Seasonality, id="s", grain="month", weights=[0, 0], normalize=True)[0] == "weights_zero"
    assert error_of(pa.Seasonality, id="s", grain="month", weights=[])[0] == "nothing_given"


def test_a_season_spreads_in_one_way() -> None:
    """Inside another seasonality, or by working days or equally: not both."""
    kind, _ = error_of(pa.Seasonality, id="s", grain="quarter", weights=[1], spread="equal", inside="m")
    assert kind == "two_spreads"


def test_the_least_coverage_is_not_above_the_wanted_one() -> None:
    """Half of the accounts cannot be the least where a third is wanted."""
    kind, words = error_of(pa.Segment, id="A", coverage=0.3, coverage_min=0.5)
    assert kind == "coverage_reversed"
    assert "coverage_min 0.5 above coverage 0.3" in words
    assert pa.Segment(id="A", coverage=0.5, coverage_min=0.5).coverage_min == 0.5


@pytest.mark.parametrize("currency", ["eur", "EURO", "EU", "E1R", "ÉUR", "€"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    """An ISO code, not a sign and not a word."""
    kind, _ = error_of(
        pa.Strategy,
        name="2027",
        currency=currency,
        segments=[pa.Segment(id="A")],
        targets=[pa.Target(segment="A", revenue=1)],
    )
    assert kind == "not_a_currency"


@pytest.mark.parametrize("field", ["segments", "targets"])
def test_a_strategy_has_segments_and_targets(field: str) -> None:
    """Without a segment or a target there is no strategy."""
    fields: dict[str, Any] = {
        "name": "2027",
        "currency": "EUR",
        "segments": [pa.Segment(id="A")],
        "targets": [pa.Target(segment="A", revenue=1)],
    }
    assert error_of(pa.Strategy, **{**fields, field: []}) == ("nothing_given", "is empty; give at least one")


@pytest.mark.parametrize(("record", "fields"), [(pa.Product, {"unit_price": 0}), (pa.Segment, {"priority": 0})])
def test_a_price_and_a_priority_are_above_zero(record: Any, fields: dict[str, float]) -> None:
    """Units cannot be counted at no price, and a segment without weight is left out instead."""
    assert error_of(record, id="A", **fields)[0] == "out_of_range"
