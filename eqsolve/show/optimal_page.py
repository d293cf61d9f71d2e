"""Optimal mechanisms and their comparison as pages on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.mechanisms.comparison import Comparison, OptimalPoint
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.optimal import OptimalMechanism, Requirements
from eqsolve.mechanisms.simulation import Simulation
from eqsolve.rule import Lottery
from eqsolve.show import words
from eqsolve.show.printing import heading, plain_text, print_parts

MAX_LINES = 24
INCENTIVES = {
    "bic": "Bayesian incentive compatible",
    "dsic": "strategy-proof",
    "none": "without incentive constraints",
}
PARTICIPATION = {
    "interim": "nobody who knows its own types prefers {} on all problems",
    "total": "nobody who knows all types prefers {} on all problems",
    "problem": "nobody prefers {} on any problem",
}


def mechanism_text(mechanism: DirectMechanism, width: int = 100) -> str:
    """A mechanism as plain text."""
    return plain_text(_mechanism(mechanism), width)


def comparison_text(comparison: Comparison, width: int = 100) -> str:
    """A comparison as plain text."""
    return plain_text(_comparison(comparison), width)


def print_comparison(comparison: Comparison, console: Console, runs: Sequence[Simulation] = ()) -> None:
    """Print the best mechanism at each K, beside the others that are known; of a single K, what happens where.

    Simulations of the best mechanisms, one for each K, are told at the end.
    """
    print_parts(_comparison(comparison), console)
    agents = comparison.model.problem.agents
    for point, run in zip(comparison.points, runs, strict=False):
        told = ", ".join(
            f"{words.printable(a.name)}: {p:.6g} ± {e:.2g}"
            for a, p, e in zip(agents, run.payoffs, run.stderr, strict=True)
        )
        print_parts(
            [Text(f"K = {point.copies}, estimated from {run.rounds:,} rounds: {told} (standard errors)")], console
        )


def _comparison(comparison: Comparison) -> Iterator[RenderableType]:
    problem = comparison.model.problem
    yield from heading(title(comparison), problem.source)
    yield Text()
    for sentence in summary(comparison):
        yield Text(sentence)
    if comparison.points:
        yield Text()
        yield _table(comparison)
        for note in notes(comparison):
            yield Text(note, style="dim")
    if len(comparison.points) == 1:
        point = comparison.points[0]
        yield Text()
        yield _payoffs(comparison, point)
        yield Text()
        yield from _what_happens(point.optimal)
    yield Text(f"\n{comparison.seconds:.2f} s; exact arithmetic; --json gives all figures exactly", style="dim")


def title(comparison: Comparison) -> str:
    """What is compared."""
    name = words.printable(comparison.model.problem.name) or "Linked game"
    return f"{name}: the best mechanism"


def required(requirements: Requirements) -> str:
    """What mechanisms have to satisfy, in words."""
    parts = [INCENTIVES[requirements.incentives]]
    if requirements.transfers:
        parts.append("with transfers that balance")
    if requirements.participation != "none":
        quo = words.printable(requirements.status_quo or "")
        parts.append(PARTICIPATION[requirements.participation].format(f"'{quo}'"))
    return ", ".join(parts)


def summary(comparison: Comparison) -> list[str]:
    """What is maximised under which requirements, and whether something is missing."""
    agents = comparison.model.problem.agents
    if set(comparison.weights) == {1}:
        aim = "the sum of payoffs"
    else:
        told = ", ".join(f"{words.printable(a.name)}: {w}" for a, w in zip(agents, comparison.weights, strict=True))
        aim = f"the sum of payoffs with weights ({told})"
    found = [f"Largest is {aim} per problem, ex ante; mechanisms are {required(comparison.requirements)}"]
    if comparison.stopped is not None:
        found.append(f"Not complete: {words.printable(comparison.stopped)}; what is known is shown")
    return found


def columns(comparison: Comparison) -> list[tuple[str, list[Fraction | None]]]:
    """The mechanisms that something is known of, with their welfare at each point."""
    rows = [comparison.at(point) for point in comparison.points]
    found = [(name, [row[name] for row in rows]) for name in (rows[0] if rows else ())]
    return [(name, figures) for name, figures in found if any(x is not None for x in figures)]


def notes(comparison: Comparison) -> list[str]:
    """What the columns are."""
    shown = {name for name, _ in columns(comparison)}
    found = []
    if "separate" in shown:
        found.append(f"separate: the rule on each problem by itself, without budgets ({comparison.separate_how})")
    if "second best" in shown:
        found.append("second best: the best mechanism on a single problem")
    if "linking" in shown:
        found.append("linking: label-free equilibrium of the linked mechanism with its budgets")
    if comparison.requirements.participation != "none" and shown - {"second best", "optimal", "first best"}:
        found.append("participation is required of 'second best' and 'optimal' only")
    if any(point.completed for point in comparison.points):
        found.append("completed: declarations are completed to the budget by the mechanism; it must invite no lies")
        found += list(_tempting(comparison))
    if any(point.turns for point in comparison.points):
        found.append(
            "turns: agents pick an item each in turn, always the one they like best (round robin or snake, the better "
            "one); while values are private nobody gains by another pick"
        )
        found += list(_tempting_turns(comparison))
    if "foresighted turns" in shown:
        found.append("foresighted turns: the same, but everybody knows all values and looks ahead (subgame perfect)")
    return found


def _tempting(comparison: Comparison) -> Iterator[str]:
    """Completed mechanisms that invite lies."""
    for point in comparison.points:
        for c in point.completed:
            if c.regret:
                welfare = words.number(comparison.welfare(c.payoffs))
                gain = words.number(c.regret)
                told = f"{welfare} under the truth, but a lie gains {gain} per problem"
                yield f"  K = {point.copies}, aim {c.aim}: {told}"


def _tempting_turns(comparison: Comparison) -> Iterator[str]:
    """Orders in which sincere picks are no equilibrium."""
    for point in comparison.points:
        for t in point.turns:
            if t.regret:
                welfare, gain = words.number(comparison.welfare(t.payoffs)), words.number(t.regret)
                yield f"  K = {point.copies}, {t.order}: {welfare}, but insincere picks gain {gain} per item"


def _table(comparison: Comparison) -> Table:
    """A row for each K; of a single K a row for each mechanism, which leaves room for exact figures."""
    table = Table(title="Welfare per problem", title_justify="left", title_style="bold")
    shown = columns(comparison)
    first = comparison.welfare(comparison.first_best) or Fraction(0)
    if len(comparison.points) == 1:
        for head in ("mechanism", "welfare", "missing to the first best"):
            table.add_column(head, justify="left" if head == "mechanism" else "right")
        for name, (welfare,) in shown:
            if welfare is not None:
                table.add_row(name, words.number(welfare), words.rounded(first - welfare))
        return table
    for head in ("K", *(name for name, _ in shown), "gap"):
        table.add_column(head, justify="right")
    for k, point in enumerate(comparison.points):
        cells = [figure(x[k], exact=False) for _, x in shown]
        table.add_row(str(point.copies), *cells, words.rounded(first - point.optimal.welfare))
    return table


def figure(value: Fraction | None, exact: bool) -> str:
    """A figure exactly where there is room for it, else in six significant digits."""
    if value is None:
        return "–"
    return words.number(value) if exact else words.rounded(value)


def _payoffs(comparison: Comparison, point: OptimalPoint) -> Table:
    """A row for each mechanism, a column for each agent."""
    table = Table(title="Payoffs per problem, ex ante", title_justify="left", title_style="bold")
    table.add_column("mechanism")
    for agent in comparison.model.problem.agents:
        table.add_column(Text(f"agent {words.printable(agent.name)}"), justify="right")
    listed: list[tuple[str, Sequence[Fraction] | None]] = [
        ("separate", comparison.separate),
        ("linking", point.linking),
    ]
    listed += [(f"completed, {c.aim}", c.payoffs) for c in point.completed]
    listed += [(f"{t.order}, {t.play}", t.payoffs) for t in point.turns]
    listed += [("optimal", point.optimal.payoffs), ("first best", comparison.first_best)]
    for name, payoffs in listed:
        if payoffs is not None:
            table.add_row(name, *map(words.number, payoffs))
    return table


def _mechanism(mechanism: DirectMechanism) -> Iterator[RenderableType]:
    name = words.printable(mechanism.problem.name) or "Linked game"
    problems = f"{mechanism.copies} linked problem{'s' * (mechanism.copies != 1)}"
    yield Text(f"{name}, {problems}", style="bold")
    if isinstance(mechanism, OptimalMechanism):
        yield Text(f"The best mechanism: {required(mechanism.requirements)}; welfare {words.number(mechanism.welfare)}")
    payoffs = ", ".join(
        f"{words.printable(a.name)}: {words.number(p)}"
        for a, p in zip(mechanism.problem.agents, mechanism.payoffs, strict=True)
    )
    yield Text(f"Payoffs per problem  {payoffs}")
    yield Text()
    yield from _what_happens(mechanism)


def _what_happens(mechanism: DirectMechanism) -> Iterator[RenderableType]:
    """A line for every joint histogram: what is decided where."""
    shown = lines(mechanism)
    table = Table(title="What happens where", title_justify="left", title_style="bold")
    table.add_column("reported types on the problems")
    table.add_column("probability", justify="right")
    table.add_column("decision")
    for where, chance, what in shown:
        table.add_row(Text(where), chance, Text(what))
    missing = len(mechanism.orbits.occurring) - len(shown)
    if missing:
        table.caption = f"and {missing:,} less likely joint histograms; to_frame() has all of them"
        table.caption_justify = "left"
    yield table
    paid = payments(mechanism)
    if paid:
        yield Text(f"Expected transfers, all problems together: {'; '.join(paid)}")


def lines(mechanism: DirectMechanism) -> list[tuple[str, str, str]]:
    """The likeliest joint histograms: reported types, probability, and what is decided on which of the problems."""
    orbits = mechanism.orbits
    order = sorted(range(len(orbits.occurring)), key=lambda h: -orbits.probabilities[h])[:MAX_LINES]
    found = []
    for h in order:
        counts = orbits.occurring[h]
        where = ", ".join(f"{c} × {words.printable(mechanism.profile_name(p))}" for p, c in counts)
        lotteries = [mechanism.lotteries[orbits.block_index[h, p]] for p, _ in counts]
        told = [
            f"{words.printable(mechanism.profile_name(p))}: {_decided(mechanism, lottery)}"
            for (p, _), lottery in zip(counts, lotteries, strict=True)
        ]
        same = len(set(lotteries)) == 1
        found.append(
            (
                where,
                words.rounded(orbits.probabilities[h]),
                _decided(mechanism, lotteries[0]) if same else "; ".join(told),
            )
        )
    return found


def _decided(mechanism: DirectMechanism, lottery: Lottery) -> str:
    """A lottery in words."""
    names = [words.printable(d) for d in mechanism.problem.decisions]
    parts = [(name, p) for name, p in zip(names, lottery, strict=True) if p]
    if len(parts) == 1:
        return parts[0][0]
    return " or ".join(f"{name} {p if len(str(p)) <= words.LONG else words.rounded(p)}" for name, p in parts)


def payments(mechanism: DirectMechanism) -> list[str]:
    """What agents expect to be paid at their reports, where it is not nothing."""
    found = []
    for (i, histogram), t in mechanism.transfers.items():
        agent = mechanism.problem.agents[i]
        told = ", ".join(
            f"{c} × {words.printable(kind.name)}" for kind, c in zip(agent.types, histogram, strict=True) if c
        )
        if t:
            found.append(f"agent {words.printable(agent.name)} at {told}: {words.number(t)}")
    return found[:MAX_LINES]
