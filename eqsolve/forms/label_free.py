"""The label-free form: what happens when nobody's strategy depends on how the problems are numbered.

Against label-free opponents who exhaust exact budgets b_j, announcing v on any problem is worth
``c_i(u, v) = Σ_{v_-i} Π_j (b_j(v_j)/K) g_i(u; v, v_-i)`` to a true type u, whatever those strategies are. So an agent
of true histogram n solves one transportation problem, max Σ T[u,v] c_i(u,v) over *lie tables* T with row sums n and
column sums in its own budget; the label-free equilibria are the products of these best responses and all give every
agent the same payoff, `LabelFreeForm.payoff`. This is an equilibrium of the whole game (Jackson and Sonnenschein 2003,
appendix, proof of Theorem 1), and exact for thousands of problems.

All of this holds for any exchangeable type process; only the law of the histogram is another one. Where agents may walk
away, what others meet of an agent is not its announcement but its true and its announced type, whose joint law on a
problem no budget fixes: label-free equilibria are then fixed points, as they are with loose budgets.
"""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from eqsolve.budget import multinomial
from eqsolve.errors import LimitReached, NotSupported
from eqsolve.exact.estimate import Estimate
from eqsolve.exact.multinomial import LARGEST_VALUE
from eqsolve.exact.rational import to_integers
from eqsolve.forms.lie_tables import LieTables
from eqsolve.linking import LinkedGame


@dataclass(frozen=True, eq=False)
class LabelFreeForm:
    """The label-free form of a linked game.

    Parameters
    ----------
    game : LinkedGame
        Every active agent's opponents must be held to exact budgets, unless `frequencies` are given.
    frequencies : tuple of tuples of Fraction, optional
        How often others meet what of each agent (`LinkedGame.met_values`): how often it announces each of its types;
        where agents may walk away, how often its type is u and it announces v, flat. The form then describes best
        responses to opponents of whom this is met. Taken from exact budgets by default.

    Notes
    -----
    An agent whose types are not exchangeable across problems cannot be asked for; it still announces exact frequencies.
    """

    game: LinkedGame
    frequencies: tuple[tuple[Fraction, ...], ...] | None = None
    _tables: dict[int, LieTables] = field(default_factory=dict, repr=False)
    _payoffs: dict[tuple[object, ...], Fraction] = field(default_factory=dict, repr=False)
    _estimates: dict[tuple[object, ...], Estimate] = field(default_factory=dict, repr=False)

    @staticmethod
    def applies(game: LinkedGame) -> bool:
        """Whether what others meet is fixed: exact budgets of active agents, exchangeable types, no walking away."""
        return game.status_quo is None and game.is_exchangeable and all(game.budgets[i].is_exact for i in game.active)

    def announced(self, i: int) -> tuple[Fraction, ...]:
        """Frequencies of agent i's announcements on any problem, or of what else others meet of it."""
        if self.frequencies is not None:
            return self.frequencies[i]
        if self.game.status_quo is not None:
            raise NotSupported(
                "link.walk_away: others meet an agent's true and announced types, which label-free play does not fix"
            )
        counts = self.game.budgets[i].counts
        if counts is None:
            raise NotSupported(
                f"agent {self.game.problem.agents[i].name!r} has a loose budget, so label-free play does not fix "
                "what others meet"
            )
        return tuple(Fraction(c, self.game.copies) for c in counts)

    def tables(self, i: int) -> LieTables:
        """Best lie tables of agent i."""
        if i not in self._tables:
            self._tables[i] = self._lie_tables(i)
        return self._tables[i]

    def _lie_tables(self, i: int) -> LieTables:
        tensor, scale = self.game.met_values[i]
        worth = tensor
        for j in reversed(self.game.active):
            if j != i:
                chances, denominator = to_integers(self.announced(j))
                axis = self.game.active.index(j) + 1
                worth = np.tensordot(worth, np.array(chances, dtype=object), axes=(axis, 0))
                scale *= denominator
        types = len(self.game.problem.agents[i].types)
        if i not in self.game.active:  # its announcements do not matter, or it has no choice
            worth = np.repeat(worth.reshape(types, 1), types, axis=1)
        return LieTables(self.game.budgets[i], tuple(tuple(int(x) for x in row) for row in worth), scale)

    def payoffs(self) -> tuple[Fraction, ...]:
        """Ex ante payoff per problem of every agent's best responses, L_i(K).

        With exact budgets these are the payoffs of every label-free equilibrium. One inner product per histogram
        and dual vertex: C(K + m - 1, m - 1) histograms for m types.
        """
        return tuple(self.payoff(i) for i in range(self.game.n))

    def payoff(self, i: int, deadline: float | None = None) -> Fraction:
        """Ex ante payoff per problem of agent i's best responses; agents in the same position share the work.

        Raises
        ------
        SizeError
            If there are too many histograms.
        LimitReached
            After the deadline (of `time.monotonic`).
        """
        position = self._position(i)
        if position not in self._payoffs:
            tables, prior = self.tables(i), self.game.problem.agents[i].prior
            if i in self.game.active:
                law = self.game.type_laws[i]
                mean = law.exact_mean(tables.values, deadline=deadline) / self.game.copies
            else:
                mean = sum((p * row[0] for p, row in zip(prior, tables.worth, strict=True)), Fraction(0))
            self._payoffs[position] = mean / tables.scale
        return self._payoffs[position]

    def estimate(self, i: int, deadline: float | None = None) -> Estimate:
        """`payoff` in floating point, with a proved error bound, at sizes where exact arithmetic takes too long.

        Worths are rounded to integers so small that transportation values are exact in floating point; a worth that
        moves by half a unit moves the payoff per problem by at most as much.

        Raises
        ------
        SizeError, LimitReached
            As `payoff`.
        NotSupported
            If the payoff is beyond floating point.
        """
        if i not in self.game.active:
            return Estimate.of(self.payoff(i))
        position = self._position(i)
        if position not in self._estimates:
            copies = self.game.copies
            tables, unit = self.tables(i).rounded(LARGEST_VALUE // copies)
            mean, radius = self.game.type_laws[i].estimated_mean(tables.values, deadline=deadline)
            rounding = Fraction(unit, 2 * tables.scale) if unit > 1 else Fraction(0)
            share = Fraction(unit, tables.scale * copies)
            self._estimates[position] = Estimate.of(mean * share, radius * share + rounding)
        return self._estimates[position]

    def _position(self, i: int) -> tuple[object, ...]:
        """Everything that an agent's payoff depends on."""
        tables = self.tables(i)
        active = i in self.game.active
        return active, self.game.type_laws[i], tables.worth, tables.scale, self.game.budgets[i]

    def best_response_frequencies(self, i: int, deadline: float | None = None) -> tuple[Fraction, ...]:
        """How often others meet what of agent i when it mixes evenly over its best messages.

        Raises
        ------
        LimitReached
            After the deadline (of `time.monotonic`).
        """
        types = len(self.game.problem.agents[i].types)
        total = [Fraction(0)] * self.game.met_count(i)
        for histogram, chance in self.game.histogram_law(i).items():
            if deadline is not None and time.monotonic() > deadline:
                raise LimitReached("time limit")
            counts, messages = [0] * (types * types), 0
            for table in self.tables(i).tables(histogram):
                ways = math.prod(multinomial(row) for row in table)
                messages += ways
                for cell, count in enumerate(itertools.chain.from_iterable(table)):
                    counts[cell] += ways * count
            for cell, count in enumerate(counts):
                met = cell if self.game.status_quo is not None else cell % types
                total[met] += chance * Fraction(count, messages * self.game.copies)
        return tuple(total)


def fixed_point(game: LinkedGame, rounds: int = 50, deadline: float | None = None) -> LabelFreeForm | None:
    """A label-free equilibrium of a game with loose budgets or walking away, by iterated best responses.

    Starts from the prior frequencies, as if everybody told the truth; everybody mixes evenly over best messages. What
    is returned is exact: the frequencies are those of best responses to themselves.

    Returns
    -------
    LabelFreeForm or None
        None if `rounds` rounds did not reach a fixed point, which does not mean that there is none; or if types are
        not exchangeable across problems.
    """
    if not game.is_exchangeable:
        return None
    frequencies = tuple(_truth(game, i) for i in range(game.n))
    for _ in range(rounds):
        form = LabelFreeForm(game, frequencies)
        answer = tuple(
            form.best_response_frequencies(i, deadline) if i in game.active else frequencies[i] for i in range(game.n)
        )
        if answer == frequencies:
            return form
        frequencies = answer
    return None


def _truth(game: LinkedGame, i: int) -> tuple[Fraction, ...]:
    """What others meet of an agent who tells the truth, whatever its budget is."""
    prior = game.problem.agents[i].prior
    if game.status_quo is None:
        return prior
    return tuple(p if u == v else Fraction(0) for u, p in enumerate(prior) for v in range(len(prior)))
