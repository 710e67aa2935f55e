"""A program as text that other solvers read: the LP format of CPLEX, and free MPS.

Numbers have twelve significant digits. Names are those of the program, made legal and unique, or ``x0`` and ``r0``
and so on by position. A row with two sides that differ becomes two rows, ``..._lower`` and ``..._upper``, since some
readers know no ranges; rows without sides say nothing and are left out. The same program has the same text.

References
----------
.. [1] IBM, "CPLEX file formats": LP file format, MPS file format, and its section QUADOBJ.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csc_array

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planalloc.lp.program import LinearProgram

__all__ = ["write_lp", "write_mps"]

_OBJECTIVE = "cost"
_WIDTH = 100
_LONGEST_NAME = 200
"""Readers take 255 characters; the rest is for what makes a name unique."""

_LEGAL = re.compile(r"[a-z][\w.]*", re.ASCII | re.IGNORECASE)

_RESERVED = re.compile(
    r"(max|min)(imi[sz]e|imum)?|subject|such|st|s\.t\.|bounds?|free|inf(inity)?|nan|ranges?|rhs|lazy|user|"
    r"gen(erals?)?|int(egers?)?|bin(ary|aries)?|semis?|sec|sos[12]?|end|e[\de.]*",
    re.ASCII | re.IGNORECASE,
)
"""What some reader takes for the beginning of a section, for a number, or for the exponent of the one before."""


class _Row(NamedTuple):
    name: str
    position: int
    sense: str
    side: float


def write_lp(program: LinearProgram) -> str:
    r"""Write a program in LP format.

    Raises
    ------
    ValueError
        When the program has no columns; the format cannot say so.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0],
    ...     quadratic=[0.5, 0.0],
    ...     matrix=[[1.0, 1.0], [1.0, -2.0]],
    ...     row_lower=[10.0, -3.0],
    ...     row_upper=[10.0, 3.0],
    ...     lower=[0.0, -np.inf],
    ...     upper=[np.inf, 9.0],
    ...     row_names=("total", "balance"),
    ...     column_names=("North East", "North-East"),
    ... )
    >>> print(write_lp(program), end="")
    Minimize
     cost: 2 North_East + North_East_2 + [ 0.5 North_East^2 ] / 2
    Subject To
     total: North_East + North_East_2 = 10
     balance_lower: North_East - 2 North_East_2 >= -3
     balance_upper: North_East - 2 North_East_2 <= 3
    Bounds
     -inf <= North_East_2 <= 9
    End
    """
    if not program.n_columns:
        raise ValueError("a program without columns cannot be written in LP format")
    columns, rows = _column_names(program), _rows(program)
    lines = ["Minimize", *_wrapped([f"{_OBJECTIVE}:", *_objective(program, columns)]), "Subject To"]
    for row in rows:
        terms = _terms(_entries(program, row.position), columns) or [f"0 {columns[0]}"]
        lines += _wrapped([f"{row.name}:", *terms, f"{row.sense} {_number(row.side)}"])
    bounds = zip(columns, program.lower.tolist(), program.upper.tolist(), strict=True)
    lines += ["Bounds", *(line for name, lower, upper in bounds for line in _lp_bound(name, lower, upper)), "End"]
    return "\n".join(lines) + "\n"


def write_mps(program: LinearProgram) -> str:
    """Write a program in MPS format, free where names are longer than eight letters, the quadratic term as QUADOBJ.

    Examples
    --------
    >>> from planalloc.lp.program import LinearProgram
    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0], matrix=[[1.0, 1.0]], row_lower=[10.0], row_upper=[10.0], lower=[0.0, 0.0], upper=[9.0, 9.0]
    ... )
    >>> print(write_mps(program), end="")
    NAME          program
    ROWS
     N  cost
     E  r0
    COLUMNS
        x0        cost      2
        x0        r0        1
        x1        cost      1
        x1        r0        1
    RHS
        RHS       r0        10
    BOUNDS
     UP BND       x0        9
     UP BND       x1        9
    ENDATA
    """
    columns, rows = _column_names(program), _rows(program)
    sense = {"=": "E", "<=": "L", ">=": "G"}
    lines = [
        "NAME          program",
        "ROWS",
        f" N  {_OBJECTIVE}",
        *(f" {sense[row.sense]}  {row.name}" for row in rows),
        "COLUMNS",
    ]
    sided = csc_array(program.matrix[[row.position for row in rows]])
    for column, name in enumerate(columns):
        entries = slice(sided.indptr[column], sided.indptr[column + 1])
        at_rows = zip(sided.indices[entries].tolist(), sided.data[entries].tolist(), strict=True)
        held = [_line("", name, rows[row].name, value) for row, value in at_rows if value]
        if program.cost[column] or not held:
            lines.append(_line("", name, _OBJECTIVE, program.cost[column]))
        lines += held
    lines += ["RHS", *(_line("", "RHS", row.name, row.side) for row in rows if row.side)]
    bounds = zip(columns, program.lower.tolist(), program.upper.tolist(), strict=True)
    lines += ["BOUNDS", *(line for name, lower, upper in bounds for line in _mps_bound(name, lower, upper))]
    curved = np.flatnonzero(program.curvature).tolist()
    if curved:
        squares = (_line("", columns[column], columns[column], program.curvature[column]) for column in curved)
        lines += ["QUADOBJ", *squares]
    return "\n".join([*lines, "ENDATA"]) + "\n"


def _rows(program: LinearProgram) -> list[_Row]:
    """Return the rows to write, one for each side."""
    names = [_legal(name, "r") for name in program.row_names] or [f"r{row}" for row in range(program.n_rows)]
    found: list[_Row] = []
    sides = zip(names, program.row_lower.tolist(), program.row_upper.tolist(), strict=True)
    for position, (name, lower, upper) in enumerate(sides):
        if lower == upper:
            found.append(_Row(name, position, "=", upper))
            continue
        both = np.isfinite(lower) and np.isfinite(upper)
        if np.isfinite(lower):
            found.append(_Row(f"{name}_lower" if both else name, position, ">=", lower))
        if np.isfinite(upper):
            found.append(_Row(f"{name}_upper" if both else name, position, "<=", upper))
    unique = _unique([_OBJECTIVE, *(row.name for row in found)])[1:]
    return [row._replace(name=name) for name, row in zip(unique, found, strict=True)]


def _column_names(program: LinearProgram) -> list[str]:
    if not program.column_names:
        return [f"x{column}" for column in range(program.n_columns)]
    return _unique([_legal(name, "x") for name in program.column_names])


def _legal(name: str, kind: str) -> str:
    """Return the name in letters, digits, dots and underscores, after `kind` where it cannot stand alone."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    plain = re.sub(r"[^\w.]", "_", letters, flags=re.ASCII)[:_LONGEST_NAME]
    return plain if _LEGAL.fullmatch(plain) and not _RESERVED.fullmatch(plain) else f"{kind}_{plain}"


def _unique(names: Iterable[str]) -> list[str]:
    """Return the names, the second of a kind as ``..._2`` and so on."""
    taken: dict[str, int] = {}
    found = []
    for name in names:
        unique = name
        while unique in taken:
            taken[name] += 1
            unique = f"{name}_{taken[name]}"
        taken[unique] = 1
        found.append(unique)
    return found


def _number(value: float) -> str:
    return f"{value + 0.0:.12g}"


def _entries(program: LinearProgram, row: int) -> Iterator[tuple[int, float]]:
    entries = slice(program.matrix.indptr[row], program.matrix.indptr[row + 1])
    return zip(program.matrix.indices[entries].tolist(), program.matrix.data[entries].tolist(), strict=True)


def _terms(entries: Iterable[tuple[int, float]], columns: list[str]) -> list[str]:
    """Return a term with its sign for each entry that is not zero; the first one without a plus."""
    terms: list[str] = []
    for column, value in entries:
        if value:
            sign = "- " if value < 0 else "+ " if terms else ""
            size = "" if abs(value) == 1 else f"{_number(abs(value))} "
            terms.append(f"{sign}{size}{columns[column]}")
    return terms


def _objective(program: LinearProgram, columns: list[str]) -> list[str]:
    """Return the terms of the objective, with a zero for each column that would appear nowhere."""
    terms = _terms(enumerate(program.cost.tolist()), columns)
    curved = np.flatnonzero(program.curvature).tolist()
    used = (program.cost != 0) | (program.curvature != 0) | (np.abs(program.matrix).sum(axis=0) != 0)
    for column in np.flatnonzero(~used).tolist():
        terms.append(f"{'+ ' if terms else ''}0 {columns[column]}")
    if curved:
        squares = [f"{_number(program.curvature[column])} {columns[column]}^2" for column in curved]
        return [*terms, "+ [" if terms else "[", squares[0], *(f"+ {square}" for square in squares[1:]), "] / 2"]
    return terms or [f"0 {columns[0]}"]


def _wrapped(words: list[str]) -> list[str]:
    """Return lines of words that are not broken, indented by one; lines that go on, by three."""
    lines = [f" {words[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > _WIDTH:
            lines.append(f"   {word}")
        else:
            lines[-1] += f" {word}"
    return lines


def _lp_bound(name: str, lower: float, upper: float) -> list[str]:
    if lower == 0 and upper == np.inf:
        return []
    if lower == upper:
        return [f" {name} = {_number(lower)}"]
    if np.isinf(lower) and np.isinf(upper):
        return [f" {name} free"]
    if upper == np.inf:
        return [f" {name} >= {_number(lower)}"]
    return [f" {_number(lower)} <= {name} <= {_number(upper)}"]


def _line(kind: str, name: str, at: str, value: float | None = None) -> str:
    """Return a line of data, in the columns of fixed MPS while the names are short enough."""
    return f" {kind:<2} {name:<8}  {at:<8}  {'' if value is None else _number(value)}".rstrip()


def _mps_bound(name: str, lower: float, upper: float) -> list[str]:
    """Return the bounds of a column; its lower one too where an upper one alone would move it, as some readers do."""
    if lower == upper:
        return [_line("FX", "BND", name, lower)]
    if np.isinf(lower) and np.isinf(upper):
        return [_line("FR", "BND", name)]
    lines = []
    if np.isinf(lower):
        lines.append(_line("MI", "BND", name))
    elif lower != 0 or upper <= 0:
        lines.append(_line("LO", "BND", name, lower))
    if np.isfinite(upper):
        lines.append(_line("UP", "BND", name, upper))
    return lines
