"""The fixed opposite plan: two agents who never announce alike, whatever their types, and whether that survives.

Agent 2 of Example 5 announces 1 on even problems and 3 on odd ones, agent 3 the opposite. Without a filter nobody can
do better. With one, a member who moves towards independence is no longer flagged and keeps most of what the plan gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from eqsolve.collusion.coalition import Coalition
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words
from eqsolve.filter.distance import PAIRWISE, CorrelationFilter, distances
from eqsolve.filter.panel import Panel
from eqsolve.filter.plan import opposite
from eqsolve.forms.filtered import Deviation, FilteredPlay, Substitution
from eqsolve.strategy import Strategy, uniform

MAX_PAIRS = 5_000_000


@dataclass(frozen=True)
class Survival:
    """Two agents who announce by the fixed opposite plan, in a filtered game.

    Parameters
    ----------
    copies : int
    epsilon : Fraction or None
    distance : Fraction
        Of the farther of the two from the other.
    flagged : bool
        Whether that alone flags somebody.
    payoffs : one Fraction per agent
    deviation : Deviation
        The best that one of the two can do by itself; its gain is the regret.
    """

    copies: int
    epsilon: Fraction | None
    distance: Fraction
    flagged: bool
    payoffs: tuple[Fraction, ...]
    deviation: Deviation

    @property
    def survives(self) -> bool:
        """Whether neither of the two would rather announce otherwise."""
        return self.deviation.gain == 0


def opposite_profile(coalition: Coalition) -> tuple[Strategy, ...]:
    """Both members announce by the plan whatever their types; outsiders' messages are all equally likely.

    Raises
    ------
    ModelError
        If a member does not announce two types.
    """
    game = coalition.game
    plan = opposite(Panel.of_game(game), *coalition.members)
    sent = dict(zip(plan.members, plan.lottery[0][1], strict=True))
    return tuple(
        Strategy.pure(dict.fromkeys(game.type_vectors(i), sent[i]))
        if i in sent
        else uniform({t: list(game.budgets[i].messages()) for t in game.type_vectors(i)})
        for i in range(game.n)
    )


def survival(
    coalition: Coalition, epsilon: Fraction | None, kind: str = PAIRWISE, deadline: float | None = None
) -> Survival:
    """Whether the fixed opposite plan of two agents survives a filter, with the best deviation.

    Parameters
    ----------
    coalition : Coalition
        Of two agents who announce two types each; outsiders send all their messages equally often.
    epsilon : Fraction or None
    kind : {"pairwise", "joint"}
    deadline : float, optional

    Raises
    ------
    ModelError
        If a member does not announce two types.
    SizeError
        If messages or type vectors are too many.
    """
    game = coalition.game.unfiltered
    pairs = max(game.type_vector_count(i) * game.budgets[i].message_count() for i in range(game.n))
    if pairs > MAX_PAIRS:
        raise SizeError(
            f"{in_words(pairs)} pairs of a type vector and a message, at most {MAX_PAIRS:,} are compared; fewer copies "
            "(-k) help"
        )
    panel = Panel.of_game(game)
    judge = None if epsilon is None else CorrelationFilter(panel, epsilon, kind)
    play = FilteredPlay(game, Substitution(game, judge), deadline)
    profile = opposite_profile(coalition)
    sent = opposite(coalition.panel, 0, 1).lottery[0][1]
    farthest = max(distances(coalition.panel, sent, kind))
    deviation = play.deviation(profile, coalition.members)
    assert deviation is not None
    flagged = epsilon is not None and farthest > epsilon
    return Survival(game.copies, epsilon, farthest, flagged, play.payoffs(profile), deviation)
