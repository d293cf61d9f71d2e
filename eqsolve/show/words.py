"""Numbers and verdicts in words, for every surface."""

from __future__ import annotations

from collections import Counter
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # plain games need the words, too, and not all that solutions are made of
    from eqsolve.solution import Equilibrium, Solution

LONG = 16
TRUTH = {
    "fewest-lies": "as truthful as the budget allows (fewest lies)",
    "permutation-free": "approximately truthful (permutation-free), but not with fewest lies",
    "no": "not truthful: announcements are swapped around",
    None: "too many lie tables to judge",
}
COORDINATION = {
    "none": "no coordination on labels",
    "tie-breaking": "coordination that moves nobody's payoff",
    "improving": "coordination that harms nobody",
    "collusive": "collusive",
    "other": "coordination with gains and losses",
}


def number(value: Fraction | None) -> str:
    """A rational as people read it: exact while it is short, else a decimal marked as rounded."""
    if value is None:
        return "not computed"
    exact, decimal = str(value), rounded(value)
    if value.denominator == 1:
        return exact if len(exact) <= LONG else f"≈ {decimal}"
    return (
        f"{exact} ({'= ' if Fraction(decimal) == value else '≈ '}{decimal})" if len(exact) <= LONG else f"≈ {decimal}"
    )


def rounded(value: Fraction) -> str:
    """Six significant digits, of numbers of any size."""
    with localcontext(prec=6, Emax=MAX_EMAX, Emin=MIN_EMIN):
        return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():g}"


def printable(text: str) -> str:
    """Text from a file on one line, control characters replaced."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))


def headline(solution: Solution) -> str:
    """What was solved, in one sentence."""
    count = len(solution.equilibria)
    entries = f"{count} equilibri{'um' if count == 1 else 'a'}"
    if solution.stopped:
        return f"{entries} found before the search stopped ({solution.stopped}); there may be more"
    if solution.scope == "all":
        return (
            f"all Bayesian equilibria: {count} extreme, {len(solution.subsets)} maximal Nash "
            f"subset{'s' * (len(solution.subsets) != 1)}, {len(solution.components)} "
            f"component{'s' * (len(solution.components) != 1)}"
            if solution.complete
            else entries
        )
    if solution.scope == "label-free" and solution.complete:
        return "all label-free equilibria" + ("; they are interchangeable" if count == 1 else f": {count} extreme")
    return f"{entries} found; others may exist"


def uniqueness(solution: Solution) -> str:
    """What is proved about the payoffs of all equilibria."""
    if solution.payoffs_unique:
        known = None not in solution.floor and solution.floor == solution.ceiling
        how = "floors meet ceilings" if known else "the list is complete"
        return f"every Bayesian equilibrium pays the same ({how})"
    if solution.scope == "all" and solution.complete:
        return "equilibria with different payoffs exist (see below)"
    if solution.game.options.filter is not None:
        return "nothing about all equilibria: floors and ceilings do not hold with a filter"
    if None in solution.floor or None in solution.ceiling:
        return "nothing about all equilibria: floors and ceilings would take too long"
    return "every Bayesian equilibrium pays between floor and ceiling; whether payoffs are unique is open"


def kinds(solution: Solution) -> list[tuple[Equilibrium, list[int]]]:
    """Equilibria that look alike (payoffs, truth, coordination) together: an example and all indices."""
    groups: dict[object, list[int]] = {}
    for k, e in enumerate(solution.equilibria):
        key = (e.payoffs, e.truthful, e.coordination.verdict, e.coordination.coalitions, e.label_free)
        groups.setdefault(key, []).append(k)
    return [(solution.equilibria[indices[0]], indices) for indices in groups.values()]


def freedom(solution: Solution, e: Equilibrium) -> list[str]:
    """What may be mixed freely in an equilibrium, a sentence per agent, and whether it matters."""
    sentences = []
    for agent, mixable in zip(solution.game.problem.agents, e.free or (), strict=bool(e.free)):
        if mixable:
            sizes = Counter(len(messages) for messages in mixable.values())
            ways = " · ".join(f"{size}^{count}" for size, count in sorted(sizes.items()))
            sentences.append(
                f"agent {printable(agent.name)} may break ties at {len(mixable)} type vectors in any way "
                f"({ways} extreme ways): outcomes may move, nobody's payoff does"
            )
    return sentences
