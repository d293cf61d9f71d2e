"""A study of a model with interdependent values as an HTML fragment, for notebooks; every name is escaped."""

from __future__ import annotations

from html import escape

from eqsolve.interdependent.study import Study
from eqsolve.show import words
from eqsolve.show.interdependent_page import coarsest_grids, verdicts


def study_html(found: Study) -> str:
    """What was found in sentences, and a table with a row for every grid and strength."""
    parts = [f"<h4>{escape(words.printable(found.model.name) or 'Interdependent values')}</h4>"]
    sentences = verdicts(found, found.points[0]) if len(found.points) == 1 else coarsest_grids(found)
    if found.stopped is not None:
        sentences.append(f"Not complete: {words.printable(found.stopped)}")
    parts += [f"<p>{escape(sentence)}</p>" for sentence in sentences]
    columns = ("points", "strength", "violation", "transfers exist", "first best", "second best", "loss")
    head = "".join(f"<th>{column}</th>" for column in columns)
    body = ""
    for p in found.points:
        best = p.second_best
        cells = [
            "own grid" if p.points is None else str(p.points),
            str(p.strength),
            words.number(p.congruence.violation),
            "yes" if p.support.exists else "no",
            words.number(p.rule.welfare),
            words.number(None if best is None else best.welfare),
            words.number(None if best is None else best.loss),
        ]
        body += f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
    parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    return "".join(parts)
