"""bench and demo: commands that run a TTS system."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.cli import bench_options as run_opt
from ttsopt.cli import options as opt
from ttsopt.cli import options_installed as of_package
from ttsopt.cli.options_installed import place_data, where
from ttsopt.cli.outcome import INTERRUPTED, Outcome, interruption, json_asked
from ttsopt.domain.effect import Device, Effect
from ttsopt.domain.model_size import Size

if TYPE_CHECKING:
    from ttsopt.operations.bench import BenchRequest


def bench(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    rtf: run_opt.Rtf = False,
    max_rtf: run_opt.MaxRtf = None,
    min_speedup: run_opt.MinSpeedup = None,
    patches: opt.Patches = [],  # noqa: B006
    system: opt.System = "",
    root: opt.Root = "",
    effect: opt.MaxEffect = Effect.CLOSE,
    device: opt.ForDevice = Device.ANY,
    settings: opt.Settings = [],  # noqa: B006
    patch_files: opt.PatchFiles = [],  # noqa: B006
    catalogs: opt.Catalogs = [],  # noqa: B006
    against_itself: run_opt.AgainstItself = False,
    python: run_opt.Python = "",
    size: run_opt.ModelSize = Size.TINY,
    weights: run_opt.Weights = "random",
    texts: run_opt.Text = [],  # noqa: B006
    rounds: run_opt.Rounds = 5,
    threads: run_opt.Threads = 0,
    seed: run_opt.Seed = 0,
    time_limit: run_opt.TimeLimit = 600,
    save: run_opt.Save = None,
    report: run_opt.Report = None,
    save_audio: run_opt.SaveAudio = None,
) -> Outcome:
    """Measure before against after in one run, with what came out compared; gates for CI."""
    from ttsopt.operations.bench import BenchRequest
    from ttsopt.operations.locate import Target
    from ttsopt.operations.plan.choice import Choice
    from ttsopt.operations.planning import PlanRequest

    choice = Choice(tuple(patches), effect, device, tuple(settings), tuple(patch_files))
    place = where(directory, installed, python if installed else "")
    target = Target(place.directory, system, root, catalogs=tuple(catalogs), only=place.only)
    request = BenchRequest(
        PlanRequest(target, choice),
        python=str(place.python or python),
        against_itself=against_itself,
        size=size,
        weights=weights,
        texts=tuple(texts),
        rounds=rounds,
        threads=threads,
        seed=seed,
        time_limit=time_limit,
        max_rtf=max_rtf,
        min_speedup=min_speedup,
        save_audio=save_audio,
    )
    outcome = _measure(request, save, report, rtf=rtf)
    return replace(outcome, data={**outcome.data, **place_data(place)})


def _measure(
    request: BenchRequest, save: Path | None, report: Path | None, *, rtf: bool
) -> Outcome:
    from ttsopt.cli.files import check_writable, write_text
    from ttsopt.cli.progress import bench_progress
    from ttsopt.cli.show_bench import gate_error, show_bench
    from ttsopt.operations.bench import bench as measure
    from ttsopt.operations.bench_report import benchmark_data, benchmark_json, benchmark_markdown

    for file in filter(None, (save, report)):
        check_writable(file)
    with bench_progress() as progress:
        done = measure(request, progress)
    data = benchmark_data(done)
    if save:
        write_text(save, benchmark_json(data))
    if report:
        write_text(report, benchmark_markdown(done))
    show = partial(show_bench, data, rtf=rtf)
    if data["interrupted"]:
        return Outcome(data, show, interruption(), INTERRUPTED)
    return Outcome(data, show, gate_error(data, done.exit_code), done.exit_code)


def demo(
    keep: run_opt.Keep = None, rounds: run_opt.Rounds = 5, save_audio: run_opt.SaveAudio = None
) -> Outcome:
    """Go the whole way on a small TTS checkout that comes with ttsopt; offline, under a minute."""
    from ttsopt.cli.show_demo import demo_data, show_demo, steps
    from ttsopt.operations.demo import run_demo

    with tempfile.TemporaryDirectory(prefix="ttsopt-demo-") as folder:
        checkout = keep or Path(folder) / "sample-tts"
        audio = save_audio or Path(tempfile.mkdtemp(prefix="ttsopt-demo-audio-"))
        with steps(quiet=json_asked(sys.argv)) as on_step:
            done = run_demo(checkout, audio, rounds, on_step)
        return Outcome(demo_data(done, audio, keep), partial(show_demo, done, audio, keep))
