"""The demo: the whole way on a small TTS checkout that comes with ttsopt."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ttsopt.bench.run.runner import Progress
from ttsopt.bench.spec import BenchSpec
from ttsopt.boundary.reading import read_bytes
from ttsopt.catalog.location import catalogue_folder
from ttsopt.domain.effect import Effect
from ttsopt.domain.system import FoundSystem
from ttsopt.errors import CannotRunError, UsageError
from ttsopt.operations.apply import Applied, apply
from ttsopt.operations.bench.run import Benchmark, bench
from ttsopt.operations.diff import diff_of
from ttsopt.operations.locate import Target, discover
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest, make_plan
from ttsopt.operations.rollback import RolledBack, rollback

SAMPLE = "sample/checkout"


@dataclass(frozen=True, slots=True)
class DemoSteps:
    """Called after each step with what came of it, so that it can be shown as it happens."""

    discovered: Callable[[tuple[FoundSystem, ...]], None]
    planned: Callable[[bytes], None]
    applied: Callable[[Applied], None]
    measuring: Callable[[Progress], None]
    measured: Callable[[Benchmark], None]
    rolled_back: Callable[[RolledBack], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo came to; the hashes are over every file of the checkout."""

    systems: tuple[FoundSystem, ...]
    diff: bytes
    applied: Applied
    benchmark: Benchmark
    rolled_back: RolledBack
    tree_before: str
    tree_after: str


def run_demo(checkout: Path, audio: Path, rounds: int, steps: DemoSteps) -> Demo:
    """Copy the sample to `checkout`, which must not exist, and go the whole way with it.

    Raises:
        UsageError: `checkout` is there already.
        CannotRunError: After the rollback the tree is not what it was.
    """
    _copy_sample(checkout)
    before = tree_sha256(checkout)
    request = PlanRequest(Target(checkout), Selection(effect=Effect.LOSSY))
    systems = discover(checkout)
    steps.discovered(systems)
    diff = diff_of(make_plan(request).plan.changes).data
    steps.planned(diff)
    applied = apply(request)
    try:
        steps.applied(applied)
        measured = bench(request, _spec(rounds, audio), steps.measuring)
        steps.measured(measured)
    finally:
        taken_out = rollback(checkout)
    steps.rolled_back(taken_out)
    after = tree_sha256(checkout)
    if after != before:
        raise CannotRunError("not-restored", f"{checkout} is not what it was", "Please report it.")
    return Demo(systems, diff, applied, measured, taken_out, before, after)


def _spec(rounds: int, audio: Path) -> BenchSpec:
    # Not an interpreter that lies around the temporary folder, where anybody may have put it.
    return BenchSpec(python=sys.executable, least=rounds, most=rounds, save_audio=audio)


def _copy_sample(checkout: Path) -> None:
    if checkout.exists():
        hint = "Name a folder that does not exist."
        raise UsageError("exists", f"{checkout} is there already", hint)
    leave_out = shutil.ignore_patterns("__pycache__")
    try:
        shutil.copytree(catalogue_folder() / SAMPLE, checkout, ignore=leave_out)
    except (OSError, shutil.Error) as error:
        message = f"the sample could not be laid out in {checkout}: {error}"
        raise CannotRunError("unwritable", message, "Name a folder that can be written.") from error


def tree_sha256(folder: Path) -> str:
    """One hash over the path, the mode and the bytes of every file of a tree."""
    digest = hashlib.sha256()
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        name = path.relative_to(folder).as_posix()
        content = hashlib.sha256(read_bytes(path)).hexdigest()
        digest.update(f"{name}\0{path.stat().st_mode:o}\0{content}\n".encode())
    return digest.hexdigest()
