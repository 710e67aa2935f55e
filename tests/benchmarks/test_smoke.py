"""The benchmarks run, at a size of seconds, and everyone they compare finds the same. No time is looked at."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PHASES = {"check", "formulate", "solve", "round", "tables", "allocate", "to JSON", "from JSON"}
SIZES = {"20 x 5 x 12, hours at 80%", "20 x 5 x 12, hours at 95%"}
PROGRAMS = {"LP of the first tier", "LP in absolute form"}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the smoke suite once, into a folder of its own."""
    if not (ROOT / "benchmarks").is_dir():
        pytest.skip("this tree comes without benchmarks")
    folder = tmp_path_factory.mktemp("results")
    command = [sys.executable, "-m", "benchmarks", "smoke", "--results", str(folder)]
    told = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 -- our own text
    assert told.returncode == 0, told.stderr
    return folder


@pytest.fixture(scope="module")
def rows(results: Path) -> list[dict[str, str]]:
    """Return the figures, one a row."""
    with (results / "smoke.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_phase_is_measured(rows: list[dict[str, str]]) -> None:
    """Where hours bind, each step of a plan and its way to JSON and back has a figure."""
    for size in SIZES:
        measured = {row["phase"] for row in rows if row["size"] == size and row["who"] == "planalloc" and row["median"]}
        assert measured >= PHASES


def test_every_step_of_a_plan_by_account_is_measured_and_exact(rows: list[dict[str, str]]) -> None:
    """Where accounts are known, each step has a figure, and visits and quotas add up to the plan's."""
    notes = {row["phase"]: row["note"] for row in rows if row["size"] == "200 accounts, 5 x 4 x 12" and row["median"]}
    assert set(notes) == {"records", "check", "allocate", "accounts", "visits", "account quotas", "workbook"}
    assert notes["check"].startswith("0 findings")
    assert notes["accounts"] == "200 rows"
    assert "off by 0 of" in notes["visits"]
    assert notes["account quotas"].endswith("off by 0")


def test_a_review_is_measured_and_counts_every_event(rows: list[dict[str, str]]) -> None:
    """Of the sales and activities of half a year, all are counted."""
    notes = [row["note"] for row in rows if row["phase"] == "review" and row["median"]]
    assert notes == ["4,400 events; off by 0 of them"]


def test_a_plan_comes_back_from_json_as_it_was(rows: list[dict[str, str]]) -> None:
    """The figure of reading a plan is that of a plan equal to the one that was written."""
    notes = [row["note"] for row in rows if row["phase"] == "from JSON"]
    assert len(notes) >= len(SIZES)
    assert not any(notes)


def test_everyone_finds_the_same_optimum(rows: list[dict[str, str]]) -> None:
    """Everyone who solved a program found the same optimum, to a millionth."""
    for size in SIZES:
        for program in PROGRAMS:
            optima = [
                float(row["optimum"])
                for row in rows
                if (row["size"], row["phase"]) == (size, program) and row["optimum"]
            ]
            assert len(optima) >= 2
            assert max(optima) - min(optima) <= 1e-6 * max(1.0, abs(optima[0]))


def test_the_plan_reaches_the_optimum_of_its_first_tier(rows: list[dict[str, str]]) -> None:
    """What a plan leaves short is what HiGHS says is the least, in companies with and without a shortfall."""
    least = {
        row["size"]: float(row["optimum"])
        for row in rows
        if row["phase"] == "LP of the first tier" and row["who"] == "HiGHS simplex"
    }
    ours = {row["size"]: float(row["optimum"]) for row in rows if row["phase"] == "solve" and row["size"] in SIZES}
    assert ours == pytest.approx(least, rel=1e-6, abs=1e-6)
    assert min(ours.values()) < 1e-6 < max(ours.values())


def test_a_cascade_is_exact_and_splits_as_the_peer_does(rows: list[dict[str, str]]) -> None:
    """In cents our reps add up to the revenue, and a month of theirs is within two cents of ours."""
    notes = {row["who"]: row["note"] for row in rows if row["phase"] == "cascade"}
    assert "year off by 0 cents" in notes["planalloc"]
    if notes["b2b-revenue-forecasting"] == "not installed":
        pytest.skip("b2b-revenue-forecasting is not installed")
    furthest = int(notes["b2b-revenue-forecasting"].split("at most ")[1].split()[0])
    assert furthest <= 2


def test_the_page_tells_machine_versions_and_date(results: Path) -> None:
    """Whoever reads the page knows where, with what and when it was measured."""
    page = (results / "smoke.md").read_text(encoding="utf-8")
    assert "Measured on 20" in page
    assert " cores" in page
    assert "scipy " in page
