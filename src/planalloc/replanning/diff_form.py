"""What changed for one person, as a page in English or French."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from planalloc.errors import UnknownNameError
from planalloc.model.limits import TeamTarget
from planalloc.model.salesforce import Absence, Scope
from planalloc.plan.forms.markdown import as_markdown
from planalloc.plan.forms.money_sections import limit_in_words
from planalloc.plan.forms.page import Field, Figure, Grid, Listing, Page, Passage, Section
from planalloc.plan.forms.wording import wording_of
from planalloc.replanning.diff_words import DIFF_WORDS
from planalloc.replanning.facts import OTHERS, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planalloc.model.calendar import Calendar
    from planalloc.model.limits import AnyLimit
    from planalloc.plan.forms.page import Cell, Kind
    from planalloc.plan.forms.wording import Wording
    from planalloc.plan.table import Table
    from planalloc.replanning.facts import Fact
    from planalloc.replanning.rep_diff import RepDifference

__all__ = ["rep_markdown"]

AGREED = re.compile(r"agreed on (\d{4}-\d{2}-\d{2})")
"""How a log begins the reason of what was agreed."""

EDITS = {
    "edit_went": re.compile(r"(?P<amount>[\d.,]+) \S+ went to (?P<to>.+) by hand"),
    "edit_spread_all": re.compile(r"(?P<amount>[\d.,]+) \S+ was spread over the open periods by hand"),
    "edit_spread": re.compile(r"(?P<amount>[\d.,]+) \S+ was spread over (?P<to>.+) by hand"),
    "edit_swapped": re.compile(r"(?P<amount>[\d.,]+) \S+ changed hands as (?P<to>.+) and (?P<other>.+) did"),
}
"""How plans note what was changed by hand, by the words for it."""

DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
THOUSANDS = re.compile(r"\b\d{1,3}(?:,\d{3})+(?:\.\d+)?\b")

LINE = ("segment", "product", "business")


def rep_markdown(found: RepDifference, locale: str) -> str:
    """Return the page as Markdown text; errors are those of `RepDifference.to_markdown`."""
    problem = found.difference.after.problem
    wording = wording_of(problem, locale)
    words = DIFF_WORDS[wording.locale.language]
    plans = (found.difference.before, found.difference.after)
    names = {one.id: one.name or one.id for plan in plans for one in plan.problem.sales_force.reps}
    figures = (("before", found.before), ("after", found.after), ("change", found.change))
    page = Page(
        title=words["title"].format(rep=names[found.rep_id]),
        subtitle=problem.strategy.name,
        figures=tuple(Figure(words[name], amount, "money") for name, amount in figures),
        sections=tuple(_sections(found, wording, words)),
    )
    return as_markdown(page, wording)


def _sections(found: RepDifference, wording: Wording, words: Mapping[str, str]) -> Iterator[Section]:
    calendar = found.difference.after.problem.calendar
    currency = wording.currency
    if not (len(found.quotas) or len(found.activities) or len(found.accounts)):
        yield Section(words["change"], "cover", (Passage(words["nothing"]),))
    if len(found.quotas):
        lines = [
            (" / ".join(wording.word(row[one]) for one in LINE if row[one]), *_amounts(row))
            for row in found.by_line.to_dicts()
        ]
        yield _section(words["by_line"].format(currency=currency), wording["segment"], lines, words, "amount")
        periods = [(wording.period(calendar, row["period"]), *_amounts(row)) for row in found.by_period.to_dicts()]
        yield _section(words["by_period"].format(currency=currency), wording["period"], periods, words, "amount")
    if len(found.activities):
        rows = [(row["activity"], *_amounts(row)) for row in found.by_activity.to_dicts()]
        yield _section(words["activities"], wording["activity"], rows, words, "count")
    if len(found.hours):
        rows = [(wording.period(calendar, row["period"]), *_amounts(row)) for row in found.hours.to_dicts()]
        was, now = found.all_hours
        rows.append((words["in_all"], was, now, now - was))
        yield _section(words["hours"], wording["period"], rows, words, "hours")
    if len(found.accounts):
        yield Section(words["accounts"], "accounts", (Listing("", tuple(_accounts(found, words))),))
    if len(found.sold):
        rows = [
            (" / ".join(wording.word(row[one]) for one in LINE if row[one]), *_amounts(row))
            for row in found.sold.to_dicts()
        ]
        named = {**words, "before": words["planned"], "after": words["was_sold"]}
        yield _section(words["sold"].format(currency=currency), wording["segment"], rows, named, "amount")
    plans = (found.difference.before, found.difference.after)
    limits = {limit.label: limit for plan in plans for limit in plan.problem.limits}
    yours = {name: words[f"{name}_own"] for name in ("sold_fact", "joins", "gone")}
    blocks = [
        Listing(words[name], tuple(_fact(one, limits.get(one.about), calendar, wording, named) for one in facts))
        for name, facts, named in (("own", found.own, {**words, **yours}), ("indirect", found.indirect, words))
        if facts
    ]
    if blocks:
        yield Section(words["why"], "cover", tuple(blocks))


def _section(heading: str, key: str, rows: Sequence[tuple[Cell, ...]], words: Mapping[str, str], kind: Kind) -> Section:
    fields = (Field(key), *(Field(words[name], kind, adds=True) for name in ("before", "after", "change")))
    return Section(heading, "quotas", (Grid("", fields, tuple(rows)),))


def _amounts(row: Mapping[str, Cell]) -> tuple[Cell, Cell, Cell]:
    return row["before"], row["after"], row["change"]


def _accounts(found: RepDifference, words: Mapping[str, str]) -> Iterator[str]:
    table: Table = found.accounts
    for row in table.to_dicts():
        came = row["after"] == found.rep_id
        other = row["before"] if came else row["after"]
        text = words["to_you" if came else "from_you"]
        yield text.format(account=row["name"] or row["account"], owner=other or words["nobody"])


def _fact(fact: Fact, limit: AnyLimit | None, calendar: Calendar, wording: Wording, words: Mapping[str, str]) -> str:
    text = _change(fact, limit, calendar, wording, words)
    if fact.agreed_with:
        text += words["agreed_with"].format(person=fact.agreed_with)
    return f"{text} ({_reason(fact.reason, wording, words)})" if fact.reason else text


def _change(fact: Fact, limit: AnyLimit | None, calendar: Calendar, wording: Wording, words: Mapping[str, str]) -> str:
    """Return what came, went or changed, without why."""
    if fact.kind == "edit":
        return _edit(fact, calendar, wording, words)
    if fact.kind == "limit" and limit is not None:
        about = _about(limit, calendar, wording, words)
        return words["limit_gone" if fact.after is None else "limit_new"].format(
            about=about, said=_said(limit, wording)
        )
    if fact.kind == "rep" and not fact.what:
        return words["joins" if fact.before is None else "gone"].format(rep=fact.about)
    values = [_value(one, fact, wording, words) for one in (fact.before, fact.after)]
    what = words.get(fact.what, fact.what.replace("_", " "))
    about = words["others"] if fact.about == OTHERS else _written(fact.about, fact, wording)
    return words["fact"].format(
        kind=words["sold_fact" if fact.kind == "sold" else fact.kind],
        about=about,
        what=f", {what}" if what else "",
        before=values[0],
        after=values[1],
    )


def _about(limit: AnyLimit, calendar: Calendar, wording: Wording, words: Mapping[str, str]) -> str:
    """Return a limit's own name, and of whom and of what it speaks."""
    given = getattr(limit, "parts", None)
    if given is None:
        given = {name: getattr(limit, name) for name in ("rep", "team") if getattr(limit, name) is not None}
    parts = [
        wording.period(calendar, one) if name == "period" else wording.word(one) if name == "business" else one
        for name, one in given.items()
    ]
    if not {"rep", "team"} & {*given}:
        parts.insert(0, words["everyone"])
    if getattr(limit, "but_not", ()):
        parts.append(words["but_not"].format(reps=", ".join(limit.but_not)))  # type: ignore[union-attr]
    return ", ".join([*([limit.name] if limit.name else []), *parts])


def _said(limit: AnyLimit, wording: Wording) -> str:
    if isinstance(limit, TeamTarget):
        return wording.say("exactly", of=wording["base"], amount=wording.money(limit.base))
    return limit_in_words(limit, wording)


def _edit(fact: Fact, calendar: Calendar, wording: Wording, words: Mapping[str, str]) -> str:
    """Return what was done by hand, from the note that the plan keeps of it."""
    note = _written(str(fact.after), fact, wording)
    for name, pattern in EDITS.items():
        found = pattern.fullmatch(str(fact.after))
        if found is not None:
            given = {one: _called(text, calendar, wording) for one, text in found.groupdict().items()}
            given["amount"] = wording.money(float(found["amount"].replace(",", "")))
            note = words[name].format(**given)
            break
    about = _called(fact.about.partition("[")[2].removesuffix("]"), calendar, wording)
    return words["edit_fact"].format(about=about, note=note)


def _called(text: str, calendar: Calendar, wording: Wording) -> str:
    """Return names, periods by the words for them; a name that nobody's calendar knows stays."""
    return ", ".join(_period_or_name(one, calendar, wording) for one in text.split(", "))


def _period_or_name(text: str, calendar: Calendar, wording: Wording) -> str:
    try:
        return wording.period(calendar, text)
    except UnknownNameError:
        return wording.word(text) if text in {"new", "existing"} else text


def _reason(reason: str, wording: Wording, words: Mapping[str, str]) -> str:
    """Return a reason with the day of an agreement, which a log has written before it, in the page's language."""
    found = AGREED.match(reason)
    if found is None:
        return reason
    said_on = words["agreed_on"].format(day=wording.day(date.fromisoformat(found[1])))
    rest = reason[found.end() :]
    return said_on + (words["colon"] + rest[2:] if rest.startswith(": ") else rest)


def _value(value: object, fact: Fact, wording: Wording, words: Mapping[str, str]) -> str:
    if isinstance(value, int | float) and (fact.kind == "sold" or fact.what == "revenue"):
        return wording.money(value)
    if isinstance(value, date):
        return wording.day(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return wording.number(value)
    if value and isinstance(value, Absence | Scope | Mapping | tuple):
        return _record(value, fact, wording, words)
    text = said(value)
    return words[text] if text in {"none", "there"} else _written(text, fact, wording)


def _record(
    value: Absence | Scope | Mapping[str, object] | tuple[object, ...],
    fact: Fact,
    wording: Wording,
    words: Mapping[str, str],
) -> str:
    if isinstance(value, Absence):
        days = words["absent"].format(start=wording.day(value.start), end=wording.day(value.end))
        return f"{days} ({value.reason})" if value.reason else days
    if isinstance(value, Scope):
        return " / ".join(wording.word(one) for one in (value.segment, value.product, value.business) if one)
    if isinstance(value, tuple):
        return "; ".join(_value(one, fact, wording, words) for one in value)
    return "; ".join(f"{name} {_value(one, fact, wording, words)}" for name, one in value.items())


def _written(text: str, fact: Fact, wording: Wording) -> str:
    """Return the label of a limit, or the note of an edit, with its numbers and days as the language writes them."""
    if fact.kind not in {"limit", "edit"}:
        return text
    text = DAY.sub(lambda found: wording.day(date.fromisoformat(found[0])), text)
    return THOUSANDS.sub(lambda found: wording.number(float(found[0].replace(",", ""))), text)
