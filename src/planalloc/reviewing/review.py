"""The verb of a review: what is happening against the plan, and which differences are real."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from planalloc.errors import InputError
from planalloc.events.actuals import Actuals
from planalloc.model.asked import asked_day, asked_kind
from planalloc.model.finding import refuse
from planalloc.numerics.discoveries import discoveries
from planalloc.plan.agenda import Agenda
from planalloc.plan.plan import Plan
from planalloc.progress import Steps
from planalloc.reviewing import attainment, chances, conversion, dealt, done, drift, execution, pipeline
from planalloc.reviewing.against_plan import against_plan_table
from planalloc.reviewing.agenda_page import ReviewPage, part_of_rep, part_of_team
from planalloc.reviewing.forecast import forecast_table
from planalloc.reviewing.gaps import gap_table
from planalloc.reviewing.opportunities import opportunity_table
from planalloc.reviewing.pictures import ReviewPictures
from planalloc.reviewing.raising import raised
from planalloc.reviewing.seen import Seen
from planalloc.reviewing.sold import sold
from planalloc.reviewing.told import set_aside_table, weightless

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    from planalloc.numerics.discoveries import Discoveries
    from planalloc.plan.table import Table
    from planalloc.progress import Progress
    from planalloc.reviewing.agenda_page import RepReview
    from planalloc.reviewing.alerts import Alerts
    from planalloc.reviewing.conversion import Compared
    from planalloc.reviewing.drift import Drifts

__all__ = ["Review", "review"]

HOW = "A problem becomes a plan by allocate(problem), and tables become Actuals by Actuals(sales=...)."

TESTED = 0.8
"""Part of the accepted rate that the tests of one review take; the running watch, which needs little, has the rest."""


@dataclass(frozen=True, eq=False)
class Review:
    """A plan and what happened up to a day, as tables.

    Made by `planalloc.review`.

    Attributes
    ----------
    plan : Plan
        The plan in force.
    as_of : date
        Last day that counts.
    rate : float
        Chance that any difference is found, at one review or by the watch over the year, where none is real.
    attainment : Table
        rep, team, segment, product, business, period, start, end, elapsed (part of its working days), base, quota,
        due_base, due_quota (to date), whole_base, whole_quota (of a revised plan: what was credited and the open
        number), actual, credit_notes (what of it is below zero), deals; attainment (actual over quota), pace (over
        what is due) and base_pace; also units, actual_units and units_attainment where products have a price.
    deals : Table
        rep, team, segment, product, business, period (of closing), closed, won, value, closed_days, won_days; win_rate,
        deal_size, cycle_days (of those won), days_to_close (of all). Old enough or not.
    opportunities : Table
        The open ones: opportunity, rep, team, segment, product, business, account, stage, created, expected_close,
        value, value_assumed (a usual deal of the line, where the row has no amount), chance (F-21), chance_in_time
        (within the horizon), weighted (by that), age_days, days_in_stage, usual_days (longer is stuck), slipped, stuck,
        quality and its parts (F-22).
    pipeline : Table
        By rep and line (F-23): opportunities, value, weighted, weighted_in_time, without_amount, days_open, slipped,
        slipped_value, stuck, stuck_value, created (since the horizon began), created_value, still_to_win, to_create,
        win_rate, cycle_days, days_to_create (below zero: what is created from now on comes too late), age_days,
        coverage, weighted_coverage, created_per_day (working days).
    stages : Table
        The open opportunities by rep, line and stage: opportunities, value, weighted, stuck, slipped, days_in_stage.
    conversion : Table
        rep, team, segment, product, business, step, trials, won, left_open, too_young, expected, rate, rate_of_all; of
        opportunities old enough (F-24).
    comparisons : Table
        rep, team, step, trials, won, expected (at the colleagues' rates on the same lines), rate, rate_of_all, z_score,
        p_value, adjusted, differs, maturity_days.
    execution : Table
        rep, team, segment, activity, planned, due, done, credited (never more than due), excess, pressure, execution.
        Empty where no activities are given, as the next two are: nobody logged any is not the same as nobody did any.
    coverage : Table
        rep, team, segment: of the accounts with a visit due, how many were worked, and how often.
    under_worked : Table
        rep, team, segment, account, activity, due, done, missing: accounts at least one visit behind.
    drift : Table
        kind (revenue, effort), rep, team, segment, product, business, activity, actual, events, actual_share,
        planned_share, unplanned, p_value, p_mix, adjusted, drifts (F-26).
    watch : Table
        kind, rep, team, period, evidence, p_value, alarm: the running watch over the same mixes.
    forecast : Table
        scope (company, line, rep), rep, team, segment, product, business, target, closed, pipeline, run_rate,
        expected, low, high, chance (F-27).
    against_plan : Table
        test (pace, execution, visits, stuck, creation), scope (company, line, rep), rep, team, segment, product,
        business, actual, expected, p_value, adjusted, differs: gaps to the plan, tested together at the `rate` (F-29).
    gaps : Table
        rep, team, by (segment, product, business, cause, stage, source), part, effect (money): what was sold less the
        quota due, split in several ways; the parts of each add up to the gap (F-30).
    restated : Table
        Of a revised plan: closed periods whose sales are no longer what was credited.
    set_aside : Table
        table, rule, rows, amount, examples, outside (nothing is wrong with them), counts (they are told, and count all
        the same), counted (rows of the table that count): what was not counted. What does not count and what is
        counted are all rows of a table.
    """

    plan: Plan
    as_of: date
    rate: float
    attainment: Table
    deals: Table
    opportunities: Table
    pipeline: Table
    stages: Table
    conversion: Table
    comparisons: Table
    execution: Table
    coverage: Table
    under_worked: Table
    drift: Table
    watch: Table
    forecast: Table
    against_plan: Table
    gaps: Table
    restated: Table
    set_aside: Table

    def standing(self, *by: str) -> Table:
        """Return where each unit stands to date (F-20).

        quota, due, actual, pace, gap, linearity, missing, rest, required. Linearity is the part of the money that came
        in the period it was planned in. `missing` is what is left to sell, `rest` what is left of the plan, and
        `required` how many times as fast as planned the rest must go; nan where nothing more is planned and something
        is missing.

        Parameters
        ----------
        *by : str
            Labels or grains of `attainment`: ``"rep"``, ``"team"``, ``"segment"``, ...; none: the company.

        Raises
        ------
        UnknownNameError
            When there is no such column or grain.
        """
        return attainment.standing_table(self.attainment, Seen(self.plan, self.as_of), by)

    def rates(self, *by: str) -> Table:
        """Return conversion by any key, and always by step (F-24).

        trials, won, too_young, expected, rate; for display the shrunk rate with its interval of nine tenths (low,
        high), and the sides of a funnel at 95 % (funnel_low, funnel_high) and 99.8 % (outer_low, outer_high).

        Parameters
        ----------
        *by : str
            Labels of `conversion`: ``"rep"``, ``"team"``, ``"segment"``, ``"product"``, ...

        Raises
        ------
        UnknownNameError
            When there is no such column.
        """
        return conversion.rates_table(self.conversion, by)

    @cached_property
    def alerts(self) -> Alerts:
        """What asks for attention, by the money at stake: facts, and differences that are more than chance."""
        return raised(self)

    def rep(self, rep_id: str, *, last: Agenda | None = None) -> RepReview:
        """Return the next point between a rep and the manager, on one page.

        Parameters
        ----------
        rep_id : str
            Whose.
        last : Agenda, optional
            What they spoke about the last time: its open points are carried over.

        Raises
        ------
        UnknownNameError
            When there is no such rep.
        InputError
            When the last agenda is none, or somebody else's.
        """
        if found := [*asked_kind("last", last, Agenda, "an Agenda")]:
            refuse(found)
        return part_of_rep(self, rep_id, last=last)

    def team(self, team_id: str) -> ReviewPage:
        """Return what the review says of a team and the teams below it, on one page.

        Raises
        ------
        UnknownNameError
            When there is no such team.
        """
        return part_of_team(self, team_id)

    @cached_property
    def page(self) -> ReviewPage:
        """The company's page: ``review.page.to_markdown()``, ``to_html``, ``to_workbook``."""
        return ReviewPage(self)

    def to_markdown(self, locale: str = "en") -> str:
        """Return the company's page as Markdown: see `ReviewPage.to_markdown`."""
        return self.page.to_markdown(locale)

    def to_html(self, locale: str = "en", *, pictures: bool = False) -> str:
        """Return the company's page as HTML: see `ReviewPage.to_html`."""
        return self.page.to_html(locale, pictures=pictures)

    def to_workbook(self, path: str | PathLike[str], locale: str = "en") -> None:
        """Write the company's page as an XLSX workbook: see `ReviewPage.to_workbook`."""
        self.page.to_workbook(path, locale)

    @property
    def plot(self) -> ReviewPictures:
        """Pictures, with matplotlib: ``attainment()``, ``conversion()``, ``forecast()``, ``pipeline()``."""
        return ReviewPictures(self)

    def __str__(self) -> str:
        return str(self.page)

    def _repr_html_(self) -> str:
        return self.page._repr_html_()

    def __repr__(self) -> str:
        return f"<Review {self.plan.problem.strategy.name!r} as of {self.as_of}>"


def review(plan: Plan, actuals: Actuals, *, as_of: date, rate: float = 0.05, progress: Progress = None) -> Review:
    """Review a plan against what happened up to a day.

    Nothing is counted twice or dropped in silence: what does not fit is in `Review.set_aside`, credit notes stand
    beside what they lower, and what changed in the closed time of a revised plan is in `Review.restated`.

    Differences between reps and drifts of their mixes are tested together, once, so that the chance of any false one
    is at most four fifths of the `rate`; the watch over the mixes has the last fifth, for the whole year. Gaps to the
    plan (`Review.against_plan`) are a family of their own, at the same rate.

    Parameters
    ----------
    plan : Plan
        The plan in force; one revised by `planalloc.replan` too.
    actuals : Actuals
        What happened since the horizon's first day; opportunities may be older.
    as_of : date
        Last day that counts. A period that it cuts is due by its working days.
    rate : float
        Chance of any false difference that is accepted, above 0 and below 1.
    progress : callable or True, optional
        As in `planalloc.allocate`.

    Returns
    -------
    Review
        Tables.

    Raises
    ------
    InputError
        When the plan is no `Plan` or the actuals no `Actuals`, the day is no date, outside the horizon or before the
        plan's own, the actuals are of another measure, or the rate is out of range.

    Examples
    --------
    >>> from datetime import date
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1.0},
    ...                                     reps=["alice", "bruno"]).replace(pa.Policy(default_phasing="equal"))
    >>> sold = [{"date": date(2027, 1, 15), "rep": "alice", "segment": "A", "amount": 60},
    ...         {"date": date(2027, 2, 15), "rep": "alice", "segment": "A", "amount": 30}]
    >>> found = review(pa.allocate(problem), pa.Actuals(sales=sold), as_of=date(2027, 2, 28))
    >>> [(row["rep"], row["pace"], row["required"]) for row in found.standing("rep").to_dicts()]
    [('alice', 0.9, 1.02), ('bruno', 0.0, 1.2)]
    """
    _refuse(plan, actuals, as_of, rate=rate)
    seen = Seen(plan, as_of)
    tables = actuals.tables
    with Steps(progress, total=3) as step:
        step("match")
        sales = sold(seen, tables.get("sales"))
        deals = dealt.dealt(seen, tables.get("opportunities"))
        past = dealt.history(seen, tables.get("stages"), deals)
        deals = dealt.on_the_day(seen, deals, past)
        named = bool(seen.problem.portfolio.accounts) or any(deals.accounts)
        work = done.done(seen, tables.get("activities"), by_account=named)
        step("test")
        spells = conversion.stage_spells(seen, deals, past)
        counts = conversion.steps(seen, deals, spells)
        found = conversion.compared(counts)
        planned = done.planned_activities(seen)
        mixes = drift.drifts(seen, sales, work, planned)
        verdict = _verdict(found, mixes, rate=rate * TESTED)
        step("tables")
        worth = chances.chances(seen, deals, counts, spells=spells, sizes=drift.deal_sizes(seen, sales))
        listed = opportunity_table(seen, deals, past, worth, touched=work.touched, scores=_scores(seen))
        logged = "activities" in tables
        visits = execution.visits_due(seen, work) if logged else None
        n_steps = len(counts.names)
        return Review(
            plan=plan,
            as_of=as_of,
            rate=rate,
            attainment=attainment.attainment_table(seen, sales),
            deals=pipeline.deals_table(seen, deals),
            opportunities=listed,
            pipeline=pipeline.pipeline_table(seen, sales, deals, worth, listed),
            stages=pipeline.stage_table(seen, listed),
            conversion=conversion.conversion_table(seen, counts),
            comparisons=conversion.comparison_table(
                seen, counts, found, adjusted=verdict.adjusted[:n_steps], differs=verdict.found[:n_steps]
            ),
            execution=execution.execution_table(seen, work, planned if logged else 0 * planned),
            coverage=execution.coverage_table(seen, visits),
            under_worked=execution.under_worked_table(seen, visits),
            drift=drift.drift_table(seen, mixes, adjusted=verdict.adjusted[n_steps:], differs=verdict.found[n_steps:]),
            watch=drift.watch_table(seen, mixes, rate=rate * (1 - TESTED)),
            forecast=forecast_table(seen, sales, deals, worth, coverage=0.8),
            against_plan=against_plan_table(
                seen,
                sales,
                work,
                planned,
                deals=deals,
                opportunities=listed,
                visits=visits,
                given=tables,
                rate=rate,
            ),
            gaps=gap_table(
                seen,
                sales,
                work,
                planned,
                deals=deals,
                past=past,
                opportunities=tables.get("opportunities"),
                with_activities="activities" in tables,
            ),
            restated=attainment.restated_table(seen, sales),
            set_aside=set_aside_table(
                [*sales.set_aside, *deals.set_aside, *past.set_aside, *work.set_aside, *weightless(deals, worth)],
                tables,
            ),
        )


def _verdict(found: Compared, mixes: Drifts, *, rate: float) -> Discoveries:
    """Test everything that this review compares, once."""
    return discoveries(
        np.concatenate([found.p_values, mixes.p_values]),
        rate=rate,
        least=np.concatenate([found.least, np.where(np.isnan(mixes.p_values), np.nan, mixes.least)]),
    )


def _scores(seen: Seen) -> dict[str, float]:
    """Return how well each account fits (F-17), from 0 to 1; empty without a portfolio."""
    if not seen.problem.portfolio.accounts:
        return {}
    accounts = seen.plan.accounts
    return dict(zip(accounts["account"].tolist(), accounts["score"].tolist(), strict=True))


def _refuse(plan: Any, actuals: Any, as_of: Any, *, rate: Any) -> None:
    if not isinstance(plan, Plan) or not isinstance(actuals, Actuals):
        raise InputError("review(plan, actuals, as_of=...) takes a Plan and Actuals", hint=HOW)
    found = [*asked_day("as_of", as_of, needed=True), *asked_kind("rate", rate, Real, "a number")]
    if found:
        refuse(found)
    calendar, measure = plan.problem.calendar, plan.problem.strategy.measure
    wrong = []
    if not calendar.start <= as_of <= calendar.end:
        wrong.append(f"as_of is {as_of}, and the horizon goes from {calendar.start} to {calendar.end}")
    if plan.as_of is not None and as_of < plan.as_of:
        wrong.append(f"as_of is {as_of}, and the plan is closed up to {plan.as_of} already: review the one before it")
    if actuals.measure != measure:
        wrong.append(f"the actuals are {actuals.measure}, and the plan is of {measure}")
    if rate is None or not 0 < rate < 1:
        wrong.append(f"rate is {rate}, and must be above 0 and below 1: 5 % is 0.05")
    if wrong:
        raise InputError("; ".join(wrong), hint="Correct it and review again.")
