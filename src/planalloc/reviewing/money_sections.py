"""The parts of a review's page that speak of money: where people stand, what asks for attention, the gap's parts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from planalloc.plan.forms.page import Field, Figure, Grid, Passage, Section

if TYPE_CHECKING:
    from planalloc.plan.forms.page import Cell, Kind
    from planalloc.reviewing.alerts import Alert
    from planalloc.reviewing.spoken import Spoken

__all__ = ["attention", "figures", "gap", "standing"]

MOST_ALERTS = 15
"""Alerts on a page; all of them are in `Review.alerts`."""
LINE = ("segment", "product", "business")
UNITS: dict[str, Kind] = {"money": "money", "share": "share", "count": "number"}


def figures(spoken: Spoken) -> list[Figure]:
    """Return quota, what is due, sold and expected, and the chance of the quota."""
    part, wording = spoken.part, spoken.wording
    rows = part.standing().to_dicts() if len(part.only(part.review.attainment)) else []
    if not rows:
        return []
    now = rows[0]
    settled = spoken.settled()[()] if part.review.plan.as_of is not None else None
    found = [
        Figure(wording["year_quota"], now["quota"], "money"),
        *(() if settled is None else (Figure(wording["redistributed"], settled, "money"),)),
        Figure(wording["due"], now["due"], "money"),
        Figure(wording["actual"], now["actual"], "money"),
        Figure(wording["pace"], spoken.known(now["pace"]), "share"),
    ]
    scope = "rep" if part.one_rep else "company"
    ends = part.forecast.where(scope=scope).to_dicts()
    if len(ends) != 1:
        return found
    (end,) = ends
    low, high = (wording.money(max(end[side], 0.0) if end["closed"] >= 0 else end[side]) for side in ("low", "high"))
    return [
        *found,
        Figure(wording["expected_end"], end["expected"], "money"),
        Figure(wording["interval"], wording.say("from_to", low=low, high=high)),
        Figure(wording["chance_of_quota"], spoken.known(end["chance"]), "share"),
    ]


def standing(spoken: Spoken) -> Section | None:
    """Return where each line stands; of several people, where each of them stands as well."""
    part, wording = spoken.part, spoken.wording
    if not len(part.only(part.review.attainment)):
        return _no_numbers(spoken)
    grids: list[Passage | Grid] = []
    if (revised := part.review.plan.as_of) is not None:
        grids.append(Passage(wording.say("redistributed_text", day=wording.cell(revised, "day"))))
    if not part.one_rep:
        by = ["team", "rep"] if part.reps is None else ["rep"]
        for one in by:
            rows = [row for row in part.standing(one).to_dicts() if row[one] is not None]
            if rows:
                grids.append(_standing_grid(spoken, rows, one))
    grids.append(_standing_grid(spoken, part.standing(*LINE).to_dicts(), "line"))
    return Section(wording.say("standing", currency=spoken.currency), "cover", tuple(grids))


def _no_numbers(spoken: Spoken) -> Section | None:
    """Return why the page of a rep without numbers is empty; None for several people."""
    part, wording = spoken.part, spoken.wording
    if not part.one_rep:
        return None
    rep = part.review.plan.problem.rep(part.rep_id)  # type: ignore[attr-defined]
    why = wording["overlay_text" if rep.role == "overlay" else "no_numbers_text"]
    return Section(wording.say("standing", currency=spoken.currency), "cover", (Passage(why),))


def _standing_grid(spoken: Spoken, rows: list[dict[str, Any]], by: str) -> Grid:
    wording, many = spoken.wording, len(rows)
    heading = wording.say("standing_by", by=wording[by].lower())
    if by == "rep" and many > spoken.most_people:
        rows = sorted(rows, key=lambda row: -abs(row["gap"]))[: spoken.most_people]
        heading = spoken.few_of(heading, len(rows), many)
    ends = {row["rep"]: row for row in spoken.part.forecast.where(scope="rep").to_dicts()} if by == "rep" else {}
    keys = LINE if by == "line" else (by,)
    settled = spoken.settled(*keys) if spoken.part.review.plan.as_of is not None else {}
    fields = (
        Field(wording[by]),
        Field(wording["year_quota"], "amount", adds=True),
        Field(wording["due"], "amount", adds=True),
        Field(wording["actual"], "amount", adds=True),
        Field(wording["pace"], "share", ratio=(3, 2)),
        Field(wording["gap"], "amount", adds=True),
        *(Field(wording[one], "amount", adds=True) for one in ("redistributed",) if settled),
        Field(wording["missing_money"], "amount", adds=True),
        Field(wording["required"], "share"),
        *(
            (Field(wording["expected_end"], "amount", adds=True), Field(wording["chance_of_quota"], "share"))
            if ends
            else ()
        ),
    )
    given = []
    for row in rows:
        name = spoken.line(row) if by == "line" else spoken.called(by, row[by])
        end = ends.get(row.get("rep"), {})
        tail = (spoken.known(end.get("expected")), spoken.known(end.get("chance"))) if ends else ()
        money = (row["quota"], row["due"], row["actual"], None, row["gap"])
        done = settled.get(tuple(row[one] for one in keys), 0.0)
        revised = (done,) if settled else ()
        given.append((name, *money, *revised, row["missing"], spoken.known(row["required"]), *tail))
    return Grid(heading, fields, tuple(given), spoken.total if 1 < many == len(rows) else "")


def attention(spoken: Spoken) -> Section | None:
    """Return the alerts, most money first, each with those that see the same money from another side."""
    part, wording = spoken.part, spoken.wording
    alerts = [alert for alert in part.alerts if alert.within is None]
    if not alerts and not len(part.only(part.review.attainment)):
        return None
    if not alerts:
        return Section(wording["alerts"], "cover", (Passage(wording["no_alerts"]),))
    fields = (
        Field(wording["what"]),
        *(() if part.one_rep else (Field(wording["rep"]),)),
        Field(wording["about"]),
        Field(wording["compared_actual"]),
        Field(wording["compared_expected"]),
        Field(wording["at_stake"], "amount"),
        Field(wording["probability"]),
    )
    shown = tuple(_alert_row(spoken, alert) for alert in alerts[:MOST_ALERTS])
    rate = wording.cell(part.review.rate, "share")
    blocks: list[Passage | Grid] = [Passage(wording.say("alerts_text", rate=rate)), Grid("", fields, shown)]
    if len(alerts) > MOST_ALERTS:
        blocks.append(Passage(wording.say("more_alerts", many=wording.cell(len(alerts) - MOST_ALERTS, "count"))))
    return Section(wording["alerts"], "cover", tuple(blocks))


def _alert_row(spoken: Spoken, alert: Alert) -> tuple[Cell, ...]:
    wording, kind = spoken.wording, UNITS[alert.unit]
    about = [spoken.line({name: getattr(alert, name) for name in LINE}), spoken.step(alert.step)]
    if alert.kind == "set aside":
        about = [wording[f"table_{alert.figures['table']}"], str(alert.figures.get("examples", ""))]
    elif alert.kind == "thin pipeline":
        label, chance = wording["chance_of_quota"], wording.cell(float(alert.figures["chance"]), "share")
        about.append(wording.say("stated", label=label, value=chance))
    elif alert.kind == "execution behind":
        about = [", ".join(spoken.called("activity", one) for one in alert.names)]
    elif alert.names:
        called = [spoken.names["account"].get(one, one) for one in alert.names[:3]]
        about.append(", ".join(called) + (" …" if len(alert.names) > len(called) else ""))
    who = () if spoken.part.one_rep else (spoken.called("rep", alert.rep),)
    if "redistributed" in alert.figures:
        settled = wording.money(float(alert.figures["redistributed"]))
        about.append(wording.say("stated", label=wording["redistributed"], value=settled))
    also = [wording[one.kind].lower() for one in spoken.part.alerts if _is_within(one, alert)]
    about.append(wording.say("also", kinds=", ".join(dict.fromkeys(also))) if also else "")
    said = [" · ".join(one for one in about if one)]
    numbers = [wording.cell(spoken.known(one), kind) for one in (alert.actual, alert.expected)]
    return (wording[alert.kind], *who, *said, *numbers, alert.at_stake, _probability(spoken, alert.p_value))


def _is_within(one: Alert, whole: Alert) -> bool:
    same = LINE if whole.rep is None else ("rep",)
    return one.within == whole.kind and one.rep == whole.rep and all(getattr(one, n) == getattr(whole, n) for n in same)


def _probability(spoken: Spoken, p_value: float) -> str:
    """Return a chance in words; one that no percent with a decimal shows as less than the least it shows."""
    if math.isnan(p_value):
        return ""
    least = 0.001
    return spoken.wording.cell(p_value, "share") if p_value >= least else f"< {spoken.wording.cell(least, 'share')}"


def gap(spoken: Spoken) -> Section | None:
    """Return what the gap to date is made of, by cause, stage and source; segments are in the grid above."""
    part, wording = spoken.part, spoken.wording
    rows = part.gaps.where(by=["cause", "stage", "source"]).to_dicts() if len(part.gaps) else []
    grids = []
    for by in ("cause", "stage", "source"):
        given = tuple(
            (_part_name(spoken, by, row["part"]), row["effect"])
            for row in rows
            if row["by"] == by and abs(row["effect"]) >= 0.5 * 10.0**-wording.digits
        )
        if given:
            fields = (Field(wording[by]), Field(wording["effect"], "amount", adds=True))
            heading = wording.say("standing_by", by=wording[by].lower())
            grids.append(Grid(heading, fields, given, spoken.total if len(given) > 1 else ""))
    if not grids:
        return None
    return Section(wording.say("gap_parts", currency=spoken.currency), "cover", tuple(grids))


def _part_name(spoken: Spoken, by: str, part: str | None) -> str:
    if by == "source":
        return part if part is not None else spoken.wording["no_source"]
    key = f"cause_{part}"
    if key in spoken.wording.words and not (by == "stage" and part in spoken.names["stage"]):
        return spoken.wording[key]
    return spoken.called("stage", part)
