"""The part of a form that speaks of whom a rep meets: what is known of the accounts, and the people there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planalloc.plan.forms.page import Field, Grid, Passage, Section

if TYPE_CHECKING:
    from planalloc.model.portfolio import Account
    from planalloc.plan.forms.page import Cell, Kind
    from planalloc.plan.forms.subject import RepSubject, Subject

__all__ = ["contacts", "known"]

MOST_ATTRIBUTES = 6
"""Up to so many attributes have a column each; more stand in one, each with its name."""
KEPT: dict[str, Kind] = {"region": "text", "last_contact": "day"}
"""Fields of an account that a rep reads and that the order of work does not show."""


def known(subject: Subject) -> Section | None:
    """Return what else is known of the accounts: region, last contact, attributes."""
    held = [subject.account(row["account"]) for row in subject.accounts]
    names = sorted({name for one in held for name in one.attributes})
    kept = [name for name in KEPT if any(getattr(one, name) is not None for one in held)]
    if not names and not kept:
        return None
    columns = names if len(names) <= MOST_ATTRIBUTES else []
    fields = (
        Field(subject.wording["account"]),
        *(Field(subject.wording[name], KEPT[name]) for name in kept),
        *(Field(name, _kind([one.attributes.get(name) for one in held])) for name in columns),
        *([] if columns or not names else [Field(subject.wording["attributes"])]),
    )
    rows = []
    for one in held:
        said = [_said(subject, one.attributes.get(name)) for name in columns]
        more = [] if columns or not names else [_together(subject, one)]
        rows.append((one.name or one.id, *(getattr(one, name) for name in kept), *said, *more))
    return Section(subject.wording["known"], "known", (Grid("", fields, tuple(rows)),))


def contacts(subject: RepSubject) -> Section | None:
    """Return the people at the accounts, and the stages whose method says to meet somebody of their role."""
    wording, wanted = subject.wording, _stages_of_role(subject)
    rows: list[tuple[Cell, ...]] = []
    for row in subject.accounts:
        for person in subject.contacts.get(row["account"], ()):
            stages = wanted.get((person.role.casefold(), row["segment"]), [])
            said = ", ".join(subject.called("stage", stage) for stage in stages)
            rows.append((row["name"] or row["account"], person.name or person.id, person.role, said))
    if not rows:
        return None
    shown = 4 if wanted else 3
    fields = tuple(Field(wording[key]) for key in ("account", "person", "person_role", "to_meet_for")[:shown])
    grid = Grid("", fields, tuple(row[:shown] for row in rows))
    text = (Passage(wording["contacts_text"]),) if wanted else ()
    return Section(wording["contacts"], "contacts", (*text, grid))


def _stages_of_role(subject: RepSubject) -> dict[tuple[str, str | None], list[str]]:
    """Return the stages whose method asks for a role, by role and segment."""
    segments, found = list(subject.names["segment"]), dict[tuple[str, str | None], list[str]]()
    for method in subject.part.playbook:
        for segment in segments if method.segment is None else [method.segment]:
            for role in method.roles:
                found.setdefault((role.casefold(), segment), []).append(method.stage)
    return found


def _kind(values: list[Any]) -> Kind:
    """Return how the values of an attribute are written: as numbers only where all of them are."""
    numbers = [one for one in values if one is not None]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        return "text"
    return "count" if all(float(one).is_integer() for one in numbers) else "number"


def _said(subject: Subject, value: Any) -> Cell:
    """Return an attribute as a cell: words for True and False."""
    return subject.wording["yes" if value else "no"] if isinstance(value, bool) else value


def _together(subject: Subject, account: Account) -> str:
    """Return all attributes of an account in one text."""
    pairs = ((name, _said(subject, value)) for name, value in account.attributes.items())
    said = subject.wording
    return "; ".join(said.say("stated", label=name, value=said.cell(value, "number")) for name, value in pairs)
