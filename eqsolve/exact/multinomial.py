"""Means of integers over the multinomial law of a histogram: exactly, or in floating point with a proved error.

A histogram says how often each kind occurs in K independent draws. There are C(K + m - 1, m - 1) of them for m kinds;
they are worked through in arrays, so memory stays small whatever their number.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb
from flint import ctx as flint_context

from eqsolve.errors import LimitReached, SizeError
from eqsolve.exact.rational import in_words, to_integers

Counts = npt.NDArray[np.int64]
Values = Callable[[Counts], npt.NDArray[Any]]
"""An integer for every line of an array of histograms."""

MAX_EXACT = 5_000_000
MAX_ESTIMATED = 50_000_000
LARGEST_VALUE = 2**52
_LINES = 2**16
_BITS = 128
_UNIT = Fraction(1, 2**53)  # half a unit in the last place: the rounding of one operation, and of one table entry
_TINY = Fraction(1, 2**1022)  # the smallest normal number: what an underflow may cost


def histogram_count(chances: Sequence[Fraction], draws: int) -> int:
    """Number of histograms of positive probability."""
    possible = sum(1 for p in chances if p)
    return math.comb(draws + possible - 1, possible - 1)


def check_size(chances: Sequence[Fraction], draws: int, exact: bool) -> None:
    """Raise SizeError if there are too many histograms for `exact_mean` or `estimated_mean`."""
    count, most = histogram_count(chances, draws), MAX_EXACT if exact else MAX_ESTIMATED
    if count > most:
        raise SizeError(
            f"{draws:,} problems have {in_words(count)} histograms of types, more than the {most:,} that are summed "
            f"{'exactly' if exact else 'in floating point'}; fewer copies help"
        )


def exact_mean(chances: Sequence[Fraction], draws: int, values: Values, *, deadline: float | None = None) -> Fraction:
    """Mean of `values` over histograms of independent draws.

    Two multiplications of integers of O(draws) digits per histogram.

    Parameters
    ----------
    chances : one Fraction per kind
        They sum to 1; a kind of probability 0 never occurs.
    draws : int
    values : callable
        Integers, one per line of an array (H, kinds) of histograms, of dtype int64 or object.
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    SizeError
        If there are more than `MAX_EXACT` histograms.
    LimitReached
        After the deadline.
    """
    check_size(chances, draws, exact=True)
    possible = [u for u, p in enumerate(chances) if p]
    numerators, denominator = to_integers([chances[u] for u in possible])
    if len(possible) == 1:
        return Fraction(int(values(_lines([(draws,)], possible, len(chances)))[0]))
    weights = _BinomialWeights(numerators[-2], numerators[-1], keep=len(possible) > 3)
    total = 0
    for heads in _batches(draws, len(possible), deadline):
        column = values(_lines(heads, possible, len(chances))).tolist()
        start = 0
        for head in heads:
            end = start + head[-1] + 1
            total += _ways(head, numerators) * sum(map(mul, weights.of(head[-1]), column[start:end]))
            start = end
    return Fraction(total, denominator**draws)


def estimated_mean(
    chances: Sequence[Fraction], draws: int, values: Values, *, deadline: float | None = None
) -> tuple[Fraction, Fraction]:
    """Mean of `values` over histograms of independent draws, in floating point: a number and a bound on its error.

    A multinomial probability is a product of independent terms, given their sum: with K draws and means K p_u,
    ``P(n) = K!/K^K · Π_u (K p_u)^{n_u} / n_u!``. The m tables of ``2^{-s_u} (K p_u)^c / c!``, scaled to at most 1, come
    from certified balls of 128 bits, so an entry is wrong by at most two roundings. The product of m entries and of a
    value, an integer below 2^53 and therefore exact, takes m more roundings, and sums of floats that are rounded once
    (`math.fsum`) two per sum. With u = 2^-53 and A the sum of the absolute terms the error of the sum is below
    ``(3m + 8) u A``, plus what underflows. The mean is taken of the difference to the value near the mean histogram:
    that makes A small. Everything after the sum is ball arithmetic.

    Parameters
    ----------
    chances, draws, deadline
        As for `exact_mean`.
    values : callable
        As for `exact_mean`, of at most `LARGEST_VALUE` in absolute value.

    Returns
    -------
    middle, radius : Fraction

    Raises
    ------
    SizeError
        If there are more than `MAX_ESTIMATED` histograms.
    LimitReached
        After the deadline.
    """
    check_size(chances, draws, exact=False)
    possible = [u for u, p in enumerate(chances) if p]
    m = len(possible)
    with flint_context.workprec(_BITS):
        tables, shift = _poisson_tables([chances[u] for u in possible], draws)
        centre = int(values(_near_the_mean(chances, draws, possible))[0])
        sums: list[float] = []
        absolute = Fraction(0)
        for heads in _batches(draws, m, deadline):
            lines = _lines(heads, possible, len(chances))
            terms = (values(lines) - centre).astype(np.float64)
            for table, u in zip(tables, possible, strict=True):
                terms *= table[lines[:, u]]
            sums.append(math.fsum(terms.tolist()))
            absolute += Fraction(float(np.abs(terms).sum())) * Fraction(1001, 1000)
        error = (3 * m + 8) * _UNIT * absolute + histogram_count(chances, draws) * m * 2**54 * _TINY
        middle = math.fsum(sums)
        mean = centre + arb(draws).fac() / arb(draws) ** draws * arb(2) ** shift * _ball(Fraction(middle), error)
        return _rational(mean.mid()), _rational(arb(mean.rad()).upper())


def _batches(draws: int, kinds: int, deadline: float | None) -> Iterator[list[tuple[int, ...]]]:
    """Counts of all kinds but the last two, then how many draws are left for these; about `_LINES` histograms each."""
    batch: list[tuple[int, ...]] = []
    lines = 0
    for head in _compositions(draws, max(kinds - 1, 1)):
        batch.append(head)
        lines += head[-1] + 1
        if lines >= _LINES:
            yield batch
            batch, lines = [], 0
            if deadline is not None and time.monotonic() > deadline:
                raise LimitReached("time limit")
    if batch:
        yield batch


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _lines(heads: Sequence[tuple[int, ...]], possible: Sequence[int], kinds: int) -> Counts:
    """Histograms over all kinds: every way to share what a head leaves between the last two possible kinds."""
    block = np.array(heads, dtype=np.int64)
    if len(possible) == 1:
        lines = np.zeros((1, kinds), dtype=np.int64)
        lines[0, possible[0]] = block[0, 0]
        return lines
    lengths = block[:, -1] + 1
    ends = np.cumsum(lengths)
    lines = np.zeros((int(ends[-1]), kinds), dtype=np.int64)
    for column, u in enumerate(possible[:-2]):
        lines[:, u] = np.repeat(block[:, column], lengths)
    rising = np.arange(len(lines)) - np.repeat(ends - lengths, lengths)
    lines[:, possible[-2]] = rising
    lines[:, possible[-1]] = np.repeat(block[:, -1], lengths) - rising
    return lines


class _BinomialWeights:
    """C(draws, c) first^c last^(draws - c) for c = 0, 1, ..., each from the one before.

    From four kinds on the same number of draws is left again and again; the weights are then kept.
    """

    def __init__(self, first: int, last: int, keep: bool) -> None:
        self.first, self.last, self.keep = first, last, keep
        self.known: dict[int, list[int]] = {}

    def of(self, draws: int) -> Iterable[int]:
        if not self.keep:
            return self._weights(draws)
        if draws not in self.known:
            self.known[draws] = list(self._weights(draws))
        return self.known[draws]

    def _weights(self, draws: int) -> Iterator[int]:
        weight = self.last**draws
        for c in range(draws + 1):
            yield weight
            weight = weight * (self.first * (draws - c)) // ((c + 1) * self.last)


def _ways(head: Sequence[int], numerators: Sequence[int]) -> int:
    """Multinomial coefficient of a head times the chances of its kinds, up to the common denominator."""
    left, ways = sum(head), 1
    for count, chance in zip(head[:-1], numerators, strict=False):
        ways *= math.comb(left, count) * chance**count
        left -= count
    return ways


def _near_the_mean(chances: Sequence[Fraction], draws: int, possible: Sequence[int]) -> Counts:
    line = [math.floor(p * draws) for p in chances]
    line[possible[0]] += draws - sum(line)
    return np.array([line], dtype=np.int64)


def _poisson_tables(chances: Sequence[Fraction], draws: int) -> tuple[list[npt.NDArray[np.float64]], int]:
    """Per kind (K p)^c / c! for c = 0 to K, scaled by a power of two to at most 1, and the sum of the exponents."""
    tables, shift = [], 0
    for p in chances:
        mean = p * draws
        scale = math.ceil(mean * Fraction(1443, 1000)) + 1  # the largest entry is below e^mean
        entry, column = arb(2) ** -scale, []
        for c in range(draws + 1):
            column.append(float(entry))
            entry = entry * (mean.numerator) / (mean.denominator * (c + 1))
        assert entry.rel_accuracy_bits() > 64
        tables.append(np.array(column))
        shift += scale
    return tables, shift


def _ball(middle: Fraction, radius: Fraction) -> arb:
    mid = arb(middle.numerator) / arb(middle.denominator)
    return mid + arb(0, (arb(radius.numerator) / arb(radius.denominator)).upper())


def _rational(value: arb) -> Fraction:
    mantissa, exponent = (int(x) for x in value.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
