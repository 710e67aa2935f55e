"""What a rep proposes in the place of what was proposed to them: checked, priced for the others, and met halfway."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from planalloc.errors import InfeasibleError, InputError
from planalloc.model.base import Amount, Count, Frozen, Id, Record, Share
from planalloc.model.limits import Bound, Limit, MixBand, Pin, QuotaRange
from planalloc.model.salesforce import Accounts
from planalloc.plan.explain import BY_HAND
from planalloc.replanning.changes import MoveAccount, changed
from planalloc.replanning.diff import diff
from planalloc.replanning.resharing import reshared

if TYPE_CHECKING:
    from datetime import date

    from planalloc.model.limits import AnyLimit
    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.explanation import Explanation
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table
    from planalloc.replanning.diff import Difference

__all__ = ["Approval", "Counter", "CounterPrice", "countered_problem", "halfway", "price_of", "settles"]


class Counter(Record):
    """What a rep proposes instead.

    Examples
    --------
    >>> Counter(rep="alice", limits=[Pin(rep="alice", quota=500)], accounts={"A": 20}).accounts["A"]
    20.0
    """

    rep: Id
    """Who proposes it."""
    limits: tuple[Limit, ...] = ()
    """A number (`Pin`, `Bound`, `QuotaRange`) or a mix (`MixBand`, or pins of segments); each names the rep."""
    accounts: Frozen[dict[Id, Accounts]] = Field(default_factory=dict)
    """Accounts that the rep would work by segment, where it is another number than now: fewer visits there, more
    here. Where accounts have names, they move with `moves`."""
    moves: tuple[MoveAccount, ...] = ()
    """Accounts that the rep would give to others, or take over."""

    @property
    def asks(self) -> str:
        """What it asks for, in words."""
        asked = [one.label for one in self.limits]
        asked += [f"{segment}: {many} accounts" for segment, many in self.accounts.items()]
        asked += [f"{one.account} to {one.to}" for one in self.moves]
        return "; ".join(asked)


class Approval(Record):
    """Within which bounds a counter-proposal is settled by rule, without anybody's decision; one bound at least.

    Examples
    --------
    >>> Approval(money=20_000, hours=10).shortfall
    0.0
    """

    money: Amount | None = None
    """Most that all others take over, in money; None: any amount."""
    part: Share | None = None
    """Most that all others take over, as a part of the rep's number before; None: any."""
    hours: Count | None = None
    """Most hours that others have to work more, in all; None: any."""
    shortfall: Amount = 0.0
    """Most money that nobody carries any more."""
    halfway: bool = True
    """Whether one who asks for more is met halfway, where half of it lies within these bounds."""
    otherwise: Literal["decide", "refuse"] = "decide"
    """What becomes of all others: somebody decides, or they are refused."""

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        if self.money is None and self.part is None and self.hours is None and not self.shortfall:
            raise PydanticCustomError("no_bound", "has no bound; give money, part, hours or shortfall")
        return self


@dataclass(frozen=True)
class CounterPrice:
    """What a counter-proposal costs the others: the plan with it beside the plan without.

    Attributes
    ----------
    counter : Counter
        The proposal.
    plan : Plan or None
        The plan with it; None where hard limits leave none.
    difference : Difference or None
        Between the two.
    impossible : str
        Why there is no such plan; empty where there is.
    """

    counter: Counter
    plan: Plan | None = field(repr=False)
    difference: Difference | None = field(repr=False)
    impossible: str = ""

    @property
    def money(self) -> int | float:
        """What the others carry more, in all, in money."""
        return 0 if self.difference is None else self._others(self.difference.by_rep, "change")

    @property
    def hours(self) -> float:
        """Hours that others are planned for more, in all; what some are planned for less is not taken off."""
        return 0.0 if self.difference is None else float(self._others(self.difference.hours, "change"))

    @property
    def shortfall(self) -> int | float:
        """Money that nobody carries any more."""
        return 0 if self.difference is None else self.difference.shortfall.total("change")

    @property
    def takes(self) -> Table | None:
        """Who carries how much more or less, the rep who asks left out; rows of `Difference.by_rep`."""
        if self.difference is None:
            return None
        others = [one for one in self.difference.by_rep["rep"] if one != self.counter.rep]
        return self.difference.by_rep.where(rep=others)

    @property
    def explanation(self) -> Explanation | None:
        """Why the rep's number would be what it is, with the price of each limit that binds on it.

        None where there is no such plan, or it was revised or changed by hand.
        """
        if self.plan is None or self.plan.as_of is not None or self.plan.report.path in BY_HAND:
            return None
        return self.plan.explain(rep=self.counter.rep)

    def _others(self, table: Table, name: str) -> Any:
        if not len(table):
            return 0
        summed = table.by("rep")
        others = summed["rep"] != self.counter.rep
        rises = summed[name][others]
        return rises[rises > 0].sum().item()

    def within(self, approval: Approval) -> bool:
        """Tell whether it lies within the bounds of an approval."""
        return not self.beyond(approval)

    def beyond(self, approval: Approval) -> str:
        """Return in words which bounds of an approval it passes, and by what; empty where it lies within them."""
        if self.difference is None:
            return f"there is no such plan: {self.impossible}"
        currency = self.difference.after.problem.strategy.currency
        bounds: list[tuple[float, float | None, str, str]] = [
            (self.money, approval.money, "others carry {asked:,} {of} more", "{most:,} {of}"),
            (self.hours, approval.hours, "others work {asked:,.1f} hours more", "{most:,.1f} hours"),
            (self.shortfall, approval.shortfall, "{asked:,} {of} more are left to nobody", "{most:,} {of}"),
        ]
        if approval.part is not None:
            before = self.difference.rep(self.counter.rep).before
            own = f"{approval.part:.1%} of the number before, which is " + "{most:,} {of}"
            bounds.insert(1, (self.money, approval.part * before, "others carry {asked:,} {of} more", own))
        return "; ".join(
            f"{said.format(asked=asked, of=currency)}, above the "
            f"{limit.format(most=_whole(most), of=currency)} of the rule"
            for asked, most, said, limit in bounds
            if most is not None and asked > most
        )

    def __str__(self) -> str:
        if self.difference is None:
            return f"{self.counter.rep}: there is no such plan: {self.impossible}"
        currency = self.difference.after.problem.strategy.currency
        own = self.difference.rep(self.counter.rep)
        return (
            f"{self.counter.rep}: {own.before:,} -> {own.after:,} {currency}; others carry {self.money:,} {currency} "
            f"more and work {self.hours:,.1f} hours more; {self.shortfall:+,} {currency} short"
        )


def _whole(amount: float) -> float:
    """Return a whole number without a point."""
    return int(amount) if float(amount).is_integer() else amount


def countered_problem(plan: Plan, counter: Counter, *, on: date, reason: str = "") -> PlanningProblem:
    """Return the plan's problem with a counter-proposal in it, its limits agreed with the rep.

    What was agreed with the rep before on the same parts gives way to it.

    Parameters
    ----------
    plan : Plan
        The plan without it.
    counter : Counter
        The proposal.
    on : date
        Day of the agreement, which the limits' reasons bear.
    reason : str
        Why, as the limits say it.

    Raises
    ------
    UnknownNameError
        When the rep, or an account, is not there.
    InputError
        When it says nothing, or speaks of others than the rep.
    """
    problem = plan.problem
    rep = problem.rep(counter.rep)
    _refuse(problem, counter)
    if counter.accounts:
        problem = problem.replace(rep.but(accounts={**rep.accounts, **counter.accounts}))
    if counter.moves:
        as_of = plan.as_of or problem.calendar.start
        problem = changed(problem, counter.moves, as_of=as_of)
    said = f"agreed on {on}" + (f": {reason}" if reason else "")
    new = [
        one.but(agreed_with=counter.rep, reason=(said if not one.reason else f"{said}; {one.reason}")[:500])
        for one in counter.limits
    ]
    stays = [one for one in problem.limits if not any(_replaces(other, one, counter.rep) for other in new)]
    return problem.but(limits=(*stays, *new)).canonical()


def _refuse(problem: PlanningProblem, counter: Counter) -> None:
    wrong = [
        f"{one.label!r} does not name {counter.rep}"
        for one in counter.limits
        if not isinstance(one, Pin | Bound | QuotaRange | MixBand) or one.rep != counter.rep
    ]
    owner = {one.id: one.owner for one in problem.portfolio.accounts}
    wrong += [
        f"account {one.account!r} neither leaves {counter.rep} nor comes to them"
        for one in counter.moves
        if counter.rep not in {one.to, owner.get(one.account)}
    ]
    if counter.accounts and owner:
        wrong.append("accounts have names here: they move with moves, not with accounts")
    if not (counter.limits or counter.accounts or counter.moves):
        wrong.append("it asks for nothing")
    if wrong:
        raise InputError(
            "this is no counter-proposal: " + "; ".join(wrong), hint="Say what the rep's own number or work should be."
        )


def _replaces(new: AnyLimit, old: AnyLimit, rep: str) -> bool:
    return old.agreed_with == rep and type(old) is type(new) and _parts(old) == _parts(new)


def _parts(limit: AnyLimit) -> dict[str, str] | str | None:
    return limit.parts if isinstance(limit, Pin | Bound) else getattr(limit, "rep", None)


def price_of(plan: Plan, counter: Counter, *, on: date, reason: str = "") -> CounterPrice:
    """Return what a counter-proposal costs the others.

    Parameters
    ----------
    plan : Plan
        The plan without it.
    counter : Counter
        The proposal.
    on, reason
        As for `countered_problem`.

    Raises
    ------
    UnknownNameError
        When the rep, or a name in it, is not there.
    InputError
        When it speaks of others than the rep, or contradicts the problem.

    Examples
    --------
    >>> from datetime import date
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice", "bruno", "chloe"]))
    >>> print(price_of(plan, Counter(rep="alice", limits=[Pin(rep="alice", quota=300)]), on=date(2026, 11, 3)))
    alice: 400 -> 300 EUR; others carry 100 EUR more and work 0.0 hours more; +0 EUR short
    """
    try:
        found = reshared(plan, countered_problem(plan, counter, on=on, reason=reason))
    except InfeasibleError as error:
        return CounterPrice(counter, None, None, error.message)
    return CounterPrice(counter, found, diff(plan, found))


def halfway(plan: Plan, counter: Counter) -> Counter | None:
    """Return half of what a counter-proposal asks for; None where it cannot be halved.

    Numbers and counts of accounts go half the way, in whole rounding units; a mix or an account does not.
    """
    if counter.moves or any(not isinstance(one, Pin | Bound) for one in counter.limits):
        return None
    limits = [_half_limit(plan, one) for one in counter.limits if isinstance(one, Pin | Bound)]
    rep = plan.problem.rep(counter.rep)
    if any(isinstance(one, dict) for one in (*counter.accounts.values(), *rep.accounts.values())):
        return None
    accounts = {
        segment: (float(many) + float(rep.accounts.get(segment, 0.0))) / 2  # type: ignore[arg-type]
        for segment, many in counter.accounts.items()
    }
    return counter.but(limits=tuple(limits), accounts=accounts)


def _half_limit(plan: Plan, limit: Pin | Bound) -> Pin | Bound:
    """Return a limit halfway between where the plan stands and what it asks for; an end that is met stays."""
    parts = dict(limit.parts)
    period, rows = parts.pop("period", None), plan.quotas.where(rep=parts.pop("rep"))
    if period is not None:
        grain, _ = plan.problem.calendar.find(period)
        parts["period" if grain == plan.problem.calendar.grain else grain] = period
    rows = rows.where(**parts)
    of = "base" if getattr(limit, "of", None) == "base" or getattr(limit, "base", None) is not None else "quota"
    stands, step = float(rows.total(of)), plan.problem.policy.step
    met = {"at_least": stands.__ge__, "at_most": stands.__le__}
    ends = {}
    for name in ("quota", "base", "at_least", "at_most"):
        asked = getattr(limit, name, None)
        if asked is not None and not (name in met and met[name](asked)):
            ends[name] = float(round((Decimal(str(stands)) + Decimal(str(asked))) / 2 / step) * step)
    return limit.but(**ends)


def settles(
    plan: Plan, counter: Counter, approval: Approval, *, on: date, reason: str = ""
) -> tuple[str, CounterPrice]:
    """Return what a rule makes of a counter-proposal.

    Returns
    -------
    str
        ``accept``, ``halfway``, ``refuse`` or ``decide``.
    CounterPrice
        Of what is agreed to, the proposal or half of it; of the proposal where nothing is.
    """
    price = price_of(plan, counter, on=on, reason=reason)
    if price.within(approval):
        return "accept", price
    half = halfway(plan, counter) if approval.halfway else None
    if half is not None:
        between = price_of(plan, half, on=on, reason=reason)
        if between.within(approval):
            return "halfway", between
    return approval.otherwise, price
