"""Models with interdependent values, examined: as a page on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from eqsolve.interdependent.congruence import NO_SOCIAL_EFFECT, SIGN, PairCongruence
from eqsolve.interdependent.model import InterdependentModel, Vector
from eqsolve.interdependent.study import Study, StudyPoint
from eqsolve.interdependent.support import BAYESIAN
from eqsolve.show import words
from eqsolve.show.printing import heading, plain_text, print_parts

MAX_PAIRS = 40
MAX_CYCLE = 8
STAGE = {BAYESIAN: "Bayesian", "ex-post": "ex post"}


def study_text(found: Study, width: int = 120) -> str:
    """A study as plain text."""
    return plain_text(_page(found), width)


def print_study(found: Study, console: Console) -> None:
    """Print what was found; of several grids or strengths a line each."""
    print_parts(_page(found), console)


def _page(found: Study) -> Iterator[RenderableType]:
    model = found.model
    yield from heading(words.printable(model.name) or "Interdependent values", model.source)
    yield Text()
    if len(found.points) == 1:
        yield from _single(found, found.points[0])
    elif found.points:
        yield from _pairs(found.points[-1])
        yield Text()
        yield from _along(found)
    if found.stopped is not None:
        yield Text(f"\nNot complete: {words.printable(found.stopped)}; what is known is shown")
    yield Text(f"\n{found.seconds:.2f} s; exact arithmetic; --json gives all figures exactly", style="dim")


def _single(found: Study, point: StudyPoint) -> Iterator[RenderableType]:
    sizes = " × ".join(f"{size:,}" for size in point.model.shape)
    yield Text(
        f"{sizes} signals; efficient rule, ties {_ties(point.model)}; welfare {words.number(point.rule.welfare)}"
    )
    yield Text()
    yield from _pairs(point)
    yield Text()
    for sentence in verdicts(found, point):
        yield Text(sentence)


def _ties(model: InterdependentModel) -> str:
    return "to the first alternative" if model.ties == "first" else "by lot"


def _pairs(point: StudyPoint) -> Iterator[RenderableType]:
    """Effects of signals on pairs of alternatives."""
    model, pairs = point.model, point.congruence.pairs
    table = Table(title="Effects of signals on a pair of alternatives", title_justify="left", title_style="bold")
    for name in ("agent", "alternatives", "on its own values", "on the sum of values", "congruent"):
        table.add_column(name)
    for pair in pairs[:MAX_PAIRS]:
        names = [words.printable(model.alternatives[k]) for k in pair.pair]
        agent = words.printable(model.agents[pair.agent].name)
        cells = (agent, " − ".join(names), _vector(pair.private), _vector(pair.social), _congruent(pair))
        table.add_row(*map(Text, cells))
    if len(pairs) > MAX_PAIRS:
        table.caption = f"and {len(pairs) - MAX_PAIRS} more; --json has all of them"
        table.caption_justify = "left"
    if pairs:
        yield table


def _congruent(pair: PairCongruence) -> str:
    if pair.why == NO_SOCIAL_EFFECT:
        return "yes: no effect on the sum"
    if pair.holds:
        return "yes"
    broken = "opposite signs" if pair.why == SIGN else "not proportional"
    return f"no: {broken}, by {words.rounded(pair.violation)}"


def _vector(vector: Vector) -> str:
    return f"({', '.join(map(str, vector))})" if len(vector) != 1 else str(vector[0])


def verdicts(found: Study, point: StudyPoint) -> list[str]:
    """What was found on one grid, in sentences."""
    stage = STAGE[found.incentives]
    sentences = []
    check = point.thresholds
    if check is not None:
        if check.best is None:
            sentences.append(
                f"Transfers (7.12): no lie gains at any of {check.profiles:,} profiles ({check.lies:,} lies tried)"
            )
        else:
            lie, model = check.best, point.model
            true = ", ".join(
                f"{words.printable(a.name)}: {told(model, j, s)}"
                for j, (a, s) in enumerate(zip(model.agents, lie.profile, strict=True))
            )
            sentences.append(
                f"Transfers (7.12): at the signals {true} agent {words.printable(model.agents[lie.agent].name)} gains "
                f"{words.number(lie.gain)} by reporting {told(model, lie.agent, lie.report)}"
            )
    if point.support.exists:
        sentences.append(f"Supporting transfers exist ({stage}); --certificate writes them")
    else:
        sentences.append(f"No supporting transfers ({stage}): {cycle_words(point)}")
    if point.second_best is not None:
        best = point.second_best
        sentences.append(
            f"Second best ({stage}): welfare {words.number(best.welfare)} of {words.number(best.first_best)}, "
            f"a loss of {words.number(best.loss)}"
        )
        if not best.loss and not point.support.exists:
            sentences.append("Nothing is lost: another efficient rule, with other ties, can be supported")
    return sentences


def cycle_words(point: StudyPoint) -> str:
    """The cycle of types that no transfers can keep from lying, in words."""
    cycle, model = point.support.cycle, point.model
    if cycle is None:
        return ""
    name = words.printable(model.agents[cycle.agent].name)
    listed = [told(model, cycle.agent, s) for s in cycle.signals[:MAX_CYCLE]]
    more = " → ..." if len(cycle.signals) > MAX_CYCLE else ""
    where = ""
    if cycle.others is not None:
        others = [j for j in range(len(model.agents)) if j != cycle.agent]
        seen = [
            f"{words.printable(model.agents[j].name)}: {told(model, j, s)}"
            for j, s in zip(others, cycle.others, strict=True)
        ]
        where = f", the others' signals being {', '.join(seen)}" if seen else ""
    return (
        f"agent {name}'s types {' → '.join(listed)}{more} → {listed[0]}, each treated like the next one, "
        f"gain {words.number(cycle.gain)} in total, whatever is paid{where}"
    )


def told(model: InterdependentModel, i: int, s: int) -> str:
    """A signal in words."""
    return _vector(model.agents[i].signals[s])


def _along(found: Study) -> Iterator[RenderableType]:
    """A line for every grid and strength."""
    stage = STAGE[found.incentives]
    table = Table(title=f"Grids and strengths ({stage})", title_justify="left", title_style="bold")
    second = any(p.second_best is not None for p in found.points)
    thresholds = any(p.thresholds is not None for p in found.points)
    for name in ("points", "strength", "violation"):
        table.add_column(name, justify="right")
    table.add_column("transfers exist")
    if thresholds:
        table.add_column("(7.12)")
    if second:
        for name in ("first best", "second best", "loss"):
            table.add_column(name, justify="right")
    for p in found.points:
        cells = [_points(p), str(p.strength), words.rounded(p.congruence.violation), _exist(p)]
        if thresholds:
            cells.append(_check(p))
        if second:
            best = p.second_best
            cells += (
                ["–"] * 3
                if best is None
                else [words.rounded(best.first_best), words.rounded(best.welfare), words.rounded(best.loss)]
            )
        table.add_row(*cells)
    yield table
    yield from map(Text, coarsest_grids(found))


def coarsest_grids(found: Study) -> list[str]:
    """For every strength the coarsest grid on which no transfers exist, with its cycle."""
    sentences = []
    strengths = list(dict.fromkeys(p.strength for p in found.points))
    for strength in strengths if len({p.points for p in found.points}) > 1 else ():
        coarsest = found.coarsest(strength)
        if coarsest is not None:
            (p,) = [p for p in found.points if p.strength == strength and p.points == coarsest]
            at = f"Strength {strength}: the" if len(strengths) > 1 else "The"
            sentences.append(f"{at} coarsest of these grids without transfers has {coarsest} points: {cycle_words(p)}")
    return sentences


def _points(point: StudyPoint) -> str:
    return "own grid" if point.points is None else str(point.points)


def _exist(point: StudyPoint) -> str:
    if point.support.exists:
        return "yes"
    cycle = point.support.cycle
    return "no" if cycle is None else f"no: cycle of {len(cycle.signals)}, gain {words.rounded(cycle.gain)}"


def _check(point: StudyPoint) -> str:
    if point.thresholds is None:
        return "–"
    return "no lie gains" if point.thresholds.holds else f"a lie gains {words.rounded(point.thresholds.gain)}"
