"""Settings of the correlation filter and audits as HTML fragments, for notebooks; every name is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from html import escape

from eqsolve.filter.audit import Audit
from eqsolve.filter.setting import Setting
from eqsolve.show import filter_page as page
from eqsolve.show import words


def setting_html(setting: Setting) -> str:
    """What a filter does, and a table of the agents."""
    panel = setting.panel
    rows = (
        (words.printable(panel.names[i]), page.budget(panel, i), page.chance(setting.false_alarms[i]))
        for i in range(panel.n)
    )
    return (
        f"<h4>Correlation filter, K = {panel.copies:,}</h4>"
        f"{_sentences(page.summary(setting))}{_table(('agent', 'announces', 'false alarm'), rows)}"
    )


def audit_html(audit: Audit) -> str:
    """What an audit finds, and tables of the agents and of the farthest comparisons."""
    names = [words.printable(name) for name in audit.panel.names]
    agents = (
        (
            names[i],
            words.number(audit.distances[i]),
            page.chance(audit.p_values[i]),
            words.number(q) if isinstance(q := audit.adjusted[i], Fraction) else f"{q:.6g}",
            "yes" if audit.flags[i] else "no",
        )
        for i in range(audit.panel.n)
    )
    pairs = (
        (names[c.agent], " with ".join(names[j] for j in c.others), words.number(c.distance), page.chance(c.p_value))
        for c in audit.comparisons[: page.MAX_COMPARISONS]
    )
    return (
        f"<h4>Audit of {escape(words.printable(audit.name))}</h4>{_sentences(page.findings(audit))}"
        f"{_table(('agent', 'distance', 'p-value', 'adjusted', 'flagged'), agents)}"
        f"{_table(('agent', 'beside', 'distance', 'p-value'), pairs)}"
    )


def _sentences(parts: Iterator[tuple[str, str]]) -> str:
    return "".join(f"<p><b>{escape(word)}</b> {escape(sentence)}</p>" for word, sentence in parts)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
