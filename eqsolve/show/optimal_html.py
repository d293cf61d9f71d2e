"""Optimal mechanisms and their comparison as HTML fragments, for notebooks; every name is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from eqsolve.mechanisms.comparison import Comparison
from eqsolve.mechanisms.direct import DirectMechanism
from eqsolve.mechanisms.optimal import OptimalMechanism
from eqsolve.show import optimal_page as page
from eqsolve.show import words


def mechanism_html(mechanism: DirectMechanism) -> str:
    """Payoffs, and what happens at the likeliest joint histograms."""
    name = words.printable(mechanism.problem.name) or "Linked game"
    parts = [f"<h4>{escape(name)}, K = {mechanism.copies}</h4>"]
    if isinstance(mechanism, OptimalMechanism):
        told = f"The best mechanism: {page.required(mechanism.requirements)}; welfare {words.number(mechanism.welfare)}"
        parts.append(f"<p>{escape(told)}</p>")
    payoffs = [
        (words.printable(a.name), words.number(p))
        for a, p in zip(mechanism.problem.agents, mechanism.payoffs, strict=True)
    ]
    parts.append(_table(("agent", "payoff per problem"), payoffs))
    parts.append(_table(("reported types on the problems", "probability", "decision"), page.lines(mechanism)))
    missing = len(mechanism.orbits.occurring) - page.MAX_LINES
    if missing > 0:
        parts.append(f"<p>and {missing:,} less likely joint histograms</p>")
    parts += [f"<p>{escape(line)}</p>" for line in page.payments(mechanism)]
    return "".join(parts)


def comparison_html(comparison: Comparison) -> str:
    """Welfare of every mechanism at each K."""
    shown = page.columns(comparison)
    rows = [
        (str(point.copies), *(page.figure(figures[k], exact=True) for _, figures in shown))
        for k, point in enumerate(comparison.points)
    ]
    sentences = [*page.summary(comparison), *page.notes(comparison)]
    return (
        f"<h4>{escape(page.title(comparison))}</h4>"
        + _table(("K", *(name for name, _ in shown)), rows)
        + "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    heading = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table>"
