"""Whether telling as few lies as a budget forces is a best reply to what an agent meets in label-free play."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.budget import Histogram
from eqsolve.engines.transport import Table
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import all_lie_tables, messages_of
from eqsolve.judge.truth import FEWEST_LIES, TruthJudge
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Vector


@dataclass(frozen=True)
class Shortfall:
    """How much a best reply beats every reply with fewest lies, summed over problems.

    Parameters
    ----------
    gain : Fraction
    values, told : type indices, one per problem
        True types, and a best reply to announce.
    best, honest : Fraction
        What the best reply and the best one with fewest lies are worth.
    """

    gain: Fraction
    values: Vector
    told: Vector
    best: Fraction
    honest: Fraction


def shortfall(form: LabelFreeForm, i: int) -> Shortfall:
    """The types of agent i at which fewest lies cost most; of equal ones those that come last."""
    game, tables, judge = form.game, form.tables(i), TruthJudge(form.game)

    def worth(lies: Table) -> Fraction:
        """What a lie table is worth to the agent, in units of the payoffs."""
        return Fraction(_total(lies, tables.worth), tables.scale)

    found = []
    for histogram in map(tuple, game.histogram_law(i).histograms.tolist()):
        honest = max(worth(t) for t in fewest(game, judge, i, histogram))
        best = next(iter(tables.tables(histogram)))
        values = tuple(u for u, n in enumerate(histogram) for _ in range(n))
        found.append(Shortfall(worth(best) - honest, values, next(messages_of(values, best)), worth(best), honest))
    return max(found, key=lambda s: (s.gain, s.values))


def fewest(game: LinkedGame, judge: TruthJudge, i: int, histogram: Histogram) -> Iterable[Table]:
    """Lie tables with as few lies as the budget forces."""
    return (t for t in all_lie_tables(game.budgets[i], histogram) if judge.classify(i, t) == FEWEST_LIES)


def _total(lies: Table, values: Sequence[Sequence[int]]) -> int:
    return sum(n * w for row, line in zip(lies, values, strict=True) for n, w in zip(row, line, strict=True))
