"""A solution as a page on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.show import words
from eqsolve.show.printing import heading, plain_text, print_parts
from eqsolve.solution import Equilibrium, Solution

MAX_KINDS = 12
MAX_LINES = 16


def solution_text(solution: Solution, width: int = 100) -> str:
    """A solution as plain text."""
    return plain_text(_page(solution), width)


def print_solution(solution: Solution, console: Console) -> None:
    """Print a readable page: what was solved, in which form and why, equilibria, truth, coordination."""
    print_parts(_page(solution), console)


def _page(solution: Solution) -> Iterator[RenderableType]:
    game = solution.game
    title = words.printable(game.problem.name) or "Linked game"
    yield from heading(f"{title}, {game.copies} linked problem{'s' * (game.copies != 1)}", game.problem.source)
    yield Text()
    yield Text.assemble(("Solved  ", "bold"), f"{words.headline(solution)} ({solution.form} form, {solution.method})")
    yield Text.assemble(("Proved  ", "bold"), words.uniqueness(solution))
    yield Text.assemble(("Rule    ", "bold"), _rule(solution))
    for note in solution.notes:
        yield Text.assemble(("Note    ", "bold"), words.printable(note))
    yield Text()
    yield _payoffs(solution)
    yield _budgets(solution)
    groups = words.kinds(solution)
    for example, indices in groups[:MAX_KINDS]:
        yield Text()
        yield from _kind(solution, example, indices)
    if len(groups) > MAX_KINDS:
        yield Text(f"\n... and {len(groups) - MAX_KINDS} more kinds of equilibria; --json lists all")
    yield Text(
        f"\n{solution.seconds:.2f} s; exact arithmetic throughout, every listed equilibrium has regret 0", style="dim"
    )


def _rule(solution: Solution) -> str:
    if solution.efficiency is None:
        return "efficiency not checked (too many profiles)"
    if solution.efficiency.efficient:
        return "ex ante Pareto efficient"
    gains = ", ".join(
        f"{words.printable(a.name)} gains {words.number(g)}"
        for a, g in zip(solution.game.problem.agents, solution.efficiency.gains, strict=True)
        if g
    )
    return f"not ex ante Pareto efficient: another rule harms nobody and {gains}"


def _payoffs(solution: Solution) -> Table:
    table = Table(title="Payoffs per problem, ex ante", title_justify="left", title_style="bold")
    table.add_column("agent")
    for column in ("truth and rule", "floor", "ceiling", "label-free"):
        table.add_column(column, justify="right")
    label_free = solution.label_free_payoffs or (None,) * solution.game.n
    for k, agent in enumerate(solution.game.problem.agents):
        row = (solution.target[k], solution.floor[k], solution.ceiling[k], label_free[k])
        table.add_row(Text(words.printable(agent.name)), *(words.number(x) for x in row))
    return table


def _budgets(solution: Solution) -> Text:
    lines = []
    for agent, budget in zip(solution.game.problem.agents, solution.game.budgets, strict=True):
        parts = [
            f"{count} × {name}" if isinstance(count, int) else f"{count['at_least']} to {count['at_most']} × {name}"
            for name, count in budget.describe().items()
        ]
        ties = f" (one of {budget.ties} nearest budgets)" if budget.ties > 1 else ""
        lines.append(f"Budget of {words.printable(agent.name)}: {', '.join(parts) or 'none'}{ties}")
    same = {line.split(": ", 1)[1] for line in lines}
    if len(same) == 1 and len(lines) > 1:
        return Text(f"Budget of everybody: {same.pop()}")
    return Text("\n".join(lines))


def _kind(solution: Solution, e: Equilibrium, indices: list[int]) -> Iterator[RenderableType]:
    names = [words.printable(a.name) for a in solution.game.problem.agents]
    label = "Label-free equilibrium" if e.label_free else "Equilibrium"
    which = f"#{indices[0]}" if len(indices) == 1 else f"#{indices[0]} and {len(indices) - 1} like it"
    payoffs = ", ".join(f"{n}: {words.number(p)}" for n, p in zip(names, e.payoffs, strict=True))
    yield Text(f"{label} ({which})", style="bold")
    yield Text(f"  payoffs       {payoffs}")
    yield Text(f"  truth         {words.TRUTH[e.truthful]}")
    yield Text(f"  coordination  {_coordination(solution, e)}")
    if e.walks is not None:
        yield Text(f"  walking away  from {words.number(e.walks)} of the problems")
    for sentence in words.freedom(solution, e):
        yield Text(f"  free          {sentence}")
    if e.strategies is not None:
        yield from _strategies(solution, e)


def _coordination(solution: Solution, e: Equilibrium) -> str:
    found = e.coordination
    names = [words.printable(a.name) for a in solution.game.problem.agents]
    sentence = words.COORDINATION[found.verdict]
    if found.distance:
        sentence += f"; distance {words.number(found.distance)}"
    if found.coalitions:
        sentence += "; coalition " + " and ".join("{" + ", ".join(names[i] for i in c) + "}" for c in found.coalitions)
    if found.gain is not None and any(found.gain):
        moves = [
            f"{n} {'gains' if g > 0 else 'loses'} {words.number(abs(g))}"
            for n, g in zip(names, found.gain, strict=True)
            if g
        ]
        sentence += "; " + ", ".join(moves)
    return sentence


def _strategies(solution: Solution, e: Equilibrium) -> Iterator[RenderableType]:
    """Announcements at each type vector; agents with a single message are passed over."""
    game = solution.game
    for i in game.active:
        strategy = (e.strategies or ())[i]
        lines = list(strategy.plan.items())
        table = Table(box=None, padding=(0, 1), show_header=True)
        table.add_column(Text(f"agent {words.printable(game.problem.agents[i].name)}: types"))
        table.add_column("announces")
        for t, messages in lines[:MAX_LINES]:
            told = " or ".join(
                f"({game.vector_name(i, m)})" + ("" if p == 1 else f" {p}") for m, p in list(messages.items())[:6]
            )
            more = f" and {len(messages) - 6} more" if len(messages) > 6 else ""
            table.add_row(Text(f"({game.vector_name(i, t)})"), Text(told + more))
        yield table
        if len(lines) > MAX_LINES:
            yield Text(f"  ... {len(lines) - MAX_LINES} more type vectors; --json lists all")
