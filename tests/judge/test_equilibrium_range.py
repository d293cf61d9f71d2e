"""Exact ranges of payoffs over all equilibria: against complete lists, and their trees before the checker."""

from __future__ import annotations

import copy
import random
from fractions import Fraction

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.certificate.check import check
from eqsolve.errors import NotSupported
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.io.certificate_file import bounds_proved
from eqsolve.judge.complementarity_bound import equilibrium_range

EPSILON = Fraction(1, 10**12)
CASES = [(seed, loose) for seed in range(40) for loose in (False, True)]


def certified(game, i, found, lo, hi):
    """The checker's verdict on both ends."""
    name = game.problem.agents[i].name
    floor, ceiling = [None] * game.n, [None] * game.n
    floor[i], ceiling[i] = lo, hi
    return check(bounds_proved(game, floor, ceiling, {name: found.lo_evidence}, {name: found.hi_evidence}))


@pytest.mark.parametrize(("seed", "loose"), CASES)
def test_the_range_is_that_of_the_complete_list(seed, loose):
    game = random_game(seed, 2 + seed % 2, 2, 2, loose=loose, active=2)
    if len(game.active) > 2:
        pytest.skip("no complete list")
    known = eq.solve(game, form="explicit")
    assert known.complete
    form = ExplicitForm(game)
    for i in game.active:
        found = equilibrium_range(game, i)
        payoffs = [e.payoffs[i] for e in known]
        assert (found.lo, found.hi) == (min(payoffs), max(payoffs))
        assert found.lo_attained
        assert found.hi_attained
        assert found.stopped is None
        assert all(form.regret(profile) == 0 for profile in found.equilibria)
        assert certified(game, i, found, found.lo, found.hi).valid
        assert not certified(game, i, found, found.lo + EPSILON, found.hi).valid
        assert not certified(game, i, found, found.lo, found.hi - EPSILON).valid


@pytest.mark.parametrize("name", ["bargaining", "voting", "collusion"])
def test_bundled_models(name):
    game = eq.load(name).link()
    i = game.active[0]
    found = equilibrium_range(game, i)
    known = eq.solve(game) if name == "collusion" else None
    wanted = {
        "bargaining": (Fraction(584, 243), Fraction(5512, 2187)),
        "voting": (Fraction(13, 32), Fraction(13, 32)),
        "collusion": (Fraction(13, 8), Fraction(2)),
    }[name]
    assert (found.lo, found.hi) == wanted
    assert known is None or wanted == (min(e.payoffs[i] for e in known), max(e.payoffs[i] for e in known))
    assert certified(game, i, found, *wanted).valid


def leaves(document, path=()):
    """Paths to all numbers and texts of a document."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from leaves(value, (*path, key))
    elif isinstance(document, list):
        for k, value in enumerate(document):
            yield from leaves(value, (*path, k))
    else:
        yield path


def test_a_tampered_tree_proves_nothing_better():
    """The ends are sharp, so no change of the evidence may prove one that is tighter."""
    game = eq.load("bargaining").link(3)
    found = equilibrium_range(game, 0)
    rng = random.Random(1)
    paths = list(leaves(found.hi_evidence))
    for _ in range(150):
        evidence = copy.deepcopy(found.hi_evidence)
        *before, last = rng.choice(paths)
        place = evidence
        for key in before:
            place = place[key]
        place[last] = rng.choice([None, "0", "1", "-1", "1/2", 0, 1, 2, -1, [], {}, "0, 0, 0", "8, 0, 0", True])
        document = bounds_proved(game, [None, None], [found.hi - EPSILON, None], {}, {"1": evidence})
        verdict = check(document)
        assert not verdict.valid
        assert verdict.reason


def test_what_is_left_out_of_a_tree_is_missed():
    game = eq.load("bargaining").link(3)
    found = equilibrium_range(game, 0)
    for key in found.hi_evidence:
        evidence = {k: v for k, v in found.hi_evidence.items() if k != key}
        assert not check(bounds_proved(game, [None] * 2, [found.hi, None], {}, {"1": evidence})).valid
    for k, node in enumerate(found.hi_evidence["nodes"]):
        if "sure" in node:  # a fact that helps on, but may not be needed
            continue
        evidence = copy.deepcopy(found.hi_evidence)
        del evidence["nodes"][k]
        assert not check(bounds_proved(game, [None] * 2, [found.hi, None], {}, {"1": evidence})).valid
    assert not check(bounds_proved(game, [found.hi, None], [None] * 2, {"1": found.hi_evidence}, {})).valid
    assert not check(bounds_proved(game, [None] * 2, [None, found.hi - EPSILON], {}, {"2": found.hi_evidence})).valid


def test_three_who_choose_are_refused():
    with pytest.raises(NotSupported, match="3 agents"):
        equilibrium_range(eq.load("taking-turns").link(3), 0)
