"""Example 5: agents 2 and 3 arrange never to announce 1 on the same problem, and get what they want everywhere."""

from __future__ import annotations

from fractions import Fraction

from eqsolve.exact.rational import text
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, Vector, expected_payoffs


def linked(copies: int) -> LinkedGame:
    """The linked game without filter."""
    return bundled("collusion").link(copies)


def plan(game: LinkedGame) -> tuple[Vector, ...]:
    """The announcements of the example, problems counted from 1.

    Agent 2 announces 1 on even problems and 3 on odd ones, agent 3 the opposite, agent 1 its only type.
    """
    one, three = (game.problem.agents[1].type_index(name) for name in ("1", "3"))
    problems = range(1, game.copies + 1)
    second = tuple(one if k % 2 == 0 else three for k in problems)
    third = tuple(three if k % 2 == 0 else one for k in problems)
    return (0,) * game.copies, second, third


def profile(game: LinkedGame) -> tuple[Strategy, ...]:
    """Strategies that announce by the plan, whatever the true types are."""
    return tuple(Strategy.pure(dict.fromkeys(game.type_vectors(i), m)) for i, m in enumerate(plan(game)))


def is_equilibrium(claim: Published, copies: int) -> Settled:
    """Example 5: the collusive profile "is clearly an equilibrium" of the mechanism without filter.

    Its regret from the definition: every message at every type vector of agents 2 and 3.
    """
    game = linked(copies)
    regret = ExplicitForm(game).regret(profile(game))
    payoffs = ", ".join(map(text, expected_payoffs(game, profile(game))))
    computed = f"regret {text(regret)}, payoffs {payoffs}"
    return sentence(
        regret == 0, computed, f"regret from the definition, K = {copies}", wrong="somebody gains by deviating"
    )


def decision(claim: Published) -> Settled:
    """Example 5: the plan "results in decision a being chosen on all problems", what agents 2 and 3 like best.

    The rule at the announced types, problem by problem.
    """
    game = linked(2)
    announced = zip(*plan(game), strict=True)
    taken = {
        d
        for types in announced
        for d, chance in zip(game.problem.decisions, game.lotteries[types], strict=True)
        if chance
    }
    liked = {
        max(game.problem.decisions, key=lambda d, kind=kind: kind.utility.get(d, Fraction(0)))  # type: ignore[misc]
        for agent in game.problem.agents[1:]
        for kind in agent.types
    }
    computed = " and ".join(sorted(taken))
    wrong = f"the announced utilities 1 + 3 outweigh the 3 that agent 1 loses: decision {computed} everywhere" + (
        ", which is the one that agents 2 and 3 always favour" if taken == liked else ""
    )
    return sentence([computed] == claim.figures, computed, "the rule at the announced types", wrong=wrong)
