import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqsolve.engines import lemke_howson as module
from eqsolve.engines.bimatrix import Bimatrix
from eqsolve.engines.lemke_howson import lemke_howson, lemke_howson_all
from eqsolve.errors import LimitReached, ModelError


@st.composite
def games(draw):
    m, n = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    values = st.sampled_from([0, 0, 0, 1, 1, -1, 2, Fraction(1, 3), 10**25])
    return tuple([[draw(values) for _ in range(n)] for _ in range(m)] for _ in range(2))


@settings(deadline=None, max_examples=150)
@given(games())
def test_every_label_of_degenerate_games_ends_in_an_equilibrium(game):
    A, B = game
    found = lemke_howson_all(A, B)
    assert found.complete
    assert len(found.by_label) == len(A) + len(A[0])
    for result in found.equilibria:
        assert Bimatrix.of(A, B).regrets(result.row, result.col) == (0, 0)
        assert result.payoffs == Bimatrix.of(A, B).payoffs(result.row, result.col)


@pytest.mark.parametrize("seed", range(20))
def test_both_arithmetics_end_at_the_same_equilibrium(seed, monkeypatch):
    rng = random.Random(seed)
    m, n, spread = rng.randint(2, 7), rng.randint(2, 7), rng.choice([1, 3, 100])
    A, B = ([[rng.randint(-spread, spread) for _ in range(n)] for _ in range(m)] for _ in range(2))
    exact = lemke_howson_all(A, B)
    monkeypatch.setattr(module, "SMALL", 0)
    proposed = lemke_howson_all(A, B)
    assert {e.method for e in exact.equilibria} == {"integer pivots"}
    assert "floating point, bases solved exactly" in {e.method for e in proposed.equilibria}
    assert [(e.row, e.col) for e in exact.equilibria] == [(e.row, e.col) for e in proposed.equilibria]
    assert exact.by_label == proposed.by_label


def test_battle_of_the_sexes_reaches_both_pure_equilibria():
    found = lemke_howson_all([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    assert {(e.row, e.col) for e in found.equilibria} == {((1, 0), (1, 0)), ((0, 1), (0, 1))}


def test_a_failed_path_in_floating_point_is_followed_in_integers(monkeypatch):
    monkeypatch.setattr(module, "SMALL", 0)
    monkeypatch.setattr(module._FloatTableau, "leaving", lambda self, column: None)
    found = lemke_howson([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])
    assert found.method == "integer pivots"
    assert found.row == found.col == (Fraction(1, 2), Fraction(1, 2))


def test_a_wrong_basis_in_floating_point_is_noticed(monkeypatch):
    monkeypatch.setattr(module, "SMALL", 0)
    monkeypatch.setattr(module._FloatTableau, "leaving", lambda self, column: 0)
    A, B = [[3, 1, 0], [0, 4, 2], [2, 2, 2]], [[1, 2, 0], [3, 0, 1], [0, 1, 2]]
    for result in lemke_howson_all(A, B, max_pivots=50).equilibria:
        assert Bimatrix.of(A, B).is_equilibrium(result.row, result.col)


@pytest.mark.parametrize(("size", "label"), [(40, 0), (40, 75), (200, None)])
def test_large_games_end_exactly(size, label):
    rng = np.random.default_rng(size)
    A, B = rng.integers(-100, 101, (2, size, size))
    found = lemke_howson(A, B, label)
    assert Bimatrix.of(A, B).regrets(found.row, found.col) == (0, 0)


@pytest.mark.slow
def test_five_hundred_strategies():
    A, B = np.random.default_rng(5).integers(-100, 101, (2, 500, 500))
    found = lemke_howson(A, B)
    assert Bimatrix.of(A, B).is_equilibrium(found.row, found.col)


def test_labels_take_turns_until_a_path_is_short_enough(monkeypatch):
    monkeypatch.setattr(module, "FIRST_LENGTH", 1)
    A, B = np.random.default_rng(4).integers(-9, 10, (2, 8, 8))
    lengths = [lemke_howson(A, B, label).pivots for label in range(16)]
    found = lemke_howson(A, B)
    turn = next(t for t in (2**k for k in range(9)) if min(lengths) <= t)
    assert found.label == next(k for k, length in enumerate(lengths) if length <= turn)
    with pytest.raises(LimitReached, match="more than 1 pivots"):
        lemke_howson(A, B, max_pivots=1)


def test_limits_are_reported():
    rng = np.random.default_rng(1)
    A, B = rng.integers(-9, 10, (2, 8, 8))
    with pytest.raises(LimitReached, match="1 pivots"):
        lemke_howson(A, B, max_pivots=1)
    with pytest.raises(LimitReached, match="time"):
        lemke_howson(A, B, max_seconds=-1)
    found = lemke_howson_all(A, B, max_seconds=-1)
    assert not found.complete
    assert set(found.unsolved) == set(range(16))
    assert found.by_label == (None,) * 16
    with pytest.raises(ModelError, match="label 16"):
        lemke_howson(A, B, 16)


@pytest.mark.peer
def test_equilibria_are_those_of_quantecon():
    theory = pytest.importorskip("quantecon.game_theory", reason="quantecon is not installed")
    rng = np.random.default_rng(2)
    for _ in range(10):
        A, B = rng.integers(-100, 101, (2, 5, 6))
        game = theory.NormalFormGame([theory.Player(A.astype(float)), theory.Player(B.T.astype(float))])
        for label in range(11):
            ours, theirs = lemke_howson(A, B, label), theory.lemke_howson(game, init_pivot=label)
            assert np.allclose([float(v) for v in ours.row], theirs[0], atol=1e-8)
            assert np.allclose([float(v) for v in ours.col], theirs[1], atol=1e-8)
