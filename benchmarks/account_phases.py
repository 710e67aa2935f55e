"""What is measured where accounts are known one by one: from the records to the workbook of the whole force."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.figures import OURS, Figure
from benchmarks.measuring import timed
from benchmarks.portfolios import company_with_accounts

import planalloc as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.sizes import Accounts

__all__ = ["ACCOUNT_PHASES", "WORKBOOK", "account_figures"]

ACCOUNT_PHASES = ("records", "allocate", "accounts", "visits", "account quotas")
"""What makes a plan by account, one after the other; `check` is a part of *allocate*, and measured alone as well."""
WORKBOOK = "workbook"
BUDGET = 10.0
"""Seconds for all runs of a call."""


def account_figures(size: Accounts, *, times: int) -> Iterator[Figure]:
    """Yield each step on its own; none finds anything of an earlier one but the plan."""
    figure = partial(Figure, size.name, size.reps)
    measure = partial(timed, times=times, budget=BUDGET)
    made = measure(lambda: company_with_accounts(size.accounts, size.reps))
    problem = made.result
    yield figure("records", OURS, made.seconds, note="contacts as well")
    checked = measure(lambda: pa.check(problem))
    yield figure("check", OURS, checked.seconds, note=f"{len(checked.result)} findings; part of allocate")
    planned = measure(lambda: pa.allocate(problem))
    plan = planned.result
    yield figure("allocate", OURS, planned.seconds, note=f"path {plan.report.path}")
    ranked = measure(lambda: replace(plan).accounts)
    yield figure("accounts", OURS, ranked.seconds, note=f"{len(ranked.result):,} rows")
    dated = measure(lambda: replace(plan).visits())
    asked = plan.activities.where(source="cadence").total("count")
    off = dated.result.total("count") - asked
    yield figure(
        "visits", OURS, dated.seconds, note=f"{len(dated.result):,} rows; off by {off:g} of {asked:,.0f} visits"
    )
    spread = measure(lambda: replace(plan).account_quotas())
    off = spread.result.total("quota") - plan.quotas.total("quota")
    yield figure("account quotas", OURS, spread.seconds, note=f"{len(spread.result):,} rows; off by {off:g}")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "force.xlsx"
        written = measure(lambda: replace(plan).to_workbook(file))
        note = f"{file.stat().st_size / 1e6:,.1f} MB, a sheet for each rep; accounts and visits made again"
    yield figure(WORKBOOK, OURS, written.seconds, note=note)
