"""Seconds and megabytes, measured the same way for everyone."""

from __future__ import annotations

import gc
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LIMIT", "Timed", "import_seconds", "peak_megabytes", "timed"]

Result = TypeVar("Result")

LIMIT = 90.0
"""Seconds after which one run is stopped, whoever's it is."""

WARM_UP = 1.0
"""A first run of less than so many seconds is not counted: it loads modules and fills caches."""

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Timed(Generic[Result]):
    """What a call took, in seconds of each run, and what it returned last."""

    seconds: tuple[float, ...]
    result: Result

    @property
    def median(self) -> float:
        """Median of the runs."""
        return median(self.seconds)


def timed(call: Callable[[], Result], *, times: int, budget: float) -> Timed[Result]:
    """Run a call up to `times` times, at least once, while another run is likely to end within `budget` seconds.

    Raises
    ------
    TimeoutError
        When a run takes longer than the limit; as soon as it is back in Python, if it is not.
    """
    signal.signal(signal.SIGALRM, _stop)
    try:
        return _timed(call, times=times, budget=budget)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def _stop(*_: object) -> None:
    raise TimeoutError(f"stopped after {LIMIT:.0f} s")


def _timed(call: Callable[[], Result], *, times: int, budget: float) -> Timed[Result]:
    seconds: list[float] = []
    warm = False
    while True:
        gc.collect()
        signal.setitimer(signal.ITIMER_REAL, LIMIT)
        start = perf_counter()
        result = call()
        took = perf_counter() - start
        if not warm and took < WARM_UP:
            warm = True
            continue
        warm = True
        seconds.append(took)
        if len(seconds) >= times or sum(seconds) + took > budget:
            return Timed(tuple(seconds), result)


def import_seconds(*packages: str, times: int) -> list[tuple[float, ...]]:
    """Return what importing each took in fresh interpreters, in turns, once all were read from disk."""
    runs = [[_one_import(each) for each in packages] for _ in range(times + 1)]
    return list(zip(*runs[1:], strict=True))


def peak_megabytes(*, reps: int, lines: int, load: float) -> float:
    """Return the peak memory of a fresh process that makes one plan and does nothing else.

    Raises
    ------
    subprocess.TimeoutExpired
        When it takes longer than the limit.
    """
    return float(_output("-m", "benchmarks.one_plan", str(reps), str(lines), str(load)))


def own_peak_megabytes() -> float:
    """Return the peak memory of this process.

    On Linux, the largest resident set that the kernel reports for a child starts at its parent's; the high-water mark
    of its own address space does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(marks[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def _one_import(packages: str) -> float:
    program = f"from time import perf_counter as now; start = now(); import {packages}; print(now() - start)"
    return float(_output("-c", program))


def _output(*arguments: str) -> str:
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as installed
    told = subprocess.run(  # noqa: S603 -- our own interpreter and our own text
        [sys.executable, *arguments], check=True, capture_output=True, text=True, cwd=ROOT, timeout=LIMIT, env=known
    )
    return told.stdout
