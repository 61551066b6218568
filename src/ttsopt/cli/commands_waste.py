"""waste: what a checkout computes for nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttsopt.cli import bench_asked as asked
from ttsopt.cli import bench_options as run_opt
from ttsopt.cli import options as opt
from ttsopt.cli import options_installed as of_package
from ttsopt.cli.options_installed import place_data, where
from ttsopt.cli.outcome import Outcome
from ttsopt.domain.text_set import TextSet

if TYPE_CHECKING:
    from ttsopt.bench.spec import BenchSpec
    from ttsopt.operations.planning import PlanRequest
    from ttsopt.operations.waste.run import Wasted

FailOver = Annotated[
    float | None,
    typer.Option(
        "--fail-over",
        metavar="PERCENT",
        min=0,
        max=100,
        help="Gate: at most this share of a call's time goes for nothing.",
        show_default=False,
    ),
]
Trace = Annotated[
    Path | None,
    typer.Option(
        "--trace",
        metavar="FILE",
        help="Write the first call as a trace for ui.perfetto.dev.",
        show_default=False,
    ),
]
Threads = Annotated[
    int,
    typer.Option(
        "--threads", min=1, help="CPU threads; on one, times are CPU times, on more wall times."
    ),
]


def waste(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    patches: opt.Patches = [],  # noqa: B006
    system: opt.System = "",
    root: opt.Root = "",
    settings: opt.Settings = [],  # noqa: B006
    patch_files: opt.PatchFiles = [],  # noqa: B006
    forced: opt.Forced = [],  # noqa: B006
    catalogs: opt.Catalogs = [],  # noqa: B006
    python: run_opt.Python = "",
    size: run_opt.ModelSize = None,
    weights: run_opt.Weights = "random",
    prompt_audio: run_opt.PromptAudio = None,
    prompt_text: run_opt.PromptText = "",
    texts: run_opt.Text = [],  # noqa: B006
    text_file: run_opt.TextFile = None,
    text_set: run_opt.Texts = TextSet.SHORT,
    stream: run_opt.Stream = False,
    threads: Threads = 1,
    seed: run_opt.Seed = 0,
    time_limit: run_opt.TimeLimit = 600,
    fail_over: FailOver = None,
    trace: Trace = None,
    save: run_opt.Save = None,
) -> Outcome:
    """Find what a checkout computes for nothing: never used, mostly unread, computed again, known before."""
    from ttsopt.bench.spec import BenchSpec
    from ttsopt.domain.effect import Effect
    from ttsopt.operations.locate import Target
    from ttsopt.operations.plan.selection import Selection
    from ttsopt.operations.planning import PlanRequest

    choice = Selection(
        tuple(patches), Effect.LOSSY, settings=tuple(settings), files=tuple(patch_files), forced=tuple(forced)
    )  # fmt: skip
    place = where(directory, installed, python if installed else "")
    target = Target(place.directory, system, root, catalogs=tuple(catalogs), only=place.only)
    model_weights, model_size = asked.weights(weights, size)
    spec = BenchSpec(
        python=str(place.python or python),
        texts=asked.texts(texts, text_file),
        text_set=text_set,
        size=model_size,
        weights=model_weights,
        prompt_audio=prompt_audio,
        prompt_text=prompt_text,
        stream=stream,
        threads=threads,
        seed=seed,
        time_limit=time_limit,
    )
    outcome = _find(PlanRequest(target, choice), spec, fail_over, trace, save)
    return replace(outcome, data={**outcome.data, **place_data(place)})


def _find(
    plan: PlanRequest,
    spec: BenchSpec,
    fail_over: float | None,
    trace: Path | None,
    save: Path | None,
) -> Outcome:
    from ttsopt.cli.files import check_writable, write_text
    from ttsopt.cli.progress import say_step
    from ttsopt.cli.show_waste import show_waste, waste_error
    from ttsopt.operations.bench.report import benchmark_json
    from ttsopt.operations.waste.report import waste_data
    from ttsopt.operations.waste.run import find_waste

    for file in filter(None, (trace, save)):
        check_writable(file)
    found = find_waste(plan, spec, say_step)
    data = waste_data(found, fail_over)
    if trace:
        write_text(trace, _trace(found))
    if save:
        write_text(save, benchmark_json(data))
    error = waste_error(data)
    return Outcome(data, partial(show_waste, data), error, error.exit_code if error else 0)


def _trace(found: Wasted) -> str:
    import json

    from ttsopt.bench.waste.trace import chrome_trace

    return json.dumps(chrome_trace(found.first))
