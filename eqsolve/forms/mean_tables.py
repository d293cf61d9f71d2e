"""Mean lie tables: what a label-free strategy announces on average over the agent's histograms of true types.

Against opponents whose joint announcements H are only known to lie in some set, a label-free strategy is worth what its
mean lie table τ[u, v] = E[T[u, v]] is worth: payoffs are bilinear in τ and H. The best mean table against a given worth
comes from the transportation problems of all histograms at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from eqsolve.engines.transport import Transport
from eqsolve.errors import SizeError
from eqsolve.exact.multinomial import Counts
from eqsolve.processes import TypeLaw

_TIE_BREAKERS = 255
_SAFE = 2**58


@dataclass(frozen=True)
class MeanTable:
    """The mean lie table of a label-free strategy.

    Parameters
    ----------
    cells : types × types Fractions
        Mean number of problems of true type u announced as v.
    error : Fraction
        No cell is further than this from that of the strategy; 0 for an exact table.
    unit : int
        The strategy is best for worths that were rounded to multiples of this; 1 if it is best for the worths given.
    strategy : callable
        From an array (H, types) of histograms to the lie tables at them, an array (H, types, types) of int.
    """

    cells: tuple[tuple[Fraction, ...], ...]
    error: Fraction
    unit: int
    strategy: Callable[[Counts], npt.NDArray[np.int64]] = field(repr=False, compare=False)


def best_mean_table(
    law: TypeLaw,
    counts: Sequence[int],
    worth: Sequence[Sequence[int]],
    *,
    exact: bool,
    rounded: bool = True,
    deadline: float | None = None,
) -> MeanTable:
    """Mean lie table of a best label-free strategy on an exact budget.

    Ties are broken by worths that differ by too little to matter: then every dual vertex belongs to one tree of cells,
    on which the table is an affine function of the histogram.

    Parameters
    ----------
    law : TypeLaw
        Of the agent's type vector, exchangeable.
    counts : one int per type
        The budget; its sum is the number of problems.
    worth : types × types int
        What a problem of true type u announced as v is worth.
    exact : bool
        Exact means; or floating point with a proved error.
    rounded : bool
        Round worths that would not fit into 64 bits: quick, and a strategy that is nearly best.
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    SizeError
        If there are too many histograms, or all tie breakers failed.
    LimitReached
        After the deadline.
    """
    prior, copies = law.prior, sum(counts)
    types = len(prior)
    rows = [u for u, p in enumerate(prior) if p]
    cols = [v for v, b in enumerate(counts) if b]
    kept = [[worth[u][v] for v in cols] for u in rows]
    unit = max(1, -(-max(abs(x) for row in kept for x in row) // _largest_worth(types, copies))) if rounded else 1
    family, flows = _broken_ties([[(2 * x + unit) // (2 * unit) for x in row] for row in kept], counts, cols)

    def cells(lines: Counts, some: npt.NDArray[np.int64] = flows[:, :-1, :-1]) -> npt.NDArray[np.int64]:
        """T[u, v] for all rows but the last and all columns but the last, which the margins determine."""
        n = lines[:, rows]
        scores = family.scores(n, 0)
        vertex = (scores + family.constants(scores.dtype)).argmin(axis=0)
        affine = some.reshape(len(some), -1, len(rows) + 1)[vertex]
        table: npt.NDArray[np.int64] = np.einsum("hcr,hr->hc", affine[:, :, :-1], n) + affine[:, :, -1]
        return table

    def strategy(lines: Counts) -> npt.NDArray[np.int64]:
        """Whole lie tables of many histograms, as the strategy announces them."""
        tables = np.zeros((len(lines), types, types), dtype=np.int64)
        tables[np.ix_(range(len(lines)), rows, cols)] = cells(lines, flows).reshape(len(lines), len(rows), len(cols))
        return tables

    if exact:
        found = [(x, Fraction(0)) for x in law.exact_means(cells, deadline=deadline)]
    else:
        found = law.estimated_means(cells, deadline=deadline)
    inner = np.array([x for x, _ in found], dtype=object).reshape(len(rows) - 1, len(cols) - 1)
    error = sum((e for _, e in found), Fraction(0))
    full = np.full((types, types), Fraction(0), dtype=object)
    for r, u in enumerate(rows[:-1]):
        for c, v in enumerate(cols[:-1]):
            full[u, v] = inner[r, c]
        full[u, cols[-1]] = prior[u] * copies - sum(full[u, :])
    for v in cols:
        full[rows[-1], v] = counts[v] - sum(full[:, v])
    return MeanTable(tuple(tuple(row) for row in full.tolist()), error, unit, strategy)


def _largest_worth(types: int, copies: int) -> int:
    """Worths up to which sums with tie breakers stay within 64 bits."""
    return max(2**10, _SAFE // (8 * types * copies * (copies * _TIE_BREAKERS + 1)))


def _broken_ties(
    worth: Sequence[Sequence[int]], counts: Sequence[int], cols: Sequence[int]
) -> tuple[Transport, npt.NDArray[np.int64]]:
    """A family without degenerate dual vertices, whose optimal tables are optimal for `worth`, and these tables."""
    columns = tuple(counts[v] for v in cols)
    rng = random.Random(0)
    most = _TIE_BREAKERS
    for _ in range(20):
        factor = sum(counts) * most + 1  # together all tie breakers weigh less than one unit of worth
        broken = tuple(tuple(x * factor + rng.randint(0, most) for x in row) for row in worth)
        family = Transport(broken, columns)
        if family.flows is not None:
            return family, family.flows
        most *= 4
    raise SizeError("every way to break ties left a choice among lie tables; fewer types help")
