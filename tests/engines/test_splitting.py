"""The complementarity search in pieces: their union is the whole list, whatever order and process found them."""

from __future__ import annotations

import json
import pickle
import random
from fractions import Fraction

import pytest

from eqsolve.engines.complementarity import enumerate_equilibria
from eqsolve.engines.complementarity.model import BlockGame, Statistics
from eqsolve.engines.complementarity.splitting import joined, search_piece, split


def random_game(rng, m, n, largest, blocks=None):
    A, B = ([[Fraction(rng.randint(-largest, largest)) for _ in range(n)] for _ in range(m)] for _ in range(2))
    rows, cols = blocks or ((m,), (n,))
    return BlockGame(A, B, rows, cols)


def same(found, whole):
    return (found.rows, found.cols, found.pairs, found.subsets, found.components, found.complete) == (
        whole.rows, whole.cols, whole.pairs, whole.subsets, whole.components, whole.complete
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_the_union_of_all_pieces_is_the_whole_list(seed):
    rng = random.Random(seed)
    blocks = ((2, 3), (4,)) if seed % 5 == 4 else None
    m, n = (5, 4) if blocks else (rng.randint(1, 7), rng.randint(1, 7))
    game = random_game(rng, m, n, rng.choice([1, 2, 50]), blocks)  # payoffs from few numbers make degenerate games
    pieces = split(game, rng.choice([1, 2, 5, 16, 200]))
    assert all(pickle.loads(pickle.dumps(piece)) == piece for piece in pieces)
    found = [json.loads(json.dumps(list(search_piece(game, piece)))) for piece in pieces]
    rng.shuffle(found)
    whole = enumerate_equilibria(game)
    assert whole.complete
    assert same(joined(game, found), whole)


def test_pieces_share_the_work_and_one_that_is_missing_is_told():
    game = random_game(random.Random(3), 9, 9, 30)
    whole = enumerate_equilibria(game)
    pieces = split(game, 8)
    assert 8 <= len(pieces) <= 9
    assert len(set(pieces)) == len(pieces)
    nodes = []
    found = []
    for piece in pieces:
        statistics = Statistics()
        found.append(list(search_piece(game, piece, statistics=statistics)))
        nodes.append(statistics.nodes)
    assert max(nodes) < sum(nodes) / 2
    assert same(joined(game, found), whole)
    fullest = max(range(len(found)), key=lambda k: len(found[k]))
    rest = joined(game, [None if k == fullest else products for k, products in enumerate(found)])
    assert not rest.complete
    assert rest.stopped == "time limit"
    assert set(rest) < set(whole)


def test_a_search_can_be_stopped():
    game = random_game(random.Random(3), 6, 6, 30)

    def check():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        list(search_piece(game, split(game, 1)[0], check=check))
