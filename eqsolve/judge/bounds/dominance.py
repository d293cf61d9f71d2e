"""Announcements that no equilibrium makes: iterated interim strict dominance, without listing strategies.

The game looks the same when the problems are renamed, and so does what is left after everything dominated was removed.
So what survives at a type vector is told by *lie tables* (how many problems of each true type are announced as each
type): a table stands for all pairs of a type vector and a message that it describes. Announcing m at t is removed if
a mixture of messages pays strictly more against everything that the others have left, whatever their types announce.
Averaging over the problems on which t and m are alike, their *cells*, changes neither side: the mixture is then a
matrix y[cell, v], any point of a transportation polytope (whose corners are messages), and all that counts of the
others is how often they announce each profile of types within each cell. The test is a linear program in y.

With three or more agents the others' joint announcements are taken at the worst for every profile of their type
vectors, as if they knew each other's types: what is removed is dominated, but not everything dominated is found.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from eqsolve.budget import Histogram
from eqsolve.engines.lp import solve_lp
from eqsolve.engines.transport import Table, integer_tables
from eqsolve.errors import LimitReached, SizeError
from eqsolve.forms.lie_tables import all_lie_tables
from eqsolve.judge.bounds.joint_histograms import require_shuffled
from eqsolve.judge.bounds.mixing import lottery_with
from eqsolve.judge.bounds.opponents import Left, Opponents
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Vector

MAX_TABLES = 20_000
MAX_PURE = 2_000

Integers = npt.NDArray[Any]


@dataclass(frozen=True)
class Elimination:
    """A message that is strictly dominated at a type vector, and with it all their renamings.

    Parameters
    ----------
    round : int
        Removal goes in rounds; within a round everybody is judged against the same opponents.
    agent : int
    vector, message : tuple of int
        The type vector, and the message which is removed there.
    marginals : K rows of m Fraction
        A mixture of messages that dominates it, as probabilities of announcing v on problem k.
    """

    round: int
    agent: int
    vector: Vector
    message: Vector
    marginals: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, eq=False)
class Undominated:
    """What iterated interim dominance leaves of a linked game.

    Parameters
    ----------
    game : LinkedGame
    tables : per active agent {histogram of true types: lie tables}
    eliminations : tuple of Elimination
    stopped : str or None
        Why the rounds ended before nothing more could be removed.
    """

    game: LinkedGame
    tables: Mapping[int, Left]
    eliminations: tuple[Elimination, ...]
    stopped: str | None = None
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def complete(self) -> bool:
        """Whether the rounds went on until nothing more could be removed."""
        return self.stopped is None

    def messages(self, i: int, vector: Vector) -> list[Vector]:
        """Messages of agent i that survive at a type vector, lexicographically."""
        types = range(len(self.game.problem.agents[i].types))
        left = set(self.tables[i][tuple(vector.count(u) for u in types)])
        return [m for m in self.game.budgets[i].messages() if _table(vector, m, len(types)) in left]

    def reduction(self) -> list[dict[str, Any]]:
        """The eliminations as steps of a certificate, in order; each stands for all its renamings."""
        if "steps" not in self._cache:
            self._cache["steps"] = [self._step(e) for e in self.eliminations]
        steps: list[dict[str, Any]] = self._cache["steps"]
        return steps

    def _step(self, e: Elimination) -> dict[str, Any]:
        lottery = lottery_with(e.marginals, self.game.budgets[e.agent])
        return {
            "agent": self.game.problem.agents[e.agent].name,
            "types": self.game.vector_name(e.agent, e.vector),
            "message": self.game.vector_name(e.agent, e.message),
            "by": {self.game.vector_name(e.agent, m): str(p) for m, p in sorted(lottery.items())},
        }


def undominated_tables(game: LinkedGame, *, deadline: float | None = None) -> Undominated:
    """Iterated removal of interim strictly dominated messages, told by lie tables.

    Parameters
    ----------
    game : LinkedGame
    deadline : float, optional
        Of `time.monotonic`. What was removed by then is returned.

    Returns
    -------
    Undominated
        For two active agents exactly what survives iterated interim strict dominance by pure and mixed messages;
        for more, or when the work was cut short, a superset of it.

    Raises
    ------
    SizeError
        If an agent has more than `MAX_TABLES` lie tables.
    NotSupported
        With a filter or walking away, or where types are not exchangeable across problems.
    """
    require_shuffled(game, "dominance told by lie tables")
    if game not in _KNOWN or not _KNOWN[game].complete:
        _KNOWN[game] = _eliminate(game, deadline)
    return _KNOWN[game]


_KNOWN: WeakKeyDictionary[LinkedGame, Undominated] = WeakKeyDictionary()


def _eliminate(game: LinkedGame, deadline: float | None) -> Undominated:
    everything = {i: _everything(game, i) for i in game.active}
    left: dict[int, Left] = dict(everything)
    done: list[Elimination] = []
    for number in itertools.count():
        restricted = frozenset(i for i in game.active if left[i] != everything[i])
        found: list[tuple[Elimination, Table]] = []
        stopped = None
        try:
            for i, table, better in _dominated(game, left, restricted, deadline):
                found.append((_elimination(number, i, table, better), table))
        except (SizeError, LimitReached) as error:
            stopped = str(error)
        done += [e for e, _ in found]
        gone = {(e.agent, table) for e, table in found}
        left = {
            i: {h: tuple(t for t in tables if (i, t) not in gone) for h, tables in left[i].items()} for i in game.active
        }
        if stopped or not found:
            return Undominated(game, left, tuple(done), stopped)
    raise AssertionError("rounds end when nothing is removed")


def _dominated(
    game: LinkedGame, left: Mapping[int, Left], restricted: frozenset[int], deadline: float | None
) -> Iterator[tuple[int, Table, list[list[Fraction]]]]:
    """Agents, dominated lie tables and what dominates them, against everything that is left."""
    for i in game.active:
        test = _Test(game, i, left, restricted)
        for tables in left[i].values():
            for table in tables:
                if deadline is not None and time.monotonic() > deadline:
                    raise LimitReached("time limit")
                better = test.dominating(table)
                if better is not None:
                    yield i, table, better


def _everything(game: LinkedGame, i: int) -> Left:
    """All lie tables of an agent."""
    found: dict[Histogram, tuple[Table, ...]] = {}
    count = 0
    for histogram in map(tuple, game.histogram_law(i).histograms.tolist()):
        tables = tuple(itertools.islice(all_lie_tables(game.budgets[i], histogram), MAX_TABLES + 1))
        found[histogram] = tables
        count += len(tables)
        if count > MAX_TABLES:
            raise SizeError(
                f"agent {game.problem.agents[i].name!r} has more than {MAX_TABLES:,} lie tables to be looked at for "
                "dominance; fewer copies (-k) help"
            )
    return found


def _table(vector: Vector, message: Vector, types: int) -> Table:
    cells = [[0] * types for _ in range(types)]
    for u, v in zip(vector, message, strict=True):
        cells[u][v] += 1
    return tuple(map(tuple, cells))


def _cells(table: Table) -> list[tuple[int, int, int]]:
    """True type, announced type and count of the cells of a lie table."""
    return [(u, v, c) for u, row in enumerate(table) for v, c in enumerate(row) if c]


def _elimination(number: int, i: int, table: Table, better: Sequence[Sequence[Fraction]]) -> Elimination:
    """The elimination of a table at its first type vector and message."""
    vector, message, marginals = [], [], []
    for (u, v, c), row in zip(_cells(table), better, strict=True):
        vector += [u] * c
        message += [v] * c
        marginals += [tuple(row)] * c
    return Elimination(number, i, tuple(vector), tuple(message), tuple(marginals))


class _Test:
    """Dominance tests of one agent in one round."""

    def __init__(self, game: LinkedGame, i: int, left: Mapping[int, Left], restricted: frozenset[int]) -> None:
        self.budget = game.budgets[i]
        tensor = np.moveaxis(game.active_values[i][0], game.active.index(i) + 1, 1)
        self.worth = tensor.reshape(*tensor.shape[:2], -1)  # true type, announced, what the others announce
        self.opponents = Opponents(game, i, left, restricted - {i})

    def dominating(self, table: Table) -> list[list[Fraction]] | None:
        """A mixture y[cell, v] that strictly dominates a lie table; None if there is none."""
        game = _CellGame(self, _cells(table))
        pure = self._pure(game.cells)
        if pure is not None:
            verdict = game.try_pure(pure)
            if verdict is not None:
                return verdict or None
        return game.by_program()

    def _pure(self, cells: Sequence[tuple[int, int, int]]) -> list[Table] | None:
        """What may be announced in the cells, as integer tables; None if these are too many."""
        counts = [c for _, _, c in cells]
        tables = itertools.chain.from_iterable(integer_tables(counts, h) for h in self.budget.histograms())
        found = list(itertools.islice(tables, MAX_PURE + 1))
        return found if len(found) <= MAX_PURE else None


class _CellGame:
    """One lie table against everything that the others have left.

    ``gains[h][a, cell * m + v]`` is what announcing v in the cell, instead of what the table says, gains in the case
    that the others announce `a`, where their types are those of the joint histogram h.
    """

    def __init__(self, test: _Test, cells: Sequence[tuple[int, int, int]]) -> None:
        self.cells = cells
        self.budget = test.budget
        self.types = test.worth.shape[1]
        self.weights: list[int] = []
        self.gains: list[Integers] = []
        for weight, announced in test.opponents.cases(tuple(c for _, _, c in cells)):
            counts = announced.reshape(len(announced), len(cells), -1)
            parts = []
            for k, (u, v, _) in enumerate(cells):
                change = test.worth[u] - test.worth[u][v]
                parts.append(_product(counts[:, k], change.T))
            self.weights.append(weight)
            self.gains.append(_distinct(np.concatenate(parts, axis=1)))

    def try_pure(self, tables: Sequence[Table]) -> list[list[Fraction]] | None:
        """Try pure announcements only.

        Returns
        -------
        list or None
            A dominating one as y[cell, v]; empty if the table is a best reply to something, hence not dominated;
            None if neither is known.
        """
        lots = math.lcm(*(c for _, _, c in self.cells))
        pure = np.array(
            [[x * (lots // c) for (_, _, c), row in zip(self.cells, t, strict=True) for x in row] for t in tables],
            dtype=object,
        )
        per_case = [_product(pure, g.T).astype(object) for g in self.gains]

        def total(parts: Iterable[Integers]) -> list[int]:
            """Per table, the sum over the joint histograms with their weights."""
            return list(np.sum([w * part for w, part in zip(self.weights, parts, strict=True)], axis=0))

        secured = total(gains.min(axis=1) for gains in per_case)
        best = secured.index(max(secured))
        if secured[best] > 0:
            return self._matrix([Fraction(int(x), lots) for x in pure[best]])
        if len(per_case) == 1 and min(per_case[0].max(axis=0)) <= 0:  # a best reply to one of the cases
            return []
        size = math.lcm(*(gains.shape[1] for gains in per_case))
        uniform = total(gains.sum(axis=1) * (size // gains.shape[1]) for gains in per_case)
        worst = total(gains[:, int(np.argmin(gains[best]))] for gains in per_case)
        return [] if min(max(uniform), max(worst)) <= 0 else None

    def by_program(self) -> list[list[Fraction]] | None:
        """Largest gain that a mixture secures, by a linear program to which the worst cases are added one by one."""
        y = [Fraction(1, self.types)] * (len(self.cells) * self.types)  # need not keep to the budget
        rows: dict[tuple[int, int], None] = {}
        for number in itertools.count():
            secured = Fraction(0)
            for h, gains in enumerate(self.gains):
                values = [sum((p * int(g) for p, g in zip(y, row, strict=True) if p), Fraction(0)) for row in gains]
                secured += self.weights[h] * min(values)
                rows[h, values.index(min(values))] = None
            if secured > 0 and number:
                return self._matrix(y)
            value, y = self._solve(list(rows))
            if value <= 0:
                return None
        raise AssertionError("there are finitely many cases to add")

    def _solve(self, rows: Sequence[tuple[int, int]]) -> tuple[Fraction, list[Fraction]]:
        """Largest Σ weight_h z_h over mixtures y, where z_h is the least gain over some of the cases of h."""
        width = len(self.cells) * self.types
        A_ub: list[dict[int, int]] = []
        for h, a in rows:
            row = {k: -int(g) for k, g in enumerate(self.gains[h][a]) if g}
            row[width + h] = 1
            A_ub.append(row)
        b_ub = [0] * len(A_ub)
        A_eq = [dict.fromkeys(range(k * self.types, (k + 1) * self.types), 1) for k in range(len(self.cells))]
        b_eq = [1] * len(self.cells)
        for group in self.budget.groups:
            row = {k * self.types + v: c for k, (_, _, c) in enumerate(self.cells) for v in group.members}
            if group.least == group.most:
                A_eq.append(row)
                b_eq.append(group.most)
            else:
                A_ub += [row, {k: -x for k, x in row.items()}]
                b_ub += [group.most, -group.least]
        solution = solve_lp(
            [*[0] * width, *self.weights],
            A_ub=A_ub,
            b_ub=b_ub,
            A_eq=A_eq,
            b_eq=b_eq,
            free=range(width, width + len(self.weights)),
            maximise=True,
        )
        assert solution.value is not None
        return solution.value, list(solution.x[:width])

    def _matrix(self, flat: Sequence[Fraction]) -> list[list[Fraction]]:
        return [list(flat[k * self.types : (k + 1) * self.types]) for k in range(len(self.cells))]


def _product(left: Integers, right: Integers) -> Integers:
    """Matrix product of integers, on machine words where the largest possible sum fits."""
    largest = [int(np.abs(side).max(initial=0)) for side in (left, right)]
    dtype: type = np.int64 if largest[0] * largest[1] * max(len(right), 1) < 2**62 else object
    product: Integers = left.astype(dtype) @ right.astype(dtype)
    return product


def _distinct(rows: Integers) -> Integers:
    """The distinct rows, in the order in which they appear."""
    found = dict.fromkeys(map(tuple, rows.tolist()))
    return np.array(list(found), dtype=rows.dtype).reshape(len(found), rows.shape[1])
