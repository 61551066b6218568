"""The device at hand, by what the kernel and NVIDIA's driver say; no program is started."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

import pytest

from ttsopt.environment.device import device_at_hand

AMX = "fpu avx2 fma avx512f avx512_bf16 amx_bf16 amx_tile"


class Nvml:
    """The calls of NVIDIA's library that are made, for GPUs of these compute capabilities."""

    def __init__(self, *capabilities: tuple[int, int], status: int = 0) -> None:
        self.capabilities = capabilities
        self.status = status
        self.is_open = False

    def nvmlInit_v2(self) -> int:  # noqa: N802
        self.is_open = self.status == 0
        return self.status

    def nvmlShutdown(self) -> int:  # noqa: N802
        self.is_open = False
        return 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:  # noqa: N802
        count._obj.value = len(self.capabilities)
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index: int, handle: Any) -> int:  # noqa: N802
        handle._obj.value = index + 1
        return 0

    def nvmlDeviceGetCudaComputeCapability(  # noqa: N802
        self, handle: ctypes.c_void_p, major: Any, minor: Any
    ) -> int:
        major._obj.value, minor._obj.value = self.capabilities[(handle.value or 1) - 1]
        return 0


def cpuinfo(folder: Path, text: str) -> Path:
    (folder / "cpuinfo").write_text(text)
    return folder / "cpuinfo"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/cpuinfo")
@pytest.mark.parametrize(
    ("text", "device"),
    [
        (f"vendor_id\t: GenuineIntel\nflags\t\t: {AMX}\n", "cpu:intel:amx"),
        ("vendor_id : AuthenticAMD\nflags : avx2 fma avx512f avx512_bf16\n", "cpu:amd:avx512-bf16"),
        ("vendor_id : AuthenticAMD\nflags : avx2 fma avx512f\n", "cpu:amd:avx512"),
        ("vendor_id : AuthenticAMD\nflags : sse2 avx2 fma\n", "cpu:amd:avx2"),
        ("vendor_id : GenuineIntel\nflags : sse2 avx2\n", "cpu:intel:sse2"),
        ("Features\t: fp asimd sve\nCPU implementer\t: 0x41\n", "cpu:arm:sve"),
        ("Features : fp asimd\nCPU implementer : 0x61\n", "cpu:apple:neon"),
        ("vendor_id : Cyrix\nflags : mmx\n", "cpu:unknown:unknown"),
        ("", "cpu:unknown:unknown"),
        (f"vendor_id : GenuineIntel\nflags : {AMX}\n" + "x" * 200_000, "cpu:intel:amx"),
    ],
)
def test_a_cpu_is_told_by_the_kernel(tmp_path: Path, text: str, device: str) -> None:
    assert str(device_at_hand(cpuinfo(tmp_path, text), Nvml())) == device


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/cpuinfo")
def test_a_kernel_that_says_nothing_leaves_it_unknown(tmp_path: Path) -> None:
    assert str(device_at_hand(tmp_path / "gone", Nvml())) == "cpu:unknown:unknown"


def test_of_several_gpus_the_best_is_the_device() -> None:
    driver = Nvml((7, 5), (9, 0), (8, 6))
    assert str(device_at_hand(nvml=driver)) == "cuda:9.0"
    assert not driver.is_open


def test_a_gpu_that_tells_nothing_is_of_no_class() -> None:
    assert str(device_at_hand(nvml=Nvml((0, 0)))) == "cuda:unknown"


def test_a_library_without_these_calls_leaves_the_cpu() -> None:
    class Old(Nvml):
        @property
        def nvmlDeviceGetCudaComputeCapability(self) -> Any:  # noqa: N802
            raise AttributeError("undefined symbol")

    old = Old((9, 0))
    assert device_at_hand(nvml=old).kind.value == "cpu"
    assert not old.is_open


def test_a_driver_that_does_not_answer_leaves_the_cpu() -> None:
    assert device_at_hand(nvml=Nvml((9, 0), status=9)).kind.value == "cpu"
