"""Learning processes: exact regrets, seeds, limits, and convergence where theory promises it."""

import numpy as np
import pytest

from eqsolve.engines import learning
from eqsolve.engines.learning import best_response_dynamics, fictitious_play, regret_matching
from eqsolve.errors import ModelError
from eqsolve.game import NormalFormGame

PENNIES = NormalFormGame.from_payoffs([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])
ALL = [best_response_dynamics, fictitious_play, regret_matching]


def random_game(seed, shape):
    return NormalFormGame.from_payoffs(*np.random.default_rng(seed).integers(-9, 10, (len(shape), *shape)))


@pytest.mark.parametrize("learn", ALL)
@pytest.mark.parametrize("shape", [(5, 4), (3, 2, 4), (6,)])
def test_regret_is_that_of_the_profile_and_seeds_repeat(learn, shape):
    game = random_game(3, shape)
    limit = {"max_rounds": 50} if learn is best_response_dynamics else {"rounds": 50}
    result = learn(game, seed=4, **limit)
    assert all(sum(strategy) == 1 and min(strategy) >= 0 for strategy in result.profile)
    assert result.regrets == game.regrets(result.profile)
    assert result.regret == game.regret(result.profile)
    assert result.payoffs == game.payoff(result.profile)
    assert result == learn(game, seed=4, **limit)
    assert result.parameters["seed"] == 4


def test_potential_games_come_to_rest():
    common = np.random.default_rng(0).integers(0, 1000, (6, 5, 4))
    for seed in range(10):
        result = best_response_dynamics(NormalFormGame.from_payoffs(common, common, common), seed=seed)
        assert result.regret == 0
        assert result.stopped is None


def test_cycles_end_with_the_rounds_and_the_best_profile_met():
    result = best_response_dynamics(PENNIES, start=(0, 0), max_rounds=7)
    assert result.rounds == 7
    assert result.regret == 2


@pytest.mark.parametrize("learn", [fictitious_play, regret_matching])
def test_zero_sum_games_converge(learn):
    table = np.random.default_rng(1).integers(-9, 10, (8, 7))
    result = learn(NormalFormGame.from_payoffs(table, -table), rounds=4000)
    assert result.regret < 1
    assert learn(PENNIES, rounds=1000).regret < 1


def test_regret_matching_converges_closely_in_zero_sum_games():
    table = np.random.default_rng(2).integers(-9, 10, (10, 10))
    assert float(regret_matching(NormalFormGame.from_payoffs(table, -table), rounds=2000).regret) < 0.05


def test_huge_payoffs_do_not_overflow():
    game = NormalFormGame.from_payoffs([[10**40, 0], [0, 10**40]], [[10**40, 0], [0, 1]])
    for learn in ALL:
        assert learn(game).regrets == game.regrets(learn(game).profile)


@pytest.mark.parametrize("learn", ALL)
def test_limits_and_interrupts_return_what_is_known(learn, monkeypatch):
    game = random_game(5, (4, 4))
    stopped = learn(game, max_seconds=-1)
    assert stopped.rounds == 0
    assert "max_seconds" in stopped.stopped
    assert stopped.regret == game.regret(stopped.profile)
    calls = iter(range(1000))

    def interrupted():
        if next(calls) == 3:
            raise KeyboardInterrupt
        return 0.0

    monkeypatch.setattr(learning.time, "monotonic", interrupted)
    result = learn(PENNIES, max_seconds=1)
    assert result.stopped == "interrupted"
    assert result.regret == PENNIES.regret(result.profile)


def test_bad_arguments():
    with pytest.raises(ModelError, match="rounds"):
        fictitious_play(PENNIES, rounds=0)
    with pytest.raises(ModelError, match="start"):
        best_response_dynamics(PENNIES, start=(0, 2))
