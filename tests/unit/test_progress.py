"""Rules of progress: told to whoever asks, timed, and silent otherwise."""

from __future__ import annotations

import pytest

from planalloc.progress import Steps


def test_each_step_is_told_as_it_begins() -> None:
    """The caller hears a step before it is done, and not again when it ends."""
    told: list[str] = []
    with Steps(told.append, total=2) as step:
        step("check")
        assert told == ["check"]
        step("solve")
    assert told == ["check", "solve"]


def test_a_step_has_its_seconds_when_it_ends() -> None:
    """The next step ends the one before, the context the last; what has not begun has no time."""
    with Steps(None, total=3) as step:
        assert step.seconds == {}
        step("check")
        assert step.seconds == {}
        step("solve")
        assert list(step.seconds) == ["check"]
    assert list(step.seconds) == ["check", "solve"]
    assert min(step.seconds.values()) >= 0


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    """Without progress nothing is printed (S-16)."""
    with Steps(None, total=1) as step:
        step("check")
    assert capsys.readouterr() == ("", "")


def test_an_interrupted_step_keeps_the_time_of_those_done() -> None:
    """An exception passes through, and the steps so far have their seconds, the broken one too."""
    steps = Steps(None, total=2)

    def interrupted() -> None:
        with steps as step:
            step("check")
            step("solve")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(steps.seconds) == ["check", "solve"]


def test_a_bar_counts_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    """With True, a bar shows each step and ends at the total."""
    with Steps(True, total=2) as step:
        step("check")
        step("solve")
    shown = capsys.readouterr().err
    assert "solve" in shown
    assert "2/2" in shown


def test_a_listener_that_fails_stops_the_call() -> None:
    """An error of the caller's own is not swallowed."""

    def stop(name: str) -> None:
        raise RuntimeError(name)

    with pytest.raises(RuntimeError, match="check"), Steps(stop, total=1) as step:
        step("check")
