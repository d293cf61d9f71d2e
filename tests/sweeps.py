"""What tests of sweeps share: specs, tables as lists of rows, runs of the command line that can be killed."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

SMALL = """
[[grid]]
random = { seeds = "0:29" }
tasks = ["label-free", "curve"]

[[grid]]
models = "object"
copies = "2:8:2"
tasks = ["curve", { do = "verify", claim = "payoffs-unique" }]
"""
"""68 cases."""

LARGE = """
[limits]
max_seconds = 120

[[grid]]
random = { seeds = "0:149" }
tasks = ["label-free", { do = "verify", claim = "payoffs-unique" }]

[[grid]]
models = "object"
copies = "2:40:2"
tasks = "curve"
[grid.parameters]
"agents.1.types[high].utility.to_1" = [2, 3, 5, 7, 9, 11, 13, 15, 17, 19]
"""
"""500 cases."""


def written(folder: Path, text: str) -> Path:
    """A spec as a file."""
    path = folder / "spec.toml"
    path.write_text(text, encoding="utf-8")
    return path


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a table in CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def finished(store: Path) -> dict[str, str]:
    """When each finished case was written down."""
    if not store.exists():
        return {}
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        return dict(connection.execute("select key, finished from cases"))
    except sqlite3.OperationalError:  # the tables are not there yet
        return {}
    finally:
        connection.close()


def started(*arguments: object) -> subprocess.Popen[str]:
    """``eqsolve sweep`` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "eqsolve", "sweep", *map(str, arguments), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition, process: subprocess.Popen[str], seconds: float = 240.0) -> None:
    """Wait for something to come true while a process is at work."""
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def killed(process: subprocess.Popen[str]) -> None:
    """Kill a process as nothing can be caught."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
