"""Whether transfers support a rule: yes with transfers, or no with a negative cycle of types."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words
from eqsolve.interdependent.cycles import all_potentials, far, potentials
from eqsolve.interdependent.efficient import TabulatedRule
from eqsolve.interdependent.tables import Array, number_type, others_first, profile_of
from eqsolve.interdependent.transfers import Transfers

BAYESIAN, EX_POST = "bayesian", "ex-post"
INCENTIVES = (BAYESIAN, EX_POST)

MAX_TYPES, MAX_LONG_TYPES = 3_000, 600
"""Signals of an agent among which cycles are looked for, Bayesian; fewer if numbers do not fit into 64 bits."""
MAX_WORK = 2_000_000_000
"""Profiles times pairs of lotteries, ex post."""
MAX_EDGES = 10_000_000
"""Edges of all graphs of lotteries of one agent, ex post."""


@dataclass(frozen=True)
class Cycle:
    """Types of an agent that cannot all be kept from imitating the next one.

    Parameters
    ----------
    agent : int
    others : tuple of ints or None
        Ex post: the other agents' signals. Bayesian: None, as the expectation over them counts.
    signals : tuple of ints
        Each one would rather be treated like the following one, the last like the first, by amounts whose sum is
        positive.
    gain : Fraction
        That sum, before transfers; transfers cannot change it.
    """

    agent: int
    others: tuple[int, ...] | None
    signals: tuple[int, ...]
    gain: Fraction


@dataclass(frozen=True, eq=False)
class Support:
    """Whether supporting transfers exist.

    Parameters
    ----------
    rule : TabulatedRule
    incentives : {"bayesian", "ex-post"}
    transfers : Transfers or None
        With them nobody gains by a lie. Bayesian ones depend on one's own report only.
    cycle : Cycle or None
        If there are no such transfers, why.
    """

    rule: TabulatedRule
    incentives: str
    transfers: Transfers | None
    cycle: Cycle | None

    @property
    def exists(self) -> bool:
        """Whether supporting transfers exist."""
        return self.transfers is not None


def support(rule: TabulatedRule, incentives: str = BAYESIAN) -> Support:
    """Decide whether transfers exist with which truth is an equilibrium.

    Parameters
    ----------
    rule : TabulatedRule
    incentives : {"bayesian", "ex-post"}
        An agent that knows its signal gains nothing in expectation over the others'; or whatever they are. Ex post is
        asked for at every profile of the grid, Bayesian of signals with positive probability only.

    Returns
    -------
    Support

    Raises
    ------
    SizeError
        If an agent has more than `MAX_TYPES` signals (Bayesian; `MAX_LONG_TYPES` if numbers are long), or the work is
        above `MAX_WORK` or `MAX_EDGES` (ex post).
    """
    if incentives == EX_POST:
        return _ex_post(rule)
    if incentives != BAYESIAN:
        raise ValueError(f"incentives: found {incentives!r}, expected {' or '.join(INCENTIVES)}")
    return _bayesian(rule)


def interim_chances(rule: TabulatedRule, i: int) -> tuple[Array, int]:
    """Probability of each alternative, given agent i's report, over the others' signals.

    Returns
    -------
    chances, scale
        T_i × K integers, and what they have to be divided by.
    """
    outcomes, weights = others_first(rule.outcomes, i), rule.tables.chances(i)
    scale = math.prod(t for j, t in enumerate(rule.tables.totals) if j != i)
    kind = number_type(scale * rule.share_scale)
    count = rule.shares.shape[0]
    found = np.zeros((outcomes.shape[0], count), dtype=kind)
    for o in range(count):
        found[:, o] = (np.where(outcomes == o, weights.astype(kind)[None, :], 0)).sum(axis=1)
    return found @ rule.shares.astype(kind), scale * rule.share_scale


def interim_losses(rule: TabulatedRule, i: int) -> tuple[Array, int]:
    """What each type of agent i loses in expectation by each report, before transfers and all that depends on it only.

    Returns
    -------
    losses, scale
        T_i × T_i integers, from true to reported signals, and what they have to be divided by.
    """
    chances, scale = interim_chances(rule, i)
    kind = number_type(4 * rule.tables.bound * scale * max(1, rule.shares.shape[1]))
    size, most = len(chances), MAX_TYPES if kind is not object else MAX_LONG_TYPES
    if size > most:
        raise SizeError(f"{size:,} signals of one agent, at most {most:,}; take a coarser grid (--points)")
    values = rule.tables.private(i).astype(kind) @ chances.T.astype(kind)
    return values.diagonal()[:, None] - values, scale * rule.tables.scale


def _bayesian(rule: TabulatedRule) -> Support:
    found = []
    for i, agent in enumerate(rule.model.agents):
        losses, scale = interim_losses(rule, i)
        real = np.array([p > 0 for p in agent.probs])
        distances, cycle = potentials(losses, np.broadcast_to(real[:, None], losses.shape))
        if distances is None:
            total = sum(int(losses[s, t]) for s, t in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
            return Support(rule, BAYESIAN, None, Cycle(i, None, tuple(cycle), Fraction(-total, scale)))
        found.append([Fraction(int(d), scale) - h for d, h in zip(distances, _given(rule, i), strict=True)])
    scale = math.lcm(*(x.denominator for row in found for x in row))
    values = [[int(x * scale) for x in row] for row in found]
    arrays = (np.array(row, dtype=number_type(max(map(abs, row)))) for row in values)
    return Support(rule, BAYESIAN, Transfers(tuple(arrays), scale), None)


def _given(rule: TabulatedRule, i: int) -> list[Fraction]:
    """Expected value of agent i at each report before its own signal adds to it."""
    outcomes, weights = others_first(rule.outcomes, i), rule.tables.chances(i)
    total = math.prod(t for j, t in enumerate(rule.tables.totals) if j != i)
    bound = rule.tables.bound * rule.share_scale
    kind = number_type(bound * total)
    values = rule.from_others(i).astype(kind)
    rest = np.arange(outcomes.shape[1])
    sums = (values[rest[None, :], outcomes] * weights.astype(kind)[None, :]).sum(axis=1)
    return [Fraction(int(x), rule.scale * total) for x in sums]


def _ex_post(rule: TabulatedRule) -> Support:
    count, shape = rule.shares.shape[0], rule.model.shape
    work = math.prod(shape) * len(shape) * count**2
    edges = math.prod(shape) // min(shape) * count**2
    for size, most, what in ((work, MAX_WORK, "comparisons"), (edges, MAX_EDGES, "pairs of alternatives to compare")):
        if size > most:
            raise SizeError(f"{in_words(size)} {what}, at most {most:,}; take a coarser grid (--points)")
    arrays = []
    for i in range(len(shape)):
        own, outcomes = rule.private(i), others_first(rule.outcomes, i)
        weights, none = _outcome_graphs(own, outcomes, rule.tables.bound * rule.share_scale)
        distances, negative = all_potentials(weights, none)
        if negative is not None:
            return Support(rule, EX_POST, None, _ex_post_cycle(rule, i, negative, own, weights[negative], none))
        given = rule.from_others(i).astype(weights.dtype)
        rest = np.arange(outcomes.shape[1])[None, :]
        paid = distances[rest, outcomes] - given[rest, outcomes]
        sizes = [shape[i], *(size for j, size in enumerate(shape) if j != i)]
        arrays.append(np.moveaxis(paid.reshape(sizes), 0, i))
    return Support(rule, EX_POST, Transfers(tuple(arrays), rule.scale), None)


def _outcome_graphs(own: Array, outcomes: Array, bound: int) -> tuple[Array, int]:
    """Per profile of the others a graph of lotteries: what types with one lottery lose at least by another one.

    Types with the same lottery must be paid the same, so lotteries can be the nodes.
    """
    count = own.shape[1]
    none = far(2 * bound, count)
    kind = number_type(8 * none)
    graphs = np.full((outcomes.shape[1], count, count), none, dtype=kind)
    for o in range(count):
        here = outcomes == o
        if not here.any():
            continue
        for other in range(count):
            lost = (own[:, o] - own[:, other]).astype(kind)
            graphs[:, o, other] = np.where(here, lost[:, None], none).min(axis=0)
    return graphs, none


def _ex_post_cycle(rule: TabulatedRule, i: int, rest: int, own: Array, graph: Array, none: int) -> Cycle:
    outcomes = others_first(rule.outcomes, i)[:, rest]
    _, cycle = potentials(np.where(graph == none, 0, graph), graph != none)
    signals, total = [], 0
    for o, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        lost = [(int(own[s, o] - own[s, following]), int(s)) for s in np.flatnonzero(outcomes == o)]
        least, s = min(lost)
        signals.append(s)
        total += least
    profile = profile_of(rule.model.shape, i, 0, rest)
    others = tuple(s for j, s in enumerate(profile) if j != i)
    return Cycle(i, others, tuple(signals), Fraction(-total, rule.scale))
