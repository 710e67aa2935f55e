"""Five million sales in a Parquet file are added up where they are, in little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MOST_MEMORY = 1 << 20
"""In KiB: one GiB, Python and all."""

WRITE = """
import sys, duckdb
duckdb.sql('''
    SELECT 'S' || i AS id, DATE '2023-01-01' + CAST(hash(i) % 1461 AS INT) AS date,
           'rep ' || (hash(i + 1) % 400) AS rep, 'ABCDEFGH'[1 + CAST(hash(i + 2) % 8 AS INT)] AS segment,
           'account ' || (hash(i + 3) % 20000) AS account, CAST(hash(i + 4) % 1000000 AS INT) / 100 AS amount
    FROM range(5_000_000) AS numbers(i)
''').write_parquet(sys.argv[1])
"""

READ = """
import sys
from datetime import date
import duckdb
import planalloc as pa
duckdb.sql('SET enable_progress_bar = false')
table = duckdb.sql(f"FROM '{sys.argv[1]}'")
history = pa.Seasonality.from_history(table, by='segment')
shares, reps = {name: 0.125 for name in 'ABCDEFGH'}, [f'rep {i}' for i in range(400)]
problem = pa.PlanningProblem.simple(year=2027, revenue=1, currency='EUR', shares=shares, reps=reps)
if len(sys.argv) > 2:
    table = duckdb.sql(f"SELECT * EXCLUDE ({sys.argv[2]}) FROM '{sys.argv[1]}'")
found = pa.baseline(pa.Actuals(sales=table), problem, start=date(2026, 1, 1), end=date(2026, 12, 31))
of_2026 = f"SELECT sum(CAST(amount * 100 AS BIGINT)) FROM '{sys.argv[1]}' WHERE year(date) = 2026"
sold = sum(sum(row.values()) for row in found.by_rep.values())
assert round(100 * sold) == duckdb.sql(of_2026).fetchall()[0][0]
assert sum(season.years for season in history.seasons) == 8 * 4
print([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])
"""


def run(program: str, *arguments: str) -> str:
    """Run a program of this module in a process of its own, whose memory is all its own."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 -- our own text


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell the peak of a process")
@pytest.mark.parametrize("left_out", [[], ["id"]], ids=["with ids", "without ids"])
def test_five_million_sales_take_less_than_a_gigabyte(tmp_path: Path, left_out: list[str]) -> None:
    """DuckDB adds up seasons and reference weights to the cent; with ids, of which none comes twice, too."""
    path = str(tmp_path / "sales.parquet")
    run(WRITE, path)
    assert int(run(READ, path, *left_out).split()[-1]) < MOST_MEMORY
