"""Grids of types that refine a continuum, and models whose types are points of a grid.

A continuous model with uniform types is replaced by m equally likely types; a decision is worth a coefficient times the
point, plus a constant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.problem import MAX_TYPES, Agent, DecisionProblem, Type
from eqsolve.transfers.efficient import Ties
from eqsolve.transfers.problem import ZERO, QuasiLinearProblem

PLACES = ("midpoints", "ends", "upper", "lower")


@dataclass(frozen=True)
class Grid:
    """Equally likely points of an interval.

    Parameters
    ----------
    points : int
        How many, m.
    start, end : Fraction
        The interval.
    place : {"midpoints", "ends", "upper", "lower"}
        Of m equal parts the midpoints, the upper or the lower ends; or m points from one end to the other.
    """

    points: int
    start: Fraction = ZERO
    end: Fraction = Fraction(1)
    place: str = "midpoints"

    def __post_init__(self) -> None:
        if self.place not in PLACES:
            raise ModelError(f"grid.place: found {self.place!r}, expected one of {', '.join(PLACES)}")
        least = 2 if self.place == "ends" else 1
        if not least <= self.points <= MAX_TYPES:
            raise ModelError(f"grid.points: found {self.points}, expected {least} to {MAX_TYPES}")
        if self.end <= self.start:
            raise ModelError(f"grid: found the interval from {self.start} to {self.end}, expected from less to more")

    def values(self) -> tuple[Fraction, ...]:
        """The points, in increasing order."""
        m, width = self.points, self.end - self.start
        shares = {
            "midpoints": [Fraction(2 * j + 1, 2 * m) for j in range(m)],
            "upper": [Fraction(j + 1, m) for j in range(m)],
            "lower": [Fraction(j, m) for j in range(m)],
        }.get(self.place) or [Fraction(j, m - 1) for j in range(m)]
        return tuple(self.start + share * width for share in shares)


@dataclass(frozen=True)
class GridAgent:
    """An agent whose types are the points of a grid.

    Parameters
    ----------
    name : str
    slope : mapping of decision to number
        What a unit of the type makes a decision worth; 0 for those left out.
    constant : mapping of decision to number, optional
        What is added.
    grid : Grid, optional
        Its own grid instead of the model's.
    """

    name: str
    slope: Mapping[str, Fraction]
    constant: Mapping[str, Fraction] = field(default_factory=dict)
    grid: Grid | None = None

    def agent(self, decisions: Sequence[str], grid: Grid) -> Agent:
        """The agent with its types."""
        for d in (*self.slope, *self.constant):
            if d not in decisions:
                raise ModelError(
                    f"agent {self.name!r}: found the decision {d!r}, expected one of {', '.join(decisions)}"
                )
        points = (self.grid or grid).values()
        chance = Fraction(1, len(points))
        return Agent(self.name, tuple(Type(str(x), chance, self._worth(decisions, x)) for x in points))

    def _worth(self, decisions: Sequence[str], x: Fraction) -> dict[str, Fraction]:
        return {d: self.slope.get(d, ZERO) * x + self.constant.get(d, ZERO) for d in decisions}


Outside = str | Mapping[str, Fraction] | Fraction | tuple[Fraction, ...]
"""What staying away is worth: a decision, a lottery over decisions, a number, or a number per type."""


@dataclass(frozen=True, eq=False)
class TransferModel:
    """A quasi-linear problem, or a family of them along a grid.

    Parameters
    ----------
    decisions : tuple of str
    agents : tuple of Agent or GridAgent
        With types that are written out, or points of a grid.
    costs : mapping of decision to number
    outside : Outside, one of them per agent by name, or None
        What staying away is worth; None if everybody has to take part.
    grid : Grid or None
        Of the agents that have none of their own.
    ties : tie rule
    name, source : str
    """

    decisions: tuple[str, ...]
    agents: tuple[Agent | GridAgent, ...]
    costs: Mapping[str, Fraction] = field(default_factory=dict)
    outside: Mapping[str, Outside] | None = None
    grid: Grid | None = None
    ties: Ties = "first"
    name: str = ""
    source: str = ""

    @property
    def has_grid(self) -> bool:
        """Whether some agent's types are points of a grid."""
        return any(isinstance(a, GridAgent) for a in self.agents)

    def problem(self, points: int | None = None) -> QuasiLinearProblem:
        """The problem, with another number of points per grid if `points` is given.

        Raises
        ------
        ModelError
            If something does not fit, or `points` is given and no agent has a grid.
        SizeError
            If there are too many type profiles.
        """
        if points is not None and not self.has_grid:
            raise ModelError("points: found a number of points, expected a model with a grid")
        agents = tuple(self._agent(a, points) for a in self.agents)
        problem = DecisionProblem(self.decisions, agents, self.name, self.source)
        for d in self.costs:
            if d not in self.decisions:
                raise ModelError(f"costs: found {d!r}, expected one of the decisions {', '.join(self.decisions)}")
        costs = tuple(self.costs.get(d, ZERO) for d in self.decisions)
        if self.outside is None:
            return QuasiLinearProblem(problem, costs)
        for name in self.outside:
            problem.agent_index(name)
        outside = tuple(self._outside(problem, i) for i in range(problem.n))
        return QuasiLinearProblem(problem, costs, outside)

    def _agent(self, agent: Agent | GridAgent, points: int | None) -> Agent:
        if isinstance(agent, Agent):
            return agent
        grid = agent.grid or self.grid
        if grid is None:
            raise ModelError(f"agent {agent.name!r}: found no types and no grid, expected one of them")
        if points is not None:
            grid = Grid(points, grid.start, grid.end, grid.place)
        return GridAgent(agent.name, agent.slope, agent.constant).agent(self.decisions, grid)

    def _outside(self, problem: DecisionProblem, i: int) -> tuple[Fraction, ...]:
        given = (self.outside or {}).get(problem.agents[i].name, ZERO)
        size = problem.shape[i]
        if isinstance(given, Fraction):
            return (given,) * size
        if isinstance(given, tuple):
            return given
        return (QuasiLinearProblem.with_status_quo(problem, given).outside or ())[i]
