"""Groves mechanisms: everybody is paid what the others gain, less a charge that its own report does not move.

Lecture notes "Designing efficient mechanisms", section 3 (Theorem 1, Clarke's charge) and Definition 6; with costs,
which the surplus is net of; and Fang and Norman's lump sums (their equation 16).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.problem import Profile
from eqsolve.transfers.efficient import Allocation, Ties, efficient_rule, is_efficient
from eqsolve.transfers.problem import ZERO, DirectMechanism, QuasiLinearProblem

Charge = Callable[[Profile], Fraction]
"""A charge h_i: takes the types of the other agents, in their order."""


def groves(
    problem: QuasiLinearProblem,
    charges: Sequence[Charge],
    ties: Ties = "first",
    *,
    allocation: Allocation | None = None,
    name: str = "Groves",
) -> DirectMechanism:
    """The Groves mechanism with given charges: t_i = h_i(θ_-i) - (what the others get - cost).

    Parameters
    ----------
    problem : QuasiLinearProblem
    charges : one function per agent
        h_i of the others' types.
    ties : see `efficient_rule`
    allocation : efficient allocation, optional
        Instead of a tie rule.
    name : str

    Raises
    ------
    ModelError
        If the allocation is not efficient: the proof that truth is dominant needs that.

    Notes
    -----
    Truth is dominant (Theorem 1): agent i gets the sum of all utilities at its true type less the cost, which the truth
    maximises, less h_i.
    """
    chosen = efficient_rule(problem, ties) if allocation is None else allocation
    profile = None if allocation is None else is_efficient(problem, allocation)
    if profile is not None:
        raise ModelError(f"allocation: not efficient at {problem.describe(profile)}, expected efficient decisions")
    known: list[dict[Profile, Fraction]] = [{} for _ in range(problem.n)]
    transfers = []
    for p, (types, lottery) in enumerate(zip(problem.profiles, chosen, strict=True)):
        row, surplus = [], problem.surpluses[p]
        for i, u in enumerate(types):
            others = (*types[:i], *types[i + 1 :])
            if others not in known[i]:
                known[i][others] = charges[i](others)
            own = sum((q * w for q, w in zip(lottery, problem.values[i][u], strict=True) if q), ZERO)
            row.append(known[i][others] - (surplus - own))
        transfers.append(tuple(row))
    return DirectMechanism(problem, chosen, tuple(transfers), name)


def pivot_charge(problem: QuasiLinearProblem, i: int) -> Charge:
    """Clarke's charge: the largest surplus of the others without agent i."""
    rest = [j for j in range(problem.n) if j != i]

    def charge(others: Profile) -> Fraction:
        """The largest surplus of the others at their types."""
        rows = [problem.values[j][u] for j, u in zip(rest, others, strict=True)]
        sums = [-cost for cost in problem.costs]
        for row in rows:
            sums = [s + w for s, w in zip(sums, row, strict=True)]
        return max(sums)

    return charge


def vcg(problem: QuasiLinearProblem, ties: Ties = "first", *, allocation: Allocation | None = None) -> DirectMechanism:
    """The Vickrey-Clarke-Groves or pivot mechanism: everybody pays for what the others lose by its presence.

    See `groves` for the parameters.

    Examples
    --------
    >>> import eqsolve as eq
    >>> trade = eq.load_transfers("trade").problem()
    >>> str(eq.vcg(trade).expected_surplus)
    '17/50'
    """
    charges = [pivot_charge(problem, i) for i in range(problem.n)]
    return groves(problem, charges, ties, allocation=allocation, name="VCG")


def participation_subsidies(mechanism: DirectMechanism) -> tuple[Fraction, ...]:
    """ψ_i: the least constants that make every type of every agent take part (notes, section 5).

    ψ_i is the largest U_i(θ_i) outside less that inside, over types of positive probability; negative where even the
    worst type gains.

    Raises
    ------
    ModelError
        If the problem says nothing of staying away.
    """
    problem = mechanism.problem
    if problem.outside is None:
        raise ModelError("outside: found nothing, expected what agents get that do not take part")
    return tuple(
        max(out - got for out, got, p in zip(row, mechanism.payoffs.utilities(i), agent.prior, strict=True) if p)
        for i, (row, agent) in enumerate(zip(problem.outside, problem.problem.agents, strict=True))
    )


def ir_vcg(
    problem: QuasiLinearProblem, ties: Ties = "first", *, allocation: Allocation | None = None
) -> DirectMechanism:
    """The VCG mechanism with the least subsidies by which all types take part (notes, Definition 6).

    Raises
    ------
    ModelError
        If the problem says nothing of staying away.
    """
    return subsidised(vcg(problem, ties, allocation=allocation), "IR-VCG")


def subsidised(mechanism: DirectMechanism, name: str = "") -> DirectMechanism:
    """A mechanism with the least subsidies by which all types take part; incentives stay as they are.

    Raises
    ------
    ModelError
        If the problem says nothing of staying away.
    """
    shift = participation_subsidies(mechanism)
    transfers = tuple(tuple(t - s for t, s in zip(row, shift, strict=True)) for row in mechanism.transfers)
    return DirectMechanism(mechanism.problem, mechanism.allocation, transfers, name or f"{mechanism.name}, subsidised")


def expected_surplus(problem: QuasiLinearProblem) -> Fraction:
    """Expected sum of utilities less the cost under efficient decisions."""
    pairs = zip(problem.probabilities, problem.surpluses, strict=True)
    return sum((q * surplus for q, surplus in pairs if q), ZERO)


def veil_groves(
    problem: QuasiLinearProblem, ties: Ties = "first", *, allocation: Allocation | None = None
) -> DirectMechanism:
    """Fang and Norman's Groves mechanism: lump sums that balance the budget ex ante (their equation 16).

    t_i = v_i - S + (n-1)/n E[S] - E[R_i] + (1/n) Σ_j E[R_j], with the surplus S net of costs and R_i the payoffs
    outside: everybody gets its expected payoff outside and an equal part of the expected gain.

    Raises
    ------
    ModelError
        If the problem says nothing of staying away.
    """
    if problem.outside is None:
        raise ModelError("outside: found nothing, expected what agents get that do not take part")
    n = problem.n
    reserved = [
        sum((q * r for q, r in zip(agent.prior, row, strict=True)), ZERO)
        for agent, row in zip(problem.problem.agents, problem.outside, strict=True)
    ]
    surplus = expected_surplus(problem)
    sums = [Fraction(n - 1, n) * surplus - r + sum(reserved, ZERO) / n for r in reserved]
    return groves(problem, [_lump(q) for q in sums], ties, allocation=allocation, name="Groves with lump sums")


def _lump(amount: Fraction) -> Charge:
    return lambda others: amount
