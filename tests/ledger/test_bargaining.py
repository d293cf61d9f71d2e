"""Example 4: trade on one object, linked, and with walking away, by formulas and enumerations of its own."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from scipy.optimize import linprog

TWO_THIRDS, THIRD = Fraction(2, 3), Fraction(1, 3)
PRICE = {(0, 10): 5, (8, 10): 8, (0, 2): 2}


def seller_gets(value, said, other):
    return PRICE[said, other] - value if (said, other) in PRICE else 0


def test_the_printed_table_is_bayesian_incentive_compatible(settled):
    often = Fraction(5, 7)
    eager = TWO_THIRDS * 5 + THIRD * often * 2
    assert eager == TWO_THIRDS * often * 8  # what an eager seller gets by saying 8: indifferent
    assert TWO_THIRDS * (5 - 8) + THIRD * often * (2 - 8) < 0  # and a reluctant one by saying 0; the buyer alike
    assert settled("000.ex4.sb.BIC").verdict == "holds"
    assert often * 8 > 5  # against a buyer known to have 10 the seller would rather say 8
    assert "not hold in dominant strategies" in settled("000.ex4.sb.BIC").computed


@pytest.mark.parametrize(("dominant", "expected"), [(False, Fraction(5, 7)), (True, Fraction(5, 8))])
def test_second_best_by_a_program_in_prices(settled, dominant, expected):
    """By symmetry: trade with probability x where one side is reluctant; the price is 5 where both are eager."""
    # Variables: x, the payment at (0, 2), between 0 and 2x, and the one at (8, 10), between 8x and 10x.
    rows, right = [[-2, 1, 0], [0, -1, 0], [8, 0, -1], [-10, 0, 1]], [0, 0, 0, 0]
    if dominant:
        rows += [[0, 0, 1]]  # 5 >= z, and against a buyer with 2: y >= 0
        right += [5]
    else:
        rows += [[0, -1 / 3, 2 / 3]]
        right += [2 / 3 * 5]
    found = linprog([-1, 0, 0], A_ub=rows, b_ub=right, bounds=[(0, 1), (None, None), (None, None)])
    assert -found.fun == pytest.approx(float(expected))
    claim = settled("000.ex4.sb.expost")
    assert (claim.computed, claim.verdict) == ("5/7", "holds-with-caveat")
    assert str(expected) in claim.caveat
    assert str(TWO_THIRDS**2 * 10 + 2 * TWO_THIRDS * THIRD * 2 * Fraction(5, 7)) in claim.caveat


def label_free(K):
    """Payoff per object of the seller with fewest lies; the buyer announces 10 on two thirds of the objects."""
    total = Fraction(0)
    for n in range(K + 1):  # objects worth 0 to the seller
        chance = math.comb(K, n) * TWO_THIRDS**n * THIRD ** (K - n)
        eager = min(n, 2 * K // 3)
        cells = {(0, 0): eager, (0, 8): n - eager, (8, 0): 2 * K // 3 - eager, (8, 8): K - n - (2 * K // 3 - eager)}
        for (value, said), count in cells.items():
            total += chance * count * (TWO_THIRDS * seller_gets(value, said, 10) + THIRD * seller_gets(value, said, 2))
    return total / K


def test_linked_bargaining(settled):
    found = settled("000.ex4.linked.noveto")
    expected = [f"K = {K}: fewest-lies, payoffs {label_free(K)}, {label_free(K)}" for K in (3, 6)]
    assert (found.computed, found.verdict) == ("; ".join(expected), "holds")


def test_from_where_on_linking_is_better(settled):
    best = TWO_THIRDS**2 * 10 + 2 * TWO_THIRDS * THIRD * 2 * Fraction(5, 7)
    better = [K for K in range(3, 151, 3) if 2 * label_free(K) > best]
    assert better == list(range(better[0], 151, 3))
    found = settled("000.ex4.threshold")
    assert (found.computed, found.verdict) == (f"K = {better[0]} and more", "holds-with-caveat")


def with_walking(value, said, buyer, heard):
    """The seller's gain on an object when both may walk away."""
    if (said, heard) not in PRICE:
        return 0
    price = PRICE[said, heard]
    return price - value if price >= value and price <= buyer else 0


def gone(value, said, buyer, heard):
    """Whether somebody walks away."""
    return (said, heard) in PRICE and not value <= PRICE[said, heard] <= buyer


def weight(values, eager):
    return math.prod((TWO_THIRDS if v == eager else THIRD for v in values), start=Fraction(1))


def walking_reply(side):
    """The seller puts its single 8 on an object worth 0 where it has one; the buyer its single 2 on one worth 10."""
    eager, reluctant = ((0, 8), (10, 2))[side]
    play = {}
    for values in itertools.product((eager, reluctant), repeat=3):
        places = [k for k, v in enumerate(values) if v == eager] or range(3)
        play[values] = [tuple(reluctant if k == p else eager for k in range(3)) for p in places]
    return play


def honest_messages(values, eager, reluctant):
    """Messages with fewest lies among those with two eager announcements, K = 3."""
    messages = set(itertools.permutations((eager, eager, reluctant)))
    lies = {m: sum(a != b for a, b in zip(values, m, strict=True)) for m in messages}
    return [m for m in messages if lies[m] == min(lies.values())]


def test_walking_away_changes_incentives(settled):
    """All values of the buyer, all of its truthful messages, all messages of the seller, K = 3."""
    gains = []
    for seller in itertools.product((0, 8), repeat=3):
        payoff = {}
        for message in set(itertools.permutations((0, 0, 8))):
            total = Fraction(0)
            for buyer in itertools.product((10, 2), repeat=3):
                chance = math.prod(TWO_THIRDS if b == 10 else THIRD for b in buyer)
                heard = honest_messages(buyer, 10, 2)
                for h in heard:
                    total += chance / len(heard) * sum(map(with_walking, seller, message, buyer, h))
            payoff[message] = total / 3
        honest = max(payoff[m] for m in honest_messages(seller, 0, 8))
        gains.append(max(payoff.values()) - honest)
    found = settled("000.ex4.veto.m3")
    assert found.verdict == "erratum"
    assert found.computed == f"largest interim gain from more lies: 0 without, {max(gains)} with walking away"


def test_walking_away_in_the_limit(settled):
    """Against a truthful buyer, a seller that exchanges announcements between an 8 and a 0."""

    def expected(value, said):
        return sum(p * with_walking(value, said, b, b) for b, p in ((10, TWO_THIRDS), (2, THIRD)))

    swap = expected(0, 8) + expected(8, 0) - expected(0, 0) - expected(8, 8)
    found = settled("000.ex4.veto.limit")
    assert found.verdict == "erratum"
    assert found.computed.split("; ")[0].split(": ")[1] == f"{swap / 3}, {swap / 3} per object"
    assert swap > 0
    pays, walks = Fraction(3752, 2187), Fraction(3536, 6561)
    assert f"K = 3 pay the seller {pays} (efficient decisions 8/3), walking away from {walks} " in found.computed


def test_the_label_free_equilibrium_with_walking_away():
    """The figures that the ledger prints for K = 3: in equilibrium, and what they come to, multiplied out."""
    play = {i: walking_reply(i) for i in (0, 1)}
    total = walked = Fraction(0)
    for seller, buyer in itertools.product(itertools.product((0, 8), repeat=3), itertools.product((10, 2), repeat=3)):
        chance = weight(seller, 0) * weight(buyer, 10)
        for said, heard in itertools.product(play[0][seller], play[1][buyer]):
            share = chance / (len(play[0][seller]) * len(play[1][buyer]) * 3)
            total += share * sum(map(with_walking, seller, said, buyer, heard))
            walked += share * sum(map(gone, seller, said, buyer, heard))
    assert (total, walked) == (Fraction(3752, 2187), Fraction(3536, 6561))
    for values in play[0]:
        worth = {}
        for message in set(itertools.permutations((0, 0, 8))):
            worth[message] = sum(
                weight(buyer, 10) / len(heards) * sum(map(with_walking, values, message, buyer, h))
                for buyer, heards in play[1].items()
                for h in heards
            )
        best = max(worth.values())
        assert {m for m, w in worth.items() if w == best} == set(play[0][values])
