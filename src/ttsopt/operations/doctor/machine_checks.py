"""The machine: CPU, GPUs, threads, disk, programs; variables that slow a service down."""

from __future__ import annotations

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
    """What of its instruction set matters."""
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
    set_ones = {name: facts.environ[name] for name in THREADS if facts.environ.get(name)}
    above = {
        name: value for name, value in set_ones.items() if value.isdecimal() and int(value) > best
    }
    if above:
        words = ", ".join(f"{name}={value}" for name, value in above.items())
        message = f"{words}, and {best} cores may be used: threads wait for each other"
        yield warning("threads", message, f"export {' '.join(f'{name}={best}' for name in above)}")
    elif best < facts.cores and "OMP_NUM_THREADS" not in set_ones:
        message = (
            f"{facts.cores} cores are seen, and this container may use {facts.cpu.quota:g}: torch starts "
            f"{facts.cores} threads"
        )
        yield warning("threads", message, f"export OMP_NUM_THREADS={best}")
    else:
        named = ", ".join(f"{name}={value}" for name, value in set_ones.items())
        yield ok("threads", f"{named or 'as many as there are cores'}; {best} cores may be used")


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
            archs = ", ".join(torch.archs) if torch else ""
            message = f"torch cannot compute on {device.name} ({device.capability}): {device.error}; built for {archs}"
            yield problem("gpu", message, facts.install("--upgrade", "torch"))
        else:
            bf16 = "bf16" if device.bf16 else "no bf16"
            yield ok(
                "gpu",
                f"torch computes on {device.name}, compute capability {device.capability}, {bf16}",
            )


def _gpu(gpu: NvidiaGpu) -> Iterator[Check]:
    yield ok("gpu", f"{gpu.name}, driver {gpu.driver}, compute capability {gpu.capability}")
    if gpu.memory and gpu.used is not None:
        free = gpu.memory - gpu.used
        message = f"{gpu.name}: {free:.0f} of {gpu.memory:.0f} MiB are free"
        much = gpu.used > gpu.memory / 10
        command = "nvidia-smi --query-compute-apps=pid,used_memory,name --format=csv"
        yield (
            warning("gpu memory", f"{message}: others hold the rest", command)
            if much
            else ok("gpu memory", message)
        )
    if gpu.slowed_by:
        yield warning(
            "gpu clocks",
            f"{gpu.name} is slowed by {', '.join(gpu.slowed_by)}",
            "nvidia-smi -q -d PERFORMANCE,POWER,TEMPERATURE",
        )
    if gpu.limit and gpu.default_limit and gpu.limit < gpu.default_limit:
        message = f"{gpu.name}: power is limited to {gpu.limit:.0f} W, by default it is {gpu.default_limit:.0f} W"
        yield warning("gpu power", message, f"sudo nvidia-smi -pl {gpu.default_limit:.0f}")
    elif gpu.clock is not None and gpu.most_clock is not None and not gpu.slowed_by:
        yield ok(
            "gpu clocks",
            f"{gpu.name}: {gpu.clock:.0f} of {gpu.most_clock:.0f} MHz now, power not limited",
        )


def jetson_checks(facts: Facts) -> Iterator[Check]:
    """What goes wrong on a Jetson alone."""
    if not facts.nvidia.is_tegra:
        return
    message = "a Jetson: its driver has no NVML, so nvidia-smi, pynvml and torch.cuda.memory_usage say nothing or fail"
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
        yield warning(
            "ffmpeg", message, "conda install ffmpeg, or your system's package (apt install ffmpeg)"
        )


def disk_checks(facts: Facts) -> Iterator[Check]:
    """Room where the checkout lies, and where a benchmark works."""
    for what, (folder, free) in facts.free.items():
        message = f"{what}: {amount(free)} free in {folder}"
        if free < NONE:
            yield problem("disk", message, typed("du", "-xhd1", folder))
        elif free < LITTLE:
            yield warning(
                "disk",
                f"{message}; a model and a benchmark of its size take up to 10 GB",
                typed("du", "-xhd1", folder),
            )
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
    name, command = (
        chosen.model.model.name,
        typed("ttsopt", "models", facts.directory, "--download"),
    )
    if chosen.kind is Kind.FOUND:
        yield ok("weights", f"{name} is complete")
    elif chosen.kind is Kind.MIXED:
        missing = ", ".join(row.component.name for row in chosen.random)
        yield warning(
            "weights", f"{name}: {missing} missing; a benchmark has these random", command
        )
    else:
        yield warning(
            "weights", "no model is complete here; a benchmark takes random weights", command
        )


def _pull(at: Path, why: str) -> str:
    return typed("git", "-C", at.parent, "lfs", "pull") if "git-lfs" in why else ""
