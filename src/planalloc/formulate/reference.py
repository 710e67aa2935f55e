"""F-11: the fair split that a planner would call right before anybody asked for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.alike import classes
from planalloc.numerics.fairness import even_totals
from planalloc.numerics.fitting import proportional_fit

if TYPE_CHECKING:
    from planalloc.formulate.capacity import Capacity
    from planalloc.formulate.index import Index
    from planalloc.types import Bools, Floats

__all__ = ["basis_weights", "reference"]

STAND_IN = 1e-9
"""Weight, next to the whole basis, of reps who have none of it: next to nothing wherever anybody else is there."""


def reference(index: Index, demand: Floats, *, time: Capacity) -> Floats:
    """Return the fair split of the phased targets, shape (R, S, T).

    The most even totals per unit of the policy's basis that coverage and presence allow (Megiddo 1974), then the mix
    nearest to the strategy's by proportional fitting; with ``basis_scope="line"``, each line by its own basis. Every
    column (line and period) adds up to its demand to rounding error.

    Parameters
    ----------
    index : Index
        Names and positions.
    demand : Floats
        Phased targets, shape (S, T); zero where nobody is there to carry the line.
    time : Capacity
        Who is there when.
    """
    basis = _with_stand_ins(index, basis_weights(index, time=time, demand=demand), demand, time=time)
    alike = classes(index.eligible, time.weight, basis)
    if index.problem.policy.basis_scope == "line":
        split = _by_line(index.eligible[alike.first], demand, time.weight[alike.first], basis[alike.first], alike.size)
    else:
        split = _by_rep(
            index.eligible[alike.first], demand, time.weight[alike.first], basis[alike.first].sum(axis=1), alike.size
        )
    return split[alike.which]


def _by_rep(eligible: Bools, demand: Floats, weight: Floats, basis: Floats, size: Floats) -> Floats:
    """Split with totals by the basis and the strategy's mix, per member of each class, shape (C, S, T)."""
    shape = (len(size), *demand.shape)
    serves = (eligible[:, :, None] & (weight > 0)[:, None, :] & (basis > 0)[:, None, None]).reshape(len(size), -1)
    columns = demand.reshape(-1)
    totals, possible = even_totals(columns, capacity=basis * size, serves=serves)
    seed = possible * (weight[:, None, :] * np.maximum(demand, 0.0)).reshape(len(size), -1) * size[:, None]
    return (proportional_fit(seed, rows=totals, columns=columns) / size[:, None]).reshape(shape)


def _by_line(eligible: Bools, demand: Floats, weight: Floats, basis: Floats, size: Floats) -> Floats:
    """Split of each line by its own basis, per member of each class, shape (C, S, T)."""
    per_time = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    seed = eligible[:, :, None] * basis[:, :, None] * per_time[:, None, :]
    total = np.einsum("c,cst->st", size, seed)
    split: Floats = seed * np.where(total > 0, demand / np.where(total > 0, total, 1.0), 0.0)
    return split


def _with_stand_ins(index: Index, basis: Floats, demand: Floats, *, time: Capacity) -> Floats:
    """Let reps who weigh nothing in the basis carry what nobody else is there to carry, by their capacity."""
    serves = index.eligible[:, :, None] & (time.weight > 0)[:, None, :]
    weighs = (basis if index.problem.policy.basis_scope == "line" else basis.sum(axis=1, keepdims=True)) > 0
    orphaned = (demand > 0) & ~(serves & weighs[:, :, None]).any(axis=0)
    stands_in = (serves & orphaned).any(axis=2)
    own = time.weight.sum(axis=1, keepdims=True) / time.weight.sum()
    with_them: Floats = basis + stands_in * STAND_IN * own
    return with_them


def basis_weights(index: Index, *, time: Capacity, demand: Floats) -> Floats:
    """Return the policy's basis by rep and line, shape (R, S); each part of the blend sums to its part of 1.

    Last year's sales and potential are given by segment; they spread over the rep's lines of the segment by target,
    count for the part of the horizon in which the rep is there, and where they are not known they are taken to be in
    proportion to capacity (a finding says for whom).
    """
    lines = demand.sum(axis=1)
    covered = index.eligible * np.maximum(lines, lines.sum() * 1e-12)
    mix = covered / np.maximum(covered.sum(axis=1, keepdims=True), 1e-300)
    by_capacity = time.weight.sum(axis=1)[:, None] * mix
    presence = time.weight.sum(axis=1) / np.maximum(time.full_weight, 1e-300)
    found = np.zeros(by_capacity.shape)
    for name, part in index.problem.policy.basis.items():
        values = by_capacity if name == "capacity" else _known(index, name, covered, presence, by_capacity)
        if part > 0 and values.sum() > 0:
            found += part * values / values.sum()
    return found


def _known(index: Index, name: str, covered: Floats, presence: Floats, by_capacity: Floats) -> Floats:
    """Last year or potential by rep and line, those not known standing in by capacity, shape (R, S)."""
    given = [getattr(rep, name) for rep in index.reps]
    ids = [segment.id for segment in index.segments]
    by_segment = np.array([[(one or {}).get(segment, 0.0) for segment in ids] for one in given])
    in_segment = np.zeros((len(ids), len(index.lines)))
    in_segment[index.line_segment, np.arange(len(index.lines))] = 1.0
    whole = covered @ in_segment.T
    values = by_segment[:, index.line_segment] * covered / np.maximum(whole[:, index.line_segment], 1e-300)
    values *= presence[:, None]
    known = np.array([one is not None for one in given])
    ratio = values[known].sum() / max(by_capacity[known].sum(), 1e-300)
    return np.where(known[:, None], values, by_capacity * (ratio if ratio > 0 else 1.0))
