"""Example 5 and the appendix: the filter that looks for announcements too far from independent.

The distance d_i of agent i compares, for every other agent j and every type u that i announced, how often j announces
each type on the problems where i announced u with how often it does overall. Agents with a distance above epsilon are
flagged, and random announcements within their budgets replace theirs.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from functools import cache

from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.opposite import survival
from eqsolve.collusion.triple import triple_messages, triple_profile
from eqsolve.exact.rational import text
from eqsolve.filter.calibration import Calibration
from eqsolve.filter.distance import PAIRWISE, distances
from eqsolve.filter.panel import Panel
from eqsolve.forms.filtered import FilteredPlay
from eqsolve.judge.efficiency import ex_ante_efficiency
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.collusion import linked, plan
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.linking import Options

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


def plan_is_no_equilibrium(claim: Published) -> Settled:
    """Example 5: the modified mechanism "gets rid of all the undesired equilibria"; here of the plan, K = 8.

    The best that one of the two can do by itself, over all type vectors and messages, while the other keeps to it.
    """
    game = linked(8)
    found = survival(Coalition(game, (1, 2)), _epsilon(game.copies))
    best = found.deviation
    name = game.problem.agents[best.agent].name
    computed = (
        f"epsilon {text(_epsilon(game.copies))}; with types ({game.vector_name(best.agent, best.vector)}) agent {name} "
        f"gains {text(best.gain)} by announcing ({game.vector_name(best.agent, best.message)})"
    )
    method = "interim payoffs of all messages of agents 2 and 3 at all type vectors, in the filtered mechanism, K = 8"
    return sentence(not found.survives, computed, method, wrong="no gain from leaving the plan was found")


def pairs_are_not_enough(claim: Published) -> Settled:
    """Theorem 1: with the filter "all sequences of Bayesian equilibria ... converge" to the efficient utilities.

    A counterexample for four agents, K = 4 and all its multiples: three agents announce so that any two look
    independent (every distance is 0, so no epsilon flags anybody) though all three never announce 1 on the same
    problem. Then b is taken everywhere, which is the best that they can get at any types: nobody gains by deviating.
    """
    game = bundled("triple").link(4)
    sent = triple_messages(game, (1, 2, 3))
    farthest = max(distances(Panel.of_game(game), [(0,) * 4, *sent.values()]))
    filtered = replace(game, options=Options(filter={"epsilon": 0, "distance": PAIRWISE}))
    play, profile = FilteredPlay.of(filtered), triple_profile(game, (1, 2, 3))
    payoffs, regret = play.payoffs(profile), play.regret(profile)
    target, efficient = game.rule.target(), ex_ante_efficiency(game.rule).efficient
    survives = farthest == 0 and efficient and regret == 0 and payoffs[0] < target[0]
    computed = (
        f"agent 1 gets {text(payoffs[0])}, its efficient payoff is {text(target[0])}; largest distance {text(farthest)}"
    )
    wrong = (
        "four agents, v = -4 for agent 1 and 1 or 3 for the others: on every four problems agents 2, 3 and 4 announce "
        + ", ".join("(" + game.vector_name(i, m) + ")" for i, m in sent.items())
        + ". Any two of them look independent, so nobody is flagged (K = 4, 8, ...), and b is taken everywhere: "
        f"agents 2 to 4 get {text(payoffs[1])}, the most there is, agent 1 gets {text(payoffs[0])} instead of "
        f"{text(target[0])}"
    )
    method = "a constructed equilibrium: distances, regret and payoffs in the filtered mechanism, K = 4, epsilon 0"
    return sentence(not survives, computed, method, wrong=wrong)
