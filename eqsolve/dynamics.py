"""Best responses, iterated: pure equilibria of explicit games with any number of agents.

What this finds are equilibria; what it does not find may exist all the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np

from eqsolve.engines.bayesian import Integers
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.strategy import Strategy

Choice = tuple[int, ...]
"""One message index per type vector."""


def pure_equilibria(
    form: ExplicitForm, *, starts: int = 32, rounds: int = 200, seed: int = 0
) -> Iterator[tuple[Strategy, ...]]:
    """Pure Bayesian equilibria reached by sequential best responses, without repetition.

    Parameters
    ----------
    form : ExplicitForm
    starts : int
        Number of random starts, besides those in which every agent sends one and the same message throughout.
    rounds : int
        Rounds after which a run that still moves is given up.
    seed : int
        Of the random starts.

    Yields
    ------
    tuple of Strategy
        One per active agent. A type that is indifferent keeps its message.
    """
    seen: set[tuple[Choice, ...]] = set()
    for start in _starts(form, starts, random.Random(seed)):
        end = _run(form, start, rounds)
        if end is not None and end not in seen:
            seen.add(end)
            yield tuple(
                Strategy.pure({t: form.messages[p][a] for t, a in zip(form.vectors[p], choice, strict=True)})
                for p, choice in enumerate(end)
            )


def _starts(form: ExplicitForm, count: int, rng: random.Random) -> Iterator[list[Choice]]:
    """Constant messages, each against each as far as they are few, then random choices."""
    sizes = [(len(v), len(m)) for v, m in zip(form.vectors, form.messages, strict=True)]
    for shift in range(min(count, max((m for _, m in sizes), default=1))):
        yield [(shift * (p + 1) % m,) * t for p, (t, m) in enumerate(sizes)]
    for _ in range(count):
        yield [tuple(rng.randrange(m) for _ in range(t)) for t, m in sizes]


def _run(form: ExplicitForm, start: Sequence[Choice], rounds: int) -> tuple[Choice, ...] | None:
    profile = list(start)
    for _ in range(rounds):
        moved = False
        for p in range(len(profile)):
            answer = _best_response(form, profile, p)
            moved |= answer != profile[p]
            profile[p] = answer
        if not moved:
            return tuple(profile)
    return None


def _best_response(form: ExplicitForm, profile: Sequence[Choice], p: int) -> Choice:
    """A pure best response of active agent p; a type keeps its message if that is best."""
    interim: Integers = form.bayesian.payoffs[p].astype(object)
    for q in reversed(range(len(profile))):
        if q != p:
            law = np.zeros(len(form.messages[q]), dtype=object)
            for weight, action in zip(form.bayesian.weights[q], profile[q], strict=True):
                law[action] += weight
            interim = np.tensordot(interim, law, axes=(q + 1, 0))
    choice = []
    for row, kept in zip(interim.tolist(), profile[p], strict=True):
        choice.append(kept if row[kept] == max(row) else row.index(max(row)))
    return tuple(choice)
