"""Attainment and pace (F-20): actual against quota and base, on the plan's own curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.asked import refuse_no_names
from planalloc.model.grouping import PARTS
from planalloc.numerics.pace import pace
from planalloc.plan.grouping import groups, quotients
from planalloc.plan.table import Table, Text
from planalloc.reviewing.sold import money

if TYPE_CHECKING:
    from planalloc.plan.columns import Column
    from planalloc.reviewing.seen import Seen
    from planalloc.reviewing.sold import Sold
    from planalloc.types import Floats

__all__ = ["attainment_table", "restated_table", "standing_table"]


def attainment_table(seen: Seen, sales: Sold) -> Table:
    """Return one row for each rep, line and period in which something is planned or was sold."""
    base, quota = seen.base, seen.quota
    r, s, t = np.nonzero((base.planned != 0) | (quota.planned != 0) | (sales.amount != 0) | (sales.deals != 0))
    actual, digits = money(sales.amount[r, s, t])
    back, finer = money(sales.credit_notes[r, s, t])
    columns: dict[str, Column] = {
        **seen.rep_columns(r),
        **seen.line_columns(s),
        **seen.period_columns(t),
        "elapsed": seen.elapsed[t],
        "base": base.planned[r, s, t],
        "quota": quota.planned[r, s, t],
        "due_base": base.held[r, s, t],
        "due_quota": quota.held[r, s, t],
        "whole_base": base.whole[r, s, t],
        "whole_quota": quota.whole[r, s, t],
        "actual": actual,
        "credit_notes": back,
        "deals": sales.deals[r, s, t],
    }
    columns["attainment"] = quotients(actual, quota.planned[r, s, t])
    columns["pace"] = quotients(actual, quota.due[r, s, t])
    columns["base_pace"] = quotients(actual, base.due[r, s, t])
    wanted = ["base", "quota", "due_base", "due_quota", "whole_base", "whole_quota"]
    measures = [*wanted, "actual", "credit_notes", "deals"]
    ratios = {"attainment": ("actual", "quota"), "pace": ("actual", "due_quota"), "base_pace": ("actual", "due_base")}
    if "units" in seen.plan.quotas.columns:
        asked = seen.cells(seen.plan.quotas, "units")[r, s, t]
        made = sales.units[r, s, t] / PARTS
        columns |= {"units": asked, "actual_units": made}
        columns["units_attainment"] = quotients(made, asked)
        measures += ["units", "actual_units"]
        ratios["units_attainment"] = ("actual_units", "units")
    cents = max(digits, finer)
    step = max(0, -int(seen.problem.policy.step.as_tuple().exponent))
    return Table(
        columns,
        name="attainment",
        measures=tuple(measures),
        ratios=ratios,
        decimals={"base": step, "quota": step, "actual": cents, "credit_notes": cents},
        kinds={"elapsed": "share"},
        calendar=seen.axis,
    )


def standing_table(attainment: Table, seen: Seen, by: tuple[str, ...]) -> Table:
    """Return where each unit stands to date: see `Review.standing`."""
    refuse_no_names("standing", by)
    summed = attainment.by(*dict.fromkeys((*by, "period")))
    keys = [summed.contents[one] for one in by]
    group, first = groups(keys) if keys else (np.zeros(len(summed), dtype=np.int64), np.zeros(1, dtype=np.int64))
    period = summed.contents["period"]
    assert isinstance(period, Text)  # noqa: S101 -- labels are text
    shape = (len(first), seen.shape[2])

    def spread(name: str) -> Floats:
        found = np.zeros(shape)
        np.add.at(found, (group, period.codes), np.asarray(summed[name], dtype=np.float64))
        return found

    actual, planned, due, whole = (spread(name) for name in ("actual", "quota", "due_quota", "whole_quota"))
    now = pace(actual, due, elapsed=np.where(seen.elapsed > 0, 1.0, 0.0))
    done, rest = actual.sum(axis=1), (whole - due).sum(axis=1)
    missing = np.maximum(whole.sum(axis=1) - done, 0.0)
    columns: dict[str, Column] = {
        one: Text(key.codes[first], key.categories) if isinstance(key, Text) else key[first]
        for one, key in zip(by, keys, strict=True)
    }
    columns |= {
        "quota": planned.sum(axis=1),
        "due": due.sum(axis=1),
        "actual": done,
        "pace": now.attainment,
        "gap": done - due.sum(axis=1),
        "linearity": now.linearity,
        "missing": missing,
        "rest": rest,
        # Nothing is planned any more: no rate is fast enough, which a table writes as nan.
        "required": np.divide(missing, rest, out=np.where(missing > 0, np.nan, 0.0), where=rest > 1e-9),
    }
    return Table(
        columns,
        name="standing",
        measures=("quota", "due", "actual", "gap"),
        ratios={"pace": ("actual", "due")},
        kinds={"linearity": "share", "required": "share"},
    )


def restated_table(seen: Seen, sales: Sold) -> Table:
    """Return where sales of the closed time are no longer what was credited for them: late, or taken back."""
    revised = seen.plan.as_of
    r = s = t = np.zeros(0, dtype=np.int64)
    credited, actual = np.zeros(seen.shape), sales.amount / PARTS
    if revised is not None and revised <= seen.as_of:
        credited = seen.cells(seen.plan.credited, "revenue")
        # A period that the revision cuts goes on: what was sold in it since is no restatement.
        closed = seen.first_days + np.array([(p.end - p.start).days for p in seen.index.periods])
        over = closed <= (revised - seen.problem.calendar.start).days
        r, s, t = np.nonzero((np.abs(actual - credited) >= float(seen.problem.policy.step)) & over)
    return Table(
        {
            **seen.rep_columns(r),
            **seen.line_columns(s),
            **seen.period_columns(t),
            "credited": credited[r, s, t],
            "actual": actual[r, s, t],
            "difference": (actual - credited)[r, s, t],
        },
        name="restated",
        measures=("credited", "actual", "difference"),
        decimals=dict.fromkeys(("credited", "actual", "difference"), 4),
        calendar=seen.axis,
    )
