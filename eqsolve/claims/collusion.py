"""``no-collusion``: no equilibrium has the verdict collusive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eqsolve.claims import proofs
from eqsolve.judge.coordination import COLLUSIVE

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.claims.verdict import Verdict


def no_collusion(argument: Argument) -> Verdict:
    """Settle ``no-collusion``: a collusive equilibrium refutes it, and where nobody can gain there is none.

    Gains are measured against the label-free payoffs. In a maximal Nash subset an active agent's payoff is linear in
    what the other one does, so it is largest at a listed equilibrium: if no listed one of a complete list pays any
    active agent more than label-free play, no mixture of them does.
    """
    known = argument.knowledge
    if known.bounds_meet:
        return argument.proved(
            "floors meet ceilings: all equilibria pay what label-free play pays, so nobody gains",
            computed=known.floor,
            certificates=proofs.no_gain(argument),
        )
    if argument.game.n == 2:
        return argument.proved(
            "a coalition of two is everybody, so nobody outside can lose",
            caveat="equilibria in which both agents coordinate may exist; they count as improving",
        )
    found = []
    for e in known.equilibria():
        if e.coordination.verdict == COLLUSIVE:
            return argument.refuted(
                "an equilibrium with regret 0 in which a coalition gains and somebody else loses",
                [e],
                certificates=proofs.collusion_found(argument, e),
            )
        found.append(e)
    gains = [e.coordination.gain for e in found]
    if known.complete is not None and None not in gains:
        if all(gain[i] <= 0 for gain in gains if gain is not None for i in argument.game.active):
            return argument.proved("all equilibria are listed, and none pays anybody more than label-free play")
        return argument.open(
            "all extreme equilibria are listed and none is collusive, but somebody gains in some: mixtures of them "
            "were not all judged"
        )
    return argument.open(f"{len(found)} equilibria were found, none of them collusive; others may exist")
