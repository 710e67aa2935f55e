"""What was not counted, as a table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.adding import LARGEST
from planalloc.model.cells import shown
from planalloc.model.grouping import PARTS, SHOWN, SetAside, most_frequent
from planalloc.plan.table import Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planalloc.events.sieve import Events
    from planalloc.model.grouping import Source
    from planalloc.reviewing.chances import Chances
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.seen import Seen

__all__ = ["set_aside_table", "strange_accounts", "strange_units", "weightless"]


def weightless(deals: Dealt, worth: Chances) -> list[SetAside]:
    """Tell of open opportunities that weigh nothing, because nothing tells what they are worth."""
    if not worth.unknown.any():
        return []
    examples = sorted(deals.ids[i] for i in np.flatnonzero(worth.unknown).tolist())[:SHOWN]
    amount, rows = float(np.nansum(deals.amount[worth.unknown])), int(worth.unknown.sum())
    rule = "is at no stage of a funnel of its line, and no rate is known: it weighs nothing"
    return [SetAside("opportunities", rule, rows, amount, tuple(map(repr, examples)), counted=True)]


def strange_accounts(seen: Seen, table: str, found: Events) -> list[SetAside]:
    """Tell of events that count, at accounts that a portfolio does not have; nothing where there is no portfolio."""
    known = {one.id for one in seen.problem.portfolio.accounts}
    often: Counter[str] = Counter()
    accounts = found.labels.get("account")
    if not known or accounts is None:
        return []
    strange = np.flatnonzero(accounts.each(lambda one: one.strip() not in known, nothing=False, kind=np.bool_))
    for name, rows in zip(accounts.at(strange), found.rows[strange].tolist(), strict=True):
        often[shown(name)] += rows
    if not often:
        return []
    rule = "names an account that nobody defined; it counts all the same"
    return [SetAside(table, rule, often.total(), 0.0, most_frequent(often), outside=True, counted=True)]


def strange_units(seen: Seen, source: Source, found: Events) -> list[SetAside]:
    """Tell of sales whose money counts and whose units do not, on lines of a product that has a price."""
    if "units" not in source.names:
        return []
    priced = {one.id for one in seen.problem.strategy.products if one.unit_price is not None}
    lines = np.array([line.product in priced for line in seen.index.lines], dtype=bool)[found.line]
    large = found.large["units"]
    rules = (
        ("has no units, or none that are a number; it counts without", found.missing["units"] - large),
        (f"has units of {LARGEST:,.0f} or more, too many for one row; it counts without", large),
    )
    several = [(rule, rows[lines]) for rule, rows in rules]
    money = found.sums["amount"][lines] / PARTS
    return [
        SetAside("sales", rule, int(rows.sum()), float(money[rows > 0].sum()), counted=True)
        for rule, rows in several
        if rows.any()
    ]


def set_aside_table(found: Iterable[SetAside], tables: Mapping[str, Source]) -> Table:
    """Return one row for each table and rule.

    Parameters
    ----------
    found : iterable of SetAside
        What was not counted, and what is told of rows that are.
    tables : mapping of str to Source
        The tables. What of their rows is not set aside is counted.
    """
    told = list(found)
    counted = dict.fromkeys((one.table for one in told), 0)
    for table in counted:
        source = tables[table]
        given = int(source.group().rows.sum()) + sum(one.rows for one in source.set_aside if not one.counted)
        counted[table] = given - sum(one.rows for one in told if one.table == table and not one.counted)
    return Table(
        {
            "table": Text.of([one.table for one in told]),
            "rule": Text.of([one.rule for one in told]),
            "rows": np.array([one.rows for one in told], dtype=np.int64),
            "amount": np.array([one.amount for one in told], dtype=np.float64),
            "examples": Text.of([", ".join(one.examples) or None for one in told]),
            "outside": np.array([one.outside for one in told], dtype=bool),
            "counts": np.array([one.counted for one in told], dtype=bool),
            "counted": np.array([counted[one.table] for one in told], dtype=np.int64),
        },
        name="set aside",
        measures=("rows", "amount"),
        decimals={"amount": 4},
    )
