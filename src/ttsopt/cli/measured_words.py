"""Measurements of a patch, in words: for `ttsopt show`, and for the pages that are made of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from ttsopt.domain.patch import Patch
from ttsopt.domain.patch_result import Clock, Measured, PatchResult

TIMES = {Clock.CPU: "CPU time", Clock.WALL: "wall time"}
# Of what a workload says of a model: which of several in one checkout it is.
TELLING = ("version", "class")


def measured_lines(patch: Patch, measured: Measured) -> Iterator[str]:
    """A line for each measurement of the newest version that was measured, and what was not, with the reason."""
    if measured.why_not:
        yield f"{unmeasured(measured)}: {measured.why_not}"
    for row in newest(measured):
        yield f"measured: {figure(row)}; {output_difference(row)}. {conditions(row)}. {machine(row)}."
    yield from outdated(patch, measured)


def newest(measured: Measured) -> tuple[PatchResult, ...]:
    """The rows of the newest version of the patch that was measured, if any."""
    return tuple(
        row for row in measured.rows if row.patch_version == measured.rows[0].patch_version
    )


def unmeasured(measured: Measured) -> str:
    """Return what is missing: all, or what counts."""
    return "not measured on the device that it is for" if measured.rows else "not measured"


def outdated(patch: Patch, measured: Measured) -> Iterator[str]:
    """Said where the patch has changed since."""
    if measured.rows and (version := measured.rows[0].patch_version) < patch.version:
        yield f"What was measured is version {version} of this patch; it is at version {patch.version} now."


def figure(row: PatchResult) -> str:
    """The ratio with its interval, of what it is, and the verdict."""
    threads = f"{row.threads} thread{'s' * (row.threads != 1)}"
    ratio = f"{row.ratio} of {TIMES[row.of]} on {threads}"
    return f"{ratio}, {row.verdict.value.replace('_', ' ')}"


def output_difference(measured: PatchResult) -> str:
    """How the outputs of the two sides differ, and whether anybody could tell better from worse."""
    row = measured.came_out
    if row.equal:
        return "equal bits"
    facts = []
    if row.tokens is not None:
        facts.append(f"{row.tokens:.1%} of tokens equal")
    if row.mel_db is not None:
        worst = "" if row.mel_db_worst is None else f", {row.mel_db_worst:.2f} at worst"
        facts.append(f"log-mel {row.mel_db:.2f} dB apart{worst}")
    if row.snr_db is not None:
        facts.append(f"SNR {row.snr_db:.0f} dB")
    facts = facts or ["another length"]
    return ", ".join([*facts, *["quality unverified"] * (measured.weights in {"random", "mixed"})])


def conditions(row: PatchResult) -> str:
    """The checkout, the model, what was spoken and how."""
    settings = [f"{name}={value}" for name, value in row.parameters.items()]
    texts = f"{', '.join(row.texts)} texts" if row.languages else f"own texts {list(row.texts)}"
    spoken = f"{texts} ({', '.join(row.languages)})" if row.languages else texts
    ways = ["warm caches"] * row.hot + ["in chunks"] * row.stream
    ways += [f"{row.concurrency} at once"] * (row.concurrency > 1)
    size = f"size {row.size}, {row.weights} weights"
    models = [f"model {row.model[name]}" for name in TELLING if name in row.model]
    parts = [row.version, *models, size, spoken, *settings, *ways, f"{row.rounds} rounds"]
    return ", ".join(parts) + (f"; {row.note}" if row.note else "")


def machine(row: PatchResult) -> str:
    """Where, when and by which ttsopt."""
    at = row.machine
    packages = [f"torch {at.torch}"] * bool(at.torch)
    packages += [f"onnxruntime {at.onnxruntime}"] * bool(at.onnxruntime)
    cores = f"{at.cores} core{'s' * (at.cores != 1)}"
    parts = [at.cpu, cores, at.gpu or "no GPU", at.system, f"Python {at.python}"]
    return f"{', '.join([*parts, *packages])}; {row.date}, ttsopt {row.ttsopt}"
