"""nashpy's support enumeration, made exact: a second opinion that never invents an equilibrium but may miss some."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from eqsolve.engines.bimatrix import Bimatrix, IntRows, Vector
from eqsolve.engines.faces import face_vertices

_PLAYED = 1e-9  # probabilities that nashpy gives and that count as played


def hinted_equilibria(game: Bimatrix, *, max_seconds: float | None = None) -> Iterator[tuple[Vector, Vector]]:
    """Extreme equilibria on the supports that nashpy proposes, each verified, some perhaps repeatedly.

    Parameters
    ----------
    game : Bimatrix
    max_seconds : float, optional
        Looked at whenever nashpy proposes something.

    Yields
    ------
    (row, col)
        Exact strategies. nashpy compares floating-point numbers without tolerance, so equilibria may be missing even
        in games that are not degenerate.

    Raises
    ------
    TimeoutError
        If the time is over.
    """
    import nashpy

    start = time.monotonic()
    hints = nashpy.Game(_scaled(game.A), _scaled(game.B)).support_enumeration()
    seen = set()
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nashpy warns of an even number of equilibria
            hint = next(hints, None)
        if max_seconds is not None and time.monotonic() - start > max_seconds:
            raise TimeoutError("nashpy ran out of time")
        if hint is None:
            return
        rows, cols = (tuple(int(k) for k in np.flatnonzero(side > _PLAYED)) for side in hint)
        if rows and cols and (rows, cols) not in seen:
            seen.add((rows, cols))
            yield from on_supports(game, rows, cols)


def on_supports(game: Bimatrix, rows: Sequence[int], cols: Sequence[int]) -> Iterator[tuple[Vector, Vector]]:
    """Extreme equilibria whose players stay within two supports that are best replies.

    Parameters
    ----------
    game : Bimatrix
    rows, cols : indices of strategies
    """
    second = tuple(zip(*game.B, strict=True))
    xs = _face(second, rows, cols)
    ys = _face(game.A, cols, rows) if xs else []
    for x, y in product(xs, ys):
        if not game.is_equilibrium(x, y):
            raise ArithmeticError("strategies on supports of best replies turned out to be no equilibrium")
        yield x, y


def _face(payoffs: IntRows, support: Sequence[int], replies: Sequence[int]) -> list[Vector]:
    """Vertices of the mixtures within a support (of columns) to which all of some replies (rows) are best."""
    first = payoffs[replies[0]]
    ahead = {r: [0, *(first[c] - row[c] for c in support)] for r, row in enumerate(payoffs) if r != replies[0]}
    wanted = set(replies)
    equalities = [[-1, *[1] * len(support)], *(row for r, row in ahead.items() if r in wanted)]
    signs = [[0, *(int(c == k) for c in support)] for k in support]
    result = []
    for point in face_vertices(equalities, [*signs, *(row for r, row in ahead.items() if r not in wanted)]):
        full = [Fraction(0)] * len(first)
        for c, weight in zip(support, point, strict=True):
            full[c] = weight
        result.append(tuple(full))
    return result


def _scaled(payoffs: IntRows) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Payoffs as floats between 0 and 1: integers may be too large for a float, and the scale does not matter."""
    least, most = min(map(min, payoffs)), max(map(max, payoffs))
    if max(abs(least), abs(most)) < 2**53:
        return np.array(payoffs, dtype=float)
    return np.array([[float(Fraction(v - least, (most - least) or 1)) for v in row] for row in payoffs])
