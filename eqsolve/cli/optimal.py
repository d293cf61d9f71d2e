"""The verb ``optimal``: the best mechanism on K problems, and how far linking is from it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqsolve.cli.options import (
    Range,
    exit_code,
    json_option,
    limited,
    memory_option,
    naming,
    plot_option,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import LimitReached, ModelError, NotSupported

if TYPE_CHECKING:
    from fractions import Fraction

    from eqsolve.mechanisms.comparison import Comparison
    from eqsolve.mechanisms.simulation import Simulation
    from eqsolve.model import Model


@click.command()
@click.argument("model")
@click.option(
    "-k", "--copies", type=Range(whole=True), metavar="RANGE", help="Numbers of linked problems K: 4, 2:8:2 or 2,4,8."
)
@click.option("--weights", metavar="AGENT=W,...", help="Weights of the agents' payoffs; 1 for those left out.")
@click.option(
    "--values",
    metavar="DECISION=V,...",
    help="What decisions are worth in themselves; added to the payoffs, as an agent named 'designer'.",
)
@click.option(
    "--incentives",
    type=click.Choice(["bic", "dsic", "none"]),
    default="bic",
    show_default=True,
    help="Nobody gains by lying: in expectation, whatever the others' types are, or not asked for.",
)
@click.option(
    "--participation",
    type=click.Choice(["none", "interim", "total", "problem"]),
    default="none",
    show_default=True,
    help="Nobody prefers the status quo: knowing its own types, knowing all types, or on any problem.",
)
@click.option("--status-quo", metavar="DECISION", help="What participation is measured against.")
@click.option("--transfers", is_flag=True, help="Allow payments between the agents that sum to 0.")
@json_option
@click.option("--certificate", type=click.Path(dir_okay=False), metavar="FILE", help="Write what proves the optimum.")
@click.option(
    "--compare", "comparing", is_flag=True, help="Beside separate decisions, completed announcements, taking turns."
)
@click.option("--simulate", type=click.IntRange(2, 10**7), metavar="ROUNDS", help="Also run it so often, truthfully.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the simulation.")
@plot_option
@seconds_option
@memory_option
def optimal(
    model: str,
    copies: tuple[int, ...] | None,
    weights: str | None,
    values: str | None,
    incentives: str,
    participation: str,
    status_quo: str | None,
    transfers: bool,
    as_json: bool,
    certificate: str | None,
    comparing: bool,
    simulate: int | None,
    seed: int,
    plot: str | None,
    max_seconds: float | None,
    max_memory: int | None,
) -> int:
    """The best incentive compatible mechanism on K linked problems, and how far linking is from it."""
    from eqsolve.io.model_file import load
    from eqsolve.mechanisms.comparison import compare, nothing_known
    from eqsolve.mechanisms.designer import with_designer
    from eqsolve.mechanisms.optimal import Requirements

    loaded = load(model)
    if certificate is not None and not Path(certificate).absolute().parent.is_dir():
        raise ModelError(f"--certificate: found {certificate!r}, expected a file in a folder that exists")
    if status_quo is not None and participation == "none":
        raise ModelError("--status-quo: found one, expected --participation interim, total or problem with it")
    quo = status_quo if status_quo is not None or participation == "none" else loaded.options.walk_away
    wanted = Requirements(incentives, participation, quo, transfers)
    if values is not None:
        if transfers:
            raise NotSupported("--values: found --transfers with them, expected one of both: nobody pays the designer")
        with naming(model):
            worth = _numbers("--values", values, "DECISION=VALUE", loaded.problem.decisions)
            loaded = with_designer(loaded, worth, quo)
    importance = None if weights is None else _weights(loaded, weights)
    asked = copies or (loaded.fixed_copies or loaded.copies,)
    try:
        with naming(model), limited(max_seconds, max_memory) as tick:
            if tick is not None:
                tick("looking for the best mechanism")
            found = compare(loaded, asked, wanted, weights=importance, completed=comparing, max_seconds=max_seconds)
            runs = [] if simulate is None else [p.optimal.simulate(simulate, seed) for p in found.points]
    except LimitReached as error:
        found, runs = nothing_known(loaded, wanted, importance, asked, str(error)), []
    if certificate is not None:
        _write(found, certificate)
    if plot is not None and found.points:
        from eqsolve.show.mechanism_plots import plot_comparison

        plot_comparison(found, plot)
    _show(found, model, runs, as_json)
    return exit_code(found.stopped)


def _show(found: Comparison, model: str, runs: Sequence[Simulation], as_json: bool) -> None:
    if not found.points and not as_json:
        raise LimitReached(found.stopped or "time limit")
    if as_json:
        from eqsolve.io.optimal_json import comparison_json

        print_json(comparison_json(found, model, runs))
    else:
        from eqsolve.show.optimal_page import print_comparison

        print_page(partial(print_comparison, found, runs=runs))


def _weights(model: Model, text: str) -> list[Fraction]:
    """Weights by agent, from ``1=1,2=2``."""
    from eqsolve.exact.rational import rational

    names = [a.name for a in model.problem.agents]
    return list({**dict.fromkeys(names, rational(1)), **_numbers("--weights", text, "AGENT=WEIGHT", names)}.values())


def _numbers(option: str, text: str, form: str, names: Sequence[str]) -> dict[str, Fraction]:
    """Numbers by name, from ``to_1=1,to_2=1/2``."""
    from eqsolve.exact.rational import rational

    found: dict[str, Fraction] = {}
    for part in text.split(","):
        name, _, number = (piece.strip() for piece in part.rpartition("="))
        if name not in names:
            raise ModelError(f"{option}: found {part!r}, expected {form} with one of {', '.join(names)}")
        if name in found:
            raise ModelError(f"{option}: found {name!r} twice, expected it once")
        try:
            found[name] = rational(number)
        except ValueError as error:
            raise ModelError(f"{option}: {part!r}: {error}") from None
    return found


def _write(found: Comparison, path: str) -> None:
    """Certificates of all points: one, or a list of them."""
    from eqsolve.io.certificate_file import write_certificate
    from eqsolve.io.optimal_json import optimal_certificate
    from eqsolve.mechanisms.comparison import without_budgets

    documents = [optimal_certificate(without_budgets(found.model, p.copies), p.optimal) for p in found.points]
    if documents:
        write_certificate(path, documents[0] if len(documents) == 1 else documents)
