"""Linked games taken apart, changed and put together again, for tests of how answers change with them."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, replace
from fractions import Fraction

import eqsolve as eq
from eqsolve.budget import Budget, Group
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.judge.bounds import ceiling, floor
from eqsolve.linking import LinkedGame
from eqsolve.rule import Rule
from eqsolve.strategy import Strategy


@dataclass(frozen=True)
class Kind:
    """A type: its name, probability and utility of each decision."""

    name: str
    prob: Fraction
    utility: tuple[Fraction, ...]


@dataclass(frozen=True)
class Ration:
    """Types (by index) that share a ration of announcements."""

    members: tuple[int, ...]
    least: int
    most: int


@dataclass(frozen=True)
class Player:
    name: str
    kinds: tuple[Kind, ...]
    rations: tuple[Ration, ...]


@dataclass(frozen=True)
class Parts:
    """All that a linked game without options is made of."""

    decisions: tuple[str, ...]
    players: tuple[Player, ...]
    lotteries: dict[tuple[int, ...], tuple[Fraction, ...]]
    weights: tuple[Fraction, ...] | None
    copies: int


def parts(game: LinkedGame) -> Parts:
    players = tuple(
        Player(
            agent.name,
            tuple(Kind(t.name, t.prob, game.problem.utility(i, u)) for u, t in enumerate(agent.types)),
            tuple(Ration(g.members, g.least, g.most) for g in game.budgets[i].groups),
        )
        for i, agent in enumerate(game.problem.agents)
    )
    return Parts(game.problem.decisions, players, dict(game.lotteries), game.rule.weights, game.copies)


def problem_of(p: Parts) -> eq.DecisionProblem:
    return eq.DecisionProblem(
        p.decisions,
        tuple(
            eq.Agent(
                a.name,
                tuple(eq.Type(k.name, k.prob, dict(zip(p.decisions, k.utility, strict=True))) for k in a.kinds),
            )
            for a in p.players
        ),
    )


def link(p: Parts) -> LinkedGame:
    """The game; budgets are those of the parts, whatever a rule would make of the priors."""
    problem = problem_of(p)
    rule = Rule(problem, {profile: p.lotteries[profile] for profile in problem.profiles()}, p.weights)
    game = LinkedGame(problem, rule, p.copies, eq.BudgetRule("none"))
    game.__dict__["budgets"] = tuple(
        Budget(
            p.copies,
            len(a.kinds),
            tuple(Group(str(k), r.members, r.least, r.most) for k, r in enumerate(a.rations)),
            kind="counts",
        )
        for a in p.players
    )
    return game


def answers(game: LinkedGame) -> dict[str, tuple[Fraction, ...]]:
    """Payoffs under the truth, of label-free play (exact budgets), and the bounds of all equilibria."""
    found = {
        "target": game.rule.target(),
        "floor": tuple(floor(game, i) for i in range(game.n)),
        "ceiling": tuple(ceiling(game, i) for i in range(game.n)),
    }
    if LabelFreeForm.applies(game):
        found["label-free"] = LabelFreeForm(game).payoffs()
    return found


def some_profile(game: LinkedGame, rng: random.Random) -> tuple[Strategy, ...]:
    """Any strategies at all, mixed in places."""
    profile = []
    for i in range(game.n):
        messages = list(game.budgets[i].messages())
        plan = {}
        for t in game.type_vectors(i):
            chosen = rng.sample(messages, min(len(messages), rng.randint(1, 2)))
            weights = [rng.randint(1, 3) for _ in chosen]
            plan[t] = {m: Fraction(w, sum(weights)) for m, w in zip(chosen, weights, strict=True)}
        profile.append(Strategy(plan))
    return tuple(profile)


def translated(profile: tuple[Strategy, ...], types, problems=None) -> tuple[Strategy, ...]:
    """A profile in which type u of agent i is called ``types[i][u]`` and problem k stands where `problems` has it."""

    def moved(i, vector):
        named = [types[i][u] for u in vector]
        return tuple(named if problems is None else [named[k] for k in problems])

    return tuple(
        Strategy({moved(i, t): {moved(i, m): p for m, p in lottery.items()} for t, lottery in strategy.plan.items()})
        for i, strategy in enumerate(profile)
    )


# Changes


def renamed(p: Parts, agents, types, decisions) -> Parts:
    """Agent ``agents[i]`` comes i-th, its type ``types[agent][u]`` u-th, decision ``decisions[d]`` d-th, all with new
    names.
    """
    players = []
    for i in agents:
        place = {u: k for k, u in enumerate(types[i])}
        kinds = tuple(
            Kind(f"kind {k}", p.players[i].kinds[u].prob, tuple(p.players[i].kinds[u].utility[d] for d in decisions))
            for k, u in enumerate(types[i])
        )
        rations = tuple(
            replace(r, members=tuple(sorted(place[u] for u in r.members))) for r in reversed(p.players[i].rations)
        )
        players.append(Player(f"player {len(players)}", kinds, rations))
    lotteries = {}
    for profile in itertools.product(*(range(len(a.kinds)) for a in players)):
        old = dict(zip(agents, profile, strict=True))
        before = tuple(types[i][old[i]] for i in range(len(agents)))
        lotteries[profile] = tuple(p.lotteries[before][d] for d in decisions)
    names = tuple(f"choice {d}" for d in range(len(decisions)))
    weights = None if p.weights is None else tuple(p.weights[i] for i in agents)
    return Parts(names, tuple(players), lotteries, weights, p.copies)


def rescaled(p: Parts, factors, shifts) -> Parts:
    """Agent i's type u gets ``factors[i]`` times as much, plus ``shifts[i][u]``; weights go down accordingly."""
    players = tuple(
        replace(
            a,
            kinds=tuple(
                replace(k, utility=tuple(f * w + s for w in k.utility)) for k, s in zip(a.kinds, row, strict=True)
            ),
        )
        for a, f, row in zip(p.players, factors, shifts, strict=True)
    )
    weights = None if p.weights is None else tuple(w / f for w, f in zip(p.weights, factors, strict=True))
    return replace(p, players=players, weights=weights)


def with_bad_decision(p: Parts) -> Parts:
    """A decision more that is worse than every other to everybody, and that is never taken."""
    players = tuple(
        replace(a, kinds=tuple(replace(k, utility=(*k.utility, min(k.utility) - 1)) for k in a.kinds))
        for a in p.players
    )
    lotteries = {profile: (*lottery, Fraction(0)) for profile, lottery in p.lotteries.items()}
    return replace(p, decisions=(*p.decisions, "worst of all"), players=players, lotteries=lotteries)


def split(p: Parts, i: int, u: int, share: Fraction, counts: tuple[int, int] | None) -> Parts:
    """Agent i's type u in two, the last one new, which gets `share` of its probability.

    `counts` are the rations of the two, where u has one of its own; with None they share that of u.
    """
    agent = p.players[i]
    kind, new = agent.kinds[u], len(agent.kinds)
    kinds = [*agent.kinds, Kind("twin", kind.prob * share, kind.utility)]
    kinds[u] = replace(kind, prob=kind.prob * (1 - share))
    rations = []
    for r in agent.rations:
        if u not in r.members:
            rations.append(r)
        elif counts is None:
            rations.append(replace(r, members=(*r.members, new)))
        else:
            assert r.members == (u,)
            rations += [Ration((u,), counts[0], counts[0]), Ration((new,), counts[1], counts[1])]
    players = (*p.players[:i], Player(agent.name, tuple(kinds), tuple(rations)), *p.players[i + 1 :])
    twins = {(*profile[:i], new, *profile[i + 1 :]): x for profile, x in p.lotteries.items() if profile[i] == u}
    return replace(p, players=players, lotteries={**p.lotteries, **twins})


def with_dummy(p: Parts, kinds: tuple[Kind, ...], rations: tuple[Ration, ...], place: int) -> Parts:
    """An agent more, to whose announcements nobody listens."""
    players = (*p.players[:place], Player("dummy", kinds, rations), *p.players[place:])
    lotteries = {
        (*profile[:place], u, *profile[place:]): x for profile, x in p.lotteries.items() for u in range(len(kinds))
    }
    weights = None if p.weights is None else (*p.weights[:place], Fraction(1), *p.weights[place:])
    return replace(p, players=players, lotteries=lotteries, weights=weights)
