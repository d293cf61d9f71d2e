"""Whether agents coordinate on the labels of the problems, and who gains by it.

What moves agent i's payoff is how its true and announced types go together, problem by problem, with what the others
announce there: ``J_i(u, v, w) = Σ_k λ_i[k,u,v] Π_{j≠i} μ_j[k,w_j]``. Its label-free value is what remains when the
others' announcements look alike on every problem. The largest difference, as a share of the problems, is the
*distance* of i. With a single other agent j at a time it says whether j's labels move i; with several, whether they do
so together though no fewer of them do. Agents joined by such edges are candidate coalitions; an agent that only suffers
or enjoys the coordination of others is not.

Where agents may walk away, w_j stands for the true and the announced type of agent j, and λ_j for μ_j.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import networkx as nx
import numpy as np
import numpy.typing as npt

from eqsolve.exact.rational import to_integers
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy

NONE = "none"
TIE_BREAKING = "tie-breaking"
IMPROVING = "improving"
COLLUSIVE = "collusive"
OTHER = "other"

Integers = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Coordination:
    """What coordination there is in a strategy profile, against the label-free equilibrium.

    Parameters
    ----------
    verdict : str
        ``none``, ``tie-breaking``, ``improving``, ``collusive`` or ``other``.
    coalitions : tuple of tuples of agent indices
        Weakly connected components of the correlation graph with at least two agents.
    distance : Fraction
        Largest distance over agents, a share of the problems.
    gain : tuple of Fraction, or None
        Payoff minus label-free payoff per agent; None if label-free payoffs differ among themselves.
    edges : tuple of (source, target, distance)
        Whose labels move whom; for a target moved only jointly by several agents one edge from each of them.
    """

    verdict: str
    coalitions: tuple[tuple[int, ...], ...]
    distance: Fraction
    gain: tuple[Fraction, ...] | None
    edges: tuple[tuple[int, int, Fraction], ...] = ()


def coordination(
    game: LinkedGame,
    profile: Sequence[Strategy],
    payoffs: Sequence[Fraction],
    label_free: Sequence[Fraction] | None,
) -> Coordination:
    """Judge the coordination in a strategy profile.

    Parameters
    ----------
    game : LinkedGame
    profile : one Strategy per agent
    payoffs : payoffs per problem of the profile
    label_free : label-free payoffs, or None if they are not unique

    Notes
    -----
    Distances are taken for every set of other agents, the smaller sets first: 2^(n-1) per agent.
    """
    return coordination_of(game, *correlation_graph(game, profile), payoffs, label_free)


def coordination_of(
    game: LinkedGame,
    graph: nx.DiGraph,
    edges: Sequence[tuple[int, int, Fraction]],
    distance: Fraction,
    payoffs: Sequence[Fraction],
    label_free: Sequence[Fraction] | None,
) -> Coordination:
    """What a graph of agents who move each other comes to.

    Parameters
    ----------
    game : LinkedGame
    graph : nx.DiGraph
        Its weakly connected components are the candidate coalitions; without edges where the distance is 0, unless
        agents hang together in other ways.
    edges, distance : as `correlation_graph` gives them
    payoffs, label_free : as for `coordination`
    """
    coalitions = tuple(sorted(tuple(sorted(part)) for part in nx.weakly_connected_components(graph) if len(part) > 1))
    gain = None if label_free is None else tuple(p - q for p, q in zip(payoffs, label_free, strict=True))
    verdict = verdict_of(game, coalitions, gain) if coalitions or distance else NONE
    return Coordination(verdict, coalitions, distance, gain, tuple(edges))


def correlation_graph(
    game: LinkedGame, profile: Sequence[Strategy]
) -> tuple[nx.DiGraph, list[tuple[int, int, Fraction]], Fraction]:
    """Directed graph "j's labels move i", its edges with distances, and the largest distance."""
    joints = [profile[i].joint_marginals(game, i) if i in game.active else None for i in range(game.n)]
    graph = nx.DiGraph()
    graph.add_nodes_from(range(game.n))
    edges: list[tuple[int, int, Fraction]] = []
    largest = Fraction(0)
    announced = {j: profile[j].met(game, j) for j in game.active}
    uneven = [j for j in game.active if any(row != announced[j][0] for row in announced[j])]
    for i in game.active:
        own = joints[i]
        assert own is not None
        moved_by: list[set[int]] = []
        others = [j for j in uneven if j != i]
        for size in range(1, len(others) + 1):
            for group in itertools.combinations(others, size):
                theirs = [announced[j] for j in group]
                largest = max(largest, _distance(game.copies, own, theirs))
                if any(smaller <= set(group) for smaller in moved_by):
                    continue
                gap = _distance(game.copies, _centred(game.copies, own), theirs)
                if gap:
                    moved_by.append(set(group))
                    edges += [(j, i, gap) for j in group]
                    graph.add_edges_from((j, i) for j in group)
    return graph, edges, largest


def _centred(copies: int, own: Sequence[Sequence[Sequence[Fraction]]]) -> list[list[list[Fraction]]]:
    """Joint marginals minus their mean over the problems: what the agent's own labels add.

    An agent whose announcements look alike on every problem is moved when others coordinate among themselves, but it
    has no part in that.
    """
    types = range(len(own[0]))
    mean = [[sum((per_k[u][v] for per_k in own), Fraction(0)) / copies for v in types] for u in types]
    return [[[per_k[u][v] - mean[u][v] for v in types] for u in types] for per_k in own]


def _distance(
    copies: int, own: Sequence[Sequence[Sequence[Fraction]]], others: Sequence[Sequence[Sequence[Fraction]]]
) -> Fraction:
    """Largest |J(u, v, w) - its label-free value| over (u, v, w), divided by K."""
    mine, scale = _whole([itertools.chain.from_iterable(per_k) for per_k in own])
    chance: Integers = np.ones((copies, 1), dtype=object)
    flat: Integers = np.ones((1, 1), dtype=object)
    for law in others:
        theirs, unit = _whole(law)
        chance = (copies * chance[:, :, None] * theirs[:, None, :]).reshape(copies, -1)
        flat = (flat[:, :, None] * theirs.sum(axis=0)).reshape(1, -1)
        scale *= copies * unit
    gaps = mine.T @ (chance - flat)
    return Fraction(max(abs(int(x)) for x in gaps.flat), scale * copies)


def _whole(rows: Sequence[Iterable[Fraction]]) -> tuple[Integers, int]:
    """Rows of fractions as whole numbers over a common denominator."""
    listed = [list(row) for row in rows]
    flat, scale = to_integers(list(itertools.chain.from_iterable(listed)))
    return np.array(flat, dtype=object).reshape(len(listed), -1), scale


def verdict_of(game: LinkedGame, coalitions: Sequence[Sequence[int]], gain: Sequence[Fraction] | None) -> str:
    """What coordination comes to, if there is any: who gains and who loses against label-free play.

    Parameters
    ----------
    game : LinkedGame
    coalitions : agents who coordinate with each other
    gain : per agent, None if label-free payoffs are not unique
    """
    if gain is None:
        return OTHER
    if not any(gain):
        return TIE_BREAKING
    if min(gain) >= 0:
        return IMPROVING
    weights = game.rule.weights
    objective = sum((w * g for w, g in zip(weights, gain, strict=True)), Fraction(0)) if weights else Fraction(0)
    for coalition in coalitions:
        inside = [gain[i] for i in coalition]
        outside = [g for i, g in enumerate(gain) if i not in coalition]
        if min(inside) >= 0 and max(inside) > 0 and (min(outside, default=Fraction(0)) < 0 or objective < 0):
            return COLLUSIVE
    return OTHER
