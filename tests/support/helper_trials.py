"""Trials of helpers on upstream's code: scripts beside the tests, run in the interpreter of a system."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from upstream_views import PATCHES, needed

HELPERS = PATCHES / "_helpers"
# oneDNN takes no other instructions than these: one processor stands for several.
LIMITS = ["", "AVX512_CORE_BF16", "AVX512_CORE", "AVX2"]


def limited(instructions: str) -> dict[str, str]:
    """Return the variables that hold oneDNN to instructions, all where there are none; waiting threads sleep."""
    limit = {"ONEDNN_MAX_CPU_ISA": instructions} if instructions else {}
    return {**limit, "OMP_WAIT_POLICY": "PASSIVE"}


def reported(
    python: str,
    script: Path,
    *arguments: Path,
    environment: Mapping[str, str],
    timeout: float | None = 900,
) -> Any:
    """Return what a script prints as its last line, as JSON; it is given the helpers' folder and the arguments.

    `python` is the variable that names the interpreter (skipped where it is not set), `timeout` in seconds.
    """
    command = [needed(python), "-W", "ignore", str(script), str(HELPERS), *map(str, arguments)]
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
