"""The normal form of a Bayesian game: one pure strategy per choice of an action at every type."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from eqsolve.engines.bayesian import Actions, BayesianGame
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words

MAX_CELLS = 1_000_000
Choice = tuple[int, ...]
"""One action per type."""


@dataclass(frozen=True, eq=False)
class NormalForm:
    """Normal form over pure strategies, strategies with equal payoffs merged.

    Parameters
    ----------
    strategies : per player, per merged strategy, the choices that it stands for
    payoffs : per player an object array of Fraction; axis i belongs to player i
    """

    strategies: tuple[tuple[tuple[Choice, ...], ...], ...]
    payoffs: tuple[npt.NDArray[np.object_], ...]


def normal_form(game: BayesianGame, left: Sequence[Actions], merge: bool = True) -> NormalForm:
    """Write a Bayesian game as a normal form.

    Parameters
    ----------
    game : BayesianGame
    left : per player and type the actions that may be chosen
    merge : bool
        Whether strategies with the same payoffs, for every player against everything, become one.

    Raises
    ------
    SizeError
        If there are more than `MAX_CELLS` cells before merging: the number of strategies is the product, over
        types, of the number of actions.
    """
    counts = [math.prod(len(actions) for actions in player) for player in left]
    if math.prod(counts) > MAX_CELLS:
        raise SizeError(
            f"the normal form has {' x '.join(map(in_words, counts))} pure strategies, at most {MAX_CELLS:,} cells "
            "are written out; fewer copies (-k) help"
        )
    choices = [list(itertools.product(*player)) for player in left]
    laws = [_action_laws(game, i, choices[i]) for i in range(game.n)]
    arrays = [_payoffs(game, i, choices[i], laws) for i in range(game.n)]
    watched = [*arrays, *(_outcomes(array, laws) for array in game.bystanders)]
    groups = [_groups(watched, i, choices[i]) if merge else [[k] for k in range(counts[i])] for i in range(game.n)]
    kept = np.ix_(*([group[0] for group in player] for player in groups))
    weight = math.prod(sum(w) for w in game.weights)
    return NormalForm(
        tuple(tuple(tuple(choices[i][k] for k in group) for group in player) for i, player in enumerate(groups)),
        tuple(array[kept] * Fraction(1, weight * scale) for array, scale in zip(arrays, game.scales, strict=True)),
    )


def _action_laws(game: BayesianGame, i: int, choices: Sequence[Choice]) -> npt.NDArray[np.object_]:
    """Weight with which each pure strategy takes each action: shape (strategies, actions)."""
    laws = np.zeros((len(choices), game.payoffs[i].shape[i + 1]), dtype=object)
    for s, choice in enumerate(choices):
        for t, action in enumerate(choice):
            laws[s, action] += game.weights[i][t]
    return laws


def _payoffs(
    game: BayesianGame, i: int, choices: Sequence[Choice], laws: Sequence[npt.NDArray[np.object_]]
) -> npt.NDArray[np.object_]:
    """Ex ante payoffs of player i, times a common factor: axis j counts player j's pure strategies."""
    table = game.payoffs[i].astype(object)
    own = np.stack(
        [
            sum(w * table[t].take(a, axis=i) for t, (w, a) in enumerate(zip(game.weights[i], c, strict=True)))
            for c in choices
        ]
    )
    return _against(np.moveaxis(own, 0, i), laws, skip=i)


def _outcomes(array: npt.NDArray[np.object_], laws: Sequence[npt.NDArray[np.object_]]) -> npt.NDArray[np.object_]:
    """A bystander's payoffs, times a common factor."""
    return _against(array.astype(object), laws, skip=None)


def _against(
    array: npt.NDArray[np.object_], laws: Sequence[npt.NDArray[np.object_]], skip: int | None
) -> npt.NDArray[np.object_]:
    """Replace the axes of actions by axes of strategies, except the axis `skip`, which is one already."""
    for j, law in enumerate(laws):
        if j != skip:
            array = np.moveaxis(np.tensordot(array, law, axes=(j, 1)), -1, j)
    return array


def _groups(watched: Sequence[npt.NDArray[np.object_]], i: int, choices: Sequence[Choice]) -> list[list[int]]:
    """Indices of player i's strategies, those with equal payoffs together."""
    found: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for k in range(len(choices)):
        key = tuple(tuple(np.asarray(array.take(k, axis=i)).ravel().tolist()) for array in watched)
        found.setdefault(key, []).append(k)
    return list(found.values())
