"""The filtered game by its definition: every message profile, every replacement, in plain Python."""

from __future__ import annotations

import itertools
from fractions import Fraction

from eqsolve.filter.panel import Panel
from tests.filter_brute_force import distance, messages


class Filtered:
    """What message profiles pay when those at a distance above epsilon are replaced; epsilon None flags nobody."""

    def __init__(self, game, epsilon, kind="pairwise"):
        self.game, self.epsilon, self.kind = game, epsilon, kind
        self.panel = Panel.of_game(game)
        self.lists = [messages(self.panel, i) for i in range(game.n)]
        self._payoffs = {}

    def flags(self, profile):
        return [
            self.epsilon is not None and distance(self.panel, profile, i, self.kind) > self.epsilon
            for i in range(self.game.n)
        ]

    def worth(self, i, t, profile):
        """Expected payoff per problem of agent i with types t: all redrawn messages are gone through."""
        if (i, t, profile) not in self._payoffs:
            drawn = [ms if f else [m] for ms, f, m in zip(self.lists, self.flags(profile), profile, strict=True)]
            total, count = Fraction(0), 0
            for used in itertools.product(*drawn):
                count += 1
                for k, announced in enumerate(zip(*used, strict=True)):
                    lottery = self.game.lotteries[announced]
                    utility = self.game.problem.utility(i, t[k])
                    total += sum((p * w for p, w in zip(lottery, utility, strict=True)), Fraction(0))
            self._payoffs[i, t, profile] = total / (count * self.game.copies)
        return self._payoffs[i, t, profile]

    def interim(self, i, t, m, laws):
        """Against independent lotteries over messages, one per agent (that of i is not looked at)."""
        lists = [[(m, Fraction(1))] if j == i else list(law.items()) for j, law in enumerate(laws)]
        total = Fraction(0)
        for joint in itertools.product(*lists):
            chance = Fraction(1)
            for _, p in joint:
                chance *= p
            total += chance * self.worth(i, t, tuple(message for message, _ in joint))
        return total

    def uniform(self):
        return [dict.fromkeys(ms, Fraction(1, len(ms))) for ms in self.lists]
