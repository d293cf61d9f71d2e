"""A pooled plan, tried in the filtered game: what it pays there, and whether anybody would rather leave it.

The members have told each other their types, and what each is to announce is settled; outsiders play label-free. A
member may then send another message: it knows everybody's types and announcements, and is judged with what it sends
(*disobedience*). Or it may tell the others false types in the first place and then send whatever is best
(*deviation*, which includes the former, taken before the others' types are known). An outsider may announce
otherwise, too. Only a plan that nobody would rather leave is an equilibrium of the filtered game with talk among the
members.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from eqsolve.collusion.coalition import Joint
from eqsolve.collusion.plan import PooledPlan
from eqsolve.collusion.rehearsal import Announced, Rehearsal
from eqsolve.collusion.reports import Reports
from eqsolve.errors import SizeError
from eqsolve.exact.rational import to_integers
from eqsolve.forms.lie_tables import LieTables


@dataclass(frozen=True)
class Disobedience:
    """The best that a member can do by sending another message than agreed, knowing everybody's types.

    Parameters
    ----------
    agent : int
    gain : Fraction
        Per problem.
    problems : tuple of (joint true types, agreed announcements, number of problems)
        Where that is: what the members' types are and what they agreed on.
    instead : tuple of (own true type, the other members' announcements, own announcement, number of problems)
        What the agent announces.
    """

    agent: int
    gain: Fraction
    problems: tuple[tuple[Joint, Joint, int], ...] = ()
    instead: tuple[tuple[int, Joint, int, int], ...] = ()


@dataclass(frozen=True)
class Trial:
    """What a plan is worth in the filtered game, and what holds it together.

    Parameters
    ----------
    payoffs : one Fraction per agent
        Ex ante, per problem, replacements included.
    disobedience : Disobedience
        The largest gain of a member from sending another message.
    deviation : Fraction or None
        The largest interim gain of a member from telling false types or sending another message; None if there are
        too many reports to try.
    outsiders : Fraction
        The largest interim gain of an outsider from announcing otherwise.
    """

    payoffs: tuple[Fraction, ...]
    disobedience: Disobedience
    deviation: Fraction | None
    outsiders: Fraction

    @property
    def equilibrium(self) -> bool | None:
        """Whether nobody would rather leave the plan; None where that was not settled."""
        if self.disobedience.gain > 0 or self.outsiders > 0:
            return False
        return None if self.deviation is None else self.deviation == 0


def trial(rehearsal: Rehearsal, plan: PooledPlan) -> Trial:
    """Try a plan.

    Raises
    ------
    SizeError
        If replies or joint tables with outsiders are too many.
    LimitReached
        After the deadline.
    """
    return _Trial(rehearsal, plan).run()


class _Trial:
    """A plan and where it is tried."""

    def __init__(self, rehearsal: Rehearsal, plan: PooledPlan) -> None:
        self.rehearsal = rehearsal
        self.coalition = rehearsal.coalition
        self.plan = plan
        self.drawn: dict[Announced, Fraction] = {}
        for chance, _, p, table in plan.items():
            announced = rehearsal.announced_by(table)
            self.drawn[announced] = self.drawn.get(announced, Fraction(0)) + chance * p

    def run(self) -> Trial:
        """Payoffs, and what holds the plan together."""
        payoffs, worst = self._agreed()
        outsiders = self._outsiders()
        deviation: Fraction | None = None
        if worst.gain == 0 and outsiders == 0:
            reports = Reports(self.rehearsal, self.plan)
            open_ = [place for place in range(len(self.coalition.members)) if not self._is_unbeatable(place)]
            try:
                deviation = max((reports.deviation(place) for place in open_), default=Fraction(0))
            except SizeError:
                deviation = None
        return Trial(payoffs, worst, deviation, outsiders)

    def _is_unbeatable(self, place: int) -> bool:
        """Whether a member gets the most that there is on every problem, whatever the types."""
        table, scale = self.coalition.worth[place]
        most = [Fraction(int(row.max()), scale) for row in table]
        copies = self.coalition.game.copies
        return all(
            self.rehearsal.kept(place, T) * copies == sum(n * x for n, x in zip(histogram.tolist(), most, strict=True))
            for _, histogram, _, T in self.plan.items()
        )

    def _agreed(self) -> tuple[tuple[Fraction, ...], Disobedience]:
        """Payoffs of everybody who keeps to the plan, and the largest gain from sending another message."""
        game, members = self.coalition.game, self.coalition.members
        payoffs = [Fraction(0)] * game.n
        worst: Disobedience | None = None
        for chance, _, p, table in self.plan.items():
            for place, i in enumerate(members):
                got = self.rehearsal.kept(place, table)
                payoffs[i] += chance * p * got
                best, instead = self.rehearsal.best_reply(place, self.rehearsal.kinds(place, table))
                if worst is None or best - got > worst.gain:
                    worst = Disobedience(
                        i, best - got, self.rehearsal.told(table), tuple((*k, v, c) for (k, v), c in instead.items())
                    )
        for j in self.coalition.outsiders:
            payoffs[j] = sum(
                (p * self._outsider_payoff(j, announced) for announced, p in self.drawn.items()), Fraction(0)
            )
        assert worst is not None
        return tuple(payoffs), worst

    def _outsider_payoff(self, j: int, announced: Announced) -> Fraction:
        """What an outsider gets from its label-free strategy, per problem."""
        law, game = self.rehearsal.law(announced), self.rehearsal.rules
        lies = self.coalition.mean_lies(j)
        if j not in game.choosing:
            sums, _ = law.worth(game, j, ())
            prior = self.coalition.game.problem.agents[j].prior
            total = sum((p * int(x) for p, x in zip(prior, np.asarray(sums), strict=True)), Fraction(0))
            return total / (law.total * game.scale(j))
        sums, weights = law.worth(game, j, (game.choosing.index(j),))
        total = Fraction(0)
        for u, row in enumerate(lies):
            for v, q in enumerate(row):
                if q:
                    total += q * Fraction(int(sums[v, u]), int(weights[v]) * game.scale(j))
        return total

    def _outsiders(self) -> Fraction:
        """The largest interim gain of an outsider who knows the plan and announces otherwise."""
        return max(
            (self._outsider_gain(j) for j in self.coalition.outsiders if j in self.rehearsal.rules.choosing),
            default=Fraction(0),
        )

    def _outsider_gain(self, j: int) -> Fraction:
        """The largest interim gain of one outsider."""
        game, coalition = self.rehearsal.rules, self.coalition
        place, types = game.choosing.index(j), game.panel.shape[j]
        worth = [[Fraction(0)] * types for _ in range(types)]
        for announced, p in self.drawn.items():
            sums, weights = self.rehearsal.law(announced).worth(game, j, (place,))
            for u, v in itertools.product(range(types), range(types)):
                if weights[v]:
                    worth[u][v] += p * Fraction(int(sums[v, u]), int(weights[v]) * game.scale(j))
        integers, scale = to_integers([q for row in worth for q in row])
        matrix = tuple(tuple(integers[u * types : (u + 1) * types]) for u in range(types))
        best = LieTables(coalition.game.budgets[j], matrix, scale)
        gain = Fraction(0)
        for histogram, strategy in coalition.label_free_tables(j):
            got = sum((q * matrix[u][v] for u, row in enumerate(strategy) for v, q in enumerate(row)), Fraction(0))
            gain = max(gain, (best.value(histogram) - got) / (scale * coalition.game.copies))
        return gain
