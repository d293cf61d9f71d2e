"""The cheapest efficient ex post mechanism on a finite set of announcements, beside VCG.

With the others' announcements fixed, the payment to an agent is a number per own announcement r, and ex post incentives
are differences: w(r) >= w(r') + U(r' | r) − U(r | r), where U(r' | r) is what announcing r' yields at the truth r
before payments. With w >= 0 there is a least solution, the same for every r at once: longest paths in the graph of
announcements.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def least_payments(worth: Sequence[Sequence[Fraction]]) -> list[Fraction] | None:
    """The least nonnegative payments that make the truth a best announcement.

    Parameters
    ----------
    worth : square array of Fraction
        ``worth[r][s]``: what announcing s yields at the truth r.

    Returns
    -------
    list of Fraction, or None
        By announcement; None if no payments do (there is a cycle of gains).

    Notes
    -----
    Bellman and Ford: O(n^3) for n announcements.
    """
    size = len(worth)
    paid = [Fraction(0)] * size
    for _ in range(size + 1):
        moved = False
        for r, row in enumerate(worth):
            least = max((paid[s] + x - row[r] for s, x in enumerate(row)), default=Fraction(0))
            if least > paid[r]:
                paid[r], moved = least, True
        if not moved:
            return paid
    return None
