"""Groves mechanisms over linked issues with ex ante balanced lump sums: who takes part (Fang and Norman, section 5).

An agent's interim payoff above the status quo is a sum over issues of what its type there is worth, plus a constant
(17), (19); so the probability of taking part is that of a sum of independent scores.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError
from eqsolve.participation.issue import Economy
from eqsolve.participation.sums import Draws, Share, reaching


def draws(economy: Economy, i: int) -> tuple[Draws, ...]:
    """Agent i's types, a group of alike issues after the other."""
    return tuple(Draws(issue.priors[i], count) for issue, count in economy.groups)


@dataclass(frozen=True, eq=False)
class LinkedGroves:
    """The Groves mechanism (15), (16) over the issues of an economy.

    Truth is dominant, decisions are efficient and the budget balances in expectation: agent i pays V_i − S_K plus a
    lump sum that does not depend on what it says.

    Parameters
    ----------
    economy : Economy
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    SizeError, LimitReached
        From the methods, as `eqsolve.participation.sums.reaching`.
    """

    economy: Economy
    deadline: float | None = None

    def scores(self, i: int) -> tuple[tuple[Fraction, ...], ...]:
        """What every type of agent i adds to its payoff above the status quo, E[s_k | θ] − r_k(θ), per group."""
        return tuple(
            tuple(s - r for s, r in zip(issue.surplus_given(i, issue.priors), issue.reserve[i], strict=True))
            for issue, _ in self.economy.groups
        )

    def constant(self, i: int) -> Fraction:
        """What agent i's payoff is above the sum of its scores: minus the lump sum."""
        return -self.economy.lump_sums[i]

    def gain(self, i: int, types: Sequence[int]) -> Fraction:
        """Interim payoff of a type vector above the status quo, U_i − R_i of (17); `types` has one type per issue."""
        return total(self.economy, self.scores(i), types) + self.constant(i)

    def willing(self, i: int) -> Share:
        """The type vectors of agent i whose participation constraint (11) holds."""
        return reaching(draws(self.economy, i), self.scores(i), self.constant(i), deadline=self.deadline)

    @cached_property
    def holds(self) -> tuple[Fraction, ...]:
        """Probability that the participation constraint holds, per agent, (19)."""
        return tuple(self.willing(i).probability for i in range(self.economy.n))

    @property
    def all_hold(self) -> Fraction:
        """Probability that everybody's participation constraint holds; agents are independent."""
        return math.prod(self.holds, start=Fraction(1))


def total(economy: Economy, scores: Sequence[Sequence[Fraction]], types: Sequence[int]) -> Fraction:
    """Sum of scores (per group and type) over the issues, given one type per issue.

    Raises
    ------
    ModelError
        Unless there is one type per issue.
    """
    if len(types) != economy.size:
        raise ModelError(f"found {len(types)} types, expected one per issue, {economy.size}")
    place = {issue: g for g, (issue, _) in enumerate(economy.groups)}
    return sum((scores[place[issue]][u] for issue, u in zip(economy.issues, types, strict=True)), Fraction(0))
