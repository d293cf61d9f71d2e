"""Security levels against two opponents at any number of problems: floors of all equilibria for three active agents.

The security level is ``max over mean lie tables τ of min over joint histograms H of Σ H(w) τ(u,v) g_i(u; v, w)``. With
two opponents on exact budgets the joint histograms are the integer points of a transportation polytope, whose vertices
are integral, so H may be any point of it. The best reply to H is a label-free best response, a *cut* that says what an
agent is sure of; the worst H against all cuts is a small linear program; its value and the best reply to its solution
bracket the security level, and cuts are added until they meet (Kelley's method). Which table is best depends on H only
through the signs of sums around cycles, so the number of cuts does not grow with the number of problems.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from eqsolve.budget import Histogram
from eqsolve.engines.lp import solve_lp
from eqsolve.engines.transport import Transport
from eqsolve.exact.estimate import Estimate
from eqsolve.exact.multinomial import Counts
from eqsolve.exact.rational import to_integers
from eqsolve.forms.mean_tables import best_mean_table
from eqsolve.judge.bounds.joint_histograms import worth
from eqsolve.linking import LinkedGame

MAX_CUTS = 100
TOLERANCE = Fraction(1, 10**11)
"""Share of the largest payoff within which an estimated security level is settled."""

SMALL = 5040

Joint = tuple[Fraction, ...]
"""On how many problems the opponents announce each of the profiles that they may."""


def has_two_opponents(game: LinkedGame, i: int) -> bool:
    """Whether exactly two others have a choice that matters, and everybody who has one an exact budget."""
    return sum(1 for j in game.active if j != i) == 2 and all(game.budgets[j].is_exact for j in game.active)


def security_level(game: LinkedGame, i: int, deadline: float | None = None) -> Fraction:
    """Largest payoff per problem that agent i can secure by label-free play against two opponents, ex ante.

    Parameters
    ----------
    game : LinkedGame
        `has_two_opponents` must hold.
    i : int
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    SizeError
        If there are too many histograms.
    LimitReached
        After the deadline.
    """
    if i not in game.active:
        return bystander_range(game, i)[0]
    lower, upper = _Cuts(game, i, exact=True, deadline=deadline).bracket()
    assert lower == upper
    return lower


def estimated_security_level(game: LinkedGame, i: int, deadline: float | None = None) -> Estimate | None:
    """`security_level` in floating point, with a proved error bound; None if cuts do not settle it."""
    if i not in game.active:
        return Estimate.of(bystander_range(game, i)[0])
    cuts = _Cuts(game, i, exact=False, deadline=deadline)
    lower, upper = cuts.bracket()
    if upper - lower > 100 * TOLERANCE * Fraction(cuts.largest, cuts.scale):
        return None
    return Estimate.of((lower + upper) / 2, (upper - lower) / 2)


def secure_tables(game: LinkedGame, i: int) -> tuple[Fraction, list[tuple[Histogram, list[list[Fraction]]]]]:
    """`security_level` of an agent with a choice that matters, and a label-free strategy that secures it.

    Returns
    -------
    value : Fraction
    tables : list of (histogram, types × types Fractions)
        The mean lie table at every histogram of true types of positive probability.
    """
    cuts = _Cuts(game, i, exact=True, deadline=None)
    value, _ = cuts.bracket()
    law = game.histogram_law(i)
    types = range(len(game.problem.agents[i].types))
    parts = [
        (share, cut.strategy(law.histograms).tolist())
        for share, cut in zip(cuts.shares, cuts.found, strict=False)
        if share
    ]
    tables = [
        [[sum((share * table[h][u][v] for share, table in parts), Fraction(0)) for v in types] for u in types]
        for h in range(len(law.weights))
    ]
    return value, [(histogram, table) for (histogram, _), table in zip(law.items(), tables, strict=True)]


def bystander_range(game: LinkedGame, i: int) -> tuple[Fraction, Fraction]:
    """Least and largest payoff per problem of an agent without a choice that matters: two transportation problems.

    `has_two_opponents` must hold.
    """
    profiles, margins = _profiles(game, i)
    prior = game.problem.agents[i].prior
    means = [sum((p * row[0] for p, row in zip(prior, worth(game, i, w), strict=True)), Fraction(0)) for w in profiles]
    whole, denominator = to_integers(means)
    rows = [b for b in margins[0] if b]
    columns = tuple(b for b in margins[1] if b)
    table = [tuple(whole[k : k + len(columns)]) for k in range(0, len(whole), len(columns))]
    most = Transport(tuple(table), columns).value(rows)
    least = -Transport(tuple(tuple(-x for x in row) for row in table), columns).value(rows)
    scale = game.active_values[i][1] * denominator * game.copies
    return Fraction(least, scale), Fraction(most, scale)


def _profiles(game: LinkedGame, i: int) -> tuple[list[tuple[int, ...]], list[Histogram]]:
    """Profiles that the two opponents may announce, and their budgets."""
    margins = [c for j in game.active if j != i and (c := game.budgets[j].counts) is not None]
    return list(itertools.product(*([v for v, b in enumerate(m) if b] for m in margins))), margins


@dataclass(frozen=True, eq=False)
class _Cut:
    """What a label-free strategy is worth at every profile of the opponents' announcements, times the scale."""

    worth: tuple[Fraction, ...]
    error: Fraction
    strategy: Callable[[Counts], npt.NDArray[np.int64]]

    def at(self, joint: Joint) -> Fraction:
        """Worth where the opponents announce each profile on so many problems."""
        return sum((h * x for h, x in zip(joint, self.worth, strict=True) if h), Fraction(0))


class _Cuts:
    """The zero-sum game between mean lie tables of agent i and joint histograms of two opponents."""

    def __init__(self, game: LinkedGame, i: int, exact: bool, deadline: float | None) -> None:
        self.law, self.copies = game.type_laws[i], game.copies
        self.law.check_size(exact)
        counts = game.budgets[i].counts
        assert counts is not None
        self.counts, self.exact, self.deadline = counts, exact, deadline
        self.profiles, self.margins = _profiles(game, i)
        self.worths = [worth(game, i, w) for w in self.profiles]
        self.largest = max(abs(x) for matrix in self.worths for row in matrix for x in row)
        self.scale = game.active_values[i][1]
        self.found: list[_Cut] = []
        self.shares: tuple[Fraction, ...] = ()  # how a strategy that secures the value of the last program mixes cuts

    def bracket(self) -> tuple[Fraction, Fraction]:
        """Lower and upper bound of the security level per problem; equal if exact."""
        even = tuple(Fraction(self.margins[0][v] * self.margins[1][w], self.copies) for v, w in self.profiles)
        _, upper = self._reply(even)
        while True:
            lower, worst = self._worst()
            told = self._simple(worst)
            if told is not None:
                cut, best = self._reply(told)
                upper = min(upper, best)
            if upper > lower and (told is None or cut.at(worst) <= lower):
                cut, best = self._reply(worst)
                upper = min(upper, best)
                if self.exact and upper > lower >= cut.at(worst):
                    cut, best = self._reply(worst, rounded=False)
                    upper = min(upper, best)
            if upper <= lower or (not self.exact and self._settled(cut.at(worst), lower, upper)):
                break
        slack = max(cut.error for cut in self.found)
        per_problem = self.scale * self.copies**2
        return (lower - slack) / per_problem, max(lower, upper) / per_problem

    def _settled(self, best: Fraction, lower: Fraction, upper: Fraction) -> bool:
        """Whether more cuts would not help, or too many were made."""
        close = TOLERANCE * self.largest * self.copies**2
        return best <= lower or upper - lower <= close or len(self.found) >= MAX_CUTS

    def _worst(self) -> tuple[Fraction, Joint]:
        """The joint histogram at which the best of all cuts is worth least, and what it is worth there."""
        n = len(self.profiles)
        rows: list[dict[int, Fraction | int]] = [{**dict(enumerate(cut.worth)), n: -1} for cut in self.found]
        margins = [
            ({k: 1 for k, w in enumerate(self.profiles) if w[side] == v}, b)
            for side in (0, 1)
            for v, b in enumerate(self.margins[side])
            if b
        ]
        program = solve_lp(
            [0] * n + [1],
            A_ub=rows,
            b_ub=[0] * len(rows),
            A_eq=[row for row, _ in margins],
            b_eq=[b for _, b in margins],
            free=[n],
        )
        assert program.value is not None
        self.shares = tuple(-x for x in program.dual_ub)
        return program.value, program.x[:n]

    def _simple(self, joint: Joint) -> Joint | None:
        """A joint histogram with small denominators near a given one: security levels are reached at such."""
        near = tuple(x.limit_denominator(SMALL) for x in joint)
        for side in (0, 1):
            for v, b in enumerate(self.margins[side]):
                if sum((x for x, w in zip(near, self.profiles, strict=True) if w[side] == v), Fraction(0)) != b:
                    return None
        return near

    def _reply(self, joint: Joint, rounded: bool = True) -> tuple[_Cut, Fraction]:
        """A cut by a label-free best response to a joint histogram, and what no response exceeds there."""
        types = range(len(self.law.prior))
        value = [
            [sum((h * g[u][v] for h, g in zip(joint, self.worths, strict=True) if h), Fraction(0)) for v in types]
            for u in types
        ]
        whole, denominator = to_integers([x for row in value for x in row])
        table = best_mean_table(
            self.law,
            self.counts,
            [whole[u * len(types) : (u + 1) * len(types)] for u in types],
            exact=self.exact,
            rounded=rounded,
            deadline=self.deadline,
        )
        cells = [(u, v, x) for u, row in enumerate(table.cells) for v, x in enumerate(row) if x]
        cut = _Cut(
            tuple(sum((x * g[u][v] for u, v, x in cells), Fraction(0)) for g in self.worths),
            table.error * len(self.law.prior) ** 2 * self.copies * self.largest,
            table.strategy,
        )
        self.found.append(cut)
        rounding = Fraction(table.unit * self.copies, denominator) if table.unit > 1 else Fraction(0)
        return cut, cut.at(joint) + cut.error + rounding
