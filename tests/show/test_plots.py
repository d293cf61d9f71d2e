"""Plots: what is drawn, where it is written, what is refused."""

from __future__ import annotations

import importlib.util
from fractions import Fraction

import pytest

import eqsolve as eq
from eqsolve.show.figures import check_plot
from eqsolve.show.plots import plot_curve

needs_matplotlib = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed"
)


@pytest.fixture(scope="module")
def bargaining():
    return eq.curve(eq.load("bargaining"), range(3, 31, 3))


@needs_matplotlib
def test_what_is_drawn(bargaining):
    figure = plot_curve(bargaining)
    left, right = figure.axes
    assert {left.get_xlabel(), right.get_xlabel()} == {"number of linked problems K"}
    assert "per problem" in left.get_ylabel()
    assert "per problem" in right.get_ylabel()
    drawn = [list(line.get_ydata()) for line in left.lines]
    assert [float(p.payoffs[0]) for p in bargaining] in drawn
    assert len(left.collections) == 1  # the band from floor to ceiling
    labels = [text.get_text() for text in right.get_legend().get_texts()]
    assert any(label.startswith("fit, exponent \N{MINUS SIGN}0.4") for label in labels)
    assert any("bound" in label for label in labels)
    assert (right.get_xscale(), right.get_yscale()) == ("log", "log")
    points = next(line for line in right.lines if line.get_linestyle() == "None")
    assert list(points.get_ydata()) == [float(p.gap[0]) for p in bargaining]


@needs_matplotlib
@pytest.mark.parametrize("name", ["plot.png", "plot.svg", "plot.PDF"])
def test_plots_are_written(bargaining, tmp_path, name):
    path = tmp_path / name
    bargaining.plot(path)
    head = path.read_bytes()[:200]
    assert head.startswith({"g": b"\x89PNG", "f": b"%PDF"}.get(name[-1].lower(), b"")) or b"<svg" in path.read_bytes()


@needs_matplotlib
def test_groups_of_agents_have_colours_of_their_own(tmp_path):
    curve = eq.curve(eq.load("collusion"), [2, 4, 8])
    left, right = plot_curve(curve, tmp_path / "plot.png").axes
    labels = [text.get_text() for text in left.get_legend().get_texts()]
    assert labels[:2] == ["agent 1", "agents 2 and 3"]
    assert len({line.get_color() for line in left.lines}) == 2
    assert all("agent 1" not in text.get_text() for text in right.get_legend().get_texts())  # it has no gap


@needs_matplotlib
@pytest.mark.parametrize("copies", [[1], [1000, 1001, 1002]])
def test_short_curves_are_drawn(tmp_path, copies):
    eq.curve(eq.load("object"), copies).plot(tmp_path / "plot.png")


@needs_matplotlib
def test_names_are_no_formulas(tmp_path):
    types = lambda d: (eq.Type("low", "1/2", {d: 1}), eq.Type("high", "1/2", {d: 10}))  # noqa: E731
    agents = (
        eq.Agent(r"$\frac{$", types("x")),
        eq.Agent("$2 and 3$", types("y")),
        eq.Agent("idle", (eq.Type("t", 1),)),
    )
    problem = eq.DecisionProblem(("x", "y"), agents, r"price $5, $\oops$")
    curve = eq.curve(eq.Model(problem, eq.utilitarian(problem), 2), [2, 4, 6])
    curve.plot(tmp_path / "plot.svg")
    nothing = eq.DecisionProblem(("a",), (eq.Agent("1", (eq.Type("t", 1),)),))
    eq.curve(eq.Model(nothing, eq.utilitarian(nothing)), [1, 2, 3]).plot(tmp_path / "none.png")


@needs_matplotlib
def test_what_cannot_be_drawn_is_refused(bargaining, tmp_path):
    with pytest.raises(eq.ModelError, match=r"\.png"):
        bargaining.plot(tmp_path / "plot.jpg")
    with pytest.raises(eq.ModelError, match="folder"):
        bargaining.plot(tmp_path / "no" / "plot.png")
    with pytest.raises(eq.ModelError, match="without points"):
        eq.curve(eq.load("object"), [2], max_seconds=1e-9).plot()
    types = lambda d: (eq.Type("low", "1/2"), eq.Type("high", "1/2", {d: Fraction(10) ** 400}))  # noqa: E731
    problem = eq.DecisionProblem(("x", "y"), (eq.Agent("1", types("x")), eq.Agent("2", types("y"))))
    with pytest.raises(eq.NotSupported, match="10\\^308"):
        eq.curve(eq.Model(problem, eq.utilitarian(problem)), [2]).plot()


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(eq.NotSupported, match=r"pip install 'eqsolve-games\[plots\]'"):
        check_plot("plot.png")
