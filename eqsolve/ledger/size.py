"""How Large is Large?: forced lies, and the table for one object worth 1 or 10."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import cache

from eqsolve.exact.rational import text
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.bounds import ceiling, floor
from eqsolve.judge.truth import forced_lies, same_utility
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, figure, sentence
from eqsolve.linking import LinkedGame
from eqsolve.mechanisms.optimal import optimal_mechanism
from eqsolve.mechanisms.quotas import best_with_quotas

MANY = {"object": (6, 24, 96, 384, 1536), "bargaining": (6, 24, 96, 384, 1536), "taking-turns": (6, 24, 96)}


@cache
def best_mechanism(copies: int) -> Fraction:
    """Payoff per agent and problem of the best incentive compatible linked mechanism."""
    return optimal_mechanism(bundled("object").problem, copies).welfare / 2


@cache
def half_each(copies: int) -> Fraction:
    """Payoff per agent and problem of the best allocation that gives each agent half of the objects."""
    problem = bundled("object").problem
    found = best_with_quotas(problem, copies, dict.fromkeys(problem.decisions, copies // 2))
    return sum(found.payoffs, Fraction(0)) / problem.n


def _wrong(value: Fraction) -> str:
    return f"the figure is {text(value)}, {float(value):.4f}"


def without_linking(claim: Published) -> Settled:
    """How Large is Large?: without linking "the best we can do is to flip a coin": "an expected utility of 2.750"."""
    value = best_mechanism(1)
    method = "linear program over all Bayesian incentive compatible mechanisms that give the object to somebody, K = 1"
    return figure(claim, [value], method, wrong=_wrong(value))


def efficient(claim: Published) -> Settled:
    """How Large is Large?: an efficient decision "results in an ex ante expected utility per agent of 3.875"."""
    value = bundled("object").target()[0]
    return figure(claim, [value], "the rule at the true types", wrong=_wrong(value))


def half_of_the_objects(claim: Published, copies: int) -> Settled:
    """The table and footnote 14: "the best allocation subject to giving each agent half of the objects"."""
    value = half_each(copies)
    method = f"best allocation with half of the objects each for every joint histogram of types, K = {copies}"
    return figure(claim, [value], method, wrong=_wrong(value))


def best_linked(claim: Published, copies: int) -> Settled:
    """Footnote 14: "the 'best' linking mechanism - one that minimizes the total number of misallocations".

    Every object is given to somebody, so each misallocation costs the same and the sum of payoffs is what to maximise.
    """
    value, halves = best_mechanism(copies), half_each(copies)
    wrong = _wrong(value) + (
        f": the best incentive compatible mechanism need not give each agent half of the objects; {text(halves)} is "
        "the best one that does"
    )
    method = f"linear program over all Bayesian incentive compatible mechanisms, K = {copies}"
    return figure(claim, [value], method, wrong=wrong)


def best_is_half_each(claim: Published) -> Settled:
    """Footnote 14: the best mechanism "corresponds to the choosing the best allocation" with half of the objects each.

    Its payoff against that of the best allocation with half of the objects each, K = 2 and 4.
    """
    pairs = {K: (best_mechanism(K), half_each(K)) for K in (2, 4)}
    computed = "; ".join(f"K = {K}: {text(b)} and {text(h)}" for K, (b, h) in pairs.items())
    same = [K for K, (b, h) in pairs.items() if b == h]
    wrong = f"true at K = {', '.join(map(str, same))} only: " + "; ".join(
        f"at K = {K} an incentive compatible mechanism reaches {text(b)}, half of the objects each {text(h)}"
        for K, (b, h) in pairs.items()
        if b != h
    )
    method = "linear program over incentive compatible mechanisms against direct maximisation, per agent and problem"
    return sentence(len(same) == len(pairs), computed, method, wrong=wrong)


def plain_is_slightly_worse(claim: Published) -> Settled:
    """Footnote 14: "Our previously described linking mechanism does slightly worse than this one"; here K = 4.

    All equilibria of the plain mechanism pay the same (floors meet ceilings).
    """
    game = bundled("object").link(4)
    plain = LabelFreeForm(game).payoff(0)
    unique = floor(game, 0) == ceiling(game, 0) == plain
    table, target = half_each(4), bundled("object").target()[0]
    ratio = (target - plain) / (target - table)
    caveat = (
        f"worse it is, by {text(table - plain)} ({float(table - plain):.3f}); whether that is slight is a matter of "
        f"taste: what is missing to {text(target)} is {float(ratio):.1f} times as much"
    )
    computed = f"{text(plain)} against {text(table)}" + (", in every equilibrium" if unique else "")
    method = "label-free payoff, floor and ceiling of the plain mechanism against the row of the table, K = 4"
    return sentence(plain < table, computed, method, caveat=caveat, wrong="it does not do worse")


def _expected_share(game: LinkedGame, i: int) -> Fraction:
    """Expected share of problems on which the budget forces agent i to lie."""
    merged, budget = same_utility(game.problem, i), game.budgets[i]
    law = game.histogram_law(i)
    lies = sum(
        weight * forced_lies(budget, histogram, merged)
        for histogram, weight in zip(law.histograms.tolist(), law.weights, strict=True)
    )
    return Fraction(lies, law.scale * game.copies)


def forced_lies_share(claim: Published) -> Settled:
    """How Large is Large?: the proportion on which agents "might be forced to lie is of the order of 1/sqrt(K)".

    Exact expected shares of forced lies times sqrt(K) for two and three types. They are bounded by half of the sum of
    sqrt(p(1-p)) over types (Jensen), and the central limit theorem gives sqrt(2/pi) times that bound as their limit;
    the computed ones have to lie between a quarter of the bound and the bound, and may not fall.
    """
    told, right = [], True
    for name, copies in MANY.items():
        model = bundled(name)
        bound = sum(float(p * (1 - p)) ** 0.5 for p in model.problem.agents[0].prior) / 2
        scaled = [float(_expected_share(model.link(K), 0)) * K**0.5 for K in copies]
        right &= all(a <= b * (1 + 1e-12) for a, b in itertools.pairwise(scaled))
        right &= bound / 4 < scaled[0] and scaled[-1] < bound
        told.append(
            f"{name} {scaled[0]:.3f} (K = {copies[0]}) to {scaled[-1]:.3f} (K = {copies[-1]}), below {bound:.3f}"
        )
    caveat = (
        "in expectation: sqrt(K) times the expected share tends to a constant; with small probability an agent may "
        "be forced to lie on a fixed share of the problems, half of them for two equally likely types, whatever K is"
    )
    method = "expected forced lies from the law of the histogram, exact before the square root"
    return sentence(
        right, "sqrt(K) times the expected share: " + "; ".join(told), method, caveat=caveat, wrong="it is not"
    )
