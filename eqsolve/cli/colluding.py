"""The verb ``collude``: what coalitions can gain, with and without a correlation filter."""

from __future__ import annotations

import time
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from eqsolve.cli.options import (
    Range,
    copies_option,
    exit_code,
    json_option,
    memory_option,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError

if TYPE_CHECKING:
    from eqsolve.collusion.result import Collusion
    from eqsolve.linking import LinkedGame


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
@copies_option
@click.option("--coalition", type=Names(), metavar="2,3", help="Its members; by default all coalitions up to --size.")
@click.option("--size", type=click.IntRange(2, 10), default=2, help="Largest coalition, where none is named.")
@click.option("--epsilon", type=Range(), metavar="RANGE", help="Filters: 0:1/2:1/20, or 1/4; none by default.")
@click.option("--distance", type=click.Choice(["pairwise", "joint"]), help="Compare with single others or with sets.")
@click.option("--no-pooling", is_flag=True, help="Two agents who cannot tell each other their types.")
@click.option("--weights", type=Weights(), metavar="W,W", help="Of the members' gains in the sum; 1 each by default.")
@click.option("--limit", is_flag=True, help="Also what remains with many problems.")
@click.option("--no-check", is_flag=True, help="Do not try the plans in the filtered game.")
@click.option("--plans", is_flag=True, help="List the plans in the JSON document.")
@click.option("--plot", type=click.Path(dir_okay=False), metavar="FILE", help="Draw to a .png, .svg or .pdf.")
@json_option
@seconds_option
@memory_option
def collude(
    model: str,
    copies: int | None,
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
    if plot is not None:
        from eqsolve.show.figures import check_plot

        check_plot(plot)
        if epsilon is None:
            raise click.UsageError("found --plot without --epsilon, expected values to draw: --epsilon 0:1/2:1/20")
    game, title = _linked(model, copies)
    options = {
        "epsilons": None if epsilon is None else [*epsilon],
        "pooled": not no_pooling,
        "kind": distance,
        "weights": weights,
        "limit": limit,
        "check": not no_check,
    }
    try:
        found, stopped = _collusions(game, coalition, size, options, (max_seconds, max_memory))
    except (ModelError, NotSupported, SizeError) as error:
        raise type(error)(f"{model}: {error}") from None
    if plot is not None and found:
        from eqsolve.show.collusion_plots import plot_collusion

        plot_collusion(found, plot, title)
    if as_json:
        print_json(_document(found, model, game.copies, coalition, not no_pooling, stopped, plans))
    elif found:
        from eqsolve.show.collusion_page import print_collusion

        print_page(partial(print_collusion, found, title))
    else:
        click.echo(f"{model}: stopped ({stopped})" if stopped else f"{model}: fewer than two agents have a choice")
    return exit_code(stopped)


def _linked(model: str, copies: int | None) -> tuple[LinkedGame, str]:
    """The linked game of a model, and what the model is called; what is wrong with it names the model."""
    from eqsolve.io.model_file import load

    loaded = load(model)
    try:
        return loaded.link(copies), loaded.name or model
    except (ModelError, NotSupported, SizeError) as error:
        raise type(error)(f"{model}: {error}") from None


def _collusions(
    game: LinkedGame,
    coalition: tuple[str, ...] | None,
    size: int,
    options: dict[str, Any],
    limits: tuple[float | None, int | None],
) -> tuple[list[Collusion], str | None]:
    """What each coalition can gain, as far as time allows."""
    from eqsolve.collusion.result import coalitions
    from eqsolve.collusion.result import collude as work_out
    from eqsolve.limits import memory_limit, time_limit

    seconds, memory = limits
    deadline = None if seconds is None else time.monotonic() + seconds
    found: list[Collusion] = []
    try:
        with time_limit(seconds), memory_limit(memory):
            for members in [coalition] if coalition is not None else coalitions(game, size):
                found.append(work_out(game, members, deadline=deadline, **options))
                if found[-1].stopped:
                    return found, found[-1].stopped
    except LimitReached as error:
        return found, str(error)
    except KeyboardInterrupt:
        return found, "interrupted"
    return found, None


def _document(
    found: list[Collusion],
    model: str,
    copies: int,
    coalition: tuple[str, ...] | None,
    pooled: bool,
    stopped: str | None,
    plans: bool,
) -> dict[str, Any]:
    from eqsolve.io.collusion_json import collusion_json

    if found:
        return {**collusion_json(found, model, plans), "stopped": stopped}
    return {
        "model": model,
        "copies": copies,
        "coalition": None if coalition is None else list(coalition),
        "pooled": pooled,
        "points": [],
        "stopped": stopped,
    }
