"""``outcome-unique`` and ``equilibrium-unique``: whether all equilibria do the same, up to renaming the problems.

*Outcome-unique*: all equilibria map every profile of type vectors to the same lottery over decisions, problem by
problem. *Equilibrium-unique*: they are the same up to payoff-equivalent announcements. One renaming of the problems is
applied to everybody.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from eqsolve.claims import proofs
from eqsolve.errors import SizeError
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.judge.outcome import OutcomeMap, Tie, renamed, renamings, tie_that_moves_outcomes
from eqsolve.solution import Equilibrium
from eqsolve.strategy import Strategy, expected_payoffs

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.claims.verdict import Verdict


def outcome_unique(argument: Argument) -> Verdict:
    """Settle ``outcome-unique``: by payoffs that differ, by outcomes that do, or by a complete list that agrees."""
    refuted = _payoffs_differ(argument)
    if refuted is not None:
        return refuted
    found = list(argument.knowledge.equilibria())
    try:
        pair = _different_outcomes(argument, found)
    except SizeError as error:
        return argument.open(str(error))
    if pair is not None:
        return argument.refuted(
            "equilibria with the same payoffs but different outcomes",
            pair,
            certificates=proofs.outcomes_differ(argument, pair),
        )
    if _same_throughout(argument):
        return argument.proved(
            "all equilibria are listed, and they lead to the same outcomes",
            computed=found[0].payoffs,
            certificates=proofs.unique_proved(argument),
        )
    return argument.open(f"{len(found)} equilibria were found, all with the same outcomes; others may exist")


def equilibrium_unique(argument: Argument) -> Verdict:
    """Settle ``equilibrium-unique``: a complete list with one entry proves it, a second equilibrium refutes it.

    If a complete list has a maximal Nash subset of several equilibria, there are infinitely many, and only finitely
    many are renamings of each other.
    """
    refuted = _payoffs_differ(argument)
    if refuted is not None:
        return refuted
    known = argument.knowledge
    found = list(known.equilibria())
    extreme = _extreme(argument)
    if known.complete is not None and len(extreme) == 1:
        if not _ties_are_equivalent(argument, found[extreme[0]]):
            return argument.refuted(
                "the equilibria form a continuum: ties that move nobody's payoff can be broken in ways that are not "
                "payoff-equivalent elsewhere",
                [found[extreme[0]]],
            )
        return argument.proved(
            "all equilibria are listed: a single one",
            computed=found[0].payoffs,
            certificates=proofs.unique_proved(argument),
        )
    if known.complete is not None:
        widest = max(known.complete.subsets, key=len)
        if len(widest) > 1:
            ends = [known.complete[k] for k in widest[:2]]
            return argument.refuted("the equilibria form a continuum; all of them pay the same", ends)
    try:
        pair = _not_equivalent(argument, found)
    except SizeError as error:
        return argument.open(str(error))
    if pair is not None:
        return argument.refuted(
            "equilibria with the same payoffs whose strategies cannot stand for each other: somebody's payoff moves",
            pair,
        )
    return argument.open(f"{len(found)} equilibria were found that may be renamings of each other; others may exist")


def _payoffs_differ(argument: Argument) -> Verdict | None:
    """Refutes either claim: payoffs do not depend on how the problems are named."""
    known = argument.knowledge
    if known.bounds_meet:
        return None
    _ = known.ranges  # quick, and leaves the equilibria at both ends behind
    first: Equilibrium | None = None
    for e in itertools.chain(known.seen, known.equilibria()):
        if first is None:
            first = e
        elif e.payoffs != first.payoffs:
            return argument.refuted(
                "equilibria with different payoffs",
                [first, e],
                certificates=proofs.outcomes_differ(argument, [first, e]),
            )
    return None


def _extreme(argument: Argument) -> list[int]:
    """Indices of the extreme equilibria of a complete list."""
    complete = argument.knowledge.complete
    return sorted({k for subset in complete.subsets for k in subset}) if complete is not None else []


def _same_throughout(argument: Argument) -> bool:
    """Whether all mixtures within every maximal Nash subset of a complete list lead to the same outcomes.

    Outcomes are multilinear in the strategies, so the extreme pairs decide, provided that all of them are listed.
    """
    complete = argument.knowledge.complete
    if complete is None or complete.shortened:
        return False
    for subset in complete.subsets:
        maps = [m for _, m in _maps(argument, [complete[k] for k in subset])]
        if len(maps) < len(subset) or any(m.table != maps[0].table for m in maps[1:]):
            return False
    return True


def _maps(argument: Argument, found: list[Equilibrium]) -> list[tuple[Equilibrium, OutcomeMap]]:
    return [(e, OutcomeMap(argument.game, e.strategies)) for e in found if e.strategies is not None]


def _different_outcomes(argument: Argument, found: list[Equilibrium]) -> list[Equilibrium] | None:
    """Two equilibria with different outcomes, also among the ways to break free ties."""
    for e in found:
        if e.strategies is not None and e.free is not None and any(e.free):
            tie = tie_that_moves_outcomes(argument.game, e.strategies, e.free)
            if tie is not None:
                return _broken_differently(argument, tie)
    maps = _maps(argument, found)
    for e, outcomes in maps[1:]:
        if not outcomes.same_outcomes(maps[0][1]):
            return [maps[0][0], e]
    return None


def _broken_differently(argument: Argument, tie: Tie) -> list[Equilibrium]:
    """Two ways to break a tie whose outcomes differ however problems are renamed.

    Outcomes are affine in how the tie is broken, so the shares of the second message give infinitely many outcome
    maps, and only finitely many of them are renamings of the first.
    """
    first = OutcomeMap(argument.game, tie.broken(Fraction(0)))
    for denominator in itertools.count(1):
        second = OutcomeMap(argument.game, tie.broken(Fraction(1, denominator)))
        if not second.same_outcomes(first):
            return [argument.knowledge.judged(m.profile) for m in (first, second)]
    raise AssertionError("finitely many renamings")


def _not_equivalent(argument: Argument, found: list[Equilibrium]) -> list[Equilibrium] | None:
    """Two equilibria that differ in more than payoff-equivalent announcements, however problems are renamed."""
    listed = [e for e in found if e.strategies is not None]
    for e in listed[1:]:
        if not any(_interchangeable(argument, listed[0], e, order) for order in renamings(argument.game.copies)):
            return [listed[0], e]
    return None


def _interchangeable(argument: Argument, first: Equilibrium, second: Equilibrium, order: Sequence[int]) -> bool:
    """Whether each agent may play the renamed second equilibrium's strategy within the first without moving a payoff.

    Equilibrium strategies survive dominance, so announcements that are payoff-equivalent move nothing there.
    """
    argument.knowledge.remaining()
    if first.strategies is None or second.strategies is None:
        return True
    for i, strategy in enumerate(second.strategies):
        other = Strategy(
            {renamed(t, order): {renamed(m, order): p for m, p in plan.items()} for t, plan in strategy.plan.items()}
        )
        if set(other.plan) != set(first.strategies[i].plan):
            return False
        profile = (*first.strategies[:i], other, *first.strategies[i + 1 :])
        if expected_payoffs(argument.game, profile) != first.payoffs:
            return False
    return True


def _ties_are_equivalent(argument: Argument, e: Equilibrium) -> bool:
    """Whether the messages of every free tie are payoff-equivalent in the game that dominance leaves."""
    game = argument.game
    form = ExplicitForm(game)
    reduced = ReducedGame(form.bayesian)
    for p, i in enumerate(game.active):
        free = (e.free or ())[i] if e.free else {}
        for t, messages in free.items():
            classes = reduced.classes[p][form.vectors[p].index(t)]
            tied = {form.action(p, t, m) for m in messages}
            if not any(tied <= set(members) for members in classes):
                return False
    return True
