"""Random linked problems as model files, the same from a seed on every machine."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from eqsolve.exact.rational import text

LARGEST = 3
"""Utilities are whole numbers up to this size, probabilities are made of weights from 1 to it."""


def random_document(seed: int, agents: int, types: int, decisions: int) -> dict[str, Any]:
    """Keys and values of a model file with random utilities and priors, the utilitarian rule and frequency budgets.

    Parameters
    ----------
    seed, agents, types, decisions : int
        The same four numbers give the same model.
    """
    rng = random.Random(f"{seed} {agents} {types} {decisions}")
    names = [f"d{k}" for k in range(decisions)]
    return {
        "name": f"Random problem {seed}",
        "decisions": names,
        "agents": {str(i + 1): {"types": _types(rng, types, names)} for i in range(agents)},
        "rule": {"kind": "utilitarian"},
        "link": {"copies": 2},
    }


def _types(rng: random.Random, types: int, decisions: list[str]) -> list[dict[str, Any]]:
    weights = [rng.randrange(1, LARGEST + 1) for _ in range(types)]
    return [
        {
            "name": f"t{u}",
            "prob": text(Fraction(weight, sum(weights))),
            "utility": {d: rng.randrange(-LARGEST, LARGEST + 1) for d in decisions},
        }
        for u, weight in enumerate(weights)
    ]
