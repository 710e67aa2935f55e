"""The figures as a page to read and as a table to reckon with."""

from __future__ import annotations

import csv
import io
from itertools import groupby
from typing import TYPE_CHECKING

from benchmarks.bars import bars
from benchmarks.figures import OURS
from benchmarks.measuring import LIMIT as CALL_LIMIT
from benchmarks.peers import INTERIOR_POINT, LIMIT
from benchmarks.phases import ABSOLUTE, FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from benchmarks.figures import Figure, Figures

__all__ = ["as_csv", "as_page"]

EXPLANATION = f"""\
Times are medians, in seconds; the column *runs* says of how many. A call is repeated while it is likely to stay within
its budget of time, and at least once; a first run of less than a second is a warm-up and is not counted. *Beside ours*
is how many times as long a peer took as planalloc for the same phase at the same size, in the same process.

- Sizes are reps x lines x months. All reps differ, in contract hours, selling share, part time, absences, accounts and
  coverage: merging alike ones gains nothing. *Hours at 80%*: targets and account care need 80 % of all hours; half of
  the reps lack hours in some month, and every target is met. *Hours at 95%*: nine in ten lack hours, and a part of the
  targets stays unmet. *Newcomers*: one rep in twenty is still growing into the job, so that no line is steady and every
  rep, line and month is decided by itself.
- *Records* is making the problem's records, *program* building rows and columns (a part of *solve*); *check* to
  *tables* are the steps of `allocate` as its report gives them; *allocate* is the whole call. Its input is ready
  before, and so are the data frames and the arrays that peers are handed.
- *Accounts* are known one by one, every other one placed in its segment by criteria. *Accounts*, *visits* and *account
  quotas* are each measured on a plan that has made none of them yet; *check* is a part of *allocate* there too.
- *Reviewed* is one call of `review` after half a year: 40 sales, 60 opportunities and 120 activities of each rep come
  from data frames, and every table of the review is made.
- The *LP of the first tier* is the very program that `allocate` solves first (least shortfall). The *LP in absolute
  form* asks for all tiers at once in one linear program, with the sum of absolute deviations from the reference in
  place of the relative squares. Everyone is handed the same arrays. *Off* is the difference of an optimum from that of
  {INTERIOR_POINT}, relative to the optimum or to a thousandth of the revenue, whichever is more.
- {INTERIOR_POINT} and simplex are `scipy.optimize.linprog` with its default tolerances. Its interior point always
  ends with a crossover; the rows without it call the HiGHS inside SciPy directly, and may end with the status "Unknown"
  where tolerances are missed by little. Solvers are stopped after {LIMIT:.0f} seconds, and
  whole calls after {CALL_LIMIT:.0f}. PuLP's time includes building its model.
- *One pin* raises the year of one rep by a tenth: from the plan that is known already, as the peer does, and also
  from the problem alone.
- Peak memory is that of a fresh process that makes the records and one plan, interpreter included.
"""


def as_csv(figures: Figures) -> str:
    """Return a row for each figure."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["size", "reps", "phase", "who", "median", "unit", "runs", "least", "most", "optimum", "note"])
    for one in figures:
        ends = (min(one.runs), max(one.runs)) if one.runs else ("", "")
        value = "" if one.value is None else one.value
        optimum = "" if one.optimum is None else one.optimum
        rows.writerow(
            [one.size, one.reps, one.phase, one.who, value, one.unit, len(one.runs), *ends, optimum, one.note]
        )
    return text.getvalue()


def as_page(figures: Figures, *, on: date, machine: str, versions: dict[str, str], picture: str, seconds: float) -> str:
    """Return the figures in Markdown, what is promised first."""
    with_versions = ", ".join(f"{name} {number}" for name, number in versions.items())
    lines = [
        "# Figures",
        "",
        f"Measured on {on.isoformat()} by `make bench` in {seconds / 60:.1f} minutes: {machine}; {with_versions}.",
        "",
        *([f"![Time against size]({picture})", ""] if picture else []),
        "## What is promised",
        "",
        "| promise | measured | kept |",
        "|---|---|---|",
        *(f"| {one.bar} | {one.measured} | {_word(kept=one.met)} |" for one in bars(figures)),
        "",
        "## How to read the tables",
        "",
        EXPLANATION,
        "## All figures",
        "",
        *_tables(figures),
    ]
    return "\n".join(lines)


def _word(*, kept: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[kept]


def _tables(figures: Figures) -> Iterator[str]:
    for size, group in groupby(sorted(figures, key=lambda one: _first(figures, one)), key=lambda one: one.size):
        yield from (f"### {size or 'Import'}", "", "| phase | who | median | runs | beside ours | off | note |")
        yield "|---|---|---:|---:|---:|---:|---|"
        yield from (_row(figures, one) for one in group)
        yield ""


def _first(figures: Figures, figure: Figure) -> int:
    """Return where the first figure of the same size stands."""
    return next(at for at, one in enumerate(figures) if one.size == figure.size)


def _in_one_cell(note: str) -> str:
    return " ".join(note.split()).replace("|", "/")


def _row(figures: Figures, one: Figure) -> str:
    ours = figures.find(size=one.size, phase=one.phase)
    sure = figures.find(size=one.size, phase=one.phase, who=INTERIOR_POINT)
    value = "-" if one.value is None else f"{one.value:,.0f} MB" if one.unit == "MB" else f"{one.value:.4g}"
    known = ours is not None and ours.value is not None and one.value is not None and one.who != OURS
    solves = one.phase in {FIRST, ABSOLUTE}
    known = known and not (solves and ours is not None and ours.optimum is None)  # a time without an answer is none
    beside = f"{one.value / ours.value:.1f}" if known and ours and ours.value and one.value else ""
    off = one.off(sure) if sure and one is not sure else None
    cells = [
        one.phase,
        one.who,
        value,
        str(len(one.runs)),
        beside,
        "" if off is None else f"{off:.0e}",
        _in_one_cell(one.note),
    ]
    return f"| {' | '.join(cells)} |"
