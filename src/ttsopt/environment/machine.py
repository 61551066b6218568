"""The fingerprint of a machine that goes beside results: what it is, never whose or where."""

from __future__ import annotations

import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.reading import read_bytes
from ttsopt.environment.device import CPUINFO, cpu_class
from ttsopt.environment.sysctl import sysctl


@dataclass(frozen=True, slots=True)
class Machine:
    """`cores`: logical ones; `usable_cores`: where this process may run; memory in bytes, 0: unknown.

    `vendor` and `instructions` of the CPU as in `DeviceClass`. No host name, user name or path is in it: results
    are published.
    """

    cpu: str
    architecture: str
    cores: int
    usable_cores: int
    memory_bytes: int
    system: str
    python: str
    vendor: str
    instructions: str


def fingerprint_machine(cpuinfo: Path = CPUINFO) -> Machine:
    """Of the machine that runs this; what the platform does not say is `unknown` or 0."""
    cores = os.cpu_count() or 0
    processor = cpu_class(cpuinfo)
    affinity = getattr(os, "sched_getaffinity", None)
    return Machine(
        cpu=_cpu(cpuinfo),
        architecture=platform.machine(),
        cores=cores,
        usable_cores=len(affinity(0)) if affinity else cores,
        memory_bytes=_memory(),
        system=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        vendor=processor.vendor,
        instructions=processor.level,
    )


def _cpu(cpuinfo: Path) -> str:
    if sys.platform == "darwin":
        return sysctl("machdep.cpu.brand_string") or "unknown"
    # Arm kernels name no model; their vendors' words are all there is.
    found = _field(cpuinfo, r"model name|Hardware|Model|cpu model")
    return found or platform.processor() or "unknown"


def _memory() -> int:
    if sys.platform == "win32":
        return 0
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _field(file: Path, names: str) -> str:
    if not file.is_file():
        return ""
    text = read_bytes(file).decode("utf-8", "replace")
    found = re.search(rf"^(?:{names})\s*:[ \t]*(.+)$", text, re.MULTILINE)
    return found.group(1).strip() if found else ""
