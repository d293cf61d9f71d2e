"""Completion in shells: what may stand where MODEL does. Verbs and options are completed by click itself."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


class ModelName(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """The path of a model file or the name of a bundled model; a shell is offered the names, else files.

    Parameters
    ----------
    verb : str
        Names are those of the models that this verb reads.
    """

    name = "model"

    def __init__(self, verb: str) -> None:
        self.verb = verb

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Bundled models that begin so, or else files."""
        from eqsolve.io.kinds import KINDS, bundled_models

        kind = next((kind for kind, about in KINDS.items() if about.verb == self.verb), "linked")
        names = [name for name in bundled_models(kind) if name.startswith(incomplete)]
        return [CompletionItem(name) for name in names] or [CompletionItem(incomplete, type="file")]


def complete_models(group: click.Group) -> None:
    """Let the argument MODEL of all verbs of a group be completed."""
    for verb in group.commands.values():
        for parameter in verb.params:
            if isinstance(parameter, click.Argument) and parameter.name in ("model", "models"):
                parameter.type = ModelName(verb.name or "")
