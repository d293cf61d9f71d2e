"""Whether a mechanism with transfers exists: one that does, or multipliers that show that none does.

Every requirement says that some linear function of the lotteries and the payments is at least 0 (that a truthful payoff
less the payoff of a lie is, for instance), or is 0. Multiples of requirements that sum to a function without payments,
which is negative whatever lotteries are allowed, leave no mechanism: that is checked by adding them up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from eqsolve.certificate.quasi_linear import (
    BUDGETS,
    INCENTIVES,
    PARTICIPATION,
    ZERO,
    Problem,
    check_budget,
    check_incentives,
    check_participation,
    outside,
    read_lotteries,
    read_mechanism,
    read_problem,
)
from eqsolve.certificate.reading import Invalid, afford, entries, fields, figure, members, rational, shown

STATEMENT = "mechanism-exists"
TIES = ("any", "first", "last", "uniform")


def prove_transfers(block: Any, statement: Any, evidence: Any) -> tuple[str, str]:
    """What a certificate about a problem with transfers proves, and what was checked, in words."""
    problem = read_problem(block)
    says, verdict, rule, incentives, participation, budget = fields(
        statement, "says", "verdict", "rule", "incentives", "participation", "budget"
    )
    if says != STATEMENT:
        raise Invalid(f"found the statement {shown(says)}, expected {STATEMENT}")
    for word, known in ((incentives, INCENTIVES), (participation, PARTICIPATION), (budget, BUDGETS)):
        if word not in known:
            raise Invalid(f"found {shown(word)}, expected one of {', '.join(known)}")
    allowed, rule_words = _allowed(problem, rule)
    wanted = Wanted(problem, incentives, participation, budget, allowed)
    described = f"with {rule_words}{_REQUIRED[incentives]}{_STAY[participation]}{_PAID[budget]}"
    name = shown(problem.name) if problem.name else "a problem with transfers"
    if verdict == "proved":
        _check_mechanism(wanted, evidence)
        return f"In {name}: there is a mechanism {described}.", "A mechanism has the properties, whatever the lie."
    if verdict != "refuted":
        raise Invalid(f"verdict: found {shown(verdict)}, expected proved or refuted")
    _check_multipliers(wanted, evidence)
    return f"In {name}: there is no mechanism {described}.", "Multiples of the requirements contradict each other."


_REQUIRED = {
    "bic": ", Bayesian incentive compatible",
    "ex-post": ", ex post incentive compatible",
    "dsic": ", in which truth is dominant",
    "none": "",
}
_STAY = {
    "interim": ", in which no type expects more from staying away",
    "ex-post": ", in which nobody ever loses by taking part",
    "none": "",
}
_PAID = {
    "balanced": ", whose payments equal the cost at every profile",
    "ex-ante": ", whose payments equal the cost in expectation",
    "no-deficit": ", whose payments cover the cost at every profile",
    "none": "",
}


@dataclass(frozen=True)
class Wanted:
    """What is asked of a mechanism; at every profile lotteries over these vertices may be taken."""

    problem: Problem
    incentives: str
    participation: str
    budget: str
    allowed: list[list[list[Fraction]]]


def _allowed(problem: Problem, block: Any) -> tuple[list[list[list[Fraction]]], str]:
    """At every profile the lotteries of which all mixtures are allowed, and the rule in words."""
    rule = members(block, "rule")
    width = len(problem.decisions)
    if "table" in rule:
        (table,) = fields(rule, "table")
        return [[row] for row in read_lotteries(problem, table)], "the rule that is given"
    (ties,) = fields(rule, "efficient")
    order = list(range(width))
    if isinstance(ties, list):
        if sorted(map(str, ties)) != sorted(problem.decisions):
            raise Invalid("rule: expected all decisions in some order")
        order = [problem.decisions.index(d) for d in ties]
    elif ties not in TIES:
        raise Invalid(f"rule: found {shown(ties)}, expected an order of decisions or one of {', '.join(TIES)}")
    found = []
    for p in range(len(problem.profiles)):
        best = problem.efficient(p)
        if ties == "uniform":
            found.append([[Fraction(1, len(best)) if d in best else ZERO for d in range(width)]])
            continue
        chosen = best if ties == "any" else best[-1:] if ties == "last" else [min(best, key=order.index)]
        found.append([[Fraction(int(d == e)) for d in range(width)] for e in chosen])
    words = "efficient decisions"
    if ties != "any":
        words += f" (of several the {ties})" if ties in ("first", "last") else " (several equally likely)"
    if isinstance(ties, list):
        words = f"efficient decisions (of several the first of {', '.join(map(shown, ties))})"
    return found, words


def _check_mechanism(wanted: Wanted, evidence: Any) -> None:
    allocation, transfers = fields(evidence, "allocation", "transfers")
    mechanism = read_mechanism(wanted.problem, allocation, transfers)
    for p, (lottery, vertices) in enumerate(zip(mechanism.allocation, wanted.allowed, strict=True)):
        if len(vertices) == 1:
            fits = lottery == vertices[0]
        else:
            fits = all(any(v[d] for v in vertices) for d, q in enumerate(lottery) if q)
        if not fits:
            raise Invalid(f"the lottery at {wanted.problem.told(p)} is not that of the rule")
    if wanted.incentives != "none":
        check_incentives(mechanism, wanted.incentives)
    if wanted.participation != "none":
        check_participation(mechanism, wanted.participation)
    if wanted.budget != "none":
        check_budget(mechanism, wanted.budget)


@dataclass
class Total:
    """A sum of multiples of requirements, each of which is at least 0: functions of lotteries and payments."""

    problem: Problem
    constant: Fraction = ZERO
    chances: dict[tuple[int, int], Fraction] = field(default_factory=dict)
    paid: dict[tuple[int, int], Fraction] = field(default_factory=dict)

    def payoff(self, i: int, u: int, v: int, p: int, factor: Fraction) -> None:
        """Add a multiple of what agent i's type u gets by the report v, the others' types being those of p."""
        at = p + (v - self.problem.profiles[p][i]) * self.problem.stride(i)
        self.paid[i, at] = self.paid.get((i, at), ZERO) - factor
        for d, w in enumerate(self.problem.players[i].utility[u]):
            if w:
                self.chances[at, d] = self.chances.get((at, d), ZERO) + factor * w

    def left(self, p: int, factor: Fraction) -> None:
        """Add a multiple of payments less the cost at a profile."""
        for i in range(len(self.problem.players)):
            self.paid[i, p] = self.paid.get((i, p), ZERO) + factor
        for d, cost in enumerate(self.problem.costs):
            if cost:
                self.chances[p, d] = self.chances.get((p, d), ZERO) - factor * cost


def _check_multipliers(wanted: Wanted, evidence: Any) -> None:
    (listed,) = fields(evidence, "multipliers")
    problem, total = wanted.problem, Total(wanted.problem)
    rows = entries(listed, "multipliers")
    afford(2 * len(rows) * len(problem.profiles) * len(problem.decisions), "adding up the requirements")
    first = {(i, q): p for i in range(len(problem.players)) for q, p in enumerate(problem.others(i))}
    for row in rows:
        kind, agent, kept, report, profile, number = fields(
            row, "requirement", "agent", "type", "report", "profile", "multiplier"
        )
        multiplier = rational(number)
        at = None if profile is None else _profile(problem, profile)
        if kind == "budget":
            if (agent, kept, report) != (None, None, None):
                raise Invalid("multipliers: a budget is nobody's")
            _add_budget(wanted, total, at, multiplier)
            continue
        if multiplier < 0:
            raise Invalid("multipliers: found a negative one, expected at least 0")
        i = next((k for k, a in enumerate(problem.players) if a.name == agent), None)
        if i is None or kept not in problem.players[i].types:
            raise Invalid(f"multipliers: {shown(agent)} with the type {shown(kept)} is no agent's type")
        u = problem.players[i].types.index(kept)
        if at is not None and problem.profiles[at][i] != u:
            raise Invalid("multipliers: the profile has another type of this agent")
        places = [(first[i, q], None) for q in range(len(problem.profiles) // len(problem.players[i].types))]
        weights = (
            [(p, problem.weight(problem.profiles[p], without=i)) for p, _ in places]
            if at is None
            else [(at, Fraction(1))]
        )
        if kind == "incentive":
            if report not in problem.players[i].types:
                raise Invalid(f"multipliers: {shown(report)} is no type of agent {shown(agent)}")
            _may(wanted, wanted.incentives, i, u, at, ("bic", "ex-post", "dsic"))
            v = problem.players[i].types.index(report)
            for p, weight in weights:
                total.payoff(i, u, u, p, multiplier * weight)
                total.payoff(i, u, v, p, -multiplier * weight)
        elif kind == "participation" and report is None:
            _may(wanted, wanted.participation, i, u, at, ("interim", "ex-post"))
            total.constant -= multiplier * outside(problem)[i][u]
            for p, weight in weights:
                total.payoff(i, u, u, p, multiplier * weight)
        else:
            raise Invalid(f"multipliers: found {shown(kind)}, expected incentive, participation or budget")
    _check_contradiction(wanted, total)


def _check_contradiction(wanted: Wanted, total: Total) -> None:
    """That the sum has no payments, and is negative at all allowed lotteries."""
    if any(total.paid.values()):
        raise Invalid("the payments do not cancel in the sum of the requirements")
    most = total.constant
    for p, vertices in enumerate(wanted.allowed):
        row = [total.chances.get((p, d), ZERO) for d in range(len(wanted.problem.decisions))]
        most += max(sum((q * c for q, c in zip(v, row, strict=True)), ZERO) for v in vertices)
    if most >= 0:
        raise Invalid(f"the sum of the requirements can reach {figure(most)}, which is not below 0")


def _may(wanted: Wanted, asked: str, i: int, u: int, at: int | None, known: tuple[str, ...]) -> None:
    """Refuse a requirement that is not asked for."""
    if asked not in known:
        raise Invalid("multipliers: found one of a requirement that is not made")
    problem = wanted.problem
    if asked == "dsic":
        return
    if not problem.players[i].prior[u] or (at is not None and not problem.weight(problem.profiles[at])):
        raise Invalid("multipliers: nothing is asked of types that cannot occur")
    if at is not None and asked != "ex-post":
        raise Invalid("multipliers: found a requirement at a profile, expected one in expectation")


def _add_budget(wanted: Wanted, total: Total, at: int | None, multiplier: Fraction) -> None:
    if wanted.budget == "none" or (wanted.budget == "ex-ante" and at is not None):
        raise Invalid("multipliers: found a budget that is not asked for")
    if wanted.budget == "no-deficit" and multiplier < 0:
        raise Invalid("multipliers: found a negative one, expected at least 0")
    if at is not None:
        total.left(at, multiplier)
        return
    for p, q in enumerate(wanted.problem.probabilities):
        if q:
            total.left(p, multiplier * q)


def _profile(problem: Problem, block: Any) -> int:
    names = entries(block, "profile")
    if len(names) != len(problem.players) or any(t not in a.types for a, t in zip(problem.players, names, strict=True)):
        raise Invalid("multipliers: expected a type of every agent in a profile")
    return problem.position([a.types.index(t) for a, t in zip(problem.players, names, strict=True)])
