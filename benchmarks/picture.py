"""The picture of time against size."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from benchmarks.figures import OURS
from benchmarks.peers import PEERS
from benchmarks.phases import ABSOLUTE, B2B

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.figures import Figures
    from benchmarks.sizes import Binding, OneLine, Suite

__all__ = ["draw"]


def draw(figures: Figures, suite: Suite, path: Path) -> bool:
    """Draw seconds against reps, both in powers of ten; return False where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        return False
    matplotlib = import_module("matplotlib")
    matplotlib.use("Agg")
    pyplot = import_module("matplotlib.pyplot")
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 5), layout="constrained")
    loads = {(one.load, one.newcomers, one.lines) for one in suite.binding}
    most = max(loads, key=lambda kind: sum((one.load, one.newcomers, one.lines) == kind for one in suite.binding))
    binding = [one for one in suite.binding if (one.load, one.newcomers, one.lines) == most]
    _line(left, figures, binding, ("allocate", OURS), label="planalloc: the whole allocate", ours=True)
    _line(left, figures, binding, ("solve", OURS), label="planalloc: solve, all tiers", ours=True, style="--")
    _line(left, figures, binding, (ABSOLUTE, OURS), label="planalloc: the LP in absolute form", ours=True, style=":")
    for peer in PEERS:
        _line(left, figures, binding, (ABSOLUTE, peer.name), label=f"{peer.name}: the same LP")
    left.set_title(f"Hours bind at {most[0]:.0%}: {most[2]} lines, 12 months")
    _line(right, figures, suite.one_line, ("cascade", OURS), label="planalloc: the whole allocate", ours=True)
    _line(right, figures, suite.one_line, ("one pin", OURS), label="planalloc: one pin", ours=True, style="--")
    _line(right, figures, suite.one_line, ("cascade", B2B), label=f"{B2B}: cascade_many")
    _line(right, figures, suite.one_line, ("one pin", B2B), label=f"{B2B}: apply_pins")
    right.set_title("Nothing binds: 1 line, 12 months, in cents")
    for axes in (left, right):
        axes.set(xscale="log", yscale="log", xlabel="reps", ylabel="seconds")
        for axis, numbers in ((axes.xaxis, "{x:,.0f}"), (axes.yaxis, "{x:g}")):
            axis.set_major_formatter(numbers)
            axis.set_minor_formatter("")
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
    return True


def _line(
    axes: Any,
    figures: Figures,
    sizes: Sequence[Binding | OneLine],
    of: tuple[str, str],
    *,
    label: str,
    ours: bool = False,
    style: str = "-",
) -> None:
    """Draw one line, where there is anything; our own in one color of their own."""
    phase, who = of
    found = [figures.find(size=size.name, phase=phase, who=who) for size in sizes]
    points = [
        (one.reps, one.value)
        for one in found
        if one is not None and one.value is not None and (phase != ABSOLUTE or one.optimum is not None)
    ]
    if points:
        own = {"color": "black", "linewidth": 2.0} if ours else {}
        axes.plot(*zip(*sorted(points), strict=True), marker="o", markersize=4, linestyle=style, label=label, **own)
