"""Measurements of a patch, on which machine and under which conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from ttsopt.domain.device_class import UNKNOWN, DeviceClass, vendor_of
from ttsopt.domain.effect import Device
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.patch import Scalar


class Clock(Enum):
    """Of which time a ratio is: CPU seconds of all threads, or seconds on the wall."""

    CPU = "cpu"
    WALL = "wall"


@dataclass(frozen=True, slots=True)
class ResultMachine:
    """Machine it was measured on. Versions are empty where the package was not there; `gpu` too, where none was.

    `vendor` and `instructions` of the CPU and the `compute_capability` of the GPU are as in `DeviceClass`, and
    empty in rows that were written before they were kept.
    """

    cpu: str
    cores: int
    system: str
    python: str
    torch: str = ""
    onnxruntime: str = ""
    gpu: str = ""
    vendor: str = ""
    instructions: str = ""
    compute_capability: str = ""

    @property
    def device(self) -> DeviceClass:
        """The class of the device that the model ran on; what the row does not say is `unknown`."""
        if self.gpu:
            return DeviceClass(Device.CUDA, level=self.compute_capability or UNKNOWN)
        vendor = self.vendor or vendor_of(self.cpu)
        return DeviceClass(Device.CPU, vendor, self.instructions or UNKNOWN)


@dataclass(frozen=True, slots=True)
class CameOut:
    """How what came out of both sides differs, of all texts the worst.

    `tokens`: share of equal tokens; `mel_db` and `mel_db_worst`: log-mel distance in dB, over everything and over
    the worst quarter of a second; `snr_db`. None: it cannot be said of such an output. None differ where `equal`.
    """

    equal: bool
    tokens: float | None = None
    mel_db: float | None = None
    mel_db_worst: float | None = None
    snr_db: float | None = None


@dataclass(frozen=True, slots=True)
class PatchResult:
    """One measurement of one patch alone.

    `speedup` is before / after, of CPU seconds or of wall seconds (`of`), per second of audio; `interval` is at
    95 %, its high end None where it is open. `version` and `commit` are those of the checkout. `texts` are the
    names or the words that were spoken, `date` is a day (YYYY-MM-DD). `model` is what the workload said of the
    model on the after side, such as its class. `memory` (peak, the GPU's where one was used) and `load` (seconds
    of loading and warm-up) are after / before, None where the row does not say.
    """

    patch: str
    patch_version: int
    version: str
    size: str
    weights: str
    texts: tuple[str, ...]
    threads: int
    of: Clock
    rounds: int
    speedup: float
    interval: tuple[float | None, ...]
    verdict: Verdict
    came_out: CameOut
    date: str
    ttsopt: str
    machine: ResultMachine
    commit: str = ""
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    model: Mapping[str, str] = field(default_factory=dict)
    hot: bool = False
    stream: bool = False
    concurrency: int = 1
    note: str = ""
    memory: float | None = None
    load: float | None = None

    @property
    def device(self) -> DeviceClass:
        """The class of device that it was measured on."""
        return self.machine.device

    @property
    def ratio(self) -> str:
        """The speedup with its interval, as all screens say it."""
        low, high = self.interval
        return f"{self.speedup:.2f}x ({low:.2f} to {'?' if high is None else f'{high:.2f}'})"

    @property
    def conditions(self) -> tuple[object, ...]:
        """Conditions that a newer measurement must share to take the place of this one; a note tells two apart."""
        settings = tuple(sorted((name, str(value)) for name, value in self.parameters.items()))
        place = (self.machine.cpu, self.machine.cores, self.machine.gpu, self.threads)
        how = (self.size, self.weights, self.hot, self.stream, self.concurrency, self.note)
        return (self.patch, settings, tuple(sorted(self.model.items())), *place, *how)


@dataclass(frozen=True, slots=True)
class PatchResults:
    """A file of results: those of one system's patches. `not_measured` says of a patch why there is none."""

    system: str
    rows: tuple[PatchResult, ...] = ()
    not_measured: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is known of one patch, newest first; `why_not` where there is nothing of the device it is for."""

    rows: tuple[PatchResult, ...] = ()
    why_not: str = ""


def newest_first(rows: Sequence[PatchResult]) -> tuple[PatchResult, ...]:
    """By the patch's version, then by day; else as they stand."""
    return tuple(sorted(rows, key=lambda row: (row.patch_version, row.date), reverse=True))
