"""Fewest lies and freedom from permutations, over all lie tables of small budgets."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import networkx as nx
import pytest
from random_problems import random_game, random_problem

import eqsolve as eq
from eqsolve.budget import compositions
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import all_lie_tables, lie_table
from eqsolve.judge.truth import FEWEST_LIES, NOT_TRUTHFUL, PERMUTATION_FREE, TruthJudge, same_utility


def by_definition(game, i, vector, message):
    """Class of a message at a type vector, from the definitions and a list of all messages."""
    merged = same_utility(game.problem, i)

    def lies(m):
        return sum(merged[u] != merged[v] for u, v in zip(vector, m, strict=True))

    if lies(message) == min(lies(m) for m in game.budgets[i].messages()):
        return FEWEST_LIES
    graph = nx.DiGraph((merged[u], merged[v]) for u, v in zip(vector, message, strict=True) if merged[u] != merged[v])
    return NOT_TRUTHFUL if any(nx.simple_cycles(graph)) else PERMUTATION_FREE


@pytest.mark.parametrize(("seed", "loose"), [(s, loose) for s in range(15) for loose in (False, True)])
def test_classes_follow_the_definitions(seed, loose):
    game = random_game(seed, 2, 3, 1 + seed % 3, loose)
    judge = TruthJudge(game)
    for i in range(2):
        size = len(game.problem.agents[i].types)
        for t in game.type_vectors(i):
            for m in game.budgets[i].messages():
                assert judge.classify(i, lie_table(t, m, size)) == by_definition(game, i, t, m)


@pytest.mark.parametrize(("seed", "loose"), [(s, loose) for s in range(20) for loose in (False, True)])
def test_fewest_lies_implies_permutation_free(seed, loose):
    game = random_game(seed, 2, 3, 1 + seed % 4, loose)
    judge = TruthJudge(game)
    for i in range(2):
        merged = same_utility(game.problem, i)
        for histogram in compositions(game.copies, len(merged)):
            for table in all_lie_tables(game.budgets[i], histogram):
                if judge.classify(i, table) == FEWEST_LIES:
                    graph = nx.DiGraph(
                        (merged[u], merged[v])
                        for u, v in itertools.product(range(len(merged)), repeat=2)
                        if table[u][v] and merged[u] != merged[v]
                    )
                    assert nx.is_directed_acyclic_graph(graph)


def test_the_two_differ_in_dividing_an_inheritance():
    """One 3 too many and one 1 too few: 3 as 2 and 2 as 1 is worth 80/27, 3 as 1 only 74/27 (Example 2, K = 3)."""
    game = eq.load("taking-turns").link(3)
    tables = LabelFreeForm(game).tables(0)
    best = list(tables.tables((0, 1, 2)))
    assert best == [((0, 0, 0), (1, 0, 0), (0, 1, 1))]
    assert Fraction(tables.value((0, 1, 2)), tables.scale) == Fraction(80, 27)
    direct = ((0, 0, 0), (0, 1, 0), (1, 0, 1))
    worth = sum(c * w for row, line in zip(direct, tables.worth, strict=True) for c, w in zip(row, line, strict=True))
    assert Fraction(worth, tables.scale) == Fraction(74, 27)
    judge = TruthJudge(game)
    assert (judge.classify(0, best[0]), judge.classify(0, direct)) == (PERMUTATION_FREE, FEWEST_LIES)
    assert eq.solve(game)[0].truthful == PERMUTATION_FREE


@pytest.mark.parametrize("seed", range(60))
def test_cycles_of_announcements_never_pay_under_a_utilitarian_rule(seed):
    """Theorem G, at every announcement of the others; then it holds for every law of them, too."""
    rng = random.Random(seed)
    problem = random_problem(rng, 2 + seed % 2, 3)
    weights = {agent.name: rng.randint(1, 3) for agent in problem.agents}
    rule = eq.utilitarian(problem, weights, rng.choice(["uniform", "first"]))
    for i, agent in enumerate(problem.agents):
        own = range(len(agent.types))
        others = [range(len(a.types)) for j, a in enumerate(problem.agents) if j != i]
        for w in itertools.product(*others):

            def worth(u, v, w=w, i=i):
                """What is worth to true type u that i announces v and the others w."""
                lottery = rule.lotteries[(*w[:i], v, *w[i:])]
                return sum(p * x for p, x in zip(lottery, problem.utility(i, u), strict=True))

            truth = {u: worth(u, u) for u in own}
            for size in range(2, len(own) + 1):
                for cycle in itertools.permutations(own, size):
                    lies = sum(worth(u, v) for u, v in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
                    assert lies <= sum(truth[u] for u in cycle)
