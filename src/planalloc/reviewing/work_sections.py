"""The parts of a review's page that speak of work: pipeline, conversion, activities, accounts, commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planalloc.plan.forms.page import Field, Grid, Passage, Section

if TYPE_CHECKING:
    from planalloc.plan.forms.page import Block, Cell
    from planalloc.reviewing.spoken import Spoken

__all__ = ["commitments", "conversion", "pipeline", "set_aside", "work"]

MOST_DEALS, MOST_ACCOUNTS = 12, 12
"""Rows of a page; all of them are in the tables of the review."""


def pipeline(spoken: Spoken) -> Section | None:
    """Return a rep's open deals, those that slip or stand still first; of several people, what each one holds."""
    part, wording = spoken.part, spoken.wording
    if not len(part.opportunities):
        return None
    blocks = _deals(spoken) if part.one_rep else [_held(spoken), *_stages(spoken)]
    return Section(wording.say("open_pipeline", currency=spoken.currency), "cover", tuple(blocks))


def _deals(spoken: Spoken) -> list[Block]:
    wording = spoken.wording
    rows = spoken.part.opportunities.to_dicts()
    rows.sort(key=lambda row: (not (row["slipped"] or row["stuck"]), -row["weighted"], row["opportunity"]))
    fields = (
        Field(wording["deal"]),
        Field(wording["account"]),
        Field(wording["stage"]),
        Field(wording["expected_close"], "day"),
        Field(wording["value"], "amount", adds=True),
        Field(wording["chance"], "share"),
        Field(wording["weighted"], "amount", adds=True),
        Field(wording["days_in_stage"], "count"),
        Field(wording["remark"]),
    )
    given = tuple(_deal(spoken, row) for row in rows[:MOST_DEALS])
    blocks: list[Block] = [Grid("", fields, given, spoken.total if len(given) > 1 else "")]
    if len(rows) > MOST_DEALS:
        blocks.append(Passage(wording.say("more_deals", many=wording.cell(len(rows) - MOST_DEALS, "count"))))
    return blocks


def _deal(spoken: Spoken, row: dict[str, Any]) -> tuple[Cell, ...]:
    flags = (row["slipped"], row["stuck"])
    remark = {(True, True): "both_flags", (True, False): "slipped", (False, True): "stuck"}.get(flags)
    return (
        row["opportunity"],
        spoken.called("account", row["account"]),
        spoken.called("stage", row["stage"]),
        row["expected_close"],
        spoken.known(row["value"]),
        spoken.known(row["chance"]),
        row["weighted"],
        spoken.known(row["days_in_stage"]),
        spoken.wording[remark] if remark else "",
    )


def _held(spoken: Spoken) -> Grid:
    """Return what each rep's pipeline holds; of many reps, of those who lack most."""
    wording = spoken.wording
    rows = spoken.part.pipeline.by("rep").to_dicts()
    heading, many = wording.say("standing_by", by=wording["rep"].lower()), len(rows)
    if many > spoken.most_people:
        rows = sorted(rows, key=lambda row: row["weighted_in_time"] - row["still_to_win"])[: spoken.most_people]
        heading = spoken.few_of(heading, len(rows), many)
    fields = (
        Field(wording["rep"]),
        Field(wording["open_deals"], "count", adds=True),
        Field(wording["value"], "amount", adds=True),
        Field(wording["in_time"], "amount", adds=True),
        Field(wording["still_to_win"], "amount", adds=True),
        Field(wording["coverage_of_rest"], "share", ratio=(2, 4)),
        Field(wording["past_date"], "count", adds=True),
        Field(wording["standing_still"], "count", adds=True),
    )
    names = ("opportunities", "value", "weighted_in_time", "still_to_win", None, "slipped", "stuck")
    given = tuple(
        (spoken.called("rep", row["rep"]), *(None if name is None else row[name] for name in names)) for row in rows
    )
    return Grid(heading, fields, given, spoken.total if 1 < many == len(rows) else "")


def _stages(spoken: Spoken) -> list[Block]:
    wording = spoken.wording
    rows = spoken.part.only(spoken.part.review.stages).by("stage").to_dicts()
    fields = (
        Field(wording["stage"]),
        Field(wording["open_deals"], "count", adds=True),
        Field(wording["value"], "amount", adds=True),
        Field(wording["in_time"], "amount", adds=True),
        Field(wording["standing_still"], "count", adds=True),
    )
    given = tuple(
        (spoken.called("stage", row["stage"]), *(row[one] for one in ("opportunities", "value", "weighted", "stuck")))
        for row in rows
    )
    heading = wording.say("standing_by", by=wording["stage"].lower())
    return [Grid(heading, fields, given, spoken.total if len(given) > 1 else "")]


def conversion(spoken: Spoken) -> Section | None:
    """Return the rates of each step, and everybody's; of opportunities old enough."""
    part, wording = spoken.part, spoken.wording
    table = part.only(part.review.conversion)
    if not len(table):
        return None
    rows = [row for row in table.by("step").to_dicts() if row["trials"]]
    if not rows:
        return None
    likely = {}
    if part.one_rep:
        shown = part.review.rates("rep").where(rep=list(part.reps or ())).to_dicts()
        likely = {row["step"]: row["shrunk"] for row in shown}
    fields = (
        Field(wording["step"]),
        Field(wording["tried"], "count"),
        Field(wording["passed"], "count"),
        Field(wording["rate"], "share"),
        *((Field(wording["rate_shrunk"], "share"),) if likely else ()),
        *((Field(wording["rate_of_all"], "share"),) if part.reps is not None else ()),
    )
    given = tuple(
        (
            spoken.step(row["step"]),
            row["trials"],
            row["won"],
            spoken.known(row["rate"]),
            *((spoken.known(likely.get(row["step"])),) if likely else ()),
            *((spoken.known(row["rate_of_all"]),) if part.reps is not None else ()),
        )
        for row in rows
    )
    return Section(wording["conversion"], "cover", (Grid("", fields, given),))


def work(spoken: Spoken) -> Section | None:
    """Return what was done of what is due, and the accounts that were worked too little."""
    part, wording = spoken.part, spoken.wording
    blocks: list[Block] = []
    if len(part.execution) and part.execution.total("due") > 0:
        blocks.append(_execution(spoken))
    if len(part.under_worked):
        blocks += _accounts(spoken) if part.one_rep else []
    return Section(wording["work"], "cover", tuple(blocks)) if blocks else None


def _execution(spoken: Spoken) -> Grid:
    part, wording = spoken.part, spoken.wording
    keys = ("segment", "activity") if part.one_rep else ("rep",)
    rows = [row for row in part.execution.by(*keys).to_dicts() if row["due"] > 0 or row["done"]]
    heading, many = "", len(rows)
    if not part.one_rep and many > spoken.most_people:
        rows = sorted(rows, key=lambda row: row["credited"] - row["due"])[: spoken.most_people]
        heading = spoken.few_of(wording.say("standing_by", by=wording["rep"].lower()), len(rows), many)
    behind: dict[str, int] = {}
    if not part.one_rep and len(part.under_worked):
        for row in part.under_worked.by("rep", "account").to_dicts():
            behind[row["rep"]] = behind.get(row["rep"], 0) + 1
    at = len(keys)
    fields = (
        *(Field(wording[key]) for key in keys),
        Field(wording["due_count"], "hours", adds=True),
        Field(wording["done_count"], "count", adds=True),
        Field(wording["credited"], "hours", adds=True),
        Field(wording["execution"], "share", ratio=(at + 2, at)),
        *((Field(wording["under_worked"], "count", adds=True),) if behind else ()),
    )
    given = tuple(
        (
            *(spoken.called(key, row[key]) for key in keys),
            row["due"],
            row["done"],
            row["credited"],
            None,
            *((behind.get(row["rep"], 0),) if behind else ()),
        )
        for row in rows
    )
    return Grid(heading, fields, given, spoken.total if 1 < many == len(rows) else "")


def _accounts(spoken: Spoken) -> list[Block]:
    wording = spoken.wording
    rows = spoken.part.under_worked.to_dicts()
    rows.sort(key=lambda row: (-row["missing"], row["account"], row["activity"]))
    fields = (
        Field(wording["account"]),
        Field(wording["segment"]),
        Field(wording["activity"]),
        Field(wording["due_count"], "hours"),
        Field(wording["done_count"], "count"),
        Field(wording["missing_count"], "count", adds=True),
    )
    given = tuple(
        (
            *(spoken.called(key, row[key]) for key in ("account", "segment", "activity")),
            *(row[key] for key in ("due", "done", "missing")),
        )
        for row in rows[:MOST_ACCOUNTS]
    )
    blocks: list[Block] = [Grid(wording["under_worked"], fields, given)]
    if len(rows) > MOST_ACCOUNTS:
        blocks.append(Passage(wording.say("more_accounts", many=wording.cell(len(rows) - MOST_ACCOUNTS, "count"))))
    return blocks


def commitments(spoken: Spoken) -> Section | None:
    """Return the open points of the last agenda."""
    part, wording = spoken.part, spoken.wording
    if not part.one_rep:
        return None
    items = [item for item in part.agenda.items if not item.done]  # type: ignore[attr-defined]
    if not items:
        return Section(wording["commitments"], "cover", (Passage(wording["no_commitments"]),))
    fields = (
        Field(wording["topic"]),
        Field(wording["text"]),
        Field(wording["owner"]),
        Field(wording["until"], "day"),
    )
    given = tuple((wording[f"topic_{item.topic}"], item.text, item.owner or "", item.due) for item in items)
    return Section(wording["commitments"], "cover", (Grid("", fields, given),))


def set_aside(spoken: Spoken) -> Section | None:
    """Return how many rows were not counted, on the company's page."""
    part, wording = spoken.part, spoken.wording
    if part.reps is not None or not len(part.review.set_aside):
        return None
    fields = (
        Field(wording["table"]),
        Field(wording["rows"], "count", adds=True),
        Field(wording["amount"], "amount", adds=True),
        Field(wording["examples"]),
    )
    given = tuple(
        (wording[f"table_{row['table']}"], row["rows"], spoken.known(row["amount"]), row["examples"] or "")
        for row in part.review.set_aside.to_dicts()
    )
    return Section(wording["set_aside_rows"], "cover", (Grid("", fields, given, spoken.total),))
