"""From the tables of a review to its alerts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from planalloc.model.base import suggest
from planalloc.numerics.discoveries import discoveries
from planalloc.reviewing.alerts import Alert, Alerts, Lever
from planalloc.reviewing.evidence import LINE, Evidence, about, facts, grouped, line_of, row_key, split, sums

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planalloc.plan.table import Table
    from planalloc.reviewing.alerts import AlertKind
    from planalloc.reviewing.evidence import Row
    from planalloc.reviewing.review import Review

__all__ = ["raised"]

MOST_NAMES = 20
"""Deals or accounts that an alert names."""
REPEATED = "repeats a row with the same"
"""How the rule begins of rows that say what another row says already."""
UNKNOWN = re.compile("names an? (.+) that nobody defined")
"""The rule of rows that name what the plan does not know."""


def raised(review: Review) -> Alerts:
    """Return the alerts of a review, ranked."""
    source = Evidence(review)
    several = (_pace, _conversion, _drift, _thin, _slipped, _stuck, _under_worked, _execution, _set_aside)
    reps = tuple(one.id for one in review.plan.problem.sales_force.reps)
    return Alerts.ranked([alert for one in several for alert in one(source)], reps=reps)


def _pace(source: Evidence) -> Iterator[Alert]:
    for row in source.found("pace"):
        gap = row["actual"] - row["expected"]
        behind = gap < 0
        ends = source.forecast.get(row_key(row), {})
        figures = facts(
            source.standing.get(row_key(row), {}), "quota", "due", "pace", "linearity", "missing", "required"
        )
        figures |= facts(ends, "target", "closed", "pipeline", "run_rate", "expected", "low", "high", "chance")
        if source.review.plan.as_of is not None:
            figures |= {"redistributed": source.settled(row)}
        parts = source.gaps[row["rep"]] if row["rep"] else _parts_of_line(source, row)
        yield Alert(
            "pace behind" if behind else "pace ahead",
            gap,
            row["actual"],
            row["expected"],
            "money",
            **about(row),
            p_value=row["p_value"],
            adjusted=row["adjusted"],
            figures=figures,
            parts={by: dict(found) for by, found in parts.items()},
            levers=_levers_of_pace(row, behind=behind),
        )


def _parts_of_line(source: Evidence, row: Row) -> dict[str, dict[str | None, float]]:
    """Split the gap of a line or of the company by team, or by rep where there are no teams, and by line."""
    table = source.review.attainment
    chosen = table if row["segment"] is None else table.where(**{name: row[name] for name in LINE})
    found: dict[str, dict[str | None, float]] = {}
    for by in ("segment", "product", "business", "team", "rep"):
        rows = chosen.by(by).to_dicts() if len(chosen) else []
        parts = {one[by]: one["actual"] - one["due_base"] for one in rows}
        if set(parts) != {None}:
            found[by] = parts
    return found


def _levers_of_pace(row: Row, *, behind: bool) -> tuple[Lever, ...]:
    if row["rep"] is not None:
        carries = ("spread", "same_team", "same_rep", "next_period", "write_off") if behind else ("spread", "same_rep")
        carry = tuple(Lever("replan", {"carry": one}) for one in carries)
        return (*carry, Lever("WorkTime", {"rep": row["rep"]}), Lever("MoveAccount")) if behind else carry
    named = facts(row, *LINE)
    if not named:
        return (Lever("replan", {"carry": "spread"}), Lever("replan", {"carry": "write_off"}), Lever("Retarget"))
    return (Lever("Retarget", named), Lever("Reseason", named), Lever("Reconvert"))


def _conversion(source: Evidence) -> Iterator[Alert]:
    found = source.review.comparisons.where(differs=True).to_dicts()
    if not found:
        return
    lines = source.review.conversion
    onward = _onward(lines)
    of_rep = grouped(lines.where(rep={row["rep"] for row in found}).to_dicts(), "rep", "step")
    for row in found:
        rows = of_rep[row["rep"], row["step"]]
        money = [
            (one["won"] - one["expected"]) * onward.get(one["step"], 1.0) * source.sizes.get(line_of(one), 0.0)
            for one in rows
        ]
        below = row["won"] < row["expected"]
        yield Alert(
            "conversion below" if below else "conversion above",
            sum(money),
            row["rate"],
            row["rate_of_all"],
            "share",
            **about(row),
            step=row["step"],
            p_value=row["p_value"],
            adjusted=row["adjusted"],
            figures=facts(row, "trials", "won", "expected", "rate", "rate_of_all", "z_score", "maturity_days"),
            parts=split(rows, money, *LINE),
            levers=(Lever("Reconvert"), Lever("MoveAccount"), Lever("replan", {"carry": "same_team"})),
        )


def _onward(conversion: Table) -> dict[str, float]:
    """Return, by step, the chance that what has passed it is won, at everybody's rates."""
    rates = {row["step"]: row["rate"] for row in conversion.by("step").to_dicts()}
    found = {"won": 1.0}
    chance = 1.0
    for step in reversed([one for one in rates if one != "won"]):
        found[step] = chance
        chance *= rates[step] if rates[step] == rates[step] else 1.0
    return found


def _drift(source: Evidence) -> Iterator[Alert]:
    """Raise what drifts by the tests of the day or by the watch over the year."""
    review = source.review
    late = max(review.watch["end"].tolist(), default=None)
    alarms = (
        {(row["kind"], row["rep"]): row for row in review.watch.where(alarm=True, end=late).to_dicts()} if late else {}
    )
    tested = {(row["kind"], row["rep"]) for row in review.drift.where(drifts=True).to_dicts()}
    found = sorted(tested | set(alarms))
    of_rep = grouped(review.drift.where(rep={rep for _, rep in found}).to_dicts(), "kind", "rep") if found else {}
    for kind, rep in found:
        rows = of_rep[kind, rep]
        worth = 1.0
        total = sum(row["actual"] for row in rows)
        if kind == "effort":
            due = source.due_of_rep.get(rep, 0.0)
            worth = due / total if total else 0.0
        moved = [min(0.0, row["actual"] - row["planned_share"] * total) * worth for row in rows]
        largest = min(rows, key=lambda row: row["actual"] - row["planned_share"] * total)
        watched = alarms.get((kind, rep), {})
        yield Alert(
            "effort drift" if kind == "effort" else "revenue drift",
            sum(moved),
            largest["actual"] / total if total else 0.0,
            largest["planned_share"],
            "share",
            **about(largest),
            step=largest["activity"],
            p_value=largest["p_mix"],
            adjusted=largest["adjusted"],
            figures={
                **facts(largest, "events", "p_mix"),
                "moved_share": -sum(moved) / (total * worth) if total * worth else 0.0,
                **{f"watch_{name}": value for name, value in facts(watched, "evidence", "p_value").items()},
            },
            parts=split(rows, moved, "segment", "product", "business", "activity"),
            levers=(
                (Lever("MoveAccount"), Lever("WorkTime", {"rep": rep}))
                if kind == "effort"
                else (
                    Lever("replan", {"carry": "same_rep"}),
                    Lever("replan", {"carry": "spread"}),
                    Lever("MoveAccount"),
                )
            ),
        )


def _thin(source: Evidence) -> Iterator[Alert]:
    """Raise where the target is out of reach, and sales or new opportunities are short of the plan by more than chance.

    That the year may end below the target is told by the forecast. In December it is so for many who only had bad luck.
    """
    review = source.review
    if not len(review.opportunities) and not len(review.deals):
        return
    sold = review.attainment
    nothing_told = not len(sold) or not (np.any(sold["actual"]) or np.any(sold["deals"]))
    # On the last day nothing is left to come: the year's end is what the pace says.
    if nothing_told or review.as_of >= review.plan.problem.calendar.end:
        return
    open_targets = {key: row for key, row in source.forecast.items() if row["target"] > 0 and row["scope"] != "company"}
    verdict = discoveries(np.array([row["chance"] for row in open_targets.values()]), rate=review.rate)
    table = review.pipeline
    several = (
        {by: {row_key(row): row for row in table.by(*by).to_dicts()} for by in (("rep",), LINE)} if len(table) else {}
    )
    short: dict[tuple[str | None, ...], Row] = {}
    for row in (*source.found("pace"), *source.found("creation")):
        if row["actual"] < row["expected"]:
            short[row_key(row)] = row
    for (key, ends), found in zip(open_targets.items(), verdict.found.tolist(), strict=True):
        held = several.get(("rep",) if ends["rep"] else LINE, {}).get(key)
        at = source.standing.get(key)
        if not found or key not in short or held is None or at is None or ends["expected"] >= ends["target"]:
            continue
        lacking = held["still_to_win"] - held["weighted_in_time"]
        if lacking <= 0:
            continue
        due = at["due"] if ends["rep"] else _due_of_line(source, ends)
        gap = ends["expected"] - ends["target"]
        yield Alert(
            "thin pipeline",
            gap,
            held["weighted_in_time"],
            held["still_to_win"],
            "money",
            **about(ends),
            p_value=short[key]["p_value"],
            adjusted=short[key]["adjusted"],
            figures={
                **facts(ends, "target", "closed", "pipeline", "run_rate", "expected", "low", "high", "chance"),
                **facts(held, "opportunities", "value", "coverage", "weighted_coverage", "to_create"),
            },
            parts={
                "time": {
                    "to date": ends["closed"] - due,
                    "still to come": ends["pipeline"] + ends["run_rate"] - (ends["target"] - due),
                }
            },
            levers=_levers_of_pace(ends, behind=True),
        )


def _due_of_line(source: Evidence, line: Row) -> float:
    """Return the base due of a line."""
    return float(source.review.attainment.where(**{name: line[name] for name in LINE}).total("due_base"))


def _slipped(source: Evidence) -> Iterator[Alert]:
    """Raise each rep's open deals whose expected close has passed: facts."""
    yield from _deals(source, "slipped", kind="slipped deals", reps=None)


def _stuck(source: Evidence) -> Iterator[Alert]:
    """Raise each rep's deals that stand still, where more of them do than chance makes among the colleagues'."""
    reps = {row["rep"]: row for row in source.found("stuck") if row["actual"] > row["expected"]}
    if reps:
        yield from _deals(source, "stuck", kind="stuck deals", reps=reps)


def _deals(source: Evidence, flag: str, *, kind: AlertKind, reps: dict[str, Row] | None) -> Iterator[Alert]:
    table = source.review.opportunities.where(**{flag: True})
    chosen = table if reps is None else table.where(rep=list(reps))
    for (rep,), rows in grouped(chosen.to_dicts(), "rep").items():
        rows.sort(key=lambda row: (-row["weighted"], row["opportunity"]))
        money = [-row["weighted"] for row in rows]
        if not any(money):
            continue  # too late to be won within the horizon: nothing of the plan hangs on them
        test = reps[rep] if reps else {}
        value = sum(row["value"] for row in rows if row["value"] == row["value"])
        yield Alert(
            kind,
            sum(money),
            float(len(rows)),
            test.get("expected", np.nan),
            "count",
            rep=rep,
            team=rows[0]["team"],
            p_value=test.get("p_value", np.nan),
            adjusted=test.get("adjusted", np.nan),
            figures={"opportunities": len(rows), "value": value, "weighted": -sum(money)},
            parts=split(rows, money, *LINE, "stage", "opportunity"),
            names=tuple(row["opportunity"] for row in rows[:MOST_NAMES]),
            levers=(Lever("Reconvert"), Lever("MoveAccount"), Lever("replan", {"carry": "next_period"})),
        )


def _under_worked(source: Evidence) -> Iterator[Alert]:
    review = source.review
    tests = {row["rep"]: row for row in source.found("visits")}
    if not tests:
        return
    due = {(row["rep"], row["segment"]): row["due"] for row in review.coverage.to_dicts()}
    for (rep,), rows in grouped(review.under_worked.where(rep=list(tests)).to_dicts(), "rep").items():
        money = []
        for row in rows:
            asked = due.get((rep, row["segment"]), 0)
            money.append(-source.due.get((rep, row["segment"]), 0.0) * row["missing"] / asked if asked else 0.0)
        accounts = sums(rows, "account", money)
        names = tuple(sorted((one for one in accounts if one), key=lambda one: (accounts[one], one)))
        yield Alert(
            "under-worked accounts",
            sum(money),
            tests[rep]["actual"],
            tests[rep]["expected"],
            "count",
            rep=rep,
            team=rows[0]["team"],
            p_value=tests[rep]["p_value"],
            adjusted=tests[rep]["adjusted"],
            figures={"accounts": len(names), "missing": sum(row["missing"] for row in rows)},
            parts=split(rows, money, "segment", "account", "activity"),
            names=names[:MOST_NAMES],
            levers=(*(Lever("MoveAccount", {"account": one}) for one in names[:3]), Lever("WorkTime", {"rep": rep})),
        )


def _execution(source: Evidence) -> Iterator[Alert]:
    """Raise work that is behind; its money is the number due in its segment, as far as the work for it is missing."""
    tests = {row["rep"]: row for row in source.found("execution")}
    if not tests:
        return
    table = source.review.execution
    told = {row["activity"] for row in table.by("activity").to_dicts() if row["done"]}
    for (rep,), rows in grouped(table.where(rep=list(tests), activity=told).to_dicts(), "rep").items():
        asked = sums(rows, "segment", [row["due"] for row in rows])
        money = [
            -source.due.get((rep, row["segment"]), 0.0) * (row["due"] - row["credited"]) / asked[row["segment"]]
            if asked[row["segment"]]
            else 0.0
            for row in rows
        ]
        missed = sums(rows, "activity", [row["credited"] - row["due"] for row in rows])
        names = tuple(sorted((one for one, many in missed.items() if one and many < 0), key=lambda one: missed[one]))
        yield Alert(
            "execution behind",
            sum(money),
            tests[rep]["actual"],
            tests[rep]["expected"],
            "count",
            rep=rep,
            team=rows[0]["team"],
            step=names[0] if names else None,
            p_value=tests[rep]["p_value"],
            adjusted=tests[rep]["adjusted"],
            figures={
                "due": sum(row["due"] for row in rows),
                "done": sum(row["done"] for row in rows),
                "credited": sum(row["credited"] for row in rows),
                "excess": sum(row["excess"] for row in rows),
            },
            parts=split(rows, money, "segment", "activity"),
            names=names,
            levers=(Lever("WorkTime", {"rep": rep}), Lever("Absent", {"rep": rep}), Lever("MoveAccount")),
        )


def _set_aside(source: Evidence) -> Iterator[Alert]:
    """Raise rows with which something is wrong; a row that comes twice, or after the day, asks nothing of anybody."""
    for row in source.review.set_aside.where(outside=False).to_dicts():
        if row["rule"].startswith(REPEATED):
            continue
        amount = row["amount"]
        amount = abs(amount) if amount is not None and amount == amount else 0.0  # noqa: PLR0124 -- NaN is missing
        hint = _hint(source, row)
        yield Alert(
            "set aside",
            0.0 - amount,
            float(row["rows"]),
            np.nan,
            "count",
            figures={**facts(row, "table", "rule", "rows", "examples"), **({"hint": hint} if hint else {})},
            parts={"table": {row["table"]: 0.0 - amount}},
            names=(row["table"], row["rule"]),
        )


def _hint(source: Evidence, row: Row) -> str:
    """Return which known name may have been meant by the most frequent one that nobody defined."""
    found, example = UNKNOWN.match(row["rule"]), (row["examples"] or "").split("', '")[0].strip("'")
    problem = source.review.plan.problem
    known: dict[str, list[str]] = {
        "rep": [one.id for one in problem.sales_force.reps],
        "segment": [one.id for one in problem.strategy.segments],
        "product": [one.id for one in problem.strategy.products],
        "activity": [one.id for one in problem.playbook.activities],
        "account": [one.id for one in problem.portfolio.accounts],
        "stage": [stage.id for funnel in problem.playbook.funnels for stage in funnel.stages],
    }
    if not found or not example:
        return ""
    names = known.get(found.group(1), [])
    # A name that differs by its capitals only is the one that was meant.
    return suggest(example, [one for one in names if one.lower() == example.lower()] or names)
