"""The correlation filter by its definition: every profile of messages, one by one, in plain Python."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

from eqsolve.filter.panel import Panel


def panel_of(*budgets, priors=None):
    """Agents called 0, 1, ... with types called a, b, ..."""
    return Panel(
        tuple(str(i) for i in range(len(budgets))),
        tuple(tuple("abcdefghij"[: len(b)]) for b in budgets),
        tuple(tuple(b) for b in budgets),
        priors,
    )


def random_panel(seed, agents=(2, 4), types=(2, 4), copies=(2, 6), most=40_000):
    """A panel with random budgets, zeros among them, and at most so many profiles of messages."""
    rng = random.Random(f"panel {seed}")
    while True:
        n, k = rng.randint(*agents), rng.randint(*copies)
        budgets = []
        for _ in range(n):
            counts = [0] * rng.randint(*types)
            for _ in range(k):
                counts[rng.randrange(len(counts))] += 1
            budgets.append(counts)
        panel = panel_of(*budgets)
        if panel.message_count() <= most:
            return panel


def messages(panel, i):
    base = [u for u, b in enumerate(panel.budgets[i]) for _ in range(b)]
    return sorted(set(itertools.permutations(base)))


def profiles(panel):
    return itertools.product(*(messages(panel, i) for i in range(panel.n)))


def distance(panel, profile, i, kind):
    """Agent i's distance, by its definition: frequencies there against frequencies everywhere."""
    others = [j for j in range(panel.n) if j != i]
    worst = Fraction(0)
    for size in range(1, 2 if kind == "pairwise" else panel.n):
        for group in itertools.combinations(others, size):
            joint = list(zip(*(profile[j] for j in group), strict=True))
            for u in set(profile[i]):
                there = [value for own, value in zip(profile[i], joint, strict=True) if own == u]
                for value in set(joint):
                    gap = there.count(value) * len(joint) - joint.count(value) * len(there)
                    worst = max(worst, Fraction(abs(gap), len(there) * len(joint)))
    return worst


def distance_law(panel, kind, planned=None):
    """All profiles' distances; planned: {agent: message}, the others run through all messages."""
    sent = [[planned[i]] if planned and i in planned else messages(panel, i) for i in range(panel.n)]
    # renaming the problems changes nothing: one agent's message may be held fixed where nobody plans
    if not planned:
        sent[0] = sent[0][:1]
    return [tuple(distance(panel, p, i, kind) for i in range(panel.n)) for p in itertools.product(*sent)]


def frequency(law, agents, epsilon, at_least=False):
    hit = [any(d[i] > epsilon or (at_least and d[i] == epsilon) for i in agents) for d in law]
    return Fraction(sum(hit), len(hit))
