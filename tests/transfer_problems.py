"""Random problems with transfers for tests, and what their mechanisms satisfy by definition."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import prod

from random_problems import random_problem

from eqsolve.transfers.problem import DirectMechanism, QuasiLinearProblem


def random_transfers(rng, n, types, *, costs=True):
    """A problem with odd priors, ties, zero probabilities, costs and outside payoffs."""
    problem = random_problem(rng, n, types)
    prices = tuple(Fraction(rng.randint(0, 3), 2) for _ in problem.decisions) if costs else ()
    outside = tuple(tuple(Fraction(rng.randint(-3, 3), 2) for _ in range(size)) for size in problem.shape)
    return QuasiLinearProblem(problem, prices, outside)


def random_mechanism(rng, problem):
    """Any allocation and any payments."""
    allocation, transfers = [], []
    for _ in problem.profiles:
        weights = [rng.choice([0, 1, 2]) for _ in problem.problem.decisions]
        weights[0] += not any(weights)
        allocation.append(tuple(Fraction(w, sum(weights)) for w in weights))
        transfers.append(tuple(Fraction(rng.randint(-4, 4), 3) for _ in range(problem.n)))
    return DirectMechanism(problem, tuple(allocation), tuple(transfers))


def payoff(mechanism, i, u, profile):
    """What agent i's type u gets when a profile is reported."""
    problem = mechanism.problem
    p = problem.profiles.index(profile)
    agent = problem.problem.agents[i]
    names = problem.problem.decisions
    worth = sum(
        q * agent.types[u].utility.get(d, Fraction(0)) for d, q in zip(names, mechanism.allocation[p], strict=True)
    )
    return worth - mechanism.transfers[p][i]


def other_profiles(problem, i):
    return itertools.product(*(range(size) for j, size in enumerate(problem.shape) if j != i))


def chance(problem, i, others):
    """Probability of the types of the agents other than i."""
    agents = [a for j, a in enumerate(problem.problem.agents) if j != i]
    return prod((a.types[u].prob for a, u in zip(agents, others, strict=True)), start=Fraction(1))


def gains(mechanism):
    """The largest gain from a lie: whatever is reported, at types that can occur, and in expectation; 0 at least."""
    problem = mechanism.problem
    dominant = ex_post = bayesian = Fraction(0)
    for i, agent in enumerate(problem.problem.agents):
        for u, v in itertools.product(range(len(agent.types)), repeat=2):
            expected = Fraction(0)
            for others in other_profiles(problem, i):
                lie, truth = ((*others[:i], x, *others[i:]) for x in (v, u))
                gain = payoff(mechanism, i, u, lie) - payoff(mechanism, i, u, truth)
                dominant = max(dominant, gain)
                weight = chance(problem, i, others)
                expected += weight * gain
                if weight and agent.types[u].prob:
                    ex_post = max(ex_post, gain)
            if agent.types[u].prob:
                bayesian = max(bayesian, expected)
    return dominant, ex_post, bayesian


def losses(mechanism):
    """The largest loss from taking part, in expectation and at any profile that can occur; 0 at least."""
    problem = mechanism.problem
    interim = ex_post = Fraction(0)
    for i, agent in enumerate(problem.problem.agents):
        for u, kind in enumerate(agent.types):
            if kind.prob:
                out = problem.outside[i][u]
                got = [
                    (chance(problem, i, others), payoff(mechanism, i, u, (*others[:i], u, *others[i:])))
                    for others in other_profiles(problem, i)
                ]
                interim = max(interim, out - sum(q * x for q, x in got))
                ex_post = max(ex_post, *(out - x for q, x in got if q))
    return interim, ex_post
