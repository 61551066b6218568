"""Asks an interpreter what really works there: torch and its GPUs, ONNX Runtime's providers, copies of modules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cattrs

import ttsopt
from ttsopt.boundary.parsing import load_json
from ttsopt.environment.probe import ask_interpreter

PROTOCOL = 1
DOCTOR = Path(ttsopt.__file__).resolve().parent / "in_target" / "doctor.py"
TIME_LIMIT = 180.0  # seconds: torch on a cold disk takes a minute


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU as torch sees it; memory in bytes, `error`: why it cannot multiply there."""

    name: str
    capability: str
    bf16: bool = False
    free: int = 0
    total: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Torch:
    """torch as it was imported; `missing`, or why it could not be: `error`."""

    version: str = ""
    cuda: str | None = None
    hip: str | None = None
    available: bool = False
    debug: bool = False
    threads: int = 0
    archs: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    missing: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Sessions:
    """ONNX Runtime: providers offered, why each does not open a session (empty: it does), what it printed."""

    version: str = ""
    offered: tuple[str, ...] = ()
    loaded: dict[str, str] = field(default_factory=dict)
    said: str = ""
    missing: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Copies:
    """Where modules come from without the checkout on the path; `editable`: the URL of an editable install."""

    modules: dict[str, str] = field(default_factory=dict)
    editable: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Python:
    """The interpreter itself."""

    version: str
    debug: bool
    bits: int
    executable: str
    prefix: str
    base_prefix: str


@dataclass(frozen=True, slots=True)
class Examined:
    """Answer of an interpreter, None for parts that it did not come to; `stopped`: at which part, and how."""

    python: Python | None = None
    copies: Copies | None = None
    torch: Torch | None = None
    onnxruntime: Sessions | None = None
    stopped: str = ""


def examine(
    python: Path, package: str, modules: Sequence[str], time_limit: float = TIME_LIMIT
) -> Examined:
    """Import torch and ONNX Runtime in `python`, in a process of its own; nothing of the checkout is imported.

    A part that hangs or ends the process costs the parts behind it.

    Raises:
        CannotRunError: `python-unusable`: it cannot be started.
    """
    request = {"protocol": PROTOCOL, "package": package, "modules": list(modules)}
    answer = ask_interpreter(python, DOCTOR, request, time_limit)
    if answer.content is None:
        return Examined(stopped=answer.why)
    try:
        message: Any = load_json(answer.content)
        return _decoded(
            message, f"it gave no answer in {time_limit:g} s" if answer.is_late else answer.why
        )
    except (ValueError, TypeError, KeyError, cattrs.BaseValidationError):
        return Examined(stopped="its answer is none of this protocol")


def _decoded(message: Any, why: str) -> Examined:
    if not isinstance(message, dict) or message.get("protocol") != PROTOCOL:
        return Examined(stopped="its answer is none of this protocol")
    begun = message.get("begun")
    stopped = f"while it looked at {begun}: {why.strip()}" if begun else ""
    return cattrs.structure({**message, "stopped": stopped}, Examined)
