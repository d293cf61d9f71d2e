"""The revelation principle: what the direct mechanism does, and that truth is as good as the strategies were."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from transfer_problems import gains, other_profiles, random_transfers

from eqsolve.errors import ModelError
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.transfers.checks import Checks
from eqsolve.transfers.problem import QuasiLinearProblem
from eqsolve.transfers.revelation import MessageMechanism, Play

HALF = Fraction(1, 2)


def auction(second_price):
    """Two bidders, values 1 and 3 with equal chances, bids 0 to 3; ties by a coin."""
    agents = [Agent(n, (Type("low", HALF, {f"to_{n}": 1}), Type("high", HALF, {f"to_{n}": 3}))) for n in ("1", "2")]
    problem = QuasiLinearProblem(DecisionProblem(("to_1", "to_2"), tuple(agents)))
    outcomes = {}
    for a, b in itertools.product(range(4), repeat=2):
        lottery = (Fraction(a > b) + HALF * (a == b), Fraction(b > a) + HALF * (a == b))
        price = Fraction(min(a, b) if second_price else max(a, b))
        outcomes[a, b] = (lottery, (lottery[0] * price, lottery[1] * price))
    return MessageMechanism(problem, (("0", "1", "2", "3"),) * 2, outcomes)


def test_the_second_price_auction_becomes_the_pivot_mechanism():
    play = Play.pure(auction(True), [["1", "3"]] * 2)
    assert play.deviation is None and play.dominated is None  # noqa: PT018
    direct = play.direct()
    checks = Checks(direct)
    assert checks.dominant is None
    assert direct.transfers[direct.problem.index((1, 0))] == (1, 0)


def test_an_equilibrium_of_the_first_price_auction_becomes_truth_in_expectation_only():
    mechanism = auction(False)
    found = []
    for low, high in itertools.product(itertools.product("0123", repeat=2), repeat=2):
        play = Play.pure(mechanism, [low, high])
        if play.deviation is None:
            found.append(play)
            direct = play.direct()
            assert Checks(direct).bayesian is None
            assert gains(direct)[2] == 0
    assert found
    assert all(play.dominated is not None for play in found)


@pytest.mark.parametrize("seed", range(10))
def test_any_strategies(seed):
    """Truth in the direct mechanism gains what imitating another type gained in the game; payoffs are the same."""
    rng = random.Random(seed)
    problem = random_transfers(rng, *[(1, 3), (2, 2), (3, 2)][seed % 3])
    messages = tuple(tuple(f"m{k}" for k in range(rng.randint(1, 3))) for _ in range(problem.n))
    width = len(problem.problem.decisions)
    outcomes = {}
    for sent in itertools.product(*(range(len(names)) for names in messages)):
        chances = [rng.randint(0, 2) for _ in range(width)]
        chances[0] += not any(chances)
        lottery = tuple(Fraction(c, sum(chances)) for c in chances)
        outcomes[sent] = (lottery, tuple(Fraction(rng.randint(-3, 3), 2) for _ in range(problem.n)))
    mechanism = MessageMechanism(problem, messages, outcomes)
    plans = []
    for size, names in zip(problem.shape, messages, strict=True):
        rows = []
        for _ in range(size):
            weights = [rng.randint(0, 2) for _ in names]
            weights[0] += not any(weights)
            rows.append(tuple(Fraction(w, sum(weights)) for w in weights))
        plans.append(tuple(rows))
    play = Play(mechanism, tuple(plans))
    direct = play.direct()
    for i, size in enumerate(problem.shape):
        for u, v in itertools.product(range(size), repeat=2):
            expected = Fraction(0)
            for others in other_profiles(problem, i):
                types = (*others[:i], v, *others[i:])
                weight = Fraction(1)
                for j, w in enumerate(types):
                    weight *= problem.problem.agents[j].types[w].prob if j != i else 1
                for sent in outcomes:
                    chance = weight
                    for j, m in enumerate(sent):
                        chance *= plans[j][types[j]][m]
                    expected += chance * mechanism.payoff(i, u, sent)
            assert direct.payoffs.interim(i)[u][v] == expected
    if play.deviation is None:
        assert Checks(direct).bayesian is None
    if play.dominated is None:
        assert Checks(direct).dominant is None
    largest = Fraction(0) if play.deviation is None else play.deviation.gain
    assert gains(direct)[2] <= largest


def test_what_does_not_fit_is_refused():
    mechanism = auction(True)
    with pytest.raises(ModelError, match="strategies"):
        Play(mechanism, ())
    with pytest.raises(ModelError, match="lottery"):
        Play(mechanism, (((HALF, HALF, HALF, Fraction(0)),) * 2,) * 2)
    with pytest.raises(ModelError, match="expected one of"):
        Play.pure(mechanism, [["4", "1"], ["1", "1"]])
    with pytest.raises(ModelError, match="outcomes"):
        MessageMechanism(mechanism.problem, (("a",), ("b",)), {})
