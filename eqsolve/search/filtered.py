"""Equilibria of filtered games, found by best responses from structured starts; what is found is checked exactly.

The filtered game is not separable, so best responses are read off its explicit form. What this does not find may exist
all the same.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator, Sequence

import numpy as np

from eqsolve.engines.bayesian import Integers
from eqsolve.errors import SizeError
from eqsolve.filter.joint_tables import joint_tables
from eqsolve.forms.filtered import FilteredForm, FilteredLabelFree
from eqsolve.forms.filtered.substitution import SAFE
from eqsolve.judge.listing import without_choice
from eqsolve.strategy import Strategy, Vector

Choice = tuple[int, ...]
"""One message index per type vector."""
MAX_CONSTANTS = 200
SHIFTS = 4


def find_filtered(
    form: FilteredForm, *, seed: int = 0, starts: int = 32, rounds: int = 200, deadline: float | None = None
) -> Iterator[tuple[Strategy, ...]]:
    """Pure equilibria of a filtered game, one after the other, each with regret exactly 0.

    Parameters
    ----------
    form : FilteredForm
    seed : int
        Of random starts.
    starts : int
        How many runs begin at random, besides those from structured starts.
    rounds : int
        Rounds after which a run that still moves is given up.
    deadline : float, optional
        Of `time.monotonic`; the search ends there.

    Yields
    ------
    tuple of Strategy
        One per agent; no two send the same messages up to renaming the problems (for constant messages) or at all.

    Notes
    -----
    Runs begin with constant messages, one profile for every joint table of announcements; with the label-free
    equilibrium, purified in several ways; and at random. A type that is indifferent keeps its message.
    """
    search = _Search(form, random.Random(seed), rounds, deadline)
    seen: set[tuple[Choice, ...]] = set()
    for start in itertools.chain(search.constants(), search.purified(), search.random(starts)):
        if search.late:
            return
        end = search.run(start)
        if end is not None and end not in seen:
            seen.add(end)
            profile = search.strategies(end)
            if form.regret(profile) == 0:
                yield profile


class _Search:
    """Best responses in one filtered game."""

    def __init__(self, form: FilteredForm, rng: random.Random, rounds: int, deadline: float | None) -> None:
        self.form = form
        self.game = form.game
        self.rng = rng
        self.rounds = rounds
        self.deadline = deadline
        self.index = [{m: k for k, m in enumerate(ms)} for ms in form.messages]
        self.sizes = [(len(v), len(m)) for v, m in zip(form.vectors, form.messages, strict=True)]

    @property
    def late(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline is not None and time.monotonic() > self.deadline

    def constants(self) -> Iterator[list[Choice]]:
        """One message per agent, whatever its types, for every joint table of announcements."""
        game = self.game
        budgets = [game.budgets[j].counts or () for j in game.active]
        try:
            tables = joint_tables(budgets, MAX_CONSTANTS * 50)[:MAX_CONSTANTS]
        except SizeError:
            return
        for table in tables:
            cells = [cell for cell in np.ndindex(*table.shape) for _ in range(int(table[cell]))]
            yield [
                (self.index[p][tuple(cell[p] for cell in cells)],) * types for p, (types, _) in enumerate(self.sizes)
            ]

    def purified(self) -> Iterator[list[Choice]]:
        """Label-free best responses, of which every agent sends the first, the last, or some other one."""
        label_free = FilteredLabelFree(self.game)
        best = [
            [label_free.tables(i).best_messages(t) for t in vectors]
            for i, vectors in zip(self.game.active, self.form.vectors, strict=True)
        ]
        for shifts in itertools.product(range(-1, SHIFTS - 1), repeat=len(best)):
            yield [tuple(self.index[p][open_[s % len(open_)]] for open_ in best[p]) for p, s in enumerate(shifts)]

    def random(self, count: int) -> Iterator[list[Choice]]:
        """Any messages."""
        for _ in range(count):
            yield [tuple(self.rng.randrange(m) for _ in range(t)) for t, m in self.sizes]

    def run(self, start: Sequence[Choice]) -> tuple[Choice, ...] | None:
        """Best responses in turn until nobody moves; None if that does not happen."""
        profile = list(start)
        for _ in range(self.rounds):
            moved = False
            for p in range(len(profile)):
                answer = self._best_response(profile, p)
                moved |= answer != profile[p]
                profile[p] = answer
            if not moved:
                return tuple(profile)
            if self.late:
                return None
        return None

    def _best_response(self, profile: Sequence[Choice], p: int) -> Choice:
        """A pure best response of agent number p of those who choose; a type keeps its message if that is best."""
        bayesian = self.form.bayesian
        interim: Integers = bayesian.payoffs[p]
        weights = [sum(w) for w in bayesian.weights]
        bound = max(abs(int(interim.max())), abs(int(interim.min())))
        for q in reversed(range(len(profile))):
            if q != p:
                bound *= weights[q]
                law = np.zeros(self.sizes[q][1], dtype=np.int64 if bound < SAFE else object)
                for weight, action in zip(bayesian.weights[q], profile[q], strict=True):
                    law[action] += weight
                interim = np.tensordot(interim.astype(law.dtype), law, axes=(q + 1, 0))
        kept = np.array(profile[p])
        stays = interim[np.arange(len(kept)), kept] == interim.max(axis=1)
        return tuple(int(m) for m in np.where(stays, kept, interim.argmax(axis=1)))

    def strategies(self, end: Sequence[Choice]) -> tuple[Strategy, ...]:
        """Strategies of all agents."""
        chosen = {}
        for i, vectors, messages, choice in zip(
            self.game.active, self.form.vectors, self.form.messages, end, strict=True
        ):
            sent: dict[Vector, Vector] = {t: messages[a] for t, a in zip(vectors, choice, strict=True)}
            chosen[i] = Strategy.pure(sent)
        return tuple(chosen[i] if i in chosen else without_choice(self.game, i)[0] for i in range(self.game.n))
