"""How long a property is tried: few examples in the quick run, many in the slow one, no limit of time a case."""

from __future__ import annotations

from hypothesis import HealthCheck, settings


def examples(number: int) -> settings:
    """A profile of so many examples, whose generators may be slow and reject much."""
    return settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck))
