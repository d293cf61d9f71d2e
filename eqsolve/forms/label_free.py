"""The label-free form: what happens when nobody's strategy depends on how the problems are numbered.

Against label-free opponents who exhaust exact budgets b_j, announcing v on any problem is worth
``c_i(u, v) = Σ_{v_-i} Π_j (b_j(v_j)/K) g_i(u; v, v_-i)`` to a true type u, whatever those strategies are. So an agent
of true histogram n solves one transportation problem, max Σ T[u,v] c_i(u,v) over *lie tables* T with row sums n and
column sums in its own budget; the label-free equilibria are the products of these best responses and all give every
agent the same payoff, `LabelFreeForm.payoff`. This is an equilibrium of the whole game (Jackson and Sonnenschein 2003,
appendix, proof of Theorem 1), and exact for thousands of problems.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from eqsolve.budget import multinomial
from eqsolve.errors import NotSupported
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
        How often each agent announces each of its types, for games with loose budgets: the form then describes best
        responses to opponents who announce so. Taken from the budgets by default.
    """

    game: LinkedGame
    frequencies: tuple[tuple[Fraction, ...], ...] | None = None
    _tables: dict[int, LieTables] = field(default_factory=dict, repr=False)

    @staticmethod
    def applies(game: LinkedGame) -> bool:
        """Whether announced frequencies are fixed: every active agent is held to an exact budget."""
        return all(game.budgets[i].is_exact for i in game.active)

    def announced(self, i: int) -> tuple[Fraction, ...]:
        """Frequencies of agent i's announcements on any problem."""
        if self.frequencies is not None:
            return self.frequencies[i]
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
        tensor, scale = self.game.active_values[i]
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

    def payoff(self, i: int) -> Fraction:
        """Ex ante payoff per problem of agent i's best responses."""
        tables = self.tables(i)
        if i not in self.game.active:
            prior = self.game.problem.agents[i].prior
            mean = sum((p * row[0] for p, row in zip(prior, tables.worth, strict=True)), Fraction(0))
            return mean / tables.scale
        law = self.game.histogram_law(i)
        total = sum(w * v for w, v in zip(law.weights, tables.values(law.histograms), strict=True))
        return Fraction(total, law.scale * tables.scale * self.game.copies)

    def best_response_frequencies(self, i: int) -> tuple[Fraction, ...]:
        """How often agent i announces each type when it mixes evenly over its best messages."""
        types = len(self.game.problem.agents[i].types)
        total = [Fraction(0)] * types
        for histogram, chance in self.game.histogram_law(i).items():
            counts, messages = [0] * types, 0
            for table in self.tables(i).tables(histogram):
                ways = math.prod(multinomial(row) for row in table)
                messages += ways
                for v, column in enumerate(zip(*table, strict=True)):
                    counts[v] += ways * sum(column)
            for v in range(types):
                total[v] += chance * Fraction(counts[v], messages * self.game.copies)
        return tuple(total)


def fixed_point(game: LinkedGame, rounds: int = 50) -> LabelFreeForm | None:
    """A label-free equilibrium of a game with loose budgets, by iterated best responses in announced frequencies.

    Starts from the prior frequencies; everybody mixes evenly over best messages. What is returned is exact: the
    frequencies are those of best responses to themselves.

    Returns
    -------
    LabelFreeForm or None
        None if `rounds` rounds did not reach a fixed point, which does not mean that there is none.
    """
    frequencies = tuple(agent.prior for agent in game.problem.agents)
    for _ in range(rounds):
        form = LabelFreeForm(game, frequencies)
        answer = tuple(form.best_response_frequencies(i) if i in game.active else frequencies[i] for i in range(game.n))
        if answer == frequencies:
            return form
        frequencies = answer
    return None
