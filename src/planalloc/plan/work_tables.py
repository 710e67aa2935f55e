"""The tables of a plan that speak of work: activities, pipeline, hours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from planalloc.formulate.verification import verify_hours
from planalloc.numerics.apportion import cumulative_round
from planalloc.numerics.levelling import Kind, levelled, narrowed
from planalloc.plan.labels import Labels, earlier_axis
from planalloc.plan.table import Column, Periods, Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.activities import Item, Work
    from planalloc.formulate.answering import Answered
    from planalloc.formulate.formulation import Formulation
    from planalloc.types import Bools, Floats, Ints

__all__ = ["WorkTables", "ratio"]

Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

KIND = ("segment", "stage", "activity", "source", "booked_in")
"""What tells activities apart, beside who does them and when."""

THIS, NEXT = "this horizon", "next horizon"
BEFORE_HORIZON, BEFORE_FIRST_DAY, AWAY = "before the horizon", "before the first day", "while away"


@dataclass(frozen=True)
class Counted:
    """Whole numbers of one thing: by rep and period, shape (R, T), and what the rows that hold them say."""

    count: Codes
    labels: dict[str, str | None]
    hours: float = 0.0
    value: float = 0.0


@dataclass(frozen=True)
class _Asked:
    """Activities of one kind as they are asked for, and the reps, shape (R,), by the source that their rows name."""

    kind: Kind
    labels: dict[str, str | None]
    sources: dict[str, Bools]


@dataclass(frozen=True)
class _Stack:
    """Rows of one table before it is one."""

    columns: dict[str, Column]
    rep: Codes
    period: Codes
    count: Ints
    hours: Floats
    value: Floats

    def only(self, *names: str) -> dict[str, Column]:
        return {name: self.columns[name] for name in names}


@dataclass(frozen=True)
class WorkTables:
    """Activities, pipeline, earlier work and capacity, in whole numbers.

    Parameters
    ----------
    formulation : Formulation
        What the plan answers to.
    answered : Answered
        The plan in floats.
    base : Ints
        In rounding units, shape (R, S, T).
    """

    formulation: Formulation
    answered: Answered
    base: Ints

    @cached_property
    def labels(self) -> Labels:
        """Known names."""
        return Labels(self.formulation)

    @property
    def _work(self) -> Work:
        return self.formulation.work

    @cached_property
    def _cells(self) -> Floats:
        return self.base.astype(float)

    @cached_property
    def _of_line(self) -> Floats:
        """The base line by line, shape (S, R, T)."""
        return np.ascontiguousarray(self._cells.transpose(1, 0, 2))

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
        found = np.zeros((len(self.labels.reps), len(self.labels.axis.ids)))
        for item in items:
            for number, kernel in enumerate(self._work.timing(item.kernel)[int(wrapped)]):
                if kernel.any():
                    rows = self._with_pattern[number]
                    found[rows] += self._of_line[item.line][rows] @ (item.per_unit * kernel)
        return found

    @cached_property
    def _with_pattern(self) -> list[Ints | slice]:
        """The reps of each pattern of presence."""
        present, _, which = self._work.pattern
        return [slice(None)] if len(present) == 1 else [np.flatnonzero(which == i) for i in range(len(present))]

    @cached_property
    def _levelled(self) -> tuple[list[Counted], list[Counted]]:
        """Activities in whole numbers within everybody's hours, and those for which there are none (F-18)."""
        asked, time = [*self._asked_of_funnels(), *self._asked_of_cadences()], self.formulation.time
        room = np.where(time.present, (time.hours + self._overtime) * time.productivity, 0.0)
        counts, left_out = levelled([one.kind for one in asked], room=room)
        return self._by_source(asked, counts), self._by_source(asked, [one[:, None] for one in left_out])

    @staticmethod
    def _by_source(asked: list[_Asked], counts: list[Codes]) -> list[Counted]:
        return [
            Counted(count if who.all() else count * who[:, None], {**one.labels, "source": source}, one.kind.hours)
            for one, count in zip(asked, counts, strict=True)
            for source, who in one.sources.items()
            if who.any()
        ]

    def _asked_of_funnels(self) -> Iterator[_Asked]:
        for (segment, stage, activity), items in self._by_label(activities=True).items():
            fed = np.zeros(len(self.labels.reps), dtype=bool)
            for one, asked in self._work.feeding.items():
                if one.segment == segment and one.activity == activity:
                    fed |= asked > 0
            for booked_in, count, planned in self._booked(items):
                kind = Kind.of(count, planned=planned, hours=items[0].hours, priority=self._priority(segment))
                yield _Asked(kind, self._named(segment, stage, activity, booked_in), {"funnel": ~fed, "both": fed})

    def _priority(self, segment: int) -> float:
        return self.formulation.index.segments[segment].priority

    def _booked(self, items: list[Item]) -> Iterator[tuple[str, Ints, Floats]]:
        """Yield what is booked in this horizon and in the next one: whole numbers of one whole, and floats, (R, T)."""
        this, after = self._done(items, wrapped=False), self._done(items, wrapped=True)
        if not after.any():
            yield THIS, cumulative_round(this), this
            return
        whole = cumulative_round(this + after)
        due = np.cumsum(cumulative_round(this), axis=1)
        count, done = np.zeros_like(whole), np.zeros(len(whole), dtype=np.int64)
        for t in range(whole.shape[1]):
            count[:, t] = np.clip(due[:, t] - done, 0, whole[:, t])
            done += count[:, t]
        yield THIS, count, this
        yield NEXT, whole - count, after

    def _asked_of_cadences(self) -> Iterator[_Asked]:
        coverage, hours = self.answered.coverage, self._work.activity_hours
        asked: dict[tuple[int, str], Floats] = {}
        for fed, many in self._work.excess(self._cells, coverage).items():
            key = (fed.segment, fed.activity)
            asked[key] = asked.get(key, 0.0) + many
        for cadence, segment, many in self._work.cadences:
            if not cadence.feeds_funnel:
                key = (segment, cadence.activity)
                asked[key] = asked.get(key, 0.0) + many * coverage[:, segment]
        everybody = np.ones(len(self.labels.reps), dtype=bool)
        for (segment, activity), many in sorted(asked.items()):
            planned = many[:, None] * self._work.profile
            count, priority = cumulative_round(planned), self._priority(segment)
            kind = Kind.of(count, planned=planned, hours=hours[activity], priority=priority)
            yield _Asked(kind, self._named(segment, None, activity, THIS), {"cadence": everybody})

    def _named(self, segment: int, stage: str | None, activity: str | None, booked_in: str) -> dict[str, str | None]:
        return {
            "segment": self.labels.segments[segment],
            "stage": stage,
            "activity": activity,
            "booked_in": booked_in,
        }

    @cached_property
    def _vocabulary(self) -> dict[str, tuple[str, ...]]:
        """All known values of each label, in the order in which tables list them."""
        playbook = self.formulation.index.problem.playbook
        return {
            "segment": self.labels.segments,
            "stage": tuple(dict.fromkeys(stage.id for funnel in playbook.funnels for stage in funnel.stages)),
            "activity": tuple(activity.id for activity in playbook.activities),
            "source": ("funnel", "cadence", "both"),
            "booked_in": (THIS, NEXT),
            "reason": (BEFORE_HORIZON, BEFORE_FIRST_DAY, AWAY),
        }

    def _stacked(self, counted: list[Counted], labels: tuple[str, ...], axis: Periods) -> _Stack:
        """Return a row for every number that is not zero, sorted by rep, labels and period."""
        counted = [one for one in counted if one.count.any()]
        codes = {name: Text.of([one.labels[name] for one in counted], self._vocabulary[name]) for name in labels}
        order = np.lexsort([codes[name].codes for name in reversed(labels)]) if counted else np.zeros(0, dtype=np.int64)
        shape = (len(self.labels.reps), len(counted), len(axis.ids))
        whole = np.zeros(shape, dtype=np.result_type(np.int32, *(one.count for one in counted)))
        for place, one in enumerate(order.tolist()):
            whole[:, place] = counted[one].count
        at = np.flatnonzero(whole)
        count = whole.ravel()[at].astype(np.int64)
        rep, kind, period = (along.astype(np.int32) for along in np.unravel_index(at, shape))
        part = order[kind]
        columns: dict[str, Column] = {"rep": Text(rep, self.labels.reps), "period": Text(period, axis.ids)}
        columns |= {name: Text(codes[name].codes[part], codes[name].categories) for name in labels}
        if "activity" in labels:
            columns["channel"] = self._channel(codes["activity"].codes[part])
        hours = np.array([one.hours for one in counted])[part]
        value = np.array([one.value for one in counted])[part]
        return _Stack(columns, rep, period, count, count * hours, count * value)

    def activities(self) -> Table:
        """One row for each rep, segment, stage, activity, source and period in which something is to be done."""
        stack = self._stacked(self._levelled[0], KIND, self.labels.axis)
        slow = self.formulation.time.productivity[stack.rep, stack.period]
        names = ("rep", "segment", "stage", "activity", "channel", "period", "source", "booked_in")
        return Table(
            stack.only(*names) | {"count": stack.count, "hours": stack.hours / slow},
            name="activities",
            measures=("count", "hours"),
            calendar=self.labels.axis,
        )

    def unscheduled(self) -> Table:
        """One row for each rep, segment, stage, activity and source for which no period has hours left (F-18)."""
        stack = self._stacked(self._levelled[1], KIND, Periods("year", ("horizon",)))
        return Table(
            stack.only("rep", *KIND) | {"count": stack.count, "hours": stack.hours},
            name="unscheduled",
            measures=("count", "hours"),
        )

    def _channel(self, activity: Ints) -> Text:
        channels = ("field", "back_office", "remote")
        known = Text.of([one.channel for one in self.formulation.index.problem.playbook.activities], channels)
        return Text(np.append(known.codes, np.int32(-1))[activity], channels)

    def pipeline(self) -> Table:
        """One row for each rep, segment, stage and period in which opportunities are to be created or moved."""
        counted = [
            Counted(narrowed(count), self._named(segment, stage, None, booked_in), value=items[0].value)
            for (segment, stage, _), items in self._by_label(activities=False).items()
            for booked_in, count, _ in self._booked(items)
        ]
        stack = self._stacked(counted, ("segment", "stage", "booked_in"), self.labels.axis)
        return Table(
            stack.only("rep", "segment", "stage", "period", "booked_in")
            | {"opportunities": stack.count, "value": stack.value},
            name="pipeline",
            measures=("opportunities", "value"),
            calendar=self.labels.axis,
        )

    def earlier_work(self) -> Table:
        """Work that bookings need before the horizon or a rep's first day; without activity: opportunities."""
        axis = earlier_axis(self.formulation.index.problem.calendar, self._work.earlier)
        stack = self._stacked(list(self._counted_earlier()), ("segment", "stage", "activity", "reason"), axis)
        return Table(
            stack.only("rep", "segment", "stage", "activity", "channel", "period", "reason")
            | {"count": stack.count, "hours": stack.hours},
            name="earlier work",
            measures=("count", "hours"),
            calendar=axis,
        )

    def _counted_earlier(self) -> Iterator[Counted]:
        """Earlier work by the earlier axis, shape (R, periods of that axis)."""
        axis = earlier_axis(self.formulation.index.problem.calendar, self._work.earlier)
        position = {name: i for i, name in enumerate(axis.ids)}
        before = [position[period.id] for period in self._work.earlier]
        within = [position[name] for name in self.labels.axis.ids]
        lost = 1.0 - self._work.moves.sum(axis=2)[self._work.pattern[2]]
        some = np.flatnonzero(lost.any(axis=1))
        begin = self.formulation.index.problem.calendar.start
        new = np.array([rep.start is not None and rep.start > begin for rep in self.formulation.index.reps])
        kinds = {**self._by_label(activities=True), **self._by_label(activities=False)}
        for (segment, stage, activity), items in kinds.items():
            early = np.zeros((len(new), len(before)))
            for item in items:
                early += self._of_line[item.line] @ (item.per_unit * item.kernel.before)
            unstarted = np.zeros((len(new), len(within)))
            unstarted[some] = sum(self._lost(item, some) for item in items) * lost[some]
            for reason, amounts in (
                (BEFORE_HORIZON, self._counted_on(axis, before, early)),
                (BEFORE_FIRST_DAY, self._counted_on(axis, within, unstarted * new[:, None])),
                (AWAY, self._counted_on(axis, within, unstarted * ~new[:, None])),
            ):
                names = {**self._named(segment, stage, activity, THIS), "reason": reason}
                yield Counted(narrowed(amounts), names, items[0].hours)

    def _lost(self, item: Item, reps: Ints) -> Floats:
        """Return what falls in each period for some reps, wherever it is done, shape (reps, T)."""
        kernel, stays = item.kernel, self.formulation.time.stays[reps, None]
        revenue = item.per_unit * self._of_line[item.line][reps]
        found: Floats = revenue @ kernel.within + revenue @ kernel.wrapped * stays
        return found

    def _counted_on(self, axis: Periods, periods: list[int], amounts: Floats) -> Ints:
        """Return amounts of some periods as whole numbers on an axis, shape (R, periods of the axis)."""
        found = np.zeros((len(amounts), len(axis.ids)), dtype=np.int64)
        if amounts.any():
            found[:, periods] = cumulative_round(amounts)
        return found

    def capacity(self, activities: Table) -> Table:
        """One row for each rep and period: hours there are, planned and worked on top.

        Raises
        ------
        VerificationError
            When activities take more hours than there are.
        """
        time = self.formulation.time
        shape = time.hours.shape
        rep, period = activities.contents["rep"], activities.contents["period"]
        assert isinstance(rep, Text)  # noqa: S101 -- for the type checker: labels are text
        assert isinstance(period, Text)  # noqa: S101
        at = np.ravel_multi_index((rep.codes, period.codes), shape)
        planned: Floats = np.bincount(at, weights=activities["hours"], minlength=shape[0] * shape[1]).astype(float)
        verify_hours(self.formulation, planned=planned.reshape(shape), allowed=time.hours + self._overtime)
        r, t = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
        return Table(
            {
                "rep": Text(r, self.labels.reps),
                "period": Text(t, self.labels.axis.ids),
                **self.labels.dates(t),
                "available_hours": time.hours.ravel(),
                "planned_hours": planned,
                "overtime_hours": self._overtime.ravel(),
                "utilization": ratio(planned, time.hours.ravel()),
            },
            name="capacity",
            measures=("available_hours", "planned_hours", "overtime_hours"),
            ratios={"utilization": ("planned_hours", "available_hours")},
            calendar=self.labels.axis,
        )

    @cached_property
    def _overtime(self) -> Floats:
        """Hours on top that the plan in floats needs, shape (R, T)."""
        hours, needed = self.formulation.time.hours, self._work.hours(self.answered.base, self.answered.coverage)
        return np.where(needed > hours * (1 + 1e-6) + 1e-6, needed - hours, 0.0)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; missing where the whole is zero."""
    ratio: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)
    return ratio
