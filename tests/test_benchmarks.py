"""The benchmarks run; what they measure is not tested."""

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "benchmarks"


def test_a_small_run_writes_a_table_and_measurements(tmp_path):
    target = tmp_path / "found.json"
    command = [sys.executable, FOLDER / "run.py", "--family", "coordination", "--sizes", "3", "--games", "2"]
    run = subprocess.run(
        [*command, "--solvers", "eqsolve,lrsnash", "--json", target], capture_output=True, text=True, check=True
    )
    assert "| coordination | 3 × 3 | 2 | 7 |" in run.stdout
    records = json.loads(target.read_text())
    assert [r["count"] for r in records if r["solver"] == "eqsolve"] == [7, 7]
    assert all(r["same"] in (None, True) for r in records)
