"""The tables that a problem is read from and written to, by name."""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = ["Frames"]


class Frames(TypedDict, total=False):
    """The tables of `PlanningProblem.from_frames`; each is any dataframe that narwhals knows, or the rows as dicts.

    Columns mean what the fields of the record mean; those not named here may be left out.
    """

    settings: Any
    """A row per ``setting`` and its ``value``, such as ``calendar.start``, ``strategy.name`` or ``policy.round_to``."""
    segments: Any
    """A row per `Segment`: ``id``; ``criteria`` are JSON or a dict. Needed."""
    products: Any
    """A row per `Product`: ``id``."""
    targets: Any
    """A row per `Target`: ``segment``, and one of ``share``, ``revenue`` (money) and ``rest`` (yes). Needed."""
    seasonalities: Any
    """A row per `Seasonality`: ``id``, ``grain`` and ``weights``, several in one cell; or a row for each ``period`` of
    it, counted from 1, and its ``weight``."""
    teams: Any
    """A row per `Team`: ``id``."""
    reps: Any
    """A row per `Rep`: ``id``; ``covers`` and ``ramp`` are as `SalesForce.from_frame` says. ``accounts``,
    ``last_year`` and ``potential`` may be JSON or dicts by segment, where the table of accounts does not say them."""
    absences: Any
    """A row per `Absence`: ``rep``, ``start`` and ``end``."""
    accounts: Any
    """How many accounts a rep has in a segment, and last year's sales and potential there, as `SalesForce.from_frame`
    says: ``rep``, ``segment``, ``accounts``."""
    portfolio: Any
    """A row per `Account`: ``id``; ``attributes`` are JSON or a dict."""
    contacts: Any
    """A row per `Contact`: ``id``, ``account``, ``role``."""
    activities: Any
    """A row per `Activity`: ``id``, ``hours``."""
    funnels: Any
    """A row per `Funnel`: ``deal_size``, and the ``process`` whose stages it has; several may have the same."""
    stages: Any
    """A row per `Stage` of a process, in the order of the sale: ``process``, ``stage`` (its id), ``conversion``. A
    column with the id of an activity says how many of it one opportunity takes there."""
    stage_activities: Any
    """The same as rows: ``process``, ``stage``, ``activity`` and ``count``."""
    cadences: Any
    """A row per `Cadence`: ``segment``, ``activity``, ``per_account_per_year``."""
    methods: Any
    """A row per text of a `Method`: ``stage``, perhaps ``segment``, ``kind``, ``text``, and an ``id`` for the kinds
    ``fact``, ``optional`` (a fact that is not required) and ``exit`` (a criterion). The other kinds are ``purpose``,
    ``pitch``, ``question``, ``tool`` and ``role``."""
    limits: Any
    """A row per `Pin`, `Bound`, `QuotaRange`, `MixBand`, `TeamTarget` or `OvertimeLimit`, as ``kind`` (pin, bound,
    range, mix, team or overtime) says, or else the cells that are given."""
    rhythms: Any
    """A row per `ReviewRhythm`."""
