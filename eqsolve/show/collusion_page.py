"""What coalitions can gain, as a page on the terminal."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.collusion.coalition import Coalition
from eqsolve.collusion.result import Collusion, Stage
from eqsolve.show import words
from eqsolve.show.printing import plain_text, print_parts


def collusion_text(found: Collusion, width: int = 100) -> str:
    """What a coalition can gain as plain text."""
    return plain_text(_page([found], "", None), width)


def print_collusion(found: Sequence[Collusion], title: str, stopped: str | None, console: Console) -> None:
    """Print what coalitions can gain, one after the other; several numbers of problems begin with a summary.

    Parameters
    ----------
    found : Collusions, at least one
    title : str
        What the model is called.
    stopped : str or None
        Why something is missing.
    console : Console
    """
    print_parts(_page(found, title, stopped), console)


def _page(found: Sequence[Collusion], title: str, stopped: str | None) -> Iterator[RenderableType]:
    """The whole page, part by part."""
    copies = sorted({one.coalition.game.copies for one in found})
    name = f"Collusion: {words.printable(title)}" if title else "Collusion"
    yield Text(f"{name}, {_listed(copies)} linked problem{'s' * (copies != [1])}", style="bold")
    if stopped and not any(one.stopped for one in found):
        yield _line("Stopped", f"{words.printable(stopped)}: what is known so far")
    if len(copies) > 1:
        yield from _summary(found, copies)
    for one in found:
        yield Text()
        if len(copies) > 1:
            yield Text(f"{one.coalition.game.copies:,} problems", style="bold")
        yield from _coalition(one)
    yield Text(f"\n{sum(c.seconds for c in found):.2f} s; exact arithmetic throughout", style="dim")


def _summary(found: Sequence[Collusion], copies: Sequence[int]) -> Iterator[RenderableType]:
    """For each coalition: gains against ε and K, and where the fixed opposite plan survives."""
    for members in dict.fromkeys(one.coalition.members for one in found):
        own = [one for one in found if one.coalition.members == members]
        who = _named(own[0].coalition, members)
        yield Text()
        yield _crossed(own, copies, f"Gain of {who} together", _total)
        if any(stage.opposite is not None for one in own for stage in one.stages):
            title = f"What {who} gain at most by leaving the fixed opposite plan (0: it survives)"
            yield _crossed(own, copies, title, _leaving)


def _crossed(own: Sequence[Collusion], copies: Sequence[int], title: str, cell: Callable[[Stage], str]) -> Table:
    """A row for every ε, a column for every number of problems."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("epsilon")
    for number in copies:
        table.add_column(f"K = {number:,}", justify="right")
    told = {(one.coalition.game.copies, s.point.epsilon): cell(s) for one in own for s in one.stages}
    for epsilon in sorted({e for _, e in told}, key=lambda e: (e is None, e or Fraction(0))):
        table.add_row(_epsilon(epsilon), *(told.get((number, epsilon), "-") for number in copies))
    return table


def _total(stage: Stage) -> str:
    """The sum of gains as a cell."""
    return _gain(stage.point.total)


def _leaving(stage: Stage) -> str:
    """The gain from leaving the fixed opposite plan as a cell."""
    return "-" if stage.opposite is None else words.number(stage.opposite.deviation.gain)


def _listed(copies: Sequence[int]) -> str:
    numbers = [f"{k:,}" for k in copies]
    return " and ".join(part for part in (", ".join(numbers[:-1]), numbers[-1]) if part)


def _coalition(found: Collusion) -> Iterator[RenderableType]:
    """One coalition on one number of problems."""
    who = _named(found.coalition, found.coalition.members)
    how = "tell each other their types" if found.pooled else "cannot talk once they know their types"
    yield _line("Who", f"{who} {how}; everybody else plays label-free")
    yield _line("Filter", f"announcements pass at a {found.kind} distance of at most epsilon among the members")
    yield _line("Gain", "over label-free play without a filter, per problem; each member gets at least that")
    if found.stopped:
        yield _line("Stopped", f"{found.stopped}: what is known so far")
    for note in found.notes:
        yield _line("Note", words.printable(note))
    yield Text()
    yield _frontier(found)
    for first, last, sentences in _spans(found):
        for sentence in sentences:
            yield _line(first if first == last else f"{first} to {last}", sentence)


def _spans(found: Collusion) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What is told of the filters: those next to each other of which the same is told are taken together."""
    told = [(stage.point.epsilon, tuple(_sentences(stage, found))) for stage in found.stages]
    for _, group in itertools.groupby(told, key=lambda pair: (pair[0] is None, pair[1])):
        part = list(group)
        yield _epsilon(part[0][0]), _epsilon(part[-1][0]), part[0][1]


def _line(word: str, sentence: str) -> Text:
    return Text.assemble((f"{word:9} ", "bold"), sentence)


def _frontier(found: Collusion) -> Table:
    """Gains and losses, a row for every ε."""
    coalition = found.coalition
    table = Table(title="What the coalition can gain", title_justify="left", title_style="bold")
    table.add_column("epsilon")
    for i in coalition.members:
        table.add_column(f"gain of {words.printable(coalition.game.problem.agents[i].name)}", justify="right")
    for j in coalition.outsiders:
        table.add_column(f"loss of {words.printable(coalition.game.problem.agents[j].name)}", justify="right")
    if any(stage.limit is not None for stage in found.stages):
        table.add_column("many problems", justify="right")
    table.add_column("equilibrium")
    for stage in found.stages:
        point = stage.point
        cells = [_epsilon(point.epsilon)]
        cells += [_gain(point.gain.get(i)) for i in coalition.members]
        cells += [_gain(point.loss.get(j)) for j in coalition.outsiders]
        if any(s.limit is not None for s in found.stages):
            cells.append("-" if stage.limit is None else _gain(stage.limit.total))
        table.add_row(*cells, _verdict(stage))
    return table


def _verdict(stage: Stage) -> str:
    """Whether the plan is an equilibrium, in a word."""
    if stage.point.total is None:
        return "-"
    return {True: "yes", False: "no", None: "not settled"}[stage.equilibrium]


def _sentences(stage: Stage, found: Collusion) -> Iterator[str]:
    """What is behind a line of the table, and what of it holds."""
    coalition, point = found.coalition, stage.point
    if point.total is None:
        bound = "" if point.bound is None else f"; all of them together gain at most {words.number(point.bound)}"
        yield f"{point.why}{bound}"
    elif point.bound is not None:
        yield f"found; nothing gains more than {words.number(point.bound)} in sum"
    if stage.trial is not None and stage.trial.disobedience.gain:
        worst = stage.trial.disobedience
        name = words.printable(coalition.game.problem.agents[worst.agent].name)
        yield f"{name} would leave the plan for {words.number(worst.gain)} more at some types"
        if stage.holding is not None and stage.holding.total is None:
            yield stage.holding.why
    if stage.holding is not None and stage.holding.total is not None:
        yield f"plans that no member would leave gain {words.number(stage.holding.total)} in sum"
    last = stage.trial if stage.holding_trial is None else stage.holding_trial
    if last is not None and last.deviation:
        yield f"a member gains {words.number(last.deviation)} by telling the others false types"
    if last is not None and last.outsiders:
        yield f"an outsider gains {words.number(last.outsiders)} by announcing otherwise"
    if stage.deviation is not None and stage.deviation.gain:
        name = words.printable(coalition.game.problem.agents[stage.deviation.agent].name)
        yield f"{name} gains {words.number(stage.deviation.gain)} by another message at some types"
    if stage.opposite is not None:
        kept = (
            "survives"
            if stage.opposite.survives
            else "does not survive: a member gains " + words.number(stage.opposite.deviation.gain)
        )
        flagged = "flagged" if stage.opposite.flagged else "not flagged"
        yield f"the fixed opposite plan is {flagged} and {kept}"


def _named(coalition: Coalition, agents: Sequence[int]) -> str:
    names = [words.printable(coalition.game.problem.agents[i].name) for i in agents]
    return ", ".join(names[:-1]) + " and " + names[-1]


def _epsilon(epsilon: Fraction | None) -> str:
    return (
        "no filter" if epsilon is None else str(epsilon) if len(str(epsilon)) <= words.LONG else words.number(epsilon)
    )


def _gain(value: Fraction | None) -> str:
    return "-" if value is None else words.number(value)
