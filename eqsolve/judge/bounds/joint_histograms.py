"""Joint histograms: on how many problems the others announce each profile of types.

Floors and ceilings depend on nothing else of the others: against label-free play their messages are as good as
shuffled, and known messages can be renamed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np

from eqsolve.engines.transport import integer_tables
from eqsolve.errors import NotSupported
from eqsolve.linking import LinkedGame

MAX_JOINT_HISTOGRAMS = 20_000

Announced = tuple[int, ...]
JointHistogram = dict[Announced, int]
"""On how many problems the other active agents announce each profile of types."""


@lru_cache(maxsize=64)
def joint_histograms(game: LinkedGame, i: int, limit: int = MAX_JOINT_HISTOGRAMS) -> Sequence[JointHistogram] | None:
    """All joint histograms of the announcements of the active agents other than i.

    Returns
    -------
    sequence of dict, or None
        None if there are more than `limit`. The integer tables whose margins the budgets admit, for any number of
        agents and any kind of budget.
    """
    others = [j for j in game.active if j != i]
    # A joint histogram stands for at most K! profiles of messages.
    if math.prod(game.budgets[j].message_count() for j in others) > limit * math.factorial(game.copies):
        return None
    found: list[JointHistogram] = [{(): game.copies}]
    for j in others:
        longer: list[JointHistogram] = []
        for joint in found:
            for histogram in game.budgets[j].histograms():
                for table in integer_tables(list(joint.values()), histogram):
                    longer.append(
                        {(*w, v): c for w, row in zip(joint, table, strict=True) for v, c in enumerate(row) if c}
                    )
                    if len(longer) > limit:
                        return None
        found = longer
    return found


def is_plain(game: LinkedGame) -> bool:
    """Whether types are independent across problems and outcomes depend on what is announced for a problem only."""
    return game.options.walk_away is None and game.options.filter is None and not game.has_processes


def require_plain(game: LinkedGame, what: str) -> None:
    """Refuse games with a filter, a status quo to walk away to, or a type process."""
    if not is_plain(game):
        raise NotSupported(f"{what}: not with a filter, walking away or type processes; leave these out of the model")


def require_shuffled(game: LinkedGame, what: str) -> None:
    """Refuse games with a filter or a status quo to walk away to, and types that are not exchangeable."""
    if game.options.walk_away is not None or game.options.filter is not None or not game.is_exchangeable:
        raise NotSupported(
            f"{what}: not with a filter or walking away, nor with a type process that is not exchangeable; leave these "
            "out of the model"
        )


def worth(game: LinkedGame, i: int, announced: Announced) -> list[list[int]]:
    """g_i(u; v, announced) times the scale of agent i's values, rows u and columns v."""
    tensor = game.active_values[i][0]
    if i not in game.active:
        return [[int(tensor[(u, *announced)])] for u in range(len(tensor))]
    own = game.active.index(i)
    by_own = np.moveaxis(tensor, own + 1, 1)
    return [[int(by_own[(u, v, *announced)]) for v in range(by_own.shape[1])] for u in range(len(tensor))]


def bystander_payoff(game: LinkedGame, i: int, joint: JointHistogram) -> Fraction:
    """Ex ante payoff per problem of an agent without a choice that matters, at a joint histogram of the others."""
    prior, scale = game.problem.agents[i].prior, game.active_values[i][1]
    total = sum(
        (c * p * row[0] for w, c in joint.items() for p, row in zip(prior, worth(game, i, w), strict=True)),
        Fraction(0),
    )
    return total / (scale * game.copies)
