"""Edits by hand: each a pure function from a plan to a plan that keeps every total and every rule.

Amounts are money as it adds up to the targets. What changes for whom is `planalloc.diff(before, after)`: who gave, who
got, and the bystanders, whose rows are those of before, byte for byte. An edit is refused where it would break a limit,
coverage, presence or somebody's hours, or move what is closed. It lives in the plan: `planalloc.replan` starts from it;
what must survive a new allocation is held by `hold`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from planalloc.checks.checking import check_canonical
from planalloc.errors import InputError
from planalloc.formulate.ground import Ground
from planalloc.model.base import named_among
from planalloc.model.limits import Pin
from planalloc.numerics.apportion import largest_remainder
from planalloc.replanning.changes import MoveAccount, changed
from planalloc.replanning.edit_parts import (
    cells_named,
    lines_of,
    money_of,
    note_of,
    open_in_any,
    open_periods,
    periods_in,
    place_of,
    poured,
    shared,
    units_of,
    whole_units,
)
from planalloc.replanning.editing import edited, opened, require_plan
from planalloc.replanning.moving_accounts import moved_numbers
from planalloc.replanning.refusing import refuse_together, require_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.model.strategy import Business
    from planalloc.plan.plan import Plan

__all__ = ["concentrate", "hold", "move", "spread", "swap_accounts", "transfer"]


def hold(
    plan: Plan,
    *,
    rep: str | None = None,
    team: str | None = None,
    segment: str | None = None,
    product: str | None = None,
    business: Business | None = None,
    period: str | None = None,
    reason: str = "",
    agreed_with: str | None = None,
) -> Plan:
    """Promise a number as it stands: it becomes a pin of the plan's problem, and nothing moves.

    Parameters
    ----------
    plan : Plan
        The plan.
    rep, team, segment, product, business, period : str, optional
        Which number; parts left out are summed over.
    reason, agreed_with : str
        Why, and with whom.

    Raises
    ------
    UnknownNameError
        When a part does not exist.
    InputError
        When no part is given, or another limit is on the same number and says something else.

    Examples
    --------
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice", "bruno"]))
    >>> hold(plan, rep="alice", reason="agreed in November").problem.limits[0].label
    'pin: alice = 600'
    """
    parts = {"rep": rep, "team": team, "segment": segment, "product": product, "business": business, "period": period}
    given = {name: value for name, value in parts.items() if value is not None}
    if not given:
        raise InputError("no part is given to hold", hint="Name a rep, team, line or period.")
    at = opened(plan)
    index = at.formulation.index
    refuse_together(
        *([] if rep is None else [partial(place_of, at, rep)]),
        *([] if team is None else [partial(named_among, "team", team, index.team_ids)]),
        partial(lines_of, at, segment, product, business),
        partial(periods_in, at, period),
        partial(require_texts, reason=reason, agreed_with=agreed_with),
    )
    reps = np.ones(len(index.reps), dtype=bool)
    if rep is not None:
        reps &= np.arange(len(reps)) == place_of(at, rep)
    if team is not None:
        reps &= index.in_team[team]
    box = reps[:, None, None] & lines_of(at, segment, product, business)[None, :, None] & periods_in(at, period)
    pin = Pin.model_validate(
        {**given, "quota": money_of(at, int(at.at.quota[box].sum())), "reason": reason, "agreed_with": agreed_with}
    )
    same = [one for one in plan.problem.limits if isinstance(one, Pin) and (one.parts, one.quota) == (given, pin.quota)]
    problem = plan.problem if same else plan.problem.add(pin).canonical()
    found = check_canonical(problem, ground=Ground(problem))
    found.refuse_errors()
    return replace(plan, problem=problem, formulation=None)


def transfer(
    plan: Plan,
    *,
    from_rep: str,
    to_rep: str,
    amount: float | None = None,
    segment: str | None = None,
    product: str | None = None,
    business: Business | None = None,
    period: str | None = None,
    reason: str = "",
) -> Plan:
    """Give a part of one rep's open number to another rep, on the same lines and in the same periods.

    Parameters
    ----------
    plan : Plan
        The plan.
    from_rep, to_rep : str
        Whose number falls, and whose rises.
    amount : float, optional
        In money, in whole rounding units; None: all that is open, and that `to_rep` may carry.
    segment, product, business : str, optional
        Only these lines; it is taken from them in proportion to what they hold.
    period : str, optional
        Only this period, of the plan's grain or a coarser one; else from all open ones, likewise.
    reason : str
        Why, for the plan to say.

    Raises
    ------
    UnknownNameError
        When a part does not exist.
    InputError
        When there is less than this to give, the period is closed, or a rule would break.

    Examples
    --------
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice", "bruno"]))
    >>> transfer(plan, from_rep="alice", to_rep="bruno", amount=100).quotas.by("rep")["base"].tolist()
    [500, 700]
    """
    at = opened(plan)
    refuse_together(
        partial(place_of, at, from_rep),
        partial(place_of, at, to_rep),
        partial(lines_of, at, segment, product, business),
        partial(open_periods, at, period),
        partial(whole_units, at, amount),
        partial(require_texts, reason=reason),
    )
    source, target = place_of(at, from_rep), place_of(at, to_rep)
    if source == target:
        raise InputError(f"{from_rep!r} cannot give to themselves", hint="Name two reps.")
    asked = lines_of(at, segment, product, business)[:, None] & open_periods(at, period)
    box = asked & at.may_carry[target]
    there = np.where(box, at.open_base[source], 0)
    if not there.any() and np.where(asked, at.open_base[source], 0).any():
        raise InputError(
            f"{to_rep} covers nothing of what {from_rep} has open there, or is not there to carry it",
            hint="Name a rep who covers the line and is there, or lines that they cover.",
        )
    units = units_of(at, amount, most=int(there.sum()), of=f"{from_rep} has", what=f"that {to_rep} may carry")
    goes = largest_remainder(units, there.ravel().astype(float)).reshape(there.shape)
    base = at.at.base.copy()
    base[source] -= goes
    base[target] += goes
    where = cells_named(from_rep, segment, product, business, period)
    return edited(at, base, note=note_of(at, where, units, f"went to {to_rep} by hand", reason))


def move(
    plan: Plan,
    *,
    rep: str,
    from_period: str,
    to_period: str,
    amount: float | None = None,
    segment: str | None = None,
    product: str | None = None,
    business: Business | None = None,
    reason: str = "",
) -> Plan:
    """Move a part of one rep's number from one period to another, on the same lines.

    Parameters
    ----------
    plan : Plan
        The plan.
    rep : str
        Whose number.
    from_period, to_period : str
        Periods of the plan's grain or coarser ones; what goes into several is shared as the rep carries them.
    amount : float, optional
        In money, in whole rounding units; None: all of it.
    segment, product, business : str, optional
        Only these lines.
    reason : str
        Why, for the plan to say.

    Raises
    ------
    UnknownNameError
        When a part does not exist.
    InputError
        When there is less than this to move, a period is closed, or a rule would break.

    Examples
    --------
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice"]).replace(pa.Policy(default_phasing="equal")))
    >>> later = move(plan, rep="alice", from_period="2027-08", to_period="2027-09", amount=40)
    >>> later.quotas["base"].tolist()[7:9]
    [60, 140]
    """
    at = opened(plan)
    refuse_together(
        partial(place_of, at, rep),
        partial(lines_of, at, segment, product, business),
        partial(open_periods, at, from_period),
        partial(open_periods, at, to_period),
        partial(whole_units, at, amount),
        partial(require_texts, reason=reason),
    )
    r, lines = place_of(at, rep), lines_of(at, segment, product, business)
    into, left = open_periods(at, to_period), open_periods(at, from_period)
    if not (left & ~into).any():
        raise InputError(
            f"all that is open of {from_period} lies in {to_period}: nothing would move",
            hint="Name two periods of which neither lies in the other.",
        )
    out = lines[:, None] & (left & ~into)
    there = np.where(out, at.open_base[r], 0)
    units = units_of(at, amount, most=int(there.sum()), of=f"{rep} has", what=f"in {from_period}")
    goes = largest_remainder(units, there.ravel().astype(float)).reshape(there.shape)
    base = at.at.base.copy()
    base[r] += poured(at, r, goes.sum(axis=1), into) - goes
    where = cells_named(rep, segment, product, business, from_period)
    return edited(at, base, note=note_of(at, where, units, f"went to {to_period} by hand", reason))


def concentrate(
    plan: Plan,
    *,
    rep: str,
    periods: Sequence[str],
    segment: str | None = None,
    product: str | None = None,
    business: Business | None = None,
    reason: str = "",
) -> Plan:
    """Bring all of one rep's open number on some lines into some periods.

    Parameters
    ----------
    plan : Plan
        The plan.
    rep : str
        Whose number.
    periods : sequence of str
        Periods of the plan's grain or coarser ones; each line's number is shared among them as the rep carries them.
    segment, product, business : str, optional
        Only these lines.
    reason : str
        Why, for the plan to say.

    Raises
    ------
    UnknownNameError
        When a part does not exist.
    InputError
        When a period is closed, there is nothing to move, or a rule would break.

    Examples
    --------
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice"]).replace(pa.Policy(default_phasing="equal")))
    >>> concentrate(plan, rep="alice", periods=["2027-Q4"]).quotas["base"].tolist()[8:]
    [0, 400, 400, 400]
    """
    at = opened(plan)
    refuse_together(
        partial(place_of, at, rep),
        partial(lines_of, at, segment, product, business),
        partial(open_in_any, at, periods),
        partial(require_texts, reason=reason),
    )
    r, lines = place_of(at, rep), lines_of(at, segment, product, business)
    into = open_in_any(at, periods)
    there = np.where(lines[:, None] & ~into & ~at.closed, at.open_base[r], 0)
    units = units_of(at, None, most=int(there.sum()), of=f"{rep} has", what="outside these periods")
    base = at.at.base.copy()
    base[r] += poured(at, r, there.sum(axis=1), into) - there
    where = cells_named(rep, segment, product, business, None)
    return edited(at, base, note=note_of(at, where, units, f"went to {', '.join(periods)} by hand", reason))


def spread(
    plan: Plan,
    *,
    rep: str,
    periods: Sequence[str] = (),
    segment: str | None = None,
    product: str | None = None,
    business: Business | None = None,
    reason: str = "",
) -> Plan:
    """Share one rep's open number on some lines evenly over periods, by the time that the rep has in each.

    Parameters
    ----------
    plan : Plan
        The plan.
    rep : str
        Whose number.
    periods : sequence of str
        Periods of the plan's grain or coarser ones, whose number is shared among them; by default all open ones.
    segment, product, business : str, optional
        Only these lines.
    reason : str
        Why, for the plan to say.

    Raises
    ------
    UnknownNameError
        When a part does not exist.
    InputError
        When a period is closed, or a rule would break.

    Examples
    --------
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice"]).replace(pa.Policy(default_phasing="equal")))
    >>> late = concentrate(plan, rep="alice", periods=["2027-Q4"])
    >>> spread(late, rep="alice", periods=["2027-H2"]).quotas["base"].tolist()[6:]
    [202, 202, 196, 202, 196, 202]
    """
    at = opened(plan)
    some = not (isinstance(periods, list | tuple) and not periods)
    refuse_together(
        partial(place_of, at, rep),
        partial(lines_of, at, segment, product, business),
        *([partial(open_in_any, at, periods)] if some else []),
        partial(require_texts, reason=reason),
    )
    r, lines = place_of(at, rep), lines_of(at, segment, product, business)
    among = open_in_any(at, periods) if some else ~at.closed
    there = np.where(lines[:, None] & among, at.open_base[r], 0)
    base = at.at.base.copy()
    base[r] += shared(there.sum(axis=1), at.whole.time.weight[r] * (at.may_carry[r] & among)) - there
    units = int(np.maximum(base[r] - at.at.base[r], 0).sum())
    where = cells_named(rep, segment, product, business, None)
    over = ", ".join(periods) or "the open periods"
    return edited(at, base, note=note_of(at, where, units, f"was spread over {over} by hand", reason))


def swap_accounts(
    plan: Plan,
    *,
    one: str,
    other: str,
    quota: Literal["prorated", "none"] = "prorated",
    reason: str = "",
) -> Plan:
    """Let two accounts of two reps change hands.

    Parameters
    ----------
    plan : Plan
        The plan.
    one, other : str
        The accounts; of the problem's portfolio.
    quota : {"prorated", "none"}
        ``prorated``: each account's part of its owner's open number goes along (its share by potential of what the
        owner carries in the segment); ``none``: the numbers stay.
    reason : str
        Why, for the plan to say.

    Raises
    ------
    UnknownNameError
        When there is no such account, or `quota` is none of its values.
    InputError
        When they are of one owner or of nobody, or a rule would break.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                     reps=["alice", "bruno"])
    >>> problem = problem.add(*(pa.Account(id=i, segment="A", owner=who, potential=money) for i, who, money in
    ...                         (("acme", "alice", 30), ("zest", "alice", 30), ("hotel", "bruno", 50))))
    >>> swap_accounts(pa.allocate(problem), one="acme", other="hotel").quotas.by("rep")["base"].tolist()
    [900, 300]
    """
    require_plan(plan)
    accounts = {account.id: account for account in plan.problem.portfolio.accounts}
    refuse_together(
        partial(named_among, "quota", quota, ("prorated", "none")),
        *(partial(named_among, "account", name, list(accounts)) for name in (one, other)),
        partial(require_texts, reason=reason),
    )
    owners = [accounts[name].owner for name in (one, other)]
    if None in owners or owners[0] == owners[1]:
        raise InputError(
            f"{one!r} is owned by {owners[0] or 'nobody'} and {other!r} by {owners[1] or 'nobody'}",
            hint="Swap accounts of two reps.",
        )
    moves = [
        MoveAccount(account=name, to=owner or "", quota=quota)
        for name, owner in zip((one, other), reversed(owners), strict=True)
    ]
    as_of = plan.as_of or plan.problem.calendar.start - timedelta(days=1)
    at = opened(plan, problem=changed(plan.problem, moves, as_of=as_of))
    net = moved_numbers(plan, moves, at.formulation, at.at, fixed=at.closed)
    base = at.at.base.copy()
    first, second = (place_of(at, owner or "") for owner in owners)
    for s in np.flatnonzero(net[first]):
        gives, gets = (first, second) if net[first, s] < 0 else (second, first)
        there = np.where(at.may_carry[gets, s], at.open_base[gives, s], 0)
        units = min(round(abs(net[first, s])), int(there.sum()))
        goes = largest_remainder(units, there.astype(float))
        base[gives, s] -= goes
        base[gets, s] += goes
    units = int(np.maximum(base - at.at.base, 0).sum())
    note = note_of(at, f"accounts[{one}, {other}]", units, f"changed hands as {one} and {other} did", reason)
    return edited(at, base, note=note)
