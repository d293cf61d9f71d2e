"""Plain games: what the set of equilibria must be after a change of the game that matters little or not at all."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from properties.examples import examples

import eqsolve as eq

FACTORS = (Fraction(1, 3), Fraction(2), Fraction(7, 5), Fraction(10**15), Fraction(1, 10**15))
SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def tables(draw):
    """Payoffs of two players, full of ties or of numbers of very different sizes."""
    shape, size = draw(SHAPES), draw(st.sampled_from([1, 2, 9]))
    rng = random.Random(draw(st.integers(0, 10**6)))
    wide = draw(st.booleans()) and size == 9

    def entry():
        return Fraction(rng.randint(-size, size)) * (Fraction(10) ** rng.randint(-12, 12) if wide else 1)

    return tuple(
        np.array([[entry() for _ in range(shape[1])] for _ in range(shape[0])], dtype=object) for _ in range(2)
    )


def equilibria(a, b):
    """The extreme equilibria as a set, complete by the program's word; regrets are looked at again here."""
    found = eq.nash(eq.NormalFormGame.from_payoffs(a, b))
    assert found.complete
    listed = {e.strategies for e in found}
    assert len(listed) == len(found.equilibria) > 0
    for x, y in listed:
        rows = [sum(q * w for q, w in zip(y, row, strict=True)) for row in a]
        columns = [sum(p * w for p, w in zip(x, column, strict=True)) for column in b.T]
        assert all(not p or w == max(rows) for p, w in zip(x, rows, strict=True))
        assert all(not q or w == max(columns) for q, w in zip(y, columns, strict=True))
    return listed, len(found.subsets), len(found.components)


def ordered(strategy, order):
    return tuple(strategy[k] for k in order)


@given(tables(), st.randoms(use_true_random=False))
@examples
def test_the_order_of_strategies_does_not_matter(game, rng):
    a, b = game
    rows, columns = (rng.sample(range(size), size) for size in a.shape)
    listed, *counts = equilibria(a, b)
    again, *counts_ = equilibria(a[np.ix_(rows, columns)], b[np.ix_(rows, columns)])
    assert again == {(ordered(x, rows), ordered(y, columns)) for x, y in listed}
    assert counts_ == counts


@given(tables())
@examples
def test_exchanging_the_players_exchanges_their_strategies(game):
    a, b = game
    listed, *counts = equilibria(a, b)
    again, *counts_ = equilibria(b.T.copy(), a.T.copy())
    assert again == {(y, x) for x, y in listed}
    assert counts_ == counts


@given(tables(), st.sampled_from(FACTORS), st.sampled_from(FACTORS), st.randoms(use_true_random=False))
@examples
def test_scales_do_not_matter_nor_what_only_the_others_decide(game, f, g, rng):
    """A player's payoffs may be scaled, and anything added that depends on the other's strategy alone."""
    a, b = game
    of_column = np.array([Fraction(rng.randint(-9, 9), rng.choice([1, 7, 10**12])) for _ in range(a.shape[1])])
    of_row = np.array([Fraction(rng.randint(-9, 9), rng.choice([1, 7, 10**12])) for _ in range(a.shape[0])])
    assert equilibria(f * a + of_column[None, :], g * b + of_row[:, None]) == equilibria(a, b)


@given(tables(), st.data())
@examples
def test_a_strategy_twice_doubles_the_equilibria_that_play_it(game, data):
    """Each extreme equilibrium that plays the strategy comes twice, with either copy; the others stay."""
    a, b = game
    row = data.draw(st.integers(0, a.shape[0] - 1))
    listed, subsets, components = equilibria(a, b)
    twice = [np.vstack([table, table[row]]) for table in game]
    again, subsets_, components_ = equilibria(*twice)
    expected = {((*x, Fraction(0)), y) for x, y in listed}
    expected |= {((*x[:row], Fraction(0), *x[row + 1 :], x[row]), y) for x, y in listed}
    assert again == expected
    assert (subsets_, components_) == (subsets, components)


@given(tables(), st.data())
@examples
def test_a_dominated_strategy_is_played_by_nobody(game, data):
    a, b = game
    weights = [data.draw(st.integers(0, 3)) for _ in range(a.shape[0])]
    weights[0] += not any(weights)
    mean = sum(Fraction(w, sum(weights)) * line for w, line in zip(weights, a, strict=True))
    loss = data.draw(st.sampled_from([Fraction(1), Fraction(1, 10**30)]))
    worth = np.array([data.draw(st.integers(-9, 9)) for _ in range(a.shape[1])], dtype=object)
    listed, subsets, components = equilibria(a, b)
    again = equilibria(np.vstack([a, mean - loss]), np.vstack([b, worth]))
    assert again == ({((*x, Fraction(0)), y) for x, y in listed}, subsets, components)


@given(tables())
@examples
def test_a_dummy_player_changes_nothing(game):
    """A third player with one strategy, and two who do not notice: the equilibria are those of the other two."""
    a, b = game
    listed, *_ = equilibria(a, b)
    silent = np.zeros_like(a)
    found = eq.nash(eq.NormalFormGame.from_payoffs(a[:, :, None], b[:, :, None], silent[:, :, None]), max_seconds=5)
    assert found.complete
    assert {e.strategies[:2] for e in found} == listed
