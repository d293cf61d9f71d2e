"""Cost over surplus of linked VCG against the number of agents and dates, by simulation; every drawn case is exact."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from eqsolve.errors import LimitReached, ModelError
from eqsolve.statistical.calibration import Calibrated
from eqsolve.statistical.grid_set import GridSet
from eqsolve.statistical.linked_vcg import LinkedVCG
from eqsolve.statistical.process import TypeProcess
from eqsolve.statistical.resource import ResourceFamily, TypicalRule, with_dates

MAX_AGENTS = 500
CONFIDENCE = 0.95


@dataclass(frozen=True)
class RatioPoint:
    """Cost over surplus for N agents over N dates, everybody truthful, retracted where need be.

    Parameters
    ----------
    agents : int
    ratio, stderr : float
        Mean cost over mean surplus of the samples, and its standard error (delta method).
    interval : pair of float
        95 per cent, Student's t.
    cost, surplus : float
        Means.
    samples : int
    unlinked : Fraction
        Of VCG on every date by itself: (N − 1) β^{−(N−1)}, exact.
    outside : float
        Share of samples with a path outside of Ω*.
    calibrated : Calibrated or None
        How Ω*^n was chosen where it was calibrated, with the exact probability of leaving it.
    hypothesis : bool
        Whether that probability is small enough for Proposition 1 with c = ε and the bound on regrets; if not, it may
        be with the regrets themselves.
    seconds : float
    """

    agents: int
    ratio: float
    stderr: float
    interval: tuple[float, float]
    cost: float
    surplus: float
    samples: int
    unlinked: Fraction
    outside: float
    calibrated: Calibrated | None
    hypothesis: bool
    seconds: float


@dataclass(frozen=True)
class RatioCurve:
    """Points by rising N; `stopped` says why some are missing."""

    points: tuple[RatioPoint, ...]
    seed: int
    stopped: str | None = None


def ratio_curve(
    family: ResourceFamily,
    process: TypeProcess,
    rule: TypicalRule,
    sizes: Sequence[int],
    *,
    epsilon: Fraction = Fraction(1, 10),
    samples: int = 100,
    seed: int = 0,
    deadline: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> RatioCurve:
    """Estimate the ratio for N agents with independent paths over N dates.

    Parameters
    ----------
    family : ResourceFamily
    process : TypeProcess
        Of every agent; adapted to N dates.
    rule : TypicalRule
    sizes : numbers of agents and dates, at least 2
    epsilon : Fraction
        For the level "proposition".
    samples : int
        At least 2, drawn for each N.
    seed : int
    deadline : float, optional
        Of `time.monotonic`; what is known by then is returned.
    """
    check_curve(sizes, samples)
    points: list[RatioPoint] = []
    for size in sorted(set(sizes)):
        if progress is not None:
            progress(f"{size} agents and dates")
        try:
            points.append(ratio_point(family, with_dates(process, size), rule, size, epsilon, samples, seed, deadline))
        except LimitReached as error:
            return RatioCurve(tuple(points), seed, str(error))
        except KeyboardInterrupt:
            return RatioCurve(tuple(points), seed, "interrupted")
    return RatioCurve(tuple(points), seed)


def check_curve(sizes: Sequence[int], samples: int) -> None:
    """Raise ModelError unless there are two samples at least and all sizes are from 2 to the largest one allowed."""
    if samples < 2:
        raise ModelError(f"curve.samples: found {samples}, expected 2 or more")
    wrong = [size for size in sizes if not 2 <= size <= MAX_AGENTS]
    if wrong:
        raise ModelError(f"curve.sizes: found {wrong[0]}, expected 2 to {MAX_AGENTS} agents and dates")


def ratio_point(
    family: ResourceFamily,
    process: TypeProcess,
    rule: TypicalRule,
    agents: int,
    epsilon: Fraction,
    samples: int,
    seed: int,
    deadline: float | None = None,
) -> RatioPoint:
    """The ratio for so many agents over the process's dates; see `ratio_curve`."""
    start = time.monotonic()
    typical, calibrated = rule.apply(family, process, agents, epsilon)
    chosen = GridSet.of(family.grid, process.dates, typical)
    mechanism = LinkedVCG(family.problem(agents), (chosen,) * agents)
    source = random.Random(f"{seed}:{agents}")
    drawn: list[tuple[Fraction, Fraction]] = []
    outside = 0
    for _ in range(samples):
        if deadline is not None and time.monotonic() > deadline:
            raise LimitReached("time limit")
        paths = [process.sample(source) for _ in range(agents)]
        said = [chosen.retract(path) for path in paths]
        outside += said != paths
        drawn.append((sum(mechanism.transfers(said), Fraction(0)), mechanism.surplus(paths, said)))
    cost, surplus, ratio, stderr = _ratio_of_means(drawn)
    from scipy.special import stdtrit

    reach = float(stdtrit(samples - 1, (1 + CONFIDENCE) / 2)) * stderr
    return RatioPoint(
        agents,
        ratio,
        stderr,
        (ratio - reach, ratio + reach),
        cost,
        surplus,
        samples,
        (agents - 1) / family.discount ** (process.dates - 1),
        outside / samples,
        calibrated,
        calibrated is not None
        and not family.project.nothing
        and calibrated.leaving <= family.level(agents, process.dates, epsilon),
        time.monotonic() - start,
    )


def _ratio_of_means(drawn: Sequence[tuple[Fraction, Fraction]]) -> tuple[float, float, float, float]:
    """Means, their ratio, and its standard error."""
    count = len(drawn)
    cost = float(sum((c for c, _ in drawn), Fraction(0)) / count)
    surplus = float(sum((s for _, s in drawn), Fraction(0)) / count)
    if not surplus:
        raise ModelError("curve: found no surplus in any sample, expected endowments that yield something")
    ratio = cost / surplus
    spread = sum((float(c) - ratio * float(s)) ** 2 for c, s in drawn) / (count - 1)
    return cost, surplus, ratio, (spread / count) ** 0.5 / surplus
