"""Pictures of a review draw its numbers, of few and of many, of nothing and of all."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from planalloc.errors import UnknownNameError
from planalloc.events.actuals import Actuals
from planalloc.plan import drawing
from planalloc.reviewing.picture_words import PICTURE_WORDS
from planalloc.reviewing.review import Review, review
from simulated import happened, simulated_plan

JUNE = date(2027, 6, 30)
PICTURES = ("attainment", "conversion", "forecast", "pipeline")


@cache
def june() -> Review:
    """Return the half-year of three reps of whom bruno hardly converts."""
    plan = simulated_plan(3)
    return review(plan, happened(plan, JUNE, 3, converts={"bruno": 0.1}), as_of=JUNE)


@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture_is_drawn_of_everything_and_of_nothing(picture: str) -> None:
    """Of a half-year, of a team, of no events, and of a year sold on its first day."""
    all_sold = Actuals(sales=[{"date": date(2027, 1, 1), "rep": "alice", "segment": "A", "amount": 9e6}])
    several: list[Any] = [june(), june().team("north"), review(simulated_plan(3), Actuals(), as_of=JUNE)]
    for one in [*several, review(simulated_plan(3), all_sold, as_of=JUNE)]:
        axes = getattr(one.plot, picture)()
        assert axes._repr_png_()[:4] == b"\x89PNG"


def test_attainment_draws_what_was_sold_and_what_was_due() -> None:
    """Bars are quota and sales, marks are what is due, in the order of reps."""
    axes, rows = june().plot.attainment(), june().attainment.by("rep").to_dicts()
    quota, sold = ([bar.get_width() for bar in bars] for bars in axes.containers)
    assert quota == pytest.approx([row["quota"] for row in rows])
    assert sold == pytest.approx([row["actual"] for row in rows])
    marks: Any = axes.collections[0]
    due = [segment[0][0] for segment in marks.get_segments()]
    assert due == pytest.approx([row["due_quota"] for row in rows])


def test_the_funnel_names_who_differs() -> None:
    """Who differs by the test is drawn full and named; nobody else is."""
    axes = june().plot.conversion()
    assert [text.get_text() for text in axes.texts] == ["bruno"]
    assert {"differs", "like the colleagues"} <= set(axes.get_legend_handles_labels()[1])


def test_the_forecast_is_stacked_to_what_is_expected() -> None:
    """Closed, pipeline and what is still to be found end where the forecast does."""
    axes = june().plot.forecast()
    ends = [bar.get_x() + bar.get_width() for bar in axes.containers[-1]]
    assert ends == pytest.approx(june().forecast.where(scope="rep")["expected"].tolist())


def test_the_pipeline_is_the_value_of_each_stage() -> None:
    """Bars of a stage add up to the value of its open opportunities."""
    axes = june().plot.pipeline()
    heights = np.sum([[bar.get_height() for bar in bars] for bars in axes.containers], axis=0)
    assert heights == pytest.approx(june().stages.by("stage")["value"].tolist())


def test_many_reps_are_drawn_as_a_spread() -> None:
    """Of more than sixty reps the pace is counted, and the year's end is drawn by line."""
    found = review(simulated_plan(61), Actuals(sales=[{"date": JUNE, "rep": "alice", "amount": 5}]), as_of=JUNE)
    counted = [bar.get_height() for bar in found.plot.attainment().containers[0]]
    assert sum(counted) == 61
    assert [text.get_text() for text in found.plot.forecast().get_yticklabels()] == ["A", "B"]


def test_pictures_speak_the_language_of_their_page() -> None:
    """Every language has the same words; a French page holds four pictures, told in French."""
    assert PICTURE_WORDS["en"].keys() == PICTURE_WORDS["fr"].keys()
    html = june().to_html("fr", pictures=True)
    titles = re.findall(r'<img [^>]*alt="([^"]*)"', html)
    assert len(titles) == 4
    assert titles[0] == "Simulated : vendu et attendu à date, 30/06/2027"
    assert "<img" not in june().to_html("fr")


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_speaks_french_when_asked(picture: str) -> None:
    """Words, numbers and days are French, as in the pictures of a plan; nothing English is left."""
    english, french = (getattr(june().plot, picture)(locale=one) for one in ("en", "fr_CA"))
    texts = [
        {one.get_title(loc="left"), one.get_xlabel(), one.get_ylabel(), *one.get_legend_handles_labels()[1]}
        for one in (english, french)
    ]
    shared = {"", "EUR", "Industry", "Trade"}
    assert not texts[0] & texts[1] - shared
    assert PICTURE_WORDS["fr"][picture].split("{")[0].strip(", ") in french.get_title(loc="left")
    marks = " ".join(
        f"{axis.get_major_formatter()(0.5, 0)} {axis.get_major_formatter()(1500.5, 0)}"
        for axis in (french.xaxis, french.yaxis)
    )
    assert "." not in marks


def test_a_picture_refuses_a_language_that_it_does_not_speak() -> None:
    """As a plan's do."""
    with pytest.raises(UnknownNameError, match="locale cannot be 'de'"):
        june().plot.forecast(locale="de")


def test_the_forecast_has_the_colors_of_a_plan() -> None:
    """Parts look as the parts of a stack do in any picture."""
    bars = june().plot.forecast().containers[:3]
    assert [bar[0].get_facecolor()[:3] for bar in bars] == [tuple(look.fill[:3]) for look in drawing.looks(3)]
