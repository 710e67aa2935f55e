"""The part of a form that names accounts: whom to work, in which order, what for, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planalloc.plan.forms.page import Field, Grid, Passage, Section, added

if TYPE_CHECKING:
    from planalloc.plan.forms.page import Kind
    from planalloc.plan.forms.subject import Subject

__all__ = ["accounts", "is_given", "visits"]

MOST_PERIODS = 13
"""A grid of accounts by period is as wide as a sheet of paper up to here."""
SHOWN: dict[str, Kind] = {
    "account": "text",
    "segment": "text",
    "rank": "count",
    "business": "text",
    "potential": "amount",
    "last_year": "amount",
    "quota": "amount",
    "score": "share",
    "status": "text",
    "visits_wanted": "number",
    "visits_planned": "count",
}
"""Columns of `Plan.accounts` that a rep reads, and the part of the quota that falls to each."""
ADDS = {"potential", "last_year", "quota", "visits_wanted", "visits_planned"}


def accounts(subject: Subject) -> Section | None:
    """Return the accounts in the order in which to work them: all of them; of a shorter time, those seen in it."""
    wording = subject.wording
    grid = _listed(subject)
    if grid is None:
        return None
    texts = [wording["accounts_text"], *_quota_text(subject)]
    return Section(wording["accounts"], "accounts", (Passage(" ".join(texts)), grid))


def visits(subject: Subject) -> Section | None:
    """Return how often each account is seen: by period; for one period by activity and week."""
    grid = _by_period(subject) if subject.several else _by_week(subject)
    if grid is None or len(grid.fields) > MOST_PERIODS + 2:
        return None
    over = "period" if subject.several else "activity" if subject.problem.calendar.grain == "week" else "week"
    heading = subject.wording.say(f"visits_by_{over}", grain=subject.grain)
    return Section(heading, "visits", (*_without_account(subject), grid))


def is_given(value: Any) -> bool:
    """Return whether a value is there."""
    return value is not None and value == value  # noqa: PLR0124 -- NaN is missing


def _by_period(subject: Subject) -> Grid | None:
    wide = subject.crossed(subject.part.visits(), "account", columns="period", values="count", kind="count")
    if wide is None:
        return None
    row_of = dict(zip(wide.keys, wide.grid.given, strict=True))
    rows = [(_cell(subject, row, "account"), *row_of[key][1:]) for row, key in _in_order(subject) if key in row_of]
    return _with_sum(subject, wide.grid.fields, rows, labels=1)


def _by_week(subject: Subject) -> Grid | None:
    """Return a row for each account and activity, and a column for each week; of a plan by week, one for all."""
    rows = [row for row in subject.part.visits("week").to_dicts() if row["account"] is not None and row["count"]]
    weeks = [] if subject.problem.calendar.grain == "week" else subject.weeks
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        of_week = counts.setdefault((row["account"], row["activity"]), {})
        of_week[row["week"]] = of_week.get(row["week"], 0) + row["count"]
    kinds = [one for one in subject.names["activity"] if any(activity == one for _, activity in counts)]
    given = [
        (_cell(subject, row, "account"), subject.called("activity", kind), *_spread(counts[key, kind], weeks))
        for row, key in _in_order(subject)
        for kind in kinds
        if (key, kind) in counts
    ]
    fields = (
        Field(subject.wording["account"]),
        Field(subject.wording["activity"]),
        *(Field(subject.days_of(week), "count", adds=True) for week in weeks),
    )
    if weeks:
        return _with_sum(subject, fields, given, labels=2)
    total = subject.total if len(given) > 1 else ""
    return Grid("", (*fields, Field(subject.total, "count", adds=True)), tuple(given), total) if given else None


def _spread(of_week: dict[str, int], weeks: list[str]) -> list[int]:
    return [of_week.get(week, 0) for week in weeks] or [sum(of_week.values())]


def _with_sum(subject: Subject, fields: tuple[Field, ...], rows: list[Any], *, labels: int) -> Grid | None:
    """Return rows of counts with a column that sums them, and empty cells in place of zeros."""
    if not rows:
        return None
    given = tuple((*row[:labels], *(many or None for many in row[labels:]), None) for row in rows)
    across = tuple(range(labels, len(fields)))
    total = Field(subject.total, "count", adds=True, across=across)
    return Grid("", (*fields, total), given, subject.total if len(given) > 1 else "")


def _in_order(subject: Subject) -> list[tuple[dict[str, Any], str]]:
    return [(row, row["account"]) for row in subject.accounts]


def _without_account(subject: Subject) -> list[Passage]:
    """Return what tells visits from activities: how many of these name no account; nothing where all do."""
    rows, wording = subject.part.visits().to_dicts(), subject.wording
    every = subject.part.activities.total("count")
    named = sum(row["count"] for row in rows if row["account"] is not None)
    said = {
        key: wording.cell(many, "count") for key, many in (("all", every), ("named", named), ("rest", every - named))
    }
    texts = (wording.say("visits_of_activities", **said), wording.say("visits_funnel", **said))
    return [Passage(" ".join(texts))] if every != named else []


def _quota_text(subject: Subject) -> list[str]:
    """Return what part of the number no account stands for."""
    if not subject.quota_of_account or subject.part.period_id is not None:
        return []
    rest = added([subject.part.quota, *(-one for one in subject.quota_of_account.values())], "amount")
    return [subject.wording.say("quota_without_account", amount=subject.wording.money(rest))] if rest else []


def _listed(subject: Subject) -> Grid | None:
    quotas = subject.quota_of_account
    rows = [{**row, "quota": quotas.get(row["account"], 0) if quotas else None} for row in subject.accounts]
    if not rows:
        return None
    whole = subject.part.period_id is None
    shown = {key: kind for key, kind in SHOWN.items() if whole or not key.startswith("visits")}
    used = {key: kind for key, kind in shown.items() if any(is_given(row[key]) for row in rows)}
    if all(float(row["visits_wanted"]).is_integer() for row in rows) and "visits_wanted" in used:
        used["visits_wanted"] = "count"
    fields = tuple(
        Field(subject.wording[key if whole or key != "quota" else "quota_of_plan"], kind, adds=key in ADDS)
        for key, kind in used.items()
    )
    given = tuple(tuple(_cell(subject, row, key) for key in used) for row in rows)
    return Grid("", fields, given, subject.total if len(rows) > 1 and any(field.adds for field in fields) else "")


def _cell(subject: Subject, row: dict[str, Any], key: str) -> Any:
    if key == "account":
        return row["name"] or row["account"]
    value = row[key]
    if not is_given(value):
        return None
    return subject.called(key, value) if isinstance(value, str) else value
