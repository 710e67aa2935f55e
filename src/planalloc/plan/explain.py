"""Where a number comes from: its reference, what moved it, which limits bind, and at what price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InputError, UnknownNameError
from planalloc.formulate.answering import answer
from planalloc.formulate.explaining import Box, Price, parts_of, prices_of, reference_parts
from planalloc.formulate.formulation import formulate
from planalloc.model.base import in_digits, nearest, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planalloc.formulate.formulation import Formulation
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table
    from planalloc.types import Bools

__all__ = ["Explanation", "Part", "explain"]


@dataclass(frozen=True)
class Part:
    """One thing that makes a number.

    Parameters
    ----------
    cause : str
        What it is.
    amount : float
        What it adds or takes away, in money, a multiple of the plan's rounding unit.
    """

    cause: str
    amount: float


@dataclass(frozen=True)
class Explanation:
    """Why one number of a plan is what it is.

    Attributes
    ----------
    about : str
        Which number.
    currency : str
        Of all amounts.
    reference : float
        The simple answer, in money.
    reference_parts : tuple of Part
        What makes the reference; they sum to it.
    parts : tuple of Part
        What moved the plan from the reference to the base; they sum to the difference, to the unit.
    base, quota : float
        The number, before and after over-assignment.
    binding : tuple of Price
        The limits that bind on it, and what one more unit of each is worth.
    loose : tuple of Price
        The agreed limits on it that leave room, and how much; none where the reference itself is the plan.
    """

    about: str
    currency: str
    reference: float
    reference_parts: tuple[Part, ...]
    parts: tuple[Part, ...]
    base: float
    quota: float
    binding: tuple[Price, ...]
    loose: tuple[Price, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.about}: base {in_digits(self.base)} {self.currency}"]
        lines += [f"  {_signed(part.amount)}  {part.cause}" for part in self.reference_parts if part.amount]
        lines.append(f"  {in_digits(self.reference):>16}  the fair split: what it would be if nothing held it")
        lines += [f"  {_signed(part.amount)}  {part.cause}" for part in self.parts if part.amount]
        lines.append(f"  {in_digits(self.base):>16}  base")
        if self.quota != self.base:
            lines.append(f"  {_signed(self.quota - self.base)}  over-assignment")
            lines.append(f"  {in_digits(self.quota):>16}  quota")
        lines += [f"  {in_words(price, self.currency)}" for price in self.binding]
        lines += [f"  {one.label} leaves {in_digits(one.slack)} {one.unit} of room." for one in self.loose]
        return "\n".join(lines)


def _signed(amount: float) -> str:
    return f"{'+' if amount > 0 else ''}{in_digits(amount)}".rjust(16)


def in_words(price: Price, currency: str) -> str:
    """Return a price as a sentence.

    Examples
    --------
    >>> in_words(Price("hours of alice in 2027-03", "h", "shortfall", 412.4), "EUR")
    'One more hour (hours of alice in 2027-03) is worth 412 EUR of target reached.'
    """
    unit = "One more hour" if price.unit == "h" else f"One {price.unit} more room"
    worth = {
        "shortfall": f"{price.worth:,.4g} {currency} of target reached" if price.worth < 10 else "",
        "coverage": f"{price.worth:,.3g} more accounts worked",
        "overtime": f"{price.worth:,.3g} hours less overtime",
        "distance": f"{price.worth:,.3g} {currency} of distance to the fair split",
    }[price.tier]
    worth = worth or f"{price.worth:,.0f} {currency} of target reached"
    return f"{unit} ({price.label}) is worth {worth}."


def explain(plan: Plan, **parts: str | None) -> Explanation:
    """Explain one number of a plan: a cell, a rep, a team, a line, or any sum that these parts name.

    The plan's problem is solved again, which gives the same plan, for the prices of its limits.

    Parameters
    ----------
    plan : Plan
        The plan.
    **parts
        rep, team, segment, product, business, period; those left out are summed over.

    Raises
    ------
    UnknownNameError
        When a part does not exist.
    """
    overlay = [one.id for one in plan.problem.sales_force.reps if one.role == "overlay"]
    if parts.get("rep") in overlay:
        raise InputError(
            f"{parts['rep']!r} is an overlay rep: the quota is a fair share of what others book",
            hint="Explain the numbers of those who book it; see plan.overlay_quotas for the share.",
        )
    formulation = formulate(plan.problem)
    answered = answer(formulation)
    box = _box(formulation, parts)
    step = float(plan.problem.policy.step)
    rows = _rows(plan, parts)
    reference, base, quota = (round(float(rows.total(name)) / step) for name in ("reference", "base", "quota"))
    made = _whole(reference_parts(formulation, box), reference)
    moved: list[tuple[str, int]] = []
    prices: list[Price] = []
    if answered.solved is not None:
        moved = _whole(parts_of(formulation, answered.solved, box), base - reference)
        prices = prices_of(formulation, answered.solved, box)
    return Explanation(
        about=", ".join(value for value in parts.values() if value is not None) or "the whole",
        currency=plan.problem.strategy.currency,
        reference=reference * step,
        reference_parts=tuple(Part(cause, units * step) for cause, units in made),
        parts=tuple(Part(cause, units * step) for cause, units in moved),
        base=base * step,
        quota=quota * step,
        binding=tuple(one for one in prices if one.tier),
        loose=tuple(one for one in prices if not one.tier),
    )


def _whole(parts: Iterable[tuple[str, float]], total: int) -> list[tuple[str, int]]:
    """Round parts to whole units, largest first; what is left to the total is rounding."""
    whole = [(cause, round(amount)) for cause, amount in sorted(parts, key=lambda one: -abs(one[1]))]
    left = total - sum(units for _, units in whole)
    return [*whole, ("rounding", left)] if left else whole


def _rows(plan: Plan, parts: dict[str, str | None]) -> Table:
    table = plan.quotas
    named = {name: value for name, value in parts.items() if value is not None}
    if "team" in named:
        table = table.where(rep=list(plan.team(named.pop("team")).reps))
    period = named.pop("period", None)
    if period is not None:
        grain, _ = plan.problem.calendar.find(period)
        named["period" if grain == plan.problem.calendar.grain else grain] = period
    return table.where(**named)


def _box(formulation: Formulation, parts: dict[str, str | None]) -> Box:
    index, calendar = formulation.index, formulation.index.problem.calendar
    known = ("rep", "team", "segment", "product", "business", "period")
    for name in parts:
        if name not in known:
            raise UnknownNameError(
                f"a number has no part {name!r}.{suggest(name, known)}",
                hint=f"Its parts are: {', '.join(known)}.",
                name=name,
                candidates=nearest(name, known),
            )
    reps: Bools = np.ones(len(index.reps), dtype=bool)
    if (rep := parts.get("rep")) is not None:
        reps = reps & (np.arange(len(reps)) == index.rep_position.get(rep, -1))
    if (team := parts.get("team")) is not None:
        reps = reps & index.in_team.get(team, False)
    lines = np.array(
        [
            all(parts.get(p) in {None, getattr(line, p)} for p in ("segment", "product", "business"))
            for line in index.lines
        ]
    )
    periods = np.ones(len(index.periods), dtype=bool)
    if (period := parts.get("period")) is not None:
        grain, position = calendar.find(period)
        periods = np.array(calendar.nest(calendar.grain, grain)) == position
    return Box(reps, lines, periods)
