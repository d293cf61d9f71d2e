"""Social choice functions (rules): what should be decided at each announced type profile.

A rule f maps type profiles to lotteries over decisions. It is a table in the end, however it was described:
`Rule.lotteries` holds one lottery per profile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError, SizeError
from eqsolve.exact.rational import in_words, rational
from eqsolve.problem import DecisionProblem, Profile

Lottery = tuple[Fraction, ...]
"""Probability of each decision, in the order of the problem's decisions."""

MAX_PROFILES = 1_000_000


@dataclass(frozen=True, eq=False)
class Rule:
    """A social choice function as a table.

    Parameters
    ----------
    problem : DecisionProblem
    lotteries : mapping of Profile to Lottery
        One lottery for every profile of type indices.
    weights : tuple of Fraction, optional
        Weight of each agent in the rule's objective; None when the rule maximises nothing in particular.
    """

    problem: DecisionProblem
    lotteries: Mapping[Profile, Lottery]
    weights: tuple[Fraction, ...] | None = None

    @property
    def objective(self) -> tuple[Fraction, ...]:
        """Weights of welfare: the rule's own, or 1 for every agent."""
        return self.weights or (Fraction(1),) * self.problem.n

    def target(self) -> tuple[Fraction, ...]:
        """Ex ante payoff of every agent when the rule is applied to the truth."""
        total = [Fraction(0)] * self.problem.n
        for profile, lottery in self.lotteries.items():
            weight = self.problem.probability(profile)
            if weight:
                for i, u in enumerate(profile):
                    worth = self.problem.utility(i, u)
                    total[i] += weight * sum((p * w for p, w in zip(lottery, worth, strict=True)), Fraction(0))
        return tuple(total)


def utilitarian(problem: DecisionProblem, weights: Mapping[str, object] | None = None, ties: str = "uniform") -> Rule:
    """Rule that maximises the weighted sum of the announced utilities.

    Parameters
    ----------
    problem : DecisionProblem
    weights : mapping of agent name to number, optional
        Not negative, not all 0; an agent left out has weight 1.
    ties : {"uniform", "first"}
        All maximisers equally likely, or the first in the order of the decisions.

    Raises
    ------
    ModelError
        For negative weights, unknown agents or an unknown tie rule.

    Examples
    --------
    >>> import eqsolve as eq
    >>> two = (eq.Type("low", "1/2", {"yes": 1}), eq.Type("high", "1/2", {"yes": 3}))
    >>> three = (eq.Type("any", 1, {"no": 2}),)
    >>> problem = eq.DecisionProblem(("yes", "no"), (eq.Agent("Ann", two), eq.Agent("Bob", three)))
    >>> rule = eq.utilitarian(problem)
    >>> [[str(p) for p in rule.lotteries[profile]] for profile in problem.profiles()]
    [['0', '1'], ['1', '0']]
    """
    if ties not in ("uniform", "first"):
        raise ModelError(f'rule.ties: found {ties!r}, expected "uniform" or "first"')
    weight = [Fraction(1)] * problem.n
    for name, value in (weights or {}).items():
        try:
            i = problem.agent_index(name)
        except ModelError as error:
            raise ModelError(f"rule.weights: {error}") from None
        weight[i] = _number(value, f"rule.weights.{name}")
    if min(weight) < 0 or not any(weight):
        raise ModelError(
            "rule.weights: found a negative weight or only zeros, expected weights of at least 0, one above"
        )
    _check_size(problem)
    worth = [
        [[w * x for x in problem.utility(i, u)] for u in range(size)]
        for i, (w, size) in enumerate(zip(weight, problem.shape, strict=True))
    ]
    table = {}
    for profile in problem.profiles():
        sums = [sum(column, Fraction(0)) for column in zip(*(worth[i][u] for i, u in enumerate(profile)), strict=True)]
        best = max(sums)
        winners = [d for d, s in enumerate(sums) if s == best]
        table[profile] = _equal_chances(winners if ties == "uniform" else winners[:1], len(sums))
    return Rule(problem, table, tuple(weight))


@dataclass(frozen=True)
class Outcome:
    """A line of a table: where the announced types match `when`, the decision or lottery `choose` is taken.

    An agent left out of `when` may announce anything; several types of one agent are alternatives.
    """

    when: Mapping[str, str | Sequence[str]]
    choose: str | Mapping[str, object]


def table(problem: DecisionProblem, outcomes: Sequence[Outcome]) -> Rule:
    """Rule given line by line; the first line that matches a profile holds.

    Raises
    ------
    ModelError
        If a line speaks of an unknown agent, type or decision, if a lottery does not sum to 1, or if some profile
        is matched by no line.
    """
    _check_size(problem)
    lines = [_line(problem, k, outcome) for k, outcome in enumerate(outcomes)]
    lotteries = {}
    for profile in problem.profiles():
        for allowed, lottery in lines:
            if all(u in choices for u, choices in zip(profile, allowed, strict=True)):
                lotteries[profile] = lottery
                break
        else:
            named = ", ".join(f"{a.name} = {a.types[u].name!r}" for a, u in zip(problem.agents, profile, strict=True))
            raise ModelError(
                f"rule.outcomes: no line covers the profile {named}; expected one (when = {{}} covers the rest)"
            )
    return Rule(problem, lotteries)


def _line(problem: DecisionProblem, k: int, outcome: Outcome) -> tuple[list[set[int]], Lottery]:
    where = f"rule.outcomes[{k}]"
    allowed = [set(range(size)) for size in problem.shape]
    try:
        for name, types in outcome.when.items():
            i = problem.agent_index(name)
            names = [types] if isinstance(types, str) else list(types)
            allowed[i] = {problem.agents[i].type_index(t) for t in names}
    except ModelError as error:
        raise ModelError(f"{where}.when: {error}") from None
    choose = {outcome.choose: 1} if isinstance(outcome.choose, str) else dict(outcome.choose)
    lottery = [Fraction(0)] * len(problem.decisions)
    for decision, chance in choose.items():
        if decision not in problem.decisions:
            raise ModelError(
                f"{where}.choose: found {decision!r}, expected one of the decisions {', '.join(problem.decisions)}"
            )
        lottery[problem.decisions.index(decision)] = _number(chance, f"{where}.choose.{decision}")
    if min(lottery) < 0 or sum(lottery) != 1:
        raise ModelError(
            f"{where}.choose: probabilities sum to {sum(lottery)}, expected a lottery: at least 0, together 1"
        )
    return allowed, tuple(lottery)


def _equal_chances(winners: Sequence[int], size: int) -> Lottery:
    share = Fraction(1, len(winners))
    return tuple(share if d in winners else Fraction(0) for d in range(size))


def _number(value: object, where: str) -> Fraction:
    try:
        return rational(value)
    except ValueError as error:
        raise ModelError(f"{where}: {error}") from None


def _check_size(problem: DecisionProblem) -> None:
    size = math.prod(problem.shape)
    if size > MAX_PROFILES:
        raise SizeError(
            f"the rule has {in_words(size)} type profiles, at most {MAX_PROFILES:,} are tabulated; "
            "fewer agents or types help"
        )
