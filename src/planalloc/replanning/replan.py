"""The verb of a revision: the past is closed, what was sold is credited, the rest moves as little as it must."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.checks.checking import Findings, check_canonical
from planalloc.errors import InfeasibleError, InputError, SolveError
from planalloc.events.actuals import Actuals
from planalloc.formulate.formulation import fair_split, formulate
from planalloc.formulate.ground import Ground
from planalloc.formulate.rounding import whole_base, whole_quota
from planalloc.formulate.verification import verify, verify_rules
from planalloc.model.base import Record, named_among
from planalloc.model.problem import record_key
from planalloc.numerics.apportion import cumulative_round
from planalloc.plan.plan import Plan
from planalloc.progress import Steps
from planalloc.replanning.carrying import rest_of
from planalloc.replanning.changes import changed, in_amounts, refuse_kinds, refuse_wrong
from planalloc.replanning.deciding import decide, open_numbers
from planalloc.replanning.laid_out import UNCHANGED, Revised, laid_out
from planalloc.replanning.moving_accounts import moved_numbers
from planalloc.replanning.refusing import refuse_together
from planalloc.replanning.standing import standing
from planalloc.replanning.telling import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from planalloc.formulate.formulation import Formulation
    from planalloc.model.problem import PlanningProblem
    from planalloc.progress import Progress
    from planalloc.replanning.carrying import Carry, Rest
    from planalloc.replanning.changes import Change
    from planalloc.replanning.deciding import Decided
    from planalloc.types import Bools

__all__ = ["replan"]

CARRIES = ("spread", "next_period", "same_rep", "same_team", "write_off")


def replan(
    plan: Plan,
    actuals: Actuals,
    *,
    as_of: date,
    changes: Iterable[Change] = (),
    carry: Carry = "spread",
    most_rise: float | None = None,
    freeze: int = 0,
    least_move: float = 0.0,
    progress: Progress = None,
) -> Plan:
    """Revise a plan: closed periods keep their numbers, sales are credited, and the rest moves as little as it must.

    What was credited, the open base and the shortfall make each line's target; what was sold beyond it, or is written
    off, is named in `Plan.beyond`. Limits hold over the whole horizon: a pin on a year leaves to the rest what its
    closed periods do not hold. The distance of F-10 is measured from where the plan stands.

    Parameters
    ----------
    plan : Plan
        The plan in force.
    actuals : Actuals
        What was sold since the horizon's first day.
    as_of : date
        Last day that is closed. A period that it cuts is split by its working days.
    changes : iterable of Change
        What is different from the next day on, in any order.
    carry : {"spread", "next_period", "same_rep", "same_team", "write_off"}
        What happens to what was missed or exceeded: it is spread over the rest of the line's season and over everyone
        who carries it; or falls into the next period; or stays with the rep, or the team, who missed it, as far as
        they still carry the line; or is not carried at all.
    most_rise : float, optional
        By how much the rest of any rep's number may rise, as a part of it; what nobody may take becomes shortfall.
    freeze : int
        Periods after the cut that must not move.
    least_move : float
        In money: whose number would move by less is held, and the others take it, unless more would give way then.
    progress : callable or True, optional
        As in `planalloc.allocate`.

    Returns
    -------
    Plan
        The revised plan, of the changed problem, with `as_of`, `credited` and `beyond`.

    Raises
    ------
    UnknownNameError
        When a change names what is not there, or `carry` is none of its values.
    InputError
        When the day lies before an earlier revision's or outside the horizon, the actuals are of another measure, an
        option is out of range, or the changed problem contradicts itself.
    InfeasibleError
        When hard limits leave the rest no plan.
    VerificationError
        When an answer does not pass our own check.

    Examples
    --------
    >>> from datetime import date
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1.0},
    ...                                     reps=["alice", "bruno"]).replace(pa.Policy(default_phasing="equal"))
    >>> sold = [{"date": date(2027, m, 15), "rep": r, "segment": "A", "amount": 40} for m in (1, 2, 3)
    ...         for r in ("alice", "bruno")]
    >>> revised = replan(pa.allocate(problem), pa.Actuals(sales=sold), as_of=date(2027, 3, 31))
    >>> revised.quotas.by("quarter").to_dicts()[1]["base"], revised.credited.total("revenue")
    (321, 240)
    """
    changes = _listed(changes)
    _refuse(plan, actuals, as_of, changes, carry=carry, most_rise=most_rise, freeze=freeze, least_move=least_move)
    with Steps(progress, total=5) as step:
        step("check")
        made_here = plan.formulation is not None  # its problem is in order then
        before = in_amounts(plan.problem if made_here else plan.problem.canonical())
        problem = changed(before, changes, as_of=as_of)
        ground = Ground(problem)
        findings = _without_lapsed(check_canonical(problem, ground=ground))
        findings.refuse_errors()
        step("formulate")
        at = standing(plan, ground, actuals, as_of=as_of)
        fair = cache(partial(fair_split, ground))
        formulation = formulate(problem, ground=ground, fair=fair() if problem.limits else at.reference.astype(float))
        fixed = _fixed(at.fixed, freeze)
        new_season = _season_changed(before, problem, formulation)
        _refuse_empty_seasons(formulation, new_season, fixed)
        more = _may_have_more_hours(before, problem, formulation)
        moved = moved_numbers(plan, changes, formulation, at, fixed=fixed)

        def rest_under(carry: Carry) -> Rest:
            return rest_of(formulation, at, moved=moved, fixed=fixed, carry=carry, season_changed=new_season, fair=fair)

        def decided_of(rest: Rest) -> Decided:
            news = problem != before or most_rise is not None
            least = round(least_move / float(problem.policy.step))
            return decide(
                formulation, at, rest, fixed=fixed, news=news, more=more, most_rise=most_rise, least_move=least
            )

        rest = rest_under(carry)
        step("solve")
        try:
            decided = decided_of(rest)
        except InfeasibleError as error:
            if carry != "write_off" and _has_answer(decided_of, rest_under("write_off")):
                error.hint += ' Or carry nothing of what was missed or sold on top: carry="write_off" leaves a plan.'
            raise
        left, answered = decided.left, decided.answered
        step("round")
        if answered.path == UNCHANGED:
            base = open_numbers(at, fixed)[0]
            shortfall = cumulative_round(rest.due - base.sum(axis=0))
            quota = np.where(fixed, 0, at.quota - at.closed_quota)
            verify_rules(left, base=base, quota=quota, shortfall=shortfall)
        else:
            base, shortfall = whole_base(left, answered)
            quota = whole_quota(left, answered, base=base)
            verify(left, answered, base=base, quota=quota, shortfall=shortfall)
        step("tables")
        revised = Revised(plan, formulation, decided, at, rest.kept_base, fixed, base, quota, shortfall)
        found = laid_out(revised, as_of=as_of, findings=(*findings.warnings, *told(at, before, problem)))
    return replace(found, report=replace(found.report, seconds=step.seconds))


def _has_answer(decided_of: Callable[[Rest], Decided], rest: Rest) -> bool:
    """Tell whether there is a plan for a rest."""
    try:
        decided_of(rest)
    except SolveError:
        return False
    return True


def _listed(changes: Any) -> tuple[Change, ...]:
    """Return what can be looped over as a tuple; what is no list stays, and is refused with all else that is wrong."""
    found: Any = changes
    if hasattr(changes, "__iter__") and not isinstance(changes, str | Record):
        found = tuple(changes)
    return found  # type: ignore[no-any-return]


def _refuse(plan: Any, actuals: Any, as_of: Any, changes: Any, *, carry: str, **numbers: Any) -> None:
    """Refuse what is wrong with the arguments; the changes' names and days are looked at where something else is."""
    if not isinstance(plan, Plan) or not isinstance(actuals, Actuals):
        raise InputError("replan(plan, actuals, as_of=...) takes a Plan and Actuals", hint="Sales go into Actuals.")
    if type(as_of) is not date:
        raise InputError(f"as_of is {as_of!r}, and must be a date", hint="Give it as date(2027, 3, 31).")

    def options() -> None:
        wrong = [*_wrong_day(plan, as_of), *_wrong_numbers(**numbers)]
        if actuals.measure != plan.problem.strategy.measure:
            wrong.append(f"the actuals are {actuals.measure}, and the plan is of {plan.problem.strategy.measure}")
        if wrong:
            raise InputError("; ".join(wrong), hint="Correct it and replan.")

    def names() -> None:
        refuse_kinds(changes)
        refuse_wrong(plan.problem, changes, as_of)

    checks: list[Callable[[], None]] = [partial(named_among, "carry", carry, CARRIES), options]
    try:
        refuse_together(*checks, partial(refuse_kinds, changes))
    except InputError:
        refuse_together(*checks, names)


def _wrong_day(plan: Plan, as_of: date) -> Iterator[str]:
    calendar = plan.problem.calendar
    if as_of < calendar.start - timedelta(days=1) or as_of > calendar.end:
        yield f"as_of is {as_of}, and the horizon goes from {calendar.start} to {calendar.end}"
    if plan.as_of is not None and as_of < plan.as_of:
        yield f"as_of is {as_of}, and the plan is closed up to {plan.as_of} already"


def refuse_rise(most_rise: Any) -> None:
    """Refuse what cannot be the most that a number may rise.

    Raises
    ------
    InputError
        When it is neither None nor a number of 0 or more.
    """
    if most_rise is not None and not (_is_number(most_rise) and 0 <= float(most_rise) < np.inf):
        raise InputError(
            f"most_rise is {most_rise!r}, and must be 0 or more: 10 % is 0.1", hint="Correct it and replan."
        )


def _is_number(given: Any) -> bool:
    return isinstance(given, Real) and not isinstance(given, bool)


def _wrong_numbers(*, most_rise: Any, freeze: Any, least_move: Any) -> Iterator[str]:
    try:
        refuse_rise(most_rise)
    except InputError as error:
        yield error.message
    if not (_is_number(freeze) and isinstance(freeze, Integral) and int(freeze) >= 0):
        yield f"freeze is {freeze!r}, and must be a whole number of periods, 0 or more"
    if not (_is_number(least_move) and 0 <= float(least_move) < np.inf):
        yield f"least_move is {least_move!r}, and must be money, 0 or more"


def _without_lapsed(findings: Findings) -> Findings:
    """Leave out that nobody has time for a line: of a plan in force that is a shortfall, not a mistake."""
    return Findings(tuple(one for one in findings if one.code != "nobody-has-time"))


def _refuse_empty_seasons(formulation: Formulation, changed_lines: Bools, fixed: Bools) -> None:
    """Refuse a new season that leaves nothing to what is open."""
    empty = changed_lines & (np.where(fixed, 0.0, formulation.season).sum(axis=1) <= 0)
    if empty.any():
        lines = ", ".join(record_key(formulation.index.lines[s]) for s in np.flatnonzero(empty)[:5])
        raise InputError(
            f"the new season of {lines} has no weight in what is open", hint="Give its open periods a weight."
        )


def _may_have_more_hours(before: PlanningProblem, after: PlanningProblem, formulation: Formulation) -> Bools:
    """Return who is new or has another record, or everybody where the work has changed, shape (R,)."""
    known, now = ({rep.id: rep for rep in problem.sales_force.reps} for problem in (before, after))
    work_changed = before.playbook != after.playbook
    return np.array([work_changed or known.get(rep.id) != now[rep.id] for rep in formulation.index.reps])


def _fixed(closed: Bools, freeze: int) -> Bools:
    """Return which periods must not move, shape (T,): closed ones, and some after them."""
    done = int(np.count_nonzero(closed))
    fixed: Bools = np.arange(len(closed)) < done + freeze
    return fixed


def _season_changed(before: PlanningProblem, after: PlanningProblem, formulation: Formulation) -> Bools:
    """Return which lines have another season than before, shape (S,)."""
    seasons = [{one.id: one for one in problem.strategy.seasonalities} for problem in (before, after)]
    old = {record_key(one): one.seasonality for one in before.strategy.targets}
    same = [
        seasons[0].get(old[record_key(line)] or "") == seasons[1].get(line.seasonality or "")
        for line in formulation.index.lines
    ]
    return ~np.array(same, dtype=bool)
