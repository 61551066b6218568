"""Bench of a system's own server: started from the before and the after snapshot in turn, and asked over HTTP."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.bench.gates.quality import Promise
from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.report.words import mib
from ttsopt.bench.run.executor import WorkerExecutor
from ttsopt.bench.run.runner import Runner as Processes
from ttsopt.bench.serve.kept import Sounds
from ttsopt.bench.serve.request import Call, template_problems
from ttsopt.bench.serve.result import ServeResult, Usage
from ttsopt.bench.serve.spec import Server, ServeSpec
from ttsopt.bench.spec import RANDOM, BenchSetup, BenchSpec
from ttsopt.boundary.memory import available_memory
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.domain.measurement import Side
from ttsopt.domain.serving import RequestTemplate, ServeRecipe
from ttsopt.environment.gpus import Gpu, watched_gpus
from ttsopt.errors import CannotRunError, UsageError
from ttsopt.operations.bench.against import compare_with
from ttsopt.operations.bench.measure import lay_out, untouched
from ttsopt.operations.bench.run import Bench, prepare_bench
from ttsopt.operations.bench.serve import ServeAsked, Served, concluded, make_spec, open_runner
from ttsopt.operations.bench.serve_heard import judge_answers, open_ear
from ttsopt.operations.bench.serve_request import make_call
from ttsopt.operations.bench.sides import Comparison, compare_states
from ttsopt.operations.bench.texts import scenarios
from ttsopt.operations.planning import PlanRequest

if TYPE_CHECKING:
    from ttsopt.bench.serve.host import Host
    from ttsopt.bench.serve.run import Tell, Up


@dataclass(slots=True)
class _Servers:
    """Servers of both sides, one process a block; `usage` is that of all blocks of a side."""

    host: Host
    spec: BenchSpec
    setup: BenchSetup
    call: Call
    usage: dict[Side, Usage] = field(default_factory=dict)
    stubs: dict[str, None] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def up(self, side: Side) -> Iterator[Server]:
        """Start the server of a side; give its address, and how it is asked."""
        from ttsopt.bench.serve.host import hosted

        control = self.setup.work / "control" / f"serve-{next(self._numbers):03}-{side.value}"
        job = WorkerJob(self.spec, self.setup, Task.SERVE, side, control)
        with watched_gpus() as gpus, hosted(self.host, job) as server:
            self.stubs |= dict.fromkeys(server.stubs)
            server.count_from_here()
            call = self._asked(server.values)
            yield Server(server.url, call, server.cpu_seconds, server.process.peak)
            seen = _with_gpus(server.usage(), gpus)
            self.usage[side] = self.usage.get(side, Usage(0, 0.0)).with_block(seen)

    def _asked(self, values: Mapping[str, str]) -> Call:
        voice, said = values.get("voice", ""), values.get("prompt_text", "")
        template, rate = self.call.template, values.get("sample_rate", "")
        if rate.isdecimal():
            template = replace(template, sample_rate=int(rate))
        return make_call(self.call.name, template, Path("/"), voice, said)


@contextmanager
def _up(servers: _Servers, sides: Sequence[Side], *, resident: bool) -> Iterator[Up]:
    """Give what starts a server for each block; `resident`: each side's is there already, and stays.

    Raises:
        CannotRunError: As `_Servers.up`; `too-little-memory` for both sides.
    """
    if not resident:
        yield servers.up
        return
    with ExitStack() as stack:
        running: dict[Side, Server] = {}
        for side in sides:
            _check_memory(tuple(running.values()))
            running[side] = stack.enter_context(servers.up(side))
        yield lambda side: nullcontext(running[side])


def _check_memory(running: Sequence[Server]) -> None:
    """See that a server as large as those that run finds memory."""
    taken = max((server.peak_memory() for server in running if server.peak_memory), default=0)
    free = available_memory()
    if free is not None and taken > free:
        raise CannotRunError(
            "too-little-memory",
            f"a server takes {mib(taken)} MiB, {mib(free)} MiB are free for the other side's",
            "free some memory, or leave out --resident: then one server is up at a time",
        )


def _with_gpus(seen: Usage, gpus: Sequence[Gpu]) -> Usage:
    """Add what NVML saw meanwhile."""
    if not gpus:
        return seen
    more = sum(max(0, gpu.peak_memory - gpu.busy_elsewhere) for gpu in gpus)
    rates = [rate for gpu in gpus for rate in gpu.utilisation]
    return replace(seen, peak_gpu_memory=more, gpu_busy=statistics.fmean(rates) if rates else None)


def serve_system(plan: PlanRequest, bench: BenchSpec, asked: ServeAsked, tell: Tell) -> Served:
    """Measure the system's own server before and after; the checkout itself is only read.

    Raises:
        UsageError, RefusedError: As `bench`.
        CannotRunError: As `bench`; no recipe, or a server that does not come up or answers nothing.
    """
    ready, choice = prepare_bench(plan, bench), plan.choice
    recipe = _recipe(ready)
    if ready.spec.against:
        comparison = compare_with(ready.planned, ready.spec.against, choice.effect)
    else:
        comparison = compare_states(ready.planned, choice, same=ready.spec.against_itself)
    call = Call(f"{ready.found.system.id}: {recipe.script}", _template(recipe, stream=bench.stream))
    spec = make_spec(asked, call, ready.workload.recipe.languages)
    with scratch_folder("bench") as work, untouched(comparison):
        return _measured(ready, comparison, recipe, spec, work, tell)


def _measured(
    ready: Bench,
    comparison: Comparison,
    recipe: ServeRecipe,
    spec: ServeSpec,
    work: Path,
    tell: Tell,
) -> Served:
    recogniser = open_ear(spec, work)
    servers = _servers(ready, comparison, recipe, spec.call, work)
    sides = (Side.BEFORE, Side.AFTER)
    with _up(servers, sides, resident=spec.resident) as up:
        runner = open_runner(spec, sides, up, tell, fresh=not spec.resident)
        runner.sounds, runner.repeats = Sounds(work / "sounds"), True
        levels = runner.run()
    tell("looking at what came back")
    urls = dict.fromkeys(sides, "its own, on a free port of loopback")
    promise = Promise(comparison.exact, comparison.close, comparison.unclaimed)
    result = ServeResult(
        spec, urls, levels, servers.usage, promise=promise, interrupted=runner.interrupted
    )
    is_random = ready.spec.weights == RANDOM
    judged = judge_answers(result, runner.again, recogniser, random_weights=is_random)
    return concluded(judged, _told(ready, comparison, servers))


def _servers(
    ready: Bench, comparison: Comparison, recipe: ServeRecipe, call: Call, work: Path
) -> _Servers:
    """Lay out both snapshots, write random weights and voices, and return what starts servers there."""
    from ttsopt.bench.serve.host import Host

    spec, workload, python = ready.spec, ready.workload, ready.interpreter.path
    spoken = scenarios(spec, workload.recipe.languages)
    setup = lay_out(spec, _with_script(comparison, recipe), workload, work, spoken)
    executor = WorkerExecutor(python, spec.time_limit, workload.recipe.install)
    Processes(spec, setup, executor, lambda _: None).run(Task.PREPARE, Side.BEFORE)
    return _Servers(
        Host(python, recipe, spec.time_limit, workload.recipe.install), spec, setup, call
    )


def _with_script(comparison: Comparison, recipe: ServeRecipe) -> Comparison:
    """Return the comparison with the server's script among what a snapshot holds."""
    found, copy = comparison.found, comparison.found.layout.copy
    layout = replace(found.layout, copy=(*copy, recipe.script) if copy else ())
    return replace(comparison, found=replace(found, layout=layout))


def _recipe(ready: Bench) -> ServeRecipe:
    """Return how the system's server is started.

    Raises:
        CannotRunError: `no-server`: nobody has written it down, or this version has no such script.
    """
    system, recipe = ready.found.system, ready.found.system.serve
    hint = "Start it yourself, and measure it with --http URL."
    if recipe is None:
        message = f"how the server of {system.name} is started is not written down: [serve] in its system.toml"
        raise CannotRunError("no-server", message, hint)
    lines = tuple(_problems(recipe))
    if lines:
        raise CannotRunError("bad-catalogue", "the catalogue has errors:", "Mend them.", lines)
    root = ready.planned.located.checkout.directory / ready.found.root
    if not (root / recipe.script).is_file():
        raise CannotRunError("no-server", f"{root} has no {recipe.script}", hint)
    return recipe


def _problems(recipe: ServeRecipe) -> Iterator[str]:
    templates = {"request": recipe.request, "stream": recipe.stream or recipe.request}
    for name, template in templates.items():
        for row in template_problems(template):
            yield f"  serve.{name}: {': '.join(filter(None, row))}"


def _template(recipe: ServeRecipe, *, stream: bool) -> RequestTemplate:
    """Return the request of the recipe, or that for a stream.

    Raises:
        UsageError: `no-stream`: the server knows one way to answer.
    """
    if stream and recipe.stream is None:
        message = f"{recipe.script} has no other request for a stream: it answers in one way"
        raise UsageError(
            "no-stream", message, "Leave out --stream; the first audio is measured in any case."
        )
    return recipe.stream if stream and recipe.stream else recipe.request


def _told(ready: Bench, comparison: Comparison, servers: _Servers) -> dict[str, object]:
    found = comparison.found
    return {
        "system": found.system.id,
        "root": found.root,
        "version": found.version.label,
        "commit": found.version.commit,
        "patches": list(comparison.patches),
        "weights": ready.spec.weights_word,
        "size": ready.spec.size.value,
        "threads": ready.spec.threads,
        "stubs": list(servers.stubs),
    }
