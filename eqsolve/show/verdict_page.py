"""Verdicts on claims as a page on the terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.claims.verdict import Interval, Verdict
from eqsolve.show import words
from eqsolve.show.parts_html import parts_html
from eqsolve.show.printing import plain_text, print_parts
from eqsolve.solution import Equilibrium

STYLE = {"proved": "bold green", "refuted": "bold red", "open": "bold yellow"}
SAYS = {
    "payoffs-unique": "all equilibria pay everybody the same",
    "outcome-unique": "all equilibria lead to the same outcomes",
    "equilibrium-unique": "there is one equilibrium, up to equivalent announcements",
    "truthful": "every equilibrium is approximately truthful (permutation-free)",
    "no-collusion": "no equilibrium is collusive",
    "payoff": "a printed figure is right",
}
MAX_WITNESSES = 6


def verdicts_text(verdicts: Sequence[Verdict], width: int = 100) -> str:
    """Verdicts as plain text."""
    return plain_text(_pages(verdicts), width)


def verdicts_html(verdicts: Sequence[Verdict]) -> str:
    """Verdicts as an HTML fragment, for notebooks; everything from files is escaped."""
    return "".join(parts_html(_page(verdict)) for verdict in verdicts)


def print_verdicts(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print a readable page: what was claimed, whether it holds, why, and what refutes it."""
    print_parts(_pages(verdicts), console)


def _pages(verdicts: Sequence[Verdict]) -> Iterator[RenderableType]:
    for k, verdict in enumerate(verdicts):
        if k:
            yield Text()
        yield from _page(verdict)


def _page(v: Verdict) -> Iterator[RenderableType]:
    title = words.printable(v.game.problem.name) or "Linked game"
    said = f" ({words.printable(v.claim.where)})" if v.claim.where else ""
    yield Text.assemble(
        (v.verdict.upper(), STYLE[v.verdict]), f"  {v.claim.says}: {SAYS[v.claim.says]}, K = {v.game.copies}"
    )
    yield Text(f"{title}{said}", style="dim")
    yield Text.assemble(("Method   ", "bold"), words.printable(v.method))
    if v.fewest_lies:
        yield Text.assemble(("Fewest lies  ", "bold"), f"{v.fewest_lies} (the stronger sense)")
    if v.caveat:
        yield Text.assemble(("Caveat   ", "bold"), words.printable(v.caveat))
    yield _numbers(v)
    for e in v.witnesses[:MAX_WITNESSES]:
        yield _witness(v, e)
    if len(v.witnesses) > MAX_WITNESSES:
        yield Text(f"... and {len(v.witnesses) - MAX_WITNESSES} more witnesses; --json lists all")


def _numbers(v: Verdict) -> Table:
    table = Table(box=None, padding=(0, 2), show_header=True)
    table.add_column("agent")
    columns = ["floor", "ceiling"]
    if v.bracket != tuple(zip(v.floor, v.ceiling, strict=True)):
        columns.append("bracket")
    if any(lo is not None for lo, _ in v.found):
        columns.append("found")
    if any(x is not None for x in v.computed):
        columns.append("computed")
    if v.claim.printed:
        columns.append("printed")
    for column in columns:
        table.add_column(column, justify="right")
    for i, agent in enumerate(v.game.problem.agents):
        cells = {
            "floor": words.number(v.floor[i]),
            "ceiling": words.number(v.ceiling[i]),
            "bracket": _interval(v.bracket[i]),
            "found": _interval(v.found[i]),
            "computed": words.number(v.computed[i]),
            "printed": words.printable(v.claim.printed.get(agent.name, "")),
        }
        table.add_row(Text(words.printable(agent.name)), *(Text(cells[c]) for c in columns))
    return table


def _interval(interval: Interval) -> str:
    lo, hi = interval
    if lo is None and hi is None:
        return "not computed"
    return words.number(lo) if lo == hi else f"{words.number(lo)} to {words.number(hi)}"


def _witness(v: Verdict, e: Equilibrium) -> Text:
    names = [words.printable(a.name) for a in v.game.problem.agents]
    payoffs = ", ".join(f"{n}: {words.number(p)}" for n, p in zip(names, e.payoffs, strict=True))
    kind = "label-free equilibrium" if e.label_free else "equilibrium"
    return Text(
        f"Witness  {kind} paying {payoffs}; {words.TRUTH[e.truthful]}; {words.COORDINATION[e.coordination.verdict]}"
    )
