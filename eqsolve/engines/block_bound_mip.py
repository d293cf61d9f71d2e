"""A good equilibrium for one player proposed by a mixed-integer program over complementarity, in floating point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eqsolve.engines.block_bound_comparisons import Booleans, Comparisons, Floats
from eqsolve.engines.block_bound_programs import Point, Programs
from eqsolve.engines.block_bound_region import ABOVE, BELOW, EQUAL, Region
from eqsolve.engines.optimal_nash_mip import silent_solver

MAX_BINARIES = 2_000
MAX_COLUMNS = 20_000
Plays = dict[tuple[int, int], Any]
"""A variable per type and action."""


def propose(region: Region, i: int, maximise: bool, max_seconds: float) -> tuple[Floats, Floats] | None:
    """Look for the equilibrium of a region that pays player i most or least.

    Parameters
    ----------
    region : Region
    i : int
    maximise : bool
    max_seconds : float

    Returns
    -------
    pair of float arrays (T, M), or None
        Lotteries of both players' types, a proposal that exact arithmetic has to confirm. None if nothing was found in
        time, or the program would be too large.

    Notes
    -----
    A pair of binary variables per comparison tells whether it is positive or negative; then what loses by it is not
    played. The comparison is at most its largest value over the laws of the region, by a linear program, times the
    binary variable: no big M is loose. The order of the region holds, which breaks the symmetry of renaming problems:
    sorting the problems by one player's announcements is a renaming, so every equilibrium has a renaming in order.
    (Both players' announcements cannot be sorted by themselves: one renaming has to serve both.) Comparisons that are
    sums of two others wherever they compare, as exchanges on disjoint problems are, need no variables of their own.
    """
    import pulp

    parts = [_Comparing(region, p) for p in (0, 1)]
    if (
        sum(2 * len(part.used) for part in parts) > MAX_BINARIES
        or sum(int(a.sum()) for a in region.alive) > MAX_COLUMNS
    ):
        return None
    problem = pulp.LpProblem("equilibrium", pulp.LpMinimize)
    plays = [_plays(problem, region, p) for p in (0, 1)]
    laws = [_law(problem, region, p, plays[p]) for p in (0, 1)]
    for p, part in enumerate(parts):
        part.state(problem, plays[p], laws[1 - p])
        for fact in region.facts[p]:
            value = _weighted(fact.row, laws[1 - p])
            problem += value == 0 if fact.sign == EQUAL else value >= 0
    values = parts[i].values(problem, laws[1 - i], maximise)
    problem += (-1 if maximise else 1) * _weighted(region.setting.comparisons[i].prior, values)
    try:
        problem.solve(silent_solver(max_seconds))
    except pulp.PulpSolverError:
        return None
    found = [_lotteries(region, p, plays[p]) for p in (0, 1)]
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def elementary(comparisons: Comparisons, alive: Booleans) -> list[int]:
    """Comparisons that are not, at every type, the sum of two others from the same action.

    Actions a, b are the ends of a diagonal of a parallelogram of payoffs if a + b = c + d; then a gain of a over b is
    positive only if that of c or of d over b is.
    """
    used = set()
    for t, row in enumerate(alive):
        open_ = np.nonzero(row)[0].tolist()
        sums: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for n, a in enumerate(open_):
            for b in open_[n + 1 :]:
                total = (comparisons.payoffs[t, a] + comparisons.payoffs[t, b]).tolist()
                sums.setdefault(tuple(total), []).append((a, b))
        used |= {(t, *pairs[0]) for pairs in sums.values() if len(pairs) == 1}
    return [
        c for c, pairs in enumerate(comparisons.pairs) if any((t, min(a, b), max(a, b)) in used for t, a, b, _ in pairs)
    ]


class _Comparing:
    """The comparisons of player p in a program."""

    def __init__(self, region: Region, p: int) -> None:
        self.region, self.p = region, p
        self.mine = region.setting.comparisons[p]
        self.used = elementary(self.mine, region.alive[p])
        self.signs: dict[tuple[int, int], Any] = {}

    def state(self, problem: Any, plays: Plays, law: Sequence[Any]) -> None:
        """Variables for the signs of comparisons; what loses is not played."""
        import pulp

        programs = Programs()
        for c in self.used:
            for sign in (ABOVE, BELOW):
                function = sign * self.mine.normed[c]
                outcome = programs.largest(self.region, 1 - self.p, function)
                most = max(0.0, outcome.value) if isinstance(outcome, Point) else 1.0
                chosen = problem.add_variable(f"s{self.p}_{c}_{'p' if sign == ABOVE else 'n'}", 0, 1, "Binary")
                self.signs[c, sign] = chosen
                problem += _weighted(function, law) <= most * chosen
                for loser in self._losers(c, sign):
                    problem += pulp.lpSum(plays[cell] for cell in loser) <= 1 - chosen
            problem += self.signs[c, ABOVE] + self.signs[c, BELOW] <= 1

    def _losers(self, c: int, sign: int) -> list[list[tuple[int, int]]]:
        """Per type, the actions that lose where a comparison has a sign."""
        found: dict[int, set[int]] = {}
        for t, better, worse, _ in self.mine.pairs[c]:
            loser = worse if sign == ABOVE else better
            if self.region.alive[self.p][t, loser]:
                found.setdefault(t, set()).add(loser)
        return [[(t, a) for a in sorted(actions)] for t, actions in found.items()]

    def values(self, problem: Any, law: Sequence[Any], maximise: bool) -> list[Any]:
        """Interim payoffs; to be maximised they are at most that of an action that nothing exceeds."""
        import pulp

        values = [problem.add_variable(f"v{t}", None, None) for t in range(self.mine.shape[0])]
        losing: dict[tuple[int, int], list[Any]] = {}
        for (c, sign), chosen in self.signs.items():
            for loser in self._losers(c, sign):
                for cell in loser:
                    losing.setdefault(cell, []).append(chosen)
        most = self._largest_slacks()
        for t, a in np.argwhere(self.region.alive[self.p]).tolist():
            paid = _weighted(self.mine.scaled[t, a], law)
            if maximise:
                problem += values[t] <= paid + float(most[t, a]) * pulp.lpSum(losing.get((t, a), []))
            else:
                problem += values[t] >= paid
        return values

    def _largest_slacks(self) -> Floats:
        """Per type and action, by how much it can fall short of the best reply against everything alive."""
        slack = self.mine.scaled.max(axis=1, keepdims=True) - self.mine.scaled
        actions, _, weights = self.region.groups(1 - self.p)
        total = self.region.setting.comparisons[1 - self.p].total
        parts = [w / total * slack[:, :, open_].max(axis=2) for open_, w in zip(actions, weights, strict=True)]
        return np.asarray(np.sum(parts, axis=0))


def _weighted(weights: Floats, variables: Sequence[Any]) -> Any:
    import pulp

    return pulp.lpSum(float(w) * x for w, x in zip(weights, variables, strict=True) if w)


def _plays(problem: Any, region: Region, p: int) -> Plays:
    """A variable per type and action that is alive; lotteries."""
    import pulp

    plays: Plays = {}
    for t, row in enumerate(region.alive[p]):
        lottery = {(t, a): problem.add_variable(f"x{p}_{t}_{a}", 0, 1) for a in np.nonzero(row)[0].tolist()}
        problem += pulp.lpSum(lottery.values()) == 1
        plays |= lottery
    return plays


def _law(problem: Any, region: Region, p: int, plays: Plays) -> list[Any]:
    """Variables for the law of player p's actions."""
    import pulp

    mine = region.setting.comparisons[p]
    law = [problem.add_variable(f"y{p}_{a}", 0, 1) for a in range(mine.shape[1])]
    parts: list[list[Any]] = [[] for _ in law]
    for (t, a), variable in plays.items():
        parts[a].append(float(mine.prior[t]) * variable)
    for share, part in zip(law, parts, strict=True):
        problem += share == pulp.lpSum(part)
    return law


def _lotteries(region: Region, p: int, plays: Plays) -> Floats | None:
    found = np.zeros(region.alive[p].shape)
    for cell, variable in plays.items():
        value = variable.value()
        if value is None:
            return None
        found[cell] = max(0.0, value)
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(found / total) if total.min() > 0 else None
