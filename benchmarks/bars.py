"""What the library promises of its speed, each promise with the figures that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.account_phases import ACCOUNT_PHASES
from benchmarks.figures import OURS
from benchmarks.phases import ABSOLUTE, B2B, BASE, FIRST, INTERIOR_POINT
from benchmarks.sizes import REACHABLE, SHORT, Accounts, Binding, OneLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure, Figures

__all__ = ["Measured", "bars"]

SAME_OPTIMUM = 1e-6
BIG, TEAM = OneLine(10_000).name, Binding(20, 5, REACHABLE).name
PORTFOLIO = Accounts(50_000, 500).name


@dataclass(frozen=True)
class Measured:
    """One promise beside what was measured.

    Parameters
    ----------
    bar : str
        What is promised.
    measured : str
        What was measured.
    met : bool or None
        Whether the promise is kept; None where something was not measured.
    """

    bar: str
    measured: str
    met: bool | None


def bars(figures: Figures) -> list[Measured]:
    """Return every promise with its figures."""
    return [*_solve(figures, 10_000, wanted=10), *_solve(figures, 1_000, wanted=5), *_plan(figures), *_limits(figures)]


def _solve(figures: Figures, reps: int, *, wanted: float) -> Iterator[Measured]:
    """Yield the whole solve phase, and our solver alone, beside HiGHS's interior point on both programs."""
    for load in (REACHABLE, SHORT):
        size = Binding(reps, 10, load).name
        for ours, who, phase in (
            ("solve", "all tiers", FIRST),
            ("solve", "all tiers", ABSOLUTE),
            (FIRST, "our solver", FIRST),
            (ABSOLUTE, "our solver", ABSOLUTE),
        ):
            bar = f"{size}: {who} beside {INTERIOR_POINT} on the {phase}, at least {wanted:g} times faster"
            peer = figures.find(size=size, phase=phase, who=INTERIOR_POINT)
            yield _faster(
                bar, figures.find(size=size, phase=ours), peer, wanted=wanted, same=(ours, phase) != ("solve", ABSOLUTE)
            )


def _plan(figures: Figures) -> Iterator[Measured]:
    """Yield what is promised of whole calls beside peers."""
    for load in (REACHABLE, SHORT):
        size = Binding(10_000, 10, load).name
        small = _value(figures, Binding(1_000, 10, load).name, "allocate")
        large = _value(figures, size, "allocate")
        bar = f"hours at {load:.0%}: from 1,000 to 10,000 reps, `allocate` takes at most 12 times as long"
        yield Measured(bar, f"{large / small:.1f} times", large / small <= 12) if small and large else _open(bar)
    for load in (REACHABLE, SHORT):
        size = Binding(10_000, 10, load).name
        for phase in (FIRST, ABSOLUTE):
            bar = f"{size}: `allocate`, tables made, at least 5 times faster than {INTERIOR_POINT} on the {phase} alone"
            peer = figures.find(size=size, phase=phase, who=INTERIOR_POINT)
            yield _faster(bar, figures.find(size=size, phase="allocate"), peer, wanted=5)
    for phase, call, wanted in (("cascade", "cascade_many", 20), ("one pin", "apply_pins", 400)):
        bar = f"{BIG}: {phase}, whole `allocate`, at least {wanted} times faster than {call}"
        ours, theirs = (figures.find(size=BIG, phase=phase, who=who) for who in (OURS, B2B))
        one = _faster(bar, ours, theirs, wanted=wanted)
        notes = f"; ours: {ours.note}; theirs: {theirs.note}" if ours and theirs else ""
        yield Measured(bar, one.measured + notes, one.met)


def _limits(figures: Figures) -> Iterator[Measured]:
    """Yield what is promised in seconds and megabytes."""
    bar = f"{TEAM}: `allocate` at most 30 ms, warm"
    team = _value(figures, TEAM, "allocate")
    yield Measured(bar, f"{1000 * team:.1f} ms", team <= 0.030) if team else _open(bar)
    for load in (REACHABLE, SHORT):
        size = Binding(10_000, 10, load).name
        peak = _value(figures, size, "peak memory")
        bar = f"{size}: peak memory at most 600 MB"
        yield Measured(bar, f"{peak:,.0f} MB", peak <= 600) if peak else _open(bar)
    bar = f"{PORTFOLIO}: {', '.join(ACCOUNT_PHASES)} in under 10 s together, without the workbook"
    seconds = [_value(figures, PORTFOLIO, phase) for phase in ACCOUNT_PHASES]
    known = [one for one in seconds if one is not None]
    yield Measured(bar, f"{sum(known):.1f} s", sum(known) < 10) if len(known) == len(seconds) else _open(bar)
    bar = f"`import {OURS}` at most 0.3 s where `import {BASE}` takes 0.2 s: at most 1.5 times"
    ours, base = (_value(figures, "", "import", who) for who in (OURS, BASE))
    if ours and base:
        yield Measured(bar, f"{ours / base:.2f} times ({ours:.3f} s to {base:.3f} s)", ours <= 1.5 * base)
    else:
        yield _open(bar)


def _value(figures: Figures, size: str, phase: str, who: str = OURS) -> float | None:
    found = figures.find(size=size, phase=phase, who=who)
    return found.value if found else None


def _open(bar: str) -> Measured:
    return Measured(bar, "not measured", None)


def _faster(bar: str, ours: Figure | None, theirs: Figure | None, *, wanted: float, same: bool = False) -> Measured:
    """Compare two times and, where both solved the same program (`same`), their optima too."""
    if ours is None or theirs is None or ours.value is None or theirs.value is None:
        return _open(bar)
    ratio = theirs.value / ours.value
    measured = f"{ratio:.1f} times ({theirs.value:.3g} s to {ours.value:.3g} s)"
    if not same:
        return Measured(bar, measured, ratio >= wanted)
    off = ours.off(theirs)
    told = "no optimum to compare" if off is None else f"optimum differs by {off:.0e}"
    return Measured(bar, f"{measured}, {told}", ratio >= wanted and off is not None and off <= SAME_OPTIMUM)
