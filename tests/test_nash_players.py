"""Games of one player, of many, and of many who do not all matter."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from plain_games import game, irrational, random_game, require_equilibria, told

import eqsolve as eq
from eqsolve.plain.players import Reduction


def test_one_player():
    found = eq.nash(game([1, 3, 3]))
    assert [e.payoffs for e in found] == [(3,), (3,)]
    assert (found.subsets, found.complete) == (((0, 1),), True)


@pytest.mark.parametrize("width", [1, 2])
def test_a_player_who_does_not_matter(width):
    rng = random.Random(width)
    for _ in range(8):
        two = random_game(rng, (2, 3), 2)
        A, B = (np.repeat(table[:, None, :], width, axis=1) for table in (two.A, two.B))
        found = eq.nash(game(A, np.zeros(A.shape, dtype=int), B))
        base = eq.nash(two)
        assert found.complete
        assert found.method in ("complementarity", "dominance")
        assert len(found) == width * len(base)
        assert len(found.subsets) == len(base.subsets)
        assert len(found.components) == len(base.components)
        assert {(e.strategies[0], e.strategies[2]) for e in found} == {e.strategies for e in base}
        require_equilibria(found)


def test_a_player_who_only_answers():
    two = game([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    A, B = (np.repeat(table[:, :, None], 2, axis=2) for table in (two.A, two.B))
    C = np.array([[[1, 0], [0, 0]], [[0, 0], [0, 1]]])  # she matches what the others coordinate on
    found = eq.nash(game(A, B, C))
    assert found.complete
    require_equilibria(found)
    assert {e.payoffs[2] for e in found} == {Fraction(1), Fraction(2, 9)}
    # against a continuum, her best reply changes on the way: honest about it
    varying = np.zeros((2, 2, 2), dtype=int)
    varying[0, :, 0] = varying[1, :, 1] = 1
    zero = np.zeros((2, 2, 2), dtype=int)
    care = zero.copy()
    care[:, :, :] = np.array([[1, 0], [0, 0]])[:, :, None]
    part = eq.nash(game(zero, care, varying))
    assert not part.complete
    assert any("continuum" in note for note in part.notes)
    require_equilibria(part)


def test_everybody_indifferent():
    zero = np.zeros((2, 3, 2), dtype=int)
    found = eq.nash(game(zero, zero, zero))
    assert (len(found), found.subsets, found.complete) == (12, (tuple(range(12)),), True)


def test_too_many_alike_are_refused(monkeypatch):
    monkeypatch.setattr("eqsolve.plain.players.MAX_LISTED", 31)
    zero = np.zeros((2,) * 5, dtype=int)
    with pytest.raises(eq.SizeError, match="32 extreme equilibria"):
        eq.nash(game(*[zero] * 5))


def test_irrational_equilibria_are_certified_boxes():
    g, found = irrational()
    boxes = [e for e in found if not e.is_rational]
    for e in boxes:
        assert e.certificate is not None
        for strategy in e.strategies:
            lows, highs = zip(*(p if isinstance(p, tuple) else (p, p) for p in strategy), strict=True)
            assert sum(lows) <= 1 <= sum(highs)
            assert all(0 <= lo <= hi <= 1 and hi - lo < Fraction(1, 2**60) for lo, hi in zip(lows, highs, strict=True))
    assert "≈" in str(found)
    # the same with a fourth player who does not matter: both of her strategies with each of them
    tables = [np.repeat(table[..., None], 2, axis=3) for table in g.payoffs]
    four = eq.nash(game(*tables, np.zeros((2, 2, 2, 2), dtype=int)))
    assert four.complete
    assert len(four) == 2 * len(found)
    assert len(four.components) == len(found.components)
    assert {e.strategies[:3] for e in four} == {e.strategies for e in found}
    assert all(len(e.certificate.strategies) == 4 for e in four if e.certificate)


def test_reduction_of_a_game_that_dominance_solves():
    rng = random.Random(6)
    base = [np.array([rng.randint(0, 3) for _ in range(12)]).reshape(2, 3, 2) for _ in range(3)]
    for axis, table in enumerate(base):
        index = [slice(None)] * 3
        index[axis] = 0
        table[tuple(index)] += 10
    reduction = Reduction(game(*base))
    assert reduction.core is None
    found = eq.nash(game(*base))
    assert (found.method, found.complete, len(found)) == ("dominance", True, 1)


def test_methods_for_two_players_say_so():
    g = random_game(random.Random(0), (2, 2, 2), 50)
    assert eq.nash(g).method == "polynomial"
    with pytest.raises(eq.NotSupported, match="polynomial"):
        eq.nash(g, method="vertex-enumeration")
    with pytest.raises(eq.ModelError, match="method"):
        eq.nash(g, method="magic")
    assert told(eq.nash(g, method="support-enumeration")) == told(eq.nash(g))
