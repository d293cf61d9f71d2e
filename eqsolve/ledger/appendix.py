"""The appendix: nearest budgets, exact marginals, what label-free opponents announce, and what truth secures."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from eqsolve.budget import BudgetRule, Histogram, compositions
from eqsolve.errors import ModelError
from eqsolve.exact.rational import text
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import lie_table
from eqsolve.judge.assess import Assessor
from eqsolve.judge.truth import FEWEST_LIES, TruthJudge
from eqsolve.ledger.bundled import bundled
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.linking import LinkedGame, Options
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.rule import utilitarian
from eqsolve.strategy import Strategy, Vector, expected_payoffs

PRIORS = (
    (Fraction(1, 4), Fraction(3, 4)),
    (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)),
    (Fraction(1, 6), Fraction(1, 3), Fraction(1, 2)),
    (Fraction(1, 4),) * 4,
)
COPIES = range(1, 7)


def nearest(prior: Sequence[Fraction], copies: int) -> list[Histogram]:
    """All budgets nearest to the prior frequencies in the Euclidean distance, by looking at every budget."""

    def off(counts: Histogram) -> Fraction:
        """Square of the distance between a budget's frequencies and the prior."""
        return sum(((Fraction(c, copies) - p) ** 2 for c, p in zip(counts, prior, strict=True)), Fraction(0))

    budgets = list(compositions(copies, len(prior)))
    least = min(map(off, budgets))
    return [counts for counts in budgets if off(counts) == least]


def _problem(prior: Sequence[Fraction]) -> DecisionProblem:
    """One agent with the given prior; its types differ in what the decision is worth."""
    types = tuple(Type(str(u), p, {"yes": Fraction(u)}) for u, p in enumerate(prior))
    return DecisionProblem(("yes", "no"), (Agent("1", types),))


def replacement(prior: Sequence[Fraction], counts: Histogram) -> tuple[Fraction, tuple[Fraction, ...]]:
    """The smallest gamma for a budget, and the law from which replaced announcements are drawn."""
    problem = _problem(prior)
    rule = BudgetRule("counts", {str(u): c for u, c in enumerate(counts)})
    game = LinkedGame(problem, utilitarian(problem), sum(counts), rule, Options(exact_marginals=True))
    return game.gammas[0], game.replacement(0)


def _is_as_described(prior: Sequence[Fraction], counts: Histogram) -> bool:
    """Whether (1 - gamma) P^k + gamma P~ = P for a distribution P~, and for no smaller gamma.

    P~ is fixed by gamma; a smaller gamma leaves a negative entry where P~ is already 0, or where nothing is replaced
    gamma is 0.
    """
    gamma, law = replacement(prior, counts)
    mixed = [(1 - gamma) * Fraction(c, sum(counts)) + gamma * q for c, q in zip(counts, law, strict=True)]
    if mixed != list(prior):
        return False
    if not gamma:
        return True
    return sum(law) == 1 and min(law) >= 0 and any(c and not q for c, q in zip(counts, law, strict=True))


def gamma(claim: Published) -> Settled:
    """Appendix: "a smallest possible gamma^k such that there exists another distribution" to mend the frequencies.

    Checked for several priors, K up to 6 and every nearest budget; the appendix takes "any" of these.
    """
    exist, depends = True, ""
    for prior, K in itertools.product(PRIORS, COPIES):
        found = {}
        for counts in nearest(prior, K):
            try:
                exist &= _is_as_described(prior, counts)
                found[counts] = replacement(prior, counts)[0]
            except ModelError:  # no gamma below 1
                exist = False
        if len(set(found.values())) > 1 and not depends:
            listed = " and ".join(f"{counts} needs gamma = {text(g)}" for counts, g in found.items())
            depends = f"prior ({', '.join(map(text, prior))}), K = {K}: {listed}"
    computed = "they exist" + (f"; {depends}" if depends else "; gamma is the same for all nearest budgets")
    caveat = (
        "they exist for every nearest budget, which is all that the appendix says; but it takes any of these, and the "
        f"smallest gamma does depend on which: {depends}"
    )
    method = f"{len(PRIORS)} priors, K = 1 to {COPIES[-1]}, every nearest budget"
    return sentence(exist, computed, method, caveat=caveat if depends else "", wrong="no such distribution exists")


def ties(claim: Published) -> Settled:
    """Appendix: "Find any approximation" by multiples of 1/k at the smallest Euclidean distance, and count them all.

    Every budget of four equally likely types at K = 2 is looked at.
    """
    prior = (Fraction(1, 4),) * 4
    found = nearest(prior, 2)
    problem = _problem(prior)
    told = LinkedGame(problem, utilitarian(problem), 2).budgets[0].ties
    caveat = (
        f"{len(found)} budgets are equally near, so which one is taken is part of the mechanism: each leaves out two "
        "of the four types"
    )
    wrong = f"by looking at every budget there are {len(found)}, by the remainders {told}"
    return sentence(
        len(found) == told, str(len(found)), "distances of all budgets", caveat=caveat if told > 1 else "", wrong=wrong
    )


def independence(claim: Published) -> Settled:
    """Proof of Theorem 1: label-free opponents' announcements are "P_-i, and this is i.i.d. across problems".

    One object, K = 2, where frequencies match exactly (gamma = 0): the law of the label-free equilibrium's messages, on
    each problem and on both together.
    """
    game = bundled("object").link(2)
    form = LabelFreeForm(game)
    strategies = Assessor(game, form.payoffs()).label_free_equilibrium(form).strategies
    if strategies is None:
        raise ArithmeticError("strategies of two problems are listed")
    law = strategies[1].message_law(game, 1)
    types = range(len(game.problem.agents[1].types))
    single = [[sum(p for m, p in law.items() if m[k] == v) for v in types] for k in range(2)]
    as_prior = all(tuple(row) == game.problem.agents[1].prior for row in single)
    independent = all(law.get((v, w), Fraction(0)) == single[0][v] * single[1][w] for v in types for w in types)
    high = game.problem.agents[1].type_index("high")
    both = law.get((high, high), Fraction(0))
    computed = (
        f"high is announced on each problem with probability {text(Fraction(single[0][high]))}, on both with "
        f"probability {text(both)}"
    )
    wrong = (
        ("on each problem the law is P, but " if as_prior else "")
        + "announcements on different problems are not independent, since the budget fixes how many of each there are: "
        f"one object, K = 2, both high with probability {text(both)} instead of "
        f"{text(single[0][high] * single[1][high])}. The proof only needs the law on each problem, as payoffs add up"
    )
    method = "law of messages in the label-free equilibrium of one object, K = 2"
    return sentence(as_prior and independent, computed, method, wrong=wrong)


def _truthful_plans(game: LinkedGame) -> list[Strategy]:
    """All pure strategies of agent 1 with as few lies as the budget forces."""
    judge, types = TruthJudge(game), len(game.problem.agents[0].types)
    messages = list(game.budgets[0].messages())

    def honest(t: Vector) -> list[Vector]:
        """Messages with the fewest lies for one type vector."""
        return [m for m in messages if judge.classify(0, lie_table(t, m, types)) == FEWEST_LIES]

    vectors = game.type_vectors(0)
    return [
        Strategy.pure(dict(zip(vectors, chosen, strict=True)))
        for chosen in itertools.product(*(honest(t) for t in vectors))
    ]


def security(claim: Published) -> Settled:
    """Theorem 1: an approximately truthful strategy obtains its payoff "regardless of the other agent's strategies".

    One object, K = 2: the label-free strategy with fewest lies, and every pure one, against every fixed message of the
    other agent. Whatever the other agent does is a mixture of those.
    """
    game = bundled("object").link(2)
    form = LabelFreeForm(game)
    strategies = Assessor(game, form.payoffs()).label_free_equilibrium(form).strategies
    if strategies is None:
        raise ArithmeticError("strategies of two problems are listed")
    fixed = [Strategy.pure(dict.fromkeys(game.type_vectors(1), m)) for m in game.budgets[1].messages()]

    def against(strategy: Strategy) -> set[Fraction]:
        """Agent 1's payoffs against each fixed message of the other agent."""
        return {expected_payoffs(game, (strategy, other))[0] for other in fixed}

    secured = against(strategies[0])
    others = [against(s) for s in _truthful_plans(game)]
    lowest, highest = min(map(min, others)), max(map(max, others))
    caveat = (
        "for the strategy that breaks ties evenly, as the proof has it. Theorem 1 says 'any' approximately truthful "
        f"strategy: breaking ties by the labels of the problems gets {text(lowest)} to {text(highest)}, depending on "
        "the other agent"
    )
    return sentence(
        len(secured) == 1,
        ", ".join(map(text, sorted(secured))),
        "payoffs of the label-free strategy, and of all pure ones with fewest lies, against every fixed message, K = 2",
        caveat=caveat if lowest < highest else "",
        wrong="the payoff depends on what the other agent announces",
    )
