"""planalloc: a commercial strategy in, one plan per sales rep out."""

import importlib
import typing

from planalloc.checks.checking import Findings, check
from planalloc.errors import (
    BackendUnavailableError,
    InfeasibleError,
    InputError,
    LimitReachedError,
    PlanallocError,
    SolveError,
    UnknownNameError,
    VerificationError,
)
from planalloc.formulate.gives_way import GivesWay, Relaxation
from planalloc.model.calendar import Calendar, Period
from planalloc.model.finding import Finding
from planalloc.model.limits import Bound, MixBand, OvertimeLimit, Pin, QuotaRange, TeamTarget
from planalloc.model.playbook import Activity, Cadence, Funnel, Playbook, Stage
from planalloc.model.policy import Policy
from planalloc.model.problem import PlanningProblem
from planalloc.model.salesforce import Absence, Ramp, Rep, SalesForce, Scope, Team
from planalloc.model.strategy import Product, Seasonality, Segment, Strategy, Target
from planalloc.plan.part import RepPlan, TeamPlan
from planalloc.plan.plan import Plan
from planalloc.plan.report import Report
from planalloc.plan.table import Table

if typing.TYPE_CHECKING:
    from planalloc.allocation import allocate
    from planalloc.inspection import available_solvers, relax, write_program

__all__ = [
    "Absence",
    "Activity",
    "BackendUnavailableError",
    "Bound",
    "Cadence",
    "Calendar",
    "Finding",
    "Findings",
    "Funnel",
    "GivesWay",
    "InfeasibleError",
    "InputError",
    "LimitReachedError",
    "MixBand",
    "OvertimeLimit",
    "Period",
    "Pin",
    "Plan",
    "PlanallocError",
    "PlanningProblem",
    "Playbook",
    "Policy",
    "Product",
    "QuotaRange",
    "Ramp",
    "Relaxation",
    "Rep",
    "RepPlan",
    "Report",
    "SalesForce",
    "Scope",
    "Seasonality",
    "Segment",
    "SolveError",
    "Stage",
    "Strategy",
    "Table",
    "Target",
    "Team",
    "TeamPlan",
    "TeamTarget",
    "UnknownNameError",
    "VerificationError",
    "allocate",
    "available_solvers",
    "check",
    "relax",
    "write_program",
]


def __getattr__(name: str) -> typing.Any:
    """Load the engine, and scipy with it, when it is first asked for: importing planalloc stays quick."""
    homes = {"allocate": "allocation", **dict.fromkeys(("available_solvers", "relax", "write_program"), "inspection")}
    if name in homes:
        globals()[name] = getattr(importlib.import_module(f"planalloc.{homes[name]}"), name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
