"""Where and with what the figures were measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["machine", "versions"]

PACKAGES = (
    "planalloc",
    "numpy",
    "scipy",
    "pydantic",
    "pulp",
    "b2b-revenue-forecasting",
    "pandas",
    "matplotlib",
)


def machine() -> str:
    """Return processor, cores that this process may use, memory and system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    memory = f", {pages / 1024**3:.0f} GB of memory" if pages else ""
    return f"{_processor()}, {cores} cores{memory}, {platform.system()} {platform.machine()}"


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        names = [
            line.split(":", 1)[1].strip() for line in told.read_text().splitlines() if line.startswith("model name")
        ]
        if names:
            return names[0]
    return platform.processor() or "unknown processor"


def versions() -> dict[str, str]:
    """Return the versions of Python, of everything that was measured, and of the HiGHS inside SciPy."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
