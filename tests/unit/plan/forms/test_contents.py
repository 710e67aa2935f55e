"""Rules of what a form says, in which order, and what it leaves out."""

from __future__ import annotations

from datetime import date

import pytest

import planalloc as pa
from planalloc.plan.forms.contents import form_of
from planalloc.plan.forms.page import Grid, Listing, Page, Passage


def page(part: pa.RepPlan, locale: str = "en", on: date | None = None) -> Page:
    """Return a rep's form."""
    return form_of(part, locale, on=on)[0]


def headings(form: Page) -> list[str]:
    """Return the headings of its sections."""
    return [section.heading for section in form.sections]


def grid(form: Page, section: str, heading: str = "") -> Grid:
    """Return one grid of a form."""
    for one in form.sections:
        for block in one.blocks:
            if one.heading == section and isinstance(block, Grid) and block.heading == heading:
                return block
    raise AssertionError(headings(form))


def passages(form: Page, section: str) -> list[str]:
    """Return the texts of a section."""
    blocks = next(one.blocks for one in form.sections if one.heading == section)
    return [one.text for one in blocks if isinstance(one, Passage)]


def bare(**changes: object) -> pa.Plan:
    """Return a plan of money alone: 1,200 in A for alice, 100 a month."""
    problem = pa.PlanningProblem.simple(year=2027, revenue=1200, currency="EUR", shares={"A": 1}, reps=["alice"])
    return pa.allocate(problem.replace(pa.Policy(default_phasing="equal")).but(**changes))


def test_sections_come_in_the_order_of_a_monday(plan: pa.Plan) -> None:
    """First the number, last what belongs to the past."""
    assert headings(page(plan.rep("alice"))) == [
        "The number",
        "Quota by month (EUR)",
        "What was agreed",
        "Activities",
        "Pipeline to create",
        "Accounts",
        "Visits by month",
        "Playbook",
        "Review points",
        "Work of the time before",
    ]


def test_what_has_no_content_is_left_out() -> None:
    """A plan of money alone is the number and the year."""
    assert headings(page(bare().rep("alice"))) == ["The number", "Quota by month (EUR)"]


def test_a_month_has_that_months_rows_only(plan: pa.Plan) -> None:
    """Its quota, its activities by week, the accounts seen in it."""
    march = plan.rep("alice").period("2027-03")
    form = page(march)
    assert "Quota by month (EUR)" not in headings(form)
    assert grid(form, "The number", "Quota by segment (EUR)").totals[2] == march.quota  # type: ignore[index]
    weeks = grid(form, "Activities", "Activities by week")
    assert weeks.fields[0].heading == "Week"
    assert [row[0] for row in weeks.rows] == [
        "Mar 1\u2009\u2013\u20097",
        "Mar 8\u2009\u2013\u200914",
        "Mar 15\u2009\u2013\u200921",
        "Mar 22\u2009\u2013\u200928",
        "Mar 29\u2009\u2013\u200931",
    ]
    assert weeks.totals is not None
    assert sum(n for n in weeks.totals[1:-1] if isinstance(n, int)) == march.activities.total("count")
    assert [row[0] for row in grid(form, "Accounts").rows] == ["four"]


def test_a_quarter_has_its_three_months(plan: pa.Plan) -> None:
    """A coarser period shows the plan's own periods inside it."""
    quarter = plan.rep("alice").period("2027-Q1")
    year = grid(page(quarter), "Quota by month (EUR)")
    assert [row[0] for row in year.rows] == ["January 2027", "February 2027", "March 2027"]
    assert year.totals is not None
    assert year.totals[-1] == quarter.quota


def test_the_year_adds_up_to_the_quota_to_the_cent(plan: pa.Plan) -> None:
    """Segments by month, their totals, and the whole."""
    alice = plan.rep("alice")
    year = grid(page(alice), "Quota by month (EUR)")
    assert year.totals is not None
    assert year.totals[-1] == alice.quota == 101_500
    assert year.totals[1:-1] == tuple(alice.quotas.by("segment")["quota"].tolist())


def test_activities_carry_the_hours_of_every_period(plan: pa.Plan) -> None:
    """Planned, available, and one by the other, as in the table of capacity."""
    alice = plan.rep("alice")
    total = grid(page(alice), "Activities", "Activities by month").totals
    assert total is not None
    assert total[-3:] == pytest.approx(
        tuple(alice.capacity.total(one) for one in ("planned_hours", "available_hours", "utilization"))
    )


def test_two_segments_of_one_name_stay_two_rows() -> None:
    """Names need not differ; ids do."""
    plan = bare()
    strategy = plan.problem.strategy.but(
        revenue=None,
        segments=[pa.Segment(id="A", name="Same"), pa.Segment(id="B", name="Same")],
        targets=[pa.Target(segment="A", revenue=1200), pa.Target(segment="B", revenue=600)],
    )
    stage = pa.Stage(id="offer", conversion=1, activities={"call": 1})
    playbook = pa.Playbook(
        activities=[pa.Activity(id="call", hours=1)], funnels=[pa.Funnel(deal_size=100, stages=[stage])]
    )
    form = page(bare(strategy=strategy, playbook=playbook).rep("alice"))
    assert grid(form, "The number", "Quota by segment (EUR)").rows == (("Same", 1200, 2 / 3), ("Same", 600, 1 / 3))
    assert grid(form, "Activities", "Activities by segment").rows == (("Same", 12, 12.0), ("Same", 6, 6.0))


def test_products_with_a_price_show_units() -> None:
    """By line, beside the money; a product without a price has none."""
    plan = bare()
    strategy = plan.problem.strategy.but(
        revenue=None,
        products=[pa.Product(id="suite", unit_price=300), pa.Product(id="help")],
        targets=[
            pa.Target(segment="A", product="suite", revenue=1200),
            pa.Target(segment="A", product="help", revenue=600),
        ],
    )
    rows = grid(page(bare(strategy=strategy).rep("alice")), "The number", "Quota by line (EUR)").rows
    assert rows == (("A", "help", 600, 1 / 3, None), ("A", "suite", 1200, 2 / 3, 4.0))


def test_an_overlay_rep_has_the_second_quota_and_no_hours(plan: pa.Plan) -> None:
    """It says whose revenue it is, and nothing of activities that others do."""
    form = page(plan.rep("olga"))
    assert [figure.label for figure in form.figures] == ["Quota", "Role"]
    assert form.figures[0].value == plan.rep("olga").quota > 0
    assert "Activities" not in headings(form)


def test_a_rep_without_a_quota_has_a_form_that_says_so() -> None:
    """Somebody who is away all year: no numbers of zero at the head, no tables of zeros below."""
    plan = bare()
    away = pa.Absence(start=date(2027, 1, 1), end=date(2027, 12, 31))
    force = pa.SalesForce(reps=[pa.Rep(id="alice"), pa.Rep(id="bruno", absences=[away])])
    form = page(bare(sales_force=force).rep("bruno"))
    assert form.figures == ()
    assert headings(form) == ["Not at work in this time"]
    assert passages(form, "Not at work in this time")[0].startswith("Away for the whole time")
    assert plan.rep("alice").quota == 1200


@pytest.mark.parametrize(
    ("period", "locale", "said"),
    [
        ("2027-02", "en", "The first day at work is June 1, 2027."),
        ("2027-02", "fr", "Le premier jour de travail est le 1er juin 2027."),
        ("2027-11", "en", "The last day at work was October 31, 2027."),
        ("2027-08", "en", "Away for the whole time"),
    ],
)
def test_somebody_who_is_not_there_is_told_so(period: str, locale: str, said: str) -> None:
    """Before the first day, after the last and during an absence: why, and neither numbers nor how to sell."""
    away = pa.Absence(start=date(2027, 7, 31), end=date(2027, 9, 1))
    bruno = pa.Rep(id="bruno", start=date(2027, 6, 1), end=date(2027, 10, 31), absences=[away])
    stage = pa.Stage(id="offer", conversion=1, activities={"call": 1})
    playbook = pa.Playbook(
        activities=[pa.Activity(id="call", hours=1)],
        funnels=[pa.Funnel(deal_size=100, stages=[stage])],
        methods=[pa.Method(stage="offer", pitch="Buy.")],
    )
    plan = bare(sales_force=pa.SalesForce(reps=[pa.Rep(id="alice"), bruno]), playbook=playbook)
    form = page(plan.rep("bruno").period(period), locale)
    (section,) = form.sections
    assert form.figures == ()
    assert passages(form, section.heading)[0].startswith(said)
    assert "Playbook" in headings(page(plan.rep("bruno").period("2027-06")))


def test_what_was_agreed_is_said_in_words(plan: pa.Plan) -> None:
    """Each kind of limit, with the name of who agreed and why; the reason begins a sentence."""
    (listing,) = next(one.blocks for one in page(plan.rep("alice")).sections if one.heading == "What was agreed")
    assert isinstance(listing, Listing)
    assert set(listing.entries) == {
        "<b>=1+1</b> | *A* & `x`: Quota of €70,000.00, agreed with =1+1. Agreed | in November",
        "Quota from €80,000.00 to €110,000.00",
        "Q1 2027: at most 3 h on top in each period",
        "mix within 90.0% of the strategy's",
    }


def test_titles_say_plan_rep_period_version_and_date(plan: pa.Plan) -> None:
    """And no date where none is given."""
    form = page(plan.rep("bruno").period("2027-03"), on=date(2026, 11, 24))
    assert form.title == "Bruno · Strategy & <i>2027</i>"
    assert form.subtitle == f"March 2027 · Version {plan.version} · November 24, 2026"
    assert page(plan.rep("bruno").period("2027-03")).subtitle == f"March 2027 · Version {plan.version}"


def test_another_number_is_another_version() -> None:
    """The version tells plans apart, and the same plan from itself read back not."""
    plan = bare()
    assert pa.Plan.from_json(plan.to_json()).version == plan.version
    assert bare(policy=pa.Policy(default_phasing="working_days")).version != plan.version


def test_a_plan_by_week_has_a_row_for_each_week() -> None:
    """No coarser table stands in for it, and its weeks are not cut into weeks again."""
    calendar = pa.Calendar(start=date(2027, 1, 4), end=date(2027, 2, 14), grain="week")
    form = page(bare(calendar=calendar).rep("alice"))
    assert len(grid(form, "Quota by week (EUR)").rows) == 6
