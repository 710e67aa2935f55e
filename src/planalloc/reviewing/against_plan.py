"""Which gaps to the plan are more than chance (F-29): pace, work, and deals that stand still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planalloc.numerics.compared_rates import compared_rates
from planalloc.numerics.discoveries import discoveries
from planalloc.numerics.plan_tests import money_p_values, shortfall_p_values
from planalloc.plan.table import Table, Text
from planalloc.plan.visits import positions
from planalloc.reviewing.dealt import funnels_of
from planalloc.reviewing.done import bunches
from planalloc.reviewing.entries import created
from planalloc.reviewing.execution import DUE
from planalloc.reviewing.forecast import SCOPES

if TYPE_CHECKING:
    from collections.abc import Collection

    from planalloc.plan.columns import Column
    from planalloc.reviewing.dealt import Dealt
    from planalloc.reviewing.done import Done
    from planalloc.reviewing.execution import _Visits
    from planalloc.reviewing.seen import Seen
    from planalloc.reviewing.sold import Sold
    from planalloc.types import Floats, Ints

__all__ = ["TESTS", "against_plan_table", "known_sizes"]

TESTS = ("pace", "execution", "visits", "stuck", "creation")


@dataclass(frozen=True, eq=False)
class _Tested:
    """Tests of one kind, with who or what they are about: positions of reps and lines, -1 for none."""

    test: int
    rep: Ints
    line: Ints
    actual: Floats
    expected: Floats
    p_values: Floats
    least: Floats


def known_sizes(seen: Seen, sales: Sold) -> Floats:
    """Return the money of a deal on each line, shape (S,): as planned, else as sold so far; nan where nothing tells."""
    planned = np.array([np.nan if funnel is None else funnel.deal_size for funnel in funnels_of(seen)])
    return np.where(np.isnan(planned), sales.sizes, planned)


def against_plan_table(
    seen: Seen,
    sales: Sold,
    work: Done,
    planned: Ints,
    *,
    deals: Dealt,
    opportunities: Table,
    visits: _Visits | None,
    given: Collection[str],
    rate: float,
) -> Table:
    """Return one row for each test of a gap to the plan, all of them one family.

    Parameters
    ----------
    seen, sales, work, planned : Seen, Sold, Done, Ints
        The plan on its day, what was sold and done, and the activities planned.
    deals, opportunities : Dealt, Table
        Opportunities, and the open ones as `Review.opportunities` lists them.
    visits : _Visits or None
        Visits of named accounts.
    given : collection of str
        Tables of events that there are: what is not told cannot be behind.
    rate : float
        Chance of any false finding that is accepted.
    """
    found = []
    if "sales" in given:
        found.append(_pace(seen, sales))
    if "activities" in given:
        found.append(_execution(seen, work, planned))
        if visits is not None and work.touched is not None:
            due = np.floor(visits.due + DUE)
            found.append(_short(2, visits.done, due, unit=visits.rep, n_reps=seen.shape[0]))
    if len(opportunities):
        found.append(_stuck(seen, opportunities))
    if "opportunities" in given and len(seen.plan.pipeline):
        found.append(_creation(seen, deals))
    return _table(seen, found, rate=rate)


def _pace(seen: Seen, sales: Sold) -> _Tested:
    """Test the money of the company, each line and each rep against what is due of it.

    What a revised plan has closed is a fact, and no chance any more: only what came and was due since is tested.
    """
    n_reps, n_lines, _ = seen.shape
    # A deal is of the size that deals have: whether the size was planned well is part of the gap, not of the chance.
    sizes = np.where(np.isnan(sales.sizes), known_sizes(seen, sales), sales.sizes)
    actual = sales.amount.sum(axis=2) / 10_000
    pieces = []
    for wanted, axis in ((seen.base, (0, 1)), (seen.base, 0), (seen.quota, 1)):
        due = np.maximum((wanted.due - wanted.closed).sum(axis=2), 0.0)
        closed = np.atleast_1d(wanted.credited.sum(axis=2).sum(axis=axis))
        deals = due / sizes
        square = np.atleast_1d((deals * sizes**2 * (1 + sales.size_cv**2)).sum(axis=axis))
        many, money = np.atleast_1d(deals.sum(axis=axis)), np.atleast_1d(due.sum(axis=axis))
        mean = np.divide(money, many, out=np.full(len(many), np.nan), where=many > 0)
        scatter = np.divide(square, many * mean**2, out=np.ones(len(many)), where=many > 0) - 1
        came = np.atleast_1d(actual.sum(axis=axis))
        cv = np.sqrt(np.maximum(scatter, 0.0))
        p_values = money_p_values(came - closed, deals=many, sizes=mean, size_cv=cv)
        pieces.append((came, closed + money, p_values))
    came, money, p_values = (np.concatenate(one) for one in zip(*pieces, strict=True))
    rep = np.concatenate([np.full(1 + n_lines, -1), np.arange(n_reps)])
    line = np.concatenate([[-1], np.arange(n_lines), np.full(n_reps, -1)])
    return _Tested(0, rep, line, came, money, p_values, np.where(np.isnan(p_values), np.nan, 0.0))


def _execution(seen: Seen, work: Done, planned: Ints) -> _Tested:
    """Test the activities of each rep; what nobody reports is not told, and not tested."""
    due, done = (planned * seen.elapsed).sum(axis=3), work.counts.sum(axis=3)
    due = due * done.any(axis=(0, 1))
    r, g, k = np.nonzero(due > 0)
    return _short(1, done[r, g, k], due[r, g, k], unit=r, n_reps=seen.shape[0], bunch=bunches(seen)[g, k])


def _short(test: int, done: Ints, due: Floats, *, unit: Ints, n_reps: int, bunch: Floats | float = 1.0) -> _Tested:
    events = np.rint(done / bunch).astype(np.int64)
    p_values, least = shortfall_p_values(events, due / bunch, unit=unit, n_units=n_reps)
    credited, asked = (np.bincount(unit, one, n_reps).astype(float) for one in (np.minimum(done, due), due))
    return _Tested(test, np.arange(n_reps), np.full(n_reps, -1), credited, asked, p_values, least)


def _stuck(seen: Seen, opportunities: Table) -> _Tested:
    """Test how many of each rep's open deals stand still against the colleagues' on the same lines."""
    n_reps, n_lines, _ = seen.shape
    rep, line = positions(opportunities.contents["rep"], seen.rep_ids), seen.line_of(opportunities)
    trials, stuck = np.zeros((n_reps, n_lines), dtype=np.int64), np.zeros((n_reps, n_lines), dtype=np.int64)
    np.add.at(trials, (rep, line), 1)
    np.add.at(stuck, (rep, line), np.asarray(opportunities["stuck"]).astype(np.int64))
    found = compared_rates(stuck, trials)
    nobody = np.full(n_reps, -1)
    return _Tested(
        3, np.arange(n_reps), nobody, found.successes.astype(float), found.expected, found.p_values, found.least
    )


def _creation(seen: Seen, deals: Dealt) -> _Tested:
    """Test how many opportunities each rep created, and all of them on a line that is a segment of its own."""
    from scipy.special import pdtr, pdtrc  # noqa: PLC0415 -- loaded only when needed

    done, due = created(seen, deals)
    names = [line.segment for line in seen.index.lines]
    alone = [s for s, name in enumerate(names) if names.count(name) == 1]
    segments = [seen.segment_ids.index(names[s]) for s in alone]
    many, planned = (np.concatenate([one.sum(axis=0), one.sum(axis=1)[segments]]) for one in (done, due))
    tails = np.minimum(pdtr(many, planned), np.where(many > 0, pdtrc(np.maximum(many - 1, 0), planned), 1.0))
    p_values = np.where(planned > 0, np.minimum(1.0, 2 * tails), np.nan)
    n_reps = seen.shape[0]
    rep = np.concatenate([np.arange(n_reps), np.full(len(alone), -1)])
    line = np.concatenate([np.full(n_reps, -1), np.array(alone, dtype=np.int64)])
    return _Tested(4, rep, line, many, planned, p_values, np.where(np.isnan(p_values), np.nan, 0.0))


def _table(seen: Seen, found: list[_Tested], *, rate: float) -> Table:
    def joined(name: str) -> Floats:
        return np.concatenate([np.zeros(0), *(getattr(one, name) for one in found)])

    def places(name: str) -> Ints:
        return np.concatenate([np.zeros(0, dtype=np.int64), *(getattr(one, name) for one in found)])[kept]

    p_values = joined("p_values")
    verdict = discoveries(p_values, rate=rate, least=joined("least"))
    kept = np.flatnonzero(~np.isnan(p_values))
    rep, line = places("rep"), places("line")
    test = np.concatenate([np.zeros(0, dtype=np.int64), *(np.full(len(one.rep), one.test) for one in found)])[kept]
    people = seen.rep_columns(np.arange(seen.shape[0]))
    columns: dict[str, Column] = {
        "test": Text(test, TESTS),
        "scope": Text(np.where(rep >= 0, 2, np.where(line >= 0, 1, 0)), SCOPES),
    }
    for name, column in people.items():
        assert isinstance(column, Text)  # noqa: S101 -- labels are text
        columns[name] = Text(np.append(column.codes, np.int32(-1))[rep], column.categories)
    columns |= seen.line_columns(line)
    columns |= {
        "actual": joined("actual")[kept],
        "expected": joined("expected")[kept],
        "p_value": p_values[kept],
        "adjusted": verdict.adjusted[kept],
        "differs": verdict.found[kept],
    }
    return Table(columns, name="against the plan", decimals={"p_value": 4, "adjusted": 4})
