"""The class of the device at hand, from the operating system and the driver alone: no interpreter is started."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ttsopt.boundary.reading import open_regular
from ttsopt.domain.device_class import UNKNOWN, DeviceClass, vendor_of
from ttsopt.domain.effect import Device

CPUINFO = Path("/proc/cpuinfo")
HEAD = (
    16 * 1024
)  # bytes: the first processor's lines; of a hundred processors, all would take milliseconds
# Of these, Linux has one wherever NVIDIA's driver runs: on a PC, in WSL, on a Jetson.
NODES = (Path("/dev/nvidiactl"), Path("/dev/dxg"), Path("/dev/nvhost-gpu"), Path("/dev/nvgpu"))
LIBRARIES = ("libnvidia-ml.so.1", "nvml.dll")
_X86 = (  # best first; the flags that Linux names, of which all must be there
    ("amx", {"amx_tile", "amx_bf16"}),
    ("avx512-bf16", {"avx512f", "avx512_bf16"}),
    ("avx512", {"avx512f"}),
    ("avx2", {"avx2", "fma"}),
    ("sse2", {"sse2"}),
)
_ARM = (("sve", {"sve"}), ("neon", {"asimd"}))
_WINDOWS = (("avx512", 41), ("avx2", 40), ("sse2", 10), ("neon", 19))  # PF_... of winnt.h
_VENDORS = {"AuthenticAMD": "amd", "GenuineIntel": "intel", "0x41": "arm", "0x61": "apple"}


def device_at_hand(cpuinfo: Path = CPUINFO, nvml: Any = None) -> DeviceClass:
    """Return the class of the best NVIDIA GPU, else that of the CPU; a part that is not told is `unknown`.

    `nvml` is NVIDIA's library as `ctypes` loads it, or what takes its place in tests.
    """
    capabilities = _capabilities(nvml or _nvml())
    if capabilities:
        major, minor = max(capabilities)
        return DeviceClass(Device.CUDA, level=f"{major}.{minor}" if major else UNKNOWN)
    return cpu_class(cpuinfo)


def cpu_class(cpuinfo: Path = CPUINFO) -> DeviceClass:
    """Return the class of this machine's CPU."""
    if sys.platform == "darwin":
        return _of_mac()
    if sys.platform == "win32":
        return _of_windows()
    try:
        with open_regular(cpuinfo) as file:
            text = file.read(HEAD).decode("utf-8", "replace")
    except OSError:
        return DeviceClass(Device.CPU, UNKNOWN, UNKNOWN)
    vendor = _VENDORS.get(cpu_field(text, "vendor_id|CPU implementer"), "")
    flags = {*cpu_field(text, "flags|Features").split()}
    return DeviceClass(Device.CPU, vendor or vendor_of(cpu_field(text, "model name")), _best(flags))


def _best(flags: set[str]) -> str:
    rows = (*_X86, *_ARM)
    return next((level for level, needed in rows if needed <= flags), UNKNOWN)


def cpu_field(text: str, names: str) -> str:
    """Return the first value of /proc/cpuinfo under one of these names; empty where there is none."""
    found = re.search(rf"^(?:{names})[ \t]*:[ \t]*(.+)$", text, re.MULTILINE)
    return found.group(1).strip() if found else ""


def _of_mac() -> DeviceClass:
    if platform.machine() == "arm64":
        return DeviceClass(Device.CPU, "apple", "neon")
    from ttsopt.environment.sysctl import sysctl

    names = sysctl("machdep.cpu.features") + " " + sysctl("machdep.cpu.leaf7_features")
    return DeviceClass(Device.CPU, "intel", _best({*names.lower().split()}))


def _of_windows() -> DeviceClass:
    """Windows tells AVX-512 at most: neither bfloat16 nor AMX."""
    import ctypes

    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - there on Windows alone
    found = (level for level, number in _WINDOWS if kernel.IsProcessorFeaturePresent(number))
    name = platform.processor()
    vendor = next((short for long, short in _VENDORS.items() if long in name), vendor_of(name))
    return DeviceClass(Device.CPU, vendor, next(found, UNKNOWN))


def _nvml() -> Any:
    """Return NVIDIA's management library, or None; without a driver it is not even looked for."""
    if sys.platform == "darwin" or (
        sys.platform != "win32" and not any(node.exists() for node in NODES)
    ):
        return None
    import ctypes

    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _capabilities(nvml: Any) -> list[tuple[int, int]]:
    """Return the compute capability of every GPU, (0, 0) where it does not tell; none where no driver answers."""
    if nvml is None or nvml.nvmlInit_v2() != 0:
        return []
    try:
        return list(_asked(nvml))
    except AttributeError:  # a library that has not all of these calls
        return []
    finally:
        nvml.nvmlShutdown()


def _asked(nvml: Any) -> Iterator[tuple[int, int]]:
    # https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
    from ctypes import byref, c_int, c_uint, c_void_p

    count = c_uint()
    nvml.nvmlDeviceGetCount_v2(byref(count))
    for index in range(count.value):
        handle, major, minor = c_void_p(), c_int(), c_int()
        nvml.nvmlDeviceGetHandleByIndex_v2(index, byref(handle))
        nvml.nvmlDeviceGetCudaComputeCapability(handle, byref(major), byref(minor))
        yield major.value, minor.value
