"""Real solutions of systems of polynomial equations, exactly: Gröbner bases, and numbers in the field of a root.

A system with finitely many complex solutions is solved without rounding. Its solutions are written as values of
rational polynomials w_v at the roots of one polynomial p, whose irreducible factors φ give the fields Q[T]/φ in
which every question (is this expression zero, what is its sign?) is decided.

References
----------
Cox, Little and O'Shea (2015), Ideals, Varieties, and Algorithms, chapters 2 and 5.
Faugère, Gianni, Lazard and Mora (1993), Efficient computation of zero-dimensional Gröbner bases.
Rouillier (1999), Solving zero-dimensional systems through the rational univariate representation.
Seidenberg (1974), Constructions in algebra (radicals of zero-dimensional ideals).
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb_poly, fmpq, fmpq_mat, fmpq_poly, fmpz_mpoly_vec
from flint import ctx as flint_context

from eqsolve.exact.linalg import to_fraction

_START_BITS = 128

Exponents = tuple[int, ...]


@dataclass(frozen=True)
class Limits:
    """When a Gröbner basis is given up: its polynomials, their terms, bits of a coefficient, dimension."""

    polynomials: int = 120
    terms: int = 400
    bits: int = 20_000
    dimension: int = 80


@dataclass(frozen=True)
class RealPoint:
    """One real solution: coordinates in the field of a root of an irreducible polynomial.

    Attributes
    ----------
    minimal : fmpq_poly
        Irreducible φ; of degree 1 for a rational point.
    number : int
        Which real root of φ, in increasing order from 0.
    coordinates : tuple of fmpq_poly
        The unknowns as polynomials in the root, of smaller degree than φ.
    """

    minimal: Any
    number: int
    coordinates: tuple[Any, ...]

    @property
    def is_rational(self) -> bool:
        """Whether all coordinates are rational."""
        return all(self.rational(value) is not None for value in self.coordinates)

    def rational(self, value: Any) -> Fraction | None:
        """Rational value of a polynomial in the root, or None if the value is irrational."""
        rest = value % self.minimal
        if rest.degree() > 0:
            return None
        return to_fraction(rest[0])

    def sign(self, value: Any) -> int:
        """Sign of a polynomial in the root, exactly: 0 if and only if φ divides it."""
        rest = value % self.minimal
        if rest.degree() <= 0:
            return int(rest[0] > 0) - int(rest[0] < 0)
        bits = _START_BITS
        while True:  # the value is not 0, so some precision tells its sign
            ball = self._ball(rest, bits)
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
            bits *= 2

    def enclosure(self, value: Any, width_bits: int) -> tuple[Fraction, Fraction]:
        """Rationals lo <= value <= hi with hi - lo < 2**-width_bits, equal if the value is rational."""
        exact = self.rational(value)
        if exact is not None:
            return exact, exact
        bits = max(_START_BITS, 2 * width_bits)
        while True:
            ball = self._ball(value % self.minimal, bits)
            middle, radius = _dyadic(ball.mid()), _dyadic(ball.rad())
            if 2 * radius < Fraction(1, 2**width_bits):
                return middle - radius, middle + radius
            bits *= 2

    def isolating_bits(self) -> int:
        """Bits of width that keep an enclosure of the root away from all other real roots."""
        roots = _real_roots(_key(self.minimal), _START_BITS)
        ends = [(_dyadic(r.mid()) - _dyadic(r.rad()), _dyadic(r.mid()) + _dyadic(r.rad())) for r in roots]
        # the balls are disjoint, so the gaps are positive; an enclosure narrower than a gap meets one ball only
        gaps = [right[0] - left[1] for left, right in itertools.pairwise(ends)]
        return max([2, *(2 + math.ceil(1 / gap).bit_length() for gap in gaps)])

    def _ball(self, value: Any, bits: int) -> Any:
        with flint_context.workprec(bits):
            return arb_poly(value)(_real_roots(_key(self.minimal), bits)[self.number])


@dataclass(frozen=True)
class SolutionSet:
    """What is known of the real solutions of a system.

    Attributes
    ----------
    kind : {"finite", "infinite", "too large"}
        Whether the *complex* solutions are finitely many; "too large" if a limit was reached.
    points : tuple of RealPoint
        All real solutions, if finite.
    free : tuple of int
        If infinite: a maximal set of unknowns that no equation of the basis restricts (independent unknowns).
    """

    kind: str
    points: tuple[RealPoint, ...] = ()
    free: tuple[int, ...] = ()


TOO_LARGE = SolutionSet("too large")


def solve_system(polynomials: Sequence[Any], ring: Any, limits: Limits | None = None) -> SolutionSet:
    """Find all real solutions of polynomial equations, exactly.

    Parameters
    ----------
    polynomials : sequence of fmpz_mpoly
        The left-hand sides; the right-hand sides are 0.
    ring : fmpz_mpoly_ctx
        Their ring, with a graded reverse lexicographic order.
    limits : Limits, optional

    Returns
    -------
    SolutionSet
        Multiplicities are not kept: every solution is listed once.

    Notes
    -----
    A basis in degrevlex order, multiplication by the unknowns on the quotient ring (D × D for D complex
    solutions with multiplicities), the characteristic polynomial of a linear form that separates them. Where it
    is not squarefree, the ideal is replaced by its radical first, so that a separating form must exist. O(D^4)
    rational operations behind the basis, whose cost is exponential in the number of unknowns.
    """
    limits = limits or Limits()
    generators = [p for p in polynomials if not p.is_zero()]
    width = ring.nvars()
    basis = _groebner(generators, ring, limits)
    if basis is None:
        return TOO_LARGE
    if any(p.is_constant() for p in basis):
        return SolutionSet("finite")
    leading = [tuple(int(e) for e in p.monoms()[0]) for p in basis]
    free = _independent(leading, width)
    if free:
        return SolutionSet("infinite", free=free)
    quotient = _Quotient.build(basis, leading, width, limits.dimension)
    if quotient is None:
        return TOO_LARGE
    shape = quotient.shape_position()
    if shape is None:
        radical = _groebner([*basis, *quotient.squarefree_eliminants(ring)], ring, limits)
        if radical is None:
            return TOO_LARGE
        leading = [tuple(int(e) for e in p.monoms()[0]) for p in radical]
        quotient = _Quotient.build(radical, leading, width, limits.dimension)
        shape = None if quotient is None else quotient.shape_position()
        if shape is None:
            return TOO_LARGE
    return SolutionSet("finite", points=_real_points(*shape))


def _groebner(generators: Sequence[Any], ring: Any, limits: Limits) -> list[Any] | None:
    if not generators:
        return []
    # the limits make buchberger_naive return a pair, which its type hints do not know
    start: Any = fmpz_mpoly_vec(list(generators), ring)
    basis, done = start.buchberger_naive(limits=(limits.polynomials, limits.terms, limits.bits))
    return list(basis.autoreduction()) if done else None


def _independent(leading: Sequence[Exponents], width: int) -> tuple[int, ...]:
    """Inclusion-maximal set of unknowns such that no leading monomial has unknowns of the set alone.

    Empty exactly if every unknown has a pure power among the leading monomials: finitely many solutions.
    """
    supports = [frozenset(v for v, e in enumerate(m) if e) for m in leading]
    chosen: frozenset[int] = frozenset()
    for v in range(width):
        if not any(s <= chosen | {v} for s in supports):
            chosen |= {v}
    return tuple(sorted(chosen))


class _Quotient:
    """Q[x]/I as a vector space on its standard monomials, with multiplication by each unknown."""

    def __init__(self, size: int, multiplication: list[Any]) -> None:
        self.size, self.multiplication = size, multiplication

    @classmethod
    def build(cls, basis: Sequence[Any], leading: Sequence[Exponents], width: int, limit: int) -> _Quotient | None:
        """The quotient by a Gröbner basis and its leading monomials; None if its dimension is above the limit."""
        standard = _standard_monomials(leading, width, limit)
        if standard is None:
            return None
        size = len(standard)
        place = {m: k for k, m in enumerate(standard)}
        tails = {m: _tail(p, place) for m, p in zip(leading, basis, strict=True)}
        forms: dict[Exponents, list[Any]] = {m: _unit(k, size) for m, k in place.items()}
        border = {_times(m, v) for m in standard for v in range(width)} - set(place)
        for m in sorted(border, key=_order):
            forms[m] = tails[m] if m in tails else _descend(m, forms, standard, width)
        matrices = []
        for v in range(width):
            columns = [forms[_times(m, v)] for m in standard]
            matrices.append(fmpq_mat(size, size, [c[r] for r in range(size) for c in columns]))
        return cls(size, matrices)

    def shape_position(self) -> tuple[Any, list[Any]] | None:
        """Squarefree polynomial p of a separating form and the unknowns as polynomials in its roots, or None."""
        width = len(self.multiplication)
        for attempt in range(3):
            form = fmpq_mat(self.size, self.size)
            for v in range(width):
                form += self.multiplication[v] * fmpq((attempt * attempt + 2 + v) ** (attempt + 1) + (v * v) % 7)
            p = form.charpoly()
            if p.gcd(p.derivative()).degree() > 0:
                continue
            unit = fmpq_mat(self.size, 1, _unit(0, self.size))
            powers = [unit]
            for _ in range(self.size - 1):
                powers.append(form * powers[-1])
            krylov = fmpq_mat(
                self.size, self.size, [powers[c][r, 0] for r in range(self.size) for c in range(self.size)]
            )
            unknowns = [krylov.solve(matrix * unit) for matrix in self.multiplication]
            return p, [fmpq_poly([w[r, 0] for r in range(self.size)]) for w in unknowns]
        return None

    def squarefree_eliminants(self, ring: Any) -> list[Any]:
        """For each unknown, a squarefree polynomial in it alone that vanishes on all solutions."""
        result = []
        for v, matrix in enumerate(self.multiplication):
            p = matrix.charpoly()
            p = (p / p.gcd(p.derivative())).numer()
            gen = ring.gens()[v]
            total = ring.constant(0)
            for coefficient in reversed(p.coeffs()):
                total = total * gen + ring.constant(coefficient)
            result.append(total)
        return result


def _standard_monomials(leading: Sequence[Exponents], width: int, limit: int) -> list[Exponents] | None:
    """Monomials that no leading monomial divides, in increasing order; None if there are more than the limit."""
    found = {(0,) * width}
    layer = list(found)
    while layer:
        grown = {_times(m, v) for m in layer for v in range(width)}
        layer = [m for m in grown if not any(_divides(lead, m) for lead in leading)]
        found.update(layer)
        if len(found) > limit:
            return None
    return sorted(found, key=_order)


def _descend(m: Exponents, forms: dict[Exponents, list[Any]], standard: Sequence[Exponents], width: int) -> list[Any]:
    """Normal form of a border monomial m = x_v · m' from that of the smaller border monomial m'."""
    v = next(v for v in range(width) if m[v] and forms.get(_over(m, v)) is not None and _over(m, v) not in standard)
    total = [fmpq(0)] * len(standard)
    for k, coefficient in enumerate(forms[_over(m, v)]):
        if coefficient != 0:
            total = [a + coefficient * b for a, b in zip(total, forms[_times(standard[k], v)], strict=True)]
    return total


def _tail(p: Any, place: dict[Exponents, int]) -> list[Any]:
    """Normal form of the leading monomial of a reduced basis element: minus its other terms over its coefficient."""
    terms = [(tuple(int(e) for e in m), c) for m, c in p.to_dict().items()]
    first = max(terms, key=lambda term: _order(term[0]))
    vector = [fmpq(0)] * len(place)
    for m, c in terms:
        if m != first[0]:
            vector[place[m]] = -fmpq(c, first[1])
    return vector


def _real_points(p: Any, unknowns: Sequence[Any]) -> tuple[RealPoint, ...]:
    points: list[RealPoint] = []
    for factor, _ in p.factor()[1]:
        minimal = fmpq_poly(factor)
        coordinates = tuple(w % minimal for w in unknowns)
        count = len(_real_roots(_key(minimal), _START_BITS))
        points.extend(RealPoint(minimal, number, coordinates) for number in range(count))
    return tuple(points)


def _key(p: Any) -> tuple[Any, ...]:
    return tuple(int(c) for c in p.numer().coeffs())


@functools.lru_cache(maxsize=256)
def _real_roots(coefficients: tuple[int, ...], bits: int) -> tuple[Any, ...]:
    """Isolating balls of the real roots of a squarefree integer polynomial, in increasing order."""
    with flint_context.workprec(bits):
        complex_roots: Any = fmpq_poly(list(coefficients)).complex_roots()
        roots = [z.real for z, _ in complex_roots if z.imag.is_zero()]
    return tuple(sorted(roots, key=lambda ball: _dyadic(ball.mid())))


def _dyadic(exact: Any) -> Fraction:
    mantissa, exponent = exact.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _order(m: Exponents) -> tuple[int, tuple[int, ...]]:
    """Graded reverse lexicographic order, the first unknown being the largest."""
    return sum(m), tuple(-e for e in reversed(m))


def _times(m: Exponents, v: int) -> Exponents:
    return (*m[:v], m[v] + 1, *m[v + 1 :])


def _over(m: Exponents, v: int) -> Exponents:
    return (*m[:v], m[v] - 1, *m[v + 1 :])


def _divides(a: Exponents, b: Exponents) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True))


def _unit(k: int, size: int) -> list[Any]:
    return [fmpq(int(i == k)) for i in range(size)]
