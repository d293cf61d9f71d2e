"""A curve as an HTML fragment, for notebooks; every name is escaped."""

from __future__ import annotations

from html import escape

from eqsolve.convergence import Curve
from eqsolve.show import curve_page as page
from eqsolve.show import words


def curve_html(curve: Curve) -> str:
    """A headline, how fast the gap closes, and a table for every group of agents in the same position."""
    parts = [f"<h4>{escape(page.title(curve))}</h4>"]
    parts += [f"<p>{escape(sentence)}</p>" for sentence in page.summary(curve)]
    for group in page.groups(curve) if curve.points else ():
        i = group[0]
        shown = page.rows(curve)
        target = words.number(curve.points[0].target[i])
        head = "".join(f"<th>{column}</th>" for column in ("K", "payoff", "floor", "ceiling", "gap"))
        body = "".join(
            f"<tr><th>{p.copies:,}</th>"
            + "".join(f"<td>{page.figure(x)}</td>" for x in (p.payoffs[i], p.floor[i], p.ceiling[i], p.gap[i]))
            + "</tr>"
            for _, p in shown
        )
        more = f", {len(shown)} of {len(curve.points)} points" if len(shown) < len(curve.points) else ""
        parts.append(
            f"<table><caption>{escape(page.who(curve, group))}: {target} under truth and the rule{more}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
    parts.append(f"<p>{escape(page.arithmetic(curve))}</p>")
    return "".join(parts)
