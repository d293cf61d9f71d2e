"""From a strategy profile of a filtered game to an `Equilibrium`.

Truth is what it is without a filter. Coordination is more: also announcements that look alike on every problem hang
together if some messages are likelier than their renamings, because then flags do. An agent whose messages are all
equally likely has no part in that, whatever its types.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import networkx as nx

from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.filtered import FilteredForm
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge.assess import Assessor
from eqsolve.judge.coordination import Coordination, coordination_of, correlation_graph
from eqsolve.judge.truth import worst
from eqsolve.linking import LinkedGame
from eqsolve.solution import Equilibrium, Messages
from eqsolve.strategy import Strategy


class FilteredAssessor(Assessor):
    """Judges strategy profiles of a filtered game against its label-free equilibrium."""

    def equilibrium(
        self, form: ExplicitForm | SeparableForm, profile: Sequence[Strategy], free: Sequence[Messages]
    ) -> Equilibrium:
        """Judge a profile of listed strategies; payoffs and regret are those under the filter."""
        if not isinstance(form, FilteredForm):
            raise TypeError(f"found a {type(form).__name__}, expected a FilteredForm")
        strategies = tuple(profile)
        payoffs = form.play.payoffs(strategies)
        return Equilibrium(
            payoffs=payoffs,
            welfare=self._welfare(payoffs),
            label_free=all(s.is_label_free() for s in strategies),
            truthful=worst(self._classes(strategies, free)),
            coordination=filtered_coordination(self.game, strategies, payoffs, self.label_free),
            regret=form.regret(strategies),
            strategies=strategies,
            free=tuple(free),
        )


def filtered_coordination(
    game: LinkedGame,
    profile: Sequence[Strategy],
    payoffs: Sequence[Fraction],
    label_free: Sequence[Fraction] | None,
) -> Coordination:
    """Judge the coordination in a profile of a filtered game.

    Parameters
    ----------
    game : LinkedGame
    profile : one Strategy per agent
    payoffs : payoffs per problem of the profile
    label_free : label-free payoffs, or None if they are not known
    """
    graph, edges, distance = correlation_graph(game, profile)
    uneven = [i for i in game.active if not _is_uniform(game, i, profile[i])]
    nx.add_path(graph, uneven)
    return coordination_of(game, graph, edges, distance, payoffs, label_free)


def _is_uniform(game: LinkedGame, i: int, strategy: Strategy) -> bool:
    """Whether agent i sends all its messages equally often, over its types."""
    law = strategy.message_law(game, i)
    return len(law) == game.budgets[i].message_count() and len(set(law.values())) == 1
