"""The best direct mechanism of two agents, by a floating-point program: nothing is merged, all lies are listed."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import lil_matrix


class Direct:
    """Two decisions, K problems: P(second decision) on each problem at each pair of type vectors.

    `values[i][u]` is what type u of agent i gains by the second decision, all types equally likely.
    """

    def __init__(self, values, copies):
        self.values, self.copies = values, copies
        self.vectors = [list(itertools.product(range(len(v)), repeat=copies)) for v in values]
        self.size = len(self.vectors[0]) * len(self.vectors[1]) * copies

    def column(self, s, t, k):
        return (s * len(self.vectors[1]) + t) * self.copies + k

    def utility(self, i, true, told):
        """Row of the interim utility of agent i at a type vector that announces another one."""
        row = np.zeros(self.size)
        others = range(len(self.vectors[1 - i]))
        for o in others:
            for k, u in enumerate(self.vectors[i][true]):
                column = self.column(told, o, k) if i == 0 else self.column(o, told, k)
                row[column] += float(self.values[i][u]) / len(others)
        return row

    def program(self):
        """Welfare (to be maximised) and the rows of gains from lying."""
        welfare, gains = np.zeros(self.size), []
        for i in (0, 1):
            count = len(self.vectors[i])
            for true in range(count):
                honest = self.utility(i, true, true)
                welfare += honest / count
                gains += [self.utility(i, true, told) - honest for told in range(count) if told != true]
        return welfare, lil_matrix(np.array(gains)).tocsr()

    def best(self):
        """Largest sum of gains over both agents, per problem."""
        welfare, gains = self.program()
        found = linprog(-welfare, A_ub=gains, b_ub=np.zeros(gains.shape[0]), bounds=(0, 1))
        return -found.fun / self.copies
