"""Whether an optimal mechanism is the only one: how far each of its probabilities may move at the same welfare."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from eqsolve.errors import ModelError, SizeError
from eqsolve.mechanisms.constraints import Constraint
from eqsolve.mechanisms.optimal import OptimalMechanism, compiled
from eqsolve.mechanisms.program import Program, maximise
from eqsolve.problem import Profile

MAX_CELLS = 500
Range = tuple[Fraction, Fraction]


def chance_range(
    mechanism: OptimalMechanism, joint: tuple[int, ...], profile: Profile, decision: str, *, symmetric: bool = False
) -> Range:
    """The least and the largest probability of a decision at a block, over all optimal mechanisms.

    Parameters
    ----------
    mechanism : OptimalMechanism
    joint : tuple of int
        On how many problems each of ``orbits.profiles`` is reported.
    profile : tuple of int
        One type per agent.
    decision : str
    symmetric : bool
        Only over mechanisms that treat alike what is alike.

    Raises
    ------
    ModelError
        If the profile does not occur there, or the decision is not known.
    """
    if decision not in mechanism.problem.decisions:
        raise ModelError(f"found {decision!r}, expected one of the decisions {', '.join(mechanism.problem.decisions)}")
    d, program = mechanism.problem.decisions.index(decision), _optima(mechanism, symmetric)
    block = mechanism.block(joint, profile)
    return _range(program, block, d, None) if d in program.layout.column[block] else (Fraction(0), Fraction(0))


def freedom(
    mechanism: OptimalMechanism, *, symmetric: bool = False, max_seconds: float | None = None
) -> Iterator[tuple[int, int, Range]]:
    """Probabilities that are not the same in all optimal mechanisms: block, decision, least and largest.

    A mechanism is the only optimum if there are none.

    Parameters
    ----------
    mechanism : OptimalMechanism
    symmetric : bool
        Only over mechanisms that treat alike what is alike.
    max_seconds : float, optional

    Raises
    ------
    SizeError
        If there are more than `MAX_CELLS` probabilities; each takes two programs.
    LimitReached
        After `max_seconds`.
    """
    deadline = None if max_seconds is None else time.monotonic() + max_seconds
    program = _optima(mechanism, symmetric)
    cells = [(b, d) for b, line in enumerate(program.layout.column) for d in line if len(line) > 1]
    if len(cells) > MAX_CELLS:
        raise SizeError(
            f"{len(cells):,} probabilities to look at, each by two programs, more than {MAX_CELLS:,}; fewer copies help"
        )
    seen: dict[int, Range] = {}
    for b, d in cells:
        column = program.layout.column[b][d]
        if column not in seen:
            seen[column] = _range(program, b, d, deadline)
        least, largest = seen[column]
        if least < largest:
            yield b, d, (least, largest)


def _optima(mechanism: OptimalMechanism, symmetric: bool) -> Program:
    """The program whose feasible points are the optimal mechanisms."""
    requirements, weights = mechanism.requirements, mechanism.weights
    _, program, _ = compiled(mechanism.problem, mechanism.copies, requirements, weights, symmetric=symmetric)
    best = Constraint(
        ("welfare",), program.objective, mechanism.welfare * mechanism.copies, transfers=dict(program.transfers)
    )
    return replace(
        program,
        objective={},
        listed=[*program.listed, *(c for c in mechanism.multipliers if c not in program.equalities)],
        equalities=[*program.equalities, best],
        transfers=dict.fromkeys(program.transfers, Fraction(0)),
        _rows={},
    )


def _range(program: Program, b: int, d: int, deadline: float | None) -> Range:
    ends = []
    for sign in (-1, 1):
        found = maximise(replace(program, objective={(b, d): Fraction(sign)}), deadline)
        if found is None:
            raise ArithmeticError("the optimal mechanism itself meets the requirements")
        ends.append(sign * found.value)
    return ends[0], ends[1]
