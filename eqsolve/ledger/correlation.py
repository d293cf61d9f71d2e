"""Correlation across Problems: errors of two linked votes when an agent's values on them hang together.

The linked mechanism of that section is not the one of Example 1: agents vote and name the problem that they care more
about, *or say that they are indifferent*. A tied vote goes to who scores higher on the problem: 1 for having named it,
1/2 for being indifferent, 0 for having named the other one; a fair coin decides equal scores. That is the only order
under which, as footnote 17 has it, errors arise only where both are indifferent.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

from eqsolve.exact.rational import text
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, figure, sentence
from eqsolve.processes import Copy, Intensity, Process

VALUES = tuple(map(Fraction, (2, 1, -1, -2)))
INTENSITIES = {"strong": ("2", "-2"), "weak": ("1", "-1")}
INDIFFERENT = Fraction(1, 2)
Pair = tuple[Fraction, Fraction]
Law = dict[Pair, Fraction]
Scores = tuple[Fraction, Fraction]
SCORES: tuple[Scores, ...] = ((Fraction(1), Fraction(0)), (INDIFFERENT, INDIFFERENT), (Fraction(0), Fraction(1)))


def copied(rho: Fraction) -> Law:
    """The second value is the first with probability rho, else an independent draw."""
    return _pairs(Copy(rho))


def alike_in_intensity(rho: Fraction) -> Law:
    """The second magnitude is the first with probability (1 + rho)/2, else the other one; signs are independent."""
    return _pairs(Intensity(rho, INTENSITIES))


def _pairs(process: Process) -> Law:
    """The law of an agent's values on two problems of the vote."""
    agent = bundled("voting").problem.agents[0]
    values = [kind.utility["b"] for kind in agent.types]
    law = process.law(agent, 2)
    return {(values[t[0]], values[t[1]]): law.probability(t) for t in law.vectors()}


def true_scores(t: Pair) -> Scores:
    """What an agent with these values honestly says about which problem matters more."""
    if abs(t[0]) == abs(t[1]):
        return INDIFFERENT, INDIFFERENT
    return (Fraction(1), Fraction(0)) if abs(t[0]) > abs(t[1]) else (Fraction(0), Fraction(1))


def _wins(own: Fraction, other: Fraction) -> Fraction:
    """Probability that a tied vote goes to the agent who scores `own`."""
    return Fraction(1, 2) if own == other else Fraction(int(own > other))


def error(law: Law) -> Fraction:
    """Probability that problem 1 is decided for the smaller total, in the linked vote with honest agents."""
    wrong = Fraction(0)
    for (s, p), (t, q) in itertools.product(law.items(), repeat=2):
        if s[0] * t[0] < 0 and abs(s[0]) != abs(t[0]):
            first_is_right = abs(s[0]) > abs(t[0])
            first = _wins(true_scores(s)[0], true_scores(t)[0])
            wrong += p * q * (1 - first if first_is_right else first)
    return wrong


def rationed_error(law: Law) -> Fraction:
    """The same in the mechanism of Example 1, where who cares equally names one problem by a coin."""
    wrong = Fraction(0)
    for (s, p), (t, q) in itertools.product(law.items(), repeat=2):
        if s[0] * t[0] < 0 and abs(s[0]) != abs(t[0]):
            sides = [(SCORES[0], SCORES[2]) if abs(x[0]) == abs(x[1]) else (true_scores(x),) for x in (s, t)]
            for a, b in itertools.product(*sides):
                first = _wins(a[0], b[0])
                share = p * q / (len(sides[0]) * len(sides[1]))
                wrong += share * (1 - first if abs(s[0]) > abs(t[0]) else first)
    return wrong


def largest_gain(law: Law) -> Fraction:
    """Largest interim gain from saying anything else than the truth, against an honest agent.

    An agent's own values do not inform it of the other's, so the gain is linear in the law of the other agent.
    """
    best = Fraction(0)
    for t in law:
        honest = _interim(law, t, t, true_scores(t))
        signs = (Fraction(1), Fraction(-1))
        votes = [(x, y) for x in signs for y in signs]
        best = max(best, *(_interim(law, t, vote, scores) - honest for vote in votes for scores in SCORES))
    return best


def _interim(law: Law, t: Pair, vote: Pair, scores: Scores) -> Fraction:
    """Expected v(b) - v(a) collected by an agent with values t."""
    total = Fraction(0)
    for s, q in law.items():
        for k in (0, 1):
            if vote[k] * s[k] > 0:
                chance = Fraction(int(vote[k] > 0))
            else:
                win = _wins(scores[k], true_scores(s)[k])
                chance = win if vote[k] > 0 else 1 - win
            total += q * chance * t[k]
    return total


def quadratic(values: Callable[[Fraction], Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    """Coefficients of the polynomial of degree 2 through the values at 0, 1/2 and 1."""
    at_0, at_half, at_1 = (values(Fraction(k, 2)) for k in range(3))
    second = 2 * (at_0 - 2 * at_half + at_1)
    return at_0, at_1 - at_0 - second, second


def polynomial_text(coefficients: tuple[Fraction, ...]) -> str:
    """A polynomial in rho as text."""
    powers = ("", " rho", " rho^2")
    return " + ".join(f"{text(c)}{power}" for c, power in zip(coefficients, powers, strict=True) if c) or "0"


def _settle(process: Callable[[Fraction], Law], ends: tuple[Fraction, Fraction]) -> Settled:
    """Compare the error probability with (1 + rho)^2/32.

    Errors are sums of products of two probabilities that are linear in rho, so polynomials of degree 2: three values
    determine them. Gains from lying are linear in rho: what holds at both ends holds between them.
    """
    found = quadratic(lambda rho: error(process(rho)))
    printed = quadratic(lambda rho: (1 + rho) ** 2 / 32)
    rationed = quadratic(lambda rho: rationed_error(process(rho)))
    honest = all(largest_gain(process(rho)) == 0 for rho in ends)
    caveat = (
        'the formula belongs to the vote with a message "indifferent", which this section brings in; in the mechanism '
        f"of Example 1, where exactly one problem has to be named, the probability is {polynomial_text(rationed)}"
    )
    wrong = (
        f"the probability is {polynomial_text(found)}" if honest else "the truth is no equilibrium of the linked vote"
    )
    method = (
        "enumeration of 16 x 16 type vectors at three values of rho, which determine a polynomial of degree 2; "
        "truth is an equilibrium at both ends of the range of rho, hence everywhere"
    )
    return sentence(honest and found == printed, polynomial_text(found), method, caveat=caveat, wrong=wrong)


def copying(claim: Published) -> Settled:
    """Correlation across Problems: v_i2 equals v_i1 with probability rho in [0, 1], else it is an independent draw."""
    return _settle(copied, (Fraction(0), Fraction(1)))


def intensities(claim: Published) -> Settled:
    """Correlation across Problems: v_i2 has the intensity of v_i1 with probability (1+rho)/2, rho in [-1, 1]."""
    return _settle(alike_in_intensity, (Fraction(-1), Fraction(1)))


def separate_votes(claim: Published) -> Settled:
    """Correlation across Problems: under separate votes "the total probability of such an error is 1/8".

    One problem decides it: opposite signs, different magnitudes, and a fair coin.
    """
    chance = sum(
        (
            Fraction(1, 2) / len(VALUES) ** 2
            for x, y in itertools.product(VALUES, repeat=2)
            if x * y < 0 and abs(x) != abs(y)
        ),
        Fraction(0),
    )
    return figure(claim, [chance], "enumeration of the 16 pairs of values on a problem")
