"""Finite games in normal form with exact payoffs; conversions to other packages and to tables."""

from eqsolve.game.normal_form import NormalFormGame, Profile

__all__ = ["NormalFormGame", "Profile"]
