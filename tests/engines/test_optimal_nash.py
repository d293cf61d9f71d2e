import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqsolve.engines import optimal_nash as module
from eqsolve.engines.bimatrix import Bimatrix
from eqsolve.engines.complementarity import BlockGame, enumerate_equilibria
from eqsolve.engines.correlated import optimal_correlated
from eqsolve.engines.optimal_nash import Objective, optimal_nash, verify_bound
from eqsolve.engines.optimal_nash_mip import propose_labels
from eqsolve.errors import ModelError

values = st.sampled_from([0, 0, 1, -1, 2, Fraction(1, 3), 10**12])
weights = st.sampled_from([0, 1, -1, Fraction(1, 2)])


@st.composite
def tasks(draw):
    m, n = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    A, B = ([[draw(values) for _ in range(n)] for _ in range(m)] for _ in range(2))
    row = tuple(draw(weights) for _ in range(m)) if draw(st.booleans()) else ()
    col = tuple(draw(weights) for _ in range(n)) if draw(st.booleans()) else ()
    return A, B, Objective((draw(weights), draw(weights)), row, col, draw(st.booleans()))


def best_of_all(A, B, objective):
    game = Bimatrix.of(A, B)
    found = [objective.value(game, x, y) for x, y in enumerate_equilibria(BlockGame.of(A, B))]
    return max(found) if objective.maximise else min(found)


@settings(deadline=None, max_examples=40)
@given(tasks())
def test_optimum_over_all_extreme_equilibria(task):
    A, B, objective = task
    found = optimal_nash(A, B, objective)
    assert found.status == "optimal"
    assert found.value == found.bound == best_of_all(A, B, objective)
    assert Bimatrix.of(A, B).regrets(found.row, found.col) == (0, 0)
    assert verify_bound(A, B, found)


@pytest.mark.parametrize("seed", range(8))
def test_random_games_by_the_search_alone(seed, monkeypatch):
    monkeypatch.setattr(module, "propose_labels", lambda *arguments: None)
    rng = random.Random(seed)
    m, n, spread = rng.randint(3, 6), rng.randint(3, 6), rng.choice([1, 3, 100])
    A, B = ([[rng.randint(-spread, spread) for _ in range(n)] for _ in range(m)] for _ in range(2))
    objective = Objective((1, rng.choice([0, 1])), maximise=rng.random() < 0.5)
    found = optimal_nash(A, B, objective)
    assert found.value == best_of_all(A, B, objective)
    assert verify_bound(A, B, found)


def test_battle_of_the_sexes():
    A, B = [[3, 0], [0, 2]], [[2, 0], [0, 3]]
    worst = optimal_nash(A, B, Objective(maximise=False))
    assert (worst.value, worst.row, worst.col) == (
        Fraction(12, 5),
        (Fraction(3, 5), Fraction(2, 5)),
        (Fraction(2, 5), Fraction(3, 5)),
    )
    assert optimal_nash(A, B, Objective((1, 0))).payoffs == (3, 2)
    assert optimal_nash(A, B, Objective((0, 1))).payoffs == (2, 3)
    likely = optimal_nash(A, B, Objective((0, 0), row=(0, 1)))
    assert (likely.value, likely.row) == (1, (0, 1))


def game_with_a_gap():
    """A game whose root relaxation is not tight, so that a limit on nodes leaves a gap."""
    for seed in range(50):
        rng = random.Random(seed)
        A, B = ([[rng.randint(-9, 9) for _ in range(5)] for _ in range(5)] for _ in range(2))
        if optimal_nash(A, B).nodes > 6:
            return A, B
    raise AssertionError("no such game among the first seeds")


def test_a_limit_leaves_an_exact_bound_and_says_so(monkeypatch, capfd):
    A, B = game_with_a_gap()
    full = optimal_nash(A, B)
    for limits in ({"max_nodes": 2}, {"max_seconds": 0}):
        found = optimal_nash(A, B, **limits)
        assert found.status == "bounded"
        assert found.value <= full.value < found.bound
        assert found.bound <= optimal_correlated([A, B]).value
        assert verify_bound(A, B, found)
    monkeypatch.setattr(module, "propose_labels", lambda *arguments: None)
    found = optimal_nash(A, B, max_nodes=1)  # the equilibrium then comes from elsewhere
    assert found.value <= full.value
    assert verify_bound(A, B, found)
    out = capfd.readouterr()
    assert out.out + out.err == ""


def test_wrong_proposals_do_no_harm(monkeypatch):
    A, B = [[3, 0], [0, 2]], [[2, 0], [0, 3]]
    for labels in ((False, False, True, True), (True, False, False, True), (False, True, False, True)):
        monkeypatch.setattr(module, "propose_labels", lambda *_, labels=labels: dict(enumerate(labels)))
        assert optimal_nash(A, B).value == 5


def test_verification_refuses_what_was_changed():
    A, B = game_with_a_gap()
    found = optimal_nash(A, B)
    assert verify_bound(A, B, found)
    half = Fraction(1, 2)
    for wrong in (
        replace(found, value=found.value + half, bound=found.bound + half),
        replace(found, bound=found.bound - half),
        replace(found, bound=found.bound + half),
        replace(found, proof=found.proof[1:]),
        replace(found, proof=()),
        replace(found, row=found.row[::-1], col=found.col[::-1]),
        replace(found, proof=tuple(replace(leaf, fixed=()) for leaf in found.proof)),
    ):
        assert not verify_bound(A, B, wrong)
    other = [[value + (i == j) for j, value in enumerate(row)] for i, row in enumerate(A)]
    assert not verify_bound(other, B, found)


def test_the_program_proposes_the_best_supports():
    game = Bimatrix.of([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    weights = [Fraction(0)] * 4
    assert propose_labels(game, [*weights, Fraction(-1), Fraction(0)], None) == {0: 1, 1: 0, 2: 1, 3: 0}
    assert propose_labels(game, [*weights, Fraction(0), Fraction(-1)], None) == {0: 0, 1: 1, 2: 0, 3: 1}


def test_objectives_that_do_not_fit_are_refused():
    with pytest.raises(ModelError, match="expected 2, 1 and 2"):
        optimal_nash([[1, 2]], [[1, 2]], Objective(row=(1, 2)))
