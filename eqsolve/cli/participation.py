"""The verb ``participation``: who takes part in mechanisms over linked issues, and what a right to veto does."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import click

from eqsolve.cli.options import (
    Range,
    drawable,
    exit_code,
    json_option,
    limited,
    memory_option,
    naming,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import LimitReached, ModelError


def _fee(context: click.Context, parameter: click.Parameter, value: str | None) -> Fraction | None:
    from eqsolve.exact.rational import rational

    if value is None:
        return None
    try:
        return Fraction(0) if value == "none" else rational(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}; or none") from None


def _parameters(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    found = dict(part.partition("=")[::2] for part in value)
    if any(not name or not number for name, number in found.items()):
        raise click.BadParameter("expected NAME=NUMBER")
    return found


@click.command()
@click.argument("model")
@click.option(
    "-k", "--copies", type=Range(whole=True), metavar="RANGE", help="K, the index of the last issue: 1:200 or 2,4,8."
)
@click.option(
    "--mechanism",
    type=click.Choice(["groves", "veto", "tariff"]),
    help="Groves with lump sums, the veto game before it, or a two-part tariff; by default what fits the model.",
)
@click.option("--fee", callback=_fee, metavar="Q", help="Per agent and issue unless somebody vetoes; none; or δ/(4n).")
@click.option("--all", "everything", is_flag=True, help="List all equilibria of the veto game (few issues).")
@click.option("--set", "parameters", multiple=True, callback=_parameters, metavar="NAME=Q", help="Set a parameter.")
@json_option
@click.option(
    "-o",
    "--plot",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    callback=drawable,
    help="Draw to a .png, .svg or .pdf.",
)
@seconds_option
@memory_option
def participation(
    model: str,
    copies: tuple[int, ...] | None,
    mechanism: str | None,
    fee: Fraction | None,
    everything: bool,
    parameters: dict[str, str],
    as_json: bool,
    plot: str | None,
    max_seconds: float | None,
    max_memory: int | None,
) -> int:
    """Who takes part when issues are linked: Groves mechanisms, vetoes, two-part tariffs."""
    from eqsolve.io.participation_file import load_participation
    from eqsolve.participation.curve import ParticipationCurve, participation_curve

    loaded = load_participation(model, parameters)
    agents = len(loaded.sequence.issue(loaded.sequence.first).agents)
    chosen = mechanism or ("tariff" if agents == 1 else "veto" if everything or fee is not None else "groves")
    if chosen != "veto" and (fee is not None or everything):
        raise ModelError(f"--mechanism: found {chosen} beside --fee or --all, expected veto")
    try:
        with naming(model), limited(max_seconds, max_memory) as tick:
            found = participation_curve(
                loaded.sequence,
                copies or (loaded.last,),
                chosen,
                fee=fee,
                everything=everything,
                max_seconds=max_seconds,
                progress=tick,
            )
    except LimitReached as error:
        found = ParticipationCurve(loaded.sequence, chosen, (), stopped=str(error))
    if plot is not None and found.points:
        found.plot(plot)
    if as_json:
        from eqsolve.io.participation_json import participation_json

        print_json(participation_json(found, model))
    else:
        from eqsolve.show.participation_page import print_participation

        print_page(partial(print_participation, found))
    return exit_code(found.stopped)
