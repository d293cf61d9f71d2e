"""Equilibria of plain games: one function before all engines.

Which engine when is told in `nash`; all of them speak in the strategies of the game that was given, verify what they
report in exact arithmetic, and say whether the list is complete.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from eqsolve.engines.equilibrium_set import MixedEquilibrium
from eqsolve.errors import ModelError, NotSupported
from eqsolve.game import NormalFormGame
from eqsolve.plain.result import NashResult, grouped, place, unfinished

TWO_PLAYERS = ("complementarity", "support-enumeration", "vertex-enumeration", "lp", "lemke-howson", "nashpy")
METHODS = ("auto", *TWO_PLAYERS, "polynomial", "best-response", "pure")

Progress = Callable[[Any], None]


def nash(
    game: NormalFormGame,
    *,
    method: str = "auto",
    one: bool = False,
    symmetric: bool = False,
    objective: Any = None,
    max_seconds: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> NashResult:
    """Find the Nash equilibria of a plain game.

    Parameters
    ----------
    game : NormalFormGame
        With any number of players.
    method : str
        ``auto``
            All equilibria: complementarity search for two players (linear programming if the game is large and
            zero-sum up to shifts), polynomial equations for more. With `one`, a pure equilibrium if there is any,
            else the quickest engine for one.
        ``complementarity``, ``support-enumeration``, ``vertex-enumeration``
            All equilibria of two players, degenerate games included. Support enumeration of more players is
            ``polynomial``.
        ``lp``
            All equilibria of a two-player game that is zero-sum up to shifts and a positive factor.
        ``lemke-howson``
            One equilibrium of two players.
        ``nashpy``
            What nashpy's support enumeration proposes, made exact; never complete.
        ``polynomial``
            Any number of players; irrational equilibria come as certified boxes.
        ``pure``
            All equilibria in pure strategies.
        ``best-response``
            Iteration from random starts, for games too large for anything else; what is no equilibrium is
            returned as `NashResult.nearest` with its exact regret.
    one : bool
        Be content with one equilibrium.
    symmetric : bool
        Only equilibria in which both players do the same; for symmetric games of two players.
    objective : str or eqsolve.engines.optimal_nash.Objective, optional
        Only an equilibrium that is best: ``"welfare"``, ``"payoff:NAME"`` (or a player's number), with
        ``"minimise "`` before it if so. `NashResult.optimum` bounds all others.
    max_seconds : float, optional
        What was found by then is returned, with ``stopped`` set.
    seed : int
        Of random starts (best responses only).
    progress : callable, optional
        Called now and then with the statistics of a search.

    Returns
    -------
    NashResult

    Raises
    ------
    ModelError
        For an unknown method or objective, or a game that is not what was asked for (symmetric, zero-sum).
    NotSupported
        If the method is for two players and more of them matter.
    SizeError
        If too many equilibria would have to be listed because of strategies that are alike.

    Notes
    -----
    Players who do not matter, dominated strategies and strategies that are alike are left out before polynomial
    equations are set up, so a game of three players may be solved as one of two.

    Examples
    --------
    >>> from eqsolve import NormalFormGame, nash
    >>> battle = NormalFormGame.from_payoffs([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    >>> for equilibrium in nash(battle):
    ...     print(equilibrium)
    0 1 | 0 1  payoffs 1 2
    2/3 1/3 | 1/3 2/3  payoffs 2/3 2/3
    1 0 | 1 0  payoffs 2 1
    >>> nash(battle).complete
    True
    """
    if method not in METHODS:
        raise ModelError(f"method: found {method!r}, expected one of {', '.join(METHODS)}")
    start = time.monotonic()
    call = Call(method, one, None if max_seconds is None else start + max_seconds, seed, progress)
    try:
        if symmetric:
            if one or objective is not None:
                raise NotSupported("symmetric equilibria are listed all; neither one nor an objective goes with them")
            result = _symmetric(game, call)
        elif objective is not None:
            from eqsolve.plain.objective import best_equilibrium

            result = best_equilibrium(game, objective, call)
        else:
            result = equilibria(game, call)
    except TimeoutError:
        result = unfinished(game, "time limit", method)
    except KeyboardInterrupt:
        result = unfinished(game, "interrupted", method)
    parameters = {"method": method, "one": one, "symmetric": symmetric, "max_seconds": max_seconds}
    return replace(result, parameters=parameters | result.parameters, seconds=time.monotonic() - start)


def symmetric_equilibria(game: NormalFormGame, **options: Any) -> NashResult:
    """Find the symmetric equilibria of a symmetric two-player game; options as for `nash`."""
    return nash(game, symmetric=True, **options)


def correlated_range(game: NormalFormGame, *, coarse: bool = False) -> tuple[tuple[Fraction, Fraction], ...]:
    """Least and greatest payoff of each player over all correlated equilibria, exactly.

    Parameters
    ----------
    game : NormalFormGame
    coarse : bool
        Over all coarse correlated equilibria, which are more.

    Returns
    -------
    per player (least, greatest)
        Every Nash equilibrium pays in between.

    Raises
    ------
    SizeError
        If the linear programs would have more than two million entries, as for 101 strategies of two players.

    Notes
    -----
    Two linear programs per player with a variable per cell: seconds for 30 strategies of two players, half a minute
    for 40. `eqsolve.engines.correlated` gives the equilibria that
    attain the ends, and multipliers that prove them.

    Examples
    --------
    >>> import eqsolve as eq
    >>> game = eq.NormalFormGame.from_payoffs([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    >>> [[str(end) for end in ends] for ends in eq.correlated_range(game)]
    [['2/3', '2'], ['2/3', '2']]
    """
    from eqsolve.engines.correlated import payoff_ranges

    ranges = payoff_ranges(game.payoffs, concept="coarse" if coarse else "correlated")
    return tuple((least.value, greatest.value) for least, greatest in ranges)


class Call:
    """How `nash` was called.

    Parameters
    ----------
    method, one, seed, progress : see `nash`
    deadline : float or None
        As `time.monotonic` counts.
    """

    def __init__(
        self, method: str, one: bool, deadline: float | None, seed: int = 0, progress: Progress | None = None
    ) -> None:
        self.method, self.one, self.deadline, self.seed, self.progress = method, one, deadline, seed, progress

    def left(self) -> float | None:
        """Seconds that are left; None without a limit."""
        return None if self.deadline is None else max(1e-3, self.deadline - time.monotonic())

    def listing(self) -> Call:
        """Give the same call for all equilibria."""
        return Call(self.method, False, self.deadline, self.seed, self.progress)


def equilibria(game: NormalFormGame, call: Call) -> NashResult:
    """Send a game to the engine that a call asks for."""
    from eqsolve.plain import engines

    if call.method == "pure" or (call.method == "auto" and call.one):
        result = engines.pure(game, call)
        if result.equilibria or call.method == "pure":
            return result
    if call.method == "best-response":
        return engines.best_response(game, call)
    if game.n_players == 2 and call.method != "polynomial":
        found, method = engines.two_players(game, call)
        return engines.from_nash_set(game, found, method)
    return engines.any_players(game, call)


def _symmetric(game: NormalFormGame, call: Call) -> NashResult:
    """Filter the complete set.

    The two sides of a Nash subset are faces of one polytope here, and where faces meet is a face whose vertices are
    vertices of both: extreme symmetric equilibria are listed equilibria with two equal strategies.
    """
    if game.n_players != 2:
        raise NotSupported(f"symmetric equilibria are found for two players, this game has {game.n_players}")
    if game.shape[0] != game.shape[1] or not (game.A == game.B.T).all():
        raise ModelError("the game is not symmetric, expected that player 2's payoffs are player 1's transposed")
    whole = equilibria(game, call)
    places: dict[int, int] = {}
    chosen: list[MixedEquilibrium] = []
    for k, e in enumerate(whole.equilibria):
        if e.strategies[0] == e.strategies[1]:
            places[k] = len(chosen)
            chosen.append(e)
    groups = [group for s in whole.subsets if (group := [places[k] for k in s if k in places])]
    subsets, components = grouped(groups)
    return replace(whole, equilibria=tuple(chosen), subsets=subsets, components=components)


def assembled(
    game: NormalFormGame,
    groups: list[list[MixedEquilibrium]],
    complete: bool,
    stopped: str | None,
    method: str,
    **more: Any,
) -> NashResult:
    """Collect equilibria, given subset by subset, into a result; in the order of their probabilities."""
    distinct = {e.strategies: e for group in groups for e in group}
    ordered = sorted(distinct.values(), key=lambda e: place(e.strategies))
    index = {e.strategies: k for k, e in enumerate(ordered)}
    subsets, components = grouped([index[e.strategies] for e in group] for group in groups if group)
    return NashResult(game, tuple(ordered), subsets, components, complete, stopped, method, **more)
