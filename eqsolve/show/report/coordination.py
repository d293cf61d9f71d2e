"""Coordination on labels: whose announcements move whom, which coalitions there are, who gains and who loses."""

from __future__ import annotations

from eqsolve.show import words
from eqsolve.show.report import naming
from eqsolve.show.report.charts.graph import graph
from eqsolve.show.report.data import AtCopies, ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.equilibria import badge, gains, per_copies
from eqsolve.show.report.tables import figure, left_out, table
from eqsolve.solution import Equilibrium, Solution

MAX_CLASSES = 8
MAX_AGENTS = 16


def section(key: str, found: ModelReport) -> Html:
    """The correlation graph of every class in which labels matter."""
    told = tag(
        "p",
        "An arrow goes from an agent whose labels matter to one whose payoff they move, against announcements that "
        "look alike on every problem; its distance is a share of the problems. Agents that arrows "
        "join may be a coalition.",
    )
    return joined((told, *(per_copies(f"{key}-k{at.copies}", at, _at(f"{key}-k{at.copies}", at)) for at in found.at)))


def _at(key: str, at: AtCopies) -> Html:
    solution = at.solution.value
    if solution is None:
        return joined((left_out("Coordination", "left out, as no equilibria are known"),))
    moved = [(k, e) for k, (e, _) in enumerate(words.kinds(solution)) if e.coordination.distance]
    if not moved:
        return tag("p", "No listed equilibrium coordinates on labels.")
    parts = [_class(f"{key}-c{k}", naming.letter(k), solution, e) for k, e in moved[:MAX_CLASSES]]
    if len(moved) > MAX_CLASSES:
        parts.append(tag("p", f"{len(moved) - MAX_CLASSES} more classes are left out here.", class_="soft"))
    return tag("div", joined(parts), class_="panels")


def _class(key: str, letter: str, solution: Solution, e: Equilibrium) -> Html:
    game, found = solution.game, e.coordination
    names = naming.names(game.problem)
    members = frozenset(i for coalition in found.coalitions for i in coalition)
    edges = [
        (a, b, float(d), f"labels of {names[a]} move {names[b]}: distance {words.number(d)}") for a, b, d in found.edges
    ]
    drawn = None
    if edges and game.n <= MAX_AGENTS:
        title = f"Class {letter}, K = {game.copies:,}: whose labels move whom"
        drawn = graph(f"{key}-graph", title, names, edges, members)
    elif edges:
        drawn = tag("p", f"{game.n} agents are too many for a drawing; the table has the arrows.", class_="soft")
    moved = gains(solution, found.gain)
    rows = [(names[a], names[b], figure(d)) for a, b, d in found.edges]
    coalition = naming.coalitions(game, found.coalitions)
    told = words.COORDINATION[found.verdict]
    more = [told] if told != found.verdict else []
    more += [f"coalition {coalition}"] if coalition else []
    return tag(
        "section",
        tag("h5", f"Class {letter}"),
        tag("p", badge(found.verdict), " ", "; ".join(more), "." if more else None),
        None if moved is None else tag("p", "Against label-free play ", moved, "."),
        drawn,
        table(f"{key}-edges", f"Arrows of class {letter}", ("labels of", "move", "distance"), rows) if rows else None,
        class_="panel",
    )
