"""Rules of what is written to disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import planalloc as pa

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("form", ["to_workbook", "to_ics"])
def test_a_folder_that_does_not_exist_is_named(plan: pa.Plan, tmp_path: Path, form: str) -> None:
    """No folder is made, and no file is left behind."""
    with pytest.raises(pa.InputError, match="there is no folder"):
        getattr(plan.rep("alice"), form)(tmp_path / "nowhere" / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(plan: pa.Plan, tmp_path: Path) -> None:
    """The path needs a name."""
    with pytest.raises(pa.InputError, match="is a folder"):
        plan.to_workbook(tmp_path)


def test_what_the_system_refuses_is_said(plan: pa.Plan, tmp_path: Path) -> None:
    """A name that no file system takes."""
    with pytest.raises(pa.InputError, match="cannot be written"):
        plan.rep("bruno").to_workbook(tmp_path / ("x" * 300))


def test_an_unknown_language_leaves_no_file(plan: pa.Plan, tmp_path: Path) -> None:
    """The locale is read before anything is written."""
    with pytest.raises(pa.UnknownNameError):
        plan.rep("alice").to_workbook(str(tmp_path / "alice.xlsx"), "de")
    assert list(tmp_path.iterdir()) == []
