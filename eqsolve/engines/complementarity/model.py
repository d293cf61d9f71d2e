"""What the search takes and gives: games in blocks, leaves, and the set of all equilibria."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import to_fractions

Vector = tuple[Fraction, ...]
Matrix = tuple[Vector, ...]


@dataclass(frozen=True)
class BlockGame:
    """A two-player game whose strategy sets are products of simplices.

    Player 1 picks x, a probability vector on every block of rows; player 2 picks y, a probability vector on
    every block of columns. Payoffs are x^T A y and x^T B y. One block per player is a bimatrix game; one
    block per type is a two-player Bayesian game in behaviour strategies.

    Parameters
    ----------
    A, B : matrix of Fraction, shape (m, n)
        Payoffs of player 1 (who picks rows) and of player 2. Use `of` to build from anything exact.
    row_blocks, col_blocks : tuple of int
        Sizes of the blocks, in order; positive, with sums m and n.

    Raises
    ------
    ValueError
        If shapes or block sizes do not fit.
    """

    A: Matrix
    B: Matrix
    row_blocks: tuple[int, ...]
    col_blocks: tuple[int, ...]

    def __post_init__(self) -> None:
        m, n = sum(self.row_blocks), sum(self.col_blocks)
        if min(self.row_blocks, default=0) < 1 or min(self.col_blocks, default=0) < 1:
            raise ValueError(f"found blocks {self.row_blocks} and {self.col_blocks}, expected positive sizes")
        for name, matrix in (("A", self.A), ("B", self.B)):
            if len(matrix) != m or any(len(row) != n for row in matrix):
                raise ValueError(f"{name} is not of shape ({m}, {n}), which the blocks ask for")

    @classmethod
    def of(
        cls, A: Any, B: Any, row_blocks: Sequence[int] | None = None, col_blocks: Sequence[int] | None = None
    ) -> BlockGame:
        """Build from nested sequences or arrays of exact numbers; without blocks, a bimatrix game.

        Parameters
        ----------
        A, B : array_like, shape (m, n)
            Integers, fractions, or what `eqsolve.exact.rational.rational` reads.
        row_blocks, col_blocks : sequence of int, optional

        Raises
        ------
        ValueError
            If a number cannot be read exactly or the shapes do not fit.
        """
        first, second = to_fractions(A), to_fractions(B)
        if not isinstance(first, tuple) or not first or not isinstance(first[0], tuple) or not first[0]:
            raise ValueError("found an empty or one-dimensional payoff matrix, expected shape (m, n)")
        if not isinstance(second, tuple):
            raise ValueError("found a number for B, expected a matrix")
        rows = (len(first),) if row_blocks is None else tuple(row_blocks)
        cols = (len(first[0]),) if col_blocks is None else tuple(col_blocks)
        return cls(first, second, rows, cols)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self.A), len(self.A[0])


@dataclass(frozen=True)
class Leaf:
    """A product of two faces on which every pair of points is an equilibrium.

    Parameters
    ----------
    rows : tuple of vectors of length m
        The vertices of player 1's face.
    cols : tuple of vectors of length n
        The vertices of player 2's face.
    """

    rows: tuple[Vector, ...]
    cols: tuple[Vector, ...]


@dataclass
class Statistics:
    """What the search did.

    Attributes
    ----------
    nodes : int
        Nodes whose two faces are not empty.
    lps : int
        Faces whose emptiness was decided, one for every child that the search looked at.
    pivots : int
        Simplex pivots on them.
    certified : int
        Empty faces that floating point found and a Farkas vector in exact arithmetic proved.
    exact : int
        Nodes that were left to the search in integers, for want of a certificate.
    leaves : int
        Products of faces found, before duplicates are removed.
    seconds : float
        Wall-clock time.
    """

    nodes: int = 0
    lps: int = 0
    pivots: int = 0
    certified: int = 0
    exact: int = 0
    leaves: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class NashSet:
    """All equilibria of a `BlockGame`, as extreme equilibria and the convex sets that they span.

    Attributes
    ----------
    rows, cols : tuples of vectors
        The distinct extreme strategies of player 1 (length m) and player 2 (length n), in increasing
        lexicographic order.
    pairs : tuple of (int, int)
        The extreme equilibria, as indices into `rows` and `cols`, in increasing order. Each was verified to
        have regret 0 in exact arithmetic, by code that shares nothing with the search.
    subsets : tuple of (frozenset of int, frozenset of int)
        The maximal Nash subsets: any mixture of the rows with any mixture of the columns is an equilibrium,
        and every equilibrium lies in one of them if `complete`. If the search was stopped they need not be
        maximal, nor hang together as they do in the whole set.
    components : tuple of tuple of int
        Indices of the subsets that hang together; the topological components of the set of equilibria.
    complete : bool
        True if nothing can be missing.
    stopped : str or None
        "time limit" or "interrupted" where the search was stopped.
    statistics : Statistics
    """

    rows: tuple[Vector, ...]
    cols: tuple[Vector, ...]
    pairs: tuple[tuple[int, int], ...]
    subsets: tuple[tuple[frozenset[int], frozenset[int]], ...]
    components: tuple[tuple[int, ...], ...]
    complete: bool
    stopped: str | None = None
    statistics: Statistics = field(default_factory=Statistics, compare=False)

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[tuple[Vector, Vector]]:
        return ((self.rows[i], self.cols[j]) for i, j in self.pairs)
