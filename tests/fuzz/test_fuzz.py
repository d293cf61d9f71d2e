"""A seeded slice of the fuzzing, and everything that broke a reader once."""

from __future__ import annotations

import random

import pytest

from .mutation import mutated
from .targets import CORPUS, TARGETS

BROKE_ONCE = [path for path in sorted(CORPUS.glob("*/*")) if path.is_file()]


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_read(name):
    for seed in TARGETS[name].seeds():
        TARGETS[name].run(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_random_edits_end_in_an_answer_or_a_clear_error(name):
    target, chance = TARGETS[name], random.Random(name)
    seeds = target.seeds()
    for _ in range(1_000):
        target(mutated(chance.choice(seeds), target.words, chance))


@pytest.mark.parametrize("path", BROKE_ONCE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_broke_once(path):
    TARGETS[path.parent.name](path.read_bytes())
