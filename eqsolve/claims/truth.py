"""``truthful``: every equilibrium is approximately truthful, that is, permutation-free.

Jackson and Sonnenschein (2003, section 3) define approximate truth by fewest lies, and their proof of Theorem 1 shows
that best replies are permutation-free. The verdict is about the second; the caveat says what happens to the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eqsolve.claims import proofs
from eqsolve.judge.truth import FEWEST_LIES, NOT_TRUTHFUL, worst

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.claims.verdict import Verdict

NOT_FEWEST = "not every equilibrium has fewest lies, the sense in which the source defines approximate truth"


def truthful(argument: Argument) -> Verdict:
    """Settle ``truthful``: an equilibrium that swaps announcements around refutes it.

    A complete list proves it, since what a mixture of equilibria plays, one of them plays; so does dominance that
    leaves permutation-free announcements only.
    """
    known = argument.knowledge
    survivors = known.surviving_truth
    if survivors is not None and survivors != NOT_TRUTHFUL:
        return argument.proved(
            "every announcement that swaps types around is interim dominated (iterated)",
            caveat="" if survivors == FEWEST_LIES else _fewest_lies_caveat(argument),
            certificates=proofs.truthful_proved(argument),
        )
    seen = []
    for e in known.equilibria():
        if e.truthful == NOT_TRUTHFUL:
            kind = "the label-free equilibrium" if e.label_free else "an equilibrium with regret 0"
            return argument.refuted(
                f"{kind} swaps announcements around",
                [e],
                caveat=f"{NOT_FEWEST}, either",
                certificates=proofs.truthful_refuted(argument, e),
            )
        seen.append(e.truthful)
    if known.complete is not None and None not in seen:
        caveat = "" if worst(filter(None, seen)) == FEWEST_LIES else NOT_FEWEST
        return argument.proved("all equilibria are listed, and each is permutation-free", caveat=caveat)
    lies = [e for e in known.equilibria() if e.truthful not in (FEWEST_LIES, None)]
    return argument.open(
        f"{len(seen)} equilibria were found, all of them permutation-free; others may exist",
        caveat=NOT_FEWEST if lies else "",
    )


def _fewest_lies_caveat(argument: Argument) -> str:
    """What is known about fewest lies where all equilibria are permutation-free."""
    known = argument.knowledge
    if any(e.truthful not in (FEWEST_LIES, None) for e in known.equilibria()):
        return NOT_FEWEST
    if known.complete is not None:
        return ""
    return "whether every equilibrium has fewest lies stays open"
