"""What all ways to solve a linked game share: limits, judging what was found, and how it becomes a `Solution`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from eqsolve.engines.complementarity import NashSet, Statistics
from eqsolve.errors import LimitReached, SizeError
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.enumerate import enumerate_blocks
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge.assess import Assessor
from eqsolve.judge.efficiency import Efficiency, ex_ante_efficiency
from eqsolve.judge.listing import Listing, label_free_first
from eqsolve.linking import LinkedGame
from eqsolve.solution import Equilibrium, Solution
from eqsolve.strategy import Strategy

JUDGING = 0.25
"""Seconds past the deadline in which what was found is still judged."""
Progress = Callable[[Statistics], None]


class SolvingWork:
    """One call of `solve`.

    Parameters
    ----------
    game : LinkedGame
    method : str
    max_seconds : float, optional
    seed : int
    progress : callable, optional
    """

    def __init__(
        self, game: LinkedGame, method: str, max_seconds: float | None, seed: int, progress: Progress | None
    ) -> None:
        self.game = game
        self.method = method
        self.deadline = None if max_seconds is None else time.monotonic() + max_seconds
        self.seed = seed
        self.progress = progress
        self.notes: list[str] = []
        self.form = "label-free"
        self.floor: list[Fraction | None] = [None] * game.n
        self.ceiling: list[Fraction | None] = [None] * game.n

    def enumerate(self, reduced: ReducedGame) -> NashSet:
        """All equilibria of a reduced game, in the time that is left."""
        remaining = None if self.deadline is None else max(0.0, self.deadline - time.monotonic())
        return enumerate_blocks(reduced.blocks, method=self.method, max_seconds=remaining, progress=self.progress)

    def collect(
        self,
        listing: Listing,
        found: NashSet,
        assessor: Assessor,
        written: ExplicitForm | SeparableForm,
        first: Callable[[], Equilibrium | None],
        **what: Any,
    ) -> Solution:
        """Judge what an enumeration found and put the label-free equilibrium, asked for afterwards, first."""
        entries, stopped = self._judged(listing, assessor, written)
        listed = [[k for k in subset if k < len(entries)] for subset in listing.subsets]
        equilibria, subsets = label_free_first(first(), entries, listed)
        components = (tuple(sorted({e for k in part for e in subsets[k]})) for part in found.components)
        return self.solution(
            method="complementarity" if self.method == "auto" else self.method,
            complete=found.complete and stopped is None,
            stopped=found.stopped or stopped,
            equilibria=equilibria,
            subsets=tuple(subset for subset in subsets if subset),
            components=tuple(part for part in components if part),
            shortened=listing.shortened,
            **what,
        )

    def _judged(
        self, listing: Listing, assessor: Assessor, written: ExplicitForm | SeparableForm
    ) -> tuple[list[Equilibrium], str | None]:
        """Listed profiles judged, in order, and why not all of them."""
        entries: list[Equilibrium] = []
        latest = None if self.deadline is None else max(self.deadline, time.monotonic()) + JUDGING
        try:
            for profile, free in listing.profiles:
                if latest is not None and time.monotonic() > latest:
                    return entries, "time limit"
                entries.append(assessor.equilibrium(written, profile, free))
        except LimitReached as error:
            return entries, str(error)
        except KeyboardInterrupt:
            return entries, "interrupted"
        return entries, None

    def sample(
        self,
        profiles: Iterable[Sequence[Strategy]],
        assessor: Assessor,
        written: ExplicitForm | SeparableForm,
        first: Callable[[], Equilibrium | None],
        **what: Any,
    ) -> Solution:
        """Judge what a search finds, one by one, behind the label-free equilibrium; what was found is kept."""
        entries: list[Equilibrium] = []
        stopped = None
        try:
            entries.extend(assessor.equilibrium(written, profile, tuple({} for _ in profile)) for profile in profiles)
        except KeyboardInterrupt:
            stopped = "interrupted"
        if self.deadline is not None and time.monotonic() > self.deadline:
            stopped = "time limit"
        equilibria, _ = label_free_first(first(), entries, ())
        self.notes.append("the search finds some equilibria; others may exist")
        return self.solution(
            scope="found",
            complete=False,
            stopped=stopped,
            equilibria=equilibria,
            subsets=tuple((k,) for k in range(len(equilibria))),
            components=tuple((k,) for k in range(len(equilibria))),
            **what,
        )

    def single(self, entry: Equilibrium, method: str, complete: bool) -> Solution:
        """One label-free equilibrium; if `complete` all others pay the same."""
        return self.solution(
            form="label-free",
            method=method,
            scope="label-free" if complete else "found",
            complete=complete,
            equilibria=(entry,),
            subsets=((0,),),
            components=((0,),),
            label_free_payoffs=entry.payoffs if complete else None,
        )

    def unfinished(self, why: str) -> Solution:
        """What is known when the work is stopped outside the search; nothing more is worked out."""
        return self._told(
            form=self.form,
            method=self.method,
            scope="found",
            complete=False,
            stopped=why,
            equilibria=(),
            subsets=(),
            components=(),
            label_free_payoffs=None,
        )

    def solution(self, **what: Any) -> Solution:
        """A solution with what is the same for all forms: target, floors, ceilings, efficiency of the rule."""
        return self._told(efficiency=self._efficiency(), **what)

    def _told(self, **what: Any) -> Solution:
        """A solution with what is known already."""
        what.setdefault("stopped", None)
        return Solution(
            game=self.game,
            target=self.game.rule.target(),
            floor=tuple(self.floor),
            ceiling=tuple(self.ceiling),
            notes=tuple(self.notes),
            **what,
        )

    def _efficiency(self) -> Efficiency | None:
        """Whether the rule is ex ante efficient; None, with a note, where that is out of reach."""
        try:
            return ex_ante_efficiency(self.game.rule)
        except (SizeError, LimitReached) as error:
            self.notes.append(str(error))
            return None
