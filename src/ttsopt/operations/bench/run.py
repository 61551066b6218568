"""Bench: plan, compare two states of the tree, measure them in the checkout's interpreter, judge the gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ttsopt.bench.gates.judge import exit_code, judge
from ttsopt.bench.gates.limits import are_decided
from ttsopt.bench.gates.quality import Promise
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.spec import BenchSpec
from ttsopt.domain.measurement import GateResult
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import FoundSystem
from ttsopt.environment.interpreter import Interpreter, find_interpreter
from ttsopt.environment.machine import Machine, fingerprint_machine
from ttsopt.environment.probe import Probe, probe_interpreter, require_modules
from ttsopt.errors import CannotRunError, RefusedError
from ttsopt.operations.apply import whole_refusal
from ttsopt.operations.bench.against import compare_with
from ttsopt.operations.bench.check import check_spec
from ttsopt.operations.bench.measure import Tell, measure
from ttsopt.operations.bench.sides import Comparison, compare_states
from ttsopt.operations.bench.weights import weights_notices, with_weights
from ttsopt.operations.bench.workloads import Workload, find_workload
from ttsopt.operations.planning import Planned, PlanRequest, make_plan
from ttsopt.operations.runtime_needs import bad_packages, package_names, unmet_needs

Began = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """A system that can be measured here: the checked spec, the plan for it, and what runs it."""

    spec: BenchSpec
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
    """A comparison that was measured and judged. `exit_code` is that of the gates asked for; 0 where none was."""

    bench: Bench
    comparison: Comparison
    result: BenchmarkResult
    gates: tuple[GateResult, ...]
    exit_code: int
    machine: Machine
    unmet: tuple[str, ...] = ()


def bench(
    plan: PlanRequest,
    spec: BenchSpec,
    tell: Tell = lambda _: None,
    began: Began = lambda _: None,
) -> Benchmark:
    """Measure before against after; the checkout itself is only read.

    `began` is told before the first process of which model it is.

    Raises:
        UsageError: Gates, limits or a folder of weights that make no sense.
        RefusedError: Nothing to compare, or a patch that was named does not fit.
        CannotRunError: The system, its environment or the code under test could not be run here.
    """
    ready, choice = prepare_bench(plan, spec), plan.choice
    began(weights_notices(ready.spec))
    if spec.against:
        comparison = compare_with(ready.planned, spec.against, choice.effect)
    else:
        comparison = compare_states(ready.planned, choice, same=spec.against_itself)
    return run(ready, comparison, tell)


def prepare_bench(plan: PlanRequest, spec: BenchSpec) -> Bench:
    """Check the spec, plan, and find an interpreter that has what the system's workload needs.

    Raises:
        TtsoptError: As `bench`.
    """
    checked = check_spec(spec, plan.choice)
    planned = make_plan(plan)
    _check_system(planned)
    refusal = whole_refusal(planned, strict=plan.choice.is_named)
    if refusal:
        raise refusal
    return ready_to_run(planned, checked)


def ready_to_run(planned: Planned, checked: BenchSpec) -> Bench:
    """Find what runs a system that was planned for: its workload, and an interpreter that has its modules.

    Raises:
        RefusedError: There is no one system.
        CannotRunError: No workload, or no interpreter that has what it needs.
    """
    _check_system(planned)
    checkout, (found,) = planned.located.checkout, planned.located.systems
    workload = find_workload(planned.located.catalogue, found.system)
    recipe = workload.recipe
    root = (checkout.directory / found.root).resolve()
    checked = with_weights(checked, planned, root)
    folders = (root, checkout.directory, checkout.top)
    needs = next(iter(recipe.modules), "")
    interpreter = find_interpreter(folders, checked.python, needs=needs)
    packages = package_names(planned.located.catalogue.patches, recipe.known_bad)
    probe = probe_interpreter(interpreter.path, recipe.modules, packages)
    require_modules(probe, recipe.install)
    return Bench(checked, planned, workload, interpreter, probe)


def run(ready: Bench, comparison: Comparison, tell: Tell) -> Benchmark:
    """Measure one comparison and judge it.

    Raises:
        CannotRunError: As `bench`.
    """
    spec, python = ready.spec, ready.interpreter.path
    enough = partial(are_decided, spec.limits)
    result = measure(spec, comparison, ready.workload, python, tell, enough)
    promise = Promise(comparison.exact, comparison.close, comparison.unclaimed)
    gates = judge(result, spec.limits, promise)
    if result.bad_audio and not spec.limits.has_any:
        hint = "Do not keep these patches; find the one that breaks it with -p."
        broken = f"after patching: {'; '.join(result.bad_audio)}"
        raise CannotRunError("bad-audio", broken, hint)
    return Benchmark(
        ready,
        comparison,
        result,
        gates,
        exit_code(gates, spec.limits.undecided) if spec.limits.has_any else 0,
        fingerprint_machine(),
        _unmet(ready, comparison, result),
    )


def _unmet(ready: Bench, comparison: Comparison, result: BenchmarkResult) -> tuple[str, ...]:
    """Sentences on packages and GPUs that the system or a measured patch asks for otherwise."""
    packages = ready.probe.packages
    return (
        *bad_packages(ready.workload.recipe.known_bad, packages),
        *unmet_needs(_measured(ready, comparison), packages, result.gpus),
    )


def _measured(ready: Bench, comparison: Comparison) -> list[Patch]:
    catalogue = ready.planned.located.catalogue
    return [patch for patch in catalogue.patches if patch.id in comparison.patches]


def _check_system(planned: Planned) -> None:
    if len(planned.located.systems) != 1:
        raise RefusedError(
            "no-system",
            f"{planned.located.checkout.directory} holds no one TTS system that could be run",
            "Name the folder of one checkout, or choose with --system and --root.",
        )
