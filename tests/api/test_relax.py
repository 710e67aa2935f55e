"""F-16: what collides when no plan exists, and the least that has to give way before one does.

A full-time rep has 1,000 hours in the year. Amounts are small whole numbers, so that all is told to the unit.
"""

from __future__ import annotations

import pickle
import random
import re
from datetime import date
from functools import cache
from typing import Any

import pytest

import planalloc as pa

YEAR = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), pattern="4-4-5", grain="year")
TEAMS = (pa.Team(id="north"), pa.Team(id="paris", parent="north"), pa.Team(id="south"))


def problem_of(
    *reps: pa.Rep,
    targets: dict[str, float] | None = None,
    segments: tuple[pa.Segment, ...] = (),
    visits: float = 0.0,
    hours: float = 0.1,
    limits: tuple[Any, ...] = (),
    **policy: Any,
) -> pa.PlanningProblem:
    """Return a problem of one period; hours are those of one unit of revenue."""
    lines = {"A": 1000.0} if targets is None else targets
    known = {one.id: one for one in segments}
    deal = pa.Stage(id="deal", conversion=1, activities={"call": hours})
    return pa.PlanningProblem(
        calendar=YEAR,
        strategy=pa.Strategy(
            name="Relaxed",
            currency="EUR",
            segments=[known.get(name, pa.Segment(id=name)) for name in lines],
            targets=[pa.Target(segment=name, revenue=amount) for name, amount in lines.items()],
        ),
        sales_force=pa.SalesForce(reps=reps, teams=TEAMS, hours_per_week=1000 / 52),
        playbook=pa.Playbook(
            activities=[pa.Activity(id="call", hours=1), pa.Activity(id="visit", hours=1)],
            funnels=[pa.Funnel(deal_size=1, stages=[deal])],
            cadences=[
                pa.Cadence(segment=name, activity="visit", per_account_per_year=visits, feeds_funnel=False)
                for name in lines
                if visits
            ],
        ),
        limits=limits,
        policy=pa.Policy(default_phasing="equal", **policy),
    )


def feasible(problem: pa.PlanningProblem) -> bool:
    """Return whether there is a plan."""
    try:
        pa.allocate(problem)
    except pa.InfeasibleError:
        return False
    return True


def refused(problem: pa.PlanningProblem) -> pa.InfeasibleError:
    """Return the refusal of a problem that has no plan."""
    with pytest.raises(pa.InfeasibleError) as caught:
        pa.allocate(problem)
    return caught.value


# -- thirty problems without a plan -----------------------------------------------------------------------------------


def _pins(draw: random.Random, targets: dict[str, float]) -> list[Any]:
    """Pin one line to more than it has in all."""
    line = draw.choice("AB")
    return [
        pa.Pin(rep=f"r{one}", segment=line, quota=int(targets[line] * draw.uniform(0.36, 0.5)), name=f"pin {one}")
        for one in range(3)
    ]


def _floors(draw: random.Random, targets: dict[str, float]) -> list[Any]:
    """Lift floors beyond somebody's hours: the 1,000 of r0 are two fifths of what the targets take."""
    whole = sum(targets.values())
    return [
        pa.Bound(rep="r0", at_least=int(whole * draw.uniform(0.42, 0.5)), of="base", name="floor 0"),
        pa.Bound(rep="r2", at_least=int(whole * draw.uniform(0.1, 0.4)), of="base", name="floor 2"),
    ]


def _teams(draw: random.Random, targets: dict[str, float]) -> list[Any]:
    """Let a team below another ask for more than it, or two for more than there is."""
    whole = sum(targets.values())
    below = draw.choice(["paris", "south"])
    part = 0.4 if below == "paris" else 0.7
    return [
        pa.TeamTarget(team="north", base=int(whole * part), name="of north"),
        pa.TeamTarget(team=below, base=int(whole * draw.uniform(0.45, 0.6)), name=f"of {below}"),
    ]


def _bands(draw: random.Random, targets: dict[str, float]) -> list[Any]:
    """Pin somebody outside the strategy's mix, within a band around it."""
    rep = f"r{draw.randrange(3)}"
    return [
        pa.MixBand(tolerance=draw.choice([0.05, 0.1]), rep=draw.choice([rep, None]), name="band"),
        pa.Pin(rep=rep, segment="A", quota=int(targets["A"] * draw.uniform(0.05, 0.15)), name="pin A"),
        pa.Pin(rep=rep, segment="B", quota=int(targets["B"] * draw.uniform(0.3, 0.4)), name="pin B"),
    ]


def _ranges(draw: random.Random, targets: dict[str, float]) -> list[Any]:
    """Lift floors for all beyond the total, or put a cap below what one person must carry."""
    whole = sum(targets.values())
    if draw.random() < 0.5:
        return [pa.QuotaRange(at_least=int(whole * draw.uniform(0.35, 0.4)), of="base", name="range")]
    return [
        pa.QuotaRange(at_most=draw.choice([0.7, 0.8]), relative_to="reference", name="range"),
        pa.Bound(rep="r1", at_least=int(whole * draw.uniform(0.35, 0.45)), name="floor 1"),
    ]


def _coverage(draw: random.Random, targets: dict[str, float]) -> list[Any]:
    """Lift a floor so that no hours are left for the accounts that must be worked."""
    return [pa.Bound(rep="r1", at_least=int(sum(targets.values()) * draw.uniform(0.2, 0.3)), name="floor 1")]


KINDS = (_pins, _floors, _teams, _bands, _ranges, _coverage)


@cache
def collision(seed: int) -> tuple[pa.PlanningProblem, pa.Relaxation]:
    """Return a problem without a plan, limits among its that disturb nobody, and why it has none."""
    draw = random.Random(seed)  # noqa: S311 -- not for cryptography
    kind = KINDS[seed % len(KINDS)]
    targets = {name: float(draw.randint(300, 2000)) for name in "AB"}
    whole = sum(targets.values())
    people = [
        pa.Rep(id=f"r{one}", team=team, fte=1 - one / 10, hedge=draw.choice([0, 0, 0.1]))
        for one, team in enumerate(("paris", "north", "south"))
    ]
    options: dict[str, Any] = {}
    if kind is _coverage:
        people[1] = people[1].but(accounts={"A": 10})
        options = {"segments": (pa.Segment(id="A", coverage_min=draw.choice([0.75, 1])),), "visits": 90}
    harmless = [
        pa.Bound(rep="r2", at_most=float(int(whole * 1.2)), name="roomy cap"),
        pa.MixBand(rep="r2", tolerance=1, name="roomy band"),
        pa.Bound(segment="B", at_most=targets["B"] * 2, name="roomy line"),
    ]
    limits = (*kind(draw, targets), *harmless)
    problem = problem_of(*people, targets=targets, hours=2500 / whole, limits=limits, **options)
    return problem, refused(problem).relaxation


def without_all_but(problem: pa.PlanningProblem, names: tuple[str, ...]) -> pa.PlanningProblem:
    """Return the problem with nothing hard in it but what is named: limits, hours and least coverages."""
    kept: dict[str, Any] = {}
    for name in names:
        for limit in problem.limits:
            if name == limit.label:
                kept[name] = limit
            elif name.startswith(f"{limit.label} ("):  # one that holds for everybody by themselves, and for whom
                rep = re.split(r"[,)]", name[len(limit.label) + 2 :])[0]
                kept[f"{limit.label} {rep}"] = limit.but(rep=rep, name=f"{limit.label} {rep}")
    for rep in problem.sales_force.reps:
        if f"hours of {rep.id} in 2027" not in names:
            kept[f"all hours of {rep.id}"] = pa.OvertimeLimit(rep=rep.id, hours=1000, name=f"all hours of {rep.id}")
    for segment in problem.strategy.segments:
        if not any(name.startswith(f"least coverage of {segment.id} ") for name in names):
            problem = problem.replace(segment.but(coverage_min=0.0))
    return problem.but(limits=tuple(kept.values()))


SEEDS = pytest.mark.parametrize("seed", range(30), ids=lambda one: f"{KINDS[one % len(KINDS)].__name__[1:]}-{one}")


@SEEDS
def test_a_conflict_is_irreducible(seed: int) -> None:
    """What it names cannot hold together, and without any one of them the others can; nothing harmless is named."""
    problem, relaxation = collision(seed)
    assert not feasible(without_all_but(problem, relaxation.conflict))
    for name in relaxation.conflict:
        rest = tuple(other for other in relaxation.conflict if other != name)
        assert feasible(without_all_but(problem, rest)), f"{rest} cannot hold even without {name}"
    assert not any("roomy" in name for name in relaxation.conflict)


@SEEDS
def test_the_problem_with_the_least_change_made_has_a_plan(seed: int) -> None:
    """What gives way is enough, in whole units and limits kept to the unit."""
    problem, relaxation = collision(seed)
    assert relaxation.problem is not None
    plan = pa.allocate(relaxation.problem)
    assert plan.quotas.total("base") + plan.shortfall.total("revenue") == sum(
        target.revenue or 0.0 for target in problem.strategy.targets
    )


@pytest.mark.parametrize("seed", range(len(KINDS)))
def test_a_plan_may_be_made_with_the_least_change(seed: int) -> None:
    """With ``on_infeasible="relax"`` the changed problem is planned, and the plan says what gave way."""
    problem, relaxation = collision(seed)
    plan = pa.allocate(problem, on_infeasible="relax")
    assert relaxation.problem is not None
    assert plan.report.relaxed == relaxation.changes
    assert plan.problem == relaxation.problem.canonical()
    assert plan.quotas == pa.allocate(relaxation.problem).quotas
    for change in relaxation.changes:
        assert str(change) in str(plan)
        assert str(change) in str(plan.report)


@SEEDS
def test_only_what_is_named_is_changed(seed: int) -> None:
    """All other limits, people and targets of the changed problem are as they were."""
    problem, relaxation = collision(seed)
    named = " ".join(change.label for change in relaxation.changes)
    assert relaxation.problem is not None
    after = {limit.label: limit for limit in relaxation.problem.limits}
    before = {limit.label for limit in problem.limits}
    assert before <= set(after)
    assert all(one.split(" (")[0] in before and one[:-1] in named for one in set(after) - before)  # of one rep
    for limit in problem.limits:
        assert (after[limit.label] == limit) is (limit.label not in named)
    assert relaxation.problem.sales_force == problem.sales_force
    assert relaxation.problem.strategy.targets == problem.strategy.targets


@SEEDS
def test_refusal_and_relaxation_speak_of_people_and_amounts(seed: int) -> None:
    """S-17: names, amounts and units, and no word of how it was computed; every change is more than nothing."""
    problem, relaxation = collision(seed)
    text = f"{relaxation}".lower()
    assert not re.findall(r"row|column|constraint|solver|dual|matrix|elastic|variable|\bnan\b|\binf\b", text)
    assert {change.unit for change in relaxation.changes} <= {"EUR", "accounts", "h"}
    assert all(abs(change.amount) > 0 for change in relaxation.changes)
    assert relaxation.gap == {
        unit: pytest.approx(sum(abs(one.amount) for one in relaxation.changes if one.unit == unit))
        for unit in {one.unit for one in relaxation.changes}
    }
    labels = [limit.label for limit in problem.limits]
    for change in relaxation.changes:
        assert any(label in change.label for label in labels) or change.label.startswith("least coverage of A")


# -- worked examples --------------------------------------------------------------------------------------------------

PAIR = (pa.Rep(id="alice"), pa.Rep(id="bruno", fte=0.9))
FLOORS = (pa.Bound(rep="alice", at_least=700), pa.Bound(rep="bruno", at_least=600))
"""300 more than the target of 1,000."""


def test_a_refusal_names_what_collides_and_the_least_change() -> None:
    """Floors of 700 and 600 on 1,000: one of them, or both together, by 300."""
    error = refused(problem_of(*PAIR, limits=FLOORS))
    assert set(error.relaxation.conflict) == {"bound: alice >= 700", "bound: bruno >= 600"}
    assert error.relaxation.gap == {"EUR": 300}
    assert all(change.amount < 0 for change in error.relaxation)
    for label in error.relaxation.conflict:
        assert label in str(error)
    assert "300 EUR" in str(error)


@pytest.mark.parametrize(
    ("limits", "change"),
    [
        (
            (
                pa.Pin(rep="alice", quota=300),
                pa.Bound(rep="alice", segment="A", at_least=400),
                pa.Bound(segment="A", at_most=950),
            ),
            100,
        ),
        ((pa.QuotaRange(at_least=600), pa.Bound(rep="alice", at_most=500)), 200),
        ((pa.Bound(segment="A", at_most=800), *FLOORS), 500),
        ((pa.TeamTarget(team="north", base=0), pa.Bound(rep="alice", at_least=1)), 1),
    ],
)
def test_the_change_is_the_least_there_is(limits: Any, change: float) -> None:
    """Worked out by hand: the total of all changes, in money."""
    people = (PAIR[0].but(team="paris"), PAIR[1])
    assert refused(problem_of(*people, limits=limits)).relaxation.gap == {"EUR": change}


def test_limits_on_quotas_give_way_in_quotas() -> None:
    """600 and 800 as people carry them, with 25 % on top, are 1,120 of 1,000: 150 too much in quotas."""
    people = tuple(rep.but(hedge=0.25) for rep in PAIR)
    limits = (pa.Pin(rep="alice", quota=600), pa.Pin(rep="bruno", quota=800))
    assert refused(problem_of(*people, limits=limits)).relaxation.gap == {"EUR": 150}


def test_a_change_is_a_multiple_of_the_rounding_unit() -> None:
    """In hundreds: what must move by 1/3 of 1,000 moves by 400."""
    limits = (pa.Bound(rep="alice", at_least=1000), pa.MixBand(tolerance=0))
    problem = problem_of(
        *PAIR, targets={"A": 1000, "B": 2000}, limits=(*limits, pa.Pin(rep="alice", segment="A", quota=0))
    )
    problem = problem.but(policy=problem.policy.but(round_to=100))
    relaxation = refused(problem).relaxation
    assert all(change.amount % 100 == 0 for change in relaxation)


LOADED = problem_of(
    pa.Rep(id="alice", accounts={"A": 80}),
    pa.Rep(id="bruno", covers=["B"]),
    targets={"A": 900, "B": 100},
    segments=(pa.Segment(id="A", coverage_min=0.5),),
    visits=5,
    hours=1,
    limits=(pa.Bound(rep="alice", segment="A", at_least=900),),
)
"""900 hours for the floor and 200 for half of the 80 accounts are 100 hours too many."""


def test_ways_out_of_one_kind_come_with_what_loads_nobody_first() -> None:
    """100 hours more, 20 accounts fewer, or what is the least change anyhow, which is not told twice."""
    relaxation = refused(LOADED).relaxation
    assert [kind for kind, _ in relaxation.alternatives] == ["more hours", "less coverage"]
    amounts = [(way.label, way.amount, way.unit) for _, (way,) in relaxation.alternatives]
    assert amounts == [
        ("hours of alice in 2027", pytest.approx(100, abs=0.1), "h"),
        ("least coverage of A (alice)", pytest.approx(-20, abs=1e-4), "accounts"),
    ]


def test_agreed_numbers_give_way_before_least_coverage() -> None:
    """Who must be visited is what the strategy says; the floor is lowered."""
    relaxation = refused(LOADED).relaxation
    assert [(one.label, one.amount) for one in relaxation] == [("bound: alice, A >= 900", -100)]
    assert relaxation.problem.strategy == LOADED.strategy


@pytest.mark.parametrize(("part", "enough"), [(1.0, True), (0.95, False)])
def test_every_way_out_is_one(part: float, enough: bool) -> None:  # noqa: FBT001 -- a parameter
    """Taken alone, it leads to a plan; a little less of it does not."""
    hours = LOADED.add(pa.OvertimeLimit(rep="alice", hours=100 * part))
    coverage = LOADED.replace(pa.Segment(id="A", coverage_min=0.5 - part * 20 / 80))
    numbers = LOADED.but(limits=[pa.Bound(rep="alice", segment="A", at_least=900 - 100 * part)])
    assert [feasible(one) for one in (hours, coverage, numbers)] == [enough] * 3


def test_coverage_gives_way_where_no_number_was_agreed() -> None:
    """1,200 hours for all of 80 accounts in 1,000: 13.3 of them, so 14, and the plan works the others."""
    problem = problem_of(
        pa.Rep(id="alice", accounts={"A": 80}), segments=(pa.Segment(id="A", coverage_min=1),), visits=15
    )
    relaxation = refused(problem).relaxation
    assert relaxation.gap == {"accounts": 14}
    assert set(relaxation.conflict) == {"hours of alice in 2027", "least coverage of A (alice)"}
    plan = pa.allocate(problem, on_infeasible="relax")
    assert plan.coverage.total("covered_accounts") == pytest.approx(66, abs=1e-3)


# -- a problem that has a plan ----------------------------------------------------------------------------------------

FINE = problem_of(*PAIR, limits=(pa.Bound(rep="alice", at_most=400),))


def test_nothing_has_to_give_way_where_there_is_a_plan() -> None:
    """The relaxation of a feasible problem is empty, and says so."""
    for problem in (FINE, FINE.but(limits=())):
        relaxation = pa.relax(problem)
        assert relaxation == pa.Relaxation()
        assert (len(relaxation), list(relaxation), relaxation.gap, relaxation.conflict) == (0, [], {}, ())
        assert relaxation.problem is None
        assert str(relaxation) == "nothing has to give way"


def test_a_plan_that_exists_is_the_same_whatever_is_to_be_done_without_one() -> None:
    """Nothing gave way, and nothing is said of it."""
    plan = pa.allocate(FINE, on_infeasible="relax")
    assert plan == pa.allocate(FINE)
    assert plan.report.relaxed == ()
    assert "gave way" not in str(plan).lower()


def test_relax_is_what_the_refusal_carries() -> None:
    """Asked for beforehand or caught afterwards, it is the same."""
    problem = problem_of(*PAIR, limits=FLOORS)
    assert pa.relax(problem) == refused(problem).relaxation
    assert pa.relax(LOADED) == refused(LOADED).relaxation


def test_the_order_of_limits_plays_no_part() -> None:
    """S-3: the same set, the same changes, in the same order."""
    for seed in range(len(KINDS)):
        problem, relaxation = collision(seed)
        assert pa.relax(problem.but(limits=problem.limits[::-1])).changes == relaxation.changes


def test_inputs_that_contradict_each_other_are_not_relaxed() -> None:
    """Two pins on the same numbers are a mistake to correct, not limits to weigh."""
    limits = (pa.Pin(rep="alice", quota=300, name="November"), pa.Pin(rep="alice", quota=400, name="December"))
    for verb in (pa.relax, lambda problem: pa.allocate(problem, on_infeasible="relax")):
        with pytest.raises(pa.InputError, match="cannot both hold"):
            verb(problem_of(*PAIR, limits=limits))


def test_a_shortfall_that_the_policy_refuses_is_a_target_that_gives_way() -> None:
    """2,500 hours of work in 1,900: the target is named, and no agreed number could help: the problem stays refused."""
    problem = problem_of(*PAIR, targets={"A": 2500}, hours=1, unmet="refuse")
    relaxation = pa.relax(problem)
    assert [(one.label, one.unit) for one in relaxation] == [("target of A", "EUR")]
    assert relaxation.gap == {"EUR": pytest.approx(600, abs=1)}
    assert (relaxation.problem, relaxation.conflict) == (None, ())
    with pytest.raises(pa.InfeasibleError, match="600"):
        pa.allocate(problem, on_infeasible="relax")


# -- passing it on ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(len(KINDS)))
def test_a_refusal_can_be_pickled_with_all_it_says(seed: int) -> None:
    """From a worker process it arrives as it was raised."""
    problem, relaxation = collision(seed)
    error = refused(problem)
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own
    assert (type(back), str(back), back.hint) == (pa.InfeasibleError, str(error), error.hint)
    assert back.relaxation == relaxation
    assert pickle.loads(pickle.dumps(relaxation)) == relaxation  # noqa: S301 -- our own


def test_a_relaxed_plan_comes_back_from_json_with_what_gave_way() -> None:
    """And explains itself by the changed limits."""
    plan = pa.allocate(problem_of(*PAIR, limits=FLOORS), on_infeasible="relax")
    back = pa.Plan.from_json(plan.to_json())
    assert (back, back.report.relaxed) == (plan, plan.report.relaxed)
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301 -- our own
    assert "relaxed" not in str(plan.explain(rep="alice"))
    assert plan.explain(rep="alice").base == plan.rep("alice").base
