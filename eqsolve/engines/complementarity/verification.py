"""Equilibria checked from the definition, with nothing of the search."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eqsolve.engines.complementarity.model import BlockGame, Vector
from eqsolve.engines.complementarity.reduction import block_ranges

Mask = NDArray[np.bool_]

# Pairs that are looked at together.
_CHUNK = 1024

# Entries of 64 bits are safe while every sum of products stays below.
_SAFE = 1 << 62


class Verifier:
    """Checks pairs of strategies of one game for regret 0.

    Parameters
    ----------
    game : BlockGame
    """

    def __init__(self, game: BlockGame) -> None:
        self._first = _Player(game.A, game.col_blocks, game.row_blocks)
        self._second = _Player(list(zip(*game.B, strict=True)), game.row_blocks, game.col_blocks)

    def require(self, rows: Sequence[Vector], cols: Sequence[Vector], pairs: Sequence[tuple[int, int]]) -> None:
        """Accept if every pair is an equilibrium.

        Parameters
        ----------
        rows, cols : sequences of vectors
        pairs : sequence of (int, int)
            Indices into them.

        Raises
        ------
        ArithmeticError
            If one is not: a defect of the search.
        """
        for _ in self.accepted(rows, cols, pairs):
            pass

    def accepted(
        self, rows: Sequence[Vector], cols: Sequence[Vector], pairs: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[int, int]]:
        """Yield the pairs one by one, each once it is found to be an equilibrium.

        Raises
        ------
        ArithmeticError
            If one is not: a defect of the search.
        """
        waiting = iter(pairs)
        one, two = _Known(self._second, rows), _Known(self._first, cols)
        while chunk := list(islice(waiting, _CHUNK)):
            plays1, best2 = one.of([i for i, _ in chunk])
            plays2, best1 = two.of([j for _, j in chunk])
            wrong: Mask = np.logical_or((plays1 & ~best1).any(axis=1), (plays2 & ~best2).any(axis=1))
            for k, pair in enumerate(chunk):
                if wrong[k]:
                    i, j = pair
                    raise ArithmeticError(f"{rows[i]}, {cols[j]} was reported and is no equilibrium")
                yield pair


class _Player:
    """What a player earns: payoffs of her replies (rows) against the opponent's strategies, both in blocks."""

    def __init__(
        self, payoffs: Sequence[Sequence[Fraction]], strategies: Sequence[int], replies: Sequence[int]
    ) -> None:
        width = sum(strategies)
        numbers, _ = _numerators([v for row in payoffs for v in row])
        self._largest = max(map(abs, numbers))
        dtype = np.int64 if self._largest < _SAFE else object
        self._payoffs: NDArray[Any] = np.array(numbers, dtype=dtype).reshape(-1, width).T
        self._strategies = block_ranges(strategies)
        self._replies = block_ranges(replies)

    def supports_and_best(self, opponents: Sequence[Vector]) -> tuple[Mask, Mask]:
        """What each of the opponent's strategies plays, and the player's best replies to it."""
        weights, scales = [], []
        for strategy in opponents:
            numbers, scale = _numerators(strategy)
            shares = [sum(numbers[block.start : block.stop]) for block in self._strategies]
            if min(numbers) < 0 or any(share != scale for share in shares):
                raise ArithmeticError(f"{strategy} was reported and is no vector of probabilities")
            weights.append(numbers)
            scales.append(scale)
        # The probabilities of every block add up to the scale.
        fits = self._largest * max(scales) * len(self._strategies) < _SAFE
        table: NDArray[Any] = np.array(weights, dtype=np.int64 if fits else object)
        values = table @ self._payoffs
        best = np.zeros(values.shape, np.bool_)
        for block in self._replies:
            part = values[:, block.start : block.stop]
            best[:, block.start : block.stop] = part == part.max(axis=1, keepdims=True)
        return table != 0, best


class _Known:
    """Supports and best replies of one player's strategies, each computed once, when it is first asked for."""

    def __init__(self, opponent: _Player, strategies: Sequence[Vector]) -> None:
        self._opponent = opponent
        self._strategies = strategies
        self._place: dict[int, int] = {}
        self._masks: tuple[Mask, Mask] | None = None

    def of(self, which: list[int]) -> tuple[Mask, Mask]:
        """Supports of some, and best replies to them."""
        new = [i for i in dict.fromkeys(which) if i not in self._place]
        if new:
            self._place.update(zip(new, range(len(self._place), len(self._place) + len(new)), strict=True))
            masks = self._opponent.supports_and_best([self._strategies[i] for i in new])
            old = self._masks
            self._masks = (
                masks if old is None else (np.concatenate([old[0], masks[0]]), np.concatenate([old[1], masks[1]]))
            )
        assert self._masks is not None
        at = [self._place[i] for i in which]
        return self._masks[0][at], self._masks[1][at]


def _numerators(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Numerators over the least common denominator."""
    denominators = [v.denominator for v in values]
    scale = math.lcm(*denominators)
    return [v.numerator * (scale // d) for v, d in zip(values, denominators, strict=True)], scale
