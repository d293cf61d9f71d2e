"""How far announcements are from looking independent.

For announcements m the *pairwise* distance of agent i is the largest difference, over other agents j, types u of i and
v of j, between the share of problems on which j announces v and that share among the problems on which i announces u
(Jackson and Sonnenschein 2003, proof of Theorem 1). A type that i never announces gives no evidence.

Three agents can be independent in pairs and dependent together. The *joint* distance therefore compares i's
announcements with the joint announcements of every set of others, again with how often these occur over all problems.
What the others arrange among themselves is thus not held against i: it moves both frequencies alike.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from eqsolve.budget import Histogram
from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.filter.panel import Panel, Vector

PAIRWISE = "pairwise"
JOINT = "joint"
DISTANCES = (PAIRWISE, JOINT)
MAX_CELLS = 2_000_000
_SAFE = 2**62
IntArray = npt.NDArray[np.int64]
Scores = npt.NDArray[Any]
"""Integer scores, of dtype int64 where they fit and of Python integers otherwise."""


class Tables(Protocol):
    """Contingency tables of many rounds of announcements."""

    @property
    def rounds(self) -> int:
        """Number of rounds."""

    def table(self, i: int, others: Sequence[int]) -> IntArray:
        """How often agent i's types meet the joint types of others: shape (rounds, types of i, joint types)."""


@dataclass(frozen=True, eq=False)
class MessageTables:
    """Tables of messages.

    Parameters
    ----------
    messages : array (rounds, n, K) of int
    shape : number of types per agent
    """

    messages: IntArray
    shape: tuple[int, ...]

    @property
    def rounds(self) -> int:
        """Number of rounds."""
        return len(self.messages)

    def table(self, i: int, others: Sequence[int]) -> IntArray:
        """How often agent i's types meet the joint types of others."""
        rounds = len(self.messages)
        code = self.messages[:, i].astype(np.int64)
        for j in others:
            code = code * self.shape[j] + self.messages[:, j]
        joint = math.prod(self.shape[j] for j in others)
        size = self.shape[i] * joint
        code += size * np.arange(rounds)[:, None]
        counted: IntArray = np.bincount(code.ravel(), minlength=rounds * size).reshape(rounds, self.shape[i], joint)
        return counted


@dataclass(frozen=True, eq=False)
class JointTables:
    """Tables whose joint counts are known.

    Parameters
    ----------
    counts : array (rounds, types of the first agent, types of the second, ...)
    agents : the agents in that order; those left out do not choose
    """

    counts: IntArray
    agents: tuple[int, ...]

    @property
    def rounds(self) -> int:
        """Number of tables."""
        return len(self.counts)

    def table(self, i: int, others: Sequence[int]) -> IntArray:
        """How often agent i's types meet the joint types of others."""
        shape = self.counts.shape[1:]
        own, *rest = (self.agents.index(j) for j in (i, *others))
        table = np.zeros((shape[own], math.prod(shape[place] for place in rest), self.rounds), dtype=np.int64)
        for cell, column in zip(np.ndindex(*shape), self._columns, strict=True):
            joint = 0
            for place in rest:
                joint = joint * shape[place] + cell[place]
            table[cell[own], joint] += column
        return np.moveaxis(table, -1, 0)

    @cached_property
    def _columns(self) -> IntArray:
        """The counts of each profile of types, side by side in memory."""
        return np.ascontiguousarray(self.counts.reshape(self.rounds, -1).T)


def comparisons(panel: Panel, i: int, kind: str) -> Iterator[tuple[int, ...]]:
    """The sets of other agents with whom agent i is compared."""
    others = [j for j in panel.choosing if j != i]
    largest = 1 if kind == PAIRWISE else len(others)
    if i in panel.choosing:
        for size in range(1, largest + 1):
            yield from itertools.combinations(others, size)


def check_kind(panel: Panel, kind: str) -> None:
    """Refuse unknown distances, and joint ones whose tables are too large."""
    if kind not in DISTANCES:
        raise ModelError(f"distance: found {kind!r}, expected one of {', '.join(DISTANCES)}")
    cells = math.prod(panel.shape[j] for j in panel.choosing)
    if kind == JOINT and cells * len(panel.choosing) > MAX_CELLS:
        raise SizeError(
            f"the joint distance of {len(panel.choosing)} agents compares {in_words(cells)} joint announcements, at "
            f"most {MAX_CELLS:,}; the pairwise distance has no such limit"
        )


def scale(panel: Panel, i: int) -> int:
    """Common denominator of agent i's distances: K times the least common multiple of its budget."""
    return panel.copies * math.lcm(*(b for b in panel.budgets[i] if b))


def deviation(tables: IntArray, rows: Histogram) -> Scores:
    """Largest difference between the frequency of a column in a row and in all rows, times `scale`.

    Parameters
    ----------
    tables : array (rounds, R, C)
        Counts whose rows sum to `rows`.
    rows : R counts
        Rows with count 0 give no evidence.
    """
    used = [u for u, b in enumerate(rows) if b]
    copies, common = sum(rows), math.lcm(*(rows[u] for u in used))
    dtype: Any = np.int64 if copies * common < _SAFE else object
    counts = tables[:, used].astype(dtype)
    totals = counts.sum(axis=1)
    worst: Scores = np.zeros(len(tables), dtype=dtype)
    for k, u in enumerate(used):
        gap = np.abs(copies * counts[:, k] - rows[u] * totals) * (common // rows[u])
        worst = np.maximum(worst, gap.max(axis=1))
    return worst


def scores(panel: Panel, tables: Tables, kind: str = PAIRWISE) -> list[Scores]:
    """Distances of each agent in each round, times the agent's `scale`."""
    check_kind(panel, kind)
    found = []
    for i in range(panel.n):
        worst: Scores = np.zeros(tables.rounds, dtype=np.int64)
        for others in comparisons(panel, i, kind):
            worst = np.maximum(worst, deviation(tables.table(i, others), panel.budgets[i]))
        found.append(worst)
    return found


def distances(panel: Panel, messages: Sequence[Vector], kind: str = PAIRWISE) -> tuple[Fraction, ...]:
    """Distance of each agent in one round of announcements.

    Parameters
    ----------
    panel : Panel
    messages : one vector of type indices per agent
    kind : {"pairwise", "joint"}

    Raises
    ------
    ModelError
        If a message is not in its agent's budget.
    SizeError
        If the joint distance has too many joint announcements to compare.
    """
    tables = MessageTables(checked_messages(panel, messages), panel.shape)
    return tuple(Fraction(int(s[0]), scale(panel, i)) for i, s in enumerate(scores(panel, tables, kind)))


def compare(panel: Panel, messages: Sequence[Vector], i: int, others: Sequence[int]) -> Fraction:
    """Distance of agent i from one set of others in one round of announcements."""
    tables = MessageTables(checked_messages(panel, messages), panel.shape)
    return Fraction(int(deviation(tables.table(i, others), panel.budgets[i])[0]), scale(panel, i))


def checked_messages(panel: Panel, messages: Sequence[Vector]) -> IntArray:
    """Announcements of one round as an array (1, n, K), all within their budgets."""
    if len(messages) != panel.n:
        raise ModelError(f"announcements: found those of {len(messages)} agents, expected {panel.n}")
    for i, message in enumerate(messages):
        if not panel.admits(i, tuple(message)):
            told = [tuple(message).count(u) for u in range(len(panel.types[i]))]
            raise ModelError(
                f"agent {panel.names[i]!r}: found announcements with the counts {told}, expected the budget "
                f"{list(panel.budgets[i])}"
            )
    return np.array([messages], dtype=np.int64).reshape(1, panel.n, panel.copies)


@dataclass(frozen=True)
class CorrelationFilter:
    """Flags agents whose distance exceeds ε and replaces what they announce.

    All agents are judged on the original announcements. A flagged agent's announcements give way to a message drawn
    uniformly from its budget, independently across agents.

    Parameters
    ----------
    panel : Panel
    epsilon : Fraction
        An agent is flagged when its distance is larger.
    kind : {"pairwise", "joint"}
    """

    panel: Panel
    epsilon: Fraction
    kind: str = PAIRWISE

    def __post_init__(self) -> None:
        check_kind(self.panel, self.kind)

    def flags(self, messages: Sequence[Vector]) -> tuple[bool, ...]:
        """Whether each agent is flagged in one round of announcements."""
        return tuple(d > self.epsilon for d in distances(self.panel, messages, self.kind))

    def flags_of(self, messages: IntArray) -> npt.NDArray[np.bool_]:
        """Whether each agent is flagged in many rounds: messages (rounds, n, K) to flags (rounds, n)."""
        found = scores(self.panel, MessageTables(messages, self.panel.shape), self.kind)
        limits = [math.floor(self.epsilon * scale(self.panel, i)) for i in range(self.panel.n)]
        return np.stack([(s > limit).astype(bool) for s, limit in zip(found, limits, strict=True)], axis=1)

    def pass_on(self, messages: Sequence[Vector], generator: np.random.Generator) -> tuple[Vector, ...]:
        """What the mechanism decides on: flagged agents' announcements replaced at random."""
        passed = []
        for i, (message, flagged) in enumerate(zip(messages, self.flags(messages), strict=True)):
            drawn = generator.permutation(np.repeat(np.arange(self.panel.shape[i]), self.panel.budgets[i]))
            passed.append(tuple(drawn.tolist()) if flagged else tuple(message))
        return tuple(passed)
