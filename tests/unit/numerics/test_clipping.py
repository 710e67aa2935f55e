"""One level that fits a total between floors and caps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planalloc.numerics.clipping import clipped_level

sides = st.lists(
    st.tuples(st.floats(0.01, 100), st.floats(0, 50), st.one_of(st.just(np.inf), st.floats(0, 100))),
    min_size=1,
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(sides=sides, part=st.floats(0, 1))
def test_the_amounts_add_up(sides: list[tuple[float, float, float]], part: float) -> None:
    """At the level that is found, the amounts between floors and caps add up to the total."""
    weights, floors, more = (np.array(values) for values in zip(*sides, strict=True))
    caps = floors + more
    total = float(floors.sum() + part * min(caps.sum() - floors.sum(), 1000.0))
    level = clipped_level(total, weights=weights, floors=floors, caps=caps)
    assert level is not None
    assert np.clip(level * weights, floors, caps).sum() == pytest.approx(total, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("total", [2.9, 8.1])
def test_no_level_fits(total: float) -> None:
    """A total below all floors or above all caps has no level."""
    floors, caps = np.array([1.0, 2.0]), np.array([4.0, 4.0])
    assert clipped_level(total, weights=np.ones(2), floors=floors, caps=caps) is None
