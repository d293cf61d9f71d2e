"""The complementarity search in floating point with proofs, a batch of nodes at a time.

Nodes wait on a stack. A batch is taken off its top and every node is split on one label; both children are a few
simplex pivots away, done for all of them at once. A child is dropped when its face is proved to be empty; what floating
point cannot settle goes to the search in integers, and so do leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from eqsolve.engines.complementarity import integers
from eqsolve.engines.complementarity.batch import Labels, Mask, Polyhedron
from eqsolve.engines.complementarity.dictionary import Dictionary
from eqsolve.engines.complementarity.lane import Items, Lane, Results, Side, bit_mask
from eqsolve.engines.complementarity.model import Statistics
from eqsolve.engines.complementarity.pool import Ids, Pool, whole
from eqsolve.engines.complementarity.reduction import Product, Reduced

BATCH = 1024

# Unsettled questions, a few plus one in so many, that make a game one for integers.
_DOUBTS = 50


class NearlySingularError(ArithmeticError):
    """Floating point too often cannot settle what it sees."""


class Stack:
    """Nodes: a face of each player, and the labels that must be played.

    Parameters
    ----------
    labels : int
    """

    def __init__(self, labels: int) -> None:
        self._faces = np.empty((64, 2), np.intp)
        self._played = np.empty((64, labels), np.bool_)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def push(self, x: Ids, y: Ids, played: Mask) -> None:
        """Add nodes on top."""
        end = self._count + len(x)
        while end > len(self._faces):
            self._faces = np.concatenate([self._faces, np.empty_like(self._faces)])
            self._played = np.concatenate([self._played, np.empty_like(self._played)])
        self._faces[self._count : end, 0] = x
        self._faces[self._count : end, 1] = y
        self._played[self._count : end] = played
        self._count = end

    def pop(self, count: int) -> tuple[Ids, Ids, Mask]:
        """Take nodes off the top."""
        start = max(0, self._count - count)
        part = slice(start, self._count)
        self._count = start
        return self._faces[part, 0].copy(), self._faces[part, 1].copy(), self._played[part].copy()


class Frontier:
    """The nodes that wait, and the search.

    Parameters
    ----------
    game : Reduced
    statistics : Statistics
    check : callable
        Called once per batch and inside leaves; may raise to stop.
    """

    def __init__(self, game: Reduced, statistics: Statistics, check: Callable[[], None]) -> None:
        self._game = game
        self._statistics = statistics
        self._check = check
        m, n = len(game.first.payoffs), len(game.second.payoffs)
        rows, cols = range(m), range(m, m + n)
        polyhedra = Polyhedron(game.second, rows, cols), Polyhedron(game.first, cols, rows)
        self._sides = Side(polyhedra[0], m + n), Side(polyhedra[1], m + n)
        shapes = [(*p.table[:, 1:].shape, m + n) for p in polyhedra]
        pools = [Pool(shapes[0]), Pool(shapes[1])]
        if shapes[0] == shapes[1]:
            pools[1] = pools[0]
        self._pools = pools
        self._lanes = [Lane(pool, self._sides, statistics) for pool in dict.fromkeys(pools)]
        self._stack = Stack(m + n)
        ids = []
        for pool, side, polyhedron in zip(pools, self._sides, polyhedra, strict=True):
            face = whole(polyhedron, m + n)
            side.settle(face, face.refresh(np.zeros(1, np.intp)))
            ids.append(pool.add(face, np.zeros(1, np.intp)))
        self._stack.push(ids[0], ids[1], np.zeros((1, m + n), np.bool_))

    def leaves(self) -> Iterator[Product]:
        """Yield leaves, in strategies of the merged game.

        Raises
        ------
        NearlySingularError
            If another way should be tried; `leaves_in_integers` has the rest.
        """
        while len(self._stack) or any(len(lane) for lane in self._lanes):
            self._check()
            if self._hard():
                raise NearlySingularError("many faces can be settled in integers only")
            yield from self._advance(BATCH)

    def leaves_in_integers(self) -> Iterator[Product]:
        """Finish the children under way, and search all nodes that wait in integers."""
        while any(len(lane) for lane in self._lanes):
            yield from self._advance(0)
        while len(self._stack):
            x, y, played = self._stack.pop(1)
            yield from self._leaf(int(x[0]), int(y[0]), played[0])

    def _hard(self) -> bool:
        """Whether floating point too often cannot settle what it sees: nearly singular payoffs."""
        doubts = self._statistics.exact + sum(side.doubts for side in self._sides)
        return doubts > _DOUBTS + self._statistics.lps // _DOUBTS

    def _advance(self, batch: int) -> Iterator[Product]:
        """Split up to so many nodes, and go on with all children under way."""
        under_way = sum(len(lane) for lane in self._lanes)
        x, y, played = self._stack.pop(max(min(batch, 1), batch - under_way // 2))
        self._statistics.nodes += len(x)
        x_faces, y_faces = self._pools[0].faces, self._pools[1].faces
        unsettled = ~(x_faces.zero[x] | y_faces.zero[y])
        finished = ~unsettled.any(axis=1)
        for i in np.flatnonzero(finished):
            yield from self._leaf(int(x[i]), int(y[i]), played[i])
        self._pools[0].release(x[finished])
        self._pools[1].release(y[finished])
        x, y, played, unsettled = x[~finished], y[~finished], played[~finished], unsettled[~finished]
        label = self._labels(x, y, unsettled)
        # The first child keeps y and needs a new x, the second keeps x and needs a new y. Until their new faces are
        # found they hold one use of what they keep, which are the uses that the parent had.
        again = played.copy()
        again[np.arange(len(x)), label] = True
        first = Items(x, label, np.zeros(len(x), np.intp), y, played)
        second = Items(y, label, np.ones(len(x), np.intp), x, again)
        if len(self._lanes) == 1:
            yield from self._store(self._lanes[0].run(Items.join(first, second)))
        else:
            # Both copy their parents' faces before any use of those ends.
            results = [lane.run(i) for lane, i in zip(self._lanes, (first, second), strict=True)]
            for result in results:
                yield from self._store(result)

    def _labels(self, x: Ids, y: Ids, unsettled: Mask) -> Ids:
        """Choose labels to split: forced ones first, then the most violated with the fewest ways out."""
        a, x_ways = self._pools[0].faces.values[x], self._pools[0].faces.ways[x]
        b, y_ways = self._pools[1].faces.values[y], self._pools[1].faces.ways[y]
        x_ease, y_ease = 1.0 / (1.0 + x_ways), 1.0 / (1.0 + y_ways)
        violation = a * b * np.maximum(x_ease, y_ease)
        idle = np.minimum(np.maximum(a * x_ease, b * y_ease), 9.0)
        score = np.where(violation > 0, 10.0 + violation, idle)
        score += 1e9 * (((a > 0) & (x_ways == 0)) | ((b > 0) & (y_ways == 0)))
        return np.asarray(np.argmax(np.where(unsettled, score, -1.0), axis=1), dtype=np.intp)

    def _store(self, results: Results) -> Iterator[Product]:
        """Put children on the stack; search in integers those that are stuck."""
        stuck = results.stuck
        for i in range(len(stuck)):
            yield from self._in_integers(self._exact_child(stuck.take(np.array([i])), bit_mask(results.zero[i])))
        for dropped in (results.gone, stuck):
            for k in (0, 1):
                self._pools[1 - k].release(dropped.other[dropped.side == k])
        lives = results.lives
        first = lives.side == 0
        x, y = np.where(first, results.ids, lives.other), np.where(first, lives.other, results.ids)
        self._stack.push(x, y, lives.played)

    def _leaf(self, x: int, y: int, played: Mask) -> Iterator[Product]:
        """Search a node in integers, where all labels may be settled already."""
        faces = self._pools[0].faces, self._pools[1].faces
        yield from self._in_integers(
            self._exact_node(
                (faces[0].nonbasic[x], faces[1].nonbasic[y]),
                (bit_mask(faces[0].zero[x]), bit_mask(faces[1].zero[y])),
                bit_mask(played),
            )
        )

    def _exact_child(self, item: Items, zero: int) -> integers.Node | None:
        """Build a child in integers, from the root: its dictionary is what cannot be trusted."""
        self._statistics.exact += 1
        k = int(item.side[0])
        kept = bit_mask(self._pools[1 - k].faces.zero[int(item.other[0])])
        masks = (zero, kept) if k == 0 else (kept, zero)
        return integers.descend(integers.root(self._game), *masks, bit_mask(item.played[0]))

    def _exact_node(self, nonbasic: tuple[Labels, Labels], zero: tuple[int, int], played: int) -> integers.Node | None:
        """Build a node in integers from its bases; from the root, if they are not feasible."""
        faces: list[Dictionary] = []
        for side, labels, mask in zip(self._sides, nonbasic, zero, strict=True):
            exact = side.exact(labels, mask)
            if exact is None or not exact.feasible():
                return integers.descend(integers.root(self._game), zero[0], zero[1], played)
            faces.append(exact.settled())
        return integers.Node(faces[0], faces[1], played)

    def _in_integers(self, node: integers.Node | None) -> Iterator[Product]:
        if node is not None:
            yield from integers.search(self._game, node, self._statistics, self._check)
