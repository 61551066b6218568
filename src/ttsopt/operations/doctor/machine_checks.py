"""The machine: CPU, GPUs, threads, disk, programs; variables that slow a service down."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ttsopt.boundary.reading import amount
from ttsopt.domain.model_files import Kind
from ttsopt.domain.typed_command import typed
from ttsopt.environment.cpu import cores_for
from ttsopt.environment.nvidia import NvidiaGpu
from ttsopt.operations.doctor.check import Check, Facts, ok, problem, warning

GIB = 2**30
LITTLE, NONE = 10 * GIB, GIB
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# Left from looking for a bug, and paid for with every sentence.
DEBUG = {
    "CUDA_LAUNCH_BLOCKING": "every kernel is waited for",
    "TORCH_USE_CUDA_DSA": "kernels check themselves",
    "PYTORCH_NO_CUDA_MEMORY_CACHING": "memory is allocated anew each time",
    "TORCH_SHOW_CPP_STACKTRACES": "",
    "TORCH_DISTRIBUTED_DEBUG": "",
    "TORCHDYNAMO_DISABLE": "torch.compile does nothing",
    "TORCH_COMPILE_DISABLE": "torch.compile does nothing",
    "PYTHONDEVMODE": "Python checks its memory",
    "PYTHONMALLOC": "Python allocates slowly",
    "PYTHONTRACEMALLOC": "every allocation is noted",
    "NVIDIA_TF32_OVERRIDE": "it decides on TF32 for all of CUDA",
}
OFF = {"", "0", "false", "False", "OFF", "off"}


def cpu_checks(facts: Facts) -> Iterator[Check]:
    """Return what of its instruction set matters."""
    cpu = facts.cpu
    if cpu.features is None:
        yield ok("cpu", "the system does not list its instruction sets")
    elif cpu.is_x86 and "AVX2" not in cpu.features:
        yield warning(
            "cpu", "no AVX2: torch takes its slowest kernels; a virtual machine may hide it"
        )
    else:
        bf16 = "products in bf16" if cpu.has_bf16 else "no products in bf16"
        yield ok("cpu", f"{', '.join(cpu.features) or 'none that matters'}; {bf16}")


def thread_checks(facts: Facts) -> Iterator[Check]:
    """Threads that the variables ask for, against cores and a container's quota."""
    best = cores_for(facts.cpu.quota, facts.cores)
    cores = f"{best} core{'s' * (best != 1)}"
    set_ones = {name: facts.environ[name] for name in THREADS if facts.environ.get(name)}
    above = {
        name: value for name, value in set_ones.items() if value.isdecimal() and int(value) > best
    }
    if above:
        words = ", ".join(f"{name}={value}" for name, value in above.items())
        message = f"{words}, and {cores} may be used: threads wait for each other"
        yield warning("threads", message, f"export {' '.join(f'{name}={best}' for name in above)}")
    elif best < facts.cores and "OMP_NUM_THREADS" not in set_ones:
        message = (
            f"{facts.cores} cores are seen, and this container may use {facts.cpu.quota:g}: torch starts "
            f"{facts.cores} threads"
        )
        yield warning("threads", message, f"export OMP_NUM_THREADS={best}")
    else:
        named = ", ".join(f"{name}={value}" for name, value in set_ones.items())
        yield ok("threads", f"{named or 'as many as there are cores'}; {cores} may be used")


def gpu_checks(facts: Facts) -> Iterator[Check]:
    """The driver, and each GPU as driver and torch see it."""
    nvidia, torch = facts.nvidia, facts.examined.torch
    if nvidia.problem:
        message = f"nvidia-smi fails: {nvidia.problem}"
        yield problem("gpu", message, "" if nvidia.is_tegra else "nvidia-smi")
    elif not nvidia.gpus:
        yield ok(
            "gpu",
            "no NVIDIA driver here" if not nvidia.has_driver else "the driver tells of no GPU",
        )
    for gpu in nvidia.gpus:
        yield from _gpu(gpu)
    for device in torch.devices if torch else ():
        if device.error:
            message = f"torch cannot compute on {device.name} ({device.capability}): {device.error}"
            yield problem("gpu", message, facts.install("--upgrade", "torch"))
        else:
            bf16 = "bf16" if device.bf16 else "no bf16"
            yield ok(
                "gpu",
                f"torch computes on {device.name}, compute capability {device.capability}, {bf16}",
            )


def _gpu(gpu: NvidiaGpu) -> Iterator[Check]:
    yield ok("gpu", f"{gpu.name}, driver {gpu.driver}, compute capability {gpu.capability}")
    yield from _memory(gpu)
    if gpu.slowed_by:
        message = f"{gpu.name} is slowed by {', '.join(gpu.slowed_by)}"
        yield warning("gpu clocks", message, "nvidia-smi -q -d PERFORMANCE,POWER,TEMPERATURE")
    if gpu.limit and gpu.default_limit and gpu.limit < gpu.default_limit:
        usual = f"{gpu.default_limit:.0f}"
        message = f"{gpu.name}: power is limited to {gpu.limit:.0f} W, by default it is {usual} W"
        yield warning("gpu power", message, f"sudo nvidia-smi -pl {usual}")
    elif gpu.clock is not None and gpu.most_clock is not None and not gpu.slowed_by:
        clocks = f"{gpu.clock:.0f} of {gpu.most_clock:.0f} MHz now"
        yield ok("gpu clocks", f"{gpu.name}: {clocks}, power not limited")


def _memory(gpu: NvidiaGpu) -> Iterator[Check]:
    if not gpu.memory or gpu.used is None:
        return
    message = f"{gpu.name}: {gpu.memory - gpu.used:.0f} of {gpu.memory:.0f} MiB are free"
    if gpu.used > gpu.memory / 10:
        command = "nvidia-smi --query-compute-apps=pid,used_memory,name --format=csv"
        yield warning("gpu memory", f"{message}: others hold the rest", command)
    else:
        yield ok("gpu memory", message)


def jetson_checks(facts: Facts) -> Iterator[Check]:
    """Return what goes wrong on a Jetson alone."""
    if not facts.nvidia.is_tegra:
        return
    message = "a Jetson: its driver has no NVML: nvidia-smi, pynvml and torch.cuda.utilization fail or say nothing"
    yield warning("jetson", message, "tegrastats")
    found = facts.probe.packages.get("protobuf", "") if facts.probe else ""
    try:
        is_new = bool(found) and Version(found) >= Version("3.21")
    except InvalidVersion:
        is_new = False
    if is_new:
        message = f"protobuf {found}: JetPack's TensorRT and ONNX bindings want code generated for 3.20 or older"
        yield warning("jetson", message, "export PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=python")


def debug_checks(facts: Facts) -> Iterator[Check]:
    """Variables left from looking for a bug."""
    left = {
        name: value for name, value in facts.environ.items() if name in DEBUG and value not in OFF
    }
    for name, value in left.items():
        what = f": {DEBUG[name]}" if DEBUG[name] else ""
        yield warning("debug", f"{name}={value} is set{what}", f"unset {name}")
    if not left:
        yield ok("debug", "no variable for debugging is set")


def program_checks(facts: Facts) -> Iterator[Check]:
    """Look for ffmpeg."""
    found = facts.programs.get("ffmpeg")
    if found:
        yield ok("ffmpeg", str(found))
    else:
        message = (
            "not on PATH: reference audio other than WAV cannot be read, and some systems start it"
        )
        yield warning("ffmpeg", message, _install_ffmpeg(facts))


def _install_ffmpeg(facts: Facts) -> str:
    """The command of conda in its environments, else of the platform."""
    prefix = facts.interpreter.path.parent.parent if facts.interpreter else Path("/")
    if (prefix / "conda-meta").is_dir():
        return typed("conda", "install", "-p", prefix, "-c", "conda-forge", "ffmpeg")
    others = {"darwin": "brew install ffmpeg", "win32": "winget install ffmpeg"}
    return others.get(sys.platform, "sudo apt install ffmpeg")


def disk_checks(facts: Facts) -> Iterator[Check]:
    """Room where the checkout lies, and where a benchmark works."""
    for what, (folder, free) in facts.free.items():
        message, command = f"{what}: {amount(free)} free in {folder}", typed("du", "-xhd1", folder)
        if free < NONE:
            yield problem("disk", message, command)
        elif free < LITTLE:
            more = "; a model and a benchmark of its size take up to 10 GB"
            yield warning("disk", message + more, command)
        else:
            yield ok("disk", message)


def weight_checks(facts: Facts) -> Iterator[Check]:
    """The model that the user has, and files that are none."""
    weights, chosen = facts.weights, facts.weights.chosen
    rows = [row for model in weights.found for part in model.components for row in part.files]
    broken = {row.at: row.problem for row in rows if row.problem and row.at}
    for at, why in broken.items():
        yield problem("weights", f"{at}: {why}", _pull(at, why))
    if chosen.model is None:
        return
    name = chosen.model.model.name
    if chosen.kind is Kind.FOUND:
        yield ok("weights", f"{name} is complete")
    elif chosen.kind is Kind.MIXED:
        missing = ", ".join(row.component.name for row in chosen.random)
        message = f"{name}: {missing} missing; a benchmark has these random"
        yield warning("weights", message, _fetch(facts))
    else:
        message = "no model is complete here; a benchmark takes random weights"
        yield warning("weights", message, _fetch(facts))


def _fetch(facts: Facts) -> str:
    """The command that fetches what is missing, or says where it is to be had where no hub has it."""
    chosen = facts.weights.chosen.model
    missing = [row.component for row in chosen.required if not row.is_there] if chosen else []
    fetch = ["--download"] * any(row.huggingface or row.modelscope for row in missing)
    return typed("ttsopt", "models", facts.directory, *fetch)


def _pull(at: Path, why: str) -> str:
    return typed("git", "-C", at.parent, "lfs", "pull") if "git-lfs" in why else ""
