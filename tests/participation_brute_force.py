"""The mechanisms of Fang and Norman written out over type vectors, decisions and reports."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

from eqsolve.participation.issue import Issue, IssueSequence
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.transfers.problem import QuasiLinearProblem


def random_problem(rng: random.Random, agents: int, types: int = 2, decisions: int = 3) -> QuasiLinearProblem:
    """Decisions d0 (the status quo, free), d1, ...; utilities of either sign, also of the status quo."""
    names = tuple(f"d{k}" for k in range(decisions))
    people = []
    for i in range(agents):
        weights = [rng.randint(1, 4) for _ in range(types)]
        kinds = [
            Type(
                f"t{u}",
                Fraction(w, sum(weights)),
                {d: Fraction(rng.randint(-4, 8), rng.choice([1, 1, 2])) for d in names},
            )
            for u, w in enumerate(weights)
        ]
        people.append(Agent(str(i + 1), tuple(kinds)))
    costs = (Fraction(0), *(Fraction(rng.randint(0, 5)) for _ in names[1:]))
    return QuasiLinearProblem.with_status_quo(DecisionProblem(names, tuple(people)), "d0", costs)


def sequence_of(problems: list[QuasiLinearProblem]) -> IssueSequence:
    """Issues 1, 2, ...: the problems in turn."""
    return IssueSequence(lambda k: Issue.of(problems[(k - 1) % len(problems)]))


class Written:
    """An economy of the problems, with every type vector, decision vector and payment."""

    def __init__(self, problems: list[QuasiLinearProblem]) -> None:
        self.problems = problems
        self.n = problems[0].n
        agents = [[p.problem.agents[i] for p in problems] for i in range(self.n)]
        self.vectors = [list(itertools.product(*(range(len(a.types)) for a in row))) for row in agents]
        self.prior = [
            {v: math.prod((a.prior[u] for a, u in zip(row, v, strict=True)), start=Fraction(1)) for v in vectors}
            for row, vectors in zip(agents, self.vectors, strict=True)
        ]
        self.profiles = list(itertools.product(*self.vectors))
        self.decision = {theta: self._best(theta) for theta in self.profiles}
        self.S = {theta: self.welfare(self.decision[theta], theta) for theta in self.profiles}
        self.quo = tuple(0 for _ in problems)
        chance = self.chance
        self.ES = sum(chance(t) * self.S[t] for t in self.profiles)
        self.ER = [sum(p * self.value(i, self.quo, v) for v, p in self.prior[i].items()) for i in range(self.n)]

    def chance(self, theta) -> Fraction:
        return math.prod((self.prior[i][v] for i, v in enumerate(theta)), start=Fraction(1))

    def value(self, i, decision, vector) -> Fraction:
        return sum((p.values[i][u][d] for p, u, d in zip(self.problems, vector, decision, strict=True)), Fraction(0))

    def cost(self, decision) -> Fraction:
        return sum((p.costs[d] for p, d in zip(self.problems, decision, strict=True)), Fraction(0))

    def welfare(self, decision, theta) -> Fraction:
        return sum((self.value(i, decision, v) for i, v in enumerate(theta)), -self.cost(decision))

    def _best(self, theta):
        options = itertools.product(*(range(len(p.problem.decisions)) for p in self.problems))
        return max(options, key=lambda d: self.welfare(d, theta))

    def payment(self, i, theta) -> Fraction:
        """(16) at the reported types."""
        n = self.n
        lump = Fraction(n - 1, n) * self.ES - self.ER[i] + sum(self.ER) / n
        return self.value(i, self.decision[theta], theta[i]) - self.S[theta] + lump

    def interim(self, i, vector, report, others, fee=Fraction(0)) -> Fraction:
        """(30): payoff of agent i of this type that does not veto and reports, against participation `others`."""
        total = Fraction(0)
        rest = [j for j in range(self.n) if j != i]
        for theirs in itertools.product(*(self.vectors[j] for j in rest)):
            weight = math.prod((self.prior[j][v] for j, v in zip(rest, theirs, strict=True)), start=Fraction(1))
            there = math.prod((others[j][v] for j, v in zip(rest, theirs, strict=True)), start=Fraction(1))
            said = list(theirs)
            said.insert(i, report)
            said = tuple(said)
            played = self.value(i, self.decision[said], vector) - self.payment(i, said) - fee
            quo = self.value(i, self.quo, vector)
            total += weight * (there * played + (1 - there) * quo)
        return total

    def reserve(self, i, vector) -> Fraction:
        return self.value(i, self.quo, vector)

    def everybody(self):
        return [{v: Fraction(1) for v in vectors} for vectors in self.vectors]

    def regret(self, strategies, fee=Fraction(0), *, lies=True) -> Fraction:
        """The largest interim gain from another veto or report, over agents and types."""
        worst = Fraction(0)
        for i in range(self.n):
            for v in self.vectors[i]:
                stay = strategies[i][v]
                quo, honest = self.reserve(i, v), self.interim(i, v, v, strategies, fee)
                mine = stay * honest + (1 - stay) * quo
                reports = self.vectors[i] if lies else [v]
                best = max(quo, *(self.interim(i, v, r, strategies, fee) for r in reports))
                worst = max(worst, best - mine)
        return worst

    def pure_equilibria(self, fee=Fraction(0)):
        """All equilibria without mixing in which everybody takes part with positive probability; honest reports."""
        sets = [
            [
                dict(zip(vectors, map(Fraction, bits), strict=True))
                for bits in itertools.product((0, 1), repeat=len(vectors))
                if any(bits)
            ]
            for vectors in self.vectors
        ]
        known = {}

        def gains(i, choice):
            key = i, choice[:i] + choice[i + 1 :]
            if key not in known:
                others = [sets[j][c] for j, c in enumerate(choice)]
                known[key] = {v: self.interim(i, v, v, others, fee) - self.reserve(i, v) for v in self.vectors[i]}
            return known[key]

        for choice in itertools.product(*(range(len(row)) for row in sets)):
            if all(
                gain >= 0 if sets[i][choice[i]][v] else gain <= 0
                for i in range(self.n)
                for v, gain in gains(i, choice).items()
            ):
                yield [sets[i][c] for i, c in enumerate(choice)]

    def no_veto(self, strategies) -> Fraction:
        return math.prod(
            (sum(self.prior[i][v] * x for v, x in s.items()) for i, s in enumerate(strategies)), start=Fraction(1)
        )

    def budget(self, strategies, fee=Fraction(0)) -> Fraction:
        """(25): expected payments less costs."""
        total = Fraction(0)
        for theta in self.profiles:
            there = math.prod((strategies[i][v] for i, v in enumerate(theta)), start=Fraction(1))
            paid = sum(self.payment(i, theta) + fee for i in range(self.n))
            total += self.chance(theta) * there * (paid - self.cost(self.decision[theta]))
        return total

    def efficient(self, strategies) -> Fraction:
        """Probability that what is decided maximises welfare."""
        total = Fraction(0)
        for theta in self.profiles:
            there = math.prod((strategies[i][v] for i, v in enumerate(theta)), start=Fraction(1))
            quo = self.welfare(self.quo, theta) == self.S[theta]
            total += self.chance(theta) * (1 if quo else there)
        return total

    def share(self, i, strategy):
        """Probability of taking part and marginals per issue."""
        q = sum((self.prior[i][v] * x for v, x in strategy.items()), Fraction(0))
        rows = []
        for k, p in enumerate(self.problems):
            row = [Fraction(0)] * p.shape[i]
            for v, x in strategy.items():
                row[v[k]] += self.prior[i][v] * x
            rows.append(tuple(row))
        return q, tuple(rows)
