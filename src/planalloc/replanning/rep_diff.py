"""What differs between two plans for one person, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from planalloc.replanning.diff_display import rep_html, rep_text
from planalloc.replanning.pairing import changed_rows, moved, rows_of_rep, rows_where

if TYPE_CHECKING:
    from planalloc.plan.table import Table
    from planalloc.replanning.diff import Difference
    from planalloc.replanning.facts import Fact

__all__ = ["RepDifference"]

LINE = ("segment", "product", "business")


@dataclass(frozen=True)
class RepDifference:
    """What changes for one person, and why.

    Attributes
    ----------
    difference : Difference
        The whole.
    rep_id : str
        Who.
    """

    difference: Difference = field(repr=False)
    rep_id: str

    @cached_property
    def numbers(self) -> Table:
        """Rows of `Difference.numbers`; of `Difference.overlay_numbers` for an overlay rep."""
        whole = self.difference
        found = rows_of_rep(whole.numbers, self.rep_id)
        return found if len(found) else rows_of_rep(whole.overlay_numbers, self.rep_id)

    @cached_property
    def quotas(self) -> Table:
        """The rows of `numbers` that change: segment, product, business, period, before, after, change, in money."""
        return changed_rows(self.numbers)

    @cached_property
    def by_line(self) -> Table:
        """Lines on which something changes: segment, product, business, before, after, change, moved, in money."""
        found = moved(self.numbers, *LINE)
        return rows_where(found, found["moved"] > 0)

    @cached_property
    def by_period(self) -> Table:
        """Periods in which something changes: period, before, after, change, moved, in money."""
        found = moved(self.numbers, "period")
        return rows_where(found, found["moved"] > 0)

    @cached_property
    def activities(self) -> Table:
        """Rows of `Difference.activities`."""
        return rows_of_rep(self.difference.activities, self.rep_id)

    @cached_property
    def by_activity(self) -> Table:
        """Activities of which something changes, over the whole horizon: activity, before, after, change, moved."""
        found = moved(rows_of_rep(self.difference.all_activities, self.rep_id), "activity")
        return rows_where(found, found["moved"] > 0)

    @property
    def all_hours(self) -> tuple[float, float]:
        """Planned hours of the whole horizon, before and after."""
        both = rows_of_rep(self.difference.all_hours, self.rep_id)
        return float(both.total("before")), float(both.total("after"))

    @cached_property
    def hours(self) -> Table:
        """Rows of `Difference.hours`."""
        return rows_of_rep(self.difference.hours, self.rep_id)

    @cached_property
    def sold(self) -> Table:
        """Rows of `Difference.sold`: what was planned and what was sold in time that has closed since."""
        return rows_of_rep(self.difference.sold, self.rep_id)

    @cached_property
    def accounts(self) -> Table:
        """Rows of `Difference.accounts` that leave the rep or come to them."""
        whole = self.difference.accounts
        return rows_where(whole, (whole["before"] == self.rep_id) | (whole["after"] == self.rep_id))

    @property
    def before(self) -> int | float:
        """Number of the whole horizon before, in money."""
        return self.numbers.total("before")

    @property
    def after(self) -> int | float:
        """Number of the whole horizon after, in money."""
        return self.numbers.total("after")

    @property
    def change(self) -> int | float:
        """By how much the number of the whole horizon changes, in money."""
        return self.numbers.total("change")

    @cached_property
    def own(self) -> tuple[Fact, ...]:
        """Facts that name the rep, or the rep's team; of what was planned and sold, the rep's own part."""
        return tuple(self._own_part(one) for one in self.difference.facts if self.rep_id in one.reps)

    def _own_part(self, fact: Fact) -> Fact:
        if fact.kind != "sold":
            return fact
        rows = [
            one for one in self.sold.to_dicts() if fact.about == " / ".join(one[name] for name in LINE if one[name])
        ]
        was, now = (sum(one[name] for one in rows) for name in ("before", "after"))
        return replace(fact, before=was, after=now, reps=(self.rep_id,))

    @cached_property
    def indirect(self) -> tuple[Fact, ...]:
        """Facts about others, or about all, on lines on which the rep's number changes; what all planned and sold too.

        Why a limit holds for somebody else, and for whom, is not for this page; `Difference.facts` says it.
        """
        lines = {
            " / ".join(part for part in parts if part)
            for parts in zip(*(self.quotas[name].tolist() for name in LINE), strict=True)
        }
        return tuple(
            one.for_others
            for one in self.difference.facts
            if lines and (not one.lines or lines & {*one.lines})
            if self.rep_id not in one.reps or (one.kind == "sold" and len(one.reps) > 1)
        )

    def to_markdown(self, locale: str = "en") -> str:
        """Return the page for the rep as Markdown text; it needs the extra ``forms``.

        Parameters
        ----------
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region that Babel knows.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When Babel is not installed.
        """
        from planalloc.replanning.diff_form import rep_markdown  # noqa: PLC0415 -- loaded only when a form is asked for

        return rep_markdown(self, locale)

    def __str__(self) -> str:
        return rep_text(self)

    def _repr_html_(self) -> str:
        return rep_html(self)
