"""Constant-sum games in blocks, solved completely by linear programs.

All equilibria are the products of optimal strategies, so two linear programs give the value and two exact faces all of
them: one maximal Nash subset.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from eqsolve.engines.complementarity import BlockGame, NashSet, Statistics
from eqsolve.engines.faces import face_vertices
from eqsolve.engines.lp import solve_lp
from eqsolve.engines.nash_subsets import nash_subsets

Vector = tuple[Fraction, ...]
Matrix = Sequence[Sequence[Fraction]]


def is_constant_sum(game: BlockGame) -> bool:
    """Whether x^T (A + B) y is the same for all strategies, up to a positive factor of B.

    A bilinear function on two products of simplices is constant exactly if it does not change when one label of a
    block is replaced by the first of its block, on either side.
    """
    scale = _factor(game)
    if scale is None:
        return False
    total = [[a + scale * b for a, b in zip(r, s, strict=True)] for r, s in zip(game.A, game.B, strict=True)]
    return not any(any(row) for row in _contrasts(total, game.row_blocks, game.col_blocks))


def solve_constant_sum(game: BlockGame) -> NashSet:
    """All equilibria of a constant-sum game in blocks.

    Notes
    -----
    The listing of the vertices of the sets of optimal strategies can be exponential; the linear programs are not.
    """
    rows = _optimal(game.A, game.row_blocks, game.col_blocks)
    cols = _optimal([list(column) for column in zip(*game.B, strict=True)], game.col_blocks, game.row_blocks)
    pairs = sorted(itertools.product(range(len(rows)), range(len(cols))))
    subsets, components = nash_subsets(pairs)
    return NashSet(
        tuple(rows), tuple(cols), tuple(pairs), subsets, components, True, None, Statistics(nodes=1, lps=2, leaves=1)
    )


def _contrasts(matrix: Matrix, row_blocks: Sequence[int], col_blocks: Sequence[int]) -> list[list[Fraction]]:
    """What changes when labels are replaced by the first of their block: the part that matters strategically."""
    firsts_r, firsts_c = _firsts(row_blocks), _firsts(col_blocks)
    by_row = [[x - y for x, y in zip(row, matrix[f], strict=True)] for row, f in zip(matrix, firsts_r, strict=True)]
    by_col = [[row[k] - row[f] for k, f in enumerate(firsts_c)] for row in matrix]
    # A change of x must not matter against any y: constant within each column block, and zero in sum.
    flat = [[row[k] - row[f] for k, f in enumerate(firsts_c)] for row in by_row]
    sums_r = [[sum((row[f] for f in sorted(set(firsts_c))), Fraction(0))] for row in by_row]
    sums_c = [[sum((by_col[f][k] for f in sorted(set(firsts_r))), Fraction(0)) for k in range(len(firsts_c))]]
    return [*flat, *sums_r, *sums_c]


def _factor(game: BlockGame) -> Fraction | None:
    """The positive number that B must be multiplied by, read off one contrast; None if there is none."""
    ours = _contrasts(game.A, game.row_blocks, game.col_blocks)
    theirs = _contrasts(game.B, game.row_blocks, game.col_blocks)
    for r, s in zip(ours, theirs, strict=True):
        for a, b in zip(r, s, strict=True):
            if a or b:
                return -a / b if a and b and (a > 0) != (b > 0) else None
    return Fraction(1)


def _firsts(sizes: Sequence[int]) -> list[int]:
    starts = itertools.accumulate([0, *sizes[:-1]])
    return [start for start, size in zip(starts, sizes, strict=True) for _ in range(size)]


def _optimal(payoffs: Matrix, own: Sequence[int], others: Sequence[int]) -> list[Vector]:
    """Vertices of the set of optimal strategies of the player whose payoffs are given, own labels first."""
    m, n = len(payoffs), len(payoffs[0])
    block_of = [b for b, size in enumerate(others) for _ in range(size)]
    width = m + len(others)
    secured = [[0] * m + [1 if block_of[c] == b else 0 for b in range(len(others))] for c in range(n)]
    rows: list[list[Fraction | int]] = [[*(-payoffs[r][c] for r in range(m)), *secured[c][m:]] for c in range(n)]
    firsts = _firsts(own)
    sums = [[1 if firsts[r] == f else 0 for r in range(m)] + [0] * len(others) for f in sorted(set(firsts))]
    objective = [0] * m + [1] * len(others)
    best = solve_lp(
        objective, A_ub=rows, b_ub=[0] * n, A_eq=sums, b_eq=[1] * len(sums), free=range(m, width), maximise=True
    )
    assert best.value is not None
    equalities: list[list[Fraction | int]] = [[-1, *row] for row in sums]
    equalities.append([-best.value, *objective])
    inequalities: list[list[Fraction | int]] = [[0, *(-x for x in row)] for row in rows]
    inequalities += [[0, *(1 if k == r else 0 for k in range(width))] for r in range(m)]
    return sorted({point[:m] for point in face_vertices(equalities, inequalities)})
