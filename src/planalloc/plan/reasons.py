"""An explanation in words: what is alike stands together, the largest first, and what is small is only counted."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from planalloc.formulate.explaining import in_words
from planalloc.model.base import in_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from planalloc.formulate.prices import Price
    from planalloc.plan.explanation import Explanation, Part

__all__ = ["explanation_text", "worth_in_words"]

MOST_LINES = 8
"""How many causes have a line of their own."""

MOST_ROOMS = 6
"""How many limits that leave room have a sentence."""

SMALLEST_WORTH = 0.01
"""What is worth less is told of more units than one."""


def explanation_text(one: Explanation) -> str:
    """Return an explanation as lines of text: the number, what makes it, its prices."""
    lines = [f"{one.about}: base {in_digits(one.base)} {one.currency}"]
    lines += _part_lines(one.reference_parts)
    lines.append(f"  {in_digits(one.reference):>16}  the fair split: what it would be if nothing held it")
    lines += _part_lines(one.parts)
    lines.append(f"  {in_digits(one.base):>16}  base")
    if one.quota != one.base:
        lines.append(f"  {_signed(one.quota - one.base)}  over-assignment")
        lines.append(f"  {in_digits(one.quota):>16}  quota")
    prices = _sentences(one.binding, one.currency)
    rooms = [f"{room.label} leaves {in_digits(room.slack)} {room.unit} of room." for room in one.loose]
    lines += [f"  {sentence}" for sentence in (*prices, *rooms[:MOST_ROOMS])]
    if one.untold:
        lines.append(
            f"  {one.untold} more limit{'s' if one.untold > 1 else ''} on it bind{'' if one.untold > 1 else 's'}."
        )
    return "\n".join(lines)


def _signed(amount: float) -> str:
    return f"{'+' if amount > 0 else ''}{in_digits(amount)}".rjust(16)


def _part_lines(parts: Sequence[Part]) -> list[str]:
    """Return a line for each group of parts, the largest first and rounding last; the small ones share one."""
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        own = "" if part.kind == "target" else part.period if part.kind == "hours" else part.cause
        groups.setdefault((part.kind, own), []).append(part)
    summed = [(sum(part.amount for part in group), group) for group in groups.values()]
    summed.sort(key=lambda one: (one[1][0].kind == "rounding", -abs(one[0])))
    told = summed if len(summed) <= MOST_LINES + 1 else summed[:MOST_LINES]
    lines = [f"  {_signed(amount)}  {_together(group)}" for amount, group in told]
    rest = summed[len(told) :]
    if rest:
        amount, many = sum(one[0] for one in rest), sum(len(one[1]) for one in rest)
        lines.append(f"  {_signed(amount)}  and {many} smaller ones")
    return lines


def _together(group: Sequence[Part]) -> str:
    """Return what a group of parts has in common."""
    names = tuple(dict.fromkeys(name for part in group for name in part.names))
    if len(group) == 1:
        return group[0].cause
    if group[0].kind == "hours":
        return f"hours of {in_words(names)} in {group[0].period}"
    return f"the targets of {in_words(names, others='other lines')} have to be met"


def _sentences(prices: Iterable[Price], currency: str) -> list[str]:
    """Return a sentence for each group of prices that say the same, in their order."""
    said = ((worth_in_words(price, currency), price) for price in prices)
    return [
        words.format(_labels([price for _, price in group])) for words, group in groupby(said, key=lambda one: one[0])
    ]


def _labels(prices: Sequence[Price]) -> str:
    """Return the names of limits; hours of one person, or of one period, together."""
    names = tuple(dict.fromkeys(name for price in prices for name in price.names))
    periods = tuple(dict.fromkeys(price.period for price in prices))
    hours = all(price.unit == "h" for price in prices)
    if hours and (len(periods) == 1 or len({price.names for price in prices}) == 1):
        return f"hours of {in_words(names)} in {in_words(periods, others='other periods')}"
    return in_words(tuple(price.label for price in prices))


def worth_in_words(price: Price, currency: str) -> str:
    """Return what a unit of a limit is worth as a sentence, with ``{}`` where its name goes.

    Distance from the fair split is no amount that anybody knows: it is told without its figure. What is worth next to
    nothing by the unit of money is told by the thousand or the million, which is worth that much at most.

    Examples
    --------
    >>> from planalloc.formulate.prices import Price
    >>> worth_in_words(Price("hours of alice in 2027-03", "h", "shortfall", 412.4), "EUR")
    'One more hour ({}) is worth 412 EUR of target reached.'
    >>> worth_in_words(Price("pin: alice, A = 900", "EUR", "coverage", 0.00004), "EUR")
    '10,000 EUR more room ({}) is worth up to 0.4 more accounts worked.'
    """
    worth, many, up_to = price.worth, 1, ""
    if price.unit != "h" and 0 < worth < SMALLEST_WORTH and price.tier != "distance":
        many, up_to = 10 ** math.ceil(-1 - math.log10(worth)), "up to "
    unit = "One more hour" if price.unit == "h" else f"{'One' if many == 1 else f'{many:,}'} {price.unit} more room"
    if price.tier == "distance":
        return f"{unit} ({{}}) would bring the plan nearer to the fair split."
    figure = _figure(worth * many)
    of = {
        "shortfall": f"{figure} {currency} of target reached",
        "coverage": f"{figure} more accounts worked",
        "overtime": f"{figure} hours less overtime",
    }[price.tier]
    return f"{unit} ({{}}) is worth {up_to}{of}."


def _figure(worth: float) -> str:
    """Return three digits, all of what stands before the point."""
    if worth < SMALLEST_WORTH:
        return f"less than {SMALLEST_WORTH}"
    return f"{worth:,.0f}" if worth >= 10 else f"{worth:.3g}"
