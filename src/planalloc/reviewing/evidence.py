"""A review's tables as rows, and small sums over them, for its alerts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planalloc.reviewing.alerts import Fact
    from planalloc.reviewing.review import Review

__all__ = ["LINE", "Evidence", "Row", "about", "facts", "grouped", "line_of", "row_key", "split", "sums"]

LINE = ("segment", "product", "business")

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Evidence:
    """A review's tables as rows, each read once and only as far as alerts ask."""

    review: Review

    @cached_property
    def forecast(self) -> dict[tuple[Any, ...], Row]:
        """Forecasts by rep and line."""
        return {row_key(row): row for row in self.review.forecast.to_dicts()}

    @cached_property
    def standing(self) -> dict[tuple[Any, ...], Row]:
        """Where reps, lines and the company stand, by rep and line."""
        found: dict[tuple[Any, ...], Row] = {}
        for by in (("rep",), LINE, ()):
            found |= {row_key(row): row for row in self.review.standing(*by).to_dicts()}
        return found

    @cached_property
    def gaps(self) -> dict[str, dict[str, dict[str | None, float]]]:
        """Parts of each rep's gap, for the reps whose pace differs."""
        found: dict[str, dict[str, dict[str | None, float]]] = defaultdict(lambda: defaultdict(dict))
        reps = {row["rep"] for row in self.found("pace") if row["rep"] is not None}
        for row in self.review.gaps.where(rep=reps).to_dicts() if reps else ():
            part = found[row["rep"]][row["by"]]
            part[row["part"]] = part.get(row["part"], 0.0) + row["effect"]
        return found

    @cached_property
    def due(self) -> dict[tuple[str, str], float]:
        """Money due of each rep in each segment."""
        table = self.review.attainment
        rows = table.by("rep", "segment").to_dicts() if len(table) else []
        return {(row["rep"], row["segment"]): max(row["due_quota"], 0.0) for row in rows}

    @cached_property
    def due_of_rep(self) -> dict[str, float]:
        """Money due of each rep."""
        found: dict[str, float] = defaultdict(float)
        for (rep, _), money in self.due.items():
            found[rep] += money
        return found

    @cached_property
    def sizes(self) -> dict[tuple[Any, ...], float]:
        """Money of a deal on each line: as closed, else as planned, else as open ones are."""
        found: dict[tuple[Any, ...], float] = {}
        problem = self.review.plan.problem
        for target in problem.strategy.targets:
            funnel = problem.playbook.funnel_for(target)
            if funnel is not None:
                found[line_of(target.__dict__)] = funnel.deal_size
        opened, closed = self.review.opportunities, self.review.deals
        for row in opened.by(*LINE).to_dicts() if len(opened) else ():
            many = len(opened.where(**{name: row[name] for name in LINE}))
            if row["value"] > 0:
                found.setdefault(line_of(row), row["value"] / many)
        for row in closed.by(*LINE).to_dicts() if len(closed) else ():
            if row["won"] and row["value"] > 0:
                found[line_of(row)] = row["deal_size"]
        return found

    def settled(self, about: Row) -> float:
        """Return what of the closed numbers a revised plan redistributed or wrote off, of a rep, a line or all."""
        named = {name: about[name] for name in ("rep", *LINE) if about.get(name) is not None}
        rows = self.review.attainment.where(**named)
        return float(rows.total("base") - rows.total("whole_base")) if len(rows) else 0.0

    def found(self, test: str) -> list[Row]:
        """Rows of a test against the plan that are more than chance."""
        return self.review.against_plan.where(test=test, differs=True).to_dicts()


def line_of(row: Row) -> tuple[Any, ...]:
    """Return what tells a line: segment, product, business."""
    return tuple(row.get(name) for name in LINE)


def row_key(row: Row) -> tuple[Any, ...]:
    """Return who and which line a row is about; None for what it does not name."""
    return (row.get("rep"), *line_of(row))


def about(row: Row) -> Row:
    """Return what an alert says it is about."""
    return {name: row.get(name) for name in ("rep", "team", *LINE)}


def facts(row: Row, *names: str) -> dict[str, Fact]:
    """Return the figures of a row that are known."""
    return {name: row[name] for name in names if row.get(name) is not None and row[name] == row[name]}


def grouped(rows: Iterable[Row], *by: str) -> dict[tuple[Any, ...], list[Row]]:
    """Return rows by some labels, in one pass."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[one] for one in by)].append(row)
    return found


def sums(rows: Iterable[Row], by: str, values: Iterable[float]) -> dict[str | None, float]:
    """Sum values of rows by a label."""
    found: dict[str | None, float] = {}
    for row, value in zip(rows, values, strict=True):
        found[row.get(by)] = found.get(row.get(by), 0.0) + value
    return found


def split(rows: list[Row], values: list[float], *by: str) -> dict[str, dict[str | None, float]]:
    """Split money by the labels that tell rows apart; the first one always."""
    several = {one: sums(rows, one, values) for one in by}
    return {one: parts for one, parts in several.items() if one == by[0] or set(parts) != {None}}
