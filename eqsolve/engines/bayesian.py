"""Finite Bayesian games with independent private types, and what can be removed from them before solving.

A player's payoff depends on its own type and on everybody's action. Players who never choose, but whose payoffs
matter to whoever reads the result, are *bystanders*.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.engines.lp import solve_lp
from eqsolve.errors import NotSupported
from eqsolve.exact.rational import to_integers

Integers = npt.NDArray[Any]
"""Integers, of dtype int64 or object."""
Actions = tuple[tuple[int, ...], ...]
"""For every type of a player, the actions that are left."""


@dataclass(frozen=True, eq=False)
class BayesianGame:
    """A Bayesian game of n players.

    Parameters
    ----------
    priors : one tuple of Fraction per player
        Positive probabilities of the player's types.
    payoffs : one integer array per player
        Shape (types of player i, actions of player 1, ..., actions of player n); times `scales[i]`.
    scales : one int per player
    bystanders : integer arrays
        Shape (actions of player 1, ..., actions of player n); each up to a positive factor.
    open_actions : per player and type the actions that it may take, optional
        Everything by default. Where payoffs depend on the others' types, too, actions that tell the type say so.
    """

    priors: tuple[tuple[Fraction, ...], ...]
    payoffs: tuple[Integers, ...]
    scales: tuple[int, ...]
    bystanders: tuple[Integers, ...] = ()
    open_actions: tuple[Actions, ...] | None = None

    @property
    def n(self) -> int:
        """Number of players."""
        return len(self.priors)

    @cached_property
    def weights(self) -> tuple[tuple[int, ...], ...]:
        """Priors as integers, up to a common factor per player."""
        return tuple(tuple(to_integers(prior)[0]) for prior in self.priors)

    def everything(self) -> tuple[Actions, ...]:
        """All actions that are open for every type of every player."""
        if self.open_actions is not None:
            return self.open_actions
        return tuple((tuple(range(self.payoffs[i].shape[i + 1])),) * len(self.priors[i]) for i in range(self.n))


@dataclass(frozen=True)
class Elimination:
    """An action that is strictly dominated at a type: the mixture is better against everything that was left.

    `mixture` maps actions to probabilities.
    """

    round: int
    player: int
    type: int
    action: int
    mixture: dict[int, Fraction]


def undominated(
    game: BayesianGame, left: Sequence[Actions] | None = None
) -> tuple[tuple[Actions, ...], tuple[Elimination, ...]]:
    """Iterated removal of interim strictly dominated actions, by pure and mixed actions, of one or two players.

    An action of a type is removed if some mixture of the type's actions does strictly better against every strategy
    that the other player has left. Of a single player only best actions survive.

    Parameters
    ----------
    game : BayesianGame
    left : per player and type the actions that are open, optional
        Everything by default.

    Returns
    -------
    survivors, eliminations
        Removal goes in rounds; within a round everybody is judged against the same opponents, so the order of the
        players does not matter.

    Raises
    ------
    NotSupported
        For more than two players.
    """
    if game.n > 2:
        raise NotSupported(f"interim dominance among {game.n} players who choose; two at most")
    left = tuple(left or game.everything())
    done: list[Elimination] = []
    while True:
        found = [e for i in range(game.n) for e in _dominated(game, i, left, len(done) and done[-1].round + 1)]
        if not found:
            return left, tuple(done)
        done += found
        gone = {(e.player, e.type, e.action) for e in found}
        left = tuple(
            tuple(tuple(a for a in actions if (i, t, a) not in gone) for t, actions in enumerate(player))
            for i, player in enumerate(left)
        )


def _dominated(game: BayesianGame, i: int, left: Sequence[Actions], number: int) -> Iterable[Elimination]:
    """Eliminations of player i against the opponent's actions that are left."""
    opponents: dict[tuple[int, ...], int] = {}
    if game.n == 2:
        for actions, weight in zip(left[1 - i], game.weights[1 - i], strict=True):
            opponents[actions] = opponents.get(actions, 0) + weight
    else:
        opponents = {(0,): 1}
    tables = game.payoffs[i]
    for t, actions in enumerate(left[i]):
        table = tables[t].T if (game.n == 2 and i == 1) else tables[t].reshape(tables[t].shape[0], -1)
        yield from _dominated_at(table, actions, opponents, (number, i, t))


def _dominated_at(
    table: Integers, actions: tuple[int, ...], opponents: dict[tuple[int, ...], int], place: tuple[int, int, int]
) -> Iterable[Elimination]:
    """Eliminations at one type, from its payoff table (own actions × the opponent's)."""
    worst_case = [(list(theirs), weight) for theirs, weight in opponents.items()]

    def secured(gain: Integers) -> int:
        """What a change of payoffs gains for sure, over everything the opponent has left."""
        return sum(weight * int(gain[theirs].min()) for theirs, weight in worst_case)

    best_somewhere = _best_replies(table, actions, worst_case)
    for a in actions:
        if a in best_somewhere:
            continue
        better = next((b for b in actions if b != a and secured(table[b] - table[a]) > 0), None)
        mixture = {better: Fraction(1)} if better is not None else _dominating_mixture(table, a, actions, worst_case)
        if mixture:
            yield Elimination(*place, a, mixture)


def _best_replies(table: Integers, actions: tuple[int, ...], opponents: Sequence[tuple[list[int], int]]) -> set[int]:
    """Actions that are a best reply to some simple strategy of the opponent: these cannot be dominated."""
    own = table[list(actions)]
    columns = {tuple(own[:, m].tolist()) for m in set.intersection(*(set(theirs) for theirs, _ in opponents))}
    lots = np.lcm.reduce([len(theirs) for theirs, _ in opponents])
    uniform = sum(own[:, theirs].sum(axis=1) * (weight * int(lots) // len(theirs)) for theirs, weight in opponents)
    columns.add(tuple(np.asarray(uniform).tolist()))
    return {a for column in columns for a, x in zip(actions, column, strict=True) if x == max(column)}


def _dominating_mixture(
    table: Integers, a: int, actions: tuple[int, ...], opponents: Sequence[tuple[list[int], int]]
) -> dict[int, Fraction]:
    """A mixture of actions that strictly dominates a; empty if there is none.

    Maximises Σ_s weight_s w_s, where w_s is the smallest gain over the actions that opponent types s have left.
    """
    count = len(actions)
    rows: list[dict[int, Fraction | int]] = []
    for s, (theirs, _) in enumerate(opponents):
        gains = {tuple((table[list(actions), m] - table[a, m]).tolist()) for m in theirs}
        for gain in sorted(gains):
            row: dict[int, Fraction | int] = {k: -int(x) for k, x in enumerate(gain) if x}
            row[count + s] = 1
            rows.append(row)
    objective: dict[int, Fraction | int] = {count + s: weight for s, (_, weight) in enumerate(opponents)}
    width = count + len(opponents)
    solution = solve_lp(
        [objective.get(k, 0) for k in range(width)],
        A_ub=rows,
        b_ub=[0] * len(rows),
        A_eq=[dict.fromkeys(range(count), 1)],
        b_eq=[1],
        free=range(count, width),
        maximise=True,
    )
    if solution.value is None or solution.value <= 0 or solution.x is None:
        return {}
    return {action: p for action, p in zip(actions, solution.x[:count], strict=True) if p}


def merge_equivalent(
    game: BayesianGame, left: Sequence[Actions]
) -> tuple[tuple[tuple[tuple[int, ...], ...], ...], ...]:
    """Classes of payoff-equivalent actions, per player and type, in games of one or two players.

    Two actions of a type are equivalent if, ex ante, every player and bystander gets the same from both against
    every strategy that the other player has left.

    Returns
    -------
    classes : per player, per type, a tuple of classes (tuples of actions in increasing order)
    """
    return tuple(tuple(_classes(game, i, t, actions, left) for t, actions in enumerate(left[i])) for i in range(game.n))


def _classes(
    game: BayesianGame, i: int, t: int, actions: tuple[int, ...], left: Sequence[Actions]
) -> tuple[tuple[int, ...], ...]:
    keys: dict[Hashable, list[int]] = {}
    for a in actions:
        keys.setdefault(_functionals(game, i, t, a, left), []).append(a)
    return tuple(tuple(group) for group in keys.values())


def _functionals(game: BayesianGame, i: int, t: int, a: int, left: Sequence[Actions]) -> Hashable:
    """What action a of type t does to everybody, as functions of the other player's strategy, in a normal form.

    A linear function on a product of simplices is zero exactly if it is constant on each simplex and the constants
    sum to zero.
    """
    own = game.payoffs[i][t]
    if game.n == 1:
        return (int(own[a]), *(int(b[a]) for b in game.bystanders))
    j = 1 - i
    others = left[j]
    weights = game.weights[j]
    mine = own[a] if i == 0 else own[:, a]
    shared = [b[a] if i == 0 else b[:, a] for b in game.bystanders]
    theirs = [table[:, a] if i == 1 else table[a] for table in game.payoffs[j]]
    functions = [[mine] * len(others), theirs, *([b] * len(others) for b in shared)]
    key: list[Hashable] = []
    for function in functions:
        constant = 0
        for open_, weight, values in zip(others, weights, function, strict=True):
            first = int(values[open_[0]])
            constant += weight * first
            key.append(tuple(int(values[m]) - first for m in open_))
        key.append(constant)
    return tuple(key)
