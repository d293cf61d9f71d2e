"""Iterated dominance with witnesses, rationalizable strategies, and what can be left out of a game.

A game is one payoff array per player, all of the same shape (m_1, …, m_n), axis i being player i's strategy;
numpy arrays of integers or of objects (ints, Fractions), or nested sequences. Each player's payoffs may be
scaled by a positive number of her own: nothing here depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.lp import solve_lp
from eqsolve.errors import ModelError

Kind = Literal["strict", "weak"]
Mixture = tuple[tuple[int, Fraction], ...]
Classes = tuple[tuple[tuple[int, ...], ...], ...]  # per player, classes of strategies


@dataclass(frozen=True)
class Elimination:
    """One strategy removed, and the proof.

    Attributes
    ----------
    player, strategy : int
        Original indices.
    round : int
        From 1. All removals of a round happen at once.
    mixture : tuple of (int, Fraction)
        The dominating mixture of strategies that were there when the round began: original indices in
        increasing order, probabilities positive with sum 1.
    """

    player: int
    strategy: int
    round: int
    mixture: Mixture


@dataclass(frozen=True)
class DominanceResult:
    """What iterated dominance leaves.

    Attributes
    ----------
    survivors : tuple of tuple of int
        Per player the original indices of the strategies that are left, increasing.
    eliminations : tuple of Elimination
        In the order of rounds, then players, then strategies.
    kind : {"strict", "weak"}
    mixed : bool
        Whether mixtures could dominate, or pure strategies only.
    """

    survivors: tuple[tuple[int, ...], ...]
    eliminations: tuple[Elimination, ...]
    kind: Kind
    mixed: bool


def iterated_dominance(payoffs: Sequence[Any], *, kind: Kind = "strict", mixed: bool = True) -> DominanceResult:
    """Remove dominated strategies, all players' at once, until none is left.

    Parameters
    ----------
    payoffs : n arrays of shape (m_1, …, m_n)
    kind : {"strict", "weak"}
        Weak: never worse and better somewhere. What is left after weak dominance depends on the order of
        removal; here every round removes all strategies that are dominated when it begins.
    mixed : bool
        Whether mixed strategies dominate too.

    Returns
    -------
    DominanceResult
        With a dominating mixture for every removal, verified exactly.

    Raises
    ------
    ModelError
        If the arrays do not fit each other or `kind` is unknown.

    Notes
    -----
    A strategy that is a best reply to some pure profile (for weak dominance, the only one) needs no linear
    program; each other one needs one of m_i columns and as many rows as the opponents have profiles. Strict
    dominance by mixtures in two-player games: D. G. Pearce, Econometrica 52 (1984).
    """
    tables = game_arrays(payoffs)
    if kind not in ("strict", "weak"):
        raise ModelError(f"kind is {kind!r}, expected 'strict' or 'weak'")
    survivors = [list(range(m)) for m in tables[0].shape]
    eliminations: list[Elimination] = []
    number = 0
    while True:
        number += 1
        found = [
            Elimination(player, strategy, number, mixture)
            for player, table in enumerate(tables)
            for strategy, mixture in _dominated(table, player, survivors, kind, mixed)
        ]
        if not found:
            break
        eliminations.extend(found)
        for item in found:
            survivors[item.player].remove(item.strategy)
    return DominanceResult(tuple(map(tuple, survivors)), tuple(eliminations), kind, mixed)


def rationalizable(payoffs: Sequence[Any]) -> DominanceResult:
    """Strategies that survive iterated strict dominance by mixed strategies.

    Parameters
    ----------
    payoffs : n arrays of shape (m_1, …, m_n)

    Returns
    -------
    DominanceResult
        For two players its survivors are the rationalizable strategies (Bernheim 1984, Pearce 1984). For
        more, they are the *correlated* rationalizable ones: beliefs may correlate the opponents' play, which
        keeps at least as many strategies as independent beliefs do.
    """
    return iterated_dominance(payoffs, kind="strict", mixed=True)


def dominating_mixture(
    rows: Sequence[Sequence[int | Fraction]], index: int, *, kind: Kind = "strict"
) -> Mixture | None:
    """Mixture of the rows that dominates one of them, or None if there is none.

    Parameters
    ----------
    rows : m rows of k payoffs
        Row r holds the payoffs of strategy r against the opponents' k profiles.
    index : int
    kind : {"strict", "weak"}

    Returns
    -------
    tuple of (int, Fraction) or None
        Exact: None means that a dual solution proves that no mixture dominates.
    """
    others = [r for r in range(len(rows)) if r != index]
    if not others:
        return None
    width, profiles, own = len(others), len(rows[index]), rows[index]
    gains = [[rows[r][s] - own[s] for r in others] for s in range(profiles)]
    if kind == "strict":  # max t with gain >= t everywhere
        found = solve_lp(
            [*[0] * width, 1],
            [[*(-g for g in gain), 1] for gain in gains],
            [0] * profiles,
            [[*[1] * width, 0]],
            [1],
            free=[width],
            maximise=True,
        )
    else:  # max total gain with no loss anywhere
        found = solve_lp(
            [sum(gain[k] for gain in gains) for k in range(width)],
            [[-g for g in gain] for gain in gains],
            [0] * profiles,
            [[1] * width],
            [1],
            maximise=True,
        )
    if found.status != "optimal" or found.value is None or found.value <= 0:
        return None
    return tuple((r, found.x[k]) for k, r in enumerate(others) if found.x[k])


def verify_eliminations(payoffs: Sequence[Any], result: DominanceResult) -> bool:
    """Check every removal of a result against the game, round by round, in exact arithmetic.

    Completeness (that no survivor is dominated) is not part of it.
    """
    tables = game_arrays(payoffs)
    alive = [set(range(m)) for m in tables[0].shape]
    for number in sorted({item.round for item in result.eliminations}):
        items = [item for item in result.eliminations if item.round == number]
        for item in items:
            if not {item.strategy, *(r for r, _ in item.mixture)} <= alive[item.player]:
                return False
            rows = _rows(tables[item.player], item.player, [sorted(s) for s in alive])
            place = {original: k for k, original in enumerate(sorted(alive[item.player]))}
            if not _dominates(rows, place[item.strategy], item.mixture, place, result.kind):
                return False
        for item in items:
            alive[item.player].discard(item.strategy)
    return tuple(tuple(sorted(s)) for s in alive) == result.survivors


def duplicates(payoffs: Sequence[Any]) -> Classes:
    """Classes of strategies that no player can tell apart: equal payoffs for all players against everything.

    Parameters
    ----------
    payoffs : n arrays of shape (m_1, …, m_n)

    Returns
    -------
    per player, a tuple of classes
        Each class a tuple of indices in increasing order, classes ordered by their first index.
    """
    tables = game_arrays(payoffs)
    result = []
    for player, count in enumerate(tables[0].shape):
        classes: dict[tuple[Any, ...], list[int]] = {}
        views = [np.moveaxis(table, player, 0).reshape(count, -1).tolist() for table in tables]
        for k in range(count):
            classes.setdefault(tuple(tuple(view[k]) for view in views), []).append(k)
        result.append(tuple(map(tuple, classes.values())))
    return tuple(result)


def merge_duplicates(payoffs: Sequence[Any]) -> tuple[tuple[NDArray[Any], ...], Classes]:
    """Keep the first strategy of every class of `duplicates`.

    Returns
    -------
    arrays, classes
        Strategy k of player i in the smaller game stands for ``classes[i][k]``.
    """
    tables, classes = game_arrays(payoffs), duplicates(payoffs)
    kept = np.ix_(*([group[0] for group in groups] for groups in classes))
    return tuple(table[kept] for table in tables), classes


def irrelevant_players(payoffs: Sequence[Any]) -> tuple[int, ...]:
    """Players who can be dropped because no remaining player's payoff depends on their strategy.

    Parameters
    ----------
    payoffs : n arrays of shape (m_1, …, m_n)

    Returns
    -------
    tuple of int
        In the order of dropping; a player may become irrelevant when the only ones who cared were dropped. An
        equilibrium of the rest is completed in the opposite order, each one choosing any best reply.
    """
    tables = game_arrays(payoffs)
    left, dropped = list(range(len(tables))), list[int]()
    while True:
        idle = [i for i in left if all(bool(np.all(tables[j] == tables[j].take([0], axis=i))) for j in left if j != i)]
        if not idle:
            return tuple(dropped)
        dropped.append(idle[0])
        left.remove(idle[0])


def game_arrays(payoffs: Sequence[Any]) -> list[NDArray[Any]]:
    """Read one array per player and check that they fit each other.

    Raises
    ------
    ModelError
        If there is no player, shapes differ, the number of axes is not the number of players, a player has no
        strategy, or payoffs are floating-point numbers.
    """
    tables = [p if isinstance(p, np.ndarray) else np.array(p, dtype=object) for p in payoffs]
    if not tables:
        raise ModelError("no payoff arrays, expected one per player")
    for player, table in enumerate(tables):
        if table.shape != tables[0].shape or table.ndim != len(tables) or 0 in table.shape:
            raise ModelError(
                f"payoffs of player {player} have shape {table.shape}, expected "
                f"{len(tables)} positive numbers, the same for all"
            )
        numbers = table.flat if table.dtype == object else ()
        if table.dtype.kind not in "iuO" or not all(isinstance(v, int | Fraction) for v in numbers):
            raise ModelError(f"payoffs of player {player} are {table.dtype}, expected integers or Fractions")
    return [table.astype(object) for table in tables]


def _rows(table: NDArray[Any], player: int, survivors: Sequence[Sequence[int]]) -> list[list[Any]]:
    """Payoffs of each surviving strategy of a player against the others' surviving profiles."""
    kept = table[np.ix_(*survivors)]
    rows: list[list[Any]] = np.moveaxis(kept, player, 0).reshape(len(survivors[player]), -1).tolist()
    return rows


def _dominated(
    table: NDArray[Any], player: int, survivors: Sequence[Sequence[int]], kind: Kind, mixed: bool
) -> list[tuple[int, Mixture]]:
    """Strategies of a player that are dominated now, in original indices, each with its mixture."""
    alive = survivors[player]
    rows = _rows(table, player, survivors)
    safe = _best_replies(rows, alone=kind == "weak")
    result: list[tuple[int, Mixture]] = []
    for k in sorted(set(range(len(rows))) - safe):
        mixture = _dominating_row(rows, k, kind)
        if mixture is None and mixed:
            mixture = dominating_mixture(rows, k, kind=kind)
        if mixture is not None:
            result.append((alive[k], tuple((alive[r], p) for r, p in mixture)))
    return result


def _best_replies(rows: list[list[Any]], alone: bool) -> set[int]:
    """Rows that are maximal in some column (alone: as the only one); no mixture can dominate these."""
    safe: set[int] = set()
    for column in zip(*rows, strict=True):
        best = max(column)
        replies = [k for k, value in enumerate(column) if value == best]
        if not alone or len(replies) == 1:
            safe.update(replies)
    return safe


def _dominating_row(rows: list[list[Any]], index: int, kind: Kind) -> Mixture | None:
    own = rows[index]
    for r, row in enumerate(rows):
        if kind == "strict":
            if all(a > b for a, b in zip(row, own, strict=True)):
                return ((r, Fraction(1)),)
        elif row != own and all(a >= b for a, b in zip(row, own, strict=True)):
            return ((r, Fraction(1)),)
    return None


def _dominates(rows: list[list[Any]], index: int, mixture: Mixture, place: dict[int, int], kind: Kind) -> bool:
    if sum(p for _, p in mixture) != 1 or any(p <= 0 for _, p in mixture):
        return False
    gains = [sum(p * rows[place[r]][s] for r, p in mixture) - own for s, own in enumerate(rows[index])]
    return bool(min(gains) > 0 if kind == "strict" else min(gains) >= 0 and max(gains) > 0)
