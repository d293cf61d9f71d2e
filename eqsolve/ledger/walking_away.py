"""Individual Rationality: bargaining (Example 4) where both sides may walk away from any object after its decision.

Whoever is worse off by the decision than without trade walks away, and then there is no trade; an indifferent agent
stays. So payoffs depend on the other side's true value, too, and what counts of a label-free opponent is the joint law
of its true and announced value on an object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.exact.rational import text
from eqsolve.forms.lie_tables import all_lie_tables, messages_of
from eqsolve.judge.truth import FEWEST_LIES, TruthJudge
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Vector

Matrix = tuple[tuple[Fraction, ...], ...]
"""Probabilities or values by true type (rows) and announced type (columns)."""

STATUS_QUO = "no_trade"


def worth(game: LinkedGame, i: int, other: Matrix, *, walking: bool) -> Matrix:
    """What an announcement is worth to each true type against an opponent with this joint law."""
    problem = game.problem
    quo = problem.decisions.index(STATUS_QUO)
    size = len(problem.agents[i].types)

    def value(u: int, v: int) -> Fraction:
        mine = problem.utility(i, u)
        total = Fraction(0)
        for x, row in enumerate(other):
            theirs = problem.utility(1 - i, x)
            for y, chance in enumerate(row):
                for d, p in enumerate(game.lotteries[(v, y) if i == 0 else (y, v)]):
                    leaves = walking and (mine[d] < mine[quo] or theirs[d] < theirs[quo])
                    total += chance * p * mine[quo if leaves else d]
        return total

    return tuple(tuple(value(u, v) for v in range(size)) for u in range(size))


def truthful_law(game: LinkedGame, i: int) -> Matrix:
    """Joint law of true and announced type on a problem when agent i tells as few lies as possible, label-free.

    With two types and an exact budget there is one such lie table per histogram.
    """
    judge = TruthJudge(game)
    size = len(game.problem.agents[i].types)
    law = [[Fraction(0)] * size for _ in range(size)]
    for histogram, chance in game.histogram_law(i).items():
        (lies,) = (t for t in all_lie_tables(game.budgets[i], histogram) if judge.classify(i, t) == FEWEST_LIES)
        for u, row in enumerate(lies):
            for v, n in enumerate(row):
                law[u][v] += chance * Fraction(n, game.copies)
    return tuple(map(tuple, law))


def _total(lies: Iterable[Sequence[int]], values: Matrix) -> Fraction:
    return sum(
        (n * w for row, line in zip(lies, values, strict=True) for n, w in zip(row, line, strict=True)), Fraction(0)
    )


@dataclass(frozen=True)
class _Deviation:
    """The largest interim gain over fewest lies, per problem, with true and announced values that attain it."""

    gain: Fraction
    values: Vector
    told: Vector


def _best_deviation(game: LinkedGame, i: int, *, walking: bool) -> _Deviation:
    """The best deviation of agent i when both tell as few lies as the budget forces, label-free."""
    judge = TruthJudge(game)
    values = worth(game, i, truthful_law(game, 1 - i), walking=walking)
    found = []
    for histogram in map(tuple, game.histogram_law(i).histograms.tolist()):
        tables = list(all_lie_tables(game.budgets[i], histogram))
        honest = max(_total(t, values) for t in tables if judge.classify(i, t) == FEWEST_LIES)
        best = max(tables, key=lambda t: _total(t, values))
        true = tuple(u for u, n in enumerate(histogram) for _ in range(n))
        gain = (_total(best, values) - honest) / game.copies
        found.append(_Deviation(gain, true, next(messages_of(true, best))))
    return max(found, key=lambda d: (d.gain, d.values))


def incentives(claim: Published) -> Settled:
    """Individual Rationality: letting agents veto "makes no difference in the incentives across problems"; K = 3.

    Both sides tell as few lies as the budget forces, label-free, which is an equilibrium without walking away; the best
    lie table of each against that, with and without walking away.
    """
    game = bundled("bargaining").link(3)
    without = max(_best_deviation(game, i, walking=False).gain for i in (0, 1))
    seller, buyer = (_best_deviation(game, i, walking=True) for i in (0, 1))
    values, told = (f"({game.vector_name(0, x)})" for x in (seller.values, seller.told))
    wrong = (
        f"when everybody may walk away, a seller with values {values} gains {text(seller.gain)} per object by "
        f"announcing {told}: 8, which is worth a price of 8, is put on an object worth 0, and 0 is announced where "
        "the value is 8, as a bad trade there can be refused. Without walking away nobody gains by more lies than "
        "the budget forces"
    )
    with_walking = max(seller.gain, buyer.gain)
    computed = f"largest interim gain from more lies: {text(without)} without, {text(with_walking)} with walking away"
    method = "best lie tables at every histogram against fewest lies, with and without walking away, K = 3"
    return sentence(with_walking == without, computed, method, wrong=wrong)


def limit(claim: Published) -> Settled:
    """Individual Rationality: with walking away "the claims about our linking mechanisms still hold", the limit, too.

    Suppose that decisions become efficient as K grows. An 8 and a 10 only trade at 8, which takes the announcements 8
    and 10; so on all but a vanishing share of the objects 8 is announced as 8, and, as budgets bind, everything is
    announced truthfully. Against that the seller may put its announcements of 8, at random, on objects worth 0. A
    shuffled deviation meets the other side's mean law only, so what it gains per object in the limit is computed from
    the truth.
    """
    game = bundled("bargaining").link(3)
    prior = [agent.prior for agent in game.problem.agents]
    honest: list[Matrix] = [
        tuple(tuple(p if u == v else Fraction(0) for v in range(len(law))) for u, p in enumerate(law)) for law in prior
    ]
    gains = []
    for i in (0, 1):
        values = worth(game, i, honest[1 - i], walking=True)
        rare = prior[i][1]  # the share of announcements that can be exchanged
        gains.append(rare * (values[0][1] + values[1][0] - values[0][0] - values[1][1]))
    wrong = (
        f"where everybody is truthful a seller gains {text(gains[0])} per object, and a buyer {text(gains[1])}, by "
        "exchanging announcements; so no equilibria of large K come near the efficient decisions, which truth alone "
        "would bring about"
    )
    computed = f"gain from exchanging announcements in the limit: {', '.join(map(text, gains))} per object"
    return sentence(max(gains) <= 0, computed, "value of announcements in the limit, with walking away", wrong=wrong)
