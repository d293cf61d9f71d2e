import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

from eqsolve.engines.dominance import (
    DominanceResult,
    dominating_mixture,
    duplicates,
    irrelevant_players,
    iterated_dominance,
    merge_duplicates,
    rationalizable,
    verify_eliminations,
)
from eqsolve.engines.lp import solve_lp
from eqsolve.errors import ModelError

HALF = Fraction(1, 2)


def random_game(rng, shape, spread):
    cells = int(np.prod(shape))
    return [np.array([rng.randint(-spread, spread) for _ in range(cells)], dtype=object).reshape(shape) for _ in shape]


def is_best_reply_to_a_belief(rows, index):
    """Duality, from the other side: undominated strictly means best reply to some belief."""
    profiles = len(rows[0])
    constraints = [[row[s] - rows[index][s] for s in range(profiles)] for row in rows]
    found = solve_lp([0] * profiles, constraints, [0] * len(rows), [[1] * profiles], [1])
    return found.status == "optimal"


def test_a_mixture_dominates_where_no_pure_strategy_does():
    A = [[3, 0], [0, 3], [1, 1]]
    B = [[0, 0], [0, 0], [0, 0]]
    found = iterated_dominance([A, B])
    assert found.survivors == ((0, 1), (0, 1))
    assert found.eliminations[0].strategy == 2
    assert dict(found.eliminations[0].mixture).keys() == {0, 1}
    assert verify_eliminations([A, B], found)
    assert iterated_dominance([A, B], mixed=False).eliminations == ()


def test_boundary_of_strict_and_weak():
    rows = [[2, 0], [0, 2], [1, 1]]  # equal to a mixture: not dominated in either sense
    assert dominating_mixture(rows, 2) is None
    assert dominating_mixture(rows, 2, kind="weak") is None
    rows[2] = [1, Fraction(10**20 - 1, 10**20)]
    assert dominating_mixture(rows, 2) is not None
    rows = [[1, 0], [0, 0]]
    assert dominating_mixture(rows, 1) is None
    assert dominating_mixture(rows, 1, kind="weak") == ((0, 1),)
    assert dominating_mixture([[1, 2]], 0) is None


def test_rounds_follow_each_other():
    A = [[1, 1, 0], [0, 0, 2]]
    B = [[0, 2, 1], [3, 1, 0]]
    found = iterated_dominance([A, B])
    assert found.survivors == ((0,), (1,))
    assert [(e.player, e.strategy, e.round) for e in found.eliminations] == [(1, 2, 1), (0, 1, 2), (1, 0, 3)]


def test_weak_dominance_removes_all_at_once():
    A = [[1, 1], [1, 0], [0, 1]]
    found = iterated_dominance([A, np.zeros((3, 2), dtype=int)], kind="weak")
    assert found.survivors == ((0,), (0, 1))
    assert {e.round for e in found.eliminations} == {1}
    assert verify_eliminations([A, np.zeros((3, 2), dtype=int)], found)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("kind", ["strict", "weak"])
def test_random_games(seed, kind, mixed):
    rng = random.Random(seed)
    shape = rng.choice([(3, 4), (4, 4), (5, 2), (2, 3, 2), (2, 2, 2, 2)])
    payoffs = random_game(rng, shape, rng.choice([1, 3, 50]))
    found = iterated_dominance(payoffs, kind=kind, mixed=mixed)
    assert verify_eliminations(payoffs, found)
    kept = np.ix_(*found.survivors)
    again = iterated_dominance([p[kept] for p in payoffs], kind=kind, mixed=mixed)
    assert again.eliminations == ()
    if kind == "strict" and mixed:
        assert rationalizable(payoffs) == found
        for player, table in enumerate(payoffs):
            rows = np.moveaxis(table[kept], player, 0).reshape(len(found.survivors[player]), -1).tolist()
            assert all(is_best_reply_to_a_belief(rows, k) for k in range(len(rows)))
            before = np.moveaxis(table, player, 0).reshape(shape[player], -1).tolist()
            for item in found.eliminations:
                if item.round == 1 and item.player == player:
                    assert not is_best_reply_to_a_belief(before, item.strategy)


def test_verification_refuses_a_wrong_witness():
    A, B = [[3, 0], [0, 3], [1, 1]], [[0, 0]] * 3
    found = iterated_dominance([A, B])
    item = found.eliminations[0]
    for mixture in (((0, Fraction(1)),), ((0, HALF), (2, HALF)), ((0, HALF),)):
        wrong = type(item)(item.player, item.strategy, item.round, mixture)
        assert not verify_eliminations([A, B], DominanceResult(found.survivors, (wrong,), "strict", True))
    assert not verify_eliminations([A, B], DominanceResult(((0, 1, 2), (0, 1)), found.eliminations, "strict", True))


def test_duplicates_are_merged_only_if_nobody_can_tell_them_apart():
    A = [[1, 2, 1], [1, 2, 1], [0, 0, 0]]
    B = [[5, 6, 5], [5, 6, 5], [7, 7, 8]]
    assert duplicates([A, B]) == (((0, 1), (2,)), ((0,), (1,), (2,)))
    arrays, classes = merge_duplicates([A, B])
    assert arrays[0].tolist() == [[1, 2, 1], [0, 0, 0]]
    assert arrays[1].tolist() == [[5, 6, 5], [7, 7, 8]]
    assert classes[0] == ((0, 1), (2,))


def test_players_who_do_not_matter():
    # player 0 cares about 1, 1 cares about 2, nobody else about anybody
    shape = (2, 2, 2)
    payoffs = [np.zeros(shape, dtype=object) for _ in shape]
    for cell in itertools.product(range(2), repeat=3):
        payoffs[0][cell] = int(cell[0] == cell[1])
        payoffs[1][cell] = int(cell[1] == cell[2])
        payoffs[2][cell] = cell[2]
    assert irrelevant_players(payoffs) == (0, 1, 2)
    payoffs[2][0, 0, 0] = 5
    assert irrelevant_players(payoffs) == ()


@pytest.mark.parametrize(
    ("payoffs", "words"),
    [
        ([], "no payoff"),
        ([[1, 2], [1, 2]], "shape"),
        ([[[1]], [[1, 2]]], "shape"),
        ([[[0.5]], [[1]]], "integers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(payoffs, words):
    with pytest.raises(ModelError, match=words):
        iterated_dominance(payoffs)
    with pytest.raises(ModelError, match="kind"):
        iterated_dominance([[1]], kind="pure")
