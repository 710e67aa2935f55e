"""What `import planalloc` brings along, and what it offers."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest

import planalloc

LATER = ("scipy.optimize", "pulp", "highspy", "pandas", "polars", "pyarrow", "holidays", "tqdm", "narwhals")


def loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the modules it has then loaded."""
    told = subprocess.run(  # noqa: S603 -- our own interpreter and our own text
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sorted(sys.modules))"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stderr == ""
    return set(told.stdout.split())


def test_import_loads_no_solver_and_no_optional_package() -> None:
    """A program that only imports us, and reads every public name, waits for none of the heavy packages."""
    loaded = loaded_after("import planalloc\nfor name in planalloc.__all__: getattr(planalloc, name)")
    assert "planalloc.allocation" in loaded
    assert loaded.isdisjoint(LATER)


def test_import_loads_no_scipy() -> None:
    """Until something is planned or read back, numpy and pydantic are enough."""
    assert not [name for name in loaded_after("import planalloc") if name.split(".")[0] == "scipy"]


def test_planning_loads_no_optional_package() -> None:
    """A plan that no limit binds is made with the core packages alone, PuLP not among them (F-11).

    Rounding may be a linear program of its own and load scipy.optimize.
    """
    code = (
        "import planalloc as pa\n"
        "pa.allocate(pa.PlanningProblem.simple(year=2027, revenue=9, currency='EUR', shares={'A': 1}, reps=['alice']))"
    )
    assert loaded_after(code).isdisjoint(set(LATER) - {"scipy.optimize"})


def test_import_prints_nothing() -> None:
    """An import writes nothing at all, not even a warning turned on by the strictest setting (S-16)."""
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import planalloc"], check=False, capture_output=True, text=True
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_public_names_are_sorted_and_told_once() -> None:
    """`__all__` is in order, so that two people adding a name do not add it twice."""
    assert planalloc.__all__ == sorted(set(planalloc.__all__))


def test_everything_public_is_listed() -> None:
    """What the package's namespace shows beside its own modules is in `__all__`, and the other way around."""
    shown = {name for name, value in vars(planalloc).items() if name[0] != "_" and not hasattr(value, "__spec__")}
    assert shown | set(planalloc._HOMES) == set(dir(planalloc)) == set(planalloc.__all__)


@pytest.mark.parametrize("name", planalloc.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    """Each public name has a docstring that somebody wrote; the signature that a dataclass puts there is none."""
    text = getattr(planalloc, name).__doc__ or ""
    assert text.strip()
    assert not text.startswith(f"{name}(")


def test_the_package_is_marked_as_typed() -> None:
    """Type checkers read our annotations because of the marker that PEP 561 asks for."""
    assert (files(planalloc) / "py.typed").is_file()
