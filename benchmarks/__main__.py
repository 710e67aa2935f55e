"""Measure everything: ``python -m benchmarks [full | smoke] [--results FOLDER]``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure, Figures
from benchmarks.machine import machine, versions
from benchmarks.phases import measured
from benchmarks.picture import draw
from benchmarks.report import as_csv, as_page
from benchmarks.sizes import SUITES

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure one suite, telling each figure as it comes, and write table, page and picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure planalloc beside its peers.")
    parser.add_argument("suite", nargs="?", choices=SUITES, default="full")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the results are written")
    asked = parser.parse_args()
    suite, start, figures = SUITES[asked.suite], perf_counter(), Figures()
    for one in measured(suite):
        figures.append(one)
        print(_told(one), flush=True)
    asked.results.mkdir(parents=True, exist_ok=True)
    name = "latest" if asked.suite == "full" else asked.suite
    picture = f"{name}.png" if draw(figures, suite, asked.results / f"{name}.png") else ""
    today = datetime.now(tz=UTC).date()
    page = as_page(
        figures, on=today, machine=machine(), versions=versions(), picture=picture, seconds=perf_counter() - start
    )
    (asked.results / f"{name}.csv").write_text(as_csv(figures), encoding="utf-8")
    (asked.results / f"{name}.md").write_text(page, encoding="utf-8")
    print(f"written to {asked.results / name}.md")


def _told(one: Figure) -> str:
    value = "-" if one.value is None else f"{one.value:.4g} {one.unit}"
    return f"{one.size or '-':45} {one.phase:32} {one.who:36} {value:>12}  {one.note}"


if __name__ == "__main__":
    main()
