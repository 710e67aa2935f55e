"""Why a number is what it is: its reference, and what moved it from there, without a remainder.

The last tier minimizes sum of (x - ref)^2 / ref, so at its optimum each x stands off its reference by ref / 2 times the
sum of what the rows that hold it pull: the multipliers split the difference into its causes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planalloc.formulate.reference import reference
from planalloc.model.problem import record_key

if TYPE_CHECKING:
    from planalloc.formulate.answering import Solved
    from planalloc.formulate.formulation import Formulation
    from planalloc.lp.program import LinearProgram
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Box", "Cause", "Held", "cause_of", "held", "in_words", "members", "parts_of", "reference_parts"]

NAMED = 2
"""How many of many names are told before the others are only counted."""


@dataclass(frozen=True)
class Box:
    """Some reps x some lines x some periods, shapes (R,), (S,), (T,)."""

    reps: Bools
    lines: Bools
    periods: Bools

    def total(self, cells: Floats | Ints) -> float:
        """Return the sum over the box of an array of shape (R, S, T)."""
        return float(cells[self.reps][:, self.lines][:, :, self.periods].sum())


class Cause(NamedTuple):
    """Something that moves numbers.

    Parameters
    ----------
    kind : str
        ``reference``, ``hours``, ``limit``, ``target``, ``visits``, ``zero`` (nothing falls below it), ``order`` (what
        comes before the fair split), or ``rounding``.
    label : str
        What it is, in people's words.
    names : tuple of str
        Whose hours, or which line's target.
    period : str
        When the hours are.
    """

    kind: str
    label: str
    names: tuple[str, ...] = ()
    period: str = ""


@dataclass(frozen=True)
class Held:
    """A solved program and what holds its answer.

    Parameters
    ----------
    formulation : Formulation
        The problem as arrays.
    solved : Solved
        Its program and the solution of each tier.
    faces : list of LinearProgram
        What each tier was minimized on: the optima of those before it.
    pull : Floats
        By how much a unit of slope moves each column of money, 0 for the other columns, shape (n,).
    multipliers : Floats
        Of the rows, in the last tier, those that move least, shape (m,).
    """

    formulation: Formulation
    solved: Solved
    faces: list[LinearProgram]
    pull: Floats
    multipliers: Floats

    def share(self, box: Box) -> Floats:
        """Return how much of a box's sum one unit of each column of money makes, shape (n,)."""
        layout, alike = self.solved.program.layout, self.solved.alike
        members = np.bincount(alike.which, weights=box.reps, minlength=len(alike.size))
        steady, cell = layout.groups["steady"], layout.groups["cell"]
        found = np.zeros(layout.n_columns)
        part = layout.question.weights @ box.periods
        found[steady.columns] = members[steady.at[0]] * box.lines[steady.at[1]] * part[steady.at[1]]
        found[cell.columns] = members[cell.at[0]] * box.lines[cell.at[1]] * box.periods[cell.at[2]]
        return found


def held(formulation: Formulation, solved: Solved) -> Held:
    """Return what holds the answer of a program, found once for all numbers of its plan."""
    from planalloc.lp.lexicographic import narrowed  # noqa: PLC0415 -- loaded only when something is explained
    from planalloc.lp.multipliers import least_multipliers  # noqa: PLC0415

    faces, ground = [], solved.program.program
    for tier, solution in zip(solved.program.tiers, solved.solutions, strict=True):
        faces.append(ground.but(cost=tier.cost, quadratic=tier.quadratic))
        ground = narrowed(faces[-1], solution) if faces[-1].linear else ground
    groups, curve = solved.program.layout.groups, faces[-1].curvature
    money = np.concatenate([groups["steady"].columns, groups["cell"].columns])
    pull = np.zeros(len(curve))
    pull[money] = 1.0 / curve[money]
    multipliers = least_multipliers(faces[-1], solved.solutions[-1], weights=pull)
    return Held(formulation, solved, faces, pull, multipliers)


def reference_parts(formulation: Formulation, box: Box) -> list[tuple[Cause, float]]:
    """Return what makes the reference of a box: the split of hours by contract, who is there when, ramps.

    Each is the change of the fair split when it is taken into account, in rounding units; they sum to the reference.
    """
    time, index = formulation.time, formulation.index
    contract = time.full_weight[:, None] * np.ones(time.weight.shape) / time.weight.shape[1]
    whole = replace(time, weight=contract)
    unramped = replace(time, weight=time.weight / time.productivity)
    everyone = box.total(reference(index, formulation.season * formulation.targets[:, None], time=whole))
    there = box.total(reference(index, formulation.weights * formulation.targets[:, None], time=unramped))
    fair = box.total(formulation.reference)
    return [
        (Cause("reference", "fair share, were everybody there all the time"), everyone),
        (Cause("reference", "who is there when"), there - everyone),
        (Cause("reference", "ramp of new reps"), fair - there),
    ]


def parts_of(standing: Held, box: Box) -> list[tuple[Cause, float]]:
    """Return what moved a box from its reference to its base before rounding, in rounding units, by cause."""
    face, x = standing.faces[-1], standing.solved.solutions[-1].x
    share = standing.share(box) * standing.pull * standing.solved.program.layout.money
    by_row = (face.matrix @ share) * standing.multipliers
    causes: dict[Cause, float] = {}
    for row in np.flatnonzero(by_row):
        cause = cause_of(standing, int(row), box)
        causes[cause] = causes.get(cause, 0.0) + float(by_row[row])
    by_column = share * (face.gradient(x) - face.matrix.T @ standing.multipliers)
    causes[Cause("zero", "nothing falls below zero")] = float(by_column[by_column > 0].sum())
    order = "targets, accounts and overtime come before the fair split"
    causes[Cause("order", order)] = float(by_column[by_column < 0].sum())
    gone = _out_of_season(standing, box)
    return [*causes.items(), *gone]


def _out_of_season(standing: Held, box: Box) -> list[tuple[Cause, float]]:
    """Return what the reference of a box has where limits leave a line no season at all, so that nothing is carried."""
    layout, formulation = standing.solved.program.layout, standing.formulation
    carried = np.zeros(layout.question.reference.shape, dtype=bool)
    carried[layout.groups["cell"].at] = True
    carried[layout.groups["steady"].at] = True
    lost = np.where(carried[standing.solved.alike.which], 0.0, formulation.reference)
    labels = [one.label for one in formulation.limits.sums if one.cuts_periods]
    if not labels or not lost.any():
        return []
    return [(Cause("limit", f"nothing may be booked then: {in_words(tuple(labels))}"), -box.total(lost))]


def cause_of(standing: Held, row: int, box: Box) -> Cause:
    """Return what a row stands for; of reps who are alike, it names those in the box."""
    program, index = standing.solved.program, standing.formulation.index
    at = row - len(program.season_lines)
    if at < 0:
        line = record_key(index.lines[program.season_lines[row]])
        return Cause("target", f"the target of {line} has to be met", (line,))
    if at < len(program.owners):
        return Cause("limit", program.owners[at].label)
    at -= len(program.owners)
    if at < program.hours_rows.size:
        which, when = divmod(at, program.hours_rows.shape[1])
        names = members(standing, which, box)
        period = index.periods[when].id
        return Cause("hours", f"hours of {in_words(names)} in {period}", names, period)
    return Cause("visits", "visits that cadences ask for")


def members(standing: Held, which: int, box: Box) -> tuple[str, ...]:
    """Return the ids of the reps of a class who are in a box."""
    reps = standing.formulation.index.reps
    return tuple(reps[r].id for r in np.flatnonzero((standing.solved.alike.which == which) & box.reps))


def in_words(names: tuple[str, ...], *, others: str = "others") -> str:
    """Return names as people list them, the first ones of many.

    Examples
    --------
    >>> in_words(("alice", "bruno", "chloe"))
    'alice, bruno and chloe'
    >>> in_words(("alice", "bruno", "chloe", "david"))
    'alice, bruno and 2 others'
    """
    if len(names) > NAMED + 1:
        names = (*names[:NAMED], f"{len(names) - NAMED} {others}")
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
