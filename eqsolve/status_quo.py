"""Walking away: after the decision on a problem any agent may send that problem to the status quo.

Whoever is worse off by the decision than by the status quo walks away, and one agent suffices; an indifferent agent
stays (Jackson and Sonnenschein 2003, Other Desired Conditions: Individual Rationality). Who walks depends on true
types, so what an agent gets on a problem depends on everybody's true and announced type there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.errors import SizeError
from eqsolve.exact.rational import common_denominator, in_words, to_integers
from eqsolve.problem import DecisionProblem, Profile
from eqsolve.rule import Lottery

MAX_CELLS = 5_000_000

Tensor = npt.NDArray[np.object_]


def mean_over(tensor: Tensor, laws: Sequence[Sequence[Fraction]]) -> Fraction:
    """Mean of the entries of a tensor of whole numbers whose axes are drawn independently from these laws."""
    value: Any = tensor
    scale = 1
    for law in reversed(laws):
        weights, unit = to_integers(law)
        value = value @ np.array(weights, dtype=object)
        scale *= unit
    return Fraction(int(value), scale)


@dataclass(frozen=True, eq=False)
class WalkingAway:
    """What happens on a problem when everybody may walk away from its decision.

    Parameters
    ----------
    problem : DecisionProblem
    lotteries : mapping of announced profile to lottery
    status_quo : int
        Index of the decision that is taken when somebody walks away.

    Raises
    ------
    SizeError
        If pairs of true and announced profiles are more than `MAX_CELLS`.
    """

    problem: DecisionProblem
    lotteries: Mapping[Profile, Lottery]
    status_quo: int

    def __post_init__(self) -> None:
        size = math.prod(self.problem.shape) ** 2
        if size > MAX_CELLS:
            raise SizeError(
                f"with walking away there are {in_words(size)} pairs of true and announced profiles, at most "
                f"{MAX_CELLS:,}; fewer agents or types help"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of types of all agents, true ones and then announced ones."""
        return self.problem.shape * 2

    @cached_property
    def leaves(self) -> npt.NDArray[np.bool_]:
        """Whether somebody walks away: true profiles (in the order of `DecisionProblem.profiles`) × decisions."""
        worth = [[self.problem.utility(i, u) for u in range(size)] for i, size in enumerate(self.problem.shape)]
        worse = [[[w < row[self.status_quo] for w in row] for row in rows] for rows in worth]
        return np.array(
            [
                [any(worse[i][u][d] for i, u in enumerate(profile)) for d in range(len(self.problem.decisions))]
                for profile in self.problem.profiles()
            ]
        )

    @cached_property
    def tensors(self) -> tuple[tuple[Tensor, int], ...]:
        """Per agent what it gets, times a common denominator, and that denominator; axes as in `shape`."""
        return tuple(self._tensor(i) for i in range(self.problem.n))

    def walks(self, laws: Sequence[Sequence[Fraction]]) -> Fraction:
        """Probability that somebody walks away from a problem.

        Parameters
        ----------
        laws : one per agent
            Joint law of its true and announced type, flat, true types slowly.
        """
        tensor, scale = self._walks
        return mean_over(tensor, laws) / scale

    @cached_property
    def _walks(self) -> tuple[Tensor, int]:
        """Probability that somebody walks away, times a common denominator; axes are pairs of types, one per agent."""
        tensor, scale = self._expected(self.leaves.astype(int).astype(object), 1)
        n = self.problem.n
        order = [axis for i in range(n) for axis in (i, n + i)]
        return tensor.transpose(order).reshape([size * size for size in self.problem.shape]), scale

    def _tensor(self, i: int) -> tuple[Tensor, int]:
        rows = []
        for leaves, profile in zip(self.leaves.tolist(), self.problem.profiles(), strict=True):
            worth = self.problem.utility(i, profile[i])
            rows.append([worth[self.status_quo] if gone else w for gone, w in zip(leaves, worth, strict=True)])
        scale = common_denominator(itertools.chain.from_iterable(rows))
        return self._expected(np.array([[int(w * scale) for w in row] for row in rows], dtype=object), scale)

    def _expected(self, outcomes: npt.NDArray[Any], scale: int) -> tuple[Tensor, int]:
        """Means over the announced lotteries of numbers per true profile and decision."""
        flat, denominator = to_integers([p for lottery in self.lotteries.values() for p in lottery])
        chances = np.array(flat, dtype=object).reshape(len(self.lotteries), -1).T
        largest = max((abs(int(x)) for x in outcomes.flat), default=0) * denominator
        if largest < 2**62:
            product = (outcomes.astype(np.int64) @ chances.astype(np.int64)).astype(object)
        else:
            product = outcomes @ chances
        common = math.gcd(scale * denominator, *(int(x) for x in np.unique(product)))
        return (product // common).reshape(self.shape), scale * denominator // common

    def is_relevant(self, i: int) -> bool:
        """Whether agent i's announcements move anybody's payoff at true types that can occur."""
        possible = [[u for u, p in enumerate(a.prior) if p] for a in self.problem.agents]
        announced = [range(size) for size in self.problem.shape]
        for tensor, _ in self.tensors:
            slices = np.moveaxis(tensor[np.ix_(*possible, *announced)], self.problem.n + i, 0)
            if any((part != slices[0]).any() for part in slices[1:]):
                return True
        return False

    def met(self, i: int, active: Sequence[int], fixed: Sequence[int | slice]) -> tuple[Tensor, int]:
        """What agent i gets, by its true type and what is met of the active agents; see `LinkedGame.met_values`.

        Parameters
        ----------
        i : int
        active : agents with a choice that matters
        fixed : per agent what it announces, a slice for the active ones
        """
        n = self.problem.n
        tensor, scale = self.tensors[i]
        tensor = tensor[(*[slice(None)] * n, *fixed)]
        for j in reversed(range(n)):
            if j != i and j not in active:
                weights, denominator = to_integers(self.problem.agents[j].prior)
                tensor = np.tensordot(tensor, np.array(weights, dtype=object), axes=(j, 0))
                scale *= denominator
        true = [j for j in range(n) if j == i or j in active]
        order = [true.index(i)]
        for k, j in enumerate(active):
            order += ([] if j == i else [true.index(j)]) + [len(true) + k]
        sizes = [self.problem.shape[j] ** (1 if j == i else 2) for j in active]
        return tensor.transpose(order).reshape(self.problem.shape[i], *sizes), scale
