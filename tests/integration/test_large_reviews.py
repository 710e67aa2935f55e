"""Ten million sales and ten million activities in Parquet files are reviewed where they are, in little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MOST_MEMORY = 1 << 20
"""In KiB: one GiB, Python and all."""

WRITE = """
import sys, duckdb
duckdb.sql('SET enable_progress_bar = false')
common = '''DATE '2027-01-01' + CAST(hash(i) % 365 AS INT) AS date, 'rep' || (hash(i + 1) % 1000) AS rep,
            'ABCDE'[1 + CAST(hash(i + 2) % 5 AS INT)] AS segment'''
many = 'range(10_000_000) AS numbers(i)'
amount = 'CAST(hash(i + 4) % 1000000 AS INT) / 100 AS amount'
activity = "CASE hash(i + 5) % 2 WHEN 0 THEN 'call' ELSE 'visit' END AS activity"
for path, more in zip(sys.argv[1:], (amount, activity)):
    duckdb.sql(f'SELECT {common}, {more} FROM {many}').write_parquet(path)
"""

READ = """
import sys
from datetime import date
import planalloc as pa
engine, sales, activities = sys.argv[1:]
if engine == 'polars':
    import polars
    tables = [polars.scan_parquet(one) for one in (sales, activities)]
else:
    import duckdb
    duckdb.sql('SET enable_progress_bar = false')
    duckdb.sql("SET memory_limit = '700MB'")
    tables = [duckdb.sql(f"FROM '{one}'") for one in (sales, activities)]
problem = pa.PlanningProblem.simple(year=2027, revenue=10**10, currency='EUR', shares=dict.fromkeys('ABCDE', 0.2),
                                    reps=[f'rep{i}' for i in range(1000)])
problem = problem.add(pa.Activity(id='call', hours=0.1), pa.Activity(id='visit', hours=0.5))
actuals = pa.Actuals(sales=tables[0], activities=tables[1])
review = pa.review(pa.allocate(problem), actuals, as_of=date(2027, 12, 31))
assert review.attainment.total('deals') == review.execution.total('done') == 10_000_000, review.set_aside
print([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])
"""


def run(program: str, *arguments: str) -> str:
    """Run a program of this module in a process of its own, whose memory is all its own."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 -- our own text


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell the peak of a process")
def test_twenty_million_events_take_less_than_a_gigabyte(tmp_path: Path) -> None:
    """Neither polars nor DuckDB brings the rows into memory: only sums by rep, line and period come back."""
    paths = [str(tmp_path / name) for name in ("sales.parquet", "activities.parquet")]
    run(WRITE, *paths)
    for engine in ("polars", "duckdb"):
        assert int(run(READ, engine, *paths).split()[-1]) < MOST_MEMORY
