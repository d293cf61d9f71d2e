"""The verb ``transfers``: mechanisms with transfers side by side, and whether a better one exists."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from eqsolve.cli.options import (
    Range,
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

if TYPE_CHECKING:
    from eqsolve.transfers.analysis import Analysis
    from eqsolve.transfers.efficient import Ties

NAMES = ("groves", "vcg", "agv", "agv-equal", "ir-vcg", "balanced")


@click.command()
@click.argument("model")
@click.option("--mechanism", "mechanisms", type=click.Choice(NAMES), multiple=True, help="Only these; all by default.")
@click.option(
    "--ties",
    metavar="RULE",
    help="Where several decisions are efficient: first, last, uniform, an order D1,D2,..., or any (for existence).",
)
@click.option("--points", type=Range(whole=True), metavar="RANGE", help="Points of the grid: 5, 2:12 or 4,8,16.")
@click.option("--exists/--no-exists", default=True, help="Decide whether a mechanism with the properties below exists.")
@click.option(
    "--incentives",
    type=click.Choice(["bic", "ex-post", "dsic", "none"]),
    default="bic",
    show_default=True,
    help="Nobody gains by lying: in expectation, whatever the others' types are, whatever they report.",
)
@click.option(
    "--participation",
    type=click.Choice(["interim", "ex-post", "none"]),
    help="Nobody loses by taking part: in expectation, or whatever the types are; interim if the model has outside.",
)
@click.option(
    "--budget",
    type=click.Choice(["balanced", "ex-ante", "no-deficit", "none"]),
    default="balanced",
    show_default=True,
    help="Payments equal the cost at every profile, or in expectation, or cover it.",
)
@json_option
@click.option("--certificate", type=click.Path(dir_okay=False), metavar="FILE", help="Write what proves the answer.")
@seconds_option
@memory_option
def transfers(
    model: str,
    mechanisms: tuple[str, ...],
    ties: str | None,
    points: tuple[int, ...] | None,
    exists: bool,
    incentives: str,
    participation: str | None,
    budget: str,
    as_json: bool,
    certificate: str | None,
    max_seconds: float | None,
    max_memory: int | None,
) -> int:
    """Mechanisms with transfers: payments, checks, budgets, and whether a balanced one exists."""
    from eqsolve.io.transfers_file import load_transfers
    from eqsolve.transfers.analysis import examine_transfers
    from eqsolve.transfers.requirements import Wanted

    if certificate is not None and not exists:
        raise ModelError("--certificate: found --no-exists beside it, expected the question that it answers")
    loaded = load_transfers(model)
    stage = participation or ("none" if loaded.outside is None else "interim")
    with naming(model), limited(max_seconds, max_memory) as tick:
        if tick is not None:
            tick("examining mechanisms")
        found = examine_transfers(
            loaded,
            points,
            mechanisms or None,
            _ties(ties),
            Wanted(incentives, stage, budget),
            exists=exists,
            max_seconds=max_seconds,
        )
    if certificate is not None:
        _write(found, certificate)
    if not found.points and not as_json:
        raise LimitReached(found.stopped or "time limit")
    if as_json:
        from eqsolve.io.transfers_json import analysis_json

        print_json(analysis_json(found, model))
    else:
        from eqsolve.show.transfers_page import print_analysis

        print_page(partial(print_analysis, found))
    return exit_code(found.stopped)


def _ties(text: str | None) -> Ties | None:
    """A tie rule as it is written on the command line."""
    if text is None or "," not in text:
        return text
    return tuple(part.strip() for part in text.split(","))


def _write(found: Analysis, path: str) -> None:
    """Certificates of all answers: one, or a list of them."""
    from eqsolve.io.certificate_file import write_certificate
    from eqsolve.io.transfers_certificate import existence_certificate

    documents = [existence_certificate(p.existence) for p in found.points if p.existence is not None]
    if documents:
        write_certificate(path, documents[0] if len(documents) == 1 else documents)
