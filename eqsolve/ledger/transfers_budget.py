"""Balanced budgets: the partnership, Theorem 2, what discrete types change, fixed prices, and lump sums."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from eqsolve.exact.rational import text
from eqsolve.io.transfers_file import load_transfers
from eqsolve.ledger.formulas import same
from eqsolve.ledger.settled import Published, Settled, figure, sentence
from eqsolve.ledger.transfers import trade
from eqsolve.problem import Agent, DecisionProblem, Type
from eqsolve.transfers.balance import balanced
from eqsolve.transfers.checks import Checks, interim_shift
from eqsolve.transfers.continuum import partnership
from eqsolve.transfers.efficient import efficient_rule
from eqsolve.transfers.existence import existence, outside_range
from eqsolve.transfers.fixed_price import TradePolytope
from eqsolve.transfers.grids import Grid
from eqsolve.transfers.groves import ir_vcg, participation_subsidies, vcg, veil_groves
from eqsolve.transfers.problem import ZERO, DirectMechanism, QuasiLinearProblem
from eqsolve.transfers.refinement import Limit, limit

EVEN = (2, 4, 6, 8, 10, 12)
"""Grids with one type on either side of the middle, where equal shares are hardest to satisfy."""


def _partners(points: int) -> QuasiLinearProblem:
    return load_transfers("partnership").problem(points)


def partnership_subsidy(claim: Published) -> Settled:
    """Section 5.1: ψ of each partner, with equal shares."""
    psi = partnership(Fraction(1, 2)).subsidy(0)[0]
    on_grids = limit([(m, participation_subsidies(vcg(_partners(m)))[0]) for m in EVEN])
    _confirm(psi, on_grids)
    method = "largest value of a quadratic polynomial; even grids, a polynomial in 1/m"
    return figure(claim, [psi], method, wrong="another figure")


def _confirm(exact: Fraction, found: Limit) -> None:
    if found.formula is None or found.value != exact:
        raise ArithmeticError(f"integration gives {exact}, grids {found.digits}")


def partnership_surplus(claim: Published) -> Settled:
    """Section 5.1: the expected IR-VCG payment per partner, 1/6 - 1/8."""
    surplus = partnership(Fraction(1, 2)).surplus / 2
    on_grids = limit([(m, ir_vcg(_partners(m)).expected_surplus / 2) for m in EVEN])
    _confirm(surplus, on_grids)
    exists = all(existence(_partners(m)).exists for m in EVEN)
    return sentence(
        same(claim.printed, lambda: surplus, []) and exists,
        text(surplus),
        f"exact integration; grids of {', '.join(map(str, EVEN))} types, on all of which a balanced mechanism exists",
        wrong="another figure",
    )


def share_surplus() -> tuple[Fraction, ...]:
    """Coefficients of 1, r, r² of the IR-VCG surplus with shares r and 1 - r, confirmed at other shares.

    Raises
    ------
    ArithmeticError
        If it is no such polynomial.
    """
    at = {Fraction(k, 8): partnership(Fraction(k, 8)).surplus for k in range(9)}
    zero, half, one = at[Fraction(0)], at[Fraction(1, 2)], at[Fraction(1)]
    bend = 2 * (zero + one - 2 * half)
    slope = one - zero - bend
    if any(zero + slope * r + bend * r * r != q for r, q in at.items()):
        raise ArithmeticError("the surplus is no quadratic polynomial in the share")
    return zero, slope, bend


def root_between(value: Fraction, digits: int = 9) -> tuple[Fraction, Fraction]:
    """Neighbouring decimals around the square root of a number."""
    scale = 10**digits
    low = math.isqrt(value.numerator * scale * scale // value.denominator)
    return Fraction(low, scale), Fraction(low + 1, scale)


@cache
def grid_range(points: int) -> tuple[Fraction, Fraction]:
    """Shares of the first partner for which a balanced mechanism exists on a grid, ties decided by a coin."""
    problem = _partners(points).problem
    nothing = QuasiLinearProblem.with_status_quo(problem, "to_2")
    all_ = QuasiLinearProblem.with_status_quo(problem, "to_1").outside or ()
    return outside_range(nothing, all_, ties="uniform") or (ZERO, ZERO)


def shares(claim: Published) -> Settled:
    """Section 5.1 (Cramton, Gibbons and Klemperer): which shares allow the efficient dissolution.

    With types uniform on [0, 1], where Theorem 3 holds, those for which the IR-VCG surplus is not negative: a quadratic
    polynomial in the share. On grids the exact interval, by two linear programs.
    """
    zero, slope, bend = share_surplus()
    middle = -slope / (2 * bend)
    least, most = root_between(middle * middle - zero / bend)
    spread = f"{float(middle - most):.6f} to {float(middle + least):.6f}"
    ranges = {m: grid_range(m) for m in (4, 8, 16)}
    inside = all(low <= middle - least and high >= middle + least for low, high in ranges.values())
    told = "; ".join(f"m = {m}: {text(low)} to {text(high)}" for m, (low, high) in ranges.items())
    return sentence(
        bend < 0 and middle == Fraction(1, 2) and inside and zero < 0,
        f"{spread}, exactly {middle} ± sqrt({text(middle * middle - zero / bend)}); on grids {told}",
        "roots of the exact IR-VCG surplus in the share; two linear programs per grid, equal values decided by a coin",
        caveat="two partners, uniform types; a grid allows more unequal shares than the continuum",
        wrong="equal shares do not",
    )


def discrete_converse(claim: Published) -> Settled:
    """Section 5.2: "the converse does not hold for discrete-type settings".

    Bilateral trade on the coarsest grids: the surplus of IR-VCG, and the mechanism by linear program, checked.
    """
    found = []
    for m in range(2, 9):
        surplus, answer = ir_vcg(trade(m)).expected_surplus, existence(trade(m), ties="first")
        if surplus < 0 and answer.mechanism is not None:
            checks = Checks(answer.mechanism)
            if checks.bayesian is None and checks.interim_participation is None and checks.budget.balances:
                found.append((m, surplus))
    fails = next((m for m in range(2, 9) if not existence(trade(m), ties="first").exists), None)
    never = not any(existence(trade(m), ties="last").exists for m in range(2, 9))
    told = "; ".join(f"{m} types each: IR-VCG {text(q)}" for m, q in found[:2])
    return sentence(
        bool(found),
        f"balanced mechanisms exist in bilateral trade with {told}; on finer grids up to m = {found[-1][0]}, none at "
        f"m = {fails}"
        if found
        else "none found",
        "linear programs for uniform types at midpoints, no trade between equal values; every lie is checked",
        caveat=f"the tie rule matters: with trade between equal values there is {'none' if never else 'sometimes one'} "
        "on the grids m = 2 to 8",
        wrong="no example was found",
    )


def theorem_2(claim: Published) -> Settled:
    """Theorem 2: the balanced transfers shift every interim utility by the expected surplus over n.

    The transfers are linear in the payments they are made of, so it is enough to look at mechanisms in which one agent
    pays 1 at one profile: all of them, for several numbers of agents and types, with priors drawn at random; and that
    they balance.
    """
    draw = random.Random(2)
    holds, count = True, 0
    for shape in ((2, 2), (3, 2), (2, 2, 2), (2, 2, 2, 2)):
        problem = _random_problem(draw, shape, costs=False)
        for mechanism in _units(problem):
            new = balanced(mechanism)
            expected = mechanism.expected_surplus / problem.n
            holds &= interim_shift(mechanism, new) == (expected,) * problem.n and Checks(new).budget.balances
            count += 1
    caveat = (
        "two agents or more; payments balance to 0, so where decisions cost something the theorem needs payments net "
        "of equal parts of the cost"
    )
    return sentence(
        holds,
        f"holds for all {count} unit payments",
        "exact check on a basis of all payments, in problems with 2 to 4 agents",
        caveat=caveat,
        wrong="some interim utility is not shifted by that constant",
    )


def _units(problem: QuasiLinearProblem) -> Iterator[DirectMechanism]:
    """Mechanisms in which one agent pays 1 at one profile."""
    allocation = efficient_rule(problem)
    for p in range(len(problem.profiles)):
        for i in range(problem.n):
            transfers = [[ZERO] * problem.n for _ in problem.profiles]
            transfers[p][i] = Fraction(1)
            yield DirectMechanism(problem, allocation, tuple(map(tuple, transfers)))


def _random_problem(draw: random.Random, shape: tuple[int, ...], *, costs: bool) -> QuasiLinearProblem:
    decisions = ("x", "y", "z")
    agents = []
    for i, size in enumerate(shape):
        weights = [draw.randint(1, 5) for _ in range(size)]
        kinds = tuple(
            Type(str(u), Fraction(w, sum(weights)), {d: Fraction(draw.randint(-9, 9)) for d in decisions})
            for u, w in enumerate(weights)
        )
        agents.append(Agent(str(i + 1), kinds))
    outside = tuple(tuple(Fraction(draw.randint(-4, 4), 2) for _ in range(size)) for size in shape)
    prices = tuple(Fraction(draw.randint(0, 5)) for _ in decisions) if costs else ()
    return QuasiLinearProblem(DecisionProblem(decisions, tuple(agents)), prices, outside)


def fixed_prices(claim: Published) -> Settled:
    """Section 6, item 3: dominant strategies, ex post balance and participation allow fixed prices only.

    All extreme mechanisms of the polytope on small grids: every deterministic one trades at one price. Mixtures of
    these, and on discrete types some others with lotteries, are feasible, too; the largest gain from trade is that of a
    fixed price.
    """
    counts, deterministic, fixed = 0, 0, 0
    grids = [(Grid(m, place="midpoints").values(),) * 2 for m in (2, 3)]
    grids.append((Grid(3, place="midpoints").values(), Grid(3, place="lower").values()))
    for values, costs in grids:
        polytope = TradePolytope(values, costs)
        vertices = polytope.vertices()
        certain = [v for v in vertices if v.is_deterministic]
        counts += len(vertices)
        deterministic += len(certain)
        fixed += sum(map(polytope.is_fixed_price, certain))
    equal = all(
        polytope.largest_gain() == polytope.best_price()[0]
        for polytope in (TradePolytope(*(Grid(m).values(),) * 2) for m in range(2, 8))
    )
    others = counts - deterministic
    return sentence(
        fixed == deterministic and equal,
        f"all {deterministic} deterministic extreme mechanisms out of {counts} trade at a fixed price; at m = 2 to 7 "
        "the largest gain from trade is that of a fixed price",
        "all vertices of the polytope of feasible mechanisms for 2 and 3 types each; linear programs for up to 7",
        caveat=(
            f"of mechanisms without lotteries: prices may be drawn at random, and on discrete types {others} extreme "
            "mechanisms with lotteries are no mixtures of fixed prices; at the price itself trade is free"
        ),
        wrong="some deterministic mechanism trades at several prices, or gains more",
    )


def lump_sums(claim: Published) -> Settled:
    """Fang and Norman's (16): the transfers balance the budget ex ante, and truth is dominant.

    Problems with two and three agents, costs and reservation utilities drawn at random: exhaustive check of every lie,
    and the expected budget.
    """
    draw = random.Random(16)
    count, holds, spread = 0, True, False
    for shape in ((2, 2), (3, 2), (3, 3), (2, 2, 2)) * 5:
        checks = Checks(veil_groves(_random_problem(draw, shape, costs=True)))
        holds &= checks.dominant is None and checks.budget.expected == 0
        spread |= not checks.budget.balances
        count += 1
    caveat = "in expectation only: at single profiles the budget runs a surplus or a deficit" if spread else ""
    return sentence(
        holds,
        f"no lie gains and the expected budget is 0 in all {count} problems",
        "exact transfers in random problems with costs and reservation utilities, every lie checked",
        caveat=caveat,
        wrong="a lie gains, or the expected budget is not 0",
    )
