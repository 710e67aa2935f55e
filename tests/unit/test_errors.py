"""Rules of errors: what a caller would catch catches them, and nothing is lost on the way to another process."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import planalloc as pa
from planalloc import errors
from planalloc.errors import require
from planalloc.formulate.gives_way import GivesWay
from planalloc.model.finding import Finding

FINDING = Finding("no-rep", "error", "reps", "no row", "is there to plan", "Add the reps.")


@pytest.mark.parametrize(
    ("kind", "caught"),
    [
        (pa.InputError, (pa.PlanallocError, ValueError)),
        (pa.UnknownNameError, (pa.InputError, LookupError, ValueError)),
        (pa.TransitionError, (pa.InputError, ValueError)),
        (pa.SolveError, (pa.PlanallocError, RuntimeError)),
        (pa.InfeasibleError, (pa.SolveError, RuntimeError)),
        (pa.LimitReachedError, (pa.SolveError, RuntimeError)),
        (pa.VerificationError, (pa.SolveError, RuntimeError)),
        (pa.BackendUnavailableError, (pa.PlanallocError, ImportError)),
    ],
)
def test_each_error_is_the_builtin_that_a_caller_would_catch(kind: type[Exception], caught: tuple[type, ...]) -> None:
    """Wrong input is a ValueError, an unknown name a LookupError too, no plan a RuntimeError, and so on."""
    for one in caught:
        with pytest.raises(one):
            raise kind("words")


def test_every_error_has_a_code_of_its_own() -> None:
    """Codes are stable names, one for each kind."""
    kinds = [getattr(errors, name) for name in errors.__all__]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(kinds) == 9
    assert dict(zip(errors.__all__, codes, strict=True))["UnknownNameError"] == "unknown-name"


def test_the_hint_stands_on_its_own_line() -> None:
    """Message first, hint below; without a hint, the message alone."""
    assert str(pa.InputError("wrong", hint="Correct it.")) == "wrong\nCorrect it."
    assert str(pa.InputError("wrong")) == "wrong"


def test_details_are_attributes_and_have_defaults() -> None:
    """What an error carries can be asked for, also where it was not given."""
    error = pa.UnknownNameError("unknown", name="alise", candidates=("alice",))
    assert (error.name, error.candidates, error.findings) == ("alise", ("alice",), ())
    assert (pa.InfeasibleError("no").relaxation, pa.SolveError("no").report) == ((), None)
    assert pa.BackendUnavailableError("no").extra == ""


@pytest.mark.parametrize(
    "error",
    [
        pa.InputError("wrong", hint="Correct it.", findings=(FINDING,)),
        pa.UnknownNameError("unknown", name="alise", candidates=("alice",), findings=(FINDING,)),
        pa.InfeasibleError("no", hint="h", relaxation=(GivesWay("pin", -5.0, "EUR"),)),
        pa.BackendUnavailableError("no", package="tqdm", extra="progress"),
        pa.VerificationError("no"),
    ],
)
def test_an_error_survives_pickling(error: pa.PlanallocError) -> None:
    """An error from another process has its message, hint and details."""
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own bytes
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)


def test_a_missing_package_names_its_extra() -> None:
    """What is not installed is said with the command that installs it."""
    with pytest.raises(pa.BackendUnavailableError) as caught:
        require("no_such_package", "progress")
    assert (caught.value.package, caught.value.extra) == ("no_such_package", "progress")
    assert "pip install 'planalloc[progress]'" in caught.value.hint
    assert isinstance(caught.value.__cause__, ImportError)


def test_a_package_that_is_there_is_returned() -> None:
    """What is installed is imported."""
    import json  # noqa: PLC0415 -- what is asked for

    assert require("json", "none") is json


def refused(problem: pa.PlanningProblem) -> Any:
    """Return the error with which a problem is refused."""
    with pytest.raises(pa.InputError) as caught:
        pa.allocate(problem)
    return caught.value


def test_all_findings_come_at_once() -> None:
    """Two mistakes are two findings of one error, numbered in its message; an unknown name among them is named."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 0.6}, reps=["alice"])
    error = refused(problem.replace(pa.Rep(id="alice", team="nord")).add(pa.Team(id="north")))
    assert len(error.findings) == 2
    assert isinstance(error, pa.UnknownNameError)
    assert (error.name, error.candidates) == ("nord", ("north",))
    assert str(error).startswith("2 things to correct:\n1. ")
    assert "Did you mean 'north'?" in str(error)


def test_one_mistake_is_one_thing() -> None:
    """A share that is missing is the one thing to correct, with how much is missing."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares={"A": 0.6}, reps=["alice"])
    error = refused(problem)
    assert type(error) is pa.InputError
    assert str(error).startswith("1 thing to correct:\n1. strategy.targets: 60.00 together are 40.00 short of")
