"""Linked games as mechanisms without payments, for the revelation principle."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.linking import LinkedGame
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.strategy import Strategy
from eqsolve.transfers.problem import ZERO, QuasiLinearProblem
from eqsolve.transfers.revelation import MAX_OUTCOMES, MessageMechanism, Play

Vector = tuple[int, ...]


def play_of_linked(game: LinkedGame, strategies: tuple[Strategy, ...]) -> Play:
    """The play of a linked game: types are vectors of types, decisions are vectors of decisions, nobody pays.

    Parameters
    ----------
    game : LinkedGame
    strategies : one per agent
        For every vector of types that can occur.

    Raises
    ------
    NotSupported
        For games with a filter, walking away or a type process.
    SizeError
        If there are too many messages, decisions or vectors of types.
    ModelError
        If a strategy says nothing at some vector of types.

    Notes
    -----
    Utilities are sums over the problems. Vectors of names are joined by slashes.
    """
    if game.options.filter is not None or game.status_quo is not None or game.has_processes:
        raise NotSupported("revelation: filters, walking away and type processes are not covered")
    problem, copies = game.problem, game.copies
    width = len(problem.decisions) ** copies
    messages = [list(budget.messages()) for budget in game.budgets if budget.message_count() <= MAX_OUTCOMES]
    size = math.prod(map(len, messages)) * width
    if len(messages) < problem.n or size > MAX_OUTCOMES:
        raise SizeError(
            f"the linked game has {in_words(size)} pairs of messages and decisions, at most {MAX_OUTCOMES:,} are "
            "looked at; fewer copies help"
        )
    plans = list(itertools.product(range(len(problem.decisions)), repeat=copies))
    vectors = [list(itertools.product(range(size), repeat=copies)) for size in problem.shape]
    agents = [
        Agent(agent.name, tuple(_type(game, i, vector, plans) for vector in vectors[i]))
        for i, agent in enumerate(problem.agents)
    ]
    names = tuple("/".join(problem.decisions[d] for d in plan) for plan in plans)
    quasi = QuasiLinearProblem(DecisionProblem(names, tuple(agents), problem.name, problem.source))
    nothing = (ZERO,) * problem.n
    outcomes = {}
    for sent in itertools.product(*(range(len(listed)) for listed in messages)):
        announced = zip(*(messages[i][m] for i, m in enumerate(sent)), strict=True)
        lotteries = [game.lotteries[profile] for profile in announced]
        chances = tuple(
            math.prod((q[d] for q, d in zip(lotteries, plan, strict=True)), start=Fraction(1)) for plan in plans
        )
        outcomes[sent] = (chances, nothing)
    told = tuple(tuple(_name(game, i, m) for m in listed) for i, listed in enumerate(messages))
    rows = tuple(
        tuple(_row(game, i, strategy, vector, messages[i]) for vector in vectors[i])
        for i, strategy in enumerate(strategies)
    )
    return Play(MessageMechanism(quasi, told, outcomes), rows)


def _name(game: LinkedGame, i: int, vector: Vector) -> str:
    return "/".join(game.problem.agents[i].types[u].name for u in vector)


def _type(game: LinkedGame, i: int, vector: Vector, plans: list[Vector]) -> Type:
    worth = [game.problem.utility(i, u) for u in vector]
    utility = {
        "/".join(game.problem.decisions[d] for d in plan): sum((w[d] for w, d in zip(worth, plan, strict=True)), ZERO)
        for plan in plans
    }
    return Type(_name(game, i, vector), game.type_probability(i, vector), utility)


def _row(game: LinkedGame, i: int, strategy: Strategy, vector: Vector, messages: list[Vector]) -> tuple[Fraction, ...]:
    """Probability of each message; where the vector cannot occur and nothing is said, the first message."""
    if vector not in strategy.plan:
        if game.type_probability(i, vector):
            raise ModelError(f"strategies: agent {game.problem.agents[i].name!r}: found nothing at {vector}")
        return tuple(Fraction(int(k == 0)) for k in range(len(messages)))
    chances = strategy.plan[vector]
    return tuple(Fraction(chances.get(m, 0)) for m in messages)
