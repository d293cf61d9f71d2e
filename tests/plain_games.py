"""Plain games for tests, and what must hold of every result."""

from __future__ import annotations

import random

import numpy as np

import eqsolve as eq


def game(*payoffs, **labels):
    return eq.NormalFormGame.from_payoffs(*payoffs, **labels)


def random_game(rng, shape, size):
    count = int(np.prod(shape))
    return game(*(np.array([rng.randint(-size, size) for _ in range(count)]).reshape(shape) for _ in shape))


def told(result):
    """Everything that does not depend on the method."""
    return [(e.strategies, e.payoffs) for e in result], result.subsets, result.components


def require_equilibria(result):
    for e in result:
        assert result.game.regret(e.strategies) == 0
        assert result.game.payoff(e.strategies) == e.payoffs


def irrational():
    """Three players, an interior equilibrium with square roots (found by a search over small payoffs)."""
    rng = random.Random(0)
    while True:
        g = random_game(rng, (2, 2, 2), 3)
        found = eq.nash(g)
        if found.complete and any(not e.is_rational for e in found):
            return g, found
