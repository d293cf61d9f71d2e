"""The verb ``collude``: what coalitions can gain, with and without a correlation filter."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from eqsolve.cli.options import (
    Range,
    exit_code,
    json_option,
    memory_option,
    naming,
    plot_option,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError

if TYPE_CHECKING:
    from eqsolve.collusion.result import Collusion
    from eqsolve.linking import LinkedGame
    from eqsolve.model import Model


class Names(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """Agents, separated by commas."""

    name = "agents"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split names; blanks around them do not count."""
        found = tuple(part.strip() for part in str(value).split(","))
        if len(found) < 2 or not all(found) or len(set(found)) < len(found):
            self.fail(f"found {value!r}, expected at least two different agents separated by commas: 2,3", param, ctx)
        return found


class Weights(click.ParamType):  # type: ignore[type-arg]
    """Numbers, separated by commas."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Fraction, ...]:
        """Read numbers exactly."""
        from eqsolve.exact.rational import rational

        try:
            return tuple(rational(part) for part in str(value).split(","))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("model")
@click.option(
    "-k",
    "--copies",
    type=Range(whole=True),
    metavar="RANGE",
    help="Number of linked problems K, or several: 4:20:4, or 4,8,20; the model's own by default.",
)
@click.option("--coalition", type=Names(), metavar="2,3", help="Its members; by default all coalitions up to --size.")
@click.option("--size", type=click.IntRange(2, 10), default=2, help="Largest coalition, where none is named.")
@click.option("--epsilon", type=Range(), metavar="RANGE", help="Filters: 0:1/2:1/20, or 1/4; none by default.")
@click.option("--distance", type=click.Choice(["pairwise", "joint"]), help="Compare with single others or with sets.")
@click.option("--no-pooling", is_flag=True, help="Two agents who cannot tell each other their types.")
@click.option("--weights", type=Weights(), metavar="W,W", help="Of the members' gains in the sum; 1 each by default.")
@click.option("--limit", is_flag=True, help="Also what remains with many problems.")
@click.option("--no-check", is_flag=True, help="Do not try the plans in the filtered game.")
@click.option("--plans", is_flag=True, help="List the plans in the JSON document.")
@plot_option
@json_option
@seconds_option
@memory_option
def collude(
    model: str,
    copies: tuple[int, ...] | None,
    coalition: tuple[str, ...] | None,
    size: int,
    epsilon: tuple[Fraction, ...] | None,
    distance: str | None,
    no_pooling: bool,
    weights: tuple[Fraction, ...] | None,
    limit: bool,
    no_check: bool,
    plans: bool,
    plot: str | None,
    as_json: bool,
    max_seconds: float | None,
    max_memory: int | None,
) -> int:
    """What coalitions can gain with announcements that pass a correlation filter, and whether that holds."""
    if epsilon is not None and not 0 <= epsilon[0] <= epsilon[-1] <= 1:
        raise click.UsageError(f"--epsilon: found {epsilon[0]} to {epsilon[-1]}, expected numbers from 0 to 1")
    if coalition is None and weights is not None:
        raise click.UsageError("found --weights without --coalition, expected the members whose weights these are")
    if plot is not None and epsilon is None:
        raise click.UsageError("found --plot without --epsilon, expected values to draw: --epsilon 0:1/2:1/20")
    loaded = _loaded(model)
    title = loaded.name or model
    options = {
        "epsilons": None if epsilon is None else [*epsilon],
        "pooled": not no_pooling,
        "kind": distance,
        "weights": weights,
        "limit": limit,
        "check": not no_check,
    }
    work = _Work(loaded, model, coalition, size, options)
    work.run(copies, max_seconds, max_memory)
    if plot is not None and work.found:
        from eqsolve.show.collusion_plots import plot_collusion

        plot_collusion(work.found, plot, title)
    if as_json:
        print_json(work.document(copies, plans))
    elif work.found:
        from eqsolve.show.collusion_page import print_collusion

        print_page(partial(print_collusion, work.found, title, work.stopped))
    else:
        told = f"stopped ({work.stopped})" if work.stopped else "fewer than two agents have a choice"
        click.echo(f"{model}: {told}")
    return exit_code(work.stopped)


def _loaded(model: str) -> Model:
    from eqsolve.io.model_file import load

    return load(model)


@dataclass
class _Work:
    """What was asked for, and what was found of it: coalitions, for one number of problems after the other."""

    loaded: Model
    model: str
    coalition: tuple[str, ...] | None
    size: int
    options: dict[str, Any]
    found: list[Collusion] = field(default_factory=list)
    stopped: str | None = None

    def run(self, copies: tuple[int, ...] | None, seconds: float | None, memory: int | None) -> None:
        """Work out what time and memory allow; what is too large is told if anything else was found.

        Raises
        ------
        ModelError, NotSupported, SizeError
            With the model's name in front; SizeError only if nothing was found.
        """
        from eqsolve.limits import memory_limit, time_limit

        deadline = None if seconds is None else time.monotonic() + seconds
        games = [self._linked(number) for number in copies or (None,)]
        too_large: list[SizeError] = []
        try:
            with time_limit(seconds), memory_limit(memory):
                for game in games:
                    self._one(game, deadline, too_large)
        except LimitReached as error:
            self.stopped = str(error)
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        except (ModelError, NotSupported) as error:
            raise type(error)(f"{self.model}: {error}") from None
        if too_large and not self.found and not self.stopped:
            raise SizeError(f"{self.model}: {too_large[0]}")
        if too_large and not self.stopped:
            self.stopped = str(too_large[0])

    def _linked(self, copies: int | None) -> LinkedGame:
        """The linked game of the model; what is wrong with it names the model."""
        with naming(self.model):
            return self.loaded.link(copies)

    def _one(self, game: LinkedGame, deadline: float | None, too_large: list[SizeError]) -> None:
        """All coalitions on one number of problems."""
        from eqsolve.collusion.result import coalitions, collude

        for members in [self.coalition] if self.coalition is not None else coalitions(game, self.size):
            try:
                found = collude(game, members, deadline=deadline, **self.options)
            except SizeError as error:
                who = ", ".join(m if isinstance(m, str) else game.problem.agents[m].name for m in members)
                too_large.append(SizeError(f"{who} on {game.copies:,} problems: {error}"))
                continue
            self.found.append(found)
            if found.stopped == "interrupted":
                raise KeyboardInterrupt
            if found.stopped:
                raise LimitReached(found.stopped)

    def document(self, copies: tuple[int, ...] | None, plans: bool) -> dict[str, Any]:
        """The answer in JSON."""
        from eqsolve.io.collusion_json import collusion_json, several_json, unfinished_json

        if len(copies or ()) > 1:
            return several_json(self.found, self.model, plans, self.stopped)
        if self.found:
            return {**collusion_json(self.found, self.model, plans), "stopped": self.stopped}
        number = copies[0] if copies else self.loaded.fixed_copies or self.loaded.copies
        return unfinished_json(self.model, number, self.coalition, bool(self.options["pooled"]), self.stopped)
