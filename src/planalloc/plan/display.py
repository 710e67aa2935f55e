"""A plan on a screen: totals, who carries what, and what is short; the same numbers as text and as HTML."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from planalloc.plan.table import Column, Table, Text
from planalloc.plan.table_display import ROWS_SHOWN, as_html, as_text

if TYPE_CHECKING:
    from planalloc.plan.part import PlanPart
    from planalloc.plan.plan import Plan
    from planalloc.types import Floats

__all__ = ["part_html", "part_text", "plan_html", "plan_text"]


PEOPLE_SHOWN = 60
"""A sales force of this size is still read rep by rep; a larger one is looked up in the tables."""

NAMED = 3
"""So many reps or periods are named in a note; the others are a number."""
SOME, NONE = 0.5, 1e-6
"""Accounts that are worth a note, and those that are none."""
FULL = 0.98
"""Utilization of a period that has no hours left for another activity."""


def plan_text(plan: Plan) -> str:
    """Return a plan as text: heading, who carries what, what is short, what is worth a second look."""
    return "\n".join([_heading(plan), "", _body(who_carries_what(plan), rows=PEOPLE_SHOWN), "", *_notes(plan)])


def plan_html(plan: Plan) -> str:
    """Return the numbers of `plan_text` as static HTML."""
    notes = "".join(f"<div>{escape(note)}</div>" for note in _notes(plan))
    heading = f'<div style="color:inherit"><b>{escape(_heading(plan))}</b></div>'
    return f"{heading}{as_html(who_carries_what(plan), rows=PEOPLE_SHOWN)}{notes}"


def part_text(part: PlanPart) -> str:
    """Return a rep's or team's plan as text: its total, its money, pipeline and activities by period, its hours."""
    return "\n\n".join([_part_heading(part), *(_body(table) for table in _part_tables(part)), *_part_notes(part)])


def part_html(part: PlanPart) -> str:
    """Return the numbers of `part_text` as static HTML."""
    notes = "".join(f"<div>{escape(note)}</div>" for note in _part_notes(part))
    return f"<div><b>{escape(_part_heading(part))}</b></div>{''.join(map(as_html, _part_tables(part)))}{notes}"


def who_carries_what(plan: Plan) -> Table:
    """One row per rep: quota, its part of the whole, its mix over segments, and how full the hours are."""
    quota = plan.quotas.by("rep")
    teams = {rep.id: rep.team for rep in plan.problem.sales_force.reps}
    columns: dict[str, Column] = {"rep": quota.contents["rep"], "team": Text.of([teams[one] for one in quota["rep"]])}
    columns["quota"] = quota["quota"]
    columns["of all"] = _part(quota["quota"], np.full(len(quota), float(quota.total("quota"))))
    kinds = {"of all": "share"}
    mix = _across(plan.quotas, "rep", "segment", "quota", taken=("rep", "team", "quota", "of all", "hours", "of hours"))
    for segment in mix.columns[1:]:
        columns[segment] = _part(mix[segment], quota["quota"])
        kinds[segment] = "share"
    if len(plan.activities):
        hours = plan.capacity.by("rep")
        at = {name: i for i, name in enumerate(hours["rep"])}
        rows = [at[name] for name in quota["rep"]]
        columns["hours"] = hours["planned_hours"][rows]
        columns["of hours"] = hours["utilization"][rows]
        kinds["of hours"] = "share"
    return Table(columns, name="who carries what", kinds=kinds)  # type: ignore[arg-type]


def _across(table: Table, rows: str, columns: str, values: str, *, taken: tuple[str, ...]) -> Table:
    """Pivot a table; what would bear the name of another column is told from it."""
    held = table.contents[columns]
    assert isinstance(held, Text)  # noqa: S101 -- for the type checker: ids are text
    names = tuple(f"{columns} {name}" if name in taken else name for name in held.categories)
    renamed = replace(table, contents={**table.contents, columns: Text(held.codes, names)})
    return renamed.pivot(rows, columns, values)


def _part(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    share: Floats = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return share


def _body(table: Table, *, rows: int = ROWS_SHOWN) -> str:
    """Return the text of a table without its title's size."""
    first, *rest = as_text(table, rows=rows).split("\n")
    return "\n".join([first.split(":")[0], *rest])


def _money(amount: float, plan: Plan) -> str:
    return f"{amount:,.{0 if float(amount).is_integer() else 2}f} {plan.problem.strategy.currency}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _heading(plan: Plan) -> str:
    strategy, calendar = plan.problem.strategy, plan.problem.calendar
    periods = len(calendar.periods())
    whole = _whole(plan)
    return (
        f"{strategy.name}: {_money(whole, plan)} of {strategy.measure}, {calendar.start} to {calendar.end}, "
        f"{_many(len(plan.problem.sales_force.reps), 'rep')}, {_many(periods, calendar.grain)}"
    )


def _whole(plan: Plan) -> float:
    """Return the targets together: base and shortfall; of a revised plan, with what was sold for what is closed."""
    whole = float(plan.quotas.total("base")) + float(plan.shortfall.total("revenue"))
    settled = float(plan.credited.total("revenue")) - float(plan.credited.total("base"))
    return whole + settled + float(plan.beyond.total("written_off")) - float(plan.beyond.total("surplus"))


def _settled(plan: Plan) -> list[str]:
    """Return what a revised plan has behind it, in words."""
    if plan.as_of is None:
        return []
    sold, planned = (float(plan.credited.total(name)) for name in ("revenue", "base"))
    left = float(plan.quotas.total("base")) - planned
    notes = [
        (
            f"Revised: up to {plan.as_of} {_money(sold, plan)} were sold, where {_money(planned, plan)} were planned; "
            f"{_money(left, plan)} are left to sell."
        )
    ]
    surplus, off = (float(plan.beyond.total(name)) for name in ("surplus", "written_off"))
    if surplus:
        notes.append(f"Sold beyond the target: {_money(surplus, plan)}; see plan.beyond.")
    if off:
        notes.append(f"Missed and not carried: {_money(off, plan)}; see plan.beyond.")
    return notes


def _notes(plan: Plan) -> list[str]:
    notes = _settled(plan)
    if len(plan.shortfall):
        short = plan.shortfall.by("segment").to_dicts()
        why = (
            "which hours and limits do not let anybody carry" if plan.problem.limits else "for which there are no hours"
        )
        notes += [f"Short: {_money(one['revenue'], plan)} of {one['segment']}, {why}." for one in short]
    else:
        notes.append("Every target is met." if plan.as_of is None else "Somebody carries all of what is left.")
    if plan.report.relaxed:
        notes.append("Gave way, so that there is a plan: " + "; ".join(map(str, plan.report.relaxed)) + ".")
    quota, base = plan.quotas.total("quota"), plan.quotas.total("base")
    if quota != base:
        more = f", {quota / base - 1:+.1%}" if base else ""
        notes.append(f"People carry {_money(quota, plan)}{more} on what adds up to the targets.")
    notes += _visits_given_up(plan)
    if len(plan.report.phasing_gap):
        notes.append("Some periods cannot follow their season; see plan.report.phasing_gap.")
    if len(plan.unscheduled):
        notes.append(f"{_without_hours(plan.unscheduled)}; see plan.unscheduled.")
    if (hours := plan.earlier_work.total("hours")) >= SOME:
        notes.append(f"{hours:,.0f} hours of work fall before the horizon or a first day; see plan.earlier_work.")
    notes += [f"Note: {finding}" for finding in plan.findings[:5]]
    if len(plan.findings) > 5:
        notes.append(f"... and {len(plan.findings) - 5} more notes; see plan.findings.")
    return notes


def _visits_given_up(plan: Plan) -> list[str]:
    """Return how many accounts hours leave out, and where nobody is visited, why and what to do."""
    coverage = plan.coverage
    given_up = coverage.total("wanted_accounts") - coverage.total("cadence_accounts")
    if given_up <= SOME:
        return []
    if plan.problem.policy.when_short != "coverage":
        return [f"Short of hours: {given_up:,.1f} accounts' worth of visits are not made; see plan.coverage."]
    if not plan.problem.portfolio.accounts:
        return [f"Short of hours: {given_up:,.1f} accounts are not worked; see plan.coverage.", *_nobody_visited(plan)]
    left_out = len(plan.accounts.where(status="left out"))
    where = f"{_many(left_out, 'account')} {'is' if left_out == 1 else 'are'} left out; "
    where += 'see plan.accounts.where(status="left out").'
    if not left_out:
        where = 'some are worked in part; see plan.accounts.where(status="partly worked").'
    return [f"Short of hours: {where}", *_nobody_visited(plan)]


def _nobody_visited(plan: Plan) -> list[str]:
    """Return who visits no account that they should, when their hours are full, and what would keep visits."""
    coverage, tiers = plan.coverage.by("rep"), plan.problem.policy.tiers
    none = (coverage["cadence_accounts"] < NONE) & (coverage["wanted_accounts"] > SOME)
    reps = coverage["rep"][none].tolist()
    before = "coverage" not in tiers or ("shortfall" in tiers and tiers.index("shortfall") < tiers.index("coverage"))
    if not reps or not before:
        return []
    capacity = plan.capacity.where(rep=reps)
    full = np.asarray(capacity["utilization"] >= FULL)
    when = list(dict.fromkeys(capacity["period"][full].tolist()))
    some = len(when) and full.sum() <= len(capacity) / 2
    why = f"are full in {_first(when)}, and visits are spread over all periods" if some else "are full"
    note = (
        f"{_first(reps)} {'visits' if len(reps) == 1 else 'visit'} no account: the hours {why}; targets come first. "
        "To keep visits, give the segment a Segment(coverage_min=...), or put them before targets with "
        'Policy(tiers=("coverage", "shortfall", "overtime")).'
    )
    return [note]


def _first(names: list[str]) -> str:
    """Return the first few of some names, and how many more there are."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _without_hours(unscheduled: Table) -> str:
    many, hours = unscheduled.total("count"), unscheduled.total("hours")
    return f"No hours are left for {many:,.0f} {'activity' if many == 1 else 'activities'} of {hours:,.1f} hours"


def _part_heading(part: PlanPart) -> str:
    text = f"{part.title}: quota {_money(part.quota, part.plan)}"
    if part.quota != part.base:
        text += f", base {_money(part.base, part.plan)}"
    return text


def _part_tables(part: PlanPart) -> list[Table]:
    if part.period_id is None:
        over = "period"
        tables = [_with_total(_across(part.quotas, over, "segment", "quota", taken=("period", "total")), "quota")]
    else:
        over = "segment"
        tables = [_only_used(part.quotas.by(over), "quota")]
    if len(part.activities):
        tables.append(
            _only_used(_across(part.activities, over, "activity", "count", taken=("period", "segment")), "activities")
        )
    if len(part.pipeline):
        tables.append(
            _only_used(
                _across(part.pipeline, over, "stage", "opportunities", taken=("period", "segment")), "opportunities"
            )
        )
    if len(part.activities):
        tables.append(_hours(part))
    return tables


def _hours(part: PlanPart) -> Table:
    hours = part.capacity.by("period")
    names = ("period", "available_hours", "planned_hours", "overtime_hours", "utilization")
    shown = {name: hours.contents[name] for name in names if name != "overtime_hours" or hours.total(name) > 0}
    return Table(shown, name="hours", kinds={"utilization": "share"})


def _with_total(table: Table, name: str) -> Table:
    used = _only_used(table, name)
    total = sum((used[column] for column in used.columns[1:]), np.zeros(len(used), dtype=np.int64))
    return Table({**used.contents, "total": total}, name=name, decimals=used.decimals)


def _only_used(table: Table, name: str) -> Table:
    """Drop columns that are zero throughout: lines the rep does not cover, activities nobody asks for."""
    used = [column for column in table.columns[1:] if np.any(table[column])]
    kept = {column: table.contents[column] for column in (table.columns[0], *used)}
    return Table(kept, name=name, decimals={one: n for one, n in table.decimals.items() if one in kept})


def _part_notes(part: PlanPart) -> list[str]:
    notes = []
    for limit in part.agreed:
        agreed = f", agreed with {limit.agreed_with}" if limit.agreed_with else ""
        reason = f" ({limit.reason})" if limit.reason else ""
        notes.append(f"Held: {limit.label}{agreed}{reason}.")
    if part.period_id is None and len(part.unscheduled):
        notes.append(f"{_without_hours(part.unscheduled)}.")
    if part.period_id is None and len(part.earlier_work):
        activities = part.earlier_work.where(activity=[one.id for one in part.plan.problem.playbook.activities])
        notes.append(
            f"Before the horizon or the first day: {activities.total('count'):,.0f} activities, "
            "which somebody must have done."
        )
    return notes
