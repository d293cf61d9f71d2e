"""The bundled models: what the ledger computes from, and the claims that their files make."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from eqsolve.claims import REFUTED, settle
from eqsolve.claims.knowledge import Knowledge
from eqsolve.errors import LimitReached
from eqsolve.ledger.settled import CAVEAT, ERRATUM, HOLDS, OPEN, Published, Settled
from eqsolve.model import Claim, Model


@cache
def bundled(name: str) -> Model:
    """The bundled model of that name, whatever files lie about in the working directory."""
    from eqsolve.io.kinds import bundled_models
    from eqsolve.io.model_file import read_model

    return read_model(bundled_models()[name])


def model_claims() -> Iterator[tuple[Published, Model, Claim]]:
    """Claims in the files of the bundled models, with ids like ``model.bargaining.1``."""
    from eqsolve.io.kinds import bundled_models

    for name in bundled_models():
        model = bundled(name)
        for number, claim in enumerate(model.claims, start=1):
            printed = ", ".join(f"{agent}: {text}" for agent, text in claim.printed.items()) or None
            says = f"{claim.says} ({claim.of})" if claim.printed else claim.says
            copies = model.copies if claim.copies is None else claim.copies
            yield (
                Published(
                    f"model.{name}.{number}", f"models/{name}.toml", claim.where, f"{says}, K = {copies}", printed
                ),
                model,
                claim,
            )


@cache
def _known(model: Model, copies: int | None) -> Knowledge:
    """What claims about the same game share."""
    return Knowledge(model.link(copies))


def settle_model_claim(model: Model, claim: Claim) -> Settled:
    """Settle what a model's file claims of all its equilibria."""
    found = settle(_known(model, claim.copies), claim)
    if found.stopped == "interrupted":
        raise KeyboardInterrupt
    if found.stopped is not None:
        raise LimitReached(found.stopped)
    computed = ", ".join(
        f"{agent.name}: {value}"
        for agent, value in zip(model.problem.agents, found.computed, strict=True)
        if value is not None
    )
    caveat = found.caveat
    if found.fewest_lies == REFUTED and found.verdict != REFUTED:
        # The source defines approximate truth by fewest lies.
        return Settled(f"fewest lies: {REFUTED}", ERRATUM, f"{caveat}; permutation-free: {found.verdict}", found.method)
    verdict = {"proved": CAVEAT if caveat else HOLDS, "refuted": ERRATUM}.get(found.verdict)
    if verdict is None:
        return Settled(computed, OPEN, caveat, found.method)
    return Settled(computed or found.verdict, verdict, caveat, found.method)
