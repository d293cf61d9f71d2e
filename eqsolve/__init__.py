"""Exact equilibria of finite linked games, and what they mean.

Models
    `load` reads a model file or a bundled model; `Model`, `Claim`.
Problems and links
    `DecisionProblem`, `Agent`, `Type`; `Rule`, `utilitarian`, `table`, `Outcome`; `BudgetRule`, `Budget`;
    `LinkedGame`, `Options`.
Solving
    `solve` returns a `Solution` of `Equilibrium` entries; `Strategy`. `curve` returns a `Curve` of `CurvePoint` entries
    against the number of copies; `find_equilibria` searches for equilibria that are not label-free.
Judging
    `floor`, `ceiling` bound all equilibria; `ex_ante_efficiency` of a rule; `settle`, `settle_model` prove or refute
    claims and return a `Verdict`.
Correlation filter
    `calibrate` sets it for a game; `read_ballots` and `audit` judge real announcements.
Optimal mechanisms
    `optimal_mechanism`: the best incentive compatible one over linked problems.
Mechanisms with transfers
    `load_transfers` reads a model; `QuasiLinearProblem`; `vcg`, `ir_vcg`, `expected_externality` are mechanisms;
    `existence` says whether one with given properties exists, `examine_transfers` shows all side by side.
Participation
    `load_participation` reads issues with a status quo, `IssueSequence` takes them from Python; `participation_curve`
    says who takes part; `LinkedGroves`, `VetoGame`, `best_tariff` are the mechanisms.
Statistical mechanisms
    `load_statistical` reads a `StatisticalModel`; `examine_statistical` returns a `StatisticalAnalysis`;
    `check_proposition` takes any mechanism on a likely set; `ResourceProblem` allocates a resource repeatedly.
Interdependent values
    `load_interdependent` reads an `InterdependentModel`; `examine_interdependent` returns a `Study` of its grids.
Plain games
    `NormalFormGame`, `read_game`; `nash` returns a `NashResult`; `symmetric_equilibria`, `correlated_range`.
Reports
    `report` collects what a page shows of one model or several and returns a `Report`, which writes it.
Sweeps
    `run_sweep` works out every case of a spec, writes a table and returns a `SweepResult`.
Errors
    `EqsolveError` and below it `ModelError`, `SizeError`, `LimitReached`, `NotSupported`.

Names are imported when they are first used, so ``import eqsolve`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Agent": "problem",
    "Budget": "budget",
    "BudgetRule": "budget",
    "Claim": "model",
    "Curve": "convergence",
    "CurvePoint": "convergence",
    "DecisionProblem": "problem",
    "EqsolveError": "errors",
    "Equilibrium": "solution",
    "InterdependentModel": "interdependent.model",
    "IssueSequence": "participation.issue",
    "LimitReached": "errors",
    "LinkedGame": "linking",
    "LinkedGroves": "participation.groves",
    "Model": "model",
    "ModelError": "errors",
    "NashResult": "plain.result",
    "NormalFormGame": "game",
    "NotSupported": "errors",
    "Options": "linking",
    "Outcome": "rule",
    "QuasiLinearProblem": "transfers.problem",
    "Report": "show.report",
    "ResourceProblem": "statistical.allocation",
    "Rule": "rule",
    "SizeError": "errors",
    "Solution": "solution",
    "StatisticalAnalysis": "statistical.analysis",
    "StatisticalModel": "statistical.model",
    "Strategy": "strategy",
    "Study": "interdependent.study",
    "SweepResult": "sweep.run",
    "Type": "problem",
    "Verdict": "claims",
    "VetoGame": "participation.veto",
    "audit": "filter.audit",
    "best_tariff": "participation.tariff",
    "calibrate": "filter.setting",
    "ceiling": "judge.bounds",
    "check_proposition": "statistical.proposition",
    "correlated_range": "plain.solving",
    "curve": "convergence",
    "ex_ante_efficiency": "judge.efficiency",
    "examine_interdependent": "interdependent.study",
    "examine_statistical": "statistical.analysis",
    "examine_transfers": "transfers.analysis",
    "existence": "transfers.existence",
    "expected_externality": "transfers.balance",
    "find_equilibria": "search",
    "floor": "judge.bounds",
    "ir_vcg": "transfers.groves",
    "load": "io.model_file",
    "load_interdependent": "io.interdependent_file",
    "load_participation": "io.participation_file",
    "load_statistical": "io.statistical_file",
    "load_transfers": "io.transfers_file",
    "nash": "plain.solving",
    "optimal_mechanism": "mechanisms.optimal",
    "participation_curve": "participation.curve",
    "read_ballots": "filter.ballots",
    "read_game": "io.game_json",
    "report": "show.report",
    "run_sweep": "sweep.run",
    "settle": "claims",
    "settle_model": "claims",
    "solve": "solving",
    "symmetric_equilibria": "plain.solving",
    "table": "rule",
    "utilitarian": "rule",
    "vcg": "transfers.groves",
}

__all__ = [*sorted(_HOME), "__version__"]

if TYPE_CHECKING:
    from eqsolve.budget import Budget, BudgetRule
    from eqsolve.claims import Verdict, settle, settle_model
    from eqsolve.convergence import Curve, CurvePoint, curve
    from eqsolve.errors import EqsolveError, LimitReached, ModelError, NotSupported, SizeError
    from eqsolve.filter.audit import audit
    from eqsolve.filter.ballots import read_ballots
    from eqsolve.filter.setting import calibrate
    from eqsolve.game import NormalFormGame
    from eqsolve.interdependent.model import InterdependentModel
    from eqsolve.interdependent.study import Study, examine_interdependent
    from eqsolve.io.game_json import read_game
    from eqsolve.io.interdependent_file import load_interdependent
    from eqsolve.io.model_file import load
    from eqsolve.io.participation_file import load_participation
    from eqsolve.io.statistical_file import load_statistical
    from eqsolve.io.transfers_file import load_transfers
    from eqsolve.judge.bounds import ceiling, floor
    from eqsolve.judge.efficiency import ex_ante_efficiency
    from eqsolve.linking import LinkedGame, Options
    from eqsolve.mechanisms.optimal import optimal_mechanism
    from eqsolve.model import Claim, Model
    from eqsolve.participation.curve import participation_curve
    from eqsolve.participation.groves import LinkedGroves
    from eqsolve.participation.issue import IssueSequence
    from eqsolve.participation.tariff import best_tariff
    from eqsolve.participation.veto import VetoGame
    from eqsolve.plain.result import NashResult
    from eqsolve.plain.solving import correlated_range, nash, symmetric_equilibria
    from eqsolve.problem import Agent, DecisionProblem, Type
    from eqsolve.rule import Outcome, Rule, table, utilitarian
    from eqsolve.search import find_equilibria
    from eqsolve.show.report import Report, report
    from eqsolve.solution import Equilibrium, Solution
    from eqsolve.solving import solve
    from eqsolve.statistical.allocation import ResourceProblem
    from eqsolve.statistical.analysis import StatisticalAnalysis, examine_statistical
    from eqsolve.statistical.model import StatisticalModel
    from eqsolve.statistical.proposition import check_proposition
    from eqsolve.strategy import Strategy
    from eqsolve.sweep.run import SweepResult, run_sweep
    from eqsolve.transfers.analysis import examine_transfers
    from eqsolve.transfers.balance import expected_externality
    from eqsolve.transfers.existence import existence
    from eqsolve.transfers.groves import ir_vcg, vcg
    from eqsolve.transfers.problem import QuasiLinearProblem


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'eqsolve' has no attribute {name!r}")
    return getattr(importlib.import_module(f"eqsolve.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
