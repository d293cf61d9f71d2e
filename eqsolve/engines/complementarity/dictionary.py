"""Feasible dictionaries of best-reply polyhedra in integers.

The polyhedron of a `Half` with payoffs M holds the other player's strategies u (a probability vector on
every block) with the slacks s_r = w_b - (M u)_r >= 0 of the replies r, where w_b bounds the payoffs of block
b. The least w_b is meant: on a face where some reply of every block has slack 0, the polyhedron is bounded.
Variables carry *labels*: the same label is a strategy's probability in one player's polyhedron and its slack
in the other's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import mul
from typing import Any

from flint import fmpz_mat

from eqsolve.engines.complementarity.reduction import Half, Point, block_ranges
from eqsolve.engines.complementarity.tableau import Tableau
from eqsolve.engines.double_description import Check
from eqsolve.engines.faces import orthant_vertices

_BLAND_AFTER = 30

# Entries from which arrays are quicker than lists.
_LARGE = 500


@dataclass
class Dictionary:
    """A face: basic variables p z_i = b_i + Σ a_ij z_j in terms of the others, none negative.

    Attributes
    ----------
    rows : list of list of int
        Per basic variable (p, b, a_1, …, a_k) with p > 0, b >= 0, no common factor. Rows are never changed
        in place, so that dictionaries share them.
    basic, nonbasic : list of int
        Labels. Variables that are 0 on the whole face, as far as known, are in neither.
    zero : int
        Bit mask of the labels known to be 0 on the whole face.
    positive : int
        Bit mask of labels known to be positive on the whole face.
    pivots : int
        How many pivots led here from the dictionary before.
    tried : dict of int to Dictionary or None
        Smaller faces that a search tried, by the label that it fixed; a face outlives many nodes.
    """

    rows: list[list[int]]
    basic: list[int]
    nonbasic: list[int]
    zero: int
    positive: int = 0
    pivots: int = 0
    tried: dict[int, Dictionary | None] = field(default_factory=dict, repr=False)

    def fix(self, label: int) -> Dictionary | None:
        """Restrict the face to where a variable is 0; None if that is empty.

        Minimises the variable with the primal simplex method: the largest rate first, smallest labels after
        a while, so that it ends.
        """
        face = Dictionary(list(self.rows), list(self.basic), list(self.nonbasic), self.zero | 1 << label)
        if label in face.nonbasic:
            face._drop_column(face.nonbasic.index(label))
            return face.settled()
        target = face.basic.index(label)
        if len(face.rows) * len(face.rows[0]) >= _LARGE and not face._lowered_in_words(target):
            return None
        while face.basic[target] == label:
            row = face.rows[target]
            column = face._entering(row)
            if column is None:
                if row[1]:
                    return None
                face._drop_row(target)
                return face.settled()
            leaving = target if row[1] == 0 else face._leaving(column, target)
            face._pivot(leaving, column)
        face._drop_column(face.nonbasic.index(label))
        return face.settled()

    def _lowered_in_words(self, target: int) -> bool:
        """Pivot as far as 64 bits go, as `fix` does; False if the face is empty."""
        try:
            tableau = Tableau(self.rows)
        except OverflowError:
            return True
        label, alive = self.basic[target], True
        while self.basic[target] == label:
            row = tableau.row(target)
            column = self._entering(row)
            if column is None:
                alive = row[1] == 0
                break
            leaving = target if row[1] == 0 else tableau.leaving(column, target, self.basic)
            if not tableau.pivot(leaving, column):
                break
            self._exchange(leaving, column)
        if alive:
            self.rows = tableau.rows()
        return alive

    def _entering(self, row: list[int]) -> int | None:
        """Column that lowers a variable; one that can be exchanged for it if it is 0 already."""
        if row[1] == 0:
            candidates = [j for j in range(2, len(row)) if row[j]]
            return min(candidates, key=lambda j: abs(row[j])) if candidates else None
        candidates = [j for j in range(2, len(row)) if row[j] < 0]
        if not candidates:
            return None
        if self.pivots < _BLAND_AFTER:
            return min(candidates, key=row.__getitem__)
        return min(candidates, key=lambda j: self.nonbasic[j - 2])

    def _leaving(self, column: int, target: int) -> int:
        """Row that reaches 0 first; the target if it is among them, else the smallest label."""
        best, above, below = target, self.rows[target][1], -self.rows[target][column]
        for i, row in enumerate(self.rows):
            rate = -row[column]
            if rate > 0 and i != target:
                compare = row[1] * below - above * rate
                if compare < 0 or (compare == 0 and best != target and self.basic[i] < self.basic[best]):
                    best, above, below = i, row[1], rate
        return best

    def _pivot(self, r: int, column: int) -> None:
        """Exchange the basic variable of row r for the nonbasic one of a column."""
        rows = self.rows
        leaving = rows[r]
        if leaving[column] < 0:
            p = -leaving[column]
            new = list(leaving)
            new[column] = -leaving[0]
        else:
            p = leaving[column]
            new = [-v for v in leaving]
            new[column] = leaving[0]
        new[0] = 0
        for i, row in enumerate(rows):
            f = row[column]
            if f and i != r:
                shared = math.gcd(p, f)
                scale, f = p // shared, f // shared
                source = list(row)
                source[column] = 0
                mixed = [scale * u + f * v for u, v in zip(source, new, strict=True)]
                content = math.gcd(*mixed)
                rows[i] = [v // content for v in mixed] if content > 1 else mixed
        new[0] = p
        rows[r] = new
        self._exchange(r, column)

    def _exchange(self, r: int, column: int) -> None:
        self.pivots += 1
        self.basic[r], self.nonbasic[column - 2] = self.nonbasic[column - 2], self.basic[r]

    def _drop_column(self, k: int) -> None:
        del self.nonbasic[k]
        self.rows = [row[: k + 2] + row[k + 3 :] for row in self.rows]

    def _drop_row(self, i: int) -> None:
        del self.rows[i], self.basic[i]

    def settled(self) -> Dictionary:
        """Find variables that the rows show to be 0, or positive, on the whole face.

        A variable at 0 that no other can raise is 0, and so are those that would lower it.
        """
        while self._one_settled():
            pass
        return self

    def _one_settled(self) -> bool:
        positive = 0
        for i, row in enumerate(self.rows):
            if row[1]:
                if len(row) == 2 or min(row[2:]) >= 0:
                    positive |= 1 << self.basic[i]
            elif len(row) == 2 or max(row[2:]) <= 0:
                self.zero |= 1 << self.basic[i]
                gone = [j - 2 for j in range(2, len(row)) if row[j]]
                self._drop_row(i)
                for k in reversed(gone):
                    self.zero |= 1 << self.nonbasic[k]
                    self._drop_column(k)
                return True
        self.positive = positive
        return False

    def feasible(self) -> bool:
        """Whether the basic variables are not negative."""
        return all(row[1] >= 0 for row in self.rows)

    @cached_property
    def values(self) -> dict[int, float]:
        """Positive values of basic variables at the dictionary's vertex, as floats to compare."""
        labelled = zip(self.basic, self.rows, strict=True)
        return {label: _quotient(row[1], row[0]) for label, row in labelled if row[1]}

    @cached_property
    def ways(self) -> dict[int, int]:
        """For every positive basic variable, how many columns can lower it."""
        labelled = zip(self.basic, self.rows, strict=True)
        return {label: len([v for v in row[2:] if v < 0]) for label, row in labelled if row[1]}

    def vertices(self, labels: range, check: Check | None = None) -> list[Point]:
        """Find the vertices of the face.

        Parameters
        ----------
        labels : range
            The variables to give, whose values fix those of all others.
        check : callable, optional
            Called now and then; may raise to stop.

        Raises
        ------
        ValueError
            If the face is not bounded.
        """
        dimension = len(self.nonbasic)
        points = orthant_vertices([row[1:] for row in self.rows], dimension, check) if dimension else [(1,)]
        return self.points(points, labels)

    def points(self, coordinates: Sequence[tuple[int, ...]], labels: range) -> list[Point]:
        """Write points, given in homogeneous coordinates of the nonbasic variables, as strategies."""
        start = labels.start
        wanted = [(k - start, row) for k, row in zip(self.basic, self.rows, strict=True) if k in labels]
        common = math.lcm(*(row[0] for _, row in wanted))
        result = []
        for point in coordinates:
            vector = [0] * len(labels) + [common * point[0]]
            for k, row in wanted:
                vector[k] = sum(map(mul, row[1:], point)) * (common // row[0])
            for label, value in zip(self.nonbasic, point[1:], strict=True):
                if label in labels:
                    vector[label - start] = common * value
            content = math.gcd(*vector)
            result.append(tuple(v // content for v in vector))
        return result


def _quotient(above: int, below: int) -> float:
    try:
        return above / below
    except OverflowError:
        return math.inf


def first_dictionary(half: Half, strategies: range, replies: range) -> Dictionary:
    """Build the dictionary at the first pure strategy of every block and best replies to it.

    Parameters
    ----------
    half : Half
    strategies, replies : range
        Labels of the probabilities and of the slacks in the half's polyhedron.
    """
    played = [block[0] for block in block_ranges(half.strategies)]
    home = {j: block[0] for block in block_ranges(half.strategies) for j in block}
    others = [j for j in range(len(strategies)) if j not in set(played)]
    rows, basic = [], []
    payoff = [sum(row[j] for j in played) for row in half.payoffs]
    blocks = block_ranges(half.replies)
    best = [max(block, key=lambda r: payoff[r]) for block in blocks]
    for k, block in enumerate(blocks):
        top = best[k]
        for r in block:
            if r == top:
                continue
            gains = [a - b for a, b in zip(half.payoffs[top], half.payoffs[r], strict=True)]
            slope = [gains[j] - gains[home[j]] for j in others]
            rows.append([1, payoff[top] - payoff[r], *slope, *(int(b == k) for b in range(len(blocks)))])
            basic.append(replies[r])
    for j in played:
        rows.append([1, 1, *(-int(home[i] == j) for i in others), *([0] * len(blocks))])
        basic.append(strategies[j])
    nonbasic = [strategies[j] for j in others] + [replies[r] for r in best]
    return Dictionary(rows, basic, nonbasic, 0)


def dictionary_at(half: Half, strategies: range, replies: range, nonbasic: list[int], zero: int) -> Dictionary | None:
    """Build the dictionary of a given basis.

    Parameters
    ----------
    half : Half
    strategies, replies : range
        Labels of the probabilities and of the slacks in the half's polyhedron.
    nonbasic : list of int
        Labels of the nonbasic variables.
    zero : int
        Bit mask of labels that are 0 on the face; nonbasic ones among them are left out.

    Returns
    -------
    Dictionary or None
        None if there is no such basis. Its values need not be feasible, which is for the caller to look at.

    Notes
    -----
    Only the played strategies and the bounds on payoffs are solved for, from the replies without slack.
    """
    outside = set(nonbasic)
    free = [label for label in nonbasic if not zero >> label & 1]
    played = [j for j, label in enumerate(strategies) if label not in outside]
    tight = [r for r, label in enumerate(replies) if label in outside]
    # Free variables as indices of strategies, or of replies.
    direct = [(label - strategies.start, -1) if label in strategies else (-1, label - replies.start) for label in free]
    solution = _solved(half, played, tight, direct)
    if solution is None:
        return None
    values, p = solution
    rows = [[p, *row] for row in values[: len(played)]]
    shares = list(zip(*values[: len(played)], strict=True)) or [()] * (1 + len(free))
    for bound, block in zip(values[len(played) :], block_ranges(half.replies), strict=True):
        for r in block:
            if replies[r] in outside:
                continue
            payoffs = half.payoffs[r]
            weights = [payoffs[j] for j in played]
            row = [w - sum(map(mul, weights, share)) for w, share in zip(bound, shares, strict=True)]
            for k, (j, _) in enumerate(direct):
                if j >= 0:
                    row[k + 1] -= p * payoffs[j]
            rows.append([p, *row])
    basic = [strategies[j] for j in played] + [label for label in replies if label not in outside]
    contents = [math.gcd(*row) for row in rows]
    rows = [[v // g for v in row] for g, row in zip(contents, rows, strict=True)]
    return Dictionary(rows, basic, free, zero)


def _solved(
    half: Half, played: list[int], tight: list[int], free: list[tuple[int, int]]
) -> tuple[list[list[int]], int] | None:
    """Solve for played strategies and bounds on payoffs, from replies without slack and sums of probabilities.

    Rows of numerators, constants first, then the rates of the free variables; and their denominator.
    """
    blocks, simplices = block_ranges(half.replies), block_ranges(half.strategies)
    if len(tight) + len(simplices) != len(played) + len(blocks):
        return None
    left = [[*(half.payoffs[r][j] for j in played), *(-int(r in block) for block in blocks)] for r in tight]
    left += [[int(j in block) for j in played] + [0] * len(blocks) for block in simplices]
    # Column by column, what the constant and each free variable contribute to the other side.
    columns = [[0] * len(tight) + [1] * len(simplices)]
    for j, slack in free:
        if j >= 0:
            columns.append([-half.payoffs[r][j] for r in tight] + [-int(j in block) for block in simplices])
        else:
            columns.append([-int(r == slack) for r in tight] + [0] * len(simplices))
    solution: Any
    try:
        solution = fmpz_mat(left).solve(fmpz_mat([list(row) for row in zip(*columns, strict=True)]))
    except ZeroDivisionError:
        return None
    numbers, common = solution.numer_denom()
    return [[int(v) for v in row] for row in numbers.tolist()], int(common)
