"""Why a program has no answer, with a proof: a combination of rows that cannot be met, or a way down without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, diags_array, eye_array, hstack

from planalloc.lp.scaling import equilibrate, typical_amount
from planalloc.lp.solution import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solution import Solution
    from planalloc.types import Floats

__all__ = ["impossible", "reason_of", "without_end"]

_PROOF = 1e-9
"""A sum proves something where it is not zero by this share of its terms, and counts as zero where it is less."""

_MISSED = 1e-9
"""A program counts as feasible where its rows are missed by no more than this share of their sides."""


def reason_of(program: LinearProgram, solve: Callable[[LinearProgram], Solution]) -> tuple[Reason, str]:
    """Return why `program` has no answer, and in words; ``Reason.numerical`` where neither has a proof.

    Parameters
    ----------
    program : LinearProgram
        Its bounds do not cross.
    solve : Callable
        Solves linear programs that have an answer.
    """
    rows, columns = equilibrate(program.matrix)
    nearest = solve(_missing(program, rows))
    if nearest.ok and impossible(program, nearest.row_duals):
        return Reason.infeasible, "rows that contradict each other"
    if nearest.ok and nearest.objective <= _MISSED * typical_amount(program, rows, columns):
        way = solve(_ways(program, columns))
        if way.ok and without_end(program, way.x * columns):
            return Reason.unbounded, "a way down without end"
    return Reason.numerical, "no certified answer, and no proof that there is none"


def impossible(program: LinearProgram, row_duals: Floats) -> bool:
    """Return whether rows, added up with these weights, ask for more than the columns' bounds can give (Farkas).

    Parameters
    ----------
    program : LinearProgram
        Its cost plays no part.
    row_duals : Floats
        Shape (m,).

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[0.0], matrix=[[1.0]], row_lower=[5.0], row_upper=[np.inf], lower=[0.0], upper=[4.0]
    ... )
    >>> impossible(program, np.array([1.0])), impossible(program, np.array([-1.0]))
    (True, False)
    """
    asked = np.where(row_duals > 0, program.row_lower, program.row_upper)
    row_duals, asked = np.where(np.isinf(asked), 0.0, row_duals), np.where(np.isinf(asked), 0.0, asked)
    weights = program.matrix.T @ row_duals
    noise = _PROOF * (csr_array(abs(program.matrix)).T @ np.abs(row_duals))
    given = np.where(weights > 0, program.upper, program.lower)
    if (np.isinf(given) & (np.abs(weights) > noise)).any():
        return False
    terms = np.concatenate([row_duals * asked, -weights * np.where(np.isinf(given), 0.0, given)])
    return bool(terms.sum() > _PROOF * np.abs(terms).sum())


def without_end(program: LinearProgram, way: Floats) -> bool:
    """Return whether from any feasible point the objective falls along `way`, shape (n,), and no bound ends it.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[-1.0], matrix=[[1.0]], row_lower=[5.0], row_upper=[np.inf], lower=[0.0], upper=[np.inf]
    ... )
    >>> without_end(program, np.array([1.0])), without_end(program, np.array([-1.0]))
    (True, False)
    """
    moved, noise = program.matrix @ way, _PROOF * (csr_array(abs(program.matrix)) @ np.abs(way))
    ended = (
        (np.isfinite(program.row_lower) & (moved < -noise)).any()
        or (np.isfinite(program.row_upper) & (moved > noise)).any()
        or (np.isfinite(program.lower) & (way < 0)).any()
        or (np.isfinite(program.upper) & (way > 0)).any()
        or ((program.curvature > 0) & (way != 0)).any()
    )
    terms = program.cost * way
    return bool(not ended and terms.sum() < -_PROOF * np.abs(terms).sum())


def _missing(program: LinearProgram, rows: Floats) -> LinearProgram:
    """Return the program of missing the rows by as little as possible, in their scaled units."""
    n_rows = program.n_rows
    eye = csr_array(eye_array(n_rows))
    return program.but(
        cost=np.concatenate([np.zeros(program.n_columns), rows, rows]),
        quadratic=None,
        matrix=csr_array(hstack([program.matrix, eye, -eye], format="csr")),
        lower=np.concatenate([program.lower, np.zeros(2 * n_rows)]),
        upper=np.concatenate([program.upper, np.full(2 * n_rows, np.inf)]),
        column_names=(),
    )


def _ways(program: LinearProgram, columns: Floats) -> LinearProgram:
    """Return the program of the steepest way that no bound ends, in scaled units of the columns."""
    still = program.curvature > 0
    return program.but(
        cost=program.cost * columns,
        quadratic=None,
        matrix=csr_array(program.matrix @ diags_array(columns)),
        row_lower=np.where(np.isfinite(program.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(program.row_upper), 0.0, np.inf),
        lower=np.where(np.isfinite(program.lower) | still, 0.0, -1.0),
        upper=np.where(np.isfinite(program.upper) | still, 0.0, 1.0),
    )
