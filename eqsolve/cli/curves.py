"""The verb ``curve``: payoffs, bounds and the gap to the rule against the number of linked problems."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from eqsolve.cli.options import (
    Range,
    exit_code,
    json_option,
    limited,
    memory_option,
    naming,
    plot_option,
    print_json,
    print_page,
    seconds_option,
)
from eqsolve.errors import LimitReached

if TYPE_CHECKING:
    from eqsolve.convergence import Progress
    from eqsolve.model import Model

DOUBLINGS = 6
LARGE = 2_000
"""Histograms beyond which iterated best responses (loose budgets) are not waited for unasked."""


@click.command()
@click.argument("model")
@click.option(
    "-k",
    "--copies",
    type=Range(whole=True),
    metavar="RANGE",
    help="Numbers of linked problems K: 3:300:3, or 2,4,8; by default the model's own, doubled several times.",
)
@json_option
@click.option(
    "--exact/--float",
    "exact",
    default=None,
    help="Exact figures, or floating point with a proved error; by default exact unless K is very large.",
)
@plot_option
@seconds_option
@memory_option
def curve(
    model: str,
    copies: tuple[int, ...] | None,
    as_json: bool,
    exact: bool | None,
    plot: str | None,
    max_seconds: float | None,
    max_memory: int | None,
) -> int:
    """Label-free payoffs, floors and ceilings against K, the gap to the rule, and how fast it closes."""
    from eqsolve.convergence import Curve
    from eqsolve.convergence import curve as measure
    from eqsolve.io.model_file import load

    loaded = load(model)
    try:
        with naming(model), limited(max_seconds, max_memory) as tick:
            found = measure(
                loaded,
                copies or _doublings(loaded),
                exact=exact,
                max_seconds=max_seconds,
                progress=None if tick is None else partial(_tell, tick),
            )
    except LimitReached as error:
        found = Curve(loaded, (), stopped=str(error))
    except KeyboardInterrupt:
        found = Curve(loaded, (), stopped="interrupted")
    if plot is not None and found.points:
        found.plot(plot)
    if as_json:
        from eqsolve.io.curve_json import curve_json

        print_json(curve_json(found, model))
    else:
        from eqsolve.show.curve_page import print_curve

        print_page(partial(print_curve, found))
    return exit_code(found.stopped)


def _doublings(model: Model) -> tuple[int, ...]:
    """The model's own number of copies, doubled again and again; fewer where payoffs are found by iteration."""
    from eqsolve.exact.multinomial import histogram_count

    if model.fixed_copies is not None:
        return (model.fixed_copies,)
    found = [model.copies * 2**k for k in range(DOUBLINGS + 1)]
    if all(budget.is_exact for budget in model.link_budgets()):
        return tuple(found)
    priors = [agent.prior for agent in model.problem.agents]
    small = [k for k in found if max(histogram_count(prior, k) for prior in priors) <= LARGE]
    return tuple(small or found[:1])


def _tell(tick: Callable[[Any], None], state: Progress) -> None:
    tick(f"{state.stage} at K = {state.copies:,}, {state.done} of {state.total} steps")
