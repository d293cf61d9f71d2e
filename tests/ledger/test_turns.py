"""Example 2 by enumerating what the other two heirs announce."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest


def chance(v):
    """P(win) when announcing v against two announcements, each 1, 2 or 3 with probability 1/3 on any item."""
    total = Fraction(0)
    for w in itertools.product((1, 2, 3), repeat=2):
        if max(w) <= v:
            total += Fraction(1, 9 * (1 + sum(x == v for x in w)))
    return total


def replies(items):
    third = items // 3
    return set(itertools.permutations((1,) * third + (2,) * third + (3,) * third)) if items == 3 else _six()


def _six():
    found = set()
    for ones in itertools.combinations(range(6), 2):
        for twos in itertools.combinations([k for k in range(6) if k not in ones], 2):
            found.add(tuple(1 if k in ones else 2 if k in twos else 3 for k in range(6)))
    return found


def worth(values, message):
    return sum(v * chance(m) for v, m in zip(values, message, strict=True))


@pytest.mark.parametrize("items", [3, 6])
def test_fewest_lies_are_no_best_reply(settled, items):
    found = settled(f"000.ex2.minlies.m{items}")
    messages = replies(items)
    gaps = {}
    for values in itertools.combinations_with_replacement((1, 2, 3), items):
        lies = {m: sum(a != b for a, b in zip(values, m, strict=True)) for m in messages}
        best = max(worth(values, m) for m in messages)
        honest = max(worth(values, m) for m in messages if lies[m] == min(lies.values()))
        gaps[values] = (best - honest, best, honest)
    values, (gap, best, honest) = max(gaps.items(), key=lambda item: (item[1][0], item[0]))
    assert gap > 0
    assert found.verdict == "erratum"
    assert found.computed.startswith(f"at values ({', '.join(map(str, values))}) announcing ")
    assert found.computed.endswith(f"is worth {best}, the best with fewest lies {honest}")
    if items == 3:
        assert gaps[2, 3, 3][1:] == (Fraction(80, 27), Fraction(74, 27))


def test_permuting_true_values_loses(settled):
    """All announcements that permute the true values of some of three items, at all values that a budget allows."""
    losses = [
        worth(values, values) - worth(values, told)
        for values in itertools.permutations((1, 2, 3))
        for told in itertools.permutations(values)
        if told != values
    ]
    assert min(losses) > 0
    found = settled("000.ex2.permute")
    assert found.verdict == "holds"
    assert found.computed == f"every cycle of announcements loses, at least {min(losses)}"
