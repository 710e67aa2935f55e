"""The year 2027 of an invented firm, from CSV files to a plan for each of its 25 reps, and to the forms they receive.

The firm sells managed cloud and projects in France: 18 million euros of bookings, in five segments, to new and to
existing customers. Half of the year's renewals fall between January and April, so the hours of February, a month with
school holidays, decide what the plan can be. Everyone and everything in the files beside this script is made up.

Run it with ``python examples/digital_services/plan.py``; what it writes is in ``examples/output``.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import planalloc as pa

FILES = Path(__file__).parent
OUTPUT = FILES.parent / "output"


def problem() -> pa.PlanningProblem:
    """Put the firm together: what it wants, who sells, how selling is done, and what was agreed, a file each."""
    return pa.PlanningProblem.from_frames(
        name="Digital services 2027",
        currency="EUR",
        revenue=18_000_000,
        calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain="month", country="FR"),
        hours_per_week=35,
        selling_share=0.55,
        leave_days=25,
        leave_seasonality="leave",
        policy=pa.Policy(
            round_to=100,
            basis={"capacity": 0.7, "last_year": 0.3},  # the fair split goes by hours, and partly by last year's sales
            overtime_limit_share=0.03,
        ),
        **tables(),
    )


def tables() -> dict[str, Any]:
    """Read the files beside this script, by name; a cell that is empty is not given."""
    found = {}
    for path in sorted(FILES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


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
