"""The way through: reduce, search, expand, verify, and collect into Nash subsets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

from eqsolve.engines.complementarity import integers
from eqsolve.engines.complementarity.frontier import Frontier
from eqsolve.engines.complementarity.model import BlockGame, Leaf, NashSet, Statistics, Vector
from eqsolve.engines.complementarity.reduction import Point, Product, reduce
from eqsolve.engines.complementarity.verification import Verifier
from eqsolve.engines.nash_subsets import nash_subsets

# Labels below which the search in integers is quicker; it is if either player has less than a third of them, too.
_INTEGERS_BELOW = 21

Progress = Callable[[Statistics], None]


def leaves(
    game: BlockGame,
    *,
    deadline: float | None = None,
    progress: Progress | None = None,
    statistics: Statistics | None = None,
) -> Iterator[Leaf]:
    """Stream products of faces that together hold every equilibrium.

    Parameters
    ----------
    game : BlockGame
    deadline : float, optional
        As `time.monotonic` counts; the stream raises `TimeoutError` when it has passed.
    progress : callable, optional
        Called now and then with the statistics so far.
    statistics : Statistics, optional
        Counted up in place.

    Yields
    ------
    Leaf
        Vertices in strategies of the game. Leaves may touch and repeat vertices; an equilibrium that is in
        none does not exist once the stream has ended.

    Raises
    ------
    TimeoutError
        If the deadline has passed.

    References
    ----------
    Audet, Hansen, Jaumard and Savard (2001), Enumeration of all extreme equilibria of bimatrix games, SIAM
    Journal on Scientific Computing 23.
    """
    for leaf in _products(game, deadline, progress, statistics or Statistics()):
        yield Leaf(tuple(map(_vector, leaf.rows)), tuple(map(_vector, leaf.cols)))


def _vector(point: Point) -> Vector:
    return tuple(Fraction(value, point[-1]) for value in point[:-1])


def _products(
    game: BlockGame, deadline: float | None, progress: Progress | None, statistics: Statistics
) -> Iterator[Product]:
    start = time.monotonic()

    def check() -> None:
        statistics.seconds = time.monotonic() - start
        if deadline is not None and start + statistics.seconds > deadline:
            raise TimeoutError("the search for equilibria ran out of time")
        if progress is not None:
            progress(statistics)

    reduced = reduce(game)
    m, n = len(reduced.first.payoffs), len(reduced.second.payoffs)
    in_blocks = len(game.row_blocks) + len(game.col_blocks) > 2
    if in_blocks or m + n < _INTEGERS_BELOW or min(m, n) < _INTEGERS_BELOW // 3:
        found = integers.search(reduced, integers.root(reduced), statistics, check)
    else:
        found = Frontier(reduced, statistics, check).leaves()
    for leaf in found:
        yield reduced.expand(leaf)


def enumerate_equilibria(
    game: BlockGame, *, max_seconds: float | None = None, progress: Progress | None = None
) -> NashSet:
    """All equilibria of a two-player game: extreme equilibria, maximal Nash subsets, components.

    Parameters
    ----------
    game : BlockGame
    max_seconds : float, optional
        Limit on the time of the search.
    progress : callable, optional
        Called now and then with the `Statistics` so far.

    Returns
    -------
    NashSet
        With ``complete=True`` unless the time limit or Ctrl-C stopped the search; then with what was found.

    Notes
    -----
    Exponential in the worst case, as the number of equilibria is. The tree grows about twofold per added
    strategy of both players on random games.
    """
    deadline = None if max_seconds is None else time.monotonic() + max_seconds
    statistics = Statistics()
    start = time.monotonic()
    row_index: dict[Point, int] = {}
    col_index: dict[Point, int] = {}
    found: set[tuple[int, int]] = set()
    stopped = None
    try:
        for leaf in _products(game, deadline, progress, statistics):
            some_rows = [row_index.setdefault(x, len(row_index)) for x in leaf.rows]
            some_cols = [col_index.setdefault(y, len(col_index)) for y in leaf.cols]
            found.update(product(some_rows, some_cols))
    except TimeoutError:
        stopped = "time limit"
    except KeyboardInterrupt:
        stopped = "interrupted"
    rows, row_rank = _sorted(row_index)
    cols, col_rank = _sorted(col_index)
    pairs = sorted((row_rank[i], col_rank[j]) for i, j in found)
    Verifier(game).require(rows, cols, pairs)
    subsets, components = nash_subsets(pairs)
    statistics.seconds = time.monotonic() - start
    return NashSet(tuple(rows), tuple(cols), tuple(pairs), subsets, components, stopped is None, stopped, statistics)


def _sorted(index: dict[Point, int]) -> tuple[list[Vector], list[int]]:
    """Sort strategies that were numbered as they came; also give each number's place."""
    vectors = [_vector(point) for point in index]
    order = sorted(range(len(vectors)), key=vectors.__getitem__)
    rank = [0] * len(order)
    for place, k in enumerate(order):
        rank[k] = place
    return [vectors[k] for k in order], rank
