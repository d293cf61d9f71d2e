"""The Nash equilibrium of a two-player game that is best for a linear objective, with an exact bound.

A mixed-integer program finds a good equilibrium in floating point, and its strategies are solved again
exactly. A branch and bound search over exact linear programs then closes the gap: its leaves with their
multipliers are the proof that no equilibrium is better. Stopped early, it still gives an exact bound.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any

from eqsolve.engines.bimatrix import Bimatrix, Vector
from eqsolve.engines.lemke_howson import lemke_howson
from eqsolve.engines.lp import LinearProgram, LPSolution, check_lp, solve_program
from eqsolve.engines.optimal_nash_mip import propose_labels
from eqsolve.errors import ModelError

Number = int | Fraction
Fixed = tuple[tuple[int, bool], ...]


@dataclass(frozen=True)
class Objective:
    """A linear function of payoffs and probabilities.

    Attributes
    ----------
    payoffs : (number, number)
        Weights of the two players' payoffs; (1, 1) is welfare.
    row, col : tuples of m and n numbers
        Weights of the probabilities; empty for none.
    maximise : bool
    """

    payoffs: tuple[Number, Number] = (1, 1)
    row: tuple[Number, ...] = ()
    col: tuple[Number, ...] = ()
    maximise: bool = True

    def value(self, game: Bimatrix, x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        """Value of a pair of strategies."""
        total = sum((w * u for w, u in zip(self.payoffs, game.payoffs(x, y), strict=True)), Fraction(0))
        for weights, strategy in ((self.row, x), (self.col, y)):
            if weights:
                total += sum((w * p for w, p in zip(weights, strategy, strict=True)), Fraction(0))
        return total


@dataclass(frozen=True)
class ProofLeaf:
    """A part of the set of equilibria and why none in it is better than the bound.

    Attributes
    ----------
    fixed : tuple of (label, bool)
        Labels 0..m-1 are rows, m..m+n-1 columns; True: a best reply, False: unplayed.
    solution : LPSolution
        Of the relaxation with these labels: infeasible, or its optimum, with multipliers.
    """

    fixed: Fixed
    solution: LPSolution


@dataclass(frozen=True)
class OptimalNash:
    """An equilibrium and an exact bound on all equilibria.

    Attributes
    ----------
    status : {"optimal", "bounded"}
        "optimal": `value` equals `bound`. "bounded": a limit stopped the search; no equilibrium is better
        than `bound`, and whether one is better than `value` is not known.
    value, bound : Fraction
    row, col : tuples of m and n Fractions
        The equilibrium, with regret 0 checked exactly.
    payoffs : (Fraction, Fraction)
    objective : Objective
    proof : tuple of ProofLeaf
        Leaves that together cover all equilibria; see `verify_bound`.
    nodes : int
        Linear programs solved exactly.
    """

    status: str
    value: Fraction
    bound: Fraction
    row: Vector
    col: Vector
    payoffs: tuple[Fraction, Fraction]
    objective: Objective
    proof: tuple[ProofLeaf, ...]
    nodes: int


def optimal_nash(
    A: Any,
    B: Any,
    objective: Objective | None = None,
    *,
    max_seconds: float | None = None,
    max_nodes: int | None = None,
) -> OptimalNash:
    """Find the Nash equilibrium that maximises or minimises a linear objective.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of integers or Fractions
        Payoffs of player 1, who picks rows, and of player 2.
    objective : Objective, optional
        By default the greatest sum of payoffs.
    max_seconds, max_nodes : optional
        Limits of the search; a third of the time at most goes to the mixed-integer program.

    Returns
    -------
    OptimalNash
        With status "bounded" if a limit was met before the bound was reached.

    Raises
    ------
    ModelError
        If the matrices or the objective do not fit.
    LimitReached
        If the time was over before any equilibrium was found.

    Notes
    -----
    Deciding the optimum is NP-hard (I. Gilboa and E. Zemel 1989). The relaxation at a node holds the
    best-reply constraints of both players, bounds of every regret by 1 minus the probability, and a
    distribution over profiles that is a correlated equilibrium with the players' strategies as marginals: m n
    + m + n + 2 variables. Branching on a strategy that is played with regret: unplayed, or a best reply.
    """
    game = Bimatrix.of(A, B)
    goal = objective or Objective()
    m, n = game.shape
    if len(goal.row) not in (0, m) or len(goal.col) not in (0, n) or len(goal.payoffs) != 2:
        raise ModelError(
            f"{len(goal.payoffs)}, {len(goal.row)} and {len(goal.col)} weights of payoffs, rows and columns, "
            f"expected 2, {m} and {n}"
        )
    start = time.monotonic()
    search = _Search(game, goal, None if max_seconds is None else start + max_seconds, max_nodes)
    labels = propose_labels(game, search.relaxation.cost(), None if max_seconds is None else max_seconds / 3)
    if labels is not None:
        search.look_at(tuple(sorted(labels.items())))
    search.run()
    if search.best is None:
        left = None if max_seconds is None else max(1.0, start + max_seconds - time.monotonic())
        found = lemke_howson(A, B, max_seconds=left)
        search.accept(found.row, found.col)
    return search.result()


def verify_bound(A: Any, B: Any, result: OptimalNash) -> bool:
    """Check the equilibrium, the multipliers of all leaves of the proof, and that the leaves leave no gap.

    Parameters
    ----------
    A, B : matrices of shape (m, n) of integers or Fractions
    result : OptimalNash

    Returns
    -------
    bool
        No linear program is solved.
    """
    game = Bimatrix.of(A, B)
    goal, sign = result.objective, -1 if result.objective.maximise else 1
    if not game.is_equilibrium(result.row, result.col) or goal.value(game, result.row, result.col) != result.value:
        return False
    if sign * result.value < sign * result.bound or (result.status == "optimal") != (result.value == result.bound):
        return False
    relaxation = _Relaxation(game, goal)
    for leaf in result.proof:
        if not check_lp(relaxation.program(leaf.fixed), leaf.solution) or leaf.solution.status == "unbounded":
            return False
        if leaf.solution.value is not None and leaf.solution.value < sign * result.bound:
            return False
    return _covers([dict(leaf.fixed) for leaf in result.proof])


def _covers(parts: list[dict[int, bool]]) -> bool:
    """Whether parts are the leaves of a tree that branches on one label at a time."""
    if any(not part for part in parts):
        return True
    common = set.intersection(*(set(part) for part in parts)) if parts else set()
    for label in common:
        sides = [
            [{k: v for k, v in part.items() if k != label} for part in parts if part[label] is side]
            for side in (True, False)
        ]
        if all(sides):
            return all(map(_covers, sides))
    return False


class _Relaxation:
    """Linear programs that hold all equilibria with given labels; the objective is minimised.

    Columns: x, y, both payoffs in integer units, and the probabilities of the profiles.
    """

    def __init__(self, game: Bimatrix, goal: Objective) -> None:
        self.game = game
        self.goal = goal
        m, n = game.shape
        self.first = m + n + 2  # column of the first profile's probability
        transposed = tuple(zip(*game.B, strict=True))
        self.equations, self.sides = self.marginals()
        self.incentives = [
            {self.profile(i, j): game.A[k][j] - game.A[i][j] for j in range(n)}
            for i in range(m)
            for k in range(m)
            if k != i
        ]
        self.incentives += [
            {self.profile(i, j): transposed[k][i] - transposed[j][i] for i in range(m)}
            for j in range(n)
            for k in range(n)
            if k != j
        ]
        # regrets[label] = payoff of the player minus what the strategy earns, at least 0
        self.regrets = [{m + n: 1, **{m + j: -a for j, a in enumerate(row)}} for row in game.A]
        self.regrets += [{m + n + 1: 1, **{i: -b for i, b in enumerate(column)}} for column in transposed]
        self.most = [_largest_regret(game.A, i) for i in range(m)]
        self.most += [_largest_regret(transposed, j) for j in range(n)]

    def profile(self, i: int, j: int) -> int:
        """Column of the probability of a pure profile."""
        return self.first + i * self.game.shape[1] + j

    def marginals(self) -> tuple[list[dict[int, int]], list[int]]:
        """Equations: probabilities sum to 1, marginals are the strategies, payoffs are expected ones."""
        m, n = self.game.shape
        cells = [(i, j) for i in range(m) for j in range(n)]
        rows: list[dict[int, int]] = [dict.fromkeys(range(m), 1), dict.fromkeys(range(m, m + n), 1)]
        rows += [{i: -1, **{self.profile(i, j): 1 for j in range(n)}} for i in range(m)]
        rows += [{m + j: -1, **{self.profile(i, j): 1 for i in range(m)}} for j in range(n)]
        for column, matrix in ((m + n, self.game.A), (m + n + 1, self.game.B)):
            rows.append({column: -1, **{self.profile(i, j): matrix[i][j] for i, j in cells}})
        return rows, [1, 1, *[0] * (m + n + 2)]

    def cost(self) -> list[Fraction]:
        """Weights of x, y and the two payoffs in integer units, to be minimised."""
        m, n = self.game.shape
        sign = -1 if self.goal.maximise else 1
        scales = (self.game.A_scale, self.game.B_scale)
        weights = [*(self.goal.row or [0] * m), *(self.goal.col or [0] * n)]
        money = [Fraction(w) / scale for w, scale in zip(self.goal.payoffs, scales, strict=True)]
        return [sign * Fraction(w) for w in [*weights, *money]]

    def program(self, fixed: Fixed) -> LinearProgram:
        """The relaxation of a part: fixed labels have no regret (True) or no probability (False)."""
        m, n = self.game.shape
        rows: list[dict[int, int]] = [*self.incentives]
        rows += [{column: -value for column, value in regret.items()} for regret in self.regrets]
        sides = [0] * len(rows)
        state = dict(fixed)
        for label, (regret, most) in enumerate(zip(self.regrets, self.most, strict=True)):
            if state.get(label) is True:
                rows.append(regret)
                sides.append(0)
                continue
            rows.append({**regret, label: most})
            sides.append(most)
            if label in state:
                rows.append({label: 1})
                sides.append(0)
        costs = [*self.cost(), *[Fraction(0)] * (m * n)]
        return LinearProgram.of(costs, rows, sides, self.equations, self.sides, free=(m + n, m + n + 1))


class _Search:
    """Best-first branch and bound; all numbers exact, the objective minimised."""

    def __init__(self, game: Bimatrix, goal: Objective, deadline: float | None, max_nodes: int | None) -> None:
        self.game = game
        self.goal = goal
        self.sign = -1 if goal.maximise else 1
        self.deadline = deadline
        self.max_nodes = max_nodes
        self.relaxation = _Relaxation(game, goal)
        self.best: tuple[Fraction, Vector, Vector] | None = None
        self.open: list[tuple[Fraction, int, ProofLeaf]] = []
        self.closed: list[ProofLeaf] = []
        self.ticket = count()
        self.nodes = 0

    def run(self) -> None:
        """Split the part of least bound until none is better than the best equilibrium, or a limit is reached."""
        self.add(())
        while self.open and not self.beaten(self.open[0][0]) and not self.out_of_limits():
            _, _, leaf = heapq.heappop(self.open)
            label = self.branching_label(leaf.solution)
            if label is None:  # an equilibrium, and so the best of its part
                self.closed.append(leaf)
                continue
            for side in (True, False):
                self.add((*leaf.fixed, (label, side)))

    def add(self, fixed: Fixed) -> None:
        """Look at a part; it stays open unless it is empty."""
        leaf = self.look_at(fixed)
        if leaf.solution.value is None:
            self.closed.append(leaf)
        else:
            heapq.heappush(self.open, (leaf.solution.value, next(self.ticket), leaf))

    def look_at(self, fixed: Fixed) -> ProofLeaf:
        """Solve a node; keep its point if that is an equilibrium."""
        self.nodes += 1
        leaf = ProofLeaf(fixed, solve_program(self.relaxation.program(fixed)))
        if leaf.solution.status == "unbounded":
            raise ArithmeticError("a relaxation of equilibria was reported to have no bound")
        if leaf.solution.value is not None and self.branching_label(leaf.solution) is None:
            self.accept(*self.strategies(leaf.solution))
        return leaf

    def strategies(self, solution: LPSolution) -> tuple[Vector, Vector]:
        """Both players' strategies in a solution of the relaxation."""
        m, n = self.game.shape
        return solution.x[:m], solution.x[m : m + n]

    def branching_label(self, solution: LPSolution) -> int | None:
        """Label with the greatest product of probability and regret, or None in an equilibrium."""
        worst, choice = Fraction(0), None
        for label, regret in enumerate(self.relaxation.regrets):
            if solution.x[label]:
                slack = sum((v * solution.x[column] for column, v in regret.items()), Fraction(0))
                product = solution.x[label] * slack / (self.relaxation.most[label] or 1)
                if product > worst:
                    worst, choice = product, label
        return choice

    def accept(self, x: Vector, y: Vector) -> None:
        """Keep an equilibrium if it is better, once it was checked in the game itself."""
        if not self.game.is_equilibrium(x, y):
            raise ArithmeticError("complementary strategies turned out to be no equilibrium")
        value = self.sign * self.goal.value(self.game, x, y)
        if self.best is None or value < self.best[0]:
            self.best = value, x, y

    def beaten(self, bound: Fraction) -> bool:
        """Whether nothing with this bound is better than the best equilibrium."""
        return self.best is not None and self.best[0] <= bound

    def out_of_limits(self) -> bool:
        """Whether the time is over or the number of nodes is reached."""
        late = self.deadline is not None and time.monotonic() > self.deadline
        return late or (self.max_nodes is not None and self.nodes >= self.max_nodes)

    def result(self) -> OptimalNash:
        """The best equilibrium, with all parts as a proof; optimal if no open part can hold a better one."""
        if self.best is None:
            raise ArithmeticError("a game was searched to the end without an equilibrium")
        value, x, y = self.best
        bound = min([value, *(entry[0] for entry in self.open)])
        return OptimalNash(
            "optimal" if bound == value else "bounded",
            self.sign * value,
            self.sign * bound,
            x,
            y,
            self.game.payoffs(x, y),
            self.goal,
            (*self.closed, *(leaf for _, _, leaf in self.open)),
            self.nodes,
        )


def _largest_regret(payoffs: Sequence[Sequence[int]], strategy: int) -> int:
    """Greatest regret that a strategy can have against anything."""
    return int(max(max(column) - column[strategy] for column in zip(*payoffs, strict=True)))
