"""Quick interim dominance: actions that are strictly worse than one other action against all that is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eqsolve.engines.bayesian import Actions, BayesianGame, Integers
from eqsolve.engines.rationed_choice import SAFE


def undominated_by_actions(game: BayesianGame, left: Sequence[Actions]) -> tuple[Actions, ...]:
    """Iterated removal of actions of two players that another action of the same type strictly dominates, interim.

    Less than `eqsolve.engines.bayesian.undominated`, which knows mixtures, and many times quicker: no equilibrium plays
    what is removed.

    Parameters
    ----------
    game : BayesianGame
        Of two players.
    left : per player and type the actions that are open
    """
    tables = [_machine(game.payoffs[0]), _machine(np.swapaxes(game.payoffs[1], 1, 2))]
    while True:
        following = tuple(
            tuple(_kept(tables[p][t], actions, left[1 - p], game.weights[1 - p]) for t, actions in enumerate(left[p]))
            for p in range(2)
        )
        if following == tuple(left):
            return following
        left = following


def _machine(payoffs: Integers) -> Integers:
    """The same payoffs as machine integers, if differences of them fit."""
    different = payoffs[:1] if payoffs.strides[0] == 0 else payoffs  # often all types share one table
    if 4 * max(abs(int(different.max())), abs(int(different.min()))) >= SAFE:
        return payoffs
    return np.broadcast_to(different.astype(np.int64), payoffs.shape)


def _kept(table: Integers, actions: tuple[int, ...], opponents: Actions, weights: Sequence[int]) -> tuple[int, ...]:
    """The actions of one type that no other one dominates; `table` has a line per own action."""
    if len(actions) == 1:
        return actions
    own = table[list(actions)]
    kept = []
    for k, a in enumerate(actions):
        gain = own - own[k]
        secured = sum(
            weight * gain[:, list(theirs)].min(axis=1).astype(object)
            for theirs, weight in zip(opponents, weights, strict=True)
        )
        if not any(x > 0 for x in np.asarray(secured)):
            kept.append(a)
    return tuple(kept)
