"""The correlation filter over K: how wide it must be, how often it errs, what it finds."""

from __future__ import annotations

from fractions import Fraction

from eqsolve.filter.chances import Chance, upper
from eqsolve.filter.setting import Setting
from eqsolve.show import filter_page
from eqsolve.show.report import naming
from eqsolve.show.report.charts.lines import Line, LineChart
from eqsolve.show.report.data import ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.tables import Cell, Row, figure, left_out, number, order, table


def section(key: str, found: ModelReport) -> Html:
    """What a filter of the usual level does at every K."""
    settings = [at.setting.value for at in found.at if at.setting.value is not None]
    missing = [left_out(f"Filter, K = {at.copies:,}", at.setting.why) for at in found.at]
    if len({at.setting.why for at in found.at}) == 1:
        missing = [left_out("Filter", found.at[0].setting.why)] if found.at else []
    if not settings:
        return joined(missing)
    rows = [
        Row(
            (
                Cell(f"{s.panel.copies:,}", s.panel.copies, ""),
                _chance(s.alpha),
                figure(s.epsilon),
                *map(_chance, (s.false_alarm, s.family_wise, s.complete)),
            ),
            (("data-k", s.panel.copies),),
        )
        for s in settings
    ]
    columns = ("K", "level", "epsilon", "false alarm of an agent", "somebody flagged by chance", "power")
    notes = dict.fromkeys(note for s in settings for note in s.notes if "distance is coarse" not in note)
    first = settings[0]
    return joined(
        (
            *missing,
            tag(
                "p",
                f"Flagged is who has a {first.kind} distance above epsilon: whose announcements hang together with "
                "another's more than that. Epsilon is the smallest one whose false alarms, under independent "
                "label-free play, keep to the level. Power is the probability that two agents are flagged who "
                "always announce opposite types.",
            ),
            _chart(key, settings),
            table(f"{key}-figures", "The correlation filter over K", columns, rows, sortable=len(rows) > 2),
            joined(tag("p", naming.sentence(note), class_="soft") for note in notes),
        )
    )


def _chart(key: str, settings: list[Setting]) -> Html | None:
    if len(settings) < 2:
        return None
    xs = [float(s.panel.copies) for s in settings]
    lines = [
        _line("power against complete collusion", "main", [s.complete for s in settings]),
        _line("somebody flagged by chance", "second", [s.family_wise for s in settings]),
        _line("epsilon", "third", [s.epsilon for s in settings]),
    ]
    return LineChart(
        key=f"{key}-chart",
        title="Power, false alarms and epsilon of the correlation filter against the number of linked problems",
        description="The table below has all figures.",
        xs=xs,
        x_label="number of linked problems K",
        y_label="probability, or epsilon",
        x_name="K",
        lines=lines,
        logarithmic=xs[-1] >= 5 * xs[0],
        least=-0.03,
    ).draw()


def _line(name: str, look: str, chances: list[Chance | None]) -> Line:
    heights = [None if x is None else float(upper(x)) for x in chances]
    return Line(name, look, heights, [filter_page.chance(x) for x in chances])


def _chance(value: Chance | None) -> Cell:
    told = number(value) if isinstance(value, Fraction) or value is None else filter_page.chance(value)
    return Cell(told, None if value is None else order(upper(value)))
