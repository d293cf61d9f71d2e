"""Supporting transfers against linear programs in floating point, and against their definition."""

from __future__ import annotations

import random
from fractions import Fraction

import networkx
import numpy as np
import pytest
import random_signals as brute
from scipy.optimize import linprog

from eqsolve.interdependent.congruence import congruence
from eqsolve.interdependent.cycles import potentials
from eqsolve.interdependent.efficient import efficient_rule, tabulated
from eqsolve.interdependent.incentives import check_ex_post
from eqsolve.interdependent.support import support

INCENTIVES = ("bayesian", "ex-post")


def feasible(loss):
    """Whether transfers with x(t) - x(s) <= loss[s][t] exist, by HiGHS in floating point."""
    n = len(loss)
    rows, sides = [], []
    for s in range(n):
        for t in range(n):
            if s != t and loss[s][t] is not None:
                row = np.zeros(n)
                row[t], row[s] = 1, -1
                rows.append(row)
                sides.append(float(loss[s][t]))
    if not rows:
        return True
    return linprog(np.zeros(n), A_ub=np.array(rows), b_ub=sides, bounds=[(None, None)] * n).status == 0


@pytest.mark.parametrize("incentives", INCENTIVES)
@pytest.mark.parametrize("seed", range(40))
def test_existence_agrees_with_linear_programs(seed, incentives):
    model = brute.random_model(random.Random(seed))
    found = support(efficient_rule(model), incentives)
    graphs = [g for i in range(len(model.agents)) for g in brute.situations(model, i, incentives).values()]
    assert found.exists == all(map(feasible, graphs))


@pytest.mark.parametrize("incentives", INCENTIVES)
@pytest.mark.parametrize("seed", range(60, 100))
def test_transfers_and_cycles_do_what_they_say(seed, incentives):
    model = brute.random_model(random.Random(seed), signals=4)
    found = support(efficient_rule(model), incentives)
    if found.cycle is not None:
        cycle = found.cycle
        loss = brute.situations(model, cycle.agent, incentives)[cycle.others]
        steps = zip(cycle.signals, [*cycle.signals[1:], cycle.signals[0]], strict=True)
        assert cycle.gain == -sum(loss[s][t] for s, t in steps) > 0
        return
    for i in range(len(model.agents)):
        for rest, loss in brute.situations(model, i, incentives).items():
            seen = rest if rest is not None else (0,) * (len(model.shape) - 1)
            place = [brute.put(seen, i, s) for s in range(len(loss))]
            paid = [found.transfers.to(i, p) for p in place]
            for s, row in enumerate(loss):
                assert all(w is None or paid[t] - paid[s] <= w for t, w in enumerate(row))


@pytest.mark.parametrize("seed", range(25))
def test_the_exhaustive_check_finds_the_best_lie(seed):
    """Zero transfers, against all lies one by one."""
    rng = random.Random(seed)
    model = brute.random_model(rng)
    rule = efficient_rule(model)
    bayes = support(rule)
    nothing = type(bayes.transfers or support(tabulated(model, np.zeros(model.shape, dtype=int))).transfers)(
        tuple(np.zeros(model.shape, dtype=np.int64) for _ in model.agents), 1
    )
    check = check_ex_post(rule, nothing)
    gains = [
        -w
        for i in range(len(model.agents))
        for loss in brute.situations(model, i, "ex-post").values()
        for row in loss
        for w in row
    ]
    assert check.gain == max(0, *gains)
    assert check.lies == sum((size - 1) * len(brute.profiles(model)) for size in model.shape)
    if check.best is not None:
        lie = check.best
        rest = tuple(s for j, s in enumerate(lie.profile) if j != lie.agent)
        loss = brute.situations(model, lie.agent, "ex-post")[rest]
        assert loss[lie.profile[lie.agent]][lie.report] == -lie.gain


@pytest.mark.parametrize("seed", range(60))
def test_potentials_agree_with_networkx(seed):
    rng = random.Random(seed)
    n = rng.randint(1, 7)
    low = rng.choice([-1, -2, -5])
    weights = np.array([[rng.randint(low, 6) if s != t else 0 for t in range(n)] for s in range(n)], dtype=np.int64)
    present = np.array([[rng.random() < 0.6 for _ in range(n)] for _ in range(n)])
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(
        (s, t, int(weights[s, t])) for s in range(n) for t in range(n) if present[s, t] and s != t
    )
    distances, cycle = potentials(weights, present)
    assert bool(cycle) == networkx.negative_edge_cycle(graph)
    if cycle:
        steps = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        assert all(present[s, t] for s, t in steps)
        assert sum(weights[s, t] for s, t in steps) < 0
        assert len(set(cycle)) == len(cycle)
    else:
        assert all(distances[t] - distances[s] <= weights[s, t] for s, t in graph.edges)


@pytest.mark.parametrize("ties", ["first", "uniform"])
def test_congruence_is_enough(ties):
    """Where private effects are multiples of social ones, transfers exist ex post, on any grid, with any ties."""
    held = 0
    for seed in range(200):
        model = brute.random_model(random.Random(seed), dimensions=(1,), ties=ties, signals=3)
        if congruence(model).holds:
            held += 1
            assert support(efficient_rule(model), "ex-post").exists
            assert support(efficient_rule(model)).exists
    assert held > 25


def test_ex_post_is_harder_than_bayesian():
    for seed in range(150):
        model = brute.random_model(random.Random(seed))
        rule = efficient_rule(model)
        if support(rule, "ex-post").exists:
            assert support(rule).exists


def test_any_rule_can_be_asked_about():
    """A constant rule is always supported; the least efficient one rarely is."""
    failures = 0
    for seed in range(40):
        model = brute.random_model(random.Random(seed), alternatives=2, dimensions=(1, 2), ties="first")
        constant = np.full(model.shape, 1)
        assert support(tabulated(model, constant), "ex-post").exists
        worst = np.empty(model.shape, dtype=int)
        for profile in brute.profiles(model):
            sums = brute.welfare(model, profile)
            worst[profile] = sums.index(min(sums))
        failures += not support(tabulated(model, worst)).exists
    assert failures > 5


def test_welfare_is_the_expectation():
    for seed in range(30):
        model = brute.random_model(random.Random(seed))
        total = Fraction(0)
        for profile in brute.profiles(model):
            p = brute.chance(model, 0, profile[1:]) * model.agents[0].probs[profile[0]]
            total += p * max(brute.welfare(model, profile))
        assert efficient_rule(model).welfare == total
