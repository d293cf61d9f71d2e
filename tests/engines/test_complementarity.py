import random
import time
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from eqsolve.engines.complementarity import (
    BlockGame,
    Statistics,
    enumerate_equilibria,
    enumeration,
    integers,
    leaves,
)
from eqsolve.engines.complementarity.batch import Polyhedron
from eqsolve.engines.complementarity.certificates import Prover
from eqsolve.engines.complementarity.reduction import Half, reduce
from eqsolve.engines.faces import face_vertices


def random_matrix(rng, m, n, size):
    return [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]


def ranges(sizes):
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    return [range(start, start + size) for start, size in zip(starts, sizes, strict=True)]


def polyhedron(payoffs, strategies, replies):
    """Rows (constant, u, w): simplex equalities, signs of u, slacks of the replies."""
    k, blocks = len(payoffs[0]), len(replies)
    sums = [[-1, *(int(j in block) for j in range(k)), *([0] * blocks)] for block in ranges(strategies)]
    signs = [[0, *(int(i == j) for i in range(k)), *([0] * blocks)] for j in range(k)]
    slacks = [
        [0, *(-v for v in payoffs[r]), *(int(b == c) for c in range(blocks))]
        for b, block in enumerate(ranges(replies))
        for r in block
    ]
    return sums, signs, slacks


def brute_force(game):
    """Extreme equilibria from all patterns of labels, each unplayed or a best reply."""
    m, n = game.shape
    transposed = [list(column) for column in zip(*game.B, strict=True)]
    x_sums, x_signs, x_slacks = polyhedron(transposed, game.row_blocks, game.col_blocks)
    y_sums, y_signs, y_slacks = polyhedron(game.A, game.col_blocks, game.row_blocks)
    every_row, every_col = ranges(game.row_blocks), ranges(game.col_blocks)
    found = set()
    for pattern in product((False, True), repeat=m + n):
        best_rows = {r for r in range(m) if pattern[r]}
        best_cols = {c for c in range(n) if pattern[m + c]}
        if any(not best_rows & set(b) for b in every_row) or any(not best_cols & set(b) for b in every_col):
            continue
        x_zero = [x_signs[r] for r in range(m) if r not in best_rows] + [x_slacks[c] for c in best_cols]
        y_zero = [y_signs[c] for c in range(n) if c not in best_cols] + [y_slacks[r] for r in best_rows]
        xs = face_vertices(x_sums + x_zero, x_signs + x_slacks)
        ys = face_vertices(y_sums + y_zero, y_signs + y_slacks) if xs else []
        found |= {(x[:m], y[:n]) for x in xs for y in ys}
    return found


def regrets(game, x, y):
    """Largest gain of each player, over its blocks, straight from the definition."""
    m, n = game.shape
    ay = [sum(game.A[r][c] * y[c] for c in range(n)) for r in range(m)]
    xb = [sum(x[r] * game.B[r][c] for r in range(m)) for c in range(n)]
    gain1 = sum(max(ay[r] for r in b) - sum(x[r] * ay[r] for r in b) for b in ranges(game.row_blocks))
    gain2 = sum(max(xb[c] for c in b) - sum(y[c] * xb[c] for c in b) for b in ranges(game.col_blocks))
    return gain1, gain2


@pytest.mark.parametrize("seed", range(40))
def test_small_bimatrix_games_against_all_label_patterns(seed):
    rng = random.Random(seed)
    m, n, size = rng.randint(1, 3), rng.randint(1, 4), rng.choice([1, 2, 50])
    game = BlockGame.of(random_matrix(rng, m, n, size), random_matrix(rng, m, n, size))
    result = enumerate_equilibria(game)
    assert set(result) == brute_force(game)
    assert len(result) == len(set(result))


@pytest.mark.parametrize("seed", range(40))
def test_small_games_in_blocks_against_all_label_patterns(seed):
    rng = random.Random(1000 + seed)
    shapes = [((2, 2), (2,)), ((1, 2), (2, 1)), ((2, 1, 1), (2,)), ((2,), (2, 2)), ((2, 2), (1, 2))]
    rows, cols = rng.choice(shapes)
    size = rng.choice([1, 3, 40])
    m, n = sum(rows), sum(cols)
    game = BlockGame.of(random_matrix(rng, m, n, size), random_matrix(rng, m, n, size), rows, cols)
    result = enumerate_equilibria(game)
    assert set(result) == brute_force(game)
    for x, y in result:
        assert regrets(game, x, y) == (0, 0)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_zero_game_is_one_subset(n):
    result = enumerate_equilibria(BlockGame.of(np.zeros((n, n), int), np.zeros((n, n), int)))
    assert len(result) == n * n
    assert result.subsets == ((frozenset(range(n)), frozenset(range(n))),)
    assert result.components == ((0,),)
    assert result.complete
    assert result.stopped is None


@pytest.mark.parametrize("n", [2, 4, 6])
def test_coordination_games(n):
    result = enumerate_equilibria(BlockGame.of(np.eye(n, dtype=int), np.eye(n, dtype=int)))
    assert len(result) == 2**n - 1
    assert len(result.components) == 2**n - 1
    supports = {frozenset(np.flatnonzero(x)) for x, _ in result}
    assert len(supports) == 2**n - 1


# Von Stengel (1999), New maximal numbers of equilibria in bimatrix games; B has a row per column.
VON_STENGEL_A = [
    [9504, -660, 19976, -20526, 1776, -8976],
    [-111771, 31680, -130944, 168124, -8514, 52764],
    [397584, -113850, 451176, -586476, 29216, -178761],
    [171204, -45936, 208626, -263076, 14124, -84436],
    [1303104, -453420, 1227336, -1718376, 72336, -461736],
    [737154, -227040, 774576, -1039236, 48081, -300036],
]
VON_STENGEL_B = [
    [72336, -461736, 1227336, -1718376, 1303104, -453420],
    [48081, -300036, 774576, -1039236, 737154, -227040],
    [29216, -178761, 451176, -586476, 397584, -113850],
    [14124, -84436, 208626, -263076, 171204, -45936],
    [1776, -8976, 19976, -20526, 9504, -660],
    [-8514, 52764, -130944, 168124, -111771, 31680],
]


def test_von_stengels_game_has_75_equilibria():
    result = enumerate_equilibria(BlockGame.of(VON_STENGEL_A, np.transpose(VON_STENGEL_B)))
    assert len(result) == 75


def test_duplicates_come_back():
    pennies = np.array([[1, -1], [-1, 1]])
    one = enumerate_equilibria(BlockGame.of(pennies, -pennies))
    assert list(one) == [((Fraction(1, 2),) * 2, (Fraction(1, 2),) * 2)]
    doubled = np.kron(pennies, np.ones((2, 2), int))
    result = enumerate_equilibria(BlockGame.of(doubled, -doubled))
    assert len(result) == 16
    assert len(result.subsets) == len(result.components) == 1
    assert all(regrets(BlockGame.of(doubled, -doubled), x, y) == (0, 0) for x, y in result)


def test_the_degenerate_three_by_two_game_of_the_literature():
    # Avis, Rosenberg, Savani and von Stengel (2010), section 2: a line segment and an isolated point.
    result = enumerate_equilibria(BlockGame.of([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]))
    half = [tuple(map(str, x)) + tuple(map(str, y)) for x, y in result]
    assert ("1", "0", "0", "1", "0") in half
    assert ("1", "0", "0", "2/3", "1/3") in half
    assert len(result) == 3
    assert len(result.components) == 2
    assert sorted(len(cols) for _, cols in result.subsets) == [1, 2]


def test_subsets_hold_equilibria_also_between_the_extreme_ones():
    rng = random.Random(3)
    game = BlockGame.of(random_matrix(rng, 5, 5, 1), random_matrix(rng, 5, 5, 1))
    result = enumerate_equilibria(game)
    assert any(len(rows) * len(cols) > 1 for rows, cols in result.subsets)
    for rows, cols in result.subsets:
        x = tuple(sum(result.rows[i][r] for i in rows) / len(rows) for r in range(5))
        y = tuple(sum(result.cols[j][c] for j in cols) / len(cols) for c in range(5))
        assert regrets(game, x, y) == (0, 0)


@pytest.mark.parametrize("factor", [1, 10**9, 10**190, Fraction(1, 10**25)])
def test_units_do_not_matter(factor):
    rng = random.Random(11)
    A, B = random_matrix(rng, 5, 4, 9), random_matrix(rng, 5, 4, 9)
    shifted = [[factor * v + 7 * c for c, v in enumerate(row)] for row in A]
    expected = enumerate_equilibria(BlockGame.of(A, B))
    result = enumerate_equilibria(BlockGame.of(shifted, [[factor * v for v in row] for row in B]))
    assert list(result) == list(expected)
    assert result.subsets == expected.subsets


def test_the_order_of_strategies_does_not_matter():
    rng = random.Random(5)
    A, B = random_matrix(rng, 6, 6, 2), random_matrix(rng, 6, 6, 2)
    order = [3, 0, 5, 1, 4, 2]
    result = enumerate_equilibria(BlockGame.of([A[k] for k in order], [B[k] for k in order]))
    back = {(tuple(x[order.index(r)] for r in range(6)), y) for x, y in result}
    assert back == set(enumerate_equilibria(BlockGame.of(A, B)))


def test_blocks_of_one_strategy_and_scaled_blocks():
    # Two types of player 1 meet the same opponent; that one is rare must not matter to its best replies.
    A = [[1, -1], [-1, 1], [5, 5]]
    rare = [[Fraction(v, 10**6) for v in row] for row in A[:2]] + A[2:]
    B = [[-1, 1], [1, -1], [0, 0]]
    one = enumerate_equilibria(BlockGame.of(A, B, (2, 1), (2,)))
    two = enumerate_equilibria(BlockGame.of(rare, B, (2, 1), (2,)))
    assert list(one) == list(two)
    assert list(one) == [((Fraction(1, 2), Fraction(1, 2), Fraction(1)), (Fraction(1, 2),) * 2)]


def test_leaves_stream_and_cover():
    rng = random.Random(8)
    game = BlockGame.of(random_matrix(rng, 6, 6, 1), random_matrix(rng, 6, 6, 1))
    streamed = {(x, y) for leaf in leaves(game) for x in leaf.rows for y in leaf.cols}
    assert streamed == set(enumerate_equilibria(game))


def big_game(n=18):
    rng = np.random.default_rng(0)
    return BlockGame.of(*rng.integers(-100, 101, (2, n, n)))


def test_a_time_limit_gives_what_was_found_and_says_so():
    start = time.monotonic()
    result = enumerate_equilibria(big_game(32), max_seconds=0.5)
    assert time.monotonic() - start < 30
    assert not result.complete
    assert result.stopped == "time limit"
    for x, y in result:
        assert regrets(big_game(32), x, y) == (0, 0)
    with pytest.raises(TimeoutError):
        list(leaves(big_game(32), deadline=time.monotonic() + 0.2))


def test_an_interrupt_gives_what_was_found_and_says_so():
    def interrupt(statistics):
        if statistics.nodes > 200:
            raise KeyboardInterrupt

    result = enumerate_equilibria(big_game(32), progress=interrupt)
    assert (result.complete, result.stopped) == (False, "interrupted")


def test_progress_sees_growing_counts():
    seen = []
    rng = random.Random(2)
    game = BlockGame.of(random_matrix(rng, 6, 6, 30), random_matrix(rng, 6, 6, 30))
    result = enumerate_equilibria(game, progress=lambda statistics: seen.append(statistics.nodes))
    assert seen == sorted(seen)
    assert result.statistics.nodes >= seen[-1]


@pytest.mark.parametrize(
    ("rows", "cols", "message"), [((2, 2), (2,), "shape"), ((2, 0), (2,), "positive"), ((2,), (3,), "shape")]
)
def test_blocks_that_do_not_fit_are_refused(rows, cols, message):
    with pytest.raises(ValueError, match=message):
        BlockGame.of([[1, 2], [3, 4]], [[1, 2], [3, 4]], rows, cols)


@pytest.mark.parametrize("payoffs", [[], [[]], [1, 2], [["x"]], [[float("nan")]]])
def test_payoffs_that_are_no_matrix_are_refused(payoffs):
    with pytest.raises(ValueError, match="found"):
        BlockGame.of(payoffs, payoffs)


@pytest.fixture
def batches(monkeypatch):
    """Send games of every size through the search in floating point."""
    monkeypatch.setattr(enumeration, "_INTEGERS_BELOW", 0)
    monkeypatch.setattr(enumeration, "extreme_equilibria", lambda *_, **__: None)


def in_integers(game):
    """Extreme equilibria by the search without any rounding."""
    reduced = reduce(game)
    found = integers.search(reduced, integers.root(reduced), Statistics())
    return {
        tuple(tuple(Fraction(v, point[-1]) for v in point[:-1]) for point in pair)
        for leaf in map(reduced.expand, found)
        for pair in product(leaf.rows, leaf.cols)
    }


@pytest.mark.parametrize("seed", range(30))
def test_batches_find_the_same_as_integers(seed, batches):
    rng = random.Random(seed)
    m, n, size = rng.randint(1, 8), rng.randint(1, 8), rng.choice([1, 2, 100, 10**9])
    game = BlockGame.of(random_matrix(rng, m, n, size), random_matrix(rng, m, n, size))
    result = enumerate_equilibria(game)
    assert result.complete
    assert set(result) == in_integers(game)


@pytest.mark.parametrize("seed", range(20))
def test_batches_find_the_same_in_games_in_blocks(seed, batches):
    rng = random.Random(seed)
    rows, cols = (tuple(rng.randint(1, 3) for _ in range(rng.randint(1, 4))) for _ in range(2))
    m, n, size = sum(rows), sum(cols), rng.choice([1, 3, 100])
    game = BlockGame.of(random_matrix(rng, m, n, size), random_matrix(rng, m, n, size), rows, cols)
    assert set(enumerate_equilibria(game)) == in_integers(game)


@pytest.mark.parametrize("seed", range(3))
def test_nearly_singular_games_end_in_integers(seed, batches):
    rng = random.Random(seed)
    u, v = random_matrix(rng, 7, 2, 50), random_matrix(rng, 2, 7, 50)
    A, B = (
        [[10**8 * (p[0] * a + p[1] * b) + rng.randint(-3, 3) for a, b in zip(*v, strict=True)] for p in u]
        for _ in range(2)
    )
    game = BlockGame.of(A, B)
    assert set(enumerate_equilibria(game)) == in_integers(game)


def test_batches_prove_every_empty_face(batches):
    rng = random.Random(4)
    result = enumerate_equilibria(BlockGame.of(random_matrix(rng, 9, 9, 100), random_matrix(rng, 9, 9, 100)))
    statistics = result.statistics
    assert statistics.exact == 0
    # Every leaf is counted again as a node of the search in integers. Of two children per split node each
    # lives, or is proved to be empty: the tree is accounted for.
    nodes = statistics.nodes - statistics.leaves
    assert statistics.lps == 2 * (nodes - statistics.leaves)
    assert nodes - 1 == statistics.lps - statistics.certified


def polyhedron_of(payoffs, strategies, replies):
    q, k = len(payoffs), len(payoffs[0])
    return Polyhedron(Half(payoffs, replies, strategies), range(k), range(k, k + q))


def test_certificates_prove_dominance_and_nothing_else():
    # Labels 0, 1 are strategies, 2, 3 replies. Reply 1 earns less than reply 0 against everything, so that
    # both cannot be best replies: the multipliers are 1 for reply 1 and -1 for reply 0.
    polyhedron = polyhedron_of([[5, 3], [1, 2]], (2,), (2,))
    row, nonbasic = np.array([[1.0, 1.0, 0.0]]), np.array([[2, 1]], np.int16)
    target, fixed = np.array([3], np.int16), np.array([[False, False, True, True]])
    prover = Prover(polyhedron)
    assert prover.empty(row, nonbasic, target, fixed).tolist() == [True]
    # Without reply 0 being best there is nothing to balance a positive slack, but its sign is right as well.
    assert prover.empty(row, nonbasic, target, np.array([[False, False, False, True]])).tolist() == [True]
    even = Prover(polyhedron_of([[5, 3], [1, 3]], (2,), (2,)))
    assert even.empty(row, nonbasic, target, fixed).tolist() == [False]
    # Against the first strategy alone it is dominated again.
    fixed = np.array([[False, True, True, True]])
    assert even.empty(row, nonbasic, target, fixed).tolist() == [True]


@pytest.mark.parametrize("size", [3, 10**6, 10**30])
def test_certificates_never_prove_a_face_empty_that_has_a_point(size):
    rng = random.Random(size)
    for _ in range(30):
        q, k = rng.randint(2, 4), rng.randint(2, 4)
        payoffs = [[rng.randint(0, size) for _ in range(k)] for _ in range(q)]
        prover = Prover(polyhedron_of(payoffs, (k,), (q,)))
        # Any pure strategy with a best reply to it lies on the face where the others are unplayed.
        j = rng.randrange(k)
        best = max(range(q), key=lambda r: payoffs[r][j])
        fixed = np.ones((200, k + q), np.bool_)
        fixed[:, j] = False
        fixed[:, k:] = np.arange(q) == best
        rows = np.random.default_rng(0).normal(size=(200, 1 + k))
        labels = np.array([i for i in range(k + q) if i not in (j, k + best)][:k], np.int16)
        nonbasic = np.tile(np.resize(labels, k), (200, 1))
        assert not prover.empty(rows, nonbasic, np.full(200, k + best, np.int16), fixed).any()
