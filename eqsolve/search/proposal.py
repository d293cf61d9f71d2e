"""What to play in the equilibrium that serves a linear objective best: proposed by a mixed-integer program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.engines.complementarity import BlockGame

_PLAYED = 1e-7
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Wish:
    """A linear objective, to be maximised.

    Parameters
    ----------
    payoffs : (float, float)
        Weights of the payoffs of both players, as the game in blocks counts them.
    rows, cols : sequences of float, optional
        Weights of the probabilities.
    """

    payoffs: tuple[float, float] = (0.0, 0.0)
    rows: Sequence[float] = ()
    cols: Sequence[float] = ()


@dataclass(frozen=True)
class Proposal:
    """Rows and columns of a game in blocks, as floating point sees them.

    Parameters
    ----------
    best : (rows, columns)
        Best replies in the proposed equilibrium.
    played : (rows, columns)
        Those of positive probability.
    """

    best: tuple[frozenset[int], frozenset[int]]
    played: tuple[frozenset[int], frozenset[int]]


def propose(blocks: BlockGame, wish: Wish, max_seconds: float) -> Proposal | None:
    """Look for the equilibrium that serves an objective best.

    Parameters
    ----------
    blocks : BlockGame
    wish : Wish
    max_seconds : float
        After which the best equilibrium found so far is taken.

    Returns
    -------
    Proposal or None
        Exact arithmetic has to confirm it. None if nothing was found.

    Notes
    -----
    T. Sandholm, A. Gilpin and V. Conitzer (2005), Mixed-integer programming methods for finding Nash equilibria,
    AAAI, formulation 1: a binary variable for every row and column bounds its probability or its regret. Payoffs
    are shifted and scaled block by block, and regrets bounded over everything that the other player may do.
    """
    import pulp

    problem = pulp.LpProblem("equilibrium", pulp.LpMaximize)
    players = (
        _Player(problem, 0, _floats(blocks.A), blocks.row_blocks),
        _Player(problem, 1, _floats(blocks.B).T, blocks.col_blocks),
    )
    for player, other in (players, players[::-1]):
        player.reply(problem, other)
    problem.setObjective(_objective(players, wish))
    try:
        problem.solve(_silent_solver(max_seconds))
    except pulp.PulpSolverError:
        return None
    played = [player.chosen(player.probability, _PLAYED) for player in players]
    best = [player.chosen(player.best, 0.5) for player in players]
    if None in played or None in best:
        return None
    return Proposal((best[0], best[1]), (played[0], played[1]))  # type: ignore[arg-type]


class _Player:
    """Variables of one player, and what ties them to the other's."""

    def __init__(self, problem: Any, name: int, payoffs: Floats, sizes: Sequence[int]) -> None:
        ends = np.cumsum(sizes)
        self.payoffs = payoffs
        self.sizes = sizes
        self.ranges = [range(end - size, end) for end, size in zip(ends.tolist(), sizes, strict=True)]
        self.probability = [problem.add_variable(f"p{name}_{a}", 0, 1) for a in range(len(payoffs))]
        self.best = [problem.add_variable(f"b{name}_{a}", 0, 1, "Binary") for a in range(len(payoffs))]
        self.value = [problem.add_variable(f"v{name}_{t}") for t in range(len(sizes))]
        self.low = [payoffs[list(block)].min(axis=0) for block in self.ranges]
        self.scale = [
            float((payoffs[list(block)] - low).max()) or 1.0 for block, low in zip(self.ranges, self.low, strict=True)
        ]

    def reply(self, problem: Any, other: _Player) -> None:
        """Probabilities sum to one in every block, and only what is a best reply is played."""
        import pulp

        for block, value, low, scale in zip(self.ranges, self.value, self.low, self.scale, strict=True):
            problem += pulp.lpSum(self.probability[a] for a in block) == 1
            part = (self.payoffs[list(block)] - low) / scale
            for row, a in zip(part, block, strict=True):
                regret = (part - row).max(axis=0)
                bound = float(sum(regret[list(theirs)].max() for theirs in other.ranges))
                earned = pulp.lpDot(row.tolist(), other.probability)
                problem += self.probability[a] <= self.best[a]
                problem += value >= earned
                problem += value - earned <= bound * (1 - self.best[a])

    @staticmethod
    def chosen(variables: Sequence[Any], least: float) -> frozenset[int] | None:
        """Indices of variables above a value; None without a solution."""
        values = [variable.value() for variable in variables]
        return None if None in values else frozenset(a for a, x in enumerate(values) if x > least)


def _objective(players: tuple[_Player, _Player], wish: Wish) -> Any:
    import pulp

    terms = []
    for player, other, weight in zip(players, players[::-1], wish.payoffs, strict=True):
        if weight:
            for value, low, scale in zip(player.value, player.low, player.scale, strict=True):
                terms.append(weight * scale * value + weight * pulp.lpDot(low.tolist(), other.probability))
    for player, weights in zip(players, (wish.rows, wish.cols), strict=True):
        terms += [weight * x for weight, x in zip(weights, player.probability, strict=False) if weight]
    return pulp.lpSum(terms)


def _floats(matrix: Sequence[Sequence[Any]]) -> Floats:
    return np.array([[float(x) for x in row] for row in matrix], dtype=np.float64)


def _silent_solver(max_seconds: float) -> Any:
    """HiGHS for PuLP, without the banner that it prints before options are set."""
    import pulp

    from eqsolve.engines.lp_highs import quiet_highs

    class Silent(pulp.HiGHS):  # type: ignore[misc]
        def createAndConfigureSolver(self, lp: Any) -> None:  # noqa: N802 - the name of PuLP's hook
            """Give the problem a quiet solver with the time limit set."""
            lp.solverModel = quiet_highs()
            lp.solverModel.setOptionValue("time_limit", float(max_seconds))

    return Silent(msg=False, timeLimit=max_seconds)
