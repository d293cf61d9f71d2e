"""Which comparison to branch on in a search for extreme payoffs (`eqsolve.engines.block_bound`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from eqsolve.engines.block_bound_comparisons import Floats
from eqsolve.engines.block_bound_region import Region, Setting

SMALL = 1e-9
OWN_FIRST = 20.0  # bargaining needs fewer nodes the greater it is, up to 100, voting the less it is


class Choice:
    """Which comparison to branch on, from how much a pair of points violates complementarity."""

    def __init__(self, setting: Setting, region: Region, lotteries: tuple[Floats, Floats]) -> None:
        self.setting, self.region = setting, region
        plays = [c.prior[:, None] * x for c, x in zip(setting.comparisons, lotteries, strict=True)]
        self.laws = [x.sum(axis=0) for x in plays]
        self.scores: list[Floats] = []
        self.violation = 0.0
        for p, mine in enumerate(setting.comparisons):
            pay = mine.scaled @ self.laws[1 - p]
            self.violation += float((plays[p] * (pay.max(axis=1, keepdims=True) - pay)).sum())
            (c, t, better, worse), gains = mine.flat
            gain = (mine.normed @ self.laws[1 - p])[c] * gains
            regret = np.where(gain > 0, plays[p][t, worse] * gain, -plays[p][t, better] * gain)
            self.scores.append(self._open(p, np.bincount(c, weights=regret, minlength=len(mine.vectors))))

    def _open(self, p: int, counts: npt.NDArray[Any]) -> Floats:
        """Scores of comparisons that are not decided, 0 for the others."""
        scores = counts.astype(np.float64)
        scores[list(self.region.decided[p])] = 0
        return scores

    def best(self, i: int, gap: float, law: Floats) -> tuple[int, int] | None:
        """The comparison (player, index) that promises most; None if nothing is undecided.

        Comparisons of player i come first as a rule: they are about the law that its payoff depends on. `gap` is by
        how much the bound exceeds the payoff against this law.
        """
        worst = [float(scores.max(initial=0.0)) for scores in self.scores]
        if max(worst) > SMALL:
            p = i if OWN_FIRST * worst[i] >= worst[1 - i] else 1 - i
            return p, int(self.scores[p].argmax())
        loose = self._loose(i, law)
        if gap > SMALL and loose.max(initial=0.0) > SMALL:
            return i, int(loose.argmax())
        for q in (i, 1 - i):
            pending = self._pending(q)
            if pending.any():
                return q, int(pending.argmax())
        return None

    def _loose(self, i: int, law: Floats) -> Floats:
        """By how much the bound takes both sides of a comparison for better, each where it is."""
        mine, kept = self.setting.comparisons[i], self.region.kept[i]
        swing = np.minimum(np.maximum(mine.normed, 0) @ law, np.maximum(-mine.normed, 0) @ law)
        (c, t, better, worse), gains = mine.flat
        both = kept[t, better] & kept[t, worse]
        return self._open(i, np.bincount(c, weights=both * swing[c] * gains * mine.prior[t], minlength=len(swing)))

    def _pending(self, q: int) -> Floats:
        """How many pairs of possible best replies every open comparison compares."""
        mine, alive = self.setting.comparisons[q], self.region.alive[q]
        (c, t, better, worse), _ = mine.flat
        both = alive[t, better] & alive[t, worse]
        return self._open(q, np.bincount(c, weights=both, minlength=len(mine.vectors)))
