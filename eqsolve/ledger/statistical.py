"""Implementation with statistics (document 002): VCG in repeated resource allocation, retractions, Proposition 1."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache

from eqsolve.exact.rational import text
from eqsolve.ledger.settled import Published, Settled, sentence
from eqsolve.statistical.allocation import Endowments, ResourceProblem
from eqsolve.statistical.cheapest import least_payments
from eqsolve.statistical.grid_set import Grid, GridSet
from eqsolve.statistical.linked_vcg import LinkedVCG
from eqsolve.statistical.process import Path
from eqsolve.statistical.project import PiecewiseLinear, Project, Saturating, capped
from eqsolve.statistical.proposition import Check
from eqsolve.statistical.retraction import Retraction, is_adapted, is_identity
from eqsolve.statistical.typical import LeaveOneOut, Statistic, TypicalSet, WithinBounds

PROJECTS: Sequence[Project] = (
    Saturating(),
    Saturating(Fraction(2), Fraction(1, 3)),
    capped(Fraction(2), Fraction(1)),
    PiecewiseLinear((Fraction(3), Fraction(1), Fraction(1, 2)), (Fraction(1, 2), Fraction(2))),
    Saturating(offset=Fraction(1)),
)
"""Concave functions with rational values; the last one has f(0) = 1."""


def _instances(agents: int, dates: int) -> Iterator[list[list[Fraction]]]:
    """Some endowments of all sizes, fixed ones."""
    for k in range(6):
        yield [
            [Fraction((7 * n + 11 * t + 5 * k + n * t * k) % 13, 1 + k) for t in range(dates)] for n in range(agents)
        ]


def unlinked_ratio(claim: Published) -> Settled:
    """Section 3.3: the unlinked VCG mechanism has "cost-to-surplus ratio N − 1".

    Cost is Σ_n w^n, paid at date T; surplus is worth at date 1. Both exactly, with five functions f, two to five agents
    and one to four dates, without discounting and with β = 1/2 and 9/10. The line through the ratios of two and of
    three agents without discounting is the formula, if all other ratios lie on it.
    """
    found: dict[tuple[Fraction, int, int], set[Fraction]] = {}
    tried = 0
    for beta in (Fraction(1), Fraction(1, 2), Fraction(9, 10)):
        for project, agents, dates in itertools.product(PROJECTS, (2, 3, 5), (1, 2, 4)):
            problem = ResourceProblem(Fraction(agents), project, beta)
            ratios = [problem.unlinked_ratio(endowments) for endowments in _instances(agents, dates)]
            found.setdefault((beta, agents, dates), set()).update(r for r in ratios if r is not None)
            tried += len(ratios)
    two, three = min(found[Fraction(1), 2, 1]), min(found[Fraction(1), 3, 1])
    slope, start = three - two, 3 * two - 2 * three
    late = all(
        ratios == {(slope * agents + start) / beta ** (dates - 1)} for (beta, agents, dates), ratios in found.items()
    )
    sign, size = ("-", -start) if start < 0 else ("+", start)
    computed = f"{'' if slope == 1 else f'{text(slope)} '}N {sign} {text(size)}"
    example = ", ".join(map(text, sorted(found[Fraction(1, 2), 3, 4])))
    caveat = (
        "without discounting, or where cost and surplus are in the money of one date; as cost and surplus are defined, "
        f"paid at date T and worth at date 1, the ratio is (N − 1) β^(−(T−1)): {example} for N = 3, T = 4 and β = 1/2"
    )
    method = f"payments and surplus of efficient allocations in exact arithmetic, {tried} cases"
    holds = late and claim.printed == computed
    return sentence(holds, computed, method, caveat=caveat, wrong="the computed ratios follow another formula")


def _is_ex_post(problem: ResourceProblem, grid: Sequence[Fraction], dates: int) -> bool:
    """Whether the truth is best at every profile of two agents on a grid under `least_transfers`."""
    paths = list(itertools.product(grid, repeat=dates))
    for first, second in itertools.product(paths, repeat=2):
        true = [first, second]
        honest = problem.payoff(0, true, true, problem.least_transfers(true)[0])
        for said in paths:
            told = [said, second]
            if problem.payoff(0, true, told, problem.least_transfers(told)[0]) > honest:
                return False
    return True


def unlinked_is_cheapest(claim: Published) -> Settled:
    """Proposition 2, with f only assumed concave from [0, ∞) to [0, ∞).

    Payments that are less by what the others' projects yield without resource do not change incentives and are not
    negative; whether they cost less, with f = x/(1 + x) and with f = 1 + x/(1 + x).
    """
    endowments: Endowments = [[Fraction(1), Fraction(3)], [Fraction(2), Fraction(2)], [Fraction(3), Fraction(1)]]
    costs: dict[str, tuple[Fraction, Fraction]] = {}
    sound = True
    for project in (Saturating(), Saturating(offset=Fraction(1))):
        three = ResourceProblem(Fraction(3), project)
        least = three.least_transfers(endowments)
        costs[project.formula] = sum(three.unlinked_transfers(endowments), Fraction(0)), sum(least, Fraction(0))
        two = ResourceProblem(Fraction(2), project)
        sound &= min(least) >= 0 and _is_ex_post(two, tuple(map(Fraction, (1, 2, 3))), 2)
    told = "; ".join(f"f = {f}: {text(dear)} unlinked, {text(cheap)} possible" for f, (dear, cheap) in costs.items())
    refuted = sound and any(cheap < dear for dear, cheap in costs.values())
    wrong = (
        "f(0) = 0 is needed. With f(0) > 0 the others' projects yield something without any resource, which can be "
        "taken off every payment: that mechanism is efficient, ex post incentive compatible, pays nothing "
        "negative, and is cheaper at every profile. Lemma 4 and the bound on "
        "regrets in section 4.1.1 need f(0) = 0, too"
    )
    method = (
        "costs at a profile of three agents; incentives at all profiles of two agents on the grid {1, 2, 3}, two dates"
    )
    computed = f"cost {told}; the possible payments are ex post incentive compatible and not negative: {sound}"
    return sentence(not refuted, computed, method, wrong=wrong)


GRID = Grid.of(tuple(map(Fraction, (1, 2, 3))))


def _likely_sets(dates: int) -> dict[str, TypicalSet]:
    middle = Fraction(2 * dates)
    return {
        f"sum = {middle}": WithinBounds((Statistic(GRID.values, middle, middle),)),
        f"{middle - 1} <= sum <= {middle + 1}": WithinBounds((Statistic(GRID.values, middle - 1, middle + 1),)),
        "leave-one-out means within 1/2 of 2": LeaveOneOut(GRID.values, Fraction(2), Fraction(1, 2)),
    }


@cache
def _grid_case(agents: int, dates: int, typical: TypicalSet) -> tuple[bool, bool, Fraction, Fraction, Fraction]:
    """Ex post incentive compatible, cheaper everywhere; cost of linked VCG, least cost, unlinked cost, on average."""
    problem = ResourceProblem(Fraction(agents), Saturating())
    chosen = GridSet.of(GRID, dates, typical)
    mechanism = LinkedVCG(problem, (chosen,) * agents)
    members = [p for p in itertools.product(range(GRID.most + 1), repeat=dates) if p in chosen]
    ex_post = cheaper = True
    linked = least = unlinked = Fraction(0)
    for others in itertools.product(members, repeat=agents - 1):
        profiles = [mechanism.endowments((own, *others)) for own in members]
        paid = [mechanism.transfers((own, *others))[0] for own in members]
        full = [problem.unlinked_transfers(endowments)[0] for endowments in profiles]
        worth = [
            [problem.payoff(0, true, told, Fraction(0)) for told in profiles] for true in profiles
        ]  # by truth, then by announcement
        ex_post &= all(row[s] + paid[s] <= row[r] + paid[r] for r, row in enumerate(worth) for s in range(len(row)))
        cheaper &= all(x < y for x, y in zip(paid, full, strict=True))
        possible = least_payments(worth)
        assert possible is not None
        linked, least, unlinked = linked + sum(paid), least + sum(possible), unlinked + sum(full)
    count = len(members) ** agents
    return ex_post, cheaper, linked / count, least / count, unlinked / count


def linked_on_a_grid(claim: Published) -> Settled:
    """Section 3.4 with f = x/(1 + x) and endowments 1, 2, 3: ex post incentive compatible on Ω*, and cheaper.

    Every truth, every announcement and all announcements of the others, for two agents over two and three dates and
    three agents over two dates, with three kinds of Ω*. The least payments that make the truth a best announcement are
    longest paths among announcements.
    """
    holds, cases = True, 0
    for agents, dates in ((2, 2), (2, 3), (3, 2)):
        for typical in _likely_sets(dates).values():
            ex_post, cheaper, *_ = _grid_case(agents, dates, typical)
            holds, cases = holds and ex_post and cheaper, cases + 1
    name, typical = next(iter(_likely_sets(3).items()))
    _, _, linked, least, unlinked = _grid_case(2, 3, typical)
    caveat = (
        'with "arg min" read as the least value. It is cheaper than the unlinked mechanism, but on a finite set not '
        f"the cheapest: with {name}, two agents and three dates an agent gets {text(linked)} on average, {text(least)} "
        f"would do, unlinked {text(unlinked)}; Proposition 3 needs a smoothly path-connected set"
    )
    computed = f"ex post incentive compatible and cheaper at every profile in {cases} cases: {holds}"
    method = "enumeration of all truths and announcements; least payments by longest paths"
    return sentence(holds, computed, method, caveat=caveat, wrong="an announcement gains, or a profile costs more")


def retraction(claim: Published) -> Settled:
    """Lemma 1: its map, with members chosen in two different orders, for every subset of two small sets of paths."""
    tried, holds = 0, True
    for types, dates in ((2, 3), (3, 2)):
        paths: list[Path] = list(itertools.product(range(types), repeat=dates))
        for size in range(1, len(paths) + 1):
            for members in itertools.combinations(paths, size):
                for order in (members, members[::-1]):
                    found = Retraction(order)
                    tried += 1
                    holds &= is_adapted(found, paths) and is_identity(found, members)
    caveat = "Ω*^n must not be empty, which the source does not say: nothing maps into an empty set"
    computed = f"adapted and the identity on Ω*: {holds}, in {tried} cases"
    method = (
        "all non-empty sets of paths over 2 types and 3 dates, and over 3 types and 2 dates, two choices of members"
    )
    return sentence(holds, computed, method, caveat=caveat, wrong="a retraction is not adapted, or moves a member")


def proposition(claim: Published) -> Settled:
    """Proposition 1 and Corollary 1 on the bundled models, under every law there, and for several ε.

    All quantities are exact: regrets over all announcements and continuations, conditional probabilities, the law of
    the first date at which an agent may lie, and the probability that somebody does.
    """
    cases = list(_checks())
    holds = all(c.bound_holds and c.corollary_holds and (c.equilibrium or not c.hypothesis) for c in cases)
    inside = [c for c in cases if c.hypothesis]
    failing = [c for c in cases if not c.hypothesis and not c.equilibrium]
    sharpest = max((c for c in inside if c.ratio), key=lambda c: c.ratio or Fraction(0))
    worst = max(failing, key=lambda c: c.lie_of_others)
    computed = (
        f"true in {len(cases)} cases, the hypothesis holds in {len(inside)}; there a lie has up to "
        f"{text(sharpest.ratio or Fraction(0))} of the probability that the bound allows "
        f"({text(sharpest.lie_of_others)} of {text(sharpest.c)}). "
        f"Hypothesis and conclusion both fail in {len(failing)}, with a lie of probability up to "
        f"{float(worst.lie_of_others):.3f} where ε = {text(worst.epsilon)}"
    )
    method = "exact law of the first lie on trees of 1,024 and 729 paths per agent, two agents, five values of ε"
    return sentence(holds, computed, method, wrong="a bound does not hold")


def _checks() -> Iterator[Check]:
    from eqsolve.io.statistical_file import load_statistical
    from eqsolve.statistical.proposition import Checker

    for name in ("persistence", "resource"):
        model = load_statistical(name)
        checker = Checker(model.mechanism)
        laws = [model.processes, *(prior.processes for prior in model.priors)]
        for divisor, processes in itertools.product((3, 10, 30, 100, 300), laws):
            yield checker.check(Fraction(1, divisor), processes)
