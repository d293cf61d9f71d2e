"""Numbers that floating point cannot hold: every answer is exact, checked from definitions, or a clear refusal.

Payoffs from 10^-12 to 10^12 in one game, denominators of a hundred digits, probabilities of 10^-30, and best replies
that are nearly parallel.
"""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from transfer_problems import gains, losses

import eqsolve as eq
from eqsolve.certificate import check
from eqsolve.engines.lp import solve_lp
from eqsolve.errors import EqsolveError
from eqsolve.filter import Calibration, Panel
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.io.transfers_certificate import existence_certificate
from eqsolve.judge.bounds import ceiling, floor
from eqsolve.linking import LinkedGame
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import Rule, utilitarian
from eqsolve.strategy import expected_payoffs, uniform
from eqsolve.transfers.existence import existence
from eqsolve.transfers.problem import QuasiLinearProblem

TINY = Fraction(1, 10**30)


def mixed_sizes(rng):
    """From 10^-12 to 10^12."""
    return Fraction(rng.randint(-99, 99)) * Fraction(10) ** rng.randint(-12, 12)


def long_fractions(rng):
    """Numerators and denominators of a hundred digits."""
    return Fraction(rng.randint(-(10**100), 10**100), rng.randint(10**99, 10**100))


def almost_alike(rng):
    """1 and a bit, where the bit is far below what a double holds."""
    return 1 + rng.randint(-3, 3) * TINY


def almost_tied(rng):
    """Small whole numbers full of ties, some of which are broken in the thirtieth digit."""
    return rng.randint(-1, 1) + rng.choice([0, 0, 1, -1]) * TINY


NUMBERS = [mixed_sizes, long_fractions, almost_alike, almost_tied]


# Plain games


def plain(numbers, seed, shape):
    rng = random.Random(f"{numbers.__name__} {seed} {shape}")
    cells = list(itertools.product(*map(range, shape)))
    return eq.NormalFormGame.from_payoffs(
        *(np.array([numbers(rng) for _ in cells], dtype=object).reshape(shape) for _ in shape)
    )


def nash_by_supports(game):
    """All equilibria of a nondegenerate two-player game: a pair of supports of equal size, by Cramer's rule."""
    a, b = game.payoffs
    found = set()
    for size in range(1, min(a.shape) + 1):
        for rows in itertools.combinations(range(a.shape[0]), size):
            for columns in itertools.combinations(range(a.shape[1]), size):
                x = _indifferent(b[np.ix_(rows, columns)].T)
                y = _indifferent(a[np.ix_(rows, columns)])
                if x is None or y is None:
                    continue
                profile = (_spread(x, rows, a.shape[0]), _spread(y, columns, a.shape[1]))
                if game.regret(profile) == 0:
                    found.add(profile)
    return found


def _indifferent(matrix):
    """The mixture of columns that makes all rows alike, if it is one and positive."""
    size = len(matrix)
    rows = [[*line, Fraction(-1), Fraction(0)] for line in matrix.tolist()]
    rows.append([Fraction(1)] * size + [Fraction(0), Fraction(1)])
    for k in range(size + 1):
        pivot = next((r for r in range(k, size + 1) if rows[r][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [v / rows[k][k] for v in rows[k]]
        for r in range(size + 1):
            if r != k and rows[r][k]:
                rows[r] = [v - rows[r][k] * w for v, w in zip(rows[r], rows[k], strict=True)]
    mixture = [row[-1] for row in rows[:size]]
    return mixture if min(mixture) > 0 else None


def _spread(mixture, support, size):
    weights = dict(zip(support, mixture, strict=True))
    return tuple(weights.get(k, Fraction(0)) for k in range(size))


@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (2, 5)])
@pytest.mark.parametrize("numbers", [mixed_sizes, long_fractions])
def test_all_equilibria_of_games_with_odd_numbers(numbers, shape):
    """Against supports solved one by one in fractions: such games have no ties."""
    for seed in range(3):
        game = plain(numbers, seed, shape)
        found = eq.nash(game)
        assert found.complete
        assert {e.strategies for e in found} == nash_by_supports(game)


@pytest.mark.parametrize("shape", [(3, 3), (4, 3)])
@pytest.mark.parametrize("numbers", [almost_alike, almost_tied])
def test_ties_that_are_broken_in_the_thirtieth_digit(numbers, shape):
    """Two engines that share no search: both exact, both complete, the same."""
    for seed in range(4):
        game = plain(numbers, seed, shape)
        found = eq.nash(game)
        again = eq.nash(game, method="vertex-enumeration")
        assert found.complete
        assert again.complete
        assert {e.strategies for e in found} == {e.strategies for e in again}
        assert nash_by_supports(game) <= {e.strategies for e in found}
        assert all(game.regret(e.strategies) == 0 for e in found)


def test_nearly_parallel_best_replies():
    """Matching pennies in which the second row is the first, turned by 10^-30: one equilibrium, mixed evenly."""
    a = [[Fraction(1), Fraction(-1)], [1 - TINY, -1 + TINY]]
    b = [[Fraction(-1), Fraction(1)], [Fraction(1), Fraction(-1)]]
    found = eq.nash(eq.NormalFormGame.from_payoffs(a, b))
    half = (Fraction(1, 2), Fraction(1, 2))
    assert found.complete
    assert [e.strategies for e in found] == [(half, half)]
    shifted = eq.nash(eq.NormalFormGame.from_payoffs([[1, -1], [1 + TINY, -1 + TINY]], b))
    assert [e.strategies for e in shifted] == [((Fraction(0), Fraction(1)), (Fraction(1), Fraction(0)))]


@pytest.mark.parametrize("method", ["complementarity", "support-enumeration", "lemke-howson", "auto"])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_every_engine_is_exact_or_refuses(numbers, method):
    for seed in range(2):
        game = plain(numbers, seed, (4, 4))
        try:
            found = eq.nash(game, method=method, one=method == "lemke-howson", max_seconds=20)
        except EqsolveError:  # a clear refusal
            continue
        assert all(game.regret(e.strategies) == 0 for e in found)


@pytest.mark.parametrize("numbers", NUMBERS)
def test_zero_sum_games(numbers):
    """The value lies between what every pure reply allows, exactly."""
    game = plain(numbers, 0, (4, 5))
    a = game.payoffs[0]
    found = eq.nash(eq.NormalFormGame.from_payoffs(a, -a), method="lp")
    x, y = found[0].strategies
    value = found[0].payoffs[0]
    assert min(sum(p * w for p, w in zip(x, column, strict=True)) for column in a.T) == value
    assert max(sum(q * w for q, w in zip(y, row, strict=True)) for row in a) == value


@pytest.mark.parametrize("numbers", NUMBERS)
def test_three_players(numbers):
    game = plain(numbers, 1, (2, 2, 2))
    found = eq.nash(game, max_seconds=5)
    for e in found:
        if e.is_rational:
            assert game.regret(e.strategies) == 0
        else:
            assert all(
                lo < hi and hi - lo < 1 for side in e.strategies for p in side if isinstance(p, tuple) for lo, hi in [p]
            )
    assert found.complete or found.stopped or found.notes


# Linear programs


@pytest.mark.parametrize(("n", "m"), [(4, 5), pytest.param(25, 30, marks=pytest.mark.slow)])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_linear_programs_are_solved_exactly(numbers, n, m):
    """Primal and dual meet, and both are feasible: that proves the optimum. The larger one starts from HiGHS."""
    rng = random.Random(f"{numbers.__name__} {n}")
    rows = [[numbers(rng) for _ in range(n)] for _ in range(m)]
    inside = [Fraction(1, 2 * n)] * n
    limits = [sum(c * x for c, x in zip(row, inside, strict=True)) + abs(numbers(rng)) for row in rows]
    rows, limits = [*rows, [Fraction(1)] * n], [*limits, Fraction(1)]  # a simplex keeps it bounded
    cost = [numbers(rng) for _ in range(n)]
    found = solve_lp(cost, rows, limits)
    assert found.status == "optimal"
    assert min(found.x) >= 0
    assert all(sum(c * q for c, q in zip(row, found.x, strict=True)) <= b for row, b in zip(rows, limits, strict=True))
    assert max(found.dual_ub) <= 0
    for k, c in enumerate(cost):
        assert c >= sum(y * row[k] for y, row in zip(found.dual_ub, rows, strict=True))
    assert sum(y * b for y, b in zip(found.dual_ub, limits, strict=True)) == found.value
    assert sum(c * q for c, q in zip(cost, found.x, strict=True)) == found.value


def test_a_program_that_is_infeasible_by_a_hair():
    """x ≥ 1 and x ≤ 1 - 10^-30."""
    found = solve_lp([1], [[-1], [1]], [-1, 1 - TINY])
    assert found.status == "infeasible"
    first, second = found.dual_ub
    assert min(first, second) >= 0
    assert first * -1 + second * (1 - TINY) < 0
    assert -first + second >= 0
    assert solve_lp([1], [[-1], [1]], [-1, 1 + TINY]).value == 1


# Linked games


def chances(rng, count, kind):
    """Probabilities: one of about 10^-30, or with denominators of a hundred digits."""
    if kind == "tiny":
        return [TINY, *[(1 - TINY) / (count - 1)] * (count - 1)]
    weights = [rng.randint(1, 10**100) for _ in range(count)]
    return [Fraction(w, sum(weights)) for w in weights]


def linked(numbers, kind, seed, n=2, types=2, copies=2, rule="table"):
    rng = random.Random(f"{numbers.__name__} {kind} {seed}")
    decisions = ("a", "b")
    agents = tuple(
        Agent(
            f"{i}",
            tuple(
                Type(f"t{u}", q, {d: numbers(rng) for d in decisions}) for u, q in enumerate(chances(rng, types, kind))
            ),
        )
        for i in range(n)
    )
    problem = DecisionProblem(decisions, agents)
    if rule == "utilitarian":
        return LinkedGame(problem, utilitarian(problem), copies)
    lotteries = {}
    for profile in problem.profiles():
        p = chances(rng, 2, kind)[0]
        lotteries[profile] = (p, 1 - p)
    budget = eq.BudgetRule(
        "counts", {t: copies // types + (u < copies % types) for u, t in enumerate(agents[0].type_names)}
    )
    return LinkedGame(problem, Rule(problem, lotteries), copies, budget)


KINDS = ["tiny", "long"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("numbers", NUMBERS)
def test_linked_games(numbers, kind):
    """Listed equilibria have regret 0 and pay what is said; label-free play by its definition; bounds hold."""
    for seed, rule in enumerate(["table", "utilitarian"]):
        game = linked(numbers, kind, seed, rule=rule)
        explicit, form = ExplicitForm(game), LabelFreeForm(game)
        solution = eq.solve(game, max_seconds=20)
        assert solution.complete or solution.stopped
        for e in solution:
            if e.strategies is not None:
                assert explicit.regret(e.strategies) == 0
                assert expected_payoffs(game, e.strategies) == e.payoffs
            assert all(
                low <= p <= high for low, p, high in zip(solution.floor, e.payoffs, solution.ceiling, strict=True)
            )
        if len(game.active) == 2:
            profile = tuple(
                uniform({t: form.tables(i).best_messages(t) for t in game.type_vectors(i)}) for i in range(2)
            )
            assert explicit.regret(profile) == 0
            assert expected_payoffs(game, profile) == form.payoffs()


@pytest.mark.parametrize("kind", ["tiny", pytest.param("long", marks=pytest.mark.slow)])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_linked_games_of_three_agents(numbers, kind):
    """Floors and ceilings on both sides of label-free play; what search finds has regret 0 exactly."""
    game = linked(numbers, kind, 3, n=3)
    payoffs = LabelFreeForm(game).payoffs()
    for i in range(3):
        assert floor(game, i) <= payoffs[i] <= ceiling(game, i)
    for e in eq.solve(game, method="best-response", max_seconds=10):
        assert ExplicitForm(game).regret(e.strategies) == 0


def test_many_copies_with_a_probability_of_a_hair():
    """What happens with probability 10^-30 moves the payoff by about that much, and not by nothing."""
    kind = (Type("usual", 1 - TINY, {"a": 1}), Type("rare", TINY, {"b": 10**12}))
    problem = DecisionProblem(("a", "b"), (Agent("1", kind), Agent("2", kind)))
    game = LinkedGame(problem, utilitarian(problem), 30, eq.BudgetRule("counts", {"usual": 29, "rare": 1}))
    exact = LabelFreeForm(game).payoffs()
    usual = (Type("usual", 1, {"a": 1}), Type("rare", 0, {"b": 10**12}))
    certain = DecisionProblem(("a", "b"), (Agent("1", usual), Agent("2", usual)))
    near = LabelFreeForm(
        LinkedGame(certain, Rule(certain, game.rule.lotteries), 30, eq.BudgetRule("counts", {"usual": 29, "rare": 1}))
    ).payoffs()
    assert exact[0] == exact[1] != near[0] == near[1]
    assert abs(exact[0] - near[0]) < 10**16 * TINY


# Transfers and the filter


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("numbers", NUMBERS)
def test_mechanisms_with_transfers(numbers, kind):
    """A mechanism that exists satisfies what was asked for; one that does not is ruled out by its certificate."""
    for seed in range(2):
        game = linked(numbers, kind, seed)
        problem = QuasiLinearProblem(game.problem, (Fraction(0),) * 2, ((numbers(random.Random(seed)),) * 2,) * 2)
        answer = existence(problem)
        assert check(existence_certificate(answer)).valid
        if answer.exists:
            assert gains(answer.mechanism)[2] == 0
            assert losses(answer.mechanism)[0] == 0
            assert all(answer.mechanism.surplus(p) == 0 for p in range(len(problem.profiles)))
        vcg = eq.vcg(problem)
        assert gains(vcg)[0] == 0


def test_a_mechanism_that_fails_by_a_hair():
    """Trade at certain values: possible if the buyer's is not below the seller's, were it by 10^-30."""

    def trade(value, cost):
        buyer = Agent("buyer", (Type("only", 1, {"trade": value}),))
        seller = Agent("seller", (Type("only", 1, {"trade": -cost}),))
        return QuasiLinearProblem(DecisionProblem(("trade",), (buyer, seller)), (Fraction(0),), ((0,), (0,)))

    one = Fraction(1)
    assert existence(trade(one, one)).exists
    assert existence(trade(one + TINY, one)).exists
    assert not existence(trade(one, one + TINY)).exists


def test_false_alarms_of_a_hair():
    """The smallest ε at a level of 10^-30: below it alarms are more frequent, at it they are not."""
    panel = Panel(("1", "2", "3"), (("x", "y"),) * 3, ((60, 60),) * 3)
    calibration = Calibration.of(panel)
    epsilon = calibration.epsilon_for(TINY)
    below = max(v for v in calibration.values(0) if v < epsilon)
    assert 0 < max(calibration.false_alarm(epsilon)) <= TINY < max(calibration.false_alarm(below))
    exact = calibration.agent_alarm(0, epsilon)
    assert exact == 1 - (1 - _beyond(120, 60, epsilon)) ** 2


def _beyond(copies, count, epsilon):
    """Probability that a table of two agents with halves each is further than ε from even, counted in full."""
    total = math.comb(copies, count)
    far = (
        math.comb(count, k) * math.comb(copies - count, count - k)
        for k in range(count + 1)
        if abs(Fraction(k, count) - Fraction(1, 2)) > epsilon
    )
    return Fraction(sum(far), total)


# Files


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1e400", None),
        ("1e401", "400"),
        ('"' + "9" * 200 + '"', None),
        ('"' + "9" * 201 + '"', "at most 200"),
        ("nan", "nan"),
        ("inf", "inf"),
        ('"1/0"', "1/0"),
        ('"1e-400"', None),
    ],
)
def test_numbers_in_files_are_read_exactly_or_refused(run, tmp_path, number, said):
    path = tmp_path / "m.toml"
    path.write_text(
        f"""decisions = ["a", "b"]
[agents.1]
types = [{{ name = "x", prob = "1/2", utility = {{ a = {number} }} }}, {{ name = "y", prob = "1/2" }}]
[rule]
kind = "utilitarian"
""",
        encoding="utf-8",
    )
    code, out, err = run("solve", path, "-k", "2", "--json")
    if said is None:
        assert code == 0, err
    else:
        assert (code, out) == (2, "")
        assert said in err
        assert len(err.splitlines()) == 1
