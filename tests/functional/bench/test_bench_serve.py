"""`ttsopt bench DIR --serve`: a system's own server, started before and after, ended whatever it does."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from cli_driver import Answer, Cli

from ttsopt.bench.report.charts.serve import serve_charts
from ttsopt.bench.serve.report import serve_report

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

[serve]
script = "run/server.py"
arguments = ["--port", "{port}", "--level", "{level}"]
health = "/health"
install = "pip install toy-server"

[serve.request]
path = "/say"
json = { text = "{text}", voice = "{voice}" }

[serve.stream]
path = "/say?stream=1"
json = { text = "{text}", voice = "{voice}" }
"""
WORKLOAD = """\
STUBS = ("a sine in the place of speech",)


def load(job):
    raise AssertionError("the server loads the model itself")


def serve(job):
    import toy_tts.speak

    toy_tts.speak.STAND_IN = True
    return {"level": "0.25", "voice": "hum"}
"""
SPEAK = """\
STAND_IN = False


class Toy:
    def samples(self, level):
        import math
        return [round(32767 * level * math.sin(0.3 * at) * (1 + at % 700 / 700)) for at in range(4000)]
"""
SERVER = '''\
"""The toy's own server: standard library."""
import argparse, array, io, json, os, subprocess, sys, time, wave
from http.server import BaseHTTPRequestHandler, HTTPServer

sys.path.append(os.getcwd())
import toy_tts.speak

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
parser.add_argument("--level", type=float)
args = parser.parse_args()
{before}

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert toy_tts.speak.STAND_IN and asked["voice"] == "hum", asked
        {each}
        made = io.BytesIO()
        with wave.open(made, "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(array.array("h", toy_tts.speak.Toy().samples(args.level)).tobytes())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(made.getvalue())

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", args.port), Handler).serve_forever()
'''
CHILD = (
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)', '{mark}'], "
    "start_new_session=True)"
)


Asked = Callable[..., Answer]


@pytest.fixture
def asked(cli: Cli, tmp_path: Path) -> Asked:
    """Measure the toy, whose server does something before it serves and at each request."""

    def run(*options: str, before: str = "", each: str = "pass", system: str = SYSTEM) -> Answer:
        for name, text in {
            "own/toy-tts/system.toml": system,
            "own/toy-tts/workload.py": WORKLOAD,
            "toy/toy_tts/speak.py": SPEAK,
            "toy/run/server.py": SERVER.replace("{before}", before).replace("{each}", each),
        }.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        words = (
            "--aa",
            "--catalog",
            tmp_path / "own",
            "--requests",
            "2",
            "--rounds",
            "1",
            "--json",
        )
        return cli("bench", tmp_path / "toy", "--serve", *words, *options)

    return run


def is_running(mark: str) -> bool:
    rows = (row.info["cmdline"] or [] for row in psutil.process_iter(["cmdline"]))
    return any(word == mark for row in rows for word in row)


def test_a_system_s_own_server_is_started_measured_and_ended_with_its_children(
    asked: Asked,
) -> None:
    mark = f"toy-{os.getpid()}-{time.time_ns()}"
    child = CHILD.replace("{mark}", mark)
    answer = asked(before=child)
    assert (answer.code, answer.err) == (0, answer.err)
    (level,) = answer.data["levels"]
    assert [level[side]["answered"] for side in ("before", "after")] == [2, 2]
    assert level["after"]["answers"][0]["audio_seconds"] == 0.5
    assert answer.data["usage"]["after"]["peak_memory"] > 2**20
    samples = answer.data["usage"]["after"]["memory"]
    assert [at for at, _ in samples] == sorted(at for at, _ in samples)
    assert all(at >= 0 and held > 2**20 for at, held in samples)
    titles = [chart.title for chart in serve_charts(answer.data, str)]
    assert titles[-1] == "Memory over time"
    total = answer.data["usage"]["after"]["cpu_seconds"]
    assert 0 <= level["after"]["cpu_seconds"] <= total  # without its warm-up
    assert answer.data["stubs"] == ["a sine in the place of speech"]
    assert answer.data["system"] == "toy-tts"
    assert not is_running(mark)


@pytest.mark.parametrize(
    ("before", "code", "said"),
    [
        ("raise SystemExit(3)", "target-failed", "SystemExit: 3"),
        ("sys.exit(print('port in use', file=sys.stderr) or 1)", "target-failed", "port in use"),
        ("os._exit(7)", "worker-died", "status 7"),
        ("import toy", "module-missing", "no module toy,"),
        ("time.sleep(60)", "server-not-ready", "not ready after 10 s"),
    ],
)
def test_a_server_that_does_not_come_up_is_named(
    asked: Asked, before: str, code: str, said: str
) -> None:
    # But for the one that is about time, they come to their end however slow the machine is.
    limit = "10" if code == "server-not-ready" else "300"
    answer = asked("--time-limit", limit, before=before)
    assert (answer.code, answer.error["code"]) == (5, code)
    assert said in answer.error["message"]
    if code == "module-missing":
        assert answer.error["hint"] == "pip install toy-server"


def test_a_server_that_dies_or_hangs_under_load_is_named(asked: Asked) -> None:
    dead = asked(each="sys.exit(print('out of memory', file=sys.stderr) or os._exit(1))")
    hung = asked("--request-timeout", "0.5", each="time.sleep(9)")
    assert (dead.code, dead.error["code"]) == (5, "server-disconnected")
    assert dead.error["message"].endswith("out of memory")
    assert (hung.code, hung.error["code"]) == (5, "server-timeout")


class Driver(SimpleNamespace):
    """NVIDIA's, of one GPU that has more memory in use at each look."""

    NVMLError = OSError
    NVML_CLOCK_SM = 1
    looks = 0

    def nvmlDeviceGetMemoryInfo(self, _: int) -> SimpleNamespace:  # noqa: N802
        Driver.looks += 1
        return SimpleNamespace(total=2**34, used=2**20 * min(Driver.looks, 3))


def test_the_gpu_is_watched_while_a_server_is_up(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver(
        nvmlInit=lambda: None,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda at: at,
        nvmlDeviceGetName=lambda _: "made up",
        nvmlSystemGetDriverVersion=lambda: "1",
        nvmlDeviceGetCudaComputeCapability=lambda _: (9, 0),
        nvmlDeviceGetUtilizationRates=lambda _: SimpleNamespace(gpu=40),
        nvmlDeviceGetClockInfo=lambda *_: 1400,
    )
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    usage = asked(each="time.sleep(0.4)").data["usage"]
    assert {side: row["gpu_busy"] for side, row in usage.items()} == {"before": 40, "after": 40}
    assert max(row["peak_gpu_memory"] for row in usage.values()) == 2 * 2**20


def test_a_stream_is_asked_for_by_the_request_for_streams(asked: Asked) -> None:
    each = "assert self.path == '/say?stream=1', self.path"
    answer = asked("--stream", each=each)
    lacking = asked("--stream", system=SYSTEM.partition("[serve.stream]")[0])
    assert (answer.code, answer.data["request"]["path"]) == (0, "/say?stream=1")
    assert (lacking.code, lacking.error["code"]) == (2, "no-stream")


def test_a_system_without_a_recipe_says_what_to_do(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--aa", "--serve", "--json")
    assert (answer.code, answer.error["code"]) == (5, "no-server")
    assert "--http URL" in answer.error["hint"]


def test_options_of_another_benchmark_are_refused(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--serve", "--each", "--json")
    assert (answer.code, answer.error["code"]) == (2, "not-over-http")


def test_servers_that_stay_up_are_asked_in_turn_and_ended(asked: Asked, tmp_path: Path) -> None:
    note = f"open({str(tmp_path / 'started')!r}, 'a').write(str(os.getpid()) + '\\n')"
    answer = asked(
        "--resident", "--requests", "6", "--rounds", "3", "--concurrency", "1,2", before=note
    )
    started = (tmp_path / "started").read_text().split()
    assert len(started) == 2
    assert not any(psutil.pid_exists(int(pid)) for pid in started)
    assert answer.data["resident"]
    for level in answer.data["levels"]:
        for side in ("before", "after"):
            assert (level[side]["answered"], len(level[side]["blocks"])) == (6, 3)
    assert answer.data["usage"].keys() == {"before", "after"}
    compared = answer.data["answers_compared"]
    assert (compared["pairs"], compared["equal"]) == (6, 6)


def test_both_servers_at_once_need_the_memory_of_two(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttsopt.operations.bench.serve_system.available_memory", lambda: 1)
    answer = asked("--resident")
    assert (answer.code, answer.error["code"]) == (5, "too-little-memory")
    assert "leave out --resident" in answer.error["hint"]


def test_gates_on_speed_can_be_judged_by_the_server_s_cpu_time(asked: Asked) -> None:
    work = "sum(range(3_000_000))"
    gates = ("--metric", "cpu", "--max-rtf", "1000", "--max-slowdown", "100000", "--resident")
    answer = asked("--requests", "4", "--rounds", "2", *gates, each=work)
    (level,) = answer.data["levels"]
    assert level["cpu_speedup"]["rounds"] == 2
    assert all(row["cpu_seconds"] > 0 for row in level["after"]["blocks"])
    measured = {row["name"]: row["measured"] for row in answer.data["gates"]}
    assert "CPU seconds / audio seconds" in measured["max-rtf"]
    assert "of CPU time" in measured["max-slowdown"]


@pytest.mark.parametrize(("level", "equal"), [("0.25", 2), ("0.2", 0)])
def test_requests_at_once_are_held_against_those_of_one_client(
    asked: Asked, level: str, equal: int
) -> None:
    """The server changes after its warm-up, and the two answers to one client."""
    count = "type(self).count = getattr(type(self), 'count', 0) + 1"
    change = f"{count}; args.level = args.level if self.count <= 3 else {level}"
    texts = ("--text", "One.", "--text", "Two.", "--concurrency", "1,2")
    answer = asked(*texts, "--max-slowdown", "1000", each=change)
    alone, together = answer.data["levels"]
    assert alone["after"]["as_alone"] is None
    assert together["after"]["as_alone"] == {"answers": 2, "equal": equal}
    lines = [line for row in serve_report(answer.data).sections for line in row.lines]
    said = f"2 clients, answers with the bits of those to 1 client: before {equal} of 2, after {equal} of 2"
    assert said in lines


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
@pytest.mark.parametrize(("last", "pairs"), [(5, 2), (2, None)])
def test_ctrl_c_keeps_pairs_of_blocks_that_are_whole(
    asked: Asked, last: int, pairs: int | None
) -> None:
    """Servers are asked to warm up, for a block, for another and its first text again, and for a third."""
    count = "type(self).count = getattr(type(self), 'count', 0) + 1"
    end = f"self.count == {last} and (os.kill(os.getppid(), 2), time.sleep(600))"
    answer = asked("--resident", "--requests", "3", "--rounds", "3", each=f"{count}; {end}")
    assert (answer.code, answer.error["code"]) == (130, "interrupted")
    kept = [len(level["after"]["blocks"]) for level in answer.data.get("levels", [])]
    assert kept == ([] if pairs is None else [pairs])
    assert pairs is None or answer.data["interrupted"]
