"""Extreme payoffs over all Bayesian equilibria, against complete enumeration."""

from __future__ import annotations

import random
import time
from fractions import Fraction

import numpy as np
import pytest

from eqsolve.engines import block_bound as module
from eqsolve.engines.bayesian import BayesianGame
from eqsolve.engines.block_bound import compare, extreme_payoff
from eqsolve.engines.block_bound_equilibrium import checked
from eqsolve.engines.block_bound_mip import propose
from eqsolve.engines.block_bound_region import Region, Setting
from eqsolve.engines.block_bound_tree import Branch, Leaf
from eqsolve.engines.complementarity import enumerate_equilibria
from eqsolve.errors import NotSupported
from eqsolve.forms.blocks import ReducedGame


def random_bayesian(seed, spread=None):
    """A Bayesian game without any structure, often degenerate."""
    rng = random.Random(seed)
    sizes = [(rng.randint(1, 3), rng.randint(2, 3)) for _ in range(2)]
    spread = spread or rng.choice([1, 3, 50])
    arrays, priors = [], []
    for types, _ in sizes:
        cells = [rng.randint(-spread, spread) for _ in range(types * sizes[0][1] * sizes[1][1])]
        arrays.append(np.array(cells, dtype=object).reshape(types, sizes[0][1], sizes[1][1]))
        weights = [rng.randint(1, 3) for _ in range(types)]
        priors.append(tuple(Fraction(w, sum(weights)) for w in weights))
    return BayesianGame(tuple(priors), tuple(arrays), (rng.randint(1, 4), 1))


def listed(game, player):
    """Payoffs of a player in all extreme equilibria."""
    blocks = ReducedGame(game).blocks
    matrix = (blocks.A, blocks.B)[player]
    unit = sum(game.weights[0]) * sum(game.weights[1]) * game.scales[player]
    return [
        sum((p * q * matrix[a][b] for a, p in enumerate(x) if p for b, q in enumerate(y) if q), Fraction(0)) / unit
        for x, y in enumerate_equilibria(blocks)
    ]


def agrees(game):
    for player in (0, 1):
        payoffs = listed(game, player)
        for maximise, end in ((True, max(payoffs)), (False, min(payoffs))):
            found = extreme_payoff(game, player, maximise=maximise)
            assert found.complete
            assert found.value == found.bound == end
            profile = checked(Setting(compare(game)), found.strategies)
            assert profile.payoffs[player] / game.scales[player] == end
            assert sum(isinstance(n, Leaf) for n in found.tree) == 1 + 2 * sum(
                isinstance(n, Branch) for n in found.tree
            )


@pytest.mark.parametrize("seed", range(40))
def test_both_ends_for_both_players(seed):
    agrees(random_bayesian(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 300))
def test_both_ends_for_both_players_more(seed):
    agrees(random_bayesian(seed))


def test_payoffs_of_any_size():
    agrees(random_bayesian(3, spread=10**30))


def test_stopped_at_once_the_bound_holds_all_the_same():
    for seed in range(12):
        game = random_bayesian(seed)
        payoffs = listed(game, 0)
        for maximise in (True, False):
            found = extreme_payoff(game, 0, maximise=maximise, deadline=time.monotonic() - 1)
            assert found.bound >= max(payoffs) if maximise else found.bound <= min(payoffs)
            assert found.value is None or min(payoffs) <= found.value <= max(payoffs)
            assert found.complete == (found.value == found.bound)


def test_a_start_that_is_no_equilibrium_is_not_taken():
    prisoners = np.array([[[2, 0], [3, 1]]], dtype=object)
    game = BayesianGame(((Fraction(1),),) * 2, (prisoners, prisoners.transpose(0, 2, 1)), (1, 1))
    cooperate = ({0: Fraction(1)},), ({0: Fraction(1)},)
    found = extreme_payoff(game, 0, starts=[cooperate])
    assert found.value == found.bound == 1


@pytest.mark.parametrize("seed", range(8))
def test_the_mixed_integer_program_finds_the_best(seed):
    game = random_bayesian(seed, spread=5)
    setting = Setting(compare(game))
    for maximise in (True, False):
        region = Region(setting, [c.alive for c in setting.comparisons])
        proposal = propose(region, 0, maximise, 20.0)
        profile = module.purified(setting, region.alive, proposal, 0, maximise)
        payoffs = listed(game, 0)
        assert profile.payoffs[0] / game.scales[0] == (max(payoffs) if maximise else min(payoffs))


def test_the_program_is_asked_and_wrong_proposals_do_no_harm(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0)
    asked = []

    def nonsense(region, *_):
        asked.append(region)
        return tuple(np.eye(*a.shape) + 1e-3 for a in region.alive)

    monkeypatch.setattr(module, "propose", nonsense)
    for seed in range(12):
        game = random_bayesian(seed)
        assert extreme_payoff(game, 0).value == max(listed(game, 0))
    assert asked


def test_three_players_are_refused():
    game = BayesianGame(((Fraction(1),),) * 3, (np.zeros((1, 2, 2, 2), dtype=object),) * 3, (1,) * 3)
    with pytest.raises(NotSupported, match="3 players"):
        extreme_payoff(game, 0)
