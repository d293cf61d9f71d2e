"""The separable evaluation and the normal form against the explicit definition, with everything multiplied out."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.normal import normal_form
from eqsolve.strategy import Strategy, expected_payoffs


def random_strategy(rng, game, i):
    messages = list(game.budgets[i].messages())
    plan = {}
    for t in game.type_vectors(i):
        chosen = rng.sample(messages, min(len(messages), rng.randint(1, 2)))
        weights = [rng.randint(1, 3) for _ in chosen]
        plan[t] = {m: Fraction(w, sum(weights)) for m, w in zip(chosen, weights, strict=True)}
    return Strategy(plan)


def multiplied_out(game, profile):
    """Sum over all profiles of type vectors and messages of probability times utility of the lottery."""
    totals = [Fraction(0)] * game.n
    spaces = [
        [(t, m, game.type_probability(i, t) * p) for t, ms in s.plan.items() for m, p in ms.items()]
        for i, s in enumerate(profile)
    ]
    for cells in itertools.product(*spaces):
        weight = Fraction(1)
        for _, _, p in cells:
            weight *= p
        for k in range(game.copies):
            lottery = game.lotteries[tuple(m[k] for _, m, _ in cells)]
            for i, (t, _, _) in enumerate(cells):
                worth = game.problem.utility(i, t[k])
                totals[i] += weight * sum(p * w for p, w in zip(lottery, worth, strict=True))
    return tuple(total / game.copies for total in totals)


@pytest.mark.parametrize(
    ("seed", "n", "types", "copies", "loose"),
    [(s, n, t, k, loose) for s in range(5) for n, t, k in ((2, 2, 2), (2, 3, 2), (3, 2, 2)) for loose in (False, True)],
)
def test_payoffs_depend_on_announcement_marginals_only(seed, n, types, copies, loose):
    game = random_game(seed, n, types, copies, loose)
    rng = random.Random(seed)
    profile = tuple(random_strategy(rng, game, i) for i in range(n))
    expected = multiplied_out(game, profile)
    assert expected_payoffs(game, profile) == expected
    for i, payoff in ExplicitForm(game).payoffs(profile).items():
        assert payoff == expected[i]


@pytest.mark.parametrize(("seed", "n"), [(s, n) for s in range(6) for n in (2, 3)])
def test_normal_form_cells_are_ex_ante_payoffs(seed, n):
    game = random_game(seed, n, 2, 2, active=1 + seed % 2)
    form = ExplicitForm(game)
    normal = normal_form(form.bayesian, form.bayesian.everything())
    rng = random.Random(seed)
    for _ in range(5):
        chosen = [rng.randrange(len(s)) for s in normal.strategies]
        profile = [None] * n
        for p, i in enumerate(game.active):
            choice = rng.choice(normal.strategies[p][chosen[p]])
            profile[i] = Strategy.pure({t: form.messages[p][a] for t, a in zip(form.vectors[p], choice, strict=True)})
        for i in range(n):
            if profile[i] is None:
                profile[i] = random_strategy(rng, game, i)
        payoffs = multiplied_out(game, profile)
        for p, i in enumerate(game.active):
            assert normal.payoffs[p][tuple(chosen)] == payoffs[i]


@pytest.mark.parametrize("seed", range(20))
def test_flat_opponents_pay_the_label_free_payoff(seed):
    """If every other agent announces alike on all problems, an equilibrium pays the label-free payoff."""
    game = random_game(seed, 2, 2, 2 + seed % 2, active=1 + seed % 2)
    if sum(ReducedGame(ExplicitForm(game).bayesian).labels) > 30:
        pytest.skip("too large to be solved completely in a quick test")
    solution = eq.solve(game, form="explicit")
    for e in solution:
        for i in game.active:
            flat = True
            for j in game.active:
                if j != i:
                    joint = e.strategies[j].joint_marginals(game, j)
                    announced = [[sum(c) for c in zip(*per_k, strict=True)] for per_k in joint]
                    flat &= all(row == announced[0] for row in announced)
            if flat:
                assert e.payoffs[i] == solution.label_free_payoffs[i]
        if e.coordination.distance == 0 and game.active:
            assert e.coordination.verdict == "none"
            assert e.payoffs == solution.label_free_payoffs


def test_exact_marginals_make_announced_frequencies_the_prior():
    """The smallest γ, and what is announced after replacement (appendix of the source)."""
    for seed in range(40):
        game = random_game(seed, 2, 3, 2)
        for i, gamma in enumerate(game.gammas):
            if gamma:
                counts, prior = game.budgets[i].counts, game.problem.agents[i].prior
                law = game.replacement(i)
                assert sum(law) == 1
                assert min(law) >= 0
                after = [(1 - gamma) * Fraction(b, 2) + gamma * q for b, q in zip(counts, law, strict=True)]
                assert tuple(after) == prior
                smaller = gamma * Fraction(9, 10)
                rest = [p - (1 - smaller) * Fraction(b, 2) for p, b in zip(prior, counts, strict=True)]
                assert min(rest) < 0, "a smaller probability of replacement would do"
