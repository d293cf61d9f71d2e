"""Many dictionaries of one polyhedron at once, in floating point.

A stack of dictionaries z_i = b_i + Σ a_ij z_j is one array; a pivot on all of them is one outer product. What is
found here decides nothing by itself: empty faces are proved in `certificates`, leaves in integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.complementarity.dictionary import first_dictionary
from eqsolve.engines.complementarity.reduction import Half, block_ranges

Floats = NDArray[np.float64]
Labels = NDArray[np.int16]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-9
_BLAND_AFTER = 30
_GIVE_UP_AFTER = 300
_CHUNK = 15000

FEASIBLE, EMPTY, STUCK, ACTIVE = 0, 1, 2, 3


@dataclass
class Polyhedron:
    """A best-reply polyhedron with its first dictionary, in units in which numbers are near 1.

    Attributes
    ----------
    half : Half
    strategies, replies : range
        Labels of the probabilities and of the slacks.
    table : array of float, shape (rows, 1 + columns)
        First dictionary; the constant comes first.
    basic, nonbasic : arrays of int
        Labels of its rows and columns.
    slack_units : array of float, shape (q,)
        What one unit of a scaled slack is worth, relative to the largest.
    """

    half: Half
    strategies: range
    replies: range
    table: Floats = field(init=False)
    basic: Labels = field(init=False)
    nonbasic: Labels = field(init=False)
    slack_units: Floats = field(init=False)

    def __post_init__(self) -> None:
        first = first_dictionary(self.half, self.strategies, self.replies)
        unit = self._units()
        scales = [(1, 1), *(unit[label] for label in first.nonbasic)]
        table = []
        for label, row in zip(first.basic, first.rows, strict=True):
            above, below = unit[label]
            below, above = below, above * row[0]
            table.append([a * n * below / (d * above) for a, (n, d) in zip(row[1:], scales, strict=True)])
        self.table = np.array(table)
        self.basic = np.array(first.basic, dtype=np.int16)
        self.nonbasic = np.array(first.nonbasic, dtype=np.int16)
        largest = max(unit[label][0] for label in self.replies)
        self.slack_units = np.array([unit[label][0] / largest for label in self.replies])

    def _units(self) -> dict[int, tuple[int, int]]:
        """Units, as quotients, of slacks per block of replies and of strategies: payoffs then reach to about 1."""
        payoffs = self.half.payoffs
        unit: dict[int, tuple[int, int]] = {}
        tops = []
        blocks = block_ranges(self.half.replies)
        for block in blocks:
            top = max(max(payoffs[r]) for r in block) or 1
            tops.append(top)
            unit.update({self.replies[r]: (top, 1) for r in block})
        for j, label in enumerate(self.strategies):
            unit[label] = (1, 1)
            for top, block in zip(tops, blocks, strict=True):
                share = max(payoffs[r][j] for r in block)
                n, d = unit[label]
                if share and (top * d < n * share or unit[label] == (1, 1)):
                    unit[label] = (top, share)
        return unit


@dataclass
class Outcome:
    """What `drive` found, per dictionary.

    Attributes
    ----------
    status : array of int
        `FEASIBLE`, `EMPTY`, `STUCK`, or `ACTIVE` where pivots remain to be done.
    row : array of int
        Where the target was basic; for an empty face, the row that shows it.
    pivots : int
        In total.
    """

    status: NDArray[np.int8]
    row: NDArray[np.intp]
    pivots: int


def drive(tables: Floats, basic: Labels, nonbasic: Labels, dead: Mask, target: Labels, leave: int = 0) -> Outcome:
    """Lower a basic variable to 0 and out of the basis, in every dictionary; all arrays change in place.

    Parameters
    ----------
    tables : array, shape (N, rows, 1 + columns)
    basic : array, shape (N, rows)
    nonbasic, dead : arrays, shape (N, columns)
        Columns marked dead do not enter.
    target : array, shape (N,)
        Labels of basic variables.
    leave : int, optional
        Stop when no more than so many dictionaries are active, because few are slow as a batch; the next call
        can go on with them.

    Notes
    -----
    Primal simplex: the largest rate enters, among near ties of the ratio test the largest pivot leaves; smallest
    labels after a while, against cycles.
    """
    total = len(tables)
    row = np.argmax(basic == target[:, None], axis=1)
    outcome = Outcome(np.zeros(total, np.int8), row, 0)
    ids = np.arange(total)
    for step in range(_GIVE_UP_AFTER + 1):
        r = row[ids]
        bland = step >= _BLAND_AFTER
        column, positive, possible = _entering(tables[ids, r], nonbasic[ids], dead[ids], bland)
        # Without a column, a positive target cannot be lowered; one at 0 is 0 on the whole face.
        outcome.status[ids[~possible & positive]] = EMPTY
        if step == _GIVE_UP_AFTER:
            outcome.status[ids[possible]] = STUCK
            break
        if not possible.all():
            ids, r, column, positive = ids[possible], r[possible], column[possible], positive[possible]
            if not len(ids):
                break
        rates = tables[ids, :, column + 1]
        leaving = _leaving(tables[ids, :, 0], rates, r, basic[ids] if bland else None)
        leaving[~positive] = r[~positive]
        _pivot(tables, ids, rates, leaving, column)
        basic[ids, leaving], nonbasic[ids, column] = nonbasic[ids, column], basic[ids, leaving]
        outcome.pivots += len(ids)
        ids = ids[leaving != r]
        if len(ids) <= leave:
            outcome.status[ids] = ACTIVE
            break
    return outcome


def _entering(rows: Floats, nonbasic: Labels, dead: Mask, smallest_label: bool) -> tuple[NDArray[np.intp], Mask, Mask]:
    """Column to enter per dictionary, whether the target is positive, and whether there is such a column.

    The rows are overwritten.
    """
    at = np.arange(len(rows))
    rates = rows[:, 1:]
    rates[dead] = 0.0
    positive = rows[:, 0] > TOLERANCE
    if not positive.all():
        # A target at 0 may be exchanged for anything that its row has, whatever the sign.
        rates = np.where(positive[:, None], rates, -np.abs(rates))
    if smallest_label:
        column = np.where(rates < -TOLERANCE, nonbasic, np.iinfo(np.int16).max).argmin(axis=1)
    else:
        column = rates.argmin(axis=1)
    return column, positive, rates[at, column] < -TOLERANCE


def _leaving(values: Floats, rates: Floats, target: NDArray[np.intp], labels: Labels | None) -> NDArray[np.intp]:
    """Row to leave per dictionary: the target if it can, else the largest pivot (or smallest label)."""
    at = np.arange(len(values))
    ratios = np.full(values.shape, np.inf)
    np.divide(values, -rates, out=ratios, where=rates < -TOLERANCE)
    least = ratios.min(axis=1) + 1e-11
    near = ratios <= least[:, None]
    if labels is None:
        chosen = np.argmin(np.where(near, rates, 0.0), axis=1)
    else:
        chosen = np.argmin(np.where(near, labels, np.iinfo(np.int16).max), axis=1)
    return np.where(ratios[at, target] <= least, target, chosen)


def _pivot(
    tables: Floats,
    ids: NDArray[np.intp],
    rates: Floats,
    leaving: NDArray[np.intp],
    column: NDArray[np.intp],
) -> None:
    """Exchange one row and one column in some of the dictionaries."""
    at = np.arange(len(ids))
    j = column + 1
    pivot = rates[at, leaving]
    new = tables[ids, leaving] / -pivot[:, None]
    new[at, j] = 1.0 / pivot
    # The entering column becomes rates / pivot by adding rates (1 / pivot - 1), the row of `new` comes last.
    new[at, j] -= 1.0
    rates[at, leaving] = 0.0
    # In chunks that stay in the cache, through buffers that are allocated once.
    _, height, width = tables.shape
    size = max(1, _CHUNK // (height * width))
    change, old = np.empty((size, height, width)), np.empty((size, height, width))
    for start in range(0, len(ids), size):
        part = slice(start, min(start + size, len(ids)))
        count = part.stop - start
        np.einsum("nr,nk->nrk", rates[part], new[part], out=change[:count])
        np.take(tables, ids[part], axis=0, out=old[:count], mode="clip")
        change[:count] += old[:count]
        values = change[:count, :, 0]
        np.maximum(values, 0.0, out=values)
        tables[ids[part]] = change[:count]
    new[at, j] += 1.0
    new[:, 0] = np.maximum(new[:, 0], 0.0)
    tables[ids, leaving] = new
