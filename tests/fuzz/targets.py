"""What is fuzzed: every reader of files from strangers. A target may raise an `EqsolveError` and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import eqsolve as eq
from eqsolve.certificate import Unreadable, check, parse
from eqsolve.errors import EqsolveError
from eqsolve.filter.ballots import parse_ballots
from eqsolve.io import certificate_file as write
from eqsolve.io.game_json import game_to_json, parse_game_json
from eqsolve.io.kinds import KINDS, bundled_models, kind_of
from eqsolve.io.nfg import decode, parse_nfg, write_nfg
from eqsolve.io.toml_text import parse_toml

GAME = eq.NormalFormGame.from_payoffs([[2, 0], [0, "1/3"]], [["0.5", 0], [0, 2]])


def model(data: bytes) -> None:
    """Model files of every kind; those of linked problems are linked, too."""
    text = data.decode("utf-8", "replace")
    keys = parse_toml(text)
    kind = KINDS[kind_of(keys, "fuzz")]
    module, function = kind.reader.split(":")
    found = getattr(__import__(module, fromlist=[function]), function)(keys, "fuzz")
    if isinstance(found, eq.Model) and found.copies <= 4:
        game = found.link()
        assert game.n == found.problem.n


def nfg(data: bytes) -> None:
    """Gambit's game files; a game that was read is written and read again."""
    game = parse_nfg(decode(data, "fuzz"))
    if max(game.shape) <= 20:
        assert parse_nfg(write_nfg(game)).shape == game.shape


def game_json(data: bytes) -> None:
    """Games in JSON; a game that was read is written and read again."""
    game = parse_game_json(decode(data, "fuzz"))
    if max(game.shape) <= 20:
        assert parse_game_json(game_to_json(game)).shape == game.shape


def certificate(data: bytes) -> None:
    """Certificates; what is valid must be an honest one, unchanged in what it says."""
    try:
        document = parse(data)
    except Unreadable:
        return
    for one in document if isinstance(document, list) else [document]:
        verdict = check(one)
        assert verdict.valid or verdict.reason


def ballots(data: bytes) -> None:
    """Tables of announcements, and their audit if they are few."""
    found = parse_ballots(data.decode("utf-8", "replace"))
    if found.copies <= 6 and len(found.columns) <= 3:
        eq.audit(found)


@dataclass(frozen=True)
class Target:
    """A reader, files that it reads, and words that make a mutation meaningful."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    words: tuple[str, ...] = ()

    def __call__(self, data: bytes) -> None:
        """Feed bytes; refusals are fine."""
        refusal = ""
        try:
            self.run(data)
        except EqsolveError as error:
            refusal = str(error)
        assert "\n" not in refusal, "an error is one line"
        assert len(refusal) < 5_000, "an error is short"


def _models() -> list[bytes]:
    return [path.read_bytes() for path in bundled_models(None).values()]


def _games() -> list[bytes]:
    return [write_nfg(GAME).encode(), write_nfg(GAME, dialect="outcomes").encode()]


@cache
def _certificates() -> tuple[bytes, ...]:
    game = eq.load("object").link(2)
    solution = eq.solve(game)
    profile = solution[0].strategies
    found = [write.equilibrium_found(game, profile)]
    for says in ("payoffs-unique", "truthful"):
        found += eq.settle(game, says).certificates
    other = eq.load("collusion").link(2)
    found += eq.settle(other, "no-collusion").certificates
    return tuple(json.dumps(one).encode() for one in found)


def _ballots() -> list[bytes]:
    wide = "problem,Ann,Bob,Cem\n" + "\n".join(f"{k},a,b,{'ab'[k % 2]}" for k in range(4))
    return [wide.encode(), b"problem;agent;announcement\n1;Ann;x\n1;Bob;y\n2;Ann;y\n2;Bob;x\n"]


KEYS = ("name", "kind", "decisions", "agents", "types", "prob", "utility", "rule", "link", "copies", "budget", "counts")
KEYS += (
    "at_most",
    "at_least",
    "classes",
    "process",
    "rho",
    "filter",
    "epsilon",
    "alpha",
    "walk_away",
    "claims",
    "says",
)
NUMBERS = ("1/2", "-1", "0", "1e400", "1e-400", "nan", "inf", "1/0", "0.1", "9" * 40, "1_000", "0x1F", "+5", "٣")

TARGETS: Mapping[str, Target] = {
    "model": Target(model, _models, (*KEYS, *KINDS, *NUMBERS, '"', "[[", "]]", "{", "}", "same_as")),
    "nfg": Target(nfg, _games, ("NFG", "1", "R", "D", "{", "}", '"', *NUMBERS)),
    "game-json": Target(
        game_json,
        lambda: [game_to_json(GAME).encode()],
        ("title", "players", "strategies", "payoffs", "[", "]", "null", "true", *NUMBERS),
    ),
    "certificate": Target(
        certificate,
        lambda: list(_certificates()),
        ("statement", "evidence", "says", "payoffs", "strategies", "floor", "ceiling", "null", "[", "]", *NUMBERS),
    ),
    "ballots": Target(ballots, _ballots, (",", ";", "\t", "problem", "agent", "announcement", "\r", '"', "\ufeff")),
}
CORPUS = Path(__file__).parent / "corpus"
"""Inputs that broke something once: a folder per target."""
