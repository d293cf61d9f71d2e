"""Trees before the checker: what they prove, and that nothing tampered with passes."""

from __future__ import annotations

import copy
import itertools
from fractions import Fraction
from functools import cache

import pytest
from random_problems import random_game

import eqsolve as eq
from eqsolve.certificate.game import read_game
from eqsolve.certificate.reading import Invalid
from eqsolve.certificate.tree import check_tree
from eqsolve.forms.explicit import ExplicitForm
from eqsolve.io.certificate_file import game_block
from eqsolve.judge.complementarity_bound import equilibrium_range

EPSILON = Fraction(1, 10**12)


@cache
def bargaining():
    game = eq.load("bargaining").link(3)
    return read_game(game_block(game)), equilibrium_range(game, 0)


@cache
def voting():
    game = eq.load("voting").link(2)
    return read_game(game_block(game)), equilibrium_range(game, 0)


def refused(game, value, evidence, match=None, side="ceiling", i=0):
    with pytest.raises(Invalid, match=match):
        check_tree(game, i, side, value, evidence)


def of_kind(evidence, kind):
    return [k for k, node in enumerate(evidence["nodes"]) if kind in node]


def changed(evidence, change):
    other = copy.deepcopy(evidence)
    change(other)
    return other


def test_the_ends_are_proved_and_nothing_better():
    game, found = bargaining()
    assert (found.lo, found.hi) == (Fraction(584, 243), Fraction(5512, 2187))
    check_tree(game, 0, "ceiling", found.hi, found.hi_evidence)
    check_tree(game, 0, "ceiling", found.hi + 1, found.hi_evidence)
    check_tree(game, 0, "floor", found.lo, found.lo_evidence)
    refused(game, found.hi - EPSILON, found.hi_evidence, "not enough")
    refused(game, found.lo + EPSILON, found.lo_evidence, "not enough", side="floor")


def test_wrong_side_and_wrong_agent():
    game, found = bargaining()
    refused(game, found.hi, found.hi_evidence, side="floor")
    refused(game, found.lo, found.lo_evidence, side="ceiling")
    refused(game, found.hi, found.hi_evidence, "other agent", i=1)
    refused(game, found.hi, found.hi_evidence, "side", side="roof")


def test_no_subtree_may_be_dropped_and_none_added():
    game, found = bargaining()
    for k in [*of_kind(found.hi_evidence, "empty"), *of_kind(found.hi_evidence, "bound")]:
        refused(game, found.hi, changed(found.hi_evidence, lambda e, k=k: e["nodes"].pop(k)))
    refused(game, found.hi, changed(found.hi_evidence, lambda e: e["nodes"].append(e["nodes"][-1])), "settled before")
    refused(game, found.hi, changed(found.hi_evidence, lambda e: e.update(nodes=[])), "left out")


def test_children_that_change_places():
    game, found = bargaining()
    k = next(k for k in of_kind(found.hi_evidence, "branch") if "branch" not in found.hi_evidence["nodes"][k + 1])
    swapped = changed(found.hi_evidence, lambda e: e["nodes"].insert(k, e["nodes"].pop(k + 1)))
    refused(game, found.hi, swapped)


def test_a_branch_that_is_repeated():
    game, found = bargaining()
    first, second = of_kind(found.hi_evidence, "branch")[:2]
    again = found.hi_evidence["nodes"][first]
    refused(game, found.hi, changed(found.hi_evidence, lambda e: e["nodes"].__setitem__(second, again)))
    doubled = changed(found.hi_evidence, lambda e: e["nodes"].insert(first, again))
    refused(game, found.hi, doubled, "known already|settled|left out")


@pytest.mark.parametrize("factor", [Fraction(-1), Fraction(0), Fraction(999, 1000), Fraction(1001, 1000)])
def test_multipliers_that_are_changed(factor):
    """The value is sharp, so whatever still passes must prove the same, and in some leaf it does not."""
    game, found = bargaining()
    wrong = 0
    for k in of_kind(found.hi_evidence, "multipliers"):
        for n, (_, q) in enumerate(found.hi_evidence["nodes"][k]["multipliers"]):
            other = copy.deepcopy(found.hi_evidence)
            other["nodes"][k]["multipliers"][n][1] = str(factor * Fraction(q))
            try:
                check_tree(game, 0, "ceiling", found.hi, other)
            except Invalid:
                wrong += 1
            refused(game, found.hi - EPSILON, other)
    assert wrong


def test_multipliers_of_what_is_not_known():
    game, found = bargaining()
    k = of_kind(found.hi_evidence, "bound")[0]
    for key in (10**6, -1, True, "0", [0, 0], [1, 0], [0, 1, 2], None):
        other = changed(found.hi_evidence, lambda e, key=key: e["nodes"][k]["multipliers"].append([key, "1"]))
        refused(game, found.hi, other, "nothing is known|comes twice|expected")


def test_a_certain_sign_that_is_reversed_or_invented():
    game, found = voting()
    k = of_kind(found.hi_evidence, "sure")[0]
    c, sign, multipliers = found.hi_evidence["nodes"][k]["sure"][0]
    reverse = changed(found.hi_evidence, lambda e: e["nodes"][k].update(sure=[[c, -sign, multipliers]]))
    refused(game, found.hi, reverse)
    for invented in range(0, len(found.hi_evidence["comparisons"]), 4):
        for either in (1, -1):
            other = changed(
                found.hi_evidence, lambda e, c=invented, s=either: e["nodes"].insert(0, {"sure": [[c, s, []]]})
            )
            refused(game, found.hi - EPSILON, other)


def test_reduction_steps_that_are_removed_or_invented():
    game, found = voting()
    check_tree(game, 0, "ceiling", found.hi, found.hi_evidence)
    refused(game, found.hi, changed(found.hi_evidence, lambda e: e["reduction"].clear()))
    step = found.hi_evidence["reduction"][0]
    better = next(iter(step["by"]))
    invented = {**step, "message": better, "by": {step["message"]: "1"}}
    refused(game, found.hi, changed(found.hi_evidence, lambda e: e["reduction"].append(invented)), "not strictly")


def test_an_order_that_is_removed_or_of_others():
    game, found = bargaining()
    refused(game, found.hi, changed(found.hi_evidence, lambda e: e.update(order=None)))
    for order in ({"agent": "3", "types": [], "then": []}, {"agent": "2", "types": ["ten"], "then": []}, [], "2"):
        refused(game, found.hi, changed(found.hi_evidence, lambda e, o=order: e.update(order=o)))
    with pytest.raises(Invalid):
        check_tree(
            game,
            0,
            "ceiling",
            found.hi - EPSILON,
            {**found.hi_evidence, "order": {"agent": "1", "types": ["0"], "then": ["10"]}},
        )


def test_comparisons_that_are_changed_prove_nothing_better():
    game, found = bargaining()
    refused(game, found.hi, changed(found.hi_evidence, lambda e: e["comparisons"].pop()))
    refused(
        game, found.hi, changed(found.hi_evidence, lambda e: e["comparisons"].append(e["comparisons"][0])), "repeats"
    )
    for k, (agent, types, better, worse) in enumerate(found.hi_evidence["comparisons"]):
        for entry in ([agent, types, worse, better], [agent, types, better, better], [agent, types, better]):
            other = changed(found.hi_evidence, lambda e, k=k, entry=entry: e["comparisons"].__setitem__(k, entry))
            refused(game, found.hi - EPSILON, other)


def test_replies_that_are_no_lotteries():
    game, found = bargaining()
    k = of_kind(found.lo_evidence, "bound")[0]
    types = "0, 0, 0"
    for lottery in ({}, {"0, 0, 8": "2"}, {"0, 0, 8": "1/2"}, {"0, 0, 0": "1"}, {"0, 0, 8": "2", "0, 8, 0": "-1"}):
        other = changed(found.lo_evidence, lambda e, x=lottery: e["nodes"][k]["replies"].update({types: x}))
        refused(game, found.lo, other, side="floor")


@pytest.mark.parametrize("seed", range(12))
def test_stopped_trees_are_valid_for_what_they_say(seed):
    game = random_game(seed, 2, 2, 2, loose=bool(seed % 2), active=2)
    block = read_game(game_block(game))
    for i in game.active:
        full, early = equilibrium_range(game, i), equilibrium_range(game, i, max_seconds=0)
        assert early.lo <= full.lo <= full.hi <= early.hi
        check_tree(block, i, "floor", early.lo, early.lo_evidence)
        check_tree(block, i, "ceiling", early.hi, early.hi_evidence)
        assert all(ExplicitForm(game).regret(profile) == 0 for profile in early.equilibria)


@pytest.mark.slow
def test_larger_games_are_settled():
    for name, copies, ends in (
        ("voting", 3, (Fraction(13, 32),) * 2),
        ("bargaining", 6, (Fraction(16216, 6561), Fraction(4042888, 1594323))),
    ):
        game = eq.load(name).link(copies)
        block = read_game(game_block(game))
        for i in game.active:
            found = equilibrium_range(game, i)
            assert (found.lo, found.hi) == ends
            check_tree(block, i, "floor", found.lo, found.lo_evidence)
            check_tree(block, i, "ceiling", found.hi, found.hi_evidence)
            refused(block, found.hi - EPSILON, found.hi_evidence, i=i)


@pytest.mark.slow
def test_no_leaf_can_be_done_without_in_voting():
    game, found = voting()
    for k in itertools.chain(of_kind(found.hi_evidence, "empty"), of_kind(found.hi_evidence, "bound")):
        refused(game, found.hi, changed(found.hi_evidence, lambda e, k=k: e["nodes"].pop(k)))
