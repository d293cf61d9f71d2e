"""Plans that treat the problems of a block alike: to strategies and back, marginals, best messages."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.errors import SizeError
from eqsolve.forms.separable import SeparableForm
from eqsolve.search import symmetry
from eqsolve.search.starts import partitions
from eqsolve.search.symmetry import Blocks

CASES = [
    (seed, loose, types, copies) for seed in range(4) for loose in (False, True) for types, copies in ((2, 3), (3, 2))
]


def random_plan(rng, blocks, i):
    """Any messages at the type vectors that stand for all, in the form in which plans name them."""
    messages = list(blocks.game.budgets[i].messages())
    plan = {}
    for t in blocks.weights(i):
        chosen = {blocks.canonical(t, m)[1] for m in rng.sample(messages, min(2, len(messages)))}
        plan[t] = {m: Fraction(1, len(chosen)) for m in chosen}
    return plan


@pytest.mark.parametrize(("seed", "loose", "types", "copies"), CASES)
def test_plans_become_strategies_that_rename_with_the_problems(seed, loose, types, copies):
    game = random_game(seed, 2, types, copies, loose, active=2)
    form, rng = SeparableForm(game), random.Random(seed)
    for parts in partitions(copies):
        blocks = Blocks(form, parts)
        for i in game.active:
            plan = random_plan(rng, blocks, i)
            strategy = blocks.strategy(i, plan)
            assert sorted(strategy.plan) == game.type_vectors(i)
            assert all(sum(lottery.values()) == 1 for lottery in strategy.plan.values())
            assert blocks.plan(i, strategy) == plan
            told, counted = blocks.marginals(i, plan), form.announced(i, strategy)
            assert (told.counts == counted.counts).all()
            assert told.scale == counted.scale
            for orders in itertools.product(*(itertools.permutations(part) for part in parts)):
                source = [0] * copies
                for part, order in zip(parts, orders, strict=True):
                    for k, q in zip(part, order, strict=True):
                        source[q] = k
                for t, lottery in strategy.plan.items():
                    renamed = {tuple(m[k] for k in source): p for m, p in lottery.items()}
                    assert strategy.plan[tuple(t[k] for k in source)] == renamed


@pytest.mark.parametrize(("seed", "loose", "types", "copies"), CASES)
def test_best_messages_are_all_that_are_best_up_to_renaming_in_blocks(seed, loose, types, copies):
    game = random_game(seed, 2, types, copies, loose, active=2)
    form, rng = SeparableForm(game), random.Random(seed)
    for parts in partitions(copies):
        blocks = Blocks(form, parts)
        marginals = {j: blocks.marginals(j, random_plan(rng, blocks, j)) for j in game.active}
        for i in game.active:
            worth = form.worth(i, marginals)
            listed = blocks.best_messages(i, worth, 10_000)
            for t, messages in listed.items():
                assert len(set(messages)) == len(messages)
                everything = {blocks.canonical(t, m)[1] for m in form.best_messages(i, worth, t)}
                assert set(messages) == everything
            even = blocks.strategy(i, blocks.even(i, listed))
            for t, lottery in even.plan.items():
                assert sorted(lottery) == list(form.best_messages(i, worth, t))
                assert len(set(lottery.values())) == 1
            total = sum(map(len, listed.values()))
            assert blocks.best_messages(i, worth, total) == listed
            assert blocks.best_messages(i, worth, total - 1) is None


def test_strategies_too_long_to_list_are_refused(monkeypatch):
    monkeypatch.setattr(symmetry, "MAX_LISTED", 10)
    form = SeparableForm(eq.load("object").link(4))
    blocks = Blocks(form, [[0, 1, 2, 3]])
    flat = {i: form.flat(i, (Fraction(1, 2), Fraction(1, 2))) for i in (0, 1)}
    plan = blocks.even(0, blocks.best_messages(0, form.worth(0, flat), 100))
    with pytest.raises(SizeError, match="more than 10 pairs"):
        blocks.strategy(0, plan)
