"""Extreme equilibria by supports, against lrsnash and QuantEcon's vertex enumeration."""

import random
import shutil

import numpy as np
import pytest
from peers.test_lrsnash import lrsnash, random_matrix

from eqsolve.engines.lemke_howson import lemke_howson_all
from eqsolve.engines.support import enumerate_supports

pytestmark = pytest.mark.peer


@pytest.mark.skipif(shutil.which("lrsnash") is None, reason="the program lrsnash is missing")
@pytest.mark.parametrize("spread", [1, 3, 100])
def test_lrsnash_finds_the_same(spread, tmp_path):
    rng = random.Random(spread)
    for _ in range(15):
        m, n = rng.randint(2, 6), rng.randint(2, 6)
        A, B = random_matrix(rng, m, n, spread), random_matrix(rng, m, n, spread)
        found = set(enumerate_supports(A, B))
        assert found == lrsnash(A, B, tmp_path / "game")
        assert {(e.row, e.col) for e in lemke_howson_all(A, B).equilibria} <= found


def test_quantecon_finds_the_same_in_generic_games():
    theory = pytest.importorskip("quantecon.game_theory", reason="quantecon is not installed")
    rng = np.random.default_rng(3)
    for _ in range(10):
        A, B = rng.integers(-10000, 10001, (2, 4, 5))
        game = theory.NormalFormGame([theory.Player(A.astype(float)), theory.Player(B.T.astype(float))])
        theirs = sorted((*map(float, x), *map(float, y)) for x, y in theory.vertex_enumeration(game))
        ours = sorted((*map(float, x), *map(float, y)) for x, y in enumerate_supports(A, B))
        assert np.allclose(ours, theirs, atol=1e-8)
