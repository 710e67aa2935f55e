"""What holds for every company with agreed numbers: they hold to the unit, or the call names those that cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import planalloc as pa
from companies import companies

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
PARTS = ("rep", "team", "segment", "business", "period")


@st.composite
def limited(draw: st.DrawFn) -> pa.PlanningProblem:
    """Draw a company and up to four limits near what its plan says without them."""
    problem = draw(companies(limits=False))
    plan = pa.allocate(problem)
    rows, step = plan.quotas.to_dicts(), problem.policy.round_to
    limits: list[pa.Pin | pa.Bound] = []
    for number in range(draw(st.integers(1, 4))):
        row = draw(st.sampled_from(rows))
        chosen = draw(st.sets(st.sampled_from(PARTS), min_size=1, max_size=3))
        parts: dict[str, Any] = {part: row[part] for part in sorted(chosen) if row[part] is not None}
        assume(parts)
        now = plan.quotas.where(**parts).total("quota")
        amount = round(round(now * draw(st.sampled_from([0, 0.5, 0.9, 1, 1, 1.1, 1.5])) / step) * step, 2)
        match draw(st.sampled_from(["pin", "at most", "at least"])):
            case "pin":
                limits.append(pa.Pin(**parts, quota=amount, name=f"limit {number}"))
            case "at most":
                limits.append(pa.Bound(**parts, at_most=amount, name=f"limit {number}"))
            case _:
                of = draw(st.sampled_from(["quota", "base"]))
                limits.append(pa.Bound(**parts, at_least=amount, of=of, name=f"limit {number}"))
    return problem.but(limits=limits)


def check_limits(plan: pa.Plan) -> None:
    """Every limit of the plan's problem holds in whole units."""
    for limit in plan.problem.limits:
        assert isinstance(limit, pa.Pin | pa.Bound)
        of = "quota" if isinstance(limit, pa.Pin) else limit.of
        total = plan.quotas.where(**limit.parts).total(of)
        lower = limit.quota if isinstance(limit, pa.Pin) else limit.at_least
        upper = limit.quota if isinstance(limit, pa.Pin) else limit.at_most
        assert lower is None or total >= lower - 1e-6
        assert upper is None or total <= upper + 1e-6


def outcome(problem: pa.PlanningProblem) -> pa.Plan | pa.InfeasibleError:
    """Return the plan, or the refusal."""
    try:
        return pa.allocate(problem)
    except pa.InfeasibleError as error:
        return error


def hold_or_are_named(problem: pa.PlanningProblem) -> None:
    """Plan a limited company and check what comes out, be it a plan or a refusal."""
    assume(not pa.check(problem).errors)
    found = outcome(problem)
    if isinstance(found, pa.InfeasibleError):
        assert found.relaxation
        assert any(limit.label in str(found) for limit in problem.limits)
        return
    check_limits(found)
    whole = found.quotas.total("base") + found.shortfall.total("revenue")
    assert whole == pytest.approx(problem.strategy.revenue, abs=problem.policy.round_to / 10)


@settings(max_examples=50, deadline=None, suppress_health_check=SLOW)
@given(limited())
def test_limits_hold_to_the_unit_or_are_named(problem: pa.PlanningProblem) -> None:
    """S-7, S-8: pins and bounds hold exactly after rounding, or the call raises and names those that collide."""
    hold_or_are_named(problem)


@pytest.mark.long
@settings(max_examples=500, deadline=None, suppress_health_check=SLOW)
@given(limited())
def test_many_more_limits_hold_to_the_unit_or_are_named(problem: pa.PlanningProblem) -> None:
    """The same on many more companies."""
    hold_or_are_named(problem)
