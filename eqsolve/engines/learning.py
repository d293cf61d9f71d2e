"""Learning processes for games too large to solve: approximate equilibria with their exact regret.

None of these processes proves that no equilibrium is missed, and none need converge. What they return is a profile of
rational strategies whose regret is computed exactly, so the caller knows how far from an equilibrium it is; a
regret of 0 proves an equilibrium.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eqsolve.errors import ModelError
from eqsolve.game import NormalFormGame

_GRID = 10**9  # averages found in floating point are rounded to this denominator before they are judged


@dataclass(frozen=True)
class LearningResult:
    """What a learning process arrived at.

    Attributes
    ----------
    profile : tuple of tuple of Fraction
        One mixed strategy per player, exactly summing to 1: the best one that the process met.
    regrets : tuple of Fraction
        What each player would gain at most by deviating alone, exactly.
    payoffs : tuple of Fraction
        Exact expected payoffs.
    rounds : int
        Rounds played.
    stopped : str or None
        Why the process ended before its rounds were over, or None.
    method : str
    parameters : dict
    """

    profile: tuple[tuple[Fraction, ...], ...]
    regrets: tuple[Fraction, ...]
    payoffs: tuple[Fraction, ...]
    rounds: int
    stopped: str | None
    method: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def regret(self) -> Fraction:
        """Largest regret over the players, exactly; 0 if and only if the profile is an equilibrium."""
        return max(self.regrets)


def best_response_dynamics(
    game: NormalFormGame,
    *,
    start: Sequence[int] | None = None,
    max_rounds: int = 10_000,
    max_seconds: float | None = None,
    seed: int = 0,
) -> LearningResult:
    """Let one player after the other switch to a best response, until nobody wants to.

    Parameters
    ----------
    game : NormalFormGame
    start : sequence of int, optional
        First pure profile; random by default.
    max_rounds : int
        Each player may switch once per round, in an order drawn anew.
    max_seconds : float, optional
    seed : int
        For the start and the orders.

    Returns
    -------
    LearningResult
        A pure profile: an equilibrium (regret 0) if the process came to rest, else the profile of least regret
        that was met. Potential games always come to rest, others may run in cycles for ever.

    Notes
    -----
    All comparisons are exact. O(strategies · players) per round.
    """
    rng = np.random.default_rng(seed)
    cell = [int(rng.integers(m)) for m in game.shape] if start is None else [int(k) for k in start]
    _check_start(game, cell)
    best, best_regret = list(cell), _pure_regret(game, cell)

    def one_round(_: int) -> bool:
        """Let everybody switch once, in random order; whether anybody did."""
        nonlocal best, best_regret
        moved = False
        for player in rng.permutation(game.n_players).tolist():
            line = game.integers[player][_line(cell, player)]
            top = int(line.argmax())
            if line[top] > line[cell[player]]:
                cell[player], moved = top, True
        regret = _pure_regret(game, cell)
        if regret < best_regret:
            best, best_regret = list(cell), regret
        return moved

    rounds, stopped = _play(one_round, max_rounds, max_seconds)
    return _judged(
        game, game.mixed(best), rounds, stopped, "best-response dynamics",
        {"start": start, "max_rounds": max_rounds, "max_seconds": max_seconds, "seed": seed},
    )  # fmt: skip


def fictitious_play(
    game: NormalFormGame, *, rounds: int = 10_000, max_seconds: float | None = None, seed: int = 0
) -> LearningResult:
    """Brown's fictitious play: everybody answers best to the frequencies of what the others played so far.

    Parameters
    ----------
    game : NormalFormGame
    rounds : int
    max_seconds : float, optional
    seed : int
        For the first profile; ties go to the first strategy.

    Returns
    -------
    LearningResult
        The profile of frequencies with the least regret among those looked at (after 1, 2, 4, ... rounds and at
        the end).

    Notes
    -----
    Frequencies are exact counts; floating point chooses the answers, so a near tie may be decided either way.
    Converges in zero-sum, potential and 2 × n games (Robinson 1951, Monderer and Shapley 1996, Berger 2005);
    may cycle elsewhere (Shapley 1964). O(cells) per round for more than two players, O(strategies) for two.
    """
    rng = np.random.default_rng(seed)
    tables = _machine_tables(game)
    counts = [np.zeros(m, dtype=np.int64) for m in game.shape]
    played = [int(rng.integers(m)) for m in game.shape]
    sums = [np.zeros(m) for m in game.shape]
    keeper = _Keeper(game)

    def one_round(number: int) -> bool:
        """Count what is played and find the best answers to all counts; it never comes to rest."""
        for count, k in zip(counts, played, strict=True):
            count[k] += 1
        if game.n_players == 2:  # payoffs add up: no product of frequencies is needed
            sums[0] += tables[0][:, played[1]]
            sums[1] += tables[1][played[0], :]
        else:
            sums[:] = _expected(tables, [count / number for count in counts])
        played[:] = [int(values.argmax()) for values in sums]
        if number & (number - 1) == 0:
            keeper.offer([_frequencies(count) for count in counts])
        return True

    done, stopped = _play(one_round, rounds, max_seconds)
    if done:
        keeper.offer([_frequencies(count) for count in counts])
    return keeper.result(done, stopped, "fictitious play",
                         {"rounds": rounds, "max_seconds": max_seconds, "seed": seed})  # fmt: skip


def regret_matching(
    game: NormalFormGame, *, rounds: int = 2_000, max_seconds: float | None = None, seed: int = 0
) -> LearningResult:
    """Regret matching: play strategies in proportion to how much one regrets not having played them.

    Parameters
    ----------
    game : NormalFormGame
    rounds : int
    max_seconds : float, optional
    seed : int
        For the first regrets.

    Returns
    -------
    LearningResult
        The averages over rounds (rounded to rationals) with the least regret among those looked at (after
        1, 2, 4, ... rounds and at the end).

    Notes
    -----
    The variant with expected payoffs and regrets cut off at 0 (Hart and Mas-Colell 2000; Tammelin 2014); players
    move in turn, later rounds weigh more. Averages converge to equilibrium in two-player zero-sum games only;
    in other games the joint play, not the product of averages, approaches coarse correlated equilibria.
    O(cells · players) per round.
    """
    rng = np.random.default_rng(seed)
    tables = _machine_tables(game)
    regrets = [rng.random(m) for m in game.shape]
    current = [r / r.sum() for r in regrets]
    averages = [np.zeros(m) for m in game.shape]
    keeper = _Keeper(game)

    def one_round(number: int) -> bool:
        """Update regrets, strategies and weighted averages player by player; it never comes to rest."""
        for i in range(game.n_players):
            values = _expected_of(tables[i], i, current)
            regrets[i] = np.maximum(regrets[i] + values - values @ current[i], 0.0)
            total = regrets[i].sum()
            current[i] = regrets[i] / total if total > 0 else np.full(len(values), 1 / len(values))
            averages[i] += number * current[i]
        if number & (number - 1) == 0:
            keeper.offer([_rounded(average) for average in averages])
        return True

    done, stopped = _play(one_round, rounds, max_seconds)
    if done:
        keeper.offer([_rounded(average) for average in averages])
    return keeper.result(done, stopped, "regret matching",
                         {"rounds": rounds, "max_seconds": max_seconds, "seed": seed})  # fmt: skip


class _Keeper:
    """Keeps the profile of least exact regret among those offered."""

    def __init__(self, game: NormalFormGame) -> None:
        self.game = game
        self.profile = tuple((Fraction(1, m),) * m for m in game.shape)
        self.regret = game.regret(self.profile)

    def offer(self, profile: list[tuple[Fraction, ...]]) -> None:
        """Keep a profile if its exact regret is less than that of the one kept."""
        regret = self.game.regret(profile)
        if regret < self.regret:
            self.profile, self.regret = tuple(profile), regret

    def result(self, rounds: int, stopped: str | None, method: str, parameters: dict[str, Any]) -> LearningResult:
        """The kept profile as the result of a process."""
        return _judged(self.game, self.profile, rounds, stopped, method, parameters)


def _judged(
    game: NormalFormGame,
    profile: tuple[tuple[Fraction, ...], ...],
    rounds: int,
    stopped: str | None,
    method: str,
    parameters: dict[str, Any],
) -> LearningResult:
    return LearningResult(profile, game.regrets(profile), game.payoff(profile), rounds, stopped, method, parameters)


def _play(one_round: Callable[[int], bool], rounds: int, max_seconds: float | None) -> tuple[int, str | None]:
    """Play rounds 1, 2, ... until one says that nothing moves any more, a limit is reached or Ctrl-C is pressed."""
    if rounds < 1:
        raise ModelError(f"rounds: found {rounds}, expected at least 1")
    deadline = None if max_seconds is None else time.monotonic() + max_seconds
    done = 0
    try:
        while done < rounds:
            if deadline is not None and time.monotonic() > deadline:
                return done, f"max_seconds = {max_seconds:g} reached"
            moved = one_round(done + 1)
            done += 1
            if not moved:
                break
    except KeyboardInterrupt:
        return done, "interrupted"
    return done, None


def _check_start(game: NormalFormGame, cell: list[int]) -> None:
    if len(cell) != game.n_players or not all(0 <= k < m for k, m in zip(cell, game.shape, strict=True)):
        raise ModelError(f"start: found {cell}, expected one strategy index per player, below {game.shape}")


def _line(cell: list[int], player: int) -> tuple[Any, ...]:
    return (*cell[:player], slice(None), *cell[player + 1 :])


def _pure_regret(game: NormalFormGame, cell: list[int]) -> Fraction:
    return max(
        Fraction(int(table[_line(cell, i)].max()) - int(table[tuple(cell)]), game.denominators[i])
        for i, table in enumerate(game.integers)
    )


def _machine_tables(game: NormalFormGame) -> list[NDArray[np.float64]]:
    """Payoffs as floats between 0 and 1: a player's scale does not matter to her choices."""
    tables = []
    for table in game.integers:
        least = int(table.min())
        span = int(table.max()) - least or 1
        if table.dtype == object:
            flat = [float(Fraction(value - least, span)) for value in table.ravel().tolist()]
            tables.append(np.array(flat).reshape(table.shape))
        else:
            tables.append((table - least) / span)
    return tables


def _expected_of(table: NDArray[np.float64], player: int, mixed: list[NDArray[Any]]) -> NDArray[np.float64]:
    for j in reversed(range(table.ndim)):
        if j != player:
            table = np.tensordot(table, mixed[j], axes=(j, 0))
    return table


def _expected(tables: list[NDArray[np.float64]], mixed: list[NDArray[Any]]) -> list[NDArray[np.float64]]:
    return [_expected_of(table, i, mixed) for i, table in enumerate(tables)]


def _frequencies(counts: NDArray[np.int64]) -> tuple[Fraction, ...]:
    total = int(counts.sum())
    return tuple(Fraction(count, total) for count in counts.tolist())


def _rounded(weights: NDArray[np.float64]) -> tuple[Fraction, ...]:
    """Rational probabilities near given weights, exactly summing to 1."""
    counts = np.rint(weights / weights.sum() * _GRID).astype(np.int64)
    return _frequencies(counts)
