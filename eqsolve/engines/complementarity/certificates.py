"""Proofs in exact arithmetic that faces are empty.

Take multipliers λ of the equations s_r + (M u)_r = w_b, one per reply, with sum 0 over every block of
replies: the bounds w drop out, and Σ λ_r s_r + Σ g_j u_j = 0 with g = λ M. If no free slack has a positive
multiplier, and the sum over the blocks of strategies of the largest g_j of a free strategy is negative, then
nothing that is not negative satisfies this: the face is empty (Farkas). The row of a dictionary in which its
basic variable cannot reach 0 holds such multipliers, up to rounding. They are rounded to integers and
checked as integers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.complementarity.batch import Floats, Labels, Mask, Polyhedron
from eqsolve.engines.complementarity.dictionary import dictionary_at
from eqsolve.engines.complementarity.reduction import block_ranges

_EXACT_BITS = 53
_LIMB_BITS = 16
_WIDE_BITS = 30


class Prover:
    """Checks certificates of empty faces of one polyhedron.

    Parameters
    ----------
    polyhedron : Polyhedron
    """

    def __init__(self, polyhedron: Polyhedron) -> None:
        self._polyhedron = polyhedron
        half = polyhedron.half
        self._replies = block_ranges(half.replies)
        self._simplices = block_ranges(half.strategies)
        count = len(half.payoffs)
        largest = max(v.bit_length() for row in half.payoffs for v in row)
        # Sums of products over replies, then over simplices, stay below 2^53: exact in floating point.
        spare = _EXACT_BITS - count.bit_length() - len(self._simplices).bit_length()
        if spare - largest >= 2 * _LIMB_BITS - 4:
            self._bits, limbs = spare - largest, [half.payoffs]
        else:
            self._bits = min(_WIDE_BITS, spare - _LIMB_BITS)
            mask = (1 << _LIMB_BITS) - 1
            limbs = [
                [[v >> shift & mask for v in row] for row in half.payoffs] for shift in range(0, largest, _LIMB_BITS)
            ]
        self._limbs = [np.array(limb, dtype=np.float64) for limb in limbs]

    def empty(self, rows: Floats, nonbasic: Labels, target: Labels, fixed: Mask) -> Mask:
        """Check a batch: True where a face is proved to be empty.

        Parameters
        ----------
        rows : array, shape (N, 1 + columns)
            Rows of dictionaries in which the target is basic.
        nonbasic : array, shape (N, columns)
        target : array, shape (N,)
        fixed : array of bool, shape (N, labels)
            Variables that are 0 on the face.
        """
        replies, strategies = self._polyhedron.replies, self._polyhedron.strategies
        full = np.zeros(fixed.shape)
        np.put_along_axis(full, nonbasic.astype(np.intp), -rows[:, 1:], axis=1)
        full[np.arange(len(full)), target] = 1.0
        weights = full[:, replies.start : replies.stop] / self._polyhedron.slack_units
        slack_fixed = fixed[:, replies.start : replies.stop]
        multipliers = self._rounded(weights, slack_fixed)
        free = ~fixed[:, strategies.start : strategies.stop]
        admitted = ((multipliers <= 0) | slack_fixed).all(axis=1)
        return np.asarray(admitted & self._negative(multipliers, free), dtype=np.bool_)

    def _rounded(self, weights: Floats, fixed: Mask) -> Floats:
        """Integers near the weights: not positive where free, with sum 0 over every block."""
        size = np.abs(weights).max(axis=1, keepdims=True)
        # The balance of a block may add to an entry as much as all the rounding errors, hence the spare bit.
        rounded = np.rint(weights * (2.0 ** (self._bits - 1) / np.where(size > 0, size, 1.0)))
        rounded = np.where(fixed, rounded, np.minimum(rounded, 0.0))
        at = np.arange(len(weights))
        for block in self._replies:
            part = rounded[:, block.start : block.stop]
            held = fixed[:, block.start : block.stop]
            carrier = np.argmax(np.where(held, np.abs(part), -1.0), axis=1)
            part[at, carrier] -= np.where(held.any(axis=1), part.sum(axis=1), 0.0)
            part[part.sum(axis=1) != 0.0] = 0.0
        rounded[np.abs(rounded).max(axis=1) >= 2.0**self._bits] = 0.0
        return np.asarray(rounded, dtype=np.float64)

    def _negative(self, multipliers: Floats, free: Mask) -> Mask:
        """Whether the sum over simplices of the largest free entry of λ M is negative, exactly.

        A simplex without a free strategy makes the face empty whatever the multipliers.
        """
        if len(self._limbs) == 1:
            products = multipliers @ self._limbs[0]
            low = -np.inf
            total = np.zeros(len(products))
        else:
            products = np.zeros(free.shape, dtype=object)
            for k, limb in enumerate(self._limbs):
                products += (multipliers @ limb).astype(np.int64).astype(object) * (1 << (_LIMB_BITS * k))
            low = -float("inf")
            total = np.zeros(len(products), dtype=object)
        for block in self._simplices:
            part = np.where(free[:, block.start : block.stop], products[:, block.start : block.stop], low)
            total = total + part.max(axis=1)
        return np.asarray(total < 0, dtype=np.bool_)

    def empty_by_basis(self, nonbasic: NDArray[np.int16], target: int, zero: int) -> bool:
        """Solve for the row of one dictionary exactly; True if it proves the face to be empty.

        Parameters
        ----------
        nonbasic : array, shape (columns,)
        target : int
            Label of a basic variable, to be 0 on the face.
        zero : int
            Bit mask of the variables that are 0 on the face.
        """
        exact = dictionary_at(
            self._polyhedron.half, self._polyhedron.strategies, self._polyhedron.replies, nonbasic.tolist(), zero
        )
        if exact is None or target not in exact.basic:
            return False
        row = exact.rows[exact.basic.index(target)]
        return row[1] > 0 and min(row[2:], default=0) >= 0
