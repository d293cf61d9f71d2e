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
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from weakref import WeakKeyDictionary

from eqsolve.engines.lp_duals import multipliers
from eqsolve.engines.transport import Table
from eqsolve.errors import LimitReached, SizeError
from eqsolve.judge.bounds.dominance import Undominated, undominated_tables
from eqsolve.judge.bounds.joint_program import JointProgram
from eqsolve.judge.bounds.joint_proof import evaluated, prove
from eqsolve.judge.bounds.joint_sight import Sight
from eqsolve.judge.bounds.joint_views import View
from eqsolve.linking import LinkedGame

MAX_WHOLE = 3_000
"""Joint tables up to which three and more agents are looked at in one view."""

Views = tuple[tuple[int, ...], ...]
"""Per view the agents whose true types it sees."""

_PROGRAMS: WeakKeyDictionary[LinkedGame, dict[Views | None, tuple[JointProgram, Undominated]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class JointBound:
    """A bound on one agent's payoff in all equilibria, per problem, with evidence of kind ``"joint-law"``."""

    value: Fraction
    evidence: dict[str, Any]


def joint_law_bound(
    game: LinkedGame, i: int, side: str, *, views: Views | None = None, deadline: float | None = None
) -> JointBound | None:
    """Bound the payoff of agent i in every equilibrium, by the law of what all agents' types and messages are.

    Parameters
    ----------
    game : LinkedGame
    i : int
    side : {"floor", "ceiling"}
    views : tuple of tuples of int, optional
        Agents whose true types are looked at together. By default all at once; where that is too large and more than
        two agents are active, each by itself. Every active agent should be in one of them, agent i in at least one.
    deadline : float, optional
        Of `time.monotonic`.

    Returns
    -------
    JointBound or None
        None if the linear program was not solved in time. The bound is proved exactly whatever the linear program
        solver did; where the program is large it may miss the optimum of the program by a rounding error.

    Raises
    ------
    SizeError
        If there are too many lie tables or joint tables.
    NotSupported
        With a filter, walking away or type processes.
    LimitReached
        If the deadline passed before the linear program was written.
    """
    program, reduced = _program(game, views, deadline)
    sign = -1 if side == "floor" else 1
    duals = multipliers(program.program(i, sign), max_seconds=_remaining(deadline))
    if duals is None:
        return None
    value, proofs = prove(program, i, sign, duals)
    return JointBound(value, {"kind": "joint-law", "reduction": reduced.reduction(), "views": proofs})


def joint_law_bounds(
    game: LinkedGame, i: int, *, views: Views | None = None, deadline: float | None = None
) -> tuple[JointBound | None, JointBound | None]:
    """Both ends of `joint_law_bound`."""
    return (
        joint_law_bound(game, i, "floor", views=views, deadline=deadline),
        joint_law_bound(game, i, "ceiling", views=views, deadline=deadline),
    )


def largest_probability(
    game: LinkedGame, i: int, tables: Callable[[Table], bool], *, deadline: float | None = None
) -> Fraction | None:
    """Bound the probability that agent i plays one of some lie tables, in every equilibrium.

    Parameters
    ----------
    game : LinkedGame
    i : int
        An active agent.
    tables : callable
        Which lie tables (rows true, columns announced types) are meant.
    deadline : float, optional
        Of `time.monotonic`.

    Returns
    -------
    Fraction or None
        An upper bound, exact; 0 proves that no equilibrium plays any of them at any type vector that can occur. None
        if the linear program was not solved in time.

    Raises
    ------
    SizeError, NotSupported, LimitReached
        As in `joint_law_bound`.
    """
    program, _ = _program(game, None, deadline)
    v, hit = program.played(i, tables)
    duals = multipliers(program.maximising(v, hit), max_seconds=_remaining(deadline))
    return None if duals is None else sum((p.bound for p in evaluated(program, v, hit, duals)), Fraction(0))


def _program(game: LinkedGame, views: Views | None, deadline: float | None) -> tuple[JointProgram, Undominated]:
    """The linear program of a game and what was removed before; both are kept."""
    known = _PROGRAMS.setdefault(game, {})
    if views not in known:
        reduced = undominated_tables(game, deadline=deadline)
        looked_at = _views(game, reduced) if views is None else [View(game, seen, reduced.tables) for seen in views]
        sights = []
        for view in looked_at:
            sights.append(Sight(view))
            _ = view.counts, sights[-1].marginals, sights[-1].obedience
            _remaining(deadline)
        known[views] = (JointProgram(sights), reduced)
    return known[views]


def _views(game: LinkedGame, reduced: Undominated) -> list[View]:
    """One view of everything; for more than two agents only if it is small, else a view per agent."""
    if len(game.active) <= 2:
        return [View(game, game.active, reduced.tables)]
    whole = View(game, game.active, reduced.tables, MAX_WHOLE)
    try:
        _ = whole.counts
    except SizeError:
        return [View(game, (j,), reduced.tables) for j in game.active]
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
