"""Collects what the run over the histories found, for the table."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from history import History, patches_with_upstream
from table import write_results

from ttsopt.catalog.load import load_catalogue


@pytest.fixture(scope="session")
def histories() -> Iterator[list[History]]:
    """Every history judged in this session; with TTSOPT_WRITE_RESULTS=1 the table is written from all of them."""
    collected: list[History] = []
    yield collected
    if os.environ.get("TTSOPT_WRITE_RESULTS") == "1":
        if {one.patch for one in collected} == {
            p.id for p in patches_with_upstream(load_catalogue())
        }:
            write_results(collected)
        else:
            sys.stderr.write(
                "TTSOPT_WRITE_RESULTS: not every patch was run in this process, nothing written\n"
            )
