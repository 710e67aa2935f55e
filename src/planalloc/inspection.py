"""Looking into a problem without planning it: what has to give way, and the program behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from planalloc.checks.checking import check_canonical
from planalloc.errors import InfeasibleError, UnknownNameError
from planalloc.formulate.answering import answer, program_of
from planalloc.formulate.formulation import formulate
from planalloc.formulate.gives_way import Relaxation
from planalloc.formulate.rounding import whole_base, whole_quota
from planalloc.lp.solvers import available
from planalloc.model.base import named_among

if TYPE_CHECKING:
    from planalloc.model.problem import PlanningProblem

__all__ = ["available_solvers", "relax", "write_program"]


def relax(problem: PlanningProblem) -> Relaxation:
    """Return what has to give way before a problem has a plan: nothing, where it has one.

    Parameters
    ----------
    problem : PlanningProblem
        Any problem.

    Raises
    ------
    InputError
        When the inputs contradict each other on their face.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1000, currency="EUR", shares={"A": 1}, reps=["alice"])
    >>> print(pa.relax(problem.add(pa.Bound(rep="alice", at_least=900), pa.Bound(segment="A", at_most=800))))
    cannot hold together: bound: A <= 800; bound: alice >= 900
    the least change: 'bound: A <= 800' up by 100 EUR
    """
    problem = problem.canonical()
    check_canonical(problem).refuse_errors()
    formulation = formulate(problem)
    from planalloc.lp.solvers.highs import Highs  # noqa: PLC0415 -- loaded only for those who look inside

    try:
        answered = answer(formulation, solver=Highs())
        base, _ = whole_base(formulation, answered)
        whole_quota(formulation, answered, base=base)
    except InfeasibleError as error:
        from planalloc.formulate.relaxing import completed  # noqa: PLC0415 -- loaded only when limits collide

        return completed(error.relaxation)
    return Relaxation()


def write_program(problem: PlanningProblem, *, file_format: Literal["lp", "mps"] = "lp", tier: str = "distance") -> str:
    """Return the program behind a problem as the text of an LP or MPS file, with readable names.

    Parameters
    ----------
    problem : PlanningProblem
        Any problem, be it that nothing binds in it.
    file_format : {"lp", "mps"}
        Which format.
    tier : str
        Whose objective: shortfall, coverage, overtime or distance, where the problem has such a tier.

    Raises
    ------
    InputError
        When the inputs contradict each other on their face.
    UnknownNameError
        When the problem has no such tier, or there is no such format.

    Examples
    --------
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1000, currency="EUR", shares={"A": 1}, reps=["alice"])
    >>> print(write_program(problem, tier="shortfall").splitlines()[0])
    Minimize
    """
    named_among("file_format", file_format, ("lp", "mps"))
    from planalloc.formulate.naming import named_program  # noqa: PLC0415 -- loaded only for those who look inside
    from planalloc.lp import export  # noqa: PLC0415

    problem = problem.canonical()
    check_canonical(problem).refuse_errors()
    program = program_of(formulate(problem))
    known = [one.name for one in program.tiers]
    if tier not in known:
        raise UnknownNameError(f"this problem has no tier {tier!r}", hint=f"It has: {', '.join(known)}.", name=tier)
    named = named_program(program, tier=tier)
    return export.write_lp(named) if file_format == "lp" else export.write_mps(named)


def available_solvers() -> tuple[str, ...]:
    """Return the names of the solvers on this machine, for ``allocate(solver=...)``.

    HiGHS comes with scipy; ``pulp:...`` are those that PuLP finds.

    Examples
    --------
    >>> available_solvers()[0]
    'highs'
    """
    return available()
