"""A review on one page: a rep's for the next point with the manager, a team's, and the company's."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from planalloc.errors import InputError
from planalloc.plan.agenda import Agenda
from planalloc.plan.table_display import as_html, as_text
from planalloc.reviewing.pictures import ReviewPictures

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    from planalloc.plan.table import Table
    from planalloc.reviewing.alerts import Alerts
    from planalloc.reviewing.review import Review

__all__ = ["RepReview", "ReviewPage", "part_of_rep", "part_of_team"]

ROWS_OF_PAGE, ALERTS_OF_PAGE = 4, 8
"""Rows of each table that a page shows as text, so that all of it is on a screen."""


@dataclass(frozen=True, eq=False)
class ReviewPage:
    """What a review says of the company, a team or a rep, and the page on which it stands.

    Made by `Review.rep`, `Review.team` and `Review.page`.

    Attributes
    ----------
    review : Review
        The whole.
    reps : tuple of str or None
        Ids of the reps it is about; None: the company.
    who : str
        Name of who it is about.
    """

    review: Review
    reps: tuple[str, ...] | None = None
    who: str = ""

    @property
    def next_point(self) -> date | None:
        """Day of the next point between rep and manager; None where there is none, or several people."""
        return None

    @property
    def one_rep(self) -> bool:
        """Whether it is about one person."""
        return False

    @property
    def plot(self) -> ReviewPictures:
        """Pictures, with matplotlib: ``attainment()``, ``conversion()``, ``forecast()``, ``pipeline()``."""
        return ReviewPictures(self.review, self.reps)

    def only(self, table: Table) -> Table:
        """Return the rows of a table that are about these reps."""
        return table if self.reps is None else table.where(rep=list(self.reps))

    def standing(self, *by: str) -> Table:
        """Return rows of `Review.standing` about these reps."""
        from planalloc.reviewing.attainment import standing_table  # noqa: PLC0415 -- the review imports this page
        from planalloc.reviewing.seen import Seen  # noqa: PLC0415

        return standing_table(self.only(self.review.attainment), Seen(self.review.plan, self.review.as_of), by)

    @cached_property
    def forecast(self) -> Table:
        """Rows of `Review.forecast` about these reps; of the company, all."""
        return self.only(self.review.forecast)

    @cached_property
    def alerts(self) -> Alerts:
        """Alerts about these reps; of the company, all."""
        return self.review.alerts if self.reps is None else self.review.alerts.about(*self.reps)

    @cached_property
    def gaps(self) -> Table:
        """Rows of `Review.gaps` about these reps, summed over them: by, part, effect."""
        found = self.only(self.review.gaps)
        return found.by("by", "part") if len(found) else found

    @cached_property
    def opportunities(self) -> Table:
        """Rows of `Review.opportunities` about these reps."""
        return self.only(self.review.opportunities)

    @cached_property
    def pipeline(self) -> Table:
        """Rows of `Review.pipeline` about these reps."""
        return self.only(self.review.pipeline)

    @cached_property
    def execution(self) -> Table:
        """Rows of `Review.execution` about these reps."""
        return self.only(self.review.execution)

    @cached_property
    def under_worked(self) -> Table:
        """Rows of `Review.under_worked` about these reps."""
        return self.only(self.review.under_worked)

    def to_markdown(self, locale: str = "en") -> str:
        """Return the page as Markdown text; it needs the extra ``forms``, as the other forms do.

        Parameters
        ----------
        locale : str
            Language of the words and signs: ``"en"`` or ``"fr"``, alone or with a region that Babel knows.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When Babel is not installed.
        """
        from planalloc.plan.forms.markdown import as_markdown  # noqa: PLC0415 -- loaded only where a form is made
        from planalloc.reviewing.contents import page_of  # noqa: PLC0415

        return as_markdown(*page_of(self, locale))

    def to_html(self, locale: str = "en", *, pictures: bool = False) -> str:
        """Return the page as HTML, printable and without scripts.

        Parameters
        ----------
        locale : str
            As for `to_markdown`.
        pictures : bool
            Whether the four pictures of `plot` stand below, inside the page; they need matplotlib.

        Raises
        ------
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When Babel, Jinja2 or matplotlib is not installed.
        """
        from planalloc.plan.forms.html import as_html as page_html  # noqa: PLC0415 -- loaded only where a form is made
        from planalloc.reviewing.contents import page_of, with_pictures  # noqa: PLC0415

        page, wording = page_of(self, locale)
        text = page_html(page, wording)
        return with_pictures(text, self, wording.locale.language) if pictures else text

    def to_workbook(self, path: str | PathLike[str], locale: str = "en") -> None:
        """Write the page as an XLSX workbook, its sums as formulas.

        Parameters
        ----------
        path : path-like
            The file, which is replaced where there is one. Its folder must exist.
        locale : str
            As for `to_markdown`.

        Raises
        ------
        InputError
            When the folder does not exist or the file cannot be written.
        UnknownNameError
            When there are no words for the locale.
        BackendUnavailableError
            When Babel or XlsxWriter is not installed.
        """
        from planalloc.plan.forms.files import require_folder, write_file  # noqa: PLC0415 -- loaded where a form is made
        from planalloc.plan.forms.workbook import as_workbook  # noqa: PLC0415
        from planalloc.reviewing.contents import page_of  # noqa: PLC0415

        file = require_folder(path)
        write_file(file, as_workbook(*page_of(self, locale), made=self.review.as_of))

    @cached_property
    def _heading(self) -> str:
        about = [self.review.plan.problem.strategy.name, self.who, f"as of {self.review.as_of}"]
        return ", ".join(part for part in about if part)

    def _tables(self) -> list[Table]:
        by = ("segment",) if self.one_rep else ("rep",)
        several = [self.standing(*by), self.forecast, self.alerts.table, self.opportunities, self.execution]
        return [table for table in (*several, self.under_worked) if len(table)]

    def __str__(self) -> str:
        if not len(self.only(self.review.attainment)):
            return f"{self._heading}\n\nNothing is planned here. An overlay's sales count with those that are covered."
        return "\n\n".join([self._heading, *(as_text(table, rows=_rows(table)) for table in self._tables())])

    def _repr_html_(self) -> str:
        tables = "".join(as_html(table, rows=_rows(table)) for table in self._tables())
        return f"<div><b>{escape(self._heading)}</b></div>{tables}"


@dataclass(frozen=True, eq=False)
class RepReview(ReviewPage):
    """The next point between a rep and the manager, on one page.

    Attributes
    ----------
    rep_id : str
        Whose.
    last : Agenda, optional
        What was spoken about the last time.
    """

    rep_id: str = field(kw_only=True)
    last: Agenda | None = field(default=None, kw_only=True)

    @property
    def one_rep(self) -> bool:
        """Whether it is about one person."""
        return True

    @cached_property
    def next_point(self) -> date | None:
        """Day of the next review point after the day of the review; None where there is none."""
        days = self.review.plan.rep(self.rep_id).review_points["date"]
        later = days[days > np.datetime64(self.review.as_of)]
        found: date | None = later.min().item() if len(later) else None
        return found

    @cached_property
    def agenda(self) -> Agenda:
        """The agenda of the next point, with the points of the last one that are still open."""
        day = self.next_point or self.review.as_of
        if self.last is None:
            return Agenda(rep=self.rep_id, date=day)
        return self.last.next(day) if day > self.last.date else self.last


def _rows(table: Table) -> int:
    return ALERTS_OF_PAGE if table.name == "alerts" else ROWS_OF_PAGE


def part_of_rep(review: Review, rep_id: str, *, last: Agenda | None) -> RepReview:
    """Return a rep's part of a review: see `Review.rep`."""
    part = review.plan.rep(rep_id)
    if last is not None and last.rep != rep_id:
        raise InputError(f"the last agenda is of {last.rep!r}, and not of {rep_id!r}", hint="Give the rep's own.")
    return RepReview(review, part.reps, part.who, rep_id=rep_id, last=last)


def part_of_team(review: Review, team_id: str) -> ReviewPage:
    """Return a team's part of a review: see `Review.team`."""
    part = review.plan.team(team_id)
    return ReviewPage(review, part.reps, part.who)
