"""The verb ``interdependent``: what efficient mechanisms can do where values depend on everybody's signals."""

from __future__ import annotations

from fractions import Fraction
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
    from eqsolve.interdependent.study import Study

STRENGTHS = tuple(Fraction(n, 8) for n in range(9))
"""What a plot shows unless told otherwise."""


@click.command()
@click.argument("model")
@click.option("--points", type=Range(whole=True), metavar="RANGE", help="Points per interval: 5, 2:8 or 3,5,9.")
@click.option(
    "--strength",
    type=Range(),
    metavar="RANGE",
    help="Multiply effects of signals on other agents' values: 0 makes values private, 1 is the model; 0:1:1/8.",
)
@click.option(
    "--incentives",
    type=click.Choice(["bayesian", "ex-post"]),
    default="bayesian",
    show_default=True,
    help="Nobody gains by lying in expectation over the others' signals, or whatever they are.",
)
@click.option("--second-best", "second", is_flag=True, help="The largest welfare that incentives allow, too.")
@json_option
@click.option("--certificate", type=click.Path(dir_okay=False), metavar="FILE", help="Write what proves the answers.")
@click.option(
    "-o",
    "--plot",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    callback=drawable,
    help="Draw the loss of welfare (.png, .svg or .pdf), against the violation of congruence or the points.",
)
@seconds_option
@memory_option
def interdependent(
    model: str,
    points: tuple[int, ...] | None,
    strength: tuple[Fraction, ...] | None,
    incentives: str,
    second: bool,
    as_json: bool,
    certificate: str | None,
    plot: str | None,
    max_seconds: float | None,
    max_memory: int | None,
) -> int:
    """Efficient mechanisms with interdependent values: congruence, supporting transfers or a cycle, second best."""
    from eqsolve.interdependent.study import examine_interdependent
    from eqsolve.io.interdependent_file import load_interdependent

    loaded = load_interdependent(model)
    if points is not None and min(points) < 1:
        raise ModelError(f"--points: found {min(points)}, expected 1 or more")
    strengths = strength or (STRENGTHS if plot is not None and len(points or (0,)) == 1 else (Fraction(1),))
    with naming(model), limited(max_seconds, max_memory) as tick:
        found = examine_interdependent(
            loaded,
            points,
            strengths,
            incentives,
            second=second or plot is not None,
            max_seconds=max_seconds,
            progress=tick,
        )
    if certificate is not None:
        _write(found, certificate)
    if plot is not None and any(p.second_best is not None for p in found.points):
        from eqsolve.show.interdependent_plots import plot_study

        plot_study(found, plot)
    if not found.points and not as_json:
        raise nothing_known(found.stopped or "time limit")
    if as_json:
        from eqsolve.io.interdependent_json import study_json

        print_json(study_json(found, model))
    else:
        from eqsolve.show.interdependent_page import print_study

        print_page(partial(print_study, found))
    return exit_code(found.stopped)


def _write(found: Study, path: str) -> None:
    """Certificates of all points: one, or a list of them."""
    from eqsolve.io.certificate_file import write_certificate
    from eqsolve.io.interdependent_certificate import bound_certificate, support_certificate

    documents = []
    for p in found.points:
        documents.append(support_certificate(p.support))
        if p.second_best is not None and not p.support.exists:
            documents.append(bound_certificate(p.second_best))
    if documents:
        write_certificate(path, documents[0] if len(documents) == 1 else documents)
