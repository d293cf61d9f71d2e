"""Payoffs against the rule over K: charts with floors and ceilings, the figures, how fast the gap closes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.convergence import Curve, CurvePoint
from eqsolve.show import curve_page, words
from eqsolve.show.report import naming
from eqsolve.show.report.charts.lines import Band, Line, LineChart
from eqsolve.show.report.data import ModelReport
from eqsolve.show.report.elements import Html, joined, tag
from eqsolve.show.report.tables import Cell, Row, figure, left_out, number, order, table

Known = Fraction | float | None


@dataclass(frozen=True)
class Point:
    """One agent's figures at one number of problems."""

    copies: int
    target: Known
    payoff: Known
    floor: Known
    ceiling: Known

    @property
    def gap(self) -> Known:
        """What is missing to truth and rule."""
        if self.target is None or self.payoff is None:
            return None
        gap = Fraction(self.target) - Fraction(self.payoff)
        return float(gap) if isinstance(self.payoff, float) else gap


def section(key: str, found: ModelReport) -> Html:
    """A chart and a table for every group of agents with the same figures."""
    groups = [(group, points(found, group[0])) for group in _groups(found)]
    charts = joined(_panel(f"{key}-{k}", found, group, known) for k, (group, known) in enumerate(groups))
    return joined(
        (
            left_out("Payoffs over K", found.curve.why),
            joined(tag("p", sentence) for sentence in _sentences(found)),
            tag("div", charts, class_="panels"),
        )
    )


def points(found: ModelReport, i: int) -> list[Point]:
    """Figures of an agent over K: from the curve, or from the solutions where there is none."""
    curve = found.curve.value
    if curve is not None and curve.points:
        return [
            Point(p.copies, p.target[i], p.payoffs[i], p.floor[i], p.ceiling[i]) for p in _with_bounds(found, curve)
        ]
    return [
        Point(s.game.copies, s.target[i], (s.label_free_payoffs or (None,) * s.game.n)[i], s.floor[i], s.ceiling[i])
        for s in (at.solution.value for at in found.at)
        if s is not None
    ]


def _with_bounds(found: ModelReport, curve: Curve) -> Iterator[CurvePoint]:
    """Points of the curve; bounds that only `solve` worked out are taken from there."""
    solved = {at.copies: at.solution.value for at in found.at}
    for p in curve.points:
        s = solved.get(p.copies)
        if s is None or p.error is not None:
            yield p
            continue
        floor = tuple(a if a is not None else b for a, b in zip(p.floor, s.floor, strict=True))
        ceiling = tuple(a if a is not None else b for a, b in zip(p.ceiling, s.ceiling, strict=True))
        yield CurvePoint(p.copies, p.payoffs, floor, ceiling, p.target)


def _groups(found: ModelReport) -> list[list[int]]:
    """Agents with the same figures at every K together, equilibria included."""
    groups: dict[object, list[int]] = {}
    for i in range(found.model.problem.n):
        others = tuple(payoff for _, payoff, _ in _others(found, i))
        groups.setdefault((tuple(points(found, i)), others), []).append(i)
    return list(groups.values())


def _others(found: ModelReport, i: int) -> list[tuple[int, Fraction, str]]:
    """Payoffs of the equilibria that are not label-free: (K, payoff, which class)."""
    marks = []
    for at in found.at:
        if at.solution.value is None:
            continue
        for k, (e, _) in enumerate(words.kinds(at.solution.value)):
            if not e.label_free:
                marks.append((at.copies, e.payoffs[i], f"class {naming.letter(k)}"))
    return marks


def _sentences(found: ModelReport) -> Iterator[str]:
    curve = found.curve.value
    yield (
        "Truth and rule is what everybody would get if the rule were applied to the truth. Every equilibrium pays at "
        "least the floor and at most the ceiling, where they are known; the line is the label-free equilibrium, in "
        "which nobody cares how the problems are numbered."
    )
    if curve is not None and curve.points:
        rate = curve_page.rate_in_words(curve.rate, curve.welfare_gap)
        bound = "" if curve.bound is None else f"; the bound has K^{float(curve.bound):g}"
        yield f"Gap to truth and rule, welfare: {rate}{bound}."
        if curve.scope == "found":
            yield "The label-free equilibrium is one that iterated best responses found; others may exist."


def _panel(key: str, found: ModelReport, group: Sequence[int], known: Sequence[Point]) -> Html:
    who = naming.agents(found.model.problem, group)
    title = naming.capital(who)
    if not known:
        return tag("section", tag("h4", title), tag("p", "No payoffs are known."))
    rows = [
        Row(
            (Cell(f"{p.copies:,}", p.copies, ""), *map(figure, (p.payoff, p.floor, p.ceiling, p.gap))),
            (("data-k", p.copies),),
        )
        for p in known
    ]
    caption = joined((f"Payoffs of {who}; under truth and rule ", number(known[0].target)))
    columns = ("K", "label-free", "floor", "ceiling", "gap")
    return tag(
        "section",
        tag("h4", title, id=f"{key}-title"),
        _chart(key, found, group, known, who),
        table(f"{key}-figures", caption, columns, rows, sortable=len(rows) > 2),
        class_="panel",
        aria_labelledby=f"{key}-title",
    )


def _chart(key: str, found: ModelReport, group: Sequence[int], known: Sequence[Point], who: str) -> Html:
    xs = [float(p.copies) for p in known]
    lines = [
        Line("truth and rule", "target", *_told([p.target for p in known])),
        Line("label-free equilibrium", "main", *_told([p.payoff for p in known])),
    ]
    (low, told_low), (high, told_high) = (_told([getattr(p, side) for p in known]) for side in ("floor", "ceiling"))
    ends = [f"{a} to {b}" for a, b in zip(told_low, told_high, strict=True)]
    first, last = known[0], known[-1]
    marks = [
        (float(k), order(payoff), f"{which}, K = {k:,}: {words.number(payoff)}")
        for k, payoff, which in _others(found, group[0])
    ]
    return LineChart(
        key=f"{key}-chart",
        title=f"Payoffs of {who} against the number of linked problems",
        description=(
            f"Label-free payoff {words.number(_exact(first.payoff))} at K = {first.copies:,} and "
            f"{words.number(_exact(last.payoff))} at K = {last.copies:,}, under truth and rule "
            f"{words.number(_exact(first.target))}. The table below has all figures."
        ),
        xs=xs,
        x_label="number of linked problems K",
        y_label="payoff per problem",
        x_name="K",
        lines=lines,
        band=Band("floor to ceiling of all equilibria", low, high, ends),
        marks=marks,
        marks_name="other equilibria that were found",
        logarithmic=xs[-1] >= 5 * xs[0],
    ).draw()


def _told(figures: Sequence[Known]) -> tuple[list[float | None], list[str]]:
    return [None if x is None else order(x) for x in figures], [words.number(_exact(x)) for x in figures]


def _exact(value: Known) -> Fraction | None:
    return None if value is None else Fraction(value)
