"""A supervisor's SIGTERM while resident processes load, or speak a sentence that takes ten minutes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
SYSTEM = """\
id = "toy-tts"
name = "Toy TTS"
homepage = "https://example.org/toy-tts"

[[layouts]]
name = "toy"
files = [{ path = "toy_tts/speak.py", defines = ["class Toy"] }]

[bench]
modules = []
languages = ["en"]
"""
# The child of a worker has to go as well. From text number LONG on, each takes ten minutes.
WORKLOAD = """\
import os, subprocess, sys, time
STUBS = ("a wave in the place of speech",)
LONG = 4

def stay(what):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open("{pids}.partial", "w") as file:
        file.write("%d %d" % (os.getpid(), child.pid))
    os.replace("{pids}.partial", "{pids}")
    {stays}

def load(job):
    import toy_tts.speak
    measures, heard = job["task"] == "measure", []
    if measures and "{what}" == "load":
        stay("load")

    def speak(utterance, seed):
        heard.append(utterance)
        if measures and len(heard) >= LONG:
            stay("text")
        return {"samples": toy_tts.speak.Toy().samples(), "sample_rate": 4000}

    return speak
"""
SPEAK = "class Toy:\n    def samples(self):\n        return [0.5, -0.5, 0.25, 0.0] * 1000\n"
SLEEPS = "time.sleep(600)"
# A library that takes any exception for one of its own.
GOES_ON = """while True:
        try:
            time.sleep(600)
        except BaseException:
            pass"""
LONGEST = 120.0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)


class Run:
    """`ttsopt bench --resident` on the toy."""

    def __init__(self, folder: Path, what: str, stays: str) -> None:
        self.folder, self._pids = folder, folder / "pids"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        words = {"{pids}": str(self._pids), "{stays}": stays, "{what}": what}
        workload = WORKLOAD
        for word, meant in words.items():
            workload = workload.replace(word, meant)
        for name, text in {
            "own/toy-tts/system.toml": SYSTEM,
            "own/toy-tts/workload.py": workload,
            "toy/toy_tts/speak.py": SPEAK,
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        options = (
            "--aa",
            "--resident",
            "--rounds",
            "8",
            "--catalog",
            str(folder / "own"),
            "--json",
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ttsopt", "bench", str(folder / "toy"), *options],
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def pids(self) -> list[int]:
        """The worker that stays, and what it started."""
        wait_until(self._pids.exists)
        return [int(word) for word in self._pids.read_text().split()]

    def end(self, number: signal.Signals) -> Any:
        """Send a signal; return what is printed in answer."""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=LONGEST)
        return json.loads(printed)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str, str], Run]]:
    runs: list[Run] = []

    def start(what: str, stays: str) -> Run:
        runs.append(Run(tmp_path, what, stays))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(
    ("what", "stays", "number", "rounds"),
    [
        ("text", SLEEPS, signal.SIGTERM, 2),
        ("text", SLEEPS, signal.SIGINT, 2),
        ("text", GOES_ON, signal.SIGTERM, 0),
        ("load", SLEEPS, signal.SIGTERM, 0),
    ],
    ids=["a long text", "Ctrl-C", "a text that cannot be broken off", "loading"],
)
def test_it_ends_without_the_sentence_and_keeps_whole_rounds(
    started: Callable[[str, str], Run], what: str, stays: str, number: signal.Signals, rounds: int
) -> None:
    run = started(what, stays)
    pids = run.pids()
    answer = run.end(number)
    assert run.process.returncode == 130
    assert answer["errors"][0]["code"] == "interrupted"
    assert len(answer["data"].get("rounds", [])) == rounds
    wait_until(lambda: all(map(is_gone, pids)))
    assert list(run.temporary.iterdir()) == []
    assert not (run.folder / "toy" / ".ttsopt").exists()
