"""Measure one comparison: lay out both states as snapshots, run the rounds, prove the checkout untouched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ttsopt.bench.outputs.compare import save_audio
from ttsopt.bench.outputs.transcripts import FunasrRecogniser, Transcript, transcribe
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.executor import Executor, WorkerExecutor
from ttsopt.bench.run.profile import profile_sides
from ttsopt.bench.run.runner import Progress
from ttsopt.bench.run.series import Enough
from ttsopt.bench.run.snapshot import fingerprint_tree, lay_out_view
from ttsopt.bench.spec import BenchSetup, BenchSpec
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.domain.measurement import Side
from ttsopt.environment.gpus import watched_gpus
from ttsopt.environment.interpreter import find_interpreter
from ttsopt.environment.load import watched_load
from ttsopt.errors import CannotRunError
from ttsopt.operations.bench.sides import Comparison
from ttsopt.operations.bench.texts import scenarios, warm_up
from ttsopt.operations.bench.workloads import Workload

Tell = Callable[[Progress], None]


def measure(
    spec: BenchSpec,
    comparison: Comparison,
    workload: Workload,
    python: Path,
    tell: Tell,
    enough: Enough,
) -> BenchmarkResult:
    """Measure a comparison in the checkout's interpreter; the checkout itself is only read.

    Raises:
        CannotRunError: The code under test could not be run here, or the checkout changed meanwhile.
    """
    with scratch_folder("bench") as work:
        with _untouched(comparison):
            setup = _lay_out(spec, comparison, workload, work)
            executor = WorkerExecutor(python, spec.time_limit, workload.recipe.install)
            result = _run(spec, setup, executor, tell, enough)
        if spec.save_audio:
            for side in Side:
                save_audio(result.rounds(side)[0], side, spec.save_audio)
        return replace(result, transcripts=_transcripts(result, work) if spec.recogniser else ())


def _run(
    spec: BenchSpec, setup: BenchSetup, executor: Executor, tell: Tell, enough: Enough
) -> BenchmarkResult:
    with watched_gpus() as gpus, watched_load() as load:
        result = run_benchmark(spec, setup, executor, tell, enough)
    profiles = profile_sides(spec, setup, executor, spec.profile) if spec.profile else ()
    return replace(
        result,
        profiles=profiles,
        gpus=tuple(gpu.summary() for gpu in gpus),
        load=load.summary(),
        busy=load.warning,
    )


def _transcripts(result: BenchmarkResult, work: Path) -> tuple[Transcript, ...]:
    spec = result.spec
    python = find_interpreter((), spec.recogniser).path
    hears = FunasrRecogniser(python, work / "recogniser", threads=spec.threads)
    return transcribe(result.before[0], result.after[0], result.scenarios[0].utterances, hears)


def _lay_out(spec: BenchSpec, comparison: Comparison, workload: Workload, work: Path) -> BenchSetup:
    layout, languages = comparison.found.layout, workload.recipe.languages
    setup = BenchSetup(
        work,
        workload.file,
        layout.import_paths,
        scenarios(spec, languages),
        warm_up(languages),
        {Side.BEFORE: comparison.watched_before, Side.AFTER: comparison.watched_after},
    )
    for side, files in ((Side.BEFORE, comparison.before), (Side.AFTER, comparison.after)):
        lay_out_view(comparison.root, setup.snapshot(side), layout.copy, files)
    setup.scratch.mkdir()
    return setup


@contextmanager
def _untouched(comparison: Comparison) -> Iterator[None]:
    """Prove that the checkout is, after a benchmark, what it was before."""
    copy = comparison.found.layout.copy
    before = fingerprint_tree(comparison.root, copy)
    yield
    if fingerprint_tree(comparison.root, copy) != before:
        message = f"{comparison.root} changed while it was measured; no figure of this run counts"
        raise CannotRunError(
            "checkout-touched", message, "End what writes there, then run it again."
        )
