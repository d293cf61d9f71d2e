"""Extreme rays of cones in an orthant, in integers, many at once.

The double description method (Motzkin, Raiffa, Thompson and Thrall 1953): inequalities cut the orthant one after the
other, and every edge that a hyperplane crosses gives a new ray. Which rays span an edge is read off the hyperplanes
that hold them (Fukuda and Prodon 1996), whatever the degeneracy, so every ray is found, and found once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Check = Callable[[], None]
Ray = tuple[int, ...]
Masks = NDArray[np.uint64]
Ids = NDArray[np.intp]

# More rays than these are kept in arrays, if the hyperplanes fit into the bits of a word.
_FEW = 24
_WORD = 64

# Entries of 64 bits are safe while every sum of products stays below.
_SAFE = 1 << 62

# Pairs of rays that are compared at once.
_PAIRS = 1 << 21


class Rays(NamedTuple):
    """Extreme rays, and the hyperplanes that they lie on.

    Attributes
    ----------
    vectors : list of tuple of int
        Primitive integer vectors, no two equal.
    tight : list of int
        Bit i < dimension: coordinate i is 0; bit dimension + k: inequality k holds with equality.
    """

    vectors: list[Ray]
    tight: list[int]


def extreme_rays(
    inequalities: Sequence[Sequence[int]], dimension: int, check: Check | None = None, most: int | None = None
) -> Rays | None:
    """Extreme rays of the cone of all u >= 0 with G u >= 0.

    Parameters
    ----------
    inequalities : sequence of sequences of int, shape (k, dimension)
        The rows of G.
    dimension : int
    check : callable, optional
        Called at least once per inequality; may raise to stop.
    most : int, optional
        Give up when an intermediate cone has more rays.

    Returns
    -------
    Rays or None
        In no particular order; None if it was given up.

    Notes
    -----
    The rays of an intermediate cone may be many more than those of the result.
    """
    rays = [tuple(int(i == j) for j in range(dimension)) for i in range(dimension)]
    full = (1 << dimension) - 1
    tight = [full ^ (1 << i) for i in range(dimension)]
    for k, row in enumerate(inequalities):
        if check is not None:
            check()
        if most is not None and len(rays) > most:
            return None
        if len(rays) > _FEW and dimension + len(inequalities) <= _WORD:
            return _Cone(rays, tight, dimension, check).cut_by(inequalities, k, most)
        values = [sum(map(mul, row, ray)) for ray in rays]
        bit = 1 << (dimension + k)
        if min(values, default=0) >= 0:
            tight = [z if value else z | bit for z, value in zip(tight, values, strict=True)]
            continue
        rays, tight = _cut(rays, tight, values, bit, dimension)
    return Rays(rays, tight)


def _cut(
    rays: list[Ray], tight: list[int], values: list[int], bit: int, dimension: int
) -> tuple[list[Ray], list[int]]:
    """Keep the side where the values are not negative; add the rays where edges cross the hyperplane."""
    above = [i for i, value in enumerate(values) if value > 0]
    kept = [i for i, value in enumerate(values) if value >= 0]
    new_rays = [rays[i] for i in kept]
    new_tight = [tight[i] | (0 if values[i] else bit) for i in kept]
    below = [i for i, value in enumerate(values) if value < 0]
    # Edges are found from the side that has fewer rays.
    side, sign = (above, 1) if len(above) <= len(below) else (below, -1)
    for i in side:
        # Only rays on enough of the hyperplanes of this one can be its neighbours, or come between.
        mine = tight[i]
        near = [k for k, z in enumerate(tight) if (mine & z).bit_count() >= dimension - 2 and k != i]
        between = [tight[k] for k in near]
        for j in near:
            if sign * values[j] >= 0:
                continue
            common = mine & tight[j]
            # The neighbour itself lies on all that is common, and no third ray does.
            if sum(common & z == common for z in between) > 1:
                continue
            p, q = abs(values[i]), abs(values[j])
            ray = [q * u + p * v for u, v in zip(rays[i], rays[j], strict=True)]
            content = math.gcd(*ray)
            new_rays.append(tuple(u // content for u in ray))
            new_tight.append(common | bit)
    return new_rays, new_tight


class _Cone:
    """The same with arrays: words of bits for the hyperplanes, numbers of 64 bits until they no longer do.

    Notes
    -----
    A ray is *simple* if it lies on dimension - 1 hyperplanes only. They are independent then, and any of them but
    one hold an edge, on which two rays lie and no third. So rays with dimension - 2 hyperplanes in common are
    neighbours if one of them is simple, and if neither is, no simple ray comes between them.
    """

    def __init__(self, rays: list[Ray], tight: list[int], dimension: int, check: Check | None) -> None:
        self._dimension = dimension
        self._check = check
        exact = max(map(max, rays)) >= _SAFE
        self._rays: NDArray[Any] = np.array(rays, dtype=object if exact else np.int64)
        self._tight: Masks = np.array(tight, dtype=np.uint64)

    def cut_by(self, inequalities: Sequence[Sequence[int]], start: int, most: int | None) -> Rays | None:
        for k in range(start, len(inequalities)):
            if self._check is not None:
                self._check()
            if not self._cut(inequalities[k], np.uint64(1 << (self._dimension + k)), most):
                return None
        return Rays(list(map(tuple, self._rays.tolist())), self._tight.tolist())

    def _cut(self, row: Sequence[int], bit: np.uint64, most: int | None) -> bool:
        """Add one inequality; False if there are too many rays."""
        if not len(self._rays):
            return True
        self._widen(max(map(abs, row), default=0) * self._dimension)
        values = self._rays @ np.array(row, dtype=self._rays.dtype)
        self._tight = np.where(values == 0, self._tight | bit, self._tight)
        above, below = np.flatnonzero(values > 0), np.flatnonzero(values < 0)
        if not len(below):
            return True
        i, j = self._edges(above, below)
        kept = values >= 0
        if most is not None and int(kept.sum()) + len(i) > most:
            return False
        self._widen(2 * int(np.abs(values).max()))
        values = values.astype(self._rays.dtype)
        new = self._rays[i] * -values[j][:, None] + self._rays[j] * values[i][:, None]
        if len(new):
            new //= np.gcd.reduce(new, axis=1)[:, None]
        self._tight = np.concatenate([self._tight[kept], self._tight[i] & self._tight[j] | bit])
        self._rays = np.concatenate([self._rays[kept], new])
        return True

    def _widen(self, factor: int) -> None:
        """Go over to integers of any size if products by so much might not fit."""
        if self._rays.dtype != object and int(self._rays.max()) * factor >= _SAFE:
            self._rays = self._rays.astype(object)

    def _edges(self, above: Ids, below: Ids) -> tuple[Ids, Ids]:
        """Pairs of neighbours on both sides."""
        simple = np.bitwise_count(self._tight) == self._dimension - 1
        above1, above2 = above[simple[above]], above[~simple[above]]
        below1, below2 = below[simple[below]], below[~simple[below]]
        few = len(above1) * len(below1) <= _PAIRS // 16
        found = [
            self._close(above1, below1) if few else self._sharing_an_edge(above1, below1),
            self._close(above1, below2),
            self._close(above2, below1),
            self._between_none(*self._close(above2, below2), np.flatnonzero(~simple)),
        ]
        return np.concatenate([i for i, _ in found]), np.concatenate([j for _, j in found])

    def _close(self, above: Ids, below: Ids) -> tuple[Ids, Ids]:
        """Pairs with enough hyperplanes in common."""
        if not len(above) or not len(below):
            return above[:0], below[:0]
        one, two = [], []
        step = max(1, _PAIRS // len(below))
        right = self._tight[below]
        for start in range(0, len(above), step):
            if start and self._check is not None:
                self._check()
            left = self._tight[above[start : start + step]]
            i, j = np.nonzero(np.bitwise_count(left[:, None] & right) >= self._dimension - 2)
            one.append(above[start + i])
            two.append(below[j])
        return np.concatenate(one), np.concatenate(two)

    def _sharing_an_edge(self, above: Ids, below: Ids) -> tuple[Ids, Ids]:
        """Pairs of simple rays with all but one of their hyperplanes in common, by sorting edges."""
        ids = np.concatenate([above, below])
        rest = self._tight[ids]
        edges, owners = [], []
        for _ in range(self._dimension - 1):
            low = rest & (~rest + np.uint64(1))
            edges.append(self._tight[ids] ^ low)
            owners.append(np.arange(len(ids)))
            rest = rest ^ low
        edge, owner = np.concatenate(edges), np.concatenate(owners)
        order = np.argsort(edge)
        edge, owner = edge[order], owner[order]
        crossing = (edge[1:] == edge[:-1]) & ((owner[1:] < len(above)) != (owner[:-1] < len(above)))
        at = np.flatnonzero(crossing)
        one, two = owner[at], owner[at + 1]
        return ids[np.minimum(one, two)], ids[np.maximum(one, two)]

    def _between_none(self, one: Ids, two: Ids, others: Ids) -> tuple[Ids, Ids]:
        """Those pairs on whose common hyperplanes no third ray lies."""
        if not len(one):
            return one, two
        # Where two pairs have the same in common there is a third ray at once.
        common, first, count = np.unique(self._tight[one] & self._tight[two], return_index=True, return_counts=True)
        common, first = common[count == 1], first[count == 1]
        alone = np.zeros(len(common), np.bool_)
        tight = self._tight[others]
        step = max(1, _PAIRS // len(tight))
        for start in range(0, len(common), step):
            if start and self._check is not None:
                self._check()
            part = common[start : start + step, None]
            alone[start : start + step] = np.count_nonzero(tight & part == part, axis=1) == 2
        return one[first[alone]], two[first[alone]]
