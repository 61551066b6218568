"""A class of devices on which figures are alike: CPUs of one vendor and instruction set, GPUs of one capability.

Written as `--device` takes it: `cpu:intel:amx`, `cuda:9.0`; a part that is left out stands for any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ttsopt.domain.effect import Device

VENDORS = ("amd", "apple", "arm", "intel")
# Each with all that stand before it in its row, as far as products of matrices go.
X86 = ("sse2", "avx2", "avx512", "avx512-bf16", "amx")
ARM = ("neon", "sve")
UNKNOWN = "unknown"
FORM = "any, cpu, cpu:VENDOR, cpu:VENDOR:INSTRUCTIONS, cuda or cuda:X.Y"
_CAPABILITY = re.compile(r"\d{1,2}\.\d")
# How processors name themselves (`model name` of /proc/cpuinfo, sysctl's brand string).
_NAMED = (("amd", "AMD"), ("intel", "Intel"), ("apple", "Apple"), ("arm", "ARM|Neoverse|Cortex"))


@dataclass(frozen=True, slots=True)
class DeviceClass:
    """A kind of device; of a CPU its vendor, `level` being its instruction set; of a GPU its compute capability.

    An empty part stands for any. `unknown` is what a machine or a result does not say: it is no one's class.
    """

    kind: Device = Device.ANY
    vendor: str = ""
    level: str = ""

    def __str__(self) -> str:
        """Return it as `--device` takes it."""
        parts = [self.kind.value]
        if self.kind is Device.CPU and (self.vendor or self.level):
            parts.append(self.vendor or "any")
        return ":".join([*parts, *[self.level] * bool(self.level)])

    @property
    def told(self) -> str:
        """The same without what is not known."""
        return str(self).removesuffix(f":{UNKNOWN}").removesuffix(f":{UNKNOWN}")

    def holds(self, one: DeviceClass) -> bool:
        """True if a result of the class `one` is of this class."""
        return (
            self.kind in {Device.ANY, one.kind}
            and self.vendor in {"", one.vendor}
            and self.level in {"", one.level}
            and UNKNOWN not in {self.vendor, self.level}
        )

    def reaches(self, wanted: DeviceClass) -> bool:
        """True if a device of this class has all that `wanted` asks for: that level, or one beyond it."""
        return (
            (Device.ANY in {self.kind, wanted.kind} or self.kind is wanted.kind)
            and (not self.vendor or wanted.vendor in {"", self.vendor})
            and (not self.level or not wanted.level or _at_least(self.level, wanted.level))
        )

    def serves(self, device: Device) -> bool:
        """True if a patch for `device` is of use on this class."""
        return Device.ANY in {self.kind, device} or self.kind is device


ANY_DEVICE = DeviceClass()


def parse_device(text: str) -> DeviceClass:
    """Return the class that is written so.

    Raises:
        ValueError: It is none; the message says what was expected.
    """
    kind, *parts = text.split(":")
    if kind == "cuda" and (not parts or (len(parts) == 1 and _CAPABILITY.fullmatch(parts[0]))):
        return DeviceClass(Device.CUDA, level="".join(parts))
    if kind == "cpu" and len(parts) <= 2 and _are_cpu_parts(*parts):  # noqa: PLR2004
        vendor, level = (*parts, "", "")[:2]
        return DeviceClass(Device.CPU, "" if vendor == "any" else vendor, level)
    if text == "any":
        return ANY_DEVICE
    known = f"vendors: {', '.join(VENDORS)} or any; instructions: {', '.join(X86 + ARM)}"
    raise ValueError(f"expected {FORM}, got {text!r} ({known})")


def vendor_of(cpu: str) -> str:
    """Return the vendor that a processor's own name tells, or `unknown`."""
    return next((vendor for vendor, words in _NAMED if re.search(words, cpu)), UNKNOWN)


def _are_cpu_parts(vendor: str = "any", level: str = "") -> bool:
    vendors = (*VENDORS, "any", UNKNOWN)
    return vendor in vendors and level in {"", UNKNOWN, *X86, *ARM}


def _at_least(level: str, wanted: str) -> bool:
    for order in (X86, ARM):
        if level in order and wanted in order:
            return order.index(level) >= order.index(wanted)
    if not (_CAPABILITY.fullmatch(level) and _CAPABILITY.fullmatch(wanted)):
        return False
    return _numbers(level) >= _numbers(wanted)


def _numbers(capability: str) -> tuple[int, ...]:
    return tuple(int(part) for part in capability.split("."))
