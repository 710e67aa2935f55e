"""Pictures of a review: who stands where, whose conversion differs, how the year may end, what the pipeline holds.

As in a plan's pictures, everything is told by lightness, hatch or line style as well as by color, and matplotlib is
loaded when a picture is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.plan import drawing
from planalloc.reviewing.picture_words import PICTURE_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from planalloc.plan.table import Table
    from planalloc.reviewing.review import Review
    from planalloc.types import Floats, Ints

__all__ = ["ReviewPictures"]

READ_ONE_BY_ONE = 60
"""Up to so many reps each has a row of its own; of more, the spread or the lines are drawn."""
NAMED = 12
"""Reps beyond the funnel's sides that are named, the farthest first."""
INK = "#202020"


@dataclass(frozen=True, eq=False)
class ReviewPictures:
    """Pictures of a review: ``review.plot.attainment()``, ``review.team("north").plot.forecast()``.

    Each draws on `ax` or, without one, on a figure of its own that pyplot does not know.

    Attributes
    ----------
    review : Review
        What is drawn.
    reps : tuple of str, optional
        The reps it is about; None: everybody.
    language : str
        Of the words: ``"en"`` or ``"fr"``.
    """

    review: Review
    reps: tuple[str, ...] | None = None
    language: str = "en"

    def attainment(self, *, ax: Axes | None = None) -> Axes:
        """Draw what each rep sold to date, what was due by the plan's own season, and the quota; of many, the spread.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        Axes
            Money by rep; of more than 60 reps, how many are at which pace.

        Raises
        ------
        BackendUnavailableError
            When matplotlib is not installed.
        """
        rows = self._only(self.review.attainment)
        table = rows.by("rep").to_dicts() if len(rows) else []
        if len(table) > READ_ONE_BY_ONE:
            return self._spread(np.array([row["pace"] for row in table]), ax=ax)
        axes = drawing.canvas(ax, width=9.0, height=_height(len(table)))
        at = np.arange(len(table))
        sold, due, quota = (np.array([row[one] for row in table]) for one in ("actual", "due_quota", "quota"))
        axes.barh(
            at,
            quota,
            height=0.8,
            facecolor="white",
            edgecolor="0.55",
            linewidth=0.8,
            label=self._say("quota"),
            zorder=2,
        )
        axes.barh(
            at, sold, height=0.5, facecolor="0.55", edgecolor=INK, linewidth=0.5, label=self._say("sold"), zorder=3
        )
        axes.vlines(due, at - 0.4, at + 0.4, color=INK, linewidth=2.2, label=self._say("due"), zorder=4)
        _named_rows(axes, self._called([row["rep"] for row in table]))
        self._money_across(axes)
        self._title(axes, "attainment")
        drawing.legend_beside(axes)
        return axes

    def conversion(self, step: str = "won", *, ax: Axes | None = None) -> Axes:
        """Draw the funnel of each rep's conversion at a step: rate by number of opportunities, and where chance ends.

        Who differs from colleagues on the same lines (`Review.comparisons`) is named and drawn full.

        Parameters
        ----------
        step : str
            The step: ``"won"`` for the whole sale, or a stage.
        ax : Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        Axes
            Rate by number of opportunities.

        Raises
        ------
        UnknownNameError
            When there is no such step.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        axes = drawing.canvas(ax, width=9.0, height=5.0)
        whole = self.review.conversion.where(step=step) if len(self.review.conversion) else self.review.conversion
        rows = [row for row in (whole.by("rep").to_dicts() if len(whole) else []) if row["trials"]]
        trials, won = (np.array([row[one] for row in rows], dtype=np.int64) for one in ("trials", "won"))
        if rows:
            self._draw_funnel(axes, trials, won)
        mine = [at for at, row in enumerate(rows) if self.reps is None or row["rep"] in self.reps]
        differs = set(self.review.comparisons.where(step=step, differs=True)["rep"]) if rows else set()
        rates = won / np.maximum(trials, 1)
        for full, label in ((False, self._say("alike")), (True, self._say("differs"))):
            some = [at for at in mine if (rows[at]["rep"] in differs) == full]
            if some:
                face = INK if full else "white"
                axes.scatter(trials[some], rates[some], s=34, color=face, edgecolors=INK, label=label, zorder=5)
        for at in sorted((at for at in mine if rows[at]["rep"] in differs), key=lambda at: -trials[at])[:NAMED]:
            name = drawing.plain(self._called([rows[at]["rep"]])[0])
            axes.annotate(
                name, (trials[at], rates[at]), xytext=(6, 4), textcoords="offset points", fontsize=8, zorder=6
            )
        axes.set_xlabel(self._say("trials"))
        drawing.percent_axis(axes.yaxis, self._say("won" if step == "won" else "passed"))
        _plain_axes(axes)
        axes.set_xlim(left=0)
        axes.set_ylim(0.0, max(0.05, min(1.02, 1.6 * float(rates.max(initial=0.0)))))
        if not rows:
            axes.text(0.5, 0.5, self._say("too_young"), transform=axes.transAxes, ha="center", va="center")
        self._title(axes, "conversion", step=self._say("whole_sale") if step == "won" else drawing.plain(step))
        drawing.legend_beside(axes)
        return axes

    def forecast(self, *, ax: Axes | None = None) -> Axes:
        """Draw the year's end of each rep: closed, in the pipeline, still to be found; interval and target.

        Of more than 60 reps, the lines are drawn instead.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        Axes
            Money by rep or line.

        Raises
        ------
        BackendUnavailableError
            When matplotlib is not installed.
        """
        rows = self._only(self.review.forecast.where(scope="rep")).to_dicts()
        rows = [row for row in rows if row["target"] > 0 or row["expected"] > 0]
        names = self._called([row["rep"] for row in rows])
        if len(rows) > READ_ONE_BY_ONE:
            rows = self.review.forecast.where(scope="line").to_dicts()
            names = [self._line(row) for row in rows]
        axes = drawing.canvas(ax, width=9.0, height=_height(len(rows)))
        at, left = np.arange(len(rows)), np.zeros(len(rows))
        fills = (
            ("closed", "closed", "0.35", ""),
            ("pipeline", "in_pipeline", "0.65", "///"),
            ("run_rate", "to_find", "0.9", "..."),
        )
        for name, label, shade, hatch in fills:
            part = np.array([row[name] for row in rows])
            axes.barh(
                at,
                part,
                left=left,
                height=0.7,
                facecolor=shade,
                hatch=hatch,
                edgecolor=INK,
                linewidth=0.5,
                label=self._say(label),
                zorder=2,
            )
            left = left + part
        low, high, target = (np.array([row[one] for row in rows]) for one in ("low", "high", "target"))
        if len(rows):
            axes.hlines(at, low, high, color="white", linewidth=4.0, zorder=3)
            axes.hlines(at, low, high, color=INK, linewidth=1.6, label=self._say("interval"), zorder=4)
            axes.scatter(
                target,
                at,
                marker="D",
                s=36,
                color="white",
                edgecolors=INK,
                linewidths=1.5,
                label=self._say("target"),
                zorder=5,
            )
        _named_rows(axes, names)
        self._money_across(axes)
        self._title(axes, "forecast")
        drawing.legend_beside(axes)
        return axes

    def pipeline(self, *, ax: Axes | None = None) -> Axes:
        """Draw the value of the open opportunities at each stage by segment, and what it weighs.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        Axes
            Money by stage.

        Raises
        ------
        BackendUnavailableError
            When matplotlib is not installed.
        """
        axes = drawing.canvas(ax, width=9.0, height=4.5)
        held = self._only(self.review.stages)
        rows = held.by("stage", "segment").to_dicts() if len(held) else []
        stages = list(dict.fromkeys(row["stage"] for row in rows))
        segments = [one.id for one in self.review.plan.problem.strategy.segments]
        value, weighted = np.zeros((len(segments), len(stages))), np.zeros(len(stages))
        for row in rows:
            value[segments.index(row["segment"]), stages.index(row["stage"])] += row["value"]
            weighted[stages.index(row["stage"])] += row["weighted"]
        used = np.flatnonzero(value.any(axis=1))
        names = {one.id: one.name or one.id for one in self.review.plan.problem.strategy.segments}
        labels = [names[segments[at]] for at in used]
        drawing.stack(axes, value[used], labels=labels, looks=drawing.looks(used.size))
        if stages:
            drawing.stairs(axes, weighted, label=self._say("weighted"))
        known = {
            stage.id: stage.name or stage.id
            for funnel in self.review.plan.problem.playbook.funnels
            for stage in funnel.stages
        }
        axes.set_xticks(
            range(len(stages)), [drawing.plain(known.get(one, one or self._say("no_stage"))) for one in stages]
        )
        strategy = self.review.plan.problem.strategy
        drawing.money_axis(axes, drawing.plain(strategy.currency))
        self._title(axes, "pipeline")
        drawing.legend_beside(axes)
        return axes

    def _spread(self, pace: Floats, *, ax: Axes | None) -> Axes:
        """Draw how many reps are at which pace."""
        axes = drawing.canvas(ax, width=9.0, height=4.5)
        known = np.minimum(pace[np.isfinite(pace)], 2.5)
        edges = np.arange(0.0, 2.6, 0.1)
        axes.hist(np.maximum(known, 0.0), bins=edges.tolist(), facecolor="0.7", edgecolor=INK, linewidth=0.5, zorder=2)
        axes.axvline(1.0, color=INK, linewidth=1.6, linestyle="--", label=self._say("planned_pace"), zorder=3)
        drawing.percent_axis(axes.xaxis, self._say("pace"))
        axes.set_ylabel(self._say("reps"))
        _plain_axes(axes)
        self._title(axes, "spread", many=f"{len(pace):,}")
        drawing.legend_beside(axes)
        return axes

    def _only(self, table: Table) -> Table:
        return table if self.reps is None else table.where(rep=list(self.reps))

    def _called(self, reps: Sequence[str]) -> list[str]:
        names = {one.id: one.name or one.id for one in self.review.plan.problem.sales_force.reps}
        return [names[one] for one in reps]

    def _line(self, row: dict[str, Any]) -> str:
        return " / ".join(row[one] for one in ("segment", "product", "business") if row[one])

    def _money_across(self, axes: Axes) -> None:
        strategy = self.review.plan.problem.strategy
        axes.xaxis.set_major_formatter(drawing.money_text)
        axes.set_xlabel(self._say(strategy.measure, currency=drawing.plain(strategy.currency)))
        left, right = axes.get_xlim()
        axes.set_xlim(min(0.0, left), max(right, 1.04 * axes.dataLim.x1))
        axes.grid(visible=True, axis="x", color="0.9", zorder=0)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)

    def _say(self, key: str, **parts: str) -> str:
        return PICTURE_WORDS[self.language][key].format(**parts)

    def _title(self, axes: Axes, key: str, **parts: str) -> None:
        words = self._say(key, day=str(self.review.as_of), **parts)
        axes.set_title(f"{drawing.escaped(self.review.plan.problem.strategy.name)}: {words}", loc="left")

    def _draw_funnel(self, axes: Axes, trials: Ints, won: Ints) -> None:
        """Draw the common rate and the sides between which a rate stays by chance alone."""
        from planalloc.numerics.funnel_limits import funnel_limits  # noqa: PLC0415 -- brings scipy along

        target = float(won.sum() / trials.sum())
        grid = np.unique(np.linspace(1, 1.05 * trials.max() + 1, 200).astype(np.int64))
        for coverage, style in ((0.95, "--"), (0.998, ":")):
            sides = funnel_limits(grid, target=target, coverage=coverage)
            label = self._say("by_chance", share=f"{100 * coverage:g}%")
            axes.plot(grid, sides.low, color=INK, linewidth=1.2, linestyle=style, label=label, zorder=3)
            axes.plot(grid, sides.high, color=INK, linewidth=1.2, linestyle=style, zorder=3)
        axes.axhline(target, color=INK, linewidth=1.2, label=self._say("rate_of_all"), zorder=3)


def _height(rows: int) -> float:
    return 1.8 + 0.24 * max(rows, 3)


def _named_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [drawing.plain(name) for name in names])
    axes.set_ylim(max(len(names), 1) - 0.4, -0.6)


def _plain_axes(axes: Axes) -> None:
    axes.grid(visible=True, color="0.9", zorder=0)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
