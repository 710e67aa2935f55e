"""The parts of a form that speak of work: activities, pipeline, and what has no place in the time of the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planalloc.plan.forms.page import Field, Figure, Grid, Passage, Section

if TYPE_CHECKING:
    from planalloc.plan.forms.page import Cell
    from planalloc.plan.forms.subject import Subject, Wide
    from planalloc.plan.table import Table

__all__ = ["activities", "earlier_work", "hours_figures", "pipeline", "unscheduled"]

HOURS = ("planned_hours", "available_hours")


def hours_figures(subject: Subject) -> list[Figure]:
    """Return the hours planned, those there are, and how full they are; nothing where no hours are planned."""
    capacity, wording = subject.part.capacity, subject.wording
    if not len(subject.part.activities):
        return []
    measures = [(one, "hours") for one in HOURS]
    return [
        *(Figure(wording[one], float(capacity.total(one)), "hours") for one, _ in measures),
        Figure(wording["utilization"], float(capacity.total("utilization")), "share"),
    ]


def activities(subject: Subject) -> Section | None:
    """Return how many of which activity: by period with the hours of each, and by segment."""
    wording, table = subject.wording, subject.part.activities
    by_segment = subject.crossed(table, "segment", columns="activity", values="count", kind="count")
    by_period = subject.crossed(table, "period", columns="activity", values="count", kind="count")
    if by_segment is None or by_period is None:
        return None
    hours = {row["segment"]: row["hours"] for row in table.by("segment").to_dicts()}
    fields = (*by_segment.grid.fields, Field(wording["hours"], "hours", adds=True))
    rows = tuple((*row, hours[key]) for key, row in zip(by_segment.keys, by_segment.grid.given, strict=True))
    heading = wording["activities_by_segment"]
    grids = [replace(by_segment.grid, heading=heading, fields=fields, given=rows)]
    if subject.several:
        heading = wording.say("activities_by_period", grain=subject.grain)
        grids.insert(0, replace(_with_hours(subject, by_period), heading=heading))
    elif subject.problem.calendar.grain != "week":
        grids.insert(0, _by_week(subject))
    return Section(wording["activities"], "activities", tuple(grids))


def _by_week(subject: Subject) -> Grid:
    """Return the activities of one period by week, with the hours of each; weeks by their days in the period."""
    wording, table = subject.wording, subject.schedule
    wide = subject.crossed(table, "week", columns="activity", values="count", kind="count")
    assert wide is not None  # noqa: S101 -- for the type checker: a period with activities has weeks with some
    hours = {row["week"]: row["hours"] for row in table.by("week").to_dicts()}
    rows = tuple(
        (subject.days_of(key), *row[1:], hours[key]) for key, row in zip(wide.keys, wide.grid.given, strict=True)
    )
    fields = (*wide.grid.fields, Field(wording["planned_hours"], "hours", adds=True))
    return replace(wide.grid, heading=wording["activities_by_week"], fields=fields, given=rows)


def _with_hours(subject: Subject, wide: Wide) -> Grid:
    """Add the hours of each period; a period without activities has a row as well."""
    done = dict(zip(wide.keys, wide.grid.given, strict=True))
    many = len(wide.grid.fields)
    rows = []
    for row in subject.part.capacity.by("period").to_dicts():
        counts = done.get(row["period"], (subject.called("period", row["period"]), *[0] * (many - 1)))
        rows.append((*counts, *(row[one] for one in HOURS), None))
    fields = (
        *wide.grid.fields,
        *(Field(subject.wording[one], "hours", adds=True) for one in HOURS),
        Field(subject.wording["utilization"], "share", ratio=(many, many + 1)),
    )
    return Grid("", fields, tuple(rows), subject.total)


def pipeline(subject: Subject) -> Section | None:
    """Return how many opportunities enter each stage: by period, for one period by segment."""
    over = "period" if subject.several else "segment"
    wide = subject.crossed(subject.part.pipeline, over, columns="stage", values="opportunities", kind="count")
    if wide is None:
        return None
    heading = subject.wording.say(f"opportunities_by_{over}", grain=subject.grain)
    return Section(subject.wording["pipeline"], "pipeline", (replace(wide.grid, heading=heading),))


def earlier_work(subject: Subject) -> Section | None:
    """Return the activities that this plan's bookings rest on and that fall outside its time, by reason."""
    wording, table = subject.wording, subject.part.earlier_work
    if subject.part.period_id is not None:
        return None
    grid = _counted(subject, table.where(activity=list(subject.names["activity"])), ("reason", "segment", "activity"))
    if grid is None:
        return None
    return Section(wording["earlier_work"], "earlier_work", (Passage(wording["earlier_text"]), grid))


def unscheduled(subject: Subject) -> Section | None:
    """Return the activities for which no period has hours left."""
    wording, table = subject.wording, subject.part.unscheduled
    if subject.part.period_id is not None:
        return None
    grid = _counted(subject, table, ("segment", "activity"))
    if grid is None:
        return None
    return Section(wording["unscheduled"], "unscheduled", (Passage(wording["unscheduled_text"]), grid))


def _counted(subject: Subject, table: Table, keys: tuple[str, ...]) -> Grid | None:
    if not len(table):
        return None
    wording = subject.wording
    fields = (
        *(Field(wording[key]) for key in keys),
        Field(wording["count"], "count", adds=True),
        Field(wording["hours"], "hours", adds=True),
    )
    rows: list[tuple[Cell, ...]] = [
        (*(subject.called(key, row[key]) for key in keys), row["count"], row["hours"])
        for row in table.by(*keys).to_dicts()
    ]
    return Grid("", fields, tuple(rows), subject.total if len(rows) > 1 else "")
