"""`Plan`: the answer to one problem, as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from planalloc.errors import UnknownNameError
from planalloc.model.base import nearest, suggest
from planalloc.plan.display import plan_html, plan_text
from planalloc.plan.part import RepPlan, TeamPlan
from planalloc.plan.stored import read_plan, write_plan

if TYPE_CHECKING:
    from planalloc.formulate.formulation import Formulation
    from planalloc.model.finding import Finding
    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.explain import Explanation
    from planalloc.plan.report import Report
    from planalloc.plan.table import Table

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """One plan per rep, with the money and the activities of every period.

    Made by `planalloc.allocate`; `==` compares everything but the seconds of the report.

    Attributes
    ----------
    problem : PlanningProblem
        What the plan answers to, its records in the order of their ids.
    quotas : Table
        rep, team, segment, product, business, period, start, end, reference, base, quota, in money; also units where
        products have a price. `base` adds up to the targets, `quota` is what people carry, `reference` the simple
        answer.
    overlay_quotas : Table
        The same columns for overlay reps: a second quota on revenue that stands in `quotas` already.
    activities : Table
        rep, segment, stage, activity, channel, period, source (funnel, cadence, or both: funnel work that a cadence
        counts as its own), booked_in (this horizon, or the next one: the year wraps), count, hours.
    pipeline : Table
        rep, segment, stage, period, booked_in, opportunities, value in money.
    capacity : Table
        rep, period, start, end, available_hours, planned_hours, overtime_hours, utilization.
    shortfall : Table
        segment, product, business, period, revenue in money; empty when every target is met.
    earlier_work : Table
        rep, segment, stage, activity, channel, period, reason, count, hours: work for this plan's bookings that falls
        before the horizon or before a rep's first day. Rows without an activity count the opportunities themselves.
    coverage : Table
        rep, segment, accounts, wanted_accounts, covered_accounts, cadence_accounts (covered x frequency), coverage,
        frequency: where cadences give way to hours.
    report : Report
        How the plan was found.
    findings : tuple of Finding
        Warnings about the problem.
    formulation : Formulation or None
        The problem as arrays, for the engine only: see ``allocate(known=...)``. It is not stored with the plan.
    """

    problem: PlanningProblem
    quotas: Table
    overlay_quotas: Table
    activities: Table
    pipeline: Table
    capacity: Table
    shortfall: Table
    earlier_work: Table
    coverage: Table
    report: Report
    findings: tuple[Finding, ...] = ()
    formulation: Formulation | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave behind what can be worked out again."""
        return {**vars(self), "formulation": None}

    def __hash__(self) -> int:
        return hash(self.problem)

    def rep(self, rep_id: str) -> RepPlan:
        """Return one person's plan.

        Raises
        ------
        UnknownNameError
            When there is no such rep.

        Examples
        --------
        >>> import planalloc as pa
        >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1},
        ...                                              reps=["alice"]))
        >>> plan.rep("alice").quota
        100
        """
        for rep in self.problem.sales_force.reps:
            if rep.id == rep_id:
                return RepPlan(self, (rep_id,) if rep.role == "primary" else (), rep=rep)
        raise _unknown("rep", rep_id, [rep.id for rep in self.problem.sales_force.reps])

    def team(self, team_id: str) -> TeamPlan:
        """Return the roll-up of a team: its reps and those of the teams below it.

        Raises
        ------
        UnknownNameError
            When there is no such team.
        """
        teams = {team.id: team for team in self.problem.sales_force.teams}
        if team_id not in teams:
            raise _unknown("team", team_id, list(teams))
        below = {team_id}
        for _ in teams:
            below |= {team.id for team in teams.values() if team.parent in below}
        reps = tuple(rep.id for rep in self.problem.sales_force.reps if rep.team in below and rep.role == "primary")
        return TeamPlan(self, reps, team=teams[team_id])

    def explain(
        self,
        *,
        rep: str | None = None,
        team: str | None = None,
        segment: str | None = None,
        product: str | None = None,
        business: str | None = None,
        period: str | None = None,
    ) -> Explanation:
        """Explain a number: its reference, what moved it from there, and the price of each limit that binds on it.

        Parameters
        ----------
        rep, team, segment, product, business, period : str, optional
            Which number; parts left out are summed over.

        Raises
        ------
        UnknownNameError
            When a part does not exist.

        Examples
        --------
        >>> import planalloc as pa
        >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1000, currency="EUR", shares={"A": 1},
        ...                                     reps=["alice", "bruno"])
        >>> plan = pa.allocate(problem.add(pa.Bound(rep="alice", at_most=400)))
        >>> [(part.cause, part.amount) for part in plan.explain(rep="alice").parts][0]
        ('bound: alice <= 400', -200.0)
        """
        from planalloc.plan.explain import explain  # noqa: PLC0415 -- loads the engine, which a plan itself does not need

        return explain(self, rep=rep, team=team, segment=segment, product=product, business=business, period=period)

    def to_json(self) -> str:
        """Return everything but the seconds as JSON text, which `from_json` reads back without loss."""
        return write_plan(self)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read back what `to_json` wrote.

        Raises
        ------
        InputError
            When the text is no plan of this version, or its numbers do not add up to its problem's targets.
        """
        return cls(**read_plan(text))

    def __repr__(self) -> str:
        return f"<Plan {self.problem.strategy.name!r}: {len(self.problem.sales_force.reps)} reps>"

    def __str__(self) -> str:
        return plan_text(self)

    def _repr_html_(self) -> str:
        return plan_html(self)


def _unknown(kind: str, name: str, known: list[str]) -> UnknownNameError:
    name = str(name)
    return UnknownNameError(
        f"{kind} {name!r} is unknown.{suggest(name, known)}",
        hint=f"Known are: {', '.join(known[:8])}{' ...' if len(known) > 8 else ''}."
        if known
        else f"There is no {kind}.",
        name=name,
        candidates=nearest(name, known),
    )
