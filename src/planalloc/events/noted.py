"""What is told of events that count all the same: a currency taken for granted, a column that says nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.cells import shown
from planalloc.model.grouping import PARTS, SHOWN, SetAside

if TYPE_CHECKING:
    from planalloc.events.sieve import Events
    from planalloc.model.grouping import Source
    from planalloc.model.problem import PlanningProblem
    from planalloc.types import Bools

__all__ = ["NOTED", "noted"]

NOTED = ("currency", "product")
"""Labels of events from which the notes are made."""


def noted(events: Events, source: Source, problem: PlanningProblem, *, kept: Bools | None = None) -> list[SetAside]:
    """Return the notes on events that were matched with the labels `NOTED`.

    Parameters
    ----------
    events : Events
        n groups.
    source : Source
        Their table.
    problem : PlanningProblem
        Says which currency is taken, and whether there are products.
    kept : Bools, shape (n,), optional
        Those that count; None: all.
    """
    told = []
    counts = np.ones(len(events), dtype=bool) if kept is None else kept
    currency = problem.strategy.currency
    if "currency" in source.names:
        blank = counts & ~events.labels["currency"].given
        told += _note(events, source, blank, f"has no currency, taken as {currency}")
    if not problem.strategy.products:
        products = events.labels["product"]
        named = counts & products.given
        rule = "names a product where the problem defines none: the column is left out"
        examples = sorted({shown(products.values[code]) for code in np.unique(products.codes[named]).tolist()})
        told += _note(events, source, named, rule, outside=True, examples=tuple(examples[:SHOWN]))
    return told


def _note(
    events: Events, source: Source, these: Bools, rule: str, *, outside: bool = False, examples: tuple[str, ...] = ()
) -> list[SetAside]:
    if not these.any():
        return []
    amount = float(events.sums["amount"][these].sum()) / PARTS
    return [SetAside(source.table, rule, int(events.rows[these].sum()), amount, examples, outside, counted=True)]
