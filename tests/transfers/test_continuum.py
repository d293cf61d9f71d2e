"""Uniform types by integration against numerical integration and grids; limits; partnerships; fixed prices."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest

from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.transfers.balance import expected_externality
from eqsolve.transfers.continuum import bilateral_trade, partnership
from eqsolve.transfers.existence import existence
from eqsolve.transfers.families import (
    dissolution_range,
    dissolution_surplus,
    partnership_model,
    public_good_model,
    root,
    trade_model,
)
from eqsolve.transfers.fixed_price import TradePolytope
from eqsolve.transfers.grids import Grid
from eqsolve.transfers.groves import ir_vcg, vcg
from eqsolve.transfers.polynomials import Polynomial
from eqsolve.transfers.refinement import limit
from eqsolve.transfers.surplus_test import surplus_test

HALF = Fraction(1, 2)


def test_polynomials_integrate_as_sums_do():
    rng = random.Random(1)
    terms = {(i, j): Fraction(rng.randint(-3, 3)) for i in range(3) for j in range(3)}
    q, fine = Polynomial(terms), 4000
    for x in (Fraction(1, 4), Fraction(3, 4)):
        middles = [(k + 0.5) / fine for k in range(fine)]
        heights = [sum(float(c) * float(x) ** i * y**j for (i, j), c in terms.items()) for y in middles]
        below = sum(h for h, y in zip(heights, middles, strict=True) if y < x) / fine
        assert float(q.below().at(x)) == pytest.approx(below, abs=1e-6)
        assert float(q.above().at(x)) == pytest.approx(sum(heights) / fine - below, abs=1e-6)
    assert Polynomial({(2, 0): Fraction(-1), (1, 0): Fraction(1)}).maximum() == (Fraction(1, 4), HALF)
    with pytest.raises(NotSupported):
        Polynomial({(3, 0): Fraction(1)}).maximum()
    assert str(Polynomial({(2, 0): HALF, (0, 2): -HALF})) == "1/2 x^2 - 1/2 y^2"
    assert str(Polynomial()) == "0"


def test_bilateral_trade_against_numerical_integration():
    pair = bilateral_trade()
    middles = [(k + 0.5) / 400 for k in range(400)]
    buyer = sum(s for b in middles for s in middles if b > s) / 400**2
    seller = sum(b for b in middles for s in middles if b < s) / 400**2
    assert float(pair.payment(0)) == pytest.approx(buyer, abs=1e-3)
    assert float(pair.payment(1)) == pytest.approx(seller, abs=1e-3)
    assert pair.subsidy(1) == (HALF, 1)
    assert pair.surplus == Fraction(-1, 6)
    assert partnership(HALF).surplus == Fraction(1, 12)


@pytest.mark.parametrize("place", ["midpoints", "ends", "upper", "lower"])
def test_grids_of_every_kind_have_the_limits_of_the_integrals(place):
    pair = bilateral_trade()
    grids = (4, 6, 8, 12) if place == "ends" else (2, 3, 4, 5, 6)
    for i in (0, 1):
        for figure, exact in (
            (lambda m, i=i: vcg(trade_model(m, place).problem()).payoffs.payment(i), pair.payment(i)),
            (
                lambda m, i=i: expected_externality(trade_model(m, place).problem()).payoffs.ex_ante(i),
                pair.externality_utility(i).mean(),
            ),
        ):
            found = limit([(m, figure(m)) for m in grids])
            if place == "ends":  # polynomials in 1/m times m/(m - 1): only extrapolated
                assert abs(found.value - exact) < Fraction(1, 1000)
                assert found.error < Fraction(1, 100)
            else:
                assert found.formula is not None
                assert found.value == exact


def test_limits_tell_formulas_from_estimates():
    exact = limit([(m, Fraction(1, 3) + Fraction(2, m * m)) for m in (2, 3, 4, 5, 6)])
    assert exact.formula == (Fraction(1, 3), 0, 2)
    assert exact.error == 0
    rough = limit([(m, Fraction(1, m + 1)) for m in (4, 8, 16, 32)])
    assert rough.formula is None
    assert abs(rough.value) <= rough.error < Fraction(1, 100)
    with pytest.raises(ModelError):
        limit([(2, HALF), (1, HALF), (3, HALF)])


def test_partnerships_of_three_have_the_moments_of_order_statistics():
    """The winner pays the second of three values, (n-1)/(n+1) = 1/2 in the limit."""
    problem = partnership_model([Fraction(1, 3)] * 3, 4).problem()
    points = [Fraction(2 * k + 1, 8) for k in range(4)]
    second = sum((sorted(t)[1] for t in itertools.product(points, repeat=3)), Fraction(0)) / 64
    assert vcg(problem).expected_surplus == second
    assert surplus_test(problem, "uniform").corollary_2
    low, high = dissolution_surplus([Fraction(1, 3)] * 3)
    assert low <= high
    assert float(low) == pytest.approx(0.5 - 2 / 3 * 3 * (1 / 3) ** 1.5)


def test_shares_that_can_be_dissolved_in_the_limit():
    (low, high), (below, above) = dissolution_range(2)
    assert low <= Fraction(1, 2) - root(Fraction(1, 12), 2)[0] <= high + Fraction(1, 10**9)
    assert below + low == 1 or abs(below + high - 1) < Fraction(1, 10**5)
    assert above - below <= Fraction(1, 10**6)
    assert dissolution_range(3)[0] == (0, 0)
    assert dissolution_surplus([Fraction(1), Fraction(0)])[1] < 0
    assert root(Fraction(9, 4), 2) == (Fraction(3, 2), Fraction(3, 2))


def test_the_converse_fails_on_coarse_grids_of_trade_and_holds_on_fine_ones():
    verdicts = {m: surplus_test(trade_model(m).problem()) for m in (2, 5, 6)}
    assert [v.surplus < 0 for v in verdicts.values()] == [True] * 3
    assert [v.theorem_3 for v in verdicts.values()] == [False, False, True]
    assert verdicts[2].corollary_2 is None


def test_a_public_good_for_two_on_a_grid():
    problem = public_good_model(2, Fraction(1), 4, "midpoints").problem()
    mechanism = ir_vcg(problem)
    assert mechanism.expected_surplus < 0
    assert not existence(public_good_model(2, Fraction(1), 8, "midpoints").problem()).exists


def brute_feasible(values, costs, trade, paid):
    """Whether nobody gains by lying whatever the other reports, and nobody ever loses; the buyer pays the seller."""
    for j, k in itertools.product(range(len(values)), range(len(costs))):
        here = values[j] * trade[j, k] - paid[j, k]
        there = paid[j, k] - costs[k] * trade[j, k]
        if min(here, there) < 0:
            return False
        if any(values[j] * trade[v, k] - paid[v, k] > here for v in range(len(values))):
            return False
        if any(paid[j, v] - costs[k] * trade[j, v] > there for v in range(len(costs))):
            return False
    return True


@pytest.mark.parametrize(
    ("values", "costs"), [(Grid(2), Grid(2)), (Grid(3), Grid(3)), (Grid(2), Grid(2, place="lower"))]
)
def test_extreme_mechanisms_for_trade_are_feasible_and_the_certain_ones_are_fixed_prices(values, costs):
    polytope = TradePolytope(values.values(), costs.values())
    vertices = polytope.vertices()
    for v in vertices:
        trade = {p: v.trade.get(p, Fraction(0)) for p in itertools.product(range(values.points), range(costs.points))}
        paid = {p: v.paid.get(p, Fraction(0)) for p in trade}
        assert brute_feasible(polytope.values, polytope.costs, trade, paid)
    certain = {tuple(sorted(k for k, x in v.trade.items() if x)) for v in vertices if v.is_deterministic}
    assert all(polytope.is_fixed_price(v) for v in vertices if v.is_deterministic)
    # every rule of a fixed price at a type, with trade at the price itself, is among them
    for price in polytope.values + polytope.costs:
        rule = tuple(sorted((j, k) for j, k in polytope.places if polytope.values[j] >= price >= polytope.costs[k]))
        assert rule in certain


def test_no_mechanism_for_trade_gains_more_than_a_fixed_price():
    for m in (2, 3, 4, 5):
        polytope = TradePolytope(Grid(m).values(), Grid(m).values())
        assert polytope.largest_gain() == polytope.best_price()[0]
    with pytest.raises(SizeError):
        TradePolytope(Grid(9).values(), Grid(9).values()).vertices()
    with pytest.raises(ModelError):
        TradePolytope((Fraction(1), Fraction(0)), (Fraction(0),))
