"""From a guess at what is played to an exact equilibrium: linear programs in the lotteries over these messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eqsolve.engines.rationed_choice import Ids
from eqsolve.forms.separable import Marginals
from eqsolve.search.best_replies import BestReplies
from eqsolve.search.reply import Aim, Held, Open, Reply, influence
from eqsolve.search.symmetry import Blocks, Plan
from eqsolve.strategy import Vector

MAX_VARIABLES = 1_500


def solve_supports(
    blocks: Blocks,
    open_: Mapping[int, Open],
    marginals: Mapping[int, Marginals],
    aims: Mapping[int, Aim] | None = None,
) -> dict[int, Plan] | None:
    """Lotteries over given messages that make all of these messages best, for the others.

    With two agents who mix, what one announces has to make the other indifferent, and that is a linear condition;
    agents who do not mix are held to their message only where one agent mixes alone, so the result is to be checked.

    Parameters
    ----------
    blocks : Blocks
    open_ : mapping of active agent to messages per type vector
    marginals : mapping of active agent to Marginals
        Only those of agents who do not mix are looked at (and need be right).
    aims : mapping of active agent to Aim, optional

    Returns
    -------
    dict of active agent to Plan, or None
        None if more than two agents mix or no lotteries will do.
    """
    game = blocks.game
    mixing = [i for i in game.active if any(len(messages) > 1 for messages in open_[i].values())]
    if len(mixing) > 2 or any(sum(map(len, open_[i].values())) > MAX_VARIABLES for i in mixing):
        return None
    plans: dict[int, Plan] = {
        i: blocks.even(i, {t: messages[:1] for t, messages in open_[i].items()}) for i in game.active if i not in mixing
    }
    known = {**marginals, **{i: blocks.marginals(i, plan) for i, plan in plans.items()}}
    for i in mixing:
        others = [j for j in (game.active if len(mixing) == 1 or len(game.active) == 2 else mixing) if j != i]
        held = [Held.of(j, open_[j], influence(blocks.form, i, j, known)) for j in others]
        plan = Reply(blocks, i, open_[i], held, known).solve((aims or {}).get(i, Aim()))
        if plan is None:
            return None
        plans[i] = plan
    return plans


def visited_messages(replies: BestReplies, visited: Mapping[int, Sequence[Ids]]) -> dict[int, Open]:
    """Messages that a circle of best responses went through, per agent and type vector."""
    found: dict[int, Open] = {}
    for i, rounds in visited.items():
        lists: dict[Vector, list[Vector]] = {}
        for k, row in enumerate(replies.vectors[i].tolist()):
            lists[tuple(row)] = list(dict.fromkeys(tuple(messages[k].tolist()) for messages in rounds))
        found[i] = lists
    return found
