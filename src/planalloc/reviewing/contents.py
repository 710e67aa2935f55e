"""From a part of a review to its page: what it says, in the order in which a manager reads."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from planalloc.plan.forms.contents import subtitle
from planalloc.plan.forms.page import Figure, Page
from planalloc.plan.forms.subject import names_in
from planalloc.plan.forms.wording import wording_of
from planalloc.reviewing import money_sections, work_sections
from planalloc.reviewing.spoken import Spoken
from planalloc.reviewing.words import REVIEW_WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from planalloc.plan.forms.page import Cell, Kind
    from planalloc.plan.forms.wording import Wording
    from planalloc.reviewing.agenda_page import ReviewPage

__all__ = ["page_of", "with_pictures"]

SECTIONS = (
    money_sections.standing,
    money_sections.attention,
    money_sections.gap,
    work_sections.pipeline,
    work_sections.conversion,
    work_sections.work,
    work_sections.commitments,
    work_sections.set_aside,
)
"""In the order in which a manager reads. One without content returns None and is left out."""


def page_of(part: ReviewPage, locale: str) -> tuple[Page, Wording]:
    """Return the page of a part of a review, and the wording of its language.

    Raises
    ------
    UnknownNameError
        When there are no words for the locale.
    BackendUnavailableError
        When Babel is not installed.
    """
    plan = part.review.plan
    wording = wording_of(plan.problem, locale)
    words = type(wording.words)({**wording.words, **REVIEW_WORDS[wording.locale.language]})  # type: ignore[call-arg]
    wording = replace(wording, words=words)
    names = names_in(plan.problem)
    names["account"] = {one.id: one.name or one.id for one in plan.problem.portfolio.accounts}
    spoken = Spoken(part, wording, names)
    found = (section(spoken) for section in SECTIONS)
    who = part.who or wording["whole_company"]
    page = Page(
        title=f"{wording.say('review_of', who=who)} · {plan.problem.strategy.name}",
        subtitle=subtitle(plan, wording, period_id=None, on=part.review.as_of),
        figures=(*money_sections.figures(spoken), *_meeting(spoken)),
        sections=tuple(section for section in found if section is not None),
    )
    return page, wording


def with_pictures(html: str, part: ReviewPage, language: str) -> str:
    """Return a page's HTML with its pictures below, as part of the file.

    Raises
    ------
    BackendUnavailableError
        When matplotlib is not installed.
    """
    plot = part.plot
    drawn = [one(locale=language) for one in (plot.attainment, plot.forecast, plot.conversion, plot.pipeline)]
    images = "".join(_image(axes) for axes in drawn)
    return html.replace("</body>", f"<section>{images}</section>\n</body>")


def _image(axes: Axes) -> str:
    file = BytesIO()
    axes.figure.savefig(file, format="png", dpi=110)  # type: ignore[union-attr]
    data = b64encode(file.getvalue()).decode("ascii")
    title = escape(axes.get_title(loc="left"))
    style = "max-width:100%;background:#fff;margin:1rem 0;break-inside:avoid"
    return f'<img style="{style}" alt="{title}" src="data:image/png;base64,{data}">'


def _meeting(spoken: Spoken) -> list[Figure]:
    """Return when they meet, and who the manager is."""
    part, wording = spoken.part, spoken.wording
    if not part.one_rep:
        return []
    rep = part.review.plan.problem.rep(part.rep_id)  # type: ignore[attr-defined]
    team = next((one for one in part.review.plan.problem.sales_force.teams if one.id == rep.team), None)
    facts: dict[str, Cell] = {
        "next_point": part.next_point,
        "team": (team.name or team.id) if team else None,
        "manager": team.manager if team else None,
    }
    kinds: dict[str, Kind] = {"next_point": "day"}
    return [Figure(wording[key], value, kinds.get(key, "text")) for key, value in facts.items() if value]
