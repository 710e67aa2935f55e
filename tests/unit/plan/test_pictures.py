"""Pictures draw the plan's numbers, whoever and however many it concerns, and leave nothing behind."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import planalloc as pa
from planalloc.errors import BackendUnavailableError
from planalloc.plan import drawing
from planalloc.plan.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

FUNNEL = pa.Funnel(
    deal_size=1_000,
    stages=[pa.Stage(id="lead", conversion=0.5, days_before_booking=0, activities={"call": 1})],
)
CALLS = pa.Playbook(activities=[pa.Activity(id="call", hours=1)], funnels=[FUNNEL])
EIGHT_HUNDRED = pa.Strategy(
    name="Pictures",
    currency="EUR",
    segments=[pa.Segment(id="A", name="Key accounts"), pa.Segment(id="B"), pa.Segment(id="none")],
    targets=[
        pa.Target(segment="A", revenue=600_000),
        pa.Target(segment="B", revenue=200_000),
        pa.Target(segment="none", revenue=0),
    ],
)


def plan_of(*reps: pa.Rep, strategy: pa.Strategy = EIGHT_HUNDRED, grain: Any = "month", **changes: Any) -> pa.Plan:
    """Return a plan of three quarters in A and one in B, with 133 hours of calls a month."""
    problem = pa.PlanningProblem(
        calendar=pa.Calendar(start=date(2027, 1, 4), end=date(2028, 1, 2), grain="week")
        if grain == "week"
        else pa.Calendar(start=date(2027, 1, 1), end=date(2027, 12, 31), grain=grain),
        strategy=strategy,
        sales_force=pa.SalesForce(
            reps=reps, teams=[pa.Team(id="north", hedge=0.1)], hours_per_week=35, selling_share=1
        ),
        playbook=CALLS,
    )
    return pa.allocate(problem.but(**changes))


@cache
def three() -> pa.Plan:
    """Return the plan of one who sells all, one who sells A and starts in April, and an overlay rep."""
    return plan_of(
        pa.Rep(id="alice", name="Alice B.", team="north"),
        pa.Rep(id="bruno", covers=["A"], start=date(2027, 4, 1)),
        pa.Rep(id="olga", role="overlay", covers=["A"]),
    )


@cache
def many() -> pa.Plan:
    """Return a plan of 61 reps: one more than have a row each."""
    return plan_of(*(pa.Rep(id=f"r{number:02d}", covers=["A"] if number else ["A", "B"]) for number in range(61)))


@cache
def short() -> pa.Plan:
    """Return a plan of one rep whose hours do not suffice."""
    return plan_of(pa.Rep(id="alice", fte=0.1))


def heights(axes: Axes) -> dict[str, list[float]]:
    """Return the heights of bars, by the name that the legend gives them."""
    return {str(bars.get_label()): [float(bar.get_height()) for bar in bars] for bars in axes.containers}


def levels(axes: Axes, label: str) -> list[float]:
    """Return the level of a line over each period."""
    return [float(level) for one in axes.patches if one.get_label() == label for level in one.get_data().values]  # type: ignore[attr-defined]


def texts(of: Sequence[Any]) -> list[str]:
    """Return what labels say."""
    return [one.get_text() for one in of]


def draws(plan: pa.Plan) -> list[Callable[[], Axes]]:
    """Return every picture of a plan and of its first rep."""
    year = plan.rep(plan.problem.sales_force.reps[0].id).plot.year
    return [plan.plot.season, plan.plot.load, plan.plot.mix, year]


def test_a_season_stacks_the_quotas_by_segment() -> None:
    """Each bar is what all reps carry of a segment in a period; a segment without money has none."""
    drawn = heights(three().plot.season())
    assert list(drawn) == ["Key accounts", "B"]
    for segment, label in (("A", "Key accounts"), ("B", "B")):
        assert drawn[label] == three().quotas.where(segment=segment).by("period")["quota"].tolist()


def test_a_season_draws_the_reference_as_a_line() -> None:
    """The line is the reference of each period."""
    assert levels(three().plot.season(), "reference") == three().quotas.by("period")["reference"].tolist()


def test_what_is_short_stands_on_what_is_carried() -> None:
    """What nobody carries is drawn above the quotas, up to the targets, and within the axes."""
    axes = short().plot.season()
    missing = axes.containers[-1]
    assert heights(axes)["short: nobody carries it"] == short().shortfall.by("period")["revenue"].tolist()
    tops = [bar.get_y() + bar.get_height() for bar in missing]
    assert sum(tops) == pytest.approx(800_000)
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] >= max(tops)


def test_a_teams_season_is_its_own() -> None:
    """A team's picture holds what its reps carry and nothing else."""
    drawn = heights(three().team("north").plot.season())
    assert sum(map(sum, drawn.values())) == three().team("north").quota


def test_load_is_a_cell_for_each_rep_and_period() -> None:
    """A cell is planned hours divided by available ones; without available hours there is none."""
    image: Any = three().plot.load().images[0]
    cells = np.ma.filled(image.get_array(), np.nan)
    np.testing.assert_allclose(cells[0], three().rep("alice").capacity["utilization"])
    assert np.isnan(cells[1, :3]).all()
    assert np.isfinite(cells[1, 3:]).all()


def test_load_names_the_people() -> None:
    """Rows bear names where there are any, else ids; overlay reps plan no hours and have no row."""
    assert texts(three().plot.load().get_yticklabels()) == ["Alice B.", "bruno"]


def test_load_of_many_is_a_spread() -> None:
    """Of more than 60 reps, the median and the ends of their utilization are drawn for each period."""
    axes = many().plot.load()
    full = many().capacity["utilization"].reshape(61, 12)
    assert levels(axes, "median") == pytest.approx(np.median(full, axis=0).tolist())
    assert levels(axes, "everybody") == pytest.approx(full.max(axis=0).tolist())


def test_a_plan_without_activities_says_so() -> None:
    """Where nothing is planned, the picture of hours says why it is empty, and a rep's year is money alone."""
    plan = plan_of(pa.Rep(id="alice"), playbook=pa.Playbook())
    assert plan.plot.load().get_title(loc="left").endswith("no activities are planned")
    assert len(plan.rep("alice").plot.year().figure.axes) == 1


def test_mix_is_parts_of_each_quota_below_the_strategys() -> None:
    """The first bar is the mix of the targets, each other one that of a rep; every bar is whole."""
    axes = three().plot.mix()
    widths = np.array([[bar.get_width() for bar in bars] for bars in axes.containers])
    assert texts(axes.get_yticklabels()) == ["the strategy", "Alice B.", "bruno"]
    assert widths[:, 0].tolist() == [0.75, 0.25]
    assert widths[:, 2].tolist() == [1.0, 0.0]
    np.testing.assert_allclose(widths.sum(axis=0), 1.0)


def test_the_strategys_mix_counts_what_is_short() -> None:
    """The strategy's mix is that of its targets even where they are not met."""
    bars = short().plot.mix().containers
    assert [part[0].get_width() for part in bars] == [0.75, 0.25]


def test_mix_of_many_is_a_spread() -> None:
    """Of more than 60 reps, each segment has the half of the reps in its middle and the strategy's mark."""
    axes = many().plot.mix()
    marks = next(one for one in axes.collections if one.get_label() == "the strategy")
    assert np.asarray(marks.get_offsets())[:, 0].tolist() == [0.75, 0.25]
    (box,) = axes.containers
    assert [bar.get_x() + bar.get_width() for bar in box] == [1.0, 0.0]


def test_a_reps_year_is_money_above_hours() -> None:
    """The bars above are the rep's quotas, those below planned hours under a line of available ones."""
    alice = three().rep("alice")
    axes = alice.plot.year()
    hours = axes.figure.axes[1]
    assert sum(map(sum, heights(axes).values())) == alice.quota
    assert heights(hours)["planned"] == pytest.approx(alice.capacity["planned_hours"].tolist())
    assert levels(hours, "available") == pytest.approx(alice.capacity["available_hours"].tolist())


def test_a_month_without_the_rep_is_empty() -> None:
    """A year has all its months, also those in which the rep is not there."""
    assert heights(three().rep("bruno").plot.year())["Key accounts"][:3] == [0, 0, 0]


def test_an_overlay_reps_year_is_the_overlay_quota() -> None:
    """An overlay rep's picture holds the second quota, and no hours."""
    axes = three().rep("olga").plot.year()
    assert sum(map(sum, heights(axes).values())) == three().rep("olga").quota > 0
    assert len(axes.figure.axes) == 1


def test_a_part_of_the_year_has_its_periods_alone() -> None:
    """A quarter's picture has three months."""
    quarter = three().rep("alice").period("2027-Q2")
    axes = quarter.plot.year()
    assert texts(axes.get_xticklabels()) == ["Apr\n2027", "May", "Jun"]
    assert sum(map(sum, heights(axes).values())) == quarter.quota


@pytest.mark.parametrize(
    ("grain", "first", "many"),
    [("month", ["Jan\n2027", "Feb"], 12), ("week", ["W01\n2027", "W05"], 13), ("quarter", ["Q1\n2027", "Q2"], 4)],
)
def test_period_names_fit(grain: str, first: list[str], many: int) -> None:
    """Each period is named below its bar, of weeks every fourth; the year stands where it begins."""
    axes = plan_of(pa.Rep(id="alice"), grain=grain).plot.season()
    assert texts(axes.get_xticklabels())[:2] == first
    assert len(axes.get_xticks()) == many


def test_a_year_without_months_is_named() -> None:
    """Where the only period is the year, its name is the year."""
    axes = plan_of(pa.Rep(id="alice"), grain="year").plot.season()
    assert texts(axes.get_xticklabels()) == ["2027"]


@pytest.mark.parametrize("plan", [three, many, short], ids=["three", "many", "short"])
def test_every_picture_draws_without_a_warning(plan: Callable[[], pa.Plan]) -> None:
    """A notebook gets a PNG of each picture; anything matplotlib has to say about it is an error here."""
    for draw in draws(plan()):
        axes: Any = draw()
        assert axes._repr_png_().startswith(b"\x89PNG")


def test_a_team_of_nobody_is_drawn_empty() -> None:
    """A team without reps who carry anything has pictures without bars, and they say whose they are."""
    plan = plan_of(pa.Rep(id="alice"), pa.Rep(id="olga", role="overlay", covers=["A"], team="north"))
    pictures = plan.team("north").plot
    season, load, mix = pictures.season(), pictures.load(), pictures.mix()
    assert not season.containers
    assert not texts(load.get_yticklabels())
    assert texts(mix.get_yticklabels()) == ["the strategy"]
    for axes in (season, load, mix):
        drawn: Any = axes
        drawn._repr_png_()
        assert "north" in drawn.get_title(loc="left")


def test_names_are_shown_letter_by_letter() -> None:
    """Dollar signs start no formula, an underscore hides nothing, and a long name is cut."""
    names = {"a": "US$ and AU$", "b": "_hidden", "c": "x" * 60}
    strategy = EIGHT_HUNDRED.but(
        segments=[pa.Segment(id=one, name=name) for one, name in names.items()],
        targets=[pa.Target(segment=one, revenue=100) for one in names],
    )
    plan = plan_of(pa.Rep(id="alice", name="$1 to $2"), strategy=strategy)
    for draw in draws(plan):
        axes: Any = draw()
        axes._repr_png_()
    legend = plan.plot.season().get_legend()
    assert legend is not None
    shown = texts(legend.get_texts())
    assert r"US\$ and AU\$" in shown
    assert any("_hidden" in one for one in shown)
    assert max(map(len, shown)) <= 24


def test_neighbors_in_a_stack_differ_in_gray() -> None:
    """Of up to 12 segments, each is lighter than the one below, and every second is hatched."""
    looks = drawing.looks(12)
    gray = [float(np.dot(look.fill[:3], [0.299, 0.587, 0.114])) for look in looks]
    assert min(np.diff(gray)) > 0.03
    assert all(bool(one.hatch) != bool(other.hatch) for one, other in zip(looks[1:], looks[:-1], strict=True))


def test_pictures_go_where_they_are_told() -> None:
    """With `ax`, each picture is drawn there and returns it, a rep's year without hours."""
    for draw in draws(three()):
        ax = Figure().add_subplot()
        assert draw(ax=ax) is ax  # type: ignore[call-arg]
    assert ax.figure.axes == [ax]


def test_pyplot_is_left_alone() -> None:
    """Without `ax`, no picture loads pyplot, nor needs a display."""
    program = """
import sys, planalloc as pa
plan = pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=9, currency="EUR", shares={"A": 1}, reps=["alice"]))
assert "matplotlib" not in sys.modules
for draw in (plan.plot.season, plan.plot.load, plan.plot.mix, plan.rep("alice").plot.year):
    draw()._repr_png_()
assert "matplotlib.pyplot" not in sys.modules
"""
    told = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)  # noqa: S603 -- our own text
    assert told.returncode == 0, told.stderr


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where matplotlib is missing, each picture says what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in draws(three()):
        with pytest.raises(BackendUnavailableError, match="planalloc\\[plots\\]"):
            draw()


def colors(axes: Axes) -> dict[str, Any]:
    """Return the fills and hatches of bars, by the name that the legend gives them."""
    return {str(bars.get_label()): (bars[0].get_facecolor(), bars[0].get_hatch()) for bars in axes.containers}


def test_a_segment_looks_the_same_whatever_else_is_drawn() -> None:
    """In the picture of everybody, of somebody who sells it alone, and in the mix."""
    alone = plan_of(pa.Rep(id="bruno", covers=["A"]), pa.Rep(id="carl", covers=["B"])).rep("carl").plot.year()
    everybody = colors(three().plot.season())
    assert colors(three().rep("bruno").plot.year())["Key accounts"] == everybody["Key accounts"]
    assert colors(alone)["B"] == everybody["B"] == colors(three().plot.mix())["B"]
    assert everybody["B"] != everybody["Key accounts"]


def test_pictures_speak_french() -> None:
    """Months, money, percent, titles and legends; the region changes nothing."""
    year: Any = three().rep("alice").plot.year(locale="fr_CA")
    assert texts(year.get_xticklabels())[:2] == ["janv.\n2027", "févr."]
    assert year.get_title(loc="left") == "Pictures, Alice B., du 01/01/2027 au 31/12/2027 : objectif par mois"
    assert year.get_ylabel() == "EUR de commandes par mois"
    assert heights(year.figure.axes[1]).keys() == {"prévues"}
    assert year.yaxis.get_major_formatter()(12_500, 0) == "12,5\u202fk"
    load = three().plot.load(locale="fr")
    assert load.texts[0].get_text().endswith("\u202f%")
    assert load.get_title(loc="left") == "Pictures : heures prévues sur heures disponibles, 2 commerciaux"
    assert texts(three().plot.mix(locale="fr").get_yticklabels())[0] == "la stratégie"
    assert "porté par personne" in heights(short().plot.season(locale="fr"))
    assert levels(many().plot.load(locale="fr"), "médiane")
    assert texts(plan_of(pa.Rep(id="alice"), grain="quarter").plot.season(locale="fr").get_xticklabels())[1] == "T2"


@pytest.mark.parametrize("locale", ["de", "french", "", "fr-", "EN"])
def test_an_unknown_language_is_refused(locale: str) -> None:
    """By every picture, with the languages there are."""
    for draw in draws(three()):
        with pytest.raises(pa.UnknownNameError, match="locale cannot be") as told:
            draw(locale=locale)  # type: ignore[call-arg]
        assert "en, fr" in str(told.value)


def test_every_language_has_the_same_words() -> None:
    """With the same braces, and a month for each month."""
    for language in LANGUAGES.values():
        assert {key: set(re.findall("{.*?}", word)) for key, word in language.words.items()} == {
            key: set(re.findall("{.*?}", word)) for key, word in LANGUAGES["en"].words.items()
        }
        assert len(set(language.months)) == 12
