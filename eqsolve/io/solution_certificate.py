"""Certificates for what `solve` answers: every listed equilibrium, and the bounds on all equilibria."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from eqsolve.io.certificate_file import Document, Evidence, bounds_proved, equilibrium_found, game_block, payoff_proved
from eqsolve.judge import bounds
from eqsolve.linking import LinkedGame
from eqsolve.solution import Equilibrium, Solution

MAX_EQUILIBRIA = 1_000
"""Equilibria that are certified: each brings a description of the game with it."""
Producer = Callable[[LinkedGame, int], Document | None]
"""What shows a bound on an agent's payoff."""


def equilibrium_certificates(game: LinkedGame, equilibria: Iterable[Equilibrium]) -> list[Document]:
    """That equilibria with listed strategies are equilibria and pay what they do; the first `MAX_EQUILIBRIA` of them.

    Raises
    ------
    NotSupported
        For games of which certificates cannot tell: with a filter, walking away or a type process.
    """
    game_block(game)  # also where no equilibrium is listed
    listed = [e.strategies for e in equilibria if e.strategies is not None]
    return [equilibrium_found(game, profile) for profile in listed[:MAX_EQUILIBRIA]]


def bounds_certificate(solution: Solution) -> Document | None:
    """That floors and ceilings hold for all equilibria; None if there are none, or no evidence covers them.

    Raises
    ------
    NotSupported
        As `equilibrium_certificates`.
    SizeError
        If the evidence is too large to be written.
    """
    game = solution.game
    lower = _ends(game, solution.floor, bounds.floor_evidence)
    upper = _ends(game, solution.ceiling, bounds.ceiling_evidence)
    if not lower and not upper:
        return None
    names = [a.name for a in game.problem.agents]
    low = [q if n in lower else None for n, q in zip(names, solution.floor, strict=True)]
    high = [q if n in upper else None for n, q in zip(names, solution.ceiling, strict=True)]
    return bounds_proved(game, low, high, lower, upper)


def label_free_certificate(solution: Solution) -> Document | None:
    """What every label-free equilibrium pays, where its strategies are too many to be listed; None elsewhere.

    Raises
    ------
    NotSupported
        As `equilibrium_certificates`.
    """
    game, payoffs = solution.game, solution.label_free_payoffs
    unlisted = any(e.label_free and e.strategies is None for e in solution)
    if not unlisted or payoffs is None or not all(budget.is_exact for budget in game.budgets):
        return None
    evidence = {a.name: bounds.label_free_evidence(game, i) for i, a in enumerate(game.problem.agents)}
    return payoff_proved(game, "label-free", payoffs, {}, evidence)


def _ends(game: LinkedGame, ends: Sequence[Fraction | None], produce: Producer) -> Evidence:
    """Evidence by agent for the ends that are known and can be shown."""
    found = {}
    for i, (agent, end) in enumerate(zip(game.problem.agents, ends, strict=True)):
        evidence = None if end is None else produce(game, i)
        if evidence is not None:
            found[agent.name] = evidence
    return found
