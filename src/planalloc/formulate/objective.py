"""F-9 and F-10: what gives way first, and the distance from the reference that makes the answer unique."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.formulate.columns import MONEY_PARTS
from planalloc.lp.lexicographic import Tier

if TYPE_CHECKING:
    from planalloc.formulate.columns import Layout
    from planalloc.types import Floats, Ints

__all__ = ["tiers"]

SMALLEST_REFERENCE = 1e-9 * MONEY_PARTS
"""A reference below this part of the whole counts as zero: its distance is then relative to the share by capacity."""


def tiers(layout: Layout) -> list[Tier]:
    """Return the tiers in the policy's order; where the season is free: shortfall, gap; the distance always last."""
    q, groups = layout.question, layout.groups
    size, segments = q.alike.size, q.work.index.segments
    priority = np.array([one.priority for one in segments])
    coverage, overtime = groups["coverage"], groups["overtime"]
    found = {"shortfall": _tier(layout, "shortfall", groups["shortfall"].columns, priority[q.work.index.line_segment])}
    if q.season_is_free:
        both = np.concatenate([groups["gap_up"].columns, groups["gap_down"].columns])
        return [found["shortfall"], _tier(layout, "season gap", both, np.ones(len(both))), _distance(layout)]
    if len(coverage):
        accounts = q.work.cadence_accounts[q.alike.first][coverage.at]
        worth = priority[coverage.at[1]] * accounts * size[coverage.at[0]]
        found["coverage"] = _tier(layout, "coverage", coverage.columns, -worth)
    if len(overtime):
        found["overtime"] = _tier(layout, "overtime", overtime.columns, size[overtime.at[0]])
    order = q.work.index.problem.policy.tiers
    return [*(found[name] for name in order if name in found), _distance(layout)]


def _tier(layout: Layout, name: str, columns: Ints, weights: Floats) -> Tier:
    """Return a linear tier whose largest weight is 1."""
    cost = np.zeros(layout.n_columns)
    cost[columns] = weights / np.abs(weights).max()
    return Tier(name, cost)


def _distance(layout: Layout) -> Tier:
    """Return F-10, sum of (x - ref)^2 / ref; what a tier above leaves open of coverage and overtime is evened out."""
    q, groups = layout.question, layout.groups
    size, cost, curve = q.alike.size, np.zeros(layout.n_columns), np.zeros(layout.n_columns)
    reference, stand_in = q.reference / layout.money, _by_capacity(layout)
    for name, own, capacity in (
        ("steady", reference.sum(axis=2), stand_in.sum(axis=2)),
        ("cell", reference, stand_in),
    ):
        group = groups[name]
        at, members = own[group.at], size[group.at[0]]
        known = at > SMALLEST_REFERENCE
        curve[group.columns] = 2.0 * members / np.where(known, at, np.maximum(capacity[group.at], SMALLEST_REFERENCE))
        cost[group.columns] = np.where(known, -2.0 * members, 0.0)
    natural = q.weights * q.targets[:, None] / layout.money
    for name in ("gap_up", "gap_down"):
        curve[groups[name].columns] = 2.0 / np.maximum(natural[groups[name].at], SMALLEST_REFERENCE)
    coverage, overtime = groups["coverage"], groups["overtime"]
    wanted = np.array([one.coverage for one in q.work.index.segments])
    curve[coverage.columns] = 2.0 * size[coverage.at[0]]
    cost[coverage.columns] = -curve[coverage.columns] * wanted[coverage.at[1]]
    hours = q.work.time.hours[q.alike.first]
    curve[overtime.columns] = 2.0 * size[overtime.at[0]] / np.maximum(hours[overtime.at], 1.0)
    return Tier("distance", cost, curve)


def _by_capacity(layout: Layout) -> Floats:
    """Return each line split by capacity over those who cover it, shape (C, S, T), in the program's money."""
    q = layout.question
    weight = q.work.time.weight[q.alike.first]
    covering = np.einsum("c,cs,ct->s", q.alike.size, q.eligible, weight)
    each = q.targets / layout.money / np.maximum(covering, np.finfo(float).tiny)
    split: Floats = weight[:, None, :] * q.eligible[:, :, None] * each[:, None]
    return split
