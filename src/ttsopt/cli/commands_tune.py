"""tune: measure on this machine, keep what wins, show the proof."""

from __future__ import annotations

import sys
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
from ttsopt.cli.outcome import INTERRUPTED, Outcome, interruption, json_asked
from ttsopt.cli.progress import turn_after
from ttsopt.domain.text_set import TextSet

if TYPE_CHECKING:
    from ttsopt.operations.installed import Workplace
    from ttsopt.operations.planning import PlanRequest
    from ttsopt.operations.recovery import Turn
    from ttsopt.operations.tune.model import TuneSpec

Budget = Annotated[
    float,
    typer.Option(
        "--budget", metavar="SECONDS", help="Of measuring, by all runs and workers of a study."
    ),
]
Trials = Annotated[
    int, typer.Option("--trials", min=0, help="At most so many other values of parameters.")
]
MaxDistance = Annotated[
    float | None,
    typer.Option(
        "--max-distance",
        metavar="DB",
        help="The output is at most so far from the original's (log-mel).",
        show_default=False,
    ),
]
Storage = Annotated[
    str,
    typer.Option(
        "--storage",
        metavar="FILE|URL",
        help="Where the study lies: a file, or postgresql://USER@HOST/DATABASE.",
        show_default="the user's state folder",
    ),
]
SaveList = Annotated[
    Path | None,
    typer.Option(
        "--save",
        metavar="FILE",
        help="The list that `ttsopt apply --list` reads.",
        show_default="the user's state folder",
    ),
]
Apply = Annotated[bool, typer.Option("--apply", help="Apply the set that was confirmed.")]


def tune(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    patches: opt.Patches = [],  # noqa: B006
    system: opt.System = "",
    root: opt.Root = "",
    effect: opt.MaxEffect = None,
    device: opt.ForDevice = "",
    settings: opt.Settings = [],  # noqa: B006
    forced: opt.Forced = [],  # noqa: B006
    catalogs: opt.Catalogs = [],  # noqa: B006
    budget: Budget = 3600,
    trials: Trials = 20,
    max_distance: MaxDistance = None,
    storage: Storage = "",
    save: SaveList = None,
    report: run_opt.Report = None,
    apply: Apply = False,
    wait: opt.Wait = None,
    python: run_opt.Python = "",
    size: run_opt.ModelSize = None,
    weights: run_opt.Weights = "",
    prompt_audio: run_opt.PromptAudio = None,
    prompt_text: run_opt.PromptText = "",
    texts: run_opt.Text = [],  # noqa: B006
    text_file: run_opt.TextFile = None,
    text_set: run_opt.Texts = TextSet.SHORT,
    resident: run_opt.Resident = False,
    floor: run_opt.Floor = 3,
    stream: run_opt.Stream = False,
    threads: run_opt.Threads = 0,
    seed: run_opt.Seed = 0,
    time_limit: run_opt.TimeLimit = 600,
) -> Outcome:
    """Measure on this machine which patches and values make it faster, and confirm the whole set."""
    from ttsopt.bench.spec import BenchSpec
    from ttsopt.cli.choice import chosen
    from ttsopt.cli.whole import in_whole
    from ttsopt.operations.locate import Target
    from ttsopt.operations.planning import PlanRequest
    from ttsopt.operations.tune.model import TuneSpec

    choice = chosen(patches, effect, device, settings, [], forced, everything=not patches)
    place = where(directory, installed, python if installed else "")
    model_weights, model_size = asked.weights(weights, size)
    bench = BenchSpec(
        python=str(place.python or python),
        texts=asked.texts(texts, text_file),
        text_set=text_set,
        size=model_size,
        weights=model_weights,
        prompt_audio=prompt_audio,
        prompt_text=prompt_text,
        resident=resident,
        floor=floor / 100,
        stream=stream,
        threads=threads,
        seed=seed,
        time_limit=time_limit,
    )
    spec = TuneSpec(bench, budget, trials, max_distance, storage)
    # What is of no use on the device at hand is not even measured.
    choice = replace(choice, device=choice.judged_on or choice.device)
    turn = turn_after(wait) if apply else None

    def work(place: Workplace) -> Outcome:
        target = Target(place.directory, system, root, catalogs=tuple(catalogs), only=place.only)
        outcome = _tune(PlanRequest(target, choice), spec, save, report, turn)
        return replace(outcome, data={**outcome.data, **place_data(place)})

    return in_whole(place, work)


def _tune(
    plan: PlanRequest,
    spec: TuneSpec,
    save: Path | None,
    report: Path | None,
    turn: Turn | None,
) -> Outcome:
    from ttsopt.cli.files import check_writable
    from ttsopt.cli.progress import bench_progress, say_notices
    from ttsopt.cli.show_tune import show_measured, show_tuned
    from ttsopt.cli.tuned_files import write_tuned
    from ttsopt.operations.tune.report import tune_data, tune_report
    from ttsopt.operations.tune.run import tune as measure

    for file in filter(None, (save, report)):
        check_writable(file)
    quiet = json_asked(sys.argv)
    keep = partial(show_measured, quiet=quiet)
    done = measure(plan, spec, (save, report), bench_progress, keep, say_notices)
    told = tune_report(tune_data(done))
    written = write_tuned(done, told)
    data = {**told.data, **written, "applied": None}
    error = interruption() if done.interrupted else done.error
    if done.is_confirmed and turn:
        from ttsopt.cli.show_reapply import reapplied_data
        from ttsopt.operations.tune.outcome import apply_tuned

        applied = apply_tuned(done, plan.target, turn)
        error = applied.applied.refusal
        data["applied"] = reapplied_data(applied, dry_run=False)
    code = INTERRUPTED if done.interrupted else error.exit_code if error else 0
    return Outcome(data, partial(show_tuned, told, data, plan.target.directory), error, code)
