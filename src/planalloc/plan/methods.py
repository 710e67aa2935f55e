"""The part of the playbook that a rep needs: the methods for the segments and stages of the rep's own sales."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planalloc.model.playbook import Funnel, Method
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Rep

__all__ = ["methods_of"]


def methods_of(problem: PlanningProblem, rep: Rep) -> tuple[Method, ...]:
    """Return the methods that a rep works by, in the order of the sale, then of the segments.

    The stages are those of the funnels used for the lines that the rep covers. A method without a segment serves every
    segment of the rep that has this stage; where some of these have a method of their own, there is one for each.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1, currency="EUR", shares={"A": 0.5, "B": 0.5},
    ...                                     reps=["alice"])
    >>> stages = [pa.Stage(id="call", conversion=1), pa.Stage(id="visit", conversion=1)]
    >>> problem = problem.add(pa.Funnel(deal_size=1, stages=stages))
    >>> problem = problem.add(pa.Method(stage="visit"), pa.Method(stage="call"), pa.Method(stage="visit", segment="A"))
    >>> [(one.stage, one.segment) for one in methods_of(problem, problem.rep("alice"))]
    [('call', None), ('visit', 'A'), ('visit', 'B')]
    """
    playbook = problem.playbook
    lines = sorted((line for line in problem.strategy.targets if rep.may_carry(line)), key=lambda line: line.segment)
    used = [(line.segment, funnel) for line in lines if (funnel := playbook.funnel_for(line)) is not None]
    found = []
    for stage in _in_order(dict.fromkeys(funnel for _, funnel in used)):
        segments = dict.fromkeys(segment for segment, funnel in used if any(one.id == stage for one in funnel.stages))
        held = {segment: playbook.method_for(stage, segment) for segment in segments}
        if len(set(held.values())) == 1 and (common := next(iter(held.values()))) and common.segment is None:
            found.append(common)
        else:
            found += [method.but(segment=segment) for segment, method in held.items() if method is not None]
    return tuple(found)


def _in_order(funnels: Iterable[Funnel]) -> list[str]:
    """Return all stages of some funnels so that each follows those before it; where funnels disagree, as first met."""
    stages = [[stage.id for stage in funnel.stages] for funnel in funnels]
    order: TopologicalSorter[str] = TopologicalSorter()
    for ids in stages:
        for one in ids:
            order.add(one)
        for early, late in pairwise(ids):
            order.add(late, early)
    try:
        return list(order.static_order())
    except CycleError:
        return list(dict.fromkeys(one for ids in stages for one in ids))
