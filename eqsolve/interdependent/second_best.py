"""Second best: the largest expected welfare of an incentive compatible mechanism, by exact linear programs.

Only how a signal moves its owner's values (incentives) and the sum of values (welfare) counts: what the others' signals
do to an agent's value depends on its report alone and is made up for by transfers. Signals that agree in both are
merged, which loses nothing, as incentives and welfare are linear in the rule. Where all effects of an agent's signals
on its values are multiples of one vector g, z(s) g (always with two alternatives, and with one-dimensional signals),
incentive compatibility means that the expectation of g never falls as z rises, and transfers drop out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.engines.lp import solve_lp
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words
from eqsolve.interdependent.efficient import TabulatedRule, efficient_rule
from eqsolve.interdependent.model import ZERO, InterdependentModel, Vector, dot
from eqsolve.interdependent.multipliers import Ask, Lying, Step, lie_multipliers, on_signals
from eqsolve.interdependent.support import BAYESIAN, EX_POST, INCENTIVES, support

MAX_VARIABLES = 50_000
MAX_ROWS = 100_000
MAX_NONZEROS = 2_000_000

Row = dict[int, Fraction]


@dataclass(frozen=True)
class Kinds:
    """The signals of an agent, merged where incentives and welfare cannot tell them apart.

    Parameters
    ----------
    private, social : tuples of T' tuples of K Fractions
        What signals of a kind add to the agent's own value and to the sum of values, less what they add to those of the
        first alternative (for `social` the first entry is kept).
    probs : tuple of T' Fractions
    kind : tuple of ints or None
        The kind of each signal of the agent; None for signals that were left out.
    """

    private: tuple[Vector, ...]
    social: tuple[Vector, ...]
    probs: Vector
    kind: tuple[int | None, ...]

    def line(self) -> tuple[Vector, Vector] | None:
        """Numbers z per kind and g per alternative with private = z g, but for what all alternatives have; or None."""
        g = next((row for row in self.private if any(row)), None)
        if g is None:
            return (ZERO,) * len(self.private), (ZERO,) * len(self.private[0])
        pivot = next(k for k, x in enumerate(g) if x)
        unit = tuple(x / g[pivot] for x in g)
        z = tuple(row[pivot] for row in self.private)
        fits = all(x == t * y for row, t in zip(self.private, z, strict=True) for x, y in zip(row, unit, strict=True))
        return (z, unit) if fits else None


@dataclass(frozen=True, eq=False)
class SecondBest:
    """The best incentive compatible rule.

    Parameters
    ----------
    model : InterdependentModel
    incentives : {"bayesian", "ex-post"}
    welfare : Fraction
        Largest expected sum of values, transfers left aside.
    first_best : Fraction
        The same without incentive constraints.
    lotteries : dict from profiles of kinds to K Fractions
        Empty if the efficient rule itself is the best one.
    kinds : tuple of Kinds
    variables, rows : int
        Size of the linear program; 0 where none was needed.
    efficient : TabulatedRule or None
        The efficient rule, if transfers support it.
    multipliers : dict from (agent, others' signals or None, true signal, told signal) to Fractions
        What proves that no rule does better: each is at least 0, those that enter and leave a signal are equal, and
        with them nothing above `welfare` is left of the welfare plus what lies lose. Empty if none are needed.
    """

    model: InterdependentModel
    incentives: str
    welfare: Fraction
    first_best: Fraction
    lotteries: Mapping[tuple[int, ...], Vector]
    kinds: tuple[Kinds, ...]
    variables: int
    rows: int
    efficient: TabulatedRule | None = None
    multipliers: Mapping[Lying, Fraction] = field(default_factory=dict)

    @property
    def loss(self) -> Fraction:
        """What incentives cost: first best less second best."""
        return self.first_best - self.welfare

    def lottery(self, profile: Sequence[int]) -> Vector | None:
        """Probabilities of the alternatives at a profile of signals; None at one that was left out."""
        if self.efficient is not None:
            return self.efficient.lottery(tuple(profile))
        kinds = [k.kind[s] for k, s in zip(self.kinds, profile, strict=True)]
        return None if None in kinds else self.lotteries[tuple(k for k in kinds if k is not None)]


def second_best(model: InterdependentModel, incentives: str = BAYESIAN) -> SecondBest:
    """Largest expected welfare of an incentive compatible mechanism on the grid, exactly.

    Parameters
    ----------
    model : InterdependentModel
        Ties play no part.
    incentives : {"bayesian", "ex-post"}
        As in `eqsolve.interdependent.support.support`.

    Returns
    -------
    SecondBest
        The efficient rule if transfers support it. Else the solution of a linear program, proved to be optimal by
        multipliers, see `best_by_program`.

    Raises
    ------
    SizeError
        If the program has more than `MAX_VARIABLES` variables, `MAX_ROWS` rows or `MAX_NONZEROS` entries.
    """
    rule = efficient_rule(model)
    if support(rule, incentives).exists:
        return SecondBest(model, incentives, rule.welfare, rule.welfare, {}, (), 0, 0, rule)
    return best_by_program(model, incentives)


def best_by_program(model: InterdependentModel, incentives: str = BAYESIAN) -> SecondBest:
    """The same by an exact linear program (`eqsolve.engines.lp.solve_lp`), whatever supports it."""
    if incentives not in INCENTIVES:
        raise ValueError(f"incentives: found {incentives!r}, expected {' or '.join(INCENTIVES)}")
    kinds = tuple(_merged(model, i, drop=incentives == BAYESIAN) for i in range(len(model.agents)))
    program = _Program(model, kinds, incentives)
    program.check_size()
    program.build()
    solution = solve_lp(
        program.objective(),
        program.upper,
        [ZERO] * len(program.upper),
        program.equal,
        program.sides,
        free=range(program.lotteries, program.variables),
        maximise=True,
    )
    assert solution.value is not None  # any constant rule is incentive compatible
    options = len(model.alternatives)
    lotteries = {profile: solution.x[n * options : (n + 1) * options] for n, profile in enumerate(program.profiles)}
    first = sum((p * max(w) for p, w in program.weighted()), ZERO)
    rows = len(program.upper) + len(program.equal)
    lying = on_signals(lie_multipliers(program.asks, program.steps, solution.dual_ub), [k.kind for k in kinds], model)
    return SecondBest(
        model, incentives, solution.value, first, lotteries, kinds, program.variables, rows, multipliers=lying
    )


def _merged(model: InterdependentModel, i: int, drop: bool) -> Kinds:
    """Kinds of signals of agent i; those of probability 0 are left out if `drop`."""
    agent, private, social = model.agents[i], model.private(i), model.social(i)
    places: dict[tuple[Vector, Vector], int] = {}
    probs: list[Fraction] = []
    kind: list[int | None] = []
    for signal, p in zip(agent.signals, agent.probs, strict=True):
        if drop and not p:
            kind.append(None)
            continue
        own = [dot(row, signal) for row in private]
        key = tuple(x - own[0] for x in own), tuple(dot(row, signal) for row in social)
        n = places.setdefault(key, len(places))
        if n == len(probs):
            probs.append(ZERO)
        probs[n] += p
        kind.append(n)
    return Kinds(tuple(a for a, _ in places), tuple(b for _, b in places), tuple(probs), tuple(kind))


class _Program:
    """The linear program: lotteries at all profiles of kinds first, then variables without a sign."""

    def __init__(self, model: InterdependentModel, kinds: tuple[Kinds, ...], incentives: str) -> None:
        self.model, self.kinds, self.incentives = model, kinds, incentives
        self.options = len(model.alternatives)
        self.shape = [len(k.probs) for k in kinds]
        self.lotteries = self.variables = math.prod(self.shape) * self.options
        self.upper: list[Row] = []
        self.equal: list[Row] = []
        self.sides: list[Fraction] = []
        self.asks: list[Ask] = []
        self.steps: list[Step] = []

    def check_size(self) -> None:
        """Refuse a program that would be too large, before it is built."""
        profiles = math.prod(self.shape)
        variables, rows, nonzeros = self.lotteries, profiles, self.lotteries
        for size, kinds in zip(self.shape, self.kinds, strict=True):
            graphs = profiles // size if self.incentives == EX_POST else 1
            if kinds.line() is None:
                variables += size * (self.options + 1) * graphs
                rows += size * (size - 1 + self.options) * graphs
                nonzeros += size * (size - 1) * (2 * self.options + 2) * graphs + self.lotteries
            else:
                variables += 2 * size * graphs
                rows += 2 * size * graphs
                nonzeros += self.lotteries + 4 * size * graphs
        for found, most, what in (
            (variables, MAX_VARIABLES, "variables"),
            (rows, MAX_ROWS, "rows"),
            (nonzeros, MAX_NONZEROS, "entries"),
        ):
            if found > most:
                raise SizeError(
                    f"second best: a linear program of {in_words(found)} {what}, at most {most:,}; "
                    "take a coarser grid (--points)"
                )

    def build(self) -> None:
        """Fill in all rows."""
        self.profiles = list(itertools.product(*map(range, self.shape)))
        self.place = {profile: n for n, profile in enumerate(self.profiles)}
        for n in range(len(self.profiles)):
            self.equal.append({n * self.options + k: Fraction(1) for k in range(self.options)})
            self.sides.append(Fraction(1))
        for i in range(len(self.kinds)):
            for situations in self._situations(i):
                self._incentives(i, situations)

    def objective(self) -> list[Fraction]:
        """Expected welfare."""
        return [p * x for p, w in self.weighted() for x in w] + [ZERO] * (self.variables - self.lotteries)

    def weighted(self) -> Iterator[tuple[Fraction, Vector]]:
        """Probability and sums of values at every profile of kinds."""
        constants = [sum((row[k] for row in self.model.constants), ZERO) for k in range(self.options)]
        for profile in self.profiles:
            p = math.prod((k.probs[t] for k, t in zip(self.kinds, profile, strict=True)), start=Fraction(1))
            parts = [kinds.social[t] for kinds, t in zip(self.kinds, profile, strict=True)]
            yield p, tuple(sum(column, start) for start, *column in zip(constants, *parts, strict=True))

    def _situations(self, i: int) -> Iterator[list[tuple[Fraction, tuple[int, ...]]]]:
        """What agent i may know of the others' kinds when it reports: lists of profiles with probabilities."""
        others = [j for j in range(len(self.kinds)) if j != i]
        rest = list(itertools.product(*(range(self.shape[j]) for j in others)))
        if self.incentives == EX_POST:
            yield from ([(Fraction(1), w)] for w in rest)
            return
        yield [
            (math.prod((self.kinds[j].probs[t] for j, t in zip(others, w, strict=True)), start=Fraction(1)), w)
            for w in rest
        ]

    def _incentives(self, i: int, situation: Sequence[tuple[Fraction, tuple[int, ...]]]) -> None:
        line, seen = self.kinds[i].line(), situation[0][1] if self.incentives == EX_POST else None
        if line is not None:
            z, g = line
            if any(g):
                levels = [self._defined(self._expected(i, t, situation, g)) for t in range(self.shape[i])]
                self._rising(i, seen, z, levels)
            return
        units = [[Fraction(int(k == o)) for k in range(self.options)] for o in range(self.options)]
        chances = [
            [self._defined(self._expected(i, t, situation, unit)) for unit in units[1:]] for t in range(self.shape[i])
        ]
        paid = [self._new() for _ in range(self.shape[i])]
        for true, told in itertools.permutations(range(self.shape[i]), 2):
            row: Row = {paid[told]: Fraction(1), paid[true]: Fraction(-1)}
            for k, worth in enumerate(self.kinds[i].private[true][1:]):
                if worth:
                    row[chances[told][k]], row[chances[true][k]] = worth, -worth
            self.asks.append(Ask(i, seen, true, told, len(self.upper)))
            self.upper.append(row)

    def _expected(
        self, i: int, t: int, situation: Sequence[tuple[Fraction, tuple[int, ...]]], worth: Sequence[Fraction]
    ) -> Row:
        """Expectation of `worth` of the alternative if agent i reports t."""
        row: Row = {}
        for p, rest in situation:
            n = self.place[(*rest[:i], t, *rest[i:])]
            row.update({n * self.options + k: p * x for k, x in enumerate(worth) if x})
        return row

    def _new(self) -> int:
        self.variables += 1
        return self.variables - 1

    def _defined(self, row: Row) -> int:
        """A variable without a sign that equals an expression."""
        if len(row) == 1 and set(row.values()) == {Fraction(1)}:
            return next(iter(row))
        new = self._new()
        self.equal.append({**row, new: Fraction(-1)})
        self.sides.append(ZERO)
        return new

    def _rising(self, i: int, seen: tuple[int, ...] | None, z: Vector, levels: Sequence[int]) -> None:
        """That levels of types with smaller z are not above those of types with greater z."""
        groups = [[t for t in range(len(z)) if z[t] == value] for value in sorted(set(z))]
        for low, high in itertools.pairwise(groups):
            gap = z[high[0]] - z[low[0]]
            if min(len(low), len(high)) == 1:
                for a, b in itertools.product(low, high):
                    row = len(self.upper)
                    self.upper.append({levels[a]: Fraction(1), levels[b]: Fraction(-1)})
                    self.steps.append(Step(i, seen, gap, ((a, row),), ((b, row),)))
                continue
            between, row = self._new(), len(self.upper)
            self.upper += [{levels[a]: Fraction(1), between: Fraction(-1)} for a in low]
            self.upper += [{between: Fraction(1), levels[b]: Fraction(-1)} for b in high]
            below = tuple((a, row + n) for n, a in enumerate(low))
            self.steps.append(Step(i, seen, gap, below, tuple((b, row + len(low) + n) for n, b in enumerate(high))))
