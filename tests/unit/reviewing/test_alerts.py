"""Rules of alerts: from what passed a test or is a fact, by the money at stake, with parts that add up."""

from __future__ import annotations

import inspect
import math
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from planalloc.events.actuals import Actuals
from planalloc.replanning import changes
from planalloc.replanning.replan import CARRIES, replan
from planalloc.reviewing.alerts import Alert, Alerts
from planalloc.reviewing.review import Review, review
from simulated import happened, simulated_plan

if TYPE_CHECKING:
    from planalloc.plan.plan import Plan

JUNE = date(2027, 6, 30)
PLAN_TESTS = {"pace behind", "pace ahead", "execution behind", "under-worked accounts", "stuck deals", "thin pipeline"}
DIFFERENCES = {"conversion below", "conversion above", "revenue drift", "effort drift"}


@cache
def uneven() -> Review:
    """Return the review of a half-year in which bruno hardly converts, chloe sells a fifth, and dora hardly works."""
    plan = simulated_plan(6)
    actuals = happened(plan, JUNE, 3, converts={"bruno": 0.15}, sells={"chloe": 0.2}, works={"dora": 0.05})
    stranger = {"date": JUNE, "rep": "zoe", "segment": "A", "amount": 700.0}
    return review(plan, Actuals(**{**vars(actuals), "sales": [*actuals.sales, stranger]}), as_of=JUNE)


def raised(found: Review) -> set[tuple[str, str | None]]:
    """Return kinds of alerts and reps."""
    return {(alert.kind, alert.rep) for alert in found.alerts}


@pytest.mark.parametrize(
    ("kind", "rep"),
    [
        ("conversion below", "bruno"),
        ("pace behind", "chloe"),
        ("thin pipeline", "chloe"),
        ("execution behind", "dora"),
        ("under-worked accounts", "dora"),
        ("set aside", None),
    ],
)
def test_what_really_differs_raises_an_alert(kind: str, rep: str | None) -> None:
    """Each weakness that was put into the half-year is found, and named with whom it is about."""
    assert (kind, rep) in raised(uneven())


def test_alerts_come_by_the_money_at_stake() -> None:
    """The first alert has most money at stake, the last one least, and ranks count from 1."""
    stakes = uneven().alerts.table["at_stake"]
    assert len(stakes) > 5
    assert (np.diff(stakes) <= 0).all()
    assert uneven().alerts.table["rank"].tolist() == list(range(1, len(stakes) + 1))


def test_parts_of_each_alert_add_up_to_its_gap() -> None:
    """Whatever a gap is split by, its parts sum to it; and each alert is split in one way at least."""
    for alert in uneven().alerts:
        assert alert.parts, alert.kind
        for by, parts in alert.parts.items():
            assert math.isclose(sum(parts.values()), alert.gap, rel_tol=1e-9, abs_tol=1e-6), (alert.kind, by)


def test_a_pace_gap_is_told_by_segment_cause_stage_and_source() -> None:
    """Of a rep with activities, opportunities, their history and sources, the gap is split in all four ways."""
    (behind,) = (one for one in uneven().alerts if one.kind == "pace behind" and one.rep == "chloe")
    assert {"segment", "cause", "stage", "source"} <= behind.parts.keys()
    assert float(behind.figures["chance"]) < 0.05
    assert behind.adjusted <= 0.05


def test_tables_of_alerts_hold_all_records() -> None:
    """The tables have a row for each alert, and for each part of each."""
    alerts = uneven().alerts
    assert alerts.table["kind"].tolist() == [alert.kind for alert in alerts]
    assert len(alerts.parts) == sum(len(parts) for alert in alerts for parts in alert.parts.values())


def test_levers_are_changes_and_options_of_replan() -> None:
    """A lever names a record of changes with its own fields, or an option of replan with one of its values."""
    options = inspect.signature(replan).parameters
    levers = [lever for alert in uneven().alerts for lever in alert.levers]
    assert levers
    for lever in levers:
        if lever.record == "replan":
            assert lever.fields.keys() <= options.keys()
            assert lever.fields.get("carry", "spread") in CARRIES
        else:
            assert lever.fields.keys() <= getattr(changes, lever.record).model_fields.keys()


@pytest.mark.parametrize("kinds", [PLAN_TESTS, DIFFERENCES])
def test_reps_who_are_alike_raise_no_more_than_the_stated_rate(kinds: set[str]) -> None:
    """In 30 half-years of alike reps at a rate of 10 %, seven or more false reviews would have a chance of 3 %."""
    plan = simulated_plan(3)
    false = sum(bool({alert.kind for alert in found.alerts} & kinds) for found in _alike(plan))
    assert false <= 6


@cache
def _alike(plan: Plan) -> list[Review]:
    return [review(plan, happened(plan, JUNE, seed), as_of=JUNE, rate=0.1) for seed in range(100, 130)]


def test_half_the_rate_is_found() -> None:
    """A rep who converts at half the colleagues' rate over a year of opportunities is told apart, and nobody else."""
    plan, end = simulated_plan(6), date(2027, 12, 31)
    found = review(plan, happened(plan, end, 11, converts={"emil": 0.5}), as_of=end)
    assert {alert.rep for alert in found.alerts if alert.kind.startswith("conversion")} == {"emil"}


def test_nothing_told_is_nothing_behind() -> None:
    """Where no table of events is given, nobody is behind at anything."""
    assert len(review(simulated_plan(3), Actuals(), as_of=JUNE).alerts) == 0


def test_activities_that_nobody_reports_are_not_behind() -> None:
    """Where visits are reported and calls never are, missing calls raise no alert."""
    plan = simulated_plan(3)
    visits = [row for row in happened(plan, JUNE, 1).activities if row["activity"] == "visit"]
    found = review(plan, Actuals(activities=visits), as_of=JUNE)
    assert found.execution.total("execution") < 0.5
    assert not any(alert.kind == "execution behind" for alert in found.alerts)


def test_alerts_can_be_cut_and_chosen() -> None:
    """A slice of alerts is alerts, and those about some reps are in their order."""
    alerts = Alerts.ranked([Alert("pace behind", -float(n), 0.0, 1.0, "money", rep=f"r{n % 2}") for n in range(4)])
    assert [one.at_stake for one in alerts[:2]] == [3.0, 2.0]
    assert [one.at_stake for one in alerts.about("r0")] == [2.0, 0.0]
    assert str(alerts).splitlines()[0] == "alerts: 4 rows, 16 columns"


@cache
def untidy() -> Review:
    """Return a review of sales of which some come twice, some are later, and some name a rep or nobody wrongly."""
    plan = simulated_plan(3)
    told = happened(plan, JUNE, 1)
    first = {**told.sales[0], "id": "s1"}
    later = {**first, "id": "s2", "date": date(2027, 8, 1)}
    capital = {**first, "id": "s3", "rep": "ALICE"}
    logged = [{**told.activities[0], "id": f"a{n}", "activity": "Vist"} for n in range(2)]
    strange = {**told.activities[0], "id": "a9", "rep": "q"}
    sales = [*({"id": f"i{n}", **row} for n, row in enumerate(told.sales)), first, first, later, capital]
    activities = [*({"id": f"b{n}", **row} for n, row in enumerate(told.activities)), *logged, strange]
    return review(plan, Actuals(**{**vars(told), "sales": sales, "activities": activities}), as_of=JUNE)


def test_rows_that_come_twice_or_later_are_no_alerts() -> None:
    """A repeated row and one after the day of the review are set aside, and only what is wrong raises an alert."""
    rules = untidy().set_aside["rule"].tolist()
    assert any("repeats" in one for one in rules)
    assert any("after" in one for one in rules)
    alerts = [one for one in untidy().alerts if one.kind == "set aside"]
    assert sorted(one.names[0] for one in alerts) == ["activities", "activities", "sales"]


def test_what_was_set_aside_without_money_ranks_by_its_rows() -> None:
    """Rows without an amount are told by how many they are, the most first, and never as minus nothing."""
    several = [one for one in untidy().alerts if one.kind == "set aside" and one.at_stake == 0]
    assert [one.actual for one in several] == [2.0, 1.0]
    assert all("-0" not in str(one) and math.copysign(1.0, one.gap) > 0 for one in several)


def test_a_name_that_nearly_matches_is_suggested() -> None:
    """A rep in capitals and a mistyped activity come with the name that was meant."""
    told = [str(one) for one in untidy().alerts if one.kind == "set aside"]
    assert any(one.endswith("Did you mean 'alice'?") for one in told)
    assert any(one.endswith("Did you mean 'visit'?") for one in told)


def test_without_sales_no_pipeline_is_too_thin() -> None:
    """Where nobody reports sales, the year's end is unknown, and raises nothing."""
    told = happened(simulated_plan(6), JUNE, 3, sells={"chloe": 0.2})
    found = review(simulated_plan(6), Actuals(**{**vars(told), "sales": None}), as_of=JUNE)
    assert "thin pipeline" not in {alert.kind for alert in found.alerts}


def test_on_the_last_day_nothing_is_thin() -> None:
    """On the last day what is missing is the pace alone: nothing is left to come."""
    last = date(2027, 12, 31)
    plan = simulated_plan(6)
    found = review(plan, happened(plan, last, 3, sells={"chloe": 0.2}), as_of=last)
    kinds = {alert.kind for alert in found.alerts}
    assert "pace behind" in kinds
    assert "thin pipeline" not in kinds


def test_one_rep_s_missing_money_is_led_by_one_alert() -> None:
    """Alerts about the same rep that see the same gap stand within the largest of them; others stand alone."""
    hers = [one for one in uneven().alerts.about("chloe") if one.kind in {"pace behind", "thin pipeline"}]
    assert [one.within for one in hers] == [None, hers[0].kind]
    assert all(one.within is None for one in uneven().alerts if one.kind in {"pace ahead", "set aside"})
    leads = [(one.rep, one.within is None) for one in uneven().alerts.about("dora") if one.kind != "slipped deals"]
    assert leads.count(("dora", True)) == 1


def test_work_that_is_behind_names_the_kinds_that_miss() -> None:
    """Work behind names its kinds, those that miss most first."""
    (behind,) = (one for one in uneven().alerts.about("dora") if one.kind == "execution behind")
    rows = uneven().execution.where(rep="dora").by("activity").to_dicts()
    missed = {row["activity"]: row["due"] - row["credited"] for row in rows}
    assert behind.names == tuple(sorted((one for one in missed if missed[one] > 0), key=lambda one: -missed[one]))
    assert behind.step == behind.names[0]


def test_a_drift_names_what_misses() -> None:
    """A rep who calls and visits nobody drifts in visits."""
    plan = simulated_plan(6)
    told = happened(plan, JUNE, 3)
    kept = [row for row in told.activities if row["rep"] != "bruno" or row["activity"] != "visit"]
    found = review(plan, Actuals(**{**vars(told), "activities": kept}), as_of=JUNE)
    (drift,) = (one for one in found.alerts if one.kind == "effort drift")
    assert (drift.rep, drift.step) == ("bruno", "visit")
    assert drift.actual < drift.expected
