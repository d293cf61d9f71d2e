"""Pure equilibria: against the definition, cell by cell."""

from fractions import Fraction

import numpy as np
import pytest

from eqsolve.engines.pure import pure_equilibria
from eqsolve.game import NormalFormGame


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 2), (2, 2, 2, 2)])
@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_the_definition(shape, seed):
    tables = np.random.default_rng(seed).integers(-2, 3, (len(shape), *shape))
    game = NormalFormGame.from_payoffs(*tables)
    by_definition = tuple(cell for cell in np.ndindex(shape) if game.regret(cell) == 0)
    assert pure_equilibria(game) == by_definition


def test_ties_are_exact():
    third = Fraction(1, 3)
    game = NormalFormGame.from_payoffs([[third], ["0.3333333333333333"]], [[0], [0]])
    assert pure_equilibria(game) == ((0, 0),)
    huge = NormalFormGame.from_payoffs([[10**30], [10**30 + 1]], [[0], [0]])
    assert pure_equilibria(huge) == ((1, 0),)


def test_none_and_all():
    pennies = NormalFormGame.from_payoffs([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])
    assert pure_equilibria(pennies) == ()
    zero = np.zeros((2, 2, 2), dtype=int)
    assert len(pure_equilibria(NormalFormGame.from_payoffs(zero, zero, zero))) == 8
