"""The invented firm through its year: two leave, one joins, a target falls, and each month the plan is revised."""

from __future__ import annotations

import itertools
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

import planalloc as pa

SCRIPT = Path(__file__).parents[2] / "examples" / "digital_services" / "year.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    """Run the example as a module, which plans nothing."""
    return run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def first(script: dict[str, Any]) -> pa.Plan:
    """Plan the year once."""
    return pa.allocate(script["problem"]())


@pytest.fixture(scope="module")
def months(script: dict[str, Any], first: pa.Plan) -> list[Any]:
    """Revise it at the end of each month."""
    found: list[Any] = script["year"](first)
    return found


def test_each_month_s_past_stays_closed(first: pa.Plan, months: list[Any]) -> None:
    """S-12: a number of a closed month is what it was, through all revisions after it."""
    plans = [first, *(month.plan for month in months)]
    for before, after in itertools.pairwise(plans):
        closed = [row for row in before.quotas.to_dicts() if row["end"] <= after.as_of]
        assert closed == [row for row in after.quotas.to_dicts() if row["end"] <= after.as_of]


def test_credited_open_and_short_make_the_targets(months: list[Any]) -> None:
    """S-1 after a replan, for the whole company, each month."""
    for month in months:
        plan = month.plan
        made = plan.credited.total("revenue") + plan.quotas.total("base") - plan.credited.total("base")
        made += plan.shortfall.total("revenue") - plan.beyond.total("surplus") + plan.beyond.total("written_off")
        assert made == plan.problem.strategy.revenue


def test_who_left_carries_nothing_and_who_joined_does(months: list[Any]) -> None:
    """Noémie after May, Valentin after September: nothing; Karim from June on: something."""
    last = months[-1].plan.quotas
    carried = {(row["rep"], row["period"]): row["quota"] for row in last.by("rep", "period").to_dicts()}
    assert not any(carried.get(("noemie", f"2027-{m:02}")) for m in range(6, 13))
    assert not any(carried.get(("valentin", f"2027-{m:02}")) for m in range(10, 13))
    assert sum(carried.get(("karim", f"2027-{m:02}"), 0) for m in range(6, 13)) > 0


def test_the_pins_of_the_first_plan_hold_at_the_end(first: pa.Plan, months: list[Any]) -> None:
    """What was agreed in November is still what people carry, whatever was sold."""
    last = months[-1].plan
    for pin in (one for one in first.problem.limits if isinstance(one, pa.Pin)):
        assert last.quotas.where(**pin.parts).total("quota") == pin.quota


def test_the_target_that_fell_in_june_is_the_lower_one(first: pa.Plan, months: list[Any]) -> None:
    """The revenue of the year falls by a tenth of one line, and by nothing else."""
    before, after = first.problem.strategy.revenue or 0.0, months[-1].plan.problem.strategy.revenue or 0.0
    assert 0 < before - after < 0.1 * before
