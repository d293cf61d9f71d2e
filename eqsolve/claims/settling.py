"""Settle claims about all equilibria of a linked game."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from eqsolve.claims import collusion, figures, payoffs, truth, uniqueness
from eqsolve.claims.argument import Argument
from eqsolve.claims.knowledge import INTERRUPTED, Knowledge, Progress
from eqsolve.claims.proofs import has_certificates
from eqsolve.claims.verdict import Verdict
from eqsolve.errors import LimitReached, ModelError
from eqsolve.linking import LinkedGame
from eqsolve.model import Claim, Model

KINDS = {
    "payoffs-unique": payoffs.payoffs_unique,
    "outcome-unique": uniqueness.outcome_unique,
    "equilibrium-unique": uniqueness.equilibrium_unique,
    "truthful": truth.truthful,
    "no-collusion": collusion.no_collusion,
    "payoff": figures.payoff,
}


def settle(
    game: LinkedGame | Knowledge,
    claim: Claim | str,
    *,
    certify: bool = False,
    seed: int = 0,
    max_seconds: float | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Prove a claim about all equilibria of a game, refute it by a witness, or say what stays open.

    Parameters
    ----------
    game : LinkedGame or Knowledge
        What is known already of a game is used again; it then brings its own seed, deadline and progress.
    claim : Claim or str
        A string says what is claimed, ``"payoffs-unique"`` for example; `Claim` lists the words.
    certify : bool
        Whether to make certificates, where a format covers the argument.
    seed : int
        Of the search for witnesses.
    max_seconds : float, optional
        Limit on the work; what stays unsettled then is open.
    progress : callable, optional

    Returns
    -------
    Verdict

    Raises
    ------
    ModelError
        If nobody can claim that.

    Examples
    --------
    >>> import eqsolve as eq
    >>> verdict = eq.settle(eq.load("object").link(4), "payoffs-unique")
    >>> verdict.verdict
    'proved'
    """
    claim = Claim(claim) if isinstance(claim, str) else claim
    if not isinstance(game, Knowledge):
        deadline = None if max_seconds is None else time.monotonic() + max_seconds
        game = Knowledge(game, seed=seed, deadline=deadline, progress=progress)
    return _settle(game, claim, certify)


def settle_model(
    model: Model,
    claims: Sequence[Claim] | None = None,
    *,
    copies: Sequence[int] | None = None,
    certify: bool = False,
    seed: int = 0,
    max_seconds: float | None = None,
    progress: Progress | None = None,
) -> Iterator[Verdict]:
    """Settle claims of a model one after the other; claims about the same K share what is worked out.

    Parameters
    ----------
    model : Model
    claims : sequence of Claim, optional
        Those of the model by default.
    copies : sequence of int, optional
        Settle every claim for each of these K; by default for the claim's own, or else the model's.
    certify, seed, max_seconds, progress
        As in `settle`; the limit is for all claims together.

    Notes
    -----
    After Ctrl-C the claim at work is the last one.

    Examples
    --------
    >>> import eqsolve as eq
    >>> [verdict.verdict for verdict in eq.settle_model(eq.load("vote-coin"))]
    ['proved']
    """
    deadline = None if max_seconds is None else time.monotonic() + max_seconds
    known: dict[int, Knowledge] = {}
    for claim in model.claims if claims is None else claims:
        for k in copies or (claim.copies,):
            game = model.link(k)
            if game.copies not in known:
                known[game.copies] = Knowledge(game, seed=seed, deadline=deadline, progress=progress)
            verdict = _settle(known[game.copies], claim, certify)
            yield verdict
            if verdict.stopped == INTERRUPTED:
                return


def _settle(knowledge: Knowledge, claim: Claim, certify: bool) -> Verdict:
    if claim.says not in KINDS:
        raise ModelError(f"claim: found {claim.says!r}, expected one of {', '.join(KINDS)}")
    argument = Argument(knowledge, claim, certify and has_certificates(knowledge.game))
    try:
        return KINDS[claim.says](argument)
    except LimitReached as error:
        return argument.stopped(str(error))
    except KeyboardInterrupt:
        return argument.stopped(INTERRUPTED)
