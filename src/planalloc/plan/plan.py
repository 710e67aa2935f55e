"""`Plan`: the answer to one problem, as tables."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from planalloc.errors import UnknownNameError
from planalloc.model.base import brief, named_among, nearest, suggest
from planalloc.plan.display import plan_html, plan_text
from planalloc.plan.part import RepPlan, TeamPlan
from planalloc.plan.pictures import Pictures
from planalloc.plan.review_points import review_points
from planalloc.plan.settled import beyond_table, credited_table
from planalloc.plan.stored import read_plan, write_plan

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    from planalloc.formulate.formulation import Formulation
    from planalloc.model.finding import Finding
    from planalloc.model.problem import PlanningProblem
    from planalloc.plan.accounts import Weighing
    from planalloc.plan.explain import Explanation
    from planalloc.plan.report import Report
    from planalloc.plan.table import Table
    from planalloc.plan.visits import VisitPlan

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
        counts as its own), booked_in (this horizon, or the next one: the year wraps), count, hours. In no period do
        they take more than the available hours and the overtime in `capacity`.
    unscheduled : Table
        rep, segment, stage, activity, source, booked_in, count, hours (at full productivity): whole activities for
        which no period has hours left, as a rep whose hours are full cannot do the part of one that rounding adds.
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
    as_of : date or None
        Of a plan revised by `planalloc.replan`, the last day that is closed; None for a new plan.
    credited : Table
        Of a revised plan: rep, segment, product, business, period, revenue (what was sold), base and quota (what of the
        plan's numbers is closed), in money. What was credited, the base that is open and the shortfall make the target.
    beyond : Table
        Of a revised plan: segment, product, business, surplus (sold beyond the target), written_off (missed and not
        carried; below zero: exceeded, and the rest stays as it is), in money; only lines that have some.
    formulation : Formulation or None
        The problem as arrays, for the engine only: see ``allocate(known=...)``. It is not stored with the plan.
    """

    problem: PlanningProblem
    quotas: Table
    overlay_quotas: Table
    activities: Table
    unscheduled: Table
    pipeline: Table
    capacity: Table
    shortfall: Table
    earlier_work: Table
    coverage: Table
    report: Report
    findings: tuple[Finding, ...] = ()
    as_of: date | None = None
    credited: Table = field(default_factory=credited_table)
    beyond: Table = field(default_factory=beyond_table)
    formulation: Formulation | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave behind what can be worked out again."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"formulation": None}

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
        raise _unknown("rep", rep_id, {rep.id: rep.name for rep in self.problem.sales_force.reps})

    @property
    def plot(self) -> Pictures:
        """Pictures of the plan, with matplotlib: ``season()``, ``load()``, ``mix()``."""
        return Pictures(self)

    def team(self, team_id: str) -> TeamPlan:
        """Return the roll-up of a team: its reps and those of the teams below it.

        Raises
        ------
        UnknownNameError
            When there is no such team.
        """
        teams = {team.id: team for team in self.problem.sales_force.teams}
        if team_id not in [*teams]:  # a list compares what cannot be hashed, too
            raise _unknown("team", team_id, {team.id: team.name for team in teams.values()})
        below = {team_id}
        for _ in teams:
            below |= {team.id for team in teams.values() if team.parent in below}
        reps = tuple(rep.id for rep in self.problem.sales_force.reps if rep.team in below and rep.role == "primary")
        return TeamPlan(self, reps, team=teams[team_id])

    @cached_property
    def _visits(self) -> VisitPlan:
        from planalloc.plan.visits import VisitPlan  # noqa: PLC0415 -- loads the engine, which a plan does not need

        return VisitPlan(self.problem, self.activities, self.coverage)

    @cached_property
    def accounts(self) -> Table:
        """Every account of the portfolio, as each rep's list of each segment, best first (F-17).

        rep, segment, account, name, business, rank, score, potential, last_year, status, accounts (1, so that groups
        count them), visits_wanted (what cadences ask for at full coverage, while the rep is employed), visits_planned.
        The plan's coverage goes down the list, or thins out the visits of all that are on it, as the policy says.
        Status: ``worked`` gets its visits, of each activity and in all, rounded down; ``partly worked`` some; ``not
        due`` is covered and wants less than one visit in the horizon; ``left out`` gets none; of ``not planned`` no
        cadence speaks. Accounts of nobody or of no segment come last, without a rep or a segment, ranked as well: the
        best accounts that nobody works. Their status is ``not planned``.

        Examples
        --------
        >>> import planalloc as pa
        >>> problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1},
        ...                                     reps=["alice"])
        >>> problem = problem.add(*(pa.Account(id=one, segment="A", owner="alice", potential=money)
        ...                         for one, money in {"hotel": 50, "inn": 80}.items()))
        >>> problem = problem.add(pa.Activity(id="call", hours=1), pa.Cadence(segment="A", activity="call",
        ...                                                                   per_account_per_year=8))
        >>> [(row["account"], row["status"], row["visits_planned"]) for row in pa.allocate(problem).accounts.to_dicts()]
        [('inn', 'worked', 8), ('hotel', 'worked', 8)]
        """
        from planalloc.plan.accounts import account_table  # noqa: PLC0415

        return account_table(self._visits)

    def visits(self, by: Literal["period", "week"] = "period") -> Table:
        """Return how many of which activity each account gets, and when, at an even pace (F-19).

        rep, segment, account, activity, period, count; with ``"week"`` also week. Counts add up over accounts to the
        cadence work of `activities` (source cadence), by rep, segment, activity and period; weeks add up to their
        period. Of funnel work that a cadence counts as its own (source both) accounts get what their cadence asks for;
        the rest has no named account, and is not here. Cadence work of a rep who has no named accounts for it has rows
        without an account.

        Each visit is in the week in which its account is due, as near as the weeks of its period allow, of which each
        takes about its part of them; `schedule` has the work in the same weeks. An account has two visits in one week
        only where no move or swap within the period avoids it.

        Parameters
        ----------
        by : {"period", "week"}
            How finely.

        Raises
        ------
        UnknownNameError
            When `by` is neither.
        """
        named_among("by", by, ("period", "week"))
        return self._visits.by_week if by == "week" else self._visits.by_period

    def account_quotas(self, by: Weighing = "potential") -> Table:
        """Return each rep's number on a line over the horizon, spread over the accounts of its segment and business.

        rep, segment, product, business, account, quota; exact to the unit, by largest remainder. Accounts that do not
        say which business they are may take either. Those that the plan leaves out get none and have no row. An account
        whose weight is zero or not known gets nothing, unless that is so for all of them: then they take even parts. A
        number for which the rep has no account keeps a row without one.

        Parameters
        ----------
        by : {"potential", "last_year"}
            What it goes by.

        Raises
        ------
        UnknownNameError
            When `by` is neither.
        """
        from planalloc.plan.accounts import account_quotas  # noqa: PLC0415

        return account_quotas(self._visits, self.quotas, by=by)

    def schedule(self, by: Literal["week"]) -> Table:
        """Return the activities by week: the columns of `activities`, and week, start and end after period.

        A week that the end of a period cuts has rows in both; start and end are its days in that period. Counts are
        whole numbers that add up to the period's. They are level over the working days on which the rep is there, and
        so are all of a rep's hours together; in weeks in which the rep is away there are none. Visits to named accounts
        are in the weeks in which `visits` has them, and other work fits in with them.

        Parameters
        ----------
        by : {"week"}
            How finely.

        Raises
        ------
        UnknownNameError
            When `by` is anything else.

        Examples
        --------
        >>> import planalloc as pa
        >>> problem = pa.PlanningProblem.simple(year=2027, revenue=12_000, currency="EUR", shares={"A": 1},
        ...                                     reps=["alice"])
        >>> stage = pa.Stage(id="offer", conversion=1, activities={"call": 1})
        >>> problem = problem.add(pa.Activity(id="call", hours=1), pa.Funnel(deal_size=10, stages=[stage]))
        >>> february = pa.allocate(problem).rep("alice").period("2027-02").schedule("week")
        >>> dict(zip(february["week"], february["count"].tolist()))
        {'2027-W05': 23, '2027-W06': 23, '2027-W07': 23, '2027-W08': 23}
        """
        return self._scheduled(self.activities, by=by)

    def _scheduled(self, activities: Table, *, by: str) -> Table:
        """Return rows of `activities` by week, all of a rep's in a period; with named accounts, where these are due."""
        from planalloc.plan.weeks import schedule  # noqa: PLC0415 -- loads the engine, which a plan does not need

        if by == "week" and self.problem.portfolio.accounts:
            return self._visits.weekly.schedule(activities)
        return schedule(self.problem, activities, by=by)

    @cached_property
    def review_points(self) -> Table:
        """When rep and manager meet and when plans are revised, as the problem's rhythms say; empty without any.

        rep, manager (of the rep's team, or the nearest one above that has one), date, kind (``meeting`` or
        ``revision``), formality, minutes, id. Each falls on the first day of its week, month, ... on which the rep
        works. A revision takes the place of a meeting in its week, and there is none in the first period, when the plan
        is new. An id names the rep, the kind and the period, so that it is the same in the next version of the plan.

        Examples
        --------
        >>> import planalloc as pa
        >>> problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1}, reps=["alice"])
        >>> pa.allocate(problem.add(pa.ReviewRhythm())).review_points["id"].tolist()[2:4]
        ['alice-meeting-2027-03', 'alice-revision-2027-Q2']
        """
        return review_points(self.problem)

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

    @cached_property
    def version(self) -> str:
        """Fingerprint of the content in eight digits, the same for the same plan: forms bear it.

        Examples
        --------
        >>> import planalloc as pa
        >>> problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 1}, reps=["alice"])
        >>> pa.allocate(problem).version == pa.allocate(problem).version
        True
        """
        return sha256(self.to_json().encode()).hexdigest()[:8]

    def to_workbook(self, path: str | PathLike[str], locale: str = "en", *, on: date | None = None) -> None:
        """Write the plan of the whole sales force as one XLSX workbook: a summary, and a sheet for each rep.

        Parameters
        ----------
        path : path-like
            The file, which is replaced where there is one. Its folder must exist.
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region that Babel knows.
        on : date, optional
            Day of this version, as the forms state it; None: they state none.

        Raises
        ------
        InputError
            When the folder does not exist or the file cannot be written.
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When Babel or XlsxWriter is not installed.
        """
        from planalloc.plan.forms.making import write_force  # noqa: PLC0415 -- loaded only where a form is made

        write_force(self, path, locale=locale, on=on)

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


def _unknown(kind: str, name: str, names: dict[str, str | None]) -> UnknownNameError:
    """Return the error for an id that is none of these; the names that people call them by are good for a hint."""
    name, known = str(name), list(names)
    called = [one for one, told in names.items() if told is not None and told.casefold() == name.casefold()]
    hint = f"Known are: {', '.join(known[:8])}{' ...' if len(known) > 8 else ''}." if known else f"There is no {kind}."
    meant = suggest(name, known)
    if called:
        meant = f" Did you mean {' or '.join(map(repr, called[:3]))}?"
        hint = f"It is the name of {' and of '.join(map(repr, called[:3]))}; a {kind} is found by its id."
    return UnknownNameError(
        f"{kind} {brief(repr(name))} is unknown.{meant}",
        hint=hint,
        name=name,
        candidates=tuple(called[:3]) or nearest(name, known),
    )
