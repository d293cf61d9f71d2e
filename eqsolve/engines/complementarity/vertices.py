"""All equilibria of small games, and of games with a simple side, from all vertices of both polyhedra.

A pair of vertices is an extreme equilibrium if every label is 0 in one of them: an unplayed strategy, or no slack. All
vertices at once take less time than a search while they are few, however many of the pairs are equilibria.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.complementarity import integers
from eqsolve.engines.complementarity.dictionary import Dictionary
from eqsolve.engines.complementarity.model import Statistics
from eqsolve.engines.complementarity.reduction import Half, Point, Product, Reduced
from eqsolve.engines.double_description import Rays, extreme_rays
from eqsolve.engines.nash_subsets import maximal_bicliques

Check = Callable[[], None]
Masks = NDArray[np.uint64]
Ids = NDArray[np.intp]

# Bits of the labels, and of the homogeneous coordinate.
_MOST_LABELS = 63

# Labels up to which vertices are few.
_SMALL = 24

# Labels up to which they are few if one of the players has no more than so many.
_SMALL_AND_THIN, _THIN = 36, 5

# Labels up to which they are few in blocks, or if payoffs are small integers: ties make them fewer, and shorter.
_SMALL_WITH_TIES, _TIES = 26, 8

# More rays on the way are too many; a simple side has very few.
_MANY, _FEW = 60_000, 64

# Pairs that are compared at once.
_PAIRS = 1 << 21


class Vertices(NamedTuple):
    """Vertices of a polyhedron.

    Attributes
    ----------
    face : Dictionary
        The polyhedron.
    labels : range
        Of its strategies.
    rays : Rays
        Homogeneous coordinates, in the nonbasic variables of the dictionary.
    bounded : array of int
        Which of the rays are vertices.
    zero : array of int
        Bit masks of the labels that are 0 at a vertex.
    """

    face: Dictionary
    labels: range
    rays: Rays
    bounded: Ids
    zero: Masks

    def points(self, which: Ids) -> list[Point]:
        """Write some as strategies."""
        return self.face.points(self.rays.some(self.bounded[which].tolist()), self.labels)


class Extremes(NamedTuple):
    """Extreme equilibria of a merged game.

    Attributes
    ----------
    rows, cols : list of Point
    pairs : list of (int, int)
        Indices into them.
    """

    rows: list[Point]
    cols: list[Point]
    pairs: list[tuple[int, int]]

    def by_column(self) -> Iterator[Product]:
        """All extreme equilibria, by the second player's strategy."""
        partners: dict[int, list[Point]] = {}
        for i, j in self.pairs:
            partners.setdefault(j, []).append(self.rows[i])
        for j, rows in partners.items():
            yield Product(rows, [self.cols[j]])

    def subsets(self) -> Iterator[Product]:
        """All equilibria, as maximal products of faces."""
        for rows, cols in maximal_bicliques(self.pairs):
            yield Product([self.rows[i] for i in sorted(rows)], [self.cols[j] for j in sorted(cols)])


def extreme_equilibria(game: Reduced, statistics: Statistics, check: Check, *, always: bool = False) -> Extremes | None:
    """All extreme equilibria of a game; None if there seem to be too many vertices for that.

    Parameters
    ----------
    game : Reduced
    statistics : Statistics
        Counted up: every vertex as a node.
    check : callable
        Called now and then; may raise to stop.
    always : bool, optional
        Try even if it does not look promising.
    """
    m, n = len(game.first.payoffs), len(game.second.payoffs)
    if m + n > _MOST_LABELS:
        return None
    root = integers.root(game)
    in_blocks = len(game.first.strategies) + len(game.first.replies) > 2
    ties = max(_largest(game.first), _largest(game.second)) <= _TIES
    most_labels = _SMALL_WITH_TIES if ties or in_blocks else _SMALL
    promising = always or m + n <= (max(most_labels, _SMALL_AND_THIN) if min(m, n) <= _THIN else most_labels)
    found: list[Vertices] = []
    # The polyhedron with fewer or simpler replies comes first, and tells whether the game has a simple side.
    sides = [(root.x, range(m)), (root.y, range(m, m + n))]
    if _plainness(game.second) > _plainness(game.first):
        sides.reverse()
    for face, labels in sides:
        most = _MANY if promising or found else _FEW
        vertices = _vertices(face, labels, m + n, check, most)
        if vertices is None:
            return None
        found.append(vertices)
        statistics.nodes += len(vertices.zero)
    x, y = found if found[0].labels.start == 0 else reversed(found)
    # As many labels as the dimension are 0 at least, and the dimensions add up to all labels.
    dimension = m - len(game.first.replies) + len(game.second.replies)
    i, j = _complementary(x.zero, y.zero, (dimension, m + n - dimension), check)
    statistics.leaves += len(i)
    used_x, i = np.unique(i, return_inverse=True)
    used_y, j = np.unique(j, return_inverse=True)
    return Extremes(x.points(used_x), y.points(used_y), list(zip(i.tolist(), j.tolist(), strict=True)))


def _largest(half: Half) -> int:
    return max(map(max, half.payoffs))


def _plainness(half: Half) -> tuple[int, int]:
    """How many different replies there are against how many different strategies, the fewer first."""
    kinds = len(set(map(tuple, half.payoffs))), len(set(zip(*half.payoffs, strict=True)))
    return min(kinds), max(kinds)


def _vertices(face: Dictionary, labels: range, count: int, check: Check, most: int) -> Vertices | None:
    """All vertices of a polyhedron; None if there are too many rays on the way."""
    dimension = len(face.nonbasic)
    # Strategies' rows come last, and bound what the others cut.
    rays = extreme_rays([row[1:] for row in reversed(face.rows)], dimension + 1, check, most)
    if rays is None:
        return None
    tight = np.array(rays.tight, dtype=np.uint64)
    # A direction in which the bounds on payoffs rise has first coordinate 0.
    (bounded,) = (tight & np.uint64(1) == 0).nonzero()
    bits = np.unpackbits(tight[bounded].astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
    labelled = np.zeros_like(bits)
    order = [*face.nonbasic, *reversed(face.basic)]
    labelled[:, order] = bits[:, 1 : 1 + len(order)]
    zero = np.packbits(labelled, axis=1, bitorder="little").view("<u8").ravel().astype(np.uint64) | np.uint64(face.zero)
    return Vertices(face, labels, rays, bounded, zero)


def _complementary(x: Masks, y: Masks, least: tuple[int, int], check: Check) -> tuple[Ids, Ids]:
    """Pairs of vertices of which every label is 0 in one; at least so many are, as many as there are labels."""
    every = np.uint64((1 << sum(least)) - 1)
    # Where no more are, what one lacks the other has.
    plain_x, plain_y = np.bitwise_count(x) == least[0], np.bitwise_count(y) == least[1]
    place = {mask: j for j, mask in zip(np.flatnonzero(plain_y).tolist(), y[plain_y].tolist(), strict=True)}
    lacking = (x[plain_x] ^ every).tolist()
    simple = [
        (i, place[mask]) for i, mask in zip(np.flatnonzero(plain_x).tolist(), lacking, strict=True) if mask in place
    ]
    one, two = [np.array([i for i, _ in simple], np.intp)], [np.array([j for _, j in simple], np.intp)]
    odd_x, odd_y = np.flatnonzero(~plain_x), np.flatnonzero(~plain_y)
    for left, right in ((odd_x, np.arange(len(y))), (np.flatnonzero(plain_x), odd_y)):
        step = max(1, _PAIRS // max(1, len(right)))
        other = y[right]
        for start in range(0, len(left), step):
            check()
            i, j = np.nonzero(x[left[start : start + step], None] | other == every)
            one.append(left[start + i])
            two.append(right[j])
    return np.concatenate(one), np.concatenate(two)
