"""Honest certificates of every kind, random edits of them, and whether the solvers agree with what one states."""

from __future__ import annotations

import copy
import itertools
import json
import math
import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache

import numpy as np
from certificate_evidence import ceiling_evidence, floor_evidence, label_free_duals, label_free_profile, name

import eqsolve as eq
from eqsolve.budget import Budget, Group
from eqsolve.certificate.game import read_game
from eqsolve.errors import EqsolveError
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.forms.label_free import LabelFreeForm
from eqsolve.forms.lie_tables import lie_table
from eqsolve.interdependent.efficient import efficient_rule
from eqsolve.interdependent.model import InformedAgent, InterdependentModel
from eqsolve.interdependent.second_best import best_by_program
from eqsolve.interdependent.support import support
from eqsolve.io import certificate_file as write
from eqsolve.io.interdependent_certificate import bound_certificate, support_certificate
from eqsolve.io.interdependent_file import load_interdependent
from eqsolve.io.optimal_json import optimal_certificate
from eqsolve.io.plain_certificate import equilibria_certificate
from eqsolve.io.transfers_certificate import existence_certificate
from eqsolve.judge import bounds as judge
from eqsolve.judge.assess import Assessor
from eqsolve.judge.bounds.dominance import undominated_tables
from eqsolve.judge.complementarity_bound import equilibrium_range
from eqsolve.judge.truth import FEWEST_LIES, TruthJudge
from eqsolve.mechanisms.optimal import Requirements
from eqsolve.rule import Rule
from eqsolve.strategy import Strategy, expected_payoffs
from eqsolve.transfers.existence import existence
from eqsolve.transfers.families import trade_model
from eqsolve.transfers.problem import QuasiLinearProblem
from eqsolve.transfers.requirements import Wanted

# Honest certificates


@cache
def example5():
    game = eq.load("collusion").link(2)
    return game, eq.solve(game)


def _one():
    return eq.load("object").link(2)


def _equilibrium():
    return write.equilibrium_found(_one(), label_free_profile(_one()))


def _bounds():
    game, _ = example5()
    low, high = ([end(game, i) for i in range(3)] for end in (judge.floor, judge.ceiling))
    floors = {name(game, i): judge.floor_evidence(game, i) for i in range(3)}
    return write.bounds_proved(game, low, high, floors, ceiling_evidence(game))


def _of_both_ends(low, high, game):
    """Bounds of agent 1 from a pair of (value, evidence)."""
    first, others = name(game, 0), [None] * (game.n - 1)
    return write.bounds_proved(game, [low[0], *others], [high[0], *others], {first: low[1]}, {first: high[1]})


def _tree():
    game = eq.load("bargaining").link(2)
    found = equilibrium_range(game, 0)
    return _of_both_ends((found.lo, found.lo_evidence), (found.hi, found.hi_evidence), game)


def _joint_law():
    game = eq.load("bargaining").link(2)
    ends = [judge.joint_law_bound(game, 0, side) for side in ("floor", "ceiling")]
    return _of_both_ends(*((end.value, end.evidence) for end in ends), game)


def _margins():
    game = _one()
    ends = [judge.floor_by_margins(game, 0), judge.ceiling_by_margins(game, 0)]
    return _of_both_ends(*((end.value, end.evidence) for end in ends), game)


def _payoffs_unique(write_it):
    return lambda: write_it(_one(), LabelFreeForm(_one()).payoffs(), floor_evidence(_one()), ceiling_evidence(_one()))


def _pair(write_it, *more):
    def build():
        game, solution = example5()
        witness = next(e for e in solution if e.coordination.verdict == "collusive")
        return write_it(game, *more, solution[0].strategies, witness.strategies)

    return build


def _collusion():
    game, solution = example5()
    witness = next(e for e in solution if e.coordination.verdict == "collusive")
    return write.no_collusion_refuted(game, witness.strategies, solution[0].strategies, (1, 2))


def lie():
    game = eq.load("taking-turns").link(3)
    judged = TruthJudge(game)
    profile = label_free_profile(game)
    lies = [(t, m) for t, m, table in profile[0].lie_tables(3) if judged.classify(0, table) != FEWEST_LIES]
    return write.truthful_refuted(game, "fewest-lies", profile, 0, *lies[0])


def alone():
    kind = (eq.Type("x", "1/2", {"a": 1}), eq.Type("y", "1/2", {"b": 1}))
    problem = eq.DecisionProblem(("a", "b"), (eq.Agent("1", kind),))
    return eq.LinkedGame(problem, eq.utilitarian(problem), 2, eq.BudgetRule("none"))


def _truthful():
    return write.truthful_proved(alone(), "fewest-lies", undominated_tables(alone()).reduction())


def _unique(says):
    return lambda: write.unique_proved(alone(), says, undominated_tables(alone()).reduction())


def _figure():
    game = _one()
    evidence = {name(game, i): label_free_duals(game, i) for i in range(2)}
    return write.payoff_proved(game, "label-free", LabelFreeForm(game).payoffs(), {"1": "3.313"}, evidence)


def _target():
    game = _one()
    return write.payoff_proved(game, "target", game.rule.target(), {"2": "3.9"}, {})


def _floor_figure():
    game = _one()
    return write.payoff_proved(game, "floor", [judge.floor(game, i) for i in range(2)], {}, floor_evidence(game))


def _optimal(model, copies, *requirements):
    def build():
        game = eq.load(model).link(copies)
        return optimal_certificate(game, eq.optimal_mechanism(game.problem, copies, Requirements(*requirements)))

    return build


def _trade(points, *wanted, ties="any"):
    return lambda: existence_certificate(existence(trade_model(points).problem(), Wanted(*wanted), ties))


def _support(model, points, incentives):
    return lambda: support_certificate(
        support(efficient_rule(load_interdependent(model).with_points(points)), incentives)
    )


def _welfare(model, points, incentives):
    return lambda: bound_certificate(best_by_program(load_interdependent(model).with_points(points), incentives))


def _plain(seed, shape, span):
    def build():
        rng = random.Random(seed)
        tables = [np.array([rng.randint(-span, span) for _ in range(math.prod(shape))]).reshape(shape) for _ in shape]
        return equilibria_certificate(eq.nash(eq.NormalFormGame.from_payoffs(*tables)))

    return build


HONEST: dict[str, Callable] = {
    "equilibrium": _equilibrium,
    "bounds": _bounds,
    "bounds by a tree": _tree,
    "bounds by a joint law": _joint_law,
    "bounds by margins": _margins,
    "payoffs-unique": _payoffs_unique(write.payoffs_unique_proved),
    "no collusion": _payoffs_unique(write.no_collusion_proved),
    "different payoffs": _pair(write.payoffs_unique_refuted),
    "collusion": _collusion,
    "different outcomes": _pair(lambda game, *pair: write.unique_refuted(game, "outcome-unique", *pair)),
    "different equilibria": _pair(lambda game, *pair: write.unique_refuted(game, "equilibrium-unique", *pair)),
    "lie": lie,
    "truthful": _truthful,
    "outcome-unique": _unique("outcome-unique"),
    "equilibrium-unique": _unique("equilibrium-unique"),
    "figure": _figure,
    "figure of the target": _target,
    "figure of a floor": _floor_figure,
    "optimal": _optimal("object", 2),
    "optimal, strategy-proof": _optimal("object", 1, "dsic"),
    "optimal, total": _optimal("bargaining", 1, "bic", "total", "no_trade"),
    "optimal, paid": _optimal("bargaining", 1, "bic", "interim", "no_trade", True),
    "transfers": _trade(2),
    "no transfers": _trade(6),
    "no transfers, dominant": _trade(4, "dsic", "ex-post", "balanced", ties="first"),
    "no transfers ex post": _trade(3, "ex-post", "ex-post", "no-deficit", ties="uniform"),
    "transfers with a deficit": _trade(3, "dsic", "ex-post", "none", ties="first"),
    "interdependent, transfers": _support("one-dimensional", 3, "bayesian"),
    "interdependent, transfers ex post": _support("one-dimensional", 3, "ex-post"),
    "interdependent, none": _support("two-informed", 4, "bayesian"),
    "interdependent, none ex post": _support("interim-only", 3, "ex-post"),
    "plain game": _plain(1, (3, 3), 1),
    "plain game of three": _plain(3, (2, 2, 2), 2),
    "welfare bound": _welfare("two-informed", 3, "bayesian"),
    "welfare bound ex post": _welfare("two-informed", 2, "ex-post"),
}


@cache
def _built(kind):
    return json.dumps(HONEST[kind]())


def honest(kind):
    """A valid certificate of a kind, as it is read from a file."""
    return json.loads(_built(kind))


# Random edits


def places(block, path=()):
    """Every place in a document, keys included."""
    items = block.items() if isinstance(block, dict) else enumerate(block) if isinstance(block, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def mutate(rng, document):
    """Change something somewhere, or nothing where the change that was drawn does not fit."""
    found = [p for p in places(document) if p[0] not in ("format", "program") and p != ("game", "name")]
    numbers = [p for p in found if _is_number(_at(document, p))]
    only_number = bool(numbers) and rng.random() < 0.4
    path = rng.choice(numbers if only_number else found)
    place = _at(document, path[:-1])
    key, value = path[-1], place[path[-1]]
    siblings = [v for v in (place.values() if isinstance(place, dict) else place) if v != value]
    action = 1.0 if only_number else rng.random()
    if action < 0.1:
        del place[key]
    elif action < 0.25 and siblings:
        place[key] = copy.deepcopy(rng.choice(siblings))
    elif action < 0.35 and isinstance(place, list):
        place.insert(key, copy.deepcopy(value))
    elif action < 0.45 and isinstance(place, dict):
        others = [k for p in found for k in p[-1:] if isinstance(k, str)]
        place[rng.choice(others)] = place.pop(key)
    elif action < 0.5 and isinstance(value, list):
        rng.shuffle(value)
    elif action < 0.55:  # a piece of the same kind from elsewhere in the document
        other = rng.choice(found)
        theirs = _at(document, other)
        if type(theirs) is type(value) and other[: len(path)] != path and path[: len(other)] != other:
            place[key], _at(document, other[:-1])[other[-1]] = copy.deepcopy(theirs), value
    elif isinstance(value, bool):
        place[key] = not value
    elif isinstance(value, int):
        place[key] = rng.choice([value + 1, value - 1, value + 1, value - 1, 0, -value, 2 * value, 10**6])
    elif isinstance(value, str):
        place[key] = another_text(rng, value, document)
    else:
        place[key] = rng.choice([None, 0, "1", [], {}])


def _is_number(value):
    try:
        return isinstance(value, int | str) and not isinstance(value, bool) and Fraction(value) is not None
    except ValueError:
        return False


def _at(document, path):
    for step in path:
        document = document[step]
    return document


WORDS = (
    "any", "first", "last", "uniform", "bic", "dsic", "ex-post", "none", "interim", "balanced", "ex-ante", "no-deficit",
    "proved", "refuted", "bayesian", "fewest-lies", "permutation-free", "floor", "ceiling", "total", "problem",
    "payoffs-unique", "no-collusion", "outcome-unique", "equilibrium-unique", "bounds", "equilibrium", "target",
)  # fmt: skip


def another_text(rng, value, document):
    if value in WORDS:
        return rng.choice(WORDS)
    try:
        q = Fraction(value)
    except ValueError:
        return value[:-1] + rng.choice("xyzab123") if rng.random() < 0.5 else ", ".join(reversed(value.split(", ")))
    nearby = q + rng.choice([1, -1, Fraction(1, 10**9), -Fraction(1, 10**9), Fraction(1, 2)])
    return str(rng.choice([nearby, -q, q * 2, q / 2, 1 - q, 1 / q if q else 5]))


def respell(rng, document):
    """Another name for an agent, type or decision everywhere: as true as before."""
    block = document["game"]
    names = [a["name"] for a in block.get("agents") or block["players"]]
    names += block.get("decisions") or block.get("alternatives") or []
    old = rng.choice([n for n in names if not _is_number(n)] or names)
    new = rng.choice([*names, "new name"])
    return json.loads(json.dumps(document).replace(json.dumps(old), json.dumps(new)))


def edited(rng, kind):
    """A certificate of a kind, edited in one place or a few; possibly with the evidence or game of another kind."""
    document = honest(kind)
    if rng.random() < 0.03:
        return respell(rng, document)
    if rng.random() < 0.03:
        part = rng.choice(["evidence", "statement", "game"])
        document[part] = honest(rng.choice(list(HONEST)))[part]
        return document
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        mutate(rng, document)
    return document


# What the solvers say


def linked(block):
    """The game of a certificate as the solvers see it."""
    agents = tuple(
        eq.Agent(
            a["name"],
            tuple(
                eq.Type(t["name"], t["prob"], dict(zip(block["decisions"], t["utility"], strict=True)))
                for t in a["types"]
            ),
        )
        for a in block["agents"]
    )
    problem = eq.DecisionProblem(tuple(block["decisions"]), agents)
    stated = read_game(block)
    lotteries = {profile: stated.outcomes[profile] for profile in problem.profiles()}
    game = eq.LinkedGame(problem, Rule(problem, lotteries, stated.weights), stated.copies, eq.BudgetRule("none"))
    budgets = tuple(
        Budget(
            stated.copies,
            len(a.types),
            tuple(Group(str(k), r.types, r.least, r.most) for k, r in enumerate(a.budget)),
            kind="counts",
        )
        for a in stated.agents
    )
    game.__dict__.update(budgets=budgets)
    return game


def profile_of(game, strategies):
    block = read_game(write.game_block(game))
    return tuple(
        Strategy(
            {
                block.vector(i, t): {block.vector(i, m): Fraction(p) for m, p in lottery.items()}
                for t, lottery in strategies[name(game, i)].items()
            }
        )
        for i in range(game.n)
    )


def is_equilibrium(game, block):
    profile = profile_of(game, block["strategies"])
    payoffs = tuple(Fraction(block["payoffs"][name(game, i)]) for i in range(game.n))
    return ExplicitForm(game).regret(profile) == 0 and expected_payoffs(game, profile) == payoffs


def range_of_payoffs(game):
    """The least and largest payoff of every agent over all equilibria: from their list, or from what bounds them."""
    if len(game.active) <= 2:
        found = eq.solve(game, form="explicit")
        if found.complete and not found.shortened:
            return [(min(p), max(p)) for p in zip(*(e.payoffs for e in found), strict=True)]
    return [(judge.floor(game, i), judge.ceiling(game, i)) for i in range(game.n)]


def outcomes(game, profile):
    """Lotteries on all problems at every profile of type vectors, from the definition."""
    table = {}
    for types in itertools.product(*(strategy.plan.items() for strategy in profile)):
        laws = [
            [sum(p for m, p in zip(*_law(lottery, k), strict=True) if m == v) for v in range(size)]
            for k in range(game.copies)
            for (_, lottery), size in zip(types, game.problem.shape, strict=True)
        ]
        per_problem = [laws[k * game.n : (k + 1) * game.n] for k in range(game.copies)]
        table[tuple(t for t, _ in types)] = tuple(_mix(game, law) for law in per_problem)
    return table


def _law(lottery, k):
    return [m[k] for m in lottery], list(lottery.values())


def _mix(game, law):
    total = [Fraction(0)] * len(game.problem.decisions)
    for announced, lottery in game.lotteries.items():
        chance = Fraction(1)
        for v, row in zip(announced, law, strict=True):
            chance *= row[v]
        total = [x + chance * p for x, p in zip(total, lottery, strict=True)]
    return tuple(total)


def do_the_same(game, first, second):
    """Whether some renaming of the problems carries what one profile does into what another does."""
    one, two = outcomes(game, first), outcomes(game, second)
    return any(
        all(
            tuple(lotteries[k] for k in order) == two[tuple(tuple(t[k] for k in order) for t in types)]
            for types, lotteries in one.items()
        )
        for order in itertools.permutations(range(game.copies))
    )


def rounds_to(value, told):
    """Whether a printed decimal is within half a unit of its last digit, or a printed fraction equal."""
    if "/" in told:
        return Fraction(told) == value
    digits = -Decimal(told).as_tuple().exponent
    return abs(Fraction(told) - value) <= Fraction(1, 2 * 10**digits)


def is_true(document):
    """Whether the solvers, which share no code with the checker, agree with what a certificate states."""
    if isinstance(document, list):
        return all(map(is_true, document))
    kind = document["game"]["kind"]
    if kind == "quasi-linear":
        return _exists(json.dumps([document["game"], document["statement"]]))
    if kind == "normal-form":
        return _are_nash(document["game"], document["statement"])
    if kind == "interdependent":
        return _supported(json.dumps([document["game"], document["statement"]]))
    game, statement, evidence = linked(document["game"]), document["statement"], document["evidence"]
    says = statement["says"]
    if says == "optimal-mechanism":
        return _best(json.dumps([document["game"], statement]))
    if says == "equilibrium":
        return is_equilibrium(game, {"payoffs": statement["payoffs"], **evidence})
    if statement.get("verdict") == "refuted":
        return _is_refuted(game, statement, evidence, document["game"])
    return _about_all(json.dumps([document["game"], statement]))


def _is_refuted(game, statement, evidence, block):
    says = statement["says"]
    if says in ("payoffs-unique", "outcome-unique", "equilibrium-unique"):
        first, second = (profile_of(game, e["strategies"]) for e in evidence["equilibria"])
        if not all(is_equilibrium(game, e) for e in evidence["equilibria"]):
            return False
        pay = expected_payoffs(game, first) != expected_payoffs(game, second)
        return pay or (says == "outcome-unique" and not do_the_same(game, first, second))
    if says == "no-collusion":
        usual = [Fraction(evidence["label_free"]["payoffs"][name(game, i)]) for i in range(game.n)]
        profile = profile_of(game, evidence["equilibrium"]["strategies"])
        reference = profile_of(game, evidence["label_free"]["strategies"])
        found = Assessor(game, usual).equilibrium(ExplicitForm(game), profile, ({},) * game.n)
        coalition = tuple(sorted(game.problem.agent_index(agent) for agent in evidence["coalition"]))
        return (
            is_equilibrium(game, evidence["equilibrium"])
            and is_equilibrium(game, evidence["label_free"])
            and all(s.is_label_free() for s in reference)
            and found.coordination.verdict == "collusive"
            and coalition in found.coordination.coalitions
        )
    assert says == "truthful"
    told = evidence["lie"]
    reader, i = read_game(block), game.problem.agent_index(told["agent"])
    t, m = reader.vector(i, told["types"]), reader.vector(i, told["message"])
    played = profile_of(game, evidence["equilibrium"]["strategies"])[i].plan.get(t, {}).get(m, 0) > 0
    kind = TruthJudge(game).classify(i, lie_table(t, m, len(reader.agents[i].types)))
    return played and is_equilibrium(game, evidence["equilibrium"]) and kind not in (statement["sense"], FEWEST_LIES)


@lru_cache(maxsize=10_000)
def _about_all(key):
    """Statements about all equilibria."""
    block, statement = json.loads(key)
    game, says = linked(block), statement["says"]
    names = [name(game, i) for i in range(game.n)]
    if says == "truthful":
        allowed = (FEWEST_LIES, statement["sense"])
        return all(e.truthful in allowed for e in eq.solve(game, form="explicit"))
    if says in ("outcome-unique", "equilibrium-unique"):
        return eq.settle(game, eq.Claim(says)).verdict == "proved"
    if says == "payoff" and statement["of"] in ("target", "label-free"):
        right = game.rule.target() if statement["of"] == "target" else LabelFreeForm(game).payoffs()
        stated = tuple(Fraction(statement["payoffs"][n]) for n in names)
        return stated == right and all(rounds_to(right[names.index(n)], t) for n, t in statement["printed"].items())
    ends = range_of_payoffs(game)
    if says in ("payoffs-unique", "no-collusion"):
        return all(
            (q, q) == end for q, end in zip((Fraction(statement["payoffs"][n]) for n in names), ends, strict=True)
        )
    if says == "payoff":
        values = {n: statement["payoffs"][n] for n in names}
        sides = {statement["of"]: values}
        if not all(rounds_to(Fraction(values[n]), t) for n, t in statement["printed"].items()):
            return False
    else:
        sides = {side: statement[side] for side in ("floor", "ceiling")}
    return all(
        told[n] is None or (Fraction(told[n]) <= low if side == "floor" else Fraction(told[n]) >= high)
        for side, told in sides.items()
        for n, (low, high) in zip(names, ends, strict=True)
    )


def _are_nash(block, statement):
    sizes = [len(p["strategies"]) for p in block["players"]]
    tables = [np.array([Fraction(q) for q in row], dtype=object).reshape(sizes) for row in block["payoffs"]]
    game = eq.NormalFormGame.from_payoffs(*tables)
    listed = [[[Fraction(p) for p in mixed] for mixed in e["strategies"]] for e in statement["equilibria"]]
    return (
        all(game.regret(profile) == 0 for profile in listed)
        and all(
            game.payoff(profile) == tuple(map(Fraction, e["payoffs"]))
            for profile, e in zip(listed, statement["equilibria"], strict=True)
        )
        and all(
            game.regret([listed[j][0], listed[k][1]]) == 0
            for group in statement["subsets"]
            for j, k in itertools.product(group, repeat=2)
        )
    )


@lru_cache(maxsize=10_000)
def _best(key):
    block, statement = json.loads(key)
    game, asked = linked(block), statement["requirements"]
    wanted = Requirements(asked["incentives"], asked["participation"], asked["status_quo"], asked["transfers"])
    weights = [Fraction(statement["weights"][a.name]) for a in game.problem.agents]
    found = eq.optimal_mechanism(game.problem, game.copies, wanted, weights=weights)
    return found.welfare == Fraction(statement["welfare"])


@lru_cache(maxsize=10_000)
def _exists(key):
    block, statement = json.loads(key)
    agents = tuple(
        eq.Agent(
            a["name"],
            tuple(
                eq.Type(t["name"], t["prob"], dict(zip(block["decisions"], t["utility"], strict=True)))
                for t in a["types"]
            ),
        )
        for a in block["agents"]
    )
    stay = [[t["outside"] for t in a["types"]] for a in block["agents"]]
    outside = None if stay[0][0] is None else tuple(tuple(map(Fraction, row)) for row in stay)
    costs = tuple(map(Fraction, block["costs"]))
    problem = QuasiLinearProblem(eq.DecisionProblem(tuple(block["decisions"]), agents), costs, outside)
    wanted = Wanted(statement["incentives"], statement["participation"], statement["budget"])
    rule = statement["rule"]
    if "table" in rule:
        allocation = tuple(tuple(map(Fraction, row)) for row in rule["table"])
        return existence(problem, wanted, allocation=allocation).exists == (statement["verdict"] == "proved")
    ties = rule["efficient"] if isinstance(rule["efficient"], str) else tuple(rule["efficient"])
    return existence(problem, wanted, ties).exists == (statement["verdict"] == "proved")


@lru_cache(maxsize=10_000)
def _supported(key):
    block, statement = json.loads(key)
    model = InterdependentModel(
        tuple(block["alternatives"]),
        tuple(
            InformedAgent(
                a["name"],
                tuple(f"{k}" for k, _ in enumerate(a["coordinates"])),  # their names are for people only
                tuple(tuple(map(Fraction, s)) for s in a["signals"]),
                tuple(map(Fraction, a["probs"])),
            )
            for a in block["agents"]
        ),
        tuple(
            tuple(tuple(tuple(map(Fraction, by)) for by in cell["effects"]) for cell in row) for row in block["values"]
        ),
        tuple(tuple(Fraction(cell["constant"]) for cell in row) for row in block["values"]),
        block["ties"],
    )
    if statement["says"] == "welfare-bounded":
        return best_by_program(model, statement["incentives"]).welfare <= Fraction(statement["welfare"])
    return support(efficient_rule(model), statement["incentives"]).exists == (statement["verdict"] == "proved")


def verdict_on(document):
    """True, False, or why the solvers cannot say."""
    try:
        return is_true(document)
    except (EqsolveError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


def draw(seed, number):
    """Kind and edited document number `number` of a run."""
    rng = random.Random(f"{seed} {number}")
    kinds = list(HONEST)
    kind = kinds[number % len(kinds)]
    return kind, edited(rng, kind)
