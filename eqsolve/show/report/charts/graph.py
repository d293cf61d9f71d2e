"""Directed graphs on a circle: whose labels move whom."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eqsolve.show.report.charts.drawing import drawing, shortened
from eqsolve.show.report.elements import Html, joined, tag

SIZE = 300.0
RADIUS = 104.0
NODE = 25.0


def graph(
    key: str,
    title: str,
    names: Sequence[str],
    edges: Sequence[tuple[int, int, float, str]],
    members: frozenset[int],
) -> Html:
    """Agents on a circle with an arrow per edge.

    Parameters
    ----------
    key, title : str
    names : one per node
    edges : (source, target, weight, text)
        Arrows are as thick as their weight; the text tells it.
    members : nodes that are drawn as a coalition
    """
    places = [_place(k, len(names)) for k in range(len(names))]
    heaviest = max((w for _, _, w, _ in edges), default=1.0) or 1.0
    arrows = [_arrow(places[a], places[b], w / heaviest, told) for a, b, w, told in edges]
    nodes = [_node(places[k], name, k in members) for k, name in enumerate(names)]
    told = f"Circles are agents, arrows go from those whose labels matter to those they move. {len(edges)} arrows."
    return drawing(key, title, told, SIZE, SIZE, [*arrows, *nodes], "graph")


def _place(k: int, count: int) -> tuple[float, float]:
    turn = 2 * math.pi * k / count - math.pi / 2
    return SIZE / 2 + RADIUS * math.cos(turn), SIZE / 2 + RADIUS * math.sin(turn)


def _node(place: tuple[float, float], name: str, member: bool) -> Html:
    x, y = place
    return tag(
        "g",
        tag("title", f"agent {name}" + (", in a coalition" if member else "")),
        tag("circle", class_="node member" if member else "node", cx=x, cy=y, r=NODE),
        tag("text", shortened(name, 5), class_="figure", x=x, y=y + 4.5, text_anchor="middle", aria_hidden="true"),
        class_="mark",
    )


def _arrow(start: tuple[float, float], end: tuple[float, float], share: float, told: str) -> Html:
    """A curved arrow, so that one each way can be told apart."""
    (ax, ay), (bx, by) = start, end
    length = math.hypot(bx - ax, by - ay) or 1.0
    ux, uy = (bx - ax) / length, (by - ay) / length
    bend = 22.0
    mx, my = (ax + bx) / 2 - uy * bend, (ay + by) / 2 + ux * bend
    sx, sy = _towards((ax, ay), (mx, my), NODE + 2)
    ex, ey = _towards((bx, by), (mx, my), NODE + 3)
    dx, dy = ex - mx, ey - my
    size = math.hypot(dx, dy) or 1.0
    dx, dy = dx / size, dy / size
    tip = 10.0
    corners = [
        (ex, ey),
        (ex - tip * dx - 0.5 * tip * dy, ey - tip * dy + 0.5 * tip * dx),
        (ex - tip * dx + 0.5 * tip * dy, ey - tip * dy - 0.5 * tip * dx),
    ]
    neck = (ex - 0.8 * tip * dx, ey - 0.8 * tip * dy)
    path = f"M{sx:.2f} {sy:.2f} Q{mx:.2f} {my:.2f} {neck[0]:.2f} {neck[1]:.2f}"
    parts = (
        tag("title", told),
        tag("path", class_="reach", d=path, stroke_width=14),
        tag("path", class_="edge", d=path, stroke_width=1.2 + 2.6 * share),
        tag("polygon", class_="tip", points=" ".join(f"{x:.2f},{y:.2f}" for x, y in corners)),
    )
    return tag("g", joined(parts), class_="mark")


def _towards(start: tuple[float, float], end: tuple[float, float], step: float) -> tuple[float, float]:
    length = math.hypot(end[0] - start[0], end[1] - start[1]) or 1.0
    return start[0] + step * (end[0] - start[0]) / length, start[1] + step * (end[1] - start[1]) / length
