"""The way through: reduce, choose how to search, search, expand, and collect into Nash subsets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from eqsolve.engines.complementarity import integers
from eqsolve.engines.complementarity.collection import Collection, vector
from eqsolve.engines.complementarity.frontier import Frontier, NearlySingularError
from eqsolve.engines.complementarity.model import BlockGame, Leaf, NashSet, Statistics
from eqsolve.engines.complementarity.reduction import Product, Reduced, reduce
from eqsolve.engines.complementarity.vertices import extreme_equilibria
from eqsolve.engines.lemke_howson import lemke_howson
from eqsolve.errors import LimitReached
from eqsolve.exact.rational import to_integers

# Labels below which the search in integers is quicker; it is if either player has less than a third of them, too.
_INTEGERS_BELOW = 21

# Labels of games that may have vertices enough to run for long, and that get one equilibrium before all else.
_LARGE = 56

# Limits of that: steps, and the share of the time.
_PATH, _SHARE = 1000, 0.25

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
    for leaf in _products(game, deadline, progress, statistics or Statistics(), whole=True):
        yield Leaf(tuple(map(vector, leaf.rows)), tuple(map(vector, leaf.cols)))


def _products(
    game: BlockGame, deadline: float | None, progress: Progress | None, statistics: Statistics, *, whole: bool
) -> Iterator[Product]:
    """Products that cover all equilibria, or only the extreme ones if they need not be whole."""
    start = time.monotonic()

    def check() -> None:
        """Raise when the time is over, else report progress."""
        statistics.seconds = time.monotonic() - start
        if deadline is not None and start + statistics.seconds > deadline:
            raise TimeoutError("the search for equilibria ran out of time")
        if progress is not None:
            progress(statistics)

    reduced = reduce(game)
    for leaf in _merged(reduced, statistics, check, whole):
        yield reduced.expand(leaf, check)


def _merged(game: Reduced, statistics: Statistics, check: Callable[[], None], whole: bool) -> Iterator[Product]:
    """Products of the game without duplicates, in the way that promises to be quickest."""
    m, n = len(game.first.payoffs), len(game.second.payoffs)
    extremes = extreme_equilibria(game, statistics, check)
    if extremes is not None:
        yield from extremes.subsets() if whole else extremes.by_column()
        return
    in_blocks = len(game.first.replies) + len(game.second.replies) > 2
    if in_blocks or m + n < _INTEGERS_BELOW or min(m, n) < _INTEGERS_BELOW // 3:
        yield from integers.search(game, integers.root(game), statistics, check)
        return
    frontier = Frontier(game, statistics, check)
    try:
        yield from frontier.leaves()
    except NearlySingularError:
        extremes = extreme_equilibria(game, statistics, check, always=True)
        if extremes is not None:
            yield from extremes.subsets() if whole else extremes.by_column()
        else:
            yield from frontier.leaves_in_integers()


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
    statistics = Statistics()
    collection = Collection(game, max_seconds)
    if sum(game.shape) >= _LARGE and len(game.row_blocks) + len(game.col_blocks) == 2:
        collection.collect(_one(game, None if max_seconds is None else _SHARE * max_seconds))
    if not collection.stopped:
        collection.collect(_products(game, collection.deadline, progress, statistics, whole=False))
    return collection.result(statistics)


def _one(game: BlockGame, max_seconds: float | None) -> Iterator[Product]:
    """One equilibrium, so that a search that is stopped early has something to show."""
    try:
        found = lemke_howson(game.A, game.B, max_pivots=_PATH, max_seconds=max_seconds)
    except LimitReached:
        return
    x, y = ((*numbers, scale) for numbers, scale in map(to_integers, (found.row, found.col)))
    yield Product([x], [y])
