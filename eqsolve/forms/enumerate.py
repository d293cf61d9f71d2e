"""All equilibria of a reduced two-player Bayesian game, by the engine of one's choice."""

from __future__ import annotations

from collections.abc import Callable

from eqsolve.engines.block_support import enumerate_block_supports
from eqsolve.engines.block_zero_sum import is_constant_sum, solve_constant_sum
from eqsolve.engines.complementarity import BlockGame, NashSet, Statistics, enumerate_equilibria
from eqsolve.errors import NotSupported

METHODS = ("complementarity", "support-enumeration")


def enumerate_blocks(
    blocks: BlockGame,
    *,
    method: str = "auto",
    max_seconds: float | None = None,
    progress: Callable[[Statistics], None] | None = None,
) -> NashSet:
    """All equilibria of a game in blocks.

    Parameters
    ----------
    blocks : BlockGame
    method : {"auto", "complementarity", "support-enumeration", "lp"}
        ``lp`` answers where linear programs alone do: dominance leaves a single strategy, or the game is
        constant-sum.
    max_seconds : float, optional
    progress : callable, optional
        Called now and then by the complementarity search.

    Raises
    ------
    NotSupported
        If ``lp`` is asked for, dominance leaves a choice and the game is not constant-sum.
    """
    if method == "support-enumeration":
        return enumerate_block_supports(blocks, max_seconds=max_seconds)
    if method == "lp" and max(*blocks.row_blocks, *blocks.col_blocks) > 1:
        if is_constant_sum(blocks):
            return solve_constant_sum(blocks)
        raise NotSupported(
            "--method lp: dominance leaves a choice and the game is not constant-sum; --method complementarity finds "
            "all equilibria, --form label-free the label-free ones by linear programs"
        )
    return enumerate_equilibria(blocks, max_seconds=max_seconds, progress=progress)
