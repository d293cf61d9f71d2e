"""Children under way: linear programs of many nodes, pivoted together until proved empty or found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from eqsolve.engines.complementarity.batch import (
    ACTIVE,
    EMPTY,
    FEASIBLE,
    STUCK,
    Floats,
    Labels,
    Mask,
    Polyhedron,
    drive,
)
from eqsolve.engines.complementarity.certificates import Prover
from eqsolve.engines.complementarity.dictionary import Dictionary, dictionary_at
from eqsolve.engines.complementarity.model import Statistics
from eqsolve.engines.complementarity.pool import Faces, Ids, Pool

# Status of a child that is found and holds something new.
_LIVES = 4

# One in so many linear programs may wait for the next run.
_SLOW = 6


class Side:
    """One player's polyhedron, and what is proved about its faces.

    Parameters
    ----------
    polyhedron : Polyhedron
    labels : int
        Number of labels of the game.

    Attributes
    ----------
    doubts : int
        Faces that looked as if a variable was stuck at 0, and it was not so.
    """

    def __init__(self, polyhedron: Polyhedron, labels: int) -> None:
        self.polyhedron = polyhedron
        self.doubts = 0
        self._prover = Prover(polyhedron)
        self._labels = labels
        self._known: dict[tuple[bytes, bytes], int] = {}

    def prove_empty(self, rows: Floats, nonbasic: Labels, target: Labels, zero: Mask) -> Mask:
        """Prove faces to be empty: by rounding as a batch, the rest by exact bases one by one."""
        proved = self._prover.empty(rows, nonbasic, target, zero)
        for k in np.flatnonzero(~proved):
            proved[k] = self._prover.empty_by_basis(nonbasic[k], int(target[k]), bit_mask(zero[k]))
        return proved

    def settle(self, faces: Faces, which: Ids) -> None:
        """Prove which variables are 0 on faces that look as if some were."""
        while len(which):
            changed = [i for i in which if self._settle_one(faces, int(i))]
            which = faces.refresh(np.array(changed, dtype=np.intp))

    def _settle_one(self, faces: Faces, i: int) -> bool:
        before = bit_mask(faces.zero[i])
        key = (np.sort(faces.nonbasic[i]).tobytes(), faces.zero[i].tobytes())
        after = self._known.get(key)
        if after is None:
            exact = self.exact(faces.nonbasic[i], before)
            after = before if exact is None else exact.settled().zero
            self._known[key] = after
            self.doubts += after == before
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
        if not len(which):
            return Items(self.face[:0], self.label[:0], self.side[:0], self.other[:0], self.played[:0])
        return Items(self.face[which], self.label[which], self.side[which], self.other[which], self.played[which])

    @staticmethod
    def join(one: Items, two: Items) -> Items:
        """Put two collections one after the other."""
        if not len(one) or not len(two):
            return one if len(one) else two
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
    lives : Items
        Children that live.
    ids : array
        Their new faces in the pool, in the same order.
    gone : Items
        Children without anything new.
    stuck, zero : Items, array of bool
        Children that floating point cannot decide, and the variables that are 0 on their new faces.
    """

    lives: Items
    ids: Ids
    gone: Items
    stuck: Items
    zero: Mask


class Claims(NamedTuple):
    """Faces that look empty: the rows that show it, their labels, and what is 0 there."""

    rows: Floats
    nonbasic: Labels
    label: Ids
    zero: Mask
    side: Ids


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
        self._work = Faces.empty(0, *pool.shape)
        self._under_way: Items | None = None

    def __len__(self) -> int:
        return 0 if self._under_way is None else len(self._under_way)

    def run(self, new: Items) -> Results:
        """Pivot all that is under way and what is new, but leave the slowest for the next run."""
        self._statistics.lps += len(new)
        new, hopeless, claims = self._hopeless(new)
        items, moving = self._gather(new)
        faces = self._work.view(0, len(items))
        status = np.full(len(items), FEASIBLE, np.int8)
        row = np.zeros(len(items), np.intp)
        if moving:
            front = faces.view(0, moving)
            target = items.label[:moving].astype(np.int16)
            leave = moving // _SLOW
            outcome = drive(front.tables, front.basic, front.nonbasic, front.dead(), target, leave)
            status[:moving], row[:moving] = outcome.status, outcome.row
            self._statistics.pivots += outcome.pivots
        done = np.flatnonzero(status != ACTIVE)
        faces.zero[done, items.label[done]] = True
        late = np.flatnonzero(status == EMPTY)
        late_claims = Claims(
            faces.tables[late, row[late]], faces.nonbasic[late], items.label[late], faces.zero[late], items.side[late]
        )
        proved = self._proved(claims, late_claims)
        status[late[~proved[len(hopeless) :]]] = STUCK
        proved = proved[: len(hopeless)]
        found = self._settled(items, faces, np.flatnonzero(status == FEASIBLE))
        status[found] = _LIVES
        active = np.flatnonzero(status == ACTIVE)
        stuck = np.flatnonzero(status == STUCK)
        gone = np.flatnonzero((status == EMPTY) | (status == FEASIBLE))
        results = Results(
            items.take(found),
            self.pool.add(faces, found),
            Items.join(items.take(gone), hopeless.take(proved)),
            Items.join(items.take(stuck), hopeless.take(~proved)),
            np.concatenate([faces.zero[stuck], claims.zero[~proved]]),
        )
        self._under_way = items.take(active) if len(active) else None
        self._work.copy_from(0, self._work, active)
        return results

    def _hopeless(self, new: Items) -> tuple[Items, Items, Claims]:
        """Split off what the parents' dictionaries show to be empty, with the claims that it is."""
        faces = self.pool.faces
        at = new.face, new.label
        over = (faces.values[at] > 0) & (faces.ways[at] == 0)
        items = new.take(over)
        zero = faces.zero[items.face]
        zero[np.arange(len(items)), items.label] = True
        row = np.argmax(faces.basic[items.face] == items.label[:, None].astype(np.int16), axis=1)
        rows, nonbasic = faces.tables[items.face, row], faces.nonbasic[items.face]
        return new.take(~over), items, Claims(rows, nonbasic, items.label, zero, items.side)

    def _gather(self, new: Items) -> tuple[Items, int]:
        """Copy the parents' faces behind those under way; first come those whose variable is basic.

        Where the variable is not basic, it is 0 already.
        """
        target = new.label.astype(np.int16)
        basic = (self.pool.faces.basic[new.face] == target[:, None]).any(axis=1)
        new = new.take(np.concatenate([np.flatnonzero(basic), np.flatnonzero(~basic)]))
        count = len(self)
        if count + len(new) > len(self._work):
            larger = Faces.empty(2 * (count + len(new)), *self.pool.shape)
            larger.copy_from(0, self._work, np.arange(count))
            self._work = larger
        self._work.copy_from(count, self.pool.faces, new.face)
        joined = new if self._under_way is None else Items.join(self._under_way, new)
        return joined, count + int(basic.sum())

    def _proved(self, one: Claims, two: Claims) -> Mask:
        """Which claims have a proof."""
        rows, nonbasic = np.concatenate([one.rows, two.rows]), np.concatenate([one.nonbasic, two.nonbasic])
        label, zero = np.concatenate([one.label, two.label]), np.concatenate([one.zero, two.zero])
        side = np.concatenate([one.side, two.side])
        proved = np.zeros(len(label), np.bool_)
        for k, prover in enumerate(self._sides):
            which = np.flatnonzero(side == k)
            if len(which):
                target = label[which].astype(np.int16)
                proved[which] = prover.prove_empty(rows[which], nonbasic[which], target, zero[which])
        self._statistics.certified += int(proved.sum())
        return proved

    def _settled(self, items: Items, faces: Faces, found: Ids) -> Ids:
        """Refresh the faces that were found; leave out those with nothing of the labels to be played."""
        low = faces.refresh(found)
        for k, side in enumerate(self._sides):
            side.settle(faces, low[items.side[low] == k])
        lost = (faces.zero[found] & items.played[found]).any(axis=1) & (items.side[found] == 0)
        return np.asarray(found[~lost], dtype=np.intp)
