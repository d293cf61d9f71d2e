"""Probabilities as the filter can state them: exact, between two exact numbers, or estimated by simulated play."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Bracket:
    """A probability that is proved to lie between two numbers."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Estimate:
    """A share of simulated rounds, with its standard error.

    Parameters
    ----------
    hits, rounds : int
        The event happened in so many of the rounds.
    """

    hits: int
    rounds: int

    @property
    def value(self) -> float:
        """Share of the rounds."""
        return self.hits / self.rounds

    @property
    def stderr(self) -> float:
        """Standard error; of (hits + 1)/(rounds + 2), so that it is not 0 where nothing or everything happened."""
        share = (self.hits + 1) / (self.rounds + 2)
        return math.sqrt(share * (1 - share) / self.rounds)

    def agrees(self, exact: Fraction, errors: float = 5.0) -> bool:
        """Whether an exact probability is within so many standard errors."""
        return abs(self.value - float(exact)) <= errors * self.stderr


Chance = Fraction | Bracket | Estimate


def upper(chance: Chance) -> Fraction | float:
    """The largest number that a chance may stand for; of an estimate the estimate itself."""
    if isinstance(chance, Bracket):
        return chance.high
    return chance.value if isinstance(chance, Estimate) else chance


def union_of_pairs(pairs: Sequence[tuple[int, int]], chances: Sequence[Fraction]) -> Bracket:
    """Bounds on the probability that at least one of several events happens, one event per pair of agents.

    Given an agent's message, its tables with different others are independent, and their law is the same for every
    message. So the events of any pairs without a cycle are independent, in particular every two of them.

    - Below: 1 - Π(1 - p) over a spanning forest, and the inequalities of Bonferroni and of Dawson and Sankoff.
    - Above: Hunter's inequality, the sum of all p less the products along a star at the largest.
    """
    if not chances:
        return Bracket(Fraction(0), Fraction(0))
    if len(chances) == 1:
        return Bracket(chances[0], chances[0])
    single = sum(chances, Fraction(0))
    double = (single**2 - sum((p * p for p in chances), Fraction(0))) / 2
    low = [_forest(pairs, chances), single - double]
    if single:
        k = 1 + math.floor(2 * double / single)
        low.append(2 * single / (k + 1) - 2 * double / (k * (k + 1)))
    largest = max(chances)
    high = min(Fraction(1), single - largest * (single - largest))
    return Bracket(max(low), high)


def _forest(pairs: Sequence[tuple[int, int]], chances: Sequence[Fraction]) -> Fraction:
    """Probability that some event on a spanning forest of likeliest events happens."""
    group = {i: i for pair in pairs for i in pair}
    none = Fraction(1)
    for p, (i, j) in sorted(zip(chances, pairs, strict=True), reverse=True):
        if group[i] != group[j]:
            none *= 1 - p
            old, new = group[i], group[j]
            group = {k: new if g == old else g for k, g in group.items()}
    return 1 - none
