"""A linked game as a plain normal-form game, for engines and programs that know nothing of types."""

from __future__ import annotations

from eqsolve.engines.bayesian import undominated as survivors
from eqsolve.errors import NotSupported
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.normal import normal_form
from eqsolve.game import NormalFormGame
from eqsolve.linking import LinkedGame


def normal_form_game(game: LinkedGame, *, undominated: bool = False) -> NormalFormGame:
    """The reduced normal form of a linked game.

    Parameters
    ----------
    game : LinkedGame
    undominated : bool
        Leave out interim strictly dominated messages first (two active agents at most).

    Returns
    -------
    NormalFormGame
        Its players are the active agents, in order. A strategy is named by the messages it sends at each type
        vector, type vectors in lexicographic order of declaration, joined by ``" | "``; strategies with equal payoffs
        are merged and named by the first. Payoffs are ex ante, per problem.

    Raises
    ------
    NotSupported
        If no agent has a choice that matters.
    SizeError
        If the normal form is too large; its strategies are counted first.
    """
    if not game.active:
        raise NotSupported("no agent has a choice that matters, so there is no game to export")
    form = ExplicitForm(game)
    left = survivors(form.bayesian)[0] if undominated else form.bayesian.everything()
    normal = normal_form(form.bayesian, left)
    labels = [
        [" | ".join(game.vector_name(i, form.message(p, a)) for a in classes[0]) for classes in normal.strategies[p]]
        for p, i in enumerate(game.active)
    ]
    players = [game.problem.agents[i].name for i in game.active]
    order = "; ".join(
        f"{name}: " + " | ".join(game.vector_name(i, t) for t in form.vectors[p])
        for p, (i, name) in enumerate(zip(game.active, players, strict=True))
    )
    title = f"{game.problem.name}, K = {game.copies}. Messages at the type vectors {order}"
    return NormalFormGame.from_payoffs(*normal.payoffs, players=players, strategies=labels, title=title)
