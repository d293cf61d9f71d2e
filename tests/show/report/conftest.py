from __future__ import annotations

from pathlib import Path

import pytest
from page_reading import read

import eqsolve as eq

HOSTILE = Path(__file__).parent / "hostile.toml"


@pytest.fixture(scope="session")
def small():
    """A report on two models, one of them with names that try to be markup."""
    return eq.report([HOSTILE, "object"], [2, 4], max_seconds=60)


@pytest.fixture(scope="session")
def page(small):
    return small.to_html()


@pytest.fixture(scope="session")
def document(page):
    return read(page)
