"""The cases of a sweep: every combination of a grid, with a key that is the hash of all that the answer depends on."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from eqsolve import __version__
from eqsolve.errors import EqsolveError, ModelError, SizeError
from eqsolve.io.kinds import find_model
from eqsolve.io.model_file import build_model
from eqsolve.io.toml_text import printable, read_toml
from eqsolve.sweep.games import game_document, pieces_of
from eqsolve.sweep.options import chosen_options
from eqsolve.sweep.parameters import changed
from eqsolve.sweep.random_models import random_document
from eqsolve.sweep.spec import Axes, GridSection, RandomSection, Spec

MAX_CASES = 1_000_000


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Parameters
    ----------
    model : str
        What the spec calls the model; not part of the key.
    document : str
        Keys and values of the model file as JSON, with parameters and filter in place; in their order, which is that
        of the agents.
    model_hash : str
        SHA-256 of `document`, in hexadecimal.
    copies : int or None
        K; None for the model's own.
    task : str
    options : mapping
        Of the task, every one of them.
    seed : int
        Of random starts.
    keep : tuple of str
        What is kept of the answer beside its figures.
    parameters : mapping of dotted key to text
        As the table shows them; not part of the key.
    filter : str or None
        As the table shows it; not part of the key.
    """

    model: str
    document: str
    model_hash: str
    copies: int | None
    task: str
    options: Mapping[str, Any]
    seed: int
    keep: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    filter: str | None = None

    @cached_property
    def content(self) -> str:
        """All that the answer depends on, as canonical JSON; the model by its hash."""
        return canonical(
            {
                "eqsolve": __version__,
                "model": self.model_hash,
                "copies": self.copies,
                "task": self.task,
                "options": dict(self.options),
                "seed": self.seed,
                "keep": list(self.keep),
            }
        )

    @cached_property
    def key(self) -> str:
        """SHA-256 of `content`, in hexadecimal."""
        return _hash(self.content)

    @cached_property
    def label(self) -> str:
        """All that tells rows of a table from each other."""
        return canonical([self.key, self.model, dict(self.parameters), self.filter])


def canonical(value: Any) -> str:
    """JSON with sorted keys and without spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def compact(value: Any) -> str:
    """JSON without spaces, keys in their own order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def all_cases(spec: Spec) -> list[Case]:
    """The cases of a spec in the order of the table, each once.

    Raises
    ------
    ModelError
        If a model, a parameter, a filter or an option cannot be used; nothing has been worked out then.
    SizeError
        If there are more than `MAX_CASES`.
    """
    total = sum(map(_size, spec.grids))
    if total > MAX_CASES:
        raise SizeError(f"{spec.name}: found {total:,} cases, expected at most {MAX_CASES:,}; split the spec")
    found: dict[str, Case] = {}
    for g, grid in enumerate(spec.grids):
        try:
            for case in _Grid(spec, grid).cases():
                found.setdefault(case.label, case)
        except EqsolveError as error:
            raise type(error)(f"{spec.name}: grid[{g}]: {error}") from None
    return list(found.values())


def _size(grid: GridSection) -> int:
    """Combinations of a grid, options of its tasks not counted."""
    drawn = grid.random
    random = math.prod(map(len, (drawn.seeds, drawn.agents, drawn.types, drawn.decisions))) if drawn else 0
    axes = [len(values) for values in grid.parameters.values()]
    axes += [max(map(len, axis.values()), default=0) for axis in grid.together]
    axes += [len(grid.filters or [None]), len(grid.copies or [None]), len(grid.seeds), len(grid.tasks)]
    return (len(grid.models) + len(grid.games) + random) * math.prod(axes)


class _Grid:
    """One grid at work."""

    def __init__(self, spec: Spec, grid: GridSection) -> None:
        self.spec = spec
        self.grid = grid

    def cases(self) -> Iterator[Case]:
        """All cases of the grid: games first, then models with every combination of parameters and tasks."""
        grid = self.grid
        keep = tuple(sorted(self.spec.keep))
        tasks = [task for entry in grid.tasks for task in chosen_options(entry)]
        if len(tasks) * _size(grid) > MAX_CASES * len(grid.tasks):
            raise SizeError(f"found too many cases, expected at most {MAX_CASES:,}; split the spec")
        plain = [task for task in tasks if task[0] == "nash"]
        tasks = [task for task in tasks if task[0] != "nash"]
        if bool(grid.games) != bool(plain) or bool(grid.models or grid.random) != bool(tasks):
            raise ModelError(
                "tasks: found models or games without a task, expected nash for games and others for models"
            )
        yield from self._games(plain, keep)
        for name, original in self._models():
            for parameters, wanted, document in self._variants(name, original):
                text = compact(document)
                digest = _hash(text)
                shown = {path: _shown(value) for path, value in parameters.items()}
                combinations = itertools.product(grid.copies or [None], tasks, grid.seeds)
                for copies, (task, options), seed in combinations:
                    told = None if wanted is None else _shown(wanted)
                    for k, chosen in _with_claims(task, options, copies, document):
                        yield Case(name, text, digest, k, task, chosen, seed, keep, shown, told)

    def _games(self, tasks: Sequence[tuple[str, Mapping[str, Any]]], keep: tuple[str, ...]) -> Iterator[Case]:
        """Cases of plain games; K, parameters and filters mean nothing to them."""
        for entry in self.grid.games:
            beside = Path(self.spec.folder, entry)
            document = game_document(beside if beside.is_file() else entry)
            for task, options in tasks:
                for chosen in pieces_of(document, options):
                    for seed in self.grid.seeds:
                        yield Case(entry, document, _hash(document), None, task, chosen, seed, keep)

    def _models(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for entry in self.grid.models:
            beside = Path(self.spec.folder, entry)
            path = beside if beside.is_file() else find_model(entry)
            yield entry, read_toml(path)
        if self.grid.random is not None:
            yield from _random_models(self.grid.random)

    def _variants(self, name: str, original: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Any, dict[str, Any]]]:
        """Parameters, filter, and the model file with them in place; every one is a model."""
        wanted_filters = self.grid.filters if self.grid.filters is not None else [None]
        for parameters in _combined(self.grid.parameters, self.grid.together):
            for wanted in wanted_filters:
                document = changed(original, parameters)
                if wanted is not None:
                    _put_filter(document, wanted)
                told = "".join(f", {path} = {_shown(value)}" for path, value in parameters.items())
                build_model(document, f"{printable(name)}{printable(told)}")
                yield parameters, wanted, document


def _random_models(drawn: RandomSection) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("agents", "types", "decisions"):
        if not all(1 <= size <= 64 for size in getattr(drawn, key)):
            raise ModelError(f"random.{key}: found {getattr(drawn, key)}, expected numbers from 1 to 64")
    for agents, types, decisions in itertools.product(drawn.agents, drawn.types, drawn.decisions):
        for seed in drawn.seeds:
            yield f"random-{agents}x{types}x{decisions}-{seed}", random_document(seed, agents, types, decisions)


def _combined(parameters: Axes, together: Sequence[Axes]) -> Iterator[dict[str, Any]]:
    """All combinations of the values of parameters; those of one group move together."""
    axes: list[list[dict[str, Any]]] = [[{path: value} for value in values] for path, values in parameters.items()]
    for g, group in enumerate(together):
        lengths = {len(values) for values in group.values()}
        if len(lengths) > 1:
            raise ModelError(
                f"together[{g}]: found lists of {' and '.join(map(str, sorted(lengths)))} values, "
                "expected lists of equal length"
            )
        axes.append([dict(zip(group, values, strict=True)) for values in zip(*group.values(), strict=True)])
    paths = [path for axis in axes for path in (axis[0] if axis else [])]
    if len(set(paths)) != len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        raise ModelError(f"{printable(twice)}: found this parameter twice, expected it once")
    for combination in itertools.product(*axes):
        yield {path: value for part in combination for path, value in part.items()}


def _put_filter(document: dict[str, Any], wanted: Any) -> None:
    """Give a model a filter; the word "none" takes it away."""
    link = document.setdefault("link", {})
    if wanted == "none":
        link.pop("filter", None)
    elif isinstance(wanted, dict):
        link["filter"] = wanted
    else:
        raise ModelError(
            f'filters: found {_shown(wanted)[:40]!r}, expected "none" or a table such as {{ alpha = 0.05 }}'
        )


def _with_claims(
    task: str, options: Mapping[str, Any], copies: int | None, document: Mapping[str, Any]
) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    """K and options; where the model's own claims are to be settled, one pair for each."""
    if task != "verify" or options["claim"] != "own":
        yield copies, options
        return
    for claim in document.get("claims", ()):
        said = {key: claim[key] for key in ("says", "of", "printed") if key in claim}
        yield claim.get("copies") if copies is None else copies, {**options, "claim": said}


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, str) else canonical(value)
