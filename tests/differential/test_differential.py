"""A seeded slice of the comparison at scale (`run.py`)."""

from __future__ import annotations

import pytest

from differential import linked, plain

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
