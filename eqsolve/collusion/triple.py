"""Three agents who collude although any two of them look independent.

On every four problems they announce 0011, 0101 and 1001: on no problem do all three announce their first type, and any
two of them make each joint announcement equally often. Every pairwise distance is 0, so a filter that compares pairs
flags nobody, whatever its ε. All sets of others taken together, the distance is 1/4.
"""

from __future__ import annotations

from collections.abc import Sequence

from eqsolve.errors import ModelError
from eqsolve.filter.panel import Panel
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.assess import Assessor
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, Vector, uniform

PATTERNS: tuple[Vector, ...] = ((0, 0, 1, 1), (0, 1, 0, 1), (1, 0, 0, 1))


def triple_messages(game: LinkedGame, members: Sequence[int]) -> dict[int, Vector]:
    """What each of three agents announces on every four problems.

    Raises
    ------
    ModelError
        If they are not three agents who announce two types equally often, or K is not a multiple of four.
    """
    panel = Panel.of_game(game)
    if len(members) != 3 or game.copies % 4 or any(panel.budgets[i] != (game.copies // 2,) * 2 for i in members):
        raise ModelError(
            "the plan of three: expected three agents who announce two types equally often, and a number of problems "
            f"divisible by 4, found {len(members)} agents and {game.copies} problems"
        )
    return {i: pattern * (game.copies // 4) for i, pattern in zip(members, PATTERNS, strict=True)}


def triple_profile(game: LinkedGame, members: Sequence[int]) -> tuple[Strategy, ...]:
    """The three announce so whatever their types; everybody else sends all its messages equally often."""
    sent = triple_messages(game, members)
    return tuple(
        Strategy.pure(dict.fromkeys(game.type_vectors(i), sent[i]))
        if i in sent
        else uniform({t: list(game.budgets[i].messages()) for t in game.type_vectors(i)})
        for i in range(game.n)
    )


def label_free_profile(game: LinkedGame) -> tuple[Strategy, ...]:
    """The label-free equilibrium of the game without a filter, against which the three gain.

    Raises
    ------
    ModelError
        If it is too large to be listed.
    """
    form = LabelFreeForm(game.unfiltered)
    found = Assessor(game.unfiltered, form.payoffs()).label_free_equilibrium(form).strategies
    if found is None:
        raise ModelError("the label-free equilibrium is too large to be listed; fewer copies help")
    return found
