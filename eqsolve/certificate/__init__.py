"""Certificates: what proves an answer, and a checker that shares no code with the solvers.

Nothing here imports the rest of eqsolve, or anything but the standard library. ``python -m eqsolve.certificate FILE``
checks a file. To trust an answer read `reading` and `game`, which every statement needs, `check`, which says what is
stated, and the module of the evidence: `equilibrium`, `bounds` (with `tree` and `joint_law`), `reduction` with `truth`
or `uniqueness`, `collusion`.
"""

from eqsolve.certificate.check import Verdict, check
from eqsolve.certificate.reading import Unreadable, parse

__all__ = ["Unreadable", "Verdict", "check", "parse"]
