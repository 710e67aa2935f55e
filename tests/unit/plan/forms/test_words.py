"""Rules of the words: every language has the same, and none is there for nothing."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from planalloc.plan import forms
from planalloc.plan.accounts import STATUSES
from planalloc.plan.forms.page import Sheet
from planalloc.plan.forms.words import WORDS
from planalloc.types import Grain


def blanks(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", WORDS)
def test_every_language_has_the_same_words_with_the_same_braces(language: str) -> None:
    """A form never falls back to another language, and never shows a brace."""
    assert {key: blanks(text) for key, text in WORDS[language].items()} == {
        key: blanks(text) for key, text in WORDS["en"].items()
    }


def test_the_plans_own_values_have_words() -> None:
    """What tables hold as values of ours is translated too: status, business, reasons, grains, names of sheets."""
    held = {*STATUSES, "new", "existing", "before the horizon", "before the first day", "while away"}
    held |= {"meeting", "revision", "formal", "informal", *get_args(Grain), *get_args(Sheet)}
    assert held - WORDS["en"].keys() == set()


def test_no_word_is_there_for_nothing() -> None:
    """Each key stands in the code, or is one of the plan's values or made of a grain or a key of time."""
    source = "".join(path.read_text(encoding="utf-8") for path in Path(forms.__file__).parent.glob("*_*.py"))
    source += "".join(
        (Path(forms.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        for name in (
            "contents",
            "force",
            "markdown",
            "meetings",
            "page",
            "presence",
            "sheet",
            "subject",
            "wording",
            "workbook",
        )
    )
    values = {*STATUSES, "new", "existing", "before the horizon", "before the first day", "while away"}
    values |= {"meeting", "revision", "formal", "informal", *get_args(Grain)}
    made = re.compile(r"(times|by|opportunities_by|visits_by)_\w+|\w+_short")
    unused = [key for key in WORDS["en"] if f'"{key}"' not in source and key not in values and not made.fullmatch(key)]
    assert unused == []
