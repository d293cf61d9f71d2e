"""Calibration of the correlation filter: false alarms and power for a given ε, the smallest ε for given false alarms.

Under independent label-free play messages are independent and uniform in their budgets, whatever the strategies are.
Given agent i's message, its tables with the others are independent, and each is multivariate hypergeometric. Hence for
the pairwise distance P(d_i ≤ ε) = Π_j P(table of i and j in a box), exactly. The distances of different agents hang
together; that some agent is flagged (*family-wise*) is exact where at most two agents choose or all joint tables can be
listed, and lies between exact bounds elsewhere. The joint distance needs the list.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, SizeError
from eqsolve.filter.boxes import chance, distance_box
from eqsolve.filter.chances import Bracket, union_of_pairs, upper
from eqsolve.filter.distance import PAIRWISE, check_kind
from eqsolve.filter.joint_tables import JointLaw, joint_law
from eqsolve.filter.panel import Panel
from eqsolve.linking import LinkedGame


@dataclass(frozen=True, eq=False)
class Calibration:
    """Exact probabilities that the filter flags.

    Parameters
    ----------
    panel : Panel
    kind : {"pairwise", "joint"}
        The distance.

    Notes
    -----
    An agent is flagged when its distance is larger than ε. Methods raise SizeError where the exact answer is out of
    reach; simulated play (`eqsolve.filter.simulation`) estimates it then.
    """

    panel: Panel
    kind: str = PAIRWISE

    def __post_init__(self) -> None:
        check_kind(self.panel, self.kind)

    @classmethod
    def of(cls, source: Panel | LinkedGame, kind: str = PAIRWISE) -> Calibration:
        """Calibration for a panel or a linked game."""
        return cls(Panel.of_game(source) if isinstance(source, LinkedGame) else source, kind)

    @cached_property
    def law(self) -> JointLaw:
        """Joint law of all distances, from all joint tables.

        Raises
        ------
        SizeError
            If there are too many of them.
        """
        found = self._listed
        if isinstance(found, SizeError):
            raise found
        return found

    @cached_property
    def _listed(self) -> JointLaw | SizeError:
        """The joint law, or why it is out of reach."""
        try:
            return joint_law(self.panel, self.kind)
        except SizeError as error:  # kept, so that a search for ε does not try again at every step
            return error

    @cached_property
    def pairs_decide(self) -> bool:
        """Whether tables of two agents determine each agent's distance."""
        return self.kind == PAIRWISE or len(self.panel.choosing) <= 2

    def false_alarm(self, epsilon: Fraction, at_least: bool = False) -> tuple[Fraction, ...]:
        """Probability that each agent is flagged although everybody plays independently and label-free.

        Parameters
        ----------
        epsilon : Fraction
        at_least : bool
            Count distances equal to ε, too: the p-value of an observed distance.
        """
        return tuple(self.agent_alarm(i, epsilon, at_least) for i in range(self.panel.n))

    def agent_alarm(self, i: int, epsilon: Fraction, at_least: bool = False) -> Fraction:
        """Probability that agent i is flagged; see `false_alarm`."""
        if epsilon < 0 or (at_least and epsilon == 0):
            return Fraction(1)
        if i not in self.panel.choosing:
            return Fraction(0)
        if not self.pairs_decide:
            return self.law.exceeds((i,), epsilon, strict=not at_least)
        others = [j for j in self.panel.choosing if j != i]
        return 1 - math.prod((self.pair_within(i, j, epsilon, at_least) for j in others), start=Fraction(1))

    def pair_within(self, i: int, j: int, epsilon: Fraction, strict: bool = False) -> Fraction:
        """Probability that i's distance from j alone is at most (`strict`: below) ε."""
        return chance(distance_box(self.panel.budgets[i], self.panel.budgets[j], epsilon, strict))

    def family_wise(self, epsilon: Fraction, at_least: bool = False) -> Fraction | Bracket:
        """Probability that some agent is flagged although everybody plays independently and label-free.

        Exact where at most two agents choose or all joint tables can be listed; else between exact bounds, for the
        pairwise distance only.
        """
        if epsilon < 0 or (at_least and epsilon == 0):
            return Fraction(1)
        bounds = self.family_bounds(epsilon, at_least) if self.pairs_decide else None
        if bounds is not None and bounds.low == bounds.high:
            return bounds.low
        try:
            return self.law.exceeds(self.panel.choosing, epsilon, strict=not at_least)
        except SizeError:
            if bounds is None:
                raise
            return bounds

    def family_bounds(self, epsilon: Fraction, at_least: bool = False) -> Bracket:
        """Exact bounds on the family-wise false alarm from pairs of agents (pairwise distance)."""
        pairs = list(itertools.combinations(self.panel.choosing, 2))
        alarms = []
        for i, j in pairs:
            own, other = self.panel.budgets[i], self.panel.budgets[j]
            both = (
                distance_box(own, other, epsilon, at_least) & distance_box(other, own, epsilon, at_least).transposed()
            )
            alarms.append(1 - chance(both))
        return union_of_pairs(pairs, alarms)

    def values(self, i: int) -> list[Fraction]:
        """Distances that agent i may be at, increasing (a few that no table attains may be among them)."""
        if i not in self.panel.choosing:
            return [Fraction(0)]
        if not self.pairs_decide:
            return self.law.values((i,))
        copies = self.panel.copies
        own = {b for b in self.panel.budgets[i] if b}
        theirs = {b for j in self.panel.choosing if j != i for b in self.panel.budgets[j] if b}
        common = math.lcm(*own)
        found = {
            abs(copies * count - r * c) * (common // r)
            for r in own
            for c in theirs
            for count in range(max(0, r + c - copies), min(r, c) + 1)
        }
        return [Fraction(value, copies * common) for value in sorted(found or {0})]

    def epsilon_for(self, alpha: Fraction, family_wise: bool = False) -> Fraction:
        """The smallest ε with false alarms of at most α.

        Parameters
        ----------
        alpha : Fraction
        family_wise : bool
            Bound the probability that somebody is flagged instead of each agent's. Where that is known between bounds
            only, the upper one is held against α: ε may then be larger than need be, never too small.
        """
        if not 0 <= alpha <= 1:
            raise ModelError(f"alpha: found {alpha}, expected a probability")
        choosing = self.panel.choosing
        if family_wise:
            candidates = sorted({Fraction(0), *(value for i in choosing for value in self.values(i))})
            return smallest(candidates, lambda epsilon: upper(self.family_wise(epsilon)) <= alpha)
        done: dict[tuple[object, ...], Fraction] = {}
        for i in choosing:
            key = self._kin(i)
            if key not in done:
                done[key] = self._agent_epsilon(i, alpha)
        return max(done.values(), default=Fraction(0))

    def _agent_epsilon(self, i: int, alpha: Fraction) -> Fraction:
        """The smallest ε with at most so many false alarms of one agent."""
        candidates = sorted({Fraction(0), *self.values(i)})
        return smallest(candidates, lambda epsilon: self.agent_alarm(i, epsilon) <= alpha)

    def alpha_for(self, epsilon: Fraction, family_wise: bool = False) -> Fraction | Bracket:
        """The false alarms that ε stands for: of the agent with the most, or family-wise."""
        return self.family_wise(epsilon) if family_wise else max(self.false_alarm(epsilon))

    def least(self, i: int) -> Fraction:
        """The smallest distance that agent i can be at: an ε below it flags the agent always."""
        return smallest(self.values(i), lambda epsilon: self.agent_alarm(i, epsilon) < 1)

    def _kin(self, i: int) -> tuple[object, ...]:
        """Agents with the same own and other budgets have the same law."""
        others = sorted(tuple(sorted(self.panel.budgets[j])) for j in self.panel.choosing if j != i)
        return (tuple(sorted(self.panel.budgets[i])), tuple(others))


def smallest(candidates: Sequence[Fraction], holds: Callable[[Fraction], bool]) -> Fraction:
    """The first of increasing candidates from which on a property holds; it holds at the last.

    Looks from below with growing steps, then bisects: the tables within a small distance are few and quickly counted.
    """
    low, high, step = 0, len(candidates) - 1, 1
    while low + step < high and not holds(candidates[low + step]):
        low, step = low + step + 1, 2 * step
    high = min(high, low + step)
    while low < high:
        middle = (low + high) // 2
        if holds(candidates[middle]):
            high = middle
        else:
            low = middle + 1
    return candidates[low]


def false_alarm(source: Panel | LinkedGame, epsilon: Fraction, kind: str = PAIRWISE) -> tuple[Fraction, ...]:
    """Probability that each agent is flagged by chance; see `Calibration.false_alarm`."""
    return Calibration.of(source, kind).false_alarm(epsilon)


def family_wise(source: Panel | LinkedGame, epsilon: Fraction, kind: str = PAIRWISE) -> Fraction | Bracket:
    """Probability that somebody is flagged by chance; see `Calibration.family_wise`."""
    return Calibration.of(source, kind).family_wise(epsilon)


def epsilon_for(
    source: Panel | LinkedGame, alpha: Fraction, family_wise: bool = False, kind: str = PAIRWISE
) -> Fraction:
    """The smallest ε with false alarms of at most α; see `Calibration.epsilon_for`."""
    return Calibration.of(source, kind).epsilon_for(alpha, family_wise)


def alpha_for(
    source: Panel | LinkedGame, epsilon: Fraction, family_wise: bool = False, kind: str = PAIRWISE
) -> Fraction | Bracket:
    """The false alarms that ε stands for; see `Calibration.alpha_for`."""
    return Calibration.of(source, kind).alpha_for(epsilon, family_wise)
