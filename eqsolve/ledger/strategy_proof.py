"""Theorem 2: two strategy-proof mechanisms, inefficient together, improved by a small chance of better decisions."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

from eqsolve.exact.rational import text
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.ledger.voting import differences
from eqsolve.mechanisms.strategy_proof import Bundle, Mixture
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import Rule


def voting_rules() -> dict[str, Rule]:
    """Strategy-proof rules for two voters and two decisions, by who wants b."""
    problem = bundled("vote-coin").problem
    v = differences(problem)

    def decided(by: Callable[[bool, bool], Fraction | int | bool]) -> Rule:
        """The rule that takes b with a probability given by who wants it."""
        chances = {(s, t): Fraction(by(v[s] > 0, v[t] > 0)) for s, t in problem.profiles()}
        return Rule(problem, {profile: (1 - p, p) for profile, p in chances.items()})

    return {
        "a coin where they disagree": decided(lambda x, y: Fraction(x + y, 2)),
        "b if both want it": decided(lambda x, y: x and y),
        "b if one wants it": decided(lambda x, y: x or y),
        "agent 1 decides": decided(lambda x, y: x),
        "agent 2 decides": decided(lambda x, y: y),
        "always b": decided(lambda x, y: True),
    }


def _two_votes() -> tuple[int, Fraction]:
    """All pairs of those rules and all better decisions: how many mixtures, and the least of their largest epsilons."""
    limits = []
    for pair in itertools.product(voting_rules().values(), repeat=2):
        bundle = Bundle(pair)
        if not bundle.is_strategy_proof:
            raise ArithmeticError("the votes are strategy-proof")
        limits += [mixture.largest_epsilon for mixture in bundle.improvements()]
    return len(limits), min(limits)


def menu_with_a_lottery() -> Mixture:
    """A strategy-proof mechanism that offers agent 1 a decision or a lottery between which a type is indifferent.

    Decisions x, y, z; agent 1 values them 2, 1, 0 (type 0) or 4, 1, 0 (type 1), agent 2 values them 1, 2, 0. Type 0
    gets y, type 1 the even lottery over x and z. On the second problem z is taken, whatever is said.
    """
    half, one, none = Fraction(1, 2), Fraction(1), Fraction(0)
    first = Agent("1", (Type("0", half, {"x": one * 2, "y": one}), Type("1", half, {"x": one * 4, "y": one})))
    second = Agent("2", (Type("0", one, {"x": one, "y": one * 2}),))
    problem = DecisionProblem(("x", "y", "z"), (first, second))
    menu = Rule(problem, {(0, 0): (none, one, none), (1, 0): (half, none, half)})
    last = Rule(problem, dict.fromkeys(problem.profiles(), (none, none, one)))
    return Mixture(Bundle((menu, last)), (0, 2))


def theorem(claim: Published) -> Settled:
    """Theorem 2: "there exists a linked mechanism that Pareto dominates [f1, f2] ... and is strategy-proof".

    The mixture of its proof, "for small enough epsilon". Gains from lying are linear in epsilon, so the largest epsilon
    without any is computed: for all pairs of strategy-proof votes on values -2, -1, 1, 2 and all (d1, d2), and for a
    mechanism with a lottery over three decisions. Where it applies the mixture dominates by construction.
    """
    count, least = _two_votes()
    lottery = menu_with_a_lottery()
    applies = lottery.bundle.is_strategy_proof and bool(lottery.improved.any())
    limit = lottery.largest_epsilon
    caveat = (
        "for deterministic mechanisms, and lotteries over two decisions. Case 1 of the proof takes different "
        "outcomes to be strictly worse for a liar; with lotteries over three decisions a type may be indifferent "
        "between two outcomes even though it ranks decisions strictly. Agent 1 values x, y, z at (2,1,0) or "
        "(4,1,0), agent 2 at (1,2,0); the first type gets y, the second x or z by a coin. x dominates the coin and "
        "not y, so the first type gains by saying that it is the second, at every epsilon above 0"
    )
    computed = f"{count} mixtures of two votes are strategy-proof up to epsilon = {text(least)} at least" + (
        f"; one with a lottery over three decisions up to {text(limit)} only" if applies else ""
    )
    method = "all lies at all profiles, gains as linear functions of epsilon"
    return sentence(
        least > 0,
        computed,
        method,
        caveat=caveat if applies and limit == 0 else "",
        wrong="a mixture of votes invites lies",
    )
