"""The same invented firm through its year: sales come in, people leave and join, a target falls, plans are revised.

At the end of each month the plan is revised with what was sold so far. Noémie leaves at the end of May and Valentin at
the end of September, Karim joins in June, and in June the target of the largest line of projects falls by a tenth. The
sales are simulated, each number times a random factor, always the same ones. Who would move by less than 10,000 euros
is held, as long as nothing more gives way for that; where hours are full, most move all the same.

Run it with ``python examples/digital_services/year.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np

import planalloc as pa

problem = run_path(str(Path(__file__).with_name("plan.py")))["problem"]

LEAVERS = {3: ("noemie", date(2027, 5, 31)), 8: ("valentin", date(2027, 9, 30))}
"""By month in which it becomes known: who leaves, and on which last day."""

HIRE = (5, pa.Rep(id="karim", name="Karim", start=date(2027, 6, 1), ramp=pa.Ramp(months=[0.25, 0.5, 0.75])))
CUT = (6, 0.9)


@dataclass(frozen=True)
class Month:
    """What one revision came to."""

    as_of: date
    sold: float
    people: int
    moved: float
    shortfall: float
    plan: pa.Plan


def sales_of(plan: pa.Plan, month: str, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Sell each number of a month times a random factor, 0.97 on average."""
    rows = [row for row in plan.quotas.where(period=month).to_dicts() if row["base"] > 0]
    factors = rng.gamma(8.0, 0.97 / 8.0, len(rows))
    return [
        {
            "date": row["start"],
            **{name: row[name] for name in ("rep", "segment", "product", "business")},
            "amount": float(round(row["base"] * factor)),
        }
        for row, factor in zip(rows, factors, strict=True)
    ]


def changes_of(plan: pa.Plan, month: int) -> list[pa.Change]:
    """Return what becomes known in a month."""
    found: list[pa.Change] = []
    if month in LEAVERS:
        rep, last = LEAVERS[month]
        found.append(pa.Leave(rep=rep, on=last))
    if month == HIRE[0]:
        found.append(pa.Join(rep=HIRE[1]))
    if month == CUT[0]:
        lines = [one for one in plan.problem.strategy.targets if one.product == "projects"]
        line = max(lines, key=lambda one: one.revenue or 0.0)
        found.append(
            pa.Retarget(
                segment=line.segment,
                product=line.product,
                business=line.business,
                revenue=float(round((line.revenue or 0.0) * CUT[1])),
            )
        )
    return found


def year(plan: pa.Plan, *, seed: int = 2027) -> list[Month]:
    """Revise a plan at the end of each month but the last."""
    rng, sales, found = np.random.default_rng(seed), list[dict[str, Any]](), list[Month]()
    periods = plan.problem.calendar.periods()
    for number, period in enumerate(periods[:-1], start=1):
        sales += sales_of(plan, period.id, rng)
        revised = pa.replan(
            plan, pa.Actuals(sales=sales), as_of=period.end, changes=changes_of(plan, number), least_move=10_000
        )
        people, moved = moves(plan, revised)
        sold = float(revised.credited.total("revenue"))
        found.append(Month(period.end, sold, people, moved, float(revised.shortfall.total("revenue")), revised))
        plan = revised
    return found


def moves(before: pa.Plan, after: pa.Plan) -> tuple[int, float]:
    """Return how many people's numbers moved, and by how much, what goes from one to another counted once."""
    keys = ("rep", "segment", "product", "business", "period")
    old, new = (
        {tuple(row[key] for key in keys): row["quota"] for row in one.quotas.to_dicts()} for one in (before, after)
    )
    change = {key: new.get(key, 0) - old.get(key, 0) for key in {*old, *new}}
    rises, falls = (sum(max(sign * one, 0) for one in change.values()) for sign in (1, -1))
    return len({key[0] for key, one in change.items() if one}), float(max(rises, falls))


def main() -> None:
    """Print the year, a line for each revision."""
    print(f"{'closed up to':<14}{'sold':>14}{'people':>8}{'moved':>14}{'shortfall':>12}")
    for month in year(pa.allocate(problem())):
        print(f"{month.as_of!s:<14}{month.sold:>14,.0f}{month.people:>8}{month.moved:>14,.0f}{month.shortfall:>12,.0f}")


if __name__ == "__main__":
    main()
