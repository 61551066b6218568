"""A library that waits and one that keeps what it made, measured by real processes: hot calls and levels."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from bench_fakes import bench_setup, bench_spec

from ttsopt.bench.report.scenarios import hot_scenario, level_scenarios
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.executor import WorkerExecutor
from ttsopt.domain.measurement import Scenario, Side, Utterance

PAUSE = 0.2
SLOW = f"import time\n\ndef speak(key):\n    time.sleep({PAUSE})\n"
KEEPS = """\
import time

KEPT, COUNTS = set(), {"hits": 0, "misses": 0}

def cache_counts():
    return dict(COUNTS)

def speak(key):
    COUNTS["hits" if key in KEPT else "misses"] += 1
    if key not in KEPT:
        time.sleep(0.2)
    KEPT.add(key)
"""
WORKLOAD = """\
STUBS = ("a library that sleeps",)
CONCURRENT = True

def load(job):
    import ttsopt_speech
    voices = {row["voice"] for row in job["utterances"]}

    def speak(utterance, seed):
        assert utterance["voice"] in voices
        ttsopt_speech.speak((utterance["text"], utterance["voice"]))
        return {"samples": [0.5, -0.5, 0.25, 0.0] * 1000, "sample_rate": 4000}

    return speak
"""
FRESH = tuple(Utterance(name, f"text {name}", voice) for voice, name in enumerate("ab"))
BUSY = tuple(Utterance(f"{name}-x4", "busy", 2 + i) for i, name in enumerate("abcd"))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> BenchmarkResult:
    folder = tmp_path_factory.mktemp("bench")
    setup = bench_setup(
        folder,
        import_paths=(".",),
        utterances=FRESH,
        further=(Scenario("hot", FRESH), Scenario("at-once-4", BUSY, 4)),
    )
    for side, library in ((Side.BEFORE, SLOW), (Side.AFTER, KEEPS)):
        (setup.snapshot(side) / "ttsopt_speech.py").write_text(library)
    setup.workload.write_text(WORKLOAD)
    setup.scratch.mkdir()
    inherited = {"PATH": os.environ["PATH"]}
    executor = WorkerExecutor(Path(sys.executable), 60, inherited=inherited)
    return run_benchmark(bench_spec(rounds=2, warmup=0), setup, executor)


def test_a_side_that_keeps_is_faster_hot_and_only_there(result: BenchmarkResult) -> None:
    hot = hot_scenario(result)
    assert hot is not None
    assert hot.speedup.value > 10
    assert 0.5 < result.speedup.value < 2
    assert (hot.hit_rate(Side.BEFORE), hot.hit_rate(Side.AFTER)) == (None, 1)
    assert [row.utterances[0].counters["cache_hits"] for row in result.after] == [0, 0]


def test_four_that_wait_at_once_wait_no_longer_than_one(result: BenchmarkResult) -> None:
    one, four = level_scenarios(result)
    assert (one.concurrency, four.concurrency) == (1, 4)
    waiting = four.latency(Side.BEFORE)
    assert waiting.whole[50] >= PAUSE
    assert waiting.requests_per_second > 2 * one.latency(Side.BEFORE).requests_per_second
