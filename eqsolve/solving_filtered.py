"""Solve a linked game with a correlation filter.

Label-free equilibria are exact at any number of problems. At few problems the filtered game is written out: all its
equilibria are listed where two agents choose and little is open, elsewhere best responses from structured starts find
some. Floors and ceilings of the unfiltered game do not hold, so none are given.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property, partial

from eqsolve.errors import NotSupported, SizeError
from eqsolve.exact.rational import in_words, text
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.enumerate import METHODS as ENUMERATIONS
from eqsolve.forms.explicit import MAX_COPIES, explicit_cells
from eqsolve.forms.filtered import FilteredForm, FilteredLabelFree
from eqsolve.judge.filtered import FilteredAssessor
from eqsolve.judge.listing import explicit_strategy, number_profiles
from eqsolve.search.filtered import find_filtered
from eqsolve.solution import Equilibrium, Solution
from eqsolve.solving_work import SolvingWork

AUTO_CELLS = 1_000_000
AUTO_LABELS = 60


class FilteredSolver(SolvingWork):
    """One call of `solve` for a game with a filter."""

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
        """The label-free form of the filtered game."""
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
        """What judges profiles against label-free play."""
        return FilteredAssessor(self.game, self._payoffs)

    def _first(self) -> Equilibrium | None:
        """The label-free equilibrium, if the filter can be worked out."""
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
        """The label-free equilibria, which all pay the same."""
        if self.method in ENUMERATIONS:
            raise NotSupported(
                f"--method {self.method} enumerates the explicit form; label-free equilibria are found by "
                "transportation problems (--method lp)"
            )
        return self.single(self._assessor.label_free_equilibrium(self._label_free), "transportation", complete=True)

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
        """All equilibria of two agents who choose."""
        found = self.enumerate(reduced)
        listing = number_profiles(self.game, reduced.class_subsets(found), partial(explicit_strategy, form))
        return self.collect(
            listing,
            found,
            self._assessor,
            form,
            self._first,
            form="explicit",
            scope="all",
            label_free_payoffs=self._payoffs,
        )

    def _searched(self, form: FilteredForm) -> Solution:
        """The label-free equilibrium, and those that best responses reach."""
        return self.sample(
            find_filtered(form, seed=self.seed, deadline=self.deadline),
            self._assessor,
            form,
            self._first,
            form="explicit",
            method="best-response",
            label_free_payoffs=self._payoffs,
        )
