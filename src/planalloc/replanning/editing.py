"""A plan opened for an edit by hand: its numbers as arrays, and the way back to a plan, every rule looked at again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.checks.checking import check_canonical
from planalloc.errors import InputError
from planalloc.events.actuals import Actuals
from planalloc.formulate.answering import Answered
from planalloc.formulate.formulation import formulate
from planalloc.formulate.ground import Ground
from planalloc.formulate.verification import HOURS_TOLERANCE, broken_rules
from planalloc.model.finding import Finding
from planalloc.plan.coverage_table import coverage_table
from planalloc.plan.labels import Labels
from planalloc.plan.plan import Plan
from planalloc.plan.table import Column, Table, Text
from planalloc.plan.work_tables import WorkTables
from planalloc.replanning.carrying import Rest
from planalloc.replanning.deciding import Decided
from planalloc.replanning.laid_out import Revised, laid_out
from planalloc.replanning.rest import open_formulation
from planalloc.replanning.standing import cells_of, standing

if TYPE_CHECKING:
    from planalloc.formulate.formulation import Formulation
    from planalloc.model.problem import PlanningProblem
    from planalloc.replanning.standing import Standing
    from planalloc.types import Bools, Floats, Ints

__all__ = ["EDITED", "Opened", "edited", "opened", "require_plan"]

EDITED = "edited"
"""The path of a plan that was changed by hand, and the code of the note that says what was changed."""

WORK = ("activities", "unscheduled", "pipeline", "capacity", "earlier_work", "coverage")
MOST_REASONS = 5
"""Reasons that a refusal lists."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A plan as arrays, for R reps, S lines, T periods, in rounding units.

    Attributes
    ----------
    plan : Plan
        The plan.
    formulation : Formulation
        Of its problem, whole horizon.
    whole : Formulation
        The same with the time that is left.
    at : Standing
        Its numbers, and what of them is closed.
    rest : Rest
        What is open, as it stands.
    warnings : tuple of Finding
        What the problem that it will answer to makes worth knowing, where it is another one.
    """

    plan: Plan
    formulation: Formulation
    whole: Formulation
    at: Standing
    rest: Rest
    warnings: tuple[Finding, ...] = ()

    @cached_property
    def hours(self) -> Floats:
        """What the plan takes before the edit, under the problem that it answers to then, shape (R, T)."""
        same = self.formulation.ground.problem == self.plan.problem
        return _hours(self.whole, self.at, self.at.base) if same else opened(self.plan).hours

    @property
    def open_base(self) -> Ints:
        """Numbers that may move, shape (R, S, T)."""
        return self.at.base - self.at.closed_base

    @property
    def closed(self) -> Bools:
        """Periods that are closed from their first day to their last, shape (T,)."""
        return self.at.fixed

    @property
    def may_carry(self) -> Bools:
        """Whether a rep may carry a line in a period that is not closed, shape (R, S, T)."""
        return self.formulation.may_carry & ~self.closed


def require_plan(plan: Any) -> None:
    """Refuse what is no plan.

    Raises
    ------
    InputError
        When it is none.
    """
    if not isinstance(plan, Plan):
        raise InputError(
            f"an edit takes a plan first, and this is {'None' if plan is None else f'a {type(plan).__name__}'}",
            hint="Give what allocate or replan returned, or log.plan.",
        )


def opened(plan: Plan, *, problem: PlanningProblem | None = None) -> Opened:
    """Return a plan as arrays.

    Parameters
    ----------
    plan : Plan
        New or revised.
    problem : PlanningProblem, optional
        The problem that the edited plan will answer to, where it is another one: the same reps, lines and periods.

    Raises
    ------
    InputError
        When that problem contradicts itself, or it is no plan.
    """
    require_plan(plan)
    same = problem is None or problem == plan.problem
    problem = plan.problem if problem is None else problem
    warnings: tuple[Finding, ...] = ()
    if same and plan.formulation is not None:
        formulation, ground = plan.formulation, plan.formulation.ground
    else:
        ground = Ground(problem)
        if not same:
            findings = check_canonical(problem, ground=ground)
            findings.refuse_errors()
            warnings = findings.warnings
        formulation = formulate(problem, ground=ground)
    as_of = plan.as_of or problem.calendar.start - timedelta(days=1)
    at = standing(plan, ground, Actuals(measure=problem.strategy.measure), as_of=as_of)
    at = replace(at, credited=cells_of(ground.index, plan.credited, "revenue"))
    rest = _as_it_stands(at)
    whole = formulation
    if plan.as_of is not None:
        whole = open_formulation(formulation, at, rest, fixed=at.fixed)
    return Opened(plan, formulation, whole, at, rest, warnings)


def _as_it_stands(at: Standing) -> Rest:
    """Return what is open of a plan as the rest of a year that is to stay what it is."""
    fixed, still = at.fixed, at.base - at.closed_base
    unmet = np.where(fixed, 0, at.shortfall - at.closed_shortfall)
    due = np.where(fixed, 0, still.sum(axis=0)) + unmet
    nothing = np.zeros(len(due), dtype=np.int64)
    kept_shortfall = np.where(fixed, at.shortfall, 0) - np.where(fixed, at.closed_shortfall, 0)
    return Rest(
        targets=due.sum(axis=1),
        due=due.astype(float),
        wish=np.where(fixed, 0, still).astype(float),
        kept_base=at.closed_base,
        kept_quota=at.closed_quota,
        kept_shortfall=kept_shortfall,
        surplus=nothing,
        written_off=nothing,
    )


def edited(found: Opened, base: Ints, *, note: Finding) -> Plan:
    """Return the plan with other numbers, or refuse them.

    Nothing but the reps whose numbers or hours change is laid out anew: the rows of all others are those of before.

    Parameters
    ----------
    found : Opened
        The plan as it was, under the problem that it answers to from now on.
    base : Ints
        The new numbers, shape (R, S, T); they add up to what they were on every line.
    note : Finding
        What was changed, for the plan to say.

    Raises
    ------
    InputError
        When a limit, coverage, presence or somebody's hours would break; it says which, for whom and by how much.
    """
    plan, before = found.plan, found.at.base
    quota = _quota(found, base)
    _refuse(found, base, quota)
    problem = found.formulation.ground.problem
    touched = (base != before).any(axis=(1, 2)) | (quota != found.at.quota).any(axis=(1, 2))
    touched |= _other_accounts(plan.problem, problem, found)
    tables = _laid_out(found, base, quota) if touched.any() else {}
    fresh: dict[str, Any] = {
        name: _with_rows(getattr(plan, name), table, touched, found)
        for name, table in tables.items()
        if name in WORK and (name != "coverage" or problem != plan.problem)
    }
    if "overlay_quotas" in tables and (base.sum(axis=0) != before.sum(axis=0)).any():
        fresh["overlay_quotas"] = tables["overlay_quotas"]
    notes = tuple(one for one in plan.findings if one != note)
    return replace(
        plan,
        problem=problem,
        quotas=_money(found, plan.quotas, base, quota),
        **fresh,
        report=replace(plan.report, path=EDITED, solvers={}, tiers={}, residuals={}, seconds={}),
        findings=(*notes, note),
        formulation=None,
    )


def _quota(found: Opened, base: Ints) -> Ints:
    """Return what people carry: as before, and the hedge of what is new, whole from period to period (F-14)."""
    delta = (base - found.at.base) * found.formulation.index.hedge[:, None, None]
    steps = np.rint(np.cumsum(delta, axis=2)).astype(np.int64)
    quota = found.at.quota + np.diff(steps, axis=2, prepend=0)
    held: Ints = np.maximum(quota, found.at.closed_quota)
    return held


def _refuse(found: Opened, base: Ints, quota: Ints) -> None:
    """Refuse numbers that break a rule which the plan kept before."""
    index, at = found.formulation.index, found.at
    broken = [
        broken_rules(found.formulation, one, other, at.shortfall, mixes=(one, one - at.closed_base))
        for one, other in ((at.base, at.quota), (base, quota))
    ]
    wrong = [one for one in broken[1] if one not in broken[0]]
    if (base < at.closed_base).any():
        wrong.append("a number would fall below what is closed of it")
    hours, was = _hours(found.whole, at, base), found.hours
    allowed = found.whole.time.hours + found.whole.limits.overtime
    over = (hours - allowed) > HOURS_TOLERANCE * np.maximum(allowed, 1.0)
    over &= hours > was + HOURS_TOLERANCE * np.maximum(was, 1.0)
    wrong += [
        f"{index.reps[r].id} would need {hours[r, t] - allowed[r, t]:,.3g} hours too many in {index.periods[t].id}"
        for r, t in np.argwhere(over)
    ]
    if wrong:
        more = f"; and {len(wrong) - MOST_REASONS} more" if len(wrong) > MOST_REASONS else ""
        raise InputError(
            f"this edit would break {len(wrong)} rule{'' if len(wrong) == 1 else 's'}: "
            + "; ".join(wrong[:MOST_REASONS])
            + more,
            hint="Move less, or change the limit or the hours first.",
            findings=tuple(Finding("edit-refused", "error", "quotas", "this edit", one, "") for one in wrong),
        )


def _hours(whole: Formulation, at: Standing, base: Ints) -> Floats:
    """Return the hours that what is open of some numbers takes, shape (R, T)."""
    still = np.where(at.fixed, 0, base - at.closed_base)
    return whole.work.hours(still.astype(float), at.coverage)


def _other_accounts(before: PlanningProblem, after: PlanningProblem, found: Opened) -> Bools:
    """Return which reps own other accounts than before, shape (R,)."""
    place = found.formulation.index.rep_position
    changed: Bools = np.zeros(len(place), dtype=bool)
    old = {one.id: one.owner for one in before.portfolio.accounts}
    for account in after.portfolio.accounts:
        if old.get(account.id) != account.owner:
            changed[[place[one] for one in (old.get(account.id), account.owner) if one in place]] = True
    return changed


def _laid_out(found: Opened, base: Ints, quota: Ints) -> dict[str, Table]:
    """Return the tables of everybody's work, and of the overlay, for the new numbers."""
    at, plan, rest = found.at, found.plan, found.rest
    still = np.where(found.closed, 0, base - at.closed_base)
    unmet = rest.due.sum(axis=1) - np.where(found.closed, 0, found.open_base).sum(axis=(0, 2))
    answered = Answered(base.astype(float), unmet, at.coverage, found.whole.weights, EDITED)
    if plan.as_of is not None:
        short = np.where(found.closed, 0, at.shortfall - at.closed_shortfall)
        open_quota = np.where(found.closed, 0, quota - at.closed_quota)
        decided = Decided(found.whole, found.whole, rest, replace(answered, base=still.astype(float)))
        changed = Revised(plan, found.formulation, decided, at, rest.kept_base, found.closed, still, open_quota, short)
        revised = laid_out(changed, as_of=plan.as_of, findings=plan.findings)
        return {name: getattr(revised, name) for name in (*WORK, "overlay_quotas")}
    work = WorkTables(found.formulation, answered, base)
    activities = work.activities()
    tables = {
        "activities": activities,
        "unscheduled": work.unscheduled(),
        "pipeline": work.pipeline(),
        "capacity": work.capacity(activities),
        "earlier_work": work.earlier_work(),
        "coverage": coverage_table(found.formulation, answered),
    }
    overlay = _overlay(found, base)
    return tables if overlay is None else {**tables, "overlay_quotas": overlay}


def _overlay(found: Opened, base: Ints) -> Table | None:
    from planalloc.allocation import allocate  # noqa: PLC0415 -- loads the engine
    from planalloc.formulate.overlay import overlay_problem  # noqa: PLC0415

    problem = overlay_problem(found.formulation.ground.problem, base.sum(axis=0))
    return None if problem is None else replace(allocate(problem).quotas, name="overlay quotas")


def _with_rows(before: Table, after: Table, touched: Bools, found: Opened) -> Table:
    """Return the new rows of those who are touched, and the old ones of all others, in the order of reps."""
    place = found.formulation.index.rep_position
    keep = [~_of(touched, before, place), _of(touched, after, place)]
    contents: dict[str, Column] = {}
    for name, new in after.contents.items():
        old = before.contents[name]
        if isinstance(new, Text) and isinstance(old, Text):
            codes = np.concatenate([old.codes[keep[0]], new.codes[keep[1]]])
            contents[name] = Text(codes, new.categories)
        else:
            contents[name] = np.concatenate([np.asarray(old)[keep[0]], np.asarray(new)[keep[1]]])
    rep = contents["rep"]
    assert isinstance(rep, Text)  # noqa: S101 -- ids are text
    order = np.argsort(rep.codes, kind="stable")
    contents = {
        name: Text(one.codes[order], one.categories) if isinstance(one, Text) else one[order]
        for name, one in contents.items()
    }
    return replace(after, contents=contents)


def _of(touched: Bools, table: Table, place: dict[str, int]) -> Bools:
    rep = table.contents["rep"]
    assert isinstance(rep, Text)  # noqa: S101 -- ids are text
    which = np.array([touched[place[one]] for one in rep.categories], dtype=bool)
    found: Bools = which[rep.codes] if len(which) else np.zeros(len(table), dtype=bool)
    return found


def _money(found: Opened, quotas: Table, base: Ints, quota: Ints) -> Table:
    """Return the table of quotas with other numbers in its rows."""
    index = found.formulation.index
    rep, line, period = _rows(quotas, Labels(found.formulation))
    numerator, denominator = index.problem.policy.step.as_integer_ratio()
    contents = dict(quotas.contents)
    for name, units in (("base", base), ("quota", quota)):
        scaled = units[rep, line, period] * numerator
        contents[name] = scaled if denominator == 1 else scaled / denominator
    if "units" in contents:
        prices = {one.id: one.unit_price for one in index.problem.strategy.products}
        price = np.array([prices.get(one.product or "") or np.nan for one in index.lines])
        contents["units"] = np.asarray(contents["quota"]) / price[line]
    return replace(quotas, contents=contents)


def _rows(quotas: Table, labels: Labels) -> tuple[Ints, Ints, Ints]:
    """Return the positions of rep, line and period of each row."""
    index = labels.formulation.index
    lines = labels.lines(np.arange(len(index.lines)))
    columns = [quotas.contents[name] for name in ("rep", *lines, "period")]
    codes = [one.codes.astype(np.int64) for one in columns if isinstance(one, Text)]
    width = [len(one.categories) + 1 for one in lines.values() if isinstance(one, Text)]
    keys = [one.codes.astype(np.int64) + 1 for one in lines.values() if isinstance(one, Text)]
    place = np.zeros(int(np.prod(width)), dtype=np.int64)
    place[np.ravel_multi_index(tuple(keys), tuple(width))] = np.arange(len(index.lines))
    line: Ints = place[np.ravel_multi_index(tuple(one + 1 for one in codes[1:4]), tuple(width))]
    return codes[0], line, codes[4]
