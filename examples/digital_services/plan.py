"""One year of an invented French digital services firm: from its CSV files to a plan for each of its 25 reps."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import planalloc as pa

HERE = Path(__file__).parent


def rows(table: str) -> list[dict[str, Any]]:
    """Read one CSV file; a cell that is empty is not given."""
    with (HERE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [{name: cell for name, cell in row.items() if cell} for row in csv.DictReader(file)]


def several(cell: str) -> list[float]:
    """Read the numbers of a cell: "0.5;0.2;0.3"."""
    return [float(part) for part in cell.split(";")]


def problem() -> pa.PlanningProblem:
    return pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), country="FR"),
        strategy=strategy(), sales_force=sales_force(), playbook=playbook(), limits=limits(),
        policy=pa.Policy(round_to=100, overtime_limit_share=0.03, basis={"capacity": 0.7, "last_year": 0.3}),
    )


def strategy() -> pa.Strategy:
    def target(segment, product, business, share=None, seasonality=None):
        return pa.Target(segment=segment, product=product, business=business, seasonality=seasonality,
                         **({"share": float(share)} if share else {"rest": True}))
    return pa.Strategy(
        name="Digital services 2027", currency="EUR", revenue=18_000_000,
        segments=[pa.Segment(**{**row, "priority": float(row["priority"])}) for row in rows("segments")],
        products=[pa.Product(id="cloud"), pa.Product(id="projects")],
        targets=[target(**row) for row in rows("targets")],
        seasonalities=[pa.Seasonality(**{**row, "weights": several(row["weights"])}) for row in rows("seasonalities")],
    )


def sales_force() -> pa.SalesForce:
    force = pa.SalesForce.from_frame(
        rows("reps"), accounts=rows("accounts"), teams=rows("teams"),
        hours_per_week=35, selling_share=0.56, leave_days=25, leave_seasonality="leave",
    )
    away = defaultdict(list)
    for row in rows("absences"):
        away[row.pop("rep")].append(pa.Absence(**{**row, "start": date.fromisoformat(row["start"]), "end": date.fromisoformat(row["end"])}))
    return force.but(reps=[rep.but(absences=away[rep.id]) for rep in force.reps])


def playbook() -> pa.Playbook:
    stages = defaultdict(list)
    for row in rows("stages"):
        acts = dict(one.rsplit(" ", 1) for one in row["activities"].split(";"))
        stages[row["process"]].append(pa.Stage(id=row["stage"], conversion=float(row["conversion"]), days_before_booking=float(row["days_before_booking"]), activities={k: float(v) for k, v in acts.items()}))
    return pa.Playbook(
        activities=[pa.Activity(**{**row, "hours": float(row["hours"])}) for row in rows("activities")],
        funnels=[pa.Funnel(segment=row["segment"], product=row.get("product"), business=row["business"], deal_size=float(row["deal_size"]), stages=stages[row["process"]]) for row in rows("funnels")],
        cadences=[pa.Cadence(segment=row["segment"], business=row["business"], activity=row["activity"], per_account_per_year=float(row["per_account_per_year"]), feeds_funnel=row["feeds_funnel"] == "yes") for row in rows("cadences")],
    )


def limits():
    amounts = ("quota", "at_least", "at_most")
    found = []
    for row in rows("limits"):
        row = {name: float(cell) if name in amounts else cell for name, cell in row.items()}
        found.append(pa.Pin(**row) if "quota" in row else pa.Bound(**row))
    return found
