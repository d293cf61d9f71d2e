"""Statistical mechanisms as a page on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.show import words
from eqsolve.show.parts_html import parts_html
from eqsolve.show.printing import heading, plain_text, print_parts
from eqsolve.statistical.analysis import Known, StatisticalAnalysis
from eqsolve.statistical.budgets import BudgetComparison
from eqsolve.statistical.proposition import Check
from eqsolve.statistical.ratio_curve import RatioCurve


def analysis_text(found: StatisticalAnalysis, width: int = 100) -> str:
    """An analysis as plain text."""
    return plain_text(_page(found), width)


def analysis_html(found: StatisticalAnalysis) -> str:
    """An analysis as an HTML fragment, for notebooks; everything from files is escaped."""
    *parts, _ = _page(found)  # the last line speaks of the command line
    return parts_html(parts)


def print_analysis(found: StatisticalAnalysis, console: Console) -> None:
    """Print what is known of a statistical mechanism."""
    print_parts(_page(found), console)


def _page(found: StatisticalAnalysis) -> Iterator[RenderableType]:
    model = found.model
    yield from heading(words.printable(model.name) or "Statistical mechanism", model.source)
    yield Text()
    for sentence in summary(found):
        yield Text(sentence)
    if found.checks:
        yield Text()
        yield _checks(found.checks)
        yield Text(
            "lie: somebody else than agent n lies, reasonable strategies that lie as often as they may", style="dim"
        )
    if found.budgets is not None:
        yield Text()
        yield _budgets(found.budgets)
    if found.curve is not None and found.curve.points:
        yield Text()
        yield _curve(found.curve)
        yield Text("estimates with 95 % confidence intervals; every drawn case is computed exactly", style="dim")
        yield Text("c ≤ ε: Proposition 1 applies, by the bound q̄ f'(0) T on regrets", style="dim")
    for note in found.notes:
        yield Text(f"not computed: {words.printable(note)}", style="dim")
    yield Text(f"\n{found.seconds:.2f} s; --json gives all figures", style="dim")


def summary(found: StatisticalAnalysis) -> list[str]:
    """What is known, in sentences."""
    model = found.model
    said = [f"{model.agents} agents, {model.dates} dates, discount factor {model.discount}, ε = {model.epsilon}"]
    if found.checks or found.averages is not None:
        members = [len(x) for x in model.mechanism.members]
        paths = [p.path_count for p in model.processes]
        for name, inside, count in _grouped(model.agent_names, members, paths):
            said.append(f"Likely set of {name}: {inside:,} of {count:,} type paths")
    if found.ex_post is False:
        said.append("The mechanism is not ex post incentive compatible on the likely set")
    if found.checks:
        regret = words.number(found.checks[0][1].regret)
        said.append(f"Largest regret {regret}; the truth {_equilibrium(found)}")
    if found.known is not None:
        said.append(_known(found.known))
    if found.averages is not None:
        ratio = "no surplus" if found.averages.ratio is None else words.number(found.averages.ratio)
        said.append(
            f"Under the truth: cost {words.number(found.averages.cost)}, "
            f"surplus {words.number(found.averages.surplus)} "
            f"(first best {words.number(found.averages.first_best)}), cost over surplus {ratio}"
        )
    if model.payments != "none":
        told = "N − 1" if model.discount == 1 else "(N − 1) β^−(T−1)"
        said.append(f"VCG on every date by itself: cost over surplus {words.number(found.unlinked_ratio)}, {told}")
    if found.stopped is not None:
        said.append(f"Not complete: {words.printable(found.stopped)}; what is known is shown")
    return said


def _equilibrium(found: StatisticalAnalysis) -> str:
    """The definition asks for it under every law of the credal set, so one that fails is enough."""
    verdict = "is an ε-ex-post equilibrium" if found.equilibrium else "is not an ε-ex-post equilibrium"
    failing = [words.printable(name) or "the model's" for name, check in found.checks if not check.equilibrium]
    if len(found.checks) == 1:
        return verdict
    if not failing:
        return f"{verdict} under all laws below"
    if len(failing) == len(found.checks):
        return f"{verdict} under any law below"
    return f"{verdict} if all laws below are possible: it fails under {', '.join(failing)}"


def _grouped(names: tuple[str, ...], members: list[int], paths: list[int]) -> Iterator[tuple[str, int, int]]:
    """Agents with the same numbers together."""
    groups: dict[tuple[int, int], list[str]] = {}
    for name, inside, count in zip(names, members, paths, strict=True):
        groups.setdefault((inside, count), []).append(words.printable(name))
    for (inside, count), who in groups.items():
        yield ("every agent" if len(groups) == 1 else f"agent {', '.join(who)}"), inside, count


def _known(known: Known) -> str:
    worst = max(w.probability for w in known.worst)
    verdict = "holds under all of them" if known.hypothesis else "does not hold under all of them"
    return (
        f"All laws with the known statistics: a path leaves the likely set with probability {words.number(worst)} "
        f"at most; the hypothesis of Proposition 1 {verdict}"
    )


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _checks(checks: tuple[tuple[str, Check], ...]) -> Table:
    table = Table(title="Proposition 1 and Corollary 1", title_justify="left", title_style="bold")
    table.add_column("law")
    for column in ("leaves Ω*", "c", "c ≤ ε", "lie", "lie / c", "lie ≤ ε", "truthful in Ω*", "at least"):
        table.add_column(column, justify="right")
    for name, check in checks:
        leaving = max(a.leaving for a in check.agents)
        table.add_row(
            Text(words.printable(name) or "the model's"),
            words.rounded(leaving),
            words.rounded(check.c),
            _yes(check.hypothesis),
            words.rounded(check.lie_of_others),
            "–" if check.ratio is None else words.rounded(check.ratio),
            _yes(check.equilibrium),
            words.rounded(check.implemented),
            words.rounded(check.implemented_at_least),
        )
    return table


def _budgets(found: BudgetComparison) -> Table:
    table = Table(title="Mechanisms on the same process", title_justify="left", title_style="bold")
    table.add_column("mechanism")
    for column in ("surplus", "cost", "cost / surplus"):
        table.add_column(column, justify="right")
    rows: list[tuple[str, Fraction | None, Fraction]] = [
        ("first best", found.first_best, Fraction(0)),
        ("linking by budgets, label-free equilibrium", found.budgets, Fraction(0)),
        ("linked VCG, truth", found.linked.surplus, found.linked.cost),
        ("linked VCG on the budgets' paths, truth", found.on_budgets.surplus, found.on_budgets.cost),
        ("VCG on every date, truth", found.unlinked.surplus, found.unlinked.cost),
    ]
    for name, surplus, cost in rows:
        ratio = "–" if not surplus else words.rounded(cost / surplus)
        table.add_row(name, "–" if surplus is None else words.rounded(surplus), words.rounded(cost), ratio)
    return table


def _curve(curve: RatioCurve) -> Table:
    table = Table(title="Linked VCG against N agents and dates", title_justify="left", title_style="bold")
    for column in ("N", "cost / surplus", "95 % interval", "unlinked", "width", "P(leaves Ω*)", "c ≤ ε", "samples"):
        table.add_column(column, justify="right")
    for point in curve.points:
        low, high = point.interval
        chosen = point.calibrated
        table.add_row(
            str(point.agents),
            f"{point.ratio:.4f}",
            f"{low:.4f} to {high:.4f}",
            words.rounded(point.unlinked),
            "–" if chosen is None else words.rounded(chosen.typical.width),
            "–" if chosen is None else words.rounded(chosen.leaving),
            "yes" if point.hypothesis else "not shown",
            str(point.samples),
        )
    return table
