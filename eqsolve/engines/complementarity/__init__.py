"""Every equilibrium of a two-player game, exactly: the complementarity search.

`enumerate_equilibria` returns extreme equilibria, maximal Nash subsets and components; `leaves` streams the
products of faces that hold them.
"""

from eqsolve.engines.complementarity.enumeration import enumerate_equilibria, leaves
from eqsolve.engines.complementarity.model import BlockGame, Leaf, NashSet, Statistics

__all__ = ["BlockGame", "Leaf", "NashSet", "Statistics", "enumerate_equilibria", "leaves"]
