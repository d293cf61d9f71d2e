"""Type processes: how an agent's types hang together across problems.

Agents are independent of each other, and on every problem a type has the prior as its law; beyond that any law of an
agent's type vector will do (Jackson and Sonnenschein 2003, Correlation across Problems).
"""

from eqsolve.processes.histograms import HistogramLaw, multinomial_law
from eqsolve.processes.kinds import (
    Copy,
    CopyFirst,
    CopyPrevious,
    Independent,
    Intensity,
    Process,
    Table,
    apply_process,
)
from eqsolve.processes.laws import TypeLaw

__all__ = [
    "Copy",
    "CopyFirst",
    "CopyPrevious",
    "HistogramLaw",
    "Independent",
    "Intensity",
    "Process",
    "Table",
    "TypeLaw",
    "apply_process",
    "multinomial_law",
]
