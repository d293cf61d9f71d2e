"""Floors and ceilings: what every Bayesian equilibrium must pay, proved without finding any."""

from eqsolve.judge.bounds.ceilings import ceiling
from eqsolve.judge.bounds.floors import floor
from eqsolve.judge.bounds.joint_histograms import joint_histograms

__all__ = ["ceiling", "floor", "joint_histograms"]
