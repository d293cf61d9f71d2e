"""The correlation filter as a page on the terminal: a setting, a table over K, an audit of announcements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.filter.audit import Audit
from eqsolve.filter.chances import Bracket, Chance, Estimate, upper
from eqsolve.filter.panel import Panel
from eqsolve.filter.setting import Setting
from eqsolve.show import words
from eqsolve.show.printing import plain_text, print_parts

MAX_AGENTS = 24
MAX_COMPARISONS = 16


def setting_text(setting: Setting, width: int = 100) -> str:
    """A setting as plain text."""
    return plain_text(_setting_page(setting, ""), width)


def audit_text(audit: Audit, width: int = 100) -> str:
    """An audit as plain text."""
    return plain_text(_audit_page(audit), width)


def print_setting(setting: Setting, title: str, console: Console) -> None:
    """Print what a filter does to innocent and to coordinated play."""
    print_parts(_setting_page(setting, title), console)


def print_table(settings: Sequence[Setting], title: str, stopped: str | None, console: Console) -> None:
    """Print filters for several numbers of problems, a line each."""
    print_parts(_table_page(settings, title, stopped), console)


def print_audit(audit: Audit, console: Console) -> None:
    """Print who stands out beside whom, and how often chance does as much."""
    print_parts(_audit_page(audit), console)


def _setting_page(setting: Setting, title: str) -> Iterator[RenderableType]:
    copies = setting.panel.copies
    yield Text(f"{heading(title)}, {copies:,} linked problem{'s' * (copies != 1)}", style="bold")
    yield Text()
    for word, sentence in summary(setting):
        yield Text.assemble((f"{word:8}", "bold"), sentence)
    yield Text()
    yield _agents(setting)
    yield Text(f"\n{setting.seconds:.2f} s", style="dim")


def heading(title: str) -> str:
    """What a page is called."""
    return f"Correlation filter: {words.printable(title)}" if title else "Correlation filter"


def summary(setting: Setting) -> Iterator[tuple[str, str]]:
    """What a filter does, in sentences, each with its catchword."""
    yield "Filter", flagging(setting)
    yield (
        "Chance",
        f"independent play flags an agent with probability {chance(setting.false_alarm)} at most, "
        f"somebody with probability {chance(setting.family_wise)}",
    )
    if setting.complete is not None and setting.coalition is not None:
        pair = " and ".join(words.printable(setting.panel.names[i]) for i in setting.coalition)
        yield "Power", f"complete collusion of {pair} is flagged with probability {chance(setting.complete)}"
    if setting.plan is not None:
        who = ", ".join(words.printable(setting.panel.names[i]) for i in setting.members)
        yield "Plan", f"the plan of {who} is flagged with probability {chance(setting.plan)}"
    if "independent" in setting.simulations:
        played = setting.simulations["independent"]
        share = played.exceeds(tuple(range(setting.panel.n)), setting.epsilon)
        yield "Played", f"{played.rounds:,} rounds of independent play: somebody flagged in a share of {chance(share)}"
    for note in setting.notes:
        yield "Note", words.printable(note)


def flagging(setting: Setting) -> str:
    """Who is flagged."""
    level = f"level {chance(setting.alpha)} {'family-wise' if setting.per_family else 'per agent'}"
    return f"flagged is who has a {setting.kind} distance above {words.number(setting.epsilon)}; {level}"


def chance(value: Chance | None) -> str:
    """A probability as people read it; bounds and estimates say what they are."""
    if isinstance(value, Bracket):
        return f"{words.rounded(value.low)} to {words.rounded(value.high)}"
    if isinstance(value, Estimate):
        return f"{value.value:.6g} ± {value.stderr:.2g} (estimated)"
    return "-" if value is None else words.number(value)


def _agents(setting: Setting) -> Table:
    panel = setting.panel
    table = Table(title="Agents under independent play", title_justify="left", title_style="bold")
    table.add_column("agent")
    table.add_column("announces")
    table.add_column("false alarm", justify="right")
    played = setting.simulations.get("independent")
    if played is not None:
        table.add_column("simulated", justify="right")
    for i in range(min(panel.n, MAX_AGENTS)):
        cells = [chance(setting.false_alarms[i])]
        if played is not None:
            cells.append(chance(played.exceeds((i,), setting.epsilon)).removesuffix(" (estimated)"))
        table.add_row(Text(words.printable(panel.names[i])), Text(budget(panel, i)), *cells)
    if panel.n > MAX_AGENTS:
        table.add_row(f"... {panel.n - MAX_AGENTS} more", "", "--json lists all")
    return table


def budget(panel: Panel, i: int) -> str:
    """How often an agent announces what."""
    counts = zip(panel.types[i], panel.budgets[i], strict=True)
    parts = [f"{count} × {words.printable(name)}" for name, count in counts if count]
    return ", ".join(parts[:6]) + (f" and {len(parts) - 6} types more" if len(parts) > 6 else "")


def _table_page(settings: Sequence[Setting], title: str, stopped: str | None) -> Iterator[RenderableType]:
    yield Text(heading(title), style="bold")
    if settings:
        first = settings[0]
        bounded = "family-wise" if first.per_family else "per agent"
        yield Text(f"{first.kind} distance, false alarms {bounded} against the level", style="dim")
        yield Text()
        table = Table()
        for column in ("K", "level", "epsilon", "false alarm", "family-wise", "power"):
            table.add_column(column, justify="right")
        for s in settings:
            cells = (s.alpha, s.epsilon, s.false_alarm, s.family_wise, s.complete)
            table.add_row(f"{s.panel.copies:,}", *(chance(x).removesuffix(" (estimated)") for x in cells))
        yield table
        for note in dict.fromkeys(note for s in settings for note in s.notes if "distance is coarse" not in note):
            yield Text.assemble(("Note    ", "bold"), words.printable(note))
    if stopped:
        yield Text(f"stopped ({stopped}) after {len(settings)} numbers of problems")


def _audit_page(audit: Audit) -> Iterator[RenderableType]:
    panel = audit.panel
    yield Text(f"Audit of {words.printable(audit.name)}: {panel.n} agents, {panel.copies:,} problems", style="bold")
    yield Text()
    for word, sentence in findings(audit):
        yield Text.assemble((f"{word:8}", "bold"), sentence)
    yield Text()
    yield _judged(audit)
    yield Text()
    yield _comparisons(audit)
    yield Text(f"\n{audit.seconds:.2f} s", style="dim")


def findings(audit: Audit) -> Iterator[tuple[str, str]]:
    """What an audit finds, in sentences, each with its catchword."""
    names = [words.printable(name) for name in audit.panel.names]
    flagged = [name for name, flag in zip(names, audit.flags, strict=True) if flag]
    yield "Found", f"flagged: {', '.join(flagged)}" if flagged else "nobody is flagged"
    yield (
        "Chance",
        f"independent play puts somebody as far as the farthest of them with probability {chance(audit.family_p)}",
    )
    yield "Filter", flagging(audit.setting)
    for note in audit.notes:
        yield "Note", words.printable(note)


def _judged(audit: Audit) -> Table:
    table = Table(title="Agents", title_justify="left", title_style="bold")
    table.add_column("agent")
    table.add_column("announces")
    for column in ("distance", "p-value", "adjusted", "flagged"):
        table.add_column(column, justify="right")
    order = sorted(range(audit.panel.n), key=lambda i: (upper(audit.p_values[i]), -audit.distances[i], i))
    for i in order[:MAX_AGENTS]:
        adjusted = audit.adjusted[i]
        table.add_row(
            Text(words.printable(audit.panel.names[i])),
            Text(budget(audit.panel, i)),
            words.number(audit.distances[i]),
            chance(audit.p_values[i]),
            words.number(adjusted) if isinstance(adjusted, Fraction) else f"{adjusted:.6g}",
            "yes" if audit.flags[i] else "no",
        )
    if len(order) > MAX_AGENTS:
        table.add_row(f"... {len(order) - MAX_AGENTS} more", "--json lists all")
    return table


def _comparisons(audit: Audit) -> Table:
    table = Table(title="Farthest comparisons", title_justify="left", title_style="bold")
    for column in ("agent", "beside"):
        table.add_column(column)
    for column in ("distance", "p-value"):
        table.add_column(column, justify="right")
    names = [words.printable(name) for name in audit.panel.names]
    for c in audit.comparisons[:MAX_COMPARISONS]:
        beside = " with ".join(names[j] for j in c.others)
        table.add_row(Text(names[c.agent]), Text(beside), words.number(c.distance), chance(c.p_value))
    return table
