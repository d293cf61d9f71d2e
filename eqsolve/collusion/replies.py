"""The best plan of a coalition for given weights on its members' payoffs.

At every joint histogram n of true types the coalition picks a joint table H of announcements that passes and deals the
announcements out: a transportation problem with rows n and columns H. Its value is the minimum over the vertices (α, β)
of the dual polyhedron of ``n·α + H·β``; these do not depend on n and H, so they are found once for all histograms,
tables and filters. Joint announcements that are worth the same to all members whatever their types are one column.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.collusion.announcements import Announcements
from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.plan import PurePlan
from eqsolve.engines.bayesian import Integers
from eqsolve.engines.transport import exact_product
from eqsolve.engines.transport_pivots import untied_vertices, vertex_count
from eqsolve.errors import LimitReached, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.processes.histograms import HistogramLaw, multinomial_law

Ids = npt.NDArray[np.int64]
MAX_SCORES = 20_000_000_000
MAX_TABLES = 30_000_000
SAFE = 2**62
TIE_BREAKERS = 255
CHUNK = 4_000_000


@dataclass(frozen=True, eq=False)
class Reply:
    """Values of all histograms and tables of announcements for one vector of weights.

    Parameters
    ----------
    values : integer array (tables of announcements, histograms)
        Best weighted sum over the problems, in units of the weighted worth.
    worth : integer array (joint types, columns)
        The objective with broken ties.
    alpha, beta : integer arrays (vertices, joint types) and (vertices, columns)
        Dual vertices of the problem with broken ties; ``values = min(α·n + β·H) // factor``.
    factor : int
    """

    values: Integers
    worth: Integers
    alpha: Integers
    beta: Integers
    factor: int

    def flows(self, vertices: Ids) -> npt.NDArray[np.int8]:
        """The only optimal tables at some vertices, as linear functions of the margins.

        Returns
        -------
        array (vertices, joint types, columns, joint types + columns)
            Its inner product with n and H, one after the other, is the table.
        """
        return np.array([_tree_flow(self.alpha[d][:, None] + self.beta[d] == self.worth) for d in vertices])


@dataclass(frozen=True, eq=False)
class PooledProgram:
    """Plans of a coalition that pools types, on K problems.

    Parameters
    ----------
    coalition : Coalition
    announcements : Announcements
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    SizeError
        If histograms, tables or their combinations are too many.
    """

    coalition: Coalition
    announcements: Announcements
    deadline: float | None = None

    @cached_property
    def law(self) -> HistogramLaw:
        """Law of the joint histogram of true types."""
        return multinomial_law(self.coalition.prior, self.coalition.game.copies)

    @cached_property
    def classes(self) -> tuple[tuple[int, ...], ...]:
        """Joint announcements that budgets allow, together where they are worth the same to every member."""
        groups: dict[tuple[int, ...], list[int]] = {}
        for c in np.flatnonzero(self.announcements.tables.any(axis=0)).tolist():
            key = tuple(int(x) for table, _ in self.coalition.worth for x in table[:, c])
            groups.setdefault(key, []).append(c)
        return tuple(map(tuple, groups.values()))

    @cached_property
    def worth(self) -> tuple[tuple[Integers, int], ...]:
        """Per member the worth of a problem: array (joint types, classes of announcements) times a scale."""
        first = [group[0] for group in self.classes]
        return tuple((table[:, first], scale) for table, scale in self.coalition.worth)

    @cached_property
    def counts(self) -> tuple[Ids, Ids]:
        """Distinct tables over the classes, and which of them each table of announcements is."""
        merged = np.stack([self.announcements.tables[:, list(g)].sum(axis=1) for g in self.classes], axis=1)
        found, where = np.unique(merged, axis=0, return_inverse=True)
        return found, where.reshape(-1)

    @cached_property
    def _replies(self) -> dict[tuple[int, ...], Reply]:
        """Replies by weights, as they are found."""
        return {}

    def reply(self, weights: Sequence[Fraction]) -> tuple[Reply, Fraction]:
        """Values for given weights, and the unit that they count (per problem)."""
        shares = [w / scale for w, (_, scale) in zip(weights, self.worth, strict=True)]
        integers, common = to_integers(shares)
        key = tuple(integers)
        if key not in self._replies:
            self._replies[key] = self._reply(key)
        return self._replies[key], Fraction(1, common * self.coalition.game.copies)

    def _reply(self, weights: tuple[int, ...]) -> Reply:
        """Break ties so that every dual vertex has one table, and value all histograms and tables."""
        weighted = sum(w * table.astype(object) for w, (table, _) in zip(weights, self.worth, strict=True))
        matrix = [[int(x) for x in row] for row in np.asarray(weighted)]
        self._check_size(vertex_count(len(matrix), len(matrix[0])))
        rng = random.Random(0)
        most = TIE_BREAKERS
        for _ in range(20):
            factor = self.coalition.game.copies * most + 1  # all tie breakers together weigh less than one unit
            broken = [[x * factor + rng.randint(0, most) for x in row] for row in matrix]
            vertices = untied_vertices(broken, self._check_time)
            if vertices is not None:
                alpha, beta = vertices
                return Reply(
                    self._values(alpha, beta, factor), np.array(broken, dtype=alpha.dtype), alpha, beta, factor
                )
            most *= 16
        raise SizeError("every way to break ties left a choice among plans; fewer types or members help")

    def _check_size(self, vertices: int) -> None:
        """Refuse before memory is taken."""
        histograms, tables = len(self.law.weights), len(self.counts[0])
        if vertices * histograms * tables > MAX_SCORES or histograms * tables > MAX_TABLES:
            raise SizeError(
                f"{in_words(histograms)} joint histograms of types meet {in_words(tables)} tables of announcements and "
                f"{in_words(vertices)} dual vertices; fewer copies, members or types help"
            )

    def _values(self, alpha: Integers, beta: Integers, factor: int) -> Integers:
        """Minimum over the dual vertices for all tables and histograms."""
        by_type = exact_product(alpha.tolist(), self.law.histograms.T)
        by_table = exact_product(beta.tolist(), self.counts[0].T)
        largest = max(abs(int(x.max(initial=0))) + abs(int(x.min(initial=0))) for x in (by_type, by_table))
        dtype = object if object in (by_type.dtype, by_table.dtype) or 2 * largest >= SAFE else np.int64
        values = np.empty((by_table.shape[1], by_type.shape[1]), dtype=dtype)
        step = max(1, CHUNK // max(1, by_type.size))
        for start in range(0, len(values), step):
            self._check_time()
            part = by_table[:, start : start + step].astype(dtype)
            values[start : start + step] = (by_type[:, None, :].astype(dtype) + part[:, :, None]).min(axis=0)
        return values // factor

    def _check_time(self) -> None:
        """Raise LimitReached after the deadline."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise LimitReached("time limit")

    def best(self, weights: Sequence[Fraction], passing: Ids) -> tuple[Fraction, PurePlan, tuple[Fraction, ...]]:
        """The plan that maximises a weighted sum of the members' payoffs with tables that pass.

        Returns
        -------
        value, plan, payoffs
            The sum, the plan, and each member's payoff under it, per problem.
        """
        reply, unit = self.reply(weights)
        where, first = np.unique(self.counts[1][passing], return_index=True)
        chosen = reply.values[where].argmax(axis=0)
        best = reply.values[where].max(axis=0)
        total = sum(w * int(v) for w, v in zip(self.law.weights, best.tolist(), strict=True))
        merged = self._tables(reply, self.counts[0][where[chosen]])
        payoffs = tuple(self._payoff(merged, table, scale) for table, scale in self.worth)
        plan = self._spread(merged, self.announcements.tables[passing[first[chosen]]])
        return Fraction(total, self.law.scale) * unit, plan, payoffs

    def _tables(self, reply: Reply, counts: Ids) -> Ids:
        """The best table over classes at every histogram, given the announcements there."""
        histograms = self.law.histograms
        found = np.empty((len(histograms), histograms.shape[1], counts.shape[1]), dtype=np.int64)
        step = max(1, CHUNK // len(reply.alpha))
        for start in range(0, len(histograms), step):
            n, h = histograms[start : start + step], counts[start : start + step]
            scores = exact_product(reply.alpha.tolist(), n.T).astype(
                object if reply.alpha.dtype == object else np.int64
            )
            vertex = (scores + exact_product(reply.beta.tolist(), h.T)).argmin(axis=0)
            met, which = np.unique(vertex, return_inverse=True)
            margins = np.concatenate([n, h], axis=1)
            for d, flow in enumerate(reply.flows(met)):
                found[start : start + step][which == d] = (flow @ margins[which == d].T).transpose(2, 0, 1)
        return found

    def _payoff(self, tables: Ids, worth: Integers, scale: int) -> Fraction:
        """A member's expected payoff per problem."""
        got = exact_product([[int(x) for x in worth.reshape(-1)]], tables.reshape(len(tables), -1).T)[0]
        total = sum(w * int(x) for w, x in zip(self.law.weights, got.tolist(), strict=True))
        return Fraction(total, self.law.scale * scale * self.coalition.game.copies)

    def _spread(self, merged: Ids, announced: Ids) -> PurePlan:
        """Tables over joint announcements from tables over classes: the members of a class in their order."""
        if len(self.classes) == announced.shape[1]:
            return PurePlan(merged[:, :, np.argsort([g[0] for g in self.classes])])
        found = np.zeros((len(merged), merged.shape[1], announced.shape[1]), dtype=np.int64)
        for k, group in enumerate(self.classes):
            open_ = merged[:, :, k].copy()
            for c in group:
                left = announced[:, c].copy()
                for r in range(merged.shape[1]):
                    taken = np.minimum(open_[:, r], left)
                    found[:, r, c] = taken
                    open_[:, r] -= taken
                    left -= taken
        return PurePlan(found)


def _tree_flow(tight: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    """The table on the cells of a spanning tree as a linear function of its margins: (rows, columns, margins)."""
    rows, columns = tight.shape
    found = np.zeros((rows, columns, rows + columns), dtype=np.int8)
    cells = {(int(r), int(c)) for r, c in np.argwhere(tight)}
    left = np.eye(rows + columns, dtype=np.int8)  # what every row and column still has to send
    while cells:  # a leaf sends all it has
        ends = Counter(node for r, c in cells for node in (r, rows + c))
        r, c = next(cell for cell in cells if 1 in (ends[cell[0]], ends[rows + cell[1]]))
        leaf, other = (r, rows + c) if ends[r] == 1 else (rows + c, r)
        found[r, c] = left[leaf]
        left[other] -= left[leaf]
        cells.remove((r, c))
    return found
