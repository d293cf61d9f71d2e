"""A curve as a page on the terminal: a table with a bar chart of the gap, and how fast it closes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.convergence import Curve, CurvePoint, Rate
from eqsolve.show import words
from eqsolve.show.printing import heading, plain_text, print_parts

MAX_ROWS = 24
_BAR = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"


def curve_text(curve: Curve, width: int = 100) -> str:
    """A curve as plain text."""
    return plain_text(_page(curve), width)


def print_curve(curve: Curve, console: Console) -> None:
    """Print a readable page: figures for every group of agents in the same position, gaps, rates."""
    print_parts(_page(curve), console)


def _page(curve: Curve) -> Iterator[RenderableType]:
    yield from heading(title(curve), curve.model.problem.source)
    yield Text()
    for sentence in summary(curve):
        yield Text(sentence)
    for group in groups(curve) if curve.points else ():
        yield Text()
        name, target = who(curve, group), words.number(curve.points[0].target[group[0]])
        yield Text(f"{name[0].upper()}{name[1:]}: {target} under truth and the rule", style="bold")
        yield _table(curve, group)
    yield Text(f"\n{curve.seconds:.2f} s; {arithmetic(curve)}", style="dim")


def title(curve: Curve) -> str:
    """Name of the model and the numbers of problems."""
    name = words.printable(curve.model.problem.name) or "Linked game"
    if not curve.points:
        return name
    first, last = curve.points[0].copies, curve.points[-1].copies
    return (
        f"{name}, {first:,} linked problem{'s' * (first != 1)}"
        if first == last
        else (f"{name}, {first:,} to {last:,} linked problems")
    )


def summary(curve: Curve) -> list[str]:
    """How fast the gap closes, what the payoffs are those of, and whether something is missing."""
    bound = "" if curve.bound is None else f"; the bound has K^{float(curve.bound)}"
    found = [f"Gap to truth and rule, welfare: {rate_in_words(curve.rate, curve.welfare_gap)}{bound}"]
    for group in groups(curve) if len(groups(curve)) > 1 else []:
        i = group[0]
        found.append(f"Gap of {who(curve, group)}: {rate_in_words(curve.rates[i], [p.gap[i] for p in curve.points])}")
    if curve.scope == "found":
        why = "Budgets are loose" if curve.model.options.walk_away is None else "Agents may walk away"
        found.append(
            f"{why}: payoffs are those of a label-free equilibrium that iterated best responses found; others may exist"
        )
    if curve.stopped is not None:
        found.append(f"Not complete: {words.printable(curve.stopped)}; what is known is shown")
    return found


def rate_in_words(rate: Rate | None, gaps: Sequence[Fraction | float | None]) -> str:
    """A fitted power law, or why there is none."""
    if rate is not None:
        constant = "" if rate.constant is None else f"{rate.constant:.3g} · "
        return f"about {constant}K^{rate.exponent:.3f} (exponent ± {rate.stderr:.1g}, {rate.points} points)"
    if gaps and all(g is not None and g <= 0 for g in gaps):
        return "none" if not any(gaps) else "negative, more than under truth and the rule"
    return "no rate, which takes three points with a positive gap"


def arithmetic(curve: Curve) -> str:
    """Whether figures are exact, or how far off they may be."""
    errors = [e for point in curve.points for e in point.error or ()]
    if not errors:
        return "exact arithmetic; figures are rounded here, --json gives them exactly"
    where = "figures" if not any(point.exact for point in curve.points) else "figures at large K"
    return f"{where} in floating point, proved to be within {max(errors):.1g}"


def groups(curve: Curve) -> list[list[int]]:
    """Agents with the same figures at every point together."""
    found: dict[object, list[int]] = {}
    for i in range(curve.model.problem.n):
        key = tuple((p.payoffs[i], p.floor[i], p.ceiling[i], p.target[i]) for p in curve.points)
        found.setdefault(key, []).append(i)
    return list(found.values())


def who(curve: Curve, group: Sequence[int]) -> str:
    """Agents by name."""
    names = [words.printable(curve.model.problem.agents[i].name) for i in group]
    if len(names) == 1:
        return f"agent {names[0]}"
    return f"agents {', '.join(names[:-1])} and {names[-1]}"


def rows(curve: Curve) -> list[tuple[int, CurvePoint]]:
    """Points that a page has room for, evenly over all, first and last included, with their indices."""
    count = len(curve.points)
    if count <= MAX_ROWS:
        return list(enumerate(curve.points))
    kept = sorted({round(k * (count - 1) / (MAX_ROWS - 1)) for k in range(MAX_ROWS)})
    return [(k, curve.points[k]) for k in kept]


def figure(value: Fraction | float | None) -> str:
    """A figure in six significant digits."""
    return "–" if value is None else words.rounded(Fraction(value))


def _table(curve: Curve, group: Sequence[int]) -> Table:
    i = group[0]
    table = Table()
    for column in ("K", "payoff", "floor", "ceiling", "gap"):
        table.add_column(column, justify="right")
    table.add_column("")
    shown = rows(curve)
    largest = max((Fraction(g) for g in (p.gap[i] for _, p in shown) if g is not None), default=Fraction(0))
    for _, p in shown:
        cells = [f"{p.copies:,}", *(figure(x) for x in (p.payoffs[i], p.floor[i], p.ceiling[i], p.gap[i]))]
        table.add_row(*cells, _bar(p.gap[i], largest))
    if len(shown) < len(curve.points):
        table.caption = f"{len(shown)} of {len(curve.points)} points"
        table.caption_justify = "left"
    return table


def _bar(gap: Fraction | float | None, largest: Fraction) -> str:
    """The share of the largest gap as a bar; nothing where there is no gap."""
    if gap is None or gap <= 0:
        return ""
    eighths = max(1, round(Fraction(gap) / largest * 8 * _BAR))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
