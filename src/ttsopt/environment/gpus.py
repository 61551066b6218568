"""NVIDIA's GPUs while a benchmark runs: how busy they were, and whether their clocks held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PERIOD = 0.5  # seconds between samples: far less often than it would cost the run anything


@dataclass(slots=True)
class Gpu:
    """One GPU over a run. Utilisation in percent, clocks of the multiprocessors in MHz, memory in bytes.

    `busy_elsewhere`: bytes in use before the run began: somebody else's; `peak_memory`: the most that were in use
    since. `compute_capability` as in `8.0`.
    """

    name: str
    driver: str
    memory: int
    busy_elsewhere: int
    compute_capability: str
    peak_memory: int = 0
    utilisation: list[int] = field(default_factory=list)
    clocks: list[int] = field(default_factory=list)

    def summary(self) -> dict[str, object]:
        """For the environment of a result; no serial number, no bus address."""
        return {
            "name": self.name,
            "driver": self.driver,
            "compute_capability": self.compute_capability,
            "memory": self.memory,
            "memory_used_before": self.busy_elsewhere,
            "memory_used_peak": max(self.peak_memory, self.busy_elsewhere),
            "utilisation_mean": sum(self.utilisation) / len(self.utilisation)
            if self.utilisation
            else None,
            "sm_clock_mhz": [min(self.clocks), max(self.clocks)] if self.clocks else None,
        }


@contextmanager
def watched_gpus(nvml: Any = None) -> Iterator[list[Gpu]]:
    """The GPUs of this machine, sampled until the end; none where there is no driver, or no nvidia-ml-py.

    `nvml` is the module pynvml, or what stands in for it in tests.
    """
    nvml = nvml or _pynvml()
    handles = _handles(nvml) if nvml is not None else []
    gpus = [_gpu(nvml, handle) for handle in handles]
    over = threading.Event()
    sampler = threading.Thread(target=_sample, args=(nvml, handles, gpus, over), daemon=True)
    if gpus:
        sampler.start()
    try:
        yield gpus
    finally:
        over.set()
        if gpus:
            sampler.join()
            nvml.nvmlShutdown()


def _pynvml() -> Any:
    try:
        import pynvml  # type: ignore[import-not-found,unused-ignore]
    except ImportError:  # the extra `gpu`
        return None
    return pynvml


def _handles(nvml: Any) -> list[Any]:
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:  # no NVIDIA driver here
        return []
    return [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]


def _gpu(nvml: Any, handle: Any) -> Gpu:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    name, driver = nvml.nvmlDeviceGetName(handle), nvml.nvmlSystemGetDriverVersion()
    major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)
    return Gpu(_text(name), _text(driver), memory.total, memory.used, f"{major}.{minor}")


def _text(value: str | bytes) -> str:
    """Bytes until nvidia-ml-py 11.5."""
    return value.decode() if isinstance(value, bytes) else value


def _sample(nvml: Any, handles: list[Any], gpus: list[Gpu], over: threading.Event) -> None:
    while not over.wait(PERIOD):
        for handle, gpu in zip(handles, gpus, strict=True):
            try:
                used = nvml.nvmlDeviceGetMemoryInfo(handle).used
                gpu.peak_memory = max(gpu.peak_memory, used)
                rates = nvml.nvmlDeviceGetUtilizationRates(handle)
                clock = nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM)
            except nvml.NVMLError:  # a part of a GPU (MIG) does not say
                continue
            gpu.utilisation.append(rates.gpu)
            gpu.clocks.append(clock)
