"""Solve a linked game with a correlation filter.

Label-free equilibria are exact at any number of problems. At few problems the filtered game is written out: all its
equilibria are listed where two agents choose and little is open, elsewhere best responses from structured starts find
some. Floors and ceilings of the unfiltered game do not hold, so none are given.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from eqsolve.engines.complementarity import Statistics
from eqsolve.errors import LimitReached, NotSupported, SizeError
from eqsolve.exact.rational import in_words, text
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.enumerate import METHODS as ENUMERATIONS
from eqsolve.forms.enumerate import enumerate_blocks
from eqsolve.forms.explicit import MAX_COPIES, explicit_cells
from eqsolve.forms.filtered import FilteredForm, FilteredLabelFree
from eqsolve.judge.efficiency import ex_ante_efficiency
from eqsolve.judge.filtered import FilteredAssessor
from eqsolve.judge.listing import explicit_strategy, label_free_first, number_profiles
from eqsolve.linking import LinkedGame
from eqsolve.search.filtered import find_filtered
from eqsolve.solution import Equilibrium, Solution

AUTO_CELLS = 1_000_000
AUTO_LABELS = 60
Progress = Callable[[Statistics], None]


class FilteredSolver:
    """One call of `solve` for a game with a filter.

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

    def run(self, form: str) -> Solution:
        """Solve in the form asked for.

        Raises
        ------
        NotSupported, SizeError
            If that form cannot answer.
        """
        if form == "separable":
            raise NotSupported(
                "link.filter: a game with a correlation filter has no separable form; --form explicit (few problems) "
                "and label-free answer"
            )
        self._describe()
        if form == "auto":
            reason = self._why_not_explicit()
            form = "explicit" if reason is None else "label-free"
            if reason is not None:
                self.notes.append(f"label-free form: {reason}")
        self.form = form
        if form == "label-free":
            return self._label_free_only()
        return self._explicit(FilteredForm(self.game))

    def _describe(self) -> None:
        """Say what the filter is and how often it errs."""
        judge = self._label_free.substitution.judge
        assert judge is not None
        self.notes.append(
            f"filter: agents at a {judge.kind} distance above {text(judge.epsilon)} are flagged, and random "
            "announcements within their budgets replace theirs"
        )
        try:
            alarms = self._label_free.false_alarms()
        except SizeError as error:
            self.notes.append(f"no label-free equilibrium: {error}")
            return
        names = [a.name for a in self.game.problem.agents]
        told = [f"{name} {text(q)}" for name, q in zip(names, alarms, strict=True) if q]
        nobody = self._label_free.law.flagged().get(0, Fraction(0))
        self.notes.append(
            f"label-free play: flagged by chance {', '.join(told)}; somebody {text(1 - nobody)}"
            if told
            else "label-free play: nobody is flagged by chance"
        )

    @cached_property
    def _label_free(self) -> FilteredLabelFree:
        return FilteredLabelFree(self.game)

    @cached_property
    def _payoffs(self) -> tuple[Fraction, ...] | None:
        """Payoffs of all label-free equilibria; None where the filter cannot be worked out."""
        try:
            return self._label_free.payoffs()
        except SizeError:
            return None

    @cached_property
    def _assessor(self) -> FilteredAssessor:
        return FilteredAssessor(self.game, self._payoffs)

    def _first(self) -> Equilibrium | None:
        return None if self._payoffs is None else self._assessor.label_free_equilibrium(self._label_free)

    def _why_not_explicit(self) -> str | None:
        """Why the explicit form is not taken unasked; None if it is small enough."""
        if self.method == "lp":
            return "linear programs alone find label-free equilibria"
        if self.game.copies > MAX_COPIES:
            return f"{self.game.copies:,} problems are too many to list type vectors"
        cells = explicit_cells(self.game)
        if cells > AUTO_CELLS:
            return f"the explicit form has {in_words(cells)} payoffs, more than {AUTO_CELLS:,}"
        return None

    def _label_free_only(self) -> Solution:
        if self.method in ENUMERATIONS:
            raise NotSupported(
                f"--method {self.method} enumerates the explicit form; label-free equilibria are found by "
                "transportation problems (--method lp)"
            )
        payoffs = self._label_free.payoffs()
        entry = self._assessor.label_free_equilibrium(self._label_free)
        return self._solution(
            form="label-free",
            method="transportation",
            scope="label-free",
            complete=True,
            equilibria=(entry,),
            subsets=((0,),),
            components=((0,),),
            label_free_payoffs=payoffs,
        )

    def _explicit(self, form: FilteredForm) -> Solution:
        """All equilibria where that is within reach (or asked for), else some."""
        if self.method == "best-response":
            return self._searched(form)
        if len(self.game.active) > 2:
            if self.method in ENUMERATIONS:
                raise NotSupported(
                    f"{len(self.game.active)} agents choose, and all equilibria are listed for two at most; "
                    "--method best-response finds some"
                )
            self.notes.append(f"{len(self.game.active)} agents choose: all equilibria are listed for two at most")
            return self._searched(form)
        reduced = ReducedGame(form.bayesian)
        labels = sum(reduced.labels)
        if self.method == "auto" and labels > AUTO_LABELS:
            self.notes.append(
                f"{labels} messages, over all type vectors, survive dominance, more than {AUTO_LABELS}; "
                "--method complementarity tries to find all equilibria"
            )
            return self._searched(form)
        return self._complete(form, reduced)

    def _complete(self, form: FilteredForm, reduced: ReducedGame) -> Solution:
        left = None if self.deadline is None else max(0.0, self.deadline - time.monotonic())
        found = enumerate_blocks(reduced.blocks, method=self.method, max_seconds=left, progress=self.progress)
        listing = number_profiles(self.game, reduced.class_subsets(found), partial(explicit_strategy, form))
        entries = [self._assessor.equilibrium(form, profile, free) for profile, free in listing.profiles]
        equilibria, subsets = label_free_first(self._first(), entries, listing.subsets)
        return self._solution(
            form="explicit",
            method="complementarity" if self.method == "auto" else self.method,
            scope="all",
            complete=found.complete,
            stopped=found.stopped,
            equilibria=equilibria,
            subsets=subsets,
            components=tuple(tuple(sorted({e for k in part for e in subsets[k]})) for part in found.components),
            label_free_payoffs=self._payoffs,
            shortened=listing.shortened,
        )

    def _searched(self, form: FilteredForm) -> Solution:
        """The label-free equilibrium, and those that best responses reach."""
        first = self._first()
        entries: list[Equilibrium] = []
        stopped = None
        try:
            profiles = find_filtered(form, seed=self.seed, deadline=self.deadline)
            entries.extend(
                self._assessor.equilibrium(form, profile, tuple({} for _ in profile)) for profile in profiles
            )
        except KeyboardInterrupt:  # what was found is kept
            stopped = "interrupted"
        if self.deadline is not None and time.monotonic() > self.deadline:
            stopped = "time limit"
        equilibria, _ = label_free_first(first, entries, ())
        self.notes.append("the search finds some equilibria; others may exist")
        return self._solution(
            form="explicit",
            method="best-response",
            scope="found",
            complete=False,
            stopped=stopped,
            equilibria=equilibria,
            subsets=tuple((k,) for k in range(len(equilibria))),
            components=tuple((k,) for k in range(len(equilibria))),
            label_free_payoffs=self._payoffs,
        )

    def unfinished(self, why: str) -> Solution:
        """What is known when the work is stopped outside the search."""
        return self._solution(
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

    def _solution(self, *, stopped: str | None = None, **what: Any) -> Solution:
        nothing = (None,) * self.game.n
        solution = Solution(
            game=self.game,
            target=self.game.rule.target(),
            floor=nothing,
            ceiling=nothing,
            notes=tuple(self.notes),
            stopped=stopped,
            **what,
        )
        try:
            return replace(solution, efficiency=ex_ante_efficiency(self.game.rule))
        except (SizeError, LimitReached):
            return solution
