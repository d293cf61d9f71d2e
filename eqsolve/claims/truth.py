"""``truthful``: every equilibrium is approximately truthful, that is, permutation-free.

Jackson and Sonnenschein (2003, section 3) define approximate truth by fewest lies, and their proof of Theorem 1 shows
that best replies are permutation-free. The verdict is about the second; the caveat says what happens to the first.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from eqsolve.claims import proofs
from eqsolve.claims.bracket import JOINT_LAW_SECONDS
from eqsolve.claims.verdict import OPEN, PROVED, REFUTED
from eqsolve.engines.transport import Table
from eqsolve.errors import LimitReached, NotSupported, SizeError
from eqsolve.judge import bounds
from eqsolve.judge.truth import CLASSES, FEWEST_LIES, NOT_TRUTHFUL, PERMUTATION_FREE, TruthJudge

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.claims.verdict import Verdict
    from eqsolve.solution import Equilibrium

BY_JOINT_LAW = "no joint law of types and announcements from which nobody gains by deviating swaps types around"
BY_DOMINANCE = "every announcement that swaps types around is interim dominated (iterated)"

NOT_FEWEST = "not every equilibrium has fewest lies, the sense in which the source defines approximate truth"


def truthful(argument: Argument) -> Verdict:
    """Settle ``truthful``: an equilibrium that swaps announcements around refutes it.

    Dominance that leaves permutation-free announcements only proves it, and so does a complete list, since what a
    mixture of equilibria plays, one of them plays. What becomes of fewest lies is told beside the verdict.
    """
    known = argument.knowledge
    survivors = known.surviving_truth
    if survivors == FEWEST_LIES:
        return argument.proved(BY_DOMINANCE, fewest_lies=PROVED, certificates=proofs.truthful_proved(argument))
    liar, found = None, 0
    for e in known.equilibria():
        found += 1
        if e.truthful == NOT_TRUTHFUL:
            kind = "the label-free equilibrium" if e.label_free else "an equilibrium with regret 0"
            return argument.refuted(
                f"{kind} swaps announcements around",
                [e],
                fewest_lies=REFUTED,
                caveat=f"{NOT_FEWEST}, either",
                certificates=proofs.truthful_refuted(argument, e, PERMUTATION_FREE),
            )
        if e.truthful == PERMUTATION_FREE and liar is None:
            liar = e
    return _without_swaps(argument, survivors, liar, found)


def _without_swaps(argument: Argument, survivors: str | None, liar: Equilibrium | None, found: int) -> Verdict:
    """No equilibrium was found that swaps announcements; `liar` is one without fewest lies."""
    known = argument.knowledge
    listed = known.complete is not None and all(e.truthful is not None for e in known.complete)
    more: dict[str, Any] = {"fewest_lies": PROVED if listed else OPEN}
    shown: tuple[Any, ...] = ()
    if liar is not None:
        more = {"fewest_lies": REFUTED, "caveat": NOT_FEWEST, "witnesses": [liar]}
        shown = proofs.truthful_refuted(argument, liar, FEWEST_LIES)
    if survivors == PERMUTATION_FREE:
        return argument.proved(BY_DOMINANCE, certificates=(*proofs.truthful_proved(argument), *shown), **more)
    if listed:
        return argument.proved("all equilibria are listed, and each is permutation-free", certificates=shown, **more)
    if liar is None and _plays_only(argument, CLASSES[:1]):
        return argument.proved(BY_JOINT_LAW, fewest_lies=PROVED)
    if _plays_only(argument, CLASSES[:2]):
        return argument.proved(BY_JOINT_LAW, certificates=shown, **more)
    return argument.open(
        f"{found} equilibria were found, all of them permutation-free; others may exist", certificates=shown, **more
    )


def _plays_only(argument: Argument, good: Sequence[str]) -> bool:
    """Whether the joint law of types and announcements leaves no probability for classes that are not good."""
    known, game = argument.knowledge, argument.game
    if known.surviving_truth is None:
        return False
    judge = TruthJudge(game)

    def bad(i: int, table: Table) -> bool:
        """Whether what agent i does by a lie table is of a class that is not good."""
        return judge.classify(i, table) not in good

    for i in game.active:
        remaining = known.remaining()
        deadline = time.monotonic() + min(JOINT_LAW_SECONDS, remaining or JOINT_LAW_SECONDS)
        try:
            probability = bounds.largest_probability(game, i, partial(bad, i), deadline=deadline)
        except (SizeError, NotSupported):
            return False
        except LimitReached:
            known.remaining()
            return False
        if probability != 0:
            return False
    return True
