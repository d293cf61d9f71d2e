"""Starts: constant messages up to renaming problems and swapping like agents, partitions, ties."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.forms.separable import SeparableForm
from eqsolve.search.starts import Starts, constant_messages, like_agents, partitions


def orbit(messages, swaps):
    """What a profile of messages is up to renaming problems and permuting some agents."""
    return min(tuple(sorted(zip(*(messages[p] for p in swap), strict=True))) for swap in swaps)


@pytest.mark.parametrize(("seed", "n", "copies"), [(s, n, k) for s in range(6) for n, k in ((2, 2), (2, 3), (3, 2))])
def test_there_is_one_profile_of_constant_messages_of_each_kind(seed, n, copies):
    game = random_game(seed, n, 2, copies, loose=seed % 2 == 0, active=2)
    lists = [list(game.budgets[i].messages()) for i in game.active]
    swaps = [tuple(range(len(lists)))]
    if len(like_agents(game)) == len(game.active):
        everything = {orbit(profile, swaps) for profile in itertools.product(*lists)}
        found = [orbit(profile, swaps) for profile in constant_messages(game)]
        assert len(found) == len(set(found))
        assert set(found) == everything


def test_like_agents_are_swapped():
    assert like_agents(eq.load("collusion").link(4)) == [[1, 2]]
    assert like_agents(eq.load("taking-turns").link(3)) == [[0, 1, 2]]
    assert like_agents(eq.load("object").link(2)) == [[0, 1]]
    unlike = [like_agents(random_game(seed, 2, 2, 2, active=2)) for seed in range(5)]
    assert [[0], [1]] in unlike
    game = eq.load("collusion").link(4)
    lists = [list(game.budgets[i].messages()) for i in game.active]
    swaps = [(0, 1), (1, 0)]
    everything = {orbit(profile, swaps) for profile in itertools.product(*lists)}
    assert {orbit(profile, swaps) for profile in constant_messages(game)} == everything


def test_partitions_are_all_and_few_blocks_come_first():
    listed = list(partitions(6))
    assert len(listed) == 11
    assert [len(parts) for parts in listed] == sorted(len(parts) for parts in listed)
    assert all(sorted(k for part in parts for k in part) == list(range(6)) for parts in listed)


def test_starts_are_the_same_for_the_same_seed():
    game = eq.load("taking-turns").link(3)
    form = SeparableForm(game)
    third = [(Fraction(1, 3),) * 3] * 3

    def told(seed):
        starts = Starts(form, third, random.Random(seed))
        chosen = [*itertools.islice(starts.structured(20), 40), *itertools.islice(starts.random(), 10)]
        return [
            [(s.marginals[i].counts.tolist(), s.rules[i].prefer.tolist(), s.rules[i].ally) for i in s.order]
            for s in chosen
        ]

    assert told(1) == told(1) != told(2)
    assert 20 <= len(list(Starts(form, third, random.Random(0)).structured(20))) <= 40
