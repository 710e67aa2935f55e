"""What is measured at each size: our own phases first, then what peers make of the same question."""

from __future__ import annotations

from functools import partial
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING

from benchmarks.account_phases import account_figures
from benchmarks.companies import company, one_line_company
from benchmarks.figures import OURS, Figure
from benchmarks.measuring import Timed, import_seconds, peak_megabytes, timed
from benchmarks.peers import INTERIOR_POINT, PEERS, Peer, Told
from benchmarks.programs import absolute_program, first_program
from benchmarks.review_phases import review_figures

import planalloc as pa
from benchmarks import cascade
from planalloc.errors import SolveError, UnknownNameError
from planalloc.formulate.answering import program_of
from planalloc.formulate.formulation import formulate
from planalloc.lp.solvers import solver_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.sizes import Binding, OneLine, Suite

    from planalloc.lp.program import LinearProgram
    from planalloc.lp.solvers import Solver

__all__ = ["ABSOLUTE", "B2B", "BASE", "FIRST", "INTERIOR_POINT", "PHASES", "measured"]

PHASES = ("check", "formulate", "solve", "round", "tables")
"""The steps of `allocate`, as its report names them."""

FIRST, ABSOLUTE = "LP of the first tier", "LP in absolute form"
BASE = "numpy, pydantic.main"
"""What is loaded anyway: `import pydantic` alone loads nothing of it, the base of all records does."""
B2B = "b2b-revenue-forecasting"
BUDGET, PLAN_BUDGET = 10.0, 60.0
"""Seconds for all runs of a call, and of a whole plan."""

OUR_SOLVER = "block"
PINNED = "r00000"


def measured(suite: Suite) -> Iterator[Figure]:
    """Yield every figure of a suite as soon as it is there."""
    for size in suite.memory:
        yield _memory(size)
    for who, runs in zip((OURS, BASE), import_seconds(OURS, BASE, times=suite.times), strict=True):
        yield Figure("", 0, "import", who, runs, note="fresh processes")
    for with_accounts in suite.accounts:
        yield from account_figures(with_accounts, times=suite.times)
    for reviewed in suite.reviewed:
        yield from review_figures(reviewed, times=suite.times)
    for one in suite.one_line:
        yield from _one_line(one, suite)
    for size in suite.binding:
        yield from _binding(size, suite)


def _memory(size: Binding) -> Figure:
    figure = partial(Figure, size.name, size.reps, "peak memory", OURS, unit="MB")
    try:
        peak = peak_megabytes(reps=size.reps, lines=size.lines, load=size.load)
    except TimeoutExpired as error:
        return figure((), note=f"stopped after {error.timeout:.0f} s")
    return figure((peak,), note="a process of its own")


def _binding(size: Binding, suite: Suite) -> Iterator[Figure]:
    figure = partial(Figure, size.name, size.reps)
    made = timed(
        lambda: company(size.reps, size.lines, load=size.load, newcomers=size.newcomers),
        times=suite.times,
        budget=BUDGET,
    )
    problem = made.result
    yield figure("records", OURS, made.seconds)
    formulation = formulate(problem.canonical())
    compiled = timed(lambda: program_of(formulation), times=suite.times, budget=BUDGET)
    yield figure("program", OURS, compiled.seconds, note="rows and columns alone, part of solve")
    for phase, build in ((FIRST, first_program), (ABSOLUTE, absolute_program)):
        program = build(compiled.result)
        yield _ours_on(program, suite, partial(figure, phase))
        for peer in PEERS:
            yield _peer_on(program, peer, suite, partial(figure, phase), quick=size.quick)
    yield from _plan(problem, suite, figure)


def _plan(problem: pa.PlanningProblem, suite: Suite, figure: Callable[..., Figure]) -> Iterator[Figure]:
    """Yield the whole `allocate`, its steps as it reports them, and the plan's way to JSON and back."""
    steps: list[dict[str, float]] = []

    def allocate() -> pa.Plan:
        plan = pa.allocate(problem)
        steps.append(dict(plan.report.seconds))
        return plan

    try:
        whole = timed(allocate, times=suite.times, budget=PLAN_BUDGET)
    except (SolveError, TimeoutError) as error:
        yield figure("allocate", OURS, (), note=f"no plan: {error}")
        return
    plan, counted = whole.result, steps[-len(whole.seconds) :]
    by = ", ".join(sorted(set(plan.report.solvers.values())))
    optimum = plan.report.tiers["shortfall"] / (problem.strategy.revenue or 1.0) * 1000
    for phase in PHASES:
        note = f"path {plan.report.path}{f', by {by}' if by else ''}" if phase == "solve" else ""
        seconds = tuple(step[phase] for step in counted)
        yield figure(phase, OURS, seconds, optimum=optimum if phase == "solve" else None, note=note)
    yield figure("allocate", OURS, whole.seconds, note=f"all of the above, tables made: {len(plan.quotas):,} quotas")
    stored = timed(plan.to_json, times=suite.times, budget=BUDGET)
    yield figure("to JSON", OURS, stored.seconds, note=f"{len(stored.result) / 1e6:,.1f} million characters")
    back = timed(lambda: pa.Plan.from_json(stored.result), times=suite.times, budget=BUDGET)
    yield figure("from JSON", OURS, back.seconds, note="" if back.result == plan else "NOT THE SAME PLAN")
    yield _one_leaver(plan, suite, figure)


def _one_leaver(plan: pa.Plan, suite: Suite, figure: Callable[..., Figure]) -> Figure:
    """Revise a plan when a quarter is over, and sold as planned, and somebody has given notice."""
    last = plan.problem.calendar.periods("quarter")[0].end
    rows = plan.quotas.where(quarter=plan.problem.calendar.periods("quarter")[0].id).to_pandas()
    sales = rows[["start", "rep", "segment", "product", "business", "base"]].rename(
        columns={"start": "date", "base": "amount"}
    )
    rep = plan.problem.sales_force.reps[len(plan.problem.sales_force.reps) // 2].id
    leave = pa.Leave(rep=rep, on=plan.problem.calendar.periods("semester")[0].end)
    actuals = pa.Actuals(sales=sales, measure=plan.problem.strategy.measure)
    try:
        done = timed(
            lambda: pa.replan(plan, actuals, as_of=last, changes=[leave]), times=suite.times, budget=PLAN_BUDGET
        )
    except (SolveError, TimeoutError) as error:
        return figure("one leaver", OURS, (), note=f"no plan: {error}")
    seconds, path = done.result.report.seconds, done.result.report.path
    return figure("one leaver", OURS, done.seconds, note=f"whole replan, path {path}, solve {seconds['solve']:.2f} s")


def _our_solver() -> Solver | None:
    try:
        return solver_named(OUR_SOLVER)
    except UnknownNameError:
        return None


def _ours_on(program: LinearProgram, suite: Suite, figure: Callable[..., Figure]) -> Figure:
    solver = _our_solver()
    if solver is None:
        return figure(OURS, (), note=f"no solver {OUR_SOLVER!r} yet")
    try:
        done = timed(lambda: solver.solve(program), times=suite.times, budget=PLAN_BUDGET)
    except TimeoutError as error:
        return figure(OURS, (), note=str(error))
    solution = done.result
    note = f"by {solution.solver}" if solution.ok else f"no answer: {solution.reason.value} {solution.raw_status}"
    return figure(OURS, done.seconds, optimum=solution.objective if solution.ok else None, note=note)


def _peer_on(program: LinearProgram, peer: Peer, suite: Suite, figure: Callable[..., Figure], *, quick: bool) -> Figure:
    if quick and peer.slow:
        return figure(peer.name, (), note="left out here: see the company of this size with more hours")
    call = peer.prepare(program)
    if call is None:
        return figure(peer.name, (), note="not installed")
    done: Timed[Told] = timed(call, times=suite.times, budget=peer.budget)
    return figure(peer.name, done.seconds, optimum=done.result.optimum, note=done.result.note)


def _one_line(size: OneLine, suite: Suite) -> Iterator[Figure]:
    figure = partial(Figure, size.name, size.reps)
    problem = one_line_company(size.reps)
    yield from _plan(problem, suite, figure)
    plan = pa.allocate(problem)
    yield figure(
        "cascade",
        OURS,
        timed(lambda: pa.allocate(problem), times=suite.times, budget=BUDGET).seconds,
        note=f"whole allocate; {cascade.accuracy(plan)}",
    )
    amount = round(1.1 * plan.rep(PINNED).base, 2)

    def pin(known: pa.Plan | None) -> pa.Plan:
        return pa.allocate(problem.add(pa.Pin(rep=PINNED, base=amount)), known=known)

    for phase, known in (("one pin", plan), ("one pin, no plan known", None)):
        done = timed(partial(pin, known), times=suite.times, budget=BUDGET)
        off = abs(round((done.result.rep(PINNED).base - amount) * 100))
        note = f"whole allocate; pin off by {off} cents, {cascade.accuracy(done.result)}"
        yield figure(phase, OURS, done.seconds, note=note)
    yield from _b2b(plan, amount, suite, figure)


def _b2b(plan: pa.Plan, amount: float, suite: Suite, figure: Callable[..., Figure]) -> Iterator[Figure]:
    if not cascade.installed():
        yield figure("cascade", B2B, (), note="not installed")
        yield figure("one pin", B2B, (), note="not installed")
        return
    theirs = cascade.Cascade(plan)
    split = timed(theirs.cascade, times=suite.times, budget=PLAN_BUDGET)
    furthest = theirs.furthest(split.result, plan)
    note = f"cascade_many; {theirs.accuracy(split.result)}; a rep's month is at most {furthest} cents from ours"
    yield figure("cascade", B2B, split.seconds, note=note)
    pinned = timed(lambda: theirs.pin(split.result, PINNED, amount), times=suite.times, budget=BUDGET)
    off = abs(theirs.year(pinned.result, PINNED) - round(amount * 100))
    yield figure(
        "one pin", B2B, pinned.seconds, note=f"apply_pins; pin off by {off} cents, {theirs.accuracy(pinned.result)}"
    )
