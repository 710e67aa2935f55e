"""Rules of the method: records that check themselves, and which one holds for a segment."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

import planalloc as pa

FACT = {"id": "budget", "question": "Which budget?"}
CRITERION = {"id": "sponsor", "statement": "A decision maker asked for the offer."}


def error_of(record: Any, **fields: Any) -> tuple[str, str]:
    """Return the type and the words of the one thing that is wrong with a record."""
    with pytest.raises(ValidationError) as caught:
        record(**fields)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


@pytest.mark.parametrize("field", ["facts", "exit_criteria"])
def test_a_fact_and_an_exit_criterion_stand_once(field: str) -> None:
    """Two of one id in a method are refused, because a review could not tell whose answer it holds."""
    one = FACT if field == "facts" else CRITERION
    code, words = error_of(pa.Method, stage="offer", **{field: [one, one]})
    assert code == "id_twice"
    assert repr(one["id"]) in words


def test_a_fact_may_bear_the_id_of_an_exit_criterion() -> None:
    """Facts and exit criteria are counted apart, so their ids may agree."""
    method = pa.Method(stage="offer", facts=[FACT], exit_criteria=[{**CRITERION, "id": "budget"}])
    assert method.facts[0].id == method.exit_criteria[0].id


@pytest.mark.parametrize("weights", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_one_weight_makes_a_targeting(weights: tuple[float, ...]) -> None:
    """Two of the three weights may be zero."""
    named = dict(zip(("potential", "gap", "recency"), weights, strict=True))
    assert pa.Targeting(**named).model_dump() == named


def test_a_targeting_has_some_weight() -> None:
    """With all weights zero no account comes before another, which nobody means."""
    assert error_of(pa.Targeting, potential=0, gap=0, recency=0)[0] == "no_weight"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (7, "not_text"),
        (" \n", "empty_text"),
        ("x" * 10_001, "long_text"),
        ("\ud800", "broken_text"),
        ("bell \x07", "control_text"),
    ],
)
def test_a_pitch_is_text_of_a_few_pages_at_most(text: Any, code: str) -> None:
    """What is no text, is empty, has no end or holds what no file can store is refused."""
    assert error_of(pa.Method, stage="offer", pitch=text)[0] == code


def test_a_pitch_may_have_several_lines() -> None:
    """Line breaks and blanks around a text are kept: it is shown, not looked up."""
    assert pa.Method(stage="offer", pitch="First.\n\n- Second\n").pitch == "First.\n\n- Second\n"


@pytest.mark.parametrize("turned", [False, True])
def test_the_method_of_a_segment_comes_before_the_common_one(turned: bool) -> None:  # noqa: FBT001 -- a parameter
    """A segment's own method holds for it, whatever the order; all others have the common one."""
    common, own = pa.Method(stage="offer"), pa.Method(stage="offer", segment="A")
    playbook = pa.Playbook(methods=[own, common] if turned else [common, own])
    assert [playbook.method_for("offer", segment) for segment in ("A", "B")] == [own, common]


def test_a_stage_without_a_method_has_none() -> None:
    """A method for another stage, or for another segment alone, is none."""
    playbook = pa.Playbook(methods=[pa.Method(stage="offer", segment="A")])
    assert playbook.method_for("offer", "B") is None
    assert playbook.method_for("visit", "A") is None
