"""planalloc: a commercial strategy in, one plan per sales rep out."""

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
from planalloc.model.calendar import Calendar, Period
from planalloc.model.limits import Bound, Pin
from planalloc.model.playbook import Activity, Cadence, Funnel, Playbook, Stage
from planalloc.model.policy import Policy
from planalloc.model.problem import PlanningProblem
from planalloc.model.salesforce import Absence, Ramp, Rep, SalesForce, Scope, Team
from planalloc.model.strategy import Product, Seasonality, Segment, Strategy, Target
