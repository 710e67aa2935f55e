"""The same cascade, and one pin on it, by `b2b-revenue-forecasting`: the closest open library."""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import planalloc as pa
    from planalloc.types import Ints

__all__ = ["Cascade", "accuracy", "installed"]

CENT = 0.01


def installed() -> bool:
    """Return whether the library is there to be compared with."""
    return find_spec("b2b_revenue_forecasting") is not None


class Cascade:
    """The months of a plan of one line, cascaded anew to the reps by contract hours.

    Parameters
    ----------
    plan : Plan
        Ours; its months are the other library's targets, so that both split the same money.
    """

    def __init__(self, plan: pa.Plan) -> None:
        pandas = import_module("pandas")
        library = import_module("b2b_revenue_forecasting")
        self._library = library
        months = plan.quotas.by("period").to_dicts()
        self.targets = pandas.DataFrame(
            {
                "line": "s00",
                "period": [month["period"] for month in months],
                "target": [round(month["base"], 2) for month in months],
            }
        )
        reps = plan.problem.sales_force.reps
        self.reps = pandas.DataFrame(
            {"company": "all", "rep": [rep.id for rep in reps], "hours": [rep.hours_per_week for rep in reps]}
        )

    def cascade(self) -> Any:
        """Return the quotas of every rep and month, as `cascade_many` splits them in proportion to hours."""
        quotas, _ = self._library.cascade_many(
            self.reps,
            self.targets,
            ["line"],
            "target",
            ["company", "rep"],
            metrics=[self._library.MetricSpec("hours", columns=["hours"])],
            new_ic_rule="none",
        )
        return quotas

    def pin(self, quotas: Any, rep: str, amount: float) -> Any:
        """Return the quotas with the year of one rep pinned, as `apply_pins` moves the others."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that its months no longer add up is measured, not told
            pinned, _ = self._library.apply_pins(quotas, [self._library.Pin(rep, amount)])
        return pinned

    def accuracy(self, quotas: Any) -> str:
        """Return by how many cents the months and the year miss their targets once all reps are added up."""
        cents = self._cents(quotas).groupby("period")["cents"].sum()
        off = cents - np.rint(self.targets.set_index("period")["target"] / CENT).astype(np.int64)
        return f"year off by {abs(int(off.sum()))} cents, worst month by {int(off.abs().max())}"

    def year(self, quotas: Any, rep: str) -> int:
        """Return the year of one rep, in cents."""
        leaves = self._cents(quotas)
        return int(leaves.loc[leaves["node_id"] == rep, "cents"].sum())

    def furthest(self, quotas: Any, plan: pa.Plan) -> int:
        """Return the most by which a rep's month differs from that of a plan, in cents."""
        theirs = self._cents(quotas).pivot_table(index="node_id", columns="period", values="cents").sort_index()
        ours = _cents_of(plan).reshape(theirs.shape)
        return int(np.abs(theirs.to_numpy() - ours).max())

    @staticmethod
    def _cents(quotas: Any) -> Any:
        leaves = quotas[quotas["is_leaf"]]
        return leaves.assign(cents=np.rint(leaves["base_quota"].to_numpy() / CENT).astype(np.int64))


def accuracy(plan: pa.Plan) -> str:
    """Return by how many cents a plan misses the revenue once all reps and months are added up."""
    off = int(_cents_of(plan).sum()) - round((plan.problem.strategy.revenue or 0.0) / CENT)
    return f"year off by {abs(off)} cents"


def _cents_of(plan: pa.Plan) -> Ints:
    return np.rint(np.asarray(plan.quotas.contents["base"]) / CENT).astype(np.int64)
