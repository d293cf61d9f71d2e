"""Fang and Norman, section 6.4: surplus, thresholds and Claims 1 to 4 of the example in which participation unravels.

Claims 2 to 4 speak of all equilibria from some K on. Equilibria are computed at small K; that one with a veto
probability tending to 0 exists for all large K is proved in docs/participation.md. The paper's proof rests on
(52): what the type that is l everywhere gets when the types Θ_V veto. There the lump sum −E[S_K]/2 is paid whether or
not somebody vetoes; by the mechanism (24) and by (30) it is only paid if nobody does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from itertools import count, pairwise
from typing import TYPE_CHECKING

from flint import arb
from flint import ctx as flint_context

from eqsolve.exact.rational import text
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.participation.equilibria import VetoEquilibrium, from_nobody
from eqsolve.participation.groves import LinkedGroves
from eqsolve.participation.listing import all_equilibria
from eqsolve.participation.mixing import mixed_equilibrium
from eqsolve.participation.sums import Share
from eqsolve.participation.veto import VetoGame, standard_fee

if TYPE_CHECKING:
    from eqsolve.io.participation_file import ParticipationModel

EPSILON = Fraction(1, 24)
LAST_VETO = 16
"""The last K at which equilibria are computed here."""
LAST_EXACT = 36
ORDER = {"ll": "d0", "lm": "dl", "lh": "dh", "mm": "dm", "mh": "d0", "hh": "dh"}
"""The rule (32)."""


@cache
def example(epsilon: Fraction = EPSILON) -> ParticipationModel:
    """The bundled model with this ε."""
    from eqsolve.io.participation_file import load_participation

    return load_participation("veto-unravels", {"epsilon": text(epsilon)})


def rule(claim: Published) -> Settled:
    """(32) and (33) are optimal for all k >= 2 and 0 < ε <= 1/24.

    k times the difference in welfare to every other decision is a polynomial in k of degree at most 5, linear in ε. Its
    forward differences at k = 2 are at least 0 for ε = 0 and for ε = 1/24, so by Newton's formula it is at least 0 for
    every k >= 2 and every ε between. At k = 1 it is not, as the paper says.
    """
    right = True
    for epsilon in (Fraction(0), EPSILON):
        welfare = {k: _welfare(k, epsilon) for k in range(1, 13)}
        for pair, best in ORDER.items():
            right &= all(welfare[k][pair][best] == _printed_surplus(k, epsilon)[pair] for k in range(2, 13))
            for other in ("d0", "dl", "dm", "dh"):
                values = [k * (welfare[k][pair][best] - welfare[k][pair][other]) for k in range(2, 13)]
                differences = _differences(values)
                right &= min(differences) >= 0 and not any(differences[6:])
    first = _welfare(1, EPSILON)["mm"]
    right &= first["dl"] > first["dm"]
    computed = "optimal, with the surplus (33), for all k from 2 on and all ε up to 1/24; at k = 1 dl is better at mm"
    method = "forward differences of polynomials in k at ε = 0 and 1/24, all six pairs of types, all decisions"
    return sentence(right, computed, method, wrong="another decision is better somewhere")


def _welfare(k: int, epsilon: Fraction) -> dict[str, dict[str, Fraction]]:
    """Sum of utilities less cost by pair of types and decision."""
    problem = example(epsilon).problem(k)
    names = problem.problem.agents[0].type_names
    out = {}
    for pair in ORDER:
        rows = [problem.values[i][names.index(name)] for i, name in enumerate(pair)]
        lines = zip(problem.problem.decisions, *rows, problem.costs, strict=True)
        out[pair] = {d: a + b - cost for d, a, b, cost in lines}
    return out


def _printed_surplus(k: int, epsilon: Fraction) -> dict[str, Fraction]:
    """(33)."""
    square = Fraction((k + 1) ** 2)
    return {
        "ll": Fraction(0),
        "lm": square / (4 * k) + epsilon * (k + 1),
        "lh": square * Fraction(4 * k * (k + 1) - 1, 4 * k),
        "mm": k * square / 2 - 4 * epsilon * k * (k + 1) * (k + 2),
        "mh": Fraction(0),
        "hh": (4 * (k + 1) - Fraction(k, 2)) * square,
    }


def _differences(values: list[Fraction]) -> list[Fraction]:
    """Forward differences of all orders at the first value."""
    out = []
    while values:
        out.append(values[0])
        values = [b - a for a, b in pairwise(values)]
    return out


def means(claim: Published) -> Settled:
    """(35) to (38), at 39 values of k and both ends of ε: rational functions of low degree, so for all k and ε."""
    right = True
    for epsilon in (Fraction(0), EPSILON):
        for k in range(2, 41):
            issue = example(epsilon).sequence.issue(k)
            half = Fraction(k + 1, 2)
            printed = (
                half + epsilon / (2 * (k + 1)),
                half - epsilon * k - epsilon * Fraction(k, k + 1),
                Fraction((k + 1) ** 3) + half,
            )
            right &= issue.surplus_given(0, issue.priors) == printed and issue.expected_surplus == k + 1
    right &= claim.printed in (None, "as printed")
    return sentence(right, "as printed", "exact means, k = 2 to 40, ε = 0 and 1/24", wrong="not as printed")


def threshold(claim: Published) -> Settled:
    """(40), (41): H(K*, K) falls in K*, K*(K) is unique and grows without bound, very slowly.

    H against payoffs of the mechanism up to K = 20; the first K at which K*(K) is 2 by exact sums, and at which it is
    3, 4 and 5 by digamma functions in ball arithmetic.
    """
    right = True
    for last in range(2, 21):
        groves = LinkedGroves(example().sequence.economy(last))
        values = [_worth(ms, last) for ms in range(1, last + 1)]
        right &= all(b < a for a, b in pairwise(values)) and values[0] > 0
        for ms, value in enumerate(values, start=1):
            types = [1] * (ms - 1) + [0] * (last - ms)
            right &= groves.gain(0, types) == EPSILON * value
    first = [_first_with(ms) for ms in (2, 3, 4, 5)]
    right &= all(a < b for a, b in pairwise(first)) and _worth(2, first[0]) >= 0 > _worth(2, first[0] - 1)
    shown = ", ".join(f"{ms} from K = {_short(k)} on" for ms, k in zip((2, 3, 4, 5), first, strict=True))
    caveat = "it grows like the square root of ln K"
    return sentence(
        right, f"K*(K) is {shown}", "exact, and balls for large K", caveat=caveat, wrong="H does not fall, or is not εU"
    )


def _worth(ms: int, last: int) -> Fraction:
    """H(K*, K) of (41)."""
    below = sum((Fraction(k) + Fraction(k, k + 1) for k in range(2, ms + 1)), Fraction(0))
    return sum((Fraction(1, k + 1) for k in range(ms + 1, last + 1)), Fraction(0)) / 2 - below


def _first_with(ms: int) -> int:
    """The first K with H(ms, K) >= 0, by digamma: the sum of 1/(k+1) from ms + 1 to K is ψ(K + 2) − ψ(ms + 2)."""
    needed = 2 * sum((Fraction(k) + Fraction(k, k + 1) for k in range(2, ms + 1)), Fraction(0))
    with flint_context.workprec(256):
        goal = arb(needed.numerator) / arb(needed.denominator) + arb(ms + 2).digamma()

        def reached(last: int) -> bool:
            """Whether H(ms, last) >= 0, proved by ball arithmetic."""
            gap = arb(last + 2).digamma() - goal
            if not (gap > 0) and not (gap < 0):
                raise ArithmeticError("balls do not tell")
            return bool(gap > 0)

        above = next(size for j in count(3) if reached(size := 1 << j))
        below = above // 2
        while above - below > 1:
            middle = (above + below) // 2
            below, above = (below, middle) if reached(middle) else (middle, above)
    return above


def _short(number: int) -> str:
    return f"{number:,}" if number < 10**9 else f"{number:.3g}" if number < 10**300 else f"10^{len(str(number)) - 1}"


def claim_1(claim: Published) -> Settled:
    """Claim 1 at finite K: the probability that all participation constraints hold.

    Exactly for K = 2 to 36; beyond by thresholds. Types whose issues after K*(K) are l or h take part, as in (44), and
    types without h that have an m at some k where one m alone is too much (46) do not; both are products.
    """
    model = example()
    exact = {k: LinkedGroves(model.sequence.economy(k)).all_hold for k in range(2, LAST_EXACT + 1)}
    bounds = {k: _between(k) for k in (*exact, 100, 1000)}
    inside = all(bounds[k][0] <= p <= bounds[k][1] for k, p in exact.items())
    falling = all(b < a for a, b in pairwise(exact.values()))
    limits = [(1 - Fraction(1, 2 * (ms + 1))) ** 2 for ms in (2, 10, 100)]  # 1/(2(k+1)²) over k > K*, by an integral
    rising = limits[0] < limits[1] < limits[2]
    digits = 2 * sum(k + k / (k + 1) for k in range(2, 101)) / math.log(10)  # K*(K) = 100 takes ln K of about this sum
    computed = (
        f"{text(exact[2])} at K = 2, {float(exact[12]):.6f} at 12, {float(exact[LAST_EXACT]):.6f} at {LAST_EXACT}; "
        + ", ".join(f"between {float(bounds[k][0]):.4f} and {float(bounds[k][1]):.4f} at {k}" for k in (100, 1000))
    )
    caveat = (
        f"up to K = {LAST_EXACT} it {'falls' if falling else 'does not rise steadily'}; bounds rise once an early m is "
        f"affordable, from K = {_first_with(2)} on: at least {float(limits[0]):.3f} once K*(K) = 2, "
        f"{float(limits[1]):.3f} at 10 and {float(limits[2]):.3f} at 100, where K has some {digits:,.0f} digits"
    )
    method = f"decision diagrams of all type vectors up to K = {LAST_EXACT}; products of probabilities beyond"
    return sentence(inside and rising, computed, method, caveat=caveat, wrong="the bounds do not hold")


def _between(last: int) -> tuple[Fraction, Fraction]:
    """Bounds of the probability that both constraints hold."""
    ms = (
        max(m for m in range(1, last + 1) if _worth(m, last) >= 0)
        if last < 100
        else (1 if last < _first_with(2) else 2)
    )
    harmonic = sum((Fraction(1, k + 1) for k in range(2, last + 1)), Fraction(0)) / 2
    alone = next(k for k in range(2, last + 2) if harmonic - k - Fraction(k, k + 1) - Fraction(1, 2 * (k + 1)) < 0)
    no_m = _product(1 - _rare(k) for k in range(ms + 1, last + 1))
    no_h = _product(1 - _rare(k) for k in range(2, last + 1))
    only_early = _product(1 - (1 if k < alone else 2) * _rare(k) for k in range(2, last + 1))
    return no_m**2, (1 - no_h + only_early) ** 2


def _rare(k: int) -> Fraction:
    """Probability of m, and of h, on issue k (34)."""
    return Fraction(1, 2 * (k + 1) ** 2)


def _product(values: Iterable[Fraction]) -> Fraction:
    return math.prod(values, start=Fraction(1))


def _losses_are_below_the_lump_sum() -> bool:
    """Whether s_k(lm) < E[s_k]/2 for all k >= 2; then vetoes of any types of l and m raise the all-l payoff at every K.

    Each such type brings the all-l type at most the sum of the s_k(lm), and its veto saves E[S_K]/2. k times the
    difference is a quadratic in k whose forward differences at k = 2 are positive up to the second and 0 beyond.
    """
    values = [k * (Fraction(k + 1, 2) - _printed_surplus(k, EPSILON)["lm"]) for k in range(2, 13)]
    differences = _differences(values)
    return min(differences[:3]) > 0 and not any(differences[3:])


@cache
def _equilibrium(last: int, fee: bool) -> VetoEquilibrium | None:
    """The equilibrium that replies to nobody vetoing lead to, all at once or else in turn."""
    economy = example().sequence.economy(last)
    found = from_nobody(VetoGame(economy, standard_fee(economy) if fee else Fraction(0)), mixing=False)
    return found.equilibria[0] if found.equilibria else None


def all_l_when_V_vetoes(last: int) -> tuple[Fraction, Fraction]:  # noqa: N802
    """What the type that is l everywhere gets if Θ_V vetoes: by (30), and by (52), which keeps the whole lump sum."""
    economy = example().sequence.economy(last)
    game = VetoGame(economy)
    early = int(math.log((last + 1) / 2) / 2) + 1  # k̃(K), away from the integers for all K
    everybody = game.everybody[1]
    low = _product(issue.priors[1][0] for issue in economy.issues)
    vetoes = Fraction(0)
    rows = [list(row) for row in everybody.marginals]
    for k in range(max(2, early), last + 1):
        weight = low * _rare(k) / economy.issues[k - 2].priors[1][0]
        vetoes += weight
        for j, row in enumerate(rows, start=2):
            row[1 if j == k else 0] -= weight
    share = Share(1 - vetoes, tuple(map(tuple, rows)))
    right = game.gain(0, (share, share), [0] * economy.size)
    return right, right - vetoes * economy.lump_sums[0]


def claims_2_and_3(claim: Published) -> Settled:
    """Claims 2 and 3: the type that is l everywhere, Θ_V and Θ_W veto in any equilibrium from some K on.

    At each K from 2 to 16 an equilibrium without the fee in which the all-l type of some agent strictly gains by taking
    part, found from nobody vetoing; at K = 3 all equilibria; and (52) against (30).
    """
    gains = {}
    for last in range(2, LAST_VETO + 1):
        e = _equilibrium(last, fee=False)
        if e is not None and not e.unravelled:
            gains[last] = [e.game.gain(i, e.shares, [0] * (last - 1)) for i in (0, 1)]
    refuted = len(gains) == LAST_VETO - 1 and all(min(g) > 0 for g in gains.values())
    listed = all_equilibria(VetoGame(example().sequence.economy(3)))
    alone = listed.complete and len(listed.equilibria) == 1 and all(s[0] == 1 for s in listed.stays[0])
    pairs = [all_l_when_V_vetoes(last) for last in (4, 16, 64, 256)]
    never = all(right > 0 for right, _ in pairs) and _losses_are_below_the_lump_sum()
    computed = (
        f"at K = 2 to {LAST_VETO} an equilibrium in which the all-l types of both agents strictly gain by taking part; "
        f"at K = 3 {'the only one in which no agent is certain to veto' if alone else 'among others'}"
    )
    wrong = (
        f"computed at each K named; for all large K by the proof in docs/participation.md (for the game without fee). "
        f"(52) lets the all-l type pay the lump sum though Θ_V vetoes. By (30) its payoff then is "
        f"{float(pairs[0][0]):.3f}, {float(pairs[1][0]):.3f}, {float(pairs[2][0]):.3f}, {float(pairs[3][0]):.3f} at "
        "K = 4, 16, 64, 256, and positive at every K: each type of l and m brings it less than the lump sum saved"
    )
    method = "exact best replies from nobody vetoing; all equilibria at K = 3 by complementarity; (30) in closed form"
    return sentence(not (refuted and never), computed, method, wrong=wrong)


def _same_for_both(last: int) -> Fraction | None:
    """Probability of a veto in an equilibrium in which both agents use one strategy; None if none was found."""
    game = VetoGame(example().sequence.economy(last))
    shares = mixed_equilibrium(game)
    return None if shares is None else 1 - game.outcome(shares).no_veto


def claim_4(claim: Published) -> Settled:
    """Claim 4: the probability of a veto tends to 1 in any equilibrium. K = 2 to 16, without and with the fee."""
    free = {k: 1 - e.outcome.no_veto for k in range(2, LAST_VETO + 1) if (e := _equilibrium(k, fee=False))}
    paid = {k: 1 - e.outcome.no_veto for k in range(2, 11) if (e := _equilibrium(k, fee=True))}
    bounded = len(free) == LAST_VETO - 1 and max(free.values()) < Fraction(1, 5)
    rising = all(a < b for a, b in pairwise(paid.values()))
    both = {k: _same_for_both(k) for k in (9, 13)}
    computed = (
        f"a veto with probability {float(free[2]):.4f} at K = 2, {float(free[5]):.4f} at 5, {float(free[12]):.4f} at "
        f"12, {float(free[LAST_VETO]):.4f} at {LAST_VETO} without the fee of (24); with it {float(paid[2]):.4f} at 2, "
        f"{float(paid[10]):.4f} at 10; where both agents do the same, without the fee, "
        + ", ".join(f"{float(p):.4f} at {k}" for k, p in both.items() if p is not None)
    )
    wrong = (
        f"in the equilibria that replies to nobody vetoing lead to it stays below {float(max(free.values())):.2f} "
        f"without the fee, and for all large K some equilibrium has a veto probability that tends to 0 (proof in "
        f"docs/participation.md); with the fee nothing is proved: it {'rises' if rising else 'falls'} over K = 2 to 10"
    )
    method = f"exact best replies from nobody vetoing, all at once or in turn, K = 2 to {LAST_VETO}"
    return sentence(not bounded, computed, method, wrong=wrong)
