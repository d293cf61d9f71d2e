"""What `nash` answers: equilibria of a plain game, the sets that they span, and how much of the truth that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from eqsolve.engines.equilibrium_set import MixedEquilibrium, Value, ends

if TYPE_CHECKING:
    import pandas as pd

    from eqsolve.game import NormalFormGame

Indices = tuple[int, ...]


@dataclass(frozen=True)
class Optimum:
    """How good the best equilibrium for an objective is.

    Attributes
    ----------
    objective : str
        In words, as ``"maximise welfare"``.
    value : Fraction
        Of the listed equilibrium; a lower end (maximising) where that equilibrium is irrational.
    bound : Fraction
        No equilibrium is better than this: proved.
    proved : bool
        Whether value and bound meet, so that the listed equilibrium is an optimal one.
    """

    objective: str
    value: Fraction
    bound: Fraction
    proved: bool


@dataclass(frozen=True)
class Nearest:
    """A profile that is no equilibrium, with what is exactly known of it.

    Attributes
    ----------
    strategies : per player, per strategy, a Fraction
    payoffs : per player, a Fraction
    regrets : per player, a Fraction
        What she gains at most by deviating alone.
    """

    strategies: tuple[tuple[Fraction, ...], ...]
    payoffs: tuple[Fraction, ...]
    regrets: tuple[Fraction, ...]

    @property
    def regret(self) -> Fraction:
        """Largest regret."""
        return max(self.regrets)


@dataclass(frozen=True, eq=False, repr=False)
class NashResult:
    """Equilibria of a plain game; iterating gives them.

    Attributes
    ----------
    game : NormalFormGame
    equilibria : tuple of MixedEquilibrium
        Extreme equilibria, each once. Probabilities and payoffs are Fractions, or pairs (lo, hi) of Fractions
        around an irrational number, certified to hold it.
    subsets : tuple of tuples of indices into `equilibria`
        Nash subsets: any mixture, player by player, of the strategies in one is an equilibrium. For a symmetric
        result: mixtures in which both players do the same. Maximal ones if `complete`.
    components : tuple of tuples of indices into `equilibria`
        Unions of subsets that touch: the connected components of the set of equilibria if `complete`.
    complete : bool
        Every equilibrium of the game (every symmetric one, for a symmetric result) lies in a listed subset: a proof.
    stopped : str or None
        Why the work ended before its method was done, in words; None if it was done.
    method : str
        The engine that answered.
    parameters : dict
        How it was called.
    notes : tuple of str
        What else a reader should know.
    nearest : Nearest or None
        Where an iteration found no equilibrium: the profile of least regret that it met.
    optimum : Optimum or None
        Where an objective was given.
    seconds : float
    """

    game: NormalFormGame
    equilibria: tuple[MixedEquilibrium, ...]
    subsets: tuple[Indices, ...]
    components: tuple[Indices, ...]
    complete: bool
    stopped: str | None
    method: str
    parameters: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    nearest: Nearest | None = None
    optimum: Optimum | None = None
    seconds: float = 0.0

    def __iter__(self) -> Iterator[MixedEquilibrium]:
        return iter(self.equilibria)

    def __len__(self) -> int:
        return len(self.equilibria)

    def __getitem__(self, index: int) -> MixedEquilibrium:
        return self.equilibria[index]

    def __repr__(self) -> str:
        status = "complete" if self.complete else "not complete"
        return f"<NashResult of {self.game.title!r}: {len(self)} equilibria, {status}, {self.method}>"

    def __str__(self) -> str:
        from eqsolve.show.nash_page import nash_text

        return nash_text(self)

    def _repr_html_(self) -> str:
        from eqsolve.show.nash_html import nash_html

        return nash_html(self)

    def to_json(self) -> dict[str, Any]:
        """Give the document that ``eqsolve nash --json`` prints."""
        from eqsolve.io.nash_json import nash_json

        return nash_json(self)

    def to_frame(self) -> pd.DataFrame:
        """Give a DataFrame (needs pandas): one row per equilibrium, entries as in `equilibria`.

        Columns have three levels: ``("probability", player, strategy)``, ``("payoff", player, "")`` and
        ``("set", "component", "")``.
        """
        import numpy as np
        import pandas as pd

        game = self.game
        columns = [
            ("probability", player, label)
            for player, labels in zip(game.players, game.strategies, strict=True)
            for label in labels
        ]
        columns += [("payoff", player, "") for player in game.players] + [("set", "component", "")]
        home = {k: number for number, part in enumerate(self.components) for k in part}
        rows = [
            [*(p for strategy in e.strategies for p in strategy), *e.payoffs, home.get(k)]
            for k, e in enumerate(self.equilibria)
        ]
        cells = np.empty((len(rows), len(columns)), dtype=object)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                cells[r, c] = value  # one by one: a pair (lo, hi) would be taken apart
        table = pd.DataFrame(cells, columns=pd.MultiIndex.from_tuples(columns))
        table.index.name = "equilibrium"
        return table


def unfinished(game: NormalFormGame, why: str, method: str = "none") -> NashResult:
    """What is known of a game when work on it was stopped before any equilibrium was found."""
    return NashResult(game, (), (), (), False, why, method)


def grouped(groups: Iterable[Iterable[int]]) -> tuple[tuple[Indices, ...], tuple[Indices, ...]]:
    """Sets of indices that are not contained in others, sorted, and the unions of those that overlap.

    Parameters
    ----------
    groups : iterable of iterables of int

    Returns
    -------
    subsets, components : tuples of increasing tuples of int
    """
    sets = {frozenset(group) for group in groups}
    holders: dict[int, list[frozenset[int]]] = {}
    for group in sorted(sets, key=len, reverse=True):
        if not any(group <= other for other in holders.get(next(iter(group)), ())):
            for k in group:
                holders.setdefault(k, []).append(group)
    maximal = {group for some in holders.values() for group in some}
    parent = {k: k for k in holders}

    def root(k: int) -> int:
        """The index that stands for k's component; paths are halved on the way."""
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for group in maximal:
        first, *rest = group
        for k in rest:
            parent[root(k)] = root(first)
    parts: dict[int, list[int]] = {}
    for k in sorted(parent):
        parts.setdefault(root(k), []).append(k)
    return tuple(sorted(tuple(sorted(group)) for group in maximal)), tuple(sorted(map(tuple, parts.values())))


def place(strategies: tuple[tuple[Value, ...], ...]) -> tuple[Fraction, ...]:
    """Sorting key of a profile: lower ends of all probabilities."""
    return tuple(ends(p)[0] for strategy in strategies for p in strategy)
