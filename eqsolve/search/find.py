"""The search for equilibria: which starts, which methods, in which order; what is found is checked exactly."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from eqsolve.engines.rationed_choice import equal_positions
from eqsolve.errors import NotSupported, SizeError
from eqsolve.exact.rational import in_words
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.forms.separable import SeparableForm
from eqsolve.judge import bounds
from eqsolve.judge.listing import without_choice
from eqsolve.judge.truth import NOT_TRUTHFUL, TruthJudge
from eqsolve.linking import LinkedGame
from eqsolve.search.best_replies import BestReplies, End, Start
from eqsolve.search.block_game import BlockSymmetricGame
from eqsolve.search.duplicates import Distinct, Profile
from eqsolve.search.starts import Starts, partitions
from eqsolve.search.supports import solve_supports, visited_messages
from eqsolve.search.symmetry import MAX_LISTED, Blocks, Plan
from eqsolve.search.walk import MAX_VARIABLES, Goal, walk
from eqsolve.strategy import Strategy

MAX_TYPE_VECTORS = 20_000
MAX_PARTITIONS = 40
MAX_ACTIONS = 400
MAX_LABELS = 200
MAX_CORNER_LABELS = 36
MAX_CORNERS = 60
PROGRAM_SECONDS = 5.0
BLOCK_SECONDS = 60.0  # without a deadline
STEPS = 8


@dataclass(frozen=True, eq=False)
class Found:
    """An equilibrium that was found.

    Parameters
    ----------
    profile : tuple of Strategy
        One per agent; its regret is 0.
    payoffs : tuple of Fraction
        Ex ante, per problem.
    """

    profile: Profile
    payoffs: tuple[Fraction, ...]


def find_equilibria(
    game: LinkedGame, *, seed: int = 0, deadline: float | None = None, starts: int = 32
) -> Iterator[Profile]:
    """Equilibria of a linked game, found one after the other; the label-free one first where there is one.

    Parameters
    ----------
    game : LinkedGame
        Any number of agents, any budgets.
    seed : int
        Of everything that is drawn at random.
    deadline : float, optional
        Of `time.monotonic`; the search ends there. Without one it ends by itself.
    starts : int
        How many runs of best responses from structured starts, as many from random ones, and how many walks.

    Yields
    ------
    tuple of Strategy
        One per agent. Each profile has regret exactly 0, and none is another one with the problems renamed.

    Raises
    ------
    SizeError
        If an agent has more than `MAX_TYPE_VECTORS` type vectors.
    NotSupported
        Where agents may walk away.

    Notes
    -----
    In this order: the label-free equilibrium; iterated best responses in the separable form from constant messages
    and flat announcements, ties broken in structured ways; for two active agents the equilibria that treat blocks of
    problems alike, by complementarity and by mixed-integer programs for the best and worst of them; walks along
    continua from what was found; best responses from random starts. What is not found may exist all the same. Where
    types are not exchangeable across problems, best responses only.

    Examples
    --------
    >>> import eqsolve as eq
    >>> game = eq.load("collusion").link(2)
    >>> first = next(eq.find_equilibria(game))
    >>> first[1].is_label_free()
    True
    """
    search = _Search(game, seed, deadline)
    if not game.is_exchangeable:  # problems are not alike, so blocks of them are nothing
        return search.accepted(itertools.chain(search.structured(starts), search.random(starts)))
    return search.accepted(
        itertools.chain(
            search.label_free(),
            search.structured(starts),
            search.blockwise(),
            search.walks(starts),
            search.random(starts),
        )
    )


def best_response_equilibria(
    game: LinkedGame, *, seed: int = 0, deadline: float | None = None, starts: int = 32
) -> Iterator[Profile]:
    """Equilibria that iterated best responses reach, and what their circles can be made into.

    Parameters, results and errors as for `find_equilibria`.
    """
    search = _Search(game, seed, deadline)
    return search.accepted(itertools.chain(search.structured(starts), search.random(starts)))


def extremes(
    game: LinkedGame, *, seed: int = 0, deadline: float | None = None, starts: int = 32
) -> tuple[tuple[Found, Found], ...]:
    """The worst and the best equilibrium that `find_equilibria` finds, for every agent.

    Returns
    -------
    tuple of (worst, best), one per agent
        Empty if nothing was found.
    """
    form = SeparableForm(game)
    ends: list[tuple[Found, Found]] = []
    for profile in find_equilibria(game, seed=seed, deadline=deadline, starts=starts):
        found = Found(profile, form.payoffs(profile))
        if not ends:
            ends = [(found, found)] * game.n
        ends = [
            (
                found if found.payoffs[i] < low.payoffs[i] else low,
                found if found.payoffs[i] > high.payoffs[i] else high,
            )
            for i, (low, high) in enumerate(ends)
        ]
    return tuple(ends)


class _Search:
    """One search: its parts yield candidates, `accepted` checks them."""

    def __init__(self, game: LinkedGame, seed: int, deadline: float | None) -> None:
        if game.status_quo is not None:
            raise NotSupported(
                "link.walk_away: the search does not know walking away; --form explicit finds all equilibria of two "
                "agents on few problems, --form label-free the label-free ones"
            )
        for i in game.active:
            if game.type_vector_count(i) > MAX_TYPE_VECTORS:
                raise SizeError(
                    f"the search lists at most {MAX_TYPE_VECTORS:,} type vectors per agent, agent "
                    f"{game.problem.agents[i].name!r} has {in_words(game.type_vector_count(i))}; fewer copies (-k) or "
                    "the label-free form (--form label-free) answer"
                )
        self.game = game
        self.form = SeparableForm(game)
        self.deadline = deadline
        self.rng = random.Random(seed)
        self.replies = BestReplies(self.form)
        self.found: list[Found] = []

    @property
    def late(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline is not None and time.monotonic() > self.deadline

    def accepted(self, candidates: Iterator[Mapping[int, Strategy]]) -> Iterator[Profile]:
        """Candidates that are equilibria and new, completed by agents without a choice that matters."""
        distinct = Distinct(self.form)
        for candidate in candidates:
            profile = tuple(candidate.get(i) or self._idle[i] for i in range(self.game.n))
            if distinct.is_new(profile) and self.form.regret(profile) == 0:
                self.found.append(Found(profile, self.form.payoffs(profile)))
                yield profile

    @cached_property
    def _idle(self) -> dict[int, Strategy]:
        """What agents without a choice that matters do: they mix evenly over all messages, or send the first one."""
        strategies = {}
        for i in set(range(self.game.n)) - set(self.game.active):
            if self.game.type_vector_count(i) * self.game.budgets[i].message_count() <= MAX_LISTED:
                strategies[i] = without_choice(self.game, i)[0]
            else:
                only = next(self.game.budgets[i].messages())
                strategies[i] = Strategy.pure(dict.fromkeys(self.game.type_vectors(i), only))
        return strategies

    # Label-free

    @cached_property
    def _label_free(self) -> LabelFreeForm | None:
        return LabelFreeForm(self.game) if LabelFreeForm.applies(self.game) else fixed_point(self.game)

    def _even_plans(self, blocks: Blocks) -> dict[int, Plan] | None:
        """The label-free equilibrium in which everybody mixes evenly over best messages, as plans."""
        if self._label_free is None:
            return None
        flat = {i: self.form.flat(i, self._label_free.announced(i)) for i in self.game.active}
        plans = {}
        for i in self.game.active:
            open_ = blocks.best_messages(i, self.form.worth(i, flat), MAX_VARIABLES)
            if open_ is None:
                return None
            plans[i] = blocks.even(i, open_)
        return plans

    def label_free(self) -> Iterator[Mapping[int, Strategy]]:
        """The label-free equilibrium, if it can be listed."""
        blocks = Blocks(self.form, [list(range(self.game.copies))])
        plans = self._even_plans(blocks)
        if plans is not None:
            yield from self._listed(blocks, plans)

    def _listed(self, blocks: Blocks, plans: Mapping[int, Plan]) -> Iterator[Mapping[int, Strategy]]:
        try:
            yield {i: blocks.strategy(i, plan) for i, plan in plans.items()}
        except SizeError:
            return

    # Best responses

    @cached_property
    def _starts(self) -> Starts:
        frequencies = [
            self.game.problem.agents[i].prior if self._label_free is None else self._label_free.announced(i)
            for i in self.game.active
        ]
        return Starts(self.form, frequencies, self.rng)

    def structured(self, count: int) -> Iterator[Mapping[int, Strategy]]:
        """Runs of best responses from structured starts."""
        yield from self._runs(self._starts.structured(count), count)

    def random(self, count: int) -> Iterator[Mapping[int, Strategy]]:
        """Runs of best responses from random starts."""
        yield from self._runs(self._starts.random(), count)

    def _runs(self, starts: Iterator[Start], count: int) -> Iterator[Mapping[int, Strategy]]:
        ends: set[tuple[bytes, ...]] = set()
        for start in itertools.islice(starts, count):
            end = self.replies.run(start, self.deadline)
            if end is None:
                return
            key = tuple(messages.tobytes() for messages in end.messages.values())
            if key in ends:
                continue
            ends.add(key)
            if end.settled:
                yield {i: self.replies.strategy(i, messages) for i, messages in end.messages.items()}
            else:
                yield from self._from_circle(end)

    def _from_circle(self, end: End) -> Iterator[Mapping[int, Strategy]]:
        """A mixed equilibrium over the messages that a circle of best responses went through."""
        blocks = Blocks(self.form, [[k] for k in range(self.game.copies)])
        marginals = {
            i: self.form.announced_by(i, messages, self.replies.weights[i]) for i, messages in end.messages.items()
        }
        plans = solve_supports(blocks, visited_messages(self.replies, end.visited), marginals)
        if plans is not None:
            yield from self._listed(blocks, plans)

    # Blocks

    def blockwise(self) -> Iterator[Mapping[int, Strategy]]:
        """Equilibria of two active agents that treat the problems of some blocks alike."""
        if len(self.game.active) != 2:
            return
        now = time.monotonic()
        end = now + BLOCK_SECONDS if self.deadline is None else (now + self.deadline) / 2
        for parts in itertools.islice(partitions(self.game.copies), MAX_PARTITIONS):
            blocks = Blocks(self.form, parts)
            try:
                smaller = BlockSymmetricGame(blocks, MAX_ACTIONS)
            except SizeError:
                continue
            for plans in self._of_blocks(smaller, end):
                if plans is not None:
                    yield from self._listed(blocks, plans)
                if time.monotonic() > end:
                    return

    def _of_blocks(self, smaller: BlockSymmetricGame, end: float) -> Iterator[dict[int, Plan] | None]:
        """Equilibria of a game in blocks: the best, the worst, the least truthful, and all if they are few."""
        labels = sum(smaller.labels)
        if labels > MAX_LABELS:
            return

        def seconds() -> float:
            """Time limit of one program, within what is left of the search."""
            return max(0.1, min(PROGRAM_SECONDS, end - time.monotonic()))

        signs = (1,) if LabelFreeForm.applies(self.game) else (1, -1)  # the floor of exact budgets is label-free
        for sign in signs:
            ends = [self._attained(i, sign) for i in self.game.active]
            for p in range(2):
                if not ends[p]:
                    yield smaller.towards_payoff(p, sign, seconds())
            if not all(ends):
                yield smaller.towards_welfare(sign, seconds())
        if not self._swapped:
            yield smaller.towards_swaps(seconds())
        if labels <= MAX_CORNER_LABELS:
            yield from itertools.islice(smaller.corners(time.monotonic() + seconds()), MAX_CORNERS)

    def _attained(self, i: int, sign: int) -> bool:
        """Whether something found pays agent i its ceiling (1) or floor (-1), so that nothing pays more (less)."""
        bound = self._bounds[i, sign]
        return bound is not None and any(found.payoffs[i] == bound for found in self.found)

    @cached_property
    def _bounds(self) -> dict[tuple[int, int], Fraction | None]:
        ends = {1: bounds.ceiling, -1: bounds.floor}
        return {(i, sign): end(self.game, i) for i in self.game.active for sign, end in ends.items()}

    @property
    def _swapped(self) -> bool:
        """Whether something found swaps announcements around."""
        judge = TruthJudge(self.game)
        for i in self.game.active:
            types = len(self.game.problem.agents[i].types)
            for found in self.found:
                for _, _, table in found.profile[i].lie_tables(types):
                    if judge.classify(i, table) == NOT_TRUTHFUL:
                        return True
        return False

    # Walks

    def walks(self, count: int) -> Iterator[Mapping[int, Strategy]]:
        """Walks from the label-free equilibrium, in blocks of problems, and from others that were found."""
        goals = [Goal(i, sign) for i in range(self.game.n) for sign in (1, -1)] + [Goal(None)]
        sources = self._sources()
        for k, (blocks, plans) in enumerate(itertools.islice(itertools.cycle(sources), count) if sources else ()):
            goal = goals[(k + k // len(sources)) % len(goals)]
            for stop in walk(blocks, plans, goal, self.rng, steps=STEPS, deadline=self.deadline):
                yield from self._listed(blocks, stop)
            if self.late:
                return

    def _sources(self) -> list[tuple[Blocks, dict[int, Plan]]]:
        """Equilibria to walk from: the best and worst found for each agent, and label-free play in blocks."""
        if not self.game.active:
            return []
        ends = [
            choose(self.found, key=lambda found: found.payoffs[i])
            for i in (range(self.game.n) if self.found else ())
            for choose in (max, min)
        ]
        sources = []
        for found in dict.fromkeys(ends):
            laws = [self.form.announced(i, found.profile[i]).counts for i in self.game.active]
            blocks = Blocks(self.form, equal_positions(np.concatenate(laws, axis=1)[:, None, :]))
            sources.append((blocks, {i: blocks.plan(i, found.profile[i]) for i in self.game.active}))
        for parts in itertools.islice(partitions(self.game.copies), MAX_PARTITIONS):
            blocks = Blocks(self.form, parts)
            plans = self._even_plans(blocks)
            if plans is not None:
                sources.append((blocks, plans))
        return sources
