"""A question compiled into a program, and the way from a solution back to an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

from planalloc.formulate.columns import Layout
from planalloc.formulate.hours_rows import excess_rows, hours_rows
from planalloc.formulate.limit_rows import Owner, limit_rows
from planalloc.formulate.objective import tiers
from planalloc.formulate.season_rows import season_lines, season_rows
from planalloc.lp.program import LinearProgram

if TYPE_CHECKING:
    from planalloc.formulate.columns import Question, Rows
    from planalloc.lp.lexicographic import Tier
    from planalloc.types import Floats, Ints

__all__ = ["Answer", "Compiled", "compiled"]


@dataclass(frozen=True)
class Answer:
    """What a solved program says, in rounding units and parts.

    Parameters
    ----------
    cells : Floats
        Base by class, line and period, shape (C, S, T).
    shortfall : Floats
        By line, shape (S,).
    coverage : Floats
        Part of the accounts worked, by class and segment, shape (C, segments).
    gap : Floats
        Deviation from the season, shape (S, T).
    """

    cells: Floats
    shortfall: Floats
    coverage: Floats
    gap: Floats


@dataclass(frozen=True)
class Compiled:
    """A program and what its parts mean.

    Parameters
    ----------
    layout : Layout
        The columns.
    program : LinearProgram
        Rows and bounds; its cost is zero: the tiers bring theirs.
    tiers : list of Tier
        What is minimized, in order.
    limit_rows : Ints
        Positions of the limits' rows, shape (number of such rows,).
    hours_rows : Ints
        Positions of the hours' rows, shape (C, T); empty where the season is free.
    season_lines : Ints
        Line of each of the first rows, those of targets and seasons.
    owners : tuple of Owner
        Whose each row of a limit is.
    """

    layout: Layout
    program: LinearProgram
    tiers: list[Tier]
    limit_rows: Ints
    hours_rows: Ints
    season_lines: Ints
    owners: tuple[Owner, ...]

    def answer(self, x: Floats) -> Answer:
        """Return what a solution says, shape (n,) over the program's columns."""
        layout, groups, question = self.layout, self.layout.groups, self.layout.question
        wanted = np.array([one.coverage for one in question.work.index.segments])
        coverage = wanted * question.work.reachable[question.alike.first][:, None]
        coverage[groups["coverage"].at] = x[groups["coverage"].columns]
        gap = np.zeros(question.weights.shape)
        gap[groups["gap_up"].at] += x[groups["gap_up"].columns]
        gap[groups["gap_down"].at] -= x[groups["gap_down"].columns]
        cells = np.maximum((layout.cells @ x).reshape(question.reference.shape), 0.0)
        shortfall = np.clip(x[groups["shortfall"].columns] * layout.money, 0.0, question.targets)
        return Answer(cells * layout.money, shortfall, coverage, gap * layout.money)


def compiled(question: Question) -> Compiled:
    """Return the program that answers a question.

    Parameters
    ----------
    question : Question
        What is asked. Where its season is free, hours play no part.
    """
    layout = Layout(question)
    limits = limit_rows(layout)
    families: list[Rows] = [season_rows(layout), limits.rows]
    at = len(families[0]) + np.arange(len(families[1]))
    if not question.season_is_free:
        families += [hours_rows(layout), excess_rows(layout)]
    lower, upper = _bounds(layout)
    program = LinearProgram(
        cost=np.zeros(layout.n_columns),
        matrix=csr_array(vstack([family.matrix for family in families])),
        row_lower=np.concatenate([family.lower for family in families]),
        row_upper=np.concatenate([family.upper for family in families]),
        lower=lower,
        upper=upper,
    )
    hours: Ints = np.zeros((0, 0), dtype=np.int64)
    if not question.season_is_free:
        shape = question.reference.shape
        hours = (len(families[0]) + len(families[1]) + np.arange(shape[0] * shape[2])).reshape(shape[0], shape[2])
    return Compiled(layout, program, tiers(layout), at, hours, season_lines(layout), limits.owners)


def _bounds(layout: Layout) -> tuple[Floats, Floats]:
    question, groups = layout.question, layout.groups
    lower, upper = np.zeros(layout.n_columns), np.full(layout.n_columns, np.inf)
    upper[groups["shortfall"].columns] = question.targets / layout.money
    segments, coverage, overtime = question.work.index.segments, groups["coverage"], groups["overtime"]
    there = question.work.reachable[question.alike.first][coverage.at[0]]
    lower[coverage.columns] = np.array([one.coverage_min for one in segments])[coverage.at[1]] * there
    upper[coverage.columns] = np.array([one.coverage for one in segments])[coverage.at[1]] * there
    upper[overtime.columns] = question.limits.overtime[question.alike.first][overtime.at]
    return lower, upper
