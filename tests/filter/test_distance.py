"""Distances of realised announcements against their definition, one profile at a time and many at once."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from filter_brute_force import distance, messages, panel_of, random_panel

from eqsolve.errors import ModelError, NotSupported, SizeError
from eqsolve.filter.distance import (
    CorrelationFilter,
    MessageTables,
    compare,
    deviation,
    distances,
    scale,
    scores,
)
from eqsolve.filter.panel import Panel

HALF = Fraction(1, 2)


def drawn(panel, rng):
    return [rng.choice(messages(panel, i)) for i in range(panel.n)]


@pytest.mark.parametrize("kind", ["pairwise", "joint"])
@pytest.mark.parametrize("seed", range(15))
def test_distances_are_what_the_definition_says(seed, kind):
    panel = random_panel(seed)
    rng = random.Random(seed)
    profiles = [drawn(panel, rng) for _ in range(4)]
    wanted = [tuple(distance(panel, p, i, kind) for i in range(panel.n)) for p in profiles]
    assert [distances(panel, p, kind) for p in profiles] == wanted
    together = scores(panel, MessageTables(np.array(profiles), panel.shape), kind)
    assert [tuple(Fraction(int(s[r]), scale(panel, i)) for i, s in enumerate(together)) for r in range(4)] == wanted
    for epsilon in {0, HALF, *(d for row in wanted for d in row)}:
        judge = CorrelationFilter(panel, epsilon, kind)
        flags = [tuple(d > epsilon for d in row) for row in wanted]
        assert [judge.flags(p) for p in profiles] == flags
        assert judge.flags_of(np.array(profiles)).tolist() == [list(row) for row in flags]


def test_the_opposite_plan_and_equal_announcements_are_as_far_as_can_be():
    panel = panel_of((2, 2), (2, 2))
    assert distances(panel, [(0, 1, 0, 1), (1, 0, 1, 0)]) == (HALF, HALF)
    assert distances(panel, [(0, 1, 0, 1), (0, 1, 0, 1)]) == (HALF, HALF)
    assert distances(panel, [(0, 1, 0, 1), (0, 0, 1, 1)]) == (0, 0)


def test_a_triple_hides_from_pairs_and_not_from_the_joint_distance():
    panel = panel_of((2, 2), (2, 2), (2, 2), (4,))
    profile = [(0, 0, 1, 1), (0, 1, 0, 1), (0, 1, 1, 0), (0, 0, 0, 0)]
    assert distances(panel, profile) == (0, 0, 0, 0)
    quarter = Fraction(1, 4)
    assert distances(panel, profile, "joint") == (quarter, quarter, quarter, 0)
    assert compare(panel, profile, 0, (1, 2)) == quarter
    assert compare(panel, profile, 0, (1,)) == 0


def test_what_others_arrange_is_not_held_against_an_agent():
    """Agents 0 and 1 always announce the same; agent 2 is independent of both."""
    panel = panel_of((2, 2), (2, 2), (2, 2))
    profile = [(0, 0, 1, 1), (0, 0, 1, 1), (0, 1, 0, 1)]
    assert distances(panel, profile, "joint") == (HALF, HALF, 0)


def test_types_that_are_never_announced_give_no_evidence():
    panel = panel_of((2, 0, 2), (2, 2))
    assert distances(panel, [(0, 2, 0, 2), (0, 0, 1, 1)]) == (0, 0)


def test_huge_scales_are_exact():
    """The common denominator of ten awkward counts exceeds 64 bits."""
    counts = (41, 43, 47, 53, 59, 61, 67, 71, 73, 79)
    panel = panel_of(counts, (257, 337))
    assert scale(panel, 0) > 2**63
    own = [u for u, b in enumerate(counts) for _ in range(b)]
    other = [0] * 257 + [1] * 337
    wanted = max(
        abs(Fraction(257, 594) - Fraction(sum(1 for k in there if other[k] == 0), len(there)))
        for there in ([k for k in range(594) if own[k] == u] for u in range(10))
    )
    assert distances(panel, [own, other])[0] == wanted
    assert deviation(np.array([[[1, 1], [1, 1]]]), (2, 2)).dtype == np.int64


def test_flagged_announcements_are_replaced_within_the_budget():
    panel = panel_of((2, 2), (2, 2), (2, 2))
    profile = ((0, 1, 0, 1), (1, 0, 1, 0), (0, 0, 1, 1))
    judge = CorrelationFilter(panel, Fraction(1, 4))
    assert judge.flags(profile) == (True, True, False)
    generator = np.random.default_rng(5)
    passed = [judge.pass_on(profile, generator) for _ in range(300)]
    assert all(p[2] == profile[2] and panel.admits(0, p[0]) and panel.admits(1, p[1]) for p in passed)
    assert len({p[:2] for p in passed}) == 36
    assert CorrelationFilter(panel, HALF).pass_on(profile, generator) == profile


@pytest.mark.parametrize(
    ("profile", "word"),
    [([(0, 1)], "1 agents"), ([(0, 1), (0, 0)], "counts"), ([(0, 1), (0, 1, 1)], "counts")],
)
def test_announcements_outside_the_budget_are_refused(profile, word):
    with pytest.raises(ModelError, match=word):
        distances(panel_of((1, 1), (1, 1)), profile)


def test_bad_panels_and_kinds_are_refused():
    with pytest.raises(ModelError, match="sum to 2"):
        panel_of((1, 1), (1, 2))
    with pytest.raises(ModelError, match="twice"):
        Panel(("x", "x"), (("a",), ("a",)), ((1,), (1,)))
    with pytest.raises(ModelError, match="pairwise, joint"):
        distances(panel_of((1, 1), (1, 1)), [(0, 1), (0, 1)], "triple")
    with pytest.raises(SizeError, match="joint"):
        CorrelationFilter(panel_of(*[(1, 1)] * 22), HALF, "joint")


def test_loose_budgets_are_refused():
    import eqsolve as eq

    with pytest.raises(NotSupported, match="loose"):
        Panel.of_game(eq.load("committee").link(2))
    panel = Panel.of_model(eq.load("collusion"), 4)
    assert panel.budgets == ((4,), (2, 2), (2, 2))
    assert panel.choosing == (1, 2)
    with pytest.raises(ModelError, match="at least 1"):
        Panel.of_model(eq.load("collusion"), 0)
