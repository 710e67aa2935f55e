"""The year 2027 of an invented firm, from CSV files to a plan for each of its 25 reps, and to the forms they receive.

The firm sells managed cloud and projects in France: 18 million euros of bookings, in five segments, to new and to
existing customers. Half of the year's renewals fall between January and April, so the hours of February, a month with
school holidays, decide what the plan can be. Everyone and everything in the files beside this script is made up.

Run it with ``python examples/digital_services/plan.py``; what it writes is in ``examples/output``.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import planalloc as pa

FILES = Path(__file__).parent
OUTPUT = FILES.parent / "output"


def problem() -> pa.PlanningProblem:
    """Put the firm together: what it wants, who sells, how selling is done, and what was agreed."""
    return pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain="month", country="FR"),
        strategy=strategy(),
        sales_force=sales_force(),
        playbook=playbook(),
        portfolio=pa.Portfolio.from_frame(rows("portfolio")),
        rhythms=[pa.ReviewRhythm(**row) for row in values("rhythms")],
        limits=[pa.Pin(**row) if "quota" in row else pa.Bound(**row) for row in values("limits")],
        policy=pa.Policy(
            round_to=100,
            basis={"capacity": 0.7, "last_year": 0.3},  # the fair split goes by hours, and partly by last year's sales
            overtime_limit_share=0.03,
        ),
    )


def strategy() -> pa.Strategy:
    """Read what the firm wants: 16 lines by segment, product and business, and their seasons."""
    return pa.Strategy(
        name="Digital services 2027",
        currency="EUR",
        revenue=18_000_000,
        segments=[pa.Segment(**row) for row in values("segments")],
        products=[pa.Product(**row) for row in values("products")],
        targets=[pa.Target(**row) for row in values("targets")],
        seasonalities=[pa.Seasonality(**row) for row in values("seasonalities")],
    )


def sales_force() -> pa.SalesForce:
    """Read who sells: reps, their accounts and absences, and the tree of teams."""
    force = pa.SalesForce.from_frame(
        rows("reps"),
        accounts=rows("accounts"),
        teams=rows("teams"),
        hours_per_week=35,
        selling_share=0.55,
        leave_days=25,
        leave_seasonality="leave",
    )
    away = defaultdict(list)
    for row in values("absences"):
        away[row.pop("rep")].append(pa.Absence(**row))
    return force.but(reps=[rep.but(absences=away[rep.id]) for rep in force.reps])


def playbook() -> pa.Playbook:
    """Read how selling is done: activities, stages and what happens at them, and how often accounts are seen."""
    stages = defaultdict(list)
    for row in values("stages"):
        sale, stage = row.pop("process"), row.pop("stage")
        facts = {name: row.pop(name) for name in ("conversion", "days_before_booking")}
        stages[sale].append(pa.Stage(id=stage, **facts, activities=row))  # every column that is left counts an activity
    return pa.Playbook(
        activities=[pa.Activity(**row) for row in values("activities")],
        funnels=[pa.Funnel(stages=stages[row.pop("process")], **row) for row in values("funnels")],
        cadences=[pa.Cadence(**row) for row in values("cadences")],
        methods=methods(),
    )


def methods() -> list[pa.Method]:
    """Read what is done at each stage: a text a row, of one of the kinds below."""
    texts: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows("methods"):
        texts[row["stage"]][row["kind"]].append((row.get("id", ""), row["text"]))
    return [
        pa.Method(
            stage=stage,
            purpose=" ".join(text for _, text in kinds["purpose"]) or None,
            pitch=" ".join(text for _, text in kinds["pitch"]) or None,
            questions=[text for _, text in kinds["question"]],
            tools=[text for _, text in kinds["tool"]],
            roles=[text for _, text in kinds["role"]],
            facts=[
                pa.Fact(id=name, question=text, required=kind == "fact")
                for kind in ("fact", "optional")
                for name, text in kinds[kind]
            ],
            exit_criteria=[pa.ExitCriterion(id=name, statement=text) for name, text in kinds["exit"]],
        )
        for stage, kinds in texts.items()
    ]


def rows(table: str) -> list[dict[str, str]]:
    """Read a CSV file; a cell that is empty is not given."""
    with (FILES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [{name: cell for name, cell in row.items() if cell} for row in csv.DictReader(file)]


def values(table: str) -> list[dict[str, Any]]:
    """Read a CSV file, its numbers, dates, lists and yes or no as such."""
    return [{name: value(cell) for name, cell in row.items()} for row in rows(table)]


def value(cell: str) -> Any:
    """Read one cell.

    Examples
    --------
    >>> value("0.5;0.2;0.3"), value("yes"), value("2027-05-01"), value("call")
    ([0.5, 0.2, 0.3], True, datetime.date(2027, 5, 1), 'call')
    """
    if ";" in cell:
        return [value(part) for part in cell.split(";")]
    if cell in {"yes", "no"}:
        return cell == "yes"
    for read in (float, date.fromisoformat):
        try:
            return read(cell)
        except ValueError:
            continue
    return cell


def main() -> pa.Plan:
    """Plan the year and print what a sales manager asks for first."""
    plan = pa.allocate(problem())

    title("The firm")
    print(plan)

    title("The team of Lille, by quarter")
    print(plan.team("lille").quotas.pivot("rep", "quarter", "quota"))

    title("One rep: Inès")
    ines = plan.rep("ines")
    print(ines)

    title("Her action plan for February")
    february = ines.period("2027-02")
    print(february, end="\n\n")
    print(february.activities.pivot("segment", "activity", "count"))

    title("Where hours are tightest")
    print(plan.capacity.by("period"))

    title("What promises cost")
    for row in plan.capacity.by("rep").to_dicts():
        if row["overtime_hours"] > 0:
            print(f"{row['rep']} works {row['overtime_hours']:.0f} hours on top.")
    for row in plan.coverage.to_dicts():
        wanted, covered = row["wanted_accounts"], row["covered_accounts"]
        if covered < wanted:
            print(f"{row['rep']} sees {covered:.1f} of {wanted:.0f} accounts in {row['segment']} as often as planned.")
    return plan


def write_forms(plan: pa.Plan, folder: Path) -> None:
    """Write what people receive: Inès her year and her February, her manager the plan of everybody."""
    folder.mkdir(exist_ok=True)
    on = date(2026, 12, 21)
    ines = plan.rep("ines")
    for part, name in ((ines, "ines"), (ines.period("2027-02"), "ines-2027-02")):
        (folder / f"{name}.md").write_text(part.to_markdown("en_GB", on=on), encoding="utf-8")
        (folder / f"{name}.html").write_text(part.to_html("en_GB", on=on), encoding="utf-8")
        part.to_workbook(folder / f"{name}.xlsx", "en_GB", on=on)
        part.to_ics(folder / f"{name}.ics", "en_GB", on=on)
    picture: Any = ines.plot.year().figure
    picture.savefig(folder / "ines.png", dpi=150)
    plan.to_workbook(folder / "everybody.xlsx", "en_GB", on=on)

    title("Written")
    for file in sorted(folder.iterdir()):
        print(file.name)


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'=' * len(text)}\n")


if __name__ == "__main__":
    write_forms(main(), OUTPUT)
