"""A part of a plan: one person's, or a team's, for the whole horizon or one period of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

from planalloc.plan.agenda import agenda_of
from planalloc.plan.display import part_html, part_text
from planalloc.plan.methods import methods_of
from planalloc.plan.pictures import Pictures, RepPictures
from planalloc.plan.review_points import review_points

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    from planalloc.model.limits import AnyLimit
    from planalloc.model.playbook import Method
    from planalloc.model.salesforce import Rep, Team
    from planalloc.plan.accounts import Weighing
    from planalloc.plan.agenda import Agenda
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

    def schedule(self, by: Literal["week"]) -> Table:
        """Rows of `Plan.schedule`."""
        return self.plan._scheduled(self.activities, by=by)  # noqa: SLF001 -- a part of it

    @cached_property
    def unscheduled(self) -> Table:
        """Rows of `Plan.unscheduled`, which speaks of the whole horizon."""
        return self.plan.unscheduled.where(rep=list(self.reps))

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

    @cached_property
    def accounts(self) -> Table:
        """Rows of `Plan.accounts`; of one period, those of accounts visited in it, with the horizon's numbers."""
        found = self.plan.accounts.where(rep=list(self.reps))
        if self.period_id is None:
            return found
        return found.where(account=set(self.visits()["account"]) - {None})

    def visits(self, by: Literal["period", "week"] = "period") -> Table:
        """Rows of `Plan.visits`."""
        return self._only(self.plan.visits(by), self.reps)

    def account_quotas(self, by: Weighing = "potential") -> Table:
        """Rows of `Plan.account_quotas`; of one period, that period's number spread over the same accounts.

        Each period's number is spread by itself, exact to the unit. What an account's periods add up to is therefore
        its part of the horizon but for less than one unit for each period.
        """
        if self.period_id is None:
            return self.plan.account_quotas(by).where(rep=list(self.reps))
        from planalloc.plan.accounts import account_quotas  # noqa: PLC0415 -- loads the engine, which a plan does not need

        return account_quotas(self.plan._visits, self._only(self.plan.quotas, self.reps), by=by)  # noqa: SLF001 -- a part

    @cached_property
    def review_points(self) -> Table:
        """Rows of `Plan.review_points`; of one period, those whose day falls in it."""
        return self._review_points(self.reps)

    def _review_points(self, reps: tuple[str, ...]) -> Table:
        if self.period_id is None:
            return review_points(self.plan.problem, reps)
        calendar = self.plan.problem.calendar
        grain, place = calendar.find(self.period_id)
        return review_points(self.plan.problem, reps, within=calendar.periods(grain)[place])

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
    def plot(self) -> RepPictures:
        """Pictures of the person's plan, with matplotlib: ``year()``."""
        return RepPictures(self.plan, self)

    @cached_property
    def review_points(self) -> Table:
        """Rows of `Plan.review_points`; of one period, those whose day falls in it."""
        return self._review_points((self.rep.id,))

    @cached_property
    def playbook(self) -> tuple[Method, ...]:
        """How the rep works: the methods of the stages and segments of the rep's own lines, in the order of the sale.

        A method without a segment holds for every segment of the rep that has its stage; where some of these have one
        of their own, each has one.
        """
        return methods_of(self.plan.problem, self.rep)

    def agenda(self, date: date | str, *, locale: str = "en") -> Agenda:
        """Return a first agenda for a day: what the plan asks for by then, as gaps to look at; empty where nothing is.

        That is the quota of each segment in the periods that are over, and the activities of each segment due since
        the rep's last review point before that day, by the weeks in which they are scheduled. What was achieved is
        for rep and manager to say. `locale` is the language that the points are written in, ``"en"`` or ``"fr"``.

        Raises
        ------
        InputError
            When the day is not within the horizon.
        UnknownNameError
            When there are no words for the locale.
        pydantic.ValidationError
            When it is no date.

        Examples
        --------
        >>> import planalloc as pa
        >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
        ...                                              reps=["alice"]).replace(pa.Policy(default_phasing="equal")))
        >>> [item.text for item in plan.rep("alice").agenda("2027-03-01").items]
        ['A: quota to date 200 EUR']
        """
        return agenda_of(self, date, locale=locale)

    @property
    def who(self) -> str:
        """Name of the rep."""
        return self.rep.name or self.rep.id

    @property
    def named_in(self) -> dict[str, str]:
        """How limits name the rep."""
        return {"rep": self.rep.id}

    def to_markdown(self, locale: str = "en", *, on: date | None = None) -> str:
        """Return the individual action plan as Markdown text; it needs the extra ``forms``, as the other forms do.

        Parameters
        ----------
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region that Babel knows
            (``"en_GB"``).
        on : date, optional
            Day of this version, as the form states it; None: it states none.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When Babel is not installed.

        Examples
        --------
        >>> import planalloc as pa
        >>> plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
        ...                                              reps=["alice"]).replace(pa.Policy(default_phasing="equal")))
        >>> "Quota: **€100**" in plan.rep("alice").period("2027-03").to_markdown()
        True
        """
        from planalloc.plan.forms.making import markdown_of  # noqa: PLC0415 -- loaded only where a form is made

        return markdown_of(self, locale, on=on)

    def to_html(self, locale: str = "en", *, on: date | None = None) -> str:
        """Return the individual action plan as one HTML page of its own, printable and without scripts.

        Parameters and errors are those of `to_markdown`; the page also needs Jinja2.
        """
        from planalloc.plan.forms.making import html_of  # noqa: PLC0415 -- loaded only where a form is made

        return html_of(self, locale, on=on)

    def to_workbook(self, path: str | PathLike[str], locale: str = "en", *, on: date | None = None) -> None:
        """Write the individual action plan as an XLSX workbook, its sums as formulas.

        Parameters
        ----------
        path : path-like
            The file, which is replaced where there is one. Its folder must exist.
        locale, on
            As for `to_markdown`.

        Raises
        ------
        InputError
            When the folder does not exist or the file cannot be written.
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When Babel or XlsxWriter is not installed.
        """
        from planalloc.plan.forms.making import write_workbook  # noqa: PLC0415 -- loaded only where a form is made

        write_workbook(self, path, locale=locale, on=on)

    def to_ics(self, path: str | PathLike[str], locale: str = "en", *, on: date | None = None) -> None:
        """Write the review points as an iCalendar file, one entry for each day.

        The entries bear the same ids in every version of the plan. `on` makes a later version replace an earlier one
        in calendars that already have it; without it all versions are equally old. Where there are no review points,
        the file has no entries, and opens all the same.

        Parameters and errors are those of `to_workbook`, with icalendar in place of XlsxWriter.
        """
        from planalloc.plan.forms.making import write_meetings  # noqa: PLC0415 -- loaded only where a form is made

        write_meetings(self, path, locale=locale, on=on)


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
    def plot(self) -> Pictures:
        """Pictures of the team's part, with matplotlib: ``season()``, ``load()``, ``mix()``."""
        return Pictures(self.plan, self)

    @property
    def who(self) -> str:
        """Name of the team and its manager."""
        name = self.team.name or self.team.id
        return f"{name} ({self.team.manager})" if self.team.manager else name

    @property
    def named_in(self) -> dict[str, str]:
        """How limits name the team."""
        return {"team": self.team.id}

    def to_markdown(self, locale: str = "en", *, on: date | None = None) -> str:
        """Return what the team's manager reads as Markdown text: money, hours and accounts by rep, review points.

        Of accounts it says how many each rep has and which of them the plan leaves out, for the whole horizon only.
        Parameters and errors are those of `RepPlan.to_markdown`.

        Examples
        --------
        >>> import planalloc as pa
        >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1},
        ...                                     reps=["alice"])
        >>> problem = problem.replace(pa.Rep(id="alice", team="north")).add(pa.Team(id="north"))
        >>> "Quota: **€1,200**" in pa.allocate(problem).team("north").to_markdown()
        True
        """
        from planalloc.plan.forms.making import markdown_of  # noqa: PLC0415 -- loaded only where a form is made

        return markdown_of(self, locale, on=on)

    def to_html(self, locale: str = "en", *, on: date | None = None) -> str:
        """Return the same as one HTML page of its own, printable and without scripts.

        Parameters and errors are those of `to_markdown`; the page also needs Jinja2.
        """
        from planalloc.plan.forms.making import html_of  # noqa: PLC0415 -- loaded only where a form is made

        return html_of(self, locale, on=on)

    def to_workbook(self, path: str | PathLike[str], locale: str = "en", *, on: date | None = None) -> None:
        """Write the same as an XLSX workbook, its sums as formulas.

        Parameters and errors are those of `RepPlan.to_workbook`.
        """
        from planalloc.plan.forms.making import write_workbook  # noqa: PLC0415 -- loaded only where a form is made

        write_workbook(self, path, locale=locale, on=on)
