"""The equilibria of a plain game as an HTML fragment, for notebooks; every name is escaped."""

from __future__ import annotations

from html import escape

from eqsolve.plain.result import NashResult
from eqsolve.show import nash_page as page
from eqsolve.show.words import printable

MAX_ROWS = 200


def nash_html(result: NashResult) -> str:
    """A headline, and one table with the components one below the other."""
    game = result.game
    parts = [
        f"<p><b>{_safe(printable(game.title) or 'Plain game')}</b>: {_safe(page.headline(result))}; "
        f"{_safe(page.status(result))}</p>"
    ]
    parts += [f"<p>{_safe(printable(note))}</p>" for note in result.notes]
    if result.optimum is not None:
        parts.append(f"<p>{_safe(page.optimum(result))}</p>")
    width = game.n_players + 2
    rows, shown = [], 0
    for number, component in enumerate(result.components, start=1):
        listed = component[: MAX_ROWS - shown]
        if not listed:
            break
        rows.append(f'<tr><th colspan="{width}">{_safe(page.component_title(result, number, component))}</th></tr>')
        for k in listed:
            e = result.equilibria[k]
            cells = [page.mixture(result, i, strategy) for i, strategy in enumerate(e.strategies)]
            rows.append(_row(f"#{k}", [*cells, ", ".join(map(page.short, e.payoffs))]))
        shown += len(listed)
    if result.nearest is not None:
        regret = _safe(page.short(result.nearest.regret))
        rows.append(f'<tr><th colspan="{width}">no equilibrium, regret {regret}</th></tr>')
        cells = [page.mixture(result, i, strategy) for i, strategy in enumerate(result.nearest.strategies)]
        rows.append(_row("", [*cells, ", ".join(map(page.short, result.nearest.payoffs))]))
    head = "".join(f"<th>{_safe(printable(name))}</th>" for name in ("", *game.players, "payoffs"))
    parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>")
    if shown < len(result):
        parts.append(f"<p>... and {len(result) - shown} more</p>")
    return "".join(parts)


def _row(mark: str, cells: list[str]) -> str:
    return f"<tr><td>{_safe(mark)}</td>{''.join(f'<td>{_safe(cell)}</td>' for cell in cells)}</tr>"


def _safe(text: str) -> str:
    return escape(text)
