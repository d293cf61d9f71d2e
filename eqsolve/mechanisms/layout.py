"""The variables of a mechanism: which decisions may be taken where, and which of them have to be equally likely."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from eqsolve.mechanisms.orbits import Orbits
from eqsolve.mechanisms.symmetry import Renaming, block_map


class Layout(Protocol):
    """Blocks at which something is decided, in classes of those that have to be alike.

    The decisions of a block fall into classes, too: those that are equally likely. A *column* is a class of decisions
    at a class of blocks; its variable is the probability that the decision is in that class.
    """

    @property
    def decisions(self) -> int:
        """Number of decisions, allowed somewhere or not."""

    @property
    def columns(self) -> Sequence[Sequence[int]]:
        """Per class of blocks its columns."""

    @property
    def column(self) -> Sequence[Mapping[int, int]]:
        """Per block the column of each decision that may be taken."""

    @property
    def size(self) -> Sequence[int]:
        """Per column, how many decisions of a block share its probability."""


@dataclass(frozen=True, eq=False)
class SymmetricLayout:
    """The free probabilities of a mechanism that is the same under some renamings, see `Layout`.

    Blocks that become each other are alike; decisions that become each other while the block stays are equally likely.

    Parameters
    ----------
    orbits : Orbits
    allowed : per block the decisions that may be taken
    group : tuple of Renaming
        All symmetries; they must respect `allowed`.
    """

    orbits: Orbits
    allowed: Sequence[Sequence[int]]
    group: tuple[Renaming, ...]

    @property
    def decisions(self) -> int:
        """Number of decisions, allowed somewhere or not."""
        return len(self.orbits.problem.decisions)

    @cached_property
    def columns(self) -> list[list[int]]:
        """Per class of blocks its columns."""
        return self._laid_out[0]

    @cached_property
    def column(self) -> list[dict[int, int]]:
        """Per block the column of each decision that may be taken."""
        return self._laid_out[1]

    @cached_property
    def size(self) -> list[int]:
        """Per column, how many decisions of a block share its probability."""
        return self._laid_out[2]

    @cached_property
    def agents(self) -> tuple[int, ...]:
        """One agent of every class of agents who become each other."""
        return tuple(i for i in range(self.orbits.problem.n) if all(g.agents[i] >= i for g in self.group))

    @cached_property
    def _laid_out(self) -> tuple[list[list[int]], list[dict[int, int]], list[int]]:
        orbits = self.orbits
        column: list[dict[int, int]] = [{} for _ in orbits.blocks]
        columns: list[list[int]] = []
        size: list[int] = []
        moves = [block_map(orbits, g) for g in self.group]
        for b, options in enumerate(self.allowed):
            if column[b]:
                continue
            columns.append([])
            for d in options:
                if d in column[b]:
                    continue
                new = len(size)
                columns[-1].append(new)
                for g, move in zip(self.group, moves, strict=True):
                    column[move(b)][g.decisions[d]] = new
                size.append(sum(c == new for c in column[b].values()))
        return columns, column, size


@dataclass(frozen=True, eq=False)
class PlainLayout:
    """Every decision that may be taken at a block has a probability of its own, see `Layout`.

    Parameters
    ----------
    allowed : per block the decisions that may be taken
    decisions : int
    """

    allowed: Sequence[Sequence[int]]
    decisions: int

    @cached_property
    def column(self) -> list[dict[int, int]]:
        """Per block the column of each decision that may be taken."""
        numbers = itertools.count()
        return [{d: next(numbers) for d in options} for options in self.allowed]

    @cached_property
    def columns(self) -> list[list[int]]:
        """Per block its columns."""
        return [list(line.values()) for line in self.column]

    @cached_property
    def size(self) -> list[int]:
        """1 for every column."""
        return [1] * sum(map(len, self.column))
