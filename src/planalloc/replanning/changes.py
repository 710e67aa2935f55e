"""What may change during the year, as records, and the problem in which it has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

import numpy as np
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from planalloc.errors import InputError, UnknownNameError
from planalloc.formulate.ground import Ground
from planalloc.model.base import Amount, Day, Id, Number, Record, Within, named_among
from planalloc.model.playbook import Funnel
from planalloc.model.problem import record_key
from planalloc.model.salesforce import Absence, Rep
from planalloc.model.strategy import Business, Seasonality, Target
from planalloc.replanning.refusing import require_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from planalloc.model.problem import PlanningProblem

__all__ = [
    "Absent",
    "Change",
    "Join",
    "Leave",
    "MoveAccount",
    "MoveTeam",
    "Reconvert",
    "Reseason",
    "Retarget",
    "WorkTime",
    "changed",
    "refuse_kinds",
    "refuse_wrong",
]


class Leave(Record):
    """A rep leaves. What they carried from then on is shared by those who carry the same lines.

    Limits that name them alone lapse.

    Examples
    --------
    >>> from datetime import date
    >>> Leave(rep="chloe", on=date(2027, 6, 30)).on.month
    6
    """

    rep: Id
    """Who."""
    on: Day
    """Last day of work."""


class Join(Record):
    """A rep joins, and takes the fair split's part of the rest from those who carry the same lines.

    Examples
    --------
    >>> from datetime import date
    >>> Join(rep=Rep(id="dora", start=date(2027, 7, 1))).rep.id
    'dora'
    """

    rep: Rep
    """The rep, with the first day of work in `start`."""


class Absent(Record):
    """A rep will be away.

    Examples
    --------
    >>> from datetime import date
    >>> Absent(rep="bruno", start=date(2027, 9, 1), end=date(2027, 9, 30)).rep
    'bruno'
    """

    rep: Id
    """Who."""
    start: Day
    """First day away."""
    end: Day
    """Last day away."""

    @model_validator(mode="after")
    def _check_days(self) -> Self:
        if self.end < self.start:
            raise PydanticCustomError("days_reversed", "ends before it starts; exchange the two days")
        return self


class WorkTime(Record):
    """A rep works more or less from the next day on.

    Examples
    --------
    >>> WorkTime(rep="bruno", fte=0.5).fte
    0.5
    """

    rep: Id
    """Who."""
    fte: Annotated[Number, Within("(0, 2]", "write 80 % as 0.8")]
    """Part of full time."""


class MoveTeam(Record):
    """A rep changes team, numbers included.

    Examples
    --------
    >>> MoveTeam(rep="bruno", team="south").team
    'south'
    """

    rep: Id
    """Who."""
    team: Id
    """The new team."""


class Retarget(Record):
    """The target of a line rises or falls, for the whole horizon; what is sold of it stays sold.

    Examples
    --------
    >>> Retarget(segment="A", revenue=3_600_000).revenue
    3600000.0
    """

    segment: Id
    """Of the line."""
    product: Id | None = None
    """Of the line."""
    business: Business | None = None
    """Of the line."""
    revenue: Amount
    """The new target of the whole horizon, in money."""


class MoveAccount(Record):
    """An account goes to another rep, with its part of the number or without.

    Examples
    --------
    >>> MoveAccount(account="acme", to="bruno").quota
    'prorated'
    """

    account: Id
    """Which one; of the problem's portfolio."""
    to: Id
    """Its new owner."""
    quota: Literal["prorated", "none"] = "prorated"
    """``prorated``: the rest of its part of the number goes along (its share by potential of what the owner carries in
    the segment); ``none``: the numbers stay."""


class Reseason(Record):
    """A line's season proved different: the rest of its year is phased by another one.

    Examples
    --------
    >>> season = Seasonality(id="late", grain="semester", weights=[0.4, 0.6])
    >>> Reseason(segment="A", seasonality=season).seasonality.id
    'late'
    """

    segment: Id
    """Of the line."""
    product: Id | None = None
    """Of the line."""
    business: Business | None = None
    """Of the line."""
    seasonality: Seasonality
    """The new season of the whole horizon; its open periods count."""


class Reconvert(Record):
    """Conversion, deal size or lead times proved different: another funnel takes the place of the old one.

    Examples
    --------
    >>> Reconvert(funnel=Funnel(deal_size=1000, stages=[{"id": "offer", "conversion": 0.4}])).funnel.deal_size
    1000.0
    """

    funnel: Funnel
    """The new funnel; of the same segment, product and business as the one it replaces."""


MOST_TOLD = 10
"""Mistakes of one call that are told; the others are counted."""

Change: TypeAlias = Leave | Join | Absent | WorkTime | MoveTeam | Retarget | MoveAccount | Reseason | Reconvert


def changed(problem: PlanningProblem, changes: Sequence[Change], *, as_of: date) -> PlanningProblem:
    """Return the problem in which changes have happened, with the targets as amounts.

    Parameters
    ----------
    problem : PlanningProblem
        In canonical order.
    changes : sequence of Change
        In any order; two of one kind that speak of the same thing contradict each other.
    as_of : date
        Last day that is closed.

    Raises
    ------
    UnknownNameError
        When a rep, team, line or account is not in the problem.
    InputError
        When a change lies in the closed past, or two contradict each other; all of them at once.
    """
    refuse_kinds(changes)
    refuse_wrong(problem, changes, as_of)
    different = list(dict.fromkeys((type(one).__name__, one.model_dump_json()) for one in changes))
    by_key = {(type(one).__name__, one.model_dump_json()): one for one in changes}
    for change in sorted((by_key[key] for key in different), key=_order):
        problem = _APPLY[type(change)](problem, change)
    return problem.canonical() if different else problem


def _order(change: Change) -> tuple[bool, str, str]:
    """Return when a change is made: people join first, so that others may speak of them."""
    return not isinstance(change, Join), type(change).__name__, change.model_dump_json()


def refuse_kinds(changes: Any) -> None:
    """Refuse what is no list of changes.

    Raises
    ------
    InputError
        When it is none, or holds something else; all kinds of that are told.
    """
    kinds = f"Changes are: {', '.join(kind.__name__ for kind in _APPLY)}."
    try:
        require_list("changes", changes, of="changes")
    except InputError as error:
        error.hint += f" {kinds}"
        raise
    others = [
        one.__name__ if isinstance(one, type) else type(one).__name__ for one in changes if type(one) not in _APPLY
    ]
    if others:
        told = ", ".join(dict.fromkeys(others))
        raise InputError(f"changes hold what is no change: {told}", hint=kinds)


def refuse_wrong(problem: PlanningProblem, changes: Sequence[Change], as_of: date) -> None:
    """Refuse what is wrong with changes, all of it at once; errors are those of `changed`."""
    said: dict[tuple[str, str], Change] = {}
    wrong: list[str] = []
    unknown: list[UnknownNameError] = []
    reps = {rep.id: rep for rep in problem.sales_force.reps}
    new = {one.rep.id: one.rep for one in changes if isinstance(one, Join) and one.rep.id not in reps}
    joined, there = problem.add(*new.values()), {**new, **reps}
    for change in changes:
        unknown += _unknown(joined, change)
        about = (type(change).__name__, _about(change))
        if about in said and said[about] != change:
            wrong.append(f"two changes of one kind, {type(change).__name__}, say something else of {_about(change)}")
        said[about] = change
        day = getattr(change, "on", None) or getattr(change, "start", None)
        if isinstance(change, Join):
            day = change.rep.start
            wrong += [] if day else [f"Join of {change.rep.id} does not say when; give the rep a start"]
            wrong += [f"{change.rep.id} is there already"] if change.rep.id in reps else []
        if isinstance(change, Leave | Absent | WorkTime | MoveTeam) and change.rep in there:
            end = there[change.rep].end
            first = there[change.rep].start
            if isinstance(change, Leave) and first is not None and change.on < first:
                wrong.append(f"{change.rep} cannot leave on {change.on}, before they start on {first}")
            wrong += [f"{change.rep} left on {end}"] if end is not None and end <= as_of else []
        if day is not None and day <= as_of and not (isinstance(change, Leave) and day == as_of):
            wrong.append(f"{type(change).__name__} of {_about(change)} lies on {day}, and {as_of} is closed")
    if len(unknown) == 1 and not wrong:
        raise unknown[0]
    if unknown or wrong:
        told = [*(one.message for one in unknown), *wrong]
        more = f" ... and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
        raise InputError(
            "; ".join(told[:MOST_TOLD]) + more, hint="A change holds from the day after as_of at the earliest."
        )


def _unknown(problem: PlanningProblem, change: Change) -> list[UnknownNameError]:
    """Return the names of a change that the problem does not have."""
    primary = [rep.id for rep in problem.sales_force.reps]
    asked: list[tuple[str, str, list[str]]] = []
    if isinstance(change, Leave | Absent | WorkTime | MoveTeam):
        asked.append(("rep", change.rep, primary))
    if isinstance(change, MoveTeam):
        asked.append(("team", change.team, [team.id for team in problem.sales_force.teams]))
    if isinstance(change, MoveAccount):
        asked.append(("account", change.account, [one.id for one in problem.portfolio.accounts]))
        asked.append(("rep", change.to, [rep.id for rep in problem.sales_force.reps if rep.role == "primary"]))
    if isinstance(change, Retarget | Reseason):
        asked.append(("target", _line_key(change), [record_key(one) for one in problem.strategy.targets]))
    if isinstance(change, Reconvert):
        asked.append(("funnel", record_key(change.funnel), [record_key(one) for one in problem.playbook.funnels]))
    found = []
    for option, name, known in asked:
        try:
            named_among(option, name, known)
        except UnknownNameError as error:
            found.append(error)
    return found


def _line_key(change: Retarget | Reseason) -> str:
    return " / ".join(part for part in (change.segment, change.product, change.business) if part)


def _about(change: Change) -> str:
    if isinstance(change, Join):
        return change.rep.id
    if isinstance(change, Reconvert):
        return record_key(change.funnel)
    if isinstance(change, Absent):
        return f"{change.rep} from {change.start}"
    parts = [getattr(change, name, None) for name in ("rep", "account", "segment", "product", "business")]
    return " / ".join(part for part in parts if part)


def _rep(problem: PlanningProblem, rep: str, **fields: Any) -> PlanningProblem:
    return problem.replace(problem.rep(rep).but(**fields))


def _leave(problem: PlanningProblem, change: Leave) -> PlanningProblem:
    """Let a rep leave; what was agreed with them alone lapses."""
    left = tuple(one for one in problem.limits if getattr(one, "rep", None) != change.rep)
    return _rep(problem.but(limits=left), change.rep, end=change.on)


def _join(problem: PlanningProblem, change: Join) -> PlanningProblem:
    return problem.add(change.rep)


def _absent(problem: PlanningProblem, change: Absent) -> PlanningProblem:
    absences = (*problem.rep(change.rep).absences, Absence(start=change.start, end=change.end))
    return _rep(problem, change.rep, absences=absences)


def _work_time(problem: PlanningProblem, change: WorkTime) -> PlanningProblem:
    return _rep(problem, change.rep, fte=change.fte)


def _move_team(problem: PlanningProblem, change: MoveTeam) -> PlanningProblem:
    return _rep(problem, change.rep, team=change.team)


def _line(problem: PlanningProblem, change: Retarget | Reseason) -> Target:
    targets = {record_key(one): one for one in problem.strategy.targets}
    return targets[_line_key(change)]


def in_amounts(problem: PlanningProblem) -> PlanningProblem:
    """Return the same problem with each target as an amount, none as a share or the rest."""
    if all(target.revenue is not None for target in problem.strategy.targets):
        return problem
    ground = Ground(problem)
    money = (ground.targets * np.float64(problem.policy.step)).tolist()
    targets = tuple(
        line.but(revenue=round(amount, _digits(problem)), share=None, rest=False)
        for line, amount in zip(ground.index.lines, money, strict=True)
    )
    return problem.but(strategy=problem.strategy.but(targets=targets))


def _digits(problem: PlanningProblem) -> int:
    """Return how many decimals amounts have."""
    return max(0, -int(problem.policy.step.as_tuple().exponent))


def _retarget(problem: PlanningProblem, change: Retarget) -> PlanningProblem:
    problem = in_amounts(problem)
    old = _line(problem, change)
    targets = tuple(
        one.but(revenue=change.revenue) if record_key(one) == record_key(old) else one
        for one in problem.strategy.targets
    )
    whole = round(sum(one.revenue or 0.0 for one in targets), _digits(problem))
    revenue = None if problem.strategy.revenue is None else whole
    return problem.but(strategy=problem.strategy.but(targets=targets, revenue=revenue))


def _move_account(problem: PlanningProblem, change: MoveAccount) -> PlanningProblem:
    accounts = {one.id: one for one in problem.portfolio.accounts}
    accounts[change.account] = accounts[change.account].but(owner=change.to)
    return problem.but(portfolio=problem.portfolio.but(accounts=tuple(accounts.values())))


def _reseason(problem: PlanningProblem, change: Reseason) -> PlanningProblem:
    old = _line(problem, change)
    seasons = {one.id: one for one in problem.strategy.seasonalities}
    if seasons.get(change.seasonality.id, change.seasonality) != change.seasonality:
        raise InputError(
            f"there is another seasonality {change.seasonality.id!r} already", hint="Give the new one its own id."
        )
    seasons[change.seasonality.id] = change.seasonality
    targets = tuple(
        one.but(seasonality=change.seasonality.id) if one is old else one for one in problem.strategy.targets
    )
    strategy = problem.strategy.but(targets=targets, seasonalities=tuple(seasons.values()))
    return problem.but(strategy=strategy)


def _reconvert(problem: PlanningProblem, change: Reconvert) -> PlanningProblem:
    return problem.replace(change.funnel)


_APPLY: dict[type[Record], Any] = {
    Leave: _leave,
    Join: _join,
    Absent: _absent,
    WorkTime: _work_time,
    MoveTeam: _move_team,
    Retarget: _retarget,
    MoveAccount: _move_account,
    Reseason: _reseason,
    Reconvert: _reconvert,
}
