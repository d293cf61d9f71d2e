"""Equilibria of the veto game of two like agents in which some type vectors are indifferent and mix.

Where replies to "nobody vetoes" go round in circles, the type vectors that come and go have to be indifferent. Floating
point is not needed to find them: along the segment from few to many who take part, the reply changes where somebody is
indifferent; how likely those take part is then the solution of a linear equation, and the reply to it is checked.
"""

from __future__ import annotations

from fractions import Fraction

from eqsolve.participation.sums import Share
from eqsolve.participation.veto import Shares, VetoGame

HALVINGS = 40
SEGMENTS = 12


def mixed_equilibrium(game: VetoGame) -> Shares | None:
    """An equilibrium in which both of two like agents use one strategy and one class of type vectors mixes.

    The type vectors that gain take part, those that lose veto, and all indifferent ones take part with one probability.
    None if there are not two agents who are alike, or if no such equilibrium was found.
    """
    if not alike(game):
        return None
    many: Share = game.everybody[0]
    few = game.reply(0, (many, many), strict=True)
    for _ in range(SEGMENTS):
        below, above = Fraction(0), Fraction(1)
        for _ in range(HALVINGS):
            middle = (below + above) / 2
            share = few.mixed(many, middle)
            reply = game.reply(0, (share, share))
            found = _indifferent(game, share, reply)
            if found is not None:
                return found
            if reply.probability < share.probability:
                above = middle
            else:
                below = middle
        ends = [game.reply(0, (s, s)) for s in (few.mixed(many, below), few.mixed(many, above))]
        ends.sort(key=lambda s: s.probability)
        if ends == [few, many] or ends[0] == ends[1]:
            return None
        few, many = ends
    return None


def alike(game: VetoGame) -> bool:
    """Whether there are two agents whom nothing tells apart."""
    if game.n != 2:
        return False
    for issue, _ in game.economy.groups:
        if issue.priors[0] != issue.priors[1] or issue.reserve[0] != issue.reserve[1]:
            return False
        size = len(issue.priors[0])
        if any(issue.surplus[u * size + v] != s for (v, u), s in zip(issue.profiles, issue.surplus, strict=True)):
            return False
    return True


def _indifferent(game: VetoGame, share: Share, reply: Share) -> Shares | None:
    """The equilibrium in which those whom the replies around here disagree about mix, if it is one."""
    other = game.reply(0, (reply, reply))
    few, many = sorted((reply, other), key=lambda s: s.probability)
    if few == many:
        return (few, few)
    rate = [_worth(game, s, few, many) for s in (few, many)]
    if rate[0] == rate[1]:
        return None
    weight = rate[0] / (rate[0] - rate[1])
    if not 0 <= weight <= 1:
        return None
    mixed = few.mixed(many, weight)
    both = (mixed, mixed)
    if game.reply(0, both, strict=True) == few and game.reply(0, both) == many:
        return both
    return None


def _worth(game: VetoGame, share: Share, few: Share, many: Share) -> Fraction:
    """What those who take part in `many` but not in `few` gain together against this share; linear in the share."""
    gains = game.gains(0, (share, share))
    value = (many.probability - few.probability) * gains.constant
    for g, (_, count) in enumerate(game.economy.groups):
        rows = zip(few.marginals[g], many.marginals[g], gains.scores[g], strict=True)
        value += count * sum(((y - x) * score for x, y, score in rows), Fraction(0))
    return value
