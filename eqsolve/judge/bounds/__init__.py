"""Floors and ceilings: what every Bayesian equilibrium must pay, proved without finding any."""

from eqsolve.judge.bounds.ceilings import ceiling, ceiling_evidence
from eqsolve.judge.bounds.dominance import Undominated, undominated_tables
from eqsolve.judge.bounds.floors import floor, floor_evidence, label_free_evidence
from eqsolve.judge.bounds.joint_histograms import joint_histograms
from eqsolve.judge.bounds.joint_law import JointBound, joint_law_bound, joint_law_bounds, largest_probability
from eqsolve.judge.bounds.margins import MarginsBound, ceiling_by_margins, floor_by_margins

__all__ = [
    "JointBound",
    "MarginsBound",
    "Undominated",
    "ceiling",
    "ceiling_by_margins",
    "ceiling_evidence",
    "floor",
    "floor_by_margins",
    "floor_evidence",
    "joint_histograms",
    "joint_law_bound",
    "joint_law_bounds",
    "label_free_evidence",
    "largest_probability",
    "undominated_tables",
]
