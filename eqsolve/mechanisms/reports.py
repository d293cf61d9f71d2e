"""What an agent expects of a mechanism, given its report, when the others are truthful."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.budget import Histogram
from eqsolve.exact.rational import to_integers
from eqsolve.mechanisms.constraints import Candidate, Cell
from eqsolve.mechanisms.orbits import Orbits


@dataclass(frozen=True, eq=False)
class Reports:
    """What an agent expects on a problem, given its report, when the others are truthful.

    Parameters
    ----------
    orbits : Orbits
    i : int
    """

    orbits: Orbits
    i: int

    @cached_property
    def terms(self) -> dict[tuple[Histogram, int], tuple[list[tuple[int, int]], int]]:
        """Per reported histogram and type: blocks with the probability that a problem so reported is there.

        Probabilities are whole numbers over a common denominator, which stands beside them.
        """
        orbits = self.orbits
        found: dict[tuple[Histogram, int], list[tuple[int, Fraction]]] = {}
        for b, (h, p) in enumerate(orbits.blocks):
            reported, v = orbits.margin(h, self.i), orbits.profiles[p][self.i]
            chance = orbits.probabilities[h] * orbits.counts[b] / (orbits.interim[self.i][reported] * reported[v])
            found.setdefault((reported, v), []).append((b, chance))
        whole = {}
        for key, pairs in found.items():
            counts, scale = to_integers([q for _, q in pairs])
            whole[key] = (list(zip([b for b, _ in pairs], counts, strict=True)), scale)
        return whole

    @cached_property
    def worth(self) -> tuple[list[list[int]], int]:
        """Utilities of every type as whole numbers over a common denominator."""
        problem = self.orbits.problem
        rows = [problem.utility(self.i, u) for u in range(problem.shape[self.i])]
        flat, scale = to_integers([w for row in rows for w in row])
        size = len(problem.decisions)
        return [flat[k : k + size] for k in range(0, len(flat), size)], scale

    @cached_property
    def stake(self) -> Fraction:
        """The most that a decision on one problem can matter."""
        rows, scale = self.worth
        return Fraction(max(max(row) - min(row) for row in rows), scale)

    def payoffs(self, candidate: Candidate, reported: Histogram, v: int) -> list[Fraction]:
        """Expected payoff of each true type on a problem that is reported as v in a report with this histogram."""
        terms, below = self.terms[reported, v]
        size = len(self.orbits.problem.decisions)
        lottery = [0] * size
        for b, p in terms:
            for d, q in enumerate(candidate.chances[b]):
                if q:
                    lottery[d] += p * q
        rows, scale = self.worth
        whole = below * candidate.scale * scale
        return [Fraction(sum(q * w for q, w in zip(lottery, row, strict=True) if q), whole) for row in rows]

    def row(self, parts: Sequence[tuple[Histogram, int, int, int]]) -> dict[Cell, Fraction]:
        """Coefficients of a sum over (reported histogram, reported type v, true type u, factor).

        Each part is the expected payoff of u on a problem reported as v, times a factor.
        """
        rows, scale = self.worth
        common = math.lcm(*(self.terms[reported, v][1] for reported, v, _, _ in parts))
        found: dict[Cell, int] = {}
        for reported, v, u, factor in parts:
            terms, below = self.terms[reported, v]
            worth = [(d, w * factor * (common // below)) for d, w in enumerate(rows[u]) if w]
            for b, p in terms:
                for d, w in worth:
                    found[b, d] = found.get((b, d), 0) + p * w
        return {cell: Fraction(q, common * scale) for cell, q in found.items() if q}


def honest(reported: Histogram, factor: int = 1) -> list[tuple[Histogram, int, int, int]]:
    """The parts of a truthful report."""
    return [(reported, u, u, factor * c) for u, c in enumerate(reported) if c]
