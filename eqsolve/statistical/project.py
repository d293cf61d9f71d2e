"""Project types: concave functions from resource to payoff, with rational values at rational arguments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import ModelError


class Project(ABC):
    """A concave function f from [0, ∞) to [0, ∞); it is then nondecreasing, too."""

    @abstractmethod
    def __call__(self, resource: Fraction) -> Fraction:
        """Payoff f(x) of x units of the resource."""

    @property
    @abstractmethod
    def slope(self) -> Fraction:
        """f'(0), the right derivative at 0."""

    @property
    def nothing(self) -> Fraction:
        """f(0), what a project yields without the resource."""
        return self(Fraction(0))

    @property
    @abstractmethod
    def formula(self) -> str:
        """The function, as one writes it."""


@dataclass(frozen=True)
class Saturating(Project):
    """f(x) = offset + scale · x / (half + x).

    Parameters
    ----------
    scale, half : Fraction
        Positive.
    offset : Fraction
        f(0), not negative.
    """

    scale: Fraction = Fraction(1)
    half: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if self.scale <= 0 or self.half <= 0 or self.offset < 0:
            raise ModelError("project: found a scale or half that is not positive, or a negative offset")

    def __call__(self, resource: Fraction) -> Fraction:
        """f(x)."""
        return self.offset + self.scale * resource / (self.half + resource)

    @property
    def slope(self) -> Fraction:
        """The slope, scale / half."""
        return self.scale / self.half

    @property
    def formula(self) -> str:
        """As one writes it."""
        start = f"{self.offset} + " if self.offset else ""
        scale = "" if self.scale == 1 else f"{self.scale} "
        return f"{start}{scale}x/({self.half} + x)"


@dataclass(frozen=True)
class PiecewiseLinear(Project):
    """f(0) = offset, slope ``slopes[0]`` up to ``kinks[0]``, then ``slopes[1]``, and so on.

    Parameters
    ----------
    slopes : tuple of Fraction
        Decreasing, none negative.
    kinks : tuple of Fraction
        Increasing, positive, one fewer than slopes.
    offset : Fraction
    """

    slopes: tuple[Fraction, ...]
    kinks: tuple[Fraction, ...] = ()
    offset: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if len(self.slopes) != len(self.kinks) + 1:
            raise ModelError(
                f"project: found {len(self.slopes)} slopes, {len(self.kinks)} kinks, expected one kink less"
            )
        falling = all(a > b for a, b in zip(self.slopes, self.slopes[1:], strict=False)) and self.slopes[-1] >= 0
        rising = all(a < b for a, b in zip((Fraction(0), *self.kinks), self.kinks, strict=False))
        if not falling or not rising or self.offset < 0:
            raise ModelError(
                "project: found slopes that do not fall, kinks that do not rise from 0, or something negative; "
                "expected a concave function that is nowhere negative"
            )

    def __call__(self, resource: Fraction) -> Fraction:
        """f(x)."""
        value, start = self.offset, Fraction(0)
        for slope, end in zip(self.slopes, (*self.kinks, resource), strict=True):
            value += slope * (min(end, resource) - start)
            if resource <= end:
                break
            start = end
        return value

    @property
    def slope(self) -> Fraction:
        """The first slope."""
        return self.slopes[0]

    @property
    def formula(self) -> str:
        """As one writes it."""
        start = f"{self.offset} + " if self.offset else ""
        if len(self.slopes) == 2 and not self.slopes[1]:
            return f"{start}min({self.slopes[0]} x, {self.slopes[0] * self.kinks[0]})"
        return f"{start}slopes {', '.join(map(str, self.slopes))} with kinks at {', '.join(map(str, self.kinks))}"


def capped(slope: Fraction, cap: Fraction, offset: Fraction = Fraction(0)) -> PiecewiseLinear:
    """f(x) = offset + min(slope · x, cap)."""
    if slope <= 0 or cap <= 0:
        raise ModelError("project: found a slope or a cap that is not positive")
    return PiecewiseLinear((slope, Fraction(0)), (cap / slope,), offset)
