"""Example 1: from which perspectives the linked vote is better than separate votes.

Ex ante is an average over everything, interim knows one's own values, ex post knows everybody's values, before coins.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

from eqsolve.exact.rational import text
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.ledger.settled import Published, Settled, figure, sentence
from eqsolve.ledger.voting import described, differences, linked, separate, truth
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, Vector

Payoffs = tuple[Fraction, Fraction]


def ex_post(game: LinkedGame, strategy: Strategy, s: Vector, t: Vector) -> Payoffs:
    """Expected utilities, summed over problems, when values are s and t and no coin was flipped yet."""
    v = differences(game.problem)
    totals = [Fraction(0), Fraction(0)]
    for (m, p), (n, q) in itertools.product(strategy.plan[s].items(), strategy.plan[t].items()):
        for k in range(game.copies):
            chance = p * q * game.lotteries[m[k], n[k]][1]
            totals[0] += chance * v[s[k]]
            totals[1] += chance * v[t[k]]
    return totals[0], totals[1]


def ex_post_dominance(claim: Published) -> Settled:
    """Example 1, footnote 4: ex post, "after types are known, but before coins are flipped", the linked vote dominates.

    Every pair of type vectors at K = 2, both mechanisms in their described equilibria. A pair at which somebody's
    expected utility is smaller in the linked vote is a counterexample; all coins count as not flipped, the agents' too.
    """
    game, votes, v = linked(2), separate(2), differences(linked(2).problem)
    told, honest = described(), truth(votes)
    harmed: list[tuple[int, Fraction, Vector, Vector, int, Payoffs, Payoffs]] = []
    for s, t in itertools.product(game.type_vectors(0), repeat=2):
        with_link, without = ex_post(game, told, s, t), ex_post(votes, honest, s, t)
        for i in (0, 1):
            if with_link[i] < without[i]:
                coins = len(told.plan[s]) * len(told.plan[t])
                harmed.append((coins, with_link[i] - without[i], s, t, i, with_link, without))
    method = "expected utilities of both agents at all 256 pairs of type vectors, K = 2"
    if not harmed:
        return sentence(True, "nobody is harmed at any pair of type vectors", method)
    # An example in which nobody flips a coin does not depend on when coins are looked at.
    _, _, s, t, i, with_link, without = min(harmed)
    values = " and ".join(f"({', '.join(text(v[u]) for u in x)})" for x in (s, t))
    wrong = (
        f"at values {values} agent {i + 1} expects {text(with_link[i])} from the linked vote and {text(without[i])} "
        "from separate votes: who cares less about the disputed problem loses it for certain instead of by a coin, and "
        "is not paid back on the other problem, where the agents agree"
    )
    pairs = len({(s, t) for _, _, s, t, *_ in harmed})
    return sentence(False, f"somebody is worse off at {pairs} of 256 pairs", method, wrong=wrong)


def interim_dominance(claim: Published) -> Settled:
    """Example 1: the linked vote dominates separate votes interim, that is, given one's own values.

    Interim payoffs of the described equilibrium against those of truth in separate votes, for all 16 type vectors.
    """
    game, votes = linked(2), separate(2)
    told, honest = described(), truth(votes)
    with_link = ExplicitForm(game).interim(0, (told, told))
    without = ExplicitForm(votes).interim(0, (honest, honest))
    gains = [
        sum((p * with_link[t][m] for m, p in told.plan[t].items()), Fraction(0)) - without[t][t]
        for t in game.type_vectors(0)
    ]
    computed = f"gains per problem from {text(min(gains))} to {text(max(gains))} over 16 type vectors"
    return sentence(
        min(gains) >= 0 and max(gains) > 0,
        computed,
        "interim payoffs at all 16 type vectors, K = 2; the agents are alike",
        wrong="some type vector expects less",
    )


def ex_post_inefficiency(claim: Published) -> Settled:
    """Example 1, Linking Two: at (2,1) and (-1,-2), (a1,b2) has "a total utility of -2", (b1,a2) "of 0".

    Utilities as the model has them, v(a) = 0 and v(b) = v. Only differences are given in the source; measuring from
    v(b) = 0, or halfway between, gives the same totals here because the four values sum to 0.
    """
    problem = linked(2).problem
    v = differences(problem)
    values = [[v.index(Fraction(x)) for x in row] for row in ((2, 1), (-1, -2))]

    def totals(decisions: tuple[int, int]) -> list[Fraction]:
        """Each agent's utility over both problems from one decision on each."""
        return [
            sum((problem.utility(i, u)[d] for u, d in zip(row, decisions, strict=True)), Fraction(0))
            for i, row in enumerate(values)
        ]

    coins, better = totals((0, 1)), totals((1, 0))
    both_prefer = all(x < y for x, y in zip(coins, better, strict=True))
    wrong = (
        f"the totals are {text(sum(coins))} and {text(sum(better))}"
        + (" ((a1,b2) gives the agents " + ", ".join(map(text, coins)))
        + (", (b1,a2) " + ", ".join(map(text, better)) + ")")
        + f"; their difference {text(sum(better) - sum(coins))} is as printed"
        + (", and both agents do prefer (b1,a2)" if both_prefer else "")
    )
    return figure(claim, [sum(coins), sum(better)], "sums of v(b) - v(a) over the problems decided b", wrong=wrong)
