"""Two agents: how likely a table of their announcements lies in a box, exactly.

If one agent's announcements are fixed and the other's are shuffled, the table of their joint counts is multivariate
hypergeometric: a table N with rows n_u occurs in Π_u n_u! / Π_v N_uv! of the shuffles. The number of shuffles whose
table lies in a box is therefore a coefficient in a product of polynomials, one per row, whose terms are the rows that
the box admits. It is found by multiplying polynomials with integer coefficients, or row by row over what the columns
have left (a network), whichever is less work.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import fmpz, fmpz_poly

from eqsolve.budget import Histogram, multinomial
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words

Bounds = tuple[tuple[int, ...], ...]
MAX_BYTES = 2**28
MAX_STEPS = 20_000_000
BYTES_PER_STEP = 12
"""A step of the network takes as long as so many bytes of polynomials (measured)."""


@dataclass(frozen=True)
class Box:
    """Tables with given margins between two tables.

    Parameters
    ----------
    rows, columns : counts with the same sum, all positive
    lower, upper : R × C, both ends included
    """

    rows: Histogram
    columns: Histogram
    lower: Bounds
    upper: Bounds

    @property
    def is_empty(self) -> bool:
        """Whether some row or column cannot be filled, so that no table lies in it (sufficient)."""
        crossed = zip(self.columns, zip(*self.lower, strict=True), zip(*self.upper, strict=True), strict=True)
        return any(
            not sum(low) <= total <= sum(high) or any(a > b for a, b in zip(low, high, strict=True))
            for total, low, high in (*zip(self.rows, self.lower, self.upper, strict=True), *crossed)
        )

    @property
    def is_full(self) -> bool:
        """Whether every table with these margins lies in it."""
        total = sum(self.rows)
        return all(
            low <= max(0, r + c - total) and high >= min(r, c)
            for r, lows, highs in zip(self.rows, self.lower, self.upper, strict=True)
            for c, low, high in zip(self.columns, lows, highs, strict=True)
        )

    def transposed(self) -> Box:
        """The same with rows and columns exchanged."""
        return Box(
            self.columns,
            self.rows,
            tuple(zip(*self.lower, strict=True)),
            tuple(zip(*self.upper, strict=True)),
        )

    def __and__(self, other: Box) -> Box:
        """Tables in both."""
        return Box(
            self.rows,
            self.columns,
            tuple(tuple(map(max, a, b)) for a, b in zip(self.lower, other.lower, strict=True)),
            tuple(tuple(map(min, a, b)) for a, b in zip(self.upper, other.upper, strict=True)),
        )


def distance_box(rows: Sequence[int], columns: Sequence[int], epsilon: Fraction, strict: bool = False) -> Box:
    """Tables at which the agent with margin `rows` is at distance at most (`strict`: below) ε from the other.

    Types that are never announced are left out, and the rest is sorted: distances do not ask for names.
    """
    own, other = (tuple(sorted(b for b in margin if b)) for margin in (rows, columns))
    return _distance_box(own, other, epsilon, strict)


@lru_cache(maxsize=65_536)
def _distance_box(own: Histogram, other: Histogram, epsilon: Fraction, strict: bool) -> Box:
    """The box of `distance_box` for sorted margins; with many agents the same ones meet again and again."""
    copies = sum(own)
    lower, upper = [], []
    for r in own:
        low_row, high_row = [], []
        for c in other:
            below, above = r * (Fraction(c, copies) - epsilon), r * (Fraction(c, copies) + epsilon)
            low = math.floor(below) + 1 if strict else math.ceil(below)
            high = math.ceil(above) - 1 if strict else math.floor(above)
            low_row.append(max(low, 0, r + c - copies))
            high_row.append(min(high, r, c))
        lower.append(tuple(low_row))
        upper.append(tuple(high_row))
    return Box(own, other, tuple(lower), tuple(upper))


@lru_cache(maxsize=4096)
def chance(box: Box) -> Fraction:
    """Probability that the table of two independent agents lies in a box.

    Raises
    ------
    SizeError
        If neither polynomials nor the network are small enough.
    """
    if box.is_empty:
        return Fraction(0)
    if box.is_full:
        return Fraction(1)
    candidates = (box, box.transposed())
    dense, sparse = min(candidates, key=_product_bytes), min(candidates, key=_steps)
    size, steps = _product_bytes(dense), _steps(sparse)
    if size <= MAX_BYTES and size <= BYTES_PER_STEP * steps:
        return Fraction(count_by_polynomials(dense), multinomial(dense.columns))
    if steps <= MAX_STEPS:
        return Fraction(count_by_network(sparse), multinomial(sparse.columns))
    if size <= MAX_BYTES:
        return Fraction(count_by_polynomials(dense), multinomial(dense.columns))
    raise SizeError(
        f"tables of {len(box.rows)} by {len(box.columns)} types on {sum(box.rows):,} problems: polynomials of "
        f"{in_words(size // 2**20)} MiB or {in_words(steps)} steps, at most {MAX_BYTES // 2**20} or {MAX_STEPS:,}; "
        "fewer copies or simulated rounds help"
    )


def count_by_polynomials(box: Box) -> int:
    """Number of shuffles whose table lies in the box: products of polynomials, one variable implied by the row sums."""
    if box.is_empty:  # the exponent that is asked for would be another one's in disguise
        return 0
    skip, radix = _variables(box)
    strides, size = [], 1
    for v, r in enumerate(radix):
        strides.append(0 if v == skip else size)
        size *= 1 if v == skip else r
    target = sum(
        stride * (column - sum(lows))
        for stride, column, lows in zip(strides, box.columns, zip(*box.lower, strict=True), strict=True)
    )
    polynomials = [
        _row_polynomial(total, low, high, strides)
        for total, low, high in zip(box.rows, box.lower, box.upper, strict=True)
    ]
    polynomials.sort(key=len)
    left, right = fmpz_poly([1]), fmpz_poly([1])
    for polynomial in polynomials[::-1]:
        if len(left) <= len(right):
            left *= polynomial
        else:
            right *= polynomial
    if not len(left) or not len(right):
        return 0
    if len(left) > len(right):
        left, right = right, left
    a, b = left.coeffs(), right.coeffs()
    first, last = max(0, target - len(b) + 1), min(len(a) - 1, target)
    total = fmpz(0)
    for k in range(first, last + 1):
        if a[k]:
            total += a[k] * b[target - k]
    return int(total)


def _row_polynomial(total: int, low: Sequence[int], high: Sequence[int], strides: Sequence[int]) -> fmpz_poly:
    """Σ multinomial(row) x^(row - low) over the rows that the box admits, in one variable (Kronecker)."""
    terms: dict[int, int] = {}
    for row, ways in rows_between(total, tuple(low), tuple(high)):
        power = sum(s * (n - a) for s, n, a in zip(strides, row, low, strict=True))
        terms[power] = ways
    coefficients = [0] * (max(terms, default=-1) + 1)
    for power, ways in terms.items():
        coefficients[power] = ways
    return fmpz_poly(coefficients)


def rows_between(total: int, low: tuple[int, ...], high: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Rows with a given sum between two rows, and the number of vectors with each as histogram."""
    if len(low) == 1:
        if low[0] <= total <= high[0]:
            yield (total,), 1
        return
    rest_low, rest_high = sum(low[1:]), sum(high[1:])
    first, last = max(low[0], total - rest_high), min(high[0], total - rest_low)
    ways = math.comb(total, first) if first <= last else 0
    for count in range(first, last + 1):
        for rest, more in rows_between(total - count, low[1:], high[1:]):
            yield (count, *rest), ways * more
        ways = ways * (total - count) // (count + 1)


def _variables(box: Box) -> tuple[int, list[int]]:
    """The column that the row sums imply, and how many powers of each column's variable the product may have."""
    radix = [
        sum(h - a for h, a in zip(highs, lows, strict=True)) + 1
        for lows, highs in zip(zip(*box.lower, strict=True), zip(*box.upper, strict=True), strict=True)
    ]
    return radix.index(max(radix)), radix


def _product_bytes(box: Box) -> int:
    """Memory that polynomials take, at most: coefficients times their size."""
    skip, radix = _variables(box)
    size = math.prod(r for v, r in enumerate(radix) if v != skip)
    return size * (16 + sum(box.rows) * len(box.columns).bit_length() // 8)


def _steps(box: Box) -> int:
    """Steps of the network, at most: what the columns have left times the rows that go into it."""
    states = math.prod(b + 1 for b in sorted(box.columns)[:-1])
    rows = max(
        math.prod(sorted(h - a + 1 for a, h in zip(low, high, strict=True))[:-1])
        for low, high in zip(box.lower, box.upper, strict=True)
    )
    alike = math.prod(math.factorial(len(group)) for group in _alike(box))
    return max(1, states * rows * len(box.rows) // alike)


def _alike(box: Box) -> list[list[int]]:
    """Columns that the box treats alike."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for v, column in enumerate(box.columns):
        key = (column, tuple(row[v] for row in box.lower), tuple(row[v] for row in box.upper))
        groups.setdefault(key, []).append(v)
    return list(groups.values())


def count_by_network(box: Box) -> int:
    """Number of shuffles whose table lies in the box: row by row, over what the columns have left.

    Columns that the box treats alike may be renamed, so what they have left is kept sorted.
    """
    groups = _alike(box)
    order = [v for group in groups for v in group]
    cuts = [0]
    for group in groups:
        cuts.append(cuts[-1] + len(group))

    def sorted_state(left: Sequence[int]) -> tuple[int, ...]:
        """What the columns have left, sorted among those that the box treats alike."""
        return tuple(x for a, b in itertools.pairwise(cuts) for x in sorted(left[a:b]))

    states: dict[tuple[int, ...], int] = {sorted_state([box.columns[v] for v in order]): 1}
    for r, total in enumerate(box.rows):
        low, high = ([bound[r][v] for v in order] for bound in (box.lower, box.upper))
        later_low = [sum(box.lower[s][v] for s in range(r + 1, len(box.rows))) for v in order]
        later_high = [sum(box.upper[s][v] for s in range(r + 1, len(box.rows))) for v in order]
        grown: dict[tuple[int, ...], int] = {}
        for left, ways in states.items():
            least = tuple(max(a, x - b) for a, x, b in zip(low, left, later_high, strict=True))
            most = tuple(min(a, x - b) for a, x, b in zip(high, left, later_low, strict=True))
            for row, more in rows_between(total, least, most):
                key = sorted_state([x - n for x, n in zip(left, row, strict=True)])
                grown[key] = grown.get(key, 0) + ways * more
        states = grown
    return sum(states.values())
