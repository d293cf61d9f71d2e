"""Statistical mechanisms from the definitions: whole path spaces, all strategies, no shortcuts."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import cache

from eqsolve.statistical.mechanism import ListedMechanism
from eqsolve.statistical.process import Independent, Markov, Mixture, Tree


def random_law(source, size):
    weights = [source.randrange(0, 4) for _ in range(size)]
    weights[source.randrange(size)] += 1
    return tuple(Fraction(w, sum(weights)) for w in weights)


def random_process(source, size, dates):
    kind = source.choice(["independent", "dated", "markov", "mixture", "tree"])
    if kind == "independent":
        return Independent(size, dates, (random_law(source, size),))
    if kind == "dated":
        return Independent(size, dates, tuple(random_law(source, size) for _ in range(dates)))
    if kind == "markov":
        rows = tuple(random_law(source, size) for _ in range(size))
        return Markov(size, dates, random_law(source, size), rows)
    if kind == "mixture":
        parts = tuple(Independent(size, dates, (random_law(source, size),)) for _ in range(2))
        return Mixture(size, dates, random_law(source, 2), parts)
    paths = list(itertools.product(range(size), repeat=dates))
    law = random_law(source, len(paths))
    return Tree.of_paths(size, dates, {p: q for p, q in zip(paths, law, strict=True) if q})


def regret_by_definition(mechanism, n, history):
    """R_t^n at a history: over all continuations, all profiles of the others in Ω, all deviations ω̂, from date t on."""
    t, dates = len(history), mechanism.dates
    spaces = [list(p.paths()) for p in mechanism.processes]
    best = None
    retractions = [r for m, r in enumerate(mechanism.retractions) if m != n]
    others = [spaces[m] for m in range(mechanism.n) if m != n]
    announced = {tuple(r(p) for r, p in zip(retractions, rest, strict=True)) for rest in itertools.product(*others)}
    for retracted in announced:
        for true in spaces[n]:
            if true[:t] != history:
                continue
            honest = streams(mechanism, n, mechanism.retractions[n](true), retracted, true)
            for said in spaces[n]:
                if said[: t - 1] != history[: t - 1]:
                    continue
                other = streams(mechanism, n, mechanism.retractions[n](said), retracted, true)
                gain = sum(
                    (mechanism.discount ** (s - t) * (other[s - 1] - honest[s - 1]) for s in range(t, dates + 1)),
                    Fraction(0),
                )
                best = gain if best is None else max(best, gain)
    return best


@cache
def streams(mechanism, n, said, rest, true):
    """Utility of every date, payments at the last one, in the money of the date; members of Ω* are announced."""
    problem, choice = mechanism.problem, mechanism.choice
    full = [*rest[:n], said, *rest[n:]]
    found = []
    for t in range(mechanism.dates):
        decision = choice[tuple(p[t] for p in full)]
        found.append(problem.agents[n].utility[true[t]][decision])
    found[-1] += payment(mechanism, n, full)
    return found


def payment(mechanism, n, full):
    if mechanism.payments == "none":
        return Fraction(0)
    paid = others_worth(mechanism, n, full)
    if mechanism.payments == "linked-vcg":
        paid -= min(others_worth(mechanism, n, [*full[:n], r, *full[n + 1 :]]) for r in mechanism.members[n])
    return paid


def others_worth(mechanism, n, full):
    """V^n, in the money of the last date."""
    problem, total = mechanism.problem, Fraction(0)
    for t in range(mechanism.dates):
        profile = tuple(p[t] for p in full)
        decision = mechanism.choice[profile]
        worth = sum(
            a.utility[u][decision] for m, (a, u) in enumerate(zip(problem.agents, profile, strict=True)) if m != n
        )
        total += mechanism.discount ** (t + 1 - mechanism.dates) * worth
    return total


def conditional(process, members, history):
    """P(ω not in Ω* | history), from path probabilities; None if the history cannot occur."""
    law = {p: process.probability(p) for p in process.paths()}
    mass = sum((q for p, q in law.items() if p[: len(history)] == history), Fraction(0))
    out = sum((q for p, q in law.items() if p[: len(history)] == history and p not in members), Fraction(0))
    return out / mass if mass else None


def lie_by_definition(mechanism, n, process, epsilon):
    """Probability of the paths on which the left side of (1) fails at some date; each history is judged by itself."""
    members = set(mechanism.members[n])
    regrets = {}
    total = Fraction(0)
    for path in process.paths():
        p = process.probability(path)
        if not p:
            continue
        for t in range(1, mechanism.dates + 1):
            h = path[:t]
            if h not in regrets:
                regrets[h] = regret_by_definition(mechanism, n, h)
            if conditional(process, members, h) * regrets[h] >= epsilon:
                total += p
                break
    return total


def as_listed(mechanism):
    """A dated mechanism through the interface for mechanisms that are given by functions."""

    def outcome(profile):
        decisions = tuple(mechanism.choice[tuple(p[t] for p in profile)] for t in range(mechanism.dates))
        return decisions, tuple(payment(mechanism, n, list(profile)) for n in range(mechanism.n))

    def utility(n, result, true):
        decisions, paid = result
        worth = mechanism.problem.agents[n].utility
        own = sum(
            (mechanism.discount**t * worth[u][d] for t, (u, d) in enumerate(zip(true, decisions, strict=True))),
            Fraction(0),
        )
        return own + mechanism.discount ** (mechanism.dates - 1) * paid[n]

    return ListedMechanism(mechanism.processes, mechanism.typical, outcome, utility, mechanism.discount)
