"""Array aliases and closed choices, shared by every floor."""

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Bools", "Floats", "Grain", "Ints"]

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

Grain: TypeAlias = Literal["week", "month", "quarter", "quadrimester", "semester", "year"]
