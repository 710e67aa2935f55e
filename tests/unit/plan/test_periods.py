"""Rules of `Periods`: a coarser grain holds each period once, or says why it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from planalloc.errors import InputError
from planalloc.plan.periods import Periods
from planalloc.plan.table import Table, Text

YEAR = Periods(
    "month",
    tuple(f"2027-{month:02d}" for month in range(1, 13)),
    {
        "quarter": tuple(f"2027-Q{month // 3 + 1}" for month in range(12)),
        "quadrimester": tuple(f"2027-4M{month // 4 + 1}" for month in range(12)),
        "semester": tuple(f"2027-H{month // 6 + 1}" for month in range(12)),
    },
)


def test_periods_at_a_coarser_grain_keep_what_still_nests() -> None:
    """Quarters nest in semesters; a quarter may lie across two quadrimesters, and then it says so."""
    coarse = YEAR.at("quarter")
    assert coarse.ids == ("2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4")
    assert coarse.within("semester") == ("2027-H1", "2027-H1", "2027-H2", "2027-H2")
    with pytest.raises(InputError, match="does not always lie within one quadrimester"):
        coarse.within("quadrimester")


@pytest.mark.parametrize("coarser", [{"year": ("2027",)}, {}])
def test_periods_refuse_ids_that_do_not_match(coarser: Any) -> None:
    """Each period has one id of its own and one holder per grain."""
    with pytest.raises(InputError):
        Periods("month", ("2027-01", "2027-02") if coarser else ("2027-01", "2027-01"), coarser)


def test_by_two_grains_keeps_the_finer_axis() -> None:
    """Months laid out by quarter and quadrimester still add up to semesters, in which only the quarters nest."""
    table = Table({"period": Text.of(YEAR.ids), "base": np.ones(12)}, measures=("base",), calendar=YEAR)
    assert table.by("quadrimester", "quarter").by("semester")["base"].tolist() == [6.0, 6.0]
