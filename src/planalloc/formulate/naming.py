"""Readable names for the columns and rows of a program, for those who look at it in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from planalloc.formulate.compile import Compiled
    from planalloc.lp.program import LinearProgram

__all__ = ["named_program"]


def named_program(compiled: Compiled, *, tier: str) -> LinearProgram:
    """Return a program with the objective of one tier and a name for every column and row.

    A class of several reps bears the name of the first and the number of the others, as ``alice+2``.

    Parameters
    ----------
    compiled : Compiled
        The program.
    tier : str
        Name of the tier whose objective it gets.
    """
    goal = next(one for one in compiled.tiers if one.name == tier)
    return compiled.program.but(
        cost=goal.cost, quadratic=goal.quadratic, column_names=_columns(compiled), row_names=_rows(compiled)
    )


def _who(compiled: Compiled) -> list[str]:
    alike = compiled.layout.question.alike
    ids = [compiled.layout.question.work.index.reps[r].id for r in alike.first]
    return [name if size == 1 else f"{name}+{size - 1:.0f}" for name, size in zip(ids, alike.size, strict=True)]


def _columns(compiled: Compiled) -> tuple[str, ...]:
    layout, index = compiled.layout, compiled.layout.question.work.index
    who, lines = _who(compiled), [record_key(line).replace(" / ", "/") for line in index.lines]
    periods, segments = [period.id for period in index.periods], [segment.id for segment in index.segments]
    feeding = list(layout.question.work.feeding)
    axes: dict[str, tuple[str, tuple[list[str], ...]]] = {
        "steady": ("base", (who, lines)),
        "cell": ("base", (who, lines, periods)),
        "shortfall": ("shortfall", (lines,)),
        "coverage": ("coverage", (who, segments)),
        "excess": (
            "extra",
            (who, [f"{segments[one.segment]}_{one.activity}_{one.business or 'all'}" for one in feeding]),
        ),
        "overtime": ("overtime", (who, periods)),
        "gap_up": ("gap_up", (lines, periods)),
        "gap_down": ("gap_down", (lines, periods)),
    }
    names: list[str] = []
    for group, columns in layout.groups.items():
        prefix, parts = axes[group]
        names += [
            "_".join([prefix, *(part[i] for part, i in zip(parts, at, strict=True))])
            for at in zip(*columns.at, strict=True)
        ]
    return tuple(names)


def _rows(compiled: Compiled) -> tuple[str, ...]:
    layout, index = compiled.layout, compiled.layout.question.work.index
    who, lines = _who(compiled), [record_key(line).replace(" / ", "/") for line in index.lines]
    names = [f"target_{lines[s]}" for s in compiled.season_lines]
    for owner in compiled.owners:
        parts = [owner.label]
        parts += [] if owner.rep_class is None else [who[owner.rep_class]]
        parts += [] if owner.line is None else [lines[owner.line]]
        names.append("_".join(parts))
    names += [f"hours_{who[c]}_{index.periods[t].id}" for c, t in np.ndindex(compiled.hours_rows.shape)]
    excess = layout.groups["excess"]
    feeding = list(layout.question.work.feeding)
    if compiled.hours_rows.size:
        names += [f"visits_{who[c]}_{feeding[f].activity}" for c, f in zip(*excess.at, strict=True)]
    return tuple(names)
