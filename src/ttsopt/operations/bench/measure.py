"""One comparison measured: both states laid out as views, a job made of the request, the rounds run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ttsopt.bench.outputs.compare import save_audio
from ttsopt.bench.outputs.transcripts import FunasrRecogniser, Transcript, transcribe
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import Enough, Progress, run_benchmark
from ttsopt.bench.run.executor import WorkerExecutor
from ttsopt.bench.run.profile import Profile, profile_sides
from ttsopt.bench.run.snapshot import fingerprint_tree, lay_out_view
from ttsopt.bench.spec import BenchmarkRequest
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.domain.measurement import Side
from ttsopt.environment.gpus import watched_gpus
from ttsopt.environment.interpreter import find_interpreter
from ttsopt.environment.machine import fingerprint_machine
from ttsopt.errors import CannotRunError
from ttsopt.operations.bench.request import BenchRequest, prompt_file, weights_folder
from ttsopt.operations.bench.sides import Comparison
from ttsopt.operations.bench.texts import scenarios, warm_up
from ttsopt.operations.bench.workloads import Workload

Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """The rounds; where one call of either side spends its time, and what was heard, if that was asked."""

    result: BenchmarkResult
    profiles: tuple[Profile, ...] = ()
    gpus: tuple[Mapping[str, object], ...] = ()
    transcripts: tuple[Transcript, ...] = ()


def measure(
    request: BenchRequest,
    comparison: Comparison,
    workload: Workload,
    python: Path,
    tell: Tell,
    enough: Enough,
) -> Measured:
    """Measure a comparison in the checkout's interpreter; the checkout itself is only read.

    Raises:
        CannotRunError: The code under test could not be run here, or the checkout changed meanwhile.
    """
    with scratch_folder("bench") as work:
        with _untouched(comparison):
            _lay_out(comparison, work)
            executor = WorkerExecutor(python, request.method.time_limit, workload.recipe.install)
            job = _job(request, comparison, workload, work)
            with watched_gpus() as gpus:
                result = run_benchmark(job, executor, tell, enough)
            profiles = (
                profile_sides(result.request, executor, request.profile) if request.profile else ()
            )
        if request.save_audio:
            for side in Side:
                save_audio(result.rounds(side)[0], request.save_audio)
        heard = _transcripts(request, result, work) if request.recogniser else ()
        return Measured(result, profiles, tuple(gpu.summary() for gpu in gpus), heard)


def _transcripts(
    request: BenchRequest, result: BenchmarkResult, work: Path
) -> tuple[Transcript, ...]:
    python = find_interpreter((), request.recogniser).path
    hears = FunasrRecogniser(python, work / "recogniser", threads=result.request.threads)
    return transcribe(result.before[0], result.after[0], result.request.utterances, hears)


def _lay_out(comparison: Comparison, work: Path) -> None:
    copy = comparison.found.layout.copy
    for side, files in ((Side.BEFORE, comparison.before), (Side.AFTER, comparison.after)):
        lay_out_view(comparison.root, work / side.value, copy, files)
    (work / "scratch").mkdir()


def _job(
    request: BenchRequest, comparison: Comparison, workload: Workload, work: Path
) -> BenchmarkRequest:
    speech, method = request.speech, request.method
    first, *further = scenarios(request, workload.recipe)
    return BenchmarkRequest(
        before_view=work / Side.BEFORE.value,
        after_view=work / Side.AFTER.value,
        import_paths=comparison.found.layout.import_paths,
        workload=workload.file,
        scratch=work / "scratch",
        work=work,
        utterances=first.utterances,
        files_before=comparison.watched_before,
        files_after=comparison.watched_after,
        size=speech.size.value,
        weights=weights_folder(speech),
        least=method.least,
        most=method.most,
        budget=method.budget,
        warmup_utterances=warm_up(workload.recipe.languages),
        stream=method.stream,
        concurrency=first.concurrency,
        further=tuple(further),
        prompt_audio=prompt_file(speech),
        prompt_text=speech.prompt_text or None,
        seed=method.seed,
        threads=method.threads or fingerprint_machine().usable_cores or 1,
    )


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
