"""Walks along continua of equilibria.

From an equilibrium each agent in turn moves to another point of the polytope of its best responses that keep the
others' strategies best (`eqsolve.search.reply`). Every stop is an equilibrium. What an agent moves towards is what
pays, or costs, somebody else most, or a direction drawn at random: moving away from label-free play often pays nobody
at first, because label-free strategies get the same against everything.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.engines.rationed_choice import Integers
from eqsolve.exact.rational import to_integers
from eqsolve.forms.lie_tables import lie_table
from eqsolve.forms.separable import Marginals, SeparableForm
from eqsolve.judge.truth import NOT_TRUTHFUL, TruthJudge
from eqsolve.linking import LinkedGame
from eqsolve.search.reply import Aim, Functional, Held, Open, Reply, Reward, influence
from eqsolve.search.symmetry import Blocks, Plan

MAX_VARIABLES = 1_500
_ON_PURPOSE = 0.6  # how often a move serves the goal, if it can
Joint = Integers
"""Joint marginals of an agent's true and announced type, up to a positive factor; shape (K, m, m)."""


@dataclass(frozen=True)
class Goal:
    """What a walk is after.

    Parameters
    ----------
    agent : int, optional
        Whose payoff the others try to raise or lower where they can; without an agent, everybody swaps announcements
        around where that is best.
    sign : {1, -1}
    """

    agent: int | None
    sign: int = 1


def walk(
    blocks: Blocks,
    plans: Mapping[int, Plan],
    goal: Goal,
    rng: random.Random,
    *,
    steps: int = 12,
    deadline: float | None = None,
) -> Iterator[dict[int, Plan]]:
    """Equilibria on the way from one equilibrium to others.

    Parameters
    ----------
    blocks : Blocks
        Problems of a block are treated alike all the way.
    plans : mapping of active agent to Plan
        An equilibrium.
    goal : Goal
    rng : random.Random
    steps : int
        Moves, over all agents.
    deadline : float, optional
        Of `time.monotonic`.

    Yields
    ------
    dict of active agent to Plan
        After every move. The walk ends early where an agent has more than `MAX_VARIABLES` best messages.
    """
    form = blocks.form
    here = dict(plans)
    marginals = {j: blocks.marginals(j, plan) for j, plan in here.items()}
    movers = list(form.game.active)
    rng.shuffle(movers)
    for step in range(steps):
        if deadline is not None and time.monotonic() > deadline:
            return
        i = movers[step % len(movers)]
        open_ = blocks.best_messages(i, form.worth(i, marginals), MAX_VARIABLES)
        if open_ is None:
            return
        held = [
            Held.of(j, {t: tuple(lottery) for t, lottery in here[j].items()}, influence(form, i, j, marginals))
            for j in movers
            if j != i
        ]
        moved = Reply(blocks, i, open_, held, marginals).solve(_aim(blocks, i, open_, goal, here, marginals, rng))
        if moved is None:
            return
        here[i] = moved
        marginals[i] = blocks.marginals(i, moved)
        yield dict(here)


def _aim(
    blocks: Blocks,
    i: int,
    open_: Open,
    goal: Goal,
    plans: Mapping[int, Plan],
    marginals: Mapping[int, Marginals],
    rng: random.Random,
) -> Aim:
    """Where agent i moves: what serves the goal, or anywhere."""
    if goal.agent is None:
        reward = swaps(blocks.game, i, open_)
        if reward:
            return Aim(sent=reward)
    elif goal.agent != i and rng.random() < _ON_PURPOSE:
        joint = joint_of_plan(blocks, goal.agent, plans[goal.agent]) if goal.agent in plans else None
        slope = favour(blocks.form, i, goal.agent, marginals, joint) * goal.sign
        return Aim(by_block(blocks, slope))
    types = len(blocks.game.problem.agents[i].types)
    if rng.random() < 0.5:
        return Aim([[rng.randint(-9, 9) for _ in range(types)] for _ in blocks.blocks])
    order = list(range(len(blocks.blocks)))
    rng.shuffle(order)
    rank = list(range(types))
    rng.shuffle(rank)
    return Aim([[order[b] * rank[w] for w in range(types)] for b in range(len(blocks.blocks))])


def swaps(game: LinkedGame, i: int, open_: Open) -> Reward:
    """Messages that swap announcements around (`eqsolve.judge.truth`), each with a reward of 1."""
    judge, types = TruthJudge(game), len(game.problem.agents[i].types)
    return {
        (t, m): 1
        for t, messages in open_.items()
        for m in messages
        if judge.classify(i, lie_table(t, m, types)) == NOT_TRUTHFUL
    }


def by_block(blocks: Blocks, slope: Integers) -> Functional:
    """A function of the announcements on every problem as one of those in every block; (K, m) integers."""
    types = slope.shape[1]
    return [[sum(int(slope[k, w]) for k in block) for w in range(types)] for block in blocks.blocks]


def joint_of_plan(blocks: Blocks, j: int, plan: Plan) -> Joint:
    """Joint marginals of the true and announced types of agent j, up to a positive factor."""
    types = len(blocks.game.problem.agents[j].types)
    totals = [[[Fraction(0)] * types for _ in range(types)] for _ in blocks.blocks]
    for t, weight in blocks.weights(j).items():
        for m, p in plan[t].items():
            for k, (u, v) in enumerate(zip(t, m, strict=True)):
                totals[blocks.label[k]][u][v] += Fraction(weight, blocks.sizes[blocks.label[k]]) * p
    flat, _ = to_integers([x for part in totals for row in part for x in row])
    by_block = np.array(flat, dtype=object).reshape(len(blocks.blocks), types, types)
    return by_block[blocks.label]


def favour(form: SeparableForm, i: int, j: int, marginals: Mapping[int, Marginals], joint: Joint | None) -> Integers:
    """What agent i's announcement w on problem k adds to agent j's payoff, up to a positive factor; (K, m_i).

    `joint` are the joint marginals of agent j; None for an agent without a choice that matters.
    """
    added = influence(form, i, j, marginals).astype(object)
    if joint is None:
        chances, _ = to_integers(form.game.problem.agents[j].prior)
        weighted = added * np.array(chances, dtype=object)[None, :, None, None]
    else:
        weighted = added * joint[:, :, :, None]
    total: Integers = weighted.sum(axis=(1, 2))
    return total
