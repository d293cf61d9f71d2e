"""Example 1: what the best incentive compatible votes are, alone and linked."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from eqsolve.exact.rational import text
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.ledger.voting import linked, separate
from eqsolve.mechanisms.completed import Completion
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.freedom import freedom
from eqsolve.mechanisms.optimal import optimal_mechanism
from eqsolve.mechanisms.separate import rule_as_mechanism


@cache
def best_sum(copies: int) -> Fraction:
    """Largest sum of payoffs per problem of a Bayesian incentive compatible mechanism for linked votes."""
    return optimal_mechanism(bundled("voting").problem, copies).welfare


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


def only_anonymous_and_neutral(claim: Published) -> Settled:
    """Footnote 2: the vote "is the unique such mechanism which is also anonymous and neutral".

    Among the incentive compatible mechanisms that attain the largest sum and are anonymous (agents exchanged) and
    neutral (decisions exchanged, signs turned), which are the symmetries of the problem, the smallest and largest
    probability of each decision at each of the 16 profiles; and whether the one that is left is the vote.
    """
    best = optimal_mechanism(bundled("voting").problem, 1)
    profiles = len(best.orbits.blocks)
    free = {block for block, _, _ in freedom(best, symmetric=True)}
    vote = rule_as_mechanism(separate(1).rule)
    method = "linear programs: range of P(b) at each of the 16 profiles over all optimal, anonymous, neutral mechanisms"
    return sentence(
        not free and best.lotteries == vote.lotteries,
        f"P(b) is determined at {profiles - len(free)} of {profiles} profiles",
        method,
        wrong="other mechanisms of the kind exist",
    )


@cache
def completed(copies: int, aim: str) -> DirectMechanism:
    """The vote in which the mechanism places the forced lies, with this aim."""
    return Completion(linked(copies), aim).mechanism()


def mechanism_places_the_lies(claim: Published) -> Settled:
    """Example 1: the "improved (in fact optimal) version", in which the mechanism places the forced lies.

    It "picks these problems by coordinating across the two agents in such a way to best match the announcements", so
    that a lie does not fall "on problems where the other agent truly cares intensely": taken as keeping the strong
    announcements of the two agents apart. Its sum of payoffs at K = 2 and the gains from lying by enumeration, against
    the linear program over all Bayesian incentive compatible linked mechanisms.
    """
    best = best_sum(2)
    (apart, gain), (greedy, greedy_gain) = (
        (sum(found.payoffs, Fraction(0)), found.regret) for found in (completed(2, "apart"), completed(2, "welfare"))
    )
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
