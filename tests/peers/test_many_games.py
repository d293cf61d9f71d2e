"""A thousand games against lrsnash; maximal Nash subsets against Gambit's extreme equilibria and networkx's cliques."""

import random
import shutil
from fractions import Fraction
from itertools import combinations

import networkx as nx
import pytest
from peers.test_lrsnash import lrsnash

from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria
from eqsolve.game import NormalFormGame

pytestmark = pytest.mark.peer
needs_lrsnash = pytest.mark.skipif(shutil.which("lrsnash") is None, reason="the program lrsnash is missing")


def numbered_game(number):
    """Shapes from 2 x 2 to 8 x 8, every third one rectangular; payoffs in [-1, 1], [-3, 3] and [-100, 100]."""
    rng = random.Random(number)
    size, m = (1, 3, 100)[number % 3], rng.randint(2, 8)
    n = rng.randint(2, 8) if number // 3 % 3 == 0 else m
    return [[[rng.randint(-size, size) for _ in range(n)] for _ in range(m)] for _ in range(2)]


def check_against_lrsnash(numbers, path):
    for number in numbers:
        A, B = numbered_game(number)
        result = enumerate_equilibria(BlockGame.of(A, B))
        assert result.complete
        expected = lrsnash(A, B, path)
        assert len(result) == len(expected), number
        assert set(result) == expected, number


@needs_lrsnash
def test_some_of_a_thousand_games(tmp_path):
    check_against_lrsnash(range(0, 1000, 25), tmp_path / "game")


@needs_lrsnash
@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 1000, 100))
def test_a_thousand_games(start, tmp_path):
    check_against_lrsnash(range(start, start + 100), tmp_path / "game")


def gambit_extreme_equilibria(A, B):
    gambit = pytest.importorskip("pygambit", reason="pygambit is not installed")
    game = NormalFormGame.from_payoffs(A, B)
    profiles = gambit.nash.enummixed_solve(game.to_pygambit(), rational=True).equilibria
    return {
        tuple(
            tuple(Fraction(int(p.numerator), int(p.denominator)) for p in (profile[player][s] for s in labels))
            for player, labels in zip(game.players, game.strategies, strict=True)
        )
        for profile in profiles
    }


def maximal_cliques(pairs):
    """Maximal products of strategies: cliques once all strategies of the same player are joined, too."""
    graph = nx.Graph()
    for k in (0, 1):
        vertices = sorted({(k, pair[k]) for pair in pairs})
        graph.add_nodes_from(vertices)
        graph.add_edges_from(combinations(vertices, 2))
    graph.add_edges_from(((0, x), (1, y)) for x, y in pairs)
    cliques = (
        tuple(frozenset(s for side, s in clique if side == k) for k in (0, 1)) for clique in nx.find_cliques(graph)
    )
    return {clique for clique in cliques if all(clique)}


@pytest.mark.parametrize("seed", range(24))
def test_maximal_subsets_of_gambits_extreme_equilibria(seed):
    rng = random.Random(seed)
    m, n, size = rng.randint(2, 4), rng.randint(2, 4), rng.choice([0, 1, 1, 2])
    A, B = ([[rng.randint(-size, size) for _ in range(n)] for _ in range(m)] for _ in range(2))
    if seed % 4 == 0:
        A = [rng.choice(A) for _ in A]
    pairs = gambit_extreme_equilibria(A, B)
    result = enumerate_equilibria(BlockGame.of(A, B))
    assert set(result) == pairs
    subsets = {
        (frozenset(result.rows[i] for i in rows), frozenset(result.cols[j] for j in cols))
        for rows, cols in result.subsets
    }
    assert subsets == maximal_cliques(pairs)
    assert len(result.subsets) == len(subsets)
    # Subsets hang together if and only if their strategies do.
    graph = nx.Graph()
    for x, y in pairs:
        graph.add_edge((0, x), (1, y))
    parts = {frozenset(part) for part in nx.connected_components(graph)}
    ours = {
        frozenset(
            (k, s)
            for i in part
            for k, side in enumerate(result.subsets[i])
            for s in ((result.rows if k == 0 else result.cols)[v] for v in side)
        )
        for part in result.components
    }
    assert ours == parts
