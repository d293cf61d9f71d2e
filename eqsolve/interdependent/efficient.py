"""The efficient rule on a grid of signals, with its ties."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from eqsolve.errors import ModelError, NotSupported
from eqsolve.interdependent.model import FIRST, InterdependentModel
from eqsolve.interdependent.tables import Array, ValueTables, number_type, tabulate

MAX_MIXING = 40
"""Alternatives among which ties may be broken by lot."""


@dataclass(frozen=True, eq=False)
class TabulatedRule:
    """What is chosen at every profile of reported signals.

    Parameters
    ----------
    tables : ValueTables
    outcomes : array of the shape of the grid
        Numbers of lotteries.
    shares : O × K integers
        The lotteries over alternatives, times `share_scale`.
    share_scale : int
    """

    tables: ValueTables
    outcomes: Array
    shares: Array
    share_scale: int

    @property
    def model(self) -> InterdependentModel:
        """The model whose signals the rule is defined on."""
        return self.tables.model

    @property
    def scale(self) -> int:
        """Denominator of values of lotteries."""
        return self.tables.scale * self.share_scale

    def lottery(self, profile: tuple[int, ...]) -> tuple[Fraction, ...]:
        """Probabilities of the alternatives where these signals are reported."""
        row = self.shares[int(self.outcomes[profile])]
        return tuple(Fraction(int(x), self.share_scale) for x in row)

    def words(self, profile: tuple[int, ...]) -> str:
        """The alternatives that are chosen where these signals are reported."""
        names = self.model.alternatives
        return " or ".join(name for name, p in zip(names, self.lottery(profile), strict=True) if p)

    def private(self, i: int) -> Array:
        """What agent i's signal adds to its own value of every lottery: T_i × O integers over `scale`."""
        found: Array = self.tables.private(i) @ self.shares.T.astype(self.value_type)
        return found

    def from_others(self, i: int) -> Array:
        """Agent i's value of every lottery before its own signal adds to it: (others' profiles) × O, over `scale`."""
        found: Array = self.tables.from_others(i) @ self.shares.T.astype(self.value_type)
        return found

    @property
    def value_type(self) -> Any:
        """The numpy type that holds values of lotteries."""
        return number_type(self.tables.bound * self.share_scale)

    @cached_property
    def welfare(self) -> Fraction:
        """Expected sum of values when everybody reports the truth."""
        chosen = self.tables.welfare().astype(object if self.value_type is object else np.int64)
        lots = self.shares[self.outcomes].astype(self.value_type)
        total = (chosen * lots).sum(axis=-1).astype(object)
        for weights in reversed(self.tables.weights):
            total = total @ weights.astype(object)
        return Fraction(int(total), self.scale * math.prod(self.tables.totals))


def efficient_rule(model: InterdependentModel) -> TabulatedRule:
    """The rule that chooses an alternative with the largest sum of values, ties broken as the model says.

    Parameters
    ----------
    model : InterdependentModel

    Raises
    ------
    SizeError
        If the grid has too many profiles (`eqsolve.interdependent.tables.MAX_ENTRIES`).
    NotSupported
        For ties broken by lot among more than `MAX_MIXING` alternatives.
    """
    tables = tabulate(model)
    welfare, k = tables.welfare(), len(model.alternatives)
    best = welfare == welfare.max(axis=-1, keepdims=True)
    if model.ties == FIRST:
        return TabulatedRule(tables, best.argmax(axis=-1), np.eye(k, dtype=np.int64), 1)
    if k > MAX_MIXING:
        raise NotSupported(
            f'ties = "uniform": found {k} alternatives, expected at most {MAX_MIXING}, or ties = "first"'
        )
    codes = best.astype(np.int64) @ (1 << np.arange(k, dtype=np.int64))
    sets, outcomes = np.unique(codes, return_inverse=True)
    members = [[int(c) >> a & 1 for a in range(k)] for c in sets]
    scale = math.lcm(*(sum(row) for row in members))
    shares = np.array([[x * scale // sum(row) for x in row] for row in members], dtype=np.int64)
    return TabulatedRule(tables, outcomes.reshape(model.shape), shares, scale)


def tabulated(model: InterdependentModel, choices: Array) -> TabulatedRule:
    """Any rule that takes one alternative at every profile.

    Parameters
    ----------
    model : InterdependentModel
    choices : array of the shape of the grid
        Numbers of alternatives.

    Raises
    ------
    ModelError
        If the shape is another one, or there is no such alternative.
    """
    choices = np.asarray(choices)
    k = len(model.alternatives)
    if choices.shape != model.shape or choices.min() < 0 or choices.max() >= k:
        raise ModelError(f"choices: found shape {choices.shape}, expected {model.shape} with numbers from 0 to {k - 1}")
    return TabulatedRule(tabulate(model), choices.astype(np.int64), np.eye(k, dtype=np.int64), 1)
