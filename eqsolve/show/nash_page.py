"""The equilibria of a plain game as a page on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.engines.equilibrium_set import MixedEquilibrium, Value
from eqsolve.plain.result import NashResult
from eqsolve.show.printing import plain_text, print_parts
from eqsolve.show.words import printable

MAX_ENTRIES = 60
MAX_STRATEGIES = 12
MAX_SUBSETS = 20
LONG_BITS = 60  # fractions with more binary digits than this are shown as decimals


def nash_text(result: NashResult, width: int = 100) -> str:
    """A result as plain text."""
    return plain_text(_page(result), width)


def print_nash(result: NashResult, console: Console) -> None:
    """Print a readable page: what was found, what is proved, and the equilibria component by component."""
    print_parts(_page(result), console)


def _page(result: NashResult) -> Iterator[RenderableType]:
    game = result.game
    size = " × ".join(map(str, game.shape))
    yield Text(f"{printable(game.title) or 'Plain game'}, {size}", style="bold")
    yield Text(f"Players {', '.join(map(printable, game.players))}", style="dim")
    yield Text()
    yield Text.assemble(("Found   ", "bold"), headline(result))
    if result.optimum is None or result.stopped is not None:
        yield Text.assemble(("Proved  ", "bold"), status(result))
    for note in result.notes:
        yield Text.assemble(("Note    ", "bold"), printable(note))
    if result.optimum is not None:
        yield Text.assemble(("Optimum ", "bold"), optimum(result))
    shown = 0
    for number, component in enumerate(result.components, start=1):
        if shown >= MAX_ENTRIES:
            break
        yield Text()
        yield Text(component_title(result, number, component), style="bold")
        listed = component[: MAX_ENTRIES - shown]
        yield _table(result, [(f"#{k}", result.equilibria[k].strategies, result.equilibria[k].payoffs) for k in listed])
        shown += len(listed)
    if shown < len(result):
        yield Text(f"\n... and {len(result) - shown} more equilibria; --json lists all")
    if result.nearest is not None:
        yield Text("\nNo equilibrium: the profile of least regret that was met", style="bold")
        yield _table(result, [("", result.nearest.strategies, result.nearest.payoffs)])
        gains = zip(game.players, result.nearest.regrets, strict=True)
        yield Text("  regrets " + ", ".join(f"{printable(name)} {short(gain)}" for name, gain in gains))
    end = "; ≈ marks rounded numbers, which --json gives exactly or with certified bounds" if _rounded(result) else ""
    checked = "; every listed equilibrium was verified exactly" if result.equilibria else ""
    yield Text(f"\n{result.seconds:.2f} s{checked}{end}", style="dim")


def headline(result: NashResult) -> str:
    """How many equilibria, in how many sets, by which engine."""
    listed, subsets, parts = len(result), len(result.subsets), len(result.components)
    kind = "symmetric " if result.parameters.get("symmetric") else ""
    if result.complete:
        counts = (
            f"all {kind}equilibria: {listed} extreme, {subsets} maximal Nash subset{'s' * (subsets != 1)}, "
            f"{parts} component{'s' * (parts != 1)}"
        )
    else:
        counts = f"{listed} {kind}equilibri{'um' if listed == 1 else 'a'}"
    return f"{counts} ({result.method})"


def status(result: NashResult) -> str:
    """What is proved."""
    if result.stopped is not None:
        return f"not complete: {printable(result.stopped)}; there may be more"
    return "complete: there are no others" if result.complete else "each is an equilibrium; the list is not complete"


def optimum(result: NashResult) -> str:
    """What is known about the best equilibrium."""
    found = result.optimum
    assert found is not None
    words = f"{printable(found.objective)}: {short(found.value)}"
    if found.proved:
        return f"{words}, and no equilibrium is better"
    return f"{words}; no equilibrium is better than {short(found.bound)}"


def component_title(result: NashResult, number: int, component: Sequence[int]) -> str:
    """A component in words: a point, a convex set, or several sets that touch."""
    members = set(component)
    subsets = [subset for subset in result.subsets if members.issuperset(subset)]
    if result.optimum is not None:
        return "The equilibrium"
    # Sets that were found may touch others that were not.
    name = f"{'Component' if result.complete else 'Set'} {number}"
    if len(component) == 1:
        return f"{name}: one equilibrium"
    if len(subsets) == 1:
        return f"{name}: all mixtures, player by player, of {len(component)} extreme equilibria"
    told = [" ".join(f"#{k}" for k in s[:8]) + (" ..." if len(s) > 8 else "") for s in subsets[:MAX_SUBSETS]]
    more = " and more" if len(subsets) > MAX_SUBSETS else ""
    return f"{name}: {len(subsets)} sets that touch, mixtures within each ({'; '.join(told)}{more})"


def _table(result: NashResult, rows: Sequence[tuple[str, Sequence[Sequence[Value]], Sequence[Value]]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for name in result.game.players:
        table.add_column(Text(printable(name)), overflow="fold")
    table.add_column("payoffs", overflow="fold")
    for mark, strategies, payoffs in rows:
        sides = [Text(mixture(result, i, strategy)) for i, strategy in enumerate(strategies)]
        table.add_row(Text(f"  {mark}"), *sides, Text(", ".join(map(short, payoffs))))
    return table


def mixture(result: NashResult, player: int, strategy: Sequence[Value]) -> str:
    """The strategies that are played, with their probabilities."""
    labels = result.game.strategies[player]
    played = [(printable(labels[k]), p) for k, p in enumerate(strategy) if p]
    if len(played) == 1:
        return played[0][0]
    told = ", ".join(f"{label}: {short(p)}" for label, p in played[:MAX_STRATEGIES])
    return told + (f" and {len(played) - MAX_STRATEGIES} more" if len(played) > MAX_STRATEGIES else "")


def short(value: Value) -> str:
    """A number as people read it: exact while it is short, else a decimal marked as rounded."""
    if isinstance(value, tuple):
        return f"≈{_decimal(sum(value, Fraction(0)) / 2)}"
    if value.numerator.bit_length() + value.denominator.bit_length() <= LONG_BITS:
        return str(value)
    return f"≈{_decimal(value)}"


def _decimal(value: Fraction) -> str:
    try:
        return f"{float(value):.6g}"
    except OverflowError:  # beyond what floats can hold
        return f"{'-' * (value < 0)}2^{value.numerator.bit_length() - value.denominator.bit_length()}"


def _rounded(result: NashResult) -> bool:
    def numbers(e: MixedEquilibrium) -> Iterator[Value]:
        """Payoffs and probabilities of an equilibrium."""
        yield from e.payoffs
        for strategy in e.strategies:
            yield from strategy

    return any(short(value).startswith("≈") for e in result.equilibria[:MAX_ENTRIES] for value in numbers(e))
