"""Asks an interpreter what it has, without importing any of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
    request = {"protocol": PROTOCOL, "modules": list(modules), "packages": list(packages)}
    answer = ask_interpreter(python, program, request, time_limit)
    if answer.content is None or answer.is_late:
        raise _unusable(python, answer.why)
    return _read(python, answer.content)


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of result.json, None if there is none; `is_late`: the time was over. `why`: what went wrong."""

    content: bytes | None
    is_late: bool
    why: str


def ask_interpreter(
    python: Path, program: Path, request: Mapping[str, object], time_limit: float
) -> Answer:
    """Have `python` run a program of in_target on a request, with no more than `time_limit` seconds.

    Raises:
        CannotRunError: `python-unusable`: it cannot be started, or its answer cannot be read.
    """
    with scratch_folder("probe") as control:
        (control / "request.json").write_text(json.dumps(request), encoding="utf-8")
        late, said = _run([str(python), str(program), str(control)], control, time_limit)
        try:
            content = read_bytes(control / "result.json", follow=False)
        except FileNotFoundError:
            return Answer(None, late, said if late else f"it gave no answer{said}")
        except OSError as error:
            raise _unusable(python, f"its answer cannot be read: {error.strerror}") from error
        return Answer(content, late, said)


def require_modules(probe: Probe, install_hint: str = "") -> None:
    """CannotRunError `module-missing` names what is not there, and how to get it."""
    if probe.missing:
        names = ", ".join(probe.missing)
        raise CannotRunError(
            "module-missing",
            f"{probe.executable} (Python {probe.python}) has no module {names}",
            install_hint or f"install {names} there, or name another interpreter: --python EXE",
        )


def _run(command: list[str], folder: Path, time_limit: float) -> tuple[bool, str]:
    """Run it to its end; whether its time was over, and what to say of that where it gave no answer."""
    try:
        end = run_process(command, folder, scrubbed(), time_limit, most=MOST_BYTES)
    except OSError as error:
        raise _unusable(Path(command[0]), f"it cannot be started: {error}") from error
    if end.status is None:
        return True, f"it gave no answer in {time_limit:g} s"
    lines = end.stderr.decode("utf-8", "replace").rstrip().splitlines()
    return False, f" (status {end.status}): {lines[-1] if lines else 'it printed nothing'}"


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
