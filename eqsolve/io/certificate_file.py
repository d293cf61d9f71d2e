"""Certificate files: written from what the solvers found, read with care.

The format is described in ``docs/certificates.md``. A *certificate* is a document with a game block, a statement and
evidence for it; a file holds one of them or a list. There is a function for every kind of statement; what they take as
evidence is JSON data already, keyed by agents' names.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from eqsolve import __version__
from eqsolve.certificate.check import FORMAT, VERSION
from eqsolve.certificate.reading import MAX_BYTES, Unreadable, parse
from eqsolve.errors import ModelError, NotSupported
from eqsolve.exact.rational import text
from eqsolve.io.whole_file import whole_file
from eqsolve.linking import LinkedGame
from eqsolve.strategy import Strategy, Vector, expected_payoffs

Document = dict[str, Any]
Payoffs = Sequence[Fraction | None]
Profile = tuple[Strategy, ...]
Evidence = Mapping[str, Any]
"""Evidence for each agent's bound, keyed by the agent's name."""
Steps = Sequence[Mapping[str, Any]]
"""Eliminations of dominated messages, in order."""


def game_block(game: LinkedGame) -> Document:
    """The game as a certificate tells it: types, budgets and the lottery at every announced profile.

    Raises
    ------
    NotSupported
        For a game with a filter, walking away or a type process, of which a certificate cannot tell.
    """
    if game.options.filter is not None:
        raise NotSupported("link.filter: certificates cannot tell of a correlation filter; leave it out")
    if game.status_quo is not None:
        raise NotSupported("link.walk_away: certificates cannot tell of walking away; leave it out")
    if game.has_processes:
        raise NotSupported("link.process: certificates cannot tell of a type process; leave it out")
    problem = game.problem
    return {
        "kind": "linked",
        "name": problem.name,
        "copies": game.copies,
        "decisions": list(problem.decisions),
        "agents": [
            {
                "name": agent.name,
                "types": [
                    {"name": t.name, "prob": text(t.prob), "utility": [text(w) for w in problem.utility(i, u)]}
                    for u, t in enumerate(agent.types)
                ],
                "budget": [
                    {"types": [agent.types[u].name for u in g.members], "least": g.least, "most": g.most}
                    for g in game.budgets[i].groups
                ],
            }
            for i, agent in enumerate(problem.agents)
        ],
        "weights": [text(w) for w in game.rule.objective],
        "outcomes": [
            [[a.types[u].name for a, u in zip(problem.agents, profile, strict=True)], [text(p) for p in lottery]]
            for profile, lottery in game.lotteries.items()
        ],
    }


def strategies_block(game: LinkedGame, profile: Profile) -> Document:
    """Strategies of all agents, ``{agent: {type vector: {message: probability}}}``."""
    return {
        agent.name: {
            game.vector_name(i, t): {game.vector_name(i, m): text(p) for m, p in messages.items() if p}
            for t, messages in strategy.plan.items()
        }
        for i, (agent, strategy) in enumerate(zip(game.problem.agents, profile, strict=True))
    }


def equilibrium_block(game: LinkedGame, profile: Profile) -> Document:
    """An equilibrium: its payoffs and strategies."""
    payoffs = by_name(game, expected_payoffs(game, profile))
    return {"payoffs": payoffs, "strategies": strategies_block(game, profile)}


def by_name(game: LinkedGame, values: Iterable[Fraction | None]) -> dict[str, str | None]:
    """Exact numbers keyed by agent; None stays."""
    return {a.name: None if q is None else text(q) for a, q in zip(game.problem.agents, values, strict=True)}


def certificate(game: LinkedGame, statement: Mapping[str, Any], evidence: Mapping[str, Any]) -> Document:
    """A certificate of any statement."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": f"eqsolve {__version__}",
        "game": game_block(game),
        "statement": dict(statement),
        "evidence": dict(evidence),
    }


def equilibrium_found(game: LinkedGame, profile: Profile) -> Document:
    """That a profile is an equilibrium with its payoffs."""
    block = equilibrium_block(game, profile)
    statement = {"says": "equilibrium", "payoffs": block["payoffs"]}
    return certificate(game, statement, {"strategies": block["strategies"]})


def bounds_proved(
    game: LinkedGame, floor: Payoffs, ceiling: Payoffs, floor_evidence: Evidence, ceiling_evidence: Evidence
) -> Document:
    """That every equilibrium pays at least `floor` and at most `ceiling`; None where nothing is stated."""
    statement = {"says": "bounds", "floor": by_name(game, floor), "ceiling": by_name(game, ceiling)}
    return certificate(game, statement, {"floor": dict(floor_evidence), "ceiling": dict(ceiling_evidence)})


def payoffs_unique_proved(
    game: LinkedGame, payoffs: Sequence[Fraction], floor_evidence: Evidence, ceiling_evidence: Evidence
) -> Document:
    """That all equilibria pay the same, because floors meet ceilings."""
    return _all_pay(game, "payoffs-unique", payoffs, floor_evidence, ceiling_evidence)


def payoffs_unique_refuted(game: LinkedGame, first: Profile, second: Profile) -> Document:
    """That two equilibria pay differently."""
    return _pair(game, "payoffs-unique", first, second)


def no_collusion_proved(
    game: LinkedGame, payoffs: Sequence[Fraction], floor_evidence: Evidence, ceiling_evidence: Evidence
) -> Document:
    """That nobody can gain, because all equilibria pay the same."""
    return _all_pay(game, "no-collusion", payoffs, floor_evidence, ceiling_evidence)


def no_collusion_refuted(game: LinkedGame, profile: Profile, label_free: Profile, coalition: Iterable[int]) -> Document:
    """That an equilibrium is collusive, against a label-free one; `coalition` holds agents' indices."""
    evidence = {
        "equilibrium": equilibrium_block(game, profile),
        "label_free": equilibrium_block(game, label_free),
        "coalition": [game.problem.agents[i].name for i in coalition],
    }
    return certificate(game, {"says": "no-collusion", "verdict": "refuted"}, evidence)


def truthful_proved(game: LinkedGame, sense: str, reduction: Steps) -> Document:
    """That only truthful messages survive dominance; `sense` is ``permutation-free`` or ``fewest-lies``."""
    statement = {"says": "truthful", "sense": sense, "verdict": "proved"}
    return certificate(game, statement, {"reduction": list(reduction)})


def truthful_refuted(
    game: LinkedGame, sense: str, profile: Profile, agent: int, types: Vector, message: Vector
) -> Document:
    """That an equilibrium plays a message that is not truthful."""
    evidence = {
        "equilibrium": equilibrium_block(game, profile),
        "lie": {
            "agent": game.problem.agents[agent].name,
            "types": game.vector_name(agent, types),
            "message": game.vector_name(agent, message),
        },
    }
    return certificate(game, {"says": "truthful", "sense": sense, "verdict": "refuted"}, evidence)


def unique_proved(game: LinkedGame, says: str, reduction: Steps) -> Document:
    """``outcome-unique`` or ``equilibrium-unique``: all messages that survive dominance come to the same."""
    return certificate(game, {"says": says, "verdict": "proved"}, {"reduction": list(reduction)})


def unique_refuted(game: LinkedGame, says: str, first: Profile, second: Profile) -> Document:
    """``outcome-unique`` or ``equilibrium-unique``: two equilibria that differ however problems are renamed."""
    return _pair(game, says, first, second)


def payoff_proved(
    game: LinkedGame, of: str, payoffs: Payoffs, printed: Mapping[str, str], evidence: Mapping[str, Any]
) -> Document:
    """A figure: `of` is ``target``, ``label-free``, ``floor`` or ``ceiling``; `printed` agrees with it where given.

    Evidence: for ``target`` nothing; else by agent, ``{"tables": ..., "duals": ...}`` for ``label-free``, what shows
    the bound for the others.
    """
    statement = {"says": "payoff", "of": of, "payoffs": by_name(game, payoffs), "printed": dict(printed)}
    key = of.replace("-", "_")
    return certificate(game, statement, {} if of == "target" else {key: dict(evidence)})


def _all_pay(
    game: LinkedGame, says: str, payoffs: Sequence[Fraction], floor_evidence: Evidence, ceiling_evidence: Evidence
) -> Document:
    statement = {"says": says, "verdict": "proved", "payoffs": by_name(game, payoffs)}
    return certificate(game, statement, {"floor": dict(floor_evidence), "ceiling": dict(ceiling_evidence)})


def _pair(game: LinkedGame, says: str, first: Profile, second: Profile) -> Document:
    blocks = [equilibrium_block(game, first), equilibrium_block(game, second)]
    return certificate(game, {"says": says, "verdict": "refuted"}, {"equilibria": blocks})


def write_certificate(path: str | Path, document: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Write a certificate, or a list of them, in one go: whatever happens, no half file is left at `path`.

    Raises
    ------
    ModelError
        If the place cannot be written to, or the disk is full.
    """
    with whole_file(path) as draft, draft.open("w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.write("\n")


def read_certificate(path: str | Path) -> Any:
    """Read a certificate file; ``"-"`` is the standard input. What it holds is for `check` to judge.

    Raises
    ------
    ModelError
        If there is no such file, it is larger than 64 MiB, or it holds no JSON.
    """
    name = "<stdin>" if str(path) == "-" else str(path)
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        return parse(data)
    except Unreadable as error:
        raise ModelError(f"{name}: {error}") from None
    except OSError as error:
        raise ModelError(f"{name}: {error.strerror}") from None
    except ValueError:  # a null character in the path
        raise ModelError(f"{name!r}: found no such file, expected a certificate") from None
