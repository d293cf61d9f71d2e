"""Finite games in normal form with exact payoffs: the object that the engines for plain games solve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eqsolve.errors import ModelError
from eqsolve.exact.rational import rational
from eqsolve.game.arrays import (
    MAX_PLAYERS,
    as_array,
    check_shapes,
    contract,
    fraction_array,
    frozen,
    player_labels,
    strategy_labels,
    to_integer_array,
)

if TYPE_CHECKING:
    import pandas as pd


Profile = Sequence[Any]
"""One entry per player: a mixed strategy (a sequence of probabilities), a strategy's index, or its label."""


@dataclass(frozen=True, eq=False, repr=False)
class NormalFormGame:
    """A finite n-player game in normal form; immutable, exact.

    The payoffs of player i are ``integers[i] / denominators[i]``, an array of shape ``(m_1, ..., m_n)``
    whose axis j is the strategy of player j, the same for all players (nothing is rotated). Integers over one
    common denominator per player are both exact and quick: engines scale a player's payoffs freely, so most
    of them never look at the denominator.

    Build games with `from_payoffs` (or the other ``from_...`` constructors); the constructor itself trusts
    its arguments.

    Attributes
    ----------
    integers : tuple of ndarray
        One read-only C-contiguous array per player: int64 if all entries are within ±2^53 (so they are exact
        as floats, too), else Python integers with dtype object.
    denominators : tuple of int
        The positive common denominator of each player's payoffs, the smallest possible one.
    players : tuple of str
        Labels of the players, distinct and not empty.
    strategies : tuple of tuple of str
        Labels of each player's strategies, distinct and not empty for each player.
    title : str

    Examples
    --------
    >>> import eqsolve as eq
    >>> game = eq.NormalFormGame.from_payoffs([[1, 0], [0, 1]], [[1, 0], [0, 1]])
    >>> len(eq.nash(game))
    3
    """

    integers: tuple[NDArray[Any], ...]
    denominators: tuple[int, ...]
    players: tuple[str, ...]
    strategies: tuple[tuple[str, ...], ...]
    title: str = ""

    # --- constructors ---------------------------------------------------------------------------------------

    @classmethod
    def from_payoffs(
        cls,
        *arrays: Any,
        players: Sequence[str] | None = None,
        strategies: Sequence[Sequence[str]] | None = None,
        title: str = "",
    ) -> NormalFormGame:
        """Build a game from one payoff array per player.

        Parameters
        ----------
        *arrays : array_like
            n arrays (nested sequences or ndarrays) of the same shape ``(m_1, ..., m_n)``; axis i is player
            i's strategy. Entries are integers, Fractions, Decimals, strings such as ``"2/3"``, or floats,
            which mean the decimal that they print.
        players : sequence of str, optional
            Labels; ``"1"``, ``"2"``, ... by default.
        strategies : sequence of sequence of str, optional
            Labels of each player's strategies; ``"1"``, ``"2"``, ... by default.
        title : str, optional

        Returns
        -------
        NormalFormGame

        Raises
        ------
        ModelError
            If shapes do not fit, a payoff is no finite number within the limits of `eqsolve.exact.rational`,
            or labels are missing, empty or repeated.
        """
        if not 1 <= len(arrays) <= MAX_PLAYERS:
            raise ModelError(f"found payoffs of {len(arrays)} players, expected 1 to {MAX_PLAYERS} arrays")
        tables = [as_array(array, player) for player, array in enumerate(arrays)]
        check_shapes(tables)
        exact = [to_integer_array(table, player) for player, table in enumerate(tables)]
        shape = tables[0].shape
        names = player_labels(players, len(tables))
        return cls(
            integers=tuple(frozen(integers) for integers, _ in exact),
            denominators=tuple(denominator for _, denominator in exact),
            players=names,
            strategies=strategy_labels(strategies, shape, names),
            title=str(title),
        )

    @classmethod
    def from_nashpy(cls, game: Any) -> NormalFormGame:
        """Build a game from a ``nashpy.Game``: two matrices, rows are player 1's strategies.

        A nashpy game that was given one matrix only is zero-sum, and its second matrix is the negative.
        """
        from eqsolve.game.convert import from_nashpy

        return from_nashpy(game)

    @classmethod
    def from_pygambit(cls, game: Any) -> NormalFormGame:
        """Build a game from a ``pygambit`` game (16 or 17), exactly; an extensive one by its strategies.

        Labels and title are kept; labels that are empty or repeated get a number.
        """
        from eqsolve.game.convert import from_pygambit

        return from_pygambit(game)

    @classmethod
    def from_quantecon(cls, game: Any) -> NormalFormGame:
        """Build a game from a ``quantecon.game_theory.NormalFormGame``.

        There, player i's array has axes (i, i+1, ..., i-1), her own strategy first; here axis j is player j.
        """
        from eqsolve.game.convert import from_quantecon

        return from_quantecon(game)

    def to_nashpy(self) -> Any:
        """Give a ``nashpy.Game`` (two players): int64 matrices if exact, else floats."""
        from eqsolve.game.convert import to_nashpy

        return to_nashpy(self)

    def to_pygambit(self) -> Any:
        """Give a ``pygambit`` game with the same exact payoffs, labels and title."""
        from eqsolve.game.convert import to_pygambit

        return to_pygambit(self)

    def to_quantecon(self) -> Any:
        """Give a ``quantecon`` game: int64 payoffs if exact, else floats, with its rotated axes."""
        from eqsolve.game.convert import to_quantecon

        return to_quantecon(self)

    # --- what it is -----------------------------------------------------------------------------------------

    @property
    def n_players(self) -> int:
        """Number of players."""
        return len(self.players)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of strategies of each player."""
        return tuple(len(labels) for labels in self.strategies)

    @property
    def n_cells(self) -> int:
        """Number of pure strategy profiles."""
        return math.prod(self.shape)

    @cached_property
    def payoffs(self) -> tuple[NDArray[np.object_], ...]:
        """One read-only array of Fractions per player, axis j for player j (built when first asked for)."""
        return tuple(
            frozen(fraction_array(integers, denominator))
            for integers, denominator in zip(self.integers, self.denominators, strict=True)
        )

    @property
    def A(self) -> NDArray[np.object_]:  # noqa: N802
        """Payoff matrix of player 1 in a two-player game (Fractions; rows are player 1's strategies)."""
        self._two_players("A")
        return self.payoffs[0]

    @property
    def B(self) -> NDArray[np.object_]:  # noqa: N802
        """Payoff matrix of player 2 in a two-player game (Fractions; rows are player 1's strategies)."""
        self._two_players("B")
        return self.payoffs[1]

    def _two_players(self, name: str) -> None:
        if self.n_players != 2:
            raise ModelError(f"{name} is for two players, found {self.n_players}; use payoffs[i]")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NormalFormGame):
            return NotImplemented
        return (self.denominators, self.players, self.strategies, self.title) == (
            other.denominators,
            other.players,
            other.strategies,
            other.title,
        ) and all(np.array_equal(a, b) for a, b in zip(self.integers, other.integers, strict=True))

    def __hash__(self) -> int:
        return hash((self.denominators, self.players, self.strategies, self.title))

    def __repr__(self) -> str:
        size = " × ".join(str(m) for m in self.shape)
        return f"<NormalFormGame {self.title!r}, {self.n_players} players, {size}>"

    # --- exact values ---------------------------------------------------------------------------------------

    def mixed(self, profile: Profile) -> tuple[tuple[Fraction, ...], ...]:
        """Read a profile as one tuple of exact probabilities per player.

        Parameters
        ----------
        profile : sequence, one entry per player
            A sequence of probabilities (not negative, their sum exactly 1), a strategy's index, or its label.

        Raises
        ------
        ModelError
            If the profile does not fit the game.
        """
        if isinstance(profile, str) or len(profile) != self.n_players:
            raise ModelError(f"found {len(profile)} strategies, expected {self.n_players}, one per player")
        return tuple(self._mixed_strategy(player, entry) for player, entry in enumerate(profile))

    def _mixed_strategy(self, player: int, entry: Any) -> tuple[Fraction, ...]:
        where, size = f"strategy of player {self.players[player]}", self.shape[player]
        if isinstance(entry, str):
            if entry not in self.strategies[player]:
                raise ModelError(f"{where}: found {entry!r}, expected one of {self.strategies[player][:20]}")
            entry = self.strategies[player].index(entry)
        if isinstance(entry, int | np.integer) and not isinstance(entry, bool):
            if not 0 <= entry < size:
                raise ModelError(f"{where}: found index {entry}, expected 0 to {size - 1}")
            return tuple(Fraction(int(k == entry)) for k in range(size))
        try:
            weights = tuple(rational(value) for value in entry)
        except (TypeError, ValueError) as error:
            raise ModelError(f"{where}: {error}") from None
        if len(weights) != size:
            raise ModelError(f"{where}: found {len(weights)} probabilities, expected {size}")
        if min(weights) < 0 or sum(weights) != 1:
            raise ModelError(
                f"{where}: found probabilities that are negative or sum to {sum(weights)}, expected the sum 1"
            )
        return weights

    def values(self, profile: Profile) -> tuple[tuple[Fraction, ...], ...]:
        """Compute the payoff of every pure strategy of every player against the others' strategies, exactly.

        Returns
        -------
        tuple of tuple of Fraction
            ``values[i][k]`` is player i's payoff from strategy k against ``profile`` without i.

        Notes
        -----
        Weights are cleared of denominators and restricted to supports; the arithmetic is that of machine
        integers where a bound shows that it cannot overflow. O(n · cells of the supports · strategies).
        """
        return self._values(self.mixed(profile))

    def _values(self, mixed: tuple[tuple[Fraction, ...], ...]) -> tuple[tuple[Fraction, ...], ...]:
        supports, weights, scales = [], [], []
        for strategy in mixed:
            support = [k for k, p in enumerate(strategy) if p]
            scale = math.lcm(*(strategy[k].denominator for k in support))
            supports.append(support)
            weights.append([int(strategy[k] * scale) for k in support])
            scales.append(scale)
        everyone = range(self.n_players)
        result = []
        for i in everyone:
            table = self.integers[i]
            for j in everyone:
                if j != i and len(supports[j]) < table.shape[j]:
                    table = table.take(supports[j], axis=j)
            for j in reversed(everyone):
                if j != i:
                    table = contract(table, j, weights[j])
            below = self.denominators[i] * math.prod(scales[j] for j in everyone if j != i)
            result.append(tuple(Fraction(int(value), below) for value in table.tolist()))
        return tuple(result)

    def payoff(self, profile: Profile) -> tuple[Fraction, ...]:
        """Compute each player's expected payoff, exactly, under a profile of (mixed) strategies."""
        mixed = self.mixed(profile)
        return tuple(
            sum((p * v for p, v in zip(strategy, values, strict=True) if p), Fraction(0))
            for strategy, values in zip(mixed, self._values(mixed), strict=True)
        )

    def regrets(self, profile: Profile) -> tuple[Fraction, ...]:
        """Compute what each player gains at most by deviating alone, exactly; 0 for a best response."""
        mixed = self.mixed(profile)
        return tuple(
            max(values) - sum((p * v for p, v in zip(strategy, values, strict=True) if p), Fraction(0))
            for strategy, values in zip(mixed, self._values(mixed), strict=True)
        )

    def regret(self, profile: Profile) -> Fraction:
        """Compute the largest gain from deviating alone, over players; 0 exactly for an equilibrium."""
        return max(self.regrets(profile))

    def is_equilibrium(self, profile: Profile) -> bool:
        """Decide whether a profile is a Nash equilibrium, exactly."""
        return self.regret(profile) == 0

    def best_responses(self, profile: Profile) -> tuple[tuple[int, ...], ...]:
        """Find the indices of each player's pure best responses to the others' strategies, exactly."""
        return tuple(
            tuple(k for k, value in enumerate(values) if value == best)
            for values in self.values(profile)
            for best in [max(values)]
        )

    # --- tables ---------------------------------------------------------------------------------------------

    def to_frame(self) -> pd.DataFrame:
        """Give a DataFrame (needs pandas): one row per pure profile, one column of Fractions per player.

        The index has one level per player, named by the player, the last player's strategy varying fastest.
        """
        from eqsolve.game.tables import to_frame

        return to_frame(self)

    def to_latex(self) -> str:
        """Give LaTeX ``tabular`` environments: one bimatrix per combination of strategies of the others."""
        from eqsolve.game.tables import to_latex

        return to_latex(self)

    def _repr_html_(self) -> str:
        from eqsolve.game.tables import to_html

        return to_html(self)
