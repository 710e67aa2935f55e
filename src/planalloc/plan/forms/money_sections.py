"""The parts of a form that speak of money: the number, the year, what was agreed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planalloc.model.limits import Bound, MixBand, OvertimeLimit, Pin, QuotaRange
from planalloc.plan.forms.page import Field, Figure, Grid, Listing, Section

if TYPE_CHECKING:
    from planalloc.model.limits import AnyLimit
    from planalloc.plan.forms.page import Cell
    from planalloc.plan.forms.subject import Subject
    from planalloc.plan.forms.wording import Wording

__all__ = ["agreements", "limit_in_words", "number", "number_figures", "year"]

LINE = ("segment", "product", "business")


def number_figures(subject: Subject) -> list[Figure]:
    """Return what is carried, and what part of the targets it stands for where that is another number."""
    part, wording = subject.part, subject.wording
    figures = [Figure(wording["quota"], part.quota, "money")]
    if part.quota != part.base:
        figures.append(Figure(wording["base"], part.base, "money"))
    return figures


def number(subject: Subject) -> Section | None:
    """Return the quota by segment, and by line where segments are told apart further."""
    carried = [_carried(subject, ("segment",)), _carried(subject, LINE)]
    by_segment, by_line = carried
    if not by_segment.given:
        return None
    grids = [by_segment] if len(by_line.given) == len(by_segment.given) and len(by_line.fields) == 3 else carried
    return Section(subject.wording["number"], "cover", tuple(grids))


def _carried(subject: Subject, keys: tuple[str, ...]) -> Grid:
    """Return what the rep carries by these keys; a key that nothing is told apart by is left out, but for the first."""
    wording, quotas = subject.wording, subject.part.quotas
    rows = [row for row in quotas.by(*keys).to_dicts() if row["quota"] or row["base"]] if len(quotas) else []
    shown = [key for key in keys if key == keys[0] or any(row[key] is not None for row in rows)]
    measures = ["base"] * any(row["base"] != row["quota"] for row in rows) + ["quota"]
    many = len(shown) + len(measures) - 1
    units = ["units"] if len(keys) > 1 and any(_given(row.get("units")) for row in rows) else []
    fields = (
        *(Field(wording[key]) for key in shown),
        *(Field(wording[one], "amount", adds=True) for one in measures),
        Field(wording["share"], "share", of_all=many),
        *(Field(wording[one], "number") for one in units),
    )
    given = tuple(
        (
            *(subject.called(key, row[key]) for key in shown),
            *(row[one] for one in measures),
            None,
            *(_given(row[one]) for one in units),
        )
        for row in rows
    )
    heading = wording.say("by_segment" if len(keys) == 1 else "by_line", currency=subject.currency)
    return Grid(heading, fields, given, subject.total if len(given) > 1 else "")


def _given(value: float | None) -> Cell:
    return None if value is None or value != value else value  # noqa: PLR0124 -- NaN is missing


def year(subject: Subject) -> Section | None:
    """Return the quota of each period by segment; None for a form of one period."""
    if not subject.several:
        return None
    wording = subject.wording
    wide = subject.crossed(subject.part.quotas, "period", columns="segment", values="quota", kind="amount")
    if wide is None:
        return None
    grid = wide.grid
    if len(grid.fields) > 2:
        across = tuple(range(1, len(grid.fields)))
        grid = replace(
            grid,
            fields=(*grid.fields, Field(subject.total, "amount", adds=True, across=across)),
            given=tuple((*row, None) for row in grid.given),
        )
    heading = wording.say("by_period", grain=subject.grain, currency=subject.currency)
    return Section(heading, "quotas", (grid,))


def agreements(subject: Subject) -> Section | None:
    """Return the limits that name the rep, in words."""
    agreed = subject.part.agreed
    if not agreed:
        return None
    listing = Listing("", tuple(_sentence(subject, one) for one in agreed))
    return Section(subject.wording["agreements"], "cover", (listing,))


def _sentence(subject: Subject, limit: AnyLimit) -> str:
    wording, about, text = subject.wording, _about(subject, limit), limit_in_words(limit, subject.wording)
    if about:
        text = wording.say("stated", label=about, value=text)
    if limit.agreed_with:
        text = wording.say("agreed_with", text=text, person=subject.called("rep", limit.agreed_with))
    return f"{text}. {limit.reason[0].upper()}{limit.reason[1:]}" if limit.reason else text


def _about(subject: Subject, limit: AnyLimit) -> str:
    """Return the limit's own name and the parts of the plan it speaks of, but for the rep; empty where it has none."""
    parts = {**getattr(limit, "parts", {})}
    parts.pop("rep", None)
    text = ", ".join(subject.called(kind, value) for kind, value in parts.items())
    return ", ".join(one for one in (limit.name, text) if one)


def limit_in_words(limit: AnyLimit, wording: Wording) -> str:
    """Return what a limit asks for, but for whom and on what; a team's target by its label."""
    match limit:
        case Pin():
            amount = limit.quota if limit.quota is not None else limit.base or 0.0
            of = "base" if limit.quota is None else "quota"
            return wording.say("exactly", of=wording[of], amount=wording.money(amount))
        case Bound() | QuotaRange():
            ends = [
                None if one is None else _end(wording, limit, amount=one) for one in (limit.at_least, limit.at_most)
            ]
            return _between(wording, ends, of=wording[limit.of])
        case MixBand():
            return wording.say("mix_within", share=wording.cell(limit.tolerance, "share"))
        case OvertimeLimit():
            return wording.say("overtime_within", hours=wording.cell(limit.hours, "number"))
        case _:
            return limit.label


def _end(wording: Wording, limit: Bound | QuotaRange, *, amount: float) -> str:
    relative = limit.relative_to if isinstance(limit, QuotaRange) else None
    if relative is None:
        return wording.money(amount)
    return wording.say(f"times_{relative}", amount=wording.cell(amount, "number"))


def _between(wording: Wording, ends: list[str | None], *, of: str) -> str:
    low, high = ends
    if low is None or high is None:
        return wording.say("at_most" if low is None else "at_least", of=of, amount=low or high or "")
    return wording.say("between", of=of, low=low, high=high)
