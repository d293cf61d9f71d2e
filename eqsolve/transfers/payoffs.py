"""What agents get in a direct mechanism: every type, after every report, ex post and interim.

All numbers of an agent are integers over one denominator, so that whole tables are computed at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.transfers.problem import ZERO, DirectMechanism

MAX_CELLS = 20_000_000

Table = npt.NDArray[Any]
"""Integers: of 64 bits where they fit, else of any size."""


@dataclass(frozen=True, eq=False)
class Payoffs:
    """Payoffs of a direct mechanism's agents.

    Parameters
    ----------
    mechanism : DirectMechanism

    Raises
    ------
    SizeError
        By the methods, if an agent's types times all profiles are more than `MAX_CELLS`.
    """

    mechanism: DirectMechanism

    def ex_post(self, i: int) -> tuple[Table, int]:
        """Payoffs of agent i, times a common denominator, and that denominator.

        Returns
        -------
        array of shape (types, profiles of earlier agents, types, profiles of later agents), int
            The first index is the true type, the third one the report; the others report the truth.
        """
        return self._ex_post[i]

    @cached_property
    def _ex_post(self) -> list[tuple[Table, int]]:
        return [self._table(i) for i in range(self.mechanism.problem.n)]

    def _table(self, i: int) -> tuple[Table, int]:
        problem = self.mechanism.problem
        size, count = problem.shape[i], len(problem.profiles)
        if size * count > MAX_CELLS:
            raise SizeError(
                f"agent {problem.problem.agents[i].name!r} has {in_words(size * count)} pairs of a type and a profile, "
                f"at most {MAX_CELLS:,} are tabulated; fewer types or points of the grid help"
            )
        worth, worth_scale = _matrix(problem.values[i])
        chances, chance_scale = _matrix(self.mechanism.allocation)
        gross = product(worth, chances.T)
        paid, paid_scale = to_integers([row[i] for row in self.mechanism.transfers])
        scale = math.lcm(worth_scale * chance_scale, paid_scale)
        up, down = scale // (worth_scale * chance_scale), scale // paid_scale
        largest = _largest(gross) * up + max(map(abs, paid), default=0) * down
        kind: Any = np.int64 if largest < 2**62 else object
        net = gross.astype(kind) * up - np.array(paid, dtype=object).astype(kind)[None, :] * down
        stride = problem.strides[i]
        return net.reshape(size, count // (stride * size), size, stride), scale

    def others(self, i: int) -> tuple[Table, int]:
        """Probability of every profile of agents other than i, times a common denominator, and that denominator."""
        chances, scale = np.array([1], dtype=object), 1
        for j, agent in enumerate(self.mechanism.problem.problem.agents):
            if j != i:
                weights, denominator = to_integers(agent.prior)
                chances = np.outer(chances, np.array(weights, dtype=object)).ravel()
                scale *= denominator
        return chances, scale

    def interim(self, i: int) -> tuple[tuple[Fraction, ...], ...]:
        """Expected payoff of agent i's true type (first index) after each report (second), the others truthful."""
        return self._interim[i]

    @cached_property
    def _interim(self) -> list[tuple[tuple[Fraction, ...], ...]]:
        return [self._means(i) for i in range(self.mechanism.problem.n)]

    def _means(self, i: int) -> tuple[tuple[Fraction, ...], ...]:
        table, scale = self.ex_post(i)
        size = table.shape[0]
        chances, denominator = self.others(i)
        flat = table.transpose(0, 2, 1, 3).reshape(size * size, -1)
        means = product(flat, chances.reshape(-1, 1)).reshape(size, size)
        return tuple(tuple(Fraction(int(x), scale * denominator) for x in row) for row in means)

    def utilities(self, i: int) -> tuple[Fraction, ...]:
        """Interim payoff U_i of each type of agent i under the truth."""
        return tuple(row[u] for u, row in enumerate(self.interim(i)))

    def ex_ante(self, i: int) -> Fraction:
        """Expected payoff of agent i under the truth."""
        prior = self.mechanism.problem.problem.agents[i].prior
        return sum((p * x for p, x in zip(prior, self.utilities(i), strict=True)), ZERO)

    def payments(self, i: int) -> tuple[Fraction, ...]:
        """What agent i expects to pay at each of its types."""
        return self._payments[i]

    @cached_property
    def _payments(self) -> list[tuple[Fraction, ...]]:
        return [self._mean_payments(i) for i in range(self.mechanism.problem.n)]

    def _mean_payments(self, i: int) -> tuple[Fraction, ...]:
        problem = self.mechanism.problem
        paid, scale = to_integers([row[i] for row in self.mechanism.transfers])
        stride, size = problem.strides[i], problem.shape[i]
        chances, denominator = self.others(i)
        cube = np.array(paid, dtype=object).reshape(-1, size, stride).transpose(1, 0, 2).reshape(size, -1)
        means = product(cube, chances.reshape(-1, 1)).ravel()
        return tuple(Fraction(int(x), scale * denominator) for x in means)

    def payment(self, i: int) -> Fraction:
        """What agent i expects to pay."""
        prior = self.mechanism.problem.problem.agents[i].prior
        return sum((p * x for p, x in zip(prior, self.payments(i), strict=True)), ZERO)


def product(left: Table, right: Table) -> Table:
    """Matrix product, by machine integers where nothing can overflow."""
    if _largest(left) * _largest(right) * left.shape[1] < 2**62:
        return np.asarray(left.astype(np.int64) @ right.astype(np.int64))
    return np.asarray(left.astype(object) @ right.astype(object))


def _matrix(rows: tuple[tuple[Fraction, ...], ...]) -> tuple[Table, int]:
    flat, scale = to_integers([x for row in rows for x in row])
    return np.array(flat, dtype=object).reshape(len(rows), -1), scale


def _largest(table: Table) -> int:
    return max(abs(int(table.max())), abs(int(table.min()))) if table.size else 0
