"""Seasons read from past sales, beside the raw shares, with what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from planalloc.errors import UnknownNameError, require
from planalloc.model.base import nearest, suggest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from planalloc.model.grouping import SetAside
    from planalloc.model.strategy import Seasonality
    from planalloc.types import Grain

__all__ = ["KeySeason", "SeasonalHistory"]

MOST_PICTURES = 12


@dataclass(frozen=True)
class KeySeason:
    """The season of one key, with what it rests on.

    Attributes
    ----------
    key : str
        Segment, product, or whatever sales were told apart by.
    basis : {"moving average", "shares", "none"}
        How it was read. ``"none"``: no full year is known, and the season is that of the others.
    years : float
        Years of known periods.
    amount : float
        Sales of the known periods, in money.
    shrinkage : float
        Weight of the season of the others (of a flat year, where there are no others), from 0 to 1; nan where
        chance cannot be told from season, and the profile is left as it is.
    estimator : {"James-Stein", "Lemon-Krutchkoff", "none"}
        How it was shrunk.
    raw_shares : tuple of float
        Part of each period of the year in the sales of the full years, or where none is full of all; they sum to 1.
    indices : tuple of float
        Level of each period of the year before shrinkage, with a mean of 1; per working day where these were asked for.
        nan where the basis is ``"none"``.
    unshrunk_weights : tuple of float
        What the weights of the horizon would be if nothing were shrunk, one for each of its periods; they sum to 1. nan
        where the basis is ``"none"``.
    """

    key: str
    basis: Literal["moving average", "shares", "none"]
    years: float
    amount: float
    shrinkage: float
    estimator: Literal["James-Stein", "Lemon-Krutchkoff", "none"]
    raw_shares: tuple[float, ...]
    indices: tuple[float, ...]
    unshrunk_weights: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class SeasonalHistory:
    """Seasons of a horizon, read from past sales.

    Attributes
    ----------
    grain : Grain
        Of the weights.
    periods : tuple of str
        Ids of the horizon's periods of that grain.
    seasonalities : tuple of Seasonality
        One for each key, with the key as its id, in the order of keys; for `Strategy.seasonalities`.
    seasons : tuple of KeySeason
        What each rests on, in the same order.
    set_aside : tuple of SetAside
        Rows of the table that did not count, by rule; those with ``counted`` did, and are told.

    Examples
    --------
    >>> import planalloc as pa
    >>> sales = [{"date": f"2026-{month:02d}-01", "amount": 2 if month > 6 else 1} for month in range(1, 13)]
    >>> history = pa.Seasonality.from_history(sales, grain="semester")
    >>> [(row["period"], round(row["weight"], 4)) for row in history.rows()]
    [('2027-H1', 0.3333), ('2027-H2', 0.6667)]
    """

    grain: Grain
    periods: tuple[str, ...]
    seasonalities: tuple[Seasonality, ...]
    seasons: tuple[KeySeason, ...]
    set_aside: tuple[SetAside, ...]

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each key and period: what was found, and the weight that is planned with.

        Columns, of which `unshrunk_weight` and `weight` are of the same kind and can be compared:

        - `key`, `period` (of the horizon);
        - `raw_share`: part of this period of the year in what was sold in the full years, growth and working days of
          then included. Over a year it sums to 1, and over two years to 2;
        - `index`: level of the period of the year, growth taken out, per working day where these were asked for. Over a
          year its mean is 1;
        - `unshrunk_weight`: what `weight` would be if nothing were shrunk. Over the horizon it sums to 1;
        - `weight`: what is planned with. Over the horizon it sums to 1;
        - `years`, `basis`, `shrinkage` and `estimator`, as `KeySeason` says.
        """
        return [
            {
                "key": season.key,
                "period": period,
                "raw_share": season.raw_shares[i % len(season.raw_shares)],
                "index": season.indices[i % len(season.indices)],
                "unshrunk_weight": unshrunk,
                "weight": weight,
                "years": season.years,
                "basis": season.basis,
                "shrinkage": season.shrinkage,
                "estimator": season.estimator,
            }
            for season, one in zip(self.seasons, self.seasonalities, strict=True)
            for i, (period, unshrunk, weight) in enumerate(
                zip(self.periods, season.unshrunk_weights, one.weights, strict=True)
            )
        ]

    def frame(self) -> list[dict[str, Any]]:
        """Return the table of seasonalities that `PlanningProblem.from_frames` reads: a row for each key and period.

        Columns are `id`, `grain`, `period` (counted from 1) and `weight` (of the horizon).

        Examples
        --------
        >>> import planalloc as pa
        >>> sales = [{"date": f"2026-{month:02d}-01", "amount": 1} for month in range(1, 13)]
        >>> pa.Seasonality.from_history(sales, grain="semester").frame()[1]
        {'id': 'season', 'grain': 'semester', 'period': 2, 'weight': 0.5}
        """
        return [
            {"id": one.id, "grain": one.grain, "period": period, "weight": weight}
            for one in self.seasonalities
            for period, weight in enumerate(one.weights, 1)
        ]

    def plot(self, key: str | None = None) -> Figure:
        """Draw weights as bars, unshrunk ones as marks, one field a key; the twelve largest, where there are more.

        Parameters
        ----------
        key : str, optional
            This one alone.

        Raises
        ------
        UnknownNameError
            When there is no such key.
        BackendUnavailableError
            When matplotlib is not installed.
        """
        keys = [season.key for season in self.seasons]
        if key is not None and key not in keys:
            hint = f"It may be: {', '.join(keys)}."
            raise UnknownNameError(
                f"no season is of {key!r}.{suggest(key, keys)}", hint=hint, name=key, candidates=nearest(key, keys)
            )
        largest = sorted(range(len(keys)), key=lambda i: (-self.seasons[i].amount, keys[i]))[:MOST_PICTURES]
        shown = sorted(largest) if key is None else [keys.index(key)]
        figure = require("matplotlib.figure", "plots").Figure(figsize=(8, 1 + 2 * len(shown)), layout="constrained")
        fields = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
        for i, field in zip(shown, fields, strict=True):
            _draw(field, self.seasons[i], self.seasonalities[i].weights)
        fields[-1].set_xticks(range(len(self.periods)), self.periods, rotation=45, ha="right")
        fields[0].legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        found: Figure = figure
        return found


def _how_read(season: KeySeason) -> str:
    if season.basis == "none":
        return "the season of the others"
    return season.basis if season.estimator == "none" else f"{season.basis}, shrunk by {season.shrinkage:.0%}"


def _draw(field: Any, season: KeySeason, weights: tuple[float, ...]) -> None:
    """Draw one key: what is planned as a part of the horizon, and what that would be if nothing were shrunk."""
    places = range(len(weights))
    field.bar(places, [100 * one for one in weights], color="#9ecae1", label="weight")
    unshrunk = [100 * one for one in season.unshrunk_weights]
    field.plot(places, unshrunk, "o", color="#202020", markersize=4, label="unshrunk")
    name = season.key.replace("$", r"\$")
    field.set_title(f"{name}: {season.years:g} years, {_how_read(season)}", loc="left", fontsize="medium")
    field.set_ylabel("%")
