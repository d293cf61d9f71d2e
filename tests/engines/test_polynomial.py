"""Games of three and more players: every equilibrium checked by independent arithmetic, completeness against peers."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from eqsolve.engines.krawczyk import certified_boxes, certify
from eqsolve.engines.polynomial import all_equilibria
from eqsolve.engines.pure import pure_equilibria
from eqsolve.engines.subdivision import excluded
from eqsolve.engines.support_profiles import possible_support, support_profiles
from eqsolve.exact.ideals import Limits
from eqsolve.game import NormalFormGame


def random_game(seed, shape=(2, 2, 2), low=-9, high=9):
    rng = np.random.default_rng([seed, *shape])
    return NormalFormGame.from_payoffs(*rng.integers(low, high + 1, (len(shape), *shape)))


def from_cells(shape, cells):
    """Payoff vectors per cell, player 1's strategy varying fastest."""
    tables = np.zeros((len(shape), *shape), dtype=object)
    for number, cell in enumerate(itertools.product(*(range(m) for m in reversed(shape)))):
        for player in range(len(shape)):
            tables[player][tuple(reversed(cell))] = cells[number][player]
    return NormalFormGame.from_payoffs(*tables)


# --- checking an equilibrium without the solver's arithmetic ----------------------------------------------------


def times(a, b):
    product = [Fraction(0)] * (len(a) + len(b) - 1 if a and b else 0)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            product[i + j] += x * y
    return product


def plus(a, b):
    return [x + y for x, y in itertools.zip_longest(a, b, fillvalue=Fraction(0))]


def modulo(a, minimal):
    a = list(a)
    while len(a) >= len(minimal):
        factor = a[-1] / minimal[-1]
        for k, c in enumerate(minimal):
            a[len(a) - len(minimal) + k] -= factor * c
        a.pop()
    while a and a[-1] == 0:
        a.pop()
    return a


def at(polynomial, interval):
    """Interval Horner."""
    lo = hi = Fraction(0)
    for c in reversed(polynomial):
        ends = [x * y for x in (lo, hi) for y in interval]
        lo, hi = min(ends) + c, max(ends) + c
    return lo, hi


def check_field_certificate(game, equilibrium):
    """Equalities by polynomial arithmetic modulo φ, signs by intervals around an isolated root of φ."""
    certificate = equilibrium.certificate
    minimal = [Fraction(c) for c in certificate.minimal]
    lo, hi = certificate.root
    assert at(minimal, (lo, lo))[0] * at(minimal, (hi, hi))[0] < 0
    derivative = [k * c for k, c in enumerate(minimal)][1:]
    slope = at(derivative, (lo, hi))
    assert slope[0] > 0 or slope[1] < 0, "the root is not proved to be the only one"
    strategies = certificate.strategies
    for player, strategy in enumerate(strategies):
        total = []
        for p in strategy:
            total = plus(total, p)
        assert modulo(total, minimal) == [1]
        for k, p in enumerate(strategy):
            assert (modulo(p, minimal) == []) == (k not in equilibrium.support[player])
            low, high = at(p, (lo, hi))
            assert low > 0 or k not in equilibrium.support[player]
            claimed = equilibrium.strategies[player][k]
            claimed = claimed if isinstance(claimed, tuple) else (claimed, claimed)
            assert claimed[0] <= high
            assert low <= claimed[1]
    for i, table in enumerate(game.payoffs):
        values = []
        for k in range(game.shape[i]):
            value = []
            for cell in itertools.product(*(range(m) for m in game.shape)):
                if cell[i] == k:
                    term = [table[cell]]
                    for j, c in enumerate(cell):
                        if j != i:
                            term = modulo(times(term, strategies[j][c]), minimal)
                    value = plus(value, term)
            values.append(modulo(value, minimal))
        best = values[equilibrium.support[i][0]]
        for k, value in enumerate(values):
            gain = modulo(plus(value, [-c for c in best]), minimal)
            if k in equilibrium.support[i]:
                assert gain == []
            else:
                assert gain == [] or at(gain, (lo, hi))[1] < 0


def check(game, result):
    for equilibrium in result:
        if equilibrium.is_rational:
            assert game.regret(equilibrium.strategies) == 0
            assert game.payoff(equilibrium.strategies) == equilibrium.payoffs
        else:
            check_field_certificate(game, equilibrium)
    keys = [(e.support, e.strategies) for e in result]
    assert len(set(keys)) == len(keys)
    assert result.complete == (result.stopped is None) == (not result.undecided)
    for item in result.undecided:
        assert all(game.regret(s.strategies) == 0 for s in item.samples if s.is_rational)
    for continuum in result.continua:
        assert len(continuum.vertices) > 1
        weights = [Fraction(k + 1) for k in range(len(continuum.vertices))]
        mixture = [
            [sum(w * v.strategies[i][k] for w, v in zip(weights, continuum.vertices, strict=True)) / sum(weights)
             for k in range(m)]
            for i, m in enumerate(game.shape)
        ]  # fmt: skip
        assert game.regret(mixture) == 0
        assert [{k for k, p in enumerate(s) if p} for s in mixture] == list(map(set, continuum.support))
    found = {e.support for e in result} | {u.support for u in result.undecided}
    assert {tuple((k,) for k in cell) for cell in pure_equilibria(game)} <= found


def middle(value):
    return float(sum(value) / 2) if isinstance(value, tuple) else float(value)


def as_floats(equilibrium):
    return np.array([middle(p) for player in equilibrium.strategies for p in player])


def first_with_irrational(games):
    solved = ((game, all_equilibria(game)) for game in games)
    return next((g, r) for g, r in solved if r.complete and not all(e.is_rational for e in r))


# --- known games ----------------------------------------------------------------------------------------------


def test_irrational_equilibrium_of_a_three_player_game():
    """A 2 × 2 × 2 game in the manner of Nash's three-man poker: one equilibrium, in Q(√d), shown as a box."""
    game, result = first_with_irrational(random_game(seed) for seed in range(200))
    check(game, result)
    irrational = next(e for e in result if not e.is_rational)
    assert len(irrational.certificate.minimal) == 3
    widths = [p[1] - p[0] for player in irrational.strategies for p in player if isinstance(p, tuple)]
    assert widths
    assert 0 < max(widths) < Fraction(1, 2**64)


def test_nau_game_says_that_it_is_a_continuum():
    """Nau, Gomez Canovas and Hansen (2004): three pure equilibria and a continuum of completely mixed ones."""
    cells = [(0, 0, 2), (3, 0, 0), (0, 3, 0), (0, 0, 0), (1, 1, 0), (0, 0, 0), (0, 0, 0), (0, 0, 3)]
    game = from_cells((2, 2, 2), cells)
    result = all_equilibria(game)
    check(game, result)
    assert not result.complete
    assert "undecided" in result.stopped
    continuum = next(u for u in result.undecided if u.support == ((0, 1), (0, 1), (0, 1)))
    assert continuum.samples
    assert {e.support for e in result} == {((0,), (1,), (0,)), ((1,), (0,), (0,)), ((1,), (1,), (1,))}


def test_matching_pennies_of_three_players_and_coordination():
    coordination = np.zeros((2, 2, 2), dtype=int)
    coordination[0, 0, 0] = coordination[1, 1, 1] = 1
    result = all_equilibria(NormalFormGame.from_payoffs(coordination, coordination, coordination))
    half = (Fraction(1, 2),) * 2
    assert (half,) * 3 in {e.strategies for e in result}
    check(NormalFormGame.from_payoffs(coordination, coordination, coordination), result)
    # Jordan's game: the only equilibrium is everybody's coin
    same, other = np.array([[1, -1], [-1, 1]]), np.array([[-1, 1], [1, -1]])
    one = same[:, :, None] + np.zeros((2, 2, 2), dtype=int)
    two = same[None, :, :] + np.zeros((2, 2, 2), dtype=int)
    three = other.T[:, None, :] + np.zeros((2, 2, 2), dtype=int)
    jordan = NormalFormGame.from_payoffs(one, two, three)
    found = all_equilibria(jordan)
    assert found.complete
    assert [e.strategies for e in found] == [(half,) * 3]


def test_a_boundary_case_is_kept_once():
    """Player 3 is exactly indifferent at the mixed equilibrium of the others: one equilibrium, no continuum."""
    pennies = np.array([[1, -1], [-1, 1]])
    one = np.stack([pennies, pennies], axis=2)
    two = np.stack([-pennies, -pennies * 3], axis=2)
    three = np.stack([np.array([[0, 0], [0, 0]]), pennies], axis=2)  # worth 0 where the others play evenly
    game = NormalFormGame.from_payoffs(one, two, three)
    result = all_equilibria(game)
    check(game, result)
    assert ((Fraction(1, 2),) * 2, (Fraction(1, 2),) * 2, (Fraction(1), Fraction(0))) in {e.strategies for e in result}
    # any mixture of player 3 keeps the others indifferent: that is a continuum with three mixing, and it is said
    assert not result.complete


def test_a_tie_that_leaves_one_point_is_no_continuum():
    """Player 3 does not care; the others' best responses allow exactly one of her mixtures with full support."""
    one = np.array([[[1, -1]], [[0, 0]]])  # up is no better than down only if P(left) <= 1/2
    two = np.array([[[0, 0], [-1, 1]]])
    tables = [np.broadcast_to(a, (2, 2, 2)) for a in (-one, two, np.zeros((1, 1, 1), dtype=int))]
    result = all_equilibria(NormalFormGame.from_payoffs(*tables))
    assert not result.continua or all(c.support != ((0,), (0,), (0, 1)) for c in result.continua)
    single = ((Fraction(1), Fraction(0)), (Fraction(1), Fraction(0)), (Fraction(1, 2), Fraction(1, 2)))
    assert single in {e.strategies for e in result}
    assert ((0,), (0,), (0, 1)) not in {u.support for u in result.undecided}


def test_a_continuum_of_one_player_is_given_by_its_vertices():
    """Player 3 does not care; up is best if P(left) <= 2/3, left if P(left) >= 1/4."""
    one = np.array([[[1, -2]], [[0, 0]]]) * -1
    two = np.array([[[0, 0], [-3, 1]]])
    tables = [np.broadcast_to(a, (2, 2, 2)) for a in (one, two, np.zeros((1, 1, 1), dtype=int))]
    game = NormalFormGame.from_payoffs(*tables)
    result = all_equilibria(game)
    check(game, result)
    (continuum,) = [c for c in result.continua if c.support == ((0,), (0,), (0, 1))]
    assert continuum.player == 2
    assert [v.strategies[2][0] for v in continuum.vertices] == [Fraction(1, 4), Fraction(2, 3)]
    assert "all mixtures of" in str(result)
    dull = np.zeros((1, 1, 3), dtype=int)
    triangle = all_equilibria(NormalFormGame.from_payoffs(dull, dull, dull))
    assert triangle.complete
    assert sorted(len(c.vertices) for c in triangle.continua) == [2, 2, 2, 3]
    assert len(triangle) == 3


def test_dominance_leaves_a_game_of_two_players():
    pennies = np.array([[1, -1], [-1, 1]])
    tables = [np.stack([t, t, t], axis=2) for t in (pennies, -pennies)]
    third = np.broadcast_to(np.array([0, 1, 2]), (2, 2, 3))
    result = all_equilibria(NormalFormGame.from_payoffs(*tables, third))
    assert result.complete
    assert [e.support for e in result] == [((0, 1), (0, 1), (2,))]
    assert result.equilibria[0].payoffs == (0, 0, 2)


def test_one_and_two_players():
    assert [e.support for e in all_equilibria(NormalFormGame.from_payoffs([1, 3, 2]))] == [((1,),)]
    game = NormalFormGame.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    result = all_equilibria(game)
    assert result.complete
    assert len(result) == 3
    check(game, result)


def test_results_are_printed_framed_and_written():
    _, result = first_with_irrational(random_game(seed) for seed in range(200))
    assert "complete" in str(result)
    assert "≈" in str(result)
    assert result._repr_html_().count("<tr>") == len(result) + 1
    entry = next(e for e, found in zip(result.entries(), result, strict=True) if not found.is_rational)
    number = next(p for player in entry["strategies"] for p in player if isinstance(p, dict))
    assert Fraction(number["lo"]) < Fraction(number["hi"])
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = result.to_frame()
    assert frame.shape == (len(result), 9)
    assert frame.loc[0, ("2", "1")] == result.equilibria[0].strategies[1][0]
    assert frame.loc[0, ("3", "payoff")] == result.equilibria[0].payoffs[2]


# --- random games ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
def test_random_two_by_two_by_two(seed):
    game = random_game(seed, high=99, low=-99)
    result = all_equilibria(game)
    check(game, result)
    if result.complete and not result.continua:
        assert len(result) % 2 == 1  # games without degeneracies have an odd number (Wilson 1971)


@pytest.mark.parametrize("seed", range(20))
def test_degenerate_games_are_honest(seed):
    game = random_game(seed, low=-1, high=1)
    result = all_equilibria(game)
    check(game, result)
    assert len(result) + len(result.undecided) > 0


@pytest.mark.parametrize("shape", [(3, 2, 2), (3, 3, 2), (3, 3, 3), (2, 2, 2, 2)])
@pytest.mark.parametrize("seed", range(2))
def test_other_shapes(shape, seed):
    game = random_game(seed, shape, low=-99, high=99)
    result = all_equilibria(game)
    check(game, result)
    if result.complete and not result.continua:
        assert len(result) % 2 == 1


def test_payoffs_beyond_machine_integers():
    game = random_game(7)
    huge = NormalFormGame.from_payoffs(*(table * 10**40 for table in game.payoffs))
    assert huge.integers[0].dtype == object
    ours, scaled = all_equilibria(game), all_equilibria(huge)
    assert [e.strategies for e in ours] == [e.strategies for e in scaled]
    assert [u.support for u in ours.undecided] == [u.support for u in scaled.undecided]


def test_rational_payoffs_give_scaled_payoffs():
    game = random_game(7)
    scaled = NormalFormGame.from_payoffs(*(table * Fraction(1, 7) for table in game.payoffs))
    for a, b in zip(all_equilibria(game), all_equilibria(scaled), strict=True):
        assert a.support == b.support
        assert [middle(p) / 7 for p in a.payoffs] == pytest.approx([middle(p) for p in b.payoffs])


def test_relabelling_strategies_and_players_moves_the_equilibria_along():
    game = random_game(11, (3, 2, 2))
    flipped = NormalFormGame.from_payoffs(*(table[::-1] for table in game.payoffs))
    turned = NormalFormGame.from_payoffs(*(game.payoffs[i].transpose(1, 2, 0) for i in (1, 2, 0)))
    results = [all_equilibria(g) for g in (game, flipped, turned)]
    assert len({len(r) for r in results}) == 1
    found = sorted(tuple(np.round(as_floats(e), 9)) for e in results[0])
    moved = []
    for e in results[2]:
        one, two, three = e.strategies
        moved.append(tuple(round(middle(p), 9) for player in (three, one, two) for p in player))
    assert sorted(moved) == found


# --- parts ----------------------------------------------------------------------------------------------------


def test_supports_of_known_equilibria_are_never_ruled_out():
    for seed in range(12):
        game = random_game(seed, (3, 2, 2), low=-3, high=3)
        supports = list(support_profiles(game.integers))
        assert len(set(supports)) == len(supports)
        for e in all_equilibria(game):
            assert e.support in supports
            assert possible_support(game.integers, e.support)
            assert not excluded(game.integers, e.support, 300)


def test_supports_are_counted_and_come_small_first():
    zero = [np.zeros((2, 3, 2), dtype=int)] * 3
    supports = list(support_profiles(zero))
    assert len(set(supports)) == len(supports) == 3 * 7 * 3
    totals = [sum(map(len, s)) for s in supports]
    assert totals == sorted(totals)
    assert len(list(support_profiles(zero, [(0,), (0, 2), (1,)]))) == 3


def test_many_players_do_not_take_memory_or_time():
    zero = np.zeros((2,) * 16, dtype=int)
    result = all_equilibria(NormalFormGame(tuple([zero] * 16), (1,) * 16, *labels_of(zero.shape)), max_seconds=0.5)
    assert not result.complete
    assert "max_seconds" in result.stopped


def labels_of(shape):
    names = tuple(str(k) for k in range(len(shape)))
    return names, tuple(names[:m] for m in shape)


def test_krawczyk_boxes_hold_the_exact_equilibria():
    checked = 0
    for seed in range(12):
        game = random_game(seed, low=-99, high=99)
        full = ((0, 1),) * 3
        exact = [e for e in all_equilibria(game) if e.support == full]
        boxes = certified_boxes(game.integers, full)
        for e in exact:
            inside = [
                box
                for box in boxes
                if all(
                    lo <= (p[1] if isinstance(p, tuple) else p) and (p[0] if isinstance(p, tuple) else p) <= hi
                    for player, intervals in zip(e.strategies, box, strict=True)
                    for p, (lo, hi) in zip(player, intervals, strict=True)
                )
            ]
            assert len(inside) == 1
            checked += 1
        assert len(boxes) == len(exact)
    assert checked > 1


def test_krawczyk_refuses_points_that_are_no_equilibria():
    full = ((0, 1),) * 3
    refused = 0
    for seed in range(20):
        game = random_game(seed, low=-99, high=99)
        if full not in {e.support for e in all_equilibria(game)}:
            assert certify(game.integers, full, [0.5, 0.5, 0.5]) is None
            refused += 1
    assert refused > 5
    zero = np.zeros((2, 2, 2), dtype=int)
    assert certify((zero, zero, zero), full, [0.5, 0.5, 0.5]) is None


def test_beyond_the_limits_boxes_are_found_and_nothing_is_claimed():
    game, exact = first_with_irrational(random_game(seed, low=-99, high=99) for seed in range(200))
    result = all_equilibria(game, limits=Limits(dimension=1))
    assert not result.complete
    assert "too large" in result.stopped
    assert len(result) == len(exact)
    for ours, known in zip(
        sorted(result, key=lambda e: e.support), sorted(exact, key=lambda e: e.support), strict=True
    ):
        assert ours.support == known.support
        assert [middle(p) for p in ours.payoffs] == pytest.approx([middle(p) for p in known.payoffs])


def test_limits_and_interrupts_return_what_is_known(monkeypatch):
    game = random_game(3, (3, 3, 3))
    late = all_equilibria(game, max_seconds=-1)
    assert not late.complete
    assert "max_seconds" in late.stopped
    full = all_equilibria(game)
    calls = iter(range(10_000))

    def interrupted(*arguments):
        if next(calls) == 8:
            raise KeyboardInterrupt
        return solve(*arguments)

    from eqsolve.engines import polynomial

    solve = polynomial.solve_system
    monkeypatch.setattr(polynomial, "solve_system", interrupted)
    part = all_equilibria(game)
    assert part.stopped == "interrupted"
    assert not part.complete
    assert set(part.equilibria) <= set(full.equilibria)


# --- against Gambit -------------------------------------------------------------------------------------------


def compare_with_gambit(game):
    """Count equilibria of Gambit that are not near one of ours nor (rounded) on a support that we call undecided."""
    pygambit = pytest.importorskip("pygambit", reason="pygambit is not installed")
    ours = all_equilibria(game)
    check(game, ours)
    theirs = pygambit.nash.enumpoly_solve(game.to_pygambit(), use_strategic=True)
    undecided = {item.support for item in (*ours.undecided, *ours.continua)}
    missed = 0
    points = [as_floats(e) for e in ours]
    for profile in theirs.equilibria:
        flat = [[float(profile[p][s]) for s in labels] for p, labels in zip(game.players, game.strategies, strict=True)]
        support = tuple(tuple(k for k, x in enumerate(player) if x > 1e-4) for player in flat)
        vector = np.array([x for player in flat for x in player])
        if support not in undecided and not any(np.abs(vector - p).max() < 1e-4 for p in points):
            missed += 1
    return missed, len(ours) - len(theirs.equilibria)


@pytest.mark.peer
@pytest.mark.parametrize("low", [-99, -9, -2])
def test_gambit_finds_nothing_that_we_miss(low):
    for seed in range(8):
        assert compare_with_gambit(random_game(seed, low=low, high=-low))[0] == 0


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.parametrize(("shape", "count"), [((2, 2, 2), 300), ((3, 2, 2), 60), ((3, 3, 3), 20)])
def test_gambit_finds_nothing_that_we_miss_in_many_games(shape, count):
    for seed in range(1000, 1000 + count):
        for low in (-99, -3):
            assert compare_with_gambit(random_game(seed, shape, low=low, high=-low))[0] == 0
