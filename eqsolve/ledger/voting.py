"""Example 1: two agents vote on linked decisions and may call half of them important.

The model is the bundled ``voting``: v = v(b) - v(a) is -2, -1, 1 or 2, equally likely; on half of the problems an agent
announces magnitude 2, signs are free, and the sum of the announcements decides, a fair coin where it is 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

from eqsolve.budget import BudgetRule, multinomial
from eqsolve.exact.rational import text
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm, fixed_point
from eqsolve.judge.truth import FEWEST_LIES, TruthJudge
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, figure, sentence, unsettled
from eqsolve.linking import LinkedGame
from eqsolve.problem import DecisionProblem
from eqsolve.rule import Outcome, Rule, table
from eqsolve.solving import solve
from eqsolve.strategy import Strategy, Vector, uniform

FOR, AGAINST = ["2", "1"], ["-1", "-2"]
SEARCH_SECONDS = 60.0
Condition = Callable[[Vector, Vector], bool]


@cache
def linked(copies: int) -> LinkedGame:
    """The linked vote."""
    return bundled("voting").link(copies)


@cache
def differences(problem: DecisionProblem) -> tuple[Fraction, ...]:
    """v(b) - v(a) of each type; the agents are alike."""
    worth = [problem.utility(0, u) for u in range(problem.shape[0])]
    return tuple(b - a for a, b in worth)


@cache
def separate(copies: int) -> LinkedGame:
    """Separate votes: the signs decide each problem, a fair coin where they differ; anything may be announced."""
    problem = bundled("voting").problem
    lines = [
        Outcome({"1": FOR, "2": FOR}, "b"),
        Outcome({"1": AGAINST, "2": AGAINST}, "a"),
        Outcome({}, {"a": "1/2", "b": "1/2"}),
    ]
    vote: Rule = table(problem, lines)
    return LinkedGame(problem, vote, copies, BudgetRule("none"))


def truth(game: LinkedGame) -> Strategy:
    """Announce the truth."""
    return Strategy.pure({t: t for t in game.type_vectors(0)})


@cache
def described() -> Strategy:
    """The strategy of the example, K = 2: the truth where magnitudes differ, else true signs and one 2 by a coin."""
    game = linked(2)
    v = differences(game.problem)
    messages = list(game.budgets[0].messages())
    plan = {}
    for t in game.type_vectors(0):
        open_ = [t] if abs(v[t[0]]) != abs(v[t[1]]) else [m for m in messages if _same_signs(v, t, m)]
        plan[t] = open_
    return uniform(plan)


def _same_signs(v: tuple[Fraction, ...], t: Vector, m: Vector) -> bool:
    return all(v[x] * v[y] > 0 for x, y in zip(t, m, strict=True))


def bayesian_equilibrium(claim: Published) -> Settled:
    """Example 1: "it is straightforward to check that there is a Bayesian equilibrium with the following features".

    The regret of the described strategies from the definition: every message at every type vector.
    """
    game = linked(2)
    regret = ExplicitForm(game).regret((described(), described()))
    method = "regret of the described strategies over all 16 type vectors and 8 messages of each agent"
    return sentence(regret == 0, f"regret {text(regret)}", method, wrong="somebody gains by deviating")


def error_probability(game: LinkedGame, strategy: Strategy, condition: Condition = lambda s, t: True) -> Fraction:
    """Probability that problem 1 is decided for the smaller total, given opposite signs, unequal magnitudes there.

    Both agents follow `strategy`; `condition` selects pairs of type vectors.
    """
    v = differences(game.problem)
    wrong = total = Fraction(0)
    for s, t in itertools.product(game.type_vectors(0), repeat=2):
        if v[s[0]] * v[t[0]] > 0 or abs(v[s[0]]) == abs(v[t[0]]) or not condition(s, t):
            continue
        weight = game.type_probability(0, s) * game.type_probability(1, t)
        worse = 0 if v[s[0]] + v[t[0]] > 0 else 1
        total += weight
        for (m, p), (n, q) in itertools.product(strategy.plan[s].items(), strategy.plan[t].items()):
            wrong += weight * p * q * game.lotteries[m[0], n[0]][worse]
    return wrong / total


def error_linked(claim: Published) -> Settled:
    """Example 1: "In the linked mechanism, an error will only occur with probability 1/4".

    Given that the agents disagree both on sign and magnitude, over all type vectors and messages of the described
    equilibrium.
    """
    value = error_probability(linked(2), described())
    return figure(claim, [value], "enumeration of type vectors and messages of the described equilibrium, K = 2")


def error_separate(claim: Published) -> Settled:
    """Example 1: a separate vote "will flip a coin and make an error with probability 1/2" in that case."""
    value = error_probability(separate(1), truth(separate(1)))
    return figure(claim, [value], "enumeration of type profiles under the vote with a coin, K = 1")


def error_in_cases(claim: Published) -> Settled:
    """Example 1, (a) to (d): each agent's magnitude on the other problem differs from that on this one, or not.

    Errors in the four sub-cases, which are checked to be equally likely.
    """
    game, v = linked(2), differences(linked(2).problem)

    def equal(t: Vector) -> bool:
        """Whether both problems matter equally to an agent of this type vector."""
        return abs(v[t[0]]) == abs(v[t[1]])

    cases = [(False, False), (True, False), (False, True), (True, True)]
    values = [
        error_probability(game, described(), lambda s, t, case=case: (equal(s), equal(t)) == case)  # type: ignore[misc]
        for case in cases
    ]
    return figure(
        claim, values, "enumeration by whether no agent, agent 1, agent 2 or both have equal magnitudes, K = 2"
    )


def all_equilibria(claim: Published) -> Settled:
    """Example 1: "all equilibria have similar features up to the tie breaking".

    All Bayesian equilibria of the linked vote at K = 2, by the complete search in the explicit form. Similar features:
    the truth where magnitudes differ, true signs otherwise; ties are broken in any way.
    """
    game, v = linked(2), differences(linked(2).problem)
    found = solve(game, form="explicit", max_seconds=SEARCH_SECONDS)
    if found.stopped == "interrupted":
        raise KeyboardInterrupt
    if not found.complete:
        return unsettled(f"not computed: the search for all equilibria stopped ({found.stopped})")

    def similar(t: Vector, m: Vector) -> bool:
        """Whether a message has the features: the truth if magnitudes differ, else true signs."""
        return m == t if abs(v[t[0]]) != abs(v[t[1]]) else _same_signs(v, t, m)

    played = [
        similar(t, m)
        for e in found
        for strategy, free in zip(e.strategies or (), e.free or (), strict=True)
        for t, messages in strategy.plan.items()
        for m in (*messages, *free.get(t, ()))
    ]
    payoffs = sorted({e.payoffs for e in found})
    told = "; ".join(f"payoffs {', '.join(map(text, p))}" for p in payoffs)
    method = "complete list of Bayesian equilibria of the explicit form: dominance, then search"
    wrong = f"{played.count(False)} of {len(played)} messages that are played in some equilibrium have other features"
    return sentence(all(played), f"{len(found)} class of equilibria, {told}", method, wrong=wrong)


def mean_announcements(form: LabelFreeForm, i: int) -> list[list[Fraction]]:
    """Probability that agent i's type on a problem is u and its announcement v, mixing evenly over best messages."""
    game = form.game
    types = len(game.problem.agents[i].types)
    joint = [[Fraction(0)] * types for _ in range(types)]
    for histogram, chance in game.histogram_law(i).items():
        tables = list(form.tables(i).tables(histogram))
        ways = [_ways(t) for t in tables]
        for t, count in zip(tables, ways, strict=True):
            for u, v in itertools.product(range(types), repeat=2):
                joint[u][v] += chance * Fraction(count * t[u][v], sum(ways) * game.copies)
    return joint


def _ways(lies: tuple[tuple[int, ...], ...]) -> int:
    """Number of messages with a given lie table at a type vector."""
    ways = 1
    for row in lies:
        ways *= multinomial(row)
    return ways


def _truthful_errors(copies: range) -> Iterator[tuple[bool, Fraction]]:
    """Whether label-free play has fewest lies, and the conditional error probability, for each K."""
    for K in copies:
        game = linked(K)
        form = fixed_point(game)
        if form is None:
            raise ArithmeticError(f"iteration found no label-free equilibrium of the vote at K = {K}")
        judge, v = TruthJudge(game), differences(game.problem)
        honest = all(
            judge.classify(0, t) == FEWEST_LIES
            for histogram, _ in game.histogram_law(0).items()
            for t in form.tables(0).tables(histogram)
        )
        joint = mean_announcements(form, 0)
        types = range(len(v))
        wrong = total = Fraction(0)
        for s, t in itertools.product(types, repeat=2):
            if v[s] * v[t] < 0 and abs(v[s]) != abs(v[t]):
                worse = 0 if v[s] + v[t] > 0 else 1
                total += sum(joint[s]) * sum(joint[t])
                wrong += sum(
                    joint[s][x] * joint[t][y] * game.lotteries[x, y][worse]
                    for x, y in itertools.product(types, repeat=2)
                )
        yield honest, wrong / total


def error_many(claim: Published) -> Settled:
    """Example 1, Linking Many: "linking more decisions together helps further".

    The conditional error probability in the label-free equilibrium with even mixing, K = 2, 4, 6, 8, 10, from the joint
    law of true and announced types on a problem. All best messages are checked to have fewest lies.
    """
    copies = range(2, 11, 2)
    found = list(_truthful_errors(copies))
    values = [value for _, value in found]
    falls = all(honest for honest, _ in found) and all(a > b for a, b in itertools.pairwise(values))
    told = ", ".join(f"K = {K}: {text(value)}" for K, value in zip(copies, values, strict=True))
    return sentence(falls, told, "label-free equilibrium, by transportation problems", wrong="it does not fall")
