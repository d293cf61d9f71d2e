"""The ledger: claims that were published about linked decisions, and what a computation says of each.

Every verdict is computed when it is asked for, from the bundled models or from small problems built on the spot;
nothing is looked up. A printed figure holds if the exact one rounds to it.
"""

from eqsolve.ledger.collection import Entry, Ledger, collect
from eqsolve.ledger.settled import CAVEAT, ERRATUM, HOLDS, OPEN, VERDICTS, Published, Settled

__all__ = ["CAVEAT", "ERRATUM", "HOLDS", "OPEN", "VERDICTS", "Entry", "Ledger", "Published", "Settled", "collect"]
