"""From whole units to the tables of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from planalloc.errors import InputError
from planalloc.numerics.apportion import cumulative_round
from planalloc.plan.table import Column, Periods, Table, Text
from planalloc.types import Grain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.activities import Item, Work
    from planalloc.formulate.answering import Answered
    from planalloc.formulate.formulation import Formulation
    from planalloc.model.calendar import Calendar, Period
    from planalloc.types import Floats, Ints

__all__ = ["Tables", "earlier_axis", "horizon_axis"]

THIS, NEXT = "this horizon", "next horizon"
BEFORE_HORIZON, BEFORE_FIRST_DAY = "before the horizon", "before the first day"


def horizon_axis(calendar: Calendar) -> Periods:
    """Return the plan's periods and all the coarser ones in which they nest."""
    coarser: dict[Grain, tuple[str, ...] | str] = {}
    for grain in get_args(Grain):
        try:
            holder = calendar.nest(calendar.grain, grain)
        except InputError as error:
            coarser[grain] = error.message
        else:
            ids = [period.id for period in calendar.periods(grain)]
            coarser[grain] = tuple(ids[i] for i in holder)
    return Periods(calendar.grain, tuple(period.id for period in calendar.periods()), coarser)


def earlier_axis(calendar: Calendar, earlier: tuple[Period, ...]) -> Periods:
    """Return the periods in which earlier work may fall: those before the horizon, then those of the horizon."""
    before = [period.id for period in earlier]
    within = [period.id for period in calendar.periods()]
    return Periods(calendar.grain, tuple(dict.fromkeys(before + within)))


@dataclass(frozen=True)
class Counted:
    """Whole numbers of one thing: by rep and period, shape (R, T), and what the rows that hold them say."""

    count: Ints
    labels: dict[str, str | None]
    hours: float = 0.0
    value: float = 0.0


@dataclass(frozen=True)
class Tables:
    """The tables of one plan.

    Parameters
    ----------
    formulation : Formulation
        What the plan answers to.
    answered : Answered
        The plan in floats.
    base, quota, reference : Ints
        In rounding units, shape (R, S, T).
    shortfall : Ints
        In rounding units, shape (S, T).
    """

    formulation: Formulation
    answered: Answered
    base: Ints
    quota: Ints
    reference: Ints
    shortfall: Ints

    @property
    def _work(self) -> Work:
        return self.formulation.work

    @cached_property
    def _axis(self) -> Periods:
        return horizon_axis(self.formulation.index.problem.calendar)

    @cached_property
    def _rep_ids(self) -> tuple[str, ...]:
        return tuple(rep.id for rep in self.formulation.index.reps)

    @cached_property
    def _segment_ids(self) -> tuple[str, ...]:
        return tuple(segment.id for segment in self.formulation.index.segments)

    def named(self) -> dict[str, Table]:
        """All tables by the name of the plan's field, and ``phasing_gap`` of its report."""
        activities = self.activities()
        return {
            "quotas": self.quotas(),
            "activities": activities,
            "pipeline": self.pipeline(),
            "capacity": self.capacity(activities),
            "shortfall": self.shortfalls(),
            "earlier_work": self.earlier_work(),
            "coverage": self.coverage(),
            "phasing_gap": self.phasing_gap(),
        }

    def money(self, units: Ints) -> Any:
        """Return rounding units as money: int64 where the step is whole, else float64 of so many decimals."""
        step = self.formulation.index.problem.policy.step
        numerator, denominator = step.as_integer_ratio()
        scaled = units.astype(np.int64) * numerator
        return scaled if denominator == 1 else scaled / denominator

    @cached_property
    def _money_decimals(self) -> int:
        return max(-int(self.formulation.index.problem.policy.step.as_tuple().exponent), 0)

    def _decimals(self, *names: str) -> dict[str, int]:
        return dict.fromkeys(names, self._money_decimals) if self._money_decimals else {}

    def _line_labels(self, lines: Ints) -> dict[str, Column]:
        index = self.formulation.index
        products = tuple(one.id for one in index.problem.strategy.products)
        segment = Text.of([line.segment for line in index.lines], self._segment_ids)
        product = Text.of([line.product for line in index.lines], products)
        business = Text.of([line.business for line in index.lines], ("existing", "new"))
        whole = {"segment": segment, "product": product, "business": business}
        return {name: Text(column.codes[lines], column.categories) for name, column in whole.items()}

    def _dates(self, periods: Ints) -> dict[str, Column]:
        edges = np.array([(p.start, p.end) for p in self.formulation.index.periods], dtype="datetime64[D]")
        return {"start": edges[periods, 0], "end": edges[periods, 1]}

    def quotas(self) -> Table:
        """One row for each rep, line that the rep covers and period in which the rep is there."""
        index = self.formulation.index
        r, s, t = np.nonzero(self.formulation.may_carry | (self.base > 0) | (self.reference > 0))
        teams = Text.of([rep.team for rep in index.reps], index.team_ids)
        columns: dict[str, Column] = {
            "rep": Text(r, self._rep_ids),
            "team": Text(teams.codes[r], teams.categories),
            **self._line_labels(s),
            "period": Text(t, self._axis.ids),
            **self._dates(t),
        }
        amounts = {"reference": self.reference, "base": self.base, "quota": self.quota}
        columns |= {name: self.money(units[r, s, t]) for name, units in amounts.items()}
        measures = ["reference", "base", "quota"]
        prices = {one.id: one.unit_price for one in index.problem.strategy.products}
        if any(prices.values()):
            price = np.array([prices.get(line.product or "") or np.nan for line in index.lines])
            columns["units"] = columns["quota"] / price[s]
            measures.append("units")
        return Table(
            columns,
            name="quotas",
            measures=tuple(measures),
            decimals=self._decimals("reference", "base", "quota"),
            calendar=self._axis,
        )

    def shortfalls(self) -> Table:
        """One row for each line and period whose target is not met; empty where every target is."""
        s, t = np.nonzero(self.shortfall)
        columns = {
            **self._line_labels(s),
            "period": Text(t, self._axis.ids),
            "revenue": self.money(self.shortfall[s, t]),
        }
        return Table(
            columns, name="shortfall", measures=("revenue",), decimals=self._decimals("revenue"), calendar=self._axis
        )

    # -- activities --------------------------------------------------------------------------------------------------

    @cached_property
    def _cells(self) -> Floats:
        return self.base.astype(float)

    def _by_label(self, *, activities: bool) -> dict[tuple[int, str, str | None], list[Item]]:
        """Items of all lines of a segment that are counted together, by segment, stage and activity."""
        found: dict[tuple[int, str, str | None], list[Item]] = {}
        for item in self._work.items:
            if (item.activity is not None) == activities:
                key = (int(self.formulation.index.line_segment[item.line]), item.stage, item.activity)
                found.setdefault(key, []).append(item)
        return found

    def _done(self, items: list[Item], *, wrapped: bool) -> Floats:
        """How many of these items fall in each period of the horizon, shape (R, T)."""
        _, _, which = self._work.pattern
        found = np.zeros((len(self._rep_ids), len(self._axis.ids)))
        for item in items:
            kernel = self._work.timing(item.kernel)[int(wrapped)]
            for number in range(len(kernel)):
                rows = which == number
                found[rows] += item.per_unit * self._cells[rows, item.line] @ kernel[number]
        return found

    def _counted_activities(self) -> Iterator[Counted]:
        feeding = {(segment, activity): asked > 0 for segment, activity, asked in self._work.feeding}
        for (segment, stage, activity), items in self._by_label(activities=True).items():
            fed = feeding.get((segment, activity or ""), np.zeros(len(self._rep_ids), dtype=bool))
            for wrapped in (False, True):
                count = cumulative_round(self._done(items, wrapped=wrapped))
                for source, who in (("funnel", ~fed), ("both", fed)):
                    labels = self._labels(segment, stage, activity, source, NEXT if wrapped else THIS)
                    yield Counted(count * who[:, None], labels, items[0].hours)
        yield from self._counted_cadences()

    def _counted_cadences(self) -> Iterator[Counted]:
        coverage, hours = self.answered.coverage, self._work.activity_hours
        asked: dict[tuple[int, str], Floats] = dict(self._work.excess(self._cells, coverage))
        for cadence, segment, many in self._work.cadences:
            if not cadence.feeds_funnel:
                key = (segment, cadence.activity)
                asked[key] = asked.get(key, 0.0) + many * coverage[:, segment]
        for (segment, activity), many in sorted(asked.items()):
            count = cumulative_round(many[:, None] * self._work.profile)
            yield Counted(count, self._labels(segment, None, activity, "cadence", THIS), hours[activity])

    def _labels(
        self, segment: int, stage: str | None, activity: str | None, source: str, booked_in: str
    ) -> dict[str, str | None]:
        return {
            "segment": self._segment_ids[segment],
            "stage": stage,
            "activity": activity,
            "source": source,
            "booked_in": booked_in,
        }

    @cached_property
    def _vocabulary(self) -> dict[str, tuple[str, ...]]:
        """All known values of each label, in the order in which tables list them."""
        playbook = self.formulation.index.problem.playbook
        return {
            "segment": self._segment_ids,
            "stage": tuple(dict.fromkeys(stage.id for funnel in playbook.funnels for stage in funnel.stages)),
            "activity": tuple(activity.id for activity in playbook.activities),
            "source": ("funnel", "cadence", "both"),
            "booked_in": (THIS, NEXT),
            "reason": (BEFORE_HORIZON, BEFORE_FIRST_DAY),
        }

    def _stacked(self, counted: list[Counted], labels: tuple[str, ...]) -> tuple[dict[str, Column], Ints, Ints, Ints]:
        """Return label columns and, for every row: which of `counted` it is from, its rep, its period; sorted."""
        found = [np.nonzero(one.count) for one in counted]
        part = np.concatenate([np.full(len(r), i) for i, (r, _) in enumerate(found)] or [np.zeros(0)]).astype(np.int64)
        rep = np.concatenate([r for r, _ in found] or [np.zeros(0)]).astype(np.int64)
        period = np.concatenate([t for _, t in found] or [np.zeros(0)]).astype(np.int64)
        codes = {name: Text.of([one.labels[name] for one in counted], self._vocabulary[name]) for name in labels}
        sorting = [period, *(codes[name].codes[part] if counted else part for name in reversed(labels)), rep]
        order = np.lexsort(sorting)
        part, rep, period = part[order], rep[order], period[order]
        columns: dict[str, Column] = {"rep": Text(rep, self._rep_ids)}
        for name in labels:
            columns[name] = Text(codes[name].codes[part] if counted else part, codes[name].categories)
        return columns, part, rep, period

    def activities(self) -> Table:
        """One row for each rep, segment, stage, activity, source and period in which something is to be done."""
        counted = list(self._counted_activities())
        labels = ("segment", "stage", "activity", "source", "booked_in")
        columns, part, rep, period = self._stacked(counted, labels)
        count = _gathered(counted, part, rep, period)
        hours = np.array([one.hours for one in counted])[part] if counted else np.zeros(0)
        slow = self.formulation.time.productivity[rep, period]
        channel = self._channel(columns["activity"])
        ordered = {name: columns[name] for name in ("rep", "segment", "stage", "activity")}
        return Table(
            ordered
            | {"channel": channel, "period": Text(period, self._axis.ids), "source": columns["source"]}
            | {"booked_in": columns["booked_in"], "count": count, "hours": count * hours / slow},
            name="activities",
            measures=("count", "hours"),
            calendar=self._axis,
        )

    def _channel(self, activity: Column) -> Text:
        channels = ("field", "back_office", "remote")
        known = Text.of([one.channel for one in self.formulation.index.problem.playbook.activities], channels)
        assert isinstance(activity, Text)  # noqa: S101 -- for the type checker: labels are text
        return Text(np.append(known.codes, np.int32(-1))[activity.codes], channels)

    def pipeline(self) -> Table:
        """One row for each rep, segment, stage and period in which opportunities are to be created or moved."""
        counted = [
            Counted(
                cumulative_round(self._done(items, wrapped=wrapped)),
                self._labels(segment, stage, None, "funnel", NEXT if wrapped else THIS),
                value=items[0].value,
            )
            for (segment, stage, _), items in self._by_label(activities=False).items()
            for wrapped in (False, True)
        ]
        columns, part, rep, period = self._stacked(counted, ("segment", "stage", "booked_in"))
        count = _gathered(counted, part, rep, period)
        value = np.array([one.value for one in counted])[part] if counted else np.zeros(0)
        return Table(
            {name: columns[name] for name in ("rep", "segment", "stage")}
            | {"period": Text(period, self._axis.ids), "booked_in": columns["booked_in"]}
            | {"opportunities": count, "value": count * value},
            name="pipeline",
            measures=("opportunities", "value"),
            calendar=self._axis,
        )

    def earlier_work(self) -> Table:
        """Work that this horizon's bookings need before it starts, or before a rep's first day."""
        labels = ("segment", "stage", "activity", "reason")
        counted = list(self._counted_earlier())
        columns, part, rep, period = self._stacked(counted, labels)
        count = _gathered(counted, part, rep, period)
        hours = np.array([one.hours for one in counted])[part] if counted else np.zeros(0)
        axis = earlier_axis(self.formulation.index.problem.calendar, self._work.earlier)
        return Table(
            {name: columns[name] for name in ("rep", "segment", "stage", "activity")}
            | {"channel": self._channel(columns["activity"]), "period": Text(period, axis.ids)}
            | {"reason": columns["reason"], "count": count, "hours": count * hours},
            name="earlier work",
            measures=("count", "hours"),
            calendar=axis,
        )

    def _counted_earlier(self) -> Iterator[Counted]:
        """Earlier work by the earlier axis, shape (R, periods of that axis)."""
        axis = earlier_axis(self.formulation.index.problem.calendar, self._work.earlier)
        position = {name: i for i, name in enumerate(axis.ids)}
        before = [position[period.id] for period in self._work.earlier]
        within = [position[name] for name in self._axis.ids]
        lost = 1.0 - self._work.moves.sum(axis=2)[self._work.pattern[2]]
        shape = (len(self._rep_ids), len(axis.ids))
        for (segment, stage, activity), items in self._by_label(activities=True).items():
            early, unstarted = np.zeros(shape), np.zeros(shape)
            for item in items:
                revenue = item.per_unit * self._cells[:, item.line]
                early[:, before] += revenue @ item.kernel.before
                unstarted[:, within] += (revenue @ item.kernel.within) * lost
            for reason, amounts in ((BEFORE_HORIZON, early), (BEFORE_FIRST_DAY, unstarted)):
                names = {**self._labels(segment, stage, activity, "funnel", THIS), "reason": reason}
                yield Counted(cumulative_round(amounts), names, items[0].hours)

    def capacity(self, activities: Table) -> Table:
        """One row for each rep and period: hours there are, planned and worked on top."""
        time = self.formulation.time
        shape = time.hours.shape
        rep, period = activities.contents["rep"], activities.contents["period"]
        assert isinstance(rep, Text)  # noqa: S101 -- for the type checker: labels are text
        assert isinstance(period, Text)  # noqa: S101
        at = np.ravel_multi_index((rep.codes, period.codes), shape)
        planned = np.bincount(at, weights=activities["hours"], minlength=shape[0] * shape[1])
        needed = self._work.hours(self.answered.base, self.answered.coverage)
        over = np.where(needed > time.hours * (1 + 1e-6) + 1e-6, needed - time.hours, 0.0)
        r, t = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
        return Table(
            {
                "rep": Text(r, self._rep_ids),
                "period": Text(t, self._axis.ids),
                **self._dates(t),
                "available_hours": time.hours.ravel(),
                "planned_hours": planned,
                "overtime_hours": over.ravel(),
                "utilization": _ratio(planned, time.hours.ravel()),
            },
            name="capacity",
            measures=("available_hours", "planned_hours", "overtime_hours"),
            ratios={"utilization": ("planned_hours", "available_hours")},
            calendar=self._axis,
        )

    def coverage(self) -> Table:
        """One row for each rep and segment with accounts: how many are worked, and how often of what the cadence says."""
        index = self.formulation.index
        asked = np.zeros((len(self._rep_ids), len(self._segment_ids)), dtype=bool)
        for _, segment, many in self._work.cadences:
            asked[:, segment] |= many > 0
        r, g = np.nonzero(asked)
        accounts, part = self._work.all_accounts[r, g], self.answered.coverage[r, g]
        wanted = self.formulation.full_coverage[r, g]
        by_coverage = index.problem.policy.when_short == "coverage"
        covered = accounts * (part if by_coverage else wanted)
        visits = accounts * part
        return Table(
            {
                "rep": Text(r, self._rep_ids),
                "segment": Text(g, self._segment_ids),
                "accounts": accounts,
                "wanted_accounts": accounts * wanted,
                "covered_accounts": covered,
                "cadence_accounts": visits,
                "coverage": _ratio(covered, accounts),
                "frequency": _ratio(visits, covered),
            },
            name="coverage",
            measures=("accounts", "wanted_accounts", "covered_accounts", "cadence_accounts"),
            ratios={
                "coverage": ("covered_accounts", "accounts"),
                "frequency": ("cadence_accounts", "covered_accounts"),
            },
        )

    def phasing_gap(self) -> Table:
        """One row for each line and period that cannot follow its season: asked, planned, and the difference."""
        planned = self.answered.weights - self.formulation.season
        asked = self.formulation.season * self.formulation.targets[:, None]
        gap = planned * self.formulation.targets[:, None]
        s, t = np.nonzero(np.abs(gap) > 0.5)
        step = float(self.formulation.index.problem.policy.step)
        return Table(
            {
                **self._line_labels(s),
                "period": Text(t, self._axis.ids),
                "season": asked[s, t] * step,
                "gap": gap[s, t] * step,
            },
            name="phasing gap",
            measures=("season", "gap"),
            calendar=self._axis,
        )


def _gathered(counted: list[Counted], part: Ints, rep: Ints, period: Ints) -> Ints:
    if not counted:
        return np.zeros(0, dtype=np.int64)
    return np.array([one.count for one in counted], dtype=np.int64)[part, rep, period]


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)
