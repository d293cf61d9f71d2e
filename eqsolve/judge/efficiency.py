"""Ex ante Pareto efficiency of a social choice function."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from eqsolve.engines.lp import solve_lp
from eqsolve.errors import SizeError
from eqsolve.problem import Profile
from eqsolve.rule import Lottery, Rule

MAX_VARIABLES = 20_000


@dataclass(frozen=True)
class Efficiency:
    """Whether a rule is ex ante Pareto efficient.

    Parameters
    ----------
    efficient : bool
    gains : tuple of Fraction
        What each agent gains ex ante under the dominating rule; all 0 for an efficient rule.
    dominating : mapping of Profile to Lottery, or None
        The witness: a rule that is better for somebody and worse for nobody.
    """

    efficient: bool
    gains: tuple[Fraction, ...]
    dominating: dict[Profile, Lottery] | None


def ex_ante_efficiency(rule: Rule) -> Efficiency:
    """Decide ex ante Pareto efficiency, by a linear program where it is not plain.

    A rule that maximises a sum with positive weights at every profile is efficient. Otherwise the sum of the agents'
    gains is maximised over all rules that harm nobody (Jackson and Sonnenschein 2003, section 3); the optimum is 0
    exactly if the rule is efficient. Profiles of probability 0 are left as they are.

    Raises
    ------
    SizeError
        If profiles times decisions exceed `MAX_VARIABLES`.

    Examples
    --------
    >>> import eqsolve as eq
    >>> eq.ex_ante_efficiency(eq.load("collusion").rule).efficient
    True
    """
    problem = rule.problem
    if _maximises(rule):
        return Efficiency(True, (Fraction(0),) * problem.n, None)
    profiles = [p for p in problem.profiles() if problem.probability(p)]
    decisions = len(problem.decisions)
    variables = len(profiles) * decisions
    if variables > MAX_VARIABLES:
        raise SizeError(
            f"the efficiency check has {variables:,} variables, at most {MAX_VARIABLES:,}; fewer agents help"
        )
    target = rule.target()
    worth: list[dict[int, Fraction]] = []
    for i in range(problem.n):
        row = {}
        for k, profile in enumerate(profiles):
            chance = problem.probability(profile)
            for d, w in enumerate(problem.utility(i, profile[i])):
                if w:
                    row[k * decisions + d] = chance * w
        worth.append(row)
    total = [sum((row.get(x, Fraction(0)) for row in worth), Fraction(0)) for x in range(variables)]
    solution = solve_lp(
        total,
        A_ub=[{x: -w for x, w in row.items()} for row in worth],
        b_ub=[-t for t in target],
        A_eq=[{k * decisions + d: 1 for d in range(decisions)} for k in range(len(profiles))],
        b_eq=[1] * len(profiles),
        maximise=True,
    )
    assert solution.value is not None
    if solution.value == sum(target):
        return Efficiency(True, (Fraction(0),) * problem.n, None)
    gains = tuple(
        sum((w * solution.x[x] for x, w in row.items()), Fraction(0)) - t for row, t in zip(worth, target, strict=True)
    )
    better = dict(rule.lotteries)
    for k, profile in enumerate(profiles):
        better[profile] = tuple(solution.x[k * decisions : (k + 1) * decisions])
    return Efficiency(False, gains, better)


def _maximises(rule: Rule) -> bool:
    """Whether only maximisers of the rule's objective are chosen at every profile, all its weights being positive."""
    problem, weights = rule.problem, rule.objective
    if min(weights) <= 0:
        return False
    worth = [[problem.utility(i, u) for u in range(size)] for i, size in enumerate(problem.shape)]
    for profile, lottery in rule.lotteries.items():
        sums = [
            sum((w * worth[i][u][d] for i, (w, u) in enumerate(zip(weights, profile, strict=True))), Fraction(0))
            for d, _ in enumerate(lottery)
        ]
        if any(p and s < max(sums) for p, s in zip(lottery, sums, strict=True)):
            return False
    return True
