"""Numbers that were agreed, in the log itself: written when they are, and compared whenever the log is replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.errors import InputError
from planalloc.model.base import in_digits
from planalloc.plan.columns import Text
from planalloc.replanning.log_events import Accepted, Agreed, AgreedLine, Edited, MetHalfway, Published

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table
    from planalloc.replanning.counters import Counter
    from planalloc.replanning.log_events import LogEvent
    from planalloc.types import Ints

__all__ = ["refuse_other_numbers", "with_agreed"]

LINE = ("segment", "product", "business")


def with_agreed(event: Any, plan: Plan, counters: Mapping[int, Counter]) -> Any:
    """Return an event with the numbers that are agreed, or in force, by it; itself, where there are none.

    Parameters
    ----------
    event : LogEvent
        What happened.
    plan : Plan
        After it.
    counters : Mapping of int to Counter
        All counter-proposals so far, by number.
    """
    found = _agreed_by(event, plan, counters)
    return event if found is None else event.but(agreed=_lines(found, plan))


def refuse_other_numbers(event: LogEvent, plan: Plan) -> None:
    """Refuse a plan whose numbers are not those that were agreed.

    Parameters
    ----------
    event : LogEvent
        What happened, as the log has it.
    plan : Plan
        The plan after it, as it follows from the log.

    Raises
    ------
    InputError
        When a number is another one; it names the first cell.
    """
    agreed: tuple[AgreedLine, ...] = getattr(event, "agreed", ())
    if not agreed:
        return
    who = sorted({one.rep for one in agreed})
    now = {_key(one): one.quotas for one in _lines(plan.quotas.where(rep=who), plan)}
    was = {_key(one): one.quotas for one in agreed}
    periods = [one.id for one in plan.problem.calendar.periods()]
    nothing = (0.0,) * len(periods)
    for key in [*was, *(one for one in now if one not in was)]:
        for period, told, found in zip(periods, was.get(key, nothing), now.get(key, nothing), strict=True):
            if abs(told - found) * 2 >= float(plan.problem.policy.step):
                line = " / ".join(part for part in key[1:] if part)
                raise InputError(
                    f"on {event.on} it was agreed that {key[0]} carries {in_digits(told)} of {line} in {period}, "
                    f"and the plan that follows from this log says {in_digits(found)}",
                    hint="The log was changed, or written by another version of planalloc: replay it with that one.",
                )


def _agreed_by(event: LogEvent, plan: Plan, counters: Mapping[int, Counter]) -> Table | None:
    """Return the rows of the plan that an event agrees on; None where it agrees on nothing."""
    if isinstance(event, Agreed):
        return plan.quotas.where(rep=event.rep)
    if isinstance(event, Accepted):
        return plan.quotas.where(rep=counters[event.number].rep)
    if isinstance(event, MetHalfway):
        return plan.quotas.where(rep=event.settled.rep)
    if isinstance(event, Edited) and event.edit == "hold":
        rep = event.arguments.get("rep")
        return plan.quotas if rep is None else plan.quotas.where(rep=rep)
    return plan.quotas if isinstance(event, Published) else None


def _lines(quotas: Table, plan: Plan) -> tuple[AgreedLine, ...]:
    """Return rows of a plan's quotas by rep and line, those left out of which nothing is carried."""
    codes = np.stack([_codes(quotas, name) for name in ("rep", *LINE)], axis=1)
    _, first, which = np.unique(codes, axis=0, return_index=True, return_inverse=True)
    amounts = np.zeros((len(first), len(plan.problem.calendar.periods())))
    np.add.at(amounts, (which.ravel(), _codes(quotas, "period")), np.asarray(quotas["quota"], dtype=float))
    some = np.flatnonzero(amounts.any(axis=1))
    names = zip(*(quotas[name][first[some]].tolist() for name in ("rep", *LINE)), strict=True)
    return tuple(
        AgreedLine(rep=rep, segment=segment, product=product, business=business, quotas=tuple(row))
        for (rep, segment, product, business), row in zip(names, amounts[some].tolist(), strict=True)
    )


def _codes(table: Table, name: str) -> Ints:
    column = table.contents[name]
    assert isinstance(column, Text)  # noqa: S101 -- labels are text
    return column.codes.astype(np.int64)


def _key(line: AgreedLine) -> tuple[str, str, str | None, str | None]:
    return line.rep, line.segment, line.product, line.business
