"""What every test starts from."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def python_limits():
    """The command line lifts Python's limit on the digits of integers; a test must not leave that to the next."""
    before = sys.get_int_max_str_digits()
    yield
    sys.set_int_max_str_digits(before)
