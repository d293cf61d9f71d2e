"""The verb ``filter``: exact calibration of the correlation filter, and the audit of real announcements."""

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
    plot_option,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import LimitReached, ModelError, NotSupported, SizeError

if TYPE_CHECKING:
    from eqsolve.filter.ballots import Ballots
    from eqsolve.filter.panel import Panel
    from eqsolve.filter.setting import Setting
    from eqsolve.model import Model


class Share(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """An exact number from 0 to 1: ``0.05``, ``1/20``."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Read a number exactly."""
        from eqsolve.exact.rational import rational

        try:
            number = rational(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not 0 <= number <= 1:
            self.fail(f"found {value}, expected a number from 0 to 1", param, ctx)
        return number


@dataclass
class _Request:
    """What was asked for, beyond model and number of problems."""

    alpha: Fraction | None
    epsilon: Fraction | None
    kind: str
    family_wise: bool
    rounds: int
    seed: int
    plan: Ballots | None
    found: list[Setting] = field(default_factory=list)
    stopped: str | None = None

    def options(self) -> dict[str, Any]:
        """Arguments of `calibrate` and `audit`."""
        return {
            "alpha": self.alpha,
            "epsilon": self.epsilon,
            "kind": self.kind,
            "family_wise": self.family_wise,
            "rounds": self.rounds,
            "seed": self.seed,
        }


@click.command("filter")
@click.argument("model", required=False)
@click.option(
    "-k",
    "--copies",
    type=Range(whole=True),
    metavar="RANGE",
    help="Number of linked problems K, or several: 4:40:2, or 4,8,20; the model's own by default.",
)
@click.option("--alpha", type=Share(), help="Level: take the smallest epsilon with at most that many false alarms.")
@click.option("--epsilon", type=Share(), help="Flag agents at a larger distance.")
@click.option("--distance", type=click.Choice(["pairwise", "joint"]), help="Compare with single others or with sets.")
@click.option("--family-wise", is_flag=True, help="Let alpha bound the chance that somebody is flagged.")
@click.option("--audit", "ballots", metavar="CSV", help="Judge real announcements; budgets are MODEL's, or observed.")
@click.option("--plan", metavar="CSV", help="Also the power against a coalition that announces so.")
@click.option("--simulate", "rounds", type=click.IntRange(1, 10**8), default=None, help="Also play so many rounds.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of simulated rounds.")
@plot_option
@json_option
@seconds_option
@memory_option
def filter_(
    model: str | None,
    copies: tuple[int, ...] | None,
    alpha: Fraction | None,
    epsilon: Fraction | None,
    distance: str | None,
    family_wise: bool,
    ballots: str | None,
    plan: str | None,
    rounds: int | None,
    seed: int,
    plot: str | None,
    as_json: bool,
    max_seconds: float | None,
    max_memory: int | None,
) -> int:
    """Exact calibration of the correlation filter; with --audit, who stands out in real announcements."""
    from eqsolve.filter.ballots import read_ballots
    from eqsolve.io.model_file import load

    if model is None and ballots is None:
        raise click.UsageError("found neither MODEL nor --audit, expected one of them or both")
    if alpha is not None and epsilon is not None:
        raise click.UsageError("found both --alpha and --epsilon, expected one of them")
    if ballots is not None and (plan is not None or plot is not None):
        raise click.UsageError("found --audit with --plan or --plot, expected --audit without them")
    loaded = None if model is None else load(model)
    own = (None if loaded is None else loaded.options.filter) or {}
    if alpha is None and epsilon is None:
        alpha, epsilon = (_number(own.get(name)) for name in ("alpha", "epsilon"))
    kind = distance or str(own.get("distance", "pairwise"))
    request = _Request(
        alpha, epsilon, kind, family_wise, rounds or 0, seed, None if plan is None else read_ballots(plan)
    )
    limits = (max_seconds, max_memory)
    if ballots is not None:
        return _audit(loaded, model, copies, ballots, request, as_json, limits)
    assert loaded is not None
    assert model is not None
    return _calibrate(loaded, model, copies, request, plot, as_json, limits)


def _number(value: object) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def _calibrate(
    loaded: Model,
    model: str,
    copies: tuple[int, ...] | None,
    request: _Request,
    plot: str | None,
    as_json: bool,
    limits: tuple[float | None, int | None],
) -> int:
    """Filters for one or several numbers of problems."""
    from eqsolve.io.filter_json import setting_json, table_json, unfinished_json
    from eqsolve.limits import memory_limit, time_limit

    start = time.monotonic()
    planned = None if request.plan is None else request.plan.copies
    numbers = copies or (planned or loaded.fixed_copies or loaded.copies,)
    try:
        with time_limit(limits[0]), memory_limit(limits[1]):
            for number in numbers:
                request.found.append(_setting(loaded, model, number, request))
    except LimitReached as error:
        request.stopped = str(error)
    except KeyboardInterrupt:
        request.stopped = "interrupted"
    found, name = request.found, loaded.name or model
    if plot is not None and found:
        from eqsolve.show.filter_plots import plot_filter

        plot_filter(found, plot, name)
    if as_json and len(numbers) == 1:
        print_json(
            setting_json(found[0], model)
            if found
            else unfinished_json(model, numbers[0], request.kind, request.stopped or "")
        )
    elif as_json:
        print_json(table_json(found, model, request.stopped, time.monotonic() - start))
    else:
        from eqsolve.show.filter_page import print_setting, print_table

        alone = len(numbers) == 1 and found
        print_page(
            partial(print_setting, found[0], name) if alone else partial(print_table, found, name, request.stopped)
        )
    return exit_code(request.stopped)


def _setting(loaded: Model, model: str, copies: int, request: _Request) -> Setting:
    """The filter for one number of problems; what is wrong names the model."""
    from eqsolve.filter.plan import Plan
    from eqsolve.filter.setting import calibrate

    panel = _panel(loaded, model, copies)
    plan = None if request.plan is None else Plan.fixed(panel, request.plan.of_some(panel))
    try:
        return calibrate(panel, plan=plan, **request.options())
    except (ModelError, SizeError) as error:
        raise type(error)(f"{model}: {error}") from None


def _panel(loaded: Model, model: str | None, copies: int) -> Panel:
    """The agents of a model; what is wrong with it names the model."""
    from eqsolve.filter.panel import Panel

    try:
        return Panel.of_model(loaded, copies)
    except (ModelError, NotSupported, SizeError) as error:
        raise type(error)(f"{model}: {error}") from None


def _audit(
    loaded: Model | None,
    model: str | None,
    copies: tuple[int, ...] | None,
    ballots: str,
    request: _Request,
    as_json: bool,
    limits: tuple[float | None, int | None],
) -> int:
    """Who stands out in a file of announcements."""
    from eqsolve.filter.audit import audit
    from eqsolve.filter.ballots import read_ballots
    from eqsolve.io.filter_json import audit_json, unfinished_json
    from eqsolve.limits import memory_limit, time_limit

    read = read_ballots(ballots)
    if copies is not None and copies != (read.copies,):
        raise ModelError(f"{read.name}: found {read.copies:,} problems, expected {', '.join(map(str, copies))}")
    panel = None if loaded is None else _panel(loaded, model, read.copies)
    try:
        with time_limit(limits[0]), memory_limit(limits[1]):
            found = audit(read, panel, **request.options())
    except (LimitReached, KeyboardInterrupt) as error:
        stopped = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
        if as_json:
            print_json({"file": read.name, **unfinished_json(model, read.copies, request.kind, stopped)})
        else:
            click.echo(f"{read.name}: stopped ({stopped})")
        return exit_code(stopped)
    if as_json:
        print_json(audit_json(found, model))
    else:
        from eqsolve.show.filter_page import print_audit

        print_page(partial(print_audit, found))
    return exit_code(None)
