"""Congruence of private and social effects of signals: conditions (4.8) and (5.1).

For agent i and alternatives k, l let p be the difference between the effects of its signal on its own values of k and
l, and s the difference between the effects on the sum of all values. Prices make i choose between k and l along
hyperplanes with the normal p, efficiency along hyperplanes with the normal s. Both agree if p is a multiple of s, not a
negative one. With a coordinate per alternative "a multiple" is condition (4.8); with a single coordinate it says
nothing, and the sign is condition (5.1), the weak congruence; with coordinates that matter to others only it is Theorem
4.1 and Example 4.2.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.interdependent.model import ZERO, InterdependentModel, Vector

PARALLEL, SIGN, NO_SOCIAL_EFFECT = "direction", "sign", "no social effect"


@dataclass(frozen=True)
class PairCongruence:
    """How private and social effects of an agent's signal compare on a pair of alternatives.

    Parameters
    ----------
    agent : int
    pair : two ints
        Alternatives k and l.
    private, social : one Fraction per coordinate
        Effects on the agent's own value, and on the sum of values, of k less those of l.
    violation : Fraction
        0 if they are congruent. Else, for several coordinates, the largest |p_c s_d - p_d s_c| over pairs of
        coordinates, which for a coordinate per alternative is |a_k Σ_j a_lj - a_l Σ_j a_kj|; where p and s point in
        opposite directions, the largest |p_c s_c|.
    why : {"", "direction", "sign", "no social effect"}
        What is violated. "no social effect": private effects differ, social effects are the same, which violates (5.1)
        as it is written but never the possibility of efficient mechanisms by itself.
    """

    agent: int
    pair: tuple[int, int]
    private: Vector
    social: Vector
    violation: Fraction
    why: str

    @property
    def holds(self) -> bool:
        """Whether prices can make the agent choose efficiently between the two."""
        return self.why in ("", NO_SOCIAL_EFFECT)

    @property
    def strict(self) -> bool:
        """Whether (4.8), or (5.1) for a single coordinate, holds as it is written."""
        return not self.why


@dataclass(frozen=True)
class Congruence:
    """Congruence of all agents on all pairs of alternatives.

    Parameters
    ----------
    pairs : tuple of PairCongruence
        For every agent that has a signal and every pair k < l.
    """

    pairs: tuple[PairCongruence, ...]

    @property
    def holds(self) -> bool:
        """Whether all pairs are congruent."""
        return all(p.holds for p in self.pairs)

    @property
    def strict(self) -> bool:
        """Whether (4.8) and (5.1) hold as they are written."""
        return all(p.strict for p in self.pairs)

    @property
    def violation(self) -> Fraction:
        """The largest violation; 0 if all pairs are congruent."""
        return max((p.violation for p in self.pairs), default=ZERO)

    @property
    def worst(self) -> PairCongruence | None:
        """The pair with the largest violation; None if all are congruent."""
        broken = [p for p in self.pairs if not p.holds]
        return max(broken, key=lambda p: p.violation, default=None)


def congruence(model: InterdependentModel) -> Congruence:
    """Compare private and social effects of signals.

    Parameters
    ----------
    model : InterdependentModel

    Returns
    -------
    Congruence
        If it `holds`, the efficient rule has supporting transfers, ex post, on every grid. If it does not, prices
        fail wherever the two alternatives are the best ones on a fine enough grid.
    """
    found = []
    for i, agent in enumerate(model.agents):
        if not agent.dimension:
            continue
        private, social = model.private(i), model.social(i)
        for k, other in itertools.combinations(range(len(model.alternatives)), 2):
            p, s = _difference(private[k], private[other]), _difference(social[k], social[other])
            found.append(PairCongruence(i, (k, other), p, s, *compare(p, s)))
    return Congruence(tuple(found))


def compare(private: Sequence[Fraction], social: Sequence[Fraction]) -> tuple[Fraction, str]:
    """Violation and what is violated by a private and a social difference of effects."""
    if not any(social):
        return ZERO, NO_SOCIAL_EFFECT if any(private) else ""
    turned = max(
        (
            abs(private[c] * social[d] - private[d] * social[c])
            for c, d in itertools.combinations(range(len(private)), 2)
        ),
        default=ZERO,
    )
    if turned:
        return turned, PARALLEL
    opposite = max(-p * s for p, s in zip(private, social, strict=True))
    return (opposite, SIGN) if opposite > 0 else (ZERO, "")


def weak_congruence(model: InterdependentModel) -> bool:
    """Whether (5.1) holds as it is written: for all i, k, l, a^i_{ki} > a^i_{li} implies Σ_j a^i_{kj} > Σ_j a^i_{lj}.

    For models whose agents have one coordinate at most; agents without a signal have nothing to be congruent about.
    """
    return all(p.strict for p in congruence(model).pairs if len(p.private) == 1)


def _difference(left: Vector, right: Vector) -> Vector:
    return tuple(x - y for x, y in zip(left, right, strict=True))
