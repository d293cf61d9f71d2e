"""Plots of a solution: payoffs against the rule, lie tables as heat maps, who coordinates with whom."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from eqsolve.errors import ModelError
from eqsolve.judge.lying import Lying, conditional, lying
from eqsolve.show import words
from eqsolve.show.figures import COLOURS, check_plot, empty_figure, finish, safe
from eqsolve.solution import Equilibrium, Solution

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_PROBLEMS = 6
_BLUE, _RED, _GREEN = COLOURS[:3]


def plot_payoffs(solution: Solution, path: str | Path | None = None) -> Figure:
    """Draw every agent's payoffs: truth and rule, label-free, other equilibria, and the bar from floor to ceiling.

    Parameters
    ----------
    solution : Solution
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If the file name is of no use.
    """
    check_plot(path)
    game = solution.game
    figure = empty_figure(max(4.5, 1.6 + 1.1 * game.n), 4.4)
    axes = figure.subplots()
    for i in range(game.n):
        floor, ceiling = solution.floor[i], solution.ceiling[i]
        if floor is not None and ceiling is not None:
            label = "floor to ceiling of all equilibria"
            axes.plot(
                [i, i],
                [float(floor), float(ceiling)],
                color=_BLUE,
                alpha=0.25,
                linewidth=9,
                solid_capstyle="butt",
                label=label,
            )
        axes.plot([i - 0.3, i + 0.3], [float(solution.target[i])] * 2, "--", color=_RED, label="truth and rule")
        if solution.label_free_payoffs is not None:
            axes.plot(i, float(solution.label_free_payoffs[i]), "o", color=_BLUE, label="label-free equilibrium")
        others = sorted({float(e.payoffs[i]) for e in solution.equilibria if not e.label_free})
        if others:
            label = "other equilibria that were found"
            axes.plot([i] * len(others), others, "D", color=_GREEN, fillstyle="none", linestyle="none", label=label)
    axes.set_xticks(range(game.n), [_short(a.name) for a in game.problem.agents])
    axes.set_xlim(-0.6, game.n - 0.4)
    axes.set_xlabel("agent")
    axes.set_ylabel("payoff per problem, ex ante")
    axes.set_title(_title(solution), fontsize=11)
    known = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(known.values(), known.keys(), fontsize=8, loc="outside lower center", ncols=2, edgecolor="none")
    return finish(figure, [axes], path)


def plot_lies(solution: Solution, index: int = 0, path: str | Path | None = None) -> Figure:
    """Draw what agents announce for which type in one equilibrium, as heat maps: a row per agent.

    Where labels matter there is a column per problem, else one for all of them. Cells are probabilities given the
    true type; those of the diagonal are the truth.

    Parameters
    ----------
    solution : Solution
    index : int
        Of the equilibrium.
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If there is no such equilibrium, its strategies are too many to be listed, nobody has a choice, or the file name
        is of no use.
    """
    check_plot(path)
    game, e = solution.game, _equilibrium(solution, index)
    found = lying(game, e)
    if not found:
        why = "strategies too many to be listed" if found is None else "nobody with a choice that matters"
        raise ModelError(f"plot: found {why}, expected lies to draw")
    columns = max(len(_maps(one)) for one in found)
    figure = empty_figure(1.4 + 2.2 * columns, 0.8 + 2.2 * len(found))
    figure.suptitle(f"{_title(solution)}, equilibrium {index}", fontsize=11)
    grid = figure.subplots(len(found), columns, squeeze=False)
    for one, row in zip(found, grid, strict=True):
        maps = _maps(one)
        for k, axes in enumerate(row):
            if k < len(maps):
                _heat(axes, solution, one.agent, *maps[k])
            else:
                axes.set_axis_off()
        row[0].set_ylabel(f"agent {_short(game.problem.agents[one.agent].name)}: true type")
    return finish(figure, (), path)


def plot_coordination(solution: Solution, index: int = 0, path: str | Path | None = None) -> Figure:
    """Draw whose labels move whom in one equilibrium: agents on a circle, an arrow per edge with its distance.

    Parameters
    ----------
    solution : Solution
    index : int
        Of the equilibrium.
    path : str or Path, optional
        Where to write the plot (.png, .svg or .pdf).

    Raises
    ------
    NotSupported
        If matplotlib is not installed.
    ModelError
        If there is no such equilibrium, or the file name is of no use.
    """
    check_plot(path)
    game, e = solution.game, _equilibrium(solution, index)
    import networkx as nx

    figure = empty_figure(5, 5)
    axes = figure.subplots()
    places = nx.circular_layout(range(game.n))
    members = {i for coalition in e.coordination.coalitions for i in coalition}
    for a, b, distance in e.coordination.edges:
        _arrow(axes, places[a], places[b], distance, max(d for _, _, d in e.coordination.edges))
    for i, (x, y) in places.items():
        inside, edge = ("#CFE3F2", _BLUE) if i in members else ("white", "#555555")
        axes.scatter([x], [y], s=900, zorder=3, facecolor=inside, edgecolor=edge)
        axes.text(x, y, _short(game.problem.agents[i].name, 8), ha="center", va="center", zorder=4)
    axes.set_xlim(-1.4, 1.4)
    axes.set_ylim(-1.4, 1.4)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(f"{_title(solution)}, equilibrium {index}: {e.coordination.verdict}", fontsize=11)
    return finish(figure, (), path)


def _maps(one: Lying) -> list[tuple[str, Sequence[Sequence[Fraction]]]]:
    if one.even:
        return [("all problems", one.mean)]
    if len(one.problems) > MAX_PROBLEMS:
        return [("mean over all problems", one.mean)]
    return [(f"problem {k + 1}", matrix) for k, matrix in enumerate(one.problems)]


def _heat(axes: Axes, solution: Solution, i: int, where: str, matrix: Sequence[Sequence[Fraction]]) -> None:
    names = [_short(t.name) for t in solution.game.problem.agents[i].types]
    shares = conditional(matrix)
    heights = [[float("nan") if q is None else float(q) for q in row] for row in shares]
    axes.imshow(heights, cmap="Blues", vmin=0, vmax=1)
    for u, row in enumerate(shares):
        for v, q in enumerate(row):
            told = "–" if q is None else f"{float(q):.2g}"
            dark = q is not None and q > Fraction(1, 2)
            axes.text(v, u, told, ha="center", va="center", fontsize=9, color="white" if dark else "black")
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("announced", fontsize=8)
    axes.set_title(where, fontsize=9)


def _arrow(axes: Axes, start: Sequence[float], end: Sequence[float], distance: Fraction, largest: Fraction) -> None:
    look = {"arrowstyle": "-|>", "color": _RED, "linewidth": 1 + 2 * float(distance / largest)}
    look |= {"connectionstyle": "arc3,rad=0.15", "shrinkA": 18, "shrinkB": 18}
    axes.annotate("", xy=(end[0], end[1]), xytext=(start[0], start[1]), arrowprops=look)
    x, y = ((7 * a + 3 * b) / 10 for a, b in zip(start, end, strict=True))
    told = words.number(distance)
    axes.text(x, y, told, fontsize=8, ha="center", va="center", bbox={"facecolor": "white", "edgecolor": "none"})


def _equilibrium(solution: Solution, index: int) -> Equilibrium:
    if not 0 <= index < len(solution):
        raise ModelError(f"plot: found equilibrium {index}, expected one of {len(solution)}, from 0")
    return solution[index]


def _title(solution: Solution) -> str:
    name = _short(solution.game.problem.name, 40) or "Linked game"
    return f"{name}, K = {solution.game.copies:,}"


def _short(name: str, length: int = 14) -> str:
    """A name in which matplotlib finds no formula, and which fits."""
    told = words.printable(name)
    return safe(told if len(told) <= length else told[: length - 1] + "…")
