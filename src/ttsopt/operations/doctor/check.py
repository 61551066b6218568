"""One finding of `ttsopt doctor`, and the facts that the checks go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ttsopt.domain.system import FoundSystem
from ttsopt.domain.typed_command import typed
from ttsopt.environment.cpu import Cpu
from ttsopt.environment.examine import Examined
from ttsopt.environment.interpreter import Interpreter
from ttsopt.environment.nvidia import Nvidia
from ttsopt.environment.probe import Probe
from ttsopt.operations.found_weights import CheckoutWeights


class Status(Enum):
    """How a finding stands: a `PROBLEM` keeps the system from running, a `WARNING` costs speed or may surprise."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """A finding; `command` mends it, or is empty where nothing is to be mended or no command does."""

    name: str
    status: Status
    message: str
    command: str = ""


def ok(name: str, message: str) -> Check:
    """A finding that is as it should be."""
    return Check(name, Status.OK, message)


def warning(name: str, message: str, command: str = "") -> Check:
    """A finding that costs speed or may surprise."""
    return Check(name, Status.WARNING, message, command)


def problem(name: str, message: str, command: str = "") -> Check:
    """A finding that keeps the system from running."""
    return Check(name, Status.PROBLEM, message, command)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was looked at, before any of it is judged.

    `root` is the system's, absolute; `directory` as the user wrote it. `interpreter`, `probe` and `examined` are
    None where an interpreter cannot be used: `unusable` says why. `cores` may be used by this process; `free` are
    bytes by what they are for. `environ` are the user's variables.
    """

    found: FoundSystem
    root: Path
    directory: Path
    interpreter: Interpreter | None
    probe: Probe | None
    examined: Examined
    unusable: str
    cpu: Cpu
    cores: int
    nvidia: Nvidia
    weights: CheckoutWeights
    free: Mapping[str, tuple[Path, int]]
    programs: Mapping[str, Path | None]
    environ: Mapping[str, str] = field(default_factory=dict)
    is_uv: bool = False

    def install(self, *packages: str) -> str:
        """The command that installs packages in the checkout's interpreter."""
        return self._pip("install", *packages)

    def uninstall(self, *packages: str) -> str:
        """The command that takes packages out of the checkout's interpreter."""
        return self._pip("uninstall", *([] if self.is_uv else ["-y"]), *packages)

    def _pip(self, verb: str, *words: str) -> str:
        python = self.interpreter.path if self.interpreter else Path("python")
        if self.is_uv:
            return typed("uv", "pip", verb, "--python", python, *words)
        return typed(python, "-m", "pip", verb, *words)
