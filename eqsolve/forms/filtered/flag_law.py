"""Who is flagged, and what is announced on a problem: their joint law.

When agents shuffle their messages, everything that a filter looks at depends on contingency tables alone. The joint law
of flags and announcements on a randomly drawn problem is therefore a sum over all joint tables; for two agents who
shuffle it follows from how likely a table lies in a box: taking one problem out of a table with margins a and b leaves
a table with smaller margins, so ``E[N_vw; N in B] = a_v b_w / K · P(N' + e_vw in B)``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from eqsolve.engines.bayesian import Integers
from eqsolve.errors import SizeError
from eqsolve.exact.rational import common_denominator
from eqsolve.filter.boxes import Box, chance
from eqsolve.filter.distance import CorrelationFilter, Scores, scale, scores
from eqsolve.filter.joint_tables import CHUNK, joint_tables, spread, table_weights
from eqsolve.filter.panel import Panel
from eqsolve.forms.filtered.substitution import Ids, Substitution

MAX_LISTED = 20_000
"""Joint tables of two agents beyond which boxes are counted instead."""

Cell = tuple[int, ...]
"""What some agents announce together on a problem."""


@dataclass(frozen=True, eq=False)
class FlagLaw:
    """Joint law of the set of flagged agents and of everybody's announcements on a randomly drawn problem.

    Parameters
    ----------
    weights : mapping of a set's number to an integer array
        Over the types of the agents who choose, in their order. Probabilities times `total`.
    total : int
    """

    weights: Mapping[int, Integers]
    total: int

    def flagged(self) -> dict[int, Fraction]:
        """Probability of each set of flagged agents."""
        return {flags: Fraction(int(w.sum()), self.total) for flags, w in self.weights.items()}

    def probability(self, p: int) -> Fraction:
        """Probability that agent number p of those who choose is flagged."""
        return sum((chance for flags, chance in self.flagged().items() if flags >> p & 1), Fraction(0))

    def worth(self, game: Substitution, i: int, kept: Sequence[int]) -> tuple[Integers, Integers]:
        """What agent i gets on a problem, by the announcements of some agents.

        Parameters
        ----------
        game : Substitution
        i : int
        kept : places of these agents among those who choose, increasing

        Returns
        -------
        sums : integer array (types of kept agents, ..., types of i)
            Expected worth on a problem with these announcements, times their probability, `total` and the scale of i.
        weights : integer array (types of kept agents, ...)
            Probability of these announcements, times `total`.
        """
        away = tuple(p for p in range(len(game.choosing)) if p not in kept)
        sums: Integers = np.array(0, dtype=object)
        weights: Integers = np.array(0, dtype=object)
        for flags, table in self.weights.items():
            sums = sums + (table[..., None] * game.averages(i)[flags].astype(object)).sum(axis=away)
            weights = weights + table.sum(axis=away)
        return sums, weights


def shuffled_law(game: Substitution) -> FlagLaw:
    """The law when everybody's message is drawn uniformly from its budget: independent label-free play.

    Raises
    ------
    SizeError
        If more than two agents choose and they have too many joint tables.
    """
    if len(game.choosing) == 2 and game.judge is not None:
        try:
            return table_law(game, {}, MAX_LISTED)
        except SizeError:
            return _pair_law(game.panel, game.judge)
    return table_law(game, {})


def table_law(game: Substitution, planned: Mapping[int, Sequence[int]], limit: int | None = None) -> FlagLaw:
    """The law when some agents send given messages and the others shuffle, by listing all joint tables.

    Parameters
    ----------
    game : Substitution
    planned : mapping of agent to message
        Agents without a choice may be among them.
    limit : int, optional
        Largest number of tables.

    Raises
    ------
    SizeError
        If there are too many tables.
    """
    panel = game.panel
    if game.judge is None:
        return _unfiltered_law(game, planned)
    sent = {j: tuple(planned[j]) for j in game.choosing if j in planned}
    free = [j for j in game.choosing if j not in sent]
    together: dict[Cell, int] = {}
    for cell in zip(*sent.values(), strict=True) if sent else [()] * panel.copies:
        together[cell] = together.get(cell, 0) + 1
    tables = joint_tables([list(together.values()), *(panel.budgets[j] for j in free)], limit)
    order = np.argsort([*sent, *free])
    weights: dict[int, Integers] = {}
    total = 0
    for start in range(0, len(tables), CHUNK):
        part = tables[start : start + CHUNK]
        full = spread(panel, part, list(sent), list(together), free)
        chances = table_weights(part)
        total += int(chances.sum())
        flags = _flags(game.judge, scores(panel, full, game.judge.kind))[:, list(game.choosing)]
        bits: Ids = flags.astype(np.int64) @ (1 << np.arange(len(game.choosing), dtype=np.int64))
        counts = np.moveaxis(full.counts, [int(p) + 1 for p in order], list(range(1, len(order) + 1)))
        for code in np.unique(bits).tolist():
            hit = bits == code
            found = np.tensordot(chances[hit], counts[hit].astype(object), axes=(0, 0))
            weights[code] = weights[code] + found if code in weights else found
    return FlagLaw(weights, total * panel.copies)


def _flags(judge: CorrelationFilter, found: Sequence[Scores]) -> npt.NDArray[np.bool_]:
    """Who is flagged at which distances: booleans (tables, agents)."""
    limits = [math.floor(judge.epsilon * scale(judge.panel, i)) for i in range(judge.panel.n)]
    return np.stack([(s > limit).astype(bool) for s, limit in zip(found, limits, strict=True)], axis=1)


def _unfiltered_law(game: Substitution, planned: Mapping[int, Sequence[int]]) -> FlagLaw:
    """Without a filter: planned announcements together, the others' independent of them."""
    panel = game.panel
    weights = np.zeros(game.sizes, dtype=object)
    sent = [p for p, j in enumerate(game.choosing) if j in planned]
    for k in range(panel.copies):
        cell: list[int | slice] = [slice(None)] * len(game.sizes)
        for p in sent:
            cell[p] = planned[game.choosing[p]][k]
        weights[tuple(cell)] += 1
    for p, j in enumerate(game.choosing):
        if p not in sent:
            shape = [1] * len(game.sizes)
            shape[p] = -1
            weights = weights * np.array(panel.budgets[j], dtype=object).reshape(shape)
    return FlagLaw({0: weights}, int(weights.sum()))


def _pair_law(panel: Panel, judge: CorrelationFilter) -> FlagLaw:
    """The law of two agents who shuffle, from the probabilities that their table lies in boxes."""
    i, j = panel.choosing
    own, other = panel.budgets[i], panel.budgets[j]
    first = _box(own, other, judge.epsilon)
    second = _transposed(_box(other, own, judge.epsilon))
    both = {cell: (max(first[cell][0], second[cell][0]), min(first[cell][1], second[cell][1])) for cell in first}
    inside = [_mean_in(own, other, box) for box in (first, second, both)]
    everything = {(v, w): Fraction(a * b, panel.copies) for v, a in enumerate(own) for w, b in enumerate(other)}
    means = {
        0: inside[2],
        1: {c: inside[1][c] - inside[2][c] for c in everything},
        2: {c: inside[0][c] - inside[2][c] for c in everything},
        3: {c: everything[c] - inside[0][c] - inside[1][c] + inside[2][c] for c in everything},
    }
    common = common_denominator(x for table in means.values() for x in table.values())
    weights = {}
    for flags, table in means.items():
        array = np.zeros((len(own), len(other)), dtype=object)
        for cell, x in table.items():
            array[cell] = int(x * common)
        if array.any():
            weights[flags] = array
    return FlagLaw(weights, common * panel.copies)


Bounds = dict[tuple[int, int], tuple[int, int]]
"""For every cell of a table its least and its largest count."""


def _box(own: Sequence[int], other: Sequence[int], epsilon: Fraction) -> Bounds:
    """Tables at which the agent with the first margin is at distance at most ε, types in their order."""
    copies = sum(own)
    return {
        (v, w): (math.ceil(a * (Fraction(b, copies) - epsilon)), math.floor(a * (Fraction(b, copies) + epsilon)))
        for v, a in enumerate(own)
        for w, b in enumerate(other)
    }


def _transposed(box: Bounds) -> Bounds:
    return {(v, w): bounds for (w, v), bounds in box.items()}


def _mean_in(own: Sequence[int], other: Sequence[int], box: Bounds) -> dict[tuple[int, int], Fraction]:
    """E[N_vw; N in the box] for every cell."""
    copies = sum(own)
    found = {}
    for v, w in box:
        smaller = [a - (x == v) for x, a in enumerate(own)], [b - (y == w) for y, b in enumerate(other)]
        if min(*smaller[0], *smaller[1]) < 0:
            found[v, w] = Fraction(0)
            continue
        rest = {(x, y): (low - ((x, y) == (v, w)), high - ((x, y) == (v, w))) for (x, y), (low, high) in box.items()}
        found[v, w] = Fraction(own[v] * other[w], copies) * _chance(smaller[0], smaller[1], rest)
    return found


def _chance(own: Sequence[int], other: Sequence[int], box: Bounds) -> Fraction:
    """Probability that a table with these margins lies in a box; rows and columns without announcements are empty."""
    rows, columns = ([x for x, count in enumerate(margin) if count] for margin in (own, other))
    total = sum(own)
    if any(low > 0 or high < 0 for (x, y), (low, high) in box.items() if x not in rows or y not in columns):
        return Fraction(0)
    if not rows:
        return Fraction(1)
    lower = [[max(box[x, y][0], 0, own[x] + other[y] - total) for y in columns] for x in rows]
    upper = [[min(box[x, y][1], own[x], other[y]) for y in columns] for x in rows]
    return chance(
        Box(
            tuple(own[x] for x in rows),
            tuple(other[y] for y in columns),
            tuple(map(tuple, lower)),
            tuple(map(tuple, upper)),
        )
    )
