"""Strategy-proof linking: several different problems, each with a strategy-proof rule, improved together.

Where some decisions d¹, d², ... Pareto dominate what the rules choose at the announced types, the mechanism takes them
with a small probability ε (Jackson and Sonnenschein 2003, Theorem 2). Gains from lying are linear in ε, so the largest
ε at which nobody ever gains is computed, by looking at every lie at every profile.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.problem import DecisionProblem
from eqsolve.rule import Lottery, Rule

MAX_CELLS = 5_000_000
"""True types of an agent times announced profiles."""

Types = tuple[int, ...]
"""An agent's types, one for each problem."""
Decisions = tuple[int, ...]
"""A decision for each problem."""
Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Bundle:
    """Different problems of the same agents, decided by a rule each.

    Parameters
    ----------
    rules : tuple of Rule
        Their problems must have the same agents; types are independent across problems.

    Raises
    ------
    ModelError
        If there is no rule, or agents differ.
    SizeError
        If there are too many profiles to look at all lies.
    """

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(self.rules))
        if not self.rules:
            raise ModelError("bundle: found no rule, expected at least one")
        names = [[a.name for a in problem.agents] for problem in self.problems]
        if any(other != names[0] for other in names):
            raise ModelError(f"bundle: found the agents {' and '.join(map(str, names))}, expected the same ones")
        sizes = [math.prod(problem.shape[i] for problem in self.problems) for i in range(self.n)]
        if max(sizes) * math.prod(sizes) > MAX_CELLS:
            raise SizeError(
                f"{in_words(math.prod(sizes))} profiles with {max(sizes):,} lies each, more than {MAX_CELLS:,}; "
                "fewer problems or types help"
            )

    @property
    def problems(self) -> tuple[DecisionProblem, ...]:
        """The decision problems."""
        return tuple(rule.problem for rule in self.rules)

    @property
    def n(self) -> int:
        """Number of agents."""
        return self.problems[0].n

    @cached_property
    def types(self) -> tuple[tuple[Types, ...], ...]:
        """Per agent all its types on all problems together."""
        return tuple(
            tuple(itertools.product(*(range(problem.shape[i]) for problem in self.problems))) for i in range(self.n)
        )

    def chance(self, i: int, types: Types) -> Fraction:
        """Probability of an agent's types."""
        return math.prod(
            (problem.agents[i].prior[u] for problem, u in zip(self.problems, types, strict=True)), start=Fraction(1)
        )

    def utility(self, i: int, types: Types, decisions: Decisions) -> Fraction:
        """What decisions on all problems are worth to an agent."""
        return sum(
            (self.problems[k].utility(i, u)[d] for k, (u, d) in enumerate(zip(types, decisions, strict=True))),
            Fraction(0),
        )

    def lotteries(self, profile: Sequence[Types]) -> tuple[Lottery, ...]:
        """What the rules choose where the agents announce these types: a lottery for every problem."""
        return tuple(rule.lotteries[tuple(t[k] for t in profile)] for k, rule in enumerate(self.rules))

    @cached_property
    def scale(self) -> int:
        """What exact numbers are multiplied by to become whole."""
        worths = [w for p in self.problems for i in range(self.n) for u in range(p.shape[i]) for w in p.utility(i, u)]
        chances = [q for rule in self.rules for lottery in rule.lotteries.values() for q in lottery]
        return to_integers(worths)[1] * to_integers(chances)[1]

    @cached_property
    def worth(self) -> tuple[Array, ...]:
        """Per agent its payoff under the rules, times `scale`: axes are true types, then the announced profile."""
        found = []
        for i in range(self.n):
            total: Any = 0
            for k, rule in enumerate(self.rules):
                problem = rule.problem
                table = np.empty((problem.shape[i], *problem.shape), dtype=object)
                for profile, lottery in rule.lotteries.items():
                    for u in range(problem.shape[i]):
                        worth = zip(lottery, problem.utility(i, u), strict=True)
                        table[(u, *profile)] = int(self.scale * sum((p * w for p, w in worth), Fraction(0)))
                axes = [[t[k] for t in self.types[i]], *([t[k] for t in types] for types in self.types)]
                total = total + table[np.ix_(*axes)]
            found.append(narrow(total))
        return tuple(found)

    def gains(self, i: int, worth: Array) -> Array:
        """Gains of an agent from every lie at every profile; axes are true types, announced types, others' types."""
        own = np.arange(len(self.types[i]))
        by_own = np.moveaxis(worth, i + 1, 1)
        gains: Array = by_own - by_own[own, own][:, None]
        return gains

    @cached_property
    def is_strategy_proof(self) -> bool:
        """Whether nobody gains by lying under the rules, whatever the others announce."""
        return all(int(self.gains(i, self.worth[i]).max()) <= 0 for i in range(self.n))

    @cached_property
    def has_strict_preferences(self) -> bool:
        """Whether no type is indifferent between two decisions, as the theorem asks."""
        return all(
            len(set(problem.utility(i, u))) == len(problem.decisions)
            for problem in self.problems
            for i in range(self.n)
            for u in range(problem.shape[i])
        )

    def payoffs(self) -> tuple[Fraction, ...]:
        """Ex ante payoff of every agent under the rules, summed over the problems."""
        return tuple(sum(column, Fraction(0)) for column in zip(*(rule.target() for rule in self.rules), strict=True))

    def improvements(self) -> Iterator[Mixture]:
        """The mixtures with all decisions that Pareto dominate the rules somewhere."""
        for better in itertools.product(*(range(len(problem.decisions)) for problem in self.problems)):
            mixture = Mixture(self, better)
            if mixture.improved.any():
                yield mixture


@dataclass(frozen=True, eq=False)
class Mixture:
    """The mechanism of Theorem 2: with probability ε other decisions, wherever they Pareto dominate.

    Parameters
    ----------
    bundle : Bundle
    better : tuple of int
        The decisions d¹, d², ..., one for each problem.
    """

    bundle: Bundle
    better: Decisions

    def _other(self, i: int) -> Array:
        """Utility of the better decisions by true types, times `scale`."""
        values = [int(self.bundle.scale * self.bundle.utility(i, t, self.better)) for t in self.bundle.types[i]]
        return np.array(values, dtype=self.bundle.worth[i].dtype)

    @cached_property
    def improved(self) -> npt.NDArray[np.bool_]:
        """Announced profiles at which the decisions Pareto dominate: nobody loses, somebody gains."""
        bundle, gains = self.bundle, []
        for i in range(bundle.n):
            own = np.arange(len(bundle.types[i]))
            honest = np.moveaxis(bundle.worth[i], i + 1, 1)[own, own]
            shaped = (-1, *(1,) * (bundle.n - 1))
            gains.append(np.moveaxis(self._other(i).reshape(shaped) - honest, 0, i))
        nobody_loses = np.logical_and.reduce([g >= 0 for g in gains])
        found: npt.NDArray[np.bool_] = nobody_loses & np.logical_or.reduce([g > 0 for g in gains])
        return found

    def _slopes(self, i: int) -> Array:
        """How the payoff of an agent grows with ε: axes as in `Bundle.worth`."""
        worth = self.bundle.worth[i]
        other = self._other(i).reshape(-1, *(1,) * self.bundle.n)
        slopes: Array = np.where(self.improved, other - worth, 0)
        return slopes

    @cached_property
    def largest_epsilon(self) -> Fraction:
        """The largest ε up to 1 such that nobody gains by lying, anywhere; 0 if there is none above."""
        limit = Fraction(1)
        for i in range(self.bundle.n):
            start = self.bundle.gains(i, self.bundle.worth[i])
            slope = self.bundle.gains(i, self._slopes(i))
            rising = slope > 0
            for a, b in set(zip(start[rising].tolist(), slope[rising].tolist(), strict=True)):
                limit = min(limit, Fraction(max(0, -a), b))
        return limit

    def regret(self, epsilon: Fraction) -> Fraction:
        """The largest gain from any lie at any profile, summed over the problems; 0 if there is none."""
        found = Fraction(0)
        for i in range(self.bundle.n):
            start = self.bundle.gains(i, self.bundle.worth[i])
            slope = self.bundle.gains(i, self._slopes(i))
            whole = start.astype(object) * epsilon.denominator + slope.astype(object) * epsilon.numerator
            found = max(found, Fraction(int(whole.max()), epsilon.denominator * self.bundle.scale))
        return found

    def payoffs(self, epsilon: Fraction) -> tuple[Fraction, ...]:
        """Ex ante payoff of every agent under the truth, summed over the problems."""
        bundle, found = self.bundle, list(self.bundle.payoffs())
        for place in np.argwhere(self.improved).tolist():
            profile = [bundle.types[i][t] for i, t in enumerate(place)]
            mass = math.prod((bundle.chance(i, t) for i, t in enumerate(profile)), start=Fraction(1))
            for i, t in enumerate(place):
                gain = int(self._other(i)[t]) - int(bundle.worth[i][(t, *place)])
                found[i] += epsilon * mass * Fraction(gain, bundle.scale)
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        """The better decisions by name."""
        return tuple(p.decisions[d] for p, d in zip(self.bundle.problems, self.better, strict=True))


def narrow(array: Array) -> Array:
    """Whole numbers as int64 where no sum of a few can overflow, else as they are."""
    largest = max(abs(int(array.max())), abs(int(array.min())))
    return array.astype(np.int64) if largest < 2**58 else array
