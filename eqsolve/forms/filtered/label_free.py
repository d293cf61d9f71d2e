"""Label-free play in the filtered game: the value matrix that counts replacements in.

When the others play label-free their messages are independent and uniform in their budgets. With exact budgets an
agent's messages are all renamings of one another, so that how likely anybody is flagged does not depend on which of
them it sends. But flags hang together with announcements: that somebody is flagged says something about what is
announced together on a problem. With the joint law of flags F and announcements on a problem, announcing v is worth

    c_i(u, v) = Σ_F Σ_w P(F, w | v) E[g_i(u; v, w) with the announcements of F redrawn]

to a true type u, on every problem alike. Best responses are then the transportation problems of the unfiltered game
with this matrix, all label-free equilibria pay the same, and each is an equilibrium of the whole filtered game.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from eqsolve.forms.filtered.flag_law import FlagLaw, shuffled_law
from eqsolve.forms.filtered.substitution import Substitution
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import LieTables


@dataclass(frozen=True, eq=False)
class FilteredLabelFree(LabelFreeForm):
    """The label-free form of a linked game with a correlation filter.

    Parameters
    ----------
    game : LinkedGame
        With a filter, and with exact budgets.

    Raises
    ------
    SizeError
        If more than two agents choose and their announcements have too many joint tables.
    """

    _parts: dict[str, Substitution | FlagLaw] = field(default_factory=dict, repr=False)

    @property
    def substitution(self) -> Substitution:
        """What announcements pay under the filter."""
        if "substitution" not in self._parts:
            self._parts["substitution"] = Substitution.of(self.game)
        found = self._parts["substitution"]
        assert isinstance(found, Substitution)
        return found

    @property
    def law(self) -> FlagLaw:
        """Joint law of flags and announcements on a problem."""
        if "law" not in self._parts:
            self._parts["law"] = shuffled_law(self.substitution)
        found = self._parts["law"]
        assert isinstance(found, FlagLaw)
        return found

    def false_alarms(self) -> tuple[Fraction, ...]:
        """Probability that each agent is flagged."""
        choosing = self.substitution.choosing
        return tuple(
            self.law.probability(choosing.index(i)) if i in choosing else Fraction(0) for i in range(self.game.n)
        )

    def _lie_tables(self, i: int) -> LieTables:
        game, law = self.substitution, self.law
        types = len(self.game.problem.agents[i].types)
        if i not in game.choosing:
            sums, _ = law.worth(game, i, ())
            worth = np.repeat(np.asarray(sums).reshape(types, 1), types, axis=1)
            return LieTables(self.game.budgets[i], _rows(worth), law.total * game.scale(i))
        place = game.choosing.index(i)
        sums, _ = law.worth(game, i, (place,))
        budget = game.panel.budgets[i]
        common = math.lcm(*(b for b in budget if b))
        factors = np.array([common // b if b else 0 for b in budget], dtype=object)
        # given v the weights sum to total · b(v) / K
        worth = (sums * factors[:, None]).T * self.game.copies
        return LieTables(self.game.budgets[i], _rows(worth), law.total * common * game.scale(i))


def _rows(worth: np.ndarray[tuple[int, ...], np.dtype[np.object_]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(x) for x in row) for row in worth)
