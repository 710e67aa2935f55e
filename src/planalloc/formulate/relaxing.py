"""F-16: what collides when no plan exists, and the least that would have to give way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InfeasibleError
from planalloc.formulate.columns import MONEY_PARTS
from planalloc.formulate.gives_way import GivesWay
from planalloc.lp.elastic import elastic
from planalloc.lp.solvers.highs import Highs
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from typing import NoReturn

    from planalloc.formulate.compile import Compiled
    from planalloc.formulate.formulation import Formulation
    from planalloc.formulate.limit_rows import Owner

NOISE_UNITS = 1e-6
"""A relaxation of less of a rounding unit is a solver's rounding error."""

__all__ = ["refuse_collision"]


def refuse_collision(formulation: Formulation, program: Compiled) -> NoReturn:
    """Raise with the limits that collide and the least total change that would let a plan exist.

    Agreed numbers are asked to give way first, in money; where they are not enough, the least coverage of segments is.

    Parameters
    ----------
    formulation : Formulation
        What was asked.
    program : Compiled
        The program that has no answer.

    Raises
    ------
    InfeasibleError
        Always.
    """
    problem, columns = formulation.index.problem, program.layout.groups["coverage"].columns
    found = elastic(
        program.program,
        Highs(),
        soft_rows=program.limit_rows,
        soft_columns=columns,
        column_weights=np.full(len(columns), MONEY_PARTS),
    )
    step, currency = float(problem.policy.step), problem.strategy.currency
    ways: list[GivesWay] = []
    for owner, row in zip(program.owners, program.limit_rows, strict=True):
        units = float(found.rows[row]) * program.layout.money
        if abs(units) > NOISE_UNITS:  # a limit moves by whole units
            ways.append(
                GivesWay(
                    _name(formulation, program, owner),
                    math.copysign(math.ceil(abs(units) - NOISE_UNITS), units) * step,
                    currency,
                )
            )
    group = program.layout.groups["coverage"]
    for c, segment, column in zip(*group.at, columns, strict=True):
        if abs(found.columns[column]) > 1e-6:
            rep = formulation.index.reps[program.layout.question.alike.first[c]].id
            name = formulation.index.segments[segment].id
            accounts = formulation.work.cadence_accounts[program.layout.question.alike.first[c], segment]
            ways.append(
                GivesWay(f"coverage_min of {name} for {rep}", float(found.columns[column] * accounts), "accounts")
            )
    raise InfeasibleError(
        "these limits cannot all hold" + (": " + "; ".join(map(str, ways)) if ways else ""),
        hint="Agree on other numbers for those named, or allow overtime with Policy(overtime_limit_share=...).",
        relaxation=tuple(ways),
    )


def _name(formulation: Formulation, program: Compiled, owner: Owner) -> str:
    """Return a limit's name, and for whom and on which line, where it holds for each by themselves."""
    if owner.rep_class is None:
        return owner.label
    first = program.layout.question.alike.first[owner.rep_class]
    line = "" if owner.line is None else f", {record_key(formulation.index.lines[owner.line])}"
    return f"{owner.label} ({formulation.index.reps[first].id}{line})"
