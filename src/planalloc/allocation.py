"""The main verb: a problem in, a plan out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from planalloc.checks.checking import check_canonical, check_limits
from planalloc.errors import InfeasibleError
from planalloc.formulate.answering import answer
from planalloc.formulate.formulation import formulate
from planalloc.formulate.ground import Ground
from planalloc.formulate.overlay import overlay_problem
from planalloc.formulate.rounding import whole_base, whole_quota, whole_reference, with_reference
from planalloc.formulate.verification import verify
from planalloc.lp.solvers import solver_named
from planalloc.model.base import named_among
from planalloc.plan.coverage_table import coverage_table
from planalloc.plan.money_tables import MoneyTables
from planalloc.plan.plan import Plan
from planalloc.plan.report import Report
from planalloc.plan.work_tables import WorkTables
from planalloc.progress import Steps

if TYPE_CHECKING:
    from planalloc.checks.checking import Findings
    from planalloc.formulate.formulation import Formulation
    from planalloc.model.problem import PlanningProblem
    from planalloc.progress import Progress

__all__ = ["allocate"]


def allocate(
    problem: PlanningProblem,
    *,
    on_infeasible: Literal["raise", "relax"] = "raise",
    solver: str | None = None,
    known: Plan | None = None,
    progress: Progress = None,
) -> Plan:
    """Turn a problem into one plan per rep: check, formulate, solve, round, verify, lay out.

    Parameters
    ----------
    problem : PlanningProblem
        Any problem; the order of its records plays no part.
    on_infeasible : {"raise", "relax"}
        What to do when hard limits collide: raise, or make the least change to them (`relax`) and plan that; the plan's
        report says what gave way, and its problem is the changed one.
    solver : str, optional
        Who solves the linear programs, one of `available_solvers`; by default our own solver, which takes all tiers at
        once, and HiGHS where that cannot be certain. The plan is the same: the last program, which makes it unique, is
        always our own solver's.
    known : Plan, optional
        A plan made in this session, of a problem that this one was made from by adding, replacing or dropping limits:
        what the two share is not worked out again. The plan is the same, only sooner; any other plan is no help, and
        no harm.
    progress : callable or True, optional
        Called with the name of each phase as it begins; True shows a bar, where ``tqdm`` is installed.

    Returns
    -------
    Plan
        In whole units that add up on every margin.

    Raises
    ------
    UnknownNameError
        When an id is used that nobody defined, no such solver is here, or `on_infeasible` is none of its values.
    InputError
        When the inputs contradict each other; all findings at once.
    InfeasibleError
        When hard limits collide; it names them and the least that must give way.
    VerificationError
        When an answer does not pass our own check.
    LimitReachedError
        When a solver ran out of time or iterations.
    BackendUnavailableError
        When the calendar names a country and the package ``holidays`` is missing.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=12_000_000, currency="EUR",
    ...                                     shares={"A": 0.35, "B": 0.25, "C": 0.40}, reps=["alice", "bruno", "chloe"])
    >>> pa.allocate(problem).quotas.by("segment").to_dicts()[0]
    {'segment': 'A', 'reference': 4200000, 'base': 4200000, 'quota': 4200000}
    """
    named_among("on_infeasible", on_infeasible, ("raise", "relax"))
    with Steps(progress, total=5) as step:
        step("check")
        problem = problem.canonical()
        ground, findings, shared = _checked(problem, known)
        step("formulate")
        formulation = formulate(problem, ground=ground, known=shared)
        step("solve")
        try:
            answered = answer(formulation, solver=None if solver is None else solver_named(solver))
            step("round")
            base, shortfall = whole_base(formulation, answered)
            quota = whole_quota(formulation, answered, base=base)
        except InfeasibleError as error:
            if on_infeasible == "raise":
                raise
            return _relaxed(error, solver, progress)
        verify(formulation, answered, base=base, quota=quota, shortfall=shortfall)
        step("tables")
        reference = whole_reference(formulation, answered, base=base)
        money = MoneyTables(formulation, answered, base, quota, reference, shortfall)
        work = WorkTables(formulation, answered, base)
        activities = work.activities()
        report = Report(
            termination="optimal",
            path=answered.path,
            solvers=answered.solvers,
            tiers=answered.tiers,
            residuals=answered.residuals,
            working_days=_working_days(problem),
            phasing_gap=money.phasing_gap(),
            seconds=step.seconds,
        )
        quotas = money.quotas()
        overlay = overlay_problem(problem, base.sum(axis=0))
        second = quotas.head(0) if overlay is None else allocate(overlay).quotas
        return Plan(
            problem=problem,
            quotas=quotas,
            overlay_quotas=replace(second, name="overlay quotas"),
            activities=activities,
            unscheduled=work.unscheduled(),
            pipeline=work.pipeline(),
            capacity=work.capacity(activities),
            shortfall=money.shortfalls(),
            earlier_work=work.earlier_work(),
            coverage=coverage_table(formulation, answered),
            report=report,
            findings=findings.warnings,
            formulation=with_reference(formulation, answered, reference),
        )


def _checked(problem: PlanningProblem, known: Plan | None) -> tuple[Ground, Findings, Formulation | None]:
    """Return a problem's ground, its warnings, and the arrays of a known plan where that stands on the same ground."""
    formulation = None if known is None else known.formulation
    if known is None or formulation is None or not formulation.ground.carries(problem):
        ground = Ground(problem)
        findings = check_canonical(problem, ground=ground)
        findings.refuse_errors()
        return ground, findings, None
    ground = formulation.ground.under(problem)
    findings = check_limits(problem, ground=ground, settled=known.findings)
    findings.refuse_errors()
    return ground, findings, formulation


def _relaxed(error: InfeasibleError, solver: str | None, progress: Progress) -> Plan:
    """Plan the problem with the least change made to it."""
    from planalloc.formulate.relaxing import completed  # noqa: PLC0415 -- loaded only when limits collide

    relaxation = completed(error.relaxation)
    if relaxation.problem is None:
        raise error
    plan = allocate(relaxation.problem, solver=solver, progress=progress)
    return replace(plan, report=replace(plan.report, relaxed=relaxation.changes))


def _working_days(problem: PlanningProblem) -> str:
    country, part = problem.calendar.country, problem.calendar.subdivision
    if country is None:
        return "Monday to Friday"
    return f"Monday to Friday, less public holidays of {country}{f'-{part}' if part else ''}"
