"""Repeated resource allocation against brute force: surplus, VCG, the minimisation over Ω*, calibration."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest

from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.statistical.allocation import ResourceProblem
from eqsolve.statistical.calibration import calibrate, deviation_law, hoeffding_bound_holds, mean
from eqsolve.statistical.cheapest import least_payments
from eqsolve.statistical.grid_set import Grid, GridSet
from eqsolve.statistical.linked_vcg import LinkedVCG
from eqsolve.statistical.mechanism import DatedMechanism
from eqsolve.statistical.process import Independent, Markov, Tree
from eqsolve.statistical.project import PiecewiseLinear, Saturating, capped
from eqsolve.statistical.ratio_curve import ratio_curve, ratio_point
from eqsolve.statistical.resource import ResourceFamily, TypicalRule, dated, with_dates
from eqsolve.statistical.separable import is_convex, least
from eqsolve.statistical.typical import Everything, LeaveOneOut, Listed, Statistic, WithinBounds

HALF = Fraction(1, 2)
PROJECTS = [
    Saturating(),
    Saturating(Fraction(2), Fraction(1, 3), HALF),
    capped(Fraction(2), Fraction(3)),
    PiecewiseLinear((Fraction(3), Fraction(1), Fraction(0)), (HALF, Fraction(2)), Fraction(1, 4)),
]
THIRDS = (Fraction(1, 3),) * 3


def endowments(source, agents, dates):
    return [[Fraction(source.randrange(0, 9), source.randrange(1, 4)) for _ in range(dates)] for _ in range(agents)]


def shift(amounts, giver, taker, t, size):
    moved = [list(row) for row in amounts]
    moved[giver][t] -= size
    moved[taker][t] += size
    return moved


@pytest.mark.parametrize("project", PROJECTS, ids=lambda p: p.formula)
def test_projects_are_concave_and_never_fall(project):
    points = [Fraction(k, 7) for k in range(60)]
    values = [project(x) for x in points]
    rises = [b - a for a, b in itertools.pairwise(values)]
    assert min(rises) >= 0
    assert all(a >= b for a, b in itertools.pairwise(rises))
    assert values[0] == project.nothing
    assert rises[0] <= project.slope / 7


@pytest.mark.parametrize("project", PROJECTS, ids=lambda p: p.formula)
@pytest.mark.parametrize("seed", range(4))
def test_no_reallocation_is_better(project, seed):
    source = random.Random(seed)
    drawn = endowments(source, 3, 2)
    problem = ResourceProblem(Fraction(3), project)
    amounts = problem.allocation(drawn)
    best = problem.surplus(drawn)
    assert best == sum(map(problem.agent_surplus, amounts, drawn))
    for giver, taker, t in itertools.product(range(3), range(3), range(2)):
        for share in (1, HALF, Fraction(1, 10)):
            moved = shift(amounts, giver, taker, t, amounts[giver][t] * share)
            assert sum(map(problem.agent_surplus, moved, drawn)) <= best


@pytest.mark.parametrize("seed", range(30))
def test_unlinked_ratio(seed):
    source = random.Random(seed)
    agents, dates = source.randrange(2, 6), source.randrange(1, 5)
    drawn = endowments(source, agents, dates)
    discount = source.choice([Fraction(1), HALF, Fraction(9, 10)])
    problem = ResourceProblem(Fraction(source.randrange(1, 9)), source.choice(PROJECTS), discount)
    ratio = problem.unlinked_ratio(drawn)
    if not problem.surplus(drawn):
        assert ratio is None
    else:
        assert ratio == (agents - 1) / discount ** (dates - 1)
        if discount == 1:
            assert ratio == agents - 1


@pytest.mark.parametrize("discount", [Fraction(1), HALF])
@pytest.mark.parametrize("project", PROJECTS, ids=lambda p: p.formula)
def test_unlinked_and_least_payments_are_ex_post(project, discount):
    problem = ResourceProblem(Fraction(2), project, discount)
    paths = list(itertools.product(map(Fraction, (0, 1, 3)), repeat=2))
    for truth, other in itertools.product(paths, repeat=2):
        for pay in (problem.unlinked_transfers, problem.least_transfers):
            true = [truth, other]
            honest = problem.payoff(0, true, true, pay(true)[0])
            assert min(pay(true)) >= 0
            for said in paths:
                told = [said, other]
                assert problem.payoff(0, true, told, pay(told)[0]) <= honest
        cheap, dear = (sum(pay([truth, other])) for pay in (problem.least_transfers, problem.unlinked_transfers))
        assert (cheap == dear) == (not project.nothing or (not any(truth) and not any(other)))


def test_payments_that_are_a_little_wrong_are_caught():
    problem = ResourceProblem(Fraction(2), Saturating())
    paths = list(itertools.product(map(Fraction, (1, 2, 3)), repeat=2))

    def tempted(pay):
        return any(
            problem.payoff(0, [u, o], [v, o], pay([v, o])) > problem.payoff(0, [u, o], [u, o], pay([u, o]))
            for u, v, o in itertools.product(paths, repeat=3)
        )

    assert not tempted(lambda x: problem.unlinked_transfers(x)[0])
    assert tempted(lambda x: problem.unlinked_transfers(x)[0] / 2)
    assert tempted(lambda x: Fraction(0))


@pytest.mark.parametrize("seed", range(40))
def test_separable_minimisation(seed):
    source = random.Random(seed)
    dates, most = source.randrange(1, 5), source.randrange(1, 4)
    convex = seed % 2 == 0
    rows = []
    for _ in range(dates):
        margins = [source.randrange(-9, 5) for _ in range(most)]
        margins = sorted(margins) if convex else margins
        rows.append([0, *itertools.accumulate(margins)])
    assert is_convex(rows) or not convex
    for low, high in itertools.product(range(most + 1), repeat=2):
        for total in range(dates * most + 1):
            options = [z for z in itertools.product(range(low, high + 1), repeat=dates) if sum(z) == total]
            found = least(rows, total, low, high)
            if not options:
                assert found is None
                continue
            best = min(sum(row[x] for row, x in zip(rows, z, strict=True)) for z in options)
            assert found is not None
            assert found[0] == best == sum(row[x] for row, x in zip(rows, found[1], strict=True))
            assert tuple(found[1]) in options


def likely_sets(grid, dates):
    middle = dates * (grid.low + grid.step * grid.most / 2)
    yield Everything()
    yield WithinBounds((Statistic(grid.values, middle - grid.step, middle + grid.step),))
    yield WithinBounds((Statistic(grid.values, None, middle),))
    for width in (Fraction(1, 3), Fraction(2, 3), Fraction(1)):
        yield LeaveOneOut(grid.values, middle / dates, grid.step * width * grid.most / 2)


@pytest.mark.parametrize("seed", range(16))
def test_pivots_and_payments_are_those_of_a_listing_of_the_likely_set(seed):
    source = random.Random(seed)
    grid = Grid.of(
        [Fraction(x) for x in ((1, 2, 3), (0, 1, 2), (1, 4), (Fraction(1, 2), 1, Fraction(3, 2), 2))[seed % 4]]
    )
    agents, dates = 2 + seed % 2, 3 + seed % 2
    discount = source.choice([Fraction(1), HALF])
    problem = ResourceProblem(Fraction(agents), PROJECTS[seed // 4 % 4], discount)
    for typical in likely_sets(grid, dates):
        process = Independent(grid.most + 1, dates, ((Fraction(1, grid.most + 1),) * (grid.most + 1),))
        members = [p for p in process.paths() if p in typical]
        if not members:
            continue
        chosen = GridSet.of(grid, dates, typical)
        assert [p for p in process.paths() if p in chosen] == members
        mechanism = LinkedVCG(problem, (chosen,) * agents)
        paths = [source.choice(members) for _ in range(agents)]
        drawn = mechanism.endowments(paths)
        full = problem.unlinked_transfers(drawn)
        assert mechanism.surplus(paths) == problem.surplus(drawn)
        for n in (source.randrange(agents),):
            possible = [
                problem.unlinked_transfers([*drawn[:n], mechanism.endowments([r] * agents)[n], *drawn[n + 1 :]])[n]
                for r in members
            ]
            others = [sum(p[t] for m, p in enumerate(paths) if m != n) for t in range(dates)]
            pivot = mechanism.pivot(n, others)
            assert pivot.value == min(possible)
            assert pivot.path in members
            assert mechanism.transfers(paths)[n] == full[n] - min(possible)


def test_terms_are_convex_for_some_projects_only():
    grid = Grid.of([Fraction(x) for x in range(1, 6)])
    chosen = GridSet.of(grid, 3, Everything())
    convex = {
        project.formula: LinkedVCG(ResourceProblem(Fraction(2), project), (chosen,) * 2).pivot(0, [0, 1, 2]).convex
        for project in (Saturating(), capped(Fraction(1), Fraction(1, 2)))
    }
    assert convex == {"x/(1 + x)": True, "min(1 x, 1/2)": False}


@pytest.mark.parametrize("seed", range(10))
def test_retractions_on_grids_are_adapted(seed):
    grid = Grid.of([Fraction(1), Fraction(2), Fraction(3)])
    for typical in likely_sets(grid, 4):
        try:
            chosen = GridSet.of(grid, 4, typical)
        except ModelError:
            continue
        image = {}
        for path in itertools.product(range(3), repeat=4):
            to = chosen.retract(path)
            assert to in chosen
            assert path not in chosen or to == path
            for t in range(5):
                assert image.setdefault(path[:t], to[:t]) == to[:t]


def test_surplus_under_retracted_reports():
    grid = Grid.of([Fraction(0), Fraction(1), Fraction(2)])
    source = random.Random(2)
    for project in PROJECTS:
        problem = ResourceProblem(Fraction(2), project, HALF)
        mechanism = LinkedVCG(problem, (GridSet.of(grid, 2, Everything()),) * 3)
        for _ in range(20):
            true, said = ([tuple(source.randrange(3) for _ in range(2)) for _ in range(3)] for _ in range(2))
            assert mechanism.surplus(true, said) == problem.surplus(
                mechanism.endowments(true), mechanism.endowments(said)
            )


@pytest.mark.parametrize("dates", [2, 3, 5])
@pytest.mark.parametrize("law", [THIRDS, (HALF, Fraction(0), HALF), (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))])
def test_calibration_is_that_of_a_listing(law, dates):
    grid = Grid.of([Fraction(1), Fraction(2), Fraction(3)])
    centre = mean(grid, law)
    process = Independent(3, dates, (law,))
    listed = {}
    for path, p in process.law.items():
        numbers = [grid.values[z] for z in path]
        far = max(abs((sum(numbers) - x) / (dates - 1) - centre) for x in numbers)
        listed[far] = listed.get(far, 0) + p
    assert deviation_law(grid, law, dates, centre) == listed
    for level in (Fraction(1, 100), Fraction(1, 10), HALF):
        found = calibrate(grid, law, dates, level)
        assert found.leaving == sum((p for far, p in listed.items() if far > found.typical.width), Fraction(0)) <= level
        narrower = [far for far in listed if far < found.typical.width]
        if narrower:
            assert sum(p for far, p in listed.items() if far > max(narrower)) > level
        loose = calibrate(grid, law, dates, level, "hoeffding")
        assert loose.typical.width >= found.typical.width
        assert loose.leaving <= level


def test_hoeffding_is_proved():
    spread, level = Fraction(2), Fraction(1, 20)
    edge = 2 * math.sqrt(math.log(2 * 50 / level) / (2 * 49))
    assert hoeffding_bound_holds(50, spread, Fraction(edge + 1e-9), level)
    assert not hoeffding_bound_holds(50, spread, Fraction(edge - 1e-9), level)
    found = calibrate(Grid.of([Fraction(1), Fraction(3)]), (HALF, HALF), 50, level, "hoeffding")
    assert found.typical.width == Fraction(2 * math.ceil(edge * 49 / 2), 49)


def test_least_payments_by_linear_programming():
    from eqsolve.engines.lp import solve_lp

    source = random.Random(4)
    for _ in range(30):
        size = source.randrange(2, 5)
        worth = [[Fraction(source.randrange(-4, 5)) for _ in range(size)] for _ in range(size)]
        rows, right = [], []
        for r, s in itertools.permutations(range(size), 2):
            row = [0] * size
            row[r], row[s] = -1, 1
            rows.append(row)
            right.append(worth[r][r] - worth[r][s])
        program = solve_lp([1] * size, rows, right)
        found = least_payments(worth)
        assert (found is None) == (program.status == "infeasible")
        if found is not None:
            assert sum(found) == program.value
            assert tuple(found) == program.x


FAMILY = ResourceFamily(Fraction(1), Saturating(), Grid.of([Fraction(1), Fraction(2), Fraction(3)]))


def test_the_dated_problem_pays_as_the_grid_does():
    """Both implementations of linked VCG, through the law of a tiny process."""
    law = Markov(3, 3, THIRDS, (THIRDS, (HALF, HALF, Fraction(0)), THIRDS))
    typical = WithinBounds((Statistic(FAMILY.grid.values, Fraction(5), Fraction(7)),))
    problem, choice = dated(FAMILY, [law, law])
    mechanism = DatedMechanism(problem, choice, [typical, typical])
    grid = LinkedVCG(FAMILY.problem(2), (GridSet.of(FAMILY.grid, 3, typical),) * 2)
    source = random.Random(0)
    for _ in range(20):
        paths = [source.choice(mechanism.members[0]) for _ in range(2)]
        others = {
            r: sum(worth_of_the_other(problem, choice, (r[t], paths[1][t])) for t in range(3))
            for r in mechanism.members[0]
        }
        assert grid.transfers(paths)[0] == others[paths[0]] - min(others.values())


def worth_of_the_other(problem, choice, profile):
    return problem.agents[1].utility[profile[1]][choice[profile]]


def test_estimates_agree_with_exact_averages():
    """On the likely set nothing is retracted, so the two retractions do not matter."""
    from eqsolve.statistical.averages import averages

    law = Independent(3, 3, (THIRDS,))
    problem, choice = dated(FAMILY, [law, law])
    exact = averages(DatedMechanism(problem, choice, [Everything()] * 2))
    point = ratio_point(FAMILY, law, TypicalRule(Everything()), 2, HALF, 800, 7)
    assert exact.ratio is not None
    assert abs(point.ratio - exact.ratio) < 4 * point.stderr
    assert point.interval[0] < point.ratio < point.interval[1]
    assert point.outside == 0


def test_the_ratio_falls_and_seeds_repeat():
    law = Independent(3, 4, (THIRDS,))
    rule = TypicalRule(level=Fraction(1, 20))
    found = ratio_curve(FAMILY, law, rule, [10, 5, 20], samples=12, seed=3)
    assert [p.agents for p in found.points] == [5, 10, 20]
    assert [p.unlinked for p in found.points] == [4, 9, 19]
    assert found.points[1].interval[0] > found.points[2].interval[1]
    assert [p.hypothesis for p in found.points] == [True, False, False]  # at N = 5 nothing is excluded
    again = ratio_curve(FAMILY, law, rule, [5, 10, 20], samples=12, seed=3)
    assert [p.ratio for p in again.points] == [p.ratio for p in found.points]
    other = ratio_curve(FAMILY, law, rule, [5], samples=12, seed=4)
    assert other.points[0].ratio != found.points[0].ratio
    assert ratio_curve(FAMILY, law, rule, [5, 10], samples=12, deadline=0.0).stopped == "time limit"


@pytest.mark.slow
def test_the_ratio_falls_up_to_eighty_agents():
    law = Independent(3, 4, (THIRDS,))
    found = ratio_curve(FAMILY, law, TypicalRule(level="proposition"), [5, 10, 20, 40, 80], samples=10)
    ends = [p.interval for p in found.points[1:]]
    assert all(later[1] < before[0] for before, later in itertools.pairwise(ends))
    assert all(p.hypothesis for p in found.points)


def test_the_level_of_the_proposition_is_enough():
    """With its level the hypothesis holds for every regret that can occur."""
    epsilon, agents, dates = Fraction(1, 10), 4, 6
    level = FAMILY.level(agents, dates, epsilon)
    assert level * (agents - 1) * FAMILY.regret_bound(agents, dates) / epsilon == epsilon
    assert FAMILY.regret_bound(5, 5) == 25
    with pytest.raises(NotSupported, match=r"f\(0\) = 0"):
        ResourceFamily(Fraction(1), Saturating(offset=Fraction(1)), FAMILY.grid).level(2, 2, epsilon)


def test_refusals():
    with pytest.raises(ModelError, match="equally spaced"):
        Grid.of([Fraction(1), Fraction(2), Fraction(4)])
    with pytest.raises(ModelError, match="concave"):
        PiecewiseLinear((Fraction(1), Fraction(2)), (Fraction(1),))
    with pytest.raises(ModelError, match="other form"):
        GridSet.of(FAMILY.grid, 2, Listed(frozenset({(0, 0)})))
    with pytest.raises(ModelError, match="no endowment path"):
        GridSet.of(FAMILY.grid, 2, WithinBounds((Statistic(FAMILY.grid.values, Fraction(9)),)))
    with pytest.raises(NotSupported, match="independent"):
        TypicalRule(level=HALF).apply(FAMILY, Markov(3, 3, THIRDS, (THIRDS,) * 3), 2, HALF)
    with pytest.raises(NotSupported, match="tree"):
        with_dates(Tree.of_paths(2, 2, {(0, 1): Fraction(1)}), 3)
    with pytest.raises(SizeError, match="profiles of endowments"):
        dated(FAMILY, [Independent(3, 2, (THIRDS,))] * 9)
    with pytest.raises(ModelError, match="discount"):
        ResourceProblem(Fraction(1), Saturating(), Fraction(0))
    with pytest.raises(ModelError, match=r"curve\.samples: found 1"):
        ratio_curve(FAMILY, Independent(3, 4, (THIRDS,)), TypicalRule(level=HALF), [5], samples=1)


@pytest.mark.parametrize("discount", [Fraction(1), HALF])
def test_no_regret_exceeds_the_bound_of_the_resource(discount):
    from eqsolve.statistical.proposition import Checker

    for project in (Saturating(), PiecewiseLinear((Fraction(3), Fraction(1), Fraction(0)), (HALF, Fraction(2)))):
        family = ResourceFamily(Fraction(1), project, Grid.of([Fraction(1), Fraction(3)]), discount)
        problem, choice = dated(family, [Independent(2, 4, ((HALF, HALF),))] * 2)
        typical = WithinBounds((Statistic(family.grid.values, Fraction(8), Fraction(8)),))
        found = Checker(DatedMechanism(problem, choice, [typical, typical]))
        assert found.regret <= family.regret_bound(2, 4)
        # where dates are discounted an early lie may cost more than it mends later: then nothing is to be regretted
        assert found.regret > 0 or discount < 1
