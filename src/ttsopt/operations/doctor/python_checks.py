"""The interpreter, its packages, torch and ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement

from ttsopt.domain.system import KnownBad
from ttsopt.domain.typed_command import typed
from ttsopt.environment.examine import Copies, Sessions, Torch
from ttsopt.operations.doctor.check import Check, Facts, ok, problem, warning
from ttsopt.operations.runtime_needs import bad_packages

# Providers that run on a network, or that every build has.
CPU = "CPUExecutionProvider"
NO_DEVICE = ("AzureExecutionProvider", CPU)
DISCOVERY = ("device_discovery", "GPU device discovery failed")


def interpreter_checks(facts: Facts) -> Iterator[Check]:
    """Which interpreter, how it was found, and its Python."""
    if facts.interpreter is None or facts.probe is None:
        command = typed("ttsopt", "doctor", facts.directory, "--python", "EXE")
        yield problem("interpreter", facts.unusable, command)
        return
    yield ok("interpreter", f"{facts.interpreter.path} ({facts.interpreter.reason})")
    if facts.examined.stopped:
        message = f"the look into it ended early, {facts.examined.stopped}"
        command = typed(facts.interpreter.path, "-X", "faulthandler", "-c", "import torch")
        yield problem("interpreter", message, command)
    python, name = facts.examined.python, f"{facts.probe.implementation} {facts.probe.python}"
    if python and python.bits < 64:  # noqa: PLR2004
        yield problem("python", f"{name} of {python.bits} bits: torch needs 64")
    elif python and python.debug:
        yield warning("python", f"{name} is a debug build, several times slower")
    else:
        yield ok("python", name)


def package_checks(facts: Facts) -> Iterator[Check]:
    """Modules that are missing, and packages that are known to be bad for the system."""
    recipe, probe = facts.found.system.bench, facts.probe
    if recipe is None or probe is None:
        return
    missing = [name for name in recipe.modules if not probe.modules.get(name)]
    if missing:
        yield problem(
            "modules", f"missing: {', '.join(missing)}", _as_recipe(facts, recipe.install)
        )
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


def _as_recipe(facts: Facts, text: str) -> str:
    """The commands in a recipe's text, of the checkout's own pip."""
    lines = [line.strip() for line in text.splitlines()]
    commands = [line.removeprefix("pip install ") for line in lines if line.startswith("pip ")]
    return " && ".join(f"{facts.install()} {words}" for words in commands)


def _older(known: KnownBad) -> str:
    """A requirement that the bad versions do not meet: `transformers>4.51.3` becomes `transformers<=4.51.3`."""
    wanted = Requirement(known.package)
    opposites = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!="}
    specifier = next(iter(wanted.specifier))
    return f"{wanted.name}{opposites.get(specifier.operator, '!=')}{specifier.version}"


def torch_checks(facts: Facts) -> Iterator[Check]:
    """True if torch can be imported, and whether its build fits the machine."""
    torch, recipe = facts.examined.torch, facts.found.system.bench
    again = facts.install("--force-reinstall", "torch")
    if torch is None or (torch.missing and not (recipe and "torch" in recipe.modules)):
        return
    if torch.missing:
        yield problem("torch", "it is not installed", facts.install("torch"))
    elif torch.error:
        yield problem("torch", f"it cannot be imported: {torch.error}", again)
    elif torch.debug:
        yield warning("torch", f"{_build(torch)}: a debug build, many times slower", again)
    elif not torch.available and facts.nvidia.gpus:
        why = (
            "the driver is older than its CUDA, or hidden" if torch.cuda else "install a CUDA build"
        )
        yield problem(
            "torch", f"{_build(torch)}: there is a GPU, and it does not see it: {why}", again
        )
    else:
        yield ok("torch", _build(torch))


def _build(torch: Torch) -> str:
    build = (
        f"CUDA {torch.cuda}" if torch.cuda else f"ROCm {torch.hip}" if torch.hip else "CPU build"
    )
    return f"{torch.version} ({build}), {torch.threads} thread{'s' * (torch.threads != 1)}"


def onnx_checks(facts: Facts) -> Iterator[Check]:
    """Providers of ONNX Runtime that really load, and what it prints."""
    sessions, recipe = facts.examined.onnxruntime, facts.found.system.bench
    if sessions is None or facts.probe is None:
        return
    if sessions.missing and recipe and "onnxruntime" in recipe.modules:
        yield problem("onnxruntime", "it is not installed", facts.install("onnxruntime"))
    elif sessions.missing:
        yield ok("onnxruntime", "not installed; this system does not need it")
    elif sessions.error:
        again = facts.install("--force-reinstall", "onnxruntime")
        yield problem("onnxruntime", f"it cannot be imported: {sessions.error}", again)
    else:
        if {"onnxruntime", "onnxruntime-gpu"} <= facts.probe.packages.keys():
            message = "onnxruntime and onnxruntime-gpu are both installed, and overwrite each other"
            yield problem("onnxruntime", message, _one_runtime(facts))
        yield from _providers(facts, sessions)
        yield from _printed(sessions)


def _providers(facts: Facts, sessions: Sessions) -> Iterator[Check]:
    untried = "it is not offered"
    loads = [name for name in sessions.offered if not sessions.loaded.get(name, untried)]
    for name in sessions.offered:
        why = sessions.loaded.get(name)
        if why and name not in NO_DEVICE:
            message = f"{sessions.version}: {name} is offered and opens no session: {why}"
            yield warning("onnxruntime", message, _one_runtime(facts))
    if CPU not in loads:
        why = sessions.loaded.get(CPU, untried)
        again = facts.install("--force-reinstall", "onnxruntime")
        yield problem("onnxruntime", f"{sessions.version} runs nothing on the CPU: {why}", again)
    elif facts.nvidia.gpus and "CUDAExecutionProvider" not in sessions.offered:
        message = (
            f"{sessions.version} is the CPU build, and there is a GPU: its models run on the CPU"
        )
        yield warning("onnxruntime", message, _one_runtime(facts))
    else:
        devices = [name for name in loads if name not in NO_DEVICE]
        yield ok(
            "onnxruntime", f"{sessions.version}, sessions open with {', '.join([*devices, CPU])}"
        )


def _printed(sessions: Sessions) -> Iterator[Check]:
    """Explain a warning that looks worse than it is."""
    if any(words in sessions.said for words in DISCOVERY):
        message = (
            "it prints `GPU device discovery failed`: it found no GPU in /sys that it could read, as in many "
            "containers; harmless, the providers that open sessions are what counts"
        )
        yield ok("onnxruntime", message)


def _one_runtime(facts: Facts) -> str:
    both = facts.uninstall("onnxruntime", "onnxruntime-gpu")
    return f"{both} && {facts.install('onnxruntime-gpu')}"


def copy_checks(facts: Facts) -> Iterator[Check]:
    """An editable install of another folder, or one that is gone; another copy of the checkout's package."""
    copies = facts.examined.copies
    if copies is None:
        return
    found = [*_editable(facts, copies), *_elsewhere(facts, copies)]
    yield from found or [ok("copies", "no other copy of its package is on the path")]


def _editable(facts: Facts, copies: Copies) -> Iterator[Check]:
    if copies.editable is None:
        return
    folder, name = Path(unquote(urlsplit(copies.editable).path)), facts.found.system.package
    mend = facts.install("-e", str(facts.root))
    if not folder.is_dir():
        yield problem("copies", f"{name} is an editable install of {folder}, which is gone", mend)
    elif folder.resolve() != facts.root:
        message = f"{name} is an editable install of {folder}, not of this checkout"
        yield warning("copies", message, mend)


def _elsewhere(facts: Facts, copies: Copies) -> Iterator[Check]:
    for module, place in copies.modules.items():
        if place and not Path(place).resolve().is_relative_to(facts.root):
            message = (
                f"another {module} is on the path, {place}: run from elsewhere, that one speaks"
            )
            yield warning("copies", message, _remove(facts, copies))


def _remove(facts: Facts, copies: Copies) -> str:
    """The command that uninstalls the distribution of it; none where it is not known which that is."""
    name = facts.found.system.package
    return facts.uninstall(name) if copies.version else ""
