"""Payoffs against the number of linked problems: how fast linking comes to the rule that one wanted.

For every number of copies K the label-free equilibrium payoffs, which are exact at K in the thousands, floors and
ceilings for all other equilibria where they are affordable, and the gap to the payoffs under truth and the rule. Lies
that the budget forces are of the order of K^(1/2) problems, so the gap is at most of the order of K^(-1/2) (Jackson and
Sonnenschein 2003, How Large is Large?); the fitted exponent says how fast it closes in the model at hand.
"""

from eqsolve.convergence.measuring import Progress, curve
from eqsolve.convergence.result import BOUND, Curve, CurvePoint, Rate, fit_rate

__all__ = ["BOUND", "Curve", "CurvePoint", "Progress", "Rate", "curve", "fit_rate"]
