"""Faces in floating point: a pool of dictionaries that nodes of the search share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.complementarity.batch import TOLERANCE, Floats, Labels, Mask, Polyhedron

Ids = NDArray[np.intp]


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
            np.empty((count, labels)),
            np.empty((count, labels)),
        )

    def __len__(self) -> int:
        return len(self.zero)

    def take(self, ids: Ids) -> Faces:
        """Copy some faces."""
        return Faces(
            self.tables[ids],
            self.basic[ids],
            self.nonbasic[ids],
            self.zero[ids],
            self.values[ids],
            self.ways[ids],
        )

    def put(self, ids: Ids | slice, other: Faces, which: Ids | slice = slice(None)) -> None:
        """Overwrite some faces by some of another collection."""
        self.tables[ids] = other.tables[which]
        self.basic[ids] = other.basic[which]
        self.nonbasic[ids] = other.nonbasic[which]
        self.zero[ids] = other.zero[which]
        self.values[ids] = other.values[which]
        self.ways[ids] = other.ways[which]

    def dead(self) -> Mask:
        """Which columns are 0 on the face."""
        return np.take_along_axis(self.zero, self.nonbasic.astype(np.intp), axis=1)

    def refresh(self) -> Ids:
        """Compute values and ways; return the faces with rows that look like variables stuck at 0."""
        alive = ~self.dead()
        at = self.basic.astype(np.intp)
        rates = self.tables[:, :, 1:]
        constants = self.tables[:, :, 0]
        lowering = (rates < -TOLERANCE) & alive[:, None, :]
        self.values[:] = 0.0
        self.ways[:] = 0.0
        np.put_along_axis(self.values, at, np.where(constants > TOLERANCE, constants, 0.0), axis=1)
        np.put_along_axis(self.ways, at, lowering.sum(axis=2, dtype=np.int16), axis=1)
        low_face, low_row = np.nonzero(constants <= TOLERANCE)
        raised = ((rates[low_face, low_row] > TOLERANCE) & alive[low_face]).any(axis=1)
        known = self.zero[low_face, at[low_face, low_row]]
        return np.unique(low_face[~raised & ~known])


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

    def add(self, faces: Faces) -> Ids:
        """Store faces, each used once, and return where."""
        while len(self._free) < len(faces):
            size = len(self.faces)
            grown = Faces.empty(max(64, 2 * size), *self.shape)
            grown.put(slice(0, size), self.faces)
            self._free += range(len(grown) - 1, size - 1, -1)
            self.faces = grown
            self._uses = np.concatenate([self._uses, np.zeros(len(grown) - size, np.int32)])
        cut = len(self._free) - len(faces)
        ids = np.array(self._free[cut:], dtype=np.intp)
        del self._free[cut:]
        self.faces.put(ids, faces)
        self._uses[ids] = 1
        return ids

    def hold(self, ids: Ids) -> None:
        """Count one more use of each."""
        np.add.at(self._uses, ids, 1)

    def release(self, ids: Ids) -> None:
        """Count one use less of each; unused ones may be overwritten."""
        np.subtract.at(self._uses, ids, 1)
        gone = np.unique(ids)
        self._free += gone[self._uses[gone] == 0].tolist()


def whole(polyhedron: Polyhedron, labels: int) -> Faces:
    """Start with the whole polyhedron."""
    rows, width = polyhedron.table.shape
    faces = Faces.empty(1, rows, width - 1, labels)
    faces.tables[0], faces.basic[0], faces.nonbasic[0] = polyhedron.table, polyhedron.basic, polyhedron.nonbasic
    faces.zero[0] = False
    return faces
