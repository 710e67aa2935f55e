"""Pictures of a review: who stands where, whose conversion differs, how the year may end, what the pipeline holds.

As in a plan's pictures, everything is told by lightness, hatch or line style as well as by color, and matplotlib is
loaded when a picture is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from planalloc.plan import drawing
from planalloc.plan.languages import LANGUAGES, language_of
from planalloc.reviewing.picture_words import PICTURE_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from matplotlib.axes import Axes

    from planalloc.plan.languages import Language
    from planalloc.plan.table import Table
    from planalloc.reviewing.review import Review
    from planalloc.types import Floats, Ints

__all__ = ["ReviewPictures"]

READ_ONE_BY_ONE = 60
"""Up to so many reps each has a row of its own; of more, the spread or the lines are drawn."""
NAMED = 12
"""Reps beyond the funnel's sides that are named, the farthest first."""
INK = "#202020"


class _Said(NamedTuple):
    """How a picture speaks."""

    words: Mapping[str, str]
    language: Language

    @classmethod
    def of(cls, locale: str) -> Self:
        language = language_of(locale)
        return cls(next(PICTURE_WORDS[one] for one, known in LANGUAGES.items() if known is language), language)

    def word(self, key: str, **parts: str) -> str:
        return self.words[key].format(**parts)


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
    """

    review: Review
    reps: tuple[str, ...] | None = None

    def attainment(self, *, ax: Axes | None = None, locale: str = "en") -> Axes:
        """Draw what each rep sold to date, what was due by the plan's own season, and the quota; of many, the spread.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.
        locale : str
            Language of the words and numbers: ``"en"`` or ``"fr"``, also with a region.

        Returns
        -------
        Axes
            Money by rep; of more than 60 reps, how many are at which pace.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        said = _Said.of(locale)
        rows = self._only(self.review.attainment)
        table = rows.by("rep").to_dicts() if len(rows) else []
        if len(table) > READ_ONE_BY_ONE:
            return self._spread(np.array([row["pace"] for row in table]), ax=ax, said=said)
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
            label=said.word("quota"),
            zorder=2,
        )
        axes.barh(
            at,
            sold,
            height=0.5,
            facecolor=drawing.looks(1)[0].fill,
            edgecolor=INK,
            linewidth=0.5,
            label=said.word("sold"),
            zorder=3,
        )
        axes.vlines(due, at - 0.4, at + 0.4, color="white", linewidth=4.6, zorder=4)
        axes.vlines(due, at - 0.4, at + 0.4, color=INK, linewidth=2.2, label=said.word("due"), zorder=5)
        _named_rows(axes, self._called([row["rep"] for row in table]))
        self._money_across(axes, said)
        self._title(axes, said, "attainment")
        drawing.legend_beside(axes)
        return axes

    def conversion(self, step: str = "won", *, ax: Axes | None = None, locale: str = "en") -> Axes:
        """Draw the funnel of each rep's conversion at a step: rate by number of opportunities, and where chance ends.

        Who differs from colleagues on the same lines (`Review.comparisons`) is named and drawn full.

        Parameters
        ----------
        step : str
            The step: ``"won"`` for the whole sale, or a stage.
        ax : Axes, optional
            Where to draw; None makes a figure.
        locale : str
            Language of the words and numbers: ``"en"`` or ``"fr"``, also with a region.

        Returns
        -------
        Axes
            Rate by number of opportunities.

        Raises
        ------
        UnknownNameError
            When there is no such step, or there are no words for the locale.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        said = _Said.of(locale)
        axes = drawing.canvas(ax, width=9.0, height=5.0)
        whole = self.review.conversion.where(step=step) if len(self.review.conversion) else self.review.conversion
        rows = [row for row in (whole.by("rep").to_dicts() if len(whole) else []) if row["trials"]]
        trials, won = (np.array([row[one] for row in rows], dtype=np.int64) for one in ("trials", "won"))
        if rows:
            self._draw_funnel(axes, trials, won, said=said)
        mine = [at for at, row in enumerate(rows) if self.reps is None or row["rep"] in self.reps]
        differs = set(self.review.comparisons.where(step=step, differs=True)["rep"]) if rows else set()
        rates = won / np.maximum(trials, 1)
        for full, label in ((False, said.word("alike")), (True, said.word("differs"))):
            some = [at for at in mine if (rows[at]["rep"] in differs) == full]
            if some:
                face = INK if full else "white"
                axes.scatter(trials[some], rates[some], s=34, color=face, edgecolors=INK, label=label, zorder=5)
        for at in sorted((at for at in mine if rows[at]["rep"] in differs), key=lambda at: -trials[at])[:NAMED]:
            name = drawing.plain(self._called([rows[at]["rep"]])[0])
            axes.annotate(
                name, (trials[at], rates[at]), xytext=(6, 4), textcoords="offset points", fontsize=8, zorder=6
            )
        axes.set_xlabel(said.word("trials"))
        drawing.percent_axis(axes.yaxis, said.word("won" if step == "won" else "passed"), language=said.language)
        _plain_axes(axes)
        axes.set_xlim(left=0)
        axes.set_ylim(0.0, max(0.05, min(1.02, 1.6 * float(rates.max(initial=0.0)))))
        if not rows:
            axes.text(0.5, 0.5, said.word("too_young"), transform=axes.transAxes, ha="center", va="center")
        self._title(axes, said, "conversion", step=said.word("whole_sale") if step == "won" else drawing.plain(step))
        drawing.legend_beside(axes)
        return axes

    def forecast(self, *, ax: Axes | None = None, locale: str = "en") -> Axes:
        """Draw the year's end of each rep: closed, in the pipeline, still to be found; interval and target.

        Of more than 60 reps, the lines are drawn instead.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.
        locale : str
            Language of the words and numbers: ``"en"`` or ``"fr"``, also with a region.

        Returns
        -------
        Axes
            Money by rep or line.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        said = _Said.of(locale)
        rows = self._only(self.review.forecast.where(scope="rep")).to_dicts()
        rows = [row for row in rows if row["target"] > 0 or row["expected"] > 0]
        names = self._called([row["rep"] for row in rows])
        if len(rows) > READ_ONE_BY_ONE:
            rows = self.review.forecast.where(scope="line").to_dicts()
            names = [self._line(row) for row in rows]
        axes = drawing.canvas(ax, width=9.0, height=_height(len(rows)))
        at, left = np.arange(len(rows)), np.zeros(len(rows))
        fills = (("closed", "closed"), ("pipeline", "in_pipeline"), ("run_rate", "to_find"))
        for (name, label), look in zip(fills, drawing.looks(len(fills)), strict=True):
            part = np.array([row[name] for row in rows])
            axes.barh(
                at,
                part,
                left=left,
                height=0.7,
                facecolor=look.fill,
                hatch=look.hatch,
                edgecolor=look.edge,
                linewidth=0.5,
                label=said.word(label),
                zorder=2,
            )
            left = left + part
        low, high, target = (np.array([row[one] for row in rows]) for one in ("low", "high", "target"))
        if len(rows):
            axes.hlines(at, low, high, color="white", linewidth=4.0, zorder=3)
            axes.hlines(at, low, high, color=INK, linewidth=1.6, label=said.word("interval"), zorder=4)
            axes.scatter(
                target,
                at,
                marker="D",
                s=36,
                color="white",
                edgecolors=INK,
                linewidths=1.5,
                label=said.word("target"),
                zorder=5,
            )
        _named_rows(axes, names)
        self._money_across(axes, said)
        self._title(axes, said, "forecast")
        drawing.legend_beside(axes)
        return axes

    def pipeline(self, *, ax: Axes | None = None, locale: str = "en") -> Axes:
        """Draw the value of the open opportunities at each stage by segment, and what it weighs.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.
        locale : str
            Language of the words and numbers: ``"en"`` or ``"fr"``, also with a region.

        Returns
        -------
        Axes
            Money by stage.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        said = _Said.of(locale)
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
            drawing.stairs(axes, weighted, label=said.word("weighted"))
        known = {
            stage.id: stage.name or stage.id
            for funnel in self.review.plan.problem.playbook.funnels
            for stage in funnel.stages
        }
        axes.set_xticks(
            range(len(stages)), [drawing.plain(known.get(one, one or said.word("no_stage"))) for one in stages]
        )
        strategy = self.review.plan.problem.strategy
        drawing.money_axis(axes, drawing.plain(strategy.currency), language=said.language)
        self._title(axes, said, "pipeline")
        drawing.legend_beside(axes)
        return axes

    def _spread(self, pace: Floats, *, ax: Axes | None, said: _Said) -> Axes:
        """Draw how many reps are at which pace."""
        axes = drawing.canvas(ax, width=9.0, height=4.5)
        known = np.minimum(pace[np.isfinite(pace)], 2.5)
        edges = np.arange(0.0, 2.6, 0.1)
        axes.hist(
            np.maximum(known, 0.0), bins=edges.tolist(), facecolor=drawing.looks(1)[0].fill, edgecolor="white", zorder=2
        )
        axes.axvline(1.0, color=INK, linewidth=1.6, linestyle="--", label=said.word("planned_pace"), zorder=3)
        drawing.percent_axis(axes.xaxis, said.word("pace"), language=said.language)
        axes.set_ylabel(said.word("reps"))
        _plain_axes(axes)
        self._title(axes, said, "spread", many=said.language.number(len(pace)))
        drawing.legend_beside(axes)
        return axes

    def _only(self, table: Table) -> Table:
        return table if self.reps is None else table.where(rep=list(self.reps))

    def _called(self, reps: Sequence[str]) -> list[str]:
        names = {one.id: one.name or one.id for one in self.review.plan.problem.sales_force.reps}
        return [names[one] for one in reps]

    def _line(self, row: dict[str, Any]) -> str:
        return " / ".join(row[one] for one in ("segment", "product", "business") if row[one])

    def _money_across(self, axes: Axes, said: _Said) -> None:
        strategy = self.review.plan.problem.strategy
        axes.xaxis.set_major_formatter(partial(drawing.money_text, language=said.language))
        axes.set_xlabel(said.word(strategy.measure, currency=drawing.plain(strategy.currency)))
        left, right = axes.get_xlim()
        axes.set_xlim(min(0.0, left), max(right, 1.04 * axes.dataLim.x1))
        axes.grid(visible=True, axis="x", color="0.9", zorder=0)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)

    def _title(self, axes: Axes, said: _Said, key: str, **parts: str) -> None:
        words = said.word(key, day=said.language.on(self.review.as_of), **parts)
        whose = drawing.escaped(self.review.plan.problem.strategy.name)
        axes.set_title(said.language.say("stated", whose=whose, what=words), loc="left")

    def _draw_funnel(self, axes: Axes, trials: Ints, won: Ints, *, said: _Said) -> None:
        """Draw the common rate and the sides between which a rate stays by chance alone."""
        from planalloc.numerics.funnel_limits import funnel_limits  # noqa: PLC0415 -- brings scipy along

        target = float(won.sum() / trials.sum())
        grid = np.unique(np.linspace(1, 1.05 * trials.max() + 1, 200).astype(np.int64))
        for coverage, style in ((0.95, "--"), (0.998, ":")):
            sides = funnel_limits(grid, target=target, coverage=coverage)
            label = said.word("by_chance", share=said.language.signs(f"{100 * coverage:g}") + said.language.percent)
            axes.plot(grid, sides.low, color=INK, linewidth=1.2, linestyle=style, label=label, zorder=3)
            axes.plot(grid, sides.high, color=INK, linewidth=1.2, linestyle=style, zorder=3)
        axes.axhline(target, color=INK, linewidth=1.2, label=said.word("rate_of_all"), zorder=3)


def _height(rows: int) -> float:
    return 1.8 + 0.24 * max(rows, 3)


def _named_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [drawing.plain(name) for name in names])
    axes.set_ylim(max(len(names), 1) - 0.4, -0.6)


def _plain_axes(axes: Axes) -> None:
    axes.grid(visible=True, color="0.9", zorder=0)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
