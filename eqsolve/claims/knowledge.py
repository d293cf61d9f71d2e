"""What is known of all equilibria of a linked game: worked out once, when a claim asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from eqsolve.claims.verdict import Interval, Payoffs
from eqsolve.errors import LimitReached, NotSupported, SizeError
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge import bounds
from eqsolve.judge.assess import Assessor
from eqsolve.judge.complementarity_bound import Range, equilibrium_range
from eqsolve.judge.truth import TruthJudge, worst
from eqsolve.linking import LinkedGame
from eqsolve.search import find_equilibria
from eqsolve.solution import Equilibrium, Solution
from eqsolve.solving import solve
from eqsolve.strategy import Strategy

RANGE_SECONDS = 60.0

INTERRUPTED = "interrupted"
"""Why work ended after Ctrl-C, in the words of the engines."""

Progress = Callable[[Any], None]


class Knowledge:
    """Facts about a linked game, cheap ones first; each is computed when it is first asked for.

    Parameters
    ----------
    game : LinkedGame
    seed : int
        Of the search for witnesses.
    deadline : float, optional
        Of `time.monotonic`; long work ends there, and what it would have shown stays unknown.
    progress : callable, optional
        Told about long searches.
    """

    def __init__(
        self, game: LinkedGame, *, seed: int = 0, deadline: float | None = None, progress: Progress | None = None
    ) -> None:
        self.game = game
        self.seed = seed
        self.deadline = deadline
        self.progress = progress
        self._found: list[Equilibrium] = []
        self._source: Iterator[Equilibrium] | None = None

    def remaining(self) -> float | None:
        """Seconds until the deadline, None without one.

        Raises
        ------
        LimitReached
            Once it has passed.
        """
        if self.deadline is None:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise LimitReached("time limit")
        return left

    # Bounds

    @cached_property
    def floor(self) -> Payoffs:
        """Untightened lower bounds on the payoffs of all equilibria."""
        return tuple(bounds.floor(self.game, i) for i in range(self.game.n))

    @cached_property
    def ceiling(self) -> Payoffs:
        """Untightened upper bounds on the payoffs of all equilibria."""
        return tuple(bounds.ceiling(self.game, i) for i in range(self.game.n))

    @property
    def bounds_meet(self) -> bool:
        """Whether floors and ceilings prove all payoffs."""
        return None not in self.floor and self.floor == self.ceiling

    # Dominance

    @cached_property
    def undominated(self) -> bounds.Undominated | None:
        """What iterated interim dominance leaves; None where lie tables do not tell it or are too many."""
        try:
            left = bounds.undominated_tables(self.game, deadline=self.deadline)
        except (SizeError, NotSupported):
            return None
        self.remaining()
        return left

    @cached_property
    def surviving_truth(self) -> str | None:
        """The least truthful class among all announcements that dominance leaves; None where that is not known."""
        if self.undominated is None or not _everybody_matters(self.game):
            return None
        judge = TruthJudge(self.game)
        return worst(
            judge.classify(i, table)
            for i, left in self.undominated.tables.items()
            for tables in left.values()
            for table in tables
        )

    # Equilibria

    @cached_property
    def label_free_form(self) -> LabelFreeForm | None:
        """The label-free form at an equilibrium; None where iteration finds none (loose budgets)."""
        return LabelFreeForm(self.game) if LabelFreeForm.applies(self.game) else fixed_point(self.game)

    @cached_property
    def label_free_payoffs(self) -> tuple[Fraction, ...] | None:
        """Payoffs of all label-free equilibria; None where they may differ."""
        if LabelFreeForm.applies(self.game):
            return LabelFreeForm(self.game).payoffs()
        return solve(self.game, form="label-free", max_seconds=self.remaining()).label_free_payoffs

    @cached_property
    def assessor(self) -> Assessor:
        """Judges what is found against the label-free payoffs."""
        return Assessor(self.game, self.label_free_payoffs)

    @cached_property
    def label_free(self) -> Equilibrium | None:
        """The label-free equilibrium; None where iteration finds none."""
        form = self.label_free_form
        return None if form is None else self.assessor.label_free_equilibrium(form)

    @cached_property
    def ranges(self) -> dict[int, Range]:
        """Exact ranges of the active agents' payoffs over all equilibria, where two agents are active.

        An agent is left out where the range is too large a problem; its ends are what was proved in time. Equilibria
        that were met on the way are kept.
        """
        found: dict[int, Range] = {}
        if len(self.game.active) != 2:
            return found
        known = [e.strategies for e in (self.label_free,) if e is not None and e.strategies is not None]
        for i in self.game.active:
            try:
                seconds = min(RANGE_SECONDS, self.remaining() or RANGE_SECONDS)
                found[i] = equilibrium_range(self.game, i, max_seconds=seconds, known=known)
            except (NotSupported, SizeError):
                continue
            self._go_on(found[i].stopped)
            known += found[i].equilibria
        for profile in known:
            self._keep(self.judged(profile))
        return found

    @cached_property
    def complete(self) -> Solution | None:
        """The complete list of equilibria, where the game is small enough for one."""
        solution = solve(self.game, max_seconds=self.remaining(), seed=self.seed, progress=self.progress)
        self._go_on(solution.stopped)
        return solution if solution.scope == "all" and solution.complete else None

    def _go_on(self, stopped: str | None) -> None:
        """After work that keeps what it has when it is stopped: nothing more is begun after Ctrl-C or the deadline."""
        if stopped == INTERRUPTED:
            raise KeyboardInterrupt
        self.remaining()

    def equilibria(self) -> Iterator[Equilibrium]:
        """All extreme equilibria of a small game, free ties included; else what was found and what the search adds.

        What was found once is kept, so asking again costs nothing. The label-free equilibrium comes first where it is
        known.
        """
        if self.complete is not None:
            yield from self.complete
            return
        k = 0
        while True:
            while k < len(self._found):
                yield self._found[k]
                k += 1
            if self._source is None:
                self._source = self._search()
            self.remaining()
            following = next(self._source, None)
            if following is None:
                return
            self._keep(following)

    def _keep(self, e: Equilibrium) -> None:
        """Add an equilibrium, unless its strategies are known."""
        if e.strategies is None or all(known.strategies != e.strategies for known in self._found):
            self._found.append(e)

    def _search(self) -> Iterator[Equilibrium]:
        if self.label_free is not None:
            yield self.label_free
        try:
            for profile in find_equilibria(self.game, seed=self.seed, deadline=self.deadline):
                yield self.judged(profile)
        except (SizeError, NotSupported):
            return

    @cached_property
    def _separable(self) -> SeparableForm:
        return SeparableForm(self.game)

    def judged(self, profile: tuple[Strategy, ...]) -> Equilibrium:
        """A profile of strategies as an entry, its regret computed again."""
        return self.assessor.equilibrium(self._separable, profile, tuple({} for _ in profile))

    @property
    def seen(self) -> tuple[Equilibrium, ...]:
        """What was found so far, the complete list included once there is one."""
        complete = vars(self).get("complete")
        return tuple(self._found) if complete is None else (*complete, *self._found)

    @property
    def found(self) -> tuple[Interval, ...]:
        """Range of the payoffs found so far, per agent."""
        payoffs = [e.payoffs for e in self.seen]
        if not payoffs:
            return ((None, None),) * self.game.n
        return tuple((min(column), max(column)) for column in zip(*payoffs, strict=True))


def _everybody_matters(game: LinkedGame) -> bool:
    """Whether no agent has a choice of messages that nobody's payoff depends on: such an agent may say anything."""
    return all(i in game.active or game.budgets[i].message_count() == 1 for i in range(game.n))


def extreme_payoffs(found: Sequence[Equilibrium]) -> list[Equilibrium]:
    """Of equilibria that pay differently those that pay some agent most or least, the first found of each."""
    if not found:
        return []
    picked: dict[tuple[object, ...], Equilibrium] = {found[0].payoffs: found[0]}
    for i in range(len(found[0].payoffs)):
        for pick in (min, max):
            e = pick(found, key=lambda e: e.payoffs[i])
            picked.setdefault(e.payoffs, e)
    return list(picked.values())
