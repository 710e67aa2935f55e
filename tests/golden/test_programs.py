"""The programs themselves, as text that people can read: two reps, two lines, two periods, one file a family.

After a change that is meant, write the files anew with ``PLANALLOC_WRITE_GOLDEN=1 make test`` and read what changed.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

import planalloc as pa
from planalloc.formulate import hours_rows, limit_rows, objective, season_rows
from planalloc.formulate.answering import _classes, _question, program_of
from planalloc.formulate.compile import compiled
from planalloc.formulate.formulation import formulate
from planalloc.formulate.naming import named_program
from planalloc.lp.export import write_lp

FOLDER = Path(__file__).parent

BASE = pa.PlanningProblem(
    calendar=pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain="semester"),
    strategy=pa.Strategy(
        name="Golden",
        currency="EUR",
        segments=[pa.Segment(id="A", priority=2), pa.Segment(id="B")],
        targets=[pa.Target(segment="A", revenue=600), pa.Target(segment="B", revenue=400)],
    ),
    sales_force=pa.SalesForce(reps=[pa.Rep(id="alice"), pa.Rep(id="bruno", covers=["B"])], selling_share=0.5),
    policy=pa.Policy(default_phasing="equal"),
)
JOINER = pa.Rep(id="bruno", covers=["B"], start=date(2027, 7, 1))
WORK = pa.Playbook(
    activities=[pa.Activity(id="call", hours=1)],
    funnels=[pa.Funnel(deal_size=10, stages=[pa.Stage(id="lead", conversion=0.5, activities={"call": 2})])],
)


def visits(*, feeds_funnel: bool) -> pa.PlanningProblem:
    """Return the problem with a cadence on the accounts of A."""
    cadence = pa.Cadence(segment="A", activity="call", per_account_per_year=8, feeds_funnel=feeds_funnel)
    return BASE.replace(WORK.but(cadences=[cadence]), pa.Rep(id="alice", accounts={"A": 10}))


FAMILIES: dict[str, tuple[pa.PlanningProblem, str]] = {
    "season_steady": (BASE, "shortfall"),
    "season_cells": (BASE.replace(JOINER), "shortfall"),
    "distance": (BASE, "distance"),
    "hours": (BASE.replace(WORK), "shortfall"),
    "coverage": (visits(feeds_funnel=False), "coverage"),
    "excess": (visits(feeds_funnel=True), "coverage"),
    "overtime": (BASE.replace(WORK, BASE.policy.but(overtime_limit_share=0.1)), "overtime"),
    "sums": (
        BASE.add(
            pa.Pin(rep="alice", segment="B", quota=100, name="pin"),
            pa.Bound(rep="bruno", period="2027-H1", at_most=150, name="bound"),
        ),
        "shortfall",
    ),
    "team_target": (
        BASE.add(pa.Team(id="north"), pa.TeamTarget(team="north", base=300, name="team")).replace(
            pa.Rep(id="bruno", covers=["B"], team="north")
        ),
        "shortfall",
    ),
    "ranges": (BASE.add(pa.QuotaRange(rep="bruno", at_least=100, at_most=300, name="range")), "shortfall"),
    "bands": (BASE.add(pa.MixBand(tolerance=0.1, name="band")), "shortfall"),
}
"""One problem a family of rows or of terms, and the tier whose objective is written."""

SEASON_GAP = BASE.add(pa.Pin(segment="B", period="2027-H1", base=250, name="early"))
"""A pin by period that the season of its line does not leave possible."""

MAKERS = {
    season_rows.season_rows: ("season_steady", "season_cells", "season_gap"),
    hours_rows.hours_rows: ("hours", "coverage", "overtime"),
    hours_rows.excess_rows: ("excess",),
    limit_rows._sums: ("sums", "team_target"),
    limit_rows._ranges: ("ranges",),
    limit_rows._bands: ("bands",),
    objective._tier: ("season_steady",),
    objective._distance: ("distance",),
}
"""Which function makes what, and which files show it."""


def season_gap_program() -> str:
    """Return the program that is asked first where limits move a season: by how little it has to move."""
    formulation = formulate(SEASON_GAP.canonical())
    question = _question(formulation, _classes(formulation), formulation.weights, season_is_free=True)
    return write_lp(named_program(compiled(question), tier="season gap"))


def program_text(family: str) -> str:
    """Return the program of a family as text."""
    if family == "season_gap":
        return season_gap_program()
    problem, tier = FAMILIES[family]
    return pa.write_program(problem, tier=tier)


@pytest.mark.parametrize("family", [*FAMILIES, "season_gap"])
def test_the_program_is_what_was_read_and_agreed(family: str) -> None:
    """Each family of rows reads, to the character, as in its file."""
    text = program_text(family)
    path = FOLDER / f"{family}.lp"
    if os.environ.get("PLANALLOC_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_family_of_rows_has_a_file() -> None:
    """A family that is added to the engine without a file here fails, and so does a file that nothing makes."""
    made = {
        value
        for module in (season_rows, hours_rows, limit_rows, objective)
        for name, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", "") == module.__name__
        and name in {"season_rows", "hours_rows", "excess_rows", "_sums", "_ranges", "_bands", "_tier", "_distance"}
    }
    iterators = {
        value
        for name, value in vars(limit_rows).items()
        if callable(value) and getattr(value, "__annotations__", {}).get("return") == "Iterator[_Said]"
    }
    assert made | iterators == set(MAKERS)
    assert {family for families in MAKERS.values() for family in families} == {*FAMILIES, "season_gap"}
    assert {path.stem for path in FOLDER.glob("*.lp")} == {*FAMILIES, "season_gap"}


def test_a_season_that_must_move_moves_by_as_little_as_the_file_says() -> None:
    """Of 400 in equal halves the pin asks for 250 in the first: 50 enter it, and the same 50 leave the second."""
    plan = pa.allocate(SEASON_GAP)
    assert plan.quotas.where(segment="B", period="2027-H1").total("base") == 250
    assert plan.quotas.where(segment="B", period="2027-H2").total("base") == 150
    assert plan.quotas.where(segment="A", period="2027-H1").total("base") == 300


def test_the_rows_of_a_program_are_all_told_by_name() -> None:
    """Each row of the compiled program belongs to a family that names it."""
    compiled = program_of(formulate(FAMILIES["overtime"][0].canonical()))
    named = len(compiled.season_lines) + len(compiled.owners) + compiled.hours_rows.size
    assert named + len(compiled.layout.groups["excess"]) == compiled.program.n_rows
