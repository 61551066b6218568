"""Checkouts that pretend to be faster, on the real worker: what each is told, or why it gains nothing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from bench_fakes import bench_setup, bench_spec

from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.executor import WorkerExecutor
from ttsopt.domain.measurement import Utterance
from ttsopt.errors import CannotRunError

WORKLOAD = """
STUBS = ("a hum",)
CONCURRENT = True

def prepare(job):
    import os
    os.makedirs(job["scratch"], exist_ok=True)
    open(os.path.join(job["scratch"], "weights"), "w").close()

def load(job):
    import hum
    hum.load(job["scratch"])

    def speak(utterance, seed):
        samples, counters = hum.speak(utterance["text"], utterance["voice"])
        return {"samples": samples, "sample_rate": 1000, "counters": counters}

    return speak
"""
HONEST = """
def load(folder):
    pass

def speak(text, voice):
    return [0.5, -0.5] * 500, {}
"""
OWN_TEXT = (Utterance("short", "The birch canoe slid on the smooth planks.", varies=True),)


def measure(folder: Path, after: str, rounds: int = 2, **changes: Any) -> BenchmarkResult:
    """Measure honest code against `after`."""
    for side, text in (("before", HONEST), ("after", after)):
        file = folder / side / "src" / "hum.py"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    (folder / "workload.py").write_text(WORKLOAD)
    inherited = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    executor = WorkerExecutor(Path(sys.executable), 60, inherited=inherited)
    setup = bench_setup(folder, **({"utterances": OWN_TEXT} | changes))
    return run_benchmark(bench_spec(rounds=rounds), setup, executor)


CACHE = """
import os, tempfile
def load(folder):
    pass

def speak(text, voice):
    folder = {folder}
    path = os.path.join(folder, "kept-" + str({key}))
    hit = os.path.exists(path)
    os.makedirs(folder, exist_ok=True)
    open(path, "w").close()
    return [0.5, -0.5] * 500, {{"hits": int(hit)}}
"""


@pytest.mark.parametrize(
    "folder",
    [
        "os.path.expanduser('~')",
        "tempfile.gettempdir()",
        "os.environ['XDG_CACHE_HOME']",
        "os.environ['TTSOPT_KERNELS_FOLDER']",
        "os.environ['TORCHINDUCTOR_CACHE_DIR']",
        "os.environ['PYTHONPYCACHEPREFIX']",
        "os.path.dirname(__file__)",
        "os.getcwd()",
    ],
)
def test_a_cache_on_disk_is_gone_in_the_next_round(tmp_path: Path, folder: str) -> None:
    result = measure(tmp_path, CACHE.format(folder=folder, key="len(text)"), rounds=2)
    is_filled = any(name in folder for name in ("KERNELS", "INDUCTOR", "PYCACHE"))
    hits = [row.utterances[0].counters["hits"] for row in result.after]
    # What untimed processes leave there every round gets alike, from texts that no round has.
    assert hits == ([1, 1] if is_filled else [0, 0])


@pytest.mark.parametrize("key", ["hash(text)", "voice"])
@pytest.mark.parametrize(
    "folder", ["os.environ['TTSOPT_KERNELS_FOLDER']", "os.environ['NLTK_DATA'] + '/../elsewhere'"]
)
def test_a_cache_by_text_or_voice_misses_wherever_it_lies(
    tmp_path: Path, key: str, folder: str
) -> None:
    result = measure(tmp_path, CACHE.format(folder=folder, key=key), rounds=2)
    assert [row.utterances[0].counters["hits"] for row in result.after] == [0, 0]


def test_a_cache_beside_the_weights_is_refused(tmp_path: Path) -> None:
    after = HONEST.replace("    pass", "    open(folder + '/kept', 'w').close()")
    with pytest.raises(CannotRunError, match="kept") as caught:
        measure(tmp_path, after)
    assert caught.value.code == "shared-touched"


KEEPS = (
    "    folder = os.environ['{cache}'] + '/hub'; os.makedirs(folder, exist_ok=True)\n    {what}"
)
CACHES = ["HF_HUB_CACHE", "TORCH_HOME", "MODELSCOPE_CACHE", "NLTK_DATA"]


@pytest.mark.parametrize("cache", CACHES)
def test_a_cache_among_the_users_weights_ends_the_benchmark(tmp_path: Path, cache: str) -> None:
    keeps = KEEPS.format(cache=cache, what="open(folder + '/kept', 'a').write(text)")
    after = "import os\n" + HONEST.replace("    return", keeps + "\n    return")
    with pytest.raises(CannotRunError, match="kept") as caught:
        measure(tmp_path, after)
    assert (caught.value.code, caught.value.exit_code) == ("cache-changed", 5)


def test_weights_that_were_written_over_in_their_place_are_seen(tmp_path: Path) -> None:
    """As long as before, and with the time set back: the time of its change cannot be."""
    file = tmp_path / ".cache" / "torch" / "weights"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"before")
    what = (
        "file = os.environ['TORCH_HOME'] + '/weights'; s = os.stat(file); open(file, 'wb').write(b'after.'); "
        "os.utime(file, ns=(s.st_atime_ns, s.st_mtime_ns))"
    )
    after = "import os\n" + HONEST.replace("    return", f"    {what}\n    return")
    with pytest.raises(CannotRunError, match="torch/weights"):
        measure(tmp_path, after)


def test_reading_the_users_caches_and_fetching_before_the_clock_runs_is_no_change(
    tmp_path: Path,
) -> None:
    what = "p = folder + '/w'; os.path.exists(p) or open(p, 'w').close(); open(p).read()"
    after = "import os\n" + HONEST.replace(
        "    return", KEEPS.format(cache="HF_HUB_CACHE", what=what) + "\n    return"
    )
    assert len(measure(tmp_path, after).order) == 2


SLOW = """
import sys, time
began, real = time.perf_counter(), time.perf_counter
def halved():
    return began + (real() - began) / 2
{change}

def load(folder):
    pass

def speak(text, voice):
    time.sleep(0.4)
    return [0.5, -0.5] * 500, {{}}
"""


def test_a_clock_that_the_checkout_halves_in_python_is_not_the_one_that_is_read(
    tmp_path: Path,
) -> None:
    result = measure(tmp_path, SLOW.format(change="time.perf_counter = halved"), rounds=1)
    assert result.after[0].wall_seconds >= 0.4


def test_a_clock_that_disagrees_with_ours_ends_it(tmp_path: Path) -> None:
    change = "sys.modules['_ttsopt_timing'].perf_counter = lambda: 0.01 * real()"
    texts = tuple(Utterance(str(number), "a") for number in range(5))
    with pytest.raises(CannotRunError) as caught:
        measure(tmp_path, SLOW.format(change=change), rounds=1, utterances=texts)
    assert caught.value.code == "clock-disagrees"
    assert caught.value.exit_code == 5


LAZY = """
import time

class Later:
    shape = (1000,)

    def astype(self, kind):
        import array
        time.sleep(0.3)
        return array.array("f", [0.5, -0.5] * 500)

def load(folder):
    pass

def speak(text, voice):
    return Later(), {}
"""


def test_samples_that_compute_themselves_later_are_computed_within_the_time(tmp_path: Path) -> None:
    assert measure(tmp_path, LAZY, rounds=1).after[0].wall_seconds >= 0.3


CHILD = """
import os, subprocess, sys
WORK = "import time; kept = b'x' * {size}\\nwhile time.process_time() < 0.6: pass\\n{then}"
child = None

def load(folder):
    pass

def speak(text, voice):
    child = subprocess.Popen([sys.executable, "-c", WORK], stdout=subprocess.PIPE{more})
    {wait}
    return [0.5, -0.5] * 500, {{"pid": child.pid}}
"""
WAITED = {"wait": "child.communicate()", "then": "", "more": ""}
LEFT = {
    "wait": "child.stdout.readline()",
    "then": "print(flush=True); time.sleep(600)",
    "more": ", start_new_session=True",
}


@pytest.mark.parametrize("way", [WAITED, LEFT], ids=["waited for", "left running"])
def test_work_in_child_processes_counts(tmp_path: Path, way: dict[str, str]) -> None:
    after = CHILD.format(size=96 * 2**20, **way)
    result = measure(tmp_path, after, rounds=1)
    (row,) = result.after[0].utterances
    assert row.cpu_seconds >= 0.55
    assert result.after[0].cpu_seconds >= 0.55
    assert result.after[0].peak_rss_bytes > 96 * 2**20
    assert gone(int(row.counters["pid"]))


def gone(pid: int) -> bool:
    """True if a process is no more, or a zombie; the kernel may take a moment."""
    for _ in range(500):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


PEEK = """
import gc, os, sys

def load(folder):
    global seen
    control = open("/proc/self/cmdline").read().split("\\0")[2]
    words = [open(os.path.join(control, name)).read() for name in os.listdir(control) if "." in name]
    words += [str(value) for value in gc.get_objects() if isinstance(value, (dict, list))]
    seen = "".join(words)

def speak(text, voice):
    return [0.5, -0.5] * 500, {"known": int(text in seen)}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_text_is_known_while_the_checkout_loads(tmp_path: Path) -> None:
    texts = tuple(Utterance(str(number), f"Sentence {number}, said once.") for number in range(2))
    result = measure(tmp_path, PEEK, rounds=1, utterances=texts)
    assert [row.counters["known"] for row in result.after[0].utterances] == [0, 0]


AHEAD = """
import sys
def load(folder):
    caller = sys._getframe()
    while "texts" not in caller.f_locals:
        caller = caller.f_back
    caller.f_locals["texts"].ask(["{second}"])

def speak(text, voice):
    return [0.5, -0.5] * 500, {{}}
"""


@pytest.mark.parametrize("second", ["0", "1"])
def test_a_text_that_is_asked_for_out_of_turn_is_refused(tmp_path: Path, second: str) -> None:
    texts: Iterator[Utterance] = (Utterance(str(number), "a") for number in range(2))
    with pytest.raises(CannotRunError, match="turn"):
        measure(tmp_path, AHEAD.format(second=second), rounds=1, utterances=tuple(texts))


CHOICE = """
import json, os
def load(folder):
    global chosen
    path = os.path.join(os.environ["TTSOPT_KERNELS_FOLDER"], "this-machine.json")
    chosen = os.path.exists(path)
    if not chosen:
        with open(path, "w") as file:
            json.dump({"choices": {"linear|4x4": "bfloat16"}}, file)

def speak(text, voice):
    return [0.5, -0.5] * 500, {"measured": int(not chosen)}
"""


def test_what_helpers_choose_is_chosen_before_the_rounds_and_told(tmp_path: Path) -> None:
    result = measure(tmp_path, CHOICE)
    assert [row.utterances[0].counters["measured"] for row in result.after] == [0, 0]
    assert result.kernels == {"linear|4x4": "bfloat16"}
