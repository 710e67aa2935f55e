"""Pictures of a plan and of its parts: money over the year, hours against what there is, and who sells what.

Everything is told by lightness, hatch or line style as well as by color, so that it can be read in print and by the
color-blind. matplotlib is loaded when a picture is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from planalloc.plan import drawing
from planalloc.plan.languages import Language, language_of
from planalloc.plan.table import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from planalloc.plan.part import PlanPart
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table
    from planalloc.types import Floats, Ints

__all__ = ["Pictures", "RepPictures"]

READ_ONE_BY_ONE = 60
"""Up to so many reps each has a row of its own; of more, the spread is drawn."""


@dataclass(frozen=True)
class _Source:
    """What all pictures of a plan, or of a part of it, draw from."""

    plan: Plan
    part: PlanPart | None = field(default=None, repr=False)

    @property
    def _of(self) -> Plan | PlanPart:
        return self.part or self.plan

    @property
    def _periods(self) -> list[str]:
        calendar = self.plan.problem.calendar
        ids = [period.id for period in calendar.periods()]
        if self.part is None or self.part.period_id is None:
            return ids
        grain, at = calendar.find(self.part.period_id)
        return [one for one, holder in zip(ids, calendar.nest(calendar.grain, grain), strict=True) if holder == at]

    @property
    def _segments(self) -> dict[str, str]:
        """Names by id."""
        return {one.id: one.name or one.id for one in self.plan.problem.strategy.segments}

    def _by_period(self, table: Table, measure: str) -> Floats:
        """Return sums, shape (n_periods,)."""
        return _sums(table, measure, period=self._periods)

    def _draw_money(self, axes: Axes) -> None:
        """Stack the segments' quotas of each period."""
        quotas = _sums(self._of.quotas, "quota", segment=list(self._segments), period=self._periods)
        used = np.flatnonzero(quotas.any(axis=1))
        names, looks = list(self._segments.values()), self._looks
        drawing.stack(axes, quotas[used], labels=[names[at] for at in used], looks=[looks[at] for at in used])

    @property
    def _looks(self) -> list[drawing.Look]:
        """How each segment of the strategy looks: the same in every picture, whatever else is drawn."""
        return drawing.looks(len(self._segments))

    def _finish_money(self, axes: Axes, language: Language) -> None:
        """Name the periods, the money and the parts, once all is drawn."""
        strategy, grain = self.plan.problem.strategy, language[self.plan.problem.calendar.grain]
        drawing.name_periods(axes, self._periods, language=language)
        currency, measure = drawing.plain(strategy.currency), language[strategy.measure]
        label = language.say("money", currency=currency, measure=measure, grain=grain)
        drawing.money_axis(axes, label, language=language)
        self._draw_title(axes, language.say("quota_by_grain", grain=grain), language)
        drawing.legend_beside(axes)

    def _draw_title(self, axes: Axes, words: str, language: Language) -> None:
        strategy, calendar = self.plan.problem.strategy, self.plan.problem.calendar
        whose = strategy.name
        if self.part:
            span = language.say("span", start=language.on(calendar.start), end=language.on(calendar.end))
            whose = f"{strategy.name}, {self.part.who}, {self.part.period_id or span}"
        axes.set_title(language.say("stated", whose=drawing.escaped(whose), what=words), loc="left")


@dataclass(frozen=True)
class Pictures(_Source):
    """Pictures of a whole plan or of a team: ``plan.plot.season()``, ``plan.team("north").plot.load()``.

    Each draws on `ax` or, without one, on a figure of its own that pyplot does not know. A notebook shows the axes
    that end a cell; ``axes.figure.savefig("season.png")`` keeps them.

    Examples
    --------
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice"]).replace(pa.Policy(default_phasing="equal")))
    >>> [int(bar.get_height()) for bar in plan.plot.season().containers[0]]
    [100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100]
    """

    def season(self, *, ax: Axes | None = None, locale: str = "en") -> Axes:
        """Draw the quotas of each period by segment, the reference (F-11) as a line, and on top what nobody carries.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region, which changes nothing.

        Returns
        -------
        Axes
            Money a period.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        language = language_of(locale)
        axes = drawing.canvas(ax, width=9.0, height=4.5)
        self._draw_money(axes)
        if self.part is None and len(self.plan.shortfall):
            short = self._by_period(self.plan.shortfall, "revenue")
            carried = self._by_period(self.plan.quotas, "quota")
            label, look = language["short"], drawing.MISSING
            drawing.stack(axes, short[None], labels=[label], looks=[look], above=carried)
        drawing.stairs(axes, self._by_period(self._of.quotas, "reference"), label=language["reference"])
        self._finish_money(axes, language)
        return axes

    def load(self, *, ax: Axes | None = None, locale: str = "en") -> Axes:
        """Draw planned hours as a part of available hours (F-2): a heat map by rep and period, of many reps the spread.

        Cells without available hours are hatched.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region, which changes nothing.

        Returns
        -------
        Axes
            Percent by period.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        reps, language = _occurring(self._of.capacity), language_of(locale)
        full = self._utilization(reps)
        if len(reps) <= READ_ONE_BY_ONE:
            axes = drawing.canvas(ax, width=9.0, height=1.8 + 0.24 * max(len(reps), 3))
            drawing.heat_map(axes, full, rows=self._names(reps), language=language)
        else:
            axes = drawing.canvas(ax, width=9.0, height=4.5)
            drawing.bands(axes, full, language=language)
            drawing.amount_axis(axes, "")
            drawing.percent_axis(axes.yaxis, language["of_available_hours"], language=language)
            axes.set_ylim(top=max(1.05, axes.get_ylim()[1]))
            drawing.legend_beside(axes)
        drawing.name_periods(axes, self._periods, language=language)
        said = language.say("load", people=_people(reps, language))
        if not self._of.capacity.total("planned_hours"):
            said = language.say("stated", whose=said, what=language["no_activities"])
        self._draw_title(axes, said, language)
        return axes

    def mix(self, *, ax: Axes | None = None, locale: str = "en") -> Axes:
        """Draw each rep's segments as parts of the rep's quota, below the strategy's; of many reps, the spread.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; None makes a figure.
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region, which changes nothing.

        Returns
        -------
        Axes
            Percent of quotas. The strategy's part of a segment is that of its targets, met or not.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        quotas, language = self._of.quotas, language_of(locale)
        reps, segments = _occurring(quotas), list(self._segments)
        wanted = _sums(self.plan.quotas, "base", segment=segments) + _sums(
            self.plan.shortfall, "revenue", segment=segments
        )
        carried = _sums(quotas, "quota", rep=reps, segment=segments)
        used = np.flatnonzero(wanted + carried.sum(axis=0))
        carrying = np.flatnonzero(carried.any(axis=1))
        shares = _parts_of_one(carried[np.ix_(carrying, used)])
        strategy = _parts_of_one(wanted[None, used])
        names = [list(self._segments.values())[at] for at in used]
        people = self._names([reps[at] for at in carrying])
        if len(people) <= READ_ONE_BY_ONE:
            axes = drawing.canvas(ax, width=9.0, height=1.8 + 0.24 * max(len(people) + 1, 3))
            rows, looks = [language["strategy"], *people], self._looks
            parts, chosen = np.vstack([strategy, shares]), [looks[at] for at in used]
            drawing.compared_parts(axes, parts, rows=rows, labels=names, looks=chosen)
        else:
            axes = drawing.canvas(ax, width=9.0, height=1.8 + 0.4 * max(len(names), 3))
            drawing.boxes(axes, shares, marks=strategy[0], names=names, mark=language["strategy"], language=language)
            axes.set_xlim(left=0)
        drawing.percent_axis(axes.xaxis, language["of_quota"], language=language)
        self._draw_title(axes, language.say("segments", people=_people(people, language)), language)
        drawing.legend_beside(axes)
        return axes

    def _utilization(self, reps: Sequence[str]) -> Floats:
        """Return planned of available hours, shape (n_reps, n_periods); NaN where none are available."""
        planned, available = (
            _sums(self._of.capacity, name, rep=reps, period=self._periods)
            for name in ("planned_hours", "available_hours")
        )
        full: Floats = np.divide(planned, available, out=np.full(planned.shape, np.nan), where=available > 0)
        return full

    def _names(self, reps: Sequence[str]) -> list[str]:
        names = {one.id: one.name or one.id for one in self.plan.problem.sales_force.reps}
        return [names[one] for one in reps]


@dataclass(frozen=True)
class RepPictures(_Source):
    """Pictures of one person's plan: ``plan.rep("alice").plot.year()``."""

    def year(self, *, ax: Axes | None = None, locale: str = "en") -> Axes:
        """Draw the quota of each period by segment and, below it, planned against available hours (F-2).

        Parameters
        ----------
        ax : Axes, optional
            Where to draw the money, and nothing else; None makes a figure, with the hours where any are planned.
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region, which changes nothing.

        Returns
        -------
        Axes
            Money a period; the hours are ``axes.figure.axes[1]``.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When matplotlib is not installed.

        Examples
        --------
        >>> import planalloc as pa
        >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
        ...                                              reps=["alice"]))
        >>> plan.rep("alice").plot.year().get_title(loc="left")
        'Strategy 2027, alice, 2027-01-01 to 2027-12-31: quota by month'
        """
        language = language_of(locale)
        axes = drawing.canvas(ax, width=9.0, height=4.0)
        self._draw_money(axes)
        self._finish_money(axes, language)
        planned, available = (self._by_period(self._of.capacity, name) for name in ("planned_hours", "available_hours"))
        if ax is None and planned.any():
            hours = drawing.below(axes)
            drawing.stack(hours, planned[None], labels=[language["planned"]], looks=[drawing.WORK])
            drawing.stairs(hours, available, label=language["available"])
            drawing.name_periods(hours, self._periods, language=language)
            grain = language[self.plan.problem.calendar.grain]
            drawing.amount_axis(hours, language.say("hours_by_grain", grain=grain))
            drawing.legend_beside(hours)
        return axes


def _sums(table: Table, measure: str, **labels: Sequence[str]) -> Floats:
    """Return the sums of a measure for the named values of one or two labels, in their order; zero without rows."""
    sums = np.zeros([len(ids) for ids in labels.values()])
    if not len(table):
        return sums
    summed = table.by(*labels)
    at = [_positions(summed.contents[label], ids) for label, ids in labels.items()]
    known = np.all([one >= 0 for one in at], axis=0)
    sums[tuple(one[known] for one in at)] = summed[measure][known]
    return sums


def _positions(column: object, ids: Sequence[str]) -> Ints:
    """Return where each row's text stands among some texts, shape (n_rows,); -1 where it does not."""
    assert isinstance(column, Text)  # noqa: S101 -- for the type checker: ids are text
    position = {one: at for at, one in enumerate(ids)}
    positions: Ints = np.array([*(position.get(one, -1) for one in column.categories), -1])[column.codes]
    return positions


def _occurring(table: Table) -> list[str]:
    """Return the reps who have rows, in the order of results."""
    if not len(table):
        return []
    column = table.contents["rep"]
    assert isinstance(column, Text)  # noqa: S101 -- for the type checker: ids are text
    return [column.categories[at] for at in np.unique(column.codes)]


def _parts_of_one(amounts: Floats) -> Floats:
    """Return amounts as parts of their row's sum, shape (n_rows, n_columns)."""
    whole = amounts.sum(axis=1, keepdims=True)
    parts: Floats = np.divide(amounts, whole, out=np.zeros(amounts.shape), where=whole > 0)
    return parts


def _people(reps: Sequence[str], language: Language) -> str:
    return language["one_rep"] if len(reps) == 1 else language.say("reps", many=language.number(len(reps)))
