"""The forms of the invented firm of `examples/digital_services`: its files hold the numbers of its plan."""

from __future__ import annotations

import csv
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import icalendar
import openpyxl
import pytest

import planalloc as pa

if TYPE_CHECKING:
    from types import ModuleType

FOLDER = Path(__file__).parents[2] / "examples" / "digital_services"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """Import the example as a module, which plans nothing."""
    spec = spec_from_file_location("digital_services_forms", FOLDER / "plan.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def plan(script: ModuleType) -> pa.Plan:
    """Plan the firm once."""
    return pa.allocate(script.problem())


@pytest.fixture(scope="module")
def output(script: ModuleType, plan: pa.Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write its forms once."""
    folder: Path = tmp_path_factory.mktemp("forms") / "output"
    script.write_forms(plan, folder)
    return folder


def rows(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    """Read the values of a sheet."""
    return list(openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True))


def read(table: str) -> list[dict[str, str]]:
    """Read one of the example's files."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_file_of_each_kind_for_the_year_and_for_the_month(output: Path) -> None:
    """A picture of the year, and one workbook for everybody."""
    kinds = {"html", "ics", "md", "xlsx"}
    names = {f"{name}.{kind}" for name in ("ines", "ines-2027-02") for kind in kinds} | {"everybody.xlsx", "ines.png"}
    assert {file.name for file in output.iterdir()} == names


def test_the_workbook_adds_up_to_the_plan(plan: pa.Plan, output: Path) -> None:
    """Twelve months by segment, their totals, and the quota."""
    ines, found = plan.rep("ines"), rows(output / "ines.xlsx", "Quotas")
    months = [row for row in found if str(row[0]).endswith(" 2027") and row[-1] is not None]
    assert [row[-1] for row in months] == ines.quotas.by("period")["quota"].tolist()
    assert [sum(column) for column in list(zip(*months, strict=True))[1:-1]] == ines.quotas.by("segment")[
        "quota"
    ].tolist()
    assert next(row[-1] for row in found if row[0] == "Total") == ines.quota


def test_the_workbook_of_everybody_adds_up_to_the_firm(plan: pa.Plan, output: Path) -> None:
    """A row for each of the 25 reps, and 18,540,000 below them."""
    found = rows(output / "everybody.xlsx", "Summary")
    assert len(openpyxl.load_workbook(output / "everybody.xlsx").sheetnames) == 26
    assert next(row[14] for row in found if row[0] == "Total") == plan.quotas.total("quota") == 18_540_000


def test_the_month_names_the_accounts_that_are_due(plan: pa.Plan, output: Path) -> None:
    """Those with a visit or a call in February, and no others."""
    due = set(plan.rep("ines").period("2027-02").visits()["account"])
    named = {row["name"] for row in plan.accounts.to_dicts() if row["account"] in due}
    found = rows(output / "ines-2027-02.xlsx", "Accounts")
    start = next(i for i, row in enumerate(found) if row[0] == "Account")
    assert {row[0] for row in found[start + 1 :]} - {"Total", None} == named


def test_the_calendar_has_every_review_point(plan: pa.Plan, output: Path) -> None:
    """Every two weeks, every fourth or so a revision."""
    entries = icalendar.Calendar.from_ical((output / "ines.ics").read_bytes()).walk("VEVENT")
    assert len(entries) == len(plan.rep("ines").review_points) > 24


def test_accounts_are_as_many_as_the_reps_say(plan: pa.Plan) -> None:
    """The portfolio counts what `accounts.csv` counts, and its customers bought what their rep sold."""
    counted = Counter((row["owner"], row["segment"], row["business"]) for row in read("portfolio"))
    said = {(row["rep"], row["segment"], row["business"]): int(row["accounts"]) for row in read("accounts")}
    assert counted == {key: many for key, many in said.items() if many}
    assert len(plan.accounts) == sum(said.values())
