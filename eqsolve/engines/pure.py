"""All equilibria in pure strategies of a game with any number of players."""

from __future__ import annotations

import numpy as np

from eqsolve.game import NormalFormGame


def pure_equilibria(game: NormalFormGame) -> tuple[tuple[int, ...], ...]:
    """Enumerate all pure-strategy Nash equilibria, exactly.

    Parameters
    ----------
    game : NormalFormGame

    Returns
    -------
    tuple of tuple of int
        Profiles of strategy indices, one per player, in lexicographic order. The list is complete.

    Notes
    -----
    A cell is an equilibrium when every player's payoff there is the maximum along her own axis. The payoffs are
    compared as integers over a common denominator, so a tie is a tie: O(players · cells).
    """
    stable = np.ones(game.shape, dtype=bool)
    for axis, table in enumerate(game.integers):
        stable &= table == table.max(axis=axis, keepdims=True)
    return tuple(tuple(cell) for cell in np.argwhere(stable).tolist())
