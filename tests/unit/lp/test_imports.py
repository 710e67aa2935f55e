"""What loading this floor brings along."""

from __future__ import annotations

import subprocess
import sys


def test_the_optimizers_of_scipy_are_loaded_only_to_solve() -> None:
    """Importing every module of the floor leaves scipy.optimize alone."""
    script = (
        "import sys, planalloc.lp.elastic, planalloc.lp.lexicographic, planalloc.lp.solvers.highs, "
        "planalloc.lp.solvers.interior; print('scipy.optimize' in sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 -- our own script
    assert finished.stdout.strip() == "False"
