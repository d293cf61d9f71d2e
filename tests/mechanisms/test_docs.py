"""What docs/optimal.md prints is what is computed: Python examples, and figures that other tests do not have."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import eqsolve as eq
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.mechanisms.taking_turns import taking_turns

TEXT = (Path(__file__).parents[2] / "docs" / "optimal.md").read_text(encoding="utf-8")
SLOW = ("best_strategy_proof(votes)", "compare(")


def rows(heading):
    """Cells of the lines of a table below a heading."""
    part = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if re.match(r"\| \d", line)
    ]


def test_python_examples_run():
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 3
    space = {}
    for block in sorted(blocks, key=lambda b: "import eqsolve" not in b):
        lines = [line for line in block.splitlines() if not line.startswith(SLOW)]
        exec(compile("\n".join(lines), "docs/optimal.md", "exec"), space)


@pytest.mark.parametrize("row", rows("Taking turns"), ids=lambda row: f"K = {row[0]}")
def test_taking_turns(row):
    copies, linking, sincere, foresighted = int(row[0]), *map(Fraction, row[1:4])
    model = eq.load("object")
    assert LabelFreeForm(model.link(copies)).payoff(0) == linking
    for play, printed in (("sincere", sincere), ("foresighted", foresighted)):
        assert (
            max(taking_turns(model.problem, copies, order, play).payoffs[0] for order in ("round robin", "snake"))
            == (taking_turns(model.problem, copies, "round robin", play).payoffs[0])
            == printed
        )


def test_turns_and_linking():
    model = eq.load("object")
    for copies in range(3, 9):
        assert taking_turns(model.problem, copies).payoffs[0] > LabelFreeForm(model.link(copies)).payoff(0)
    heirs = eq.load("taking-turns").problem
    for order in ("round robin", "snake"):
        for play in ("sincere", "foresighted"):
            assert set(taking_turns(heirs, 3, order, play).payoffs) == {Fraction(64, 81)}
    assert taking_turns(model.problem, 4, "snake", "foresighted").payoffs[0] == Fraction(881, 256)


@pytest.mark.parametrize("row", rows("Walking away"), ids=lambda row: f"K = {row[0]}")
def test_walking_away(row):
    payoff, share = (Fraction(cell.partition(" = ")[0]) for cell in row[1:3])
    model = eq.load("bargaining")
    walking = replace(model, options=replace(model.options, walk_away="no_trade"))
    found = eq.solve(walking.link(int(row[0])), form="label-free")
    assert found.complete
    assert {e.payoffs for e in found.equilibria} == {(payoff, payoff)}
    assert {(e.walks, e.truthful) for e in found.equilibria} == {(share, "no")}


def test_the_largest_probability_of_trade(run):
    trade = ["--values", "trade_at_5=1,trade_at_2=1,trade_at_8=1", "--weights", "1=0,2=0"]
    quo = ["--participation", "problem", "--status-quo", "no_trade"]
    code, out, _ = run("optimal", "bargaining", "-k", "1:2", *quo, *trade, "--json")
    assert code == 0
    for figure in re.search(r"is ([\d/]+) at K = 1 and ([\d/]+) at K = 2", " ".join(TEXT.split())).groups():
        assert f'"welfare": "{figure}"' in out
