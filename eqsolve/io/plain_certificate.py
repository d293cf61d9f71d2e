"""Certificates that profiles of a plain game are Nash equilibria."""

from __future__ import annotations

from fractions import Fraction

from eqsolve import __version__
from eqsolve.certificate.check import FORMAT, VERSION
from eqsolve.certificate.plain_game import KIND, STATEMENT
from eqsolve.engines.equilibrium_set import MixedEquilibrium, Value
from eqsolve.exact.rational import text
from eqsolve.game import NormalFormGame
from eqsolve.io.certificate_file import Document
from eqsolve.plain.result import NashResult


def plain_block(game: NormalFormGame) -> Document:
    """A plain game as a certificate tells it."""
    return {
        "kind": KIND,
        "name": game.title,
        "players": [
            {"name": player, "strategies": list(labels)}
            for player, labels in zip(game.players, game.strategies, strict=True)
        ],
        "payoffs": [[text(q) for q in table.ravel()] for table in game.payoffs],
    }


def equilibria_certificate(result: NashResult) -> Document | None:
    """That the listed rational equilibria are equilibria, and of two players also mixtures within subsets.

    That the list is complete is not in it. Equilibria with irrational probabilities are left out.

    Returns
    -------
    dict or None
        None if there is no rational equilibrium.
    """
    place = {k: p for p, k in enumerate(k for k, e in enumerate(result.equilibria) if e.is_rational)}
    if not place:
        return None
    mixtures = result.game.n_players == 2 and not result.parameters.get("symmetric")
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": f"eqsolve {__version__}",
        "game": plain_block(result.game),
        "statement": {
            "says": STATEMENT,
            "equilibria": [_block(result.equilibria[k]) for k in place],
            "subsets": [[place[k] for k in s] for s in result.subsets if mixtures and all(k in place for k in s)],
        },
        "evidence": {},
    }


def _block(e: MixedEquilibrium) -> Document:
    return {
        "strategies": [[_exact(p) for p in player] for player in e.strategies],
        "payoffs": [_exact(q) for q in e.payoffs],
    }


def _exact(value: Value) -> str:
    assert isinstance(value, Fraction)  # of a rational equilibrium
    return text(value)
