"""Payoff arrays and labels as they come in: read exactly, checked, and stored as integers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eqsolve.errors import ModelError
from eqsolve.exact.rational import rational

MAX_PLAYERS = 64  # numpy's limit on the number of axes
_SAFE_INT = 2**53  # integers up to here are exact as float64 too
_INT64_ROOM = 2**62


def as_array(array: Any, player: int) -> NDArray[Any]:
    """Payoffs as an ndarray; anything that is no plain number array becomes an array of objects."""
    if isinstance(array, np.ndarray):
        return array
    # numpy decides the shape, but reads no number: "1/3" and 10**30 stay as they are
    try:
        table: NDArray[Any] = np.array(array, dtype=object)
    except ValueError:
        raise ModelError(f"payoffs of player {player + 1}: rows of different lengths") from None
    if any(isinstance(item, list | tuple) for item in table.flat[:1]):
        raise ModelError(f"payoffs of player {player + 1}: rows of different lengths")
    return table


def check_shapes(tables: list[NDArray[Any]]) -> None:
    """Raise ModelError unless n arrays have n axes and the same shape, without empty axes."""
    n, shape = len(tables), tables[0].shape
    for player, table in enumerate(tables, start=1):
        if table.ndim != n:
            raise ModelError(
                f"payoffs of player {player}: found {table.ndim} axes, expected {n}, one per player "
                f"(as many as payoff arrays)"
            )
        if table.shape != shape:
            raise ModelError(f"payoffs of player {player}: found shape {table.shape}, expected {shape}")
        if 0 in shape:
            raise ModelError(f"found shape {shape}, expected at least one strategy per player")


def to_integer_array(table: NDArray[Any], player: int) -> tuple[NDArray[Any], int]:
    """Integers and the least common denominator they are over; every entry read exactly."""
    if table.dtype.kind in "iu" and table.min() >= -_SAFE_INT and table.max() <= _SAFE_INT:
        return table.astype(np.int64), 1
    known: dict[Any, Fraction] = {}
    fractions = []
    for position, value in enumerate(table.ravel().tolist()):
        exact = value if type(value) is Fraction else known.get((type(value), str(value)))
        if exact is None:
            try:
                exact = known[type(value), str(value)] = rational(value)
            except ValueError as error:
                cell = tuple(int(k) + 1 for k in np.unravel_index(position, table.shape))
                raise ModelError(f"payoffs of player {player + 1}, cell {cell}: {error}") from None
        fractions.append(exact)
    denominator = math.lcm(*{value.denominator for value in fractions})
    flat = [value.numerator * (denominator // value.denominator) for value in fractions]
    return compact(flat).reshape(table.shape), denominator


def compact(integers: list[int]) -> NDArray[Any]:
    """Flat array of integers: int64 if all lie within ±2^53, else Python integers."""
    if all(-_SAFE_INT <= value <= _SAFE_INT for value in integers):
        return np.array(integers, dtype=np.int64)
    array = np.empty(len(integers), dtype=object)
    array[:] = integers
    return array


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Contiguous and read-only."""
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array


def fraction_array(integers: NDArray[Any], denominator: int) -> NDArray[np.object_]:
    """Fractions ``integers / denominator``, same shape."""
    array = np.empty(integers.size, dtype=object)
    array[:] = [Fraction(value, denominator) for value in integers.ravel().tolist()]
    return array.reshape(integers.shape)


def contract(table: NDArray[Any], axis: int, weights: list[int]) -> NDArray[Any]:
    """Weighted sum along an axis, exact: machine integers where the bound of the sum allows them."""
    if table.dtype != object:
        largest = max(abs(int(table.min())), abs(int(table.max())), 1)
        if largest * sum(weights) < _INT64_ROOM:
            return np.asarray(np.tensordot(table, np.array(weights, dtype=np.int64), axes=(axis, 0)))
        table = table.astype(object)
    vector = np.empty(len(weights), dtype=object)
    vector[:] = weights
    return np.asarray(np.tensordot(table, vector, axes=(axis, 0)))


def player_labels(players: Sequence[str] | None, n: int) -> tuple[str, ...]:
    """Players' labels, checked; numbers by default."""
    if players is None:
        return tuple(str(k + 1) for k in range(n))
    return _labels(players, n, "players")


def strategy_labels(
    strategies: Sequence[Sequence[str]] | None, shape: tuple[int, ...], players: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """Each player's strategy labels, checked; numbers by default."""
    if strategies is None:
        return tuple(tuple(str(k + 1) for k in range(m)) for m in shape)
    if len(strategies) != len(shape):
        raise ModelError(f"strategies: found lists for {len(strategies)} players, expected {len(shape)}")
    return tuple(
        _labels(labels, m, f"strategies of player {player}")
        for labels, m, player in zip(strategies, shape, players, strict=True)
    )


def _labels(labels: Sequence[str], size: int, where: str) -> tuple[str, ...]:
    if isinstance(labels, str):
        raise ModelError(f"{where}: found the text {labels!r}, expected a list of labels")
    names = tuple(str(label) for label in labels)
    if len(names) != size:
        raise ModelError(f"{where}: found {len(names)} labels, expected {size}")
    if not all(name.strip() for name in names):
        raise ModelError(f"{where}: found an empty label")
    if len(set(names)) < size:
        twice = next(name for k, name in enumerate(names) if name in names[:k])
        raise ModelError(f"{where}: found the label {twice!r} twice, expected distinct labels")
    return names
