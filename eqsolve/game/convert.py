"""Games of other packages: nashpy, pygambit and QuantEcon objects to and from `NormalFormGame`.

The packages are imported where they are needed only. The order of axes is explicit in every direction:

========== ==========================================================================================
package    payoff arrays
========== ==========================================================================================
eqsolve    one per player, axis j is player j
nashpy     two matrices, rows are player 1's strategies: the same
pygambit   ``to_arrays``: one per player, axis j is player j: the same
QuantEcon  one per player; player i's has axes (i, i+1, ..., n-1, 0, ..., i-1), her own strategy first
========== ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eqsolve.errors import ModelError
from eqsolve.game import NormalFormGame


def distinct_labels(labels: Iterable[str]) -> list[str]:
    """Make labels distinct and not empty: empty ones become their number, repeated ones get one."""
    given = list(labels)
    names = [label if label.strip() else str(k + 1) for k, label in enumerate(given)]
    taken, result = set(names), []
    seen: set[str] = set()
    count = 1
    for name in names:
        fresh = name
        while fresh in seen or (fresh != name and fresh in taken):
            count += 1
            fresh = f"{name}_{count}"
        seen.add(fresh)
        result.append(fresh)
    return result


def from_nashpy(game: Any) -> NormalFormGame:
    """See `NormalFormGame.from_nashpy`."""
    matrices = getattr(game, "payoff_matrices", None)
    if matrices is None or len(matrices) != 2:
        raise ModelError(f"found {type(game).__name__}, expected a nashpy.Game")
    return NormalFormGame.from_payoffs(*(np.asarray(matrix) for matrix in matrices))


def to_nashpy(game: NormalFormGame) -> Any:
    """See `NormalFormGame.to_nashpy`."""
    if game.n_players != 2:
        raise ModelError(f"nashpy has games of two players, found {game.n_players}")
    import nashpy

    return nashpy.Game(*machine_payoffs(game))


def machine_payoffs(game: NormalFormGame) -> list[NDArray[Any]]:
    """Payoffs as int64 arrays where all are integers within ±2^53, as floats (rounded) otherwise."""
    if set(game.denominators) == {1} and all(table.dtype != object for table in game.integers):
        return [table.copy() for table in game.integers]
    return [payoffs.astype(float) for payoffs in game.payoffs]


def from_quantecon(game: Any) -> NormalFormGame:
    """See `NormalFormGame.from_quantecon`."""
    players = getattr(game, "players", None)
    if players is None or not all(hasattr(player, "payoff_array") for player in players):
        raise ModelError(f"found {type(game).__name__}, expected a quantecon.game_theory.NormalFormGame")
    n = len(players)
    # axis k of player i's array belongs to player (i + k) mod n, so player j's axis is (j - i) mod n
    return NormalFormGame.from_payoffs(
        *(player.payoff_array.transpose([(j - i) % n for j in range(n)]) for i, player in enumerate(players))
    )


def to_quantecon(game: NormalFormGame) -> Any:
    """See `NormalFormGame.to_quantecon`."""
    from quantecon import game_theory

    n = game.n_players
    return game_theory.NormalFormGame(
        [
            game_theory.Player(np.ascontiguousarray(table.transpose([(i + k) % n for k in range(n)])))
            for i, table in enumerate(machine_payoffs(game))
        ]
    )


def from_pygambit(game: Any) -> NormalFormGame:
    """See `NormalFormGame.from_pygambit`."""
    if not hasattr(game, "players") or not hasattr(game, "to_arrays"):
        raise ModelError(f"found {type(game).__name__}, expected a pygambit game")
    people = list(game.players)
    if people and isinstance(people[0], str):  # pygambit 17 speaks in labels, 16 in objects
        players, strategies = people, [list(game.get_strategies(player)) for player in people]
    else:
        players = [player.label for player in people]
        strategies = [[strategy.label for strategy in player.strategies] for player in people]
    return NormalFormGame.from_payoffs(
        *(np.asarray(table, dtype=object) for table in game.to_arrays(dtype=Fraction)),
        players=distinct_labels(players),
        strategies=[distinct_labels(labels) for labels in strategies],
        title=game.title,
    )


def to_pygambit(game: NormalFormGame) -> Any:
    """See `NormalFormGame.to_pygambit`."""
    import pygambit

    if hasattr(pygambit, "StrategicGame"):  # 17
        made = pygambit.StrategicGame.from_arrays(*game.payoffs, title=game.title)
        made.relabel_players(dict(zip(list(made.players), game.players, strict=True)))
        for player, labels in zip(game.players, game.strategies, strict=True):
            made.relabel_strategies(player, dict(zip(made.get_strategies(player), labels, strict=True)))
        return made
    made = pygambit.Game.from_arrays(*game.payoffs, title=game.title)
    for player, label, labels in zip(made.players, game.players, game.strategies, strict=True):
        player.label = label
        for strategy, name in zip(player.strategies, labels, strict=True):
            strategy.label = name
    return made
