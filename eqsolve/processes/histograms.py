"""Laws of histograms: how often each type occurs among an agent's true types, with exact probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from eqsolve.budget import Histogram, compositions
from eqsolve.errors import SizeError
from eqsolve.exact.rational import in_words, to_integers

MAX_HISTOGRAMS = 2_000_000


@dataclass(frozen=True, eq=False)
class HistogramLaw:
    """Law of a histogram, with exact weights.

    Parameters
    ----------
    histograms : array (H, m) of int
    weights : list of H int
        Probabilities times `scale`.
    scale : int
    """

    histograms: npt.NDArray[np.int64]
    weights: list[int]
    scale: int

    @classmethod
    def of(cls, chances: Mapping[Histogram, Fraction]) -> HistogramLaw:
        """The law with these probabilities, all positive; histograms in lexicographic order."""
        listed = sorted(chances)
        weights, scale = to_integers([chances[h] for h in listed])
        return cls(np.array(listed, dtype=np.int64), weights, scale)

    def items(self) -> Iterator[tuple[Histogram, Fraction]]:
        """Histograms with their probabilities."""
        for row, weight in zip(self.histograms.tolist(), self.weights, strict=True):
            yield tuple(row), Fraction(weight, self.scale)


def multinomial_law(prior: Sequence[Fraction], draws: int) -> HistogramLaw:
    """Law of the histogram of independent draws; types of probability 0 never occur."""
    possible = [u for u, p in enumerate(prior) if p]
    states = math.comb(draws + len(possible) - 1, len(possible) - 1)
    if states > MAX_HISTOGRAMS:
        raise SizeError(
            f"{draws} problems have {in_words(states)} histograms of types, more than {MAX_HISTOGRAMS:,}; "
            "fewer copies help"
        )
    numerators, denominator = to_integers([prior[u] for u in possible])
    histograms = np.zeros((states, len(prior)), dtype=np.int64)
    histograms[:, possible] = list(compositions(draws, len(possible)))
    return HistogramLaw(histograms, list(_multinomial_weights(numerators, draws)), denominator**draws)


def _multinomial_weights(chances: Sequence[int], draws: int) -> Iterator[int]:
    """Multinomial probabilities up to a common factor, in the order of `compositions`, each from the one before."""
    if len(chances) == 1:
        yield chances[0] ** draws
        return
    if len(chances) == 2:
        weight = chances[1] ** draws
        for c in range(draws + 1):
            yield weight
            weight = weight * chances[0] * (draws - c) // ((c + 1) * chances[1])
        return
    for c in range(draws + 1):
        factor = math.comb(draws, c) * chances[0] ** c
        for weight in _multinomial_weights(chances[1:], draws - c):
            yield factor * weight
