"""Features of the CPU that matter for inference, as its kernel tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from ttsopt.boundary.reading import read_bytes
from ttsopt.environment.device import CPUINFO, cpu_field

QUOTA = Path("/sys/fs/cgroup/cpu.max")
MOST_BYTES = 4 * 2**20
# Words for flags of /proc/cpuinfo, x86 and Arm.
FLAGS: Mapping[str, str] = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_vnni": "AVX-512 VNNI",
    "avx_vnni": "AVX-VNNI",
    "avx512_bf16": "AVX-512 BF16",
    "amx_tile": "AMX",
    "amx_bf16": "AMX BF16",
    "amx_int8": "AMX INT8",
    "amx_fp16": "AMX FP16",
    "asimd": "NEON",
    "asimdhp": "NEON FP16",
    "sve": "SVE",
    "bf16": "BF16",
    "i8mm": "I8MM",
}


@dataclass(frozen=True, slots=True)
class Cpu:
    """`features` in words; None where the kernel does not list any. `quota`: CPUs that a container may use."""

    features: tuple[str, ...] | None
    is_x86: bool
    quota: float | None

    @property
    def has_bf16(self) -> bool:
        """True if products in bfloat16 are computed as such."""
        return any("BF16" in feature for feature in self.features or ())


def read_cpu(cpuinfo: Path = CPUINFO, quota: Path = QUOTA) -> Cpu:
    """The CPU of this machine."""
    flags = {*cpu_field(_read(cpuinfo), "flags|Features").split()}
    features = tuple(word for flag, word in FLAGS.items() if flag in flags) if flags else None
    return Cpu(features, "fpu" in flags and "sse2" in flags, _quota(_read(quota)))


def cores_for(quota: float | None, usable: int) -> int:
    """The threads that make sense: no more than a quota pays for."""
    return min(usable, max(1, ceil(quota))) if quota else usable


def _quota(text: str) -> float | None:
    """`max 100000`, or microseconds a period, of control groups' second version."""
    parts = text.split()
    if len(parts) != 2 or not all(part.isdecimal() for part in parts) or not int(parts[1]):  # noqa: PLR2004
        return None
    return int(parts[0]) / int(parts[1])


def _read(file: Path) -> str:
    try:
        return read_bytes(file, MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
