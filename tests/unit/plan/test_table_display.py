"""Rules of a table on paper: text and HTML show the same cells, cut, aligned and escaped."""

from __future__ import annotations

import re

import numpy as np
import pytest

from planalloc.plan.table import Table, Text


@pytest.fixture
def shown() -> Table:
    """Two rows with a name to escape, money in cents, hours, a ratio, a date, a flag, and missing cells."""
    return Table(
        {
            "rep": Text.of(["<alice> & co", None]),
            "on": np.array(["2027-01-31", "NaT"], dtype="datetime64[D]"),
            "base": np.array([1234567, -5]),
            "money": np.array([1234.5, np.nan]),
            "whole": np.array([1000.0, 2.0]),
            "planned_hours": np.array([1234.56, -0.01]),
            "available_hours": np.array([2469.12, 0.0]),
            "utilization": np.array([0.5, np.nan]),
            "flag": np.array([True, False]),
        },
        name="<quotas>",
        measures=("base", "money", "planned_hours", "available_hours"),
        ratios={"utilization": ("planned_hours", "available_hours")},
        decimals={"money": 2},
    )


def test_text_shows_aligned_numbers(shown: Table) -> None:
    """Numbers stand to the right with commas, hours with one decimal, ratios as percent, missing as blank."""
    assert str(shown).splitlines() == [
        "<quotas>: 2 rows, 9 columns",
        "rep           on               base     money  whole  planned_hours  available_hours  utilization  flag",
        "<alice> & co  2027-01-31  1,234,567  1,234.50  1,000        1,234.6          2,469.1        50.0%  yes",
        "                                 -5                2            0.0              0.0               no",
    ]
    assert repr(shown) == "<Table <quotas>: 2 rows, 9 columns>"


def test_html_shows_the_cells_of_the_text(shown: Table) -> None:
    """Both displays hold the same headings and cells, and HTML escapes them."""
    html = shown._repr_html_()
    rows = [re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", line) for line in re.findall(r"<tr.*?</tr>", html)]
    assert rows == [
        list(shown.columns),
        [
            "&lt;alice&gt; &amp; co",
            "2027-01-31",
            "1,234,567",
            "1,234.50",
            "1,000",
            "1,234.6",
            "2,469.1",
            "50.0%",
            "yes",
        ],
        ["", "", "-5", "", "2", "0.0", "0.0", "", "no"],
    ]
    sides = re.findall(r"<td style=\"text-align:(\w+)", html)
    assert sides[:9] == sides[9:] == ["left"] * 2 + ["right"] * 6 + ["left"]
    assert "&lt;quotas&gt;</b>: 2 rows, 9 columns" in html
    assert "<quotas>" not in html


def test_html_takes_its_colors_from_the_page(shown: Table) -> None:
    """Nothing but the gray of the rules has a color of its own, so that dark and light pages both work."""
    style = shown._repr_html_().replace("rgba(128,128,128,.4)", "")
    assert set(re.findall(r"(?:color|background):([^;\"]+)", style)) == {"inherit", "transparent"}
    assert not re.search(r"<(script|style|link)|#[0-9a-f]{3}", style)


def test_long_tables_are_cut_and_say_so() -> None:
    """Twenty rows and twenty columns are shown, and the rest is counted, in text and in HTML."""
    long = Table({f"c{number}": np.arange(1300) for number in range(22)})
    lines = str(long).splitlines()
    assert len(lines) == 1 + 1 + 20 + 2
    assert lines[-2:] == ["... 1,280 more rows", "... 2 more columns"]
    assert lines[1].split() == [f"c{number}" for number in range(20)]
    assert str(Table({"n": np.arange(21)})).endswith("... 1 more row")
    assert "more" not in str(Table({"n": np.arange(20)}))
    html = long._repr_html_()
    assert html.count("<tr") == 21
    assert "... 1,280 more rows" in html


def test_zero_is_shown_without_a_sign() -> None:
    """What rounds to nothing shows as 0 in every kind of number."""
    tiny = Table({name: np.array([-0.0]) for name in ("money", "hours", "rate")}, kinds={"rate": "share"})
    assert str(tiny).splitlines()[2].split() == ["0", "0.0", "0.0%"]


def test_wide_letters_and_accents_keep_columns_aligned() -> None:
    """A letter that takes two columns counts as two and a lone accent as none; long names are cut."""
    names = ["山田", "e\u0301a", "x" * 60, "line\nbreak"]
    lines = str(Table({"rep": Text.of(names, names), "n": np.arange(4)})).splitlines()
    assert lines[2:] == [
        "山田" + " " * 36 + "  0",
        "e\u0301a" + " " * 38 + "  1",
        "x" * 39 + "…" + "  2",
        "line break" + " " * 30 + "  3",
    ]


def test_an_empty_table_shows_its_columns(shown: Table) -> None:
    """Without rows the headings remain, and a table without columns is a title."""
    assert str(shown.head(0)).splitlines()[0] == "<quotas>: 0 rows, 9 columns"
    assert len(str(shown.head(0)).splitlines()) == 2
    assert str(Table({})) == "table: 0 rows, 0 columns"
    assert Table({})._repr_html_().count("<td") == 0
