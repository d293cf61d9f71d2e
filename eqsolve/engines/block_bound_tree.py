"""What a search for extreme payoffs gives: an equilibrium, a bound, and the tree that proves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from eqsolve.engines.block_bound_equilibrium import Behaviour
from eqsolve.engines.block_bound_proof import Multipliers, Replies
from eqsolve.engines.block_bound_region import Setting


@dataclass(frozen=True)
class Sure:
    """A step of the tree: the sign of a comparison is certain, by these multipliers."""

    player: int
    comparison: int
    sign: int
    multipliers: Multipliers = field(default_factory=dict)


@dataclass(frozen=True)
class Branch:
    """A node with three subtrees, which follow in this order: the comparison is positive, zero, negative."""

    player: int
    comparison: int


@dataclass(frozen=True)
class Leaf:
    """The end of a branch.

    Attributes
    ----------
    player : int
        Whose payoffs are compared by the facts that the multipliers belong to.
    empty : bool
        Whether the multipliers show that there is no equilibrium here; else they bound the payoff.
    multipliers : {key: Fraction}
    replies : {type: {action: Fraction}}
    value : Fraction or None
        What was proved: the bound, in payoffs.
    """

    player: int
    empty: bool
    multipliers: Multipliers
    replies: Replies = field(default_factory=dict)
    value: Fraction | None = None


@dataclass(frozen=True)
class ExtremePayoff:
    """What was found, and what was proved.

    Attributes
    ----------
    value : Fraction or None
        Payoff in the best equilibrium found, ex ante; None if none was found.
    bound : Fraction
        No equilibrium pays more (less); equal to `value` if `complete`.
    strategies : pair of tuples of {action: probability}, or None
        The equilibrium found: a lottery for every type of both players.
    maximise : bool
        Whether it is about the largest payoff.
    setting : Setting
        The comparisons that the tree speaks of.
    tree : tuple of Sure, Branch and Leaf, in preorder
    complete : bool
    nodes, programs : int
        Parts looked at, and linear programs solved.
    seconds : float
    """

    value: Fraction | None
    bound: Fraction
    strategies: tuple[Behaviour, Behaviour] | None
    maximise: bool
    setting: Setting
    tree: tuple[Sure | Branch | Leaf, ...]
    complete: bool
    nodes: int
    programs: int
    seconds: float
