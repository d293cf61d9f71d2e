"""Normal-form games: reading arrays, exact values, other packages' objects, tables."""

import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqsolve.errors import ModelError
from eqsolve.game import NormalFormGame

payoff = st.fractions(min_value=-9, max_value=9, max_denominator=7)


@st.composite
def games(draw, max_players=3, max_strategies=3):
    shape = tuple(draw(st.lists(st.integers(1, max_strategies), min_size=1, max_size=max_players)))
    tables = []
    for _ in shape:
        table = np.empty(shape, dtype=object)
        for cell in np.ndindex(shape):
            table[cell] = draw(payoff)
        tables.append(table)
    return NormalFormGame.from_payoffs(*tables)


@st.composite
def games_with_profile(draw):
    game = draw(games())
    profile = []
    for m in game.shape:
        weights = draw(st.lists(st.integers(0, 5), min_size=m, max_size=m).filter(any))
        profile.append([Fraction(w, sum(weights)) for w in weights])
    return game, profile


def expected_payoff(game, profile, player):
    """By the definition: a sum over all cells."""
    return sum(
        game.payoffs[player][cell] * np.prod([profile[j][k] for j, k in enumerate(cell)])
        for cell in itertools.product(*(range(m) for m in game.shape))
    )


def asymmetric(seed=0, shape=(2, 3, 4)):
    rng = np.random.default_rng(seed)
    return [rng.integers(-99, 100, shape) for _ in shape]


@given(games_with_profile())
def test_payoff_and_values_are_the_sums_over_cells(case):
    game, profile = case
    assert game.payoff(profile) == tuple(expected_payoff(game, profile, i) for i in range(game.n_players))
    for i, values in enumerate(game.values(profile)):
        for k, value in enumerate(values):
            pure = [*profile[:i], [Fraction(int(j == k)) for j in range(game.shape[i])], *profile[i + 1 :]]
            assert value == expected_payoff(game, pure, i)


@given(games_with_profile())
def test_regret_is_zero_exactly_when_all_played_strategies_are_best_responses(case):
    game, profile = case
    best = game.best_responses(profile)
    played_are_best = all(set(np.flatnonzero(p)) <= set(b) for p, b in zip(profile, best, strict=True))
    assert game.is_equilibrium(profile) == played_are_best
    assert min(game.regrets(profile)) >= 0
    assert (game.regret(profile) == 0) == played_are_best


def test_every_kind_of_number_is_read_exactly():
    game = NormalFormGame.from_payoffs(
        [1, 0.1, "2/3", Fraction(1, 7), Decimal("0.25"), np.float64(0.3), np.int8(-4), "1e-3"]
    )
    assert game.payoffs[0].tolist() == [
        1,
        Fraction(1, 10),
        Fraction(2, 3),
        Fraction(1, 7),
        Fraction(1, 4),
        Fraction(3, 10),
        -4,
        Fraction(1, 1000),
    ]
    assert game.denominators == (10500 // 5 * 10,)


def test_large_integers_stay_exact():
    game = NormalFormGame.from_payoffs([[10**30, 10**30 + 1]], [[2**53, 2**53 + 1]])
    assert game.payoff([0, 1]) == (10**30 + 1, 2**53 + 1)
    assert game.integers[0].dtype == object


def test_products_beyond_machine_integers_stay_exact():
    weights = [Fraction(1, 2**40), 1 - Fraction(1, 2**40)]
    game = NormalFormGame.from_payoffs([[2**52, 2**52 - 1]], [[0, 0]])
    assert game.payoff([0, weights])[0] == 2**52 * weights[0] + (2**52 - 1) * weights[1]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((), "payoffs of 0 players"),
        (([1, 2], [3, 4]), "found 1 axes, expected 2"),
        (([[1, 2], [3]], [[1, 2], [3, 4]]), "rows of different lengths"),
        (([[1, 2]], [[1], [2]]), r"player 2: found shape \(2, 1\), expected \(1, 2\)"),
        (([[1, float("nan")]], [[1, 2]]), r"player 1, cell \(1, 2\): found NaN"),
        (([[1, 2]], [[1, True]]), r"player 2, cell \(1, 2\): found True"),
        (([[1, "x"]], [[1, 2]]), "found 'x'"),
        (([[1, "1e999"]], [[1, 2]]), "exponent"),
        (([[1, None]], [[1, 2]]), "found NoneType"),
        (([[], []], [[], []]), "at least one strategy"),
    ],
)
def test_bad_arrays_are_named(arrays, message):
    with pytest.raises(ModelError, match=message):
        NormalFormGame.from_payoffs(*arrays)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"players": ["a"]}, "players: found 1 labels, expected 2"),
        ({"players": ["a", "a"]}, "'a' twice"),
        ({"players": "ab"}, "expected a list of labels"),
        ({"players": ["a", " "]}, "empty label"),
        ({"strategies": [["x", "y"]]}, "found lists for 1 players, expected 2"),
        ({"strategies": [["x"], ["y"]]}, "strategies of player 2: found 1 labels, expected 2"),
    ],
)
def test_bad_labels_are_named(labels, message):
    with pytest.raises(ModelError, match=message):
        NormalFormGame.from_payoffs([[1, 2]], [[3, 4]], **labels)


@pytest.mark.parametrize(
    "profile",
    [[0], [0, 2], [-1, 0], ["x", 0], [[1, 1], 0], [[2, -1], 0], [[1], 0], [True, 0], [["a", 0], 0], "00"],
)
def test_bad_profiles_are_errors(profile):
    game = NormalFormGame.from_payoffs([[1, 2], [3, 4]], [[1, 2], [3, 4]])
    with pytest.raises(ModelError):
        game.payoff(profile)


def test_profiles_by_label_and_index():
    game = NormalFormGame.from_payoffs([[1, 2], [3, 4]], [[5, 6], [7, 8]], strategies=[["u", "d"], ["l", "r"]])
    assert game.payoff(["d", "l"]) == game.payoff([1, 0]) == game.payoff([[0, 1], [1, 0]]) == (3, 7)


def test_two_player_matrices_and_their_absence():
    game = NormalFormGame.from_payoffs([[1, "1/2"]], [[3, 4]])
    assert game.A.tolist() == [[1, Fraction(1, 2)]]
    assert game.B.tolist() == [[3, 4]]
    with pytest.raises(ModelError, match="two players, found 3"):
        _ = NormalFormGame.from_payoffs(*asymmetric()).A


def test_games_are_immutable_and_compare_by_content():
    game, same = (NormalFormGame.from_payoffs([[1, 2]], [[3, 4]]) for _ in range(2))
    assert game == same
    assert hash(game) == hash(same)
    assert game != NormalFormGame.from_payoffs([[1, 2]], [[3, 5]])
    with pytest.raises(ValueError, match="read-only"):
        game.integers[0][0, 0] = 9
    source = np.array([[1, 2]])
    kept = NormalFormGame.from_payoffs(source, source)
    source[0, 0] = 9
    assert kept.A[0, 0] == 1


# --- other packages -------------------------------------------------------------------------------------


@pytest.mark.peer
def test_nashpy_round_trip():
    nashpy = pytest.importorskip("nashpy", reason="nashpy is not installed")
    tables = asymmetric(shape=(2, 3))
    game = NormalFormGame.from_payoffs(*tables)
    theirs = game.to_nashpy()
    assert np.array_equal(theirs.payoff_matrices[1], tables[1])
    assert NormalFormGame.from_nashpy(theirs) == game
    assert NormalFormGame.from_nashpy(nashpy.Game(tables[0])).B.tolist() == (-tables[0]).tolist()


@pytest.mark.peer
def test_quantecon_axes_are_rotated_back_and_forth():
    gt = pytest.importorskip("quantecon.game_theory", reason="quantecon is not installed")
    tables = asymmetric()
    game = NormalFormGame.from_payoffs(*tables)
    theirs = game.to_quantecon()
    assert theirs.players[1].payoff_array.shape == (3, 4, 2)
    for cell in np.ndindex(2, 3, 4):
        assert list(theirs[cell]) == [table[cell] for table in tables]
    assert NormalFormGame.from_quantecon(theirs) == game
    by_profile = gt.NormalFormGame(np.stack(tables, axis=-1))
    assert NormalFormGame.from_quantecon(by_profile) == game


@pytest.mark.peer
def test_pygambit_round_trip_keeps_fractions_and_labels():
    pytest.importorskip("pygambit", reason="pygambit is not installed")
    tables = [table.astype(object) for table in asymmetric()]
    tables[2][1, 2, 3] = Fraction(2, 7)
    game = NormalFormGame.from_payoffs(
        *tables, players=["x", "2", "1"], strategies=[["2", "1"], ["a", "b", "c"], ["1", "2", "3", "4"]], title="t"
    )
    assert NormalFormGame.from_pygambit(game.to_pygambit()) == game


@pytest.mark.parametrize("read", ["from_nashpy", "from_quantecon", "from_pygambit"])
def test_foreign_objects_are_refused(read):
    with pytest.raises(ModelError, match="found int, expected"):
        getattr(NormalFormGame, read)(3)


# --- tables ---------------------------------------------------------------------------------------------


def test_frame_has_a_row_per_profile():
    pytest.importorskip("pandas", reason="pandas is not installed")
    tables = asymmetric()
    frame = NormalFormGame.from_payoffs(*tables, players=["x", "y", "z"]).to_frame()
    assert list(frame.columns) == list(frame.index.names) == ["x", "y", "z"]
    assert frame.loc[("2", "3", "1"), "y"] == tables[1][1, 2, 0]


def test_html_is_escaped_and_short_for_large_games():
    nasty = "<script>&"
    game = NormalFormGame.from_payoffs([[1]], [[2]], players=[nasty, "b"], strategies=[[nasty], ["c"]], title=nasty)
    assert "<script>" not in game._repr_html_()
    assert game._repr_html_().count("&lt;script&gt;&amp;") == 4
    large = np.zeros((60, 60), dtype=int)
    assert "<td>" not in NormalFormGame.from_payoffs(large, large)._repr_html_()


def test_latex_has_one_escaped_table_per_strategy_of_player_3():
    game = NormalFormGame.from_payoffs(*asymmetric(), players=["a_1", "b", "c"])
    latex = game.to_latex()
    assert latex.count(r"\begin{tabular}") == 4
    assert r"a\_1" in latex
    assert "$" + ", ".join(str(table[0, 0, 0]) for table in game.payoffs) + "$" in latex


def test_games_of_one_player():
    game = NormalFormGame.from_payoffs([1, 3, 3])
    assert game.best_responses([0]) == ((1, 2),)
    assert game.to_latex().count("\n") == 5
    assert game._repr_html_().count("<td>") == 3
