"""Example 2: three heirs divide items, each worth 1, 2 or 3 to each of them.

Against approximately truthful, label-free opponents an announcement is worth the same on every item, whatever the
number of items: the budgets are thirds. So best replies are transportation problems with one matrix of values.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.budget import Histogram
from eqsolve.engines.transport import Table
from eqsolve.exact.rational import text
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import all_lie_tables
from eqsolve.judge.truth import FEWEST_LIES, TruthJudge
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, sentence

ITEMS = (3, 6, 9)


def permuting(claim: Published) -> Settled:
    """Example 2: an agent "cannot gain (and in fact would suffer in expectation) by permuting their true valuations".

    A permutation of announcements splits into cycles among different values, and what an announcement is worth does not
    depend on the item. So every cycle among 1, 2, 3 is undone: the truth must be worth strictly more.
    """
    losses = []
    for items in ITEMS:
        tables = LabelFreeForm(bundled("taking-turns").link(items)).tables(0)
        values = range(len(tables.worth))
        for size in range(2, len(values) + 1):
            for chosen in itertools.combinations(values, size):
                for told in itertools.permutations(chosen):
                    if all(u != v for u, v in zip(chosen, told, strict=True)):
                        change = sum(tables.worth[u][u] - tables.worth[u][v] for u, v in zip(chosen, told, strict=True))
                        losses.append(Fraction(change, tables.scale))
    computed = f"every cycle of announcements loses, at least {text(min(losses))}"
    method = "all cycles among the three values against label-free opponents, m = 3, 6, 9"
    return sentence(min(losses) > 0, computed, method, wrong=f"some permutation gains {text(-min(losses))}")


@dataclass(frozen=True)
class _Shortfall:
    """How much a best reply beats every reply with fewest lies."""

    gain: Fraction
    histogram: Histogram
    best: Fraction
    honest: Fraction
    table: Table


def _shortfall(items: int) -> _Shortfall:
    """The histogram of true values at which fewest lies cost most, summed over items."""
    game = bundled("taking-turns").link(items)
    tables, judge = LabelFreeForm(game).tables(0), TruthJudge(game)

    def worth(lies: Table) -> Fraction:
        total = sum(n * w for row, line in zip(lies, tables.worth, strict=True) for n, w in zip(row, line, strict=True))
        return Fraction(total, tables.scale)

    found = []
    for histogram in map(tuple, game.histogram_law(0).histograms.tolist()):
        honest = max(
            worth(t) for t in all_lie_tables(game.budgets[0], histogram) if judge.classify(0, t) == FEWEST_LIES
        )
        best = next(tables.tables(histogram))
        found.append(_Shortfall(worth(best) - honest, histogram, worth(best), honest, best))
    return max(found, key=lambda s: (s.gain, s.histogram))


def fewest_lies(claim: Published, items: int) -> Settled:
    """Sect. 3: approximately truthful strategies "involve as few lies as possible"; Example 2: they are best replies.

    For every histogram of true values the best reply to label-free opponents against the best one with as few lies as
    the budget forces.
    """
    short = _shortfall(items)
    names = bundled("taking-turns").problem.agents[0].type_names
    lies = [
        f"{n} x {names[u]} announced as {names[v]}"
        for u, row in enumerate(short.table)
        for v, n in enumerate(row)
        if n and u != v
    ]
    values = ", ".join(f"{n} x {name}" for name, n in zip(names, short.histogram, strict=True) if n)
    computed = f"at values {values} the best reply is worth {text(short.best)}, with fewest lies {text(short.honest)}"
    wrong = (
        f"at values {values} the best reply ({'; '.join(lies)}) tells more lies than the budget forces: "
        f"{text(short.best)} against {text(short.honest)}; no best reply permutes values, which is what the proof of "
        "Theorem 1 shows"
    )
    method = f"transportation problem at every histogram of true values, m = {items}"
    return sentence(short.gain == 0, computed, method, wrong=wrong)
