"""Distances, coalitions and verdicts on profiles whose coordination is known."""

from __future__ import annotations

from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.judge.coordination import COLLUSIVE, IMPROVING, NONE, OTHER, TIE_BREAKING, coordination, correlation_graph
from eqsolve.strategy import Strategy, expected_payoffs


@pytest.fixture(scope="module")
def three():
    """Three agents who matter alike: b is decided when their values sum to more than 6."""
    types = (eq.Type("1", "1/2", {"b": 1}), eq.Type("3", "1/2", {"b": 3}))
    agents = tuple(eq.Agent(name, types) for name in "123")
    problem = eq.DecisionProblem(("a", "b"), (*agents, eq.Agent("4", (eq.Type("-6", 1, {"b": -6}),))))
    return eq.LinkedGame(problem, eq.utilitarian(problem), 4)


def always(game, i, message):
    return Strategy({t: {message: Fraction(1)} for t in game.type_vectors(i)})


def test_a_triple_can_coordinate_while_every_pair_looks_independent(three):
    """Announcements 0011, 0101 and their exclusive or: pairs are independent, all three are not."""
    patterns = [(0, 0, 1, 1), (0, 1, 0, 1), (0, 1, 1, 0)]
    profile = [*(always(three, i, m) for i, m in enumerate(patterns)), always(three, 3, (0,) * 4)]
    graph, edges, distance = correlation_graph(three, profile)
    assert distance > 0
    assert sorted((j, i) for j, i, _ in edges) == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert not graph.in_degree(3)
    pair = [*(always(three, i, m) for i, m in enumerate(patterns[:2])), always(three, 2, (0, 0, 1, 1))]
    _, edges, _ = correlation_graph(three, [*pair, always(three, 3, (0,) * 4)])
    assert (0, 2) in {(j, i) for j, i, _ in edges}
    assert (0, 1) not in {(j, i) for j, i, _ in edges}


def test_distance_is_measured_in_shares_of_the_problems(three):
    same = [always(three, i, (0, 0, 1, 1)) for i in range(2)]
    mixed = Strategy({t: {(0, 0, 1, 1): Fraction(1, 2), (1, 1, 0, 0): Fraction(1, 2)} for t in three.type_vectors(2)})
    profile = [*same, mixed, always(three, 3, (0,) * 4)]
    _, edges, distance = correlation_graph(three, profile)
    # Agent 1 announces "1" on two problems, on which agent 2 does so too: 2 instead of 1 of 4 expected under a true
    # type that is independent of all this, so half of that for each true type.
    assert distance == Fraction(1, 2) * Fraction(1, 4)
    assert {(j, i) for j, i, _ in edges} == {(0, 1), (1, 0), (0, 2), (1, 2)} - {(0, 2), (1, 2)}


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        ((0, 0, 0, 0), TIE_BREAKING),
        ((1, 0, 0, 0), IMPROVING),
        ((1, 1, 0, -1), COLLUSIVE),
        ((1, 0, 0, -1), COLLUSIVE),
        ((0, 0, 1, -1), OTHER),
        ((1, -1, 0, 0), OTHER),
    ],
)
def test_verdicts_follow_gains(three, gain, verdict):
    """A coalition of agents 1 and 2; what each gains is dictated."""
    profile = [always(three, 0, (0, 0, 1, 1)), always(three, 1, (1, 1, 0, 0))]
    flat = {(0, 0, 1, 1): Fraction(1, 2), (1, 1, 0, 0): Fraction(1, 2)}
    profile += [Strategy(dict.fromkeys(three.type_vectors(2), flat)), always(three, 3, (0,) * 4)]
    payoffs = expected_payoffs(three, tuple(profile))
    found = coordination(three, profile, payoffs, [p - g for p, g in zip(payoffs, gain, strict=True)])
    assert found.coalitions == ((0, 1),)
    assert found.gain == gain
    assert found.verdict == verdict
    assert coordination(three, profile, payoffs, None).verdict == OTHER


def test_label_free_play_has_distance_zero(three):
    solution = eq.solve(three)
    assert solution[0].coordination.verdict == NONE
    graph, edges, distance = correlation_graph(three, solution[0].strategies)
    assert (edges, distance) == ([], 0)
    assert graph.number_of_edges() == 0
