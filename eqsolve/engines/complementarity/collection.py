"""What a search found, collected: duplicates dropped, verified, sorted, and joined to Nash subsets.

A game has far more extreme equilibria than leaves if strategies are duplicates of each other, so that all of this may
be stopped, too. What was verified by then is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from eqsolve.engines.complementarity.model import BlockGame, NashSet, Statistics, Vector
from eqsolve.engines.complementarity.reduction import Point, Product
from eqsolve.engines.complementarity.verification import Verifier
from eqsolve.engines.nash_subsets import Pair, Subset, components, maximal_bicliques

Check = Callable[[], None]

# Equilibria share many of their probabilities.
_ratio = lru_cache(1 << 16)(Fraction)

# A search that was stopped gets a share of its time more to verify what it found, and at least so many seconds.
_GRACE, _LEAST_GRACE = 0.25, 0.5


def vector(point: Point) -> Vector:
    """Write a strategy as fractions."""
    scale = point[-1]
    return tuple(_ratio(value, scale) for value in point[:-1])


class Collection:
    """Extreme equilibria without duplicates.

    Parameters
    ----------
    game : BlockGame
    max_seconds : float or None
        Limit on the time from now on, for search and all else.
    """

    def __init__(self, game: BlockGame, max_seconds: float | None) -> None:
        self._game = game
        self._start = time.monotonic()
        self._deadline = None if max_seconds is None else self._start + max_seconds
        self._rows: dict[Point, int] = {}
        self._cols: dict[Point, int] = {}
        self._pairs: dict[Pair, None] = {}
        self._stopped: str | None = None

    @property
    def deadline(self) -> float | None:
        """As `time.monotonic` counts."""
        return self._deadline

    @property
    def stopped(self) -> str | None:
        """What stopped it, if anything did."""
        return self._stopped

    def check(self) -> None:
        """Stop if the time is over.

        Raises
        ------
        TimeoutError
        """
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise TimeoutError("the search for equilibria ran out of time")

    def collect(self, leaves: Iterable[Product]) -> None:
        """Take products of faces until they end or are stopped."""
        with self._stoppable():
            for leaf in leaves:
                cols = [self._cols.setdefault(y, len(self._cols)) for y in leaf.cols]
                for x in leaf.rows:
                    i = self._rows.setdefault(x, len(self._rows))
                    self._pairs.update(dict.fromkeys((i, j) for j in cols))
                    if len(cols) > 1:
                        self.check()

    def result(self, statistics: Statistics) -> NashSet:
        """Verify, sort and join what was collected.

        Raises
        ------
        ArithmeticError
            If something is no equilibrium: a defect of the search.
        """
        if self._stopped is not None and self._deadline is not None:
            self._give_grace()
        try:
            return self._result(statistics)
        except KeyboardInterrupt:
            # Between the steps that can be stopped by themselves.
            self.stop("interrupted")
            self._give_grace()
            return self._result(statistics)

    def _give_grace(self) -> None:
        now = time.monotonic()
        self._deadline = now + max(_LEAST_GRACE, _GRACE * (now - self._start))

    def _result(self, statistics: Statistics) -> NashSet:
        rows, cols, pairs = self._verified()
        subsets = None
        with self._stoppable():
            subsets = maximal_bicliques(pairs, self.check)
        if subsets is None:
            subsets = _stars(pairs)
        parts = tuple(components(subsets))
        statistics.seconds = time.monotonic() - self._start
        complete = self._stopped is None
        return NashSet(rows, cols, tuple(pairs), tuple(subsets), parts, complete, self._stopped, statistics)

    def _stoppable(self) -> _Stoppable:
        return _Stoppable(self)

    def stop(self, why: str) -> None:
        """Note that not all was done; the first reason counts."""
        self._stopped = self._stopped or why

    def _verified(self) -> tuple[tuple[Vector, ...], tuple[Vector, ...], list[Pair]]:
        """Verified pairs, and strategies in lexicographic order."""
        row_points, col_points = list(self._rows), list(self._cols)
        rows, cols = list(map(vector, row_points)), list(map(vector, col_points))
        accepted: list[Pair] = []
        with self._stoppable():
            for pair in Verifier(self._game).accepted(rows, cols, self._pairs):
                accepted.append(pair)
                self.check()
        row_order = _order(row_points, rows, {i for i, _ in accepted})
        col_order = _order(col_points, cols, {j for _, j in accepted})
        row_place = {i: place for place, i in enumerate(row_order)}
        col_place = {j: place for place, j in enumerate(col_order)}
        pairs = sorted((row_place[i], col_place[j]) for i, j in accepted)
        return tuple(rows[i] for i in row_order), tuple(cols[j] for j in col_order), pairs


class _Stoppable:
    """Context that a time limit or Ctrl-C leaves early, which the collection then knows."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if kind is not None and issubclass(kind, TimeoutError | KeyboardInterrupt):
            self._collection.stop("time limit" if issubclass(kind, TimeoutError) else "interrupted")
            return True
        return False


def _order(points: list[Point], vectors: list[Vector], used: Iterable[int]) -> list[int]:
    """Sort some strategies lexicographically; give their indices."""
    # Rounding never exchanges two numbers; where it makes them equal, compare the exact ones.
    rounded = {i: tuple([value / points[i][-1] for value in points[i][:-1]]) for i in used}
    order = sorted(rounded, key=rounded.__getitem__)
    if all(vectors[i] < vectors[j] for i, j in pairwise(order)):
        return order
    return sorted(order, key=vectors.__getitem__)


def _stars(pairs: list[Pair]) -> list[Subset]:
    """Subsets that are quick to find but not always maximal: a row with all its columns."""
    return [(frozenset([i]), frozenset(cols)) for i, cols in _grouped(pairs)]


def _grouped(pairs: list[Pair]) -> Iterator[tuple[int, list[int]]]:
    groups: dict[int, list[int]] = {}
    for i, j in pairs:
        groups.setdefault(i, []).append(j)
    yield from groups.items()
