"""Certificates for verdicts, where they are asked for and a format covers the argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from eqsolve.certificate.check import check
from eqsolve.errors import NotSupported
from eqsolve.io import certificate_file as files
from eqsolve.judge import bounds
from eqsolve.judge.truth import CLASSES, FEWEST_LIES, PERMUTATION_FREE, TruthJudge
from eqsolve.linking import LinkedGame
from eqsolve.solution import Equilibrium

if TYPE_CHECKING:
    from eqsolve.claims.argument import Argument
    from eqsolve.claims.bracket import Bracket

Documents = tuple[Mapping[str, Any], ...]
End = dict[str, tuple[Fraction, dict[str, Any]]]
"""Bounds with evidence, keyed by agent."""


def has_certificates(game: LinkedGame) -> bool:
    """Whether certificates can tell of such a game: not where payoffs are no sum over independent problems."""
    try:
        files.game_block(game)
    except NotSupported:
        return False
    return True


def payoffs_proved(argument: Argument, bracket: Bracket | None) -> Documents:
    """That all equilibria pay the same: the ends of a bracket meet; by default floors and ceilings."""
    return _all_pay(argument, files.payoffs_unique_proved, bracket)


def no_gain(argument: Argument) -> Documents:
    """That nobody can gain because floors meet ceilings."""
    return _all_pay(argument, files.no_collusion_proved, None)


def payoffs_refuted(argument: Argument, extremes: Sequence[Equilibrium], bracket: Bracket) -> Documents:
    """That equilibria pay differently, and within which bounds all of them pay."""
    if not argument.certify:
        return ()
    return (*witnesses_pay_differently(argument, extremes), *_bounds(argument, bracket))


def witnesses_pay_differently(argument: Argument, witnesses: Sequence[Equilibrium]) -> Documents:
    """That two of the witnesses pay differently, and that the others are equilibria."""
    listed = [e.strategies for e in witnesses if e.strategies is not None]
    if not argument.certify or len(listed) < 2:
        return ()
    game, says = argument.game, argument.claim.says
    pair = (
        files.payoffs_unique_refuted(game, *listed[:2])
        if says == "payoffs-unique"
        else files.unique_refuted(game, says, *listed[:2])
    )
    return (pair, *(files.equilibrium_found(game, profile) for profile in listed[2:]))


def _bounds(argument: Argument, bracket: Bracket) -> Documents:
    """Bounds on all payoffs, as tight as evidence covers them: a complete list itself is no evidence."""
    ends = _ends(argument, bracket)
    if not any(any(side.values()) for side in ends):
        return ()
    names = [a.name for a in argument.game.problem.agents]
    values = [[side[n][0] if n in side else None for n in names] for side in ends]
    lower, upper = ({n: evidence for n, (_, evidence) in side.items()} for side in ends)
    return (files.bounds_proved(argument.game, values[0], values[1], lower, upper),)


def bracket_only(argument: Argument, bracket: Bracket) -> Documents:
    """What is proved of a claim that stays open: the bracket."""
    return _bounds(argument, bracket) if argument.certify else ()


def truthful_refuted(argument: Argument, e: Equilibrium, sense: str) -> Documents:
    """That an equilibrium plays a message that is not truthful in the given sense."""
    if not argument.certify or e.strategies is None:
        return ()
    game, judge = argument.game, TruthJudge(argument.game)
    good = CLASSES[: CLASSES.index(sense) + 1]
    for i, strategy in enumerate(e.strategies):
        types = len(game.problem.agents[i].types)
        for t, message, table in strategy.lie_tables(types):
            if judge.classify(i, table) not in good:
                return (files.truthful_refuted(game, sense, e.strategies, i, t, message),)
    return ()


def truthful_proved(argument: Argument) -> Documents:
    """That only permutation-free messages survive dominance."""
    left = argument.knowledge.undominated
    if not argument.certify or left is None:
        return ()
    sense = FEWEST_LIES if argument.knowledge.surviving_truth == FEWEST_LIES else PERMUTATION_FREE
    return (files.truthful_proved(argument.game, sense, left.reduction()),)


def collusion_found(argument: Argument, e: Equilibrium) -> Documents:
    """That an equilibrium is collusive, against the label-free one."""
    reference = next((x for x in argument.knowledge.equilibria() if x.label_free), None)
    if not argument.certify or e.strategies is None or reference is None or reference.strategies is None:
        return ()
    for coalition in e.coordination.coalitions:
        document = files.no_collusion_refuted(argument.game, e.strategies, reference.strategies, coalition)
        if check(document).valid:  # several coalitions may coordinate, and not all of them gain at others' expense
            return (document,)
    return ()


def outcomes_differ(argument: Argument, pair: Sequence[Equilibrium]) -> Documents:
    """That two equilibria differ in what they do, however problems are renamed."""
    first, second = (e.strategies for e in pair[:2])
    if not argument.certify or first is None or second is None:
        return ()
    return (files.unique_refuted(argument.game, argument.claim.says, first, second),)


def unique_proved(argument: Argument) -> Documents:
    """That all messages which dominance leaves come to the same, if they do: the checker decides."""
    left = argument.knowledge.undominated
    if not argument.certify or left is None:
        return ()
    document = files.unique_proved(argument.game, argument.claim.says, left.reduction())
    return (document,) if check(document).valid else ()


def figure(argument: Argument, computed: Sequence[Fraction | None]) -> Documents:
    """That a figure is what it is."""
    if not argument.certify:
        return ()
    game, claim = argument.game, argument.claim
    names = [a.name for a in game.problem.agents]
    if claim.of == "target":
        return (files.payoff_proved(game, claim.of, computed, claim.printed, {}),)
    producers = {
        "floor": bounds.floor_evidence,
        "ceiling": bounds.ceiling_evidence,
        "label-free": bounds.label_free_evidence,
    }
    evidence = {name: producers[claim.of](game, i) for i, name in enumerate(names)}
    if None in evidence.values():
        return ()
    return (files.payoff_proved(game, claim.of, computed, claim.printed, evidence),)


def _all_pay(argument: Argument, build: Any, bracket: Bracket | None) -> Documents:
    if not argument.certify:
        return ()
    lower, upper = _ends(argument, bracket)
    names = [a.name for a in argument.game.problem.agents]
    if any(n not in lower or n not in upper or lower[n][0] != upper[n][0] for n in names):
        return ()
    evidence = ({n: e for n, (_, e) in side.items()} for side in (lower, upper))
    return (build(argument.game, [lower[n][0] for n in names], *evidence),)


def _ends(argument: Argument, bracket: Bracket | None) -> tuple[End, End]:
    """The tightest lower and upper ends that evidence covers."""
    game, known = argument.game, argument.knowledge
    lower: End = {}
    upper: End = {}
    for i, agent in enumerate(game.problem.agents):
        proofs = (None, None) if bracket is None else bracket.proofs[i]
        for side, bound, plain, produce in (
            (lower, proofs[0], known.floor[i], bounds.floor_evidence),
            (upper, proofs[1], known.ceiling[i], bounds.ceiling_evidence),
        ):
            if bound is not None:
                side[agent.name] = (bound.value, bound.evidence)
            elif plain is not None and (evidence := produce(game, i)) is not None:
                side[agent.name] = (plain, evidence)
    return lower, upper
