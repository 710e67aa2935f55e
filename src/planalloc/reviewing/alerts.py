"""What asks for attention: differences that are more than chance, and facts, by the money at stake."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args, overload

import numpy as np

from planalloc.model.asked import refuse_no_names
from planalloc.model.finding import refuse
from planalloc.model.rows import unknown
from planalloc.plan.table import Table, Text
from planalloc.plan.table_display import as_html, as_text

if TYPE_CHECKING:
    from planalloc.plan.columns import Column

__all__ = ["Alert", "AlertKind", "Alerts", "Fact", "Lever", "Parts"]

AlertKind: TypeAlias = Literal[
    "pace behind",
    "pace ahead",
    "conversion below",
    "conversion above",
    "revenue drift",
    "effort drift",
    "thin pipeline",
    "slipped deals",
    "stuck deals",
    "under-worked accounts",
    "execution behind",
    "set aside",
]
Fact: TypeAlias = str | int | float | bool
Parts: TypeAlias = Mapping[str, Mapping[str | None, float]]
Unit: TypeAlias = Literal["money", "share", "count"]

KINDS: tuple[AlertKind, ...] = get_args(AlertKind)
ABOUT = ("rep", "team", "segment", "product", "business", "step")
SIDES: tuple[frozenset[AlertKind], ...] = (
    frozenset(
        {
            "pace behind",
            "conversion below",
            "revenue drift",
            "effort drift",
            "thin pipeline",
            "under-worked accounts",
            "execution behind",
        }
    ),
    frozenset({"slipped deals", "stuck deals"}),
)
"""Kinds that see the same missing money from several sides: the gap, and deals that do not come in."""


@dataclass(frozen=True)
class Lever:
    """What `planalloc.replan` could change in answer.

    Attributes
    ----------
    record : str
        Name of the change, such as ``"MoveAccount"``; ``"replan"`` for an option of the verb itself.
    fields : Mapping
        What is known of its fields; the others are for people to say.

    Examples
    --------
    >>> str(Lever("MoveAccount", {"account": "acme"}))
    "MoveAccount(account='acme')"
    """

    record: str
    fields: Mapping[str, Fact] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.record}({', '.join(f'{name}={value!r}' for name, value in self.fields.items())})"


@dataclass(frozen=True)
class Alert:
    """One thing to look at: figures, and no sentence.

    Attributes
    ----------
    kind : str
        What it is.
    gap : float
        Money it stands for: below zero is missing.
    actual, expected : float
        What is compared, in `unit`; `expected` is nan where there is nothing to compare with.
    unit : {"money", "share", "count"}
        Of both.
    rep, team, segment, product, business, step : str, optional
        What it is about; without a rep: the line, or the company.
    p_value, adjusted : float
        Chance of so large a difference where none is real, and the least rate at which it would be found among all that
        was tested; nan for facts, which no chance makes.
    figures : Mapping of str to number or text
        The evidence.
    parts : Mapping of str to Mapping of str to float
        The gap split in several ways: by segment, by cause, ...; the parts of each add up to the gap.
    names : tuple of str
        Deals, accounts or rows concerned, those with most money first.
    levers : tuple of Lever
        What a revision could change.
    within : str, optional
        Kind of the larger alert about the same rep or line of whose money this is a part: evidence for it, and no money
        on top.
    """

    kind: AlertKind
    gap: float
    actual: float
    expected: float
    unit: Unit
    rep: str | None = None
    team: str | None = None
    segment: str | None = None
    product: str | None = None
    business: str | None = None
    step: str | None = None
    p_value: float = math.nan
    adjusted: float = math.nan
    figures: Mapping[str, Fact] = field(default_factory=dict)
    parts: Parts = field(default_factory=dict)
    names: tuple[str, ...] = ()
    levers: tuple[Lever, ...] = ()
    within: AlertKind | None = None

    @property
    def at_stake(self) -> float:
        """Money at stake, at least 0."""
        return abs(self.gap)

    def __str__(self) -> str:
        if self.kind == "set aside":
            money = f"; {self.at_stake:,.0f} in all" if self.at_stake else ""
            rows = f"{self.actual:,.0f} row{'s' if self.actual != 1 else ''}"
            hint = f".{self.figures['hint']}" if "hint" in self.figures else ""
            return f"{': '.join((self.kind, *self.names))}: {rows}{money}{hint}"
        about = " / ".join(part for part in (getattr(self, name) for name in ABOUT if name != "team") if part)
        within = f" (within {self.within})" if self.within else ""
        return f"{self.kind}: {about or 'the company'}: {self.gap:,.0f}{within}"


@dataclass(frozen=True, eq=False)
class Alerts(Sequence[Alert]):
    """Alerts, those with most money at stake first.

    Attributes
    ----------
    records : tuple of Alert
        In order.
    reps : tuple of str
        Whom they may be about; empty where that is not known.

    Examples
    --------
    >>> two = Alerts.ranked([Alert("set aside", -5.0, 5.0, math.nan, "money"),
    ...                      Alert("pace behind", -90.0, 10.0, 100.0, "money", rep="alice")])
    >>> [alert.kind for alert in two], two.table["at_stake"].tolist()
    (['pace behind', 'set aside'], [90.0, 5.0])
    """

    records: tuple[Alert, ...]
    reps: tuple[str, ...] = ()

    @classmethod
    def ranked(cls, records: Sequence[Alert], *, reps: tuple[str, ...] = ()) -> Alerts:
        """Return alerts in order: by money at stake, then by kind, rows set aside and what they are about."""

        def place(alert: Alert) -> tuple[float, int, float, tuple[str, ...]]:
            about = tuple(getattr(alert, name) or "" for name in ABOUT)
            rows = alert.actual if alert.kind == "set aside" else 0.0
            return -round(alert.at_stake, 4), KINDS.index(alert.kind), -rows, (*about, *alert.names)

        return cls(tuple(_under_the_largest(sorted(records, key=place))), reps)

    @overload
    def __getitem__(self, at: int) -> Alert: ...
    @overload
    def __getitem__(self, at: slice) -> Alerts: ...
    def __getitem__(self, at: int | slice) -> Alert | Alerts:
        return Alerts(self.records[at], self.reps) if isinstance(at, slice) else self.records[at]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Alert]:
        return iter(self.records)

    def about(self, *reps: str) -> Alerts:
        """Return the alerts about some reps, in order.

        Raises
        ------
        UnknownNameError
            When the plan has no such rep.
        InputError
            When a rep is not named by text.
        """
        refuse_no_names("about", reps)
        strange = [one for one in reps if self.reps and one not in self.reps]
        if strange:
            refuse(
                [unknown("rep", one, "is no rep of the plan", self.reps, "Name one of its reps.") for one in strange]
            )
        return Alerts(tuple(one for one in self.records if one.rep in reps), self.reps)

    @cached_property
    def table(self) -> Table:
        """One row for each alert.

        rank, kind, what it is about, actual, expected, gap, at_stake, p_value, adjusted, levers, within.
        """
        columns: dict[str, Column] = {
            "rank": np.arange(1, len(self) + 1),
            "kind": Text.of([one.kind for one in self], KINDS),
            **{name: Text.of([getattr(one, name) for one in self]) for name in ABOUT},
        }
        numbers = ("actual", "expected", "gap", "at_stake", "p_value", "adjusted")
        columns |= {name: np.array([getattr(one, name) for one in self], dtype=np.float64) for name in numbers}
        columns["levers"] = Text.of([", ".join(map(str, one.levers)) or None for one in self])
        columns["within"] = Text.of([one.within for one in self], KINDS)
        return Table(
            columns,
            name="alerts",
            measures=("at_stake",),
            decimals={"p_value": 4, "adjusted": 4},
        )

    @cached_property
    def parts(self) -> Table:
        """One row for each part of each alert's gap: rank, by, part, effect (money)."""
        rows = [
            (rank, by, part, effect)
            for rank, alert in enumerate(self, start=1)
            for by, parts in alert.parts.items()
            for part, effect in parts.items()
        ]
        ranks, by, parts, effects = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Table(
            {
                "rank": np.array(ranks, dtype=np.int64),
                "by": Text.of(list(by), tuple(dict.fromkeys(by))),
                "part": Text.of(list(parts)),
                "effect": np.array(effects, dtype=np.float64),
            },
            name="parts of alerts",
            measures=("effect",),
        )

    def __str__(self) -> str:
        return as_text(self.table)

    def _repr_html_(self) -> str:
        return as_html(self.table)


def _under_the_largest(ranked: Sequence[Alert]) -> Iterator[Alert]:
    """Say of each alert within which larger one about the same rep or line its money is."""
    first: dict[tuple[object, ...], Alert] = {}
    for alert in ranked:
        side = next((n for n, kinds in enumerate(SIDES) if alert.kind in kinds), None)
        whole = () if alert.rep is not None else (alert.segment, alert.product, alert.business)
        leads = alert if side is None else first.setdefault((side, alert.rep, *whole), alert)
        yield replace(alert, within=None if leads is alert else leads.kind)
