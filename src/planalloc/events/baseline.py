"""Where a plan starts from: what each rep and account sold last year, and how opportunities turned into sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import ValidationError

from planalloc.errors import InputError
from planalloc.events.actuals import Actuals
from planalloc.events.matching import matched_sales
from planalloc.events.noted import NOTED, noted
from planalloc.events.past_funnels import PastFunnels, read_funnels
from planalloc.model.asked import asked_choice, asked_day, asked_kind, asked_names
from planalloc.model.calendar import Calendar
from planalloc.model.cells import shown
from planalloc.model.finding import Finding, refuse
from planalloc.model.grouping import PARTS, SHOWN, SetAside
from planalloc.model.problem import PlanningProblem
from planalloc.model.sieve import DIRTY, NEVER, Sieve, refuse_dirty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from planalloc.events.sieve import Events
    from planalloc.model.grouping import Source
    from planalloc.model.playbook import Funnel
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Baseline", "baseline"]


@dataclass(frozen=True, eq=False)
class Baseline:
    """What a problem's plan may start from.

    Attributes
    ----------
    start, end : date
        First and last day of the history.
    by_rep : dict of str to dict of str to float
        Sales in money above 0, by rep and segment; reps of whom no sale is known are not in it.
    by_account : dict of str to float
        Sales in money of each account of the portfolio, 0 where there is none; empty where sales name no accounts.
    by_line : tuple of dict
        Rows of `rep`, `segment`, `product`, `business` and `amount`, credits taken off, below 0 too: they add up to
        what `by_rep` does and what `set_aside` tells of credits.
    funnels : tuple of Funnel
        One for each segment; empty without opportunities.
    rows : tuple of dict
        What the funnels rest on: for each segment its deal size, the conversion of each stage, and the median days to
        closing; with `count`, `successes`, `still_open`, `raw`, `value`, the interval from `low` to `high`, and
        `shrinkage`, the weight of the other segments.
    without_sales : tuple of str
        Reps of the problem of whom no sale is known, or nothing but credits: what they would have sold is not known.
    set_aside : tuple of SetAside
        Rows that did not count, by table and rule; those with ``counted`` did, and are told.
    """

    start: date
    end: date
    by_rep: Mapping[str, Mapping[str, float]]
    by_account: Mapping[str, float]
    by_line: tuple[Mapping[str, Any], ...]
    funnels: tuple[Funnel, ...]
    rows: tuple[Mapping[str, Any], ...]
    without_sales: tuple[str, ...]
    set_aside: tuple[SetAside, ...]

    def into(self, problem: PlanningProblem) -> PlanningProblem:
        """Return a problem with `Rep.last_year`, `Account.last_year` and the funnels of its segments as found.

        Reps without a sale keep the `last_year` they have. A funnel takes the place of the segment's own, where it has
        one; those of a product or a kind of business stay.

        Examples
        --------
        >>> from datetime import date
        >>> import planalloc as pa
        >>> problem = pa.PlanningProblem.simple(
        ...     year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice", "bruno"]
        ... )
        >>> sales = [{"date": "2026-03-01", "rep": "alice", "segment": "A", "amount": 900}]
        >>> found = pa.baseline(pa.Actuals(sales=sales), problem, start=date(2026, 1, 1), end=date(2026, 12, 31))
        >>> [(rep.id, rep.last_year) for rep in found.into(problem).sales_force.reps]
        [('alice', {'A': 900.0}), ('bruno', None)]
        """
        reps = [
            rep.but(last_year=self.by_rep[rep.id]) if rep.id in self.by_rep else rep for rep in problem.sales_force.reps
        ]
        accounts = [
            one.but(last_year=self.by_account[one.id]) if one.id in self.by_account else one
            for one in problem.portfolio.accounts
        ]
        replaced = {one.segment for one in self.funnels}
        kept = [
            one
            for one in problem.playbook.funnels
            if one.segment not in replaced or one.product is not None or one.business is not None
        ]
        return problem.but(
            sales_force=problem.sales_force.but(reps=tuple(reps)),
            portfolio=problem.portfolio.but(accounts=tuple(accounts)),
            playbook=problem.playbook.but(funnels=(*kept, *self.funnels)),
        )


def baseline(
    actuals: Actuals,
    problem: PlanningProblem,
    *,
    start: date,
    end: date,
    stages: Sequence[str] | None = None,
    confidence: float = 0.9,
    on_dirty: Literal["set_aside", "refuse"] = "set_aside",
) -> Baseline:
    """Read what a problem's plan may start from out of what happened.

    Sales of the days from `start` to `end` become reference weights. Opportunities created in these days, as they stand
    on the last of them, become funnels: deal sizes of those won, conversion of those old enough for 9 of 10 to have
    closed (open ones count as not converted), lead times as medians of those won. Small samples are drawn to all
    segments together, as far as segments are alike.

    Parameters
    ----------
    actuals : Actuals
        Sales and opportunities, either of them; ``stages`` tells conversions apart by stage. Without it, the stages of
        the playbook keep their conversions, and a problem without a playbook gets a single stage.
    problem : PlanningProblem
        Says which reps, segments, lines and accounts there are; its own calendar does not matter.
    start, end : date
        First and last day of the history, at most 20 years.
    stages : sequence of str, optional
        Stages in the order of the sale, without its ends; None: those of the playbook's first funnel.
    confidence : float
        Chance with which an interval holds what it is about, above 0 and below 1.
    on_dirty : {"set_aside", "refuse"}
        What happens where rows cannot be used: they are set aside and told, or refused.

    Returns
    -------
    Baseline
        To look at, and to put `into` the problem.

    Raises
    ------
    UnknownNameError
        When `on_dirty` is neither.
    InputError
        When a table cannot be read, amounts are of the other measure, stages have no order, the dates or the confidence
        are out of range, rows are dirty and `on_dirty` refuses that, or none of the sales of these days can be used.

    Examples
    --------
    >>> from datetime import date
    >>> import planalloc as pa
    >>> problem = pa.PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
    >>> sales = [{"date": "2026-03-01", "rep": who, "segment": "A", "amount": 900} for who in ("alice", "zoe")]
    >>> found = baseline(pa.Actuals(sales=sales), problem, start=date(2026, 1, 1), end=date(2026, 12, 31))
    >>> found.by_rep, [(one.rule, one.rows, one.examples) for one in found.set_aside]
    ({'alice': {'A': 900.0}}, [('names a rep that nobody defined', 1, ("'zoe'",))])
    """
    stages = _asked(actuals, problem, (start, end), stages=stages, confidence=confidence, on_dirty=on_dirty)
    if actuals.measure != problem.strategy.measure:
        raise InputError(
            f"the actuals are {actuals.measure}, and the strategy plans {problem.strategy.measure}",
            hint="Give actuals of the same measure; the two differ by when they count.",
        )
    then = problem.canonical().but(calendar=Calendar(start=start, end=end))
    tables = actuals.tables
    sales = tables["sales"].within("date", start, end) if "sales" in tables else None
    by_rep, by_line, told = ({}, (), ()) if sales is None else _sold(sales, then)
    by_account, untold = ({}, ()) if sales is None else _bought(sales, then)
    past = PastFunnels()
    if "opportunities" in tables:
        past = read_funnels(tables, then, until=end, order=stages, confidence=confidence)
    set_aside = (*told, *untold, *past.set_aside)
    refuse_dirty(set_aside, on_dirty=on_dirty)
    if not by_line:
        _refuse_none(told)
    primary = [rep.id for rep in then.sales_force.reps if rep.role == "primary"]
    return Baseline(
        start=start,
        end=end,
        by_rep=by_rep,
        by_account=by_account,
        by_line=by_line,
        funnels=past.funnels,
        rows=past.rows,
        without_sales=() if sales is None else tuple(one for one in primary if one not in by_rep),
        set_aside=set_aside,
    )


def _asked(
    actuals: Actuals,
    problem: PlanningProblem,
    days: tuple[date, date],
    *,
    stages: Sequence[str] | None,
    confidence: Any,
    on_dirty: str,
) -> Sequence[str] | None:
    """Refuse arguments that are none of what they may be, all at once; return the stages as a list."""
    found = [
        *asked_kind("actuals", actuals, Actuals, "Actuals"),
        *asked_kind("problem", problem, PlanningProblem, "a PlanningProblem"),
        *asked_day("start", days[0], needed=True),
        *asked_day("end", days[1], needed=True),
        *asked_names("stages", stages, "stages=['lead', 'offer']"),
        *asked_choice("on_dirty", on_dirty, DIRTY),
    ]
    if not isinstance(confidence, int | float) or not 0 < confidence < 1:
        rule, remedy = "is no chance", "Give one above 0 and below 1, such as 0.9."
        found.append(Finding("out-of-range", "error", "confidence", shown(confidence), rule, remedy))
    if not found:
        try:
            Calendar(start=days[0], end=days[1])
        except ValidationError as error:
            said = error.errors()[0]["msg"]
            found.append(Finding("out-of-range", "error", "start and end", "the history", said, ""))
    named = None if stages is None or any(one.path == "stages" for one in found) else [*stages]
    if named is not None and (not named or len({str(one) for one in named}) < len(named)):
        rule = "names a stage twice" if named else "names no stage"
        found.append(Finding("wrong-kind", "error", "stages", shown(named), rule, "Name each stage of the sale once."))
    found += [one for name in named or () for one in asked_kind("stages", name, str, "the name of a stage")]
    if found:
        refuse(found)
    return named


Sold = tuple[dict[str, dict[str, float]], tuple[dict[str, Any], ...], tuple[SetAside, ...]]


def _sold(source: Source, problem: PlanningProblem) -> Sold:
    """Add up sales by rep and segment, and by line."""
    window = str(problem.calendar.start), str(problem.calendar.end)
    events = matched_sales(source, problem, by=NOTED, window=window)
    reps = [rep.id for rep in problem.sales_force.reps if rep.role == "primary"]
    segments = [one.id for one in problem.strategy.segments]
    shape = len(reps), len(segments)
    rows = np.zeros(shape, dtype=np.int64)
    np.add.at(rows, (events.rep, events.segment), events.rows)
    names = [f"{rep} / {segment}" for rep in reps for segment in segments]
    what = "is in a segment of a rep that credits bring below zero, which counts as 0"
    sums, told = _above_zero(_summed(events, shape, by_line=False), rows, what, names)
    by_rep = {
        rep: {name: amount for name, amount in zip(segments, row, strict=True) if amount}
        for rep, row in zip(reps, sums.tolist(), strict=True)
        if any(row)
    }
    lines = sorted(problem.strategy.targets, key=lambda one: (one.segment, one.product or "", one.business or ""))
    found = _summed(events, (len(reps), len(lines)), by_line=True) / PARTS
    by_line = tuple(
        {
            "rep": reps[r],
            "segment": lines[i].segment,
            "product": lines[i].product,
            "business": lines[i].business,
            "amount": float(found[r, i]),
        }
        for r, i in np.argwhere(found).tolist()
    )
    return by_rep, by_line, (*events.set_aside, *told, *noted(events, source, problem))


def _refuse_none(told: Sequence[SetAside]) -> None:
    """Refuse sales of which none counts because of what is wrong with them, whatever is set aside."""
    wrong = [f"{one.subject} {one.rule}{one.shown}" for one in told if not one.outside and not one.counted]
    if wrong:
        raise InputError(
            f"none of the sales counts: {'; '.join(wrong)}",
            hint="Correct the table or the problem; columns={'sales': {'product': None}} leaves a column out.",
        )


def _summed(events: Events, shape: tuple[int, int], *, by_line: bool) -> Ints:
    sums = np.zeros(shape, dtype=np.int64)
    np.add.at(sums, (events.rep, events.line if by_line else events.segment), events.sums["amount"])
    return sums


def _above_zero(sums: Ints, rows: Ints, rule: str, names: Sequence[str]) -> tuple[Floats, tuple[SetAside, ...]]:
    """Return sums in money, those that credits bring below zero as 0, and the rows in these told."""
    below: Bools = sums < 0
    told: tuple[SetAside, ...] = ()
    if below.any():
        examples = tuple(shown(names[i]) for i in np.flatnonzero(below.ravel()).tolist()[:SHOWN])
        told = (SetAside("sales", rule, int(rows[below].sum()), float(sums[below].sum()) / PARTS, examples),)
    found: Floats = np.maximum(sums, 0) / PARTS
    return found, told


def _bought(source: Source, problem: PlanningProblem) -> tuple[dict[str, float], tuple[SetAside, ...]]:
    """Add up what each account of the portfolio bought, whoever sold it."""
    accounts = {one.id: i for i, one in enumerate(problem.portfolio.accounts)}
    if not accounts or "account" not in source.names:
        return {}, ()
    sieve = Sieve.of(source, ["date", "account", "currency"], ("amount",))
    # What is wrong with dates, currencies and amounts is told where sales are matched with reps.
    when = sieve.days("date", problem.calendar.start)
    outside = (when == NEVER) | (when < 0) | (when >= problem.calendar.days)
    foreign = [one is not None and one.upper() != problem.strategy.currency for one in sieve.names("currency")]
    sieve.out(outside | np.array(foreign, dtype=bool), "is told elsewhere", sieve.groups.keys["date"])
    sieve.told = []
    at = sieve.positions("account", accounts, "account")
    kept = sieve.kept & (at >= 0)
    sums, rows = np.zeros(len(accounts), dtype=np.int64), np.zeros(len(accounts), dtype=np.int64)
    np.add.at(sums, at[kept], sieve.groups.sums["amount"][kept])
    np.add.at(rows, at[kept], sieve.groups.rows[kept])
    what = "is of an account that credits bring below zero, which counts as 0"
    amounts, told = _above_zero(sums, rows, what, list(accounts))
    return dict(zip(accounts, amounts.tolist(), strict=True)), (*sieve.told, *told)
