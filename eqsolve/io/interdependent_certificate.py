"""Certificates that transfers support an efficient rule, or that none do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from eqsolve import __version__
from eqsolve.certificate.check import FORMAT, VERSION
from eqsolve.certificate.interdependent import STATEMENT
from eqsolve.certificate.interdependent_bound import BOUNDED
from eqsolve.certificate.interdependent_values import INTERDEPENDENT
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words, text
from eqsolve.interdependent.model import InformedAgent, InterdependentModel
from eqsolve.interdependent.second_best import SecondBest
from eqsolve.interdependent.support import EX_POST, Support
from eqsolve.interdependent.tables import others_first
from eqsolve.interdependent.transfers import Transfers
from eqsolve.io.certificate_file import Document

MAX_AMOUNTS = 2_000_000
"""Transfers that are written to one certificate."""


def support_certificate(found: Support) -> Document:
    """That transfers support the efficient rule of a model, or that none do.

    Raises
    ------
    SizeError
        If more than `MAX_AMOUNTS` transfers would have to be written.
    """
    model = found.rule.model
    names = [a.name for a in model.agents]
    if found.transfers is not None:
        evidence: Document = {"transfers": _transfers(names, found.transfers, found.incentives)}
    else:
        assert found.cycle is not None  # one of the two is there
        cycle: Document = {"agent": names[found.cycle.agent]}
        if found.cycle.others is not None:
            cycle["others"] = list(found.cycle.others)
        evidence = {"cycle": {**cycle, "signals": list(found.cycle.signals)}}
    verdict = "proved" if found.exists else "refuted"
    return _certificate(model, {"says": STATEMENT, "incentives": found.incentives, "verdict": verdict}, evidence)


def bound_certificate(found: SecondBest) -> Document:
    """That no incentive compatible mechanism has a greater welfare than the second best.

    Raises
    ------
    SizeError
        If more than `MAX_AMOUNTS` multipliers would have to be written.
    """
    if len(found.multipliers) > MAX_AMOUNTS:
        raise SizeError(
            f"certificate: {in_words(len(found.multipliers))} multipliers, at most {MAX_AMOUNTS:,}; "
            "take a coarser grid (--points)"
        )
    names = [a.name for a in found.model.agents]
    listed = []
    for (i, others, true, told), q in found.multipliers.items():
        lie: Document = {"agent": names[i], "true": true, "told": told, "multiplier": text(q)}
        listed.append(lie if others is None else {**lie, "others": list(others)})
    statement = {"says": BOUNDED, "incentives": found.incentives, "welfare": text(found.welfare)}
    return _certificate(found.model, statement, {"multipliers": listed})


def _certificate(model: InterdependentModel, statement: Document, evidence: Document) -> Document:
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": f"eqsolve {__version__}",
        "game": model_block(model),
        "statement": statement,
        "evidence": evidence,
    }


def model_block(model: InterdependentModel) -> Document:
    """A model with interdependent values as a certificate tells it."""
    return {
        "kind": INTERDEPENDENT,
        "name": model.name,
        "alternatives": list(model.alternatives),
        "agents": [
            {
                "name": agent.name,
                "coordinates": list(agent.coordinates),
                "signals": [[text(x) for x in s] for s in agent.signals],
                "probs": [text(p) for p in agent.probs],
            }
            for agent in model.agents
        ],
        "values": [
            [
                {"constant": text(constant), "effects": [[text(x) for x in by] for by in row]}
                for constant, row in zip(constants, rows, strict=True)
            ]
            for constants, rows in zip(model.constants, model.coefficients, strict=True)
        ],
        "ties": model.ties,
    }


def on_grid_of(model: InterdependentModel, sizes: Sequence[int]) -> InterdependentModel:
    """The model on the grid, if there is one, on which agents have these numbers of signals; else as it is."""
    if list(model.shape) == list(sizes) or not model.has_intervals:
        return model
    for points in range(1, max(sizes) + 1):
        shape = [_size(agent, points) for agent in model.agents]
        if shape == list(sizes):
            return model.with_points(points)
    return model


def _size(agent: InformedAgent, points: int) -> int:
    if agent.grid is None:
        return len(agent.signals)
    return math.prod(len(c.values) if c.interval is None else points for c in agent.grid)


def _transfers(names: Sequence[str], transfers: Transfers, incentives: str) -> Document:
    amounts = sum(array.size for array in transfers.values)
    if amounts > MAX_AMOUNTS:
        raise SizeError(
            f"certificate: {in_words(amounts)} transfers, at most {MAX_AMOUNTS:,}; take a coarser grid (--points)"
        )
    if incentives == EX_POST:
        rows = (others_first(array, i).T.tolist() for i, array in enumerate(transfers.values))
        return {
            name: [[text(Fraction(x, transfers.scale)) for x in row] for row in table]
            for name, table in zip(names, rows, strict=True)
        }
    return {
        name: [text(Fraction(x, transfers.scale)) for x in array.tolist()]
        for name, array in zip(names, transfers.values, strict=True)
    }
