"""What a revision has to say beside its numbers: limits that lapsed, accounts left behind, sales not counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planalloc.model.base import in_digits, nearest, suggest
from planalloc.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planalloc.model.groups import SetAside
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Rep
    from planalloc.model.strategy import Product, Segment
    from planalloc.replanning.standing import Standing

__all__ = ["not_counted", "told"]

MOST_NAMED = 5
"""Accounts that a finding names."""

UNKNOWN = re.compile("names an? (.+) that nobody defined")
"""The rule that rows with an unknown name break."""


def told(at: Standing, before: PlanningProblem, after: PlanningProblem) -> Iterator[Finding]:
    """Yield warnings: limits that the changes took out, accounts of who leaves, and sales set aside.

    Parameters
    ----------
    at : Standing
        Where the plan stood.
    before, after : PlanningProblem
        Without and with the changes.
    """
    kept = {one.label for one in after.limits}
    for limit in before.limits:
        if limit.label not in kept:
            yield Finding(
                "limit-lapsed",
                "warning",
                f"limits[{limit.label}]",
                limit.label,
                "lapsed, since the rep leaves",
                "Agree on another one with whoever takes over.",
            )
    yield from _left_behind(before, after)
    yield from not_counted(at.set_aside, after)


def _left_behind(before: PlanningProblem, after: PlanningProblem) -> Iterator[Finding]:
    """Yield a warning for each rep who leaves by these changes and still owns accounts."""
    ends = {one.id: one.end for one in before.sales_force.reps}
    for rep in after.sales_force.reps:
        owned = [one.id for one in after.portfolio.accounts if one.owner == rep.id]
        if not owned or rep.end is None or rep.end > after.calendar.end or rep.end == ends.get(rep.id):
            continue
        more = f" and {len(owned) - MOST_NAMED:,} more" if len(owned) > MOST_NAMED else ""
        yield Finding(
            "account-of-leaver",
            "warning",
            f"accounts[owner {rep.id}]",
            f"{len(owned):,} {'account' if len(owned) == 1 else 'accounts'} ({', '.join(owned[:MOST_NAMED])}{more})",
            f"of {rep.id}, who leaves on {rep.end}: nobody works on them from then on",
            "Give them to others with MoveAccount.",
        )


def not_counted(rows: Iterable[SetAside], problem: PlanningProblem) -> Iterator[Finding]:
    """Yield a warning for each kind of sales that were set aside; none for those of other days.

    Parameters
    ----------
    rows : iterable of SetAside
        From `credited_cells`.
    problem : PlanningProblem
        Of the plan: its currency, and the names that may have been meant.
    """
    currency = problem.strategy.currency
    for one in rows:
        if one.outside:  # sold on other days: nothing is wrong with that
            continue
        name, near = _meant(one, problem)
        amount = f", {in_digits(one.amount)} {currency}" if one.amount else ""
        yield Finding(
            "sales-set-aside",
            "warning",
            f"actuals.{one.table}",
            f"{one.rows:,} {'row' if one.rows == 1 else 'rows'}{amount}"
            + (f" ({', '.join(one.examples)})" if one.examples else ""),
            f"{'counted, but' if one.counted else 'not counted:'} each {one.rule}",
            f"{suggest(name, near)} Correct them and revise again, if they should count.".strip(),
            name,
            near,
        )


def _meant(one: SetAside, problem: PlanningProblem) -> tuple[str, tuple[str, ...]]:
    """Return the most frequent name that nobody defined, and which known ones may have been meant."""
    found = UNKNOWN.match(one.rule)
    if found is None or not one.examples:
        return "", ()
    records: dict[str, Sequence[Rep | Segment | Product]] = {
        "rep": problem.sales_force.reps,
        "segment": problem.strategy.segments,
        "product": problem.strategy.products,
    }
    name, known = one.examples[0].strip("'"), [record.id for record in records.get(found[1], ())]
    same = tuple(near for near in known if near.lower() == name.lower())  # but for its capitals
    return name, same or tuple(nearest(name, known))
