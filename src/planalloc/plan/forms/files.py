"""Bytes to a file: whole or not at all, and a reason in words where it cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planalloc.errors import InputError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["require_folder", "write_file"]


def require_folder(path: str | PathLike[str]) -> Path:
    """Return the path of a file that can be written, before anything is made for it.

    Raises
    ------
    InputError
        When its folder does not exist, or when it is a folder itself.
    """
    file = Path(path)
    try:
        there, folder = file.parent.is_dir(), file.is_dir()
    except (OSError, ValueError) as error:
        raise _refused(file, error) from error
    if not there:
        raise InputError(f"there is no folder {str(file.parent)!r}", hint="Make it first, or give another path.")
    if folder:
        raise InputError(f"{str(file)!r} is a folder", hint="Give the path of a file, with its name.")
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


def _refused(path: Path, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(
        f"{str(path)!r} cannot be written: {reason}",
        hint="Close it where it is open in another program, or give another path.",
    )
