"""What the page on transfers says is what the program answers."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from eqsolve.cli import cli
from eqsolve.io.transfers_file import parse_transfers
from eqsolve.ledger.transfers_budget import grid_range
from eqsolve.transfers.families import dissolution_range

PAGE = (Path(__file__).parents[2] / "docs" / "transfers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("k", range(3))
def test_python_blocks_run(k):
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) == 3
    exec(compile(blocks[k], f"block {k}", "exec"), {})


def test_the_model_file_of_the_page_is_read():
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert parse_transfers(block).problem(2).shape == (2, 2)


def test_shares_on_grids():
    rows = re.findall(r"^\| (\d+) \| (\S+) to (\S+) \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) == 4
    for m, low, high in rows:
        assert grid_range(int(m)) == (Fraction(low), Fraction(high))
    for n, shown in ((3, "0.7654"), (4, "0.7647")):
        assert shown in PAGE
        assert all(f"{float(end):.4f}" == shown for end in dissolution_range(n)[1])


def test_options_are_those_of_the_verb():
    told = set(re.findall(r"--[a-z][a-z-]+", PAGE.split("## The problem")[0]))
    shown = CliRunner().invoke(cli, ["transfers", "--help"], standalone_mode=False).output
    assert told - {"--model"} <= set(re.findall(r"--[a-z-]+", shown))
