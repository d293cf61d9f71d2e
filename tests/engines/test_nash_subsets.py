import random
from itertools import combinations

import pytest

from eqsolve.engines import nash_subsets as nash_subsets_module
from eqsolve.engines.nash_subsets import components, maximal_bicliques, nash_subsets


def brute_force(pairs):
    """Close every set of rows, and keep what no other contains."""
    rows = sorted({i for i, _ in pairs})
    neighbours = {i: frozenset(j for k, j in pairs if k == i) for i in rows}
    found = set()
    for size in range(1, len(rows) + 1):
        for chosen in combinations(rows, size):
            cols = frozenset.intersection(*(neighbours[i] for i in chosen))
            if cols:
                found.add((frozenset(i for i in rows if cols <= neighbours[i]), cols))
    return found


@pytest.mark.parametrize("wide", [0, 128])
@pytest.mark.parametrize("seed", range(40))
def test_random_graphs_against_all_subsets_of_rows(seed, wide, monkeypatch):
    monkeypatch.setattr(nash_subsets_module, "_WIDE", wide)
    rng = random.Random(seed)
    pairs = [(i, j) for i in range(rng.randint(1, 7)) for j in range(6) if rng.random() < 0.45]
    subsets = maximal_bicliques(pairs)
    assert len(subsets) == len(set(subsets))
    assert set(subsets) == brute_force(pairs)


@pytest.mark.parametrize("seed", range(20))
def test_components_partition_the_subsets_and_are_connected_through_pairs(seed):
    rng = random.Random(seed)
    pairs = [(i, j) for i in range(8) for j in range(8) if rng.random() < 0.15]
    subsets, parts = nash_subsets(pairs)
    assert sorted(k for part in parts for k in part) == list(range(len(subsets)))
    label = {k: part[0] for part in parts for k in part}
    for a, b in combinations(range(len(subsets)), 2):
        if subsets[a][0] & subsets[b][0] and subsets[a][1] & subsets[b][1]:
            assert label[a] == label[b]
    covered = {(i, j) for rows, cols in subsets for i in rows for j in cols}
    assert covered == set(pairs)


def test_two_edges_that_share_nothing_are_two_components():
    subsets, parts = nash_subsets([(0, 0), (1, 1)])
    assert subsets == ((frozenset({0}), frozenset({0})), (frozenset({1}), frozenset({1})))
    assert parts == ((0,), (1,))


def test_a_path_is_one_component_of_two_subsets():
    subsets, parts = nash_subsets([(0, 0), (0, 1), (1, 1)])
    assert subsets == ((frozenset({0}), frozenset({0, 1})), (frozenset({0, 1}), frozenset({1})))
    assert parts == ((0, 1),)


def test_nothing():
    assert nash_subsets([]) == ((), ())
    assert components([]) == []
