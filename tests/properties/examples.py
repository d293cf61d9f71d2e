"""How many examples every property is tried on: few unless the environment variable EQSOLVE_EXAMPLES asks for more."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

COUNT = int(os.environ.get("EQSOLVE_EXAMPLES", "6"))

examples = settings(
    max_examples=COUNT,
    deadline=None,
    derandomize=COUNT <= 6,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
