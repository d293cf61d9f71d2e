"""Example 3: a public project whose cost is split equally among those who say that they value it.

Three agents value it at 0 or 1, equally likely; it is built when somebody does, and costs c < 1.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

from eqsolve.ledger.settled import Published, Settled, figure

AGENTS = 3
VALUES = (0, 1)


def _from_pretending() -> tuple[Fraction, Fraction]:
    """Expected cost share saved, in units of c, and probability of losing the project, by an agent who values it.

    The agent says 0 instead of 1 against honest others.
    """
    others = list(itertools.product(VALUES, repeat=AGENTS - 1))
    saved = lost = Fraction(0)
    for values in others:
        saved += Fraction(1, 1 + sum(values)) / len(others)
        lost += Fraction(int(sum(values) == 0), len(others))
    return saved, lost


def saving(claim: Published) -> Settled:
    """Example 3: by pretending to have value 0 "the overall expected cost savings is 7/12 c"."""
    return figure(
        claim, [_from_pretending()[0]], "enumeration of the others' values: expected share of an honest agent"
    )


def loss(claim: Published) -> Settled:
    """Example 3: if both others "have a valuation of 0, which happens with probability 1/4", the project is lost."""
    return figure(claim, [_from_pretending()[1]], "enumeration of the others' values")


def threshold(claim: Published) -> Settled:
    """Example 3: "if c > 3/7, then this decision rule is not incentive compatible".

    Pretending gains saved * c - lost * 1, which is linear in c and changes sign at lost/saved. An agent with value 0
    has nothing to gain by saying 1: it would pay for what is worth nothing to it.
    """
    saved, lost = _from_pretending()
    return figure(claim, [lost / saved], "the cost at which the expected saving equals the expected loss")
