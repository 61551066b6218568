"""Doctor: look at the checkout's interpreter, the machine and the weights, and say what is to be mended."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.boundary.programs import find_program, is_program
from ttsopt.boundary.reading import TABLE, read_bytes
from ttsopt.domain.system import FoundSystem
from ttsopt.environment.cpu import read_cpu
from ttsopt.environment.examine import TIME_LIMIT as EXAMINE_LIMIT
from ttsopt.environment.examine import Examined, examine
from ttsopt.environment.interpreter import Interpreter, find_interpreter
from ttsopt.environment.machine import fingerprint_machine
from ttsopt.environment.nvidia import read_nvidia
from ttsopt.environment.probe import TIME_LIMIT as PROBE_LIMIT
from ttsopt.environment.probe import Probe, probe_interpreter
from ttsopt.errors import CannotRunError
from ttsopt.operations.doctor.check import Check, Facts, Status
from ttsopt.operations.doctor.machine_checks import (
    cpu_checks,
    debug_checks,
    disk_checks,
    gpu_checks,
    jetson_checks,
    program_checks,
    thread_checks,
    weight_checks,
)
from ttsopt.operations.doctor.python_checks import (
    copy_checks,
    interpreter_checks,
    onnx_checks,
    package_checks,
    torch_checks,
)
from ttsopt.operations.found_weights import weights_of
from ttsopt.operations.locate import Located, Target, locate
from ttsopt.operations.runtime_needs import package_names

CHECKS = (
    interpreter_checks,
    package_checks,
    torch_checks,
    onnx_checks,
    copy_checks,
    gpu_checks,
    jetson_checks,
    cpu_checks,
    thread_checks,
    debug_checks,
    program_checks,
    weight_checks,
    disk_checks,
)
FURTHER = ("funasr", "modelscope", "huggingface-hub", "protobuf", "onnxruntime", "onnxruntime-gpu")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, and what they are about."""

    facts: Facts
    checks: tuple[Check, ...]

    def count(self, status: Status) -> int:
        """How many findings stand so."""
        return sum(check.status is status for check in self.checks)


def doctor(target: Target, python: str = "", time_limit: float | None = None) -> Diagnosis:
    """Look at everything that a system needs to run fast; nothing is changed, nothing of the checkout is run.

    `time_limit`: seconds for each look into the interpreter, None: as many as usual.

    Raises:
        RefusedError: No one system there.
        CannotRunError: The catalogue is wrong.
    """
    located = locate(target)
    facts = _facts(located, target.directory, python, time_limit, dict(os.environ))
    checks = tuple(check for look in CHECKS for check in look(facts))
    return Diagnosis(facts, checks)


def _facts(
    located: Located, directory: Path, python: str, limit: float | None, environ: Mapping[str, str]
) -> Facts:
    (found, *_) = located.systems
    root = (located.checkout.directory / found.root).resolve()
    machine = fingerprint_machine()
    nobody = Facts(
        found=found,
        root=root,
        directory=directory,
        interpreter=None,
        probe=None,
        examined=Examined(),
        unusable="",
        cpu=read_cpu(),
        cores=machine.usable_cores,
        nvidia=read_nvidia(),
        weights=weights_of(located.catalogue, found.system, root),
        free=_free(root),
        programs={"ffmpeg": find_program("ffmpeg")},
        environ=environ,
    )
    return _with_interpreter(nobody, located, python, limit)


def _with_interpreter(facts: Facts, located: Located, python: str, limit: float | None) -> Facts:
    """The facts with all that the interpreter says; where it cannot be used, with the reason."""
    recipe = facts.found.system.bench
    modules = recipe.modules if recipe else ()
    checkout = located.checkout
    folders = (facts.root, checkout.directory, checkout.top)
    try:
        interpreter = find_interpreter(folders, python, needs=next(iter(modules), ""))
        probe = _probe(facts.found, located, interpreter, limit)
        tops = _top_modules(facts.found)
        package = facts.found.system.package
        examined = examine(interpreter.path, package, tops, limit or EXAMINE_LIMIT)
    except CannotRunError as error:
        return replace(facts, unusable=f"{error.message}; {error.hint}")
    programs = {"ffmpeg": facts.programs["ffmpeg"] or _beside(interpreter.path, facts.root)}
    return replace(
        facts,
        interpreter=interpreter,
        probe=probe,
        examined=examined,
        programs=programs,
        is_uv=_is_of_uv(interpreter.path),
    )


def _probe(
    found: FoundSystem, located: Located, interpreter: Interpreter, limit: float | None
) -> Probe:
    recipe = found.system.bench
    wanted = (*recipe.modules, *recipe.upstream_modules) if recipe else ()
    known_bad = recipe.known_bad if recipe else ()
    packages = (*package_names(located.catalogue.patches, known_bad), *FURTHER)
    return probe_interpreter(interpreter.path, wanted, packages, limit or PROBE_LIMIT)


def _top_modules(found: FoundSystem) -> tuple[str, ...]:
    """The top-level names under which the checkout's own files are imported."""
    layout = found.layout
    names = [layout.module(layout.there(file.path)).partition(".")[0] for file in layout.files]
    return tuple(dict.fromkeys(name for name in names if name))


def _free(root: Path) -> dict[str, tuple[Path, int]]:
    """Bytes free for the checkout, and where a benchmark works if that is another disk."""
    work = Path(tempfile.gettempdir())
    rows = {"checkout": (root, shutil.disk_usage(root).free)}
    if work.stat().st_dev != root.stat().st_dev:
        rows["temporary files"] = (work, shutil.disk_usage(work).free)
    return rows


def _beside(python: Path, root: Path) -> Path | None:
    """The ffmpeg of the environment, or as Windows bundles have it in the checkout."""
    names = (python.parent / "ffmpeg", python.parent / "ffmpeg.exe", root / "ffmpeg.exe")
    return next((path for path in names if is_program(path)), None)


def _is_of_uv(python: Path) -> bool:
    """True if uv made the environment: it has no pip."""
    try:
        text = read_bytes(python.parents[1] / "pyvenv.cfg", TABLE)
    except (OSError, IndexError):
        return False
    return re.search(rb"^uv\s*=", text, re.MULTILINE) is not None
