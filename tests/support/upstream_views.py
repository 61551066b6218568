"""Trees of the real systems' history, for the worker; skipped where a machine has no clones or interpreters."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Collection
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
PATCHES = _ROOT / "patches"
IN_TARGET = _ROOT / "src" / "ttsopt" / "in_target"
# What the controller sets for a worker, one thread.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "PYTHONHASHSEED": "0",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
}


def needed(variable: str) -> str:
    """The value of a variable that this machine must set for these tests."""
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set (docs/environments.md, Tests on the real systems)")
    return value


def lay_out(clone: str, revision: str, view: Path, *paths: str, only: Collection[str] = ()) -> None:
    """The tree of one revision of a clone in TTSOPT_UPSTREAMS, without touching the clone.

    `paths` are git's pathspecs; `only` are endings of names. A clone need not have the models of its history.
    """
    git = ["git", "-C", str(Path(needed("TTSOPT_UPSTREAMS")) / clone)]
    wanted = list(paths)
    if only:
        listed = _run([*git, "ls-tree", "-r", "--name-only", "-z", revision]).decode().split("\0")
        wanted = [name for name in listed if name.endswith(tuple(only))]
    with tarfile.open(fileobj=io.BytesIO(_run([*git, "archive", revision, "--", *wanted]))) as tar:
        tar.extractall(view, filter="data")


def edit(file: Path, old: str, new: str) -> None:
    """Change the one place that reads `old`."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def _run(command: list[str]) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout
