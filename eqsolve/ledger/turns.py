"""Example 2: three heirs divide items, each worth 1, 2 or 3 to each of them.

Against approximately truthful, label-free opponents an announcement is worth the same on every item, whatever the
number of items: the budgets are thirds. So best replies are transportation problems with one matrix of values.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

from eqsolve.exact.rational import text
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.fewest_lies import shortfall
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


def fewest_lies(claim: Published, items: int) -> Settled:
    """Sect. 3: approximately truthful strategies "involve as few lies as possible"; Example 2: they are best replies.

    For every histogram of true values the best reply to label-free opponents against the best one with as few lies as
    the budget forces.
    """
    game = bundled("taking-turns").link(items)
    short = shortfall(LabelFreeForm(game), 0)
    values, told = (f"({game.vector_name(0, x)})" for x in (short.values, short.told))
    computed = (
        f"at values {values} announcing {told} is worth {text(short.best)}, the best with fewest lies "
        f"{text(short.honest)}"
    )
    wrong = (
        f"at values {values} the best reply announces {told}, which tells more lies than the budget forces: it is "
        f"worth {text(short.best)}, with as few lies as possible no reply is worth more than {text(short.honest)}. "
        "No best reply swaps announcements around, which is what the proof of Theorem 1 shows"
    )
    method = f"transportation problem at every histogram of true values, m = {items}; worth is summed over items"
    return sentence(short.gain == 0, computed, method, wrong=wrong)
