"""Taking turns: agents pick K items one after the other, as in a draft (Jackson and Sonnenschein 2003, Example 2).

*Sincere* play picks the item that is worth most to oneself among those that are left, ties broken evenly. Types are
independent across agents and items, and what the others took tells nothing about which of the items that are left they
like better: all of these were there at each of their picks. So whatever an agent does, the others take each item that
is left with the same probability, and all that matters to an agent is how many items of each value are left to it.
That makes sincere payoffs exact at any number of items, and it makes the best reply to sincere others a small dynamic
program, whatever the reply may depend on: the *regret* of sincere play under incomplete information is exact.

*Foresighted* play is subgame perfect where everybody knows all values, by backward induction on the items that are
left, at every profile of values; indifferent agents mix evenly over their best picks. It is no equilibrium of the game
in which values are private: that one is not solved here.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from eqsolve.budget import compositions, multinomial
from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError
from eqsolve.exact.rational import in_words, to_integers
from eqsolve.problem import DecisionProblem

ROUND_ROBIN = "round robin"
SNAKE = "snake"
ORDERS = (ROUND_ROBIN, SNAKE)
PLAYS = ("sincere", "foresighted")
TIES = ("uniform", "first")
MAX_STATES = 1_500_000
MAX_PROFILES = 300_000

Counts = tuple[int, ...]
"""How many items of each value, or of each profile of values, are left."""
Order = tuple[int, ...]
"""Who picks, one agent per item."""


@dataclass(frozen=True, eq=False)
class TakingTurns:
    """What taking turns comes to.

    Parameters
    ----------
    problem : DecisionProblem
    copies : int
        K, the number of items.
    order : str
        ``round robin`` or ``snake`` with the agents in random order, or the agents' names in the order given.
    play : {"sincere", "foresighted"}
    payoffs : tuple of Fraction
        Per item, ex ante.
    regret : Fraction or None
        Largest gain per item, at any values of an agent's own, from the best reply to sincere others whose values are
        private; 0 if sincere play is a Bayesian equilibrium. None where it was not computed.
    """

    problem: DecisionProblem
    copies: int
    order: str
    play: str
    payoffs: tuple[Fraction, ...]
    regret: Fraction | None = None


def taking_turns(
    problem: DecisionProblem,
    copies: int,
    order: str | Sequence[str] = ROUND_ROBIN,
    play: str = "sincere",
    *,
    ties: str = "uniform",
    deadline: float | None = None,
) -> TakingTurns:
    """Payoffs when agents pick items in turn.

    Parameters
    ----------
    problem : DecisionProblem
        One item: every decision that is worth something gives it to a single agent.
    copies : int
        Number of items; values are independent across items.
    order : {"round robin", "snake"} or sequence of agents' names
        Rounds in the same order, or there and back again, with the agents in an order that is drawn at random; or who
        picks when, one name per item.
    play : {"sincere", "foresighted"}
    ties : {"uniform", "first"}
        Sincere play among items of equal value: evenly, or the first one in the order of the items. With the latter all
        profiles of values are listed, and no regret is computed.
    deadline : float, optional
        Of `time.monotonic`.

    Raises
    ------
    ModelError
        For an unknown order, play or way to break ties.
    NotSupported
        If decisions do not give an item to a single agent.
    SizeError
        If there are too many items; the message has the numbers.
    LimitReached
        After the deadline.
    """
    if not isinstance(copies, int) or isinstance(copies, bool) or copies < 1:
        raise ModelError(f"copies: found {copies!r}, expected a whole number, at least 1")
    if play not in PLAYS or ties not in TIES:
        raise ModelError(f"found play {play!r} and ties {ties!r}, expected one of {PLAYS} and one of {TIES}")
    items = _Items(problem, copies, deadline)
    orders = list(_orders(problem, copies, order))
    shared = isinstance(order, str) and items.alike  # who comes first is drawn: everybody gets the mean of all places
    orders = orders[:1] if shared else orders
    name = order if isinstance(order, str) else ", ".join(order)
    regret = None
    if play == "foresighted":
        found = [items.foresighted(o) for o in orders]
    elif ties == "first":
        found = [items.listed(o) for o in orders]
    else:
        found = [tuple(items.sincere(i, o) for i in range(problem.n)) for o in orders]
        regret = max(items.regret(i, o) for i in range(problem.n) for o in orders)
    payoffs = tuple(sum(column, Fraction(0)) / (len(orders) * copies) for column in zip(*found, strict=True))
    if shared:
        payoffs = (sum(payoffs, Fraction(0)) / problem.n,) * problem.n
    return TakingTurns(problem, copies, name, play, payoffs, None if regret is None else regret / copies)


def _orders(problem: DecisionProblem, copies: int, order: str | Sequence[str]) -> Iterator[Order]:
    """Equally likely orders of picks."""
    if not isinstance(order, str):
        if len(order) != copies:
            raise ModelError(f"order: found {len(order)} picks, expected {copies}, one per item")
        yield tuple(problem.agent_index(name) for name in order)
        return
    if order not in ORDERS:
        raise ModelError(f"order: found {order!r}, expected {ROUND_ROBIN!r}, {SNAKE!r} or agents' names")
    if problem.n > 6:
        raise SizeError(
            f"{problem.n} agents can be ordered in {math.factorial(problem.n):,} ways, at most 720 are tried"
        )
    for first in itertools.permutations(range(problem.n)):
        rounds = itertools.cycle((first, first[::-1] if order == SNAKE else first))
        yield tuple(itertools.islice(itertools.chain.from_iterable(rounds), copies))


class _Items:
    """K items: what they are worth to whom, and what becomes of them."""

    def __init__(self, problem: DecisionProblem, copies: int, deadline: float | None) -> None:
        self.problem, self.copies, self.deadline = problem, copies, deadline
        self.values, self.chances = zip(*(_values(problem, i) for i in range(problem.n)), strict=True)
        self._sincere: dict[tuple[int, tuple[bool, ...], bool], dict[Counts, Fraction]] = {}

    @property
    def alike(self) -> bool:
        """Whether all agents have the same values with the same probabilities."""
        return len(set(zip(self.values, self.chances, strict=True))) == 1

    def _look_at_the_time(self) -> None:
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise LimitReached("time limit")

    # Sincere play: an agent's own items

    def sincere(self, i: int, order: Order) -> Fraction:
        """Mean value of what agent i gets, summed over items, if everybody picks sincerely."""
        worth = self._own(i, order, best=False)
        chances = self.chances[i]
        return sum(
            (
                multinomial(counts)
                * math.prod((p**c for p, c in zip(chances, counts, strict=True)), start=Fraction(1))
                * x
                for counts, x in worth.items()
            ),
            Fraction(0),
        )

    def regret(self, i: int, order: Order) -> Fraction:
        """Largest gain of agent i, at any values of its own, from the best reply to sincere others."""
        honest, best = (self._own(i, order, best=b) for b in (False, True))
        return max(best[counts] - honest[counts] for counts in honest)

    def _own(self, i: int, order: Order, best: bool) -> dict[Counts, Fraction]:
        """By how many items of each value there are: what agent i gets, sincerely or at best."""
        mine = tuple(j == i for j in order)
        key = (i, mine, best)
        if key not in self._sincere:
            values = self.values[i]
            size = math.comb(self.copies + len(values), len(values))
            if size > MAX_STATES:
                raise SizeError(
                    f"{self.copies} items of {len(values)} values leave {in_words(size)} possibilities, at most "
                    f"{MAX_STATES:,}; fewer items help"
                )
            following: dict[Counts, Fraction] = {(0,) * len(values): Fraction(0)}
            for left in range(1, self.copies + 1):
                self._look_at_the_time()
                picks = mine[self.copies - left]
                following = {
                    counts: _one_pick(counts, left, values, following, picks, best)
                    for counts in compositions(left, len(values))
                }
            self._sincere[key] = following
        return self._sincere[key]

    # All values, item by item

    def listed(self, order: Order) -> tuple[Fraction, ...]:
        """Mean values of what the agents get where ties go to the first item: every profile of values is played."""
        size = math.prod(len(v) for v in self.values) ** self.copies
        if size > MAX_PROFILES:
            raise SizeError(
                f"{in_words(size)} profiles of values, at most {MAX_PROFILES:,} are listed; fewer items help"
            )
        totals = [Fraction(0)] * self.problem.n
        for profile in itertools.product(self._kinds, repeat=self.copies):
            self._look_at_the_time()
            left = list(profile)
            chance = math.prod((self._chance[kind] for kind in profile), start=Fraction(1))
            for i in order:
                taken = max(left, key=lambda kind: self.values[i][kind[i]])  # the first one of equals
                left.remove(taken)
                totals[i] += chance * self.values[i][taken[i]]
        return tuple(totals)

    @cached_property
    def _kinds(self) -> list[tuple[int, ...]]:
        """Profiles of values that an item may have."""
        return list(itertools.product(*(range(len(v)) for v in self.values)))

    @cached_property
    def _chance(self) -> dict[tuple[int, ...], Fraction]:
        return {
            kind: math.prod((p[v] for p, v in zip(self.chances, kind, strict=True)), start=Fraction(1))
            for kind in self._kinds
        }

    # Foresighted play

    def foresighted(self, order: Order) -> tuple[Fraction, ...]:
        """Mean values of what the agents get in subgame perfect play where everybody knows all values."""
        kinds, n = self._kinds, self.problem.n
        states = math.comb(self.copies + len(kinds), len(kinds))
        if states > MAX_STATES:
            raise SizeError(
                f"{self.copies} items with {len(kinds)} profiles of values leave {in_words(states)} possibilities, at "
                f"most {MAX_STATES:,}; fewer items help"
            )
        flat, unit = to_integers([v for values in self.values for v in values])
        ends = itertools.accumulate(len(v) for v in self.values)
        whole = [flat[end - len(v) : end] for end, v in zip(ends, self.values, strict=True)]
        # Every averaging over at most K best items divides by at most K: integers stay integers.
        base = math.lcm(*range(1, self.copies + 1)) ** self.copies
        worth = [[base * whole[i][kind[i]] for kind in kinds] for i in range(n)]
        known: dict[tuple[int, ...], tuple[int, ...]] = {(): (0,) * n}
        for left in range(1, self.copies + 1):
            i = order[self.copies - left]
            following, known = known, {}
            for step, items in enumerate(itertools.combinations_with_replacement(range(len(kinds)), left)):
                if step % 1000 == 0:
                    self._look_at_the_time()
                known[items] = _best_picks(items, i, worth, following)
        totals = [Fraction(0)] * n
        for items, got in known.items():
            chance = _arrangements(items) * math.prod((self._chance[kinds[k]] for k in items), start=Fraction(1))
            for j in range(n):
                totals[j] += chance * got[j]
        return tuple(total / (base * unit) for total in totals)


def _values(problem: DecisionProblem, i: int) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
    """What an item is worth to agent i, from the least to the most, with the probabilities."""
    own = _own_decision(problem, i)
    law: dict[Fraction, Fraction] = {}
    for u, kind in enumerate(problem.agents[i].types):
        if kind.prob:
            worth = Fraction(0) if own is None else problem.utility(i, u)[own]
            law[worth] = law.get(worth, Fraction(0)) + kind.prob
    values = sorted(law)
    return tuple(values), tuple(law[v] for v in values)


def _own_decision(problem: DecisionProblem, i: int) -> int | None:
    """The decision that gives the item to agent i; None if nothing is worth anything to it."""
    worth = [
        {d for a, kind in enumerate(agent.types) if kind.prob for d, w in enumerate(problem.utility(j, a)) if w}
        for j, agent in enumerate(problem.agents)
    ]
    others = set().union(*(w for j, w in enumerate(worth) if j != i))
    if len(worth[i]) > 1 or worth[i] & others:
        raise NotSupported(
            f"taking turns: agent {problem.agents[i].name!r} cares about decisions besides getting the item itself; "
            "every decision that is worth something must give the item to a single agent"
        )
    return next(iter(worth[i]), None)


def _one_pick(
    counts: Counts, left: int, values: Sequence[Fraction], following: dict[Counts, Fraction], picks: bool, best: bool
) -> Fraction:
    """What is to come for an agent when somebody picks: it does, or another takes any item with equal chances."""
    after = [(v, c, following[(*counts[:v], c - 1, *counts[v + 1 :])]) for v, c in enumerate(counts) if c]
    if not picks:
        return sum((c * x for _, c, x in after), Fraction(0)) / left
    if best:
        return max(values[v] + x for v, _, x in after)
    v, _, x = after[-1]
    return values[v] + x


def _best_picks(
    items: tuple[int, ...], i: int, worth: Sequence[Sequence[int]], known: dict[tuple[int, ...], tuple[int, ...]]
) -> tuple[int, ...]:
    """What everybody gets from here on when agent i picks what is best for it, evenly among equals."""
    found: list[tuple[int, ...]] = []
    most = None
    for k, item in enumerate(items):
        rest = known[items[:k] + items[k + 1 :]]
        total = rest[i] + worth[i][item]
        if most is None or total > most:
            most, found = total, []
        if total == most:
            found.append((*rest[:i], total, *rest[i + 1 :]))
    if len(found) == 1:
        return found[0]
    return tuple(sum(column) // len(found) for column in zip(*found, strict=True))


def _arrangements(items: tuple[int, ...]) -> int:
    """In how many orders items of these kinds may lie."""
    return multinomial([len(list(group)) for _, group in itertools.groupby(items)])
