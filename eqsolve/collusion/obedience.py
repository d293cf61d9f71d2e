"""The frontier of plans that hold: no member would rather send another message once everything is settled.

At every joint histogram of true types and for every table of announcements that passes, all tables of joint types and
joint announcements are listed, and those that some member would rather leave are dropped. What is left is a frontier
again, over fewer plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.collusion.announcements import Ids
from eqsolve.collusion.plan import PurePlan
from eqsolve.collusion.rehearsal import Rehearsal
from eqsolve.collusion.replies import PooledProgram
from eqsolve.engines.bayesian import Integers
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.filter.joint_tables import joint_tables

MAX_OPTIONS = 300_000
MAX_PAIRS = 20_000
SAFE = 2**62


@dataclass(frozen=True, eq=False)
class ObedientProgram:
    """Plans that pass a filter and that no member would leave.

    Parameters
    ----------
    pooled : PooledProgram
        All plans.
    rehearsal : Rehearsal
        The same coalition, with the filter.

    Raises
    ------
    SizeError
        If there are too many tables to list.
    """

    pooled: PooledProgram
    rehearsal: Rehearsal

    @cached_property
    def options(self) -> tuple[Ids, ...]:
        """For every joint histogram the tables that hold: arrays (tables, joint types, joint announcements)."""
        announced = self.pooled.announcements.tables[self.pooled.announcements.passing(self.rehearsal.epsilon)]
        histograms = self.pooled.law.histograms
        if len(announced) * len(histograms) > MAX_PAIRS:
            raise SizeError(
                f"{in_words(len(histograms))} joint histograms of types meet {len(announced):,} tables of "
                f"announcements that pass, at most {MAX_PAIRS:,} pairs are looked at for plans that hold; fewer copies "
                "help"
            )
        self._check_size(histograms, announced)
        found: list[list[Ids]] = [[] for _ in histograms]
        left = MAX_OPTIONS
        for counts in announced:
            prices = self._prices(counts)
            for h, histogram in enumerate(histograms):
                tables = joint_tables([histogram.tolist(), counts.tolist()], left)
                left -= len(tables)
                found[h].append(tables[self._holds(tables, prices)])
        return tuple(np.concatenate(part) for part in found)

    @staticmethod
    def _check_size(histograms: Ids, announced: Ids) -> None:
        """Refuse at once what would be refused late: there are most tables where everything is spread evenly."""
        flattest = [part[(part**2).sum(axis=1).argmin()].tolist() for part in (histograms, announced)]
        pairs = len(histograms) * len(announced)
        try:
            joint_tables(flattest, max(1, 4 * MAX_OPTIONS // pairs))
        except SizeError:
            raise SizeError(
                f"{pairs:,} pairs of types and announcements have more than about {MAX_OPTIONS:,} tables, too many to "
                "list those that hold; fewer copies (-k) help"
            ) from None

    def _prices(self, counts: Ids) -> list[tuple[Integers, int]]:
        """What a joint type that is announced so is worth to each member, as integers, and their scale."""
        coalition = self.rehearsal.coalition
        announced = tuple((cell, int(c)) for cell, c in zip(coalition.columns, counts, strict=True) if c)
        found = []
        for place, i in enumerate(coalition.members):
            worth = self.rehearsal.worth(i, announced)
            cells = [
                worth[column][row[place]] if column in worth else Fraction(0)
                for row in coalition.rows
                for column in coalition.columns
            ]
            integers, scale = to_integers(cells)
            fits = max(map(abs, integers), default=0) * coalition.game.copies < SAFE
            found.append((np.array(integers, dtype=np.int64 if fits else object), scale))
        return found

    def _holds(self, tables: Ids, prices: Sequence[tuple[Integers, int]]) -> npt.NDArray[np.bool_]:
        """Which tables no member would leave."""
        coalition = self.rehearsal.coalition
        flat = tables.reshape(len(tables), -1)
        holds = np.ones(len(tables), dtype=bool)
        for place, (price, scale) in enumerate(prices):
            kinds, gather = self._kinds(place)
            seen, which = np.unique(flat @ gather, axis=0, return_inverse=True)
            best = [
                self.rehearsal.best_reply(place, {k: int(c) for k, c in zip(kinds, row, strict=True) if c})[0]
                for row in seen.tolist()
            ]
            target = np.array([*(x * scale * coalition.game.copies for x in best), None], dtype=object)[:-1]
            got = flat.astype(price.dtype) @ price
            holds &= (got.astype(object) == target[which.reshape(-1)]).astype(bool)
        return holds

    def _kinds(self, place: int) -> tuple[list[tuple[int, tuple[int, ...]]], Ids]:
        """Kinds of problems as a member sees them, and which cells of a table are of which kind."""
        coalition = self.rehearsal.coalition
        cells = [
            (row[place], (*column[:place], *column[place + 1 :]))
            for row in coalition.rows
            for column in coalition.columns
        ]
        kinds = sorted(set(cells))
        gather = np.zeros((len(cells), len(kinds)), dtype=np.int64)
        for c, cell in enumerate(cells):
            gather[c, kinds.index(cell)] = 1
        return kinds, gather

    @property
    def is_possible(self) -> bool:
        """Whether some table holds at every histogram."""
        return all(len(tables) for tables in self.options)

    @cached_property
    def _payoffs(self) -> tuple[tuple[list[Integers], int], ...]:
        """Per member the sum over the problems for every option at every histogram, as integers, and their scale."""
        found = []
        for table, scale in self.rehearsal.coalition.worth:
            price = table.reshape(-1).astype(object)
            found.append(([t.reshape(len(t), -1).astype(object) @ price for t in self.options], scale))
        return tuple(found)

    def best(self, weights: Sequence[Fraction], passing: Ids) -> tuple[Fraction, PurePlan, tuple[Fraction, ...]]:
        """The plan that maximises a weighted sum of the members' payoffs; all tables pass already."""
        law, copies = self.pooled.law, self.rehearsal.coalition.game.copies
        integers, _ = to_integers([w / scale for w, (_, scale) in zip(weights, self._payoffs, strict=True)])
        chosen = []
        for h in range(len(law.weights)):
            sums = sum(w * sums[h] for w, (sums, _) in zip(integers, self._payoffs, strict=True))
            chosen.append(int(np.asarray(sums).argmax()))
        payoffs = tuple(
            Fraction(
                sum(w * int(sums[h][c]) for h, (w, c) in enumerate(zip(law.weights, chosen, strict=True))),
                law.scale * scale * copies,
            )
            for sums, scale in self._payoffs
        )
        plan = PurePlan(np.stack([tables[c] for tables, c in zip(self.options, chosen, strict=True)]))
        return sum((w * x for w, x in zip(weights, payoffs, strict=True)), Fraction(0)), plan, payoffs
