"""Participation over linked issues as a page on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.participation.curve import ParticipationCurve, ParticipationPoint
from eqsolve.participation.equilibria import ALIKE, IN_TURN, LISTED, MIXED, TOGETHER, VetoEquilibrium
from eqsolve.participation.issue import Economy
from eqsolve.participation.listing import Listing
from eqsolve.show import words
from eqsolve.show.parts_html import parts_html
from eqsolve.show.printing import heading, plain_text, print_parts

MAX_ROWS = 25
"""Points that a page has room for."""
MAX_LISTED = 12
"""Equilibria and type vectors of a listing that a page has room for."""

TITLES = {
    "groves": "Groves mechanism with lump sums",
    "veto": "veto game",
    "tariff": "two-part tariff",
}
HOW = {
    TOGETHER: "at once",
    IN_TURN: "in turn",
    ALIKE: "alike",
    MIXED: "mixed",
    LISTED: "listed",
}


def participation_text(found: ParticipationCurve, width: int = 120) -> str:
    """A curve as plain text."""
    return plain_text(_page(found), width)


def participation_html(found: ParticipationCurve) -> str:
    """A curve as an HTML fragment, for notebooks; everything from files is escaped."""
    *parts, _ = _page(found)  # the last line speaks of the command line
    return parts_html(parts)


def print_participation(found: ParticipationCurve, console: Console) -> None:
    """Print participation, vetoes or tariffs against K."""
    print_parts(_page(found), console)


def _page(found: ParticipationCurve) -> Iterator[RenderableType]:
    name = words.printable(found.sequence.name) or "Linked issues"
    yield from heading(f"{name}: {TITLES[found.mechanism]}", found.sequence.source)
    if found.points:
        yield from _regularity(found.points[-1])
        shown = _evenly(found.points)
        yield {"groves": _groves, "veto": _veto, "tariff": _tariff}[found.mechanism](shown)
        if len(shown) < len(found.points):
            yield Text(f"{len(shown)} of {len(found.points)} points", style="dim")
        if found.mechanism == "veto":
            yield from _vetoes(found.points)
    if found.stopped is not None:
        yield Text(f"Not complete: {words.printable(found.stopped)}; what is known is shown")
    yield Text(
        f"\n{found.seconds:.2f} s; exact arithmetic; figures are rounded here, --json gives them exactly", style="dim"
    )


def _regularity(point: ParticipationPoint) -> Iterator[RenderableType]:
    known = point.economy.regularity
    yield Text()
    yield Text(
        f"Up to K = {point.last:,}: expected gain per issue at least {words.number(known.gain)} (R1), surplus from "
        f"{words.number(known.surplus[0])} to {words.number(known.surplus[1])} (R2), status quo worth from "
        f"{words.number(known.reserve[0])} to {words.number(known.reserve[1])} (R3)"
    )
    economy = point.economy
    if known.alike or economy.size < 4:
        return
    half = Economy(economy.issues[: economy.size // 2], economy.first).regularity
    if (half.gain, half.surplus, half.reserve) != (known.gain, known.surplus, known.reserve):
        yield Text(
            f"The issues differ, and the bounds are not those of the first half: gain at least "
            f"{words.number(half.gain)}, surplus up to {words.number(half.surplus[1])} there"
        )


def _groves(points: Sequence[ParticipationPoint]) -> Table:
    """Probabilities that participation constraints hold; like agents share a column."""
    groups = _like_agents(points)
    table = Table()
    table.add_column("K", justify="right")
    names = points[0].economy.agents
    for group in groups:
        table.add_column(f"holds, {_who([names[i] for i in group])}", justify="right")
    table.add_column("all hold", justify="right")
    table.add_column("1 − all hold", justify="right")
    for p in points:
        holds, together = p.holds or (), p.all_hold or Fraction(0)
        table.add_row(
            f"{p.last:,}",
            *(_figure(holds[group[0]]) for group in groups),
            _figure(together),
            _figure(1 - together),
        )
    return table


def _veto(points: Sequence[ParticipationPoint]) -> Table:
    table = Table()
    heads = ("K", "fee", "first replies", "equilibrium", "takes part", "veto", "efficient", "budget", "rebate")
    for head in heads:
        table.add_column(head, justify="left" if head == "equilibrium" else "right")
    for p in points:
        if p.veto is None:
            continue
        start = (f"{p.last:,}", _figure(p.fee), _figure(p.veto.constraints))
        if not p.veto.equilibria:
            table.add_row(*start, "replies go round in circles", *[""] * 5)
        for position, e in enumerate(p.veto.equilibria):
            table.add_row(*(start if position == 0 else ("", "", "")), HOW[e.how], *_cells(e))
    return table


def _cells(e: VetoEquilibrium) -> tuple[str, ...]:
    outcome = e.outcome
    low, high = map(_figure, e.efficient)
    chances = list(dict.fromkeys(map(_figure, outcome.participation)))
    return (
        chances[0] if len(chances) == 1 else " / ".join(map(_figure, outcome.participation)),
        _figure(1 - outcome.no_veto),
        low if low == high else f"{low} to {high}",
        _figure(outcome.budget),
        "–" if outcome.rebate is None else _figure(outcome.rebate),
    )


def _vetoes(points: Sequence[ParticipationPoint]) -> Iterator[RenderableType]:
    """What the page says of unravelling and circles, and the listings."""
    unravelled = [p.last for p in points if p.veto and any(e.unravelled for e in p.veto.equilibria)]
    circles = [p.last for p in points if p.veto and p.veto.circles]
    if unravelled:
        yield Text(f"Participation unravels, somebody vetoes for sure: K = {_runs(unravelled)}")
    if circles:
        yield Text(f"Simultaneous replies from nobody vetoing go round in circles: K = {_runs(circles)}")
    for p in points:
        if p.listing is not None:
            yield from _listed(p, p.listing)


def _listed(point: ParticipationPoint, listing: Listing) -> Iterator[RenderableType]:
    count = len(listing.equilibria)
    kind = "equilibria without mixing" if listing.pure else "extreme equilibria, mixed ones included,"
    which = "All" if listing.complete else "Some"
    yield Text(
        f"\nK = {point.last}: {which} {kind} in which everybody may take part: {count}"
        + ("" if listing.complete else f" ({listing.stopped})")
    )
    for e, stays in list(zip(listing.equilibria, listing.stays, strict=True))[:MAX_LISTED]:
        yield Text(f"  no veto {_figure(e.outcome.no_veto)}, budget {_figure(e.outcome.budget)}")
        issues = e.game.economy.issues
        for i, name in enumerate(e.game.economy.agents):
            parts = [
                f"({', '.join(issue.type_names[i][u] for issue, u in zip(issues, vector, strict=True))})"
                + (f" takes part with {_figure(stay)}" if stay else "")
                for vector, stay in zip(listing.vectors[i], stays[i], strict=True)
                if stay != 1
            ]
            more = f" and {len(parts) - MAX_LISTED} more" if len(parts) > MAX_LISTED else ""
            yield Text("    " + words.printable(f"{name} vetoes: {'; '.join(parts[:MAX_LISTED]) or 'never'}{more}"))
    if count > MAX_LISTED:
        yield Text(f"  and {count - MAX_LISTED} more")


def _tariff(points: Sequence[ParticipationPoint]) -> Table:
    table = Table()
    for head in ("K", "best lump sum", "buys", "profit", "surplus", "share", "surplus from trade"):
        table.add_column(head, justify="right")
    for p in points:
        t = p.tariff
        if t is not None:
            figures = (t.lump_sum, t.buys, t.profit, t.surplus)
            share = "–" if t.share is None else _figure(t.share)
            table.add_row(f"{p.last:,}", *map(_figure, figures), share, _figure(t.taken))
    return table


def _figure(value: Fraction) -> str:
    """Six significant digits."""
    return f"{float(value):.6g}" if Fraction(1, 10**4) < abs(value) < 10**6 else words.rounded(value)


def _like_agents(points: Sequence[ParticipationPoint]) -> list[list[int]]:
    found: dict[object, list[int]] = {}
    for i in range(points[0].economy.n):
        found.setdefault(tuple((p.holds or ())[i] for p in points), []).append(i)
    return list(found.values())


def _who(names: Sequence[str]) -> str:
    shown = [words.printable(name) for name in names]
    if len(shown) > 4:
        return f"{len(shown)} agents"
    return f"agent {shown[0]}" if len(shown) == 1 else f"agents {', '.join(shown)}"


def _runs(numbers: Sequence[int]) -> str:
    """Numbers with runs written as ranges."""
    parts: list[list[int]] = []
    for x in numbers:
        if parts and parts[-1][-1] == x - 1:
            parts[-1].append(x)
        else:
            parts.append([x])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]} to {p[-1]}" for p in parts)


def _evenly(points: Sequence[ParticipationPoint]) -> list[ParticipationPoint]:
    count = len(points)
    if count <= MAX_ROWS:
        return list(points)
    kept = sorted({round(k * (count - 1) / (MAX_ROWS - 1)) for k in range(MAX_ROWS)})
    return [points[k] for k in kept]
