"""F-11: the fair split, as even per unit of its basis as coverage allows, in the strategy's mix."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate.formulation import formulate
from planalloc.formulate.reference import basis_weights

if TYPE_CHECKING:
    from planalloc.formulate.formulation import Formulation
    from planalloc.types import Floats

SHARES = {"A": 0.35, "B": 0.25, "C": 0.40}
YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
JUNE_30 = date(2027, 6, 30)
TO_JUNE = 181 / 365
"""Part of 2027 up to June 30."""


def split_of(*reps: pa.Rep, shares: dict[str, float] = SHARES, **policy: Any) -> Formulation:
    """Return a problem of 100 with these shares, spread equally over the months."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=100, currency="EUR", shares=shares, reps=[])
    policies = pa.Policy(**{"default_phasing": "equal", **policy})
    return formulate(problem.replace(problem.sales_force.but(reps=reps), policies).canonical())


def by_line(found: Formulation) -> Floats:
    """Return the reference by rep and line."""
    lines: Floats = found.reference.sum(axis=2)
    return lines


def by_rep(found: Formulation) -> Floats:
    """Return the reference by rep."""
    people: Floats = found.reference.sum(axis=(1, 2))
    return people


def last_year(name: str, **sales: Any) -> pa.Rep:
    """Return a rep with last year's sales."""
    fields = {key: sales.pop(key) for key in ("start", "end", "fte", "covers") if key in sales}
    return pa.Rep(id=name, last_year=sales, **fields)


BY_LAST_YEAR: dict[str, Any] = {"basis": {"last_year": 1}}


def test_generalists_mirror_the_strategy() -> None:
    """Two alike who cover everything have half of each line, in its season."""
    found = split_of(pa.Rep(id="a"), pa.Rep(id="b"))
    assert by_line(found) == pytest.approx(np.array([[17.5, 12.5, 20]] * 2))
    assert found.reference[0, 0] == pytest.approx(np.full(12, 17.5 / 12))


def test_part_time_carries_its_part() -> None:
    """Half-time carries half of what full-time does: a third of the whole, in the same mix."""
    found = split_of(pa.Rep(id="a"), pa.Rep(id="b", fte=0.5))
    assert by_line(found) == pytest.approx(np.array([[35, 25, 40], [17.5, 12.5, 20]]) / 1.5)


def test_selling_hours_are_what_counts() -> None:
    """Twice the weekly hours and a quarter of the selling share is half."""
    found = split_of(pa.Rep(id="a"), pa.Rep(id="b", hours_per_week=80, selling_share=0.25))
    assert by_rep(found) == pytest.approx([100 / 1.5, 50 / 1.5])


def test_a_specialist_and_a_generalist() -> None:
    """The specialist carries all of A, the generalist B and C: 35 and 65 is as even as coverage allows."""
    found = split_of(pa.Rep(id="a", covers=["A"]), pa.Rep(id="b"))
    assert by_line(found) == pytest.approx(np.array([[35, 0, 0], [0, 25, 40]]))


def test_a_specialist_with_room_shares_the_rest() -> None:
    """Of A 60, B 40, a specialist of A and a generalist carry 50 each: the generalist 10 of A and all of B."""
    found = split_of(pa.Rep(id="a", covers=["A"]), pa.Rep(id="b"), shares={"A": 0.6, "B": 0.4})
    assert by_line(found) == pytest.approx(np.array([[50, 0], [10, 40]]))


def test_a_joiner_carries_from_the_first_day_in_proportion_to_capacity() -> None:
    """From July on, 184 of 365 days: that part of what the other carries, and nothing before."""
    found = split_of(pa.Rep(id="a"), pa.Rep(id="b", start=date(2027, 7, 1)), shares={"A": 1})
    assert by_rep(found) == pytest.approx(np.array([365, 184]) * 100 / 549)
    assert found.reference[1, 0, :6].tolist() == [0] * 6
    assert found.reference.sum(axis=0)[0] == pytest.approx(np.full(12, 100 / 12))


def test_a_ramp_lessens_the_split() -> None:
    """Half productive all year, from January on, a rep carries half of what the other does."""
    ramp = pa.Ramp(months=[0.5] * 12)
    found = split_of(pa.Rep(id="a"), pa.Rep(id="b", start=date(2027, 1, 1), ramp=ramp))
    assert by_rep(found) == pytest.approx([100 / 1.5, 50 / 1.5])


def test_short_absences_and_leave_do_not_change_the_split() -> None:
    """Two weeks off weigh on the hours, not on the number."""
    away = pa.Absence(start=date(2027, 2, 1), end=date(2027, 2, 14))
    assert by_rep(split_of(pa.Rep(id="a"), pa.Rep(id="b", absences=[away]))) == pytest.approx([50, 50])


def test_last_year_sets_the_totals_and_the_strategy_the_mix() -> None:
    """30 and 10 sold last year, all of it in A, are three quarters and one of every line."""
    found = split_of(last_year("a", A=30), last_year("b", A=10), **BY_LAST_YEAR)
    assert by_line(found) == pytest.approx(np.array([[26.25, 18.75, 30], [8.75, 6.25, 10]]))


def test_potential_sets_the_totals() -> None:
    """What the accounts could buy, 20 in all against 60, is a quarter and three."""
    reps = [pa.Rep(id="a", potential={"A": 15, "B": 5}), pa.Rep(id="b", potential={"C": 60})]
    assert by_rep(split_of(*reps, basis={"potential": 1})) == pytest.approx([25, 75])


def test_a_blend_is_the_mean_of_its_parts() -> None:
    """Half by capacity (50 : 50) and half by last year (75 : 25) is 62.5 : 37.5, whatever was sold in all."""
    found = split_of(last_year("a", A=30), last_year("b", A=10), basis={"capacity": 0.5, "last_year": 0.5})
    assert by_rep(found) == pytest.approx([62.5, 37.5])


def test_a_blend_of_three() -> None:
    """A fifth by capacity (1 : 1), two by last year (3 : 1) and two by potential (1 : 4)."""
    reps = [last_year("a", A=30).but(potential={"A": 1}), last_year("b", A=10).but(potential={"A": 4})]
    found = split_of(*reps, basis={"capacity": 0.2, "last_year": 0.4, "potential": 0.4})
    assert by_rep(found)[0] == pytest.approx(100 * (0.2 / 2 + 0.4 * 3 / 4 + 0.4 / 5))


def test_who_has_no_last_year_stands_in_by_capacity() -> None:
    """The others sold 40 with two full-time jobs, 20 each: half-time without a last year counts as 10."""
    found = split_of(last_year("a", A=30), last_year("b", A=10), pa.Rep(id="c", fte=0.5), **BY_LAST_YEAR)
    assert by_rep(found) == pytest.approx(np.array([30, 10, 10]) * 2)


def test_a_last_year_without_sales_is_zero() -> None:
    """Nothing sold is a number, and not the same as not known."""
    found = split_of(last_year("a", A=30), last_year("b"), **BY_LAST_YEAR)
    assert by_rep(found).tolist() == pytest.approx([100, 0])


def test_last_year_counts_for_the_time_of_presence() -> None:
    """Who leaves in June carries 181 of 365 days of last year's sales."""
    found = split_of(last_year("a", A=10, end=JUNE_30), last_year("b", A=10), **BY_LAST_YEAR)
    assert by_rep(found) == pytest.approx(np.array([TO_JUNE, 1]) * 100 / (1 + TO_JUNE))
    assert found.reference[0, :, 6:].sum() == 0


def test_what_was_sold_elsewhere_does_not_count() -> None:
    """Last year's sales in a segment that the rep no longer covers set no number."""
    found = split_of(last_year("a", A=10, C=90, covers=["A", "B"]), last_year("b", A=10), **BY_LAST_YEAR)
    assert by_rep(found) == pytest.approx([50, 50])


def test_by_line_the_basis_splits_each_line_alone() -> None:
    """With ``basis_scope="line"``, who sold all of A last year carries all of A; by rep, both carry half of each."""
    reps = [last_year("a", A=10, C=5), last_year("b", B=10, C=5)]
    assert by_line(split_of(*reps, basis_scope="line", **BY_LAST_YEAR)) == pytest.approx(
        np.array([[35, 0, 20], [0, 25, 20]])
    )
    assert by_line(split_of(*reps, **BY_LAST_YEAR)) == pytest.approx(np.array([[17.5, 12.5, 20]] * 2))


def test_by_line_capacity_is_spread_over_the_lines_covered() -> None:
    """Line by line, a specialist puts all capacity on A, a generalist half of it: A is shared 2 : 1."""
    found = split_of(pa.Rep(id="a", covers=["A"]), pa.Rep(id="b"), basis_scope="line", shares={"A": 0.5, "B": 0.5})
    assert by_line(found) == pytest.approx(np.array([[100 / 3, 0], [50 / 3, 50]]))


def test_alike_reps_have_the_same_split() -> None:
    """Reps that differ only in their name have the same reference to the last digit."""
    reps = [pa.Rep(id=f"r{i}", fte=0.3 + 0.1 * (i % 2)) for i in range(6)]
    found = split_of(*reps).reference
    assert (found[0] == found[2]).all()
    assert (found[1] == found[5]).all()


def test_basis_weights_sum_to_one() -> None:
    """Every part of a blend sums to its part of 1, over reps and their lines."""
    found = split_of(last_year("a", A=30), last_year("b", B=7, covers=["B"]), basis={"capacity": 0.3, "last_year": 0.7})
    weights = basis_weights(found.index, time=found.time, demand=found.weights * found.targets[:, None])
    assert weights.sum() == pytest.approx(1)
    assert weights[1, [0, 2]].tolist() == [0, 0]


def test_basis_weights_follow_the_mix_of_what_is_covered() -> None:
    """A rep who covers A and B spreads capacity over them as 35 : 25."""
    found = split_of(pa.Rep(id="a", covers=["A", "B"]), pa.Rep(id="b"))
    weights = basis_weights(found.index, time=found.time, demand=found.weights * found.targets[:, None])
    assert weights[0] == pytest.approx(np.array([35, 25, 0]) / 60 / 2)
    assert weights[1] == pytest.approx(np.array([35, 25, 40]) / 100 / 2)


people = st.lists(
    st.fixed_dictionaries(
        {
            "fte": st.sampled_from([0.5, 0.8, 1.0]),
            "covers": st.one_of(st.none(), st.lists(st.sampled_from("ABC"), min_size=1, unique=True)),
            "start": st.one_of(st.none(), st.dates(date(2026, 6, 1), date(2027, 12, 1))),
        }
    ),
    max_size=5,
)


@settings(max_examples=50, deadline=None)
@given(people=people, scope=st.sampled_from(["rep", "line"]))
def test_every_line_and_month_is_carried(people: list[dict[str, Any]], scope: Any) -> None:
    """Whoever covers what, and whenever they start: each line has its season, by those who cover it and are there."""
    reps = [pa.Rep(id="all"), *(pa.Rep(id=f"r{i}", **fields) for i, fields in enumerate(people))]
    found = split_of(*reps, basis_scope=scope)
    assert found.reference.sum(axis=0) == pytest.approx(np.outer([35, 25, 40], np.full(12, 1 / 12)))
    assert (found.reference >= 0).all()
    assert found.reference[~found.may_carry].sum() == 0
