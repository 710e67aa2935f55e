"""A convex program as finished arrays: what every solver is handed, and nothing about where it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from planalloc.lp.scaling import equilibrate

if TYPE_CHECKING:
    from planalloc.types import Floats

__all__ = ["LinearProgram"]


@dataclass(frozen=True, eq=False)
class LinearProgram:
    """Minimize ``cost @ x + 0.5 * sum(quadratic * x**2)`` within ranges of rows and columns.

    The ranges are ``row_lower <= matrix @ x <= row_upper`` and ``lower <= x <= upper``. Infinite bounds say
    "no bound", equal ones make an equation or a fixed column. Bounds that cross are no mistake of the arrays:
    such a program is infeasible, and a solver says so.

    Parameters
    ----------
    cost : Floats
        Shape (n,), finite.
    matrix : csr_array
        Shape (m, n), finite. Anything that ``csr_array`` takes; kept in canonical form.
    row_lower, row_upper : Floats
        Shape (m,); -inf and +inf where a side is open.
    lower, upper : Floats
        Shape (n,); -inf and +inf where a side is open.
    quadratic : Floats or None
        Shape (n,), finite and not negative: the diagonal of the quadratic term. None for a linear program.
    row_names, column_names : tuple of str
        One name each, or empty.

    Raises
    ------
    ValueError
        When shapes disagree, a number is NaN, a coefficient is infinite, a lower bound is +inf or an upper one
        -inf, or the quadratic term is negative somewhere.

    Examples
    --------
    Two columns share ten units; the first one is dearer.

    >>> program = LinearProgram(
    ...     cost=[2.0, 1.0], matrix=[[1.0, 1.0]], row_lower=[10.0], row_upper=[10.0], lower=[0.0, 0.0], upper=[9.0, 9.0]
    ... )
    >>> program.objective(np.array([1.0, 9.0]))
    11.0
    """

    cost: Floats
    matrix: csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    quadratic: Floats | None = None
    row_names: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Turn what came into float arrays and a canonical matrix, and refuse what no solver could take."""
        matrix = csr_array(self.matrix, dtype=np.float64)
        if not matrix.has_canonical_format:
            matrix = matrix.copy()
            matrix.sum_duplicates()
        object.__setattr__(self, "matrix", matrix)
        n_rows, n_columns = matrix.shape
        for name, length in (
            ("cost", n_columns),
            ("lower", n_columns),
            ("upper", n_columns),
            ("quadratic", n_columns),
            ("row_lower", n_rows),
            ("row_upper", n_rows),
        ):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _vector(getattr(self, name), name=name, length=length))
        self._refuse_odd_numbers()
        for name, length in (("row_names", n_rows), ("column_names", n_columns)):
            if getattr(self, name) and len(getattr(self, name)) != length:
                raise ValueError(f"{name} holds {len(getattr(self, name))} names for {length}")

    def _refuse_odd_numbers(self) -> None:
        for name, values in (("cost", self.cost), ("matrix", self.matrix.data), ("quadratic", self.curvature)):
            if not np.isfinite(values).all():
                raise ValueError(f"{name} must be finite")
        if (self.curvature < 0).any():
            raise ValueError("quadratic must not be negative: the program would not be convex")
        for name, values, wrong in (
            ("lower", self.lower, np.inf),
            ("row_lower", self.row_lower, np.inf),
            ("upper", self.upper, -np.inf),
            ("row_upper", self.row_upper, -np.inf),
        ):
            if (np.isnan(values) | (values == wrong)).any():
                raise ValueError(f"{name} must hold no NaN and no {wrong}")

    @property
    def n_rows(self) -> int:
        """Number of rows, m."""
        return int(self.matrix.shape[0])

    @property
    def n_columns(self) -> int:
        """Number of columns, n."""
        return int(self.matrix.shape[1])

    @property
    def curvature(self) -> Floats:
        """The quadratic term as an array of shape (n,), zeros where the program has none."""
        return np.zeros(self.n_columns) if self.quadratic is None else self.quadratic

    @property
    def linear(self) -> bool:
        """Whether no column has a quadratic term."""
        return not self.curvature.any()

    @property
    def crossed(self) -> bool:
        """Whether some lower bound lies above its upper bound, so that nothing can be feasible."""
        return bool((self.lower > self.upper).any() or (self.row_lower > self.row_upper).any())

    def but(self, **changes: Any) -> LinearProgram:
        """Return this program with some of its fields replaced.

        Raises
        ------
        ValueError
            When the result would not be a valid program.
        """
        other = replace(self, **changes)
        if "matrix" not in changes:
            vars(other)["balance"] = self.balance
        return other

    @cached_property
    def balance(self) -> tuple[Floats, Floats]:
        """Factors of rows and columns after which the largest entry of each is near one, shapes (m,) and (n,)."""
        return equilibrate(self.matrix)

    def objective(self, x: Floats) -> float:
        """Return the objective at `x`, of shape (n,), feasible or not."""
        return float(self.cost @ x + 0.5 * self.curvature @ x**2)

    def gradient(self, x: Floats) -> Floats:
        """Return the slope of the objective at `x`, shape (n,)."""
        return self.cost + self.curvature * x


def _vector(values: Any, *, name: str, length: int) -> Floats:
    vector = np.asarray(values, dtype=np.float64)
    if vector.shape != (length,):
        raise ValueError(f"{name} has shape {vector.shape}, not ({length},) as the matrix asks")
    return vector
