"""F-2, F-8, F-9, F-10: the reference where it breaks no limit, else what gives way first, and in what proportion.

A full-time rep has 1,000 hours in a year of 52 weeks, 250 in each quarter. A euro of revenue is a deal of one call of
one hour, unless said otherwise.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planalloc as pa
from planalloc.formulate import answering
from planalloc.formulate.answering import Answered, answer
from planalloc.formulate.formulation import formulate
from planalloc.formulate.gives_way import GivesWay
from planalloc.lp.solution import Reason, Solution

if TYPE_CHECKING:
    from planalloc.formulate.compile import Compiled
    from planalloc.lp.solvers import Solver
    from planalloc.types import Floats

YEAR = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="year")
QUARTERS = YEAR.but(grain="quarter")


def problem_of(
    *reps: pa.Rep,
    segments: dict[str, float] | None = None,
    hours: dict[str, float] | None = None,
    season: tuple[float, ...] | None = None,
    calendar: pa.Calendar = YEAR,
    limits: tuple[pa.Pin | pa.Bound, ...] = (),
    cadences: tuple[pa.Cadence, ...] = (),
    records: tuple[pa.Segment, ...] = (),
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem with these targets and, by segment, hours per euro, where that is not one."""
    wanted = {"A": 1000.0} if segments is None else segments
    problem = pa.PlanningProblem(
        calendar=calendar,
        strategy=pa.Strategy(
            name="Answers",
            currency="EUR",
            segments=[pa.Segment(id=name) for name in wanted],
            targets=[
                pa.Target(segment=name, revenue=amount, seasonality="s" if season else None)
                for name, amount in wanted.items()
            ],
            seasonalities=[pa.Seasonality(id="s", grain="quarter", weights=season)] if season else [],
        ),
        sales_force=pa.SalesForce(reps=reps or (pa.Rep(id="alice"),), hours_per_week=1000 / 52),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=1), pa.Activity(id="visit", hours=1)],
            funnels=[
                pa.Funnel(
                    segment=name,
                    deal_size=1,
                    stages=[pa.Stage(id="deal", conversion=1, activities={"call": (hours or {}).get(name, 1)})],
                )
                for name in wanted
            ],
            cadences=cadences,
        ),
        limits=limits,
        policy=pa.Policy(**policy),
    )
    return problem.replace(*records)


def answer_of(*reps: pa.Rep, **options: Any) -> Answered:
    """Return the plan in floats."""
    return answer(formulate(problem_of(*reps, **options).canonical()))


def near(expected: Any) -> Any:
    """Compare with what a solver gives: to a millionth, or a hundredth of a cent."""
    return pytest.approx(expected, rel=1e-6, abs=1e-4)


def by_rep(answered: Answered) -> Floats:
    """Return the base by rep."""
    people: Floats = answered.base.sum(axis=(1, 2))
    return people


def care(segment: str = "A", many: float = 8, **fields: Any) -> pa.Cadence:
    """Return a cadence of visits beside the funnel."""
    return pa.Cadence(
        **{"segment": segment, "activity": "visit", "per_account_per_year": many, "feeds_funnel": False, **fields}
    )


def reps(**fte: float) -> list[pa.Rep]:
    """Return reps by id and fte."""
    return [pa.Rep(id=name, fte=part) for name, part in fte.items()]


# -- nothing binds ----------------------------------------------------------------------------------------------------


def test_the_reference_is_the_plan_where_it_breaks_no_limit() -> None:
    """With hours enough and a bound that is met, nothing is solved and nothing is short (F-11)."""
    found = answer_of(*reps(alice=1, bruno=1), limits=(pa.Bound(rep="alice", at_most=500),))
    assert (found.path, found.solvers) == ("reference", {})
    assert by_rep(found) == pytest.approx([500, 500])
    assert found.shortfall.tolist() == [0]
    assert found.coverage.tolist() == [[1], [1]]
    assert found.tiers == {"shortfall": 0, "coverage": 0, "overtime": 0, "distance": 0}


def test_hours_that_just_suffice_do_not_bind() -> None:
    """1,000 hours of work in 1,000 hours is the reference; one euro more is not."""
    assert answer_of().path == "reference"
    assert answer_of(segments={"A": 1001}).path == "program"


# -- bounds and pins: the remainder in proportion ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "plan"),
    [
        ([pa.Bound(rep="a", at_most=40)], [40, 120, 240]),
        ([pa.Bound(rep="a", at_least=220)], [220, 60, 120]),
        ([pa.Pin(rep="a", quota=160)], [160, 80, 160]),
        ([pa.Pin(rep="c", quota=0)], [200, 200, 0]),
        ([pa.Pin(rep="a", quota=100)], [100, 100, 200]),
        ([pa.Bound(rep="a", at_most=40), pa.Bound(rep="b", at_most=110)], [40, 110, 250]),
    ],
)
def test_what_a_limit_moves_is_shared_in_proportion(limits: Any, plan: list[float]) -> None:
    """Of 100, 100 and 200 at equal hours: what one gives up, the others take as 1 : 2 (F-10)."""
    people = reps(a=0.5, b=0.5, c=1)
    found = answer_of(*people, segments={"A": 400}, limits=tuple(limits))
    assert by_rep(found) == near(plan)
    assert found.path == ("reference" if plan == [100, 100, 200] else "closed form")


def test_the_mix_stays_the_strategys() -> None:
    """A bound on all that one carries cuts each line by the same part, and the others grow by the same part."""
    found = answer_of(*reps(a=1, b=1, c=1), segments={"A": 120, "B": 180}, limits=(pa.Bound(rep="a", at_most=50),))
    assert found.base.sum(axis=2) == near(np.array([[20, 30], [50, 75], [50, 75]]))


def test_a_bound_on_one_line_moves_that_line_only() -> None:
    """What one gives up of A the others take of A; B stays as it is where nothing makes it move."""
    found = answer_of(
        *reps(a=1, b=1), segments={"A": 100, "B": 100}, limits=(pa.Bound(rep="a", segment="A", at_most=20),)
    )
    assert found.base.sum(axis=2) == near(np.array([[20, 50], [80, 50]]))


def test_who_has_no_reference_on_a_line_can_still_take_it() -> None:
    """The specialist carries all of A in the reference; with 20 of 35 at most, the generalist takes the other 15."""
    people = [pa.Rep(id="a", covers=["A"]), pa.Rep(id="b")]
    found = answer_of(*people, segments={"A": 35, "B": 65}, limits=(pa.Bound(rep="a", at_most=20),))
    assert found.base.sum(axis=2) == near(np.array([[20, 0], [15, 65]]))


def test_the_distance_is_what_the_tier_says() -> None:
    """From 100, 100 and 200 to 40, 120 and 240: 36 + 4 + 8."""
    found = answer_of(*reps(a=0.5, b=0.5, c=1), segments={"A": 400}, limits=(pa.Bound(rep="a", at_most=40),))
    assert found.tiers["distance"] == near(48)


@settings(max_examples=30, deadline=None)
@given(
    ftes=st.lists(st.sampled_from([0.25, 0.5, 0.75, 1.0]), min_size=2, max_size=5),
    part=st.integers(0, 30),
)
def test_a_pin_leaves_the_others_in_proportion(ftes: list[float], part: int) -> None:
    """Whatever is pinned, the others keep the proportions of their capacity."""
    people = [pa.Rep(id=f"r{i}", fte=fte) for i, fte in enumerate(ftes)]
    whole = 40.0 * len(ftes)
    found = by_rep(answer_of(*people, segments={"A": whole}, limits=(pa.Pin(rep="r0", quota=part),)))
    assert found[0] == near(part)
    assert found[1:] == pytest.approx((whole - part) * np.array(ftes[1:]) / sum(ftes[1:]), rel=1e-5, abs=1e-3)


# -- hours bind -------------------------------------------------------------------------------------------------------


def test_what_hours_do_not_carry_is_short() -> None:
    """1,000 and 500 hours carry 1,500 of 1,800: everyone is full, and 300 are short."""
    found = answer_of(*reps(alice=1, bruno=0.5), segments={"A": 1800})
    assert found.path == "program"
    assert by_rep(found) == near([1000, 500])
    assert found.shortfall == near([300])
    assert found.tiers["shortfall"] == near(300)


@pytest.mark.parametrize(
    ("priority", "hours", "short"),
    [
        ({"A": 2, "B": 1}, {}, [0, 200]),
        ({"A": 1, "B": 2}, {}, [200, 0]),
        ({"A": 1, "B": 1}, {"A": 2}, [400, 0]),
        ({"A": 3, "B": 1}, {"A": 2}, [100, 600]),
    ],
)
def test_what_matters_least_for_its_hours_is_short_first(
    priority: dict[str, float], hours: dict[str, float], short: list[float]
) -> None:
    """A euro of priority 3 that takes two hours is worth more than one of 1 that takes one (F-9)."""
    segments = {"A": 600.0, "B": 600.0}
    found = answer_of(
        segments=segments, hours=hours, records=tuple(pa.Segment(id=n, priority=p) for n, p in priority.items())
    )
    assert found.shortfall == near(short)


def test_hours_move_a_number_to_who_has_them() -> None:
    """With 800 hours of care, alice has room for 200: bruno takes 800, and nothing is given up."""
    people = [pa.Rep(id="alice", accounts={"A": 100}), pa.Rep(id="bruno")]
    found = answer_of(*people, cadences=(care(),), overtime_limit_share=0.5)
    assert by_rep(found) == near([200, 800])
    assert found.tiers == near({"shortfall": 0, "coverage": 0, "overtime": 0, "distance": 360})


def test_a_season_is_not_bent_by_hours() -> None:
    """40 % in a quarter of 250 hours: 625 of 1,000 can be carried, and they keep the season (F-8)."""
    found = answer_of(calendar=QUARTERS, season=(0.4, 0.2, 0.2, 0.2))
    assert found.base[0, 0] == near([250, 125, 125, 125])
    assert found.shortfall == near([375])
    assert found.weights[0] == pytest.approx([0.4, 0.2, 0.2, 0.2])


# -- coverage ---------------------------------------------------------------------------------------------------------


def alice(accounts: float = 100, **fields: Any) -> pa.Rep:
    """Return a rep with accounts in A."""
    return pa.Rep(id="alice", accounts={"A": accounts}, **fields)


def test_coverage_gives_way_before_the_target() -> None:
    """500 of revenue and 800 hours of care in 1,000 hours: the target stands, five accounts of eight are worked."""
    found = answer_of(alice(), segments={"A": 500}, cadences=(care(),))
    assert found.shortfall == near([0])
    assert found.coverage[0, 0] == near(0.625)
    assert found.tiers["coverage"] == near(37.5)


def test_the_least_coverage_goes_before_the_target() -> None:
    """Three accounts of four must be worked: 600 hours, which leave 400 of 500 for revenue (F-7)."""
    found = answer_of(
        alice(), segments={"A": 500}, cadences=(care(),), records=(pa.Segment(id="A", coverage_min=0.75),)
    )
    assert found.shortfall == near([100])
    assert found.coverage[0, 0] == near(0.75)


def test_no_more_than_the_wanted_coverage() -> None:
    """Half of the accounts wanted is 400 hours, and none more although there is time."""
    found = answer_of(alice(), segments={"A": 500}, cadences=(care(),), records=(pa.Segment(id="A", coverage=0.5),))
    assert (found.path, found.coverage[0, 0]) == ("reference", 0.5)
    short = answer_of(alice(), segments={"A": 800}, cadences=(care(),), records=(pa.Segment(id="A", coverage=0.5),))
    assert short.coverage[0, 0] == near(0.25)
    assert short.tiers["coverage"] == near(25)


@pytest.mark.parametrize(("priorities", "coverage"), [((2, 1), [1, 0.4]), ((1, 2), [0.4, 1]), ((1, 1), [0.7, 0.7])])
def test_coverage_gives_way_where_it_matters_least(priorities: tuple[float, float], coverage: list[float]) -> None:
    """50 accounts each at ten hours, 700 hours for both: by priority, and evenly where there is none."""
    people = pa.Rep(id="alice", accounts={"A": 50, "B": 50})
    found = answer_of(
        people,
        segments={"A": 150, "B": 150},
        cadences=(care("A", 10), care("B", 10)),
        records=tuple(pa.Segment(id=name, priority=one) for name, one in zip("AB", priorities, strict=True)),
    )
    assert found.coverage[0] == near(coverage)
    assert found.shortfall == near([0, 0])


def test_who_is_never_there_has_no_least_coverage() -> None:
    """Half of each one's accounts must be worked, but nobody works those of a rep who is away all year (S-2)."""
    away = pa.Absence(start=YEAR.start, end=YEAR.end)
    found = answer_of(
        alice(absences=[away]),
        pa.Rep(id="bruno", accounts={"A": 50}),
        segments={"A": 900},
        cadences=(care(),),
        records=(pa.Segment(id="A", coverage_min=0.5),),
    )
    assert found.coverage[:, 0] == near([0, 0.5])
    assert by_rep(found) == near([0, 800])


def test_the_fewest_accounts_are_left_out() -> None:
    """100 accounts at one hour and 10 at ten, with 150 hours: five of the ten are left out, not fifty of the 100."""
    people = pa.Rep(id="alice", accounts={"A": 100, "B": 10})
    found = answer_of(people, segments={"A": 400, "B": 450}, cadences=(care("A", 1), care("B", 10)))
    assert found.coverage[0] == near([1, 0.5])
    assert found.tiers["coverage"] == near(5)


@pytest.mark.parametrize("feeds_funnel", [True, False])
def test_coverage_gives_way_to_the_ramp(*, feeds_funnel: bool) -> None:
    """Half productive all year, 100 of revenue take 200 hours and 800 visits 1,600: half of them fit in 1,000."""
    ramped = alice(start=YEAR.start, ramp=pa.Ramp(months=[0.5] * 12))
    found = answer_of(ramped, segments={"A": 100}, cadences=(care(feeds_funnel=feeds_funnel),))
    assert found.coverage[0, 0] == near(0.5)
    assert found.shortfall == near([0])


def test_a_feeding_cadence_costs_what_the_funnel_does_not() -> None:
    """800 calls on the accounts of which 500 are those of 500 deals: 800 hours, and all is well."""
    feeding = care(activity="call", feeds_funnel=True)
    assert answer_of(alice(), segments={"A": 500}, cadences=(feeding,)).path == "reference"


def test_a_feeding_cadence_gives_way_beyond_the_funnel() -> None:
    """1,200 calls on the accounts, 500 of them for deals: 1,000 fit, five sixths of the accounts."""
    found = answer_of(alice(), segments={"A": 500}, cadences=(care(many=12, activity="call", feeds_funnel=True),))
    assert found.coverage[0, 0] == near(1000 / 1200)
    assert found.shortfall == near([0])


# -- overtime ---------------------------------------------------------------------------------------------------------


def test_overtime_is_worked_before_a_shortfall_is_accepted() -> None:
    """With 10 % of overtime, 1,100 of 1,200 are carried and 100 are short; with 30 %, 200 hours are enough."""
    found = answer_of(segments={"A": 1200}, overtime_limit_share=0.1)
    assert by_rep(found) == near([1100])
    assert found.tiers == near({"shortfall": 100, "coverage": 0, "overtime": 100, "distance": 10_000 / 1200})
    enough = answer_of(segments={"A": 1200}, overtime_limit_share=0.3)
    assert enough.shortfall == near([0])
    assert enough.tiers["overtime"] == near(200)


def test_overtime_is_worked_before_coverage_is_given_up() -> None:
    """250 of revenue and 800 hours of care: 50 hours of overtime rather than six accounts less."""
    found = answer_of(alice(), segments={"A": 250}, cadences=(care(),), overtime_limit_share=0.1)
    assert found.coverage[0, 0] == near(1)
    assert found.tiers["overtime"] == near(50)


def test_overtime_is_worked_only_where_nobody_has_hours_left() -> None:
    """Half-time and full-time are 1,500 hours for 1,500: both full, nobody beyond."""
    found = answer_of(*reps(alice=1, bruno=0.5), segments={"A": 1500}, overtime_limit_share=0.5)
    assert by_rep(found) == near([1000, 500])
    assert found.tiers["overtime"] == pytest.approx(0, abs=1e-4)


def test_overtime_is_shared_evenly() -> None:
    """300 hours beyond 1,500 are a fifth on top of everyone's."""
    found = answer_of(*reps(alice=1, bruno=0.5), segments={"A": 1800}, overtime_limit_share=0.5)
    assert by_rep(found) == near([1200, 600])


# -- tiers in another order -------------------------------------------------------------------------------------------


def test_accounts_may_go_before_targets() -> None:
    """Where coverage comes first, 800 hours of care leave 200 for revenue, and 300 of 500 are short (F-9)."""
    order = ("coverage", "shortfall", "overtime")
    found = answer_of(alice(), segments={"A": 500}, cadences=(care(),), tiers=order)
    assert found.coverage[0, 0] == near(1)
    assert found.shortfall == near([300])


def test_spare_time_may_go_before_targets() -> None:
    """Where overtime comes first, none is worked although it is allowed, and 200 of 1,200 are short."""
    order = ("overtime", "shortfall", "coverage")
    found = answer_of(segments={"A": 1200}, overtime_limit_share=0.5, tiers=order)
    assert found.tiers["overtime"] == near(0)
    assert found.shortfall == near([200])


# -- refusals ---------------------------------------------------------------------------------------------------------


def test_a_shortfall_may_be_refused() -> None:
    """With ``unmet="refuse"``, 200 euros without hours are an error that says how many, on which line."""
    with pytest.raises(pa.InfeasibleError, match="short on A by 200 EUR") as caught:
        answer_of(segments={"A": 1200}, unmet="refuse")
    (way,) = caught.value.relaxation
    assert (way.label, way.unit) == ("target of A", "EUR")
    assert way.amount == pytest.approx(-200, abs=1e-3)
    assert "overtime" in caught.value.hint


def test_all_lines_that_are_short_are_refused_at_once() -> None:
    """Both lines that hours do not carry are named, with what each lacks."""
    people = [pa.Rep(id="a", covers=["A"]), pa.Rep(id="b", covers=["B"])]
    with pytest.raises(pa.InfeasibleError, match="short on A by 100 EUR; B by 300 EUR"):
        answer_of(*people, segments={"A": 1100, "B": 1300}, unmet="refuse")


def test_a_target_that_is_met_is_not_refused() -> None:
    """Refusing shortfall changes nothing where there is none, even where a bound binds."""
    found = answer_of(*reps(a=1, b=1), limits=(pa.Bound(rep="a", at_most=100),), unmet="refuse")
    assert by_rep(found) == near([100, 900])


def ways(*people: pa.Rep, **options: Any) -> dict[str, float]:
    """Return by how much each limit that collides has to give way."""
    with pytest.raises(pa.InfeasibleError) as caught:
        answer_of(*people, **options)
    assert all(isinstance(one, GivesWay) for one in caught.value.relaxation)
    assert all(str(one) in str(caught.value) for one in caught.value.relaxation)
    return {one.label: one.amount for one in caught.value.relaxation}


def test_pins_above_the_target_collide() -> None:
    """600 and 700 of 1,000: the pins are named, and together have to end 300 lower, which is the least."""
    found = ways(*reps(a=1, b=1), limits=(pa.Pin(rep="a", quota=600), pa.Pin(rep="b", quota=700)))
    assert set(found) <= {"pin: a = 600", "pin: b = 700"}
    assert sum(found.values()) == pytest.approx(-300, abs=1e-3)
    assert max(found.values()) < 0


def test_a_part_above_its_whole_collides() -> None:
    """150 on A in a year of 100: one of the two moves by 50, up or down."""
    limits = (pa.Pin(rep="a", quota=100), pa.Pin(rep="a", segment="A", quota=150))
    found = ways(*reps(a=1, b=1), segments={"A": 400, "B": 400}, limits=limits)
    assert sum(map(abs, found.values())) == pytest.approx(50, abs=1e-3)
    assert found in ({"pin: a = 100": pytest.approx(50)}, {"pin: a, A = 150": pytest.approx(-50)})


def test_only_limits_that_collide_are_named() -> None:
    """A pin on somebody else that can hold is none of the trouble."""
    limits = (pa.Pin(rep="a", quota=600), pa.Bound(rep="b", at_least=500), pa.Pin(rep="c", quota=0))
    found = ways(*reps(a=1, b=1, c=1), limits=limits)
    assert "pin: c = 0" not in found
    assert sum(found.values()) == pytest.approx(-100, abs=1e-3)


def test_a_pin_beyond_the_hours_collides() -> None:
    """1,200 pinned on 1,000 hours have to end 200 lower: hours are hard, pins are hard (S-9)."""
    found = ways(*reps(a=1, b=1), segments={"A": 1500}, limits=(pa.Pin(rep="a", quota=1200),))
    assert found == {"pin: a = 1,200": pytest.approx(-200, abs=1e-3)}
    overtime = answer_of(
        *reps(a=1, b=1), segments={"A": 1500}, limits=(pa.Pin(rep="a", quota=1200),), overtime_limit_share=0.2
    )
    assert by_rep(overtime) == near([1200, 300])


def test_an_agreed_number_gives_way_to_the_least_coverage() -> None:
    """600 pinned beside 800 hours of care that must be, in a force of 1,600: the pin ends 400 lower."""
    found = ways(
        alice(),
        pa.Rep(id="bruno"),
        segments={"A": 1600},
        cadences=(care(),),
        records=(pa.Segment(id="A", coverage_min=1),),
        limits=(pa.Pin(rep="alice", quota=600),),
    )
    assert found == {"pin: alice = 600": pytest.approx(-400, abs=1e-3)}


def test_the_least_coverage_may_be_too_much_by_itself() -> None:
    """1,250 hours of care that must be, in 1,000: 20 of 100 accounts have to be left out."""
    found = ways(alice(), cadences=(care(many=12.5),), records=(pa.Segment(id="A", coverage_min=1),))
    assert found == {"least coverage of A (alice)": pytest.approx(-20, abs=1e-3)}


# -- seasons and limits -----------------------------------------------------------------------------------------------


def test_a_bound_on_a_quarter_moves_it_to_the_others() -> None:
    """Nobody may carry more than 50 in the first quarter: b carries the rest of its 200, and the season holds."""
    found = answer_of(
        *reps(a=1, b=1),
        segments={"A": 800},
        calendar=QUARTERS,
        season=(0.25,) * 4,
        limits=(pa.Bound(rep="a", period="2027-Q1", at_most=50),),
    )
    assert found.base[:, 0, 0] == near([50, 150])
    assert found.base.sum(axis=0)[0] == near([200] * 4)
    assert found.weights[0] == pytest.approx([0.25] * 4)


def test_a_season_bends_where_limits_leave_no_other_way() -> None:
    """At most 120 of 200 in the first quarter, for all together: the other 80 fall on the others in proportion."""
    found = answer_of(
        *reps(a=1, b=1),
        segments={"A": 800},
        calendar=QUARTERS,
        season=(0.25, 0.25, 0.125, 0.375),
        limits=(pa.Bound(period="2027-Q1", at_most=120),),
    )
    planned = [120, 200 + 80 / 3, 100 + 40 / 3, 300 + 40]
    assert found.base.sum(axis=0)[0] == pytest.approx(planned, rel=1e-5)
    assert found.weights[0] == pytest.approx(np.array(planned) / 800, rel=1e-5)
    assert found.shortfall == near([0])


def test_who_joins_later_takes_part_from_then_on() -> None:
    """The first quarter has 250 hours, so each carries 250; from the third on b has two thirds, as in the reference."""
    people = [pa.Rep(id="a"), pa.Rep(id="b", start=QUARTERS.periods()[2].start)]
    found = answer_of(*people, segments={"A": 1200}, calendar=QUARTERS, season=(0.25,) * 4)
    assert found.base.sum(axis=0)[0] == near([250] * 4)
    assert found.base[1, 0, :2].tolist() == [0, 0]
    assert found.shortfall == near([200])
    assert found.base[:, 0, 2] == near([250 / 3, 500 / 3])


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (Reason.time_limit, pa.LimitReachedError),
        (Reason.iteration_limit, pa.LimitReachedError),
        (Reason.numerical, pa.VerificationError),
    ],
)
def test_a_search_that_failed_is_told_in_words(
    reason: Reason, error: type[pa.SolveError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a solver said stands in the error's report, and not in what people read."""

    def given_up(program: Compiled, solver: Solver | None, *, ideal: bool) -> list[Solution]:
        assert not ideal  # nobody has hours to spare
        return [
            Solution.none(program.program, reason, solver=str(solver), raw_status="HiGHS Status 13: iteration limit")
        ]

    monkeypatch.setattr(answering, "_in_order", given_up)
    with pytest.raises(error) as raised:
        answer_of(*reps(alice=1, bruno=0.5), segments={"A": 1800})
    assert raised.value.report == "HiGHS Status 13: iteration limit"
    assert not set(str(raised.value).lower().split()) & {"highs", "status", "iteration", "solver", "numerical"}
