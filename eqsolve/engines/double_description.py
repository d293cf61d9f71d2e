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
Integers = NDArray[Any]

# More rays than these are kept in arrays, if the hyperplanes fit into the bits of a word.
_FEW = 16
_WORD = 64

# Entries of 64 bits are safe while every sum of products stays below.
_SAFE = 1 << 62

# Entries from which common factors are looked for: smaller ones are quicker to multiply than to divide.
_LONG = 1 << 20

# Pairs of rays that are compared at once.
_PAIRS = 1 << 21


class Rays:
    """Extreme rays, and the hyperplanes that they lie on.

    Parameters
    ----------
    tight : list of int
    found : callable
        Gives the vectors of some rays.

    Attributes
    ----------
    tight : list of int
        Bit i < dimension: coordinate i is 0; bit dimension + k: inequality k holds with equality.
    """

    def __init__(self, tight: list[int], found: Callable[[Sequence[int]], list[Ray]]) -> None:
        self.tight = tight
        self._found = found

    @property
    def vectors(self) -> list[Ray]:
        """Primitive integer vectors of all rays, no two equal."""
        return self.some(range(len(self.tight)))

    def some(self, which: Sequence[int]) -> list[Ray]:
        """Vectors of the rays with the given indices; the fewer, the quicker."""
        return self._found(which)


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
    full = (1 << dimension) - 1
    tight = [full ^ (1 << i) for i in range(dimension)]
    # After the vector come the products with the inequalities that have not cut yet, the next one last.
    ahead = zip(*reversed(inequalities), strict=True) if inequalities else ((),) * dimension
    rays = [[*(int(i == j) for j in range(dimension)), *column] for i, column in enumerate(ahead)]
    for k in range(len(inequalities)):
        if check is not None:
            check()
        if most is not None and len(rays) > most:
            return None
        if len(rays) > _FEW and dimension + len(inequalities) <= _WORD:
            return _Cone(rays, tight, dimension, inequalities, check).cut(most)
        rays, tight = _cut(rays, tight, 1 << (dimension + k), dimension)
    vectors = list(map(tuple, rays))
    return Rays(tight, lambda which: [vectors[i] for i in which])


def _cut(rays: list[list[int]], tight: list[int], bit: int, dimension: int) -> tuple[list[list[int]], list[int]]:
    """Keep the side where the next products are not negative; add the rays where edges cross the hyperplane."""
    values = [ray.pop() for ray in rays]
    tight = [z if value else z | bit for z, value in zip(tight, values, strict=True)]
    above = [i for i, value in enumerate(values) if value > 0]
    below = [i for i, value in enumerate(values) if value < 0]
    if not below:
        return rays, tight
    kept = [i for i, value in enumerate(values) if value >= 0]
    new_rays, new_tight = [rays[i] for i in kept], [tight[i] for i in kept]
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
            if sum([common & z == common for z in between]) > 1:
                continue
            p, q = abs(values[i]), abs(values[j])
            ray = [q * u + p * v for u, v in zip(rays[i], rays[j], strict=True)]
            content = math.gcd(*ray)
            new_rays.append([u // content for u in ray] if content > 1 else ray)
            new_tight.append(common | bit)
    return new_rays, new_tight


class _Step(NamedTuple):
    """One hyperplane: the rays that it keeps come first, then one for each pair of neighbours that it parts."""

    row: Sequence[int]
    kept: Ids
    above: Ids
    below: Ids


class _Cone:
    """The same with arrays: words of bits for the hyperplanes, numbers of 64 bits until they no longer do.

    Notes
    -----
    What the search needs of a ray is its products with the inequalities that are still to come. While words of 64 bits
    are enough, these are columns of a table, next to the vectors. From then on they are all that is computed, up to a
    positive factor, and become fewer from step to step. Vectors are made afterwards, of those rays that somebody asks
    for and of their ancestors.

    A ray is *simple* if it lies on dimension - 1 hyperplanes only. They are independent then, and any of them but
    one hold an edge, on which two rays lie and no third. So rays with dimension - 2 hyperplanes in common are
    neighbours if one of them is simple, and if neither is, no simple ray comes between them.
    """

    def __init__(
        self,
        rays: list[list[int]],
        tight: list[int],
        dimension: int,
        inequalities: Sequence[Sequence[int]],
        check: Check | None,
    ) -> None:
        self._dimension = dimension
        self._check = check
        self._inequalities = inequalities
        self._tight: Masks = np.array(tight, dtype=np.uint64)
        # Without vectors there are steps, before the first of which they were known.
        self._vectors_known, self._steps = True, list[_Step]()
        try:
            self._table: Integers = np.array(rays, dtype=np.int64)
        except OverflowError:
            self._table = np.array(rays, dtype=object)
        self._start = len(inequalities) - (self._table.shape[1] - dimension)
        self._first = self._table[:, :dimension]
        if _largest(self._table) >= _SAFE:
            self._widen()

    def cut(self, most: int | None) -> Rays | None:
        """Add the inequalities; None if there are too many rays on the way."""
        for k in range(self._start, len(self._inequalities)):
            if self._check is not None:
                self._check()
            if not self._cut(k, most):
                return None
        return Rays(self._tight.tolist(), self._vectors)

    def _cut(self, k: int, most: int | None) -> bool:
        values = self._table[:, -1]
        self._table = self._table[:, :-1]
        bit = np.uint64(1 << (self._dimension + k))
        self._tight = np.where(values == 0, self._tight | bit, self._tight)
        (below,) = (values < 0).nonzero()
        if not len(below):
            return True
        (above,) = (values > 0).nonzero()
        (kept,) = (values >= 0).nonzero()
        i, j = self._edges(above, below)
        if most is not None and len(kept) + len(i) > most:
            return False
        tight = self._tight
        self._tight = np.concatenate([tight[kept], tight[i] & tight[j] | bit])
        new = _joined(self._table, values, i, j) if self._vectors_known else None
        if new is None:
            self._widen()
            self._steps.append(_Step(self._inequalities[k], kept, i, j))
            new = self._products(values, i, j)
        self._table = np.concatenate([self._table[kept], new])
        return True

    def _widen(self) -> None:
        """Go over to integers of any size, without vectors."""
        if self._vectors_known:
            self._first = self._table[:, : self._dimension]
            self._table = self._table[:, self._dimension :].astype(object)
            self._vectors_known = False

    def _products(self, values: Integers, above: Ids, below: Ids) -> Integers:
        """Products of new rays with the inequalities to come, up to a positive factor."""
        values = values.astype(object)
        new: Integers = self._table[above] * -values[below][:, None] + self._table[below] * values[above][:, None]
        width = new.shape[1]
        if width == 1:
            # Of the last product only the sign counts.
            return np.sign(new)
        if width > 2 and len(new):
            new //= np.maximum(np.gcd.reduce(new, axis=1), 1)[:, None]
        return new

    def _edges(self, above: Ids, below: Ids) -> tuple[Ids, Ids]:
        """Pairs of neighbours on both sides."""
        simple = np.bitwise_count(self._tight) == self._dimension - 1
        if len(above) * len(below) <= _PAIRS // 16:
            i, j = self._close(above, below)
            (odd,) = (~(simple[i] | simple[j])).nonzero()
            if not len(odd):
                return i, j
            alone = np.ones(len(i), np.bool_)
            alone[odd] = self._between_none(i[odd], j[odd], (~simple).nonzero()[0])
            return i[alone], j[alone]
        above1, above2 = above[simple[above]], above[~simple[above]]
        below1, below2 = below[simple[below]], below[~simple[below]]
        i, j = self._close(above2, below2)
        alone = self._between_none(i, j, (~simple).nonzero()[0])
        found = [
            self._sharing_an_edge(above1, below1),
            self._close(above1, below2),
            self._close(above2, below1),
            (i[alone], j[alone]),
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
            i, j = (np.bitwise_count(left[:, None] & right) >= self._dimension - 2).nonzero()
            one.append(above[start + i])
            two.append(below[j])
        return (one[0], two[0]) if len(one) == 1 else (np.concatenate(one), np.concatenate(two))

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

    def _between_none(self, one: Ids, two: Ids, others: Ids) -> NDArray[np.bool_]:
        """For each of some pairs, whether no third ray lies on all that they have in common."""
        alone = np.zeros(len(one), np.bool_)
        if not len(one):
            return alone
        common = self._tight[one] & self._tight[two]
        asked = np.arange(len(one))
        if len(one) * len(others) > _PAIRS // 16:
            # Where two pairs have the same in common there is a third ray at once.
            common, asked, count = np.unique(common, return_index=True, return_counts=True)
            common, asked = common[count == 1], asked[count == 1]
        tight = self._tight[others]
        step = max(1, _PAIRS // len(tight))
        for start in range(0, len(common), step):
            if start and self._check is not None:
                self._check()
            part = common[start : start + step, None]
            alone[asked[start : start + step]] = np.count_nonzero(tight & part == part, axis=1) == 2
        return alone

    def _vectors(self, which: Sequence[int]) -> list[Ray]:
        """Vectors of some rays."""
        if self._vectors_known:
            rows = self._table[list(which)]
            return list(map(tuple, (rows // np.gcd.reduce(rows, axis=1)[:, None]).tolist())) if len(rows) else []
        known: list[dict[int, Ray]] = [{} for _ in self._steps]
        return [self._vector(len(self._steps), i, known) for i in which]

    def _vector(self, level: int, i: int, known: list[dict[int, Ray]]) -> Ray:
        """Vector of a ray after so many steps, made of its ancestors."""
        while level and i < len(self._steps[level - 1].kept):
            level -= 1
            i = int(self._steps[level].kept[i])
        if not level:
            ray = tuple(self._first[i].tolist())
            content = math.gcd(*ray)
            return tuple(u // content for u in ray)
        level -= 1
        if i not in known[level]:
            step = self._steps[level]
            at = i - len(step.kept)
            one = self._vector(level, int(step.above[at]), known)
            two = self._vector(level, int(step.below[at]), known)
            p, q = sum(map(mul, step.row, one)), -sum(map(mul, step.row, two))
            joined = [q * u + p * v for u, v in zip(one, two, strict=True)]
            content = math.gcd(*joined)
            known[level][i] = tuple([u // content for u in joined] if content > 1 else joined)
        return known[level][i]


def _largest(numbers: Integers) -> int:
    """Largest absolute value."""
    return max(int(numbers.max()), -int(numbers.min())) if numbers.size else 0


def _joined(rows: Integers, values: Integers, above: Ids, below: Ids) -> Integers | None:
    """Rows where edges cross a hyperplane, up to a positive factor; None if 64 bits may be too few."""
    p, q = values[above], -values[below]
    if not len(p):
        return rows[:0]
    size = _largest(rows)
    if size * (int(p.max()) + int(q.max())) >= _SAFE:
        shared = np.gcd(p, q)
        p, q = p // shared, q // shared
        if size * (int(p.max()) + int(q.max())) >= _SAFE:
            return None
    new: Integers = rows[above] * q[:, None] + rows[below] * p[:, None]
    if _largest(new) >= _LONG:
        new //= np.gcd.reduce(new, axis=1)[:, None]
    return new
