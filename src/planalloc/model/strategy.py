"""What the company wants: how much revenue, where it comes from, and when in the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from planalloc.model.base import Amount, Id, Name, NotEmpty, Number, Record, Share, Within
from planalloc.model.criteria import Criteria
from planalloc.types import Grain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from planalloc.model.calendar import Calendar
    from planalloc.model.history import SeasonalHistory

__all__ = ["WEIGHTS_TOLERANCE", "Business", "Product", "Seasonality", "Segment", "Strategy", "Target"]

WEIGHTS_TOLERANCE = 1e-6
"""Shares and weights may miss 1 by this much, so that 0.333333 three times is accepted as a whole."""

Business = Literal["new", "existing"]


def _currency(value: str) -> str:
    if len(value) != 3 or not (value.isascii() and value.isalpha() and value.isupper()):
        raise PydanticCustomError("not_a_currency", "must be three capital letters (ISO 4217), such as 'EUR'")
    return value


class Segment(Record):
    """A part of the market that the strategy speaks of.

    Examples
    --------
    >>> Segment(id="A", name="Key subscribers", priority=2).coverage
    1.0
    """

    id: Id
    """How the other records name it."""
    name: Name | None = None
    """How people call it; the id where none is given."""
    priority: Annotated[Number, Within("(0, 1000]", "the usual segment has 1, one that matters twice as much 2")] = 1.0
    """Weight of its shortfall, and of its accounts left out, when hours are short. 1 treats segments alike."""
    coverage: Share = 1.0
    """Part of the accounts to be worked at the cadence; 1 because a cadence says "every account"."""
    coverage_min: Share = 0.0
    """Part of the accounts that must be worked however short hours are; 0 lets the plan decide."""
    criteria: Criteria | None = None
    """Which accounts of the portfolio belong to it; None: those that name it as their segment."""

    @model_validator(mode="after")
    def _check_coverage(self) -> Self:
        if self.coverage_min > self.coverage:
            raise PydanticCustomError(
                "coverage_reversed",
                f"has coverage_min {self.coverage_min:g} above coverage {self.coverage:g}; correct one of them",
            )
        return self


class Product(Record):
    """Something sold.

    Examples
    --------
    >>> Product(id="suite", unit_price=1200).unit_price
    1200.0
    """

    id: Id
    """How the other records name it."""
    name: Name | None = None
    """How people call it; the id where none is given."""
    unit_price: Annotated[Number, Within("(0, inf)", "leave it out where the product has no list price")] | None = None
    """Money per unit sold. With it, quota tables also give `units`; None: no units."""


class Target(Record):
    """What must be reached on one line: a segment, or a finer cut of it.

    Exactly one of `share`, `revenue` and `rest` is given.

    Examples
    --------
    >>> Target(segment="A", share=0.35, seasonality="renewals").share
    0.35
    """

    segment: Id
    """The segment the revenue comes from."""
    product: Id | None = None
    """The product sold; None: all of them."""
    business: Business | None = None
    """Revenue from prospects (``new``) or customers (``existing``); None: both."""
    share: Share | None = None
    """Part of `Strategy.revenue`."""
    revenue: Amount | None = None
    """An amount of money."""
    rest: bool = False
    """What the other targets leave of `Strategy.revenue`. One target at most."""
    seasonality: Id | None = None
    """Which seasonality spreads it over the year; None: the policy's `default_phasing`."""

    @model_validator(mode="after")
    def _check_one_amount(self) -> Self:
        given = [name for name in ("share", "revenue") if getattr(self, name) is not None] + ["rest"] * self.rest
        if len(given) != 1:
            raise PydanticCustomError(
                "target_amount",
                f"gives {' and '.join(given) or 'no amount'}; give exactly one of share, revenue or rest=True",
            )
        return self


class Seasonality(Record):
    """How a year's number spreads over its periods.

    Examples
    --------
    >>> Seasonality(id="renewals", grain="quadrimester", weights=[0.50, 0.20, 0.30]).weights
    (0.5, 0.2, 0.3)
    """

    id: Id
    """How targets name it."""
    grain: Grain
    """The periods the weights speak of: the plan's own grain, or a coarser one in which it nests."""
    weights: Annotated[
        tuple[Annotated[Number, Within("[0, inf)", "a period without sales has 0", smallest=0.0)], ...], NotEmpty
    ]
    """One weight for each of the horizon's periods of that grain, in order. They sum to 1."""
    spread: Literal["working_days", "equal"] | None = None
    """How a coarse period's weight spreads over the plan's periods inside it; None: the policy's `default_phasing`."""
    inside: Id | None = None
    """Another seasonality, of a finer grain, whose weights give the proportions inside each period of this one."""
    normalize: bool = False
    """Rescale the weights to sum to 1; without it a sum other than 1 is refused."""

    @model_validator(mode="after")
    def _check_sum(self) -> Self:
        total = sum(self.weights)
        if total <= 0:
            raise PydanticCustomError("weights_zero", "has weights that are all 0; at least one period must sell")
        if not self.normalize and abs(total - 1) > WEIGHTS_TOLERANCE * (1 + WEIGHTS_TOLERANCE):
            raise PydanticCustomError(
                "weights_sum",
                f"has weights that sum to {total:.9g}, {abs(total - 1):.6g} {'above' if total > 1 else 'short of'} 1; "
                "correct them, or say normalize=True",
            )
        if self.spread and self.inside:
            raise PydanticCustomError("two_spreads", "gives both spread and inside; keep one of them")
        return self

    @classmethod
    def from_history(
        cls,
        frame: Any,
        *,
        grain: Grain = "month",
        by: str | None = None,
        columns: Mapping[str, str | None] | None = None,
        calendar: Calendar | None = None,
        currency: str | None = None,
        since: date | None = None,
        until: date | None = None,
        working_days: bool = False,
        center: Literal["mean", "median"] = "mean",
        method: Literal["auto", "james_stein", "lemon_krutchkoff", "none"] = "auto",
        on_dirty: Literal["set_aside", "refuse"] = "set_aside",
    ) -> SeasonalHistory:
        """Read seasons from past sales, one for each segment, product or whatever tells them apart.

        With at least two full years a season is the ratio to the moving average, else the shares of the year. Noisy
        seasons are drawn to that of the others, as far as their noise says (to a flat year, where there are no others).
        Months are read and shrunk first, then added up to the grain. A period in which nothing was ever sold keeps a
        weight of 0, unless so little is sold that chance explains it.

        Parameters
        ----------
        frame : dataframe, relation or list of dict
            Anything narwhals knows; where it is lazy, sales are added up in its engine. Columns: ``date``, ``amount``
            (credit notes below zero), that named in `by`, and where there is one ``currency``. Where all dates are the
            first, or all the last, days of periods, each row stands for its whole period.
        grain : {"month", "quarter", "quadrimester", "semester"}
            Periods of the weights.
        by : str, optional
            Column that tells seasons apart; its values are the ids. None: one season, with the id ``"season"``.
        columns : mapping of str to str or None, optional
            Headers by our names, where they are others: ``{"date": "OrderDate"}``. With ``"id"`` in it, rows of the
            same id count once. None leaves a column out: ``{"currency": None}``.
        calendar : Calendar, optional
            Horizon of the plan; its start begins the fiscal year. None: the calendar year after the last sale.
        currency : str, optional
            The one that counts. Needed where there are several; rows without one count, and are told.
        since, until : date, optional
            First and last day for which the table is complete: what is not sold then is 0, and a period that they cut
            does not count. None: its first and last sale. Then the first period counts where it lacks no more than a
            week; so does the last, where it lacks fewer days than 19 of 20 waits from one day with sales to the next
            have. That days are lacking is told.
        working_days : bool
            Whether seasons are levels per working day (of the calendar's country), and weights follow the working days
            of the horizon.
        center : {"mean", "median"}
            How the years are averaged. The median holds single large sales back.
        method : {"auto", "james_stein", "lemon_krutchkoff", "none"}
            How noisy seasons are shrunk; ``"auto"`` takes the second of the two where the season is skewed.
        on_dirty : {"set_aside", "refuse"}
            What happens where rows cannot be used: they are set aside and told, or refused.

        Returns
        -------
        SeasonalHistory
            `seasonalities` for the strategy; `rows()`, `plot()` and `set_aside` to look at.

        Raises
        ------
        UnknownNameError
            When an option is none of the known.
        InputError
            When the table is none, lacks a column, holds several currencies, none of that asked for or no full year,
            or is dirty and `on_dirty` refuses that; or when arguments are wrong, all of them at once.

        References
        ----------
        Makridakis, Wheelwright and Hyndman (1998), *Forecasting*, chapter 3; Miller and Williams (2003), Shrinkage
        estimators of time series seasonal factors, Int. J. Forecasting 19, 669-684.

        Examples
        --------
        >>> sales = [{"date": f"2026-{month:02d}-01", "amount": 3 if month < 5 else 1} for month in range(1, 13)]
        >>> history = Seasonality.from_history(sales, grain="quadrimester")
        >>> [round(weight, 9) for weight in history.seasonalities[0].weights]
        [0.6, 0.2, 0.2]
        """
        from planalloc.model.seasonal_history import read_seasons  # noqa: PLC0415 -- it makes the records of this module

        return read_seasons(
            frame,
            grain=grain,
            by=by,
            columns={} if columns is None else columns,
            calendar=calendar,
            currency=currency,
            since=since,
            until=until,
            working_days=working_days,
            center=center,
            method=method,
            on_dirty=on_dirty,
        )

    def chained(self, totals: Sequence[float], *, before: Sequence[float] = ()) -> Self:
        """Return the seasonality of several years of different size, without a step at New Year.

        The scale of the season moves as little as can be while each year has its part of the totals (Denton's
        proportional method). Years without a total, at the end, carry the scale on.

        Parameters
        ----------
        totals : sequence of float
            What each year must add up to, in money, at least 0. The weights are those of one year, repeated, or of all
            periods of these years.
        before : sequence of float
            What the last periods before the horizon brought, in money, a year at most; the last of them is the period
            right before the first weight. The first year is chained to them. Empty: it begins where it likes.

        Returns
        -------
        Seasonality
            With the same id, and a weight for each period of all years.

        Raises
        ------
        InputError
            When totals or figures are no list of numbers, do not fit the weights or one another, or are below 0.

        References
        ----------
        Denton (1971), Adjustment of monthly or quarterly series to annual totals, JASA 66, 99-102.

        Examples
        --------
        Two years of 24 and 48: the second half of the first year is above the first already.

        >>> even = Seasonality(id="even", grain="semester", weights=[0.5, 0.5])
        >>> [round(72 * weight, 6) for weight in even.chained([24, 48]).weights]
        [10.0, 14.0, 22.0, 26.0]
        """
        from planalloc.model.chaining import chained_weights  # noqa: PLC0415 -- loaded only when needed

        return self.but(weights=chained_weights(self, totals=totals, before=before), normalize=False)


class Strategy(Record):
    """The commercial strategy of a horizon.

    Examples
    --------
    >>> strategy = Strategy(name="2027", currency="EUR", segments=[Segment(id="A")],
    ...                     targets=[Target(segment="A", revenue=1_000_000)])
    >>> strategy.measure
    'bookings'
    """

    name: Name
    """Title of the plans made from it."""
    currency: Annotated[Id, AfterValidator(_currency)]
    """Three capital letters (ISO 4217). All money of a problem is in it."""
    measure: Literal["bookings", "invoices"] = "bookings"
    """What counts as revenue: orders taken, or bills sent. Actuals must say the same."""
    revenue: Amount | None = None
    """The whole that shares and the rest refer to; needed where one is used. Targets together are exactly this."""
    segments: Annotated[tuple[Segment, ...], NotEmpty]
    """The parts of the market. A segment without a target carries cadences only."""
    products: tuple[Product, ...] = ()
    """What is sold; empty where targets speak of segments alone."""
    targets: Annotated[tuple[Target, ...], NotEmpty]
    """The lines of the strategy, at most one for each segment, product and business."""
    seasonalities: tuple[Seasonality, ...] = ()
    """The curves that targets and leave refer to."""
