"""Mechanisms with transfers as a page on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.show import words
from eqsolve.show.printing import heading, plain_text, print_parts
from eqsolve.transfers.analysis import Analysis, Point
from eqsolve.transfers.checks import Deviation, Refusal
from eqsolve.transfers.efficient import Ties
from eqsolve.transfers.requirements import Wanted

MAX_COLUMNS = 4
"""Agents with columns of their own."""

TITLES = {
    "groves": "Groves with lump sums",
    "vcg": "VCG (pivot)",
    "agv": "AGV (expected externality)",
    "agv-equal": "AGV, equal division",
    "ir-vcg": "IR-VCG",
    "balanced": "IR-VCG, balanced",
}
INCENTIVES = {
    "bic": "Bayesian incentive compatible",
    "ex-post": "ex post incentive compatible",
    "dsic": "dominant strategy incentive compatible",
    "none": "efficient",
}
PARTICIPATION = {
    "interim": "interim individually rational",
    "ex-post": "ex post individually rational",
    "none": "",
}
BUDGETS = {
    "balanced": "balanced at every profile",
    "ex-ante": "balanced in expectation",
    "no-deficit": "without a deficit at any profile",
    "none": "",
}


def analysis_text(found: Analysis, width: int = 120) -> str:
    """An analysis as plain text."""
    return plain_text(_page(found), width)


def print_analysis(found: Analysis, console: Console) -> None:
    """Print the mechanisms side by side; along a grid a line per grid, and the limits."""
    print_parts(_page(found), console)


def _page(found: Analysis) -> Iterator[RenderableType]:
    yield from heading(
        f"{words.printable(found.model.name) or 'A problem with transfers'}: mechanisms", found.model.source
    )
    yield Text()
    if len(found.points) == 1:
        yield from _single(found, found.points[0])
    elif found.points:
        yield from _along(found)
    if found.stopped is not None:
        yield Text(f"Not complete: {words.printable(found.stopped)}; what is known is shown")
    yield Text(f"\n{found.seconds:.2f} s; exact arithmetic; --json gives all figures exactly", style="dim")


def _single(found: Analysis, point: Point) -> Iterator[RenderableType]:
    problem = point.problem
    shape = " × ".join(map(str, problem.shape))
    yield Text(
        f"{shape} types, {len(problem.profiles):,} profiles; expected surplus of efficient decisions "
        f"{words.number(point.surplus)}"
    )
    yield Text(tie_words(found.ties, point))
    yield Text()
    yield _figures(point)
    yield _properties(point)
    for line in witnesses(point):
        yield Text(line)
    if point.subsidies is not None:
        agents = problem.problem.agents
        told = ", ".join(
            f"{words.printable(a.name)}: {words.number(s)}" for a, s in zip(agents, point.subsidies, strict=True)
        )
        yield Text(f"\nLeast subsidies ψ by which all types take part in VCG  {told}")
    if point.existence is not None:
        yield Text()
        for line in answer(found, point):
            yield Text(line)


def tie_words(ties: Ties, point: Point) -> str:
    """Where several decisions are efficient, what is done there, and whether it matters."""
    report = point.ties
    if not report.profiles:
        return "One decision is efficient at every profile"
    rule = ties if isinstance(ties, str) else "the first of " + ", ".join(words.printable(str(d)) for d in ties)
    cares = (
        f"at {len(report.concerned):,} of them somebody is not indifferent"
        if report.matters
        else "everybody is indifferent there"
    )
    return (
        f"Several decisions are efficient at {len(report.profiles):,} profiles (probability "
        f"{words.number(report.probability)}): tie rule {rule}; {cares}"
    )


def _figures(point: Point) -> Table:
    """Expected payments, payoffs and budgets of the mechanisms."""
    table = Table(title="Expected payments, payoffs and budgets", title_justify="left", title_style="bold")
    table.add_column("mechanism", no_wrap=True)
    agents = [words.printable(a.name) for a in point.problem.problem.agents]
    if len(agents) > MAX_COLUMNS:
        agents = ["all together"]
    for what in ("pays", "gets"):
        for name in agents:
            table.add_column(f"{name} {what}", justify="right")
    table.add_column("budget", justify="right")
    table.add_column("at every profile")
    for found in point.mechanisms:
        budget = found.checks.budget
        spread = "balances" if budget.balances else f"{cell(budget.least)} to {cell(budget.most)}"
        rows = (found.payments, found.payoffs)
        cells = [cell(x) for row in rows for x in (row if len(row) <= MAX_COLUMNS else (sum(row, Fraction(0)),))]
        table.add_row(TITLES[found.key], *cells, cell(budget.expected), spread)
    return table


def _properties(point: Point) -> Table:
    """What the mechanisms satisfy."""
    table = Table(title="Properties", title_justify="left", title_style="bold")
    table.add_column("mechanism", no_wrap=True)
    for name in ("truth is dominant", "best in expectation", "all take part, interim", "ex post"):
        table.add_column(name)
    for found in point.mechanisms:
        checks = found.checks
        marks = ["yes" if witness is None else "no" for witness in (checks.dominant, checks.bayesian)]
        if point.problem.outside is None:
            marks += ["–", "–"]
        else:
            stays = (checks.interim_participation, checks.ex_post_participation)
            marks += ["yes" if witness is None else "no" for witness in stays]
        table.add_row(TITLES[found.key], *marks)
    return table


def cell(value: Fraction) -> str:
    """A number in a table: exact while it is short, else six digits."""
    exact = str(value)
    return exact if len(exact) <= 9 else words.rounded(value)


def witnesses(point: Point) -> Iterator[str]:
    """What speaks against the properties that fail, a line each."""
    for found in point.mechanisms:
        checks = found.checks
        seen: list[Deviation | Refusal | None] = [checks.dominant, checks.bayesian]
        if point.problem.outside is not None:
            seen += [checks.interim_participation, checks.ex_post_participation]
        for witness in seen:
            if witness is not None:
                yield f"{TITLES[found.key]}: {witness_words(witness)}"


def witness_words(witness: Deviation | Refusal) -> str:
    """A type that gains by a lie, or by staying away."""
    who = f"{words.printable(witness.agent)} of type {words.printable(witness.type)}"
    how = f"by reporting {words.printable(witness.report)}" if isinstance(witness, Deviation) else "by staying away"
    where = "in expectation" if witness.others is None else f"at {_profile(witness.others)}"
    return f"{who} gains {words.number(witness.gain)} {how} {where}"


def _profile(types: Mapping[str, str]) -> str:
    return ", ".join(f"{words.printable(a)} = {words.printable(t)}" for a, t in types.items())


def asked(wanted: Wanted) -> str:
    """What is asked of a mechanism, in words."""
    parts = [INCENTIVES[wanted.incentives], PARTICIPATION[wanted.participation], BUDGETS[wanted.budget]]
    if wanted.incentives != "none":
        parts.insert(0, "efficient")
    return ", ".join(part for part in parts if part)


def answer(found: Analysis, point: Point) -> Iterator[str]:
    """Whether a mechanism exists, and by how much."""
    if point.existence is None:
        return
    loose = found.asked == "any"
    if point.existence.exists:
        yield f"There is a mechanism that is {asked(found.wanted)} ({'with some' if loose else 'with this'} tie rule)"
    else:
        count = len(point.existence.multipliers)
        rule = "whatever the tie rule is" if loose else "with this tie rule"
        yield f"There is no mechanism that is {asked(found.wanted)}, {rule}; {count} requirements contradict each other"
    yield from _surplus_test(found, point)
    if point.largest is not None:
        most = words.number(point.largest)
        yield f"Largest expected budget of mechanisms with these incentives and this participation: {most}"


def _surplus_test(found: Analysis, point: Point) -> Iterator[str]:
    """What the surplus of IR-VCG says of the usual question (the notes' Corollary 2 and Theorem 3)."""
    surplus = next((e.mechanism.expected_surplus for e in point.mechanisms if e.key == "ir-vcg"), None)
    if surplus is None or point.existence is None or found.wanted != Wanted():
        return
    if surplus >= 0:
        yield "IR-VCG has no expected deficit, so its balanced form is one (Corollary 2 of the notes)"
    elif point.existence.exists:
        yield (
            f"IR-VCG has an expected deficit of {words.number(-surplus)}, which would rule it out with continuous "
            "types (Theorem 3 of the notes), but not with these"
        )
    else:
        yield f"IR-VCG has an expected deficit of {words.number(-surplus)}, in line with Theorem 3 of the notes"


def _along(found: Analysis) -> Iterator[RenderableType]:
    yield Text(f"A mechanism that is {asked(found.wanted)}: is there one on the grid?")
    yield Text()
    table = Table()
    table.add_column("points", justify="right")
    table.add_column("surplus", justify="right")
    keys = [examined.key for examined in found.points[0].mechanisms]
    shown = [key for key in ("vcg", "ir-vcg") if key in keys] or keys[:2]
    for key in shown:
        table.add_column(f"{TITLES[key]} budget", justify="right")
    table.add_column("largest budget", justify="right")
    table.add_column("exists")
    for point in found.points:
        budgets = {examined.key: examined.mechanism.expected_surplus for examined in point.mechanisms}
        table.add_row(
            str(point.points),
            cell(point.surplus),
            *(cell(budgets[key]) for key in shown),
            "–" if point.largest is None else cell(point.largest),
            "–" if point.existence is None else "yes" if point.existence.exists else "no",
        )
    yield table
    if found.limits:
        yield Text()
        limits = Table(title="Limits, as the grid is refined", title_justify="left", title_style="bold")
        limits.add_column("figure")
        limits.add_column("limit", justify="right")
        limits.add_column("how")
        for name, q in found.limits.items():
            how = "extrapolated" if q.formula is None else f"{_formula(q.formula)} at all {len(q.points)} grids"
            limits.add_row(Text(words.printable(name)), q.digits, how)
        yield limits


def _formula(coefficients: tuple[Fraction, ...]) -> str:
    """A polynomial in 1/m."""
    parts = []
    for k, q in enumerate(coefficients):
        if q:
            power = ["", "m"][k] if k < 2 else f"m^{k}"
            below = power if q.denominator == 1 else f"({q.denominator} {power})" if k else str(q.denominator)
            parts.append(f"{'-' if q < 0 else '+'} {abs(q.numerator)}{'/' if below else ''}{below}")
    joined = " ".join(parts).removeprefix("+ ") or "0"
    return "-" + joined[2:] if joined.startswith("- ") else joined
