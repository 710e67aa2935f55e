"""The table of a plan that speaks of accounts in numbers: where cadences give way to hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planalloc.plan.labels import Labels
from planalloc.plan.table import Table, Text
from planalloc.plan.work_tables import ratio

if TYPE_CHECKING:
    from planalloc.formulate.answering import Answered
    from planalloc.formulate.formulation import Formulation

__all__ = ["coverage_table"]


def coverage_table(formulation: Formulation, answered: Answered) -> Table:
    """One row for each rep and segment with a cadence: how many accounts are worked, and how often.

    Parameters
    ----------
    formulation : Formulation
        What the plan answers to.
    answered : Answered
        The plan in floats, whose coverage it is.
    """
    labels, work = Labels(formulation), formulation.work
    index = formulation.index
    asked = np.zeros((len(labels.reps), len(labels.segments)), dtype=bool)
    for _, segment, many in work.cadences:
        asked[:, segment] |= many > 0
    r, g = np.nonzero(asked)
    accounts, part = work.cadence_accounts[r, g], answered.coverage[r, g]
    wanted = formulation.wanted_coverage[r, g]
    by_coverage = index.problem.policy.when_short == "coverage"
    covered = accounts * (part if by_coverage else wanted)
    visits = accounts * part
    return Table(
        {
            "rep": Text(r, labels.reps),
            "segment": Text(g, labels.segments),
            "accounts": accounts,
            "wanted_accounts": accounts * wanted,
            "covered_accounts": covered,
            "cadence_accounts": visits,
            "coverage": ratio(covered, accounts),
            "frequency": ratio(visits, covered),
        },
        name="coverage",
        measures=("accounts", "wanted_accounts", "covered_accounts", "cadence_accounts"),
        ratios={
            "coverage": ("covered_accounts", "accounts"),
            "frequency": ("cadence_accounts", "covered_accounts"),
        },
    )
