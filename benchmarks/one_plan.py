"""Make one plan and print the peak memory of doing so: ``python -m benchmarks.one_plan REPS LINES LOAD``."""

from __future__ import annotations

import sys

from benchmarks.companies import company
from benchmarks.measuring import own_peak_megabytes

import planalloc as pa

if __name__ == "__main__":
    pa.allocate(company(int(sys.argv[1]), int(sys.argv[2]), load=float(sys.argv[3])))
    print(own_peak_megabytes())
