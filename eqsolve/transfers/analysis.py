"""The mechanisms of a model side by side: what they pay, what they satisfy, and whether a better one exists."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from eqsolve.errors import LimitReached, ModelError
from eqsolve.transfers.balance import balanced
from eqsolve.transfers.checks import Checks, is_groves
from eqsolve.transfers.efficient import TieReport, Ties, tie_report
from eqsolve.transfers.existence import Existence, existence, largest_surplus
from eqsolve.transfers.grids import TransferModel
from eqsolve.transfers.groves import expected_surplus, participation_subsidies, subsidised, vcg, veil_groves
from eqsolve.transfers.problem import DirectMechanism, QuasiLinearProblem
from eqsolve.transfers.refinement import Limit, limit
from eqsolve.transfers.requirements import Wanted

if TYPE_CHECKING:
    import pandas as pd

MECHANISMS: dict[str, Callable[[DirectMechanism, Ties], DirectMechanism]] = {
    "groves": lambda pivot, ties: veil_groves(pivot.problem, ties),
    "vcg": lambda pivot, ties: pivot,
    "agv": lambda pivot, ties: balanced(pivot, "next", "AGV"),
    "agv-equal": lambda pivot, ties: balanced(pivot, "equal", "AGV, equal division"),
    "ir-vcg": lambda pivot, ties: subsidised(pivot, "IR-VCG"),
    "balanced": lambda pivot, ties: balanced(subsidised(pivot), "next", "IR-VCG, balanced"),
}
"""Mechanisms by name, from the VCG mechanism and its tie rule; some need outside payoffs, some two agents."""

NEED_OUTSIDE = ("groves", "ir-vcg", "balanced")
NEED_TWO = ("agv", "agv-equal", "balanced")


@dataclass(frozen=True, eq=False)
class Examined:
    """A mechanism, and what it satisfies.

    Parameters
    ----------
    key : str
        Name in `MECHANISMS`.
    mechanism : DirectMechanism
    """

    key: str
    mechanism: DirectMechanism

    @cached_property
    def checks(self) -> Checks:
        """Properties, with witnesses against those that fail."""
        return Checks(self.mechanism)

    @cached_property
    def is_groves(self) -> bool:
        """Whether payments are those of a Groves mechanism."""
        return is_groves(self.mechanism) is None

    @cached_property
    def payments(self) -> tuple[Fraction, ...]:
        """What agents expect to pay."""
        return tuple(self.mechanism.payoffs.payment(i) for i in range(self.mechanism.problem.n))

    @cached_property
    def payoffs(self) -> tuple[Fraction, ...]:
        """What agents expect to get."""
        return tuple(self.mechanism.payoffs.ex_ante(i) for i in range(self.mechanism.problem.n))


@dataclass(frozen=True, eq=False)
class Point:
    """The mechanisms on one problem.

    Attributes
    ----------
    points : int or None
        Points of the grid; None for types that are written out.
    problem : QuasiLinearProblem
    ties : TieReport
    surplus : Fraction
        Expected sum of utilities less the cost under efficient decisions.
    mechanisms : tuple of Examined
    subsidies : tuple of Fraction or None
        ψ_i of the IR-VCG mechanism; None without outside payoffs.
    existence : Existence or None
        None if it was not asked for.
    largest : Fraction or None
        Largest expected budget surplus of a mechanism with the wanted incentives and participation.
    """

    points: int | None
    problem: QuasiLinearProblem
    ties: TieReport
    surplus: Fraction
    mechanisms: tuple[Examined, ...]
    subsidies: tuple[Fraction, ...] | None
    existence: Existence | None
    largest: Fraction | None


@dataclass(frozen=True, eq=False)
class Analysis:
    """A model's mechanisms, on one problem or along a grid.

    Attributes
    ----------
    model : TransferModel
    ties : tie rule
        Of the mechanisms.
    asked : tie rule or "any"
        Of the question of existence.
    wanted : Wanted
    points : tuple of Point
    limits : mapping of name to Limit
        Along grids, where there are at least three.
    seconds : float
    stopped : str or None
        Why something is missing.
    """

    model: TransferModel
    ties: Ties
    asked: Ties
    wanted: Wanted
    points: tuple[Point, ...]
    limits: dict[str, Limit]
    seconds: float
    stopped: str | None = None

    def __str__(self) -> str:
        from eqsolve.show.transfers_page import analysis_text

        return analysis_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.transfers_html import analysis_html

        return analysis_html(self)

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame with a row for every grid and mechanism; numbers are Fractions."""
        import pandas as pd

        rows = []
        for point in self.points:
            names = [a.name for a in point.problem.problem.agents]
            for found in point.mechanisms:
                row: dict[str, object] = {"points": point.points, "mechanism": found.key}
                row |= {f"payment of {a}": t for a, t in zip(names, found.payments, strict=True)}
                row |= {f"payoff of {a}": t for a, t in zip(names, found.payoffs, strict=True)}
                rows.append(row | {"expected surplus": found.mechanism.expected_surplus})
        return pd.DataFrame(rows)


def examine_transfers(
    model: TransferModel,
    points: Sequence[int] | None = None,
    mechanisms: Sequence[str] | None = None,
    ties: Ties | None = None,
    wanted: Wanted | None = None,
    *,
    exists: bool = True,
    max_seconds: float | None = None,
) -> Analysis:
    """Examine mechanisms of a model.

    Parameters
    ----------
    model : TransferModel
    points : numbers of points of the grid, optional
        The model's own by default.
    mechanisms : names in `MECHANISMS`, optional
        By default all that the model allows: some need outside payoffs, some two agents.
    ties : tie rule or "any", optional
        The model's by default. With "any" existence is asked for any tie rule, and mechanisms use the model's.
    wanted : Wanted, optional
        Of the question of existence; by default Bayesian incentive compatible and balanced, and interim individually
        rational if the model says what staying away is worth.
    exists : bool
        Whether existence is decided.
    max_seconds : float, optional
        No further grid is begun after so many seconds.

    Raises
    ------
    ModelError
        For an unknown mechanism, or one that the model does not allow.
    """
    start = time.monotonic()
    asked = model.ties if ties is None else ties
    used = model.ties if ties is None or ties == "any" else ties
    question = wanted or Wanted(participation="interim" if model.outside is not None else "none")
    keys = _allowed(model, mechanisms)
    found: list[Point] = []
    stopped = None
    for m in [None] if points is None else points:
        if max_seconds is not None and found and time.monotonic() - start > max_seconds:
            stopped = "time limit"
            break
        try:
            found.append(_point(model, m, keys, used, asked, question if exists else None))
        except LimitReached as error:
            stopped = str(error)
            break
    limits = _limits(found) if points is not None and len(found) >= 3 else {}
    return Analysis(model, used, asked, question, tuple(found), limits, time.monotonic() - start, stopped)


def _allowed(model: TransferModel, mechanisms: Sequence[str] | None) -> tuple[str, ...]:
    def refused(key: str) -> str | None:
        """Why a mechanism cannot be computed for this model; None if it can."""
        if key not in MECHANISMS:
            return f"expected one of {', '.join(MECHANISMS)}"
        if key in NEED_OUTSIDE and model.outside is None:
            return "which needs to know what agents get that stay away (outside)"
        if key in NEED_TWO and len(model.agents) < 2:
            return "which needs two agents or more"
        return None

    if mechanisms is None:
        return tuple(key for key in MECHANISMS if refused(key) is None)
    for key in mechanisms:
        why = refused(key)
        if why is not None:
            raise ModelError(f"mechanism: found {key!r}, {why}")
    return tuple(dict.fromkeys(mechanisms))


def _point(
    model: TransferModel, m: int | None, keys: Sequence[str], ties: Ties, asked: Ties, wanted: Wanted | None
) -> Point:
    problem = model.problem(m)
    grid = m if m is not None else model.grid.points if model.grid is not None else None
    pivot = vcg(problem, ties)
    found = tuple(Examined(key, MECHANISMS[key](pivot, ties)) for key in keys)
    surplus = expected_surplus(problem)
    subsidies = None if problem.outside is None else participation_subsidies(pivot)
    answer = None if wanted is None else existence(problem, wanted, asked)
    largest = None
    if wanted is not None and wanted.participation != "none":
        largest, _ = largest_surplus(problem, wanted, asked)
    return Point(grid, problem, tie_report(problem), surplus, found, subsidies, answer, largest)


def _limits(found: Sequence[Point]) -> dict[str, Limit]:
    """Limits of the figures along the grids."""
    listed = sorted(((point.points or 0, _figures(point)) for point in found), key=lambda pair: pair[0])
    return {name: limit([(m, figures[name]) for m, figures in listed]) for name in listed[0][1]}


def _figures(point: Point) -> dict[str, Fraction]:
    """What has a limit, by name."""
    agents = [a.name for a in point.problem.problem.agents]
    figures = {"surplus": point.surplus}
    for found in point.mechanisms:
        figures |= {f"{found.key}: payment of {a}": t for a, t in zip(agents, found.payments, strict=True)}
        figures |= {f"{found.key}: payoff of {a}": t for a, t in zip(agents, found.payoffs, strict=True)}
        figures[f"{found.key}: budget"] = found.mechanism.expected_surplus
    if point.subsidies is not None:
        figures |= {f"subsidy of {a}": t for a, t in zip(agents, point.subsidies, strict=True)}
    if point.largest is not None:
        figures["largest budget"] = point.largest
    return figures
