"""The verb ``verify``: claims about all equilibria, proved, refuted or open."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from eqsolve.cli.options import (
    DONE,
    INTERRUPTED,
    LIMIT,
    json_option,
    limited,
    memory_option,
    naming,
    print_json,
    print_page,
    ranges,
    seconds_option,
)
from eqsolve.errors import LimitReached, ModelError

if TYPE_CHECKING:
    from eqsolve.claims import Verdict

REFUTED = 1
CLAIMS = ("payoffs-unique", "outcome-unique", "equilibrium-unique", "truthful", "no-collusion")


@click.command()
@click.argument("model")
@click.option("-k", "--copies", help="Settle every claim for these K (4, 2:8:2 or 2,4,8); by default the claims' own.")
@click.option("--claim", "says", multiple=True, type=click.Choice(CLAIMS), help="Settle this instead of the file's.")
@click.option("--certificate", type=click.Path(dir_okay=False), help="Write what proves the verdicts to this file.")
@json_option
@seconds_option
@memory_option
@click.option("--seed", type=int, default=0, help="Seed of the search for witnesses.")
def verify(
    model: str,
    copies: str | None,
    says: tuple[str, ...],
    certificate: str | None,
    as_json: bool,
    max_seconds: float | None,
    max_memory: int | None,
    seed: int,
) -> int:
    """Claims about all equilibria: proved, refuted with witnesses, or open with a bracket."""
    from eqsolve.claims import settle_model
    from eqsolve.io.certificate_file import write_certificate
    from eqsolve.io.model_file import load
    from eqsolve.io.verdict_json import verdicts_json
    from eqsolve.model import Claim
    from eqsolve.show.verdict_page import print_verdicts

    loaded = load(model)
    claims = [Claim(what) for what in says] or list(loaded.claims)
    if not claims:
        raise ModelError(f"{model}: the file makes no claims; --claim names one ({', '.join(CLAIMS)})")
    if certificate is not None and not os.path.isdir(folder := os.path.dirname(certificate) or "."):
        raise ModelError(f"--certificate: found {certificate!r}, but there is no directory {folder!r} to write it to")
    verdicts: list[Verdict] = []
    stopped = None
    try:
        with naming(model), limited(max_seconds, max_memory) as tick:
            settled = settle_model(
                loaded,
                claims,
                copies=None if copies is None else [int(k) for k in ranges(copies)],
                certify=certificate is not None,
                seed=seed,
                max_seconds=max_seconds,
                progress=tick,
            )
            verdicts.extend(settled)
    except LimitReached as error:
        stopped = str(error)
    except KeyboardInterrupt:
        stopped = "interrupted"
    if as_json:
        print_json(verdicts_json(verdicts, model, stopped))
    else:
        print_page(partial(print_verdicts, verdicts))
        if stopped is not None:
            click.echo(f"eqsolve: stopped: {stopped}; {len(verdicts)} claims were looked at", err=True)
    if certificate is not None:  # after the verdicts, which a full disk must not cost
        documents = [c for v in verdicts for c in v.certificates]
        if documents:
            write_certificate(certificate, documents)
        for v in verdicts:
            if not v.certificates:
                click.echo(f"eqsolve: no certificate for {v.claim.says}, K = {v.game.copies}: {v.method}", err=True)
    return _exit_code(verdicts, stopped)


def _exit_code(verdicts: list[Verdict], stopped: str | None) -> int:
    """1 for a refuted claim, else 3 for an open one, else 0; 130 after Ctrl-C."""
    if stopped == "interrupted" or any(v.stopped == "interrupted" for v in verdicts):
        return INTERRUPTED
    found = {v.verdict for v in verdicts}
    if "refuted" in found:
        return REFUTED
    return LIMIT if stopped or "open" in found else DONE
