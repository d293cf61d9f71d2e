"""Laws of an agent's type vector on K problems: what a type process comes to for one agent.

Every problem's type has the prior as its law. A law is *exchangeable* if renaming problems changes nothing; then all
type vectors of a histogram are equally likely, which is all that label-free theory needs to know.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from operator import mul

import numpy as np

from eqsolve.budget import Histogram, multinomial
from eqsolve.errors import NotSupported
from eqsolve.exact.multinomial import Values, check_size, estimated_means, exact_means
from eqsolve.processes.histograms import HistogramLaw, multinomial_law

Vector = tuple[int, ...]
"""Type indices, one per problem."""
Rounded = tuple[Fraction, Fraction]
"""A number and a bound on its error."""


@dataclass(frozen=True)
class TypeLaw(ABC):
    """Law of an agent's type vector.

    Parameters
    ----------
    prior : tuple of Fraction
        The law of the type on every single problem.
    copies : int
        K, the number of problems.
    """

    prior: tuple[Fraction, ...]
    copies: int

    @property
    def is_independent(self) -> bool:
        """Whether the types on different problems are independent draws from the prior."""
        return False

    @property
    def is_exchangeable(self) -> bool:
        """Whether renaming problems leaves the law as it is."""
        return True

    @property
    def possible(self) -> tuple[int, ...]:
        """Types of positive probability."""
        return tuple(u for u, p in enumerate(self.prior) if p)

    @abstractmethod
    def probability(self, vector: Sequence[int]) -> Fraction:
        """Probability of a type vector."""

    @abstractmethod
    def vector_count(self) -> int:
        """Number of type vectors of positive probability, worked out without listing them."""

    @abstractmethod
    def histogram_law(self) -> HistogramLaw:
        """Law of the histogram, positive probabilities only.

        Raises
        ------
        SizeError
            If there are too many histograms.
        NotSupported
            If the law is not exchangeable, so that the histogram does not tell enough.
        """

    @property
    def kind(self) -> str:
        """What the law is called in messages."""
        return "process"

    def require_exchangeable(self) -> None:
        """Raise NotSupported if renaming problems changes the law."""
        if not self.is_exchangeable:
            raise NotSupported(
                f'link.process: "{self.kind}" is not exchangeable: renaming problems changes the law of the types, so '
                "label-free play and bounds that rest on it do not apply; --form explicit answers for few copies, and "
                '"copy" is exchangeable'
            )

    def vectors(self) -> Iterator[Vector]:
        """Type vectors of positive probability, lexicographically."""
        for vector in itertools.product(self.possible, repeat=self.copies):
            if self.probability(vector):
                yield vector

    def chance(self, histogram: Histogram) -> Fraction:
        """Probability of each type vector with this histogram (exchangeable laws)."""
        return self.probability([u for u, count in enumerate(histogram) for _ in range(count)])

    # Means over the law of the histogram

    def check_size(self, exact: bool) -> None:
        """Raise SizeError if there are too many histograms for `exact_means` or `estimated_means`.

        Raise NotSupported if the law is not exchangeable.
        """
        check_size(self.prior, self.copies, exact)

    def exact_means(self, values: Values, *, deadline: float | None = None) -> list[Fraction]:
        """Means of functions of the histogram, as `eqsolve.exact.multinomial.exact_means` has them."""
        law = self.histogram_law()
        columns = values(law.histograms).T.tolist()
        return [Fraction(sum(map(mul, law.weights, column)), law.scale) for column in columns]

    def exact_mean(self, values: Values, *, deadline: float | None = None) -> Fraction:
        """Mean of a function of the histogram: an integer per line of an array of histograms."""
        return self.exact_means(lambda lines: values(lines)[:, None], deadline=deadline)[0]

    def estimated_means(self, values: Values, *, deadline: float | None = None) -> list[Rounded]:
        """`exact_means` in floating point, with proved error bounds, where exact arithmetic takes too long."""
        return [(mean, Fraction(0)) for mean in self.exact_means(values, deadline=deadline)]

    def estimated_mean(self, values: Values, *, deadline: float | None = None) -> Rounded:
        """`exact_mean` in floating point, with a proved error bound."""
        return self.estimated_means(lambda lines: values(lines)[:, None], deadline=deadline)[0]


@dataclass(frozen=True)
class IndependentLaw(TypeLaw):
    """Independent draws from the prior."""

    @property
    def is_independent(self) -> bool:
        """True."""
        return True

    def probability(self, vector: Sequence[int]) -> Fraction:
        """The product of the priors."""
        return math.prod((self.prior[u] for u in vector), start=Fraction(1))

    def vector_count(self) -> int:
        """All vectors of possible types."""
        return int(len(self.possible) ** self.copies)

    def vectors(self) -> Iterator[Vector]:
        """All vectors of possible types, lexicographically."""
        return itertools.product(self.possible, repeat=self.copies)

    def histogram_law(self) -> HistogramLaw:
        """The multinomial law."""
        return multinomial_law(self.prior, self.copies)

    def exact_means(self, values: Values, *, deadline: float | None = None) -> list[Fraction]:
        """Means over the multinomial law, in batches."""
        return exact_means(self.prior, self.copies, values, deadline=deadline)

    def estimated_means(self, values: Values, *, deadline: float | None = None) -> list[Rounded]:
        """Means over the multinomial law, in batches."""
        return estimated_means(self.prior, self.copies, values, deadline=deadline)


@dataclass(frozen=True)
class CopyLaw(TypeLaw):
    """With probability `rho` all types are one draw from the prior, else they are independent draws.

    Parameters
    ----------
    prior, copies
    rho : Fraction
    """

    rho: Fraction = Fraction(0)

    @cached_property
    def _apart(self) -> IndependentLaw:
        return IndependentLaw(self.prior, self.copies)

    def probability(self, vector: Sequence[int]) -> Fraction:
        """The mixture's probability."""
        together = self.prior[vector[0]] if len(set(vector)) == 1 else Fraction(0)
        return self.rho * together + (1 - self.rho) * self._apart.probability(vector)

    def vector_count(self) -> int:
        """All vectors of possible types, or only the constant ones."""
        return len(self.possible) if self.rho == 1 else self._apart.vector_count()

    def vectors(self) -> Iterator[Vector]:
        """All vectors of possible types, or only the constant ones, lexicographically."""
        if self.rho == 1:
            return iter([(u,) * self.copies for u in self.possible])
        return self._apart.vectors()

    @property
    def _corners(self) -> list[Histogram]:
        """Histograms with all problems of one possible type."""
        return [tuple(self.copies if v == u else 0 for v in range(len(self.prior))) for u in self.possible]

    def histogram_law(self) -> HistogramLaw:
        """A mixture of the multinomial law and its corners."""
        chances = {h: self.prior[u] * self.rho for u, h in zip(self.possible, self._corners, strict=True)}
        if self.rho < 1:
            for h, p in self._apart.histogram_law().items():
                chances[h] = chances.get(h, Fraction(0)) + (1 - self.rho) * p
        return HistogramLaw.of(chances)

    def _together(self, values: Values) -> list[Fraction]:
        """Means where all types are one draw."""
        columns = values(np.array(self._corners, dtype=np.int64)).T.tolist()
        return [
            sum((self.prior[u] * int(x) for u, x in zip(self.possible, column, strict=True)), Fraction(0))
            for column in columns
        ]

    def exact_means(self, values: Values, *, deadline: float | None = None) -> list[Fraction]:
        """A mixture of means over the multinomial law and over its corners."""
        apart = self._apart.exact_means(values, deadline=deadline)
        return [self.rho * x + (1 - self.rho) * y for x, y in zip(self._together(values), apart, strict=True)]

    def estimated_means(self, values: Values, *, deadline: float | None = None) -> list[Rounded]:
        """A mixture of means over the multinomial law and over its corners; only the former have errors."""
        apart = self._apart.estimated_means(values, deadline=deadline)
        return [
            (self.rho * x + (1 - self.rho) * middle, (1 - self.rho) * radius)
            for x, (middle, radius) in zip(self._together(values), apart, strict=True)
        ]


@dataclass(frozen=True)
class SequenceLaw(TypeLaw):
    """Every type but the first repeats an earlier one with probability `rho`, else it is a draw from the prior.

    From three problems on this is not exchangeable, unless nothing or everything is repeated.

    Parameters
    ----------
    prior, copies
    rho : Fraction
    previous : bool
        Whether the type on the previous problem is repeated, else that on the first one.
    """

    rho: Fraction = Fraction(0)
    previous: bool = False

    @property
    def kind(self) -> str:
        """As a model file has it."""
        return "copy_previous" if self.previous else "copy_first"

    @property
    def is_exchangeable(self) -> bool:
        """Whether names of problems matter: with a single possible type they do not."""
        return len(self.possible) == 1

    def probability(self, vector: Sequence[int]) -> Fraction:
        """A product over the problems."""
        chance = self.prior[vector[0]]
        for k in range(1, len(vector)):
            model = vector[k - 1] if self.previous else vector[0]
            chance *= (1 - self.rho) * self.prior[vector[k]] + (self.rho if vector[k] == model else 0)
        return chance

    def vector_count(self) -> int:
        """All vectors of possible types: `rho` is below 1."""
        return int(len(self.possible) ** self.copies)

    def histogram_law(self) -> HistogramLaw:
        """Refused, unless there is a single possible type."""
        self.require_exchangeable()
        return multinomial_law(self.prior, self.copies)

    def check_size(self, exact: bool) -> None:
        """Raise NotSupported, unless there is a single possible type."""
        self.require_exchangeable()


@dataclass(frozen=True)
class TableLaw(TypeLaw):
    """A law that is listed vector by vector.

    Parameters
    ----------
    prior, copies
    cells : tuple of (type vector, probability)
        Positive probabilities, type vectors in lexicographic order.
    """

    cells: tuple[tuple[Vector, Fraction], ...] = ()

    @property
    def kind(self) -> str:
        """As a model file has it."""
        return "table"

    @cached_property
    def _known(self) -> dict[Vector, Fraction]:
        return dict(self.cells)

    @cached_property
    def _by_histogram(self) -> dict[Histogram, list[Fraction]]:
        found: dict[Histogram, list[Fraction]] = {}
        for vector, p in self.cells:
            found.setdefault(tuple(vector.count(u) for u in range(len(self.prior))), []).append(p)
        return found

    @property
    def is_exchangeable(self) -> bool:
        """Whether all type vectors of a histogram are equally likely."""
        return self._is_symmetric

    @cached_property
    def _is_symmetric(self) -> bool:
        return all(len(set(ps)) == 1 and len(ps) == multinomial(h) for h, ps in self._by_histogram.items())

    def probability(self, vector: Sequence[int]) -> Fraction:
        """As listed, 0 where nothing is."""
        return self._known.get(tuple(vector), Fraction(0))

    def vector_count(self) -> int:
        """The listed vectors."""
        return len(self.cells)

    def vectors(self) -> Iterator[Vector]:
        """The listed vectors."""
        return iter(self._known)

    def histogram_law(self) -> HistogramLaw:
        """The listed probabilities, added up."""
        self.require_exchangeable()
        return HistogramLaw.of({h: sum(ps, Fraction(0)) for h, ps in self._by_histogram.items()})

    def check_size(self, exact: bool) -> None:
        """Never too many: they are listed. Raise NotSupported if the law is not exchangeable."""
        self.require_exchangeable()
