"""Balanced budgets: transfers that are paid between the agents, and expected externalities.

Lecture notes "Designing efficient mechanisms", Theorem 2, Definition 4 and Corollary 2.
"""

from __future__ import annotations

from fractions import Fraction

from eqsolve.errors import ModelError
from eqsolve.problem import Profile
from eqsolve.transfers.efficient import Allocation, Ties
from eqsolve.transfers.groves import groves, ir_vcg, vcg
from eqsolve.transfers.problem import ZERO, DirectMechanism, QuasiLinearProblem

DIVISIONS = ("next", "equal")


def balanced(mechanism: DirectMechanism, division: str = "next", name: str = "") -> DirectMechanism:
    """The mechanism of Theorem 2: interim payments less a constant, and a budget that balances at every profile.

    Every agent pays what it expected to pay, is insured by others against what they expected to pay, and gets an equal
    part of the expected surplus. Costs are shared equally in the accounts: with payments less an n-th of the cost in
    the place of payments, the theorem covers decisions that cost something.

    Parameters
    ----------
    mechanism : DirectMechanism
    division : {"next", "equal"}
        Agent i insures agent i + 1 (the notes'), or all others in equal parts.
    name : str, optional

    Returns
    -------
    DirectMechanism
        With the same allocation. Interim payoffs differ from the old ones by the expected surplus over n, whatever is
        reported, so incentives in expectation are the old ones; those in dominant strategies are lost.

    Raises
    ------
    ModelError
        For an unknown division, or a single agent, whom nobody can insure.
    """
    problem, n = mechanism.problem, mechanism.problem.n
    if division not in DIVISIONS:
        raise ModelError(f"division: found {division!r}, expected {' or '.join(DIVISIONS)}")
    if n < 2:
        raise ModelError("found a single agent, expected two or more, who balance each other's payments")
    costs = [mechanism.cost(p) for p in range(len(problem.profiles))]
    interim = _net_payments(mechanism, costs)
    means = [
        sum((q * t for q, t in zip(agent.prior, row, strict=True)), ZERO)
        for agent, row in zip(problem.problem.agents, interim, strict=True)
    ]
    dividend = sum(means, ZERO) / n
    transfers = []
    for types, cost in zip(problem.profiles, costs, strict=True):
        excess = [interim[i][u] - means[i] for i, u in enumerate(types)]
        total = sum(excess, ZERO)
        row = []
        for i, u in enumerate(types):
            insured = excess[(i + 1) % n] if division == "next" else (total - excess[i]) / (n - 1)
            row.append(interim[i][u] - insured - dividend + cost / n)
        transfers.append(tuple(row))
    return DirectMechanism(problem, mechanism.allocation, tuple(transfers), name or f"{mechanism.name}, balanced")


def _net_payments(mechanism: DirectMechanism, costs: list[Fraction]) -> list[tuple[Fraction, ...]]:
    """Interim payments of every agent less an n-th of the expected cost."""
    if not any(mechanism.problem.costs):
        return [mechanism.payoffs.payments(i) for i in range(mechanism.problem.n)]
    n = mechanism.problem.n
    net = tuple(tuple(t - cost / n for t in row) for row, cost in zip(mechanism.transfers, costs, strict=True))
    shadow = DirectMechanism(mechanism.problem, mechanism.allocation, net)
    return [shadow.payoffs.payments(i) for i in range(n)]


def expected_externality(
    problem: QuasiLinearProblem,
    ties: Ties = "first",
    division: str = "next",
    *,
    allocation: Allocation | None = None,
) -> DirectMechanism:
    """The expected externality (AGV) mechanism: the VCG mechanism, balanced (notes, Definition 4).

    Parameters
    ----------
    problem : QuasiLinearProblem
    ties, allocation : see `groves`
    division : {"next", "equal"}
        Who insures whom; interim payments are the same.
    """
    name = "AGV" if division == "next" else "AGV, equal division"
    return balanced(vcg(problem, ties, allocation=allocation), division, name)


def original_externality(
    problem: QuasiLinearProblem, ties: Ties = "first", *, allocation: Allocation | None = None
) -> DirectMechanism:
    """The expected externality mechanism as d'Aspremont and Gérard-Varet write it, without Clarke's charges.

    Everybody receives what the others expect from its report, net of equal parts of the cost, and pays an equal part of
    what each other agent receives. Interim payments differ from those of `expected_externality` by constants.

    Raises
    ------
    ModelError
        For a single agent.
    """
    n = problem.n
    if n < 2:
        raise ModelError("found a single agent, expected two or more, who balance each other's payments")
    plain = groves(problem, [_nothing] * n, ties, allocation=allocation)
    costs = [plain.cost(p) for p in range(len(problem.profiles))]
    interim = _net_payments(plain, costs)
    transfers = []
    for types, cost in zip(problem.profiles, costs, strict=True):
        own = [interim[i][u] for i, u in enumerate(types)]
        total = sum(own, ZERO)
        transfers.append(tuple(t - (total - t) / (n - 1) + cost / n for t in own))
    return DirectMechanism(problem, plain.allocation, tuple(transfers), "AGV, original")


def _nothing(others: Profile) -> Fraction:
    return ZERO


def balanced_ir_vcg(
    problem: QuasiLinearProblem,
    ties: Ties = "first",
    division: str = "next",
    *,
    allocation: Allocation | None = None,
) -> DirectMechanism:
    """The IR-VCG mechanism, balanced (notes, Corollary 2).

    Everybody takes part in it if the IR-VCG mechanism runs no expected deficit; else an equal part of the deficit is
    taken from every agent, and some type may prefer to stay away.
    """
    return balanced(ir_vcg(problem, ties, allocation=allocation), division, "IR-VCG, balanced")
