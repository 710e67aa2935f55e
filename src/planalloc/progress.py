"""Steps of a long call: told to whoever asked, and timed."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from planalloc.errors import require

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Progress", "Steps"]

Progress: TypeAlias = Callable[[str], None] | Literal[True] | None
"""None: silence. A callable gets the name of each step as it begins. True: a bar (extra ``progress``)."""


class Steps:
    """Named steps of one call, as a context.

    Attributes
    ----------
    seconds : dict of str to float
        Wall-clock seconds of each step that has ended.

    Examples
    --------
    >>> told = []
    >>> with Steps(told.append, total=2) as step:
    ...     step("check")
    ...     step("solve")
    >>> told, list(step.seconds)
    (['check', 'solve'], ['check', 'solve'])
    """

    def __init__(self, progress: Progress, *, total: int) -> None:
        self.seconds: dict[str, float] = {}
        self._bar = require("tqdm", "progress").tqdm(total=total) if progress is True else None
        self._tell = progress if callable(progress) else None
        self._open: tuple[str, float] | None = None

    def __call__(self, name: str) -> None:
        """Begin a step, which ends the one before."""
        self._close()
        self._open = (name, perf_counter())
        if self._bar is not None:
            self._bar.set_description(name)
        if self._tell is not None:
            self._tell(name)

    def _close(self) -> None:
        if self._open is not None:
            name, start = self._open
            self.seconds[name] = perf_counter() - start
            if self._bar is not None:
                self._bar.update()
        self._open = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if self._bar is not None:
            self._bar.close()
