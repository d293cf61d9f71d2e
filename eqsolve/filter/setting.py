"""A filter set for a game: ε and what it does, exactly where that can be had and estimated beside it where asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import rational
from eqsolve.filter.calibration import Calibration
from eqsolve.filter.chances import Chance, upper
from eqsolve.filter.distance import PAIRWISE
from eqsolve.filter.panel import Panel
from eqsolve.filter.plan import Plan, opposite
from eqsolve.filter.power import complete_power, power
from eqsolve.filter.simulation import Simulation, simulate
from eqsolve.linking import LinkedGame

if TYPE_CHECKING:
    import pandas as pd

Answer = TypeVar("Answer")
Number = Fraction | int | float | str
DEFAULT_ALPHA = Fraction(1, 20)
RARE = 3
"""A type announced on so few problems is worth a note."""


@dataclass(frozen=True, eq=False)
class Setting:
    """A correlation filter and how it treats innocent and coordinated play.

    Parameters
    ----------
    panel : Panel
    kind : {"pairwise", "joint"}
        The distance.
    alpha : Fraction or Chance
        The level that was asked for; where ε was given, the false alarms that it stands for.
    epsilon : Fraction
        Agents at a larger distance are flagged.
    per_family : bool
        Whether alpha bounds the probability that somebody is flagged instead of each agent's.
    false_alarms : one Chance per agent
        Probability of being flagged under independent label-free play.
    family_wise : Chance
        Probability that somebody is flagged.
    complete : Chance or None
        Power against two agents who follow the fixed opposite plan; None unless all who choose announce two types.
    coalition : the two agents, or None
        Of all pairs the one that stands out least.
    plan : Chance or None
        Power against a plan that was given: the probability that a member is flagged.
    members : tuple of int
        Who follows that plan.
    notes : tuple of str
    simulations : mapping of str to Simulation
        ``independent`` play, and the plans ``complete`` and ``plan``.
    seconds : float
    """

    panel: Panel
    kind: str
    alpha: Chance
    epsilon: Fraction
    per_family: bool
    false_alarms: tuple[Chance, ...]
    family_wise: Chance
    complete: Chance | None
    coalition: tuple[int, int] | None
    plan: Chance | None = None
    members: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    simulations: Mapping[str, Simulation] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def false_alarm(self) -> Chance:
        """The largest false alarm of an agent."""
        return max(self.false_alarms, key=upper)

    def to_frame(self) -> pd.DataFrame:
        """The agents as a pandas DataFrame, a row each."""
        import pandas as pd

        return pd.DataFrame(
            {
                "agent": self.panel.names,
                "epsilon": [self.epsilon] * self.panel.n,
                "false alarm": self.false_alarms,
            }
        )

    def _repr_html_(self) -> str:
        from eqsolve.show.filter_html import setting_html

        return setting_html(self)

    def __str__(self) -> str:
        from eqsolve.show.filter_page import setting_text

        return setting_text(self)


def calibrate(
    source: Panel | LinkedGame,
    alpha: Number | None = None,
    epsilon: Number | None = None,
    kind: str = PAIRWISE,
    family_wise: bool = False,
    rounds: int = 0,
    seed: int = 0,
    plan: Plan | None = None,
) -> Setting:
    """Set a filter: the smallest ε for a level α, or what a given ε does.

    Parameters
    ----------
    source : Panel or LinkedGame
    alpha, epsilon : number or str, optional
        At most one of them, read exactly; α = 1/20 by default.
    kind : {"pairwise", "joint"}
    family_wise : bool
        Let α bound the probability that somebody is flagged by mistake instead of each agent's.
    rounds, seed : int
        Also simulate so many rounds; what cannot be had exactly is then estimated.
    plan : Plan, optional
        A coordinated plan whose power is asked for.

    Raises
    ------
    ModelError
        If both α and ε are given, or one of them is out of range.
    SizeError
        If the exact answer is out of reach and no rounds were asked for.

    Examples
    --------
    >>> import eqsolve as eq
    >>> setting = eq.calibrate(eq.load("collusion").link(8), alpha="0.05")
    >>> str(setting.epsilon), str(setting.false_alarm)
    ('1/4', '1/35')
    """
    start = time.monotonic()
    if alpha is not None and epsilon is not None:
        raise ModelError("found both alpha and epsilon, expected one of them")
    exact = Calibration.of(source, kind)
    work = _Work(exact, rounds, seed)
    level = DEFAULT_ALPHA if alpha is None else _share(alpha, "alpha")
    limit = work.epsilon(level, family_wise) if epsilon is None else _share(epsilon, "epsilon")
    alarms, family = work.false_alarms(limit), work.family_wise(limit)
    asked: Chance = level
    if epsilon is not None:
        asked = family if family_wise else max(alarms, key=upper)
    complete, coalition = work.complete(limit)
    return Setting(
        exact.panel,
        kind,
        asked,
        limit,
        family_wise,
        alarms,
        family,
        complete,
        coalition,
        None if plan is None else work.against(plan, limit),
        () if plan is None else plan.members,
        (*work.notes, *_notes(work, limit, complete)),
        work.simulations,
        time.monotonic() - start,
    )


def _share(value: Number, name: str) -> Fraction:
    """An exact number from 0 to 1."""
    try:
        number = rational(value)
    except ValueError as error:
        raise ModelError(f"{name}: {error}") from None
    if not 0 <= number <= 1:
        raise ModelError(f"{name}: found {value}, expected a number from 0 to 1")
    return number


class _Work:
    """Exact answers, and estimates where they are out of reach and rounds are played."""

    def __init__(self, exact: Calibration, rounds: int, seed: int) -> None:
        self.exact, self.rounds, self.seed = exact, rounds, seed
        self.notes: list[str] = []
        self.simulations: dict[str, Simulation] = {}
        if rounds:
            self._play("independent", None)

    def _play(self, name: str, plan: Plan | None) -> Simulation:
        """Simulated rounds under a plan, played once."""
        if name not in self.simulations:
            self.simulations[name] = simulate(self.exact.panel, self.rounds, self.seed, self.exact.kind, plan)
        return self.simulations[name]

    def _or_estimate(self, exactly: Callable[[], Answer], estimate: Callable[[], Answer], what: str) -> Answer:
        """The exact answer, or its estimate where that is out of reach and rounds are played."""
        try:
            return exactly()
        except SizeError as error:
            if not self.rounds:
                raise SizeError(f"{error}; simulated rounds estimate it (--simulate)") from None
            self.notes.append(
                f"{what} {'are' if what.endswith('s') else 'is'} estimated from simulated rounds: {error}"
            )
            return estimate()

    def epsilon(self, alpha: Fraction, family_wise: bool) -> Fraction:
        """The smallest ε for a level."""
        return self._or_estimate(
            lambda: self.exact.epsilon_for(alpha, family_wise),
            lambda: self.simulations["independent"].epsilon_for(alpha, family_wise),
            "epsilon",
        )

    def false_alarms(self, epsilon: Fraction) -> tuple[Chance, ...]:
        """Probability that each agent is flagged by chance."""
        return self._or_estimate(
            lambda: self.exact.false_alarm(epsilon),
            lambda: self.simulations["independent"].false_alarm(epsilon),
            "false alarms",
        )

    def family_wise(self, epsilon: Fraction) -> Chance:
        """Probability that somebody is flagged by chance."""
        return self._or_estimate(
            lambda: self.exact.family_wise(epsilon),
            lambda: self.simulations["independent"].family_wise(epsilon),
            "the family-wise false alarm",
        )

    def complete(self, epsilon: Fraction) -> tuple[Chance | None, tuple[int, int] | None]:
        """Power against the fixed opposite plan, and who follows it."""
        panel = self.exact.panel
        try:
            found: tuple[Chance, tuple[int, int]] | None = complete_power(self.exact, epsilon)
        except SizeError as error:
            if not self.rounds:
                self.notes.append(f"power against complete collusion was not computed: {error}")
                return None, None
            self.notes.append(f"power against complete collusion is estimated from simulated rounds: {error}")
            found = None
        if found is None and not _two_types(panel):
            return None, None
        coalition = found[1] if found else (panel.choosing[0], panel.choosing[1])
        if not self.rounds:
            return found or (None, None)
        estimate = self._play("complete", opposite(panel, *coalition)).exceeds(coalition, epsilon)
        return (found[0] if found else estimate), coalition

    def against(self, plan: Plan, epsilon: Fraction) -> Chance:
        """Probability that a member of a plan is flagged."""
        if self.rounds:
            self._play("plan", plan)

        def exactly() -> Chance:
            """The probability by exact computation."""
            return power(self.exact, plan, epsilon).coalition

        def estimate() -> Chance:
            """The probability as estimated from the rounds that were played."""
            return self.simulations["plan"].exceeds(plan.members, epsilon)

        return self._or_estimate(exactly, estimate, "power against the plan")


def _notes(work: _Work, epsilon: Fraction, complete: Chance | None) -> Iterator[str]:
    """What a reader should know of this panel and this ε."""
    exact, panel = work.exact, work.exact.panel
    if len(panel.choosing) < 2:
        yield "fewer than two agents have a choice of messages: nobody is ever flagged"
        return
    if complete == 0:
        yield f"on {panel.copies} problems this epsilon does not tell complete collusion of two agents from chance"
    for i in panel.choosing:
        rare = min((b for b in panel.budgets[i] if b), default=0)
        if rare > RARE:
            continue
        names = [t for t, b in zip(panel.types[i], panel.budgets[i], strict=True) if b == rare]
        try:
            least = exact.least(i)
        except SizeError:
            least = None
        yield (
            f"agent {panel.names[i]} announces {' and '.join(names)} on {rare} of {panel.copies} problems only, so its "
            f"distance is coarse: frequencies there move in steps of {Fraction(1, rare)}"
            + ("" if not least else f" and no distance is below {least}")
            + ("; it is always flagged" if least is not None and least > epsilon else "")
        )


def _two_types(panel: Panel) -> bool:
    """Whether all agents who choose announce two types."""
    used = [sum(1 for b in panel.budgets[i] if b) for i in panel.choosing]
    return len(used) > 1 and set(used) == {2}
