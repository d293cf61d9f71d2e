"""Solve a linked game: choose a form, find its equilibria, judge them.

Small games of two active agents are solved completely in their explicit form. Everything else is solved in its
label-free form, which is exact at any number of copies, with floors and ceilings for all other equilibria.
"""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, partial

from eqsolve.engines.complementarity import NashSet
from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.enumerate import METHODS as ENUMERATIONS
from eqsolve.forms.explicit import MAX_COPIES, ExplicitForm, explicit_cells
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.forms.label_free_game import LabelFreeGame
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge import bounds
from eqsolve.judge.assess import Assessor
from eqsolve.judge.listing import Listing, explicit_strategy, number_profiles
from eqsolve.linking import LinkedGame
from eqsolve.search import best_response_equilibria, find_equilibria
from eqsolve.solution import Equilibrium, Solution
from eqsolve.solving_filtered import FilteredSolver
from eqsolve.solving_work import Progress, SolvingWork
from eqsolve.strategy import expected_payoffs

AUTO_CELLS = 1_000_000
AUTO_LABELS = 140
FORMS = ("auto", "explicit", "separable", "label-free")
METHODS = ("auto", *ENUMERATIONS, "lp", "best-response")

Payoffs = tuple[Fraction, ...]


def solve(
    game: LinkedGame,
    *,
    form: str = "auto",
    method: str = "auto",
    max_seconds: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """Equilibria of a linked game, with what they mean.

    Parameters
    ----------
    game : LinkedGame
    form : {"auto", "explicit", "separable", "label-free"}
        ``explicit`` lists type vectors and messages and finds every equilibrium of two active agents;
        ``separable`` searches for some equilibria of any number of agents, without listing messages;
        ``label-free`` is exact at any size, for the equilibria that do not depend on labels.
    method : {"auto", "complementarity", "support-enumeration", "lp", "best-response"}
        The engine. ``lp``: dominance, constant-sum games and label-free transportation problems only.
        ``best-response``: some equilibria, by iteration in the separable form.
    max_seconds : float, optional
        Limit on the search; what was found by then is returned with ``complete=False``, as after Ctrl-C.
    seed : int
        Of random starts (separable form only).
    progress : callable, optional
        Called now and then with the statistics of the search.

    Returns
    -------
    Solution

    Raises
    ------
    ModelError
        For an unknown form or method.
    SizeError, NotSupported
        If the form asked for is too large or cannot answer; the message says which one can.

    Examples
    --------
    >>> import eqsolve as eq
    >>> solution = eq.solve(eq.load("object").link(2))
    >>> [str(payoff) for payoff in solution.label_free_payoffs]
    ['53/16', '53/16']
    >>> solution.payoffs_unique
    True
    """
    if form not in FORMS:
        raise ModelError(f"form: found {form!r}, expected one of {', '.join(FORMS)}")
    if method not in METHODS:
        raise ModelError(f"method: found {method!r}, expected one of {', '.join(METHODS)}")
    start = time.monotonic()
    kind = _Solver if game.options.filter is None else FilteredSolver
    solver = kind(game, method, max_seconds, seed, progress)
    try:
        solution = solver.run(form)
    except LimitReached as error:
        solution = solver.unfinished(str(error))
    except KeyboardInterrupt:
        solution = solver.unfinished("interrupted")
    return replace(solution, seconds=time.monotonic() - start)


def unfinished(game: LinkedGame, why: str) -> Solution:
    """What is known of a game when work on it was stopped before it began."""
    kind = _Solver if game.options.filter is None else FilteredSolver
    return kind(game, "auto", None, 0, None).unfinished(why)


class _Solver(SolvingWork):
    """One call of `solve` for a game without a filter."""

    def run(self, form: str) -> Solution:
        """Solve in a form; ``auto`` is the explicit one if the game is small enough, else label-free or separable."""
        if form == "separable" or (form != "label-free" and self.method == "best-response"):
            self.form = "separable"
            return self._searched(form)
        if form == "auto":
            reason = self._why_not_explicit()
            form = "explicit" if reason is None else "label-free" if self.game.is_exchangeable else "separable"
            if reason is not None:
                self.notes.append(f"{form} form: {reason}")
            if form == "separable":
                return self.run(form)
        if form == "label-free":
            self.game.require_exchangeable()
        self.form = form
        if form == "label-free":
            self._bound()
            return self._exact_label_free() if LabelFreeForm.applies(self.game) else self._loose_label_free()
        explicit = ExplicitForm(self.game)
        self._bound()
        return self._all_equilibria(explicit)

    def _bound(self) -> None:
        """Floors and ceilings, first of all: they stay known whatever stops the search."""
        for i in range(self.game.n):
            self.floor[i] = bounds.floor(self.game, i)
            self.ceiling[i] = bounds.ceiling(self.game, i)

    def _why_not_explicit(self) -> str | None:
        """Why the explicit form is not taken unasked; None if it is small enough."""
        if self.game.copies > MAX_COPIES:
            return f"{self.game.copies:,} problems are too many to list type vectors"
        cells = explicit_cells(self.game)
        if cells > AUTO_CELLS:
            return f"the explicit form has {in_words(cells)} payoffs, more than {AUTO_CELLS:,}"
        if len(self.game.active) > 2:
            return f"{len(self.game.active)} agents have a choice, and all equilibria are listed for two at most"
        labels = sum(ReducedGame(ExplicitForm(self.game).bayesian).labels)
        if labels > AUTO_LABELS:
            return (
                f"{labels} messages, over all type vectors, survive dominance, more than {AUTO_LABELS}; "
                "--form explicit tries all the same"
            )
        return None

    # All equilibria of two active agents

    def _all_equilibria(self, form: ExplicitForm) -> Solution:
        if len(self.game.active) > 2:
            raise NotSupported(
                f"{len(self.game.active)} agents have a choice, and all equilibria are listed for two at most; "
                "--form label-free and --method best-response answer for any number"
            )
        reduced = ReducedGame(form.bayesian)
        if reduced.eliminations:
            self.notes.append(
                f"{len(reduced.eliminations)} messages at some type vector are interim strictly dominated "
                "and were removed"
            )
        found = self.enumerate(reduced)
        listing = number_profiles(self.game, reduced.class_subsets(found), partial(explicit_strategy, form))
        return self._collect(listing, found, form, scope="all")

    def _loose_label_free(self) -> Solution:
        """Label-free equilibria with loose budgets: all of them for two active agents, else one by iteration."""
        try:
            smaller = LabelFreeGame(self.game)
            form = SeparableForm(self.game)
            _ = [form.vectors(i) for i in self.game.active]  # few enough to be listed
        except (SizeError, NotSupported) as error:
            return self._one_label_free(error)
        found = self.enumerate(smaller.reduced)
        listing = number_profiles(
            self.game, smaller.reduced.class_subsets(found), lambda p, told: (smaller.strategy(p, told), {})
        )
        return self._collect(listing, found, form, scope="label-free")

    def _collect(self, listing: Listing, found: NashSet, form: ExplicitForm | SeparableForm, scope: str) -> Solution:
        """Judge what a search found and put the label-free equilibrium first."""
        if listing.shortened:
            self.notes.append("some subsets list every extreme strategy, but not every pair of them")
        payoffs = self._label_free_payoffs(listing, found, scope)
        assessor = Assessor(self.game, payoffs)
        return self.collect(
            listing,
            found,
            assessor,
            form,
            lambda: self._first(assessor),
            form="explicit" if scope == "all" else "label-free",
            scope=scope,
            label_free_payoffs=payoffs,
        )

    def _first(self, assessor: Assessor) -> Equilibrium | None:
        """The label-free equilibrium that is listed first."""
        return assessor.label_free_equilibrium(self._label_free) if self._label_free else None

    @cached_property
    def _label_free(self) -> LabelFreeForm | None:
        """The label-free form at a label-free equilibrium; None where iteration finds none (loose budgets)."""
        return LabelFreeForm(self.game) if LabelFreeForm.applies(self.game) else fixed_point(self.game)

    def _label_free_payoffs(self, listing: Listing, found: NashSet, scope: str) -> Payoffs | None:
        """What every label-free equilibrium pays; None if they differ or that was not settled."""
        if LabelFreeForm.applies(self.game):
            return LabelFreeForm(self.game).payoffs()
        among = self._payoffs_among(listing)
        if len(among) != 1 and scope == "all":
            try:
                smaller = LabelFreeGame(self.game)
            except (SizeError, NotSupported):
                return None
            found = self.enumerate(smaller.reduced)
            subsets = smaller.reduced.class_subsets(found)
            inner = number_profiles(self.game, subsets, lambda p, told: (smaller.strategy(p, told), {}))
            among = self._payoffs_among(inner)
        return among.pop() if found.complete and len(among) == 1 else None

    def _payoffs_among(self, listing: Listing) -> set[Payoffs]:
        """Payoffs of listed profiles, two of them where they differ."""
        among: set[Payoffs] = set()
        for profile, _ in listing.profiles:
            among.add(expected_payoffs(self.game, profile))
            if len(among) > 1:
                break
        return among

    # Label-free equilibria, one by one

    def _exact_label_free(self) -> Solution:
        """The label-free equilibria of exact budgets: interchangeable, all with the same payoffs."""
        if self.method in ENUMERATIONS:
            raise NotSupported(
                f"--method {self.method} enumerates the explicit form; the label-free equilibria of exact budgets are "
                "found by transportation problems (--method lp)"
            )
        form = LabelFreeForm(self.game)
        entry = Assessor(self.game, form.payoffs()).label_free_equilibrium(form)
        return self.single(entry, "transportation", complete=True)

    def _one_label_free(self, why: Exception) -> Solution:
        self.notes.append(str(why))
        if self._label_free is None:
            return self.unfinished("iterated best responses in announced frequencies found no label-free equilibrium")
        return self.single(Assessor(self.game, None).label_free_equilibrium(self._label_free), "best-response", False)

    # Some equilibria of any number of agents

    def _searched(self, form: str) -> Solution:
        """Equilibria that the search in the separable form finds; label-free ones where it is too large, unasked."""
        search = {"auto": find_equilibria, "best-response": best_response_equilibria}.get(self.method)
        if search is None:
            raise NotSupported(
                f"--method {self.method} needs the explicit form; the separable form is searched by --method auto or "
                "best-response"
            )
        try:
            separable = SeparableForm(self.game)
            profiles = search(self.game, seed=self.seed, deadline=self.deadline)
        except SizeError as error:
            if form != "auto":
                raise
            self.notes.append(f"label-free form: {error}")
            return self.run("label-free")
        self._bound()
        payoffs = LabelFreeForm(self.game).payoffs() if LabelFreeForm.applies(self.game) else None
        assessor = Assessor(self.game, payoffs)
        return self.sample(
            profiles,
            assessor,
            separable,
            lambda: self._first(assessor),
            form="separable",
            method="best-response" if self.method == "best-response" else "search",
            label_free_payoffs=payoffs,
        )
