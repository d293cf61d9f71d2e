"""What every test starts from."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest


@pytest.fixture(autouse=True)
def python_limits():
    """The command line lifts Python's limit on the digits of integers; a test must not leave that to the next."""
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)
    yield
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process: exit code, standard output, standard error."""
    from eqsolve import cli

    def call(*args, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["eqsolve", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin), isatty=lambda: False))
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call
