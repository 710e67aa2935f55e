"""The allocation as a program: columns, rows and tiers (F-1, F-2, F-5, F-7 to F-10), and the way back.

Everything is said of cells (class x line x period) and composed with the map from columns to cells: a steady line has
one column a class, whose year spreads by the season; any other line has one column a cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from planalloc.lp.lexicographic import Tier
from planalloc.lp.program import LinearProgram

if TYPE_CHECKING:
    from planalloc.formulate.activities import Work
    from planalloc.formulate.alike import Classes
    from planalloc.formulate.limits import LimitSum
    from planalloc.types import Bools, Floats, Ints

__all__ = ["Allocation", "Answer", "Question"]

MONEY_PARTS = 1000.0
"""Money enters the program in thousandths of the whole target: numbers near 1, so that a solver's absolute tolerance
of 1e-7 is 1e-10 of the whole."""

SMALLEST_REFERENCE = 1e-9
"""Share of the whole below which a reference counts as zero: its distance is then relative to the share by capacity."""


@dataclass(frozen=True)
class Question:
    """What one program asks, for C classes of reps.

    Parameters
    ----------
    work : Work
        Activities and hours.
    alike : Classes
        The classes.
    targets : Floats
        Line targets in rounding units, shape (S,).
    weights : Floats
        Season of each line, shape (S, T); rows sum to 1.
    reference : Floats
        Fair split by class, shape (C, S, T).
    limits : tuple of LimitSum
        Pins and bounds; every class lies wholly inside or outside each of them.
    season_is_free : bool
        Ask for the least deviation from the season that limits make unavoidable, hours ignored, instead of a plan.
    """

    work: Work
    alike: Classes
    targets: Floats
    weights: Floats
    reference: Floats
    limits: tuple[LimitSum, ...] = ()
    season_is_free: bool = False

    @property
    def eligible(self) -> Bools:
        """Whether a class may carry a line, shape (C, S)."""
        return self.work.index.eligible[self.alike.first]

    @property
    def present(self) -> Bools:
        """Whether a class carries a number in a period, shape (C, T)."""
        return self.work.time.weight[self.alike.first] > 0

    @cached_property
    def steady(self) -> Bools:
        """Lines all of whose reps are there, fully productive, all the time, and that no limit cuts by period, (S,)."""
        steady = ~(self.eligible & ~self.work.time.steady[self.alike.first][:, None]).any(axis=0)
        for limit in self.limits:
            if limit.cuts_periods:
                steady &= ~limit.lines
        return steady & (not self.season_is_free)


@dataclass(frozen=True)
class Answer:
    """What a solved program says, back in rounding units and hours.

    Parameters
    ----------
    cells : Floats
        Base by class, line and period, shape (C, S, T).
    shortfall : Floats
        By line, shape (S,).
    coverage : Floats
        Part of the accounts worked, by class and segment, shape (C, segments).
    gap : Floats
        Deviation from the season, shape (S, T).
    """

    cells: Floats
    shortfall: Floats
    coverage: Floats
    gap: Floats


@dataclass(frozen=True)
class Columns:
    """A group of columns: where it starts, and what each stands for."""

    start: int
    at: tuple[Ints, ...]

    @property
    def positions(self) -> Ints:
        """Positions in the program, shape (number,)."""
        return self.start + np.arange(len(self.at[0]))


@dataclass
class Allocation:
    """A question compiled into a program, its tiers, and the way from a solution back to an answer."""

    question: Question
    money: float = field(init=False)

    def __post_init__(self) -> None:
        self.money = max(float(self.question.targets.sum()), 1.0) / MONEY_PARTS

    # -- columns -----------------------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> dict[str, Columns]:
        """Column groups in the order of the program."""
        q = self.question
        time, index, first = q.work.time, q.work.index, q.alike.first
        open_cells = q.eligible[:, :, None] & q.present[:, None, :] & (~q.steady)[None, :, None]
        if not q.season_is_free:
            open_cells &= (q.weights * q.targets[:, None] > 0)[None]
        asked = np.zeros((len(first), len(index.segments)), dtype=bool)
        for _, segment, many in q.work.cadences:
            asked[:, segment] |= many[first] > 0
        feeding = np.array([many[first] > 0 for _, _, many in q.work.feeding], dtype=bool).reshape(-1, len(first)).T
        overtime = (time.hours[first] > 0) & (index.problem.policy.overtime_limit_share > 0)
        every = np.ones(q.weights.shape, dtype=bool) & q.season_is_free
        masks = {
            "steady": q.eligible & q.steady[None, :] & (q.targets > 0)[None, :],
            "cell": open_cells,
            "shortfall": np.ones(len(q.targets), dtype=bool),
            "coverage": asked & (not q.season_is_free),
            "excess": feeding & (not q.season_is_free),
            "overtime": overtime & (not q.season_is_free),
            "gap_up": every,
            "gap_down": every,
        }
        groups, start = {}, 0
        for name, mask in masks.items():
            groups[name] = Columns(start, np.nonzero(mask))
            start += int(mask.sum())
        return groups

    @cached_property
    def n_columns(self) -> int:
        """Number of columns."""
        last = self.groups["gap_down"]
        return last.start + len(last.at[0])

    def _matrix(self, rows: Ints, columns: Ints, values: Floats, n_rows: int) -> csr_array:
        return coo_array((values, (rows, columns)), shape=(n_rows, self.n_columns)).tocsr()

    @cached_property
    def cells(self) -> csr_array:
        """The map from columns to cells (class x line x period, in that order), shape (C * S * T, n)."""
        shape = self.question.reference.shape
        steady, cell = self.groups["steady"], self.groups["cell"]
        periods = np.arange(shape[2])
        rows = np.ravel_multi_index((steady.at[0][:, None], steady.at[1][:, None], periods[None, :]), shape)
        values = self.question.weights[steady.at[1]]
        spread = self._matrix(rows.ravel(), np.repeat(steady.positions, shape[2]), values.ravel(), int(np.prod(shape)))
        own = np.ravel_multi_index(cell.at, shape)
        return spread + self._matrix(own, cell.positions, np.ones(len(own)), int(np.prod(shape)))

    # -- rows --------------------------------------------------------------------------------------------------------

    @cached_property
    def season_rows(self) -> tuple[csr_array, Floats]:
        """F-1 and F-8: each line's target; on lines that are not steady, in every period by itself."""
        q = self.question
        size, lines = q.alike.size, len(q.targets)
        used = ~q.steady[:, None] & ((q.weights * q.targets[:, None] > 0) | q.season_is_free)
        number = np.where(q.steady[:, None], 0, np.cumsum(used.ravel()).reshape(used.shape) - 1)
        n_cell_rows = int(used.sum())
        steady_row = n_cell_rows + np.cumsum(q.steady) - 1
        n_rows = n_cell_rows + int(q.steady.sum())
        steady, cell, short = self.groups["steady"], self.groups["cell"], self.groups["shortfall"]
        at_s, at_t = np.nonzero(used)
        parts = [
            (steady_row[steady.at[1]], steady.positions, size[steady.at[0]]),
            (number[cell.at[1], cell.at[2]], cell.positions, size[cell.at[0]]),
            (number[at_s, at_t], short.positions[at_s], q.weights[at_s, at_t]),
            (steady_row[q.steady], short.positions[q.steady], np.ones(int(q.steady.sum()))),
        ]
        balance_row = n_rows + np.arange(lines)
        for name, sign in (("gap_up", -1.0), ("gap_down", 1.0)):
            gap = self.groups[name]
            if len(gap.at[0]):
                parts.append((number[gap.at], gap.positions, np.full(len(gap.at[0]), sign)))
                parts.append((balance_row[gap.at[0]], gap.positions, np.full(len(gap.at[0]), sign)))
        n_rows += lines * q.season_is_free  # what leaves a period of a line enters another one
        right = np.zeros(n_rows)
        right[number[at_s, at_t]] = (q.weights * q.targets[:, None])[at_s, at_t] / self.money
        right[steady_row[q.steady]] = q.targets[q.steady] / self.money
        rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        return self._matrix(rows, columns, values, n_rows), right

    @cached_property
    def hours_rows(self) -> tuple[csr_array, Floats]:
        """F-2 and F-7: funnel work, cadence work and overtime of each class in each period, in parts of its hours."""
        q = self.question
        work, first = q.work, q.alike.first
        shape = q.reference.shape
        classes, length = shape[0], shape[2]
        pattern = work.pattern[2][first]
        slow = 1.0 / work.time.productivity[first]
        c, s, t, tau = np.nonzero(work.hours_per_unit[pattern])
        values = work.hours_per_unit[pattern[c], s, t, tau] * slow[c, tau] * self.money
        per_cell = coo_array(
            (values, (c * length + tau, np.ravel_multi_index((c, s, t), shape))),
            shape=(classes * length, int(np.prod(shape))),
        ).tocsr()
        matrix = per_cell @ self.cells
        visits = work.profile[first] * slow
        care = work.care_hours[first]
        feeding_hours = np.array([work.activity_hours[activity] for _, activity, _ in work.feeding])
        for name, amounts in (("coverage", care), ("excess", np.tile(feeding_hours, (classes, 1)))):
            group = self.groups[name]
            rows = (
                (group.at[0] * length)[:, None] + np.arange(length) if len(group.at[0]) else np.zeros((0, length), int)
            )
            each = amounts[group.at][:, None] * visits[group.at[0]] if len(group.at[0]) else np.zeros((0, length))
            matrix = matrix + self._matrix(
                rows.ravel().astype(int), np.repeat(group.positions, length), each.ravel(), classes * length
            )
        overtime = self.groups["overtime"]
        rows = overtime.at[0] * length + overtime.at[1] if len(overtime.at[0]) else np.zeros(0, int)
        matrix = matrix + self._matrix(rows, overtime.positions, -np.ones(len(rows)), classes * length)
        hours = work.time.hours[first].ravel()
        scale = 1.0 / np.maximum(hours, 1.0)
        return csr_array(matrix.multiply(scale[:, None])), hours * scale

    @cached_property
    def excess_rows(self) -> csr_array:
        """F-2: a feeding cadence's work beyond the funnel's own: excess + funnel work - asked x coverage >= 0."""
        q = self.question
        work, first = q.work, q.alike.first
        shape, group = q.reference.shape, self.groups["excess"]
        n_rows = len(group.at[0])
        matrix = self._matrix(np.arange(n_rows), group.positions, np.ones(n_rows), n_rows)
        coverage = np.full((shape[0], len(work.index.segments)), -1)
        coverage[self.groups["coverage"].at] = self.groups["coverage"].positions
        for number, (segment, activity, many) in enumerate(work.feeding):
            own = np.flatnonzero(group.at[1] == number) if n_rows else np.zeros(0, int)
            who = group.at[0][own] if n_rows else own
            counts = work.funnel_counts(segment, activity)[work.pattern[2][first[who]]] * self.money
            i, s, t = np.nonzero(counts)
            per_cell = coo_array(
                (counts[i, s, t], (own[i], np.ravel_multi_index((who[i], s, t), shape))),
                shape=(n_rows, int(np.prod(shape))),
            ).tocsr()
            matrix = matrix + per_cell @ self.cells
            matrix = matrix + self._matrix(own, coverage[who, segment], -many[first[who]], n_rows)
        return csr_array(matrix)

    @cached_property
    def limit_rows(self) -> tuple[csr_array, Floats, Floats]:
        """F-5: pins and bounds, on the quota or on the base, as each says."""
        q = self.question
        hedge, size = q.work.index.hedge[q.alike.first], q.alike.size
        rows = []
        for limit in q.limits:
            each = limit.reps[q.alike.first] * size * (hedge if limit.of_quota else 1.0)
            box = each[:, None, None] * limit.lines[None, :, None] * limit.periods[None, None, :]
            rows.append(csr_array(box.reshape(1, -1)))
        matrix = csr_array(vstack(rows) @ self.cells) if rows else csr_array((0, self.n_columns))
        lower = np.array([limit.lower for limit in q.limits]) / self.money
        upper = np.array([limit.upper for limit in q.limits]) / self.money
        return matrix, lower, upper

    @cached_property
    def program(self) -> LinearProgram:
        """All rows and bounds, with a cost of zero: the tiers bring theirs."""
        q = self.question
        season, right = self.season_rows
        limits, low, high = self.limit_rows
        blocks, lowers, uppers = [season, limits], [right, low], [right, high]
        if not q.season_is_free:
            hours, available = self.hours_rows
            blocks += [hours, self.excess_rows]
            lowers += [np.full(len(available), -np.inf), np.zeros(self.excess_rows.shape[0])]
            uppers += [available, np.full(self.excess_rows.shape[0], np.inf)]
        lower, upper = np.zeros(self.n_columns), np.full(self.n_columns, np.inf)
        upper[self.groups["shortfall"].positions] = q.targets / self.money
        segments = q.work.index.segments
        coverage, overtime = self.groups["coverage"], self.groups["overtime"]
        if len(coverage.at[0]):
            lower[coverage.positions] = np.array([one.coverage_min for one in segments])[coverage.at[1]]
            upper[coverage.positions] = np.array([one.coverage for one in segments])[coverage.at[1]]
        if len(overtime.at[0]):
            allowed = q.work.time.hours[q.alike.first] * q.work.index.problem.policy.overtime_limit_share
            upper[overtime.positions] = allowed[overtime.at]
        return LinearProgram(
            np.zeros(self.n_columns),
            csr_array(vstack(blocks)),
            np.concatenate(lowers),
            np.concatenate(uppers),
            lower,
            upper,
        )

    @property
    def limit_row_numbers(self) -> Ints:
        """Positions of the limits' rows in the program."""
        start = self.season_rows[0].shape[0]
        return start + np.arange(len(self.question.limits))

    @property
    def least_coverage_price(self) -> float:
        """Price of giving up all coverage of a class in a segment, next to one unit of money of the program."""
        return MONEY_PARTS

    # -- tiers -------------------------------------------------------------------------------------------------------

    @cached_property
    def tiers(self) -> list[Tier]:
        """F-9: shortfall, then the season's gap or coverage and overtime, then the distance from the reference."""
        q = self.question
        segments = q.work.index.segments
        size, priority = q.alike.size, np.array([one.priority for one in segments])
        short, coverage, overtime = self.groups["shortfall"], self.groups["coverage"], self.groups["overtime"]
        tiers = [self._tier("shortfall", short.positions, priority[q.work.index.line_segment])]
        if q.season_is_free:
            both = np.concatenate([self.groups["gap_up"].positions, self.groups["gap_down"].positions])
            tiers.append(self._tier("season gap", both, np.ones(len(both))))
        if len(coverage.at[0]):
            accounts = q.work.all_accounts[q.alike.first][coverage.at]
            tiers.append(
                self._tier("coverage", coverage.positions, -priority[coverage.at[1]] * accounts * size[coverage.at[0]])
            )
        if len(overtime.at[0]):
            tiers.append(self._tier("overtime", overtime.positions, size[overtime.at[0]]))
        return [*tiers, self._distance()]

    def _tier(self, name: str, columns: Ints, weights: Floats) -> Tier:
        cost = np.zeros(self.n_columns)
        cost[columns] = weights / max(float(np.abs(weights).max(initial=0.0)), 1e-300)
        return Tier(name, cost)

    def _distance(self) -> Tier:
        """F-10: sum of (x - ref)^2 / ref; what a tier above leaves open among coverage and overtime is evened out."""
        q = self.question
        size, reference = q.alike.size, q.reference / self.money
        cost, curve = np.zeros(self.n_columns), np.zeros(self.n_columns)
        weight = q.work.time.weight[q.alike.first]
        covering = np.einsum("c,cs,ct->s", size, q.eligible, weight)
        by_capacity = (
            weight[:, None, :]
            * q.eligible[:, :, None]
            * (q.targets / self.money / np.maximum(covering, 1e-300))[:, None]
        )
        for name, own, stand_in in (
            ("steady", reference.sum(axis=2), by_capacity.sum(axis=2)),
            ("cell", reference, by_capacity),
        ):
            group = self.groups[name]
            if not len(group.at[0]):
                continue
            at, members = own[group.at], size[group.at[0]]
            known = at > SMALLEST_REFERENCE * MONEY_PARTS
            base = np.where(known, at, np.maximum(stand_in[group.at], SMALLEST_REFERENCE * MONEY_PARTS))
            curve[group.positions] = 2.0 * members / base
            cost[group.positions] = np.where(known, -2.0 * members, 0.0)
        for name in ("gap_up", "gap_down"):
            group = self.groups[name]
            if len(group.at[0]):
                natural = (q.weights * q.targets[:, None])[group.at] / self.money
                curve[group.positions] = 2.0 / np.maximum(natural, SMALLEST_REFERENCE * MONEY_PARTS)
        coverage, overtime = self.groups["coverage"], self.groups["overtime"]
        if len(coverage.at[0]):
            wanted = np.array([one.coverage for one in q.work.index.segments])[coverage.at[1]]
            members = size[coverage.at[0]]
            curve[coverage.positions], cost[coverage.positions] = 2.0 * members, -2.0 * members * wanted
        if len(overtime.at[0]):
            hours = np.maximum(q.work.time.hours[q.alike.first][overtime.at], 1.0)
            curve[overtime.positions] = 2.0 * size[overtime.at[0]] / hours
        return Tier("distance", cost, curve)

    # -- back --------------------------------------------------------------------------------------------------------

    def answer(self, x: Floats) -> Answer:
        """Return what a solution says, shape (n,) of the program's columns."""
        q = self.question
        coverage = np.tile([one.coverage for one in q.work.index.segments], (len(q.alike.size), 1))
        group = self.groups["coverage"]
        if len(group.at[0]):
            coverage[group.at] = x[group.positions]
        gap = np.zeros(q.weights.shape)
        for name, sign in (("gap_up", 1.0), ("gap_down", -1.0)):
            if len(self.groups[name].at[0]):
                gap[self.groups[name].at] += sign * x[self.groups[name].positions] * self.money
        cells = np.maximum((self.cells @ x).reshape(q.reference.shape), 0.0) * self.money
        shortfall = np.clip(x[self.groups["shortfall"].positions] * self.money, 0.0, q.targets)
        return Answer(cells, shortfall, coverage, gap)
