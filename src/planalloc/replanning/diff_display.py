"""A difference on a screen: the same numbers as text and as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from planalloc.plan.table_display import as_html, as_text
from planalloc.replanning.pairing import changed_rows, reps_in

if TYPE_CHECKING:
    from planalloc.plan.table import Table
    from planalloc.replanning.diff import Difference
    from planalloc.replanning.facts import Fact
    from planalloc.replanning.rep_diff import RepDifference

__all__ = ["difference_html", "difference_text", "rep_html", "rep_text"]

FACTS_SHOWN = 12
"""Facts that a screen lists; the others are in ``facts``."""


def difference_text(found: Difference) -> str:
    """Return a difference as text: its figures, who is touched, lines and teams, and what differs."""
    return _text(_heading(found), _tables(found), _facts(found.facts))


def difference_html(found: Difference) -> str:
    """Return the numbers of `difference_text` as static HTML."""
    return _html(_heading(found), _tables(found), _facts(found.facts))


def rep_text(found: RepDifference) -> str:
    """Return the page of a rep as text: what changes, and why."""
    return _text(_rep_heading(found), _rep_tables(found), _why(found))


def rep_html(found: RepDifference) -> str:
    """Return the numbers of `rep_text` as static HTML."""
    return _html(_rep_heading(found), _rep_tables(found), _why(found))


def _text(heading: str, tables: list[Table], notes: list[str]) -> str:
    return "\n\n".join([heading, *(as_text(table) for table in tables), *(["\n".join(notes)] if notes else [])])


def _html(heading: str, tables: list[Table], notes: list[str]) -> str:
    told = "".join(f"<div>{escape(note)}</div>" for note in notes)
    return f"<div><b>{escape(heading)}</b></div>{''.join(map(as_html, tables))}{told}"


def _money(amount: float, found: Difference, *, signed: bool = False) -> str:
    digits = 0 if float(amount).is_integer() else 2
    return f"{amount:{'+' if signed else ''},.{digits}f} {found.after.problem.strategy.currency}"


def _people(many: int) -> str:
    return f"{many:,} {'person' if many == 1 else 'people'}"


def _heading(found: Difference) -> str:
    told = found.summary
    if not found:
        return f"{found.after.problem.strategy.name}: nothing changes"
    parts = [f"{_people(told.people)} with another number", f"{_money(told.moved, found)} moved"]
    if told.change:
        parts.append(f"{_money(told.change, found, signed=True)} in all")
    overlay = len(set(reps_in(changed_rows(found.overlay_numbers))))
    if overlay:
        parts.append(f"{overlay:,} overlay rep{'' if overlay == 1 else 's'} with another quota")
    if told.others > overlay:
        parts.append(f"{_people(told.others - overlay)} with other work only")
    if told.accounts:
        parts.append(f"{told.accounts:,} account{'' if told.accounts == 1 else 's'} in other hands")
    return f"{found.after.problem.strategy.name}: {', '.join(parts)}"


def _tables(found: Difference) -> list[Table]:
    tables = [found.by_rep, found.by_line]
    if len(found.by_team) > 1:
        tables.append(found.by_team)
    return [table for table in (*tables, found.shortfall, found.accounts) if len(table)]


def _facts(facts: tuple[Fact, ...]) -> list[str]:
    told = [str(one) for one in facts[:FACTS_SHOWN]]
    if len(facts) > FACTS_SHOWN:
        told.append(f"... and {len(facts) - FACTS_SHOWN} more")
    return told


def _rep_heading(found: RepDifference) -> str:
    whole = found.difference
    if not found.change:
        return f"{found.rep_id}: {_money(found.after, whole)}, as before"
    change = _money(found.change, whole, signed=True)
    return f"{found.rep_id}: {_money(found.before, whole)} -> {_money(found.after, whole)}, {change}"


def _rep_tables(found: RepDifference) -> list[Table]:
    tables = []
    if len(found.quotas):
        tables += [found.by_line, found.by_period]
    if len(found.activities):
        tables.append(found.by_activity)
    return [*tables, *(table for table in (found.hours, found.sold, found.accounts) if len(table))]


def _why(found: RepDifference) -> list[str]:
    lines = []
    for title, facts in (("Yours:", found.own), ("On your lines:", found.indirect)):
        if facts:
            lines += [title, *(f"  {one}" for one in _facts(facts))]
    return lines
