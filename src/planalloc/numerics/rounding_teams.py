"""Teams among the limits of a rounding: sums of whole reps that nest (F-6, F-13)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from planalloc.types import Floats, Ints

__all__ = ["Teams", "nested_teams"]


@dataclass(frozen=True)
class Teams:
    """Sets of reps of which any two are nested or disjoint, the smaller first.

    Attributes
    ----------
    members : csr_array of 0 and 1, shape (n_teams, n_reps)
        The reps of each team.
    team_of_rep : Ints, shape (n_reps,)
        Smallest team around each rep, or -1.
    team_of_team : Ints, shape (n_teams,)
        Smallest team around each team, or -1.
    """

    members: csr_array
    team_of_rep: Ints
    team_of_team: Ints


def nested_teams(limits: csr_array | None, cells: Floats) -> Teams:
    """Find the limits that extend the family of rep, rep x line and cell by teams of reps.

    Of limits that cross each other the smaller comes first, then the earlier. Single reps and repeated teams are left
    out, and so are cells of zero, which add nothing to any sum.

    Parameters
    ----------
    limits : csr_array of 0 and 1, shape (n_limits, n_reps * n_lines * n_periods), or None
        Sums over the cells in C order.
    cells : Floats, shape (n_reps, n_lines, n_periods)
        Amounts, in any unit.

    Returns
    -------
    Teams
        The teams; possibly none.

    Examples
    --------
    Of three reps with two cells each, the first two are a team; the third row cuts through a rep:

    >>> limits = csr_array(np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1], [1, 0, 1, 1, 0, 0]]))
    >>> teams = nested_teams(limits, np.ones((3, 1, 2)))
    >>> teams.members.toarray().tolist(), teams.team_of_rep.tolist(), teams.team_of_team.tolist()
    ([[1, 1, 0], [1, 1, 1]], [0, 0, 1], [1, -1])
    """
    n_reps = len(cells)
    kept: list[Ints] = []
    team_of_team: list[int] = []
    team_of_rep = np.full(n_reps, -1)
    outermost = np.full(n_reps, -1)
    for reps in [] if limits is None else sorted(_whole_reps(limits, cells), key=len):
        inside = np.unique(outermost[reps])
        inside = inside[inside >= 0]
        n_inside = sum(len(kept[team]) for team in inside)
        crosses = n_inside != np.count_nonzero(outermost[reps] >= 0)
        if crosses or (len(inside) == 1 and n_inside == len(reps)):
            continue
        for team in inside:
            team_of_team[team] = len(kept)
        team_of_rep[reps[outermost[reps] < 0]] = len(kept)
        outermost[reps] = len(kept)
        kept.append(reps)
        team_of_team.append(-1)
    return Teams(_membership(kept, n_reps), team_of_rep, np.array(team_of_team, dtype=np.int64))


def _whole_reps(limits: csr_array, cells: Floats) -> list[Ints]:
    """List the reps of each limit that contains two reps or more, and each with all cells that are not zero."""
    n_reps = len(cells)
    used = cells.reshape(n_reps, math.prod(cells.shape[1:])) > 0
    entries = np.flatnonzero(used.ravel()[limits.indices])
    rows = np.searchsorted(limits.indptr, entries, side="right") - 1
    reps = limits.indices[entries] // used.shape[1]
    pairs, counts = np.unique(rows * n_reps + reps, return_counts=True)
    rows, reps = np.divmod(pairs, n_reps)
    broken = np.zeros(limits.shape[0], dtype=np.bool_)
    broken[rows[counts < used.sum(axis=1)[reps]]] = True
    sizes = np.bincount(rows, minlength=len(broken))
    groups = np.split(reps, np.cumsum(sizes)[:-1])
    return [groups[row] for row in np.flatnonzero(~broken & (sizes > 1))]


def _membership(groups: list[Ints], n_reps: int) -> csr_array:
    """Write sets of reps as rows of 0 and 1, shape (n_groups, n_reps)."""
    starts = np.cumsum([0, *map(len, groups)])
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *groups])
    return csr_array((np.ones(len(columns), dtype=np.int64), columns, starts), shape=(len(groups), n_reps))
