"""Direct mechanisms: gains from lying by definition, simulation, frames, quotas, what is free in an optimum."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import prod

import pytest
from random_problems import random_problem

import eqsolve as eq
from eqsolve.errors import ModelError, SizeError
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.freedom import chance_range, freedom
from eqsolve.mechanisms.optimal import Requirements, optimal_mechanism
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.quotas import best_with_quotas
from eqsolve.mechanisms.symmetry import symmetries


def random_mechanism(rng, n, types, copies, transfers=False):
    orbits = Orbits(random_problem(rng, n, types), copies)
    lotteries = []
    for _ in orbits.blocks:
        weights = [rng.choice([0, 1, 2]) for _ in orbits.problem.decisions]
        weights[0] += not any(weights)
        lotteries.append(tuple(Fraction(w, sum(weights)) for w in weights))
    paid = {(i, h): Fraction(rng.randint(-2, 2)) for i in range(n) for h in orbits.interim[i]} if transfers else {}
    return DirectMechanism(orbits, tuple(lotteries), paid)


def listed(mechanism):
    """Type vectors of every agent, and utilities u(i, true vector, announced profile of vectors)."""
    problem, copies = mechanism.problem, mechanism.copies
    vectors = [list(itertools.product([u for u, p in enumerate(a.prior) if p], repeat=copies)) for a in problem.agents]

    def utility(i, true, profile):
        pairs = list(zip(*profile, strict=True))
        joint = [pairs.count(p) for p in mechanism.orbits.profiles]
        total = Fraction(0)
        for u, pair in zip(true, pairs, strict=True):
            lottery = mechanism.lottery(joint, pair)
            total += sum(p * w for p, w in zip(lottery, problem.utility(i, u), strict=True))
        return total

    return vectors, utility


def regrets(mechanism):
    """Largest interim and ex post gains per problem, and payoffs."""
    vectors, utility = listed(mechanism)
    problem, copies = mechanism.problem, mechanism.copies

    def chance(i, t):
        return prod((problem.agents[i].prior[u] for u in t), start=Fraction(1))

    def paid(i, t):
        histogram = tuple(t.count(u) for u in range(problem.shape[i]))
        return mechanism.transfers.get((i, histogram), Fraction(0))

    interim = ex_post = Fraction(0)
    payoffs = [Fraction(0)] * problem.n
    for i in range(problem.n):
        rest = [j for j in range(problem.n) if j != i]
        others = list(itertools.product(*(vectors[j] for j in rest)))
        masses = [prod((chance(j, t) for j, t in zip(rest, o, strict=True)), start=Fraction(1)) for o in others]
        for true in vectors[i]:
            worth = {told: [utility(i, true, (*o[:i], told, *o[i:])) for o in others] for told in vectors[i]}
            mean = {
                told: paid(i, told) + sum((m * w for m, w in zip(masses, row, strict=True)), Fraction(0))
                for told, row in worth.items()
            }
            payoffs[i] += chance(i, true) * mean[true]
            interim = max(interim, *(m - mean[true] for m in mean.values()))
            for row in worth.values():
                ex_post = max(ex_post, *(a - b for a, b in zip(row, worth[true], strict=True)))
    return interim / copies, ex_post / copies, tuple(p / copies for p in payoffs)


@pytest.mark.parametrize("size", [(2, 2, 2), (2, 3, 1), (3, 2, 1), (2, 2, 3), (1, 3, 2)], ids=str)
def test_gains_from_lying_and_payoffs_by_definition(size):
    import random

    rng = random.Random(str(size))
    for seed in range(4):
        mechanism = random_mechanism(rng, *size, transfers=seed % 2 == 0)
        assert (mechanism.regret, mechanism.ex_post_regret, mechanism.payoffs) == regrets(mechanism)


def test_half_of_the_objects_each():
    problem = eq.load("object").problem
    for copies, payoff in ((2, "115/32"), (4, "1921/512")):
        half = best_with_quotas(problem, copies, {"to_1": copies // 2, "to_2": copies // 2})
        assert half.payoffs == (Fraction(payoff),) * 2
        assert half.regret == 0
    for bad in ({"to_1": 1}, {"to_1": 3, "to_2": -1}, {"to_3": 2}):
        with pytest.raises(ModelError, match="quotas"):
            best_with_quotas(problem, 2, bad)


def test_simulated_payoffs_agree_with_exact_ones():
    for found in (
        optimal_mechanism(eq.load("object").problem, 4),
        optimal_mechanism(eq.load("bargaining").problem, 2, Requirements(transfers=True)),
        optimal_mechanism(eq.load("collusion").problem, 3),
    ):
        estimate = found.simulate(20_000, seed=7)
        assert estimate == found.simulate(20_000, seed=7)
        for exact, mean, error in zip(found.payoffs, estimate.payoffs, estimate.stderr, strict=True):
            assert abs(mean - float(exact)) <= 4.5 * error + 1e-12
        assert str(estimate).startswith("estimated from 20,000 rounds")
    with pytest.raises(ModelError, match="rounds"):
        found.simulate(1)


def test_a_mechanism_decides_on_reports():
    found = optimal_mechanism(eq.load("object").problem, 2)
    assert found.decide({"1": ["high", "low"], "2": ["low", "high"]}) == ("to_1", "to_2")
    assert found.decide({"1": ["low", "high"], "2": ["high", "low"]}, seed=3) == ("to_2", "to_1")
    for bad in ({"1": ["high", "low"]}, {"1": ["high", "low"], "2": ["low"]}, {"1": ["x", "low"], "2": ["low", "low"]}):
        with pytest.raises(ModelError):
            found.decide(bad)


def test_a_frame_has_a_row_for_every_lottery():
    pytest.importorskip("pandas")
    found = optimal_mechanism(eq.load("object").problem, 2)
    frame = found.to_frame()
    assert len(frame) == len(found.orbits.blocks)
    assert (frame["to_1"] + frame["to_2"] == 1).all()
    assert set(frame["type of 1"]) == {"low", "high"}


def test_blocks_that_do_not_occur_are_refused():
    found = optimal_mechanism(eq.load("object").problem, 2)
    for joint, profile in (((2, 0, 0, 0), (1, 1)), ((1, 0, 0, 0), (0, 0)), ((2, 0, 0), (0, 0)), ((2, 0, 0, 0), (5, 5))):
        with pytest.raises(ModelError, match="occurs"):
            found.lottery(joint, profile)


@pytest.mark.parametrize(
    ("model", "size"),
    [("object", 2), ("object-disposal", 2), ("voting", 4), ("bargaining", 2), ("taking-turns", 6), ("public-good", 6),
     ("public-good-large", 6), ("committee", 240)],
)  # fmt: skip
def test_symmetries_of_the_bundled_models(model, size):
    problem = eq.load(model).problem
    group = symmetries(problem, [Fraction(1)] * problem.n)
    assert len(group) == size
    for g in group:
        for i, agent in enumerate(problem.agents):
            for u, kind in enumerate(agent.types):
                j, v = g.agents[i], g.types[i][u]
                assert problem.agents[j].types[v].prob == kind.prob
                gaps = {problem.utility(j, v)[g.decisions[d]] - w for d, w in enumerate(problem.utility(i, u))}
                assert len(gaps) == 1, "utilities differ by more than a constant"
    assert len(symmetries(problem, [Fraction(k + 1) for k in range(problem.n)])) == (2 if size % 4 == 0 else 1)


def test_the_second_best_of_bargaining_is_not_the_only_one():
    problem = eq.load("bargaining").problem
    best = optimal_mechanism(problem, 1, Requirements(participation="problem", status_quo="no_trade"))
    eager, reluctant = 0, 1
    joint = [0] * 4
    joint[best.orbits.profile_index[eager, reluctant]] = 1
    assert best.lottery(joint, (eager, reluctant))[2] == Fraction(5, 7)
    assert chance_range(best, joint, (eager, reluctant), "trade_at_2") == (Fraction(3, 7), 1)
    assert chance_range(best, joint, (eager, reluctant), "trade_at_2", symmetric=True) == (Fraction(5, 7),) * 2
    assert chance_range(best, joint, (eager, reluctant), "trade_at_8") == (0, 0)
    with pytest.raises(ModelError, match="decisions"):
        chance_range(best, joint, (eager, reluctant), "trade_at_3")


def test_the_vote_is_the_only_anonymous_and_neutral_second_best():
    best = optimal_mechanism(eq.load("voting").problem, 1)
    assert not list(freedom(best, symmetric=True))
    free = list(freedom(best))
    assert len(free) == 16
    assert all(ends == (0, 1) for _, _, ends in free)


def test_freedom_of_a_large_mechanism_is_refused():
    with pytest.raises(SizeError, match="two programs"):
        list(freedom(optimal_mechanism(eq.load("collusion").problem, 8)))
