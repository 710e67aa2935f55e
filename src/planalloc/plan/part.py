"""A part of a plan: one person's, or a team's, for the whole horizon or one period of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from planalloc.plan.display import part_html, part_text

if TYPE_CHECKING:
    from planalloc.model.limits import AnyLimit
    from planalloc.model.salesforce import Rep, Team
    from planalloc.plan.plan import Plan
    from planalloc.plan.table import Table

__all__ = ["PlanPart", "RepPlan", "TeamPlan"]


@dataclass(frozen=True)
class PlanPart:
    """The rows of a plan that concern some reps, and perhaps one period.

    Attributes
    ----------
    plan : Plan
        The whole.
    reps : tuple of str
        Ids of the reps.
    period_id : str or None
        The one period it speaks of; None for the whole horizon.
    """

    plan: Plan
    reps: tuple[str, ...]
    period_id: str | None = field(default=None, kw_only=True)

    def period(self, period_id: str) -> Self:
        """Return the same part for one period, of the plan's grain or a coarser one: the monthly action plan.

        Raises
        ------
        UnknownNameError
            When there is no such period in the horizon.
        InputError
            When the plan's periods do not nest in it.
        """
        calendar = self.plan.problem.calendar
        grain, _ = calendar.find(period_id)
        calendar.nest(calendar.grain, grain)
        return replace(self, period_id=period_id)

    def _only(self, table: Table, reps: tuple[str, ...]) -> Table:
        kept = table.where(rep=list(reps))
        if self.period_id is None:
            return kept
        calendar = self.plan.problem.calendar
        grain, _ = calendar.find(self.period_id)
        return kept.where(**{"period" if grain == calendar.grain else grain: self.period_id})

    @cached_property
    def quotas(self) -> Table:
        """Rows of `Plan.quotas`."""
        return self._only(self.plan.quotas, self.reps)

    @cached_property
    def activities(self) -> Table:
        """Rows of `Plan.activities`."""
        return self._only(self.plan.activities, self.reps)

    @cached_property
    def pipeline(self) -> Table:
        """Rows of `Plan.pipeline`."""
        return self._only(self.plan.pipeline, self.reps)

    @cached_property
    def capacity(self) -> Table:
        """Rows of `Plan.capacity`."""
        return self._only(self.plan.capacity, self.reps)

    @cached_property
    def earlier_work(self) -> Table:
        """Rows of `Plan.earlier_work`; all of them, whatever the period: they lie before it."""
        return self.plan.earlier_work.where(rep=list(self.reps))

    @cached_property
    def coverage(self) -> Table:
        """Rows of `Plan.coverage`, which speaks of the whole horizon."""
        return self.plan.coverage.where(rep=list(self.reps))

    @property
    def base(self) -> int | float:
        """Part of the targets that it stands for, in money."""
        return self.quotas.total("base")

    @property
    def quota(self) -> int | float:
        """What is carried, over-assignment included, in money."""
        return self.quotas.total("quota")

    @property
    def title(self) -> str:
        """Plan, who, and when."""
        calendar = self.plan.problem.calendar
        when = self.period_id or f"{calendar.start} to {calendar.end}"
        return f"{self.plan.problem.strategy.name}, {self.who}, {when}"

    @property
    def who(self) -> str:
        """Whose plan it is."""
        return ", ".join(self.reps)

    @property
    def named_in(self) -> dict[str, str]:
        """How limits name it, by field."""
        return {}

    @property
    def agreed(self) -> tuple[AnyLimit, ...]:
        """The limits that name it; of one period, those that name that period."""
        return tuple(
            limit
            for limit in self.plan.problem.limits
            if any(getattr(limit, field, None) == name for field, name in self.named_in.items())
            and (self.period_id is None or getattr(limit, "period", None) == self.period_id)
        )

    def __str__(self) -> str:
        return part_text(self)

    def _repr_html_(self) -> str:
        return part_html(self)


@dataclass(frozen=True)
class RepPlan(PlanPart):
    """One person's plan: money, pipeline, activities and hours.

    Attributes
    ----------
    rep : Rep
        The person.

    Examples
    --------
    >>> import planalloc as pa
    >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
    ...                                              reps=["alice"]).replace(pa.Policy(default_phasing="equal")))
    >>> plan.rep("alice").period("2027-03").quota
    100
    """

    rep: Rep = field(kw_only=True)

    @cached_property
    def quotas(self) -> Table:
        """Rows of `Plan.quotas`; of `Plan.overlay_quotas` for an overlay rep."""
        if self.rep.role == "primary":
            return self._only(self.plan.quotas, self.reps)
        known = "rep" in self.plan.overlay_quotas.columns and self.rep.id in set(self.plan.overlay_quotas["rep"])
        return self._only(self.plan.overlay_quotas, (self.rep.id,) if known else ())

    @property
    def who(self) -> str:
        """Name of the rep."""
        return self.rep.name or self.rep.id

    @property
    def named_in(self) -> dict[str, str]:
        """How limits name the rep."""
        return {"rep": self.rep.id}


@dataclass(frozen=True)
class TeamPlan(PlanPart):
    """The roll-up of a team and the teams below it.

    Attributes
    ----------
    team : Team
        The team.
    """

    team: Team = field(kw_only=True)

    @property
    def who(self) -> str:
        """Name of the team and its manager."""
        name = self.team.name or self.team.id
        return f"{name} ({self.team.manager})" if self.team.manager else name

    @property
    def named_in(self) -> dict[str, str]:
        """How limits name the team."""
        return {"team": self.team.id}
