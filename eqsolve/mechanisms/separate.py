"""The rule on each problem by itself, without budgets: what linking is compared with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial

from eqsolve.budget import BudgetRule
from eqsolve.errors import LimitReached, NotSupported, SizeError
from eqsolve.forms.blocks import ReducedGame
from eqsolve.forms.enumerate import enumerate_blocks
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import fixed_point
from eqsolve.judge.listing import explicit_strategy, number_profiles
from eqsolve.linking import LinkedGame, Options
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.orbits import Orbits
from eqsolve.model import Model
from eqsolve.rule import Rule
from eqsolve.strategy import expected_payoffs

TRUTH = "truthful, as nobody gains by lying"
ONLY = "in every equilibrium"
BEST = "in its best equilibrium"
SOME = "in an equilibrium"

Payoffs = tuple[Fraction, ...]


def rule_as_mechanism(rule: Rule) -> DirectMechanism:
    """A rule on a single problem as a direct mechanism."""
    orbits = Orbits(rule.problem, 1)
    return DirectMechanism(orbits, tuple(rule.lotteries[orbits.profiles[p]] for _, p in orbits.blocks))


def separate_decisions(
    model: Model, *, weights: Sequence[Fraction] | None = None, deadline: float | None = None
) -> tuple[Payoffs | None, str]:
    """Payoffs when every problem is decided by itself, and in which play.

    Under the truth if that is an equilibrium; else in the equilibrium of a single problem without budgets that has the
    largest welfare, where two agents at most have a choice that matters; else in one that iterated best responses find.
    Agents may walk away where the model says so.

    Parameters
    ----------
    model : Model
    weights : sequence of Fraction, optional
        Of the agents' payoffs in welfare; 1 for everybody by default.
    deadline : float, optional
        Of `time.monotonic`.

    Returns
    -------
    payoffs or None, how
        None where no equilibrium is known.

    Raises
    ------
    LimitReached
        After the deadline.
    """
    if model.options.walk_away is None:
        mechanism = rule_as_mechanism(model.rule)
        if not mechanism.regret:
            return mechanism.payoffs, TRUTH
    options = Options(walk_away=model.options.walk_away)
    game = LinkedGame(model.problem, model.rule, 1, BudgetRule("none"), options)
    importance = (Fraction(1),) * game.n if weights is None else weights
    with suppress(SizeError, NotSupported):
        if len(game.active) <= 2:
            found = _all_payoffs(game, deadline)
            best = max(found, key=lambda p: sum(w * x for w, x in zip(importance, p, strict=True)))
            return best, ONLY if len(found) == 1 else BEST
    form = fixed_point(game, deadline=deadline)
    return (None, "") if form is None else (form.payoffs(), SOME)


def _all_payoffs(game: LinkedGame, deadline: float | None) -> list[Payoffs]:
    """Payoffs of all extreme equilibria of a game in which two agents at most have a choice, in the order found."""
    form = ExplicitForm(game)
    reduced = ReducedGame(form.bayesian)
    left = None if deadline is None else max(deadline - time.monotonic(), 1e-9)
    found = enumerate_blocks(reduced.blocks, method="auto", max_seconds=left)
    if not found.complete:
        raise LimitReached(found.stopped or "time limit")
    listing = number_profiles(game, reduced.class_subsets(found), partial(explicit_strategy, form))
    return list(dict.fromkeys(expected_payoffs(game, profile) for profile, _ in listing.profiles))
