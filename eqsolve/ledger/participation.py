"""Fang and Norman, sections 5 and 6: Propositions 1 and 2 on finite issues, and the example of section 5.2."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from eqsolve.exact.rational import text
from eqsolve.ledger.formulas import value
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.participation.curve import ParticipationPoint, participation_curve
from eqsolve.participation.groves import LinkedGroves
from eqsolve.participation.issue import IssueSequence

LARGEST = 200
AS_PRINTED = "as printed"
SAMPLE = (*range(1, 41), 60, 80, 100, 150, LARGEST)


@cache
def points(model: str, mechanism: str) -> tuple[ParticipationPoint, ...]:
    """Participation in a bundled model: all K up to 200 in the Groves mechanism, a sample of them in the veto game."""
    from eqsolve.io.participation_file import load_participation

    copies = range(1, LARGEST + 1) if mechanism == "groves" else SAMPLE
    return participation_curve(load_participation(model).sequence, copies, mechanism).points


def bargaining(claim: Published) -> Settled:
    """Proposition 1 on the bargaining problem of Jackson and Sonnenschein's Example 4, K = 1 to 200.

    The probability that an agent's participation constraint (19) holds, exactly, by the law of how often each value
    occurs. Copies of one issue are regular, so that it tends to 1 is the proposition's; whether it rises is not.
    """
    found = points("bargaining-issues", "groves")
    holds = [min(p.holds or ()) for p in found]
    falls = [found[k].last for k in range(1, len(holds)) if holds[k] < holds[k - 1]]
    computed = (
        f"{text(holds[0])} at K = 1, {text(holds[1])} at 2, {text(holds[4])} at 5, "
        f"1 − {float(1 - holds[49]):.2g} at 50, 1 − {float(1 - holds[-1]):.2g} at {LARGEST}"
    )
    wrong = (
        f"it tends to 1, but does not rise with K: it falls {len(falls)} times up to K = {LARGEST}, first at K = "
        f"{', '.join(map(str, falls[:4]))}, where no more unlucky values "
        "than before are too many. The proposition itself, a K beyond which it is near 1, is confirmed"
    )
    method = f"exact law of the sum of interim payoffs, K = 1 to {LARGEST}"
    return sentence(not falls, computed, method, wrong=wrong)


def veto(claim: Published) -> Settled:
    """Proposition 2: an equilibrium of the veto game (24) with efficiency almost for sure and a budget surplus.

    Best replies from "nobody vetoes", checked to be replies to each other, for the bargaining problem and for a public
    good with three agents.
    """
    parts, holds, late = [], True, []
    for name, what in (("bargaining-issues", "bargaining"), ("public-goods", "public good")):
        found = points(name, "veto")
        if any(not p.veto or not p.veto.equilibria for p in found):
            return sentence(False, "", _VETO, wrong=f"replies from nobody vetoing find no equilibrium for the {what}")
        outcomes = [(p.last, p.veto.equilibria[0].outcome) for p in found if p.veto]
        deficits = [k for k, outcome in outcomes if outcome.budget < 0]
        last = outcomes[-1][1]
        holds = holds and last.no_veto > 1 - Fraction(1, 10**5) and last.budget > 0
        late.append(f"{what} a deficit at K = {', '.join(map(str, deficits))}")
        parts.append(
            f"{what}, K = {LARGEST}: a veto with probability {float(1 - last.no_veto):.2g}, "
            f"surplus {float(last.budget):.6g}"
        )
    caveat = f"for K large enough, as the proposition says: {'; '.join(late)}"
    return sentence(holds, "; ".join(parts), _VETO, caveat=caveat, wrong="efficiency or the budget fails at K = 200")


_VETO = f"best replies from nobody vetoing, exact, K up to {LARGEST}"


def failing_surplus(claim: Published) -> Settled:
    """Section 5.2: maximised surplus, E[s_k] = 1 and E[s_k | l] = α.

    At 40 values of k and three of α, end points included. All sides are rational functions of k of degree at most 6,
    and linear in α as long as the rule is the same at both ends, so equality there is equality everywhere.
    """
    right = True
    for alpha in (Fraction(0), Fraction(1, 4), Fraction(1, 2)):
        sequence = _failing(alpha)
        for k in range(1, 41):
            issue = sequence.issue(k)
            square = Fraction((k + 1) ** 2)
            both = square**2 * (1 - 2 * alpha * k * (k + 2) / square)
            right &= issue.surplus == (Fraction(0), alpha * square, alpha * square, both)
            right &= issue.expected_surplus == 1
            right &= issue.surplus_given(0, issue.priors)[0] == alpha
    caveat = "(22) prints d_k = 0 in both lines: the cost (k + 1)² is that of d_k = 1"
    method = "maximum over decisions at every profile; k = 1 to 40, α = 0, 1/4, 1/2, which settles all k and α"
    right &= claim.printed in (None, AS_PRINTED)
    return sentence(right, AS_PRINTED, method, caveat=caveat, wrong="not as printed")


def failing_participation(claim: Published) -> Settled:
    """Section 5.2: probability (K+2)/(2(K+1)) and payoff (α − 1/2)K of the type that is l everywhere.

    For K = 1 to 50 and α = 1/4, with the exact probability that an agent's constraint fails; that is 1/2 and more if
    those of other types who fail are counted, too.
    """
    alpha = Fraction(1, 4)
    sequence = _failing(alpha)
    right, fails, printed = True, [], claim.figures
    for k in range(1, 51):
        economy = sequence.economy(k)
        groves = LinkedGroves(economy)
        low = Fraction(1)
        for issue in economy.issues:
            low *= issue.priors[0][0]
        right &= low == Fraction(k + 2, 2 * (k + 1)) and groves.gain(0, [0] * k) == (alpha - Fraction(1, 2)) * k
        right &= len(printed) == 2 and [_read(part, k, alpha) for part in printed] == [low, groves.gain(0, [0] * k)]
        fails.append(1 - groves.willing(0).probability)
        right &= fails[-1] >= low > Fraction(1, 2)
    method = (
        "exact law of participation, K = 1 to 50 and α = 1/4; with other types an agent's constraint fails with "
        f"probability {text(fails[0])} at K = 1, {float(fails[9]):.4f} at 10, {float(fails[-1]):.4f} at 50"
    )
    return sentence(right, "(K+2)/(2(K+1)), (alpha - 1/2)K", method, wrong="not as printed")


def _read(formula: str, k: int, alpha: Fraction) -> Fraction | None:
    """Value of a printed formula; None if it is none."""
    try:
        return value(formula, K=Fraction(k), alpha=alpha)
    except ValueError:
        return None


def _failing(alpha: Fraction) -> IssueSequence:
    from eqsolve.io.participation_file import load_participation

    return load_participation("participation-fails", {"alpha": text(alpha)}).sequence
