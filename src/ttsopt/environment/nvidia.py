"""NVIDIA's GPUs as the driver's own program tells of them: clocks, power, memory in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.processes import run_process
from ttsopt.boundary.programs import find_program
from ttsopt.boundary.variables import scrubbed

SECONDS = 20.0
MOST_BYTES = 64 * 1024
FIELDS = (
    "name",
    "driver_version",
    "compute_cap",
    "memory.total",
    "memory.used",
    "clocks.sm",
    "clocks.max.sm",
    "power.limit",
    "power.default_limit",
    "clocks_throttle_reasons.active",
)
# Bits of clocks_throttle_reasons.active that cost speed: power cap, slowdowns of hardware and of heat.
SLOW: Mapping[int, str] = {
    0x4: "its power limit",
    0x8: "a slowdown of the hardware",
    0x20: "heat (software)",
    0x40: "heat (hardware)",
    0x80: "the power brake",
}
TEGRA = Path("/etc/nv_tegra_release")


@dataclass(frozen=True, slots=True)
class NvidiaGpu:
    """Memory in MiB, clocks in MHz, power in W; None where the driver does not say."""

    name: str
    driver: str
    capability: str
    memory: float | None
    used: float | None
    clock: float | None
    most_clock: float | None
    limit: float | None
    default_limit: float | None
    slowed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nvidia:
    """`gpus` of this machine; `problem`: what the driver's program said instead. `is_tegra`: a Jetson."""

    gpus: tuple[NvidiaGpu, ...] = ()
    has_driver: bool = False
    problem: str = ""
    is_tegra: bool = False


def read_nvidia(tegra: Path = TEGRA) -> Nvidia:
    """Ask nvidia-smi, if there is one; no GPU is set to anything."""
    program = find_program("nvidia-smi")
    is_tegra = tegra.exists()
    driver = Path("/proc/driver/nvidia/version").exists()
    if program is None:
        return Nvidia(has_driver=driver or is_tegra, is_tegra=is_tegra)
    query = f"--query-gpu={','.join(FIELDS)}"
    command: list[str | Path] = [program, query, "--format=csv,noheader,nounits"]
    try:
        end = run_process(command, Path("/"), scrubbed(), SECONDS, most=MOST_BYTES)
    except OSError as error:
        return Nvidia(has_driver=driver, problem=str(error), is_tegra=is_tegra)
    text = end.stdout.decode("utf-8", "replace")
    if end.status != 0:
        said = text.strip().splitlines() or [f"status {end.status}"]
        return Nvidia(has_driver=True, problem=said[0], is_tegra=is_tegra)
    rows = [[cell.strip() for cell in line.split(",")] for line in text.splitlines()]
    gpus = tuple(_gpu(row) for row in rows if len(row) == len(FIELDS))
    return Nvidia(gpus, has_driver=True, is_tegra=is_tegra)


def _gpu(row: list[str]) -> NvidiaGpu:
    told = dict(zip(FIELDS, row, strict=True))
    return NvidiaGpu(
        name=told["name"],
        driver=told["driver_version"],
        capability=told["compute_cap"],
        memory=_number(told["memory.total"]),
        used=_number(told["memory.used"]),
        clock=_number(told["clocks.sm"]),
        most_clock=_number(told["clocks.max.sm"]),
        limit=_number(told["power.limit"]),
        default_limit=_number(told["power.default_limit"]),
        slowed_by=_reasons(told["clocks_throttle_reasons.active"]),
    )


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:  # [N/A], [Not Supported]
        return None


def _reasons(cell: str) -> tuple[str, ...]:
    try:
        bits = int(cell, 16)
    except ValueError:
        return ()
    return tuple(word for bit, word in SLOW.items() if bits & bit)
