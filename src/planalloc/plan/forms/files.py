"""Bytes to a file: whole or not at all, and a reason in words where it cannot be."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import Any

from planalloc.errors import InputError
from planalloc.model.base import brief

__all__ = ["require_folder", "write_file"]


LONGEST_PATH = 60
"""Characters of a path that a message shows."""


def require_folder(path: str | PathLike[str]) -> Path:
    """Return the path of a file that can be written, before anything is made for it.

    Raises
    ------
    InputError
        When it is no path, when its folder does not exist, or when it is a folder itself.
    """
    given: Any = path
    text = fspath(given) if isinstance(given, str | PathLike) else None
    if not isinstance(text, str) or "\0" in text:
        kind = brief(repr(given)) if isinstance(given, str) else type(given).__name__
        raise InputError(f"path must be the path of a file, not {kind}", hint="Give one such as 'alice.xlsx'.")
    file = Path(path)
    try:
        there, folder = file.parent.is_dir(), file.is_dir()
    except (OSError, ValueError) as error:
        raise _refused(file, error) from error
    if not there:
        raise InputError(f"there is no folder {_shown(file.parent)}", hint="Make it first, or give another path.")
    if folder:
        raise InputError(f"{_shown(file)} is a folder", hint="Give the path of a file, with its name.")
    return file


def write_file(path: Path, content: bytes) -> None:
    """Write a file.

    Raises
    ------
    InputError
        When the system does not let it be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise _refused(path, error) from error


def _shown(path: Path) -> str:
    """Return a path as messages show it; of a long one both ends, which say where it is and what."""
    text = str(path)
    return repr(text if len(text) <= LONGEST_PATH else f"{text[:15]}...{text[18 - LONGEST_PATH :]}")


def _refused(path: Path, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(
        f"{_shown(path)} cannot be written: {reason}",
        hint="Close it where it is open in another program, or give another path.",
    )
