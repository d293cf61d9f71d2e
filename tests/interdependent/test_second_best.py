"""Second-best welfare against linear programs written down from the definition."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest
import random_signals as brute
from scipy.optimize import linprog

from eqsolve.errors import SizeError
from eqsolve.interdependent.efficient import efficient_rule
from eqsolve.interdependent.second_best import best_by_program, second_best
from eqsolve.interdependent.support import support
from eqsolve.io.interdependent_file import load_interdependent


def by_definition(model, incentives):
    """Lotteries at all profiles and transfers; nothing merged, nothing left out but reports of probability 0."""
    places = brute.profiles(model)
    options = len(model.alternatives)
    at = {p: n * options for n, p in enumerate(places)}
    columns = len(places) * options
    rows = []
    size = columns
    for i in range(len(model.agents)):
        known = [[rest] for rest in brute.others(model, i)] if incentives == "ex-post" else [brute.others(model, i)]
        real = [incentives == "ex-post" or p > 0 for p in model.agents[i].probs]
        for rests in known:
            paid = range(size, size + model.shape[i])
            size += model.shape[i]
            for s, t in itertools.permutations([u for u in range(model.shape[i]) if real[u]], 2):
                row = {paid[t]: 1.0, paid[s]: -1.0}
                for rest in rests:
                    p = 1 if incentives == "ex-post" else brute.chance(model, i, rest)
                    for k in range(options):
                        worth = float(p * model.value(i, k, brute.put(rest, i, s)))
                        for report, sign in ((t, 1), (s, -1)):
                            column = at[brute.put(rest, i, report)] + k
                            row[column] = row.get(column, 0) + sign * worth
                rows.append(row)
    cost = np.zeros(size)
    for profile, start in at.items():
        p = brute.chance(model, 0, profile[1:]) * model.agents[0].probs[profile[0]]
        cost[start : start + options] = [-float(p * w) for w in brute.welfare(model, profile)]
    A = np.zeros((len(rows), size))
    for r, row in enumerate(rows):
        for c, v in row.items():
            A[r, c] = v
    E = np.zeros((len(places), size))
    for r, start in enumerate(at.values()):
        E[r, start : start + options] = 1
    bounds = [(0, None)] * columns + [(None, None)] * (size - columns)
    found = linprog(
        cost,
        A_ub=A if rows else None,
        b_ub=np.zeros(len(rows)) if rows else None,
        A_eq=E,
        b_eq=np.ones(len(places)),
        bounds=bounds,
    )
    return -found.fun


@pytest.mark.parametrize("incentives", ["bayesian", "ex-post"])
@pytest.mark.parametrize("seed", range(25))
def test_second_best_agrees_with_the_definition(seed, incentives):
    model = brute.random_model(random.Random(seed), dimensions=(0, 1, 2, 2))
    best = best_by_program(model, incentives)
    assert float(best.welfare) == pytest.approx(by_definition(model, incentives), abs=1e-7)
    assert best.loss >= 0
    assert best.first_best == efficient_rule(model).welfare
    assert second_best(model, incentives).welfare == best.welfare


@pytest.mark.parametrize("incentives", ["bayesian", "ex-post"])
@pytest.mark.parametrize("seed", range(40, 65))
def test_the_second_best_rule_can_be_supported(seed, incentives):
    """Its lotteries pay the welfare, and no cycle of types is negative under them, in exact arithmetic."""
    model = brute.random_model(random.Random(seed), alternatives=random.Random(seed).randint(2, 3))
    best = second_best(model, incentives)
    first = (Fraction(1),) + (Fraction(0),) * (len(model.alternatives) - 1)
    lottery = {p: best.lottery(p) or first for p in brute.profiles(model)}
    total = Fraction(0)
    for profile, chosen in lottery.items():
        assert min(chosen) >= 0
        assert sum(chosen) == 1
        p = brute.chance(model, 0, profile[1:]) * model.agents[0].probs[profile[0]]
        total += p * sum(q * w for q, w in zip(chosen, brute.welfare(model, profile), strict=True))
    assert total == best.welfare
    for i in range(len(model.agents)):
        for loss in brute.losses(model, i, incentives, lottery).values():
            real = [s for s, row in enumerate(loss) if row[0] is not None]
            assert not negative_cycle([[loss[s][t] for t in real] for s in real])


def negative_cycle(w):
    """Floyd and Warshall in fractions."""
    n = len(w)
    d = [list(row) for row in w]
    for k, i, j in itertools.product(range(n), repeat=3):
        d[i][j] = min(d[i][j], d[i][k] + d[k][j])
    return any(d[i][i] < 0 for i in range(n))


def test_nothing_is_lost_where_transfers_support_the_efficient_rule():
    lost = 0
    for seed in range(40):
        model = brute.random_model(random.Random(seed), dimensions=(1, 2))
        best = best_by_program(model)
        if support(efficient_rule(model)).exists:
            assert best.loss == 0
        lost += best.loss > 0
    assert lost > 3


def test_the_loss_along_a_grid_and_a_strength():
    model = load_interdependent("two-informed")
    losses = [second_best(model.with_points(m)).loss for m in (2, 3, 4, 5)]
    assert losses == [0, 0, 0, Fraction(3, 1250)]
    weak = [second_best(model.with_strength(Fraction(t, 2)).with_points(5)).loss for t in range(3)]
    assert weak[0] == 0 < weak[-1]
    assert weak == sorted(weak)


def test_ex_post_costs_more_than_bayesian():
    model = load_interdependent("interim-only").with_points(4)
    assert (second_best(model).loss, second_best(model, "ex-post").loss) == (0, Fraction(1, 96))


def test_a_program_too_large_is_refused():
    with pytest.raises(SizeError, match="take a coarser grid"):
        best_by_program(load_interdependent("two-informed").with_points(20))
