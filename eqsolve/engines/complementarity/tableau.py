"""Rows of a dictionary as one array of 64-bit integers: the same pivots, many entries at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SAFE = 1 << 62

# Relative error of quotients in floating point, with much to spare.
_NEAR = 1e-12


class Tableau:
    """Rows (p, b, a_1, …) as in a `Dictionary`.

    Parameters
    ----------
    rows : sequence of sequences of int

    Raises
    ------
    OverflowError
        If an entry needs more than 64 bits.
    """

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self._rows: NDArray[np.int64] = np.array(rows, dtype=np.int64)

    def row(self, i: int) -> list[int]:
        """Copy one row."""
        result: list[int] = self._rows[i].tolist()
        return result

    def rows(self) -> list[list[int]]:
        """Copy all rows."""
        result: list[list[int]] = self._rows.tolist()
        return result

    def leaving(self, column: int, target: int, labels: Sequence[int]) -> int:
        """Row that reaches 0 first; the target if it is among them, else the smallest label."""
        rates = -self._rows[:, column]
        lowered = np.flatnonzero(rates > 0)
        quotients = self._rows[lowered, 1] / rates[lowered]
        near: list[int] = lowered[quotients <= quotients.min() * (1.0 + _NEAR)].tolist()
        best, above, below = near[0], int(self._rows[near[0], 1]), int(rates[near[0]])
        for i in near[1:]:
            value, rate = int(self._rows[i, 1]), int(rates[i])
            compare = value * below - above * rate
            if compare < 0 or (compare == 0 and best != target and (i == target or labels[i] < labels[best])):
                best, above, below = i, value, rate
        return best

    def pivot(self, r: int, column: int) -> bool:
        """Exchange row r for a column; False, and nothing is changed, if 64 bits may be too few."""
        new = self._rows[r].copy()
        p = int(new[column])
        if p < 0:
            p, new[column] = -p, -self._rows[r, 0]
        else:
            np.negative(new, out=new)
            new[column] = self._rows[r, 0]
        new[0] = 0
        which = np.flatnonzero(self._rows[:, column])
        which = which[which != r]
        factors = self._rows[which, column]
        shared = np.gcd(factors, p)
        scales, factors = p // shared, factors // shared
        largest = max(abs(int(self._rows.min())), int(self._rows.max()))
        if largest * (int(scales.max(initial=0)) + int(np.abs(factors).max(initial=0))) >= _SAFE:
            return False
        mixed = self._rows[which]
        mixed[:, column] = 0
        mixed *= scales[:, None]
        mixed += factors[:, None] * new
        contents = np.gcd.reduce(mixed, axis=1)
        common = np.flatnonzero(contents > 1)
        mixed[common] //= contents[common, None]
        self._rows[which] = mixed
        new[0] = p
        self._rows[r] = new
        return True
