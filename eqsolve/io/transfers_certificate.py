"""Certificates that a mechanism with transfers exists, or that none does."""

from __future__ import annotations

from typing import Any

from eqsolve import __version__
from eqsolve.certificate.check import FORMAT, VERSION
from eqsolve.certificate.quasi_linear import KIND
from eqsolve.certificate.transfers import STATEMENT
from eqsolve.errors import NotSupported
from eqsolve.exact.rational import text
from eqsolve.io.certificate_file import Document
from eqsolve.problem import Profile
from eqsolve.transfers.existence import Existence
from eqsolve.transfers.problem import QuasiLinearProblem
from eqsolve.transfers.requirements import Requirement


def problem_block(problem: QuasiLinearProblem) -> Document:
    """A problem with transfers as a certificate tells it."""
    outside = problem.outside
    return {
        "kind": KIND,
        "name": problem.problem.name,
        "decisions": list(problem.problem.decisions),
        "agents": [
            {
                "name": agent.name,
                "types": [
                    {
                        "name": t.name,
                        "prob": text(t.prob),
                        "utility": [text(w) for w in problem.values[i][u]],
                        "outside": None if outside is None else text(outside[i][u]),
                    }
                    for u, t in enumerate(agent.types)
                ],
            }
            for i, agent in enumerate(problem.problem.agents)
        ],
        "costs": [text(c) for c in problem.costs],
    }


def existence_certificate(found: Existence) -> Document:
    """That a mechanism exists, or that none does.

    Raises
    ------
    NotSupported
        For a choice per profile as tie rule; give it as an allocation.
    """
    problem = found.problem
    if found.mechanism is not None:
        evidence: dict[str, Any] = {
            "allocation": [[text(q) for q in lottery] for lottery in found.mechanism.allocation],
            "transfers": [[text(t) for t in row] for row in found.mechanism.transfers],
        }
    else:
        evidence = {
            "multipliers": [
                {**_requirement(problem, requirement), "multiplier": text(q)}
                for requirement, q in found.multipliers.items()
            ]
        }
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": f"eqsolve {__version__}",
        "game": problem_block(problem),
        "statement": {
            "says": STATEMENT,
            "verdict": "proved" if found.exists else "refuted",
            "rule": _rule(found),
            "incentives": found.wanted.incentives,
            "participation": found.wanted.participation,
            "budget": found.wanted.budget,
        },
        "evidence": evidence,
    }


def _rule(found: Existence) -> Document:
    if found.allocation is not None:
        return {"table": [[text(q) for q in lottery] for lottery in found.allocation]}
    if isinstance(found.ties, str):
        return {"efficient": found.ties}
    if isinstance(found.ties, tuple | list):
        return {"efficient": list(found.ties)}
    raise NotSupported("ties: certificates cannot tell of a choice per profile; give the allocation instead")


def _requirement(problem: QuasiLinearProblem, requirement: Requirement) -> Document:
    i = requirement.agent
    agent = None if i is None else problem.problem.agents[i]

    def name(u: int | None) -> str | None:
        """Name of the agent's type, if the requirement has one."""
        return None if u is None or agent is None else agent.types[u].name

    at = requirement.profile
    return {
        "requirement": requirement.kind,
        "agent": None if agent is None else agent.name,
        "type": name(requirement.type),
        "report": name(requirement.report),
        "profile": None if at is None else _types(problem, problem.profiles[at]),
    }


def _types(problem: QuasiLinearProblem, profile: Profile) -> list[str]:
    return [a.types[u].name for a, u in zip(problem.problem.agents, profile, strict=True)]
