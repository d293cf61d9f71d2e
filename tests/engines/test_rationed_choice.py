"""The dynamic program over rations against all choices written out."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from eqsolve.engines.rationed_choice import Ration, RationedChoice, best_choices, equal_positions
from eqsolve.errors import SizeError


def random_rations(rng, columns, copies):
    """A partition of the columns with bounds that somebody can meet."""
    order = list(range(columns))
    rng.shuffle(order)
    cut = rng.randint(1, columns)
    parts = [sorted(order[:cut]), sorted(order[cut:])]
    chosen = [rng.randrange(columns) for _ in range(copies)]
    rations = []
    for part in parts:
        if part:
            count = sum(v in part for v in chosen)
            rations.append(Ration(tuple(part), rng.randint(0, count), rng.randint(count, copies)))
    return rations


def admitted(rations, choice):
    return all(r.least <= sum(v in r.members for v in choice) <= r.most for r in rations)


def total(worth, vector, choice):
    return sum(int(worth[k, u, v]) for k, (u, v) in enumerate(zip(vector, choice, strict=True)))


@pytest.mark.parametrize("seed", range(40))
def test_values_and_choices_are_the_best_of_all(seed):
    rng = random.Random(seed)
    copies, rows, columns = rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 3)
    size = 10**30 if seed % 4 == 0 else 4
    kinds = [[[rng.randint(-size, size) for _ in range(columns)] for _ in range(rows)] for _ in range(2)]
    worth = np.array([rng.choice(kinds) for _ in range(copies)], dtype=object)
    rations = random_rations(rng, columns, copies)
    possible = sorted(rng.sample(range(rows), rng.randint(1, rows)))
    everything = [c for c in itertools.product(range(columns), repeat=copies) if admitted(rations, c)]
    vectors = np.array(list(itertools.product(possible, repeat=copies)))
    for group in (False, True):
        solved = RationedChoice(worth, rations, possible, group=group)
        where, chosen = solved.locate(vectors), solved.expand(vectors)
        for t, place, choice in zip(vectors.tolist(), where, chosen.tolist(), strict=True):
            best = max(total(worth, t, c) for c in everything)
            assert solved.values[place] == best == total(worth, t, choice)
            assert admitted(rations, choice)
    for t in vectors.tolist():
        best = max(total(worth, t, c) for c in everything)
        optimal = [c for c in everything if total(worth, t, c) == best]
        assert list(best_choices(worth, rations, t)) == optimal
        alike = [min(q for q in range(copies) if (worth[k] == worth[q]).all()) for k in range(copies)]
        kinds_of = {up_to_swaps(alike, t, c) for c in optimal}
        listed = list(best_choices(worth, rations, t, alike))
        assert {up_to_swaps(alike, t, c) for c in listed} == kinds_of
        assert len(listed) == len(kinds_of)


def up_to_swaps(alike, vector, choice):
    """What a choice is up to swapping interchangeable positions."""
    return tuple(sorted(zip(alike, vector, choice, strict=True)))


def test_positions_of_equal_worth_are_solved_once():
    worth = np.zeros((60, 2, 2), dtype=np.int64)
    worth[:, 1, 1] = 3
    worth[30:, 0, 0] = 1
    assert equal_positions(worth) == [list(range(30)), list(range(30, 60))]
    solved = RationedChoice(worth, [Ration((0,), 30, 30), Ration((1,), 30, 30)], (0, 1))
    assert len(solved.vectors) == 31 * 31
    half = np.array([[0, 1] * 30])
    assert solved.values[solved.locate(half)].tolist() == [3 * 30 + 15]


def test_sizes_are_refused_before_memory_is_taken():
    worth = np.arange(30 * 4).reshape(30, 2, 2)
    with pytest.raises(SizeError, match="at most 30,000,000"):
        RationedChoice(worth, [Ration((0,), 15, 15), Ration((1,), 15, 15)], (0, 1))
