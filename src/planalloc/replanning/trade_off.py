"""How much change buys how much of the target: a small front of revisions, from none to as much as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.errors import InfeasibleError, InputError
from planalloc.formulate.index import Index
from planalloc.model.base import named_among
from planalloc.replanning.refusing import refuse_together, require_list
from planalloc.replanning.replan import refuse_rise, replan
from planalloc.replanning.standing import cells_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from planalloc.events.actuals import Actuals
    from planalloc.plan.plan import Plan
    from planalloc.replanning.changes import Change
    from planalloc.types import Ints

__all__ = ["Option", "trade_off"]

RISES = (0.0, 0.02, 0.05, 0.1, 0.2, None)
"""By how much any rep's rest may rise, for the front that nobody has asked to be another one."""


@dataclass(frozen=True)
class Option:
    """One revision among several.

    Attributes
    ----------
    most_rise : float or None
        By how much the rest of any rep's number may rise; None: by as much as it takes.
    plan : Plan
        The revision.
    people : int
        Reps whose number changes.
    moved : float
        Sum of all rises of numbers by rep, line and period, or of all falls where these are more: what goes from one
        to another counts once. In money.
    shortfall : float
        What of the targets is left unmet, in money.
    """

    most_rise: float | None
    plan: Plan
    people: int
    moved: float
    shortfall: float


def trade_off(
    plan: Plan,
    actuals: Actuals,
    *,
    as_of: date,
    changes: Iterable[Change] = (),
    rises: Sequence[float | None] = RISES,
    **options: Any,
) -> tuple[Option, ...]:
    """Revise a plan several times, letting people's numbers rise by more and more.

    Parameters
    ----------
    plan, actuals, as_of, changes
        As for `planalloc.replan`.
    rises : sequence of float or None
        What `most_rise` is tried.
    **options
        The other options of `planalloc.replan`.

    Returns
    -------
    tuple of Option
        From the least change to the least shortfall; those that change more than another and leave no less unmet are
        left out, and so are those that limits make impossible.

    Raises
    ------
    UnknownNameError
        When `planalloc.replan` has no such option.
    InputError
        When `rises` is no list, or holds what `most_rise` cannot be; and with the errors of `planalloc.replan`.
    InfeasibleError
        When none of them is possible.

    Examples
    --------
    >>> from datetime import date
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1.0},
    ...                                     reps=["alice", "bruno"]).replace(pa.Policy(default_phasing="equal"))
    >>> front = trade_off(pa.allocate(problem), pa.Actuals(sales=[{"date": date(2027, 1, 4), "rep": "alice",
    ...                   "segment": "A", "amount": 120}]), as_of=date(2027, 3, 31), rises=[0.0, 0.1, None])
    >>> [(option.most_rise, option.shortfall, option.moved) for option in front]
    [(0.0, 180.0, 0.0), (0.1, 90.0, 90.0), (None, 0.0, 180.0)]
    """
    rises = _asked(rises, options)
    changes = tuple(changes) if isinstance(changes, Iterator) else changes  # read once for each rise
    found: list[Option] = []
    refused: InfeasibleError | None = None
    for rise in rises:
        try:
            revised = replan(plan, actuals, as_of=as_of, changes=changes, most_rise=rise, **options)
        except InfeasibleError as error:
            refused = error
            continue
        found.append(_option(plan, revised, rise))
    if not found and refused is not None:
        raise refused
    ordered = sorted(found, key=lambda one: (one.moved, one.shortfall))
    front: list[Option] = []
    for one in ordered:
        if not front or one.shortfall < front[-1].shortfall:
            front.append(one)
    return tuple(front)


def _asked(rises: Any, options: Mapping[str, Any]) -> tuple[float | None, ...]:
    """Return the rises that are tried; wrong ones, and options that a revision does not have, are refused."""
    known = [name for name, one in signature(replan).parameters.items() if one.kind is one.KEYWORD_ONLY]
    refuse_together(
        partial(_refuse_rises, rises, options),
        *(partial(named_among, "option", name, known) for name in options),
    )
    return tuple(rises)


def _refuse_rises(rises: Any, options: Mapping[str, Any]) -> None:
    if "most_rise" in options:
        told = f"most_rise is {options['most_rise']!r}, and a front tries several"
        raise InputError(told, hint=f"Write rises=[{options['most_rise']!r}].")
    require_list("rises", rises, of="numbers: 10 % is 0.1")
    refuse_together(*(partial(refuse_rise, one) for one in rises))


def _option(before: Plan, after: Plan, rise: float | None) -> Option:
    index = Index(after.problem)
    step = float(after.problem.policy.step)
    changes = cells_of(index, after.quotas, "quota") - cells_of(index, before.quotas, "quota")
    people = int(np.count_nonzero(np.abs(changes).any(axis=(1, 2))))
    return Option(rise, after, people, _moved(changes) * step, float(after.shortfall.total("revenue")))


def _moved(changes: Ints) -> float:
    return float(max(np.maximum(changes, 0).sum(), np.maximum(-changes, 0).sum()))
