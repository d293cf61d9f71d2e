"""What coalitions can gain, point by point: frontier, plans that hold, trials in the filtered game."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eqsolve.collusion.announcements import Announcements
from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.frontier import Frontier, Point
from eqsolve.collusion.limit import LimitFrontier
from eqsolve.collusion.opposite import Survival, survival
from eqsolve.collusion.rehearsal import Rehearsal
from eqsolve.collusion.silent import SilentFrontier
from eqsolve.collusion.trial import Trial, trial
from eqsolve.errors import LimitReached, ModelError, SizeError
from eqsolve.filter.distance import PAIRWISE, CorrelationFilter
from eqsolve.filter.panel import Panel
from eqsolve.forms.filtered import Deviation, FilteredPlay, Substitution, filter_of
from eqsolve.linking import LinkedGame
from eqsolve.strategy import uniform

if TYPE_CHECKING:
    import pandas as pd

MAX_COALITIONS = 200


@dataclass(frozen=True, eq=False)
class Stage:
    """One filter: what a coalition can gain, and what holds it together.

    Parameters
    ----------
    point : Point
        The frontier.
    trial : Trial or None
        Its plan (of members who pool types) in the filtered game; None where there is none, or too much to try.
    holding : Point or None
        The frontier of plans that no member would leave, where they can be listed.
    holding_trial : Trial or None
        Their plan in the filtered game.
    deviation : Deviation or None
        Without pooling: the best that a member can do by itself against the strategies found.
    settled : bool
        Whether `deviation` decides; not where outsiders have a choice, too.
    opposite : Survival or None
        Whether the fixed opposite plan survives (two agents with two types).
    limit : Point or None
        The frontier for many problems.
    """

    point: Point
    trial: Trial | None = None
    holding: Point | None = None
    holding_trial: Trial | None = None
    deviation: Deviation | None = None
    settled: bool = True
    opposite: Survival | None = None
    limit: Point | None = None

    @property
    def equilibrium(self) -> bool | None:
        """Whether the plan is an equilibrium of the filtered game; None where that was not settled."""
        if self.deviation is not None:
            return False if self.deviation.gain > 0 else (True if self.settled else None)
        return None if self.trial is None else self.trial.equilibrium


@dataclass(frozen=True, eq=False)
class Collusion:
    """What one coalition can gain.

    Parameters
    ----------
    coalition : Coalition
    kind : {"pairwise", "joint"}
    pooled : bool
        Whether the members tell each other their types.
    stages : tuple of Stage
        By increasing ε, no filter last.
    notes : tuple of str
    stopped : str or None
    seconds : float
    """

    coalition: Coalition
    kind: str
    pooled: bool
    stages: tuple[Stage, ...]
    notes: tuple[str, ...] = ()
    stopped: str | None = None
    seconds: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names."""
        return self.coalition.panel.names

    @property
    def most(self) -> Fraction | None:
        """The largest gain at any ε."""
        return max((s.point.total for s in self.stages if s.point.total is not None), default=None)

    def to_frame(self) -> pd.DataFrame:
        """A row for every ε as a pandas DataFrame; gains and losses are Fractions."""
        import pandas as pd

        agents = self.coalition.game.problem.agents
        rows: list[dict[str, Any]] = []
        for stage in self.stages:
            row: dict[str, Any] = {"epsilon": stage.point.epsilon, "total": stage.point.total}
            row |= {f"gain {agents[i].name}": q for i, q in stage.point.gain.items()}
            row |= {f"loss {agents[j].name}": q for j, q in stage.point.loss.items()}
            rows.append(row | {"equilibrium": stage.equilibrium})
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        from eqsolve.show.collusion_page import collusion_text

        return collusion_text(self)


def coalitions(game: LinkedGame, size: int) -> list[tuple[int, ...]]:
    """All coalitions of 2 to `size` agents whose announcements matter.

    Raises
    ------
    SizeError
        If there are more than `MAX_COALITIONS`.
    """
    active = game.unfiltered.active
    found: list[tuple[int, ...]] = []
    for k in range(2, min(size, len(active)) + 1):
        for members in itertools.combinations(active, k):
            found.append(members)
            if len(found) > MAX_COALITIONS:
                raise SizeError(f"more than {MAX_COALITIONS} coalitions of up to {size} agents; name one of them")
    return found


def collude(
    game: LinkedGame,
    members: Sequence[int | str],
    epsilons: Sequence[Fraction | None] | None = None,
    *,
    pooled: bool = True,
    kind: str | None = None,
    weights: Sequence[Fraction] | None = None,
    limit: bool = False,
    check: bool = True,
    deadline: float | None = None,
) -> Collusion:
    """What a coalition can gain over label-free play with announcements that pass a filter.

    Parameters
    ----------
    game : LinkedGame
    members : agents, as indices or names
    epsilons : numbers, None among them for no filter
        The game's own filter, if it has one, and no filter by default.
    pooled : bool
        Whether the members tell each other their types; if not there must be two of them.
    kind : {"pairwise", "joint"}, optional
        The distance; the game's own by default.
    weights : one number per member, optional
        Of the gains in the sum that is made as large as possible.
    limit : bool
        Also the frontier for many problems.
    check : bool
        Try plans in the filtered game.
    deadline : float, optional
        Of `time.monotonic`; what is known by then is returned.
    """
    start = time.monotonic()
    chosen = sorted(game.problem.agent_index(m) if isinstance(m, str) else m for m in members)
    own = filter_of(game)
    if kind is None:
        kind = PAIRWISE if own is None else own.kind
    if epsilons is None:
        epsilons = [None] if own is None else [own.epsilon, None]
    if len(set(chosen)) != len(chosen):
        raise ModelError(f"coalition: found {', '.join(map(str, members))}, expected each agent once")
    ordered = sorted(epsilons, key=lambda e: (e is None, e or Fraction(0)))
    work = _Work(Coalition(game, tuple(chosen)), kind, pooled, weights, limit, check, deadline)
    stages: list[Stage] = []
    stopped = None
    try:
        stages.extend(map(work.stage, ordered))
    except LimitReached as error:
        stopped = str(error)
    except KeyboardInterrupt:
        stopped = "interrupted"
    seconds = time.monotonic() - start
    return Collusion(work.coalition, kind, pooled, tuple(stages), tuple(work.notes), stopped, seconds)


@dataclass(eq=False)
class _Work:
    """One call of `collude`; filters that flag the same are worked out once."""

    coalition: Coalition
    kind: str
    pooled: bool
    weights: Sequence[Fraction] | None
    limit: bool
    check: bool
    deadline: float | None
    notes: list[str] = field(default_factory=list)
    done: dict[object, Stage] = field(default_factory=dict)

    @cached_property
    def frontier(self) -> Frontier | SilentFrontier:
        """The frontier, with or without pooling."""
        weights = None if self.weights is None else tuple(self.weights)
        kind = Frontier if self.pooled else SilentFrontier
        return kind(self.coalition, self.kind, weights, self.deadline)

    @cached_property
    def limits(self) -> LimitFrontier:
        """The frontier for many problems."""
        weights = None if self.weights is None else tuple(self.weights)
        return LimitFrontier(self.coalition, self.kind, weights)

    def note(self, text: str) -> None:
        """Remark on what was left out, once."""
        if text not in self.notes:
            self.notes.append(text)

    def stage(self, epsilon: Fraction | None) -> Stage:
        """Everything about one ε."""
        outside = set(Panel.of_game(self.coalition.game).choosing) - set(self.coalition.members)
        announcements = Announcements(self.coalition.panel, self.kind)
        key = epsilon if outside else announcements.signature(epsilon)
        if key in self.done:
            known = self.done[key]
            found = replace(known, point=replace(known.point, epsilon=epsilon))
            if known.opposite is not None:
                found = replace(found, opposite=replace(known.opposite, epsilon=epsilon))
        else:
            found = self.done[key] = self._stage(epsilon)
        return replace(found, limit=self.limits.point(epsilon)) if self.limit else found

    def _stage(self, epsilon: Fraction | None) -> Stage:
        """Everything about an ε that was not met before."""
        point = self.frontier.point(epsilon)
        stage = Stage(point)
        if not self.check:
            return stage
        try:
            stage = self._tried(stage, epsilon) if self.pooled else self._judged(stage, epsilon)
        except SizeError as error:
            self.note(f"not tried in the filtered game: {error}")
        if len(self.coalition.members) == 2 and self._two_types:
            try:
                stage = replace(stage, opposite=survival(self.coalition, epsilon, self.kind, self.deadline))
            except SizeError as error:
                self.note(f"the fixed opposite plan: {error}")
        return stage

    @property
    def _two_types(self) -> bool:
        """Whether all members announce two types."""
        return all(sum(1 for b in budget if b) == 2 for budget in self.coalition.panel.budgets)

    def _tried(self, stage: Stage, epsilon: Fraction | None) -> Stage:
        """The plan in the filtered game; if it does not hold, the best one that does."""
        if stage.point.plan is None or not isinstance(self.frontier, Frontier):
            return stage
        rehearsal = Rehearsal(self.coalition, epsilon, self.kind, self.deadline)
        stage = replace(stage, trial=trial(rehearsal, stage.point.plan))
        assert stage.trial is not None
        if stage.trial.disobedience.gain == 0:
            return stage
        try:
            holding = self.frontier.point(epsilon, obedient=True)
            return replace(
                stage,
                holding=holding,
                holding_trial=None if holding.plan is None else trial(rehearsal, holding.plan),
            )
        except SizeError as error:
            self.note(f"plans that no member would leave: {error}")
            return stage

    def _judged(self, stage: Stage, epsilon: Fraction | None) -> Stage:
        """The best unilateral deviation from strategies of agents who cannot talk."""
        game = self.coalition.game.unfiltered
        if not stage.point.strategies:
            return stage
        judge = None if epsilon is None else CorrelationFilter(Panel.of_game(game), epsilon, self.kind)
        play = FilteredPlay(game, Substitution(game, judge), self.deadline)
        profile = tuple(
            stage.point.strategies.get(i)
            or uniform({t: list(game.budgets[i].messages()) for t in game.type_vectors(i)})
            for i in range(game.n)
        )
        settled = set(play.substitution.choosing) <= set(self.coalition.members)
        return replace(stage, deviation=play.deviation(profile, self.coalition.members), settled=settled)
