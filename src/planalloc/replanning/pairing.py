"""Two tables of the same shape side by side: what was, what is, and the change, by the same keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.plan.table import Column, Table, Text

if TYPE_CHECKING:
    from planalloc.types import Ints

__all__ = ["changed_rows", "moved", "paired", "reps_in", "rows_at", "rows_of_rep", "rows_where"]


def paired(before: Table, after: Table, keys: tuple[str, ...], *, amount: str, name: str) -> Table:
    """Return two tables as one: the keys, `before`, `after` and `change`, and of the change what rises and falls.

    Parameters
    ----------
    before, after : Table
        With the keys as text columns, and the amount as a measure.
    keys : tuple of str
        What the amounts are summed by.
    amount : str
        The measure.
    name : str
        Of the table.

    Returns
    -------
    Table
        One row for each combination of keys that either table has, in the order of the keys; rows without any change
        included.

    Examples
    --------
    >>> one, two = (Table({"rep": Text.of(reps), "quota": np.array(money)}, measures=("quota",))
    ...             for reps, money in ((["alice", "bruno"], [5, 7]), (["bruno", "chloe"], [4, 8])))
    >>> paired(one, two, ("rep",), amount="quota", name="quotas")["change"].tolist()
    [-5, -3, 8]
    """
    sums = [before.by(*keys), after.by(*keys)]
    known = [_known(*(_text(one, key).categories for one in sums)) for key in keys]
    coded = [np.stack([_recoded(one, key, names) for key, names in zip(keys, known, strict=True)]) for one in sums]
    rows, which = np.unique(np.concatenate(coded, axis=1), axis=1, return_inverse=True)
    which, many = which.ravel(), len(sums[0])
    order = np.lexsort([np.where(codes < 0, np.iinfo(np.int32).max, codes) for codes in rows[::-1]])
    place = np.argsort(order)
    amounts = [np.zeros(rows.shape[1], dtype=np.result_type(before[amount], after[amount])) for _ in sums]
    amounts[0][place[which[:many]]] = sums[0][amount]
    amounts[1][place[which[many:]]] = sums[1][amount]
    digits = after.decimals.get(amount, before.decimals.get(amount))
    change = amounts[1] - amounts[0]
    if digits is not None:
        change = np.round(change, digits)
    contents: dict[str, Column] = {
        key: Text(codes[order], names) for key, codes, names in zip(keys, rows, known, strict=True)
    }
    measures = ("before", "after", "change", "rise", "fall")
    values = (*amounts, change, np.maximum(change, 0), np.maximum(-change, 0))
    contents |= dict(zip(measures, values, strict=True))
    return Table(
        contents,
        name=name,
        measures=measures,
        decimals={} if digits is None else dict.fromkeys(measures, digits),
        calendar=after.calendar if "period" in keys else None,
    )


def moved(table: Table, *keys: str) -> Table:
    """Return what changed by some keys, each move counted once: half of all changes, and what enters or leaves.

    Parameters
    ----------
    table : Table
        From `paired`.
    *keys : str
        Some of its keys.

    Examples
    --------
    >>> one, two = (Table({"rep": Text.of(["alice", "bruno"]), "quota": np.array(money)}, measures=("quota",))
    ...             for money in ([5, 7], [9, 5]))
    >>> both = paired(one, two, ("rep",), amount="quota", name="quotas")
    >>> moved(both.where(rep="alice"), "rep")["moved"].tolist(), max(both.total("rise"), both.total("fall"))
    ([4], 4)
    """
    summed = table.by(*keys)
    names = (*keys, "before", "after", "change")
    contents: dict[str, Column] = {one: summed.contents[one] for one in names}
    contents["moved"] = np.maximum(summed["rise"], summed["fall"])
    measures = ("before", "after", "change", "moved")
    digits = table.decimals.get("change")
    return Table(
        contents,
        name=table.name,
        measures=measures,
        decimals={} if digits is None else dict.fromkeys(measures, digits),
    )


def rows_at(table: Table, rows: Ints) -> Table:
    """Return some rows of a table from `paired`, without what rises and falls."""
    measures = tuple(one for one in table.measures if one not in {"rise", "fall"})
    contents = {
        one: Text(column.codes[rows], column.categories) if isinstance(column, Text) else column[rows]
        for one, column in table.contents.items()
        if one not in {"rise", "fall"}
    }
    return Table(
        contents,
        name=table.name,
        measures=measures,
        decimals={one: digits for one, digits in table.decimals.items() if one in measures},
        calendar=table.calendar,
    )


def changed_rows(table: Table) -> Table:
    """Return the rows of a table from `paired` in which something changes."""
    return rows_at(table, np.flatnonzero(table["change"]))


def rows_where(table: Table, which: Any) -> Table:
    """Return the rows for which an array says so."""
    return rows_at(table, np.flatnonzero(np.asarray(which, dtype=bool)))


def rows_of_rep(table: Table, rep_id: str) -> Table:
    """Return the rows of one rep; none where the table does not know them."""
    rep = table.contents["rep"]
    known = isinstance(rep, Text) and rep_id in rep.categories
    return table.where(rep=rep_id) if known else table.head(0)


def reps_in(table: Table) -> tuple[str, ...]:
    """Return the ids of the reps that have rows, sorted."""
    return tuple(sorted(set(table["rep"]))) if len(table) else ()


def _text(table: Table, key: str) -> Text:
    column = table.contents[key]
    assert isinstance(column, Text)  # noqa: S101 -- the keys are labels
    return column


def _known(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """Return all names of both, in the order of one that has them all, else sorted."""
    if set(before) <= set(after):
        return after
    return before if set(after) <= set(before) else tuple(sorted({*before, *after}))


def _recoded(table: Table, key: str, names: tuple[str, ...]) -> Ints:
    column, place = _text(table, key), {one: i for i, one in enumerate(names)}
    moved_to: Ints = np.array([*(place[one] for one in column.categories), -1], dtype=np.int64)
    codes: Ints = moved_to[column.codes]
    return codes
