"""Numbers that go along with accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InputError
from planalloc.replanning.changes import MoveAccount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planalloc.formulate.formulation import Formulation
    from planalloc.plan.plan import Plan
    from planalloc.replanning.changes import Change
    from planalloc.replanning.standing import Standing
    from planalloc.types import Bools, Floats

__all__ = ["moved_numbers"]


def moved_numbers(
    plan: Plan, changes: Sequence[Change], formulation: Formulation, at: Standing, *, fixed: Bools
) -> Floats:
    """Return what goes from rep to rep on each line with moving accounts, in rounding units, shape (R, S).

    An account's part of its owner's open number in its segment is its potential's, or one of as many as the owner has
    there where no potential is known. What two accounts of one owner take is taken from the owner's number at once.

    Raises
    ------
    InputError
        When the new owner will never be there to carry the number.
    """
    index, moved = formulation.index, np.zeros(at.base.shape[:2])
    moves = [one for one in changes if isinstance(one, MoveAccount)]
    refused = _to_who_is_gone(moves, formulation, at)
    moves = [one for one in moves if one.quota == "prorated"]
    if not (moves or refused):
        return moved
    portfolio, segments = plan.problem.portfolio, plan.problem.strategy.segments
    where = portfolio.segment_of(segments).segment
    accounts = {one.id: i for i, one in enumerate(portfolio.accounts)}
    may_carry = np.asarray((formulation.may_carry & ~fixed).any(axis=2))
    left = (at.base - at.closed_base).sum(axis=2).astype(float)
    for move in sorted(moves, key=lambda one: one.account):
        i = accounts[move.account]
        owner = portfolio.accounts[i].owner
        if where[i] < 0 or owner not in index.rep_position or owner == move.to:
            continue
        segment = segments[where[i]].id
        among = [
            one
            for one, at_segment in zip(portfolio.accounts, where, strict=True)
            if one.owner == owner and at_segment == where[i]
        ]
        known = sum(one.potential or 0.0 for one in among)
        share = (portfolio.accounts[i].potential or 0.0) / known if known > 0 else 1.0 / len(among)
        lines = np.array([line.segment == segment for line in index.lines])
        if not (may_carry[index.rep_position[move.to]] & lines).any():
            refused.append(f"{move.account!r} cannot go to {move.to!r}, who is not there to sell {segment!r} any more")
            continue
        goes = np.where(lines, share * left[index.rep_position[owner]], 0.0)
        moved[index.rep_position[owner]] -= goes
        moved[index.rep_position[move.to]] += goes
    if refused:
        hint = "Give them to somebody who is there; one who does not cover the segment takes them with quota='none'."
        raise InputError("; ".join(refused[:5]), hint=hint)
    return moved


def _to_who_is_gone(moves: Sequence[MoveAccount], formulation: Formulation, at: Standing) -> list[str]:
    """Return which accounts would go, without their numbers, to somebody who is in no open period."""
    place = formulation.index.rep_position
    there = np.asarray((formulation.time.present & ~at.fixed).any(axis=1))
    return [
        f"{one.account!r} cannot go to {one.to!r}, who is not there any more"
        for one in moves
        if one.quota == "none" and one.to in place and not there[place[one.to]]
    ]
