"""Asks an interpreter what it has, without importing any of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cattrs

import ttsopt
from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.processes import run_process
from ttsopt.boundary.reading import read_bytes
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.boundary.variables import scrubbed
from ttsopt.errors import CannotRunError

PROTOCOL = 1
PROBE = Path(ttsopt.__file__).resolve().parent / "in_target" / "probe.py"
TIME_LIMIT = 60.0
MOST_BYTES = 1024 * 1024  # what an environment may print at start
CHOOSE = "name an interpreter that works, of Python 3.8 or newer: --python EXE"


@dataclass(frozen=True, slots=True)
class Probe:
    """Equipment of an interpreter. `modules`: whether each that was asked for would be found."""

    python: str
    implementation: str
    prefix: str
    executable: str
    platform: str
    modules: dict[str, bool]
    missing: tuple[str, ...]
    packages: dict[str, str]


def probe_interpreter(
    python: Path,
    modules: Sequence[str],
    packages: Sequence[str] = (),
    time_limit: float = TIME_LIMIT,
    program: Path = PROBE,
) -> Probe:
    """Return what `python` has of modules and, by names on an index, of `packages`; nothing of the checkout runs.

    CannotRunError `python-unusable` where it cannot be started, fails, takes longer than
    `time_limit` seconds, or answers nonsense.
    """
    with scratch_folder("probe") as control:
        request = json.dumps(
            {"protocol": PROTOCOL, "modules": list(modules), "packages": list(packages)}
        )
        (control / "request.json").write_text(request, encoding="utf-8")
        said = _run([str(python), str(program), str(control)], control, time_limit)
        result = control / "result.json"
        try:
            content = read_bytes(result, follow=False)
        except FileNotFoundError:
            raise _unusable(python, f"it gave no answer{said}") from None
        except OSError as error:
            raise _unusable(python, f"its answer cannot be read: {error.strerror}") from error
        return _read(python, content)


def require_modules(probe: Probe, install_hint: str = "") -> None:
    """CannotRunError `module-missing` names what is not there, and how to get it."""
    if probe.missing:
        names = ", ".join(probe.missing)
        raise CannotRunError(
            "module-missing",
            f"{probe.executable} (Python {probe.python}) has no module {names}",
            install_hint or f"install {names} there, or name another interpreter: --python EXE",
        )


def _run(command: list[str], folder: Path, time_limit: float) -> str:
    """Run it to its end; what to say of that where it gave no answer."""
    try:
        end = run_process(command, folder, scrubbed(), time_limit, most=MOST_BYTES)
    except OSError as error:
        raise _unusable(Path(command[0]), f"it cannot be started: {error}") from error
    if end.status is None:
        raise _unusable(Path(command[0]), f"it gave no answer in {time_limit:g} s")
    lines = end.stderr.decode("utf-8", "replace").rstrip().splitlines()
    return f" (status {end.status}): {lines[-1] if lines else 'it printed nothing'}"


def _read(python: Path, content: bytes) -> Probe:
    try:
        message: Any = load_json(content)
        if not isinstance(message, dict) or message.get("protocol") != PROTOCOL:
            raise _unusable(python, f"its answer is not one of protocol {PROTOCOL}")
        if message.get("ok") is not True:
            raise _unusable(python, f"{message.get('error')}: {message.get('message')}")
        return cattrs.structure(message, Probe)
    except ValueError as error:
        raise _unusable(python, f"its answer is not JSON: {error}") from error
    except cattrs.BaseValidationError as error:
        raise _unusable(python, "; ".join(cattrs.transform_error(error))) from error


def _unusable(python: Path, why: str) -> CannotRunError:
    return CannotRunError("python-unusable", f"{python} cannot be used: {why}", CHOOSE)
