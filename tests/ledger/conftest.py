"""Claims settled once per session."""

from __future__ import annotations

from functools import cache

import pytest

from eqsolve.ledger.registry import published, settler


@cache
def _settle(name):
    claim = next(c for c in published() if c.id == name)
    return settler(claim)(claim)


@pytest.fixture
def settled():
    return _settle
