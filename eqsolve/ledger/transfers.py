"""Bilateral trade in the lecture notes: VCG, expected externality and IR-VCG payments with uniform types.

Every figure is computed twice: by exact integration over uniform types, and on grids of m types per agent, where it is
a polynomial in 1/m whose constant is the limit.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

from eqsolve.exact.rational import text
from eqsolve.io.transfers_file import load_transfers
from eqsolve.ledger.formulas import same
from eqsolve.ledger.settled import Published, Settled, figure, sentence
from eqsolve.transfers.balance import expected_externality
from eqsolve.transfers.checks import Checks
from eqsolve.transfers.continuum import bilateral_trade
from eqsolve.transfers.groves import ir_vcg, participation_subsidies, vcg
from eqsolve.transfers.polynomials import Polynomial
from eqsolve.transfers.problem import DirectMechanism, QuasiLinearProblem
from eqsolve.transfers.refinement import limit

BUYER, SELLER = 0, 1
GRIDS = (2, 3, 4, 5, 6, 8)
METHOD = f"exact integration over uniform types; grids of {', '.join(map(str, GRIDS))} midpoints, a polynomial in 1/m"


@cache
def trade(points: int) -> QuasiLinearProblem:
    """The bundled model on a grid."""
    return load_transfers("trade").problem(points)


@cache
def _pivot(points: int) -> DirectMechanism:
    return vcg(trade(points))


@cache
def _externality(points: int) -> DirectMechanism:
    return expected_externality(trade(points))


def agree(exact: Fraction, on_grid: Callable[[int], Fraction]) -> Fraction:
    """A figure by integration, which its limit along the grids has to confirm.

    Raises
    ------
    ArithmeticError
        If the two ways differ: then one of them is wrong, and no claim is settled.
    """
    found = limit([(m, on_grid(m)) for m in GRIDS])
    if found.formula is None or found.value != exact:
        raise ArithmeticError(f"integration gives {exact}, grids {found.digits}")
    return exact


def interim_payments(claim: Published) -> Settled:
    """Section 4, example: interim VCG payments of both agents are θ²/2."""
    pair = bilateral_trade()
    buyer, seller = (pair.interim_payment(i) for i in (BUYER, SELLER))
    return sentence(
        buyer == seller and same(claim.printed, lambda theta: buyer.at(theta), ["theta"]),
        buyer.text("theta", "") if buyer == seller else f"{buyer.text('b', '')}, {seller.text('s', '')}",
        "exact integration over uniform types, buyer and seller",
        wrong="the interim payments are others",
    )


def expected_payments(claim: Published) -> Settled:
    """Section 4, example: expected VCG payments of both agents."""
    pair = bilateral_trade()
    buyer, seller = (agree(pair.payment(i), lambda m, i=i: _pivot(m).payoffs.payment(i)) for i in (BUYER, SELLER))  # type: ignore[misc]
    caveat = "" if buyer == seller else f"the seller's is {seller}"
    return figure(claim, [buyer], METHOD, caveat=caveat, wrong="another figure")


def externality_payment(claim: Published) -> Settled:
    """Section 4, example: the buyer pays b²/2 - s²/2, the seller the opposite, and the budget balances."""
    pair = bilateral_trade()
    buyer, seller = (pair.externality_payment(i) for i in (BUYER, SELLER))
    return sentence(
        same(claim.printed, lambda b, s: buyer.at(b, s), ["b", "s"]) and not (buyer + seller.swapped()).terms,
        buyer.text("b", "s"),
        "exact integration over uniform types; the seller pays the opposite",
        wrong="the payments are others, or do not balance",
    )


def _externality_payoff(i: int) -> Fraction:
    """Expected payoff in the expected externality mechanism."""
    exact = bilateral_trade().externality_utility(i).mean()
    return agree(exact, lambda m: _externality(m).payoffs.ex_ante(i))


def buyers_payoff(claim: Published) -> Settled:
    """Section 4, example: the buyer's expected payoff in the expected externality mechanism."""
    return figure(claim, [_externality_payoff(BUYER)], METHOD, wrong="another figure")


def sellers_payoff(claim: Published) -> Settled:
    """Section 4, example: the seller's expected payoff in the expected externality mechanism."""
    return figure(claim, [_externality_payoff(SELLER)], METHOD, wrong="another figure")


def seller_is_not_dominant(claim: Published) -> Settled:
    """Section 4, example: "maximized at the truth regardless of the buyer's report. Hence, it is DISC".

    The seller's payoff against a single report of the buyer, in quarters: the largest gain from a lie. On grids, by
    looking at every type and every report.
    """
    pair = bilateral_trade()
    paid = pair.externality_payment(SELLER)
    quarters = [Fraction(k, 4) for k in range(5)]

    def payoff(s: Fraction, told: Fraction, b: Fraction) -> Fraction:
        """The seller's payoff at type s, report `told` and the buyer's report b."""
        return -(s if b > told else Fraction(0)) - paid.at(told, b)

    gain, s, told, b = max(
        (payoff(s, told, b) - payoff(s, s, b), s, told, b)
        for s in quarters
        for told in quarters
        for b in quarters
        if b not in (s, told)
    )
    on_grids = [Checks(_externality(m)) for m in GRIDS]
    dominant = gain <= 0 and all(found.dominant is None for found in on_grids)
    truthful = all(found.bayesian is None for found in on_grids)
    return sentence(
        dominant,
        f"a seller of type {s} gains {gain} by reporting {told} when the buyer reports {b}",
        "exact payments against single reports; exhaustive check of the mechanism on grids",
        wrong=(
            "the payoff that is maximised is an expectation over the buyer's types; truth is best in expectation"
            f"{'' if truthful else ' not even on grids'}, not against every report"
        ),
    )


def payment_of_a_quarter(claim: Published) -> Settled:
    """Section 4, example: a payment of 1/4 from buyer to seller, ex ante, leaves both with gains for all their types.

    The least interim payoff of each after the payment, over its types, and for which payments they are not negative.
    """
    pair = bilateral_trade()
    amount = Fraction(claim.printed or "1/4")
    least = []
    for i in (BUYER, SELLER):
        largest, at = (-pair.externality_utility(i)).maximum()
        least.append((-largest, at))
    buyer, seller = least[BUYER][0] - amount, least[SELLER][0] + amount
    means = [_externality_payoff(BUYER) - amount, _externality_payoff(SELLER) + amount]
    computed = (
        f"expected payoffs {text(means[0])} and {text(means[1])}; a buyer of type {least[BUYER][1]} gets "
        f"{text(buyer)}, a seller of type {least[SELLER][1]} gets {text(seller)}"
    )
    most, needed = least[BUYER][0], -least[SELLER][0]
    range_ = "no payment does" if needed > most else f"payments from {text(needed)} to {text(most)} do"
    return sentence(
        buyer > 0 and seller > 0,
        computed,
        "exact integration over uniform types, smallest value of a quadratic polynomial",
        wrong=(
            "gains are positive before types are known; once they are, some types lose, so agents must be bound "
            f"before: {range_} for all types (the buyer can pay at most {text(most)}, the seller needs {text(needed)})"
        ),
    )


def subsidies(claim: Published) -> Settled:
    """Section 5.2, bilateral trade: ψ of the buyer and of the seller."""
    pair = bilateral_trade()
    values = [
        agree(pair.subsidy(i)[0], lambda m, i=i: participation_subsidies(_pivot(m))[i])  # type: ignore[misc]
        for i in (BUYER, SELLER)
    ]
    return figure(claim, values, METHOD, wrong="other figures")


def deficit(claim: Published) -> Settled:
    """Section 5.2, bilateral trade: the expected surplus of the IR-VCG mechanism, 1/6 - 0 + 1/6 - 1/2."""
    surplus = agree(bilateral_trade().surplus, lambda m: ir_vcg(trade(m)).expected_surplus)
    return figure(
        claim,
        [surplus],
        METHOD,
        wrong="a slip in the last sum of the notes, 1/6 - 0 + 1/6 - 1/2; it is a deficit still",
    )


def sellers_gain_from_taking_part(claim: Published) -> Settled:
    """Section 3.2: what the seller gains by taking part in VCG, if trade is forced otherwise; printed as x(b - s)."""
    pair = bilateral_trade()
    where_larger, where_smaller = pair.pivot[SELLER]
    own = Polynomial.linear(Fraction(0), Fraction(1))
    # where s > b there is no trade; where s < b there is, as there would be without the seller
    no_trade = Polynomial() - where_larger + own
    traded = -own - where_smaller + own

    def gain(x: Fraction, b: Fraction, s: Fraction) -> Fraction:
        """The seller's gain by the exact payments, with trade (x = 1) or without (x = 0)."""
        return (traded if x else no_trade).at(s, b)

    told = "(1 - x)(s - b)"
    return sentence(
        same(claim.printed, gain, ["x", "b", "s"]),
        told if same(told, gain, ["x", "b", "s"]) else f"{traded.text('s', 'b')} with trade, else {no_trade}",
        "exact payments of the pivot mechanism",
        wrong=(
            "without trade the seller pays b instead of receiving it, as its payoff -b + x(b - s) earlier in the notes "
            "says; so it gains by taking part where there is no trade, and nothing by trade"
        ),
    )
