"""Rules of `Text`: codes point at known categories, and missing is no category."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from planalloc.errors import InputError, UnknownNameError
from planalloc.plan.columns import Text


def test_text_decodes_to_categories_and_none() -> None:
    """A code of -1 is a missing text, not the last category."""
    assert Text(np.array([1, -1, 0]), ("b", "a")).decoded().tolist() == ["a", None, "b"]


def test_text_keeps_the_given_order_of_categories() -> None:
    """Given categories are not sorted, and those without rows stay."""
    assert Text.of(["a"], ["z", "a"]) == Text(np.array([1]), ("z", "a"))


def test_text_without_categories_sorts_them() -> None:
    """The same texts in another order give the same categories."""
    assert Text.of(["b", None, "a", "b"]).categories == Text.of(["a", "b", "b"]).categories == ("a", "b")


def test_text_refuses_a_value_outside_its_categories() -> None:
    """An unknown text names itself and the nearest known one."""
    with pytest.raises(UnknownNameError) as caught:
        Text.of(["alise"], ["alice", "bruno"])
    assert (caught.value.name, caught.value.candidates) == ("alise", ("alice",))


@pytest.mark.parametrize(
    ("codes", "categories", "words"),
    [
        ([0, 2], ("a", "b"), "between -1 and 1; found 0 to 2"),
        ([-2], ("a",), "between -1 and 0"),
        ([0.0], ("a",), "whole numbers"),
        ([[0]], ("a",), "whole numbers"),
        ([0], ("a", "b", "a"), "'a' appears twice"),
        ([0], (1042,), "1042 is no text"),
    ],
)
def test_text_refuses_codes_and_categories_that_do_not_fit(codes: Any, categories: Any, words: str) -> None:
    """Codes point at categories, and categories are distinct texts."""
    with pytest.raises(InputError, match=words):
        Text(np.array(codes), categories)
