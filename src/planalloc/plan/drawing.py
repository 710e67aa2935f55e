"""How pictures are drawn: stacks, stairs, heat maps and spreads that can be read without color.

matplotlib is imported when a figure is made; everything else works on the axes it is handed.
"""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from planalloc.errors import InputError, require
from planalloc.model.base import brief
from planalloc.plan.languages import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from planalloc.plan.languages import Language
    from planalloc.types import Floats

__all__ = [
    "MISSING",
    "WORK",
    "Look",
    "amount_axis",
    "bands",
    "below",
    "boxes",
    "canvas",
    "compared_parts",
    "escaped",
    "heat_map",
    "legend_beside",
    "looks",
    "money_axis",
    "money_text",
    "name_periods",
    "percent_axis",
    "plain",
    "stack",
    "stairs",
]

INK = "#202020"
HATCHES = ("", "///", "", "...", "", "\\\\\\", "", "xxx")
"""Neighbors in a stack differ by hatch as well as by lightness."""
MOST_LABELS = 13
"""Period names that fit side by side: a year of months, or every fourth week."""
NUMBERED = 400
"""Up to so many cells a heat map tells its numbers."""
NAME_LENGTH = 24
FULL = 1.005
"""What is not shown as 100 % or less."""


class Look(NamedTuple):
    """How one part of a stack looks: fill, hatch, and the color of its edge and hatch."""

    fill: Any
    hatch: str
    edge: str
    line: str = "-"


MISSING = Look("white", "", INK, ":")
"""What is not there: an empty outline."""
WORK = Look("0.75", "...", INK)
"""What people do."""


def looks(many: int) -> list[Look]:
    """Return how each part of a stack looks: from dark to light, in colors that the color-blind tell apart."""
    colors = require("matplotlib", "plots").colormaps["cividis"](np.linspace(0.1, 0.95, many) if many != 1 else [0.35])
    light = colors[:, :3] @ np.array([0.2126, 0.7152, 0.0722]) > 0.45
    return [
        Look(tuple(color), HATCHES[at % len(HATCHES)], INK if light[at] else "white")
        for at, color in enumerate(colors.tolist())
    ]


def canvas(ax: Axes | None, *, width: float, height: float) -> Axes:
    """Return the axes to draw on; without any, those of a new figure of so many inches that pyplot does not know.

    A notebook shows such axes, by the same name by which it shows any picture.

    Raises
    ------
    InputError
        When these are no axes.
    BackendUnavailableError
        When matplotlib is not installed.
    """
    if ax is not None:
        known: bool = isinstance(ax, require("matplotlib.axes", "plots").Axes)
        if not known:
            raise InputError(f"ax must be axes of matplotlib, not {brief(repr(ax))}", hint="Leave it out for new ones.")
        return ax
    require("matplotlib", "plots")
    figure = require("matplotlib.figure", "plots").Figure(figsize=(width, height), layout="constrained")
    axes: Any = figure.add_subplot()
    axes._repr_png_ = partial(_png, figure)
    return axes  # type: ignore[no-any-return]


def below(axes: Axes) -> Axes:
    """Return axes of two fifths of the height, below those that have had a figure for themselves."""
    figure: Any = axes.figure
    grid = figure.add_gridspec(2, 1, height_ratios=(3, 2))
    axes.set_subplotspec(grid[0])
    figure.set_size_inches(9.0, 6.0)
    return figure.add_subplot(grid[1])  # type: ignore[no-any-return]


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def plain(text: str) -> str:
    r"""Return a name as matplotlib shows it letter by letter: no formula, not left out of a legend, not too long.

    Examples
    --------
    >>> print(plain("US$ and AU$"))
    US\$ and AU\$
    """
    short = text if len(text) <= NAME_LENGTH else f"{text[: NAME_LENGTH - 1]}…"
    return escaped(f" {short}" if short.startswith("_") else short)


def escaped(text: str) -> str:
    """Return a text of any length as matplotlib shows it letter by letter."""
    return text.replace("$", r"\$")


def money_text(amount: float, _position: float = 0, *, language: Language = ENGLISH) -> str:
    """Return an amount in few letters.

    Examples
    --------
    >>> [money_text(amount) for amount in (0, 950, 12_500, -1_500_000, 2e9)]
    ['0', '950', '12.5 k', '-1.5 M', '2 bn']
    """
    for size, unit in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if abs(amount) >= size:
            return language.signs(f"{amount / size:.4g}") + language[unit]
    return language.signs(f"{amount:.4g}")


def money_axis(axes: Axes, label: str, *, language: Language = ENGLISH) -> None:
    """Show money upward, from zero."""
    axes.yaxis.set_major_formatter(partial(money_text, language=language))
    amount_axis(axes, label)


def amount_axis(axes: Axes, label: str) -> None:
    """Show amounts upward, from zero; to be called when everything is drawn, for the top is then known."""
    axes.set_ylabel(label)
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y", color="0.9", zorder=0)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def percent_axis(axis: Any, label: str, *, language: Language = ENGLISH) -> None:
    """Show shares of one as percent along an axis."""
    axis.set_major_formatter(lambda share, _: language.share(share))
    axis.set_label_text(label)


def name_periods(axes: Axes, ids: Sequence[str], *, language: Language = ENGLISH) -> None:
    """Name periods below their positions 0, 1, ...: each, or as many as fit; the year below the first of each year."""
    shown = list(range(0, len(ids), -(-len(ids) // MOST_LABELS) or 1))
    names, year_before = [], ""
    for at in shown:
        year, _, within = ids[at].partition("-")
        sign = within.rstrip("0123456789")
        name = (
            language.months[int(within) - 1]
            if within.isdecimal()
            else language.words.get(sign, sign) + within[len(sign) :]
        )
        names.append("\n".join(part for part in (name, year if year != year_before else "") if part))
        year_before = year
    axes.set_xticks(shown, names)
    axes.set_xlim(-0.5, max(len(ids), 1) - 0.5)


def stack(
    axes: Axes, parts: Floats, *, labels: Sequence[str], looks: Sequence[Look], above: Floats | None = None
) -> None:
    """Stack bars at positions 0, 1, ...: parts of shape (n_parts, n_positions), the first at the bottom."""
    bottom = np.zeros(parts.shape[1]) if above is None else above
    at = np.arange(parts.shape[1])
    for part, label, look in zip(parts, labels, looks, strict=True):
        axes.bar(at, part, bottom=bottom, width=0.8, label=plain(label), zorder=2, **_filled(look))
        bottom = bottom + part


def compared_parts(
    axes: Axes, parts: Floats, *, rows: Sequence[str], labels: Sequence[str], looks: Sequence[Look]
) -> None:
    """Draw rows as bars to the right, cut into parts, shape (n_rows, n_parts); the first row's cuts go on as lines."""
    at = np.arange(len(rows)) + np.where(np.arange(len(rows)) > 0, 0.4, 0.0)
    left = np.zeros(len(rows))
    for part, label, look in zip(parts.T, labels, looks, strict=True):
        axes.barh(at, part, left=left, height=0.8, label=plain(label), zorder=2, **_filled(look))
        left = left + part
    for cut in np.cumsum(parts[0])[:-1].tolist():
        axes.axvline(cut, color="white", linewidth=1.2, zorder=3)
        axes.axvline(cut, color=INK, linewidth=1.2, linestyle="--", zorder=4)
    axes.set_yticks(at, [plain(row) for row in rows])
    axes.set_ylim(at[-1] + 0.6, -0.6)
    axes.set_xlim(0.0, 1.0)
    axes.spines[["top", "right"]].set_visible(False)


def stairs(axes: Axes, values: Floats, *, label: str) -> None:
    """Draw a level for each position 0, 1, ..., over whatever is there: dark with a light rim."""
    edges = np.arange(len(values) + 1) - 0.5
    axes.stairs(values, edges, baseline=None, color="white", linewidth=3.0, zorder=3)
    axes.stairs(values, edges, baseline=None, color=INK, linewidth=1.6, label=label, zorder=4)


def heat_map(axes: Axes, cells: Floats, *, rows: Sequence[str], language: Language = ENGLISH) -> None:
    """Draw shares of one, shape (n_rows, n_columns): darker is more, hatched is nothing to divide by.

    Few cells tell their numbers; among many, those above one bear a dot.
    """
    cells = cells if len(cells) else np.full((1, cells.shape[1]), np.nan)  # an image has a row at least
    top = max(1.0, float(np.nanmax(cells, initial=0.0)))
    image = axes.imshow(cells, aspect="auto", cmap="Blues", vmin=0.0, vmax=top, interpolation="none")
    axes.set_facecolor("white")
    axes.patch.set(hatch="////", edgecolor="#b0b0b0")
    axes.set_yticks(range(len(rows)), [plain(row) for row in rows])
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02)
    percent_axis(bar.ax.yaxis, "", language=language)
    full, known = cells > FULL, np.isfinite(cells)
    if cells.size <= NUMBERED:
        for row, column in np.argwhere(known).tolist():
            share = cells[row, column]
            axes.text(
                column,
                row,
                language.share(share),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if share > 0.6 * top else INK,
                fontweight="bold" if full[row, column] else "normal",
            )
    else:
        over = np.argwhere(full)
        axes.scatter(over[:, 1], over[:, 0], s=14, color="white", edgecolors=INK)
        axes.set_xlabel(language["more_than_all"] if len(over) else "")


def bands(axes: Axes, cells: Floats, *, language: Language = ENGLISH) -> None:
    """Draw how shares of one, shape (n_rows, n_columns), spread over the rows of each column."""
    marks = np.full((7, cells.shape[1]), np.nan)
    filled = np.isfinite(cells).any(axis=0)
    marks[:, filled] = np.nanquantile(cells[:, filled], (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0), axis=0)
    edges = np.arange(cells.shape[1] + 1) - 0.5
    for low, high, shade, label in ((0, 6, "0.88", "everybody"), (1, 5, "0.7", "most"), (2, 4, "0.5", "half")):
        axes.stairs(marks[high], edges, baseline=marks[low], fill=True, color=shade, label=language[label], zorder=2)
    axes.stairs(marks[3], edges, baseline=None, color=INK, linewidth=1.6, label=language["median"], zorder=4)
    axes.axhline(1.0, color=INK, linewidth=1.0, linestyle="--", label=language["all_hours"], zorder=5)


def boxes(
    axes: Axes, shares: Floats, *, marks: Floats, names: Sequence[str], mark: str, language: Language = ENGLISH
) -> None:
    """Draw how shares of one, shape (n_rows, n_names), spread over the rows, and one mark for each name."""
    low, first, middle, third, high = np.quantile(shares, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    at = np.arange(len(names))
    axes.hlines(at, low, high, color=INK, linewidth=1.2, zorder=2, label=language["nearly_all_reps"])
    box: dict[str, Any] = {"height": 0.5, "color": "0.75", "edgecolor": INK, "zorder": 3}
    axes.barh(at, third - first, left=first, label=language["half_of_reps"], **box)
    axes.vlines(middle, at - 0.25, at + 0.25, color=INK, linewidth=2.4, zorder=4, label=language["median"])
    axes.scatter(marks, at, marker="D", s=45, color="white", edgecolors=INK, linewidths=1.5, zorder=5, label=mark)
    axes.set_yticks(at, [plain(name) for name in names])
    axes.invert_yaxis()
    axes.grid(visible=True, axis="x", color="0.9", zorder=0)


def legend_beside(axes: Axes) -> None:
    """Put the legend to the right of the axes, in the order of what is stacked: the top first."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, borderaxespad=0.0
        )


def _filled(look: Look) -> dict[str, Any]:
    return {
        "facecolor": look.fill,
        "hatch": look.hatch,
        "edgecolor": look.edge,
        "linestyle": look.line,
        "linewidth": 0.8 if look.line != "-" else 0.5,
    }
