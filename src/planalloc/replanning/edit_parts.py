"""What an edit by hand speaks of: lines, periods, and amounts in whole units."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.errors import InputError
from planalloc.model.base import in_digits, named_among
from planalloc.model.finding import Finding
from planalloc.numerics.apportion import largest_remainder
from planalloc.replanning.carriers import require_carrier
from planalloc.replanning.editing import EDITED
from planalloc.replanning.refusing import refuse_together, require_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.replanning.editing import Opened
    from planalloc.types import Bools, Floats, Ints

__all__ = [
    "cells_named",
    "lines_of",
    "money_of",
    "note_of",
    "open_in_any",
    "open_periods",
    "periods_in",
    "place_of",
    "poured",
    "shared",
    "units_of",
    "whole_units",
]


def place_of(at: Opened, rep: str) -> int:
    """Return the position of a rep; errors are those of `require_carrier`."""
    require_carrier(at.plan.problem, rep)
    return at.formulation.index.rep_position[rep]


def lines_of(at: Opened, segment: str | None, product: str | None, business: str | None) -> Bools:
    """Return the lines of these parts, shape (S,)."""
    index = at.formulation.index
    refuse_together(
        *(
            partial(named_among, name, given, sorted({getattr(line, name) or "" for line in index.lines} - {""}))
            for name, given in (("segment", segment), ("product", product), ("business", business))
            if given is not None
        )
    )
    found = [
        all(
            given in {None, getattr(line, name)}
            for name, given in (("segment", segment), ("product", product), ("business", business))
        )
        for line in index.lines
    ]
    return np.array(found, dtype=bool)


def periods_in(at: Opened, period: str | None) -> Bools:
    """Return the plan's periods inside a period, shape (T,)."""
    calendar = at.formulation.index.problem.calendar
    if period is None:
        return np.ones(len(at.formulation.index.periods), dtype=bool)
    grain, place = calendar.find(period)
    inside: Bools = np.array(calendar.nest(calendar.grain, grain)) == place
    return inside


def open_periods(at: Opened, period: str | None) -> Bools:
    """Return the open periods inside a period, shape (T,); one that is named and closed is refused."""
    inside = periods_in(at, period)
    if period is not None and (inside & at.closed).all(where=inside):
        raise InputError(
            f"{period} is closed: the plan was revised as of {at.plan.as_of}", hint="Edit what is still open."
        )
    return inside & ~at.closed


def open_in_any(at: Opened, periods: Sequence[str]) -> Bools:
    """Return the open periods inside any of some periods, shape (T,)."""
    require_list("periods", periods, of="ids")
    if not len(periods):
        raise InputError("no period is given", hint="Name one at least.")
    refuse_together(*(partial(open_periods, at, one) for one in periods))
    found: Bools = np.any([open_periods(at, one) for one in periods], axis=0)
    return found


def whole_units(at: Opened, amount: Any) -> int | None:
    """Return an amount in rounding units, None where none is given; what is no such amount is refused."""
    if amount is None:
        return None
    step = at.formulation.index.problem.policy.step
    if isinstance(amount, bool | str) or not isinstance(amount, Real | Decimal) or not isfinite(amount):
        raise InputError(f"amount is {amount!r}; it must be a number, in money", hint="Give it as 1_000.")
    exact = Decimal(str(amount)) / step
    if amount <= 0 or exact != exact.to_integral_value():
        raise InputError(
            f"amount is {amount}; it must be above 0, in whole units of {step}", hint="Round it to the plan's unit."
        )
    return int(exact)


def units_of(at: Opened, amount: Any, *, most: int, of: str, what: str) -> int:
    """Return an amount in rounding units, not more than there is."""
    given = whole_units(at, amount)
    units = most if given is None else given
    if units > most or not most:
        raise InputError(
            f"{of} {in_digits(money_of(at, most))} open {what}"
            + (f", which is {in_digits(money_of(at, units - most))} less than {in_digits(amount)}" if amount else ""),
            hint="Move less, or from more lines or periods.",
        )
    return units


def money_of(at: Opened, units: int) -> float:
    """Return units as money."""
    return float(units * at.formulation.index.problem.policy.step)


def poured(at: Opened, r: int, units: Ints, periods: Bools) -> Ints:
    """Share units of each line over periods as a rep carries them there, or by the rep's time, shape (S, T)."""
    may = at.may_carry[r] & periods
    own = np.where(may, at.open_base[r], 0).astype(float)
    own = np.where(own.any(axis=1, keepdims=True), own, at.whole.time.weight[r] * may)
    return shared(units, own)


def shared(units: Ints, weights: Floats) -> Ints:
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


def cells_named(rep: str, *parts: str | None) -> str:
    """Return how a note names the cells that changed."""
    return f"quotas[{', '.join([rep, *(part for part in parts if part)])}]"


def note_of(at: Opened, where: str, units: int, what: str, reason: str) -> Finding:
    """Return the note that a plan keeps of an edit."""
    currency = at.formulation.index.problem.strategy.currency
    why = f" ({reason})" if reason else ""
    return Finding(EDITED, "warning", where, f"{in_digits(money_of(at, units))} {currency}", f"{what}{why}", "")
