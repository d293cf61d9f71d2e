"""A good equilibrium proposed by a mixed-integer program: which strategies to play, in floating point."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from eqsolve.engines.bimatrix import Bimatrix


def propose_labels(game: Bimatrix, weights: Sequence[Fraction], max_seconds: float | None) -> dict[int, bool] | None:
    """Solve the mixed-integer program of the equilibrium with the least objective in floating point.

    Parameters
    ----------
    game : Bimatrix of shape (m, n)
    weights : m + n + 2 Fractions
        Of the rows' probabilities, the columns', and the two players' payoffs (in the game's integer units).
        Minimised.
    max_seconds : float, optional

    Returns
    -------
    dict {label: bool} or None
        For rows 0..m-1 and columns m..m+n-1 whether the strategy may be played (and then is a best reply) or
        is unplayed; a proposal that exact arithmetic has to confirm. None if nothing was found.

    Notes
    -----
    Formulation 1 of T. Sandholm, A. Gilpin and V. Conitzer, AAAI 2005: a binary variable per strategy, and a
    bound on its probability or on its regret. Payoffs are scaled to [0, 1] for it. PuLP's status after a time
    limit is "optimal", so it is not asked whether the bound was reached.
    """
    import pulp

    m, n = game.shape
    scaled_a, spread_a = _scaled(game.A)
    scaled_b, spread_b = _scaled(game.B)
    problem = pulp.LpProblem("equilibrium", pulp.LpMinimize)
    x = [problem.add_variable(f"x{i}", 0, 1) for i in range(m)]
    y = [problem.add_variable(f"y{j}", 0, 1) for j in range(n)]
    played = [problem.add_variable(f"b{k}", 0, 1, "Binary") for k in range(m + n)]
    v, w = problem.add_variable("v", 0, 1), problem.add_variable("w", 0, 1)
    size = max(map(abs, weights), default=Fraction(0)) or Fraction(1)
    factors = [float(c / size) for c in weights[: m + n]]
    factors += [float(weights[m + n] * spread_a / size), float(weights[m + n + 1] * spread_b / size)]
    largest = max(map(abs, factors)) or 1.0
    problem += pulp.lpSum(f / largest * z for f, z in zip(factors, [*x, *y, v, w], strict=True))
    problem += pulp.lpSum(x) == 1
    problem += pulp.lpSum(y) == 1
    earned = [pulp.lpDot(row, y) for row in scaled_a]
    earned += [pulp.lpDot(column, x) for column in zip(*scaled_b, strict=True)]
    for label, (value, probability) in enumerate(zip(earned, [*x, *y], strict=True)):
        best = v if label < m else w
        problem += probability <= played[label]
        problem += best >= value
        problem += best - value <= 1 - played[label]
    try:
        problem.solve(silent_solver(max_seconds))
    except pulp.PulpSolverError:
        return None
    values = [variable.value() for variable in played]
    if any(value is None for value in values):
        return None
    return {label: value > 0.5 for label, value in enumerate(values)}


def _scaled(matrix: Sequence[Sequence[int]]) -> tuple[list[list[float]], int]:
    """Payoffs as floats from 0 to 1, and by what they were divided."""
    low = min(map(min, matrix))
    spread = max(map(max, matrix)) - low or 1
    return [[(value - low) / spread for value in row] for row in matrix], spread


def silent_solver(max_seconds: float | None) -> Any:
    """HiGHS for PuLP, without the banner that it prints before options are set."""
    import pulp

    from eqsolve.engines.lp_highs import quiet_highs

    class Silent(pulp.HiGHS):  # type: ignore[misc]
        def createAndConfigureSolver(self, lp: Any) -> None:  # noqa: N802 - the name of PuLP's hook
            """Give the problem a quiet solver with the gap and the time limit set."""
            lp.solverModel = quiet_highs()
            lp.solverModel.setOptionValue("mip_rel_gap", 1e-9)
            if max_seconds is not None:
                lp.solverModel.setOptionValue("time_limit", float(max_seconds))

    return Silent(msg=False, timeLimit=max_seconds, gapRel=1e-9)
