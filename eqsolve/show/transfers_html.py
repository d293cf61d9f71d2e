"""Mechanisms with transfers as text and as HTML fragments, for notebooks; every name is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from html import escape

from eqsolve.show import transfers_page as page
from eqsolve.show import words
from eqsolve.transfers.analysis import Analysis
from eqsolve.transfers.checks import Checks, Deviation, Refusal
from eqsolve.transfers.existence import Existence
from eqsolve.transfers.problem import DirectMechanism

MAX_LINES = 24


def analysis_html(found: Analysis) -> str:
    """The mechanisms on each problem, what they satisfy, and whether a better one exists."""
    parts = [f"<h4>{escape(words.printable(found.model.name) or 'A problem with transfers')}: mechanisms</h4>"]
    for point in found.points:
        names = [words.printable(a.name) for a in point.problem.problem.agents]
        heads = [f"{name} {what}" for what in ("pays", "gets") for name in names]
        rows = []
        for examined in point.mechanisms:
            figures = [page.cell(x) for x in (*examined.payments, *examined.payoffs)]
            budget = page.cell(examined.mechanism.expected_surplus)
            rows.append([page.TITLES[examined.key], *figures, budget, *properties(examined.checks)])
        if point.points is not None:
            parts.append(f"<p>{point.points} points</p>")
        parts.append(_table(["mechanism", *heads, "budget", "dominant", "Bayesian", "interim", "ex post"], rows))
        parts += [f"<p>{escape(line)}</p>" for line in page.answer(found, point)]
    if found.limits:
        parts.append(_table(["figure", "limit"], [(name, q.digits) for name, q in found.limits.items()]))
    return "".join(parts)


def properties(checks: Checks) -> list[str]:
    """Whether truth is dominant and best in expectation, and all take part in expectation and always."""
    marks = [witness is None for witness in (checks.dominant, checks.bayesian)]
    if checks.mechanism.problem.outside is None:
        return [*("yes" if mark else "no" for mark in marks), "–", "–"]
    marks += [checks.interim_participation is None, checks.ex_post_participation is None]
    return ["yes" if mark else "no" for mark in marks]


def checks_text(checks: Checks) -> str:
    """Every property in a line, with what speaks against it."""
    named: dict[str, Deviation | Refusal | None] = {
        "dominant strategies": checks.dominant,
        "ex post incentives": checks.ex_post,
        "Bayesian incentives": checks.bayesian,
    }
    if checks.mechanism.problem.outside is not None:
        named |= {
            "interim participation": checks.interim_participation,
            "ex post participation": checks.ex_post_participation,
        }
    lines = [
        f"{name}: {'yes' if witness is None else 'no: ' + page.witness_words(witness)}"
        for name, witness in named.items()
    ]
    budget = checks.budget
    spread = "balances" if budget.balances else f"{words.number(budget.least)} to {words.number(budget.most)}"
    lines.append(f"budget: {words.number(budget.expected)} expected; at every profile {spread}")
    return "\n".join(lines)


def existence_text(found: Existence) -> str:
    """The answer in a sentence."""
    what = page.asked(found.wanted)
    if found.exists:
        return f"There is a mechanism that is {what}"
    return f"There is no mechanism that is {what}; {len(found.multipliers)} requirements contradict each other"


def existence_html(found: Existence) -> str:
    """The answer in a sentence, and the mechanism if there is one."""
    return f"<p>{escape(existence_text(found))}</p>" + (mechanism_html(found.mechanism) if found.mechanism else "")


def mechanism_rows(mechanism: DirectMechanism) -> tuple[list[str], list[list[str]]]:
    """Head and rows of a table: types, what is decided, what everybody pays; at most `MAX_LINES` profiles."""
    problem = mechanism.problem
    names = [words.printable(a.name) for a in problem.problem.agents]
    head = [*names, "decision", *(f"{name} pays" for name in names)]
    rows = []
    for profile, lottery, paid in list(zip(problem.profiles, mechanism.allocation, mechanism.transfers, strict=True))[
        :MAX_LINES
    ]:
        types = [words.printable(t) for t in problem.describe(profile).values()]
        rows.append([*types, _lottery(problem.problem.decisions, lottery), *map(page.cell, paid)])
    return head, rows


def mechanism_text(mechanism: DirectMechanism) -> str:
    """A mechanism as plain text."""
    head, rows = mechanism_rows(mechanism)
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    lines = [mechanism.name or "A mechanism with transfers"]
    lines += ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]]
    return "\n".join(lines + _missing(mechanism))


def mechanism_html(mechanism: DirectMechanism) -> str:
    """A mechanism as a table."""
    name = escape(mechanism.name or "A mechanism with transfers")
    return f"<h4>{name}</h4>{_table(*mechanism_rows(mechanism))}" + "".join(
        f"<p>{line}</p>" for line in _missing(mechanism)
    )


def _missing(mechanism: DirectMechanism) -> list[str]:
    left = len(mechanism.problem.profiles) - MAX_LINES
    return [f"and {left:,} more profiles; to_frame() has all of them"] if left > 0 else []


def _lottery(names: Sequence[str], lottery: Sequence[Fraction]) -> str:
    parts = [(words.printable(name), q) for name, q in zip(names, lottery, strict=True) if q]
    return parts[0][0] if len(parts) == 1 else " or ".join(f"{name} {page.cell(q)}" for name, q in parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    heading = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table>"
