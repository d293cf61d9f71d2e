"""The collusion frontier: what coalitions can gain with announcements that pass a filter, and whether that holds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from eqsolve.collusion.result import Collusion, Stage
from eqsolve.show import words
from eqsolve.show.report import naming
from eqsolve.show.report.charts.lines import Line, LineChart
from eqsolve.show.report.data import AtCopies, ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.equilibria import per_copies
from eqsolve.show.report.tables import Cell, figure, left_out, order, table
from eqsolve.show.report.tables import Line as TableLine


def section(key: str, found: ModelReport) -> Html:
    """A chart and a table for every coalition that leaves somebody out."""
    if all(at.collusions is None for at in found.at):
        return tag("p", "With fewer than three agents no coalition leaves somebody out.")
    told = tag(
        "p",
        "Members tell each other their types and announce together what passes a filter of width epsilon; everybody "
        "else plays label-free. Gains are over label-free play without a filter, per problem, and no member gets less.",
    )
    return joined((told, *(per_copies(f"{key}-k{at.copies}", at, _at(f"{key}-k{at.copies}", at)) for at in found.at)))


def _at(key: str, at: AtCopies) -> Html:
    if at.collusions is None:
        return joined(())
    parts: list[Html | None] = [left_out("Collusion", at.collusions.why)]
    if at.collusions.value is not None and not at.collusions.value:
        parts.append(tag("p", "No coalition of agents with a choice leaves somebody out."))
    drawn = [_coalition(f"{key}-c{k}", one) for k, one in enumerate(at.collusions.value or ())]
    parts.append(tag("div", joined(drawn), class_="panels") if drawn else None)
    return joined(parts)


def _coalition(key: str, one: Collusion) -> Html:
    game = one.coalition.game
    names = [naming.short(name) for name in naming.names(game.problem)]
    who = naming.agents(game.problem, one.coalition.members)
    members = naming.alike({i: tuple(s.point.gain.get(i) for s in one.stages) for i in one.coalition.members})
    outsiders = naming.alike({j: tuple(s.point.loss.get(j) for s in one.stages) for j in one.coalition.outsiders})
    columns = [
        "epsilon",
        "gain together",
        *(f"gain of {naming.listed([names[i] for i in part])}" for part in members),
        *(f"loss of {naming.listed([names[j] for j in part])}" for part in outsiders),
        "many problems",
        "holds",
    ]
    rows: list[TableLine] = [
        (
            _epsilon(stage.point.epsilon),
            figure(stage.point.total),
            *(figure(stage.point.gain.get(part[0])) for part in members),
            *(figure(stage.point.loss.get(part[0])) for part in outsiders),
            figure(None if stage.limit is None else stage.limit.total),
            Cell(_holds(stage), None, "words"),
        )
        for stage in one.stages
    ]
    notes = [tag("p", naming.sentence(note), class_="soft") for note in one.notes]
    return tag(
        "section",
        tag("h5", naming.capital(who), id=f"{key}-title"),
        _chart(key, one, who),
        table(f"{key}-figures", f"What {who} can gain, K = {game.copies:,}", columns, rows),
        joined(notes),
        class_="panel",
        aria_labelledby=f"{key}-title",
    )


def _chart(key: str, one: Collusion, who: str) -> Html:
    stages = [s for s in one.stages if s.point.epsilon is not None]
    free = next((s.point.total for s in one.stages if s.point.epsilon is None), None)
    totals = [s.point.total for s in stages]
    holding = [s.holding.total if s.holding is not None else None for s in stages]
    limits = [None if s.limit is None else s.limit.total for s in stages]
    lines = [
        _line("no filter", "target", [free] * len(stages)),
        _line("many problems", "second", limits),
        _line("plans no member would leave", "third", holding),
        _line("gain together", "main", totals),
    ]
    most = words.number(one.most)
    return LineChart(
        key=f"{key}-chart",
        title=f"What {who} can gain against the filter's epsilon, K = {one.coalition.game.copies:,}",
        description=f"The largest gain is {most}. The table below has all figures.",
        xs=[float(s.point.epsilon or 0) for s in stages],
        x_label="epsilon",
        y_label="gain per problem, together",
        x_name="epsilon",
        lines=lines,
        least=min(0.0, *(y for line in lines for y in line.ys if y is not None), 0.0),
    ).draw()


def _line(name: str, look: str, figures: Sequence[Fraction | None]) -> Line:
    heights = [None if x is None else order(x) for x in figures]
    return Line(name, look, heights, [words.number(x) for x in figures], steps=look != "target")


def _epsilon(epsilon: Fraction | None) -> Cell:
    return Cell("no filter" if epsilon is None else str(epsilon), 2.0 if epsilon is None else float(epsilon), "")


def _holds(stage: Stage) -> str:
    """Whether the plan is an equilibrium of the filtered game, or why there is none."""
    if stage.point.total is None:
        return stage.point.why or "–"
    if stage.equilibrium is None:
        return "not settled"
    if stage.equilibrium:
        return "yes, nobody gains by leaving it"
    if stage.holding is not None and stage.holding.total is not None:
        return f"no; plans that no member would leave gain {words.number(stage.holding.total)}"
    return "no"
