"""The figures of docs/collusion.md."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

import eqsolve as eq
from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.frontier import Frontier
from eqsolve.collusion.limit import LimitFrontier
from eqsolve.collusion.opposite import survival

PAGE = (Path(__file__).parents[2] / "docs" / "collusion.md").read_text(encoding="utf-8")


def rows(heading):
    """Cells of the first table after a heading."""
    part = PAGE.split(heading, 1)[1]
    lines = part[part.index("| K |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("row", rows("## The frontier"), ids=lambda row: row[0])
def test_frontier(row):
    epsilons = [Fraction(0), Fraction(1, 4), None]
    many = row[0] == "many"
    coalition = Coalition(eq.load("collusion").link(4 if many else int(row[0])), (1, 2))
    frontier = LimitFrontier(coalition) if many else Frontier(coalition)
    for epsilon, cell in zip(epsilons, row[1:], strict=True):
        total = frontier.point(epsilon).total
        assert cell == "nothing passes" if total is None else Fraction(cell.split(" ")[0]) == total


@pytest.mark.parametrize("row", rows("## The fixed opposite plan")[:5], ids=lambda row: row[0])
def test_fixed_opposite_plan(row):
    coalition = Coalition(eq.load("collusion").link(int(row[0])), (1, 2))
    for epsilon, gain in re.findall(r"([\d/]+): ([\d/]+)", row[1]):
        assert survival(coalition, Fraction(epsilon)).deviation.gain == Fraction(gain)
