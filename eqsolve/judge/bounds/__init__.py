"""Floors and ceilings: what every Bayesian equilibrium must pay, proved without finding any."""

from eqsolve.judge.bounds.ceilings import ceiling, ceiling_evidence
from eqsolve.judge.bounds.dominance import Undominated, undominated_tables
from eqsolve.judge.bounds.floors import floor, floor_evidence, label_free_evidence
from eqsolve.judge.bounds.joint_histograms import joint_histograms

__all__ = [
    "Undominated",
    "ceiling",
    "ceiling_evidence",
    "floor",
    "floor_evidence",
    "joint_histograms",
    "label_free_evidence",
    "undominated_tables",
]
