"""Taking turns against the game written out item by item."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.mechanisms.taking_turns import taking_turns
from eqsolve.problem import Agent, DecisionProblem, Type


def items_for(*agents):
    """One item that goes to one of the agents, each given as {value: probability}."""
    decisions = tuple(f"to {i}" for i in range(len(agents)))
    made = [
        Agent(str(i), tuple(Type(f"v{v}", p, {decisions[i]: v}) for v, p in values.items()))
        for i, values in enumerate(agents)
    ]
    return DecisionProblem(decisions, tuple(made), "items")


UNEQUAL = items_for({1: "1/3", 4: "2/3"}, {0: "1/2", 3: "1/4", 5: "1/4"})
THREE = items_for({1: "1/2", 2: "1/2"}, {1: "1/3", 5: "2/3"}, {0: "3/4", 1: "1/4"})
CASES = [
    (UNEQUAL, 3, ("0", "1", "0")),
    (UNEQUAL, 3, ("1", "1", "0")),
    (UNEQUAL, 4, ("1", "0", "0", "1")),
    (THREE, 3, ("2", "0", "1")),
]


def drawn(problem, copies):
    """All values of all agents with their probabilities: value[i][k]."""
    per_agent = []
    for i, agent in enumerate(problem.agents):
        worth = [(problem.utility(i, u)[i], t.prob) for u, t in enumerate(agent.types)]
        per_agent.append(list(itertools.product(worth, repeat=copies)))
    for choice in itertools.product(*per_agent):
        chance = math.prod((p for row in choice for _, p in row), start=Fraction(1))
        yield tuple(tuple(v for v, _ in row) for row in choice), chance


def sincere(values, order, left, first):
    """Means of what everybody gets."""
    totals = [Fraction(0)] * len(values)
    if not order:
        return totals
    i = order[0]
    best = max(values[i][k] for k in left)
    tied = [k for k in left if values[i][k] == best][: 1 if first else None]
    for k in tied:
        rest = sincere(values, order[1:], [x for x in left if x != k], first)
        for j, x in enumerate(rest):
            totals[j] += (x + (best if j == i else 0)) / len(tied)
    return totals


@pytest.mark.parametrize(("problem", "copies", "order"), CASES)
@pytest.mark.parametrize("ties", ["uniform", "first"])
def test_sincere_payoffs(problem, copies, order, ties):
    picks = [int(name) for name in order]
    totals = [Fraction(0)] * problem.n
    for values, chance in drawn(problem, copies):
        got = sincere(values, picks, list(range(copies)), ties == "first")
        totals = [t + chance * x / copies for t, x in zip(totals, got, strict=True)]
    found = taking_turns(problem, copies, order, ties=ties)
    assert found.payoffs == tuple(totals)
    assert (found.regret is None) == (ties == "first")


def best_reply(j, own, order, left, beliefs):
    """What agent j gets at best against sincere others, knowing its values and what was taken: all of the game tree.

    `beliefs` are the others' values with their probabilities, given what was taken so far.
    """
    if not order:
        return Fraction(0)
    total = sum(beliefs.values())
    if order[0] == j:
        return max(own[k] * total + best_reply(j, own, order[1:], left - {k}, beliefs) for k in left)
    branches = {k: {} for k in left}
    for values, p in beliefs.items():
        theirs = dict(values)[order[0]]
        best = max(theirs[k] for k in left)
        tied = [k for k in left if theirs[k] == best]
        for k in tied:
            branches[k][values] = branches[k].get(values, 0) + p / len(tied)
    return sum((best_reply(j, own, order[1:], left - {k}, b) for k, b in branches.items() if b), Fraction(0))


@pytest.mark.parametrize(("problem", "copies", "order"), [CASES[0], CASES[1], CASES[3]])
def test_sincere_play_is_a_bayesian_equilibrium(problem, copies, order):
    """No reply gains, whatever it learns from what the others took."""
    picks = [int(name) for name in order]
    assert taking_turns(problem, copies, order).regret == 0
    for j in range(problem.n):
        by_own = {}
        for values, chance in drawn(problem, copies):
            others = tuple((i, row) for i, row in enumerate(values) if i != j)
            by_own.setdefault(values[j], {})[others] = chance
        for own, beliefs in by_own.items():
            honest = Fraction(0)
            for others, p in beliefs.items():
                rows = dict(others) | {j: own}
                values = tuple(rows[i] for i in range(problem.n))
                honest += p * sincere(values, picks, list(range(copies)), first=False)[j]
            assert best_reply(j, own, picks, frozenset(range(copies)), beliefs) == honest


def foresighted(values, order, left):
    if not order:
        return (Fraction(0),) * len(values)
    i, found = order[0], []
    for k in left:
        rest = foresighted(values, order[1:], left - {k})
        found.append(tuple(x + (values[i][k] if j == i else 0) for j, x in enumerate(rest)))
    most = max(x[i] for x in found)
    best = [x for x in found if x[i] == most]
    return tuple(sum(column) / len(best) for column in zip(*best, strict=True))


@pytest.mark.parametrize(("problem", "copies", "order"), CASES)
def test_foresighted_payoffs(problem, copies, order):
    picks = [int(name) for name in order]
    totals = [Fraction(0)] * problem.n
    for values, chance in drawn(problem, copies):
        got = foresighted(values, picks, frozenset(range(copies)))
        totals = [t + chance * x / copies for t, x in zip(totals, got, strict=True)]
    assert taking_turns(problem, copies, order, "foresighted").payoffs == tuple(totals)


@pytest.mark.parametrize("order", ["round robin", "snake"])
@pytest.mark.parametrize("play", ["sincere", "foresighted"])
def test_agents_come_in_random_order(order, play):
    """Over all orders of unlike agents, and shared among like ones."""
    for problem in (UNEQUAL, items_for(*[{1: "1/2", 3: "1/2"}] * 2)):
        expected = [Fraction(0)] * 2
        for first in ("01", "10"):
            picks = (first * 3 if order == "round robin" else first + first[::-1] + first)[:5]
            got = taking_turns(problem, 5, tuple(picks), play).payoffs
            expected = [e + g / 2 for e, g in zip(expected, got, strict=True)]
        assert taking_turns(problem, 5, order, play).payoffs == tuple(expected)


@pytest.mark.parametrize(
    ("copies", "linking", "robin", "snake"),
    [(3, "22/27", "64/81", "64/81"), (6, "5498/6561", "67/81", "27053/32805")],
)
def test_example_2_beside_linking(copies, linking, robin, snake):
    model = eq.load("taking-turns")
    assert LabelFreeForm(model.link(copies)).payoffs() == (Fraction(linking),) * 3
    for order, figure in (("round robin", robin), ("snake", snake)):
        found = taking_turns(model.problem, copies, order)
        assert (found.payoffs, found.regret) == ((Fraction(figure),) * 3, 0)


def test_taking_turns_overtakes_linking():
    """Both come near the efficient 8/9; with few items linking is better, with many the draft."""
    model = eq.load("taking-turns")
    for copies, ahead in ((9, False), (30, True)):
        draft = taking_turns(model.problem, copies).payoffs[0]
        linked = LabelFreeForm(model.link(copies)).payoff(0)
        assert (draft > linked) == ahead
        assert max(draft, linked) < Fraction(8, 9) == model.target()[0]


def test_foresighted_heirs_with_three_items():
    """Who picks one item of three has nothing to foresee."""
    problem = eq.load("taking-turns").problem
    assert taking_turns(problem, 3, "round robin", "foresighted").payoffs == (Fraction(64, 81),) * 3


@pytest.mark.slow
def test_foresighted_heirs_with_six_items():
    problem = eq.load("taking-turns").problem
    found = taking_turns(problem, 6, "round robin", "foresighted").payoffs
    assert found == (Fraction("43433668234/52301766015"),) * 3


@pytest.mark.parametrize(
    ("what", "error", "hint"),
    [
        ({"order": "backwards"}, ModelError, "round robin"),
        ({"order": ("0", "1")}, ModelError, "one per item"),
        ({"order": ("0", "1", "x")}, ModelError, "'x'"),
        ({"play": "clever"}, ModelError, "clever"),
        ({"ties": "last"}, ModelError, "last"),
        ({"copies": 0}, ModelError, "at least 1"),
        ({"copies": 60, "play": "foresighted"}, SizeError, "fewer items"),
        ({"copies": 12, "ties": "first"}, SizeError, "fewer items"),
    ],
)
def test_what_cannot_be_played(what, error, hint):
    with pytest.raises(error, match=hint):
        taking_turns(UNEQUAL, what.pop("copies", 3), **what)


def test_other_problems_are_refused():
    with pytest.raises(NotSupported, match="single agent"):
        taking_turns(eq.load("bargaining").problem, 3)
