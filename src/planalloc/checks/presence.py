"""Time: somebody who covers a line is there when it sells, and whoever has a number agreed can carry one.

Asked last, of a problem in which nothing else is wrong, because it needs everybody's time in every period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.limits import box_of
from planalloc.model.finding import Finding
from planalloc.model.limits import Bound, Pin, QuotaRange, TeamTarget
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.formulate.ground import Ground
    from planalloc.formulate.index import Index
    from planalloc.types import Bools

__all__ = ["findings"]


def findings(ground: Ground) -> Iterator[Finding]:
    """Yield lines that sell only when nobody is there, and agreed numbers of people who are never there for them."""
    index, may_carry = ground.index, ground.may_carry
    weights, _ = ground.seasons
    carried = np.any((weights > 0) & may_carry.any(axis=0), axis=1).tolist()
    for s, (line, target, served) in enumerate(zip(index.lines, ground.targets, carried, strict=True)):
        if target > 0 and not served:
            covering = [rep.id for rep, covers in zip(index.reps, index.eligible[:, s], strict=True) if covers]
            named = ", ".join(covering[:5]) + (f" and {len(covering) - 5} more" if len(covering) > 5 else "")
            yield Finding(
                "nobody-has-time",
                "error",
                f"strategy.targets[{record_key(line)}]",
                repr(record_key(line)),
                f"has a target, and those who cover it ({named}) never have time to sell when its season does",
                "Give one of them a selling share and days of presence, or widen somebody's covers.",
            )
    yield from _agreed(index, may_carry)


def _agreed(index: Index, may_carry: Bools) -> Iterator[Finding]:
    start = index.problem.calendar.start
    for limit in index.problem.limits:
        if limit.expires is not None and limit.expires < start:
            continue
        if isinstance(limit, Pin | Bound | TeamTarget):
            reps, lines, periods = box_of(index, limit)
            lowest = limit.at_least if isinstance(limit, Bound) else getattr(limit, "quota", None) or limit.base
            empty = not may_carry[reps][:, lines][:, :, periods].any()
        elif isinstance(limit, QuotaRange) and limit.rep is not None and not limit.prorated:
            lowest, empty = limit.at_least, not may_carry[index.rep_position.get(limit.rep, -1)].any()
        else:
            continue
        if lowest and empty:
            yield Finding(
                "limit-on-nothing",
                "error",
                f"limits[{limit.label}]",
                limit.label,
                "asks for a number from people who are not there, or have no time to sell, for any of it",
                "Correct its parts, or give them time.",
            )
