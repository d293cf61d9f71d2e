"""The correlation filter: who announces as if hand in hand, and how sure one can be of it.

Source: Jackson and Sonnenschein (2003), Example 5 and the proof of Theorem 1.
"""

from eqsolve.filter.audit import Audit, audit
from eqsolve.filter.ballots import Ballots, parse_ballots, read_ballots
from eqsolve.filter.calibration import Calibration, alpha_for, epsilon_for, false_alarm, family_wise
from eqsolve.filter.distance import CorrelationFilter, distances
from eqsolve.filter.panel import Panel
from eqsolve.filter.plan import Plan, opposite
from eqsolve.filter.power import Power, complete_power, power
from eqsolve.filter.setting import Setting, calibrate
from eqsolve.filter.simulation import Simulation, simulate

__all__ = [
    "Audit",
    "Ballots",
    "Calibration",
    "CorrelationFilter",
    "Panel",
    "Plan",
    "Power",
    "Setting",
    "Simulation",
    "alpha_for",
    "audit",
    "calibrate",
    "complete_power",
    "distances",
    "epsilon_for",
    "false_alarm",
    "family_wise",
    "opposite",
    "parse_ballots",
    "power",
    "read_ballots",
    "simulate",
]
