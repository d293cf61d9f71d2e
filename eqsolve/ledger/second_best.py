"""Example 1: what the best incentive compatible votes are, alone and linked."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import cache

from eqsolve.engines.lp import solve_lp
from eqsolve.exact.rational import text
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.ledger.voting import differences, linked, separate
from eqsolve.mechanisms.optimal import optimal_mechanism
from eqsolve.strategy import Vector

B = 1  # position of decision b
Row = dict[int, Fraction | int]
Announcements = tuple[Vector, Vector]


@cache
def best_sum(copies: int) -> Fraction:
    """Largest sum of payoffs per problem of a Bayesian incentive compatible mechanism for linked votes."""
    found = optimal_mechanism(bundled("voting").problem, copies)
    if found is None:
        raise ArithmeticError("a constant mechanism is incentive compatible, so there is a best one")
    return found.welfare


def majority_is_second_best(claim: Published) -> Settled:
    """Example 1: the vote "maximizes the total sum of utilities, subject to the incentive constraints".

    The largest sum over all direct mechanisms that are Bayesian incentive compatible, by a linear program over
    lotteries at the 16 type profiles; the vote is incentive compatible in dominant strategies, so it is best among
    those, too.
    """
    vote, best = sum(separate(1).rule.target(), Fraction(0)), best_sum(1)
    computed = f"{text(vote)}, the largest possible is {text(best)} (sum of both agents)"
    method = "linear program over all Bayesian incentive compatible direct mechanisms, K = 1"
    return sentence(vote == best, computed, method, wrong="another incentive compatible mechanism is better")


def _optimal_and_symmetric(v: tuple[Fraction, ...]) -> tuple[list[Row], list[Row], list[Fraction | int]]:
    """Mechanisms for one vote that attain the largest sum, anonymous and neutral; column 4 s + t is P(b) at (s, t).

    Returns rows of gains from lying (at most 0), and the equations with their right-hand sides.
    """
    types = range(len(v))
    column = {(s, t): len(v) * s + t for s in types for t in types}
    lies: list[Row] = []
    for u, told in itertools.permutations(types, 2):
        lies.append({**{column[told, t]: v[u] for t in types}, **{column[u, t]: -v[u] for t in types}})
        lies.append({**{column[t, told]: v[u] for t in types}, **{column[t, u]: -v[u] for t in types}})
    chance = Fraction(1, len(v) ** 2)
    equations: list[Row] = [{x: chance * (v[s] + v[t]) for (s, t), x in column.items()}]
    right: list[Fraction | int] = [best_sum(1)]
    for (s, t), x in column.items():
        mirror = column[v.index(-v[s]), v.index(-v[t])]
        equations += [{x: 1, column[t, s]: -1} if s != t else {}, {x: 1, mirror: 1}]
        right += [0, 1]
    return lies, equations, right


def only_anonymous_and_neutral(claim: Published) -> Settled:
    """Footnote 2: the vote "is the unique such mechanism which is also anonymous and neutral".

    Among the incentive compatible mechanisms that attain the largest sum and are anonymous (agents exchanged) and
    neutral (decisions exchanged, signs turned), the smallest and largest probability of b at each of the 16 profiles.
    """
    v = differences(bundled("voting").problem)
    lies, equations, right = _optimal_and_symmetric(v)
    columns = len(v) ** 2
    vote = separate(1).rule.lotteries
    others = []
    for x, cell in enumerate(itertools.product(range(len(v)), repeat=2)):
        ends = {
            solve_lp(
                [int(y == x) for y in range(columns)],
                A_ub=[*lies, *({y: 1} for y in range(columns))],
                b_ub=[*([0] * len(lies)), *([1] * columns)],
                A_eq=equations,
                b_eq=right,
                maximise=up,
            ).value
            for up in (False, True)
        }
        if ends != {vote[cell][B]}:
            others.append(cell)
    method = "linear programs: range of P(b) at each of the 16 profiles over all optimal, anonymous, neutral mechanisms"
    return sentence(
        not others,
        f"P(b) is determined at {columns - len(others)} of {columns} profiles",
        method,
        wrong="other mechanisms of the kind exist",
    )


def _placements(v: tuple[Fraction, ...], t: Vector) -> list[Vector]:
    """Messages with one strong announcement, true signs, and as few changes of magnitude as possible."""
    if abs(v[t[0]]) != abs(v[t[1]]):
        return [t]
    return [
        tuple(v.index((2 if k == strong else 1) * (1 if v[u] > 0 else -1)) for k, u in enumerate(t))
        for strong in (0, 1)
    ]


def _clashes(v: tuple[Fraction, ...], pair: Announcements) -> int:
    """Problems on which both announcements are strong."""
    return sum(abs(v[x]) == abs(v[y]) == 2 for x, y in zip(*pair, strict=True))


@cache
def _coordinated(by_welfare: bool) -> dict[Announcements, tuple[Fraction, ...]]:
    """P(b) on each problem when the mechanism places the forced lies, for all pairs of designations, K = 2.

    It takes the placements with fewest problems on which both are strong, or else those with the largest announced sum
    of utilities, all of them equally likely.
    """
    game = linked(2)
    v = differences(game.problem)
    vectors = game.type_vectors(0)
    table = {}
    for s, t in itertools.product(vectors, repeat=2):
        scored: dict[Fraction | int, list[tuple[Fraction, ...]]] = {}
        for m, n in itertools.product(_placements(v, s), _placements(v, t)):
            chances = tuple(game.lotteries[x, y][B] for x, y in zip(m, n, strict=True))
            score = -_clashes(v, (m, n))
            worth = sum(((v[s[k]] + v[t[k]]) * p for k, p in enumerate(chances)), Fraction(0))
            scored.setdefault(worth if by_welfare else Fraction(score), []).append(chances)
        best = scored[max(scored)]
        table[s, t] = tuple(sum(column, Fraction(0)) / len(best) for column in zip(*best, strict=True))
    return table


def _judged(by_welfare: bool) -> tuple[Fraction, Fraction]:
    """Sum of payoffs per problem under truth, and the largest interim gain from designating something else."""
    game = linked(2)
    v = differences(game.problem)
    vectors, table = game.type_vectors(0), _coordinated(by_welfare)

    def interim(t: Vector, m: Vector) -> Fraction:
        total = sum((v[u] * p for s in vectors for u, p in zip(t, table[m, s], strict=True)), Fraction(0))
        return total / len(vectors)

    gain = max(interim(t, m) - interim(t, t) for t, m in itertools.product(vectors, repeat=2))
    # The agents are alike, and so is the table, so both have the payoffs of the first.
    payoff = sum((interim(t, t) for t in vectors), Fraction(0)) / len(vectors)
    return 2 * payoff / game.copies, gain / game.copies


def mechanism_places_the_lies(claim: Published) -> Settled:
    """Example 1: the "improved (in fact optimal) version", in which the mechanism places the forced lies.

    It "picks these problems by coordinating across the two agents in such a way to best match the announcements", so
    that a lie does not fall "on problems where the other agent truly cares intensely": taken as keeping the strong
    announcements of the two agents apart. Its sum of payoffs at K = 2 and the gains from lying by enumeration, against
    the linear program over all Bayesian incentive compatible linked mechanisms.
    """
    best = best_sum(2)
    apart, gain = _judged(False)
    greedy, greedy_gain = _judged(True)
    plain = sum(bundled("voting").link(2).rule.target(), Fraction(0))
    holds = apart == best and gain <= 0
    caveat = (
        "what is best to match has to be read as keeping the two agents' strong announcements on different "
        f"problems; placing the lies where the announced sum of utilities is largest would reach {text(greedy)}, but "
        f"invites lies (an interim gain of {text(greedy_gain)}); the rule without incentive constraints has "
        f"{text(plain)}"
    )
    wrong = (
        f"the best incentive compatible mechanism reaches {text(best)}; the described one gains by lying {text(gain)}"
    )
    computed = f"{text(apart)}, the largest possible is {text(best)} (sum of both agents, per problem)"
    method = "enumeration of the described mechanism; linear program over all incentive compatible mechanisms, K = 2"
    return sentence(holds, computed, method, caveat=caveat, wrong=wrong)
