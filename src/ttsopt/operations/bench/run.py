"""Bench: plan, compare two states of the tree, measure them in the checkout's interpreter, judge the gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ttsopt.bench.gates.judge import exit_code, judge
from ttsopt.bench.gates.limits import are_decided
from ttsopt.bench.gates.quality import Promise
from ttsopt.bench.outputs.transcripts import Transcript
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import Progress
from ttsopt.bench.run.profile import Profile
from ttsopt.domain.measurement import GateResult
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import FoundSystem
from ttsopt.environment.interpreter import Interpreter, find_interpreter
from ttsopt.environment.machine import Machine, fingerprint_machine
from ttsopt.environment.probe import Probe, probe_interpreter, require_modules
from ttsopt.errors import CannotRunError, RefusedError
from ttsopt.operations.apply import whole_refusal
from ttsopt.operations.bench.against import compare_with
from ttsopt.operations.bench.measure import measure
from ttsopt.operations.bench.request import BenchRequest, check_request
from ttsopt.operations.bench.sides import Comparison, compare_states
from ttsopt.operations.bench.workloads import Workload, find_workload
from ttsopt.operations.planning import Planned, make_plan
from ttsopt.operations.runtime_needs import bad_packages, package_names, unmet_needs

Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """A system that can be measured here: what is planned for it, and what runs it."""

    planned: Planned
    workload: Workload
    interpreter: Interpreter
    probe: Probe

    @property
    def found(self) -> FoundSystem:
        """The system."""
        return self.planned.located.systems[0]


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
    profiles: tuple[Profile, ...] = ()
    gpus: tuple[Mapping[str, object], ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    unmet: tuple[str, ...] = ()


def bench(request: BenchRequest, tell: Tell = lambda _: None) -> Benchmark:
    """Measure before against after; the checkout itself is only read.

    Raises:
        UsageError: Gates, limits or a folder of weights that make no sense.
        RefusedError: Nothing to compare, or a patch that was named does not fit.
        CannotRunError: The system, its environment or the code under test could not be run here.
    """
    made = make_bench(request)
    if request.against:
        comparison = compare_with(made.planned, request.against, request.plan.choice.effect)
    else:
        choice = request.plan.choice
        comparison = compare_states(made.planned, choice, same=request.against_itself)
    return run(request, made, comparison, tell)


def make_bench(request: BenchRequest) -> Bench:
    """The plan, the system's recipe, and an interpreter that has what it needs.

    Raises:
        TtsoptError: As `bench`.
    """
    check_request(request)
    planned = make_plan(request.plan)
    _check_system(planned)
    refusal = whole_refusal(planned, strict=request.plan.choice.is_named)
    if refusal:
        raise refusal
    checkout, (found,) = planned.located.checkout, planned.located.systems
    workload = find_workload(planned.located.catalogue, found.system)
    recipe = workload.recipe
    root = (checkout.directory / found.root).resolve()
    interpreter = find_interpreter((root, checkout.directory, checkout.top), request.python)
    packages = package_names(planned.located.catalogue.patches, recipe.known_bad)
    probe = probe_interpreter(interpreter.path, recipe.modules, packages)
    require_modules(probe, recipe.install)
    return Bench(planned, workload, interpreter, probe)


def run(request: BenchRequest, made: Bench, comparison: Comparison, tell: Tell) -> Benchmark:
    """Measure one comparison and judge it.

    Raises:
        CannotRunError: As `bench`.
    """
    limits = request.limits
    enough = partial(are_decided, limits)
    done = measure(request, comparison, made.workload, made.interpreter.path, tell, enough)
    gates = judge(done.result, limits, Promise(comparison.exact, comparison.close))
    if done.result.bad_audio and not limits.has_any:
        hint = "Do not keep these patches; find the one that breaks it with -p."
        broken = f"after patching: {'; '.join(done.result.bad_audio)}"
        raise CannotRunError("bad-audio", broken, hint)
    return Benchmark(
        comparison,
        done.result,
        gates,
        exit_code(gates, limits.undecided) if limits.has_any else 0,
        fingerprint_machine(),
        made.interpreter,
        made.probe,
        done.profiles,
        done.gpus,
        done.transcripts,
        (
            *bad_packages(made.workload.recipe.known_bad, made.probe.packages),
            *unmet_needs(_measured(made, comparison), made.probe.packages, done.gpus),
        ),
    )


def _measured(made: Bench, comparison: Comparison) -> list[Patch]:
    catalogue = made.planned.located.catalogue
    return [patch for patch in catalogue.patches if patch.id in comparison.patches]


def _check_system(planned: Planned) -> None:
    if len(planned.located.systems) != 1:
        raise RefusedError(
            "no-system",
            f"{planned.located.checkout.directory} holds no one TTS system that could be run",
            "Name the folder of one checkout, or choose with --system and --root.",
        )
