"""Children under way: linear programs of many nodes, pivoted together until proved empty or found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.complementarity.batch import ACTIVE, EMPTY, FEASIBLE, STUCK, Labels, Mask, Polyhedron, drive
from eqsolve.engines.complementarity.certificates import Prover
from eqsolve.engines.complementarity.dictionary import Dictionary, dictionary_at
from eqsolve.engines.complementarity.model import Statistics
from eqsolve.engines.complementarity.pool import Faces, Ids, Pool


class Side:
    """One player's polyhedron, and what is proved about its faces.

    Parameters
    ----------
    polyhedron : Polyhedron
    labels : int
        Number of labels of the game.
    """

    def __init__(self, polyhedron: Polyhedron, labels: int) -> None:
        self.polyhedron = polyhedron
        self._prover = Prover(polyhedron)
        self._labels = labels
        self._known: dict[tuple[bytes, bytes], int] = {}

    def prove_empty(self, rows: NDArray[np.float64], nonbasic: Labels, target: Labels, zero: Mask) -> Mask:
        """Prove faces to be empty: by rounding as a batch, the rest by exact bases one by one."""
        proved = self._prover.empty(rows, nonbasic, target, zero)
        for k in np.flatnonzero(~proved):
            proved[k] = self._prover.empty_by_basis(nonbasic[k], int(target[k]), bit_mask(zero[k]))
        return proved

    def settle(self, faces: Faces, which: Ids) -> None:
        """Prove which variables are 0 on faces that look as if some were."""
        while len(which):
            changed = np.array([i for i in which if self._settle_one(faces, int(i))], dtype=np.intp)
            part = faces.take(changed)
            again = part.refresh()
            faces.put(changed, part)
            which = changed[again]

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


@dataclass
class Items:
    """Children whose new face is to be found.

    Attributes
    ----------
    face : array
        Ids of the parents' faces, valid when the child is handed in.
    label : array
        What is to be 0.
    side : array
        0 for the first player's polyhedron, 1 for the second's.
    other : array
        Ids of the other face, which the child keeps.
    played : array of bool, shape (N, labels)
        Labels that the child must play on the first player's face.
    """

    face: Ids
    label: Ids
    side: Ids
    other: Ids
    played: Mask

    def take(self, which: Ids | Mask) -> Items:
        """Copy some."""
        return Items(
            self.face[which], self.label[which], self.side[which], self.other[which], self.played[which]
        )

    @staticmethod
    def join(one: Items, two: Items) -> Items:
        """Put two collections one after the other."""
        return Items(
            np.concatenate([one.face, two.face]),
            np.concatenate([one.label, two.label]),
            np.concatenate([one.side, two.side]),
            np.concatenate([one.other, two.other]),
            np.concatenate([one.played, two.played]),
        )

    def __len__(self) -> int:
        return len(self.face)


class Results(NamedTuple):
    """What a run of a lane found.

    Attributes
    ----------
    lives, faces : Items, Faces
        Children that live, and their new faces.
    gone : Items
        Children without anything new.
    stuck, zero : Items, array of bool
        Children that floating point cannot decide, and the variables that are 0 on their new faces.
    """

    lives: Items
    faces: Faces
    gone: Items
    stuck: Items
    zero: Mask


class Lane:
    """Linear programs of one shape of dictionary.

    Parameters
    ----------
    pool : Pool
        Where the parents' faces are.
    sides : sequence of Side
        By number of the player.
    statistics : Statistics
    """

    def __init__(self, pool: Pool, sides: tuple[Side, Side], statistics: Statistics) -> None:
        self.pool = pool
        self._sides = sides
        self._statistics = statistics
        self._pending: tuple[Items, Faces] | None = None

    def __len__(self) -> int:
        return 0 if self._pending is None else len(self._pending[0])

    def run(self, new: Items, patience: bool) -> Results:
        """Pivot all that is under way and what is new.

        Parameters
        ----------
        new : Items
        patience : bool
            Whether to finish everything, or to leave the last quarter for the next run.
        """
        self._statistics.lps += len(new)
        items, faces = self._gather(new)
        target = items.label.astype(np.int16)
        # Where the variable is not basic, it is 0 already.
        moving = np.flatnonzero((faces.basic == target[:, None]).any(axis=1))
        status = np.full(len(items), FEASIBLE, np.int8)
        row = np.zeros(len(items), np.intp)
        if len(moving):
            part = faces if len(moving) == len(items) else faces.take(moving)
            leave = 0 if patience else len(moving) // 4
            outcome = drive(part.tables, part.basic, part.nonbasic, part.dead(), target[moving], leave)
            if part is not faces:
                faces.put(moving, part)
            status[moving], row[moving] = outcome.status, outcome.row
            self._statistics.pivots += outcome.pivots
        faces.zero[np.arange(len(items))[status != ACTIVE], items.label[status != ACTIVE]] = True
        self._prove(items, faces, row, status)
        active = np.flatnonzero(status == ACTIVE)
        self._pending = (items.take(active), faces.take(active)) if len(active) else None
        found = np.flatnonzero(status == FEASIBLE)
        living, lives = self._settled(faces.take(found), items.take(found))
        gone = Items.join(items.take(found[~lives]), items.take(status == EMPTY))
        stuck = np.flatnonzero(status == STUCK)
        return Results(items.take(found[lives]), living, gone, items.take(stuck), faces.zero[stuck])

    def _gather(self, new: Items) -> tuple[Items, Faces]:
        """Copy the parents' faces next to those under way."""
        if self._pending is None:
            return new, self.pool.faces.take(new.face)
        items, faces = self._pending
        count = len(items)
        joined = Faces.empty(count + len(new), *self.pool.shape)
        joined.put(slice(0, count), faces)
        joined.put(slice(count, None), self.pool.faces, new.face)
        return Items.join(items, new), joined

    def _prove(self, items: Items, faces: Faces, row: Ids, status: NDArray[np.int8]) -> None:
        """Prove empty faces; what cannot be proved is stuck."""
        for k, side in enumerate(self._sides):
            which = np.flatnonzero((status == EMPTY) & (items.side == k))
            if not len(which):
                continue
            target = items.label[which].astype(np.int16)
            rows = faces.tables[which, row[which], :]
            proved = side.prove_empty(rows, faces.nonbasic[which], target, faces.zero[which])
            status[which[~proved]] = STUCK
            self._statistics.certified += int(proved.sum())

    def _settled(self, faces: Faces, items: Items) -> tuple[Faces, Mask]:
        """Refresh the faces that were found; drop those where nothing is left of a label to be played."""
        low = faces.refresh()
        for k, side in enumerate(self._sides):
            side.settle(faces, low[items.side[low] == k])
        lives = ~(faces.zero & items.played).any(axis=1) | (items.side != 0)
        return (faces if lives.all() else faces.take(np.flatnonzero(lives))), lives
