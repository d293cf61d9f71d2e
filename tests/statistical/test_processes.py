"""Processes, likely sets and retractions against listings of all paths."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from statistical_brute_force import conditional, random_process

from eqsolve.errors import ModelError, SizeError
from eqsolve.statistical.process import HistoryTree, Independent, Markov, Mixture, Tree
from eqsolve.statistical.retraction import Retraction, is_adapted, is_identity
from eqsolve.statistical.typical import Everything, LeaveOneOut, Listed, Satisfying, Statistic, WithinBounds

HALF = Fraction(1, 2)


@pytest.mark.parametrize("seed", range(30))
def test_laws_of_paths(seed):
    source = random.Random(seed)
    process = random_process(source, source.choice([2, 3]), 3)
    law = process.law
    assert sum(law.values()) == 1
    for path in process.paths():
        assert process.probability(path) == law.get(path, 0)
        for t in range(3):
            mass = process.probability(path[:t])
            if mass:
                assert process.probability(path[: t + 1]) == mass * process.next_law(path[:t])[path[t]]


@pytest.mark.parametrize("seed", range(30))
def test_conditional_probabilities(seed):
    source = random.Random(seed)
    process = random_process(source, 2, 4)
    event = {p for p in process.paths() if source.random() < 0.4}
    tree = HistoryTree.of(process, event)
    inside = set(process.paths()) - event
    for t in range(5):
        for h in itertools.product(range(2), repeat=t):
            found = conditional(process, inside, h)
            assert tree.chance.get(h) == found
            assert tree.mass.get(h, 0) == process.probability(h)


def test_a_mixture_is_learned():
    coins = [Independent(2, 3, ((p, 1 - p),)) for p in (Fraction(1, 4), Fraction(3, 4))]
    mixture = Mixture(2, 3, (HALF, HALF), tuple(coins))
    assert mixture.next_law(()) == (HALF, HALF)
    assert mixture.next_law((0,)) == (Fraction(5, 8), Fraction(3, 8))


def test_sampling_follows_the_law():
    process = Markov(2, 2, (HALF, HALF), ((Fraction(1, 10), Fraction(9, 10)), (HALF, HALF)))
    source = random.Random(1)
    drawn = [process.sample(source) for _ in range(4000)]
    for path, p in process.law.items():
        assert abs(drawn.count(path) / 4000 - p) < 4 * (float(p) / 4000) ** 0.5


@pytest.mark.parametrize(
    "build",
    [
        lambda: Independent(2, 2, ((HALF, Fraction(1, 3)),)),
        lambda: Independent(2, 3, ((HALF, HALF), (HALF, HALF))),
        lambda: Markov(2, 2, (HALF, HALF), ((HALF, HALF),)),
        lambda: Mixture(2, 2, (Fraction(1),), (Independent(2, 3, ((HALF, HALF),)),)),
        lambda: Tree(2, 2, {(): (HALF, HALF)}),
        lambda: Tree.of_paths(2, 2, {(0, 0): HALF}),
    ],
)
def test_what_is_no_law_is_refused(build):
    with pytest.raises(ModelError, match="process: found"):
        build()


def test_too_many_paths_are_refused_before_they_are_listed():
    with pytest.raises(SizeError, match="paths, more than"):
        Independent(3, 100, ((Fraction(1, 3),) * 3,)).paths()


@pytest.mark.parametrize("seed", range(40))
def test_retractions(seed):
    source = random.Random(seed)
    paths = list(itertools.product(range(3), repeat=3))
    members = source.sample(paths, source.randrange(1, len(paths)))
    found = Retraction(tuple(members))
    assert is_adapted(found, paths)
    assert is_identity(found, members)
    for path in paths:
        assert found(path) in members
        kept = found.leaves_at(path) - 1
        assert found(path)[:kept] == path[:kept]
        assert kept == max(t for t in range(4) if any(m[:t] == path[:t] for m in members))


def test_nothing_retracts_to_an_empty_set():
    with pytest.raises(ModelError, match="empty set"):
        Retraction(())


def test_tests_of_adapted_maps_can_fail():
    paths = list(itertools.product(range(2), repeat=2))
    assert not is_adapted(lambda p: p[::-1], paths)
    assert is_adapted(lambda p: p, paths)
    assert not is_identity(lambda p: (0, 0), paths)


def test_likely_sets():
    process = Independent(3, 3, ((Fraction(1, 3),) * 3,))
    values = tuple(map(Fraction, (1, 2, 3)))
    paths = list(process.paths())
    assert Everything().members(process) == paths
    within = WithinBounds((Statistic(values, Fraction(5), Fraction(6)),))
    assert within.members(process) == [p for p in paths if 5 <= sum(p) + 3 <= 6]
    near = LeaveOneOut(values, Fraction(2), HALF)
    assert near.members(process) == [p for p in paths if all(abs((sum(p) + 3 - (x + 1)) / 2 - 2) <= 0.5 for x in p)]
    assert Listed(frozenset({(0, 1, 2)})).members(process) == [(0, 1, 2)]
    assert Satisfying(lambda p: p[0] == p[2]).members(process) == [p for p in paths if p[0] == p[2]]
    with pytest.raises(ModelError, match="no path"):
        WithinBounds((Statistic(values, Fraction(10)),)).members(process)
