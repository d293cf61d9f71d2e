"""How likely decisions are efficient although somebody may veto: types of all agents read together, issue by issue.

After a veto the status quo is kept, which is efficient where it is so on every issue. That depends on everybody's types
at once, so the automata that tell who takes part are run side by side.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from fractions import Fraction

from eqsolve.errors import LimitReached, SizeError
from eqsolve.participation.groves import draws
from eqsolve.participation.issue import Issue
from eqsolve.participation.sums import REFUSED, Share, acceptor
from eqsolve.participation.veto import VetoGame

MAX_ISSUES = 40
MAX_STATES = 20_000
"""Joint states of the automata at one issue."""


def efficient(game: VetoGame, shares: Sequence[Share]) -> Fraction:
    """Probability of an efficient decision where everybody replies to these shares, indifferent agents taking part.

    Pr[no veto] + Pr[the status quo is efficient] − Pr[both].

    Raises
    ------
    SizeError
        If issues or joint states are too many.
    LimitReached
        After the game's deadline.
    """
    economy = game.economy
    if economy.size > MAX_ISSUES:
        raise SizeError(f"found {economy.size:,} issues, at most {MAX_ISSUES} are read by all agents together")
    apart = VetoGame(economy.separate(), game.fee, game.deadline)
    order = sorted(range(economy.size), key=lambda k: -max(map(abs, economy.issues[k].surplus)))
    place = {id(issue): g for g, (issue, _) in enumerate(economy.groups)}
    spread = [_spread(share, [place[id(issue)] for issue in economy.issues]) for share in shares]
    automata = []
    for i in range(game.n):
        gains = apart.gains(i, spread)
        automata.append(acceptor(draws(apart.economy, i), gains.scores, gains.constant, order, deadline=game.deadline))
    states = {tuple(a.start for a in automata): Fraction(1)}
    for t, k in enumerate(order):
        if game.deadline is not None and time.monotonic() > game.deadline:
            raise LimitReached("time limit")
        letters = [(x, p) for x, p, s in economy.issues[k].possible if _quo_is_efficient(economy.issues[k], x, s)]
        after: dict[tuple[int, ...], Fraction] = {}
        for state, weight in states.items():
            for profile, p in letters:
                reached = tuple(a.read(t, s, u) for a, s, u in zip(automata, state, profile, strict=True))
                if REFUSED not in reached:
                    after[reached] = after.get(reached, Fraction(0)) + weight * p
        if len(after) > MAX_STATES:
            raise SizeError(f"there are more than {MAX_STATES:,} joint states; fewer issues help")
        states = after
    both = sum(states.values(), Fraction(0))
    quo = math.prod(
        (
            sum((p for x, p, s in issue.possible if _quo_is_efficient(issue, x, s)), Fraction(0))
            for issue in economy.issues
        ),
        start=Fraction(1),
    )
    no_veto = math.prod((share.probability for share in shares), start=Fraction(1))
    return no_veto + quo - both


def _quo_is_efficient(issue: Issue, profile: tuple[int, ...], surplus: Fraction) -> bool:
    return surplus == issue.worth_of_status_quo(profile)


def _spread(share: Share, places: Sequence[int]) -> Share:
    """Marginals per issue instead of per group of alike issues."""
    return Share(share.probability, tuple(share.marginals[g] for g in places))
