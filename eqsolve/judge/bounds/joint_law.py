"""Bounds on the payoffs of all equilibria by linear programs over the joint law of types and announcements.

Take any Bayesian equilibrium and rename the problems at random. What happens then is told, up to names, by the joint
histogram N of all agents' true and announced types; its law q satisfies conditions that are linear in q:

1. *Survival*: only messages that survive iterated interim strict dominance are played.
2. *Independence*: agent j's types are independent of the types and messages of all others, so given N without j's
   types and announcements, j's types are drawn from its prior, problem by problem.
3. *Obedience*: let agent j play m at t. Renaming problems within a *cell* (same true type u, same announcement v) is
   nothing that t and m tell apart. The deviation that announces v' on the share ρ[(u,v),v'] of each cell, chosen at
   random, can be played: the shares are a point of a transportation polytope whose corners are messages. It gains
   nothing at any (t, m) that is played, so it gains nothing on average over all (t, m) of the same lie table T. What it
   gains is linear in N, since payoffs add up over problems.

So the largest and the least payoff over all q bound the payoffs of all equilibria. These are correlated equilibria of a
kind: nothing says that types and messages of one agent are independent of the messages of another. Label-free
deviations are among those of 3, so the least payoff is never below the floor; knowing the others' messages is more than
q may use, so the largest is never above the ceiling.

With one view of everything the law of N itself is the variable (two agents). With several *views*, each of the true
types of some agents, each has a law of its own; they agree on the announcements. That is less than the whole, and still
valid.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from weakref import WeakKeyDictionary

from eqsolve.engines.lp_duals import multipliers
from eqsolve.errors import LimitReached, SizeError
from eqsolve.judge.bounds.dominance import undominated_tables
from eqsolve.judge.bounds.joint_program import JointProgram
from eqsolve.judge.bounds.joint_proof import prove
from eqsolve.judge.bounds.joint_sight import Sight
from eqsolve.judge.bounds.joint_views import View
from eqsolve.judge.bounds.opponents import Left
from eqsolve.linking import LinkedGame

MAX_WHOLE = 3_000
"""Joint tables up to which three and more agents are looked at in one view."""

_PROGRAMS: WeakKeyDictionary[LinkedGame, JointProgram] = WeakKeyDictionary()


@dataclass(frozen=True)
class JointBound:
    """A bound on one agent's payoff in all equilibria, per problem, with evidence of kind ``"joint-law"``."""

    value: Fraction
    evidence: dict[str, Any]


def joint_law_bound(game: LinkedGame, i: int, side: str, *, deadline: float | None = None) -> JointBound | None:
    """Bound the payoff of agent i in every equilibrium, by the law of what all agents' types and messages are.

    Parameters
    ----------
    game : LinkedGame
    i : int
    side : {"floor", "ceiling"}
    deadline : float, optional
        Of `time.monotonic`.

    Returns
    -------
    JointBound or None
        None if the linear program was not solved in time. The bound is proved exactly whatever the linear program
        solver did; where the program is large it may be below the optimum of the program by a rounding error.

    Raises
    ------
    SizeError
        If there are too many lie tables or joint tables.
    NotSupported
        With a filter or walking away, or where types are not exchangeable across problems.
    """
    program = joint_program(game, deadline=deadline)
    sign = -1 if side == "floor" else 1
    duals = multipliers(program.program(i, sign), max_seconds=_remaining(deadline))
    if duals is None:
        return None
    value, views = prove(program, i, sign, duals)
    reduction = undominated_tables(game).reduction()
    return JointBound(value, {"kind": "joint-law", "reduction": reduction, "views": views})


def joint_law_bounds(
    game: LinkedGame, i: int, *, deadline: float | None = None
) -> tuple[JointBound | None, JointBound | None]:
    """Both ends of `joint_law_bound`."""
    return (
        joint_law_bound(game, i, "floor", deadline=deadline),
        joint_law_bound(game, i, "ceiling", deadline=deadline),
    )


def joint_program(game: LinkedGame, *, deadline: float | None = None) -> JointProgram:
    """The linear program of a game: one view of everything, or a view per agent where that is too large."""
    if game not in _PROGRAMS:
        left = undominated_tables(game, deadline=deadline).tables
        views = [View(game, game.active, left)] if len(game.active) <= 2 else _views(game, left)
        _remaining(deadline)
        _PROGRAMS[game] = JointProgram([Sight(view) for view in views])
    return _PROGRAMS[game]


def _views(game: LinkedGame, left: Mapping[int, Left]) -> list[View]:
    """One view of everything if it is small, else a view per agent."""
    whole = View(game, game.active, left, MAX_WHOLE)
    try:
        _ = whole.counts
    except SizeError:
        return [View(game, (j,), left) for j in game.active]
    return [whole]


def _remaining(deadline: float | None) -> float | None:
    """Seconds that are left.

    Raises
    ------
    LimitReached
        If none are.
    """
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise LimitReached("time limit")
    return left
