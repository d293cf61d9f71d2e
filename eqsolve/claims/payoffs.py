"""``payoffs-unique``: all Bayesian equilibria give every agent the same ex ante payoff."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

from eqsolve.claims import proofs
from eqsolve.claims.bracket import tightest_bracket
from eqsolve.claims.knowledge import extreme_payoffs

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.claims.verdict import Verdict


def payoffs_unique(argument: Argument) -> Verdict:
    """Settle ``payoffs-unique``: floors and ceilings first, then two equilibria that pay differently, then brackets.

    Two equilibria with different payoffs refute it whatever else exists; meeting bounds or a complete list prove it.
    """
    known = argument.knowledge
    if known.bounds_meet:
        return argument.proved(
            "floors meet ceilings", computed=known.floor, certificates=proofs.payoffs_proved(argument, None)
        )
    tightest = tightest_bracket(argument)
    if tightest.is_point:
        return argument.proved(
            tightest.method,
            bracket=tightest.intervals,
            computed=[lo for lo, _ in tightest.intervals],
            certificates=proofs.payoffs_proved(argument, tightest),
        )
    if known.found != tightest.intervals:
        collections.deque(known.equilibria(), maxlen=0)
    found = known.seen
    extremes = extreme_payoffs(found)
    if len(extremes) > 1:
        sharp = tightest.words(known.found, [a.name for a in argument.game.problem.agents])
        return argument.refuted(
            "; ".join(filter(None, [f"{len(found)} equilibria were found and pay differently", sharp])),
            extremes,
            bracket=tightest.intervals,
            certificates=proofs.payoffs_refuted(argument, extremes, tightest),
        )
    return argument.open(
        f"{tightest.method}; no equilibrium was found that pays otherwise than the label-free one",
        bracket=tightest.intervals,
        certificates=proofs.bracket_only(argument, tightest),
    )
