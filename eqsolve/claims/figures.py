"""``payoff``: a printed figure is right if the computed one is within half a unit of its last digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eqsolve.claims import proofs
from eqsolve.claims.verdict import Payoffs
from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.printed import agrees
from eqsolve.mechanisms.optimal import optimal_mechanism

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.claims.verdict import Verdict


def payoff(argument: Argument) -> Verdict:
    """Settle a printed figure: of the label-free equilibria, of truth under the rule, of a floor or a ceiling."""
    claim, known = argument.claim, argument.knowledge
    if not claim.printed:
        raise ModelError("claim: a payoff claim needs printed figures, expected printed = { agent = figure }")
    printed = _by_agent(argument)
    computed: Payoffs | None
    if claim.of == "target":
        computed, how = argument.game.rule.target(), "truth under the rule"
    elif claim.of == "label-free":
        computed, how = known.label_free_payoffs, "the label-free equilibria, by transportation problems"
    elif claim.of == "floor":
        computed, how = known.floor, "the security level of label-free play"
    elif claim.of == "ceiling":
        computed, how = known.ceiling, "the best response to known messages"
    elif claim.of == "optimal":
        computed, how = _optimal(argument), "the best incentive compatible mechanism, by an exact linear program"
    else:
        raise ModelError(f"claim: a figure of {claim.of!r}, expected target, label-free, floor, ceiling or optimal")
    if computed is None or any(computed[i] is None for i in printed):
        return argument.open(f"not computed: {how}")
    try:
        right = all(agrees(text, value) for i, text in printed.items() if (value := computed[i]) is not None)
    except ValueError as error:
        raise ModelError(f"claim: {error}") from None
    certificates = proofs.figure(argument, computed) if right and claim.of != "optimal" else ()
    settle = argument.proved if right else argument.refuted
    return settle(how, computed=computed, certificates=certificates)


def _optimal(argument: Argument) -> Payoffs | None:
    """Payoffs in the mechanism that maximises the rule's objective among all incentive compatible ones on K copies."""
    game = argument.game
    try:
        best = optimal_mechanism(
            game.problem, game.copies, weights=game.rule.objective, max_seconds=argument.knowledge.remaining()
        )
    except SizeError:
        return None
    return None if best is None else best.payoffs


def _by_agent(argument: Argument) -> dict[int, str]:
    """Printed figures by agent index."""
    names: Sequence[str] = [a.name for a in argument.game.problem.agents]
    for name in argument.claim.printed:
        if name not in names:
            raise ModelError(f"claim: printed for {name!r}, expected one of {', '.join(map(repr, names))}")
    return {names.index(name): text for name, text in argument.claim.printed.items()}
