"""Example 5 and the appendix: the filter that looks for announcements too far from independent.

The distance d_i of agent i compares, for every other agent j and every type u that i announced, how often j announces
each type on the problems where i announced u with how often it does overall. Agents with a distance above epsilon are
flagged, and random announcements within their budgets replace theirs.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import cache

from eqsolve.exact.rational import text
from eqsolve.filter.calibration import Calibration
from eqsolve.filter.distance import CorrelationFilter, distances
from eqsolve.filter.panel import Panel
from eqsolve.judge.efficiency import ex_ante_efficiency
from eqsolve.ledger.collusion import linked, plan
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.linking import LinkedGame
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import utilitarian
from eqsolve.strategy import Strategy, Vector, expected_payoffs

FALSE_ALARMS = Fraction(5, 100)


@cache
def _epsilon(copies: int) -> Fraction:
    """The smallest epsilon with at most 5% false alarms per agent."""
    return Calibration.of(linked(copies)).epsilon_for(FALSE_ALARMS)


def _plan_distance(copies: int) -> Fraction:
    """Distance of agent 2 when agents 2 and 3 announce by the plan."""
    game = linked(copies)
    return distances(Panel.of_game(game), plan(game))[1]


def tells_apart(claim: Published) -> Settled:
    """Example 5: such announcements are "highly likely" not to be "by accident", from a certain K on.

    The plan has distance 1/2. It is flagged, at 5% false alarms, once independent play reaches 1/2 with at most that
    probability: 2/C(K, K/2), which falls in K.
    """
    first = next(K for K in itertools.count(2, 2) if _epsilon(K) < _plan_distance(K))
    risk = {K: Calibration.of(linked(K)).agent_alarm(1, _plan_distance(K), at_least=True) for K in (first - 2, first)}
    caveat = (
        f"from K = {first} on, for even K and false alarms counted for each agent: with {first - 2} problems "
        f"independent announcements look like the plan with probability {text(risk[first - 2])}, with {first} with "
        f"probability {text(risk[first])}"
    )
    return sentence(
        True, f"K = {first}", "exact law of the distance under independent play, K = 2, 4, ...", caveat=caveat
    )


def _filtered_payoff(game: LinkedGame, t: Vector, mine: Vector, theirs: Vector) -> Fraction:
    """Interim payoff of agent 2 with types t per problem, in the filtered mechanism.

    With two active agents whose types are announced equally often both are flagged or none. A replaced announcement is
    either type with probability 1/2 on each problem.
    """
    total = Fraction(0)
    judge = CorrelationFilter(Panel.of_game(game), _epsilon(game.copies))
    flagged = any(judge.flags(((0,) * game.copies, mine, theirs)))
    for u, x, y in zip(t, mine, theirs, strict=True):
        worth = game.problem.utility(1, u)
        met = list(itertools.product((0, 1), repeat=2)) if flagged else [(x, y)]
        for a, b in met:
            total += sum((p * w for p, w in zip(game.lotteries[0, a, b], worth, strict=True)), Fraction(0)) / len(met)
    return total / game.copies


def plan_is_no_equilibrium(claim: Published) -> Settled:
    """Example 5: the modified mechanism "gets rid of all the undesired equilibria"; here of the plan, K = 8.

    Agent 3 keeps to the plan. A type vector at which agent 2 does better with another message is looked for.
    """
    game = linked(8)
    _, planned, theirs = plan(game)
    t = planned
    kept = _filtered_payoff(game, t, planned, theirs)
    best = max(game.budgets[1].messages(), key=lambda m: _filtered_payoff(game, t, m, theirs))
    gain = _filtered_payoff(game, t, best, theirs) - kept
    computed = (
        f"epsilon {text(_epsilon(game.copies))}; with types ({game.vector_name(1, t)}) agent 2 gains {text(gain)} by "
        f"announcing ({game.vector_name(1, best)})"
    )
    method = "interim payoffs of all messages of agent 2 at one type vector, in the filtered mechanism, K = 8"
    return sentence(gain > 0, computed, method, wrong="no gain from leaving the plan was found")


def _three_friends() -> DecisionProblem:
    """Agent 1 always loses 4 by b; agents 2, 3 and 4 gain 1 or 3 by it, equally likely."""
    types = (Type("1", Fraction(1, 2), {"b": Fraction(1)}), Type("3", Fraction(1, 2), {"b": Fraction(3)}))
    loser = Agent("1", (Type("-4", Fraction(1), {"b": Fraction(-4)}),))
    return DecisionProblem(("a", "b"), (loser, *(Agent(name, types) for name in "234")), "Three friends")


def pairs_are_not_enough(claim: Published) -> Settled:
    """Theorem 1: with the filter "all sequences of Bayesian equilibria ... converge" to the efficient utilities.

    A counterexample for four agents, K = 4 and all its multiples: three agents announce so that any two look
    independent (every distance is 0, so no epsilon flags anybody) though all three never announce 1 on the same
    problem. Then b is taken everywhere, which is the best that they can get at any types: nobody gains by deviating.
    """
    problem = _three_friends()
    game = LinkedGame(problem, utilitarian(problem), 4)
    second, third = (0, 0, 1, 1), (0, 1, 0, 1)
    fourth = tuple(1 - (x + y) % 2 for x, y in zip(second, third, strict=True))
    messages: list[Vector] = [(0,) * 4, second, third, fourth]
    farthest = max(distances(Panel.of_game(game), messages))
    profile = tuple(Strategy.pure(dict.fromkeys(game.type_vectors(i), m)) for i, m in enumerate(messages))
    payoffs = expected_payoffs(game, profile)
    most = [
        sum((kind.prob * max(problem.utility(i, u)) for u, kind in enumerate(agent.types)), Fraction(0))
        for i, agent in enumerate(problem.agents)
    ]
    efficient = ex_ante_efficiency(game.rule).efficient
    target = game.rule.target()
    survives = farthest == 0 and efficient and list(payoffs[1:]) == most[1:] and payoffs[0] < target[0]
    computed = (
        f"agent 1 gets {text(payoffs[0])}, its efficient payoff is {text(target[0])}; largest distance {text(farthest)}"
    )
    wrong = (
        "four agents, v = -4 for agent 1 and 1 or 3 for the others: on every four problems agents 2, 3 and 4 announce "
        + ", ".join("(" + game.vector_name(i, m) + ")" for i, m in enumerate(messages) if i)
        + ". Any two of them look independent, so nobody is flagged (K = 4, 8, ...), and b is taken everywhere: "
        f"agents 2 to 4 get {text(payoffs[1])}, the most there is, agent 1 gets {text(payoffs[0])} instead of "
        f"{text(target[0])}"
    )
    method = "a constructed equilibrium: distances, payoffs and the largest possible payoffs, K = 4"
    return sentence(not survives, computed, method, wrong=wrong)
