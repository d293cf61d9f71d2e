"""Plain games through the facade: every method, every kind of game, and what the result says of itself."""

from __future__ import annotations

import random
import sys
import time
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from plain_games import game, irrational, random_game, require_equilibria, told

import eqsolve as eq
from eqsolve.engines.optimal_nash import Objective
from eqsolve.plain.result import grouped

COMPLETE = ("complementarity", "support-enumeration", "vertex-enumeration")
PENNIES = [[1, -1], [-1, 1]]

# Von Stengel (1999), New maximal numbers of equilibria in bimatrix games; B has a row per column.
STENGEL_A = [
    [9504, -660, 19976, -20526, 1776, -8976],
    [-111771, 31680, -130944, 168124, -8514, 52764],
    [397584, -113850, 451176, -586476, 29216, -178761],
    [171204, -45936, 208626, -263076, 14124, -84436],
    [1303104, -453420, 1227336, -1718376, 72336, -461736],
    [737154, -227040, 774576, -1039236, 48081, -300036],
]
STENGEL_B = [
    [72336, -461736, 1227336, -1718376, 1303104, -453420],
    [48081, -300036, 774576, -1039236, 737154, -227040],
    [29216, -178761, 451176, -586476, 397584, -113850],
    [14124, -84436, 208626, -263076, 171204, -45936],
    [1776, -8976, 19976, -20526, 9504, -660],
    [-8514, 52764, -130944, 168124, -111771, 31680],
]


@pytest.mark.parametrize("size", [1, 3, 50])
def test_methods_agree_on_random_games(size):
    rng = random.Random(size)
    for _ in range(12):
        g = random_game(rng, (rng.randint(1, 4), rng.randint(1, 4)), size)
        base = eq.nash(g)
        assert base.complete
        assert base.stopped is None
        require_equilibria(base)
        for method in COMPLETE:
            other = eq.nash(g, method=method)
            assert told(other) == told(base), method
            assert other.complete
            assert other.method == method
        polynomial = eq.nash(g, method="polynomial")
        if polynomial.complete:
            assert told(polynomial) == told(base)
        require_equilibria(polynomial)
        listed = {e.strategies for e in base}
        for method in ("pure", "best-response"):
            some = eq.nash(g, method=method)
            assert {e.strategies for e in some} <= listed
            assert not some.complete
        require_equilibria(eq.nash(g, method="lemke-howson"))


def test_polynomials_agree_with_the_search_where_nothing_is_degenerate():
    rng = random.Random(7)
    for _ in range(6):
        g = random_game(rng, (3, 3), 100)
        assert told(eq.nash(g, method="polynomial")) == told(eq.nash(g))


def test_nashpy_is_a_hint_that_is_made_exact():
    pytest.importorskip("nashpy")
    found = eq.nash(game([[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]]), method="nashpy")
    require_equilibria(found)
    assert [e.payoffs for e in found] == [e.payoffs for e in eq.nash(found.game)]
    assert not found.complete
    third = [["1/3", "2/3"], ["2/3", "1/3"]]
    exact = eq.nash(game(third, [["-1/3", "1/3"], ["1/3", "-1/3"]]), method="nashpy")
    assert {e.strategies for e in exact} <= {e.strategies for e in eq.nash(exact.game)}
    huge = eq.nash(game([[10**150, 0], [0, 10**150]], PENNIES), method="nashpy")
    require_equilibria(huge)


@pytest.mark.parametrize("method", COMPLETE)
def test_von_stengels_game(method):
    found = eq.nash(game(STENGEL_A, np.transpose(STENGEL_B)), method=method)
    assert found.complete
    assert len(found) == 75
    require_equilibria(found)


@pytest.mark.parametrize("n", range(1, 8))
def test_coordination_games(n):
    eye = np.eye(n, dtype=int)
    found = eq.nash(game(eye, eye))
    assert (len(found), len(found.subsets), len(found.components)) == (2**n - 1,) * 3
    assert found.complete


@pytest.mark.parametrize("method", COMPLETE)
def test_degenerate_games(method):
    nothing = eq.nash(game([[0] * 3] * 3, [[0] * 3] * 3), method=method)
    assert (len(nothing), nothing.subsets, nothing.components) == (9, (tuple(range(9)),), (tuple(range(9)),))
    three = eq.nash(game([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]), method=method)
    assert (len(three), len(three.subsets), len(three.components)) == (3, 2, 2)
    assert three.complete
    rows = np.repeat(PENNIES, 2, axis=0)
    doubled = eq.nash(game(rows, -rows), method=method)
    assert {e.payoffs for e in doubled} == {(0, 0)}
    assert (len(doubled), len(doubled.subsets)) == (4, 1)


def test_zero_sum_games_up_to_shifts_and_a_factor():
    rng = random.Random(3)
    for _ in range(25):
        m, n, size = rng.randint(1, 5), rng.randint(1, 5), rng.choice([1, 2, 50])
        A = [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]
        rows, cols = ([rng.randint(-9, 9) for _ in range(k)] for k in (m, n))
        factor = rng.choice([1, 3, Fraction(1, 2)])
        B = [[factor * (rows[i] + cols[j] - A[i][j]) for j in range(n)] for i in range(m)]
        g = game(A, B)
        found = eq.nash(g, method="lp")
        assert found.complete
        assert told(found) == told(eq.nash(g, method="complementarity"))
    with pytest.raises(eq.ModelError, match="zero-sum"):
        eq.nash(game([[2, 0], [0, 1]], [[1, 0], [0, 2]]), method="lp")


def test_large_zero_sum_games_go_to_linear_programs():
    rng = random.Random(1)
    A = [[rng.randint(-100, 100) for _ in range(30)] for _ in range(30)]
    found = eq.nash(game(A, [[7 - a for a in row] for row in A]))
    assert (found.method, found.complete, len(found)) == ("lp", True, 1)
    require_equilibria(found)
    # so many optimal strategies that linear programs do not list them: the search merges what is alike
    flat = eq.nash(game([[0] * 15] * 15, [[0] * 15] * 15))
    assert (flat.method, flat.complete, len(flat)) == ("complementarity", True, 225)
    flat = eq.nash(flat.game, method="lp")
    assert (flat.method, flat.complete, len(flat)) == ("lp", False, 1)
    assert "others may exist" in flat.notes[0]


@pytest.mark.parametrize("method", [*COMPLETE, "auto", "lemke-howson", "polynomial", "lp", "best-response"])
def test_one_equilibrium(method):
    g = game(PENNIES, [[-1, 1], [1, -1]]) if method == "lp" else game([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    found = eq.nash(g, method=method, one=True)
    assert len(found) == 1
    assert not found.complete
    assert found.stopped is None
    require_equilibria(found)


def test_one_is_pure_if_any_is():
    g = game([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    assert eq.nash(g, one=True).method == "pure"
    assert eq.nash(game(PENNIES, [[-1, 1], [1, -1]]), one=True).method == "lemke-howson"


def test_iteration_reports_the_exact_regret_of_what_is_no_equilibrium():
    found = eq.nash(game([[2, -1], [-1, 1]], [[-2, 1], [1, -1]]), method="best-response")
    assert len(found) == 0
    assert not found.complete
    assert found.nearest is not None
    assert found.nearest.regrets == found.game.regrets(found.nearest.strategies)
    assert 0 < found.nearest.regret < Fraction(1, 20)
    assert "regret" in str(found)


# --- symmetric equilibria, objectives, correlation ----------------------------------------------------------


def test_symmetric_equilibria():
    hawk = game([[-1, 4], [0, 2]], [[-1, 0], [4, 2]])
    found = eq.symmetric_equilibria(hawk)
    assert [e.strategies[0] for e in found] == [(Fraction(2, 3), Fraction(1, 3))]
    assert found.complete
    assert len(eq.nash(hawk)) == 3
    flat = eq.nash(game([[0, 0], [0, 0]], [[0, 0], [0, 0]]), symmetric=True)
    assert (len(flat), flat.subsets, flat.components) == (2, ((0, 1),), ((0, 1),))
    with pytest.raises(eq.ModelError, match="not symmetric"):
        eq.nash(game(PENNIES, [[-1, 1], [1, -1]]), symmetric=True)
    with pytest.raises(eq.NotSupported, match="two players"):
        eq.nash(game([1, 2]), symmetric=True)


def test_random_symmetric_games_have_a_symmetric_equilibrium():
    rng = random.Random(2)
    for _ in range(20):
        n = rng.randint(1, 4)
        A = np.array([[rng.randint(-1, 1) for _ in range(n)] for _ in range(n)])
        found = eq.nash(game(A, A.T), symmetric=True)
        assert len(found) > 0
        for subset in found.subsets:  # mixtures in which both do the same
            some = [found[k].strategies[0] for k in subset]
            middle = tuple(sum(column) / len(some) for column in zip(*some, strict=True))
            assert found.game.is_equilibrium((middle, middle))


@pytest.mark.parametrize("shape", [(3, 4), (9, 8)])
@pytest.mark.parametrize("objective", ["welfare", "minimise welfare", "payoff:1", "minimise payoff:2"])
def test_optimal_equilibria(shape, objective):
    g = random_game(random.Random(5), shape, 20)
    found = eq.nash(g, objective=objective)
    assert found.optimum.proved
    assert len(found) == 1
    require_equilibria(found)
    every = eq.nash(g)
    what = [sum(e.payoffs) if "welfare" in objective else e.payoffs[int(objective[-1]) - 1] for e in every]
    best = min(what) if objective.startswith("minimise") else max(what)
    assert found.optimum.value == found.optimum.bound == best
    assert found.method == ("complementarity" if shape == (3, 4) else "branch and bound")


def test_objectives_of_probabilities_and_of_three_players():
    coordination = game([[1, 0], [0, 1]], [[1, 0], [0, 1]])
    mixed = eq.nash(coordination, objective=Objective(payoffs=(0, 0), row=(-1, 0), col=(0, 1)))
    assert mixed[0].strategies == ((0, 1), (0, 1))
    assert mixed.optimum.value == 1
    three = random_game(random.Random(4), (2, 2, 2), 9)
    best = eq.nash(three, objective="maximise payoff:3")
    assert best.optimum.proved
    assert best.optimum.value == max(e.payoffs[2] for e in eq.nash(three))
    part = eq.nash(game(PENNIES, [[-1, 1], [1, -1]]), objective="welfare", method="lemke-howson")
    assert (part.optimum.value, part.optimum.bound, part.optimum.proved) == (0, 0, True)


def test_players_of_objectives_go_by_name_first():
    g = game([[2, 0], [0, 1]], [[1, 0], [0, 2]], players=["2", "1"])
    assert eq.nash(g, objective="payoff:2").optimum.value == 2
    assert eq.nash(g, objective="payoff:2")[0].payoffs == (2, 1)
    for wrong in ("luck", "payoff:3", "payoff:", "payoff:Ann", "maximise", ""):
        with pytest.raises(eq.ModelError, match="objective"):
            eq.nash(g, objective=wrong)


@pytest.mark.parametrize("coarse", [False, True])
def test_correlated_equilibria_bracket_every_payoff(coarse):
    rng = random.Random(8)
    for shape in ((2, 2), (3, 4), (2, 2, 2)):
        g = random_game(rng, shape, 10)
        ranges = eq.correlated_range(g, coarse=coarse)
        for e in eq.nash(g):
            for value, (least, greatest) in zip(e.payoffs, ranges, strict=True):
                lo, hi = value if isinstance(value, tuple) else (value, value)
                assert least <= hi
                assert lo <= greatest


# --- the result ---------------------------------------------------------------------------------------------


def test_limits_of_time_are_told():
    rng = random.Random(5)
    g = random_game(rng, (32, 32), 100)
    for method in ("complementarity", "support-enumeration", "vertex-enumeration"):
        found = eq.nash(g, method=method, max_seconds=0.3)
        assert (found.complete, found.stopped) == (False, "time limit")
        require_equilibria(found)
    many = random_game(rng, (3, 3, 3, 3), 50)
    found = eq.nash(many, max_seconds=0.2)
    assert (found.complete, found.stopped) == (False, "time limit")


def test_an_interrupt_gives_what_was_found():
    g = random_game(random.Random(5), (32, 32), 100)
    ticks = iter(range(20))

    def interrupt(_):
        if next(ticks, None) is None:
            raise KeyboardInterrupt

    found = eq.nash(g, progress=interrupt)
    assert (found.complete, found.stopped) == (False, "interrupted")
    require_equilibria(found)


def test_result_is_a_frozen_sequence_with_tables():
    pd = pytest.importorskip("pandas")
    g = game([[2, 0], [0, 1]], [[1, 0], [0, 2]], players=["Ann", "Bob"], strategies=[["a", "b"], ["c", "d"]])
    found = eq.nash(g)
    assert found[0] is next(iter(found))
    assert found.parameters["method"] == "auto"
    with pytest.raises(AttributeError):
        found.complete = False
    frame = found.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame.loc[1, ("probability", "Ann", "a")] == Fraction(2, 3)
    assert list(frame["payoff", "Bob", ""]) == [2, Fraction(2, 3), 1]
    assert "Ann" in str(found)
    assert "3 components" in str(found)
    assert repr(found).startswith("<NashResult")
    boxes = irrational()[1].to_frame()
    assert any(isinstance(value, tuple) for value in boxes.to_numpy().ravel())


def test_html_is_escaped():
    g = game([[1]], [[1]], players=["<b>", "&"], strategies=[["<script>"], ["x"]], title="<i>")
    page = eq.nash(g)._repr_html_()
    assert "<script>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page or "&lt;b&gt;" in page


def test_numbers_of_any_length_can_be_shown():
    assert sys.get_int_max_str_digits() > 0
    large = eq.nash(game([[10**190, 0], [0, Fraction(1, 10**190)]], [[1, 0], [0, 3]]))
    assert "≈" in str(large)
    assert large.complete


def test_grouping():
    subsets, components = grouped([[0, 1], [1], [1, 2], [3], [4, 5], [5, 4]])
    assert subsets == ((0, 1), (1, 2), (3,), (4, 5))
    assert components == ((0, 1, 2), (3,), (4, 5))
    assert grouped([]) == ((), ())


def test_cells_of_subsets_are_equilibria():
    rng = random.Random(9)
    for _ in range(10):
        found = eq.nash(random_game(rng, (3, 3), 1))
        for subset in found.subsets:
            firsts, seconds = ({found[k].strategies[i] for k in subset} for i in (0, 1))
            assert len(firsts) * len(seconds) == len(subset)
            for x, y in product(firsts, seconds):
                assert found.game.is_equilibrium((x, y))
            mixed = [tuple(sum(c) / len(s) for c in zip(*s, strict=True)) for s in (sorted(firsts), sorted(seconds))]
            assert found.game.is_equilibrium(mixed)


def test_seconds_are_counted():
    start = time.monotonic()
    assert 0 <= eq.nash(game([[1]], [[1]])).seconds <= time.monotonic() - start
