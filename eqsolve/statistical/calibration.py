"""How wide Ω*^n has to be: leave-one-out sets for independent, equally distributed endowments on a grid.

Ω*^n(x) = {|Σ_{s≠t} ω_s / (T − 1) − μ| <= x for all t}. How likely a path leaves it depends on its sum, its smallest and
its largest endowment only, whose joint law is exact: inclusion and exclusion over the laws of the sum of endowments
that are confined to an interval. Hoeffding's inequality bounds the same probability by 2 T exp(−2 (T − 1) x² / range²).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpz_poly
from flint import ctx as flint_context

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import to_integers
from eqsolve.statistical.grid_set import Grid
from eqsolve.statistical.process import Law
from eqsolve.statistical.typical import LeaveOneOut

EXACT, HOEFFDING = "exact", "hoeffding"
METHODS = (EXACT, HOEFFDING)
MAX_WORK = 20_000_000


@dataclass(frozen=True)
class Calibrated:
    """A leave-one-out set and how likely it is left.

    Parameters
    ----------
    typical : LeaveOneOut
    leaving : Fraction
        P(ω^n not in Ω*^n), exact.
    level : Fraction
        What it was not to exceed.
    method : {"exact", "hoeffding"}
    """

    typical: LeaveOneOut
    leaving: Fraction
    level: Fraction
    method: str


def mean(grid: Grid, law: Law) -> Fraction:
    """Mean endowment of a date."""
    return sum((p * w for p, w in zip(law, grid.values, strict=True)), Fraction(0))


def deviation_law(grid: Grid, law: Law, dates: int, centre: Fraction) -> dict[Fraction, Fraction]:
    """Law of the largest deviation max_t |Σ_{s≠t} ω_s / (T − 1) − centre| of independent draws from one law.

    Parameters
    ----------
    grid : Grid
    law : probabilities of its endowments
    dates : int
        T >= 2.
    centre : Fraction

    Raises
    ------
    SizeError
        If grid and dates are too large.

    Notes
    -----
    The deviation is largest at the smallest or the largest endowment of the path. O(m^2) powers of polynomials of
    degree m T, m + 1 endowments.
    """
    if dates < 2:
        raise ModelError(f"dates: found {dates}, expected at least 2")
    size = grid.most + 1
    if size * size * size * dates > MAX_WORK:
        raise SizeError(
            f"{size:,} endowments at {dates:,} dates are too many for exact probabilities; a given width helps"
        )
    weights, scale = to_integers(law)
    confined: dict[tuple[int, int], Sequence[int]] = {}
    for low, high in itertools.combinations_with_replacement(range(size), 2):
        kept = [w if low <= z <= high else 0 for z, w in enumerate(weights)]
        confined[low, high] = [int(x) for x in (fmpz_poly(kept) ** dates).coeffs()]

    def ways(low: int, high: int, total: int) -> int:
        """Weight of the paths that stay between two endowments and have this sum; 0 if there are none."""
        row = confined.get((low, high), ())
        return row[total] if total < len(row) else 0

    found: dict[Fraction, int] = {}
    others, middle = dates - 1, centre - grid.low
    for low, high in confined:
        for total in range(dates * low, dates * high + 1):
            count = (
                ways(low, high, total)
                - ways(low + 1, high, total)
                - ways(low, high - 1, total)
                + ways(low + 1, high - 1, total)
            )
            if count:
                far = max(abs(grid.step * Fraction(total - z, others) - middle) for z in (low, high))
                found[far] = found.get(far, 0) + count
    return {far: Fraction(count, scale**dates) for far, count in found.items()}


def hoeffding_bound_holds(dates: int, spread: Fraction, width: Fraction, level: Fraction) -> bool:
    """Whether 2 T exp(−2 (T − 1) x² / spread²) <= level, proved in ball arithmetic."""
    with flint_context.workprec(256):
        ratio = 2 * (dates - 1) * width**2 / spread**2 if spread else Fraction(0)
        bound = 2 * dates * (-(arb(ratio.numerator) / ratio.denominator)).exp()
        return bool(bound <= arb(level.numerator) / level.denominator)


def calibrate(grid: Grid, law: Law, dates: int, level: Fraction, method: str = EXACT) -> Calibrated:
    """The narrowest leave-one-out set around the mean that is left with probability `level` at most.

    Parameters
    ----------
    grid : Grid
    law : probabilities of its endowments, the same at every date
    dates : int
    level : Fraction
    method : {"exact", "hoeffding"}
        Exact probabilities, or the narrowest width on the grid of means that Hoeffding's inequality allows; the
        probability of leaving is exact either way.
    """
    if method not in METHODS:
        raise ModelError(f"method: found {method!r}, expected one of {', '.join(METHODS)}")
    if not 0 < level < 1:
        raise ModelError(f"level: found {level}, expected a number between 0 and 1")
    centre = mean(grid, law)
    deviations = deviation_law(grid, law, dates, centre)
    if method == EXACT:
        width, beyond = max(deviations), Fraction(0)
        for far in sorted(deviations, reverse=True):
            width = far
            if beyond + deviations[far] > level:
                break
            beyond += deviations[far]
    else:
        spread = grid.step * grid.most
        step = grid.step / (dates - 1)
        start = math.isqrt(int((spread / step) ** 2 * 10**6 * Fraction(math.log(2 * dates / level) / (2 * dates - 2))))
        count = max(0, start // 1000 - 2)
        while spread and not hoeffding_bound_holds(dates, spread, count * step, level):
            count += 1
        width = min(count * step, max(deviations))
    leaving = sum((p for far, p in deviations.items() if far > width), Fraction(0))
    return Calibrated(LeaveOneOut(grid.values, centre, width), leaving, level, method)
