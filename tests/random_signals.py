"""Small random models with interdependent values, and incentives as their definitions say, in plain fractions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from eqsolve.interdependent.model import InformedAgent, InterdependentModel


def random_model(rng, agents=None, alternatives=None, dimensions=(0, 1, 2), signals=3, ties=None, zero=True):
    """Integer and half-integer coefficients, a few signals per agent, sometimes of probability 0."""
    n = agents or rng.randint(1, 3)
    k = alternatives or rng.randint(1, 3)
    people = []
    for i in range(n):
        d = rng.choice(dimensions)
        listed = list(itertools.product(range(3), repeat=d))
        chosen = sorted(rng.sample(listed, min(len(listed), rng.randint(1, signals))))
        weights = [rng.randint(0 if zero else 1, 3) for _ in chosen]
        if not any(weights):
            weights[0] = 1
        probs = tuple(Fraction(w, sum(weights)) for w in weights)
        points = tuple(tuple(Fraction(x, 2) for x in s) for s in chosen)
        people.append(InformedAgent(f"agent {i}", tuple(f"c{c}" for c in range(d)), points, probs))
    coefficients = tuple(
        tuple(
            tuple(tuple(Fraction(rng.randint(-3, 3)) for _ in agent.coordinates) for agent in people) for _ in range(k)
        )
        for _ in range(n)
    )
    constants = tuple(tuple(Fraction(rng.randint(-1, 1), 2) for _ in range(k)) for _ in range(n))
    names = tuple("ABCDEF"[:k])
    return InterdependentModel(names, tuple(people), coefficients, constants, ties or rng.choice(["first", "uniform"]))


def welfare(model, profile):
    """Sums of values of the alternatives."""
    return [sum(model.value(i, k, profile) for i in range(len(model.agents))) for k in range(len(model.alternatives))]


def efficient(model, profile):
    """Lottery over the efficient alternatives."""
    sums = welfare(model, profile)
    best = [k for k, w in enumerate(sums) if w == max(sums)]
    best = best[:1] if model.ties == "first" else best
    return [Fraction(int(k in best), len(best)) for k in range(len(sums))]


def profiles(model):
    return list(itertools.product(*map(range, model.shape)))


def others(model, i):
    return list(itertools.product(*(range(s) for j, s in enumerate(model.shape) if j != i)))


def chance(model, i, rest):
    laws = [a.probs for j, a in enumerate(model.agents) if j != i]
    return math.prod((law[s] for law, s in zip(laws, rest, strict=True)), start=Fraction(1))


def put(rest, i, s):
    return (*rest[:i], s, *rest[i:])


def payoff(model, i, rest, true, told, lottery):
    """Agent i's value where it has the signal `true` and reports `told`."""
    chosen = lottery[put(rest, i, told)]
    return sum(p * model.value(i, k, put(rest, i, true)) for k, p in enumerate(chosen) if p)


def expected(model, i, true, told, lottery):
    return sum(chance(model, i, rest) * payoff(model, i, rest, true, told, lottery) for rest in others(model, i))


def situations(model, i, incentives):
    """What agent i may know when it reports: its losses by each lie, as matrices with None where any is allowed."""
    lottery = {p: efficient(model, p) for p in profiles(model)}
    return losses(model, i, incentives, lottery)


def losses(model, i, incentives, lottery):
    size = range(model.shape[i])
    if incentives == "ex-post":
        return {
            rest: [
                [payoff(model, i, rest, s, s, lottery) - payoff(model, i, rest, s, t, lottery) for t in size]
                for s in size
            ]
            for rest in others(model, i)
        }
    real = [p > 0 for p in model.agents[i].probs]
    return {
        None: [
            [expected(model, i, s, s, lottery) - expected(model, i, s, t, lottery) if real[s] else None for t in size]
            for s in size
        ]
    }
