"""Theorem 2: two strategy-proof mechanisms whose pair is inefficient, improved by a small chance of better decisions.

Where (d1, d2) Pareto dominates what the mechanisms decide at the announced types, it is taken with probability epsilon.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.exact.rational import text
from eqsolve.ledger.settled import Published, Settled, sentence

IntArray = npt.NDArray[np.int64]
SCALE = 2  # probabilities are multiples of 1/2
Utilities = tuple[tuple[int, ...], ...]
"""An agent's types: utilities of the decisions of one problem."""
Rule = Callable[[int, int], tuple[int, ...]]
"""A mechanism for one problem: announced types of both agents to chances of the decisions, times `SCALE`."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """The mechanism of Theorem 2 for two agents and two problems.

    Parameters
    ----------
    utilities : the types of each agent, the same on both problems
    rules : one mechanism per problem
    better : the decisions d1, d2

    Notes
    -----
    Utilities are whole numbers, so everything here is exact, times `SCALE`. Types on both problems
    together count as one index, in the order of `pairs`.
    """

    utilities: tuple[Utilities, Utilities]
    rules: tuple[Rule, Rule]
    better: tuple[int, int]

    def pairs(self, i: int) -> list[tuple[int, int]]:
        """Agent i's types on both problems."""
        types = range(len(self.utilities[i]))
        return [(u, v) for u in types for v in types]

    @cached_property
    def base(self) -> tuple[IntArray, IntArray]:
        """Utilities under the two mechanisms side by side: shape (true types, announced by 1, announced by 2)."""
        first, second = np.array(self.pairs(0)), np.array(self.pairs(1))
        arrays = []
        for i in (0, 1):
            worth = np.array(self.utilities[i])
            own = np.array(self.pairs(i))
            total = np.zeros((len(own), len(first), len(second)), dtype=np.int64)
            for k, rule in enumerate(self.rules):
                met = np.array(
                    [[rule(u, v) for v in range(len(self.utilities[1]))] for u in range(len(self.utilities[0]))]
                )
                total += np.einsum("td,xyd->txy", worth[own[:, k]], met[np.ix_(first[:, k], second[:, k])])
            arrays.append(total)
        return arrays[0], arrays[1]

    def _other(self, i: int) -> IntArray:
        """Utility of (d1, d2) by true types."""
        worth, own = np.array(self.utilities[i]), np.array(self.pairs(i))
        total: IntArray = SCALE * (worth[own[:, 0], self.better[0]] + worth[own[:, 1], self.better[1]])
        return total

    @cached_property
    def improved(self) -> npt.NDArray[np.bool_]:
        """Announced profiles at which (d1, d2) Pareto dominates."""
        told = np.arange(len(self.pairs(0)))
        first = self._other(0)[:, None] - self.base[0][told, told]
        told = np.arange(len(self.pairs(1)))
        second = self._other(1)[None, :] - self.base[1][told, :, told].T
        dominates: npt.NDArray[np.bool_] = (first >= 0) & (second >= 0) & (first + second > 0)
        return dominates

    def gains(self, i: int) -> tuple[IntArray, IntArray]:
        """Gains of agent i from every lie at every profile: at epsilon = 0, and how they grow with epsilon.

        Shape (true types, announced types, types of the other agent), the other agent being honest.
        """
        extra = np.where(self.improved, self._other(i)[:, None, None] - self.base[i], 0)
        own = np.arange(len(self.pairs(i)))
        found = []
        for array in (self.base[i], extra):
            by_own = array if i == 0 else np.swapaxes(array, 1, 2)
            found.append(by_own - by_own[own, own][:, None, :])
        return found[0], found[1]

    @property
    def is_strategy_proof_without(self) -> bool:
        """Whether the two mechanisms side by side are strategy-proof."""
        return all(int(self.gains(i)[0].max()) <= 0 for i in (0, 1))

    def largest_epsilon(self) -> Fraction:
        """The largest epsilon up to 1 such that nobody gains by lying, anywhere; 0 if there is none above."""
        limit = Fraction(1)
        for i in (0, 1):
            start, slope = (array[self.gains(i)[1] > 0] for array in self.gains(i))
            for a, b in np.unique(np.stack([start, slope], axis=1), axis=0).tolist():
                limit = min(limit, Fraction(-a, b))
        return limit


VOTERS: Utilities = tuple((0, v) for v in (2, 1, -1, -2))


def _voting_rules() -> dict[str, Rule]:
    """Strategy-proof rules for two voters and two decisions: chances of a and b, by who wants b."""

    def decided(by: Callable[[bool, bool], int]) -> Rule:
        def rule(u: int, v: int) -> tuple[int, ...]:
            chance = by(VOTERS[u][1] > 0, VOTERS[v][1] > 0)
            return SCALE - chance, chance

        return rule

    return {
        "a coin where they disagree": decided(lambda x, y: x + y),
        "b if both want it": decided(lambda x, y: SCALE * (x and y)),
        "b if one wants it": decided(lambda x, y: SCALE * (x or y)),
        "agent 1 decides": decided(lambda x, y: SCALE * x),
        "agent 2 decides": decided(lambda x, y: SCALE * y),
        "always b": decided(lambda x, y: SCALE),
    }


def _two_votes() -> tuple[int, Fraction]:
    """All pairs of those rules and all better decisions: how many mixtures, and the least of their largest epsilons."""
    limits = []
    rules, decisions = _voting_rules().values(), (0, 1)
    for f, g, d, e in itertools.product(rules, rules, decisions, decisions):
        mixture = Mixture((VOTERS, VOTERS), (f, g), (d, e))
        if mixture.improved.any():
            if not mixture.is_strategy_proof_without:
                raise ArithmeticError("the votes are strategy-proof")
            limits.append(mixture.largest_epsilon())
    return len(limits), min(limits)


def _menu_with_a_lottery() -> Mixture:
    """A strategy-proof mechanism that offers agent 1 a decision or a lottery between which a type is indifferent.

    Decisions x, y, z; agent 1 values them 2, 1, 0 (type 0) or 4, 1, 0 (type 1), agent 2 values them 1, 2, 0. Type 0
    gets y, type 1 the even lottery over x and z. On the second problem z is taken, whatever is said.
    """

    def menu(u: int, v: int) -> tuple[int, ...]:
        return (1, 0, 1) if u == 1 else (0, SCALE, 0)

    return Mixture((((2, 1, 0), (4, 1, 0)), ((1, 2, 0),)), (menu, lambda u, v: (0, 0, SCALE)), (0, 2))


def theorem(claim: Published) -> Settled:
    """Theorem 2: "there exists a linked mechanism that Pareto dominates [f1, f2] ... and is strategy-proof".

    The mixture of its proof, "for small enough epsilon". Gains from lying are linear in epsilon, so the largest epsilon
    without any is computed: for all pairs of strategy-proof votes on values -2, -1, 1, 2 and all (d1, d2), and for a
    mechanism with a lottery over three decisions. Where it applies the mixture dominates by construction.
    """
    count, least = _two_votes()
    lottery = _menu_with_a_lottery()
    applies = lottery.is_strategy_proof_without and bool(lottery.improved.any())
    limit = lottery.largest_epsilon()
    caveat = (
        "for deterministic mechanisms, and lotteries over two decisions. Case 1 of the proof takes different "
        "outcomes to be strictly worse for a liar; with lotteries over three decisions a type may be indifferent "
        "between two outcomes even though it ranks decisions strictly. Agent 1 values x, y, z at (2,1,0) or "
        "(4,1,0), agent 2 at (1,2,0); the first type gets y, the second x or z by a coin. x dominates the coin and "
        "not y, so the first type gains by saying that it is the second, at every epsilon above 0"
    )
    computed = f"{count} mixtures of two votes are strategy-proof up to epsilon = {text(least)} at least" + (
        f"; one with a lottery over three decisions up to {text(limit)} only" if applies else ""
    )
    method = "all lies at all profiles, gains as linear functions of epsilon"
    return sentence(
        least > 0,
        computed,
        method,
        caveat=caveat if applies and limit == 0 else "",
        wrong="a mixture of votes invites lies",
    )
