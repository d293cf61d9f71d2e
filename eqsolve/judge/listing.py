"""From maximal Nash subsets to a numbered list of strategy profiles, all agents included."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eqsolve.forms.blocks import ClassSubset, TypeStrategy
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.linking import LinkedGame
from eqsolve.solution import Equilibrium, Messages
from eqsolve.strategy import Strategy, uniform

MAX_PAIRS = 5_000
Told = tuple[Strategy, Messages]
"""A strategy, and the messages among which it may mix freely."""


@dataclass(frozen=True, eq=False)
class Listing:
    """Profiles, numbered, and which of them span each subset.

    Parameters
    ----------
    profiles : list of (strategies, free messages), one of each per agent
    subsets : per maximal Nash subset the indices of its profiles
    shortened : bool
        Whether some subset lists every extreme strategy but not every pair of them.
    """

    profiles: list[tuple[tuple[Strategy, ...], tuple[Messages, ...]]]
    subsets: tuple[tuple[int, ...], ...]
    shortened: bool


def number_profiles(
    game: LinkedGame, subsets: Sequence[ClassSubset], tell: Callable[[int, TypeStrategy], Told]
) -> Listing:
    """Number the profiles of extreme strategies that span the subsets.

    Parameters
    ----------
    game : LinkedGame
    subsets : maximal Nash subsets of the active agents
    tell : callable
        Turns what active agent p does into a strategy of the linked game.

    Notes
    -----
    A subset of r rows and c columns has r·c extreme equilibria. Above `MAX_PAIRS` pairs in a subset each extreme
    strategy is listed at least once, which is enough to span the subset.
    """
    told: list[dict[TypeStrategy, Told]] = [{}, {}]
    index: dict[tuple[TypeStrategy | None, TypeStrategy | None], int] = {}
    profiles: list[tuple[tuple[Strategy, ...], tuple[Messages, ...]]] = []
    lists = []
    shortened = False
    for subset in subsets:
        pairs, cut = _pairs(subset)
        shortened |= cut
        members = []
        for pair in pairs:
            if pair not in index:
                index[pair] = len(profiles)
                active = []
                for p, chosen in enumerate(pair):
                    if chosen is not None:
                        if chosen not in told[p]:
                            told[p][chosen] = tell(p, chosen)
                        active.append(told[p][chosen])
                profiles.append(_everybody(game, active))
            members.append(index[pair])
        lists.append(tuple(sorted(members)))
    return Listing(profiles, tuple(lists), shortened)


def _pairs(subset: ClassSubset) -> tuple[Iterable[tuple[TypeStrategy | None, TypeStrategy | None]], bool]:
    rows: Sequence[TypeStrategy | None] = subset.rows or (None,)
    cols: Sequence[TypeStrategy | None] = subset.cols or (None,)
    if len(rows) * len(cols) <= MAX_PAIRS:
        return itertools.product(rows, cols), False
    longest = max(len(rows), len(cols))
    return [(rows[k % len(rows)], cols[k % len(cols)]) for k in range(longest)], True


def _everybody(game: LinkedGame, active: Sequence[Told]) -> tuple[tuple[Strategy, ...], tuple[Messages, ...]]:
    """Add the agents without a choice that matters."""
    chosen = dict(zip(game.active, active, strict=True))
    everybody = [chosen[i] if i in chosen else without_choice(game, i) for i in range(game.n)]
    return tuple(s for s, _ in everybody), tuple(f for _, f in everybody)


def without_choice(game: LinkedGame, i: int) -> Told:
    """What an agent does whose announcements nobody's payoff depends on, or who has a single message."""
    messages = tuple(game.budgets[i].messages())
    vectors = game.type_vectors(i)
    free: Messages = dict.fromkeys(vectors, messages) if len(messages) > 1 else {}
    return uniform({t: list(messages) for t in vectors}), free


def explicit_strategy(form: ExplicitForm, p: int, told: TypeStrategy) -> Told:
    """A strategy of active agent p, told in action indices of the explicit form."""
    plan, free = {}, {}
    for t, lottery, mixable in zip(form.vectors[p], told.lotteries, told.free, strict=True):
        plan[t] = {form.message(p, a): q for a, q in lottery}
        if mixable:
            free[t] = tuple(form.message(p, a) for a in mixable)
    return Strategy(plan), free


def label_free_first(
    first: Equilibrium | None, entries: Sequence[Equilibrium], subsets: Sequence[Sequence[int]]
) -> tuple[tuple[Equilibrium, ...], tuple[tuple[int, ...], ...]]:
    """Put the label-free equilibrium in front; if it is one of the extreme ones, that one moves to the front."""
    if first is None:
        return tuple(entries), tuple(tuple(s) for s in subsets)
    same = next((k for k, e in enumerate(entries) if e.strategies == first.strategies), None)
    if same is None:
        return (first, *entries), tuple(tuple(k + 1 for k in s) for s in subsets)
    order = [same, *(k for k in range(len(entries)) if k != same)]
    position = {k: new for new, k in enumerate(order)}
    return (
        tuple(entries[k] for k in order),
        tuple(tuple(sorted(position[k] for k in s)) for s in subsets),
    )
