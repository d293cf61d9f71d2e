"""Linear models with interdependent values: every agent's valuation depends on everybody's signals."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words

MAX_SIGNALS = 20_000
"""Signals of one agent."""

FIRST, UNIFORM = "first", "uniform"
TIES = (FIRST, UNIFORM)

ZERO = Fraction(0)

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class Coordinate:
    """One coordinate of an agent's signal, on finitely many points.

    Parameters
    ----------
    name : str
    values : distinct Fractions
    probs : Fractions, as many
        Not negative, together 1.
    interval : pair of Fractions or None
        Ends of the interval that evenly spaced points stand for; None if the points are given one by one.
    """

    name: str
    values: Vector
    probs: Vector
    interval: tuple[Fraction, Fraction] | None = None

    def __post_init__(self) -> None:
        if not self.values or len(self.values) != len(self.probs):
            raise ModelError(f"{self.name}: found {len(self.values)} values and {len(self.probs)} probabilities")
        if len(set(self.values)) != len(self.values):
            raise ModelError(f"{self.name}: found a value twice, expected distinct values")
        _check_law(self.probs, self.name)


def evenly(name: str, low: Fraction, high: Fraction, points: int) -> Coordinate:
    """Coordinate on evenly spaced, equally likely points of an interval, both ends included; one point is the middle.

    Raises
    ------
    ModelError
        If there are no points, or the ends are the wrong way round.
    SizeError
        If there are more than `MAX_SIGNALS` points.
    """
    if points < 1 or high < low or (low == high and points > 1):
        raise ModelError(f"{name}: found {points} points from {low} to {high}, expected from < to and 1 point or more")
    if points > MAX_SIGNALS:
        raise SizeError(f"{name}: {points:,} points, at most {MAX_SIGNALS:,}; take a coarser grid")
    if points == 1:
        values: Vector = ((low + high) / 2,)
    else:
        values = tuple(low + (high - low) * Fraction(n, points - 1) for n in range(points))
    return Coordinate(name, values, (Fraction(1, points),) * points, (low, high))


@dataclass(frozen=True)
class InformedAgent:
    """An agent with its possible signals.

    Parameters
    ----------
    name : str
    coordinates : tuple of d names
    signals : tuple of T tuples of d Fractions
        Distinct. An agent without private information has the one signal ``()``.
    probs : tuple of T Fractions
        Not negative, together 1; independent of the other agents' signals.
    grid : tuple of d Coordinates or None
        The coordinates that the signals are all combinations of; None if signals are listed one by one.
    """

    name: str
    coordinates: tuple[str, ...]
    signals: tuple[Vector, ...]
    probs: Vector
    grid: tuple[Coordinate, ...] | None = None

    def __post_init__(self) -> None:
        if not self.signals or len(self.signals) != len(self.probs):
            raise ModelError(
                f"agent {self.name}: found {len(self.signals)} signals and {len(self.probs)} probabilities"
            )
        if any(len(s) != len(self.coordinates) for s in self.signals):
            raise ModelError(f"agent {self.name}: expected signals of {len(self.coordinates)} coordinates")
        if len(set(self.signals)) != len(self.signals):
            raise ModelError(f"agent {self.name}: found a signal twice, expected distinct signals")
        if len(set(self.coordinates)) != len(self.coordinates):
            raise ModelError(f"agent {self.name}: found a coordinate twice, expected distinct names")
        _check_law(self.probs, f"agent {self.name}")

    @property
    def dimension(self) -> int:
        """Number of coordinates of the signal."""
        return len(self.coordinates)

    def with_points(self, points: int) -> InformedAgent:
        """The same agent with so many evenly spaced points per interval.

        Raises
        ------
        SizeError
            If there would be more than `MAX_SIGNALS` signals.
        """
        if self.grid is None:
            return self
        grid = [c if c.interval is None else evenly(c.name, *c.interval, points) for c in self.grid]
        return on_grid(self.name, grid)


def on_grid(name: str, grid: Sequence[Coordinate]) -> InformedAgent:
    """Agent whose coordinates are independent: its signals are all combinations of their values.

    Raises
    ------
    SizeError
        If there would be more than `MAX_SIGNALS` signals.
    """
    size = math.prod(len(c.values) for c in grid)
    if size > MAX_SIGNALS:
        raise SizeError(f"agent {name}: {in_words(size)} signals, at most {MAX_SIGNALS:,}; take a coarser grid")
    signals = tuple(itertools.product(*(c.values for c in grid)))
    probs = tuple(math.prod(chances, start=Fraction(1)) for chances in itertools.product(*(c.probs for c in grid)))
    return InformedAgent(name, tuple(c.name for c in grid), signals, probs, tuple(grid))


@dataclass(frozen=True)
class InterdependentModel:
    """A social choice problem with linear interdependent values.

    Agent i's value of alternative k is constants[i][k] + Σ_j coefficients[i][k][j] · s^j, with s^j the signal of
    agent j; transfers are added (Jehiel and Moldovanu, section 2, whose a^j_{ki} is coefficients[i][k][j]).

    Parameters
    ----------
    alternatives : tuple of K names
    agents : tuple of N InformedAgents
        With independent signals.
    coefficients : N × K × N tuples of Fractions
        ``coefficients[i][k][j]`` has one number per coordinate of agent j's signal.
    constants : N × K Fractions
    ties : {"first", "uniform"}
        Which of several efficient alternatives is taken: the first in the order of `alternatives`, or all of them
        with equal chances.
    name, source : str

    Raises
    ------
    ModelError
        If shapes or names do not fit.
    """

    alternatives: tuple[str, ...]
    agents: tuple[InformedAgent, ...]
    coefficients: tuple[tuple[tuple[Vector, ...], ...], ...]
    constants: tuple[Vector, ...]
    ties: str = FIRST
    name: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if not self.alternatives or len(set(self.alternatives)) != len(self.alternatives):
            raise ModelError("alternatives: expected at least one, with distinct names")
        if not self.agents or len({a.name for a in self.agents}) != len(self.agents):
            raise ModelError("agents: expected at least one, with distinct names")
        if self.ties not in TIES:
            raise ModelError(f"ties: found {self.ties!r}, expected {' or '.join(TIES)}")
        n, k = len(self.agents), len(self.alternatives)
        widths = [a.dimension for a in self.agents]
        fits = len(self.coefficients) == len(self.constants) == n
        fits = fits and all(len(rows) == k for rows in (*self.coefficients, *self.constants))
        if not fits or any([len(v) for v in row] != widths for rows in self.coefficients for row in rows):
            raise ModelError(
                f"coefficients: expected {n} × {k} × {n} vectors, one number per coordinate, and constants"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of signals of each agent."""
        return tuple(len(a.signals) for a in self.agents)

    def private(self, i: int) -> tuple[Vector, ...]:
        """How agent i's signal moves its own values: per alternative one number per coordinate."""
        return tuple(row[i] for row in self.coefficients[i])

    def social(self, i: int) -> tuple[Vector, ...]:
        """How agent i's signal moves the sum of all values: per alternative one number per coordinate."""
        columns = range(self.agents[i].dimension)
        return tuple(
            tuple(sum((rows[k][i][d] for rows in self.coefficients), ZERO) for d in columns)
            for k in range(len(self.alternatives))
        )

    def value(self, i: int, k: int, profile: Sequence[int]) -> Fraction:
        """Agent i's value of alternative k where each agent j has its signal number profile[j]."""
        total = self.constants[i][k]
        for agent, row, s in zip(self.agents, self.coefficients[i][k], profile, strict=True):
            total += dot(row, agent.signals[s])
        return total

    def with_points(self, points: int) -> InterdependentModel:
        """The same model with so many evenly spaced points in every interval.

        Raises
        ------
        ModelError
            If no coordinate of any agent is an interval.
        """
        if not self.has_intervals:
            raise ModelError("points: found no coordinate with from and to, expected one whose grid can be refined")
        return replace(self, agents=tuple(a.with_points(points) for a in self.agents))

    @cached_property
    def has_intervals(self) -> bool:
        """Whether some coordinate stands for an interval, so that its grid can be refined."""
        return any(c.interval is not None for a in self.agents for c in a.grid or ())

    def with_strength(self, strength: Fraction) -> InterdependentModel:
        """The same model with all effects of signals on other agents' values multiplied; 0 makes values private."""
        scaled = tuple(
            tuple(tuple(v if j == i else tuple(strength * x for x in v) for j, v in enumerate(row)) for row in rows)
            for i, rows in enumerate(self.coefficients)
        )
        return replace(self, coefficients=scaled)


def dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    """Inner product."""
    return sum((x * y for x, y in zip(left, right, strict=True)), ZERO)


def _check_law(probs: Sequence[Fraction], where: str) -> None:
    if min(probs) < 0:
        raise ModelError(f"{where}: found the probability {min(probs)}, expected at least 0")
    if sum(probs) != 1:
        raise ModelError(f"{where}: the probabilities sum to {sum(probs)}, expected 1")
