"""All equilibria of a reduced two-player Bayesian game, by the engine of one's choice."""

from __future__ import annotations

from collections.abc import Callable

from eqsolve.engines.complementarity import NashSet, Statistics, enumerate_equilibria
from eqsolve.errors import NotSupported
from eqsolve.forms.blocks import ReducedGame

METHODS = ("complementarity",)


def enumerate_reduced(
    reduced: ReducedGame,
    *,
    method: str = "auto",
    max_seconds: float | None = None,
    progress: Callable[[Statistics], None] | None = None,
) -> NashSet:
    """All equilibria of a reduced game in blocks.

    Parameters
    ----------
    reduced : ReducedGame
    method : {"auto", "complementarity", "lp"}
        ``lp`` answers where dominance alone solves the game.
    max_seconds : float, optional
    progress : callable, optional

    Raises
    ------
    NotSupported
        If ``lp`` is asked for and dominance leaves a choice.
    """
    blocks = reduced.blocks
    if method == "lp" and max(*blocks.row_blocks, *blocks.col_blocks) > 1:
        raise NotSupported(
            "--method lp: dominance leaves a choice; --method complementarity finds all equilibria, "
            "--form label-free the label-free ones by linear programs"
        )
    return enumerate_equilibria(blocks, max_seconds=max_seconds, progress=progress)
