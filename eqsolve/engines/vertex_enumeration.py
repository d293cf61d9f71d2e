"""All equilibria of a two-player game by the vertices of both best-response polytopes: exact, complete, simple.

The work grows with the number of vertices, whatever the number of equilibria, so other engines are quicker on all but
small or flat games. It shares no search with them, which makes it a second opinion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.engines.bimatrix import Bimatrix, IntRows
from eqsolve.engines.complementarity.model import BlockGame, NashSet, Statistics, Vector
from eqsolve.engines.complementarity.verification import Verifier
from eqsolve.engines.faces import orthant_vertices
from eqsolve.engines.nash_subsets import nash_subsets

Labelled = tuple[Vector, int]  # a strategy and the labels of its vertex, as a bit mask


def enumerate_vertices(A: Any, B: Any, *, max_seconds: float | None = None) -> NashSet:
    """Find all equilibria by enumeration of vertices.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of integers or Fractions
        Payoffs of player 1, who picks rows, and of player 2.
    max_seconds : float, optional
        Limit of time.

    Returns
    -------
    NashSet
        Complete for degenerate games too. If the time limit or Ctrl-C stopped the work while vertices were listed,
        it holds no equilibrium; later, those that were met.

    Raises
    ------
    ModelError
        If the matrices cannot be read.

    Notes
    -----
    With payoffs shifted to be positive, the polytopes are {x >= 0, B^T x <= 1} and {y >= 0, A y <= 1}. A vertex other
    than 0 has the label of every strategy that is unplayed or a best reply; the extreme equilibria are the pairs of
    vertices that have all labels together, whether or not a vertex lies on more hyperplanes than it must. O. L.
    Mangasarian, Journal of SIAM 12 (1964); B. von Stengel, Handbook of Game Theory 3 (2002), chapter 45.
    """
    start = time.monotonic()
    statistics = Statistics()

    def check() -> None:
        """Raise when the time is over; called between vertices."""
        if max_seconds is not None and time.monotonic() - start > max_seconds:
            raise TimeoutError("the enumeration of vertices ran out of time")

    game = Bimatrix.of(A, B)
    m, n = game.shape
    found: set[tuple[Vector, Vector]] = set()
    stopped = None
    try:
        second = tuple(zip(*game.B, strict=True))
        firsts = _vertices(second, range(m), range(m, m + n), check)
        others = _vertices(game.A, range(m, m + n), range(m), check)
        statistics.nodes = len(firsts) + len(others)
        _match(firsts, others, m + n, found, check)
    except TimeoutError:
        stopped = "time limit"
    except KeyboardInterrupt:
        stopped = "interrupted"
    rows, cols = sorted({x for x, _ in found}), sorted({y for _, y in found})
    row_index = {x: k for k, x in enumerate(rows)}
    col_index = {y: k for k, y in enumerate(cols)}
    pairs = sorted((row_index[x], col_index[y]) for x, y in found)
    Verifier(BlockGame(_fractions(game.A), _fractions(game.B), (m,), (n,))).require(rows, cols, pairs)
    subsets, parts = nash_subsets(pairs)
    statistics.leaves, statistics.seconds = len(pairs), time.monotonic() - start
    return NashSet(tuple(rows), tuple(cols), tuple(pairs), subsets, parts, stopped is None, stopped, statistics)


def _fractions(rows: IntRows) -> tuple[Vector, ...]:
    return tuple(tuple(map(Fraction, row)) for row in rows)


def _vertices(
    payoffs: IntRows, own: Sequence[int], replies: Sequence[int], check: Callable[[], None]
) -> list[Labelled]:
    """Vertices other than 0 of {z >= 0, payoffs z <= 1}, scaled to probabilities, with their labels.

    Parameters
    ----------
    payoffs : rows of the opponent's replies, columns of own strategies
    own, replies : labels of the columns and of the rows
    check : called now and then, may raise to stop
    """
    shift = 1 - min(min(row) for row in payoffs)  # payoffs become positive, so the polytope is bounded
    rows = [[1, *(-(value + shift) for value in row)] for row in payoffs]
    result = []
    for vertex in orthant_vertices(rows, len(own), check):
        weights = vertex[1:]
        total = sum(weights)
        if total == 0:
            continue
        labels = sum(1 << label for label, weight in zip(own, weights, strict=True) if not weight)
        for label, row in zip(replies, rows, strict=True):
            if not sum(a * v for a, v in zip(row, vertex, strict=True)):
                labels |= 1 << label
        result.append((tuple(Fraction(w, total) for w in weights), labels))
    return result


def _match(
    firsts: list[Labelled],
    others: list[Labelled],
    labels: int,
    found: set[tuple[Vector, Vector]],
    check: Callable[[], None],
) -> None:
    """Add all pairs of vertices that have all labels together to `found`."""
    having: list[list[Labelled]] = [[v for v in others if v[1] >> label & 1] for label in range(labels)]
    everything = (1 << labels) - 1
    for x, mine in firsts:
        check()
        missing = everything & ~mine
        # something is missing: 0 was left out, and a strategy that is played is no label of its own vertex
        candidates = min((having[k] for k in range(labels) if missing >> k & 1), key=len)
        found.update((x, y) for y, theirs in candidates if missing & ~theirs == 0)
