"""Second quotas: what overlay reps carry on revenue that others book."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.capacity import capacity
from planalloc.formulate.index import Index
from planalloc.model.playbook import Playbook
from planalloc.model.portfolio import Portfolio
from planalloc.model.strategy import Seasonality

if TYPE_CHECKING:
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Ints

__all__ = ["overlay_problem"]


def overlay_problem(problem: PlanningProblem, base: Ints) -> PlanningProblem | None:
    """Return the problem whose plan is the overlay reps' quotas, or None where there is nothing for them to carry.

    They share, by the same rules, what the primary reps' plan books on the lines they cover and in the periods in which
    they are there. They have no hours and no limits: their work is not planned.

    Parameters
    ----------
    problem : PlanningProblem
        The whole, in canonical order.
    base : Ints
        The primary reps' base by line and period, in rounding units, shape (S, T).
    """
    reps = [rep.but(role="primary", accounts={}) for rep in problem.sales_force.reps if rep.role == "overlay"]
    if not reps:
        return None
    force = problem.sales_force.but(reps=reps, leave_seasonality=None)
    bare = problem.but(sales_force=force, playbook=Playbook(), limits=(), portfolio=Portfolio())
    index = Index(bare)
    there = np.einsum("rs,rt->st", index.eligible, capacity(index).weight > 0)
    booked = np.where(there, base, 0)
    step, grain = problem.policy.step, problem.calendar.grain
    targets, seasons = [], []
    for s, (line, amounts) in enumerate(zip(index.lines, booked, strict=True)):
        if amounts.sum():
            season = Seasonality(id=f"line {s}", grain=grain, weights=tuple(amounts.tolist()), normalize=True)
            money = float(int(amounts.sum()) * step)
            targets.append(line.but(share=None, rest=False, revenue=money, seasonality=season.id))
            seasons.append(season)
    if not targets:
        return None
    strategy = problem.strategy.but(targets=targets, seasonalities=seasons, revenue=None)
    carrying = [rep for rep in reps if any(rep.may_carry(target) for target in targets)]
    policy = problem.policy.but(on_missing_funnel="warn", basis={"capacity": 1.0})
    return bare.but(strategy=strategy, policy=policy, sales_force=force.but(reps=carrying))
