"""The interpreter, its packages, torch and ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement

from ttsopt.domain.system import KnownBad
from ttsopt.environment.examine import Sessions
from ttsopt.operations.doctor.check import Check, Facts, ok, problem, warning
from ttsopt.operations.runtime_needs import bad_packages

# Providers that run on a network, or that every build has.
NO_DEVICE = ("AzureExecutionProvider", "CPUExecutionProvider")
DISCOVERY = "device_discovery"


def interpreter_checks(facts: Facts) -> Iterator[Check]:
    """Which interpreter, how it was found, and its Python."""
    if facts.interpreter is None or facts.probe is None:
        yield problem("interpreter", facts.unusable, facts.hint)
        return
    yield ok("interpreter", f"{facts.interpreter.path} ({facts.interpreter.reason})")
    python = facts.examined.python
    if facts.examined.stopped:
        message = f"the look into it ended early, {facts.examined.stopped}"
        yield problem(
            "interpreter", message, f"{facts.interpreter.path} -X faulthandler -c 'import torch'"
        )
    if python and python.bits < 64:  # noqa: PLR2004
        yield problem("python", f"{python.version} of {python.bits} bits: torch needs 64")
    elif python and python.debug:
        yield warning("python", f"{python.version} is a debug build, several times slower")
    else:
        yield ok("python", f"{facts.probe.implementation} {facts.probe.python}")


def package_checks(facts: Facts) -> Iterator[Check]:
    """Modules that are missing, and packages that are known to be bad for the system."""
    recipe, probe = facts.found.system.bench, facts.probe
    if recipe is None or probe is None:
        return
    missing = [name for name in recipe.modules if not probe.modules.get(name)]
    if missing:
        yield problem("modules", f"missing: {', '.join(missing)}", _install_hint(recipe.install))
    else:
        yield ok("modules", f"all {len(recipe.modules)} that a benchmark needs are there")
    absent = [name for name in recipe.upstream_modules if not probe.modules.get(name)]
    if absent:
        message = f"upstream's own code imports {', '.join(absent)}, which a benchmark does without"
        yield warning("modules", message, facts.install(*absent))
    for known in recipe.known_bad:
        for sentence in bad_packages((known,), probe.packages):
            yield warning("packages", sentence, facts.install(_older(known)))
    for name, use in (
        ("funasr", "bench --recogniser"),
        ("modelscope", "downloads from ModelScope"),
    ):
        version = probe.packages.get(name)
        yield ok(name, version or f"not installed; it is for {use}")


def _install_hint(text: str) -> str:
    """The first command of a recipe's text."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line for line in lines if line.startswith(("pip ", "make "))), text.strip())


def _older(known: KnownBad) -> str:
    """A requirement that the bad versions do not meet: `transformers>4.51.3` becomes `transformers<=4.51.3`."""
    wanted = Requirement(known.package)
    opposites = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!="}
    specifier = next(iter(wanted.specifier))
    return f"{wanted.name}{opposites.get(specifier.operator, '!=')}{specifier.version}"


def torch_checks(facts: Facts) -> Iterator[Check]:
    """torch, and whether its build fits the machine."""
    torch = facts.examined.torch
    if torch is None:
        return
    if torch.missing:
        if facts.found.system.bench and "torch" in facts.found.system.bench.modules:
            yield problem("torch", "it is not installed", facts.install("torch"))
        return
    if torch.error:
        yield problem(
            "torch",
            f"it cannot be imported: {torch.error}",
            facts.install("--force-reinstall", "torch"),
        )
        return
    build = (
        f"CUDA {torch.cuda}" if torch.cuda else f"ROCm {torch.hip}" if torch.hip else "CPU build"
    )
    name = f"{torch.version} ({build}), {torch.threads} threads"
    if torch.debug:
        yield warning(
            "torch",
            f"{name}: a debug build, many times slower",
            facts.install("--force-reinstall", "torch"),
        )
    if not torch.available and facts.nvidia.gpus:
        why = (
            "this build is for the CPU alone"
            if not torch.cuda
            else "the driver is older than its CUDA, or hidden"
        )
        command = facts.install(
            "--force-reinstall", "torch", "--index-url", "URL_OF_THE_CUDA_BUILD"
        )
        yield problem("torch", f"{name}: there is a GPU, and torch does not see it: {why}", command)
    elif not torch.debug:
        yield ok("torch", name)


def onnx_checks(facts: Facts) -> Iterator[Check]:
    """Providers of ONNX Runtime that really load, and what it prints."""
    sessions, probe = facts.examined.onnxruntime, facts.probe
    if sessions is None or probe is None:
        return
    needed = facts.found.system.bench and "onnxruntime" in facts.found.system.bench.modules
    if sessions.missing:
        yield (
            problem("onnxruntime", "it is not installed", facts.install("onnxruntime"))
            if needed
            else ok("onnxruntime", "not installed; this system does not need it")
        )
        return
    if sessions.error:
        yield problem(
            "onnxruntime",
            f"it cannot be imported: {sessions.error}",
            facts.install("--force-reinstall", "onnxruntime"),
        )
        return
    yield from _providers(facts, sessions)
    if DISCOVERY in sessions.said or "GPU device discovery failed" in sessions.said:
        message = (
            "it prints `GPU device discovery failed` on this machine: it looked for GPUs in /sys and found none it "
            "could read, as in many containers; harmless, the providers above are what counts"
        )
        yield ok("onnxruntime", message)


def _providers(facts: Facts, sessions: Sessions) -> Iterator[Check]:
    probe = facts.probe
    assert probe is not None
    if {"onnxruntime", "onnxruntime-gpu"} <= probe.packages.keys():
        message = (
            "onnxruntime and onnxruntime-gpu are both installed, and overwrite each other's files"
        )
        yield problem("onnxruntime", message, _one_runtime(facts))
    loads = [name for name in sessions.offered if not sessions.loaded.get(name, "it was not tried")]
    for name in sessions.offered:
        why = sessions.loaded.get(name)
        if why and name not in NO_DEVICE:
            yield warning(
                "onnxruntime",
                f"{sessions.version}: {name} is offered and does not open a session: {why}",
            )
    if "CPUExecutionProvider" not in loads:
        why = sessions.loaded.get("CPUExecutionProvider", "it is not offered")
        yield problem(
            "onnxruntime",
            f"{sessions.version} runs nothing on the CPU: {why}",
            facts.install("--force-reinstall", "onnxruntime"),
        )
        return
    devices = [name for name in loads if name not in NO_DEVICE]
    if facts.nvidia.gpus and "CUDAExecutionProvider" not in sessions.offered:
        message = (
            f"{sessions.version} is the CPU build, and there is a GPU: its models run on the CPU"
        )
        yield warning("onnxruntime", message, _one_runtime(facts))
    else:
        what = ", ".join([*devices, "CPUExecutionProvider"])
        yield ok("onnxruntime", f"{sessions.version}, sessions open with {what}")


def _one_runtime(facts: Facts) -> str:
    removed = facts.install("onnxruntime-gpu").replace("install", "uninstall", 1)
    flag = "" if facts.is_uv else " -y"
    return f"{removed}{flag} onnxruntime && {facts.install('onnxruntime-gpu')}"


def copy_checks(facts: Facts) -> Iterator[Check]:
    """An editable install of another folder, or one that is gone; another copy of the checkout's package."""
    copies = facts.examined.copies
    if copies is None:
        return
    found = False
    if copies.editable is not None:
        folder = Path(unquote(urlsplit(copies.editable).path))
        name = facts.found.system.package
        if not folder.is_dir():
            found = True
            message = f"{name} is an editable install of {folder}, which is gone"
            yield problem("copies", message, facts.install("-e", str(facts.root)))
        elif folder.resolve() != facts.root:
            found = True
            message = f"{name} is an editable install of {folder}, not of this checkout"
            yield warning("copies", message, facts.install("-e", str(facts.root)))
    for module, place in copies.modules.items():
        if place and not Path(place).resolve().is_relative_to(facts.root):
            found = True
            message = f"another {module} is on the path: {place}; run from outside of the checkout, that one speaks"
            yield warning("copies", message, _remove(facts, module))
    if not found:
        yield ok("copies", "no other copy of its package is on the path")


def _remove(facts: Facts, module: str) -> str:
    name = facts.found.system.package or module
    return (
        facts.install(name).replace("install", "uninstall", 1)
        if facts.examined.copies and facts.examined.copies.version
        else ""
    )
