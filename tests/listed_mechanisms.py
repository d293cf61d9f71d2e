"""The best direct mechanism by a floating-point program in which nothing is merged and every lie is listed."""

from __future__ import annotations

import itertools
from math import prod

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array


class Listed:
    """Lotteries on every problem at every profile of type vectors, transfers at every type vector.

    Any number of agents, types and decisions; only types of positive probability.
    """

    def __init__(self, problem, copies):
        self.problem, self.copies = problem, copies
        self.decisions = range(len(problem.decisions))
        possible = [[u for u, p in enumerate(a.prior) if p] for a in problem.agents]
        self.vectors = [list(itertools.product(types, repeat=copies)) for types in possible]
        self.profiles = list(itertools.product(*self.vectors))
        cells = itertools.product(self.profiles, range(copies), self.decisions)
        self.column = {cell: c for c, cell in enumerate(cells)}
        self.cells = len(self.column)
        paid = [(i, t) for i, vectors in enumerate(self.vectors) for t in vectors]
        self.paid = {key: self.cells + c for c, key in enumerate(paid)}
        self.size = self.cells + len(self.paid)

    def chance(self, i, t):
        return float(prod(self.problem.agents[i].prior[u] for u in t))

    def others(self, i):
        """Profiles of the other agents' vectors with their probabilities."""
        rest = [j for j in range(self.problem.n) if j != i]
        for vectors in itertools.product(*(self.vectors[j] for j in rest)):
            yield vectors, float(prod(self.chance(j, t) for j, t in zip(rest, vectors, strict=True)))

    def utility(self, i, true, told, others):
        """Row of the utility of agent i, over all problems."""
        row = np.zeros(self.size)
        profile = (*others[:i], told, *others[i:])
        for k, u in enumerate(true):
            for d, w in enumerate(self.problem.utility(i, u)):
                row[self.column[profile, k, d]] += float(w)
        return row

    def interim(self, i, true, told, transfers):
        row = sum(p * self.utility(i, true, told, others) for others, p in self.others(i))
        if transfers:
            row[self.paid[i, told]] += 1
        return row

    def best(self, incentives="bic", participation="none", status_quo=None, transfers=False, weights=None, values=None):
        """Largest weighted sum of payoffs, and of values of decisions, per problem."""
        weights = [1.0] * self.problem.n if weights is None else [float(w) for w in weights]
        agents = range(self.problem.n)
        welfare = sum(
            weights[i] * self.chance(i, t) * self.interim(i, t, t, transfers) for i in agents for t in self.vectors[i]
        )
        welfare = welfare + np.zeros(self.size)
        for profile, k, d in self.column if values else ():
            chance = prod(self.chance(i, t) for i, t in enumerate(profile))
            welfare[self.column[profile, k, d]] += chance * float(values.get(self.problem.decisions[d], 0))
        upper, right = [], []
        for i in agents:
            for true in self.vectors[i]:
                lies = [told for told in self.vectors[i] if told != true]
                if incentives == "bic":
                    truth = self.interim(i, true, true, transfers)
                    upper += [self.interim(i, true, told, transfers) - truth for told in lies]
                elif incentives == "dsic":
                    for others, _ in self.others(i):
                        truth = self.utility(i, true, true, others)
                        upper += [self.utility(i, true, told, others) - truth for told in lies]
        right += [0.0] * len(upper)
        bounds = [(0, 1)] * self.cells + [(None, None) if transfers else (0, 0)] * len(self.paid)
        if participation != "none":
            quo = self.problem.decisions.index(status_quo)
            for i in agents:
                for true in self.vectors[i]:
                    least = sum(float(self.problem.utility(i, u)[quo]) for u in true)
                    if participation == "interim":
                        upper.append(-self.interim(i, true, true, transfers))
                        right.append(-least)
                    elif participation == "total":
                        for others, _ in self.others(i):
                            upper.append(-self.utility(i, true, true, others))
                            right.append(-least)
        if participation == "problem":
            for (profile, k, d), c in self.column.items():
                worth = [self.problem.utility(i, t[k]) for i, t in enumerate(profile)]
                if any(row[d] < row[quo] for row in worth):
                    bounds[c] = (0, 0)
        equal = []
        for profile in self.profiles:
            for k in range(self.copies):
                row = np.zeros(self.size)
                row[[self.column[profile, k, d] for d in self.decisions]] = 1
                equal.append(row)
        balance = np.zeros(self.size)
        for (i, t), c in self.paid.items():
            balance[c] = self.chance(i, t)
        found = linprog(
            -welfare,
            A_ub=csr_array(np.array(upper)) if upper else None,
            b_ub=right if upper else None,
            A_eq=csr_array(np.array([*equal, balance])),
            b_eq=[1.0] * len(equal) + [0.0],
            bounds=bounds,
        )
        assert found.status == 0, found.message
        return -found.fun / self.copies
