"""The lecture notes' figures by simple sums over fine midpoints, and formulas in print."""

from __future__ import annotations

from fractions import Fraction

import pytest

from eqsolve.ledger.formulas import same, value
from eqsolve.ledger.transfers_budget import root_between, share_surplus

FINE = 200
POINTS = [(k + 0.5) / FINE for k in range(FINE)]


def mean(figure):
    return sum(figure(b, s) for b in POINTS for s in POINTS) / FINE**2


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("004.vcg.exante", lambda b, s: s * (b > s)),
        ("004.ee.buyer", lambda b, s: b * (b > s) - (b * b - s * s) / 2),
        ("004.ee.seller", lambda b, s: -s * (b > s) - (s * s - b * b) / 2),
        ("004.ms.deficit", lambda b, s: s * (b > s) + b * (b <= s) - 0.5),
        ("004.part.surplus", lambda b, s: s * (b > s) - 0.125),
    ],
)
def test_figures_against_sums(settled, name, figure):
    assert float(Fraction(settled(name).computed)) == pytest.approx(mean(figure), abs=0.01)


def test_verdicts(settled):
    errata = {"004.ee.dsic", "004.ee.payment14", "004.ms.deficit", "004.vcg.sellerpart"}
    for name in ("ee.dsic", "ee.payment14", "ms.deficit", "vcg.sellerpart", "ms.psi", "vcg.interim", "ee.transfer"):
        found = settled(f"004.{name}")
        assert found.verdict == ("erratum" if f"004.{name}" in errata else "holds")


def test_the_sellers_witness_by_hand(settled):
    """A seller of type 1 pays s²/2 - b²/2 as it reports; against b = 0 there is no trade, and 1/4 is cheaper than 1."""
    assert settled("004.ee.dsic").computed == "a seller of type 1 gains 15/32 by reporting 1/4 when the buyer reports 0"
    assert Fraction(1, 2) - Fraction(1, 4) ** 2 / 2 == Fraction(15, 32)


def test_no_payment_ex_ante_helps_all_types(settled):
    worst_buyer = min(b * b / 2 + 1 / 6 for b in POINTS)
    worst_seller = min(s * s / 2 - s + 1 / 6 for s in POINTS)
    assert worst_buyer == pytest.approx(1 / 6, abs=1e-3)
    assert worst_seller == pytest.approx(-1 / 3, abs=1e-3)
    assert "at most 1/6" in settled("004.ee.payment14").caveat
    assert "needs 1/3" in settled("004.ee.payment14").caveat


def test_shares(settled):
    zero, slope, bend = share_surplus()
    assert (zero, slope, bend) == (Fraction(-1, 6), 1, -1)  # 1/3 - r²/2 - (1 - r)²/2
    low, high = root_between(Fraction(1, 12))
    assert low * low <= Fraction(1, 12) < high * high
    assert settled("004.part.shares").computed.startswith("0.211325 to 0.788675, exactly 1/2 ± sqrt(1/12)")


def test_printed_formulas_are_read_and_never_run():
    assert value("b^2/2 - s^2/2", b=Fraction(3), s=Fraction(1)) == 4
    assert value("x(b - s)", x=Fraction(1), b=Fraction(3), s=Fraction(1)) == 2
    assert value("2 theta^2", theta=Fraction(1, 2)) == Fraction(1, 2)
    assert value("(1 - x)(s - b)", x=Fraction(0), b=Fraction(3), s=Fraction(1)) == -2
    assert same("1/6 - 1/8", lambda: Fraction(1, 24), [])
    assert not same("theta^2/3", lambda theta: theta * theta / 2, ["theta"])
    for text in ("__import__('os')", "b.real", "b^b", "9^999", "[1]", "b if b else 1", "1/0", "", "c"):
        with pytest.raises(ValueError, match=r"."):
            value(text, b=Fraction(2))
        assert not same(text, lambda b: b, ["b"])
