"""From a strategy profile to an `Equilibrium`: payoffs, regret, truth and coordination, all exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from eqsolve.engines.transport import Table
from eqsolve.forms.explicit import MAX_COPIES, ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import lie_table, messages_of
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge.coordination import NONE, Coordination, coordination
from eqsolve.judge.truth import NOT_TRUTHFUL, TruthJudge, worst
from eqsolve.linking import LinkedGame
from eqsolve.solution import Equilibrium, Messages
from eqsolve.strategy import Strategy, expected_payoffs, uniform, walking_share

MAX_TYPE_VECTORS = 4096
MAX_LISTED = 300_000
MAX_TABLES = 100_000
LieTableLists = tuple[Mapping[tuple[int, ...], tuple[Table, ...]], ...]


class Assessor:
    """Judges strategy profiles of one game against its label-free equilibrium.

    Parameters
    ----------
    game : LinkedGame
    label_free : payoffs of the label-free equilibria, or None if they are not unique
    """

    def __init__(self, game: LinkedGame, label_free: Sequence[Fraction] | None) -> None:
        self.game = game
        self.label_free = None if label_free is None else tuple(label_free)
        self._truth = TruthJudge(game)

    def equilibrium(
        self, form: ExplicitForm | SeparableForm, profile: Sequence[Strategy], free: Sequence[Messages]
    ) -> Equilibrium:
        """Judge a profile of listed strategies; its regret is computed by the form."""
        strategies = tuple(profile)
        payoffs = expected_payoffs(self.game, strategies)
        return Equilibrium(
            payoffs=payoffs,
            welfare=self._welfare(payoffs),
            label_free=all(s.is_label_free() for s in strategies),
            truthful=worst(self._classes(strategies, free)),
            coordination=coordination(self.game, strategies, payoffs, self.label_free),
            regret=form.regret(strategies),
            strategies=strategies,
            free=tuple(free),
            walks=None if self.game.status_quo is None else walking_share(self.game, strategies),
        )

    def label_free_equilibrium(self, form: LabelFreeForm) -> Equilibrium:
        """Judge the label-free equilibrium in which everybody mixes evenly over the best messages.

        Its regret is 0 because every lie table in it attains the dual value of its transportation problem, which is
        checked here table by table.
        """
        payoffs = form.payoffs()
        tables = self._tables(form)
        strategies = self._listed(tables)
        truthful = self._truth_of_tables(form, tables)
        nothing = Coordination(NONE, (), Fraction(0), (Fraction(0),) * self.game.n)
        return Equilibrium(
            payoffs=payoffs,
            welfare=self._welfare(payoffs),
            label_free=True,
            truthful=truthful,
            coordination=nothing,
            regret=self._table_regret(form, tables),
            strategies=strategies,
            free=None if strategies is None else tuple({} for _ in strategies),
            lie_tables=None
            if strategies is not None or tables is None or _count(tables) >= MAX_TYPE_VECTORS
            else tables,
            walks=self._walks(form),
        )

    def _walks(self, form: LabelFreeForm) -> Fraction | None:
        """Share of the problems from which somebody walks away in a label-free equilibrium."""
        walking_away = self.game.walking_away
        if walking_away is None:
            return None
        return walking_away.walks([form.best_response_frequencies(i) for i in range(self.game.n)])

    def _welfare(self, payoffs: Sequence[Fraction]) -> Fraction:
        return sum((w * p for w, p in zip(self.game.rule.objective, payoffs, strict=True)), Fraction(0))

    def _classes(self, strategies: Sequence[Strategy], free: Sequence[Messages]) -> Iterator[str]:
        for i, (strategy, mixable) in enumerate(zip(strategies, free, strict=True)):
            types = len(self.game.problem.agents[i].types)
            for t, messages in strategy.plan.items():
                for m in (*messages, *mixable.get(t, ())):
                    yield self._truth.classify(i, lie_table(t, m, types))

    def _tables(self, form: LabelFreeForm) -> LieTableLists | None:
        """All best lie tables at every histogram; None if there are more than `MAX_TABLES`."""
        total = 0
        lists = []
        for i in range(self.game.n):
            law = self.game.histogram_law(i)
            found: dict[tuple[int, ...], tuple[Table, ...]] = {}
            for row in law.histograms.tolist():
                tables = []
                for table in form.tables(i).tables(row):
                    tables.append(table)
                    total += 1
                    if total > MAX_TABLES:
                        return None
                found[tuple(row)] = tuple(tables)
            lists.append(found)
        return tuple(lists)

    def _one_table_each(self, form: LabelFreeForm) -> LieTableLists:
        """The first best lie table at every histogram, where all of them are too many."""
        return tuple(
            {tuple(row): (next(form.tables(i).tables(row)),) for row in self.game.histogram_law(i).histograms.tolist()}
            for i in range(self.game.n)
        )

    def _listed(self, tables: LieTableLists | None) -> tuple[Strategy, ...] | None:
        """The even mixtures over the messages of the best lie tables, where they are few enough to list."""
        game = self.game
        if (
            tables is None
            or game.copies > MAX_COPIES
            or max(game.type_vector_count(i) for i in range(game.n)) > MAX_TYPE_VECTORS
        ):
            return None
        listed = 0
        strategies = []
        for i, found in enumerate(tables):
            plan = {}
            for t in game.type_vectors(i):
                counts = tuple(t.count(u) for u in range(len(game.problem.agents[i].types)))
                plan[t] = sorted(m for table in found[counts] for m in messages_of(t, table))
                listed += len(plan[t])
                if listed > MAX_LISTED:
                    return None
            strategies.append(uniform(plan))
        return tuple(strategies)

    def _truth_of_tables(self, form: LabelFreeForm, tables: LieTableLists | None) -> str | None:
        """Worst class over all best lie tables; None where there are too many to look at, unless one is the worst."""
        if tables is not None:
            return worst(
                self._truth.classify(i, t) for i, found in enumerate(tables) for ts in found.values() for t in ts
            )
        seen = 0
        for i in range(self.game.n):
            for row in self.game.histogram_law(i).histograms.tolist():
                for table in form.tables(i).tables(row):
                    if self._truth.classify(i, table) == NOT_TRUTHFUL:
                        return NOT_TRUTHFUL
                    seen += 1
                    if seen > MAX_TABLES:
                        return None
        return None

    def _table_regret(self, form: LabelFreeForm, tables: LieTableLists | None) -> Fraction:
        """Largest difference between the dual value and what a listed table gives; 0 for best tables."""
        largest = Fraction(0)
        for i, found in enumerate(tables or self._one_table_each(form)):
            worth, scale = form.tables(i).worth, form.tables(i).scale
            for histogram, listed in found.items():
                value = form.tables(i).value(histogram)
                for table in listed:
                    got = sum(
                        c * w for row, line in zip(table, worth, strict=True) for c, w in zip(row, line, strict=True)
                    )
                    largest = max(largest, Fraction(value - got, scale * self.game.copies))
        return largest


def _count(tables: LieTableLists) -> int:
    return sum(len(listed) for found in tables for listed in found.values())
