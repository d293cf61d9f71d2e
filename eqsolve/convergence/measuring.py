"""Measure a curve: payoffs first, at all numbers of copies, then floors and ceilings."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.convergence.result import Curve, CurvePoint, Figures
from eqsolve.errors import EqsolveError, LimitReached, ModelError, NotSupported, SizeError
from eqsolve.exact.estimate import Estimate, rounded_up
from eqsolve.exact.multinomial import histogram_count
from eqsolve.exact.rational import common_denominator
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.judge import bounds
from eqsolve.judge.bounds.security import bystander_range, estimated_security_level, has_two_opponents, security_level
from eqsolve.linking import LinkedGame
from eqsolve.model import Model

EXACT_HISTOGRAMS = 100_000
EXACT_WORK = 10**9
FLOOR_VARIABLES = 600
CEILING_JOINTS = 500
CEILING_STATES = 300_000


@dataclass(frozen=True)
class Progress:
    """How far the work is: what is computed, at which number of copies, and how many steps of all are done."""

    stage: str
    copies: int
    done: int
    total: int


def curve(
    model: Model,
    copies: Sequence[int],
    *,
    exact: bool | None = None,
    max_seconds: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Curve:
    """Label-free payoffs, floors, ceilings and gaps to the rule at several numbers of copies.

    Payoffs come first, at all K, then floors and ceilings: what is known when a limit stops the work is returned, as
    after Ctrl-C.

    Parameters
    ----------
    model : Model
    copies : sequence of int
        Numbers of copies, in any order.
    exact : bool, optional
        Exact figures only, or floating point figures with a proved error only. By default exact, except at K with
        more than `EXACT_HISTOGRAMS` histograms of types. Ceilings are computed at exact points only.
    max_seconds : float, optional
    progress : callable, optional
        Called before every step.

    Returns
    -------
    Curve

    Raises
    ------
    ModelError
        If the model cannot be linked on one of these numbers of copies.
    SizeError
        If there are too many histograms even for floating point, or for exact figures where they are asked for.
    NotSupported
        If types are not exchangeable across problems.

    Examples
    --------
    >>> import eqsolve as eq
    >>> points = eq.curve(eq.load("object"), [2, 4]).points
    >>> [str(point.payoffs[0]) for point in points]
    ['53/16', '221/64']
    """
    start = time.monotonic()
    games = _linked(model, copies)
    deadline = None if max_seconds is None else start + max_seconds
    work = _Work(games, exact, deadline, progress)
    stopped = None
    try:
        work.run()
    except LimitReached as error:
        stopped = str(error)
    except KeyboardInterrupt:
        stopped = "interrupted"
    except MemoryError as error:
        if isinstance(error, EqsolveError):
            raise
        stopped = "memory limit"
    return Curve(model, work.points(), work.scope, stopped, time.monotonic() - start)


def _linked(model: Model, copies: Sequence[int]) -> list[LinkedGame]:
    if not copies:
        raise ModelError("copies: found none, expected at least one number")
    games = []
    for k in sorted(set(copies)):
        try:
            games.append(model.link(k))
        except EqsolveError as error:
            told = str(error)
            raise type(error)(told if told.startswith("copies") else f"copies {k}: {told}") from None
    return games


class _Work:
    """One call of `curve`: what is known so far, agent by agent."""

    def __init__(
        self,
        games: Sequence[LinkedGame],
        exact: bool | None,
        deadline: float | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.games = games
        self.deadline = deadline
        self.progress = progress
        self.scope = "label-free" if all(LabelFreeForm.applies(g) for g in games) else "found"
        self.exact = [_is_affordable(g) if exact is None else exact for g in games]
        for game, is_exact in zip(games, self.exact, strict=True):
            for i in game.active:
                game.type_laws[i].check_size(is_exact)
        self.payoffs: list[tuple[Fraction | Estimate | None, ...]] = []
        self.floor: list[list[Fraction | Estimate | None]] = [[None] * g.n for g in games]
        self.ceiling: list[list[Fraction | None]] = [[None] * g.n for g in games]
        self.done = 0

    def run(self) -> None:
        """Payoffs of all games first, then floors, then ceilings: a point without its payoffs is not given."""
        for k, game in enumerate(self.games):
            self._step("payoffs", game)
            self.payoffs.append(self._label_free(k))
        for k, game in enumerate(self.games):
            for i in range(game.n):
                self._step("floors", game)
                with suppress(SizeError, NotSupported):  # then it stays unknown
                    self.floor[k][i] = self._floor(k, i)
        for k, game in enumerate(self.games):
            for i in range(game.n):
                self._step("ceilings", game)
                with suppress(SizeError, NotSupported):
                    self.ceiling[k][i] = self._ceiling(k, i)

    def _step(self, stage: str, game: LinkedGame) -> None:
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise LimitReached("time limit")
        if self.progress is not None:
            self.progress(Progress(stage, game.copies, self.done, len(self.games) * (1 + 2 * game.n)))
        self.done += 1

    def _label_free(self, k: int) -> tuple[Fraction | Estimate | None, ...]:
        game = self.games[k]
        form = LabelFreeForm(game) if LabelFreeForm.applies(game) else fixed_point(game, deadline=self.deadline)
        if form is None:
            return (None,) * game.n
        if self.exact[k]:
            return tuple(form.payoff(i, self.deadline) for i in range(game.n))
        return tuple(form.estimate(i, self.deadline) for i in range(game.n))

    def _floor(self, k: int, i: int) -> Fraction | Estimate | None:
        game = self.games[k]
        others = [j for j in game.active if j != i]
        if len(others) <= 1 and LabelFreeForm.applies(game):
            return self.payoffs[k][i]  # what it can secure is what it gets
        if has_two_opponents(game, i):
            if self.exact[k]:
                return security_level(game, i, self.deadline)
            return estimated_security_level(game, i, self.deadline)
        if not self.exact[k] or _floor_variables(game, i) > FLOOR_VARIABLES:
            return None
        return bounds.floor(game, i)

    def _ceiling(self, k: int, i: int) -> Fraction | None:
        game = self.games[k]
        if not self.exact[k]:
            return None
        if i not in game.active and has_two_opponents(game, i):
            return bystander_range(game, i)[1]
        return bounds.ceiling(game, i) if _ceiling_is_affordable(game, i) else None

    def points(self) -> tuple[CurvePoint, ...]:
        """The points whose payoffs are known."""
        return tuple(
            _point(game, payoffs, floor, ceiling)
            for game, payoffs, floor, ceiling in zip(self.games, self.payoffs, self.floor, self.ceiling, strict=False)
        )


def _point(
    game: LinkedGame,
    payoffs: Sequence[Fraction | Estimate | None],
    floor: Sequence[Fraction | Estimate | None],
    ceiling: Sequence[Fraction | None],
) -> CurvePoint:
    target = game.rule.target()
    figures: list[Figures] = [tuple(x.value if isinstance(x, Estimate) else x for x in row) for row in (payoffs, floor)]
    errors = [
        max((x.error for x in row if isinstance(x, Estimate)), default=None) for row in zip(payoffs, floor, strict=True)
    ]
    point = CurvePoint(game.copies, figures[0], figures[1], tuple(ceiling), target)
    if all(e is None for e in errors):
        return point
    # The gap is a difference that was rounded once more.
    rounding = (
        Fraction(0) if p is None or g is None else abs(t - Fraction(p) - Fraction(g))
        for t, p, g in zip(target, point.payoffs, point.gap, strict=True)
    )
    error = tuple(rounded_up(Fraction(e or 0) + r) for e, r in zip(errors, rounding, strict=True))
    return CurvePoint(game.copies, point.payoffs, point.floor, point.ceiling, target, error)


def _is_affordable(game: LinkedGame) -> bool:
    """Whether label-free payoffs are computed exactly unasked."""
    work = 0.0
    for i in game.active:
        prior = game.problem.agents[i].prior
        histograms = histogram_count(prior, game.copies)
        if histograms > EXACT_HISTOGRAMS:
            return False
        work += histograms * game.copies * math.log2(common_denominator(prior))
    return work <= EXACT_WORK


def _floor_variables(game: LinkedGame, i: int) -> int:
    """Variables of the linear program for a security level."""
    agent = game.problem.agents[i]
    return histogram_count(agent.prior, game.copies) * len(agent.types) ** 2


def _ceiling_is_affordable(game: LinkedGame, i: int) -> bool:
    """Whether the joint counts of true types and others' announcements are few enough to be summed."""
    joints = bounds.joint_histograms(game, i, CEILING_JOINTS)
    if joints is None:
        return False
    prior = game.problem.agents[i].prior
    return sum(math.prod(histogram_count(prior, c) for c in joint.values()) for joint in joints) <= CEILING_STATES
