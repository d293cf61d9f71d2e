"""Faces in floating point: a pool of dictionaries that nodes of the search share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.complementarity.batch import TOLERANCE, Floats, Labels, Mask, Polyhedron

Ids = NDArray[np.intp]

# Faces that are copied at once: few enough for the cache.
_CHUNK = 64


@dataclass
class Faces:
    """Faces as dictionaries, and what these show.

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

    @classmethod
    def empty(cls, count: int, rows: int, columns: int, labels: int) -> Faces:
        """Reserve arrays."""
        return cls(
            np.empty((count, rows, 1 + columns)),
            np.empty((count, rows), np.int16),
            np.empty((count, columns), np.int16),
            np.empty((count, labels), np.bool_),
            np.empty((count, labels), np.float32),
            np.empty((count, labels), np.float32),
        )

    def __len__(self) -> int:
        return len(self.zero)

    def view(self, start: int, stop: int) -> Faces:
        """View a range of them."""
        return Faces(
            self.tables[start:stop],
            self.basic[start:stop],
            self.nonbasic[start:stop],
            self.zero[start:stop],
            self.values[start:stop],
            self.ways[start:stop],
        )

    def copy_from(self, start: int, other: Faces, ids: Ids) -> None:
        """Overwrite a range by chosen faces of another collection, or by later ones of the same."""
        for first in range(0, len(ids), _CHUNK):
            some = ids[first : first + _CHUNK]
            part = slice(start + first, start + first + len(some))
            self.tables[part] = other.tables[some]
            self.basic[part] = other.basic[some]
            self.nonbasic[part] = other.nonbasic[some]
            self.zero[part] = other.zero[some]

    def dead(self, ids: Ids | slice = slice(None)) -> Mask:
        """Which columns are 0 on the face."""
        return np.take_along_axis(self.zero[ids], self.nonbasic[ids].astype(np.intp), axis=1)

    def refresh(self, ids: Ids) -> Ids:
        """Compute values and ways of some; return those with rows that look like variables stuck at 0."""
        low = [self._refresh(ids[start : start + _CHUNK]) for start in range(0, len(ids), _CHUNK)]
        return np.concatenate(low) if low else ids[:0]

    def _refresh(self, ids: Ids) -> Ids:
        alive = ~self.dead(ids)
        at = self.basic[ids].astype(np.intp)
        tables = self.tables[ids]
        rates, constants = tables[:, :, 1:], tables[:, :, 0]
        lowering = _counted((rates < -TOLERANCE) & alive[:, None, :])
        values, ways = np.zeros((2, len(ids), self.zero.shape[1]), np.float32)
        np.put_along_axis(values, at, np.where(constants > TOLERANCE, constants, 0.0), axis=1)
        np.put_along_axis(ways, at, lowering, axis=1)
        self.values[ids], self.ways[ids] = values, ways
        low_face, low_row = np.nonzero(constants <= TOLERANCE)
        raised = ((rates[low_face, low_row] > TOLERANCE) & alive[low_face]).any(axis=1)
        known = self.zero[ids[low_face], at[low_face, low_row]]
        low = np.zeros(len(ids), np.bool_)
        low[low_face[~raised & ~known]] = True
        return ids[low]


def _counted(flags: Mask) -> NDArray[np.uint64]:
    """Count up to 255 flags along the last axis: words of eight are added, then the bytes of the sum."""
    width = flags.shape[2]
    padded = np.zeros((*flags.shape[:2], -(-width // 8) * 8), np.bool_)
    padded[:, :, :width] = flags
    words = padded.view(np.uint64)
    total = words[:, :, 0].copy()
    for k in range(1, words.shape[2]):
        total += words[:, :, k]
    return np.asarray(total * np.uint64(0x0101010101010101) >> np.uint64(56))


class Pool:
    """Faces of one shape, with counts of how many nodes use them.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the dictionaries, and the number of labels.

    Attributes
    ----------
    faces : Faces
        All of them; what `add` returned are indices into its arrays.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape
        self.faces = Faces.empty(0, *shape)
        self._uses = np.zeros(0, np.int32)
        self._free: list[int] = []

    def add(self, faces: Faces, which: Ids) -> Ids:
        """Store some faces, each used once, and return where."""
        while len(self._free) < len(which):
            size = len(self.faces)
            grown = Faces.empty(max(64, 2 * size), *self.shape)
            grown.copy_from(0, self.faces, np.arange(size))
            grown.values[:size], grown.ways[:size] = self.faces.values, self.faces.ways
            self._free += range(len(grown) - 1, size - 1, -1)
            self.faces = grown
            self._uses = np.concatenate([self._uses, np.zeros(len(grown) - size, np.int32)])
        cut = len(self._free) - len(which)
        ids = np.array(self._free[cut:], dtype=np.intp)
        del self._free[cut:]
        for start in range(0, len(ids), _CHUNK):
            part = slice(start, start + _CHUNK)
            self._put(ids[part], faces, which[part])
        self._uses[ids] = 1
        return ids

    def _put(self, ids: Ids, faces: Faces, which: Ids) -> None:
        mine = self.faces
        mine.tables[ids] = faces.tables[which]
        mine.basic[ids] = faces.basic[which]
        mine.nonbasic[ids] = faces.nonbasic[which]
        mine.zero[ids] = faces.zero[which]
        mine.values[ids] = faces.values[which]
        mine.ways[ids] = faces.ways[which]

    def release(self, ids: Ids) -> None:
        """Count one use less of each; unused ones may be overwritten."""
        if not len(ids):
            return
        np.subtract.at(self._uses, ids, 1)
        self._free += dict.fromkeys(ids[self._uses[ids] == 0].tolist())


def whole(polyhedron: Polyhedron, labels: int) -> Faces:
    """Start with the whole polyhedron."""
    rows, width = polyhedron.table.shape
    faces = Faces.empty(1, rows, width - 1, labels)
    faces.tables[0], faces.basic[0], faces.nonbasic[0] = polyhedron.table, polyhedron.basic, polyhedron.nonbasic
    faces.zero[0] = False
    return faces
