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
"""Integers for every line of an array of histograms."""

MAX_EXACT = 5_000_000
MAX_ESTIMATED = 50_000_000
LARGEST_VALUE = 2**52
_LINES = 2**16
_BLOCK = 64
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
    """Mean of `values`, an integer per line of an array of histograms; see `exact_means`."""
    return exact_means(chances, draws, lambda lines: values(lines)[:, None], deadline=deadline)[0]


def exact_means(
    chances: Sequence[Fraction], draws: int, values: Values, *, deadline: float | None = None
) -> list[Fraction]:
    """Means of several functions of the histogram of independent draws.

    Two multiplications of integers of O(draws) digits per histogram, and one per histogram and function.

    Parameters
    ----------
    chances : one Fraction per kind
        They sum to 1; a kind of probability 0 never occurs.
    draws : int
    values : callable
        From an array (H, kinds) of histograms to an array (H, functions) of integers, of dtype int64 or object.
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
        return [Fraction(int(x)) for x in values(_lines([(draws,)], possible, len(chances)))[0]]
    weights = _BinomialWeights(numerators[-2], numerators[-1], keep=len(possible) > 3)
    totals: list[int] = []
    for heads in _batches(draws, len(possible), deadline):
        columns = values(_lines(heads, possible, len(chances))).T.tolist()
        totals = totals or [0] * len(columns)
        start = 0
        for head in heads:
            end = start + head[-1] + 1
            ways, shares = _ways(head, numerators), weights.of(head[-1])
            if len(columns) > 1:
                shares = list(shares)
            for k, column in enumerate(columns):
                totals[k] += ways * sum(map(mul, shares, column[start:end]))
            start = end
    return [Fraction(total, denominator**draws) for total in totals]


def estimated_mean(
    chances: Sequence[Fraction], draws: int, values: Values, *, deadline: float | None = None
) -> tuple[Fraction, Fraction]:
    """Mean of `values`, an integer per line of an array of histograms; see `estimated_means`."""
    return estimated_means(chances, draws, lambda lines: values(lines)[:, None], deadline=deadline)[0]


def estimated_means(
    chances: Sequence[Fraction], draws: int, values: Values, *, deadline: float | None = None
) -> list[tuple[Fraction, Fraction]]:
    """Means of several functions of the histogram in floating point: numbers and bounds on their errors.

    A multinomial probability is a product of independent terms, given their sum: with K draws and means K p_u,
    ``P(n) = K!/K^K · Π_u (K p_u)^{n_u} / n_u!``. The m tables of ``2^{-s_u} (K p_u)^c / c!``, scaled to at most 1, come
    from certified balls of 128 bits, so an entry is wrong by at most two roundings. The product of m entries and of a
    value, an integer below 2^53 and therefore exact, takes m more roundings; sums run over blocks of b terms, in any
    order, and then over blocks with one rounding (`math.fsum`). With u = 2^-53 and A the sum of the absolute terms the
    error of the sum is below ``(3m + b + 8) u A``, plus what underflows. Means are taken of the difference to the value
    near the mean histogram: that makes A small. Everything after the sum is ball arithmetic.

    Parameters
    ----------
    chances, draws, deadline
        As for `exact_means`.
    values : callable
        As for `exact_means`, of at most `LARGEST_VALUE` in absolute value.

    Returns
    -------
    list of (middle, radius), Fractions

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
        centre = values(_near_the_mean(chances, draws, possible))
        sums: list[list[float]] = [[] for _ in centre[0]]
        absolute = [Fraction(0) for _ in centre[0]]
        for heads in _batches(draws, m, deadline):
            lines = _lines(heads, possible, len(chances))
            weights = math.prod(table[lines[:, u]] for table, u in zip(tables, possible, strict=True))
            for k, column in enumerate((values(lines) - centre).T):
                terms = weights * column.astype(np.float64)
                sums[k].append(_sum(terms))
                absolute[k] += Fraction(float(np.abs(terms).sum())) * Fraction(1001, 1000)
        underflow = histogram_count(chances, draws) * m * 2**54 * _TINY
        factor = arb(draws).fac() / arb(draws) ** draws * arb(2) ** shift
        found = []
        for start, parts, size in zip(centre[0], sums, absolute, strict=True):
            mean = int(start) + factor * _ball(
                Fraction(math.fsum(parts)), (3 * m + _BLOCK + 8) * _UNIT * size + underflow
            )
            found.append((_rational(mean.mid()), _rational(arb(mean.rad()).upper())))
        return found


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
        """The weights for a number of draws."""
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


def _sum(terms: npt.NDArray[np.float64]) -> float:
    """Sum of floats, wrong by at most (_BLOCK + 4) 2^-53 times the sum of their absolute values."""
    whole = len(terms) - len(terms) % _BLOCK
    blocks = terms[:whole].reshape(-1, _BLOCK).sum(axis=1)
    return math.fsum([*blocks.tolist(), *terms[whole:].tolist()])


def _ball(middle: Fraction, radius: Fraction) -> arb:
    mid = arb(middle.numerator) / arb(middle.denominator)
    return mid + arb(0, (arb(radius.numerator) / arb(radius.denominator)).upper())


def _rational(value: arb) -> Fraction:
    mantissa, exponent = (int(x) for x in value.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
