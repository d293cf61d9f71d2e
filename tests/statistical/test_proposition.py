"""Regrets, reasonable lies, Proposition 1 and averages against the definitions, on small random problems."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from statistical_brute_force import (
    as_listed,
    conditional,
    lie_by_definition,
    payment,
    random_process,
    regret_by_definition,
)

from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.statistical.averages import averages
from eqsolve.statistical.joint import JointLaw
from eqsolve.statistical.mechanism import DatedMechanism, utilitarian_choice
from eqsolve.statistical.problem import DatedAgent, DatedProblem
from eqsolve.statistical.process import Independent, Markov, Tree
from eqsolve.statistical.proposition import Checker, check_proposition
from eqsolve.statistical.reasonable import maximal_regrets
from eqsolve.statistical.typical import Listed, Satisfying


def random_problem(seed, agents=2, types=2, dates=3):
    source = random.Random(seed)
    decisions = ("a", "b", "c")
    listed = tuple(
        DatedAgent(
            str(n),
            tuple(f"u{k}" for k in range(types)),
            tuple(tuple(Fraction(source.randrange(0, 9), 2) for _ in decisions) for _ in range(types)),
            random_process(source, types, dates),
        )
        for n in range(agents)
    )
    discount = source.choice([Fraction(1), Fraction(1, 2), Fraction(9, 10)])
    problem = DatedProblem(listed, decisions, discount)
    paths = list(itertools.product(range(types), repeat=dates))
    sets = [Listed(frozenset(source.sample(paths, max(1, len(paths) * 3 // 4)))) for _ in range(agents)]
    return DatedMechanism(problem, utilitarian_choice(problem), sets), source


@pytest.mark.parametrize("seed", [0, 1, 2, 5, 6, 10, 13])
def test_regrets_are_those_of_the_definition(seed):
    mechanism, _ = random_problem(seed)
    for n in range(2):
        found = maximal_regrets(mechanism, n)
        for t in range(1, 4):
            for h in itertools.product(range(2), repeat=t):
                assert found.get(h, 0) == regret_by_definition(mechanism, n, h), h


@pytest.mark.parametrize("seed", range(4))
def test_regrets_of_three_agents(seed):
    mechanism, _ = random_problem(seed + 100, agents=3, dates=2)
    found = maximal_regrets(mechanism, 1)
    for t in (1, 2):
        for h in itertools.product(range(2), repeat=t):
            assert found.get(h, 0) == regret_by_definition(mechanism, 1, h)


@pytest.mark.parametrize("seed", range(10))
def test_a_mechanism_of_functions_has_the_same_regrets(seed):
    mechanism, _ = random_problem(seed)
    listed = as_listed(mechanism)
    assert [maximal_regrets(listed, n) for n in range(2)] == [maximal_regrets(mechanism, n) for n in range(2)]
    assert listed.largest_gain_inside(0) == mechanism.largest_gain_inside(0) == 0


@pytest.mark.parametrize("seed", range(16))
def test_lies_bounds_and_implications(seed):
    mechanism, _ = random_problem(seed)
    checker = Checker(mechanism)
    for divisor in (1, 3, 20):
        epsilon = max(checker.regret, Fraction(1, 7)) / divisor
        found = checker.check(epsilon)
        assert found.bound_holds
        assert found.corollary_holds
        assert found.equilibrium or not found.hypothesis
        for n, agent in enumerate(found.agents):
            process = mechanism.processes[n]
            assert agent.leaving == conditional(process, set(mechanism.members[n]), ())
            assert agent.crossing >= agent.lie
            assert sum(agent.law) == 1
            if divisor == 3 and seed in (0, 5, 6, 10):
                assert agent.lie == lie_by_definition(mechanism, n, process, epsilon)
        lies = [a.lie for a in found.agents]
        assert found.lie_of_others == max(lies)  # of two agents, the other one
        assert found.lie_of_others_at_most == max(lies)


def test_all_reasonable_strategies_of_a_tiny_tree():
    """Every strategy of an agent: the largest probability of a lie over the reasonable ones is the one found."""
    mechanism, _ = random_problem(6, dates=2)
    process, members = mechanism.processes[0], set(mechanism.members[0])
    histories = [h for t in (1, 2) for h in itertools.product(range(2), repeat=t)]
    regrets = {h: regret_by_definition(mechanism, 0, h) for h in histories}
    top = max(regrets.values())
    assert top > 0
    for epsilon in (top, top / 2, top / 10, 2 * top):
        bad = {
            h for h in histories if (x := conditional(process, members, h)) is not None and x * regrets[h] >= epsilon
        }
        best = Fraction(0)
        for reports in itertools.product(range(2), repeat=len(histories)):
            strategy = dict(zip(histories, reports, strict=True))
            reasonable = all(strategy[h] == h[-1] or any(h[:s] in bad for s in range(1, len(h) + 1)) for h in histories)
            if reasonable:
                lies = sum(
                    (p for path, p in process.law.items() if any(strategy[path[:t]] != path[t - 1] for t in (1, 2))),
                    Fraction(0),
                )
                best = max(best, lies)
        assert check_proposition(mechanism, epsilon).agents[0].lie == best


def test_the_bound_can_be_attained():
    """A first type after which a path leaves with probability exactly ε/R̄, and no regret is larger than there."""
    half = Fraction(1, 2)
    checker = Checker(warned(2))
    assert checker.regret == checker.regrets[0][(1,)] > 0
    found = checker.check(checker.regret / 2)
    assert found.ratio == 1
    assert found.lie_of_others == half


def test_hypothesis_and_conclusion_fail_together():
    mechanism, _ = random_problem(5)
    found = check_proposition(mechanism, Fraction(1, 1000))
    assert not found.hypothesis
    assert not found.equilibrium


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("payments", ["none", "vcg", "linked-vcg"])
def test_averages_are_those_of_a_listing(seed, payments):
    base, _ = random_problem(seed, agents=2 + seed % 2, dates=2)
    mechanism = DatedMechanism(base.problem, base.choice, base.typical, payments)
    cost, surplus, first, inside = [Fraction(0)] * mechanism.n, Fraction(0), Fraction(0), Fraction(0)
    for profile in itertools.product(*(p.law.items() for p in mechanism.processes)):
        chance = Fraction(1)
        for _, p in profile:
            chance *= p
        true = [path for path, _ in profile]
        said = [r(path) for r, path in zip(mechanism.retractions, true, strict=True)]
        inside += chance * (said == true)
        for n in range(mechanism.n):
            cost[n] += chance * payment(mechanism, n, said)
            for t in range(2):
                weight = chance * mechanism.discount**t
                utility = mechanism.problem.agents[n].utility[true[n][t]]
                surplus += weight * utility[mechanism.choice[tuple(p[t] for p in said)]]
                first += weight * utility[mechanism.choice[tuple(p[t] for p in true)]]
    found = averages(mechanism)
    assert (list(found.costs), found.surplus, found.first_best, found.inside) == (cost, surplus, first, inside)


@pytest.mark.parametrize("seed", range(6))
def test_large_numbers_are_exact_without_floating_point(seed):
    """Utilities whose sums are beyond 2^53 and beyond 2^62 give the same regrets, scaled."""
    base, _ = random_problem(seed)
    plain = maximal_regrets(base, 0)
    for factor in (3**36, 3**50):
        agents = tuple(
            DatedAgent(a.name, a.types, tuple(tuple(x * factor for x in row) for row in a.utility), a.process)
            for a in base.problem.agents
        )
        problem = DatedProblem(agents, base.problem.decisions, base.discount)
        scaled = maximal_regrets(DatedMechanism(problem, base.choice, base.typical), 0)
        assert scaled == {h: r * factor for h, r in plain.items()}


def test_a_rule_without_payments_may_tempt():
    base, _ = random_problem(5)
    mechanism = DatedMechanism(base.problem, base.choice, base.typical, "none")
    listed = as_listed(mechanism)
    assert mechanism.largest_gain_inside(0) == listed.largest_gain_inside(0)
    assert max(mechanism.largest_gain_inside(n) for n in range(2)) > 0


def test_refusals():
    base, _ = random_problem(1)
    with pytest.raises(ModelError, match="epsilon"):
        check_proposition(base, Fraction(0))
    with pytest.raises(ModelError, match="bound"):
        check_proposition(base, Fraction(1), bound=Fraction(1, 2))
    wrong = {profile: (d + 1) % 3 for profile, d in base.choice.items()}
    with pytest.raises(NotSupported, match="maximise"):
        DatedMechanism(base.problem, wrong, base.typical)
    law = Independent(2, 16, ((Fraction(1, 2),) * 2,))
    agents = tuple(DatedAgent(a.name, a.types, a.utility, law) for a in base.problem.agents)
    problem = DatedProblem(agents, base.problem.decisions)
    even = [Satisfying(lambda p: sum(p) % 2 == 0)] * 2
    with pytest.raises(SizeError, match="comparisons"):
        maximal_regrets(DatedMechanism(problem, base.choice, even), 0)


def test_laws_do_not_move_regrets():
    mechanism, _ = random_problem(7)
    checker = Checker(mechanism)
    law = Markov(2, 3, (Fraction(1, 3), Fraction(2, 3)), ((Fraction(1, 2),) * 2,) * 2)
    other = mechanism.with_processes([law, law])
    assert Checker(other).regrets == checker.regrets
    assert Checker(other).check(Fraction(1, 10)) == checker.check(Fraction(1, 10), [law, law])


def warned(agents):
    """Two types, two dates: after type 1 a path leaves with probability 1/2, after type 0 never."""
    half, none = Fraction(1, 2), Fraction(0)
    process = Tree.of_paths(2, 2, {(0, 0): half, (1, 0): half / 2, (1, 1): half / 2})
    utility = ((Fraction(2), none), (none, Fraction(1)))
    listed = tuple(DatedAgent(str(n), ("u", "v"), utility, process) for n in range(agents))
    problem = DatedProblem(listed, ("x", "y"))
    likely = Listed(frozenset({(0, 0), (0, 1), (1, 0)}))
    return DatedMechanism(problem, utilitarian_choice(problem), [likely] * agents)


def test_the_bound_is_attained_by_three_agents_whose_first_types_exclude_each_other():
    """Types hang together at the first date only, which is private; never do two agents have reason to lie."""
    chances = {}
    for who in range(3):
        for last in itertools.product(range(2), repeat=1):
            profile = tuple((1, last[0]) if n == who else (0, 0) for n in range(3))
            chances[profile] = Fraction(1, 6)
    joint = JointLaw((2, 2, 2), 2, chances)
    assert joint.not_private() is None
    checker = Checker(warned(3))
    epsilon = checker.regret / 2
    found = checker.check(epsilon, joint=joint)
    independent = checker.check(epsilon, [joint.marginal(n) for n in range(3)])
    assert found.c == independent.c == 2 * Fraction(1, 6) * 2
    assert found.ratio == 1 > independent.ratio
    assert found.lie_of_others == found.lie_of_others_at_most == Fraction(2, 3)
    assert found.implemented == found.implemented_at_least == 0 < independent.implemented


@pytest.mark.parametrize("seed", range(6))
def test_a_joint_law_of_independent_agents_changes_nothing(seed):
    mechanism, _ = random_problem(seed, dates=2)
    laws = [p.law for p in mechanism.processes]
    chances = {(a, b): p * q for (a, p), (b, q) in itertools.product(*(law.items() for law in laws))}
    joint = JointLaw((2, 2), 2, chances)
    assert joint.not_private() is None
    checker = Checker(mechanism)
    epsilon = max(checker.regret, Fraction(1, 7)) / 3
    found, plain = checker.check(epsilon, joint=joint), checker.check(epsilon)
    for name in ("c", "lie_of_others", "crossing_of_others", "implemented", "hypothesis"):
        assert getattr(found, name) == getattr(plain, name)


def test_laws_that_are_not_private_are_refused():
    """The second agent's last type is known from the first agent's first type."""
    chances = {((u, 0), (0, u)): Fraction(1, 2) for u in range(2)}
    joint = JointLaw((2, 2), 2, chances)
    assert joint.not_private() in [(1, ((0,), (0,))), (1, ((1,), (0,)))]
    with pytest.raises(ModelError, match="not private"):
        Checker(warned(2)).check(Fraction(1), joint=joint)
    with pytest.raises(ModelError, match="sum to 1/2"):
        JointLaw((2, 2), 1, {((0,), (0,)): Fraction(1, 2)})
