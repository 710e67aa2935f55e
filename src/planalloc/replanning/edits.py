"""Edits by hand: each a pure function from a plan to a plan that keeps every total and every rule.

Amounts are money as it adds up to the targets. What changes for whom is `planalloc.diff(before, after)`: who gave, who
got, and the bystanders, whose rows are those of before, byte for byte. An edit is refused where it would break a limit,
coverage, presence or somebody's hours, or move what is closed. It lives in the plan: `planalloc.replan` starts from it;
what must survive a new allocation is held by `hold`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np

from planalloc.checks.checking import check_canonical
from planalloc.errors import InputError
from planalloc.formulate.ground import Ground
from planalloc.model.base import in_digits, named_among
from planalloc.model.finding import Finding
from planalloc.model.limits import Pin
from planalloc.numerics.apportion import largest_remainder
from planalloc.replanning.changes import MoveAccount, changed
from planalloc.replanning.editing import EDITED, Opened, edited, opened
from planalloc.replanning.moving_accounts import moved_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.model.strategy import Business
    from planalloc.plan.plan import Plan
    from planalloc.types import Bools, Floats, Ints

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
    at = opened(plan)
    index = at.formulation.index
    reps = np.ones(len(index.reps), dtype=bool)
    if rep is not None:
        reps &= np.arange(len(reps)) == _rep(at, rep)
    if team is not None:
        named_among("team", team, index.team_ids)
        reps &= index.in_team[team]
    box = reps[:, None, None] & _lines(at, segment, product, business)[None, :, None] & _periods(at, period)
    pin = Pin.model_validate(
        {**given, "quota": _money(at, int(at.at.quota[box].sum())), "reason": reason, "agreed_with": agreed_with}
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
    source, target = _rep(at, from_rep), _rep(at, to_rep)
    if source == target:
        raise InputError(f"{from_rep!r} cannot give to themselves", hint="Name two reps.")
    box = _lines(at, segment, product, business)[:, None] & _open_periods(at, period) & at.may_carry[target]
    there = np.where(box, at.open_base[source], 0)
    units = _units(at, amount, most=int(there.sum()), of=f"{from_rep} has", what=f"that {to_rep} may carry")
    goes = largest_remainder(units, there.ravel().astype(float)).reshape(there.shape)
    base = at.at.base.copy()
    base[source] -= goes
    base[target] += goes
    where = _named(from_rep, segment, product, business, period)
    return edited(at, base, note=_note(at, where, units, f"went to {to_rep} by hand", reason))


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
    r, lines = _rep(at, rep), _lines(at, segment, product, business)
    into = _open_periods(at, to_period)
    out = lines[:, None] & (_open_periods(at, from_period) & ~into)
    there = np.where(out, at.open_base[r], 0)
    units = _units(at, amount, most=int(there.sum()), of=f"{rep} has", what=f"in {from_period}")
    goes = largest_remainder(units, there.ravel().astype(float)).reshape(there.shape)
    base = at.at.base.copy()
    base[r] += _into(at, r, goes.sum(axis=1), into) - goes
    where = _named(rep, segment, product, business, from_period)
    return edited(at, base, note=_note(at, where, units, f"went to {to_period} by hand", reason))


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
    r, lines = _rep(at, rep), _lines(at, segment, product, business)
    into = _any_of(at, periods)
    there = np.where(lines[:, None] & ~into & ~at.closed, at.open_base[r], 0)
    units = _units(at, None, most=int(there.sum()), of=f"{rep} has", what="outside these periods")
    base = at.at.base.copy()
    base[r] += _into(at, r, there.sum(axis=1), into) - there
    where = _named(rep, segment, product, business, None)
    return edited(at, base, note=_note(at, where, units, f"went to {', '.join(periods)} by hand", reason))


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
    r, lines = _rep(at, rep), _lines(at, segment, product, business)
    among = _any_of(at, periods) if periods else ~at.closed
    there = np.where(lines[:, None] & among, at.open_base[r], 0)
    base = at.at.base.copy()
    base[r] += _shared(there.sum(axis=1), at.whole.time.weight[r] * (at.may_carry[r] & among)) - there
    units = int(np.maximum(base[r] - at.at.base[r], 0).sum())
    where = _named(rep, segment, product, business, None)
    over = ", ".join(periods) or "the open periods"
    return edited(at, base, note=_note(at, where, units, f"was spread over {over} by hand", reason))


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
    named_among("quota", quota, ("prorated", "none"))
    accounts = {account.id: account for account in plan.problem.portfolio.accounts}
    for name in (one, other):
        named_among("account", name, list(accounts))
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
    net = moved_numbers(plan, moves, at.formulation.index, at.at)
    base = at.at.base.copy()
    first, second = (_rep(at, owner or "") for owner in owners)
    for s in np.flatnonzero(net[first]):
        gives, gets = (first, second) if net[first, s] < 0 else (second, first)
        there = np.where(at.may_carry[gets, s], at.open_base[gives, s], 0)
        units = min(round(abs(net[first, s])), int(there.sum()))
        goes = largest_remainder(units, there.astype(float))
        base[gives, s] -= goes
        base[gets, s] += goes
    units = int(np.maximum(base - at.at.base, 0).sum())
    note = _note(at, f"accounts[{one}, {other}]", units, f"changed hands as {one} and {other} did", reason)
    return edited(at, base, note=note)


def _rep(at: Opened, rep: str) -> int:
    place = at.formulation.index.rep_position
    named_among("rep", rep, list(place))
    return place[rep]


def _lines(at: Opened, segment: str | None, product: str | None, business: str | None) -> Bools:
    """Return the lines of these parts, shape (S,)."""
    index = at.formulation.index
    for name, given in (("segment", segment), ("product", product), ("business", business)):
        if given is not None:
            named_among(name, given, sorted({getattr(line, name) or "" for line in index.lines} - {""}))
    found = [
        all(
            given in {None, getattr(line, name)}
            for name, given in (("segment", segment), ("product", product), ("business", business))
        )
        for line in index.lines
    ]
    return np.array(found, dtype=bool)


def _periods(at: Opened, period: str | None) -> Bools:
    """Return the plan's periods inside a period, shape (T,)."""
    calendar = at.formulation.index.problem.calendar
    if period is None:
        return np.ones(len(at.formulation.index.periods), dtype=bool)
    grain, place = calendar.find(period)
    inside: Bools = np.array(calendar.nest(calendar.grain, grain)) == place
    return inside


def _open_periods(at: Opened, period: str | None) -> Bools:
    """Return the open periods inside a period, shape (T,); one that is named and closed is refused."""
    inside = _periods(at, period)
    if period is not None and (inside & at.closed).all(where=inside):
        raise InputError(
            f"{period} is closed: the plan was revised as of {at.plan.as_of}", hint="Edit what is still open."
        )
    return inside & ~at.closed


def _any_of(at: Opened, periods: Sequence[str]) -> Bools:
    if not periods:
        raise InputError("no period is given", hint="Name one at least.")
    found: Bools = np.any([_open_periods(at, one) for one in periods], axis=0)
    return found


def _units(at: Opened, amount: float | None, *, most: int, of: str, what: str) -> int:
    """Return an amount in rounding units, not more than there is."""
    step = at.formulation.index.problem.policy.step
    if amount is None:
        units = most
    else:
        exact = Decimal(str(amount)) / step
        if amount <= 0 or exact != exact.to_integral_value():
            raise InputError(
                f"amount is {amount}; it must be above 0, in whole units of {step}", hint="Round it to the plan's unit."
            )
        units = int(exact)
    if units > most or not most:
        raise InputError(
            f"{of} {in_digits(_money(at, most))} open {what}"
            + (f", which is {in_digits(_money(at, units - most))} less than {in_digits(amount)}" if amount else ""),
            hint="Move less, or from more lines or periods.",
        )
    return units


def _money(at: Opened, units: int) -> float:
    return float(units * at.formulation.index.problem.policy.step)


def _into(at: Opened, r: int, units: Ints, periods: Bools) -> Ints:
    """Share units of each line over periods as a rep carries them there, or by the rep's time, shape (S, T)."""
    may = at.may_carry[r] & periods
    own = np.where(may, at.open_base[r], 0).astype(float)
    own = np.where(own.any(axis=1, keepdims=True), own, at.whole.time.weight[r] * may)
    return _shared(units, own)


def _shared(units: Ints, weights: Floats) -> Ints:
    """Share units of each line in proportion to weights, shape (S, T)."""
    found = np.zeros(weights.shape, dtype=np.int64)
    for s in np.flatnonzero(units):
        if not weights[s].any():
            raise InputError(
                "the rep is not there, or does not cover the line, in any of these periods",
                hint="Name periods in which the rep is there.",
            )
        found[s] = largest_remainder(int(units[s]), weights[s])
    return found


def _named(rep: str, *parts: str | None) -> str:
    return f"quotas[{', '.join([rep, *(part for part in parts if part)])}]"


def _note(at: Opened, where: str, units: int, what: str, reason: str) -> Finding:
    currency = at.formulation.index.problem.strategy.currency
    why = f" ({reason})" if reason else ""
    return Finding(EDITED, "warning", where, f"{in_digits(_money(at, units))} {currency}", f"{what}{why}", "")
