"""Plots of solutions: what is drawn, what is refused."""

from __future__ import annotations

import importlib.util

import pytest

import eqsolve as eq
from eqsolve.show.solution_plots import plot_coordination, plot_lies, plot_payoffs

pytestmark = pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed")


@pytest.fixture(scope="module")
def solution():
    return eq.solve(eq.load("collusion").link(2))


def collusive(solution):
    return next(k for k, e in enumerate(solution) if e.coordination.verdict == "collusive")


def test_payoffs(solution, tmp_path):
    (axes,) = solution.plot(tmp_path / "payoffs.svg").axes
    drawn = {tuple(map(float, line.get_ydata())) for line in axes.lines}
    for i in range(3):
        assert (float(solution.floor[i]), float(solution.ceiling[i])) in drawn
        assert (float(solution.target[i]),) * 2 in drawn
        assert (float(solution.label_free_payoffs[i]),) in drawn
    assert [t.get_text() for t in axes.get_xticklabels()] == ["1", "2", "3"]
    assert (tmp_path / "payoffs.svg").read_bytes().startswith(b"<?xml")


def test_lies_have_a_map_per_agent_and_problem(solution):
    k = collusive(solution)
    axes = plot_lies(solution, k).axes
    assert len(axes) == 4
    image = axes[0].images[0].get_array()
    joint = solution[k].strategies[1].joint_marginals(solution.game, 1)[0]
    assert image.tolist() == [[float(q / sum(row)) for q in row] for row in joint]
    assert len(plot_lies(solution, 0).axes) == 2  # label-free: one map for all problems


def test_coordination_has_an_arrow_per_edge(solution, tmp_path):
    k = collusive(solution)
    (axes,) = plot_coordination(solution, k, tmp_path / "graph.png").axes
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert len(arrows) == len(solution[k].coordination.edges) == 2
    assert (tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")


def test_names_are_no_formulas(tmp_path):
    types = lambda d: (eq.Type("$x", "1/2", {d: 1}), eq.Type("y$", "1/2", {d: 3}))  # noqa: E731
    problem = eq.DecisionProblem(("a", "b"), (eq.Agent("$\\oops$", types("a")), eq.Agent("z", types("b"))), "$\\frac$")
    found = eq.solve(eq.LinkedGame(problem, eq.utilitarian(problem), 2))
    for plot in (plot_payoffs, plot_lies, plot_coordination):
        plot(found, path=tmp_path / "plot.svg")


def test_what_cannot_be_drawn_is_refused(solution, tmp_path):
    with pytest.raises(eq.ModelError, match="expected one of"):
        plot_lies(solution, len(solution))
    with pytest.raises(eq.ModelError, match=r"\.png"):
        plot_payoffs(solution, tmp_path / "plot.gif")
    nothing = eq.DecisionProblem(("a",), (eq.Agent("1", (eq.Type("t", 1),)),))
    with pytest.raises(eq.ModelError, match="nobody with a choice"):
        plot_lies(eq.solve(eq.LinkedGame(nothing, eq.utilitarian(nothing), 2)))
