"""How the messages of a player compare: linear functions of what the other player announces.

In a two-player Bayesian game the interim gain of action a over action b at type t is linear in the law of the other
player's actions. Many of these functions are positive multiples of each other (in a linked game the gain from
exchanging what is announced on two problems is the same at many type vectors), so few of them decide everything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eqsolve.engines.bayesian import Actions, BayesianGame, Integers
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words

MAX_ENTRIES = 60_000_000
Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Pair = tuple[int, int, int, int]
"""Type, better action, worse action (where the function is positive), and what the function is multiplied by."""


@dataclass(frozen=True, eq=False)
class Comparisons:
    """The comparisons that one player makes.

    Parameters
    ----------
    payoffs : integer array (T, M, N)
        Payoff at type t of own action a against action b of the other player.
    weights : tuple of T ints
        Probabilities of the types times their sum.
    vectors : list of C tuples of N ints
        Functions of the other player's law, primitive, first non-zero entry positive, all different.
    pairs : list of C lists of Pair
        Who is compared by each of them; by type, then by the lower and the higher action.
    alive : boolean array (T, M)
        What is compared: the actions that any equilibrium may play.
    """

    payoffs: Integers
    weights: tuple[int, ...]
    vectors: list[tuple[int, ...]]
    pairs: list[list[Pair]]
    alive: Booleans

    @classmethod
    def of(cls, game: BayesianGame, player: int, left: Actions) -> Comparisons:
        """List all comparisons of a player with the actions that are left; of what has gone only as what is better.

        Raises
        ------
        SizeError
            If they would be too many to list.
        """
        payoffs = game.payoffs[player] if player == 0 else game.payoffs[player].transpose(0, 2, 1)
        types, actions, others = payoffs.shape
        alive = np.zeros((types, actions), dtype=bool)
        for t, open_ in enumerate(left):
            alive[t, list(open_)] = True
        entries = int((alive.sum(axis=1) * (actions - 1)).sum()) * others
        if entries > MAX_ENTRIES:
            raise SizeError(
                f"the comparisons of all messages at all type vectors have {in_words(entries)} entries, at most "
                f"{MAX_ENTRIES:,} are looked at; fewer copies (-k) help"
            )
        index: dict[tuple[int, ...], int] = {}
        pairs: list[list[Pair]] = []
        for t in range(types):
            for a in range(actions):
                rivals = np.nonzero(alive[t, a + 1 :] | alive[t, a])[0] + a + 1
                for b, gains in zip(rivals.tolist(), (payoffs[t, a] - payoffs[t, rivals]).tolist(), strict=True):
                    multiple = math.gcd(*gains)
                    if multiple:
                        sign, vector = primitive(gains, multiple)
                        c = index.setdefault(vector, len(pairs))
                        if c == len(pairs):
                            pairs.append([])
                        pairs[c].append((t, a, b, multiple) if sign > 0 else (t, b, a, multiple))
        return cls(payoffs, game.weights[player], list(index), pairs, alive)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of types, own actions and actions of the other player."""
        types, actions, others = self.payoffs.shape
        return types, actions, others

    @cached_property
    def total(self) -> int:
        """Sum of the weights."""
        return sum(self.weights)

    @cached_property
    def prior(self) -> Floats:
        """Probabilities of the types."""
        return np.array([w / self.total for w in self.weights])

    @cached_property
    def unit(self) -> int:
        """Size of the largest payoff; at least 1."""
        return max(1, *(abs(int(x)) for x in (self.payoffs.max(), self.payoffs.min())))

    @property
    def sums(self) -> type:
        """Kind of number in which payoffs times weights can be summed exactly."""
        return np.int64 if self.unit * self.total < 2**62 else object

    @cached_property
    def scaled(self) -> Floats:
        """Payoffs divided by `unit`."""
        return np.asarray(self.payoffs / self.unit, dtype=np.float64)

    @cached_property
    def index(self) -> dict[tuple[int, ...], int]:
        """Position of each function."""
        return {vector: c for c, vector in enumerate(self.vectors)}

    @cached_property
    def table(self) -> Integers:
        """The functions as an array (C, N): floats where they are small integers, else integers of any size."""
        small = max((abs(x) for vector in self.vectors for x in vector), default=0) < 2**20
        table = np.empty((len(self.vectors), self.shape[2]), dtype=np.float64 if small else object)
        for c, vector in enumerate(self.vectors):
            table[c] = vector
        return table

    @cached_property
    def norms(self) -> Floats:
        """Largest entry of each function."""
        return np.array([float(max(map(abs, vector))) for vector in self.vectors])

    @cached_property
    def normed(self) -> Floats:
        """The functions divided by their largest entries, shape (C, N)."""
        rows = self.table.astype(np.float64).reshape(len(self.vectors), self.shape[2])
        return np.asarray(rows / self.norms[:, None])

    @cached_property
    def flat(self) -> tuple[npt.NDArray[np.int64], Floats]:
        """All pairs: rows (comparison, type, better, worse), and gains per unit of the normed function."""
        rows = [(c, t, a, b) for c, pairs in enumerate(self.pairs) for t, a, b, _ in pairs]
        gains = [g * self.norms[c] / self.unit for c, pairs in enumerate(self.pairs) for *_, g in pairs]
        return np.array(rows, dtype=np.int64).reshape(len(rows), 4).T, np.array(gains, dtype=np.float64)

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """Where the pairs of each comparison begin in `flat`."""
        return np.cumsum([0, *(len(pairs) for pairs in self.pairs[:-1])]).astype(np.int64)

    @cached_property
    def losers(self) -> list[tuple[tuple[Integers, Integers], tuple[Integers, Integers]]]:
        """Per comparison the types and actions that lose where it is positive, and where it is negative."""
        found = []
        for pairs in self.pairs:
            rows = np.array(pairs, dtype=np.int64).reshape(len(pairs), 4)
            found.append(((rows[:, 0], rows[:, 2]), (rows[:, 0], rows[:, 1])))
        return found


def primitive(values: list[int] | tuple[int, ...], divisor: int | None = None) -> tuple[int, tuple[int, ...]]:
    """Sign and primitive form of a vector that is not 0: coprime entries, the first one that is not 0 positive."""
    divisor = divisor or math.gcd(*values)
    sign = 1 if next(x for x in values if x) > 0 else -1
    return sign, tuple(x // divisor * sign for x in values)
