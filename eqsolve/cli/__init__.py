"""The command line: ``eqsolve VERB MODEL [options]``.

Data goes to standard output, progress and diagnostics to standard error. Exit codes: 0 done; 2 bad input or usage;
3 a limit stopped the work; 130 after Ctrl-C. Heavy modules are imported by the verbs that need them.
"""

from __future__ import annotations

import os
import sys

import click

from eqsolve import __version__
from eqsolve.cli.certificates import check
from eqsolve.cli.colluding import collude
from eqsolve.cli.completion import complete_models
from eqsolve.cli.curves import curve
from eqsolve.cli.filtering import filter_
from eqsolve.cli.interdependent import interdependent
from eqsolve.cli.ledger import claims
from eqsolve.cli.linked import export, models, solve
from eqsolve.cli.optimal import optimal
from eqsolve.cli.options import DONE, INTERRUPTED, LIMIT, USAGE
from eqsolve.cli.participation import participation
from eqsolve.cli.plain import nash
from eqsolve.cli.reporting import report
from eqsolve.cli.statistical import statistical
from eqsolve.cli.sweep import sweep
from eqsolve.cli.transfers import transfers
from eqsolve.cli.verify import verify
from eqsolve.errors import EqsolveError, LimitReached


class Verbs(click.Group):
    """Verbs, each with its whole first sentence in the list; click would cut them to a line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs under the heading "Commands"."""
        verbs = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.get_short_help_str(limit=300)) for name, verb in verbs])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eqsolve")
def cli() -> None:
    """Exact equilibria of finite linked games, and what they mean.

    MODEL is the path of a model file, or the name of a bundled model (see `eqsolve models`); FILE is a plain game.
    """


for verb in (
    solve,
    verify,
    curve,
    collude,
    filter_,
    optimal,
    transfers,
    statistical,
    participation,
    interdependent,
    nash,
    export,
    report,
    models,
    sweep,
    check,
    claims,
):
    cli.add_command(verb)
complete_models(cli)


def main() -> None:
    """Entry point of the command ``eqsolve``."""
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed by whoever started the program
            setattr(sys, stream, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.exceptions.Abort:
        code = INTERRUPTED
    except click.UsageError as error:
        where = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        code = _complain(error.format_message() + where)
    except click.ClickException as error:
        code = _complain(error.format_message())
    except KeyboardInterrupt:
        code = INTERRUPTED
    except LimitReached as error:
        _complain(str(error))
        code = LIMIT
    except EqsolveError as error:
        code = _complain(str(error))
    except (BrokenPipeError, SystemExit):  # click and rich leave by SystemExit when the reader of the pipe has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = DONE
    except OSError as error:
        code = _complain(f"{error.filename or 'output'}: {error.strerror}")
        _forget_what_cannot_be_written()
    sys.exit(code if isinstance(code, int) else DONE)


def _forget_what_cannot_be_written() -> None:
    """Output that waits for a full disk would be tried again, and told again, when Python ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _complain(message: str) -> int:
    click.echo("eqsolve: " + " ".join(message.split()), err=True)
    return USAGE
