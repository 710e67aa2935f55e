"""What was not counted, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.plan.table import Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planalloc.model.grouping import SetAside

__all__ = ["set_aside_table"]


def set_aside_table(found: Iterable[SetAside]) -> Table:
    """Return one row for each table and rule.

    Examples
    --------
    >>> from planalloc.model.grouping import SetAside
    >>> set_aside_table([SetAside("sales", "has no rep", 2, 120.0)]).to_dicts()
    [{'table': 'sales', 'rule': 'has no rep', 'rows': 2, 'amount': 120.0, 'examples': None}]
    """
    told = list(found)
    return Table(
        {
            "table": Text.of([one.table for one in told]),
            "rule": Text.of([one.rule for one in told]),
            "rows": np.array([one.rows for one in told], dtype=np.int64),
            "amount": np.array([one.amount for one in told], dtype=np.float64),
            "examples": Text.of([", ".join(one.examples) or None for one in told]),
        },
        name="set aside",
        measures=("rows", "amount"),
        decimals={"amount": 4},
    )
