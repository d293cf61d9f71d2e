"""A seeded slice of the comparison at scale (`run.py`)."""

from __future__ import annotations

import pytest

from differential import linked, plain
from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria

pytestmark = pytest.mark.peer
PEERS = plain.peers_here()


@pytest.mark.parametrize("number", range(24))
def test_plain_games(number):
    assert not plain.compare(plain.generate(number), PEERS)


@pytest.mark.parametrize("number", range(15))
def test_linked_problems(number):
    told = linked.compare(linked.generate(number), number)
    if told and told[0].startswith("skipped"):
        pytest.skip(told[0])
    assert not told


def test_a_disagreement_is_noticed_and_made_small(monkeypatch):
    """A peer that forgets mixed equilibria is caught, on a game of two strategies each."""
    real = plain.lrsnash

    def forgetful(A, B):
        return {(x, y) for x, y in real(A, B) if max(x) == 1}

    monkeypatch.setattr(plain, "lrsnash", forgetful)
    wrong = next(g for g in map(plain.generate, range(100)) if plain.compare(g, frozenset({"lrsnash"})))
    small = plain.shrink(wrong, frozenset({"lrsnash"}))
    assert plain.compare(small, frozenset({"lrsnash"})) == ["lrsnash differs"]
    assert len(small[0]) == len(small[0][0]) == 2


def test_a_tied_game_that_quantecon_answers_in_part():
    """Row 2, column 1 is an equilibrium: nothing pays more than 88 in that column, or than -37 in that row."""
    if "quantecon" not in PEERS:
        pytest.skip("quantecon is not installed")
    game = [[38, -65], [88, -94], [88, -54], [1, -30]], [[50, 45], [-37, -37], [70, 93], [-88, 95]]
    pure = ((0, 1, 0, 0), (1, 0))
    assert plain._is_equilibrium(*game, *pure)
    assert plain._is_tied(*game, *pure)
    assert pure in set(enumerate_equilibria(BlockGame.of(*game)))
    assert not any(x[1] > 0.99 for x, _ in plain.quantecon(*game))
    assert not plain.compare(game, PEERS)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_game_with_huge_payoffs_that_nashpy_answers_otherwise():
    """Ours are equilibria by definition, and lrsnash lists the same; floating point does not get there."""
    if not {"nashpy", "lrsnash"} <= PEERS:
        pytest.skip("nashpy or lrsnash is not installed")
    A, B = plain.generate(3)
    ours = set(enumerate_equilibria(BlockGame.of(A, B)))
    assert ours == plain.lrsnash(A, B)
    assert not plain._close(plain.nashpy(A, B), ours)
