"""What differs between two problems, as facts: who, what, from what to what, why, and agreed with whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.formulate.index import Index
from planalloc.formulate.targets import line_targets
from planalloc.model.base import Record, in_digits
from planalloc.model.problem import record_key
from planalloc.model.salesforce import Absence, Ramp, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.model.finding import Finding
    from planalloc.model.limits import AnyLimit
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.strategy import Target

__all__ = ["OTHERS", "Fact", "edit_fact", "facts_between", "said"]

OTHERS = "somebody else"
"""Who a limit speaks of, on the page of a colleague."""

IN_MONEY = {"share", "revenue", "rest"}
"""Fields of a target that say one thing, its amount, in several ways."""


@dataclass(frozen=True)
class Fact:
    """One thing that differs.

    Attributes
    ----------
    kind : str
        ``rep``, ``target``, ``limit``, ``account``, ``sold``, or any other kind of record.
    about : str
        Its id, label or key; of ``sold``, the line.
    what : str
        Which field of it; empty where the whole came or went.
    before, after : Any
        What it said; None where it was not there. Of ``sold``: what was planned for the closed time and what was sold
        in it, in money.
    reps : tuple of str
        Whom it speaks of by name.
    lines : tuple of str
        On which lines it acts.
    reason, agreed_with : str
        Of a limit: why, and with whom; may be empty.
    """

    kind: str
    about: str
    what: str = ""
    before: Any = None
    after: Any = None
    reps: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    reason: str = ""
    agreed_with: str = ""

    @property
    def for_others(self) -> Fact:
        """The same for people of whom it does not speak: without reasons, and of one person's limit without name."""
        if self.kind == "edit" or (self.kind == "limit" and (self.reps or self.agreed_with)):
            told = replace(self, reason="", agreed_with="")
            if self.kind == "edit" or (len(self.reps) != 1 and not self.agreed_with):
                return told
            was, now = ("there" if one is not None else None for one in (self.before, self.after))
            return replace(told, about=OTHERS, before=was, after=now)
        if self.what == "absences":
            days = [tuple(day.but(reason="") for day in away or ()) for away in (self.before, self.after)]
            return replace(self, before=days[0], after=days[1])
        return self

    def __str__(self) -> str:
        of = f", {self.what.replace('_', ' ')}" if self.what else ""
        why = f" ({self.reason})" if self.reason else ""
        who = f", agreed with {self.agreed_with}" if self.agreed_with else ""
        if self.kind == "rep" and not self.what:
            return f"rep {self.about}: {'new' if self.before is None else 'gone'}"
        return f"{self.kind} {self.about}{of}: {said(self.before)} -> {said(self.after)}{who}{why}"


def facts_between(before: PlanningProblem, after: PlanningProblem) -> Iterator[Fact]:
    """Yield what differs between two problems in canonical order: records, targets in money, limits, and settings.

    Parameters
    ----------
    before, after : PlanningProblem
        As plans have them.
    """
    if before == after:
        return
    yield from _targets(before, after)
    both = zip(_records(before).items(), _records(after).values(), strict=True)
    for (kind, olds), news in both:
        old, new = ({record_key(one): one for one in records} for records in (olds, news))
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                yield from _of_record(kind, key, old.get(key), new.get(key), after)
    yield from _limits(before, after)
    for kind in ("policy", "calendar"):
        yield from _fields(kind, kind, getattr(before, kind), getattr(after, kind))
    plain = ("hours_per_week", "selling_share", "leave_days")
    one, other = before.sales_force, after.sales_force
    for name in plain:
        if getattr(one, name) != getattr(other, name):
            yield Fact("sales force", "everyone", name, getattr(one, name), getattr(other, name))


def edit_fact(note: Finding, before: PlanningProblem, after: PlanningProblem) -> Fact:
    """Return what an edit by hand did, from the note that a plan keeps of it: who gave, who got, and why.

    Parameters
    ----------
    note : Finding
        The note.
    before, after : PlanningProblem
        Of the plans without and with it.
    """
    what, _, why = note.rule.partition(" (")
    named = [f"{note.path.removeprefix('quotas[').removesuffix(']')}, ", f"{what.removeprefix('went to ')} "]
    reps = [
        one.id
        for one in after.sales_force.reps
        if any(text.startswith((f"{one.id}, ", f"{one.id} by hand")) for text in named)
    ]
    if note.path.startswith("accounts["):
        swapped = note.path.removeprefix("accounts[").removesuffix("]").split(", ")
        reps += [one.owner for one in before.portfolio.accounts if one.id in swapped and one.owner]
    reason = why.removesuffix(")")
    return Fact("edit", note.path, "", None, f"{note.value} {what}", tuple(dict.fromkeys(reps)), (), reason)


def _records(problem: PlanningProblem) -> dict[str, tuple[Any, ...]]:
    strategy, playbook = problem.strategy, problem.playbook
    return {
        "rep": problem.sales_force.reps,
        "team": problem.sales_force.teams,
        "segment": strategy.segments,
        "product": strategy.products,
        "target": strategy.targets,
        "seasonality": strategy.seasonalities,
        "account": problem.portfolio.accounts,
        "activity": playbook.activities,
        "funnel": playbook.funnels,
        "cadence": playbook.cadences,
        "method": playbook.methods,
    }


def _of_record(kind: str, key: str, old: Any, new: Any, after: PlanningProblem) -> Iterator[Fact]:
    one = old if new is None else new
    lines = _lines_of(kind, one, after)
    if kind == "rep":
        yield from _fields(kind, key, old, new, reps=(key,), lines=lines)
    elif kind == "account":
        owners = tuple(dict.fromkeys(who.owner for who in (old, new) if who is not None and who.owner))
        yield from _fields(kind, key, old, new, reps=owners, lines=lines)
    elif kind == "target":
        if old is not None and new is not None:
            yield from _fields(kind, key, old, new, lines=lines, leave=IN_MONEY)
    else:
        yield from _fields(kind, key, old, new, lines=lines)


def _fields(
    kind: str,
    about: str,
    old: Record | None,
    new: Record | None,
    *,
    reps: tuple[str, ...] = (),
    lines: tuple[str, ...] = (),
    leave: set[str] | None = None,
) -> Iterator[Fact]:
    if old is None or new is None:
        yield Fact(kind, about, "", old and "there", new and "there", reps, lines)
        return
    for name in type(new).model_fields:
        was, now = getattr(old, name), getattr(new, name)
        if was != now and name not in (leave or ()):
            yield Fact(kind, about, name, was, now, reps, lines)


def _lines_of(kind: str, record: Any, problem: PlanningProblem) -> tuple[str, ...]:
    """Return the keys of the lines on which a record acts."""
    targets = problem.strategy.targets
    if kind == "rep":
        found = [one for one in targets if record.may_carry(one)]
    elif kind == "seasonality":
        found = [one for one in targets if one.seasonality == record.id]
    elif kind == "target":
        return (record_key(record),)
    else:
        segment = record.id if kind == "segment" else getattr(record, "segment", None)
        found = [one for one in targets if segment in {None, one.segment}]
    return tuple(map(record_key, found))


def _targets(before: PlanningProblem, after: PlanningProblem) -> Iterator[Fact]:
    """Yield the lines whose target differs, in money."""
    money = [_money_of(problem) for problem in (before, after)]
    for key in sorted(money[0].keys() | money[1].keys()):
        was, now = money[0].get(key), money[1].get(key)
        if was != now:
            yield Fact("target", key, "revenue", was, now, lines=(key,))


def _money_of(problem: PlanningProblem) -> dict[str, int | float]:
    index, step = Index(problem.counted()), problem.policy.step
    numerator, denominator = step.as_integer_ratio()
    units = line_targets(index).astype(np.int64) * numerator
    money = (units if denominator == 1 else units / denominator).tolist()
    return {record_key(line): amount for line, amount in zip(index.lines, money, strict=True)}


def _limits(before: PlanningProblem, after: PlanningProblem) -> Iterator[Fact]:
    old, new = (set(problem.limits) for problem in (before, after))
    for limit in sorted(old ^ new, key=lambda one: (one.label, one in new)):
        was, now = (limit.label, None) if limit in old else (None, limit.label)
        yield Fact(
            "limit",
            limit.label,
            "",
            was,
            now,
            _reps_of(limit, after),
            tuple(record_key(one) for one in after.strategy.targets if _speaks_of(limit, one)),
            limit.reason,
            limit.agreed_with or "",
        )


def _reps_of(limit: AnyLimit, problem: PlanningProblem) -> tuple[str, ...]:
    """Return the reps whom a limit names, by themselves or by their team."""
    rep, team = getattr(limit, "rep", None), getattr(limit, "team", None)
    if rep is not None:
        return (rep,)
    if team is None:
        return ()
    below = {team}
    for _ in problem.sales_force.teams:
        below |= {one.id for one in problem.sales_force.teams if one.parent in below}
    return tuple(one.id for one in problem.sales_force.reps if one.team in below)


def _speaks_of(limit: AnyLimit, line: Target) -> bool:
    return all(getattr(limit, part, None) in {None, getattr(line, part)} for part in ("segment", "product", "business"))


def said(value: Any) -> str:
    """Return a value of a fact as text.

    Examples
    --------
    >>> said(1200.0), said(None)
    ('1,200', 'none')
    >>> from datetime import date
    >>> said((Absence(start=date(2027, 6, 1), end=date(2027, 6, 30), reason="leave"),))
    'absent from 2027-06-01 to 2027-06-30 (leave)'
    """
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, tuple | list):
        return "; ".join(map(said, value))
    if isinstance(value, Absence | Ramp | Scope | Mapping):
        return _record_said(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return in_digits(float(value))
    return record_key(value) if isinstance(value, Record) and hasattr(value, "id") else str(value)


def _record_said(value: Absence | Ramp | Scope | Mapping[str, Any]) -> str:
    if isinstance(value, Absence):
        return f"absent from {value.start} to {value.end}" + (f" ({value.reason})" if value.reason else "")
    if isinstance(value, Ramp):
        return ", ".join(f"{one:.0%}".replace("%", " %") for one in value.months)
    if isinstance(value, Scope):
        return " / ".join(part for part in (value.segment, value.product, value.business) if part)
    return "; ".join(f"{name} {said(one)}" for name, one in value.items())
