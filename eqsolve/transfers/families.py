"""Families of models: bilateral trade, dissolving a partnership of any size, a public good.

And for partnerships in the limit of uniform types the shares that allow an efficient dissolution (Cramton, Gibbons and
Klemperer 1987; lecture notes "Designing efficient mechanisms", section 5.1), between certified bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.transfers.efficient import Ties
from eqsolve.transfers.grids import Grid, GridAgent, TransferModel
from eqsolve.transfers.problem import ZERO

ONE = Fraction(1)
DIGITS = 12


def trade_model(points: int = 5, place: str = "midpoints", ties: Ties = "first") -> TransferModel:
    """Bilateral trade with types uniform on [0, 1]: the notes' sections 3.2, 4 and 5.2.

    With the tie rule "first" there is no trade between equal values, with "last" there is.
    """
    agents = (GridAgent("buyer", {"trade": ONE}), GridAgent("seller", {"trade": -ONE}))
    return TransferModel(
        ("no_trade", "trade"),
        agents,
        outside={"buyer": "no_trade", "seller": "no_trade"},
        grid=Grid(points, place=place),
        ties=ties,
        name="Bilateral trade",
    )


def partnership_model(
    shares: Sequence[Fraction], points: int = 4, place: str = "midpoints", ties: Ties = "uniform"
) -> TransferModel:
    """A partnership with these shares that goes to one partner; whoever stays away keeps its share.

    Raises
    ------
    ModelError
        If the shares are not at least 0 with sum 1.
    """
    if len(shares) < 2 or min(shares) < 0 or sum(shares) != 1:
        raise ModelError(f"shares: found {', '.join(map(str, shares))}, expected at least two, at least 0, together 1")
    names = [str(i + 1) for i in range(len(shares))]
    kept = {f"to_{name}": share for name, share in zip(names, shares, strict=True)}
    return TransferModel(
        tuple(kept),
        tuple(GridAgent(name, {f"to_{name}": ONE}) for name in names),
        outside=dict.fromkeys(names, kept),
        grid=Grid(points, place=place),
        ties=ties,
        name="Dissolving a partnership",
    )


def public_good_model(agents: int, cost: Fraction, points: int = 3, place: str = "ends") -> TransferModel:
    """A public good with a cost, worth a type that is uniform on [0, 1] to every agent."""
    names = [str(i + 1) for i in range(agents)]
    return TransferModel(
        ("none", "good"),
        tuple(GridAgent(name, {"good": ONE}) for name in names),
        {"good": cost},
        dict.fromkeys(names, "none"),
        Grid(points, place=place),
        name="A public good",
    )


def root(value: Fraction, k: int, digits: int = DIGITS) -> tuple[Fraction, Fraction]:
    """Decimals of `digits` digits around the k-th root of a number of at least 0; equal if it is one of them."""
    scale = 10**digits
    target = value.numerator * scale**k // value.denominator
    low, high = 0, max(target, 1)
    while low < high:
        middle = (low + high + 1) // 2
        if middle**k <= target:
            low = middle
        else:
            high = middle - 1
    exact = Fraction(low, scale) ** k == value
    return Fraction(low, scale), Fraction(low + (not exact), scale)


def dissolution_surplus(shares: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Bounds on the expected IR-VCG surplus of a partnership with types uniform on [0, 1].

    With n partners VCG payments are (n-1)/n θ^n, expected (n-1)/(n+1) in all; partner i needs the subsidy
    (n-1)/n r^(n/(n-1)). By Theorem 3 of the notes an efficient dissolution exists if the surplus is not negative, and
    does not if it is.
    """
    n = len(shares)
    low = high = Fraction(n - 1, n + 1)
    for share in shares:
        below, above = root(share**n, n - 1)
        low -= Fraction(n - 1, n) * above
        high -= Fraction(n - 1, n) * below
    return low, high


def dissolution_range(n: int, digits: int = 6) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    """For which share r of one partner, the others' being equal, n partners can dissolve efficiently, in the limit.

    Returns
    -------
    ((Fraction, Fraction), (Fraction, Fraction))
        Bounds on the smallest and on the largest such r, of `digits` decimals; the smallest one may be 0 itself.

    Notes
    -----
    The surplus is concave in r and positive at 1/n, so a sign change lies on either side, or none.
    """

    def positive(r: Fraction) -> bool:
        """Whether the surplus is at least 0 where one partner has the share r, the others equal ones."""
        low, high = dissolution_surplus([r] + [(1 - r) / (n - 1)] * (n - 1))
        if low < 0 <= high:
            raise ArithmeticError(f"{DIGITS} digits do not tell the sign of the surplus at {r}")
        return low >= 0

    middle, step = Fraction(1, n), Fraction(1, 10**digits)
    ends = []
    for outer in (ZERO, ONE):
        if positive(outer):
            ends.append((outer, outer))
            continue
        inside, outside = middle, outer
        while abs(outside - inside) > step:
            half = (inside + outside) / 2
            inside, outside = (half, outside) if positive(half) else (inside, half)
        ends.append((min(inside, outside), max(inside, outside)))
    return ends[0], ends[1]
