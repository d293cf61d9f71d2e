"""Audit of real announcements: who stands out beside whom, and how often chance alone does as much."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError, SizeError
from eqsolve.filter.ballots import Ballots
from eqsolve.filter.calibration import Calibration
from eqsolve.filter.chances import Chance, Estimate, upper
from eqsolve.filter.distance import PAIRWISE, MessageTables, checked_messages, comparisons, deviation, scale
from eqsolve.filter.panel import Panel, Vector
from eqsolve.filter.setting import Number, Setting, calibrate
from eqsolve.filter.simulation import Simulation
from eqsolve.linking import LinkedGame

if TYPE_CHECKING:
    import pandas as pd

MAX_COMPARISONS = 200_000


@dataclass(frozen=True)
class Comparison:
    """An agent beside one set of others.

    Parameters
    ----------
    agent : int
    others : tuple of int
    distance : Fraction
    p_value : Chance or None
        Probability of at least this distance by chance; None for sets of several agents, whose law depends on what
        these announce together, and for tables that are too large.
    """

    agent: int
    others: tuple[int, ...]
    distance: Fraction
    p_value: Chance | None


@dataclass(frozen=True, eq=False)
class Audit:
    """What the filter finds in announcements.

    Parameters
    ----------
    name : str
        Where the announcements come from.
    setting : Setting
        The filter they are held against.
    distances : one Fraction per agent
    p_values : one Chance per agent
        Probability that independent label-free play puts the agent at least so far.
    adjusted : one Fraction or float per agent
        P-values after Holm: to be read together, each at the level for the whole panel.
    family_p : Chance
        Probability that independent label-free play puts somebody as far as the farthest agent.
    flags : one bool per agent
        Whether the distance is larger than ε.
    comparisons : tuple of Comparison
        Agents beside single others, and with the joint distance beside the set that shows most, farthest first.
    notes : tuple of str
    seconds : float
    """

    name: str
    setting: Setting
    distances: tuple[Fraction, ...]
    p_values: tuple[Chance, ...]
    adjusted: tuple[Fraction | float, ...]
    family_p: Chance
    flags: tuple[bool, ...]
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def panel(self) -> Panel:
        """Who announced, and how often what."""
        return self.setting.panel

    def to_frame(self) -> pd.DataFrame:
        """The agents as a pandas DataFrame, a row each."""
        import pandas as pd

        return pd.DataFrame(
            {
                "agent": self.panel.names,
                "distance": self.distances,
                "p-value": self.p_values,
                "adjusted": self.adjusted,
                "flagged": self.flags,
            }
        )

    def _repr_html_(self) -> str:
        from eqsolve.show.filter_html import audit_html

        return audit_html(self)

    def __str__(self) -> str:
        from eqsolve.show.filter_page import audit_text

        return audit_text(self)


def audit(
    ballots: Ballots,
    panel: Panel | LinkedGame | None = None,
    alpha: Number | None = None,
    epsilon: Number | None = None,
    kind: str = PAIRWISE,
    family_wise: bool = False,
    rounds: int = 0,
    seed: int = 0,
) -> Audit:
    """Hold announcements against the filter.

    Parameters
    ----------
    ballots : Ballots
    panel : Panel or LinkedGame, optional
        Agents, types and budgets that must have been kept. Without it the frequencies that were announced are taken
        as budgets, and what is asked is only whether announcements hang together, given how often each was made.
    alpha, epsilon, kind, family_wise, rounds, seed
        As for `eqsolve.filter.setting.calibrate`.

    Raises
    ------
    ModelError
        If the announcements do not fit the panel.
    SizeError
        If exact p-values are out of reach and no rounds were asked for.
    """
    start = time.monotonic()
    observed = panel is None
    members = ballots.panel() if panel is None else Panel.of_game(panel) if isinstance(panel, LinkedGame) else panel
    messages = ballots.messages(members)
    if members.n < 2:
        raise ModelError(f"{ballots.name}: found one agent, expected at least two")
    setting = calibrate(members, alpha, epsilon, kind, family_wise, rounds, seed)
    exact = Calibration(members, kind)
    simulation = setting.simulations.get("independent")
    found = _compare(exact, messages)
    distances = tuple(max((c.distance for c in found if c.agent == i), default=Fraction(0)) for i in range(members.n))
    p_values = tuple(_p_value(exact, simulation, (i,), d) for i, d in enumerate(distances))
    notes = list(setting.notes)
    if observed:
        notes.insert(0, "without a model the announced frequencies stand for the budgets")
    return Audit(
        ballots.name,
        setting,
        distances,
        p_values,
        holm(p_values, members.choosing),
        _p_value(exact, simulation, tuple(range(members.n)), max(distances)),
        tuple(d > setting.epsilon for d in distances),
        _listed(found),
        tuple(notes),
        time.monotonic() - start,
    )


def _compare(exact: Calibration, messages: Sequence[Vector]) -> list[Comparison]:
    """Every agent beside every set that its distance looks at."""
    panel = exact.panel
    tables = MessageTables(checked_messages(panel, messages), panel.shape)
    found = []
    for i in range(panel.n):
        for others in comparisons(panel, i, exact.kind):
            distance = Fraction(int(deviation(tables.table(i, others), panel.budgets[i])[0]), scale(panel, i))
            found.append(Comparison(i, others, distance, _pair_p_value(exact, i, others, distance)))
            if len(found) > MAX_COMPARISONS:
                raise SizeError(
                    f"more than {MAX_COMPARISONS:,} comparisons; fewer agents or the pairwise distance help"
                )
    return found


def _pair_p_value(exact: Calibration, i: int, others: tuple[int, ...], distance: Fraction) -> Fraction | None:
    """Exact p-value beside a single other; None for sets and for tables that are too large."""
    try:
        return 1 - exact.pair_within(i, others[0], distance, strict=True) if len(others) == 1 else None
    except SizeError:
        return None


def _listed(found: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Single others, and of the larger sets the smallest among each agent's farthest if it shows more."""
    kept = [c for c in found if len(c.others) == 1]
    for i in sorted({c.agent for c in found}):
        own = [c for c in found if c.agent == i]
        farthest = max(own, key=lambda c: (c.distance, -len(c.others)))
        if len(farthest.others) > 1:
            kept.append(farthest)
    return tuple(sorted(kept, key=lambda c: (-c.distance, c.agent, c.others)))


def _p_value(exact: Calibration, simulation: Simulation | None, agents: tuple[int, ...], distance: Fraction) -> Chance:
    """Probability that one of these agents is at least so far by chance."""
    try:
        if len(agents) == 1:
            return exact.agent_alarm(agents[0], distance, at_least=True)
        return exact.family_wise(distance, at_least=True)
    except SizeError as error:
        if simulation is None:
            raise SizeError(f"{error}; simulated rounds estimate p-values (--simulate)") from None
        hits = simulation.exceeds(agents, distance, at_least=True).hits
        return Estimate(hits + 1, simulation.rounds + 1)  # what was seen is one more round: the test keeps its level


def holm(p_values: Sequence[Chance], tested: Sequence[int]) -> tuple[Fraction | float, ...]:
    """P-values adjusted for several tests by Holm's procedure, valid however the tests hang together.

    Parameters
    ----------
    p_values : one per agent
    tested : agents that choose; nothing is tested of the others
    """
    adjusted: list[Fraction | float] = [Fraction(1)] * len(p_values)
    largest: Fraction | float = Fraction(0)
    for rank, i in enumerate(sorted(tested, key=lambda i: upper(p_values[i]))):
        raised = (len(tested) - rank) * upper(p_values[i])
        if raised > largest:
            largest = raised if raised < 1 else Fraction(1)
        adjusted[i] = largest
    return tuple(adjusted)
