"""The verb ``statistical``: mechanisms for the likely type paths, and what reasonable agents do in them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from eqsolve.cli.options import (
    Range,
    drawable,
    exit_code,
    json_option,
    limited,
    memory_option,
    naming,
    nothing_known,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import ModelError

if TYPE_CHECKING:
    from eqsolve.statistical.model import StatisticalModel
    from eqsolve.statistical.resource import TypicalRule


@click.command()
@click.argument("model")
@click.option("--epsilon", metavar="NUMBER", help="ε of Proposition 1; the model's own by default.")
@click.option(
    "--exact/--no-exact", default=True, help="Proposition 1, averages, and linking by budgets, over all type paths."
)
@click.option(
    "--curve",
    "sizes",
    type=Range(whole=True),
    metavar="RANGE",
    help="Cost over surplus of linked VCG for these numbers of agents and dates: 5,10,20,40,80.",
)
@click.option("--level", metavar="NUMBER", help="Of the curve: how likely a path may leave Ω*, or: proposition.")
@click.option(
    "--method",
    type=click.Choice(["exact", "hoeffding"]),
    default="exact",
    help="Of --level: exact, or Hoeffding's bound.",
)
@click.option("--samples", type=click.IntRange(2, 1_000_000), help="Samples for each point of the curve.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the samples.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    callback=drawable,
    help="Draw the curve: .png, .svg, .pdf.",
)
@json_option
@seconds_option
@memory_option
def statistical(
    model: str,
    epsilon: str | None,
    exact: bool,
    sizes: tuple[int, ...] | None,
    level: str | None,
    method: str,
    samples: int | None,
    seed: int,
    output: str | None,
    as_json: bool,
    max_seconds: float | None,
    max_memory: int | None,
) -> int:
    """Statistical mechanisms: regrets, reasonable lies, Proposition 1, linked VCG and its cost."""
    from eqsolve.io.statistical_file import load_statistical
    from eqsolve.statistical.analysis import examine_statistical

    loaded = load_statistical(model)
    with naming(model), limited(max_seconds, max_memory) as tick:
        if epsilon is not None:
            loaded = _with_epsilon(loaded, epsilon)
        wanted = sizes or (loaded.sizes if output is not None else ())
        if output is not None and not wanted:
            raise ModelError("--output: found no sizes in the model, expected --curve with it")
        found = examine_statistical(
            loaded,
            exact=exact,
            sizes=wanted,
            samples=samples,
            seed=seed,
            curve_rule=None if level is None else _rule(level, method),
            max_seconds=max_seconds,
            progress=tick,
        )
    if output is not None and found.curve is not None and found.curve.points:
        from eqsolve.show.statistical_plots import plot_ratio

        plot_ratio(found, output)
    if as_json:
        from eqsolve.io.statistical_json import analysis_json

        print_json(analysis_json(found, model))
    elif found.stopped and not (found.checks or found.averages or (found.curve and found.curve.points)):
        raise nothing_known(found.stopped)
    else:
        from eqsolve.show.statistical_page import print_analysis

        print_page(partial(print_analysis, found))
    return exit_code(found.stopped)


def _with_epsilon(model: StatisticalModel, number: str) -> StatisticalModel:
    from dataclasses import replace

    from eqsolve.exact.rational import rational

    try:
        return replace(model, epsilon=rational(number))
    except ModelError:
        raise
    except ValueError as error:
        raise ModelError(f"--epsilon: {error}") from None


def _rule(level: str, method: str) -> TypicalRule:
    from eqsolve.exact.rational import rational
    from eqsolve.statistical.resource import PROPOSITION, TypicalRule

    try:
        return TypicalRule(None, level if level == PROPOSITION else rational(level), method)
    except ValueError as error:
        raise ModelError(f"--level: {error}") from None
