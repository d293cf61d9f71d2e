"""Claims about all equilibria of a linked game: proved, refuted with witnesses, or open with a bracket."""

from eqsolve.claims.settling import settle, settle_model
from eqsolve.claims.verdict import OPEN, PROVED, REFUTED, Verdict

__all__ = ["OPEN", "PROVED", "REFUTED", "Verdict", "settle", "settle_model"]
