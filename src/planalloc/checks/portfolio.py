"""Accounts and contacts: each is one, names what exists, belongs to one segment and is worked by somebody.

Portfolios have tens of thousands of accounts: what is wrong with many of them is a few findings with a count.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from planalloc.model.base import nearest, suggest
from planalloc.model.criteria import conditions, kind_of
from planalloc.model.finding import Finding
from planalloc.model.portfolio import FIELDS
from planalloc.model.rows import some_of
from planalloc.model.strategy import Business

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from planalloc.model.criteria import Column, Condition
    from planalloc.model.portfolio import Account, Classification, Contact
    from planalloc.model.problem import PlanningProblem
    from planalloc.model.salesforce import Rep
    from planalloc.types import Bools, Ints

__all__ = ["findings", "name_findings"]

FIRST = 5
"""So many of what a rule objects to are findings of their own, or are named in one; the others are a number."""
LONGEST_NAME = 40
"""Characters of an account's name that a finding shows."""


def name_findings(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield accounts and contacts that stand twice, and ids and fields that nobody defined."""
    strategy, force, portfolio = problem.strategy, problem.sales_force, problem.portfolio
    yield from _twice("portfolio.accounts", portfolio.accounts)
    yield from _twice("portfolio.contacts", portfolio.contacts)
    kinds = (
        ("segment", "a segment", [one.id for one in strategy.segments]),
        ("owner", "a rep", [one.id for one in force.reps]),
        ("team", "a team", [one.id for one in force.teams]),
    )
    for field, kind, known in kinds:
        uses = ((one.id, getattr(one, field)) for one in portfolio.accounts)
        yield from _unknown(f"portfolio.accounts[{{}}].{field}", uses, kind, known)
    where = ((one.id, one.account) for one in portfolio.contacts)
    yield from _unknown("portfolio.contacts[{}].account", where, "an account", [one.id for one in portfolio.accounts])
    yield from _criteria(problem)


def findings(problem: PlanningProblem, *, named: bool = True) -> Iterator[Finding]:
    """Yield accounts that are in no plan, or in doubt, and counts that disagree.

    Parameters
    ----------
    problem : PlanningProblem
        In which all names but those of the portfolio exist.
    named : bool
        Whether these do as well; if not, only what does not follow from such a name is told.
    """
    if not problem.portfolio.accounts:
        yield from _fields_of_none(problem)
        return
    if not named and any(_criteria(problem)):
        return
    found = problem.portfolio.segment_of(problem.strategy.segments)
    yield from _in_segments(problem, found)
    owner = problem.portfolio.positions("owner", [one.id for one in problem.sales_force.reps])
    yield from _owned(problem, owner)
    yield from _covered(problem, owner, found.segment)
    yield from _split(problem, owner, found.segment)
    if named and not found.several.any():
        yield from _counts(problem)


def _twice(path: str, records: Sequence[Account] | Sequence[Contact]) -> Iterator[Finding]:
    ids = [one.id for one in records]
    if len(set(ids)) == len(ids):
        return
    again = {name: many for name, many in Counter(ids).items() if many > 1}
    owners: dict[str, dict[str, None]] = {}
    for one in records:
        if one.id in again and (owner := getattr(one, "owner", None)) is not None:
            owners.setdefault(one.id, {})[owner] = None
    for name, many in list(again.items())[:FIRST]:
        rule, remedy = f"stands {many} times; an id names one record", "Rename or remove the others."
        if len(between := sorted(owners.get(name, ()))) > 1:
            number = "two" if len(between) == 2 else f"{len(between):,}"
            rule = f"stands {many} times, with {number} owners: {_listed(between)}; one rep works an account"
            remedy = "Keep the row of the one who does."
        yield Finding("duplicate", "error", f"{path}[{name}]", repr(name), rule, remedy)
    if more := len(again) - FIRST:
        yield from _more("duplicate", path, more, "ids", "stand several times, too")


def _more(code: str, path: str, more: int, what: str, rule: str) -> Iterator[Finding]:
    if more > 0:
        level: Literal["error", "warning"] = "warning" if code == "field-of-none" else "error"
        yield Finding(code, level, path, f"{more:,} more {what}", rule, "Correct them all.")


def _unknown(path: str, uses: Iterable[tuple[str, str | None]], kind: str, known: Sequence[str]) -> Iterator[Finding]:
    """Yield each unknown name once, with the first record that uses it and how many do; the first few names only."""
    there = {None, *known}
    users: dict[str, list[str]] = {}
    for user, name in uses:
        if name not in there:
            users.setdefault(str(name), []).append(user)
    for name, those in list(users.items())[:FIRST]:
        near = nearest(name, known)
        hint = suggest(name, near).strip() or (f"Known are: {_listed(known)}." if known else "There is none yet.")
        rule = f"is unknown; must be the id of {kind}" + (f" ({len(those):,} name it)" if len(those) > 1 else "")
        yield Finding("unknown-name", "error", path.format(those[0]), repr(name), rule, hint, name, near)
    home = path.partition("[")[0]
    yield from _more("unknown-name", home, len(users) - FIRST, "names", f"are unknown; each must be the id of {kind}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - FIRST:,} more" if len(names) > FIRST else ""
    return ", ".join(names[:FIRST]) + more


def _asked(problem: PlanningProblem) -> list[tuple[str, Condition]]:
    """Return every condition of the criteria, with the path of the segment that it is of."""
    return [
        (f"strategy.segments[{segment.id}].criteria", condition)
        for segment in problem.strategy.segments
        if segment.criteria is not None
        for condition in conditions(segment.criteria)
    ]


def _criteria(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield conditions on fields that no account has, and on values that the field cannot hold or never does."""
    portfolio, asked = problem.portfolio, _asked(problem)
    if not asked:
        return
    yield from _values(problem, asked)
    if not portfolio.accounts:
        return
    there = portfolio.attribute_names
    columns = {condition.field: portfolio.column(condition.field) for _, condition in asked}
    missing: dict[str, str] = {}
    for path, condition in asked:
        if condition.field not in there and condition.field not in FIELDS:
            missing.setdefault(condition.field, path)
        else:
            yield from _kinds(path, condition, columns[condition.field], portfolio.accounts)
    known = [*FIELDS, *sorted(there)]
    for field, path in list(missing.items())[:FIRST]:
        hint = suggest(field, known).strip() or f"Known are: {some_of(known)}."
        rule = "is unknown; must be a field of an account, or an attribute that one has"
        yield Finding("unknown-name", "error", path, repr(field), rule, hint, field, nearest(field, known))
    rule = "are unknown; each must be a field of an account, or an attribute that one has"
    yield from _more("unknown-name", "strategy.segments", len(missing) - FIRST, "fields", rule)


def _values(problem: PlanningProblem, asked: Sequence[tuple[str, Condition]]) -> Iterator[Finding]:
    """Yield values that nothing can have: a business, or an id of a rep or a team, that there is not."""
    known = {
        "business": ("a business: new or existing", list(get_args(Business))),
        "owner": ("the id of a rep", [one.id for one in problem.sales_force.reps]),
        "team": ("the id of a team", [one.id for one in problem.sales_force.teams]),
    }
    there = {field: set(names) for field, (_, names) in known.items()}
    wrong: dict[tuple[str, str], str] = {}
    for path, one in asked:
        for value in (one.equals, *(one.one_of or ())) if one.field in known else ():
            if isinstance(value, str) and value not in there[one.field]:
                wrong.setdefault((one.field, value), path)
    for (field, value), path in list(wrong.items())[:FIRST]:
        kind, names = known[field]
        hint = suggest(value, names).strip() or (f"Known are: {_listed(names)}." if names else "There is none yet.")
        rule = f"is asked for as {field} and is unknown; must be {kind}"
        yield Finding("unknown-name", "error", path, _shown(value), rule, hint, value, nearest(value, names))
    yield from _more("unknown-name", "strategy.segments", len(wrong) - FIRST, "values", "of criteria are unknown, too")


def _fields_of_none(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield fields of criteria that only an attribute could be, where there is no account yet to have it."""
    first: dict[str, str] = {}
    for path, condition in _asked(problem):
        if condition.field not in FIELDS:
            first.setdefault(condition.field, path)
    for field, path in list(first.items())[:FIRST]:
        hint = suggest(field, FIELDS).strip() or "Give the accounts this attribute, or correct the name."
        rule = "is no field of an account, and there is no account yet that has it as an attribute"
        yield Finding("field-of-none", "warning", path, repr(field), rule, hint, field, nearest(field, FIELDS))
    yield from _more("field-of-none", "strategy.segments", len(first) - FIRST, "fields", "are of no account, too")


def _kinds(path: str, condition: Condition, column: Column, accounts: Sequence[Account]) -> Iterator[Finding]:
    """Yield an end that cannot be compared with some value, and a value of a kind that the field never holds."""
    kinds = np.array([kind_of(value) for value in column.values])
    if not len(kinds):
        return
    ends = [one for one in (condition.at_least, condition.at_most) if one is not None]
    if ends and (wrong := kinds != kind_of(ends[0])).any():
        holders = np.flatnonzero(np.append(wrong, False)[column.codes])
        value, kind = column.values[int(np.flatnonzero(wrong)[0])], str(kinds[wrong][0])
        rule = (
            f"is compared with {kind_of(ends[0])} and is {kind} in {_many(len(holders), 'account')}, "
            f"{accounts[int(holders[0])].id} first: {_shown(value)}"
        )
        yield Finding("not-comparable", "error", path, repr(condition.field), rule, _remedy(kind_of(ends[0]), kind))
    asked = [one for one in (condition.equals, *(condition.one_of or ())) if one is not None]
    for value in asked:
        if kind_of(value) not in kinds:
            rule = f"is {kind_of(value)}, and {condition.field!r} holds {' or '.join(sorted(set(kinds.tolist())))}"
            remedy = "Write the condition as the accounts have it, or read the column of that kind."
            yield Finding("not-comparable", "error", path, _shown(value), rule, remedy)


def _remedy(asked: str, kind: str) -> str:
    if kind == "a day" or asked == "a day":
        return "Only last_contact is a day; give a date for it, a number for the others."
    if kind == "text":
        return "Give numbers without quotes, and leave out what is not known; from_frame(numbers=[...]) reads them so."
    return "Use equals for True or False."


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str | bool) else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}..."


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _called(account: Account) -> str:
    """Return an account's id, and the beginning of its name."""
    name = account.name
    if name is None or name == account.id:
        return account.id
    return f"{account.id} ({name if len(name) <= LONGEST_NAME else f'{name[:LONGEST_NAME]}...'})"


def _those(problem: PlanningProblem, those: Bools, say: Callable[[int, str], str]) -> tuple[str, str]:
    """Return how many accounts they are, and the first few by name."""
    accounts, where = problem.portfolio.accounts, np.flatnonzero(those)
    named = [say(int(i), _called(accounts[int(i)])) for i in where[:FIRST]]
    more = f" and {len(where) - FIRST:,} more" if len(where) > FIRST else ""
    return _many(len(where), "account"), f"{', '.join(named)}{more}"


def _in_segments(problem: PlanningProblem, found: Classification) -> Iterator[Finding]:
    segments, path = [one.id for one in problem.strategy.segments], "portfolio.accounts"

    def met(i: int) -> str:
        return " and ".join(segments[g] for g in np.flatnonzero(found.meets[i])) or "none"

    if found.several.any():
        value, named = _those(problem, found.several, lambda i, called: f"{called}: {met(i)}")
        rule = f"in several segments at once by their criteria: {named}"
        remedy = "Narrow the criteria, or give these accounts their segment."
        yield Finding("account-in-several-segments", "error", path, value, rule, remedy)
    if found.nowhere.any():
        value, named = _those(problem, found.nowhere, lambda _, called: called)
        rule = f"in no segment, planned nowhere: {named}"
        remedy = "Give them a segment, or widen the criteria of one."
        yield Finding("account-in-no-segment", "warning", path, value, rule, remedy)
    if found.contradicts.any():
        value, named = _those(
            problem, found.contradicts, lambda i, called: f"{called}: {segments[found.given[i]]}, by criteria {met(i)}"
        )
        rule = f"with a segment given that the criteria contradict; the given one holds: {named}"
        remedy = "Correct the segment, or leave it out."
        yield Finding("segment-against-criteria", "warning", path, value, rule, remedy)


def _owned(problem: PlanningProblem, owner: Ints) -> Iterator[Finding]:
    reps, path = problem.sales_force.reps, "portfolio.accounts"
    if (owner == -1).any():
        value, named = _those(problem, owner == -1, lambda _, called: called)
        rule, remedy = f"without owner, in nobody's plan: {named}", "Give them an owner."
        yield Finding("account-without-owner", "warning", path, value, rule, remedy)
    overlay = np.array([one.role == "overlay" for one in reps], dtype=bool)
    if len(reps) and (second := (owner >= 0) & overlay[np.maximum(owner, 0)]).any():
        value, named = _those(problem, second, lambda i, called: f"{called}: {reps[owner[i]].id}")
        rule = f"owned by overlay reps, who have no hours to work them; in nobody's plan: {named}"
        yield Finding("account-of-overlay", "warning", path, value, rule, "Give them an owner who books their revenue.")


def _covered(problem: PlanningProblem, owner: Ints, segment: Ints) -> Iterator[Finding]:
    """Yield reps who own accounts in a segment that has targets, none of which they cover."""
    reps, segments, targets = problem.sales_force.reps, problem.strategy.segments, problem.strategy.targets
    lines = [[target for target in targets if target.segment == one.id] for one in segments]
    known: dict[tuple[Any, int], bool] = {}
    placed = (owner >= 0) & (segment >= 0)
    wrong = []
    for r, g in sorted(set(zip(owner[placed].tolist(), segment[placed].tolist(), strict=True))):
        key = (reps[r].covers, g)
        if key not in known:
            known[key] = not (lines[g] and reps[r].covers) or any(reps[r].may_carry(line) for line in lines[g])
        if not known[key]:
            wrong.append((r, g))
    for r, g in wrong[:FIRST]:
        value, named = _those(problem, (owner == r) & (segment == g), lambda _, called: called)
        rule = f"in {segments[g].id!r}, a segment that {reps[r].id} does not cover: {named}"
        remedy = "Add the segment to covers, or give the accounts to somebody else."
        yield Finding("accounts-not-covered", "error", f"sales_force.reps[{reps[r].id}].covers", value, rule, remedy)
    rule = "own accounts in a segment that they do not cover, too"
    yield from _more("accounts-not-covered", "sales_force.reps", len(wrong) - FIRST, "reps", rule)


def _split(problem: PlanningProblem, owner: Ints, segment: Ints) -> Iterator[Finding]:
    """Yield accounts that must say which business they are, as a cadence tells new from existing ones."""
    reps, segments = problem.sales_force.reps, problem.strategy.segments
    by_business = {one.segment for one in problem.playbook.cadences if one.business is not None}
    if not by_business:
        return
    told = np.array([[isinstance(rep.accounts.get(one.id), dict) for one in segments] for rep in reps], dtype=bool)
    silent = np.array([one.business is None for one in problem.portfolio.accounts], dtype=bool)
    silent &= (owner >= 0) & (segment >= 0)
    silent[silent] &= ~told[owner[silent], segment[silent]]
    for g, one in enumerate(segments):
        if one.id in by_business and (those := silent & (segment == g)).any():
            value, named = _those(problem, those, lambda _, called: called)
            rule = f"in {one.id!r} without business, where a cadence tells new from existing accounts: {named}"
            remedy = "Say of each whether its business is new or existing."
            yield Finding("accounts-not-split", "error", "portfolio.accounts", value, rule, remedy)


def _counts(problem: PlanningProblem) -> Iterator[Finding]:
    """Yield where a rep's own count is not that of the portfolio."""
    segments, reps = problem.strategy.segments, problem.sales_force.reps
    if not any(rep.accounts for rep in reps):
        return
    found = problem.portfolio.counts(segments, reps)
    position = {segment.id: g for g, segment in enumerate(segments)}
    wrong = [one for r, rep in enumerate(reps) for one in _disagreements(rep, found[r], position)]
    yield from wrong[:FIRST]
    yield from _more("accounts-disagree", "sales_force.reps", len(wrong) - FIRST, "counts", "disagree, too")


def _disagreements(rep: Rep, found: Ints, position: dict[str, int]) -> Iterator[Finding]:
    for segment, told in rep.accounts.items():
        unknown, new, existing = (float(one) for one in found[position[segment]])
        pairs = [("", rep.count(segment), unknown + new + existing)]
        if isinstance(told, dict):
            apart = [(", new", told.get("new", 0.0), new), (", existing", told.get("existing", 0.0), existing)]
            # accounts of unknown business may be either, so that fewer are counted; more never are
            pairs = [one for one in apart if one[1] < one[2]] or pairs if unknown else apart
        for which, said, counted in pairs:
            if said != counted:
                rule = f"is said of {rep.id}, and {counted:.15g} are counted in the portfolio"
                remedy = "Leave accounts out of the rep, or correct the portfolio."
                path = f"sales_force.reps[{rep.id}].accounts"
                yield Finding("accounts-disagree", "error", path, f"{segment}{which}: {said:.15g}", rule, remedy)
