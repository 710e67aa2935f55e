"""F-1, S-6, S-7: targets are the strategy's revenue to the unit; shares are rounded together, amounts stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate.index import Index
from planalloc.formulate.targets import line_targets

if TYPE_CHECKING:
    from collections.abc import Sequence


def targets_of(revenue: float | None, lines: Sequence[pa.Target], *, round_to: float = 1) -> list[int]:
    """Return the targets in rounding units, in the order of the lines' names."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1, currency="EUR", shares={"A": 1}, reps=["alice"])
    strategy = problem.strategy.but(
        revenue=revenue, segments=[pa.Segment(id=name) for name in "ABC"], targets=tuple(lines)
    )
    found: list[int] = line_targets(Index(problem.replace(strategy, pa.Policy(round_to=round_to)))).tolist()
    return found


def line(segment: str, **amount: Any) -> pa.Target:
    """Return a target."""
    return pa.Target(segment=segment, **amount)


THIRDS = [line(name, share=0.3333333) for name in "ABC"]


def test_shares_of_an_even_revenue() -> None:
    """35, 25 and 40 % of 12 million."""
    lines = [line("A", share=0.35), line("B", share=0.25), line("C", share=0.4)]
    assert targets_of(12_000_000, lines) == [4_200_000, 3_000_000, 4_800_000]


@pytest.mark.parametrize(
    ("revenue", "round_to", "units"),
    [
        (100, 1, [34, 33, 33]),
        (101, 1, [34, 34, 33]),
        (1000, 100, [4, 3, 3]),
        (1, 0.01, [34, 33, 33]),
        (2, 1, [1, 1, 0]),
    ],
)
def test_thirds_are_rounded_by_largest_remainder(revenue: float, round_to: float, units: list[int]) -> None:
    """Three thirds of 100 are 34, 33 and 33; ties go by name; all is counted in rounding units (S-7)."""
    assert targets_of(revenue, THIRDS, round_to=round_to) == units


def test_the_largest_remainder_is_served_first() -> None:
    """Of 10: 5.4, 2.7 and 1.9 are 5, 3 and 2."""
    lines = [line("A", share=0.54), line("B", share=0.27), line("C", share=0.19)]
    assert targets_of(10, lines) == [5, 3, 2]


def test_amounts_stand_as_they_are() -> None:
    """Amounts are no shares: 33 stays 33, and what they leave is shared out."""
    lines = [line("A", revenue=33), line("B", share=0.335), line("C", share=0.335)]
    assert targets_of(100, lines) == [33, 34, 33]


def test_amounts_alone_need_no_revenue() -> None:
    """Where all targets are amounts, they are the revenue."""
    assert targets_of(None, [line("B", revenue=7), line("A", revenue=0.5)], round_to=0.5) == [1, 14]


def test_the_rest_is_what_the_others_leave() -> None:
    """Of 101, after 33 and half of 101, the rest is 17.5: the odd unit goes to the earlier name."""
    lines = [line("A", revenue=33), line("B", share=0.5), line("C", rest=True)]
    assert targets_of(101, lines) == [33, 51, 17]


def test_the_rest_may_be_nothing_or_all() -> None:
    """The rest after the whole is 0, and the rest of everything is the whole."""
    assert targets_of(100, [line("A", revenue=100), line("B", rest=True)]) == [100, 0]
    assert targets_of(100, [line("A", share=1), line("B", rest=True)]) == [100, 0]
    assert targets_of(100, [line("A", rest=True)]) == [100]


def test_cents_are_counted_exactly() -> None:
    """1,234,567.89 is 123,456,789 cents, although no binary number is exactly that."""
    assert targets_of(1_234_567.89, [line("A", rest=True)], round_to=0.01) == [123_456_789]
    assert targets_of(None, [line("A", revenue=0.29)], round_to=0.01) == [29]


def test_lines_come_in_the_order_of_their_names() -> None:
    """Segment, then product, then business, whatever the order in which they are given."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=10, currency="EUR", shares={"A": 1}, reps=["alice"])
    targets = (
        pa.Target(segment="B", revenue=4),
        pa.Target(segment="A", product="suite", revenue=3),
        pa.Target(segment="A", product="box", business="new", revenue=2),
        pa.Target(segment="A", product="box", business="existing", revenue=1),
    )
    assert line_targets(
        Index(problem.replace(problem.strategy.but(targets=targets)).add(pa.Segment(id="B")))
    ).tolist() == [
        1,
        2,
        3,
        4,
    ]


@settings(max_examples=100, deadline=None)
@given(
    units=st.integers(0, 10**9),
    parts=st.lists(st.integers(0, 20), min_size=1, max_size=2),
    round_to=st.sampled_from([0.01, 1.0, 100.0]),
)
def test_targets_are_the_revenue(units: int, parts: list[int], round_to: float) -> None:
    """Whatever the shares and the unit: all of the revenue, each share within one unit (S-6)."""
    revenue = units * round_to if round_to >= 1 else units / 100
    shares = [part / 40 for part in parts]
    lines = [line(name, share=share) for name, share in zip("AB", shares, strict=False)]
    found = targets_of(revenue, [*lines, line("C", rest=True)], round_to=round_to)
    assert sum(found) == units
    for share, target in zip(shares, found, strict=False):
        assert abs(target - share * units) < 1
