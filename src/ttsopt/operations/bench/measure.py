"""Measure one comparison: lay out both states as snapshots, run the rounds, prove the checkout untouched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ttsopt.bench.outputs.compare import save_audio
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.executor import Executor, WorkerExecutor
from ttsopt.bench.run.profile import profile_sides
from ttsopt.bench.run.runner import Progress
from ttsopt.bench.run.series import Enough
from ttsopt.bench.run.snapshot import fingerprint_tree, lay_links, lay_out_snapshot
from ttsopt.bench.spec import BenchSetup, BenchSpec
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.domain.measurement import Scenario, Side
from ttsopt.environment.gpus import watched_gpus
from ttsopt.environment.load import watched_load
from ttsopt.errors import CannotRunError
from ttsopt.operations.bench.hearing import hear_rounds, open_recogniser
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
        recogniser = spec.recogniser and open_recogniser(
            spec.recogniser, work, spec.threads, spec.time_limit
        )
        with untouched(comparison):
            spoken = scenarios(spec, workload.recipe.languages)
            setup = lay_out(spec, comparison, workload, work, spoken)
            executor = WorkerExecutor(python, spec.time_limit, workload.recipe.install)
            result = _run(spec, setup, executor, tell, enough)
        if spec.save_audio:
            for side in Side:
                save_audio(result.rounds(side)[0], side, spec.save_audio)
        return hear_rounds(result, recogniser) if recogniser else result


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


def lay_out(
    spec: BenchSpec,
    comparison: Comparison,
    workload: Workload,
    work: Path,
    spoken: tuple[Scenario, ...],
) -> BenchSetup:
    """Lay out both sides as snapshots in `work`, to speak these scenarios there.

    Raises:
        CannotRunError: A file cannot be read or written.
    """
    layout, languages = comparison.found.layout, workload.recipe.languages
    setup = BenchSetup(
        work,
        workload.file,
        layout.import_paths,
        spoken,
        warm_up(languages),
        {Side.BEFORE: comparison.watched_before, Side.AFTER: comparison.watched_after},
    )
    for side, files in ((Side.BEFORE, comparison.before), (Side.AFTER, comparison.after)):
        lay_out_snapshot(comparison.root, setup.snapshot(side), layout.copy, files)
    setup.scratch.mkdir()
    lay_links(setup.weights, spec.chosen.links)
    return setup


@contextmanager
def untouched(comparison: Comparison) -> Iterator[None]:
    """Prove that the checkout is, after a benchmark, what it was before.

    Raises:
        CannotRunError: `checkout-touched`.
    """
    copy = comparison.found.layout.copy
    before = fingerprint_tree(comparison.root, copy)
    yield
    if fingerprint_tree(comparison.root, copy) != before:
        message = f"{comparison.root} changed while it was measured; no figure of this run counts"
        raise CannotRunError(
            "checkout-touched", message, "End what writes there, then run it again."
        )
