"""Rules of `PlanningProblem.from_frames` and `to_frames`: nothing is lost, and everything wrong is said at once."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies
from full_problem import FULL
from planalloc.model.frame_types import Frames
from planalloc.model.problem_tables import KINDS, LIMITS, METHOD_TEXTS, SETTING_READERS

if TYPE_CHECKING:
    from pydantic import BaseModel

duckdb = pytest.importorskip("duckdb")
pyarrow = pytest.importorskip("pyarrow")

NOT_READ = "columns={{{!r}: {{...}}}} maps it, extra='ignore' leaves it out"
YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
LEAST: dict[str, Any] = {
    "calendar": YEAR,
    "name": "2027",
    "currency": "EUR",
    "revenue": 100,
    "segments": [{"id": "A"}],
    "targets": [{"segment": "A", "share": 1}],
    "reps": [{"id": "alice"}],
}


def through_csv(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a file of text gives them back."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, rows[0].keys() if rows else ["id"])
    writer.writeheader()
    writer.writerows(rows)
    file.seek(0)
    return csv.DictReader(file)


def in_polars(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a frame whose columns each have one type."""
    return pl.DataFrame(rows, infer_schema_length=None)


def in_duckdb(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a relation of an engine, which is lazy."""
    table = pyarrow.Table.from_pylist(rows)
    return duckdb.from_arrow(table)


MEDIA = [in_duckdb, list, through_csv, pd.DataFrame, in_polars, pyarrow.Table.from_pylist]


def read(**changes: Any) -> pa.PlanningProblem:
    """Return the least problem with more tables, or others."""
    return pa.PlanningProblem.from_frames(**{**LEAST, **changes})


def findings(**changes: Any) -> list[str]:
    """Return what is refused of the least problem with more tables, or others, each finding as text."""
    with pytest.raises(pa.InputError) as refusal:
        read(**changes)
    return [str(one) for one in refusal.value.findings]


def only(**changes: Any) -> str:
    """Return the one finding there is, as text."""
    (one,) = findings(**changes)
    return one


@pytest.mark.parametrize("medium", MEDIA)
def test_a_full_problem_survives(medium: Any) -> None:
    """Every field of every record comes back the same, out of dicts, text and each kind of dataframe."""
    tables = {name: medium(rows) for name, rows in FULL.to_frames().items()}
    back = pa.PlanningProblem.from_frames(**tables)
    assert back == FULL
    assert back.model_dump_json() == FULL.model_dump_json()


@pytest.mark.parametrize("medium", MEDIA)
def test_what_says_nothing_but_that_it_is_there_survives(medium: Any) -> None:
    """Records that leave everything to what is meant without it have a row, and it has a cell."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1, currency="EUR", shares={"A": 1}, reps=["alice"])
    problem = problem.add(pa.ReviewRhythm(), pa.Account(id="a1"), pa.Method(stage="lead"), pa.Team(id="north"))
    tables = {name: medium(rows) for name, rows in problem.to_frames().items()}
    assert pa.PlanningProblem.from_frames(**tables) == problem


def test_the_full_problem_is_full() -> None:
    """No table and no setting is left out by it, so that the tests above see all of them."""
    frames: Any = FULL.to_frames()
    assert set(frames) == set(KINDS) == set(Frames.__annotations__)
    told = {row["setting"] for row in frames["settings"]}
    unsaid = {"calendar.grain"}  # a month, which is what is meant without it
    assert told | unsaid == {f"{holder}.{name}" for holder, names in SETTING_READERS.items() for name in names}


@given(companies())
@settings(max_examples=40, deadline=None)
def test_random_companies_survive(problem: pa.PlanningProblem) -> None:
    """A problem out of its tables is the problem they were made of, to the last byte of its JSON."""
    back = pa.PlanningProblem.from_frames(**problem.to_frames())
    assert back == problem
    assert back.model_dump_json() == problem.model_dump_json()


ODD = st.text(";/[]{}\", '0a", min_size=1, max_size=6).map(str.strip).filter(bool)
ODDS = st.lists(ODD, max_size=3).map(tuple)
SCOPES = st.builds(pa.Scope, segment=ODD, product=st.none() | ODD, business=st.sampled_from([None, "new"]))
COUNTS = st.floats(0.001, 1e9) | st.dictionaries(st.sampled_from(["new", "existing"]), st.integers(0, 9))
HELD = st.dictionaries(ODD, st.floats(0.001, 1e18), max_size=2)


@given(
    covers=st.none() | st.lists(ODD | SCOPES, max_size=3),
    accounts=st.dictionaries(ODD, COUNTS, max_size=3),
    last_year=st.none() | HELD,
    but_not=ODDS,
    attributes=st.dictionaries(ODD, ODD | st.booleans() | st.floats(0.1, 9), max_size=3),
    seen=st.lists(ODD, min_size=1, max_size=3, unique=True),
    medium=st.sampled_from([list, through_csv]),
)
@settings(max_examples=100, deadline=None)
def test_odd_names_and_empty_sets_survive(medium: Any, **odd: Any) -> None:
    """Names that hold separators, slashes and brackets, and sets known to be empty, come back as they were."""
    problem = FULL.but(
        sales_force=pa.SalesForce(
            reps=[
                pa.Rep(id="alice", covers=odd["covers"], accounts=odd["accounts"], last_year=odd["last_year"]),
                *(pa.Rep(id=f"{name}.") for name in odd["seen"]),
            ]
        ),
        limits=[pa.MixBand(tolerance=0.1, but_not=odd["but_not"])],
        portfolio=pa.Portfolio(accounts=[pa.Account(id="a1", attributes=odd["attributes"])]),
    )
    tables: Any = problem.to_frames()
    assert pa.PlanningProblem.from_frames(**{name: medium(rows) for name, rows in tables.items()}) == problem


def test_every_row_has_the_same_cells() -> None:
    """Tables go into any dataframe: the same keys in each row, and one kind of plain value in a column."""
    for name, rows in FULL.to_frames().items():
        assert isinstance(rows, list)
        assert len({tuple(row) for row in rows}) == 1, name
        for column in rows[0]:
            kinds = {type(row[column]) for row in rows} - {NoneType}
            assert len(kinds) <= 1, (name, column)
            assert kinds <= {str, float, int, bool, date}, (name, column)


def _records() -> dict[str, tuple[type[Any], ...]]:
    return {
        "segments": (pa.Segment,),
        "products": (pa.Product,),
        "targets": (pa.Target,),
        "seasonalities": (pa.Seasonality,),
        "teams": (pa.Team,),
        "reps": (pa.Rep,),
        "absences": (pa.Absence,),
        "portfolio": (pa.Account,),
        "contacts": (pa.Contact,),
        "activities": (pa.Activity,),
        "funnels": (pa.Funnel,),
        "stages": (pa.Stage,),
        "cadences": (pa.Cadence,),
        "limits": LIMITS,
        "rhythms": (pa.ReviewRhythm,),
    }


ELSEWHERE = {"reps": {"absences"}, "funnels": {"stages"}, "stages": {"id", "activities"}}
"""Fields that are tables of their own, or have a plainer name in theirs."""


@pytest.mark.parametrize("table", _records())
def test_every_field_has_a_column(table: str) -> None:
    """A field that is added to a record without a column of its table would be lost."""
    fields = {name for record in _records()[table] for name in record.model_fields}
    assert fields - ELSEWHERE.get(table, set()) <= set(KINDS[table].readers)


def test_every_setting_is_a_setting() -> None:
    """A field of what is no table has a name among the settings, and a field of a method a kind of text."""
    tables = {"segments", "products", "targets", "seasonalities", "teams", "reps"}
    holders: list[type[BaseModel]] = [pa.Calendar, pa.Strategy, pa.SalesForce, pa.Targeting, pa.Policy]
    for holder, record in zip(SETTING_READERS, holders, strict=True):
        assert set(record.model_fields) - tables == set(SETTING_READERS[holder])
    assert set(pa.Method.model_fields) == {"stage", "segment", *METHOD_TEXTS.values()}
    kinds = get_args(KINDS["methods"].record.model_fields["kind"].annotation)
    assert {*METHOD_TEXTS} == {one for kind in kinds for one in get_args(kind)}


def test_all_tables_are_refused_at_once() -> None:
    """One error has every bad cell of every table, by row and header of the source, and every bad setting."""
    assert findings(
        currency="euro",
        segments=[{"Nr": "A", "coverage": "90"}, {"Nr": "A", "coverage": ""}],
        targets=[{"segment": "A", "share": "35%"}],
        reps=[{"id": "alice", "fte": "3"}],
        absences=[{"rep": "alise", "start": "2027-03-05", "end": "2027-03-01"}],
        limits=[{"rep": "alice", "at_least": "5", "at_most": "1"}],
        columns={"segments": {"id": "Nr"}},
    ) == [
        "currency: 'euro' must be three capital letters (ISO 4217), such as 'EUR'. Write it exactly so.",
        "segments row 1, coverage: '90' is outside [0, 1]. Write 35 % as 0.35.",
        "segments row 2: 'A' stands in segments row 1 already, and an id names one. Rename or remove one of them.",
        "targets row 1, share: '35%' is no number. Write it in digits, such as 12.5, without unit or separators.",
        "reps row 1, fte: '3' is outside (0, 2]. A full-time rep is 1, one on four days of five 0.8.",
        "absences row 1: 'alise' ends on 2027-03-01, before it starts on 2027-03-05. Swap the two dates.",
        "absences row 1: 'alise' is no id in the table of reps. Did you mean 'alice'?",
        "limits row 1: 'alice' has at_least 5 above at_most 1. Swap the two.",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"segmnts": []}, "from_frames: 'segmnts' is no table. Did you mean 'segments'?"),
        ({"columns": {"rep": {}}}, "columns: 'rep' is no table. Did you mean 'reps'?"),
        (
            {"columns": {"teams": {"id": "x"}}},
            "columns: 'teams' is a table that is not given. Correct it, or take it out.",
        ),
        (
            {"columns": {"reps": "id"}},
            "columns: 'reps' has no mapping from our names to headers. Correct it, or take it out.",
        ),
        (
            {"columns": {"reps": {"id": "Matricul"}}, "reps": [{"Matricule": 7}], "extra": "ignore"},
            "columns['reps']['id']: 'Matricul' is no header of the table. Did you mean 'Matricule'?",
        ),
        (
            {"reps": [{"id": "alice", "coverz": "A"}]},
            f"reps: 'coverz' is no column that is read; {NOT_READ.format('reps')}. Did you mean 'covers'?",
        ),
        ({"segments": []}, "segments: no row is there to plan. Add the segments."),
        (
            {"numbers": ["rooms"]},
            "numbers: 'rooms' is the header of no attribute. Write the header as the table does, or take it out.",
        ),
        ({"name": None}, "settings: 'strategy.name' is not given. Give it as an argument, or in a table of settings."),
        ({"revenue": -1}, "revenue: -1 is outside [0, inf). Money is not negative here."),
        (
            {"settings": [{"setting": "policy.round", "value": 1}]},
            "settings row 1: 'policy.round' is no setting. Did you mean 'policy.round_to'?",
        ),
        (
            {"settings": [{"setting": "policy.basis", "value": "capacity"}]},
            "settings row 1, policy.basis: 'capacity' is no JSON object. Write it as JSON does, with double quotes.",
        ),
        (
            {"settings": [{"setting": "policy.unmet", "value": "refused"}]},
            "settings row 1, policy.unmet: 'refused' must be 'shortfall' or 'refuse'. The nearest is 'refuse'.",
        ),
        (
            {"settings": [{"setting": "policy.unmet", "value": "refuse"}] * 2},
            "settings row 2: 'policy.unmet' stands in settings row 1 already. Keep one of the two.",
        ),
        (
            {"targets": [{"segment": "A", "rest": "maybe"}, {"segment": "A", "share": 1}]},
            "targets row 1, rest: 'maybe' is neither yes nor no. Write yes or no, true or false, 1 or 0.",
        ),
        (
            {
                "accounts": [{"rep": "alice", "segment": "A", "accounts": 1}],
                "reps": [{"id": "alice", "accounts": {"A": 2}}],
            },
            "reps row 1: 'accounts' is given, and accounts row 1 gives it too. Keep one of the two.",
        ),
        (
            {"portfolio": [{"id": "a1", "attributes": '{"rooms": [1]}'}]},
            "portfolio row 1, attributes: '{\"rooms\": [1]}' must be text, a number, True or False. A date is text",
        ),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], told: str) -> None:
    """Each mistake is one finding that says where it is and what to do."""
    assert any(one.startswith(told) for one in findings(**changes))


SEASON = {"id": "s", "grain": "semester"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            [{**SEASON, "period": 1, "weight": 0.5}, {**SEASON, "period": 3, "weight": 0.5}],
            "'s' has no weight for period 2",
        ),
        ([{**SEASON, "period": 1, "weight": 0.5}] * 2, "'s, period 1' stands in seasonalities row 1 already"),
        ([{**SEASON, "period": 1.5, "weight": 0.5}], "1.5 is no position"),
        ([{**SEASON, "weights": "0.5;0.5"}] * 2, "'s' stands in seasonalities row 1 already"),
        ([{**SEASON, "weights": "0.5;0.4"}], "'s' has weights that sum to 0.9"),
        ([{**SEASON, "weights": None}], "'s' gives no weight, or in two forms"),
        ([{**SEASON, "period": 1, "weight": "-1"}], "'-1' is outside [0, inf)"),
        (
            [{**SEASON, "period": 1, "weight": 0.5}, {"id": "s", "grain": "year", "period": 2, "weight": 0.5}],
            "'year' is another grain than 'semester' in seasonalities row 1",
        ),
    ],
)
def test_seasonalities_that_are_none(rows: Any, told: str) -> None:
    """A seasonality has one grain and each of its weights once."""
    assert told in only(seasonalities=rows)


def test_seasonalities_in_either_form() -> None:
    """Weights in one cell, as text or a list, and a row for each period in any order, are one seasonality."""
    rows = [{"id": "s", "period": 2, "weight": 0.75}, {**SEASON, "period": 1, "weight": 0.25}]
    cells: list[Any] = ["0.25; 0.75", [0.25, 0.75], "[0.25, 0.75]"]
    forms = [rows, *([{**SEASON, "weights": cell}] for cell in cells)]
    found = {read(seasonalities=form).strategy.seasonalities for form in forms}
    assert found == {(pa.Seasonality(id="s", grain="semester", weights=[0.25, 0.75]),)}


FUNNEL: dict[str, Any] = {
    "activities": [{"id": "call", "hours": 1}, {"id": "visit", "hours": 3}],
    "funnels": [{"process": "field", "deal_size": 10}],
    "stages": [{"process": "field", "stage": "lead", "conversion": 0.5, "call": 2, "visit": None}],
}


def test_activities_in_columns_or_rows() -> None:
    """How many of an activity a stage takes may stand in a column of the stages, or in rows of their own."""
    wide = read(**FUNNEL)
    plain = [{name: cell for name, cell in row.items() if name not in {"call", "visit"}} for row in FUNNEL["stages"]]
    done = [{"process": "field", "stage": "lead", "activity": "call", "count": 2}]
    assert read(**{**FUNNEL, "stages": plain, "stage_activities": done}) == wide
    assert dict(wide.playbook.funnels[0].stages[0].activities) == {"call": 2}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"funnels": [{"process": "fields", "deal_size": 1}, *FUNNEL["funnels"]]},
            "'fields' is no process in the table of stages",
        ),
        (
            {"stages": [*FUNNEL["stages"], {"process": "x", "stage": "y", "conversion": 1}]},
            "'x' is no process in the table of funnels",
        ),
        (
            {"stage_activities": [{"process": "field", "stage": "laed", "activity": "call", "count": 1}]},
            "'field / laed' is no process and stage in the table of stages. Did you mean 'field / lead'?",
        ),
        (
            {"stage_activities": [{"process": "field", "stage": "lead", "activity": "call", "count": 1}]},
            "'field, lead, call' stands in stages row 1 already",
        ),
        ({"stages": [{**FUNNEL["stages"][0], "conversion": 35}]}, "35 is outside (0, 1]"),
        ({"stages": [{**FUNNEL["stages"][0], "call": "two"}]}, "stages row 1, call: 'two' is no number"),
        (
            {"stages": [{"process": "field", "stage": "lead", "conversion": 0.5, "cal": 1}]},
            f"stages: 'cal' is no column that is read; {NOT_READ.format('stages')}. Did you mean 'call'",
        ),
        ({"stages": FUNNEL["stages"] * 2}, "funnels row 1: 'field' has the stage 'lead' twice"),
        ({"funnels": [{"process": "field", "deal_size": 0}]}, "funnels row 1, deal_size: 0 is outside (0, inf)"),
    ],
)
def test_funnels_that_are_none(changes: Any, told: str) -> None:
    """Funnels and stages need one another, and each mistake is said once, where it stands."""
    assert told in only(**{**FUNNEL, **changes})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"stage": "lead", "kind": "fact", "text": "Who?"}, "'lead' has no id. Give each fact one"),
        (
            {"stage": "lead", "kind": "pitch", "id": "p", "text": "Hi."},
            "'lead' has an id, which only fact, optional, exit",
        ),
        ({"stage": "lead", "kind": "pitch"}, "'lead' has a kind without a text"),
        ({"stage": "lead", "kind": "quest", "text": "Who?"}, "'quest' must be"),
    ],
)
def test_texts_that_are_none(row: Any, told: str) -> None:
    """A text of a method has a kind, and an id where reviews record an answer."""
    assert told in only(methods=[row])


def test_a_purpose_stands_once() -> None:
    """A second purpose of a stage is refused, not joined or dropped."""
    rows = [{"stage": "lead", "kind": "purpose", "text": text} for text in ("Meet.", "Greet.")]
    assert "'purpose of lead' stands in methods row 1 already" in only(methods=rows)


def test_limits_tell_their_kind() -> None:
    """A row without a kind is the limit that its cells make."""
    rows = [
        {"rep": "alice", "quota": 5},
        {"rep": "alice", "at_most": 5},
        {"team": "north", "base": 5},
        {"tolerance": 0.1},
        {"hours": 3},
        {"at_most": 1.2, "relative_to": "last_year"},
    ]
    kinds = [pa.Pin, pa.Bound, pa.TeamTarget, pa.MixBand, pa.OvertimeLimit, pa.QuotaRange]
    assert [type(one) for one in read(limits=rows).limits] == kinds


def test_a_cell_of_another_kind_of_limit() -> None:
    """A cell that a kind of limit does not have is refused where it stands."""
    assert "limits row 1, hours: 3 Pin has no field 'hours'" in only(
        limits=[{"kind": "pin", "rep": "a", "quota": 1, "hours": 3}]
    )


def test_arguments_come_first() -> None:
    """A setting that is given as an argument counts, whatever a table of settings says."""
    rows = [{"setting": "strategy.revenue", "value": "7"}, {"setting": "policy.round_to", "value": "100"}]
    assert read(settings=rows, revenue=None).strategy.revenue == 7
    assert read(settings=rows, revenue=9).strategy.revenue == 9
    assert read(settings=rows).policy.round_to == 100
    assert read(settings=rows, policy=pa.Policy()).policy.round_to == 1


def test_other_columns_become_attributes() -> None:
    """Attributes stand in one cell, in columns of their own, or in both."""
    row = {"id": "a1", "attributes": '{"chain": true}', "rooms": "80", "zip": "01234"}
    problem = read(portfolio=[row], extra="attributes", numbers=["rooms"])
    assert dict(problem.portfolio.accounts[0].attributes) == {"chain": True, "rooms": 80, "zip": "01234"}


def test_headers_are_mapped_by_table() -> None:
    """One name of ours may be another header in each table."""
    problem = read(
        segments=[{"Segment": "A"}],
        reps=[{"Matricule": 1042.0}],
        columns={"segments": {"id": "Segment"}, "reps": {"id": "Matricule"}},
    )
    assert (problem.strategy.segments[0].id, problem.sales_force.reps[0].id) == ("A", "1042")


PAGE = Path(__file__).parents[3] / "docs" / "reference" / "tables.md"


@pytest.mark.parametrize("table", KINDS)
def test_the_reference_has_every_column(table: str) -> None:
    """The page names each table with all its columns, bold where they must be there, and each setting."""
    (entry,) = [one for one in re.split(r"\n(?:- |#+ )", PAGE.read_text("utf-8")) if one.startswith(f"`{table}`")]
    bold = set(re.findall(r"\*\*(\w+)\*\*", entry))
    assert bold == {*KINDS[table].required}
    assert {*KINDS[table].readers} <= set(re.findall(r"\w+", entry))
    if table == "settings":
        names = {f"{holder}.{name}" for holder, readers in SETTING_READERS.items() for name in readers}
        assert set(re.findall(r"`(\w+\.\w+)`", entry)) == names


@pytest.mark.parametrize("table", [list, pd.DataFrame, pl.DataFrame, pyarrow.Table.from_pylist])
def test_lists_and_structs_in_cells(table: Any) -> None:
    """Cells of several things need not be text where a dataframe holds lists and structs."""
    problem = read(
        reps=table([{"id": "alice", "covers": ["A"], "ramp": [0.5, 0.75], "start": date(2027, 1, 1)}]),
        segments=table([{"id": "A", "criteria": {"field": "rooms", "at_least": 5.0, "at_most": None}}]),
        portfolio=table([{"id": "a1", "attributes": {"rooms": 80, "zip": None}}]),
    )
    assert problem.sales_force.reps[0].covers == ("A",)
    assert problem.sales_force.reps[0].ramp == pa.Ramp(months=[0.5, 0.75])
    assert problem.strategy.segments[0].criteria == pa.Condition(field="rooms", at_least=5)
    assert dict(problem.portfolio.accounts[0].attributes) == {"rooms": 80}
