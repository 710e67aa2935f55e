"""What was not counted, as a table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.cells import shown
from planalloc.model.grouping import SHOWN, SetAside, most_frequent
from planalloc.plan.table import Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planalloc.events.sieve import Events
    from planalloc.reviewing.chances import Chances
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.seen import Seen

__all__ = ["set_aside_table", "strange_accounts", "weightless"]


def weightless(deals: Dealt, worth: Chances) -> list[SetAside]:
    """Tell of open opportunities that weigh nothing, because nothing tells what they are worth."""
    if not worth.unknown.any():
        return []
    examples = sorted(deals.ids[i] for i in np.flatnonzero(worth.unknown).tolist())[:SHOWN]
    amount, rows = float(np.nansum(deals.amount[worth.unknown])), int(worth.unknown.sum())
    rule = "is at no stage of a funnel of its line, and no rate is known: it weighs nothing"
    return [SetAside("opportunities", rule, rows, amount, tuple(map(repr, examples)))]


def strange_accounts(seen: Seen, table: str, found: Events) -> list[SetAside]:
    """Tell of events that count, at accounts that a portfolio does not have; nothing where there is no portfolio."""
    known = {one.id for one in seen.problem.portfolio.accounts}
    often: Counter[str] = Counter()
    for name, rows in zip(found.labels.get("account", ()), found.rows.tolist(), strict=False):
        if known and name is not None and name.strip() not in known:
            often[shown(name)] += rows
    if not often:
        return []
    rule = "names an account that nobody defined; it counts all the same"
    return [SetAside(table, rule, often.total(), 0.0, most_frequent(often), outside=True, counted=True)]


def set_aside_table(found: Iterable[SetAside]) -> Table:
    """Return one row for each table and rule.

    Examples
    --------
    >>> from planalloc.model.grouping import SetAside
    >>> set_aside_table([SetAside("sales", "has no rep", 2, 120.0)]).to_dicts()
    [{'table': 'sales', 'rule': 'has no rep', 'rows': 2, 'amount': 120.0, 'examples': None, 'outside': False}]
    """
    told = list(found)
    return Table(
        {
            "table": Text.of([one.table for one in told]),
            "rule": Text.of([one.rule for one in told]),
            "rows": np.array([one.rows for one in told], dtype=np.int64),
            "amount": np.array([one.amount for one in told], dtype=np.float64),
            "examples": Text.of([", ".join(one.examples) or None for one in told]),
            "outside": np.array([one.outside for one in told], dtype=bool),
        },
        name="set aside",
        measures=("rows", "amount"),
        decimals={"amount": 4},
    )
