"""Individual Rationality: bargaining (Example 4) where both sides may walk away from any object after its decision.

Whoever is worse off by the decision than without trade walks away, and then there is no trade; an indifferent agent
stays. So payoffs depend on the other side's true value, too, and what counts of a label-free opponent is the joint law
of its true and announced value on an object.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

from eqsolve.exact.rational import text
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.truth import TruthJudge
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.fewest_lies import fewest, shortfall
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.linking import LinkedGame
from eqsolve.solving import solve

STATUS_QUO = "no_trade"
COPIES = (3, 6)


def walking(copies: int) -> LinkedGame:
    """Bargaining over so many objects, where both sides may walk away from each."""
    model = bundled("bargaining")
    return replace(model, options=replace(model.options, walk_away=STATUS_QUO)).link(copies)


def honest_law(game: LinkedGame, i: int) -> tuple[Fraction, ...]:
    """Joint law of true and announced type on a problem when agent i tells as few lies as possible, label-free; flat.

    With two types and an exact budget there is one such lie table per histogram.
    """
    judge = TruthJudge(game)
    law = [Fraction(0)] * len(game.problem.agents[i].types) ** 2
    for histogram, chance in game.histogram_law(i).items():
        (lies,) = fewest(game, judge, i, histogram)
        for cell, n in enumerate(itertools.chain.from_iterable(lies)):
            law[cell] += chance * Fraction(n, game.copies)
    return tuple(law)


def incentives(claim: Published) -> Settled:
    """Individual Rationality: letting agents veto "makes no difference in the incentives across problems"; K = 3.

    Both sides tell as few lies as the budget forces, label-free, which is an equilibrium without walking away; the best
    lie table of each against that, with and without walking away.
    """
    game = walking(3)
    plain = LabelFreeForm(bundled("bargaining").link(3))
    free = LabelFreeForm(game, tuple(honest_law(game, i) for i in (0, 1)))
    without = max(shortfall(plain, i).gain for i in (0, 1)) / 3
    seller, buyer = (shortfall(free, i) for i in (0, 1))
    values, told = (f"({game.vector_name(0, x)})" for x in (seller.values, seller.told))
    wrong = (
        f"when everybody may walk away, a seller with values {values} gains {text(seller.gain / 3)} per object by "
        f"announcing {told}: 8, which is worth a price of 8, is put on an object worth 0, and 0 is announced where "
        "the value is 8, as a bad trade there can be refused. Without walking away nobody gains by more lies than "
        "the budget forces"
    )
    with_walking = max(seller.gain, buyer.gain) / 3
    computed = f"largest interim gain from more lies: {text(without)} without, {text(with_walking)} with walking away"
    method = "best lie tables at every histogram against fewest lies, with and without walking away, K = 3"
    return sentence(with_walking == without, computed, method, wrong=wrong)


def limit(claim: Published) -> Settled:
    """Individual Rationality: with walking away "the claims about our linking mechanisms still hold", the limit, too.

    Suppose that decisions become efficient as K grows. An 8 and a 10 only trade at 8, which takes the announcements 8
    and 10; so on all but a vanishing share of the objects 8 is announced as 8, and, as budgets bind, everything is
    announced truthfully. Against that the seller may put its announcements of 8, at random, on objects worth 0. A
    shuffled deviation meets the other side's mean law only, so what it gains per object in the limit is computed from
    the truth. What label-free equilibria there are instead is computed for small K.
    """
    game = walking(COPIES[0])
    prior = [agent.prior for agent in game.problem.agents]
    truth = tuple(
        tuple(p if u == v else Fraction(0) for u, p in enumerate(law) for v in range(len(law))) for law in prior
    )
    form, gains = LabelFreeForm(game, truth), []
    for i in (0, 1):
        tables = form.tables(i)
        exchanged = tables.worth[0][1] + tables.worth[1][0] - tables.worth[0][0] - tables.worth[1][1]
        rare = prior[i][1]  # the share of announcements that can be exchanged
        gains.append(rare * Fraction(exchanged, tables.scale))
    wrong = (
        f"where everybody is truthful a seller gains {text(gains[0])} per object, and a buyer {text(gains[1])}, by "
        "exchanging announcements; so no equilibria of large K come near the efficient decisions, which truth alone "
        "would bring about"
    )
    computed = (
        f"gain from exchanging announcements in the limit: {', '.join(map(text, gains))} per object; "
        + "; ".join(_label_free(copies) for copies in COPIES)
    )
    method = "value of announcements in the limit, with walking away; label-free equilibria by enumeration"
    return sentence(max(gains) <= 0, computed, method, wrong=wrong)


def _label_free(copies: int) -> str:
    """What all label-free equilibria pay, and from how many objects somebody walks away."""
    found = solve(walking(copies), form="label-free")
    payoffs = {e.payoffs for e in found.equilibria}
    if not found.complete or len(payoffs) != 1:
        raise ArithmeticError(f"label-free equilibria of K = {copies} were not listed completely, or pay differently")
    target = text(found.target[0])
    shares = {text(e.walks) for e in found.equilibria if e.walks is not None}
    return (
        f"label-free equilibria of K = {copies} pay the seller {text(payoffs.pop()[0])} "
        f"(efficient decisions {target}), walking away from {', '.join(sorted(shares))} of the objects"
    )
