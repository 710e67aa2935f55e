"""Nasty but valid input: it is planned to the unit, or refused with a typed error that `check` announces; nothing else.

Each test is the smallest case found of one way in which that was not so.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

import planalloc as pa

YEAR = pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31))
CALL = pa.Activity(id="call", hours=1)


def company(
    *reps: pa.Rep, revenue: float = 1_000, limits: Any = (), policy: pa.Policy | None = None, **changes: Any
) -> pa.PlanningProblem:
    """Sell A (60 %) and B (40 %) in 2027, by Alice and Bruno where nobody else is named."""
    problem = pa.PlanningProblem.simple(
        year=2027, revenue=revenue, currency="EUR", shares={"A": 0.6, "B": 0.4}, reps=["alice", "bruno"]
    )
    force = problem.sales_force.but(reps=reps) if reps else problem.sales_force
    return problem.but(limits=limits, policy=policy or pa.Policy(), **{"sales_force": force, **changes})


def one_line(*reps: pa.Rep, season: pa.Seasonality | None = None, revenue: float = 100, **changes: Any) -> Any:
    """Sell one segment, in one season."""
    target = pa.Target(segment="A", revenue=revenue, seasonality=season.id if season else None)
    strategy = pa.Strategy(
        name="One line",
        currency="EUR",
        segments=[pa.Segment(id="A")],
        targets=[target],
        seasonalities=[season] if season else [],
    )
    fields = {"calendar": YEAR, "strategy": strategy, "sales_force": pa.SalesForce(reps=reps)}
    return pa.PlanningProblem(**{**fields, **changes})


def targets_of(problem: pa.PlanningProblem) -> float:
    """Return what the strategy asks for."""
    strategy = problem.strategy
    return strategy.revenue if strategy.revenue is not None else sum(one.revenue or 0.0 for one in strategy.targets)


def settled(problem: pa.PlanningProblem) -> pa.Plan | None:
    """Return a plan that adds up and can be shown, or None where it is refused as it should be."""
    errors = pa.check(problem).errors
    try:
        plan = pa.allocate(problem)
    except pa.InputError:
        assert errors, "allocate refuses what check has nothing against"
        return None
    except pa.InfeasibleError:
        return None
    assert not errors
    step = problem.policy.round_to
    whole = targets_of(problem) / step
    assert (
        round(float(plan.quotas.total("base")) / step) + round(float(plan.shortfall.total("revenue")) / step) == whole
    )
    assert round(float(plan.quotas.total("reference")) / step) == whole
    assert str(plan)
    assert pa.Plan.from_json(plan.to_json()) == plan
    return plan


# -- wrong numbers ---------------------------------------------------------------------------------------------------


def test_over_assignment_of_one_team_leaves_the_others_alone() -> None:
    """A rep without hedge carries the base, month by month: rounding the quotas anew must not move it."""
    reps = [pa.Rep(id="alice", team="north"), pa.Rep(id="bruno"), pa.Rep(id="chloe")]
    problem = company(*reps).add(pa.Team(id="north", hedge=0.1))
    quotas = pa.allocate(problem).quotas.where(rep=["bruno", "chloe"])
    assert quotas["quota"].tolist() == quotas["base"].tolist()


def test_nobody_carries_a_quota_on_a_base_of_nothing() -> None:
    """Where hours carry half a unit, base and quota are rounded alike, and the plan can be printed."""
    funnel = pa.Funnel(deal_size=1, stages=[pa.Stage(id="offer", conversion=1, activities={"call": 1})])
    slow = pa.SalesForce(
        teams=[pa.Team(id="north", hedge=0.3)], reps=[pa.Rep(id="alice", team="north")], selling_share=0.00022
    )
    year = YEAR.but(grain="year")
    problem = one_line(
        revenue=1, calendar=year, sales_force=slow, playbook=pa.Playbook(activities=[CALL], funnels=[funnel])
    )
    plan = settled(problem)
    assert plan is not None
    assert plan.quotas.total("base") == plan.quotas.total("quota") == 0


@pytest.mark.parametrize("kind", ["range", "bounds"])
def test_a_limit_holds_to_the_cent(kind: str) -> None:
    """Two caps of 6,000,000.00 on 12,000,000.01 leave a cent short: it is 1e-9 of the whole, and it counts."""
    limits = {
        "range": [pa.QuotaRange(at_most=6_000_000)],
        "bounds": [pa.Bound(rep="alice", at_most=6_000_000), pa.Bound(rep="bruno", at_most=6_000_000)],
    }
    problem = company(revenue=12_000_000.01, limits=limits[kind], policy=pa.Policy(round_to=0.01))
    plan = pa.allocate(problem)
    assert plan.shortfall.total("revenue") == 0.01
    assert plan.quotas.by("rep")["quota"].tolist() == [6_000_000, 6_000_000]


def test_a_small_line_beside_a_huge_one_keeps_its_bound() -> None:
    """A bound of 1 on a line of 3 holds, although the line is nothing beside 717 millions."""
    lines = {"A": 717_875_859, "B": 3, "C": 1}
    strategy = pa.Strategy(
        name="Far apart",
        currency="EUR",
        segments=[pa.Segment(id=name) for name in lines],
        targets=[pa.Target(segment=name, revenue=revenue) for name, revenue in lines.items()],
    )
    halves = pa.Calendar(start=date(2027, 1, 4), end=date(2028, 12, 31), grain="semester", pattern="4-4-5")
    bound = pa.Bound(rep="alice", segment="B", at_most=1, of="base")
    plan = settled(company(strategy=strategy, calendar=halves, limits=[bound]))
    assert plan is not None
    assert plan.quotas.where(rep="alice", segment="B").total("base") <= 1


def test_the_reference_adds_up_by_line() -> None:
    """The simple answer also adds up to the targets where last year's sales are 0 for those who are there (S-1)."""
    away = pa.Absence(start=date(2027, 5, 1), end=date(2027, 7, 31))
    reps = [pa.Rep(id="alice", absences=[away]), pa.Rep(id="bruno", last_year={})]
    funnel = pa.Funnel(deal_size=60, stages=[pa.Stage(id="offer", conversion=1, activities={"call": 20})])
    settled(
        one_line(
            *reps,
            playbook=pa.Playbook(activities=[CALL], funnels=[funnel]),
            policy=pa.Policy(basis={"last_year": 1}, basis_scope="line"),
        )
    )


@pytest.mark.parametrize("accounts", [1e15, 1e300])
def test_accounts_beyond_all_hours_do_not_overfill_them(accounts: float) -> None:
    """A rep with more accounts than the world has firms works within the hours, or the number is refused."""
    activity = pa.Activity(id="visit", hours=2.5)
    cadence = pa.Cadence(segment="A", activity="visit", per_account_per_year=8, feeds_funnel=False)
    funnel = pa.Funnel(deal_size=60, stages=[pa.Stage(id="offer", conversion=0.5, activities={"visit": 1})])
    playbook = pa.Playbook(activities=[activity], funnels=[funnel], cadences=[cadence])
    try:
        rep = pa.Rep(id="alice", accounts={"A": accounts})
    except ValidationError:
        return
    plan = settled(one_line(rep, revenue=30_000, playbook=playbook))
    assert plan is not None
    assert (plan.capacity["planned_hours"] <= plan.capacity["available_hours"] + 3 * 2.5).all()


# -- VerificationError, ValueError and the like out of allocate ------------------------------------------------------


@pytest.mark.parametrize(
    ("rep", "weights"),
    [
        (pa.Rep(id="alice", start=date(2027, 10, 5)), [1, 0]),
        (pa.Rep(id="alice", end=date(2027, 5, 27)), [0, 1]),
        (pa.Rep(id="alice", absences=[pa.Absence(start=date(2027, 1, 1), end=date(2027, 6, 30))]), [1, 0]),
    ],
    ids=["joins later", "left before", "away"],
)
def test_a_season_in_which_nobody_is_there(rep: pa.Rep, weights: list[float]) -> None:
    """All of a line's season falls where nobody who covers it is there: it cannot be carried, and that is said."""
    season = pa.Seasonality(id="s", grain="semester", weights=weights)
    settled(one_line(rep, season=season))


@pytest.mark.parametrize(
    "rep",
    [
        pa.Rep(id="alice", start=date(2027, 1, 2), end=date(2027, 1, 3)),
        pa.Rep(id="alice", start=date(2027, 12, 26), end=date(2027, 12, 26)),
    ],
    ids=["a weekend", "a Sunday"],
)
def test_a_rep_who_is_there_on_no_working_day(rep: pa.Rep) -> None:
    """Employed from Saturday to Sunday is never having time to sell, without any absence."""
    settled(one_line(rep))


@pytest.mark.parametrize(
    "limit",
    [pa.Pin(rep="bruno", quota=1), pa.QuotaRange(rep="bruno", at_least=1, prorated=False)],
    ids=["pin", "range"],
)
def test_a_number_agreed_with_somebody_without_selling_time(limit: pa.Pin | pa.QuotaRange) -> None:
    """A selling share of 0 carries no number: a pin above 0 on such a rep contradicts it."""
    settled(company(pa.Rep(id="alice"), pa.Rep(id="bruno", selling_share=0), limits=[limit]))


@pytest.mark.parametrize("revenue", [1_000, 50_000])
def test_a_rep_without_selling_time_beside_one_who_is_short_of_it(revenue: float) -> None:
    """Whoever has no time to sell carries nothing, also where hours bind: it is a warning, and no defect."""
    funnel = pa.Funnel(deal_size=10, stages=[pa.Stage(id="offer", conversion=0.1, activities={"call": 3})])
    reps = [pa.Rep(id="alice"), pa.Rep(id="bruno", selling_share=0)]
    plan = settled(company(*reps, revenue=revenue, playbook=pa.Playbook(activities=[CALL], funnels=[funnel])))
    assert plan is not None
    assert plan.quotas.where(rep="bruno").total("quota") == 0


def test_a_rep_without_selling_time_beside_one_who_has_a_cap() -> None:
    """What Alice may not carry is short, and not Bruno's, who has no time to sell."""
    reps = [pa.Rep(id="alice"), pa.Rep(id="bruno", selling_share=0)]
    plan = settled(company(*reps, limits=[pa.Bound(rep="alice", at_most=500)]))
    assert plan is not None
    assert plan.shortfall.total("revenue") == 500


@pytest.mark.parametrize("hedge", [0.05, 0.1])
def test_a_range_of_one_unit_for_somebody_who_is_hedged(hedge: float) -> None:
    """A quota of 1 is a base of 0.95, which rounding makes 1 or 0: the quota is within its range either way."""
    limit = pa.QuotaRange(at_least=1, at_most=1)
    plan = settled(one_line(pa.Rep(id="alice", hedge=hedge), revenue=2, limits=[limit]))
    assert plan is not None
    assert plan.quotas.total("quota") == 1


def test_a_plan_whose_only_quota_is_a_rounding_unit_can_be_shown() -> None:
    """A pinned quota of 1 on a base that rounds to 0 is no division by zero."""
    settled(one_line(pa.Rep(id="alice", hedge=0.033), revenue=2, limits=[pa.Pin(rep="alice", quota=1)]))


LAST_YEAR = pa.Policy(basis={"last_year": 1})


@pytest.mark.parametrize("scope", ["rep", "line"])
@pytest.mark.parametrize(
    "reps",
    [
        [pa.Rep(id="a", covers=["B"], last_year={"A": 5}), pa.Rep(id="b", covers=["A"], last_year={"B": 5})],
        [pa.Rep(id="a", end=date(2027, 3, 31), last_year={"A": 5, "B": 5}), pa.Rep(id="b", last_year={})],
        [pa.Rep(id="a", last_year={}), pa.Rep(id="b", selling_share=0)],
        [
            pa.Rep(id="a", absences=[pa.Absence(start=date(2027, 10, 23), end=date(2027, 12, 22))]),
            pa.Rep(id="b", last_year={}),
        ],
    ],
    ids=["sold only what they do not cover", "sold and left", "no time", "away"],
)
def test_last_years_sales_of_nobody_who_is_there(reps: list[pa.Rep], scope: Any) -> None:
    """Where all who could carry a line in some month weigh nothing by the basis, that is found or planned otherwise."""
    settled(company(*reps, policy=LAST_YEAR.but(basis_scope=scope)))


@pytest.mark.parametrize("last_year", [None, {}], ids=["not known", "nothing"])
def test_an_overlay_rep_without_the_basis(last_year: dict[str, float] | None) -> None:
    """`check` announces all that `allocate` refuses, also for second quotas."""
    reps = [pa.Rep(id="alice", last_year={"A": 5, "B": 5}), pa.Rep(id="zoe", role="overlay", last_year=last_year)]
    settled(company(*reps, policy=LAST_YEAR))


def test_a_pin_in_a_month_without_season() -> None:
    """The season sells nothing in the second half, and a pin agrees a number there: one of them gives way, by name."""
    season = pa.Seasonality(id="s", grain="semester", weights=[1, 0])
    settled(one_line(pa.Rep(id="alice"), season=season, limits=[pa.Pin(rep="alice", period="2027-H2", quota=10)]))


def test_a_range_with_no_whole_number_for_one_and_nothing_known_of_another() -> None:
    """Half to 1.2 times 3.70 holds no multiple of 100; of Bruno last year is not known."""
    reps = [pa.Rep(id="alice", last_year={"A": 3.7}), pa.Rep(id="bruno")]
    limit = pa.QuotaRange(at_least=0.5, at_most=1.2, relative_to="last_year")
    settled(company(*reps, limits=[limit], policy=pa.Policy(round_to=100)))


@pytest.mark.parametrize(
    ("share", "amount"), [(1e-9, 1_000_000_500), (0.0, 999_999_500)], ids=["500 above", "500 short"]
)
def test_amounts_beside_a_tiny_share_make_the_whole(share: float, amount: float) -> None:
    """The millionth that shares may miss is not a licence for amounts: 500 in a thousand millions are told."""
    targets = [pa.Target(segment="A", share=share), pa.Target(segment="B", revenue=amount)]
    problem = company(revenue=1e9)
    settled(problem.replace(problem.strategy.but(targets=targets)))


@pytest.mark.parametrize(("revenue", "step"), [(1e15, 1), (2.0**53, 1), (1e11, 0.0001)])
def test_amounts_between_what_check_and_rounding_can_tell_apart(revenue: float, step: float) -> None:
    """What `check` lets through can be rounded: both know one limit for the number of units."""
    settled(company(revenue=revenue, policy=pa.Policy(round_to=step)))


# -- extreme floats --------------------------------------------------------------------------------------------------


def _funnel(conversion: float, many: int = 1) -> pa.Playbook:
    stages = [pa.Stage(id=f"stage {i}", conversion=conversion, activities={"call": 1}) for i in range(many)]
    return pa.Playbook(activities=[CALL], funnels=[pa.Funnel(deal_size=100, stages=stages)])


def _cadence(per_account_per_year: float) -> pa.PlanningProblem:
    cadence = pa.Cadence(segment="A", activity="call", per_account_per_year=per_account_per_year)
    playbook = _funnel(0.001)
    rep = pa.Rep(id="alice", accounts={"A": 20})
    return one_line(rep, revenue=300_000, playbook=playbook.but(cadences=[cadence]))  # type: ignore[no-any-return]


def _priced(price: float) -> pa.PlanningProblem:
    problem = company()
    targets = [pa.Target(segment="A", product="p", share=0.6), pa.Target(segment="B", share=0.4)]
    product = pa.Product(id="p", unit_price=price)
    return problem.replace(problem.strategy.but(targets=targets, products=[product]))


EXTREMES = {
    "ramp of 1e-300": lambda: company(
        pa.Rep(id="alice"), pa.Rep(id="bruno", start=date(2027, 2, 14), ramp=pa.Ramp(months=[1e-300] * 24))
    ),
    "ramp of 1e-300 with work": lambda: company(
        pa.Rep(id="alice"),
        pa.Rep(id="bruno", start=date(2027, 2, 14), ramp=pa.Ramp(months=[1e-300] * 24)),
        playbook=_funnel(0.5),
    ),
    "two conversions of 1e-300": lambda: company(playbook=_funnel(1e-300, 2)),
    "three conversions of 1e-9": lambda: company(revenue=12_000_000, playbook=_funnel(1e-9, 3)),
    "weights that sum to infinity": lambda: one_line(
        pa.Rep(id="alice"), season=pa.Seasonality(id="s", grain="semester", weights=[1e308, 1e308], normalize=True)
    ),
    "cadence of 1e-300": lambda: _cadence(1e-300),
    "price of 5e-324": lambda: _priced(5e-324),
    "last year of 1.7e308": lambda: company(
        *(pa.Rep(id=name, last_year={"A": 1.7e308}) for name in ("alice", "bruno")),
        policy=pa.Policy(basis={"last_year": 0.5, "capacity": 0.5}),
    ),
    "range by a last year of 1e308": lambda: company(
        pa.Rep(id="alice", last_year={"A": 1e308, "B": 1e308}),
        pa.Rep(id="bruno"),
        limits=[pa.QuotaRange(at_least=0.5, at_most=1.2, relative_to="last_year")],
    ),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_numbers(name: str) -> None:
    """A number that is in its range is planned without overflow, or its range is narrower."""
    try:
        problem = EXTREMES[name]()  # type: ignore[no-untyped-call]
    except ValidationError:
        return
    settled(problem)


@pytest.mark.parametrize("value", [10**400, -(10**400)], ids=["large", "negative"])
def test_a_whole_number_too_large_for_a_float(value: int) -> None:
    """It is refused where the record is made, like an infinite one."""
    with pytest.raises(ValidationError, match="finite"):
        pa.Target(segment="A", revenue=value)


# -- records and messages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [0, 20270])
def test_a_year_that_is_none(year: int) -> None:
    """`simple` says it as it does for the year 1800: as a ValidationError."""
    with pytest.raises(ValidationError):
        pa.PlanningProblem.simple(year=year, revenue=1, currency="EUR", shares={"A": 1}, reps=["alice"])


@pytest.mark.parametrize(
    "fields", [{"accounts": {"x" * 10_000_000: 1}}, {"x" * 10_000_000: 1}], ids=["key", "unknown field"]
)
def test_a_message_about_10_megabytes_is_short(fields: dict[str, Any]) -> None:
    """A pasted file in the place of a key or a field is named by its beginning."""
    with pytest.raises(ValidationError) as caught:
        pa.Rep(id="alice", **fields)
    assert len(str(caught.value)) < 10_000


def test_an_id_that_is_no_text_of_any_language() -> None:
    """Half a surrogate pair cannot be written to JSON, and is refused where the record is made."""
    with pytest.raises(ValidationError, match="id"):
        pa.Rep(id="\ud800")


@pytest.mark.parametrize(("value", "shown"), [(2.0000001, "2.0000001"), (-1e-9, "-1e-09")])
def test_a_refusal_shows_what_is_wrong_with_a_number(value: float, shown: str) -> None:
    """The digits that matter are shown: "is 2, allowed is (0, 2]" is no help."""
    with pytest.raises(ValidationError, match=shown):
        pa.Rep(id="alice", fte=value)


def test_limits_that_agree_may_be_given_twice() -> None:
    """The same number agreed by two people is fine, and is not two records of one id (S-7)."""
    pins = [pa.Pin(rep="alice", quota=300, agreed_with=who) for who in ("alice", "marie")]
    assert pa.check(company(limits=pins)) == ()


def test_check_finds_an_unknown_country() -> None:
    """It is a finding like any other, beside the others; `check` raises nothing."""
    problem = company(pa.Rep(id="alice", covers=[]), pa.Rep(id="bruno"), calendar=YEAR.but(country="FRANCE"))
    assert {one.code for one in pa.check(problem)} == {"unknown-name", "covers-nothing"}


@pytest.mark.parametrize(
    ("problem", "name", "nearest"),
    [
        (company(limits=[pa.Pin(rep="alice", period="2027-Q5", quota=1)]), "2027-Q5", "2027-Q"),
        (company(calendar=YEAR.but(country="FRANCE")), "FRANCE", "FR"),
    ],
    ids=["period", "country"],
)
def test_candidates_are_the_nearest(problem: pa.PlanningProblem, name: str, nearest: str) -> None:
    """They are not just the first that are known."""
    with pytest.raises(pa.UnknownNameError) as caught:
        pa.allocate(problem)
    assert caught.value.name == name
    assert all(one.startswith(nearest) for one in caught.value.candidates[:1])
    assert caught.value.findings


def test_check_gives_one_order_for_any_order_of_input() -> None:
    """Findings of `check` come in one order, with one text, however the records are listed (S-3)."""
    reps = [pa.Rep(id="alice", team="x"), pa.Rep(id="bruno", accounts={"Q": 1})]
    limits = [pa.Pin(rep="alice", quota=0.5), pa.Pin(rep="bruno", quota=0.25)]
    problem = company(*reps, limits=limits).add(pa.Segment(id="C"), pa.Segment(id="D"))
    force, strategy = problem.sales_force, problem.strategy
    reversed_ = problem.but(
        limits=limits[::-1],
        sales_force=force.but(reps=reps[::-1]),
        strategy=strategy.but(segments=strategy.segments[::-1], targets=strategy.targets[::-1]),
    )
    assert str(pa.check(reversed_)) == str(pa.check(problem))


def test_a_finding_is_one_line() -> None:
    """Value and rule read as one sentence, and the remedy is told once."""
    [finding] = pa.check(company(limits=[pa.Pin(rep="alice", period="2027-W05", quota=1)]))
    assert "\n" not in str(finding)


def test_the_least_change_is_shown_to_the_cent() -> None:
    """Limits that are a cent apart do not "end 0 EUR below"."""
    halves = [pa.Pin(rep="alice", period=f"2027-Q{i}", quota=100.01) for i in (1, 2)]
    pins = [*halves, pa.Pin(rep="alice", period="2027-H1", quota=200.03)]
    with pytest.raises(pa.InfeasibleError) as caught:
        pa.allocate(company(limits=pins, policy=pa.Policy(round_to=0.01)))
    assert "0.01" in str(caught.value)


# -- reading a plan --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [1042, None, 2027.0, True], ids=repr)
def test_a_name_that_is_no_text(name: Any) -> None:
    """A number from a table in the place of an id is an unknown name."""
    plan = pa.allocate(company().add(pa.Team(id="north")))
    for ask in (plan.rep, plan.team, plan.rep("alice").period):
        with pytest.raises(pa.UnknownNameError):
            ask(name)


def test_an_overlay_rep_is_not_unknown() -> None:
    """An explanation of a second quota is given, or refused for what it is."""
    plan = pa.allocate(company(pa.Rep(id="alice"), pa.Rep(id="zoe", role="overlay")))
    try:
        plan.explain(rep="zoe")
    except pa.InputError as error:
        assert not isinstance(error, pa.UnknownNameError)  # noqa: PT017 -- either way is fine


def test_a_plan_of_somebody_who_carries_nothing_can_be_shown() -> None:
    """A rep or a month without any number is shown as such."""
    plan = pa.allocate(company(limits=[pa.Pin(rep="alice", quota=0), pa.Pin(period="2027-03", quota=0)]))
    assert str(plan.rep("alice"))
    assert str(plan.rep("bruno").period("2027-03"))
    assert plan.rep("alice")._repr_html_()


# -- damaged JSON ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    """Return a plan in which a pin, a bound and a shortfall are in force, as JSON data."""
    funnel = pa.Funnel(deal_size=50, stages=[pa.Stage(id="offer", conversion=0.5, activities={"call": 1})])
    limits = [pa.Pin(rep="alice", segment="A", quota=200), pa.Bound(rep="bruno", at_most=500)]
    reps = [pa.Rep(id="alice", accounts={"A": 3}), pa.Rep(id="bruno"), pa.Rep(id="chloe", covers=["B"])]
    playbook = pa.Playbook(activities=[CALL], funnels=[funnel])
    problem = company(*reps, limits=limits, playbook=playbook)
    slow = problem.but(sales_force=problem.sales_force.but(selling_share=0.005))
    plan = pa.allocate(slow)
    assert len(plan.shortfall)
    content: dict[str, Any] = json.loads(plan.to_json())
    return content


def _column(table: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in table["columns"] if one["name"] == name)
    return found


def _drop_column(content: dict[str, Any], table: str, name: str) -> None:
    columns = content["tables"][table]["columns"]
    columns.remove(_column(content["tables"][table], name))


def _move_a_base(content: dict[str, Any]) -> None:
    """Take one unit from one rep and give it to another, on the same line and in the same month."""
    quotas = content["tables"]["quotas"]
    rows = list(zip(*(_column(quotas, name)["codes"] for name in ("segment", "period")), strict=True))
    first = next(i for i, amount in enumerate(_column(quotas, "base")["values"]) if amount > 0)
    other = next(i for i in range(first + 1, len(rows)) if rows[i] == rows[first])
    for name in ("base", "quota"):
        values = _column(quotas, name)["values"]
        values[first], values[other] = values[first] - 1, values[other] + 1


DAMAGES = {
    "a column of the shortfall is gone": lambda one: _drop_column(one, "shortfall", "business"),
    "the column of segments is gone": lambda one: _drop_column(one, "quotas", "segment"),
    "the column of months is gone": lambda one: _drop_column(one, "activities", "period"),
    "the column of quotas is gone": lambda one: one["tables"]["quotas"]["measures"].remove("quota"),
    "a code of 80 bits": lambda one: _column(one["tables"]["quotas"], "rep")["codes"].__setitem__(0, 2**80),
    "a revenue of 1e300": lambda one: one["problem"]["strategy"].update(revenue=1e300),
    "a report that is text": lambda one: one.update(report="fine"),
    "tiers that are none": lambda one: one["report"].update(tiers=None),
    "a tier that is no number": lambda one: one["report"]["tiers"].update(shortfall="much"),
    "a tier that is NaN": lambda one: one["report"]["tiers"].update(shortfall=float("nan")),
    "a rep is gone from the problem": lambda one: one["problem"]["sales_force"]["reps"].pop(2),
    "a rep has another name in the table": lambda one: _column(one["tables"]["quotas"], "rep")["categories"].reverse(),
    "a row of nobody": lambda one: _column(one["tables"]["quotas"], "rep")["codes"].__setitem__(0, -1),
    "a pin is changed": lambda one: one["problem"]["limits"][1].update(quota=201),
    "a limit of nobody": lambda one: one["problem"]["limits"][0].update(rep="zoe"),
    "a team of nowhere": lambda one: one["problem"]["sales_force"]["reps"][0].update(team="nowhere"),
    "a rep covers less": lambda one: one["problem"]["sales_force"]["reps"][1].update(covers=["B"]),
    "a unit is moved between reps": _move_a_base,
    "a quota below 0": lambda one: _column(one["tables"]["quotas"], "quota")["values"].__setitem__(0, -1),
    "hours that are NaN": lambda one: _column(one["tables"]["capacity"], "planned_hours")["values"].__setitem__(
        0, None
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_plan_is_refused(stored: dict[str, Any], name: str) -> None:
    """What breaks a rule of its own problem, or cannot be shown, is no plan: InputError, and nothing else."""
    content = json.loads(json.dumps(stored))
    DAMAGES[name](content)  # type: ignore[no-untyped-call]
    with pytest.raises(pa.InputError):
        pa.Plan.from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000], ids=["lists", "objects"])
def test_json_that_is_too_deep(text: str) -> None:
    """It is no plan, and no reason for a RecursionError."""
    with pytest.raises(pa.InputError):
        pa.Plan.from_json(text)
