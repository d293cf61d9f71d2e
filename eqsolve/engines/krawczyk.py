"""Certified boxes: Krawczyk's test in ball arithmetic, for supports whose exact algebra is out of reach.

References
----------
R. Krawczyk (1969), Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken, Computing 4.
A. Neumaier (1990), Interval Methods for Systems of Equations, chapter 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat
from flint import ctx as flint_context
from numpy.typing import NDArray

from eqsolve.engines.support_profiles import Support

_BITS = 256
_NEWTON_STEPS = 40
_RADIUS = Fraction(1, 2**40)

Interval = tuple[Fraction, Fraction]
Box = list[list[Interval]]


def certified_boxes(tables: Sequence[NDArray[Any]], support: Support, *, starts: int = 30, seed: int = 0) -> list[Box]:
    """Search a support for isolated equilibria and certify each by a box; no claim to find all.

    Parameters
    ----------
    tables : n integer arrays of shape (m_1, ..., m_n)
    support : n tuples of int
    starts : int
        Random starting points of Newton's method.
    seed : int

    Returns
    -------
    list of boxes
        Per player one interval per strategy of the game; ``certify`` has proved each box.
    """
    rng = np.random.default_rng(seed)
    scaled = [_unit_scale(table) for table in tables]
    found: list[Box] = []
    points: list[NDArray[np.float64]] = []
    for _ in range(starts):
        x = _newton(scaled, support, [rng.dirichlet(np.ones(len(s))) for s in support])
        if x is None or any(np.abs(x - other).max() < 1e-9 for other in points):
            continue
        points.append(x)
        box = certify(tables, support, x.tolist())
        if box is not None:
            found.append(box)
    return found


def certify(tables: Sequence[NDArray[Any]], support: Support, point: Sequence[float]) -> Box | None:
    """Prove that a box around a point holds exactly one equilibrium with a given support.

    Parameters
    ----------
    tables : n integer arrays of shape (m_1, ..., m_n)
    support : n tuples of int
    point : sequence of float
        Approximate probabilities of each support's strategies but the first, players in order.

    Returns
    -------
    list of lists of (Fraction, Fraction), or None
        Per player one interval for each strategy of the game, ``(0, 0)`` outside the support. In this box the
        payoffs of the supports' strategies are equal at exactly one point, all their probabilities are
        positive, and every strategy outside is strictly worse. None if the proof fails.

    Notes
    -----
    With midpoint m, Y near the inverse of the Jacobian there and box X: if
    m - Y f(m) + (1 - Y f'(X)) (X - m) lies in the interior of X, then X holds exactly one zero of f.
    """
    with flint_context.workprec(_BITS):
        middle = [arb(float(v)) for v in point]
        for _ in range(4):  # Newton steps to the working precision; their rounding is of no matter
            value, slope = _system(tables, support, middle)
            try:
                step = slope.solve(value)
            except ZeroDivisionError:
                return None
            middle = [(m - step[r, 0]).mid() for r, m in enumerate(middle)]
        radius = arb(0, float(_RADIUS))
        box = [m + radius for m in middle]
        value, slope = _system(tables, support, middle)
        wide = _system(tables, support, box)[1]
        size = len(middle)
        try:
            inverse = _midpoints(slope).inv()
        except ZeroDivisionError:
            return None
        inverse = _midpoints(inverse)
        one = arb_mat(size, size, [int(r == c) for r in range(size) for c in range(size)])
        spread = arb_mat(size, 1, [b - m for b, m in zip(box, middle, strict=True)])
        image = arb_mat(size, 1, middle) - inverse * value + (one - inverse * wide) * spread
        if not all(box[r].contains_interior(image[r, 0]) for r in range(size)):
            return None
        tight = [image[r, 0] for r in range(size)]
        weights = _weights(support, tight)
        if not all(w > 0 for player, s in zip(weights, support, strict=True) if len(s) > 1 for w in player):
            return None
        if not _strictly_worse_outside(tables, support, weights):
            return None
        return _box(tables, support, weights)


def _unit_scale(table: NDArray[Any]) -> NDArray[np.float64]:
    largest = max(1, *(abs(int(v)) for v in table.ravel().tolist()))
    return (table.astype(object) / largest).astype(float)


def _newton(
    tables: Sequence[NDArray[np.float64]], support: Support, start: list[NDArray[np.float64]]
) -> NDArray[np.float64] | None:
    x = np.concatenate([w[1:] for w in start])
    for _ in range(_NEWTON_STEPS):
        value, slope = _float_system(tables, support, x)
        try:
            step = np.linalg.solve(slope, value)
        except np.linalg.LinAlgError:
            return None
        x = x - step
        if not np.isfinite(x).all() or np.abs(x).max() > 1e6:
            return None
        if np.abs(step).max() < 1e-13:
            break
    inside = all((w > 0).all() for w in _float_weights(support, x))
    return x if inside and np.abs(step).max() < 1e-9 else None


def _float_weights(support: Support, x: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    weights, at = [], 0
    for s in support:
        part = x[at : at + len(s) - 1]
        weights.append(np.concatenate([[1 - part.sum()], part]))
        at += len(s) - 1
    return weights


def _float_system(
    tables: Sequence[NDArray[np.float64]], support: Support, x: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    weights = _float_weights(support, x)
    values: list[float] = []
    rows = []
    for i in range(len(support)):
        gains = _gains(tables[i], i, support)
        for gain in gains:
            values.append(float(_contracted(gain, weights, skip=None)))
            row: list[float] = []
            for j, s in enumerate(support):
                if j == i or len(s) == 1:
                    row.extend([0.0] * (len(s) - 1))
                else:
                    slopes = _contracted(gain, weights, skip=j)
                    row.extend((slopes[1:] - slopes[0]).tolist())
            rows.append(row)
    return np.array(values), np.array(rows)


def _gains(table: NDArray[Any], i: int, support: Support) -> list[NDArray[Any]]:
    """Differences to the first strategy of i's support, over the supports; the own axis has length 1."""
    index = [range(table.shape[j]) if j == i else support[j] for j in range(table.ndim)]
    block = table[np.ix_(*index)]
    first = np.take(block, [support[i][0]], axis=i)
    return [np.take(block, [k], axis=i) - first for k in support[i][1:]]


def _contracted(gain: NDArray[Any], weights: Sequence[Any], skip: int | None) -> Any:
    """Expectation over all axes but one; axes of length 1 have weight 1."""
    for j in reversed(range(gain.ndim)):
        if j != skip:
            gain = gain.take(0, axis=j) if gain.shape[j] == 1 else np.tensordot(gain, weights[j], axes=(j, 0))
    return gain


def _number(value: Any) -> Any:
    """Ball of a sum over all axes, which numpy may have left in an array without axes."""
    return arb(np.asarray(value, dtype=object).item())


def _objects(values: Sequence[Any]) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _weights(support: Support, x: Sequence[Any]) -> list[NDArray[Any]]:
    weights, at = [], 0
    for s in support:
        part = list(x[at : at + len(s) - 1])
        first = arb(1)
        for value in part:
            first -= value
        weights.append(_objects([first, *part]))
        at += len(s) - 1
    return weights


def _system(tables: Sequence[NDArray[Any]], support: Support, x: Sequence[Any]) -> tuple[Any, Any]:
    """Enclosures of the equations' values and of their Jacobian."""
    weights, size = _weights(support, x), len(x)
    values: list[Any] = []
    slopes: list[Any] = []
    for i in range(len(support)):
        for gain in _gains(tables[i].astype(object), i, support):
            values.append(_number(_contracted(gain, weights, skip=None)))
            for j, s in enumerate(support):
                if j == i or len(s) == 1:
                    slopes.extend([arb(0)] * (len(s) - 1))
                else:
                    line = _contracted(gain, weights, skip=j).tolist()
                    slopes.extend(arb(value) - arb(line[0]) for value in line[1:])
    return arb_mat(size, 1, values), arb_mat(size, size, slopes)


def _midpoints(matrix: Any) -> Any:
    return arb_mat(matrix.nrows(), matrix.ncols(), [value.mid() for value in matrix.entries()])


def _strictly_worse_outside(tables: Sequence[NDArray[Any]], support: Support, weights: Sequence[Any]) -> bool:
    for i, table in enumerate(tables):
        for k in range(table.shape[i]):
            if k not in support[i]:
                pair = (*support[:i], (support[i][0], k), *support[i + 1 :])
                gain = _gains(table.astype(object), i, pair)[0]
                if not _number(_contracted(gain, weights, skip=None)) < 0:
                    return False
    return True


def _box(tables: Sequence[NDArray[Any]], support: Support, weights: Sequence[Any]) -> Box:
    box = []
    for i, strategies in enumerate(support):
        player = [(Fraction(0), Fraction(0))] * tables[i].shape[i]
        for k, weight in zip(strategies, weights[i].tolist(), strict=True):
            middle, radius = _exact(weight.mid()), _exact(weight.rad())
            player[k] = (middle - radius, middle + radius)
        box.append(player)
    return box


def _exact(value: Any) -> Fraction:
    mantissa, exponent = value.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
