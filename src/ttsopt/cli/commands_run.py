"""bench and demo: commands that run a TTS system."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.cli import bench_asked as asked
from ttsopt.cli import bench_options as run_opt
from ttsopt.cli import options as opt
from ttsopt.cli import options_installed as of_package
from ttsopt.cli import serve_options as serve_opt
from ttsopt.cli import serving as served
from ttsopt.cli.options_installed import place_data, where
from ttsopt.cli.outcome import INTERRUPTED, Outcome, interruption, json_asked
from ttsopt.domain.arrivals import Arrivals
from ttsopt.domain.measurement import Metric
from ttsopt.domain.text_set import TextSet

if TYPE_CHECKING:
    from ttsopt.bench.spec import BenchSpec
    from ttsopt.cli.again import Again
    from ttsopt.operations.bench.each import Each
    from ttsopt.operations.installed import Workplace
    from ttsopt.operations.locate import Target
    from ttsopt.operations.planning import PlanRequest


def bench(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    rtf: run_opt.Rtf = False,
    max_rtf: run_opt.MaxRtf = None,
    min_speedup: run_opt.MinSpeedup = None,
    max_slowdown: run_opt.MaxSlowdown = None,
    max_memory: run_opt.MaxMemory = None,
    max_load: run_opt.MaxLoad = None,
    max_ttfa: run_opt.MaxTtfa = None,
    max_p95: run_opt.MaxP95 = None,
    max_cer_increase: run_opt.MaxCerIncrease = None,
    metric: run_opt.ByMetric = Metric.WALL,
    undecided: run_opt.CountUndecided = None,
    patches: opt.Patches = [],  # noqa: B006
    system: opt.System = "",
    root: opt.Root = "",
    effect: run_opt.ClaimedEffect = None,
    device: opt.ForDevice = "",
    everything: opt.Everything = False,
    settings: opt.Settings = [],  # noqa: B006
    patch_files: opt.PatchFiles = [],  # noqa: B006
    forced: opt.Forced = [],  # noqa: B006
    catalogs: opt.Catalogs = [],  # noqa: B006
    against_itself: run_opt.AgainstItself = False,
    against: run_opt.Against = "",
    each: run_opt.Each = False,
    explain: run_opt.Explain = False,
    python: run_opt.Python = "",
    size: run_opt.ModelSize = None,
    weights: run_opt.Weights = "",
    prompt_audio: run_opt.PromptAudio = None,
    prompt_text: run_opt.PromptText = "",
    texts: run_opt.Text = [],  # noqa: B006
    text_file: run_opt.TextFile = None,
    text_set: run_opt.Texts = TextSet.SHORT,
    rounds: run_opt.Rounds = None,
    budget: run_opt.Budget = 600,
    resident: run_opt.Resident = False,
    floor: run_opt.Floor = 3,
    hot: run_opt.Hot = False,
    stream: run_opt.Stream = False,
    concurrency: run_opt.Concurrency = "1",
    threads: run_opt.Threads = 0,
    seed: run_opt.Seed = 0,
    time_limit: run_opt.TimeLimit = 600,
    save: run_opt.Save = None,
    report: run_opt.Report = None,
    save_audio: run_opt.SaveAudio = None,
    profile: run_opt.ProfileFolder = None,
    recogniser: run_opt.Recogniser = "",
    recogniser_model: run_opt.RecogniserModel = "",
    serve: serve_opt.Serve = False,
    http: serve_opt.Http = [],  # noqa: B006
    request: serve_opt.RequestFile = "",
    voice: serve_opt.Voice = "",
    requests: serve_opt.Requests = 100,
    rate: serve_opt.Rate = "",
    arrivals: serve_opt.ByArrivals = Arrivals.POISSON,
    slo: serve_opt.ServiceLevel = "",
    workers: serve_opt.Workers = 1,
    locustfile: serve_opt.LocustFile = None,
    request_timeout: serve_opt.RequestTimeout = 60,
) -> Outcome:
    """Measure before against after in one run, with what came out compared; gates for CI."""
    from ttsopt.bench.spec import BenchSpec
    from ttsopt.cli.again import again
    from ttsopt.cli.choice import chosen
    from ttsopt.cli.whole import in_whole
    from ttsopt.domain.limits import Limits
    from ttsopt.operations.locate import Target
    from ttsopt.operations.planning import PlanRequest

    gates = partial(
        asked.limits,
        max_slowdown,
        max_memory,
        undecided,
        max_rtf=max_rtf,
        min_speedup=min_speedup,
        max_load=max_load,
        max_ttfa=max_ttfa,
        max_p95=max_p95,
        max_cer_increase=max_cer_increase,
        metric=metric,
    )
    over_http = partial(
        served.asked,
        request=request,
        voice=voice,
        prompt_audio=prompt_audio,
        prompt_text=prompt_text,
        texts=(texts, text_file),
        text_set=text_set,
        concurrency=concurrency,
        rate=rate,
        arrivals=arrivals,
        requests=requests,
        blocks=rounds,
        timeout=request_timeout,
        workers=workers,
        budget=budget,
        seed=seed,
        slo=slo,
        resident=resident,
        recogniser=asked.recogniser(recogniser, recogniser_model),
    )
    if http:
        served.refuse_options(sys.argv)
        if locustfile:
            return served.write_locustfile(http, directory, over_http(), locustfile)
        return served.bench_http(http, directory, over_http(limits=gates()), save, report)
    if serve:
        served.refuse_options(sys.argv, served.NOT_OF_ITS_OWN)
    else:
        served.need_servers(sys.argv)
    # Who measures each patch looks for evidence, and does not go by it.
    every = everything or (each and not (patches or patch_files))
    choice = chosen(patches, effect, device, settings, patch_files, forced, everything=every)
    place = where(directory, installed, python if installed else "")
    least, most, seconds = asked.rounds(rounds, budget)
    model_weights, model_size = asked.weights(weights, size)
    spec = BenchSpec(
        python=str(place.python or python),
        against=against,
        against_itself=against_itself,
        texts=asked.texts(texts, text_file),
        text_set=text_set,
        size=model_size,
        weights=model_weights,
        prompt_audio=prompt_audio,
        prompt_text=prompt_text,
        resident=resident and not serve,
        floor=floor / 100,
        hot=hot,
        stream=stream,
        concurrency=(1,) if serve else asked.levels(concurrency),
        least=least,
        most=most,
        budget=seconds,
        threads=threads,
        seed=seed,
        time_limit=time_limit,
        limits=Limits() if serve else gates(),
        save_audio=save_audio,
        profile=profile,
        recogniser=asked.recogniser(recogniser, recogniser_model),
    )

    def work(place: Workplace) -> Outcome:
        target = Target(place.directory, system, root, catalogs=tuple(catalogs), only=place.only)
        if explain:
            return _explain(target, spec)
        if serve:
            asked_for = over_http(limits=gates())
            plan = PlanRequest(target, choice)
            outcome = served.bench_serve(plan, spec, asked_for, save, report)
            return replace(outcome, data={**outcome.data, **place_data(place)})
        run = _each if each else partial(_measure, rtf=rtf)
        words = again(place, system, root, catalogs)
        outcome = run(PlanRequest(target, choice), spec, save, report, words)
        return replace(outcome, data={**outcome.data, **place_data(place)})

    return in_whole(place, work)


def _explain(target: Target, spec: BenchSpec) -> Outcome:
    from ttsopt.cli.show_bench import show_explained
    from ttsopt.operations.bench.explain import explain

    told = explain(target, spec)
    return Outcome(told.data(), partial(show_explained, told))


def _each(
    plan: PlanRequest, spec: BenchSpec, save: Path | None, written: Path | None, words: Again
) -> Outcome:
    from ttsopt.cli.files import check_writable, replace_text
    from ttsopt.cli.next_commands import after_each
    from ttsopt.cli.progress import bench_progress, say_notices
    from ttsopt.cli.report_files import write_report
    from ttsopt.cli.show_each import show_end, show_row
    from ttsopt.operations.bench.each import bench_each
    from ttsopt.operations.bench.report import benchmark_json, report_of_each

    for file in filter(None, (save, written)):
        check_writable(file)
    shown = 0

    def keep(each: Each) -> None:
        nonlocal shown
        data = report_of_each(each).data
        if save:
            replace_text(save, benchmark_json(data))
        for row in data["each"][shown:]:
            shown += 1
            if not json_asked(sys.argv):
                show_row(row)

    each = bench_each(plan, spec, bench_progress, keep, say_notices)
    report = report_of_each(each)
    write_report(report, written, after_each(report.data, words))
    show = partial(show_end, report, plan.target.directory)
    if each.interrupted:
        return Outcome(report.data, show, interruption(), INTERRUPTED)
    return Outcome(report.data, show, each.failure, each.failure.exit_code if each.failure else 0)


def _measure(
    plan: PlanRequest,
    spec: BenchSpec,
    save: Path | None,
    written: Path | None,
    words: Again,
    *,
    rtf: bool,
) -> Outcome:
    from ttsopt.cli.files import check_writable, write_text
    from ttsopt.cli.next_commands import after_bench
    from ttsopt.cli.progress import bench_progress, say_notices
    from ttsopt.cli.report_files import write_report
    from ttsopt.cli.show_bench import gate_error, show_bench
    from ttsopt.operations.bench.report import benchmark_json, report_of
    from ttsopt.operations.bench.run import bench as measure

    for file in filter(None, (save, written)):
        check_writable(file)
    with bench_progress() as progress:
        done = measure(plan, spec, progress, say_notices)
    report = report_of(done)
    if save:
        write_text(save, benchmark_json(report.data))
    then = after_bench(report.data, spec, plan.choice, words)
    write_report(report, written, then, spec.save_audio)
    show = partial(show_bench, report, plan.target.directory, rtf=rtf)
    failure = done.result.failure
    if done.result.interrupted:
        return Outcome(report.data, show, interruption(), INTERRUPTED)
    if failure:
        return Outcome(report.data, show, failure, failure.exit_code)
    return Outcome(report.data, show, gate_error(report.data, done.exit_code), done.exit_code)


def demo(
    keep: run_opt.Keep = None, rounds: run_opt.DemoRounds = 5, save_audio: run_opt.SaveAudio = None
) -> Outcome:
    """Go the whole way on a small TTS checkout that comes with ttsopt; offline, under a minute."""
    from ttsopt.boundary.scratch import scratch_folder
    from ttsopt.cli.show_demo import demo_data, show_demo, steps
    from ttsopt.operations.demo import run_demo

    with scratch_folder("demo") as folder:
        checkout = keep or folder / "sample-tts"
        audio = save_audio or Path(tempfile.mkdtemp(prefix="ttsopt-demo-audio-"))
        with steps(quiet=json_asked(sys.argv)) as on_step:
            done = run_demo(checkout, audio, rounds, on_step)
        return Outcome(demo_data(done, audio, keep), partial(show_demo, done, audio, keep))
