"""Values on the grid as integer arrays over one denominator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from eqsolve.errors import SizeError
from eqsolve.exact.rational import common_denominator, in_words, to_integers
from eqsolve.interdependent.model import InterdependentModel, dot

MAX_ENTRIES = 15_000_000
"""Profiles of signals times alternatives."""
MAX_LONG_ENTRIES = 1_000_000
"""The same, if numbers are too long for machine integers."""
SAFE = 2**61
"""Below this, integers and sums of two of them fit into 64 bits."""

Array = np.ndarray[Any, Any]


def number_type(bound: int) -> Any:
    """The numpy type that holds integers up to `bound` in size: machine integers, or Python's of any length."""
    return np.int64 if bound < SAFE else object


@dataclass(frozen=True, eq=False)
class ValueTables:
    """The values of a model on its grid, multiplied by `scale` so that they are integers.

    Parameters
    ----------
    model : InterdependentModel
    scale : int
    effects : N × N arrays of T_j × K integers
        ``effects[i][j]``: what agent j's signal adds to agent i's value of each alternative.
    constants : N arrays of K integers
    weights : N arrays of T_j integers
        Probabilities of agent j's signals times `totals[j]`.
    totals : N ints
    bound : int
        No sum of values over agents is larger in size.
    """

    model: InterdependentModel
    scale: int
    effects: tuple[tuple[Array, ...], ...]
    constants: tuple[Array, ...]
    weights: tuple[Array, ...]
    totals: tuple[int, ...]
    bound: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of signals of each agent."""
        return self.model.shape

    @property
    def exact_type(self) -> Any:
        """The numpy type of the entries."""
        return number_type(self.bound)

    def private(self, i: int) -> Array:
        """What agent i's signal adds to its own values: T_i × K."""
        return self.effects[i][i]

    def social(self, j: int) -> Array:
        """What agent j's signal adds to the sum of values: T_j × K."""
        return sum((rows[j] for rows in self.effects[1:]), start=self.effects[0][j])

    def welfare(self) -> Array:
        """Sum of values at every profile: shape + (K,)."""
        total = sum(self.constants[1:], start=self.constants[0])
        return _spread([self.social(j) for j in range(len(self.shape))], total)

    def from_others(self, i: int) -> Array:
        """Agent i's values of the alternatives before its own signal adds to them: (product of the others' T) × K."""
        parts = [self.effects[i][j] for j in range(len(self.shape)) if j != i]
        return _spread(parts, self.constants[i]).reshape(-1, len(self.model.alternatives))

    def chances(self, i: int) -> Array:
        """Probability of each profile of the others' signals times the product of their `totals`, flat."""
        others = [j for j in range(len(self.shape)) if j != i]
        bound = math.prod(self.totals[j] for j in others)
        total = np.ones((), dtype=number_type(bound))
        for j in others:
            total = total[..., None] * self.weights[j].astype(number_type(bound))
        return total.reshape(-1)


def tabulate(model: InterdependentModel) -> ValueTables:
    """Values of a model on its grid.

    Raises
    ------
    SizeError
        If there are more than `MAX_ENTRIES` profiles times alternatives (`MAX_LONG_ENTRIES` if numbers are too long
        for machine integers).
    """
    n, options = len(model.agents), range(len(model.alternatives))
    size = math.prod(model.shape) * len(model.alternatives)
    _check_size(size, MAX_ENTRIES)
    exact = [
        [[[dot(model.coefficients[i][k][j], s) for k in options] for s in model.agents[j].signals] for j in range(n)]
        for i in range(n)
    ]
    scale = common_denominator(
        x for rows in (*(t for by in exact for t in by), model.constants) for row in rows for x in row
    )
    whole = [[[[int(x * scale) for x in row] for row in table] for table in by] for by in exact]
    constants = [[int(x * scale) for x in row] for row in model.constants]
    largest = max(abs(x) for row in constants for x in row) + sum(
        max(max(abs(x) for row in whole[i][j] for x in row) for i in range(n)) for j in range(n)
    )
    bound = 4 * n * largest
    kind = number_type(bound)
    if kind is object:
        _check_size(size, MAX_LONG_ENTRIES)
    laws = [to_integers(agent.probs) for agent in model.agents]
    return ValueTables(
        model,
        scale,
        tuple(tuple(np.array(t, dtype=kind) for t in by) for by in whole),
        tuple(np.array(row, dtype=kind) for row in constants),
        tuple(np.array(weights, dtype=number_type(total)) for weights, total in laws),
        tuple(total for _, total in laws),
        bound,
    )


def others_first(array: Array, i: int) -> Array:
    """Array over profiles as T_i × (product of the others' T)."""
    moved = np.moveaxis(array, i, 0)
    return moved.reshape(moved.shape[0], -1)


def profile_of(shape: Sequence[int], i: int, signal: int, rest: int) -> tuple[int, ...]:
    """Profile from agent i's signal and the flat position of the others'."""
    others = [size for j, size in enumerate(shape) if j != i]
    found = [int(x) for x in np.unravel_index(rest, others)] if others else []
    found.insert(i, int(signal))
    return tuple(found)


def as_fraction(value: Any, scale: int) -> Fraction:
    """An entry of an array over a denominator."""
    return Fraction(int(value), scale)


def _spread(parts: Sequence[Array], constant: Array) -> Array:
    """Sum of the tables of several agents over all profiles of their signals: T_1 × ... × K."""
    total = constant
    for part in parts:
        total = total[..., None, :] + part
    return total


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise SizeError(
            f"{in_words(size)} profiles of signals times alternatives, at most {limit:,}; "
            "take a coarser grid (--points)"
        )
