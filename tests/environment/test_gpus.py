"""GPUs under watch, on a driver that is made up."""

# ruff: noqa: N802 - the names are NVIDIA's
from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from ttsopt.environment.gpus import watched_gpus


class FakeError(Exception):
    """What the driver's library raises."""


@dataclass
class Driver:
    """Two GPUs; the second is a part of one and says nothing of itself."""

    NVMLError: type[Exception] = FakeError
    NVML_CLOCK_SM: int = 1
    present: bool = True
    clocks: list[int] = field(default_factory=lambda: [1400, 1980])
    used: list[int] = field(default_factory=lambda: [3, 3, 9, 5])
    asked: int = 0
    shut_down: int = 0

    def nvmlInit(self) -> None:
        if not self.present:
            raise FakeError

    def nvmlShutdown(self) -> None:
        self.shut_down += 1

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetName(self, handle: int) -> str | bytes:
        return b"An old one" if handle else "A new one"

    def nvmlDeviceGetCudaComputeCapability(self, handle: int) -> tuple[int, int]:
        return (7, 5) if handle else (9, 0)

    def nvmlSystemGetDriverVersion(self) -> str:
        return "580.1"

    def nvmlDeviceGetMemoryInfo(self, _: int) -> Any:
        used = self.used.pop(0) if len(self.used) > 1 else self.used[0]
        return SimpleNamespace(total=80, used=used)

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:
        if handle:
            raise FakeError
        return SimpleNamespace(gpu=50)

    def nvmlDeviceGetClockInfo(self, _: int, kind: int) -> int:
        self.asked += 1
        return self.clocks[self.asked % 2]


def test_what_a_driver_says_is_summed_up() -> None:
    driver = Driver()
    with watched_gpus(driver) as gpus:
        while driver.asked < 2:
            time.sleep(0.01)
    first, second = (gpu.summary() for gpu in gpus)
    assert (first["name"], first["driver"]) == ("A new one", "580.1")
    assert (first["utilisation_mean"], first["sm_clock_mhz"]) == (50, [1400, 1980])
    assert (first["memory_used_before"], first["memory_used_peak"]) == (3, 9)
    assert (second["name"], second["utilisation_mean"], second["sm_clock_mhz"]) == (
        "An old one",
        None,
        None,
    )
    assert driver.shut_down == 1


def test_without_a_driver_there_are_none() -> None:
    with watched_gpus(Driver(present=False)) as gpus:
        assert gpus == []


def test_on_this_machine_whatever_it_has_it_works() -> None:
    with watched_gpus() as gpus:
        assert all(gpu.name for gpu in gpus)
