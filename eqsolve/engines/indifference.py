"""The equations that a support profile must satisfy, and exact verdicts on their solutions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import Ordering, fmpq_poly, fmpz, fmpz_mpoly_ctx
from numpy.typing import NDArray

from eqsolve.engines.support_profiles import Support
from eqsolve.exact.ideals import RealPoint


class IndifferenceSystem:
    """Polynomial equations of one support profile: every strategy of a support earns the same.

    The unknowns are the probabilities of all strategies of a support but the first, players in order; the
    first one's is 1 minus their sum. Each equation is linear in every other player's unknowns.

    Parameters
    ----------
    tables : n integer arrays of shape (m_1, ..., m_n)
    support : n tuples of int
        At least one of them with two strategies.
    """

    def __init__(self, tables: Sequence[NDArray[Any]], support: Support) -> None:
        self.tables, self.support = tables, support
        self.mixing = [i for i, s in enumerate(support) if len(s) > 1]
        #: place of (player, position in the support) among the unknowns
        self.place = {key: v for v, key in enumerate((i, p) for i in self.mixing for p in range(1, len(support[i])))}
        self.ring = self._ring(0)

    def _ring(self, extra: int) -> Any:
        names = [f"x{i}_{p}" for i, p in self.place] + [f"z{k}" for k in range(extra)]
        return fmpz_mpoly_ctx.get(names, Ordering.degrevlex)

    def probabilities(self, ring: Any) -> list[list[Any]]:
        """Probability of each strategy of each support as a polynomial of the ring."""
        generators = ring.gens()
        result = []
        for i, strategies in enumerate(self.support):
            others = [generators[self.place[i, p]] for p in range(1, len(strategies))]
            first = ring.constant(1)
            for x in others:
                first -= x
            result.append([first, *others])
        return result

    def equations(self, ring: Any | None = None) -> list[Any]:
        """Differences of payoffs within the supports, the left-hand sides of equations that equal 0."""
        ring = ring or self.ring
        weights = self.probabilities(ring)
        equations = []
        for i in self.mixing:
            block = self.block(i)
            for p in range(1, len(self.support[i])):
                gain = block[self.support[i][p]] - block[self.support[i][0]]
                equations.append(_expected(gain, [w for j, w in enumerate(weights) if j != i], ring))
        return equations

    def block(self, i: int) -> NDArray[Any]:
        """Payoffs of player i against the supports of the others: her strategies first, Python integers."""
        table = self.tables[i]
        index = [range(table.shape[j]) if j == i else self.support[j] for j in range(table.ndim)]
        return np.moveaxis(table[np.ix_(*index)], i, 0).astype(object)

    def positive_equations(self) -> tuple[Any, list[Any]]:
        """Equations whose solutions have no probability 0: one unknown z_i more per mixing player.

        z_i · (product of her probabilities) = 1 (Rabinowitsch). Families of solutions on which some strategy
        is unplayed belong to smaller supports; they disappear here.
        """
        ring = self._ring(len(self.mixing))
        weights, generators = self.probabilities(ring), ring.gens()
        equations = self.equations(ring)
        for k, i in enumerate(self.mixing):
            product = generators[len(self.place) + k]
            for weight in weights[i]:
                product *= weight
            equations.append(product - ring.constant(1))
        return ring, equations

    def full_profile(self, point: Sequence[Sequence[Fraction]]) -> list[list[Fraction]]:
        """Strategies of the game from those on the support."""
        profile = []
        for i, strategies in enumerate(self.support):
            player = [Fraction(0)] * self.tables[i].shape[i]
            for k, probability in zip(strategies, point[i], strict=True):
                player[k] = probability
            profile.append(player)
        return profile

    def judge(self, point: RealPoint) -> list[list[Any]] | None:
        """Strategies of all players at a solution, if it is an equilibrium with exactly this support.

        Returns
        -------
        list of lists of fmpq_poly, or None
            Per player one probability per strategy of the game, in the field of the point. All signs are
            decided exactly: positive on the support, no better strategy outside.

        Raises
        ------
        ArithmeticError
            If the point does not solve the equations (it cannot, unless the algebra is broken).
        """
        weights: list[list[Any]] = []
        for i, strategies in enumerate(self.support):
            others = [point.coordinates[self.place[i, p]] for p in range(1, len(strategies))]
            first = fmpq_poly([1])
            for x in others:
                first -= x
            weights.append([first, *others])
        if any(point.sign(w) <= 0 for player in weights for w in player):
            return None
        for i, strategies in enumerate(self.support):
            values = self.values(i, weights, point)
            for k, value in enumerate(values):
                sign = point.sign(value - values[strategies[0]])
                if k in strategies and sign != 0:
                    raise ArithmeticError("a solution of the equations does not solve them")
                if sign > 0:
                    return None
        result = []
        for i, strategies in enumerate(self.support):
            full = [fmpq_poly([0])] * self.tables[i].shape[i]
            for k, weight in zip(strategies, weights[i], strict=True):
                full[k] = weight
            result.append(full)
        return result

    def values(self, i: int, weights: Sequence[Sequence[Any]], point: RealPoint) -> list[Any]:
        """Payoff of each strategy of player i (in units of her integer array), in the field of the point."""
        block = self.block(i)
        for j in reversed([j for j in range(len(self.support)) if j != i]):
            # the last axis left is player j's
            rows = block.reshape(-1, block.shape[-1])
            flat = [sum((w * _scalar(v) for w, v in zip(weights[j], row, strict=True)), fmpq_poly([0]))
                    for row in rows.tolist()]  # fmt: skip
            shape = block.shape[:-1]
            block = np.empty(len(flat), dtype=object)
            block[:] = [value % point.minimal for value in flat]
            block = block.reshape(shape)
        return list(block.tolist())


def _scalar(value: Any) -> Any:
    return fmpz(value) if isinstance(value, int) else value


def _expected(gain: NDArray[Any], weights: Sequence[Sequence[Any]], ring: Any) -> Any:
    """Expectation of an array under independent weights, one list per axis."""
    total = ring.constant(0)
    if not weights:
        return ring.constant(int(gain))
    for row, weight in zip(gain, weights[0], strict=True):
        if len(weights) == 1:
            if row:
                total += weight * ring.constant(row)
        elif row.any():
            total += weight * _expected(row, weights[1:], ring)
    return total


@dataclass(frozen=True)
class LinearVerdict:
    """What exact linear programs say of the equilibria with a given support.

    Attributes
    ----------
    kind : {"none", "one", "many", "unknown"}
        Proofs, but for "unknown".
    points : tuple, per point and player one Fraction per strategy of her support
        For "one" the equilibrium; for "many" the vertices of the polytope that holds them all; for "unknown" a
        candidate if there is one.
    """

    kind: str
    points: tuple[tuple[tuple[Fraction, ...], ...], ...] = ()


def linear_verdict(system: IndifferenceSystem) -> LinearVerdict:
    """Decide a support by the conditions that are linear, in exact linear programs.

    The conditions on a player's payoffs are linear if at most one other player mixes. With one mixing player all
    are, so the support is decided: no equilibrium with positive probabilities, exactly one, or a polytope of
    them, whose vertices are given. With two, the absence of solutions is a proof; with more, nothing is claimed.
    """
    if len(system.mixing) > 2:
        return LinearVerdict("unknown")
    from eqsolve.engines.faces import face_vertices
    from eqsolve.engines.lp import solve_lp

    keys = [(i, p) for i in system.mixing for p in range(len(system.support[i]))]
    conditions = _linear_conditions(system, keys)
    if conditions is None:
        return LinearVerdict("none")
    upper, equal = conditions
    sums = [[int(key[0] == i) for key in keys] + [0] for i in system.mixing]
    sides = ([0] * len(upper), [*equal, *sums], [0] * len(equal) + [1] * len(sums))
    found = solve_lp([0] * len(keys) + [1], upper, *sides, maximise=True)
    if found.value is None or found.value <= 0:
        return LinearVerdict("none")
    if len(system.mixing) > 1:
        return LinearVerdict("unknown", (_on_support(system, keys, found.x[:-1]),))
    # constant first, and signs instead of the least probability
    signs = [[0, *(int(c == d) for d in range(len(keys)))] for c in range(len(keys))]
    better = [[0, *(-value for value in row[:-1])] for row in upper[len(keys) :]]
    level = [[0, *row[:-1]] for row in equal] + [[-1, *([1] * len(keys))]]
    vertices = face_vertices(level, [*signs, *better])
    points = tuple(_on_support(system, keys, vertex) for vertex in vertices)
    return LinearVerdict("one" if len(points) == 1 else "many", points)


def _on_support(
    system: IndifferenceSystem, keys: list[tuple[int, int]], values: Sequence[Fraction]
) -> tuple[tuple[Fraction, ...], ...]:
    at = dict(zip(keys, values, strict=True))
    return tuple(
        tuple(at.get((i, p), Fraction(1)) for p in range(len(strategies)))
        for i, strategies in enumerate(system.support)
    )


def _linear_conditions(
    system: IndifferenceSystem, keys: list[tuple[int, int]]
) -> tuple[list[list[int]], list[list[int]]] | None:
    """Rows (<= 0) and rows (= 0) over the probabilities and, last, the least of them; None if contradictory."""
    least = len(keys)
    equal: list[list[int]] = []
    upper = [[*(-int(c == d) for d in range(least)), 1] for c in range(least)]  # least probability <= x_c
    for i, strategies in enumerate(system.support):
        others = [j for j in system.mixing if j != i]
        if len(others) > 1:
            continue
        block = system.block(i).reshape(system.tables[i].shape[i], -1)
        for k, line in enumerate(block):
            gains = (line - block[strategies[0]]).tolist()
            if others:
                at = keys.index((others[0], 0))
                row = [0] * at + gains + [0] * (least + 1 - at - len(gains))
                (equal if k in strategies else upper).append(row)
            elif gains[0] > 0 or (k in strategies and gains[0]):
                return None
    return upper, equal


def exact_profile(point: RealPoint, strategies: Sequence[Sequence[Any]]) -> list[list[Fraction]] | None:
    """Rational strategies of an equilibrium, or None if one of its probabilities is irrational."""
    profile = [[point.rational(weight) for weight in player] for player in strategies]
    if any(p is None for player in profile for p in player):
        return None
    return [[p for p in player if p is not None] for player in profile]
