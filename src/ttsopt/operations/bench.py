"""Bench: lay out both states as views, run them in turn in the checkout's interpreter, judge the gates."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ttsopt.bench.controller import Progress, run_benchmark
from ttsopt.bench.executor import WorkerExecutor
from ttsopt.bench.gates import Gates, exit_code, judge
from ttsopt.bench.outputs import save_audio
from ttsopt.bench.request import BenchmarkRequest
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.views import fingerprint_tree, lay_out_view
from ttsopt.domain.measurement import GateResult, Side, Utterance
from ttsopt.domain.model_size import Size
from ttsopt.domain.system import BenchRecipe, FoundSystem
from ttsopt.environment.interpreter import Interpreter, find_interpreter
from ttsopt.environment.machine import Machine, fingerprint_machine
from ttsopt.environment.probe import Probe, probe_interpreter, require_modules
from ttsopt.errors import CannotRunError, RefusedError, UsageError
from ttsopt.operations.apply import whole_refusal
from ttsopt.operations.comparison import Comparison, compare_states
from ttsopt.operations.planning import Planned, PlanRequest, make_plan
from ttsopt.operations.workloads import workload_file

TEXTS = (
    Utterance("en", "The birch canoe slid on the smooth planks."),
    Utterance("zh", "今天天气很好，我们去公园走走。"),
)


@dataclass(frozen=True, slots=True)
class BenchRequest:
    """What to measure and how. `threads` 0: as many as this process may use. Seconds for `time_limit`."""

    plan: PlanRequest
    python: str = ""
    against_itself: bool = False
    size: Size = Size.TINY
    weights: str = "random"
    texts: tuple[str, ...] = ()
    rounds: int = 5
    threads: int = 0
    seed: int = 0
    time_limit: float = 600.0
    max_rtf: float | None = None
    min_speedup: float | None = None
    save_audio: Path | None = None

    @property
    def has_gate(self) -> bool:
        """Whether the exit code is to tell of speed; it then tells of quality too."""
        return self.max_rtf is not None or self.min_speedup is not None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What came of it. `exit_code` is that of the gates asked for; 0 where none was."""

    comparison: Comparison
    result: BenchmarkResult
    gates: tuple[GateResult, ...]
    exit_code: int
    machine: Machine
    interpreter: Interpreter
    probe: Probe


def bench(
    request: BenchRequest, progress: Callable[[Progress], None] = lambda _: None
) -> Benchmark:
    """Measure before against after; the checkout itself is only read.

    Raises:
        UsageError: Gates, limits or a folder of weights that make no sense.
        RefusedError: Nothing to compare, or a patch that was named does not fit.
        CannotRunError: The system, its environment or the code under test could not be run here.
    """
    _check(request)
    planned = make_plan(request.plan)
    _check_system(planned)
    refusal = whole_refusal(planned, strict=request.plan.choice.is_named)
    if refusal:
        raise refusal
    comparison = compare_states(planned, request.plan.choice, same=request.against_itself)
    recipe = _recipe(comparison.found)
    checkout = planned.located.checkout
    folders = (comparison.root, checkout.directory, checkout.top)
    interpreter = find_interpreter(folders, request.python)
    probe = probe_interpreter(interpreter.path, recipe.modules)
    require_modules(probe, recipe.install)
    result = _measure(request, comparison, recipe, interpreter.path, progress)
    asked = Gates(request.max_rtf, request.min_speedup, exact=comparison.exact)
    gates = judge(result, asked)
    if result.bad_audio and not request.has_gate:
        hint = "Do not keep these patches; find the one that breaks it with -p."
        raise CannotRunError("bad-audio", f"after patching: {'; '.join(result.bad_audio)}", hint)
    code = exit_code(gates) if request.has_gate else 0
    return Benchmark(comparison, result, gates, code, fingerprint_machine(), interpreter, probe)


def _check_system(planned: Planned) -> None:
    if len(planned.located.systems) != 1:
        raise RefusedError(
            "no-system",
            f"{planned.located.checkout.directory} holds no one TTS system that could be run",
            "Name the folder of one checkout, or choose with --system and --root.",
        )


def _check(request: BenchRequest) -> None:
    """Find out before hours of work what cannot be right."""
    limits = {
        "--max-rtf": request.max_rtf,
        "--min-speedup": request.min_speedup,
        "--time-limit": request.time_limit,
    }
    for option, value in limits.items():
        if value is not None and not (math.isfinite(value) and value > 0):
            raise UsageError(
                "bad-limit", f"{option} {value:g} is no limit", "Give a number above 0."
            )
    _weights(request.weights)
    if request.save_audio:
        _make_folder(request.save_audio)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        message = f"cannot write to {folder}: {error.strerror}"
        raise CannotRunError("unwritable", message, "Name a folder that can be written.") from error


def _measure(
    request: BenchRequest,
    comparison: Comparison,
    recipe: BenchRecipe,
    python: Path,
    progress: Callable[[Progress], None],
) -> BenchmarkResult:
    with _work_folder() as work:
        with _untouched(comparison):
            result = _run(request, comparison, recipe, python, work, progress)
        if request.save_audio:
            for side in Side:
                save_audio(result.rounds(side)[0], request.save_audio)
        return result


def _run(
    request: BenchRequest,
    comparison: Comparison,
    recipe: BenchRecipe,
    python: Path,
    work: Path,
    progress: Callable[[Progress], None],
) -> BenchmarkResult:
    copy = comparison.found.layout.copy
    for side, files in ((Side.BEFORE, comparison.before), (Side.AFTER, comparison.after)):
        lay_out_view(comparison.root, work / side.value, copy, files)
    (work / "scratch").mkdir()
    executor = WorkerExecutor(python, request.time_limit, work / "caches", recipe.install)
    return run_benchmark(_job(request, comparison, recipe, work), executor, progress)


def _job(
    request: BenchRequest, comparison: Comparison, recipe: BenchRecipe, work: Path
) -> BenchmarkRequest:
    own = tuple(Utterance(str(number), text) for number, text in enumerate(request.texts, start=1))
    return BenchmarkRequest(
        before_view=work / Side.BEFORE.value,
        after_view=work / Side.AFTER.value,
        import_paths=comparison.found.layout.import_paths,
        workload=workload_file(recipe),
        scratch=work / "scratch",
        work=work,
        utterances=own or recipe.texts or TEXTS,
        files_before=comparison.watched_before,
        files_after=comparison.watched_after,
        size=request.size.value,
        weights=_weights(request.weights),
        rounds=request.rounds,
        seed=request.seed,
        threads=request.threads or fingerprint_machine().usable_cores or 1,
    )


def _weights(asked: str) -> str:
    """`random`, or the absolute path of a folder; the head of each workload says what must lie there."""
    if asked == "random":
        return asked
    folder = Path(asked).resolve()
    if not folder.is_dir():
        hint = "Name the folder that holds the model, or take --weights random."
        raise UsageError("no-weights", f"--weights {asked}: there is no such folder", hint)
    return str(folder)


def _recipe(found: FoundSystem) -> BenchRecipe:
    if found.system.bench is None:
        message = f"ttsopt has no workload for {found.system.name} yet"
        raise CannotRunError("no-workload", message, "Its patches can be applied all the same.")
    return found.system.bench


@contextmanager
def _work_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ttsopt-bench-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


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
