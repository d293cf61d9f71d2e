"""Who lies where: lie tables as heat maps, agent by agent and, where labels matter, problem by problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from eqsolve.engines.transport import Table as LieTable
from eqsolve.judge.lying import Lying, conditional, tables_by_histogram
from eqsolve.linking import LinkedGame
from eqsolve.show import words
from eqsolve.show.report import naming
from eqsolve.show.report.charts.heat_map import heat_map
from eqsolve.show.report.data import AtCopies, ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.equilibria import per_copies
from eqsolve.show.report.tables import Cell, left_out, number, order, table
from eqsolve.solution import Equilibrium

MAX_CLASSES = 6
MAX_PROBLEMS = 6
MAX_TYPES = 8
MAX_HISTOGRAMS = 40
MAX_TABLES = 4


def section(key: str, found: ModelReport) -> Html:
    """How often which type is announced as which."""
    told = tag(
        "p",
        "Rows are true types, columns announced types: each cell tells how often that type is announced so. Framed "
        "cells are the truth, everything beside them is a lie. Where labels matter, there is a map for every problem.",
    )
    return joined((told, *(per_copies(f"{key}-k{at.copies}", at, _at(f"{key}-k{at.copies}", at)) for at in found.at)))


def _at(key: str, at: AtCopies) -> Html:
    parts: list[Html | None] = [left_out("Lies", at.lies.why)]
    solution = at.solution.value
    if solution is None or at.lies.value is None:
        return joined(parts)
    groups = words.kinds(solution)
    for k, ((example, _), lies) in enumerate(zip(groups, at.lies.value, strict=True)):
        if k == MAX_CLASSES:
            parts.append(tag("p", f"{len(groups) - k} more classes are left out here.", class_="soft"))
            break
        parts.append(_class(f"{key}-c{k}", naming.letter(k), at.game, example, lies))
    return joined(parts)


def _class(key: str, letter: str, game: LinkedGame, example: Equilibrium, lies: tuple[Lying, ...] | None) -> Html:
    title = f"Class {letter}" + (", label-free" if example.label_free else "")
    if lies is None:
        told = "the strategies are too many to be listed, and so are their lie tables"
        return tag("section", tag("h5", title), left_out("Lies", f"left out, as {told}"))
    if not lies:
        return tag("section", tag("h5", title), tag("p", "Nobody has a choice of announcements that matters."))
    groups = _alike(game, example, lies)
    shares = [joined((who, f" lie{'s' * (len(group) == 1)} on ", number(group[0].share))) for who, group in groups]
    return tag(
        "section",
        tag("h5", title),
        tag("p", "Of all problems: ", joined(joined(("; " if k else "", told)) for k, told in enumerate(shares)), "."),
        tag(
            "div",
            joined(joined(_maps(f"{key}-a{g[0].agent}", letter, game, who, g[0])) for who, g in groups),
            class_="maps",
        ),
        joined(_alternative(f"{key}-a{g[0].agent}", game, example, who, g[0]) for who, g in groups),
    )


def _alike(game: LinkedGame, example: Equilibrium, lies: Sequence[Lying]) -> list[tuple[str, list[Lying]]]:
    """Agents of the same types who announce alike together, with their names."""
    groups: dict[object, list[Lying]] = {}
    for one in lies:
        types = tuple((t.name, t.prob) for t in game.problem.agents[one.agent].types)
        tables = tuple(tables_by_histogram(game, example, one.agent).items()) if one.even else ()
        groups.setdefault((types, one.problems, tables), []).append(one)
    return [(naming.agents(game.problem, [one.agent for one in group]), group) for group in groups.values()]


def _maps(key: str, letter: str, game: LinkedGame, who: str, one: Lying) -> Iterator[Html]:
    types = [words.printable(name) for name in game.problem.agents[one.agent].type_names]
    if len(types) > MAX_TYPES:
        yield tag(
            "p", f"{naming.capital(who)}: {len(types)} types, too many for a map; the table below has the figures."
        )
        return
    shown: Sequence[tuple[str, Sequence[Sequence[Fraction]]]]
    if one.even or len(one.problems) > MAX_PROBLEMS:
        shown = [("all problems" if one.even else "mean over all problems", one.mean)]
    else:
        shown = [(f"problem {k + 1}", matrix) for k, matrix in enumerate(one.problems)]
    for k, (where, matrix) in enumerate(shown):
        title = f"{naming.capital(who)}, {where}"
        drawn = heat_map(
            f"{key}-p{k}",
            f"Class {letter}, K = {game.copies:,}: announcements of {who}, {where}",
            types,
            types,
            conditional(matrix),
        )
        yield tag("figure", tag("figcaption", title), drawn)


def _alternative(key: str, game: LinkedGame, example: Equilibrium, who: str, one: Lying) -> Html:
    """The figures of the maps as a table, and the lie tables behind them where labels do not matter."""
    types = [words.printable(name) for name in game.problem.agents[one.agent].type_names]
    rows = []
    for k, matrix in enumerate(one.problems):
        where = "all" if one.even else str(k + 1)
        for u, line in enumerate(conditional(matrix)):
            cells = [Cell(number(q), None if q is None else order(q)) for q in line]
            rows.append((Cell(f"{where}, {types[u]}"), *cells))
    columns = ("problem, true type", *(f"announces {name}" for name in types))
    parts = [table(f"{key}-figures", f"Announcements of {who} by true type", columns, rows)]
    if one.even:
        parts += list(_by_histogram(key, game, example, who, one.agent))
    return tag("details", tag("summary", f"Figures of {who}"), joined(parts))


def _by_histogram(key: str, game: LinkedGame, example: Equilibrium, who: str, i: int) -> Iterator[Html]:
    """Which lie tables are used, by how often the agent has each type."""
    found = tables_by_histogram(game, example, i)
    if not found:
        return
    agent = game.problem.agents[i]
    types = [words.printable(name) for name in agent.type_names]
    chances = dict(game.histogram_law(i).items())
    rows = [
        (
            ", ".join(f"{c} × {types[u]}" for u, c in enumerate(histogram) if c),
            Cell(number(chances.get(histogram)), order(chances.get(histogram, Fraction(0)))),
            _told(tables, types),
        )
        for histogram, tables in list(found.items())[:MAX_HISTOGRAMS]
    ]
    more = f", the first {MAX_HISTOGRAMS} of {len(found):,}" if len(found) > MAX_HISTOGRAMS else ""
    yield table(
        f"{key}-tables",
        f"Lies of {who} by true types{more}",
        ("true types", "probability", "lies"),
        rows,
    )


def _told(tables: Sequence[LieTable], types: Sequence[str]) -> str:
    told = []
    for one in tables[:MAX_TABLES]:
        lies = [
            f"{count} × {types[u]} announced as {types[v]}"
            for u, row in enumerate(one)
            for v, count in enumerate(row)
            if count and u != v
        ]
        told.append(", ".join(lies) or "none")
    more = f"; or {len(tables) - MAX_TABLES} more" if len(tables) > MAX_TABLES else ""
    return "; or ".join(told) + more
