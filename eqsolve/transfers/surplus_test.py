"""The notes' test for efficient, balanced mechanisms in which everybody takes part: the surplus of IR-VCG.

Lecture notes "Designing efficient mechanisms", Corollary 2 (a surplus is sufficient, always) and Theorem 3 (with
continuous types it is necessary, too). On discrete types it is not necessary; `existence` decides there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from eqsolve.transfers.balance import balanced_ir_vcg
from eqsolve.transfers.checks import Checks
from eqsolve.transfers.efficient import Ties
from eqsolve.transfers.existence import Existence, existence
from eqsolve.transfers.groves import ir_vcg
from eqsolve.transfers.problem import DirectMechanism, QuasiLinearProblem


@dataclass(frozen=True, eq=False)
class SurplusTest:
    """What the IR-VCG surplus says, and what is true.

    Attributes
    ----------
    surplus : Fraction
        Expected payments of IR-VCG less costs.
    mechanism : DirectMechanism
        IR-VCG, balanced.
    existence : Existence
        Whether an efficient, Bayesian incentive compatible, interim individually rational, balanced mechanism exists.
    """

    surplus: Fraction
    mechanism: DirectMechanism
    existence: Existence

    @property
    def corollary_2(self) -> bool | None:
        """Whether the balanced mechanism is as Corollary 2 says; None for a deficit, where it says nothing."""
        if self.surplus < 0:
            return None
        checks = Checks(self.mechanism)
        return checks.bayesian is None and checks.interim_participation is None and checks.budget.balances

    @property
    def theorem_3(self) -> bool:
        """Whether a mechanism exists if and only if the surplus is not negative; on discrete types it may fail."""
        return self.existence.exists == (self.surplus >= 0)


def surplus_test(problem: QuasiLinearProblem, ties: Ties = "first") -> SurplusTest:
    """Compare the surplus of IR-VCG with existence.

    Raises
    ------
    ModelError
        If the problem says nothing of staying away, or there is a single agent.
    """
    return SurplusTest(
        ir_vcg(problem, ties).expected_surplus, balanced_ir_vcg(problem, ties), existence(problem, ties=ties)
    )
