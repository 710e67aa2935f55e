"""planalloc: a commercial strategy in, one plan per sales rep out."""

import importlib
import typing

from planalloc.errors import (
    BackendUnavailableError,
    InfeasibleError,
    InputError,
    LimitReachedError,
    PlanallocError,
    SolveError,
    TransitionError,
    UnknownNameError,
    VerificationError,
)
from planalloc.model.calendar import Calendar, Period
from planalloc.model.criteria import AllOf, AnyOf, Condition, NotOf
from planalloc.model.finding import Finding
from planalloc.model.limits import Bound, MixBand, OvertimeLimit, Pin, QuotaRange, TeamTarget
from planalloc.model.playbook import Activity, Cadence, ExitCriterion, Fact, Funnel, Method, Playbook, Stage, Targeting
from planalloc.model.policy import Policy
from planalloc.model.portfolio import Account, Contact, Portfolio
from planalloc.model.problem import PlanningProblem
from planalloc.model.rhythm import ReviewRhythm
from planalloc.model.salesforce import Absence, Ramp, Rep, SalesForce, Scope, Team
from planalloc.model.strategy import Product, Seasonality, Segment, Strategy, Target

if typing.TYPE_CHECKING:
    from planalloc.allocation import allocate
    from planalloc.checks.checking import Findings, check
    from planalloc.events.actuals import Actuals
    from planalloc.events.baseline import Baseline, baseline
    from planalloc.formulate.gives_way import GivesWay, Relaxation
    from planalloc.inspection import available_solvers, relax, write_program
    from planalloc.model.grouping import SetAside
    from planalloc.model.history import SeasonalHistory
    from planalloc.plan.agenda import Agenda, AgendaItem
    from planalloc.plan.part import RepPlan, TeamPlan
    from planalloc.plan.plan import Plan
    from planalloc.plan.report import Report
    from planalloc.plan.schemas import json_schema
    from planalloc.plan.table import Table
    from planalloc.replanning.changes import (
        Absent,
        Change,
        Join,
        Leave,
        MoveAccount,
        MoveTeam,
        Reconvert,
        Reseason,
        Retarget,
        WorkTime,
    )
    from planalloc.replanning.cobuilding import PlanLog
    from planalloc.replanning.counters import Approval, Counter, CounterPrice
    from planalloc.replanning.diff import Difference, diff
    from planalloc.replanning.edits import concentrate, hold, move, spread, swap_accounts, transfer
    from planalloc.replanning.rep_diff import RepDifference
    from planalloc.replanning.replan import replan
    from planalloc.replanning.trade_off import Option, trade_off
    from planalloc.reviewing.agenda_page import RepReview, ReviewPage
    from planalloc.reviewing.alerts import Alert, Alerts, Lever
    from planalloc.reviewing.elsewhere import Attainment, attainment
    from planalloc.reviewing.review import Review, review

__all__ = [
    "Absence",
    "Absent",
    "Account",
    "Activity",
    "Actuals",
    "Agenda",
    "AgendaItem",
    "Alert",
    "Alerts",
    "AllOf",
    "AnyOf",
    "Approval",
    "Attainment",
    "BackendUnavailableError",
    "Baseline",
    "Bound",
    "Cadence",
    "Calendar",
    "Change",
    "Condition",
    "Contact",
    "Counter",
    "CounterPrice",
    "Difference",
    "ExitCriterion",
    "Fact",
    "Finding",
    "Findings",
    "Funnel",
    "GivesWay",
    "InfeasibleError",
    "InputError",
    "Join",
    "Leave",
    "Lever",
    "LimitReachedError",
    "Method",
    "MixBand",
    "MoveAccount",
    "MoveTeam",
    "NotOf",
    "Option",
    "OvertimeLimit",
    "Period",
    "Pin",
    "Plan",
    "PlanLog",
    "PlanallocError",
    "PlanningProblem",
    "Playbook",
    "Policy",
    "Portfolio",
    "Product",
    "QuotaRange",
    "Ramp",
    "Reconvert",
    "Relaxation",
    "Rep",
    "RepDifference",
    "RepPlan",
    "RepReview",
    "Report",
    "Reseason",
    "Retarget",
    "Review",
    "ReviewPage",
    "ReviewRhythm",
    "SalesForce",
    "Scope",
    "SeasonalHistory",
    "Seasonality",
    "Segment",
    "SetAside",
    "SolveError",
    "Stage",
    "Strategy",
    "Table",
    "Target",
    "Targeting",
    "Team",
    "TeamPlan",
    "TeamTarget",
    "TransitionError",
    "UnknownNameError",
    "VerificationError",
    "WorkTime",
    "allocate",
    "attainment",
    "available_solvers",
    "baseline",
    "check",
    "concentrate",
    "diff",
    "hold",
    "json_schema",
    "move",
    "relax",
    "replan",
    "review",
    "spread",
    "swap_accounts",
    "trade_off",
    "transfer",
    "write_program",
]


_HOMES = {
    **dict.fromkeys(("Findings", "check"), "checks.checking"),
    "Actuals": "events.actuals",
    **dict.fromkeys(("GivesWay", "Relaxation"), "formulate.gives_way"),
    "SetAside": "model.grouping",
    "SeasonalHistory": "model.history",
    **dict.fromkeys(("Agenda", "AgendaItem"), "plan.agenda"),
    **dict.fromkeys(("RepPlan", "TeamPlan"), "plan.part"),
    "Plan": "plan.plan",
    "Report": "plan.report",
    "json_schema": "plan.schemas",
    "Table": "plan.table",
    "allocate": "allocation",
    **dict.fromkeys(("Baseline", "baseline"), "events.baseline"),
    **dict.fromkeys(("available_solvers", "relax", "write_program"), "inspection"),
    "PlanLog": "replanning.cobuilding",
    **dict.fromkeys(("Approval", "Counter", "CounterPrice"), "replanning.counters"),
    **dict.fromkeys(("Difference", "diff"), "replanning.diff"),
    **dict.fromkeys(("concentrate", "hold", "move", "spread", "swap_accounts", "transfer"), "replanning.edits"),
    "RepDifference": "replanning.rep_diff",
    "replan": "replanning.replan",
    **dict.fromkeys(("Option", "trade_off"), "replanning.trade_off"),
    **dict.fromkeys(("RepReview", "ReviewPage"), "reviewing.agenda_page"),
    **dict.fromkeys(("Alert", "Alerts", "Lever"), "reviewing.alerts"),
    **dict.fromkeys(("Attainment", "attainment"), "reviewing.elsewhere"),
    **dict.fromkeys(("Review", "review"), "reviewing.review"),
    **dict.fromkeys(
        (
            "Absent",
            "Change",
            "Join",
            "Leave",
            "MoveAccount",
            "MoveTeam",
            "Reconvert",
            "Reseason",
            "Retarget",
            "WorkTime",
        ),
        "replanning.changes",
    ),
}
"""What is loaded when it is first asked for, and from where."""


def __getattr__(name: str) -> typing.Any:
    """Load whatever is not a record of input when it is first asked for: importing planalloc stays quick."""
    if name in _HOMES:
        globals()[name] = getattr(importlib.import_module(f"planalloc.{_HOMES[name]}"), name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
