"""Rules of the playbook: stages in the order of the sale, and the funnel that says most about a line."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

import planalloc as pa

STAGE = pa.Stage(id="lead", conversion=1)


def funnel(**parts: Any) -> pa.Funnel:
    """Return a funnel for some lines."""
    return pa.Funnel(deal_size=1, stages=[STAGE], **parts)


def error_of(record: Any, **fields: Any) -> tuple[str, str]:
    """Return the type and the words of the one thing that is wrong with a record."""
    with pytest.raises(ValidationError) as caught:
        record(**fields)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


LINE = pa.Target(segment="A", product="suite", business="new", share=1)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({}, {"business": "new"}),
        ({"business": "new"}, {"product": "suite"}),
        ({"product": "suite", "business": "new"}, {"segment": "A"}),
        ({"segment": "A"}, {"segment": "A", "business": "new"}),
        ({"segment": "A", "business": "new"}, {"segment": "A", "product": "suite"}),
        ({"segment": "A", "product": "suite"}, {"segment": "A", "product": "suite", "business": "new"}),
    ],
)
def test_the_funnel_that_says_most_is_used(less: dict[str, Any], more: dict[str, Any]) -> None:
    """Segment tells more than product, product more than business, and the order in which they are given nothing."""
    for funnels in ([funnel(**less), funnel(**more)], [funnel(**more), funnel(**less)]):
        assert pa.Playbook(funnels=funnels).funnel_for(LINE) == funnel(**more)


@pytest.mark.parametrize("parts", [{"segment": "B"}, {"product": "box"}, {"segment": "A", "business": "existing"}])
def test_a_funnel_for_other_lines_is_not_used(parts: dict[str, Any]) -> None:
    """A funnel that disagrees with the line in one part is none for it."""
    assert pa.Playbook(funnels=[funnel(**parts)]).funnel_for(LINE) is None


def test_a_funnel_by_product_is_none_for_a_line_of_all_products() -> None:
    """A line that speaks of all products is not one of that product alone."""
    assert pa.Playbook(funnels=[funnel(product="suite")]).funnel_for(pa.Target(segment="A", share=1)) is None


def test_stages_come_in_the_order_of_the_sale() -> None:
    """An earlier stage is never nearer to the booking than a later one; as near is fine."""
    early, late = (pa.Stage(id=name, conversion=1, days_before_booking=days) for name, days in (("a", 10), ("b", 20)))
    kind, words = error_of(pa.Funnel, deal_size=1, stages=[early, late])
    assert kind == "stages_out_of_order"
    assert "'a' 10 days before the booking and the later stage 'b' 20;" in words
    assert pa.Funnel(deal_size=1, stages=[late, early]).stages == (late, early)
    assert pa.Funnel(deal_size=1, stages=[early.but(id="c"), early]).stages[0].id == "c"


def test_a_stage_stands_once_in_a_funnel() -> None:
    """Two stages of one name could not be told apart in the tables."""
    assert error_of(pa.Funnel, deal_size=1, stages=[STAGE, STAGE])[0] == "stage_twice"


def test_a_funnel_has_a_stage() -> None:
    """Without a stage there is no sale."""
    assert error_of(pa.Funnel, deal_size=1, stages=[])[0] == "nothing_given"


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (pa.Stage, {"id": "a", "conversion": 0}),
        (pa.Stage, {"id": "a", "conversion": 1.01}),
        (pa.Stage, {"id": "a", "conversion": 1, "days_before_booking": -1}),
        (pa.Stage, {"id": "a", "conversion": 1, "activities": {"call": -1}}),
        (pa.Funnel, {"deal_size": 0, "stages": [STAGE]}),
        (pa.Activity, {"id": "a", "hours": -0.5}),
        (pa.Cadence, {"segment": "A", "activity": "call", "per_account_per_year": 0}),
    ],
)
def test_ranges_of_the_playbook(record: Any, fields: dict[str, Any]) -> None:
    """Conversion lies in (0, 1], deals bring money, and nothing takes less than no time (S-5)."""
    assert error_of(record, **fields)[0] == "out_of_range"


def test_an_activity_may_take_no_time() -> None:
    """Zero hours are a number: the activity is counted and costs nothing."""
    assert pa.Activity(id="mail", hours=0).hours == 0
