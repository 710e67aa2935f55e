"""F-19: visits at an even pace, each account's own and all of them together, by time-ordered hand-out.

Account i with f visits wants them at (j + phase_i) / f of the year, j = 0 .. f - 1. All positions of a group are
sorted, and the k-th of them gets the k-th place that there is in time. So each account has its visits, each stretch of
time is filled exactly, and pace is measured in places: where there is more room there are more visits. Phases are
staggered evenly over accounts with as many visits, so that the gap between two visits of one account is less than C
places off an even one, with C the number of rhythms in the group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from planalloc.types import Bools, Floats, Ints

__all__ = ["filled", "keep_apart", "moved_apart", "spread_evenly", "staggered_phases"]

_TRIES = 100
"""How many distances are tried for a swap: in stretches that are no longer, all of them."""

_DIGITS = 9
"""Digits of a phase that mean anything when two are compared."""


def staggered_phases(
    visits: Ints, *, groups: Ints, beside: Ints | None = None, beside_phases: Floats | None = None
) -> Floats:
    """Return where in its rhythm each account begins: evenly staggered over accounts of one rhythm (F-19).

    Parameters
    ----------
    visits : Ints, shape (n,)
        Visits of each account.
    groups : Ints, shape (n,)
        The group of each account; the stagger begins anew in each.
    beside : Ints, shape (n,), optional
        Visits of another kind to the same accounts.
    beside_phases : Floats, shape (n,), optional
        The phases of these, which the new ones keep away from: two rhythms of f and g visits meet at one of
        lcm(f, g) points, and the phases are dealt to accounts so that they fall midway between these, as far as an
        even stagger has such phases.

    Returns
    -------
    Floats, shape (n,)
        Within (0, 1), a part of the time between two visits of the account. In a class of n accounts of the same
        group and rhythm they are 1/2n, 3/2n, ..., each once.

    Examples
    --------
    >>> staggered_phases(np.array([2, 2, 3]), groups=np.array([0, 0, 0])).tolist()
    [0.25, 0.75, 0.5]
    """
    other = np.zeros_like(visits) if beside is None else beside
    order = np.lexsort((other, visits, groups))
    fresh = _changes(groups[order], visits[order], other[order])
    kind = np.empty(len(order), dtype=np.int64)
    kind[order] = np.cumsum(fresh) - 1
    first = np.flatnonzero(fresh)
    size = np.diff(np.append(first, len(order)))
    of_class = kind[order]
    phases = np.empty(len(order))
    phases[order] = (np.arange(len(order)) - first[of_class] + 0.5) / size[of_class]
    if beside is None or beside_phases is None:
        return phases
    meet = np.lcm(np.maximum(visits, 1), np.maximum(other, 1))
    ours = _within_one(phases * (meet // np.maximum(visits, 1)))
    theirs = _within_one(beside_phases * (meet // np.maximum(other, 1)) - 0.5)
    dealt = np.empty(len(order))
    dealt[np.lexsort((theirs, kind))] = phases[np.lexsort((ours, kind))]
    return dealt


def _changes(*keys: Ints) -> Bools:
    """Tell where one of some sorted keys differs from that before it; the first does."""
    found = np.zeros(len(keys[0]), dtype=np.bool_)
    found[:1] = True
    for key in keys:
        found[1:] |= key[1:] != key[:-1]
    return found


def _within_one(phases: Floats) -> Floats:
    """Return phases without their whole turns, such that equal ones stay equal whatever the arithmetic."""
    rounded: Floats = np.round(np.round(phases, _DIGITS) % 1.0, _DIGITS) % 1.0
    return rounded


def spread_evenly(visits: Ints, phases: Floats, *, groups: Ints, places: Ints, place_groups: Ints) -> tuple[Ints, Ints]:
    """Hand places in time out to accounts, each at an even pace (F-19).

    Parameters
    ----------
    visits : Ints, shape (n,)
        Visits of each account, at least 0.
    phases : Floats, shape (n,)
        Where in its rhythm each account begins, in [0, 1): see `staggered_phases`.
    groups : Ints, shape (n,)
        The group whose places an account's visits take.
    places : Ints, shape (m,)
        How many visits each stretch of time holds, at least 0, in order of groups, and in each in order of time.
    place_groups : Ints, shape (m,)
        The group of each stretch, ascending.

    Returns
    -------
    account, stretch : Ints, shape (sum of visits,)
        For every visit, in order of groups and time: the position of the account, and of the stretch.

    Raises
    ------
    ValueError
        When a group's visits are not as many as its places, or its stretches do not stand together.

    References
    ----------
    Inman, R. R. and Bulfin, R. L. (1991), "Sequencing JIT mixed-model assembly lines", Management Science 37(7),
    901-904, where products of an assembly line are sequenced by such positions.

    Examples
    --------
    Two accounts with two visits each, in three months that hold one, two and one of them:

    >>> account, month = spread_evenly(np.array([2, 2]), np.array([0.25, 0.75]), groups=np.array([0, 0]),
    ...                                places=np.array([1, 2, 1]), place_groups=np.array([0, 0, 0]))
    >>> list(zip(account.tolist(), month.tolist()))
    [(0, 0), (1, 1), (0, 1), (1, 2)]
    """
    if (np.diff(place_groups) < 0).any():
        raise ValueError("stretches must stand in order of their groups")
    many = int(max(groups.max(initial=-1), place_groups.max(initial=-1))) + 1
    wanted = np.bincount(groups, weights=visits, minlength=many)
    if not np.array_equal(wanted, np.bincount(place_groups, weights=places, minlength=many)):
        raise ValueError("each group must have as many places as visits")
    account = np.repeat(np.arange(len(visits)), visits)
    number = np.arange(len(account)) - np.repeat(np.cumsum(visits) - visits, visits)
    position = (number + phases[account]) / visits[account]
    order = np.lexsort((position, groups[account]))
    return account[order], np.repeat(np.arange(len(places)), places)


def filled(due: Ints, *, least: Ints, most: Ints) -> Ints:
    """Return how many visits each week takes, so that running counts are near those due (F-19).

    Parameters
    ----------
    due : Ints, shape (n, W)
        How many of a stretch's visits are due by the end of each of its weeks; the last is all of them.
    least, most : Ints, shape (n, W)
        What each week takes at least and at most; all of a stretch's visits lie between the sums of these.

    Returns
    -------
    Ints, shape (n, W)
        Within the bounds, with all visits of a stretch as its sum.

    Examples
    --------
    Two visits due in the first of three weeks, each of which takes one at most:

    >>> filled(np.array([[2, 2, 2]]), least=np.array([[0, 0, 0]]), most=np.array([[1, 1, 1]])).tolist()
    [[1, 1, 0]]
    """
    whole, found = due[:, -1], np.zeros(due.shape, dtype=np.int64)
    least_after = least.sum(axis=1, keepdims=True) - np.cumsum(least, axis=1)
    most_after = most.sum(axis=1, keepdims=True) - np.cumsum(most, axis=1)
    before = np.zeros(len(due), dtype=np.int64)
    for week in range(due.shape[1]):
        low = np.maximum(before + least[:, week], whole - most_after[:, week])
        high = np.minimum(before + most[:, week], whole - least_after[:, week])
        running = np.clip(due[:, week], low, high)
        found[:, week] = running - before
        before = running
    return found


def moved_apart(
    account: Ints,
    piece: Ints,
    *,
    stretch: Ints,
    weeks: Ints,
    within: tuple[Ints, Ints],
    bounds: tuple[Ints, Ints],
) -> Ints:
    """Move visits to other weeks of their stretch where their account has two in one, as far as weeks take them.

    Parameters
    ----------
    account, piece, stretch : Ints, shape (n,)
        Whom each visit is for, the piece of the year that it falls in, and the stretch of which this is one.
    weeks : Ints, shape (P,)
        The week of each piece.
    within : tuple of Ints, shape (S,) each
        First piece of each stretch, and how many it has.
    bounds : tuple of Ints, shape (S, W) each
        How many visits each piece of a stretch takes at least and at most.

    Returns
    -------
    Ints, shape (n,)
        The new pieces; no move makes a new meeting.

    Examples
    --------
    A call and a meeting of one account in week 0, in months of two weeks: the call moves.

    >>> free = (np.zeros((2, 2), dtype=int), np.ones((2, 2), dtype=int))
    >>> moved_apart(np.array([0, 0]), np.array([0, 0]), stretch=np.array([0, 1]), weeks=np.arange(2),
    ...             within=(np.array([0, 0]), np.array([2, 2])), bounds=free).tolist()
    [1, 0]
    """
    piece, (first, many), (least, most) = piece.copy(), within, bounds
    if not len(piece):
        return piece
    busy = np.zeros((int(account.max()) + 1, int(weeks.max()) + 1), dtype=np.int32)
    np.add.at(busy, (account, weeks[piece]), 1)
    held = np.zeros(least.shape, dtype=np.int64)
    np.add.at(held, (stretch, piece - first[stretch]), 1)
    for distance in range(1, least.shape[1]):
        for step in (distance, -distance):
            meeting = np.flatnonzero(busy[account, weeks[piece]] > 1)
            old = piece[meeting] - first[stretch[meeting]]
            new = old + step
            good = (new >= 0) & (new < many[stretch[meeting]])
            meeting, old, new = meeting[good], old[good], new[good]
            row, who, target = stretch[meeting], account[meeting], weeks[first[stretch[meeting]] + new]
            good = (held[row, old] > least[row, old]) & (held[row, new] < most[row, new]) & (busy[who, target] == 0)
            once = good & _first_of(row, good) & _first_of(who, good)
            meeting, old, new, row, who = meeting[once], old[once], new[once], row[once], who[once]
            np.add.at(busy, (who, weeks[piece[meeting]]), -1)
            piece[meeting] += step
            np.add.at(busy, (who, weeks[piece[meeting]]), 1)
            np.add.at(held, (row, old), -1)
            np.add.at(held, (row, new), 1)
    return piece


def keep_apart(account: Ints, week: Ints, *, stretch: Ints) -> Ints:
    """Swap weeks within stretches until no account has two visits in one week, as far as swaps go.

    Only two visits of one stretch swap, so each stretch keeps its visits and each of its weeks its number of them, and
    only where neither account has a visit in its new week yet: no swap makes a new meeting. Near ones are tried first.

    Parameters
    ----------
    account : Ints, shape (n,)
        Whom each visit is for, counted from 0.
    week : Ints, shape (n,)
        The week of each visit, counted from 0.
    stretch : Ints, shape (n,)
        Visits with the same number stand together, in order of time, and may swap.

    Returns
    -------
    Ints, shape (n,)
        The new weeks.

    Examples
    --------
    A call and a meeting of account 0 fall in week 0; account 1 takes one of the two:

    >>> keep_apart(np.array([0, 1, 0]), np.array([0, 1, 0]), stretch=np.array([0, 0, 1])).tolist()
    [1, 0, 0]
    """
    week = week.copy()
    if not len(week):
        return week
    busy = np.zeros((int(account.max()) + 1, int(week.max()) + 1), dtype=np.int32)
    np.add.at(busy, (account, week), 1)
    longest = int(np.bincount(stretch).max())
    meeting = np.flatnonzero(busy[account, week] > 1)
    steps = np.linspace(1, longest - 1, min(longest - 1, _TRIES)).astype(np.int64)
    for distance in steps.tolist():
        if not meeting.size:
            break
        for step in (distance, -distance):
            while meeting.size and _swap(account, week, stretch=stretch, busy=busy, meeting=meeting, step=step):
                meeting = meeting[busy[account[meeting], week[meeting]] > 1]
    return week


def _first_of(key: Ints, some: Bools) -> Bools:
    """Tell which rows are the first of some that have their key."""
    found = np.zeros(len(key), dtype=np.bool_)
    at = np.flatnonzero(some)
    found[at[np.unique(key[at], return_index=True)[1]]] = True
    return found


def _swap(account: Ints, week: Ints, *, stretch: Ints, busy: npt.NDArray[np.int32], meeting: Ints, step: int) -> bool:
    """Swap some of the visits that meet others with those a step further, each account once; tell whether any was."""
    here = meeting[(meeting + step >= 0) & (meeting + step < len(week))]
    there = here + step
    good = stretch[here] == stretch[there]
    good &= (busy[account[here], week[there]] == 0) & (busy[account[there], week[here]] == 0)
    here, there = here[good], there[good]
    both = np.stack([account[here], account[there]], axis=1).ravel()
    first = np.zeros(len(both), dtype=np.bool_)
    first[np.unique(both, return_index=True)[1]] = True
    once = first.reshape(-1, 2).all(axis=1)
    here, there = here[once], there[once]
    for visit, other in ((here, there), (there, here)):
        np.add.at(busy, (account[visit], week[visit]), -1)
        np.add.at(busy, (account[visit], week[other]), 1)
    week[here], week[there] = week[there], week[here]
    return bool(here.size)
