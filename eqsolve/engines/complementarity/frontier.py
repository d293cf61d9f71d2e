"""The complementarity search in floating point with proofs, a batch of nodes at a time.

The nodes that wait are slots of arrays, on a stack. A batch is taken off its top; every node is split on one label,
and both children are a few simplex pivots away, done for the whole batch at once. A child is dropped when its face
is proved to be empty; what floating point cannot settle goes to the search in integers, and so do leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.complementarity import integers
from eqsolve.engines.complementarity.batch import (
    EMPTY,
    FEASIBLE,
    STUCK,
    TOLERANCE,
    Floats,
    Labels,
    Mask,
    Polyhedron,
    drive,
)
from eqsolve.engines.complementarity.certificates import Prover
from eqsolve.engines.complementarity.dictionary import Dictionary, dictionary_at
from eqsolve.engines.complementarity.model import Leaf, Statistics
from eqsolve.engines.complementarity.reduction import Reduced

Slots = NDArray[np.intp]

BATCH = 1024


@dataclass
class Faces:
    """Faces of one polyhedron, one per node: dictionaries and what they show.

    Attributes
    ----------
    tables : array, shape (N, rows, 1 + columns)
    basic : array, shape (N, rows)
    nonbasic : array, shape (N, columns)
    zero : array of bool, shape (N, labels)
        Variables fixed at 0 or proved to be 0 on the face.
    values : array, shape (N, labels)
        At the dictionary's vertex; 0 within the tolerance.
    ways : array, shape (N, labels)
        How many columns can lower a basic variable.
    """

    tables: Floats
    basic: Labels
    nonbasic: Labels
    zero: Mask
    values: Floats
    ways: Floats

    def take(self, slots: Slots) -> Faces:
        """Copy some nodes."""
        tables, basic, nonbasic, zero, values, ways = self.arrays()
        return Faces(tables[slots], basic[slots], nonbasic[slots], zero[slots], values[slots], ways[slots])

    def put(self, slots: Slots, other: Faces) -> None:
        """Overwrite some nodes."""
        self.tables[slots] = other.tables
        self.basic[slots] = other.basic
        self.nonbasic[slots] = other.nonbasic
        self.zero[slots] = other.zero
        self.values[slots] = other.values
        self.ways[slots] = other.ways

    def arrays(self) -> tuple[Floats, Labels, Labels, Mask, Floats, Floats]:
        """List the arrays in the order of construction."""
        return self.tables, self.basic, self.nonbasic, self.zero, self.values, self.ways

    def grown(self) -> Faces:
        """Copy into arrays of twice the length."""
        size = len(self.zero)
        return self.take(np.arange(2 * size) % size)

    def dead(self) -> Mask:
        """Which columns are 0 on the face."""
        return np.take_along_axis(self.zero, self.nonbasic.astype(np.intp), axis=1)

    def refresh(self) -> NDArray[np.intp]:
        """Compute values and ways; return the nodes with rows that look like variables stuck at 0."""
        alive = ~self.dead()
        at = self.basic.astype(np.intp)
        rates = self.tables[:, :, 1:]
        constants = self.tables[:, :, 0]
        lowering = (rates < -TOLERANCE) & alive[:, None, :]
        self.values[:] = 0.0
        self.ways[:] = 0.0
        np.put_along_axis(self.values, at, np.where(constants > TOLERANCE, constants, 0.0), axis=1)
        np.put_along_axis(self.ways, at, lowering.sum(axis=2, dtype=np.int16), axis=1)
        low_node, low_row = np.nonzero(constants <= TOLERANCE)
        raised = ((rates[low_node, low_row] > TOLERANCE) & alive[low_node]).any(axis=1)
        known = self.zero[low_node, at[low_node, low_row]]
        return np.unique(low_node[~raised & ~known])


class Player:
    """One player's polyhedron: moves its faces to where a variable is 0, with proofs.

    Parameters
    ----------
    polyhedron : Polyhedron
    labels : int
        Number of labels of the game.
    statistics : Statistics
    """

    def __init__(self, polyhedron: Polyhedron, labels: int, statistics: Statistics) -> None:
        self.polyhedron = polyhedron
        self._prover = Prover(polyhedron)
        self._statistics = statistics
        self._known: dict[tuple[bytes, bytes], int] = {}
        self._labels = labels

    def first(self) -> Faces:
        """Start with the whole polyhedron."""
        p, labels = self.polyhedron, self._labels
        empty = np.zeros((1, labels))
        faces = Faces(
            p.table[None].copy(),
            p.basic[None].copy(),
            p.nonbasic[None].copy(),
            np.zeros((1, labels), np.bool_),
            empty.copy(),
            empty.copy(),
        )
        self._settle(faces, faces.refresh())
        return faces

    def fix(self, faces: Faces, label: NDArray[np.intp]) -> NDArray[np.int8]:
        """Restrict every face to where a variable is 0, in place; say which are empty or stuck."""
        target = label.astype(np.int16)
        at = np.arange(len(label))
        status = np.full(len(label), FEASIBLE, np.int8)
        basic = np.flatnonzero((faces.basic == target[:, None]).any(axis=1))
        statistics = self._statistics
        statistics.lps += len(label)
        if len(basic):
            moved = faces.take(basic)
            outcome = drive(moved.tables, moved.basic, moved.nonbasic, moved.dead(), target[basic])
            statistics.pivots += outcome.pivots
            status[basic] = outcome.status
            gone = np.flatnonzero(outcome.status == EMPTY)
            moved.zero[np.arange(len(basic)), label[basic]] = True
            proved = self._prove(moved, outcome.row, target[basic], gone)
            status[basic[gone[~proved]]] = STUCK
            statistics.certified += int(proved.sum())
            faces.put(basic, moved)
        faces.zero[at, label] = True
        alive = np.flatnonzero(status == FEASIBLE)
        part = faces.take(alive)
        self._settle(part, part.refresh())
        faces.put(alive, part)
        return status

    def _prove(self, faces: Faces, row: NDArray[np.intp], target: Labels, which: NDArray[np.intp]) -> Mask:
        """Prove faces to be empty: by rounding as a batch, the rest by exact bases one by one."""
        rows = faces.tables[which, row[which]]
        proved = self._prover.empty(rows, faces.nonbasic[which], target[which], faces.zero[which])
        for k in np.flatnonzero(~proved):
            i = which[k]
            zero = bit_mask(faces.zero[i])
            proved[k] = self._prover.empty_by_basis(faces.nonbasic[i], int(target[i]), zero)
        return proved

    def _settle(self, faces: Faces, which: NDArray[np.intp]) -> None:
        """Find exactly which variables are 0 on faces that look as if some were."""
        if not len(which):
            return
        changed = [i for i in which if self._settle_one(faces, int(i))]
        if changed:
            slots = np.array(changed)
            part = faces.take(slots)
            again = part.refresh()
            self._settle(part, again)
            faces.put(slots, part)

    def _settle_one(self, faces: Faces, i: int) -> bool:
        before = bit_mask(faces.zero[i])
        key = (np.sort(faces.nonbasic[i]).tobytes(), faces.zero[i].tobytes())
        after = self._known.get(key)
        if after is None:
            exact = self.exact(faces.nonbasic[i], before)
            after = before if exact is None else exact.settled().zero
            self._known[key] = after
        if after == before:
            return False
        bits = np.frombuffer(after.to_bytes((self._labels + 7) // 8, "little"), dtype=np.uint8)
        faces.zero[i] = np.unpackbits(bits, bitorder="little")[: self._labels].astype(np.bool_)
        return True

    def exact(self, nonbasic: Labels, zero: int) -> Dictionary | None:
        """Build the dictionary of a face in integers."""
        p = self.polyhedron
        return dictionary_at(p.half, p.strategies, p.replies, nonbasic.tolist(), zero)


def bit_mask(flags: Mask) -> int:
    """Write flags as bits of an integer."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


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
        self._x = Player(Polyhedron(game.second, rows, cols), m + n, statistics)
        self._y = Player(Polyhedron(game.first, cols, rows), m + n, statistics)
        self._x_faces, self._y_faces = self._x.first(), self._y.first()
        self._played = np.zeros((1, m + n), np.bool_)
        self._stack: list[int] = [0]
        self._free: list[int] = []

    def leaves(self) -> Iterator[Leaf]:
        """Yield leaves, in strategies of the merged game."""
        while self._stack:
            self._check()
            slots = np.array(self._stack[-BATCH:], dtype=np.intp)
            del self._stack[-BATCH:]
            yield from self._advance(slots)

    def _advance(self, slots: Slots) -> Iterator[Leaf]:
        """Split a batch of nodes; children go on the stack."""
        self._statistics.nodes += len(slots)
        unsettled = ~(self._x_faces.zero[slots] | self._y_faces.zero[slots])
        finished = ~unsettled.any(axis=1)
        for slot in slots[finished]:
            yield from self._in_integers(self._exact_node(int(slot)))
        self._free += slots[finished].tolist()
        slots = slots[~finished]
        if not len(slots):
            return
        label = self._labels(slots, unsettled[~finished])
        x, y = self._x_faces.take(slots), self._y_faces.take(slots)
        x_status, y_status = self._x.fix(x, label), self._y.fix(y, label)
        played = self._played[slots]
        for k in np.flatnonzero(x_status == STUCK):
            yield from self._in_integers(self._exact_child(int(slots[k]), 1 << int(label[k]), 0))
        for k in np.flatnonzero(y_status == STUCK):
            yield from self._in_integers(self._exact_child(int(slots[k]), 0, 1 << int(label[k])))
        x_lives = (x_status == FEASIBLE) & ~(x.zero & played).any(axis=1)
        y_lives = y_status == FEASIBLE
        self._keep(slots, label, x, y, x_lives, y_lives)

    def _labels(self, slots: Slots, unsettled: Mask) -> NDArray[np.intp]:
        """Choose labels to split: forced ones first, then the most violated with the fewest ways out."""
        a, b = self._x_faces.values[slots], self._y_faces.values[slots]
        x_ways, y_ways = self._x_faces.ways[slots], self._y_faces.ways[slots]
        x_ease, y_ease = 1.0 / (1.0 + x_ways), 1.0 / (1.0 + y_ways)
        violation = a * b * np.maximum(x_ease, y_ease)
        idle = np.minimum(np.maximum(a * x_ease, b * y_ease), 9.0)
        score = np.where(violation > 0, 10.0 + violation, idle)
        score += 1e9 * (((a > 0) & (x_ways == 0)) | ((b > 0) & (y_ways == 0)))
        return np.asarray(np.argmax(np.where(unsettled, score, -1.0), axis=1))

    def _keep(
        self, slots: Slots, label: NDArray[np.intp], x: Faces, y: Faces, x_lives: Mask, y_lives: Mask
    ) -> None:
        """Store the children that live: the first where the parent was, a second one in a slot of its own."""
        both = np.flatnonzero(x_lives & y_lives)
        second = self._allocate(len(both))
        self._x_faces.put(second, self._x_faces.take(slots[both]))
        self._played[second] = self._played[slots[both]]
        y_slots = slots.copy()
        y_slots[both] = second
        self._y_faces.put(y_slots[y_lives], y.take(np.flatnonzero(y_lives)))
        self._x_faces.put(slots[x_lives], x.take(np.flatnonzero(x_lives)))
        self._played[y_slots[y_lives], label[y_lives]] = True
        self._free += slots[~x_lives & ~y_lives].tolist()
        self._stack += y_slots[y_lives].tolist()
        self._stack += slots[x_lives].tolist()

    def _allocate(self, count: int) -> Slots:
        while len(self._free) < count:
            size = len(self._played)
            self._free += range(2 * size - 1, size - 1, -1)
            self._x_faces, self._y_faces = self._x_faces.grown(), self._y_faces.grown()
            self._played = np.concatenate([self._played, np.empty_like(self._played)])
        if not count:
            return np.zeros(0, np.intp)
        chosen = self._free[-count:]
        del self._free[-count:]
        return np.array(chosen, dtype=np.intp)

    def _in_integers(self, node: integers.Node | None) -> Iterator[Leaf]:
        if node is not None:
            yield from integers.search(self._game, node, self._statistics, self._check)

    def _exact_node(self, slot: int) -> integers.Node | None:
        """Build a node in integers from its bases; from the root, if they are not feasible."""
        zero_x, zero_y = bit_mask(self._x_faces.zero[slot]), bit_mask(self._y_faces.zero[slot])
        played = bit_mask(self._played[slot])
        x = self._x.exact(self._x_faces.nonbasic[slot], zero_x)
        y = self._y.exact(self._y_faces.nonbasic[slot], zero_y)
        if x is None or y is None or not (x.feasible() and y.feasible()):
            return integers.descend(integers.root(self._game), zero_x, zero_y, played)
        return integers.Node(x.settled(), y.settled(), played)

    def _exact_child(self, slot: int, zero_x: int, zero_y: int) -> integers.Node | None:
        self._statistics.exact += 1
        node = self._exact_node(slot)
        if node is None:
            return None
        return integers.descend(node, node.x.zero | zero_x, node.y.zero | zero_y, node.played | zero_y)
