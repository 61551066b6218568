"""The scenario of a benchmark over HTTP, as Locust runs it."""

from __future__ import annotations

import csv
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import speech_server as servers
from cli_driver import Cli
from speech_server import Act, Handler, endless, speech_server, tone, wav

TEMPLATE = """\
path = "/say"
form = { tts_text = "{text}" }
files = { prompt = "voice.wav" }
headers = { Authorization = "Bearer {env:SPEECH_KEY}" }
"""


def test_it_is_written_and_the_commands_are_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "load.py"
    options = ("--requests", "7", "--concurrency", "2,4", "--workers", "2", "--locustfile", file)
    answer = cli("bench", "--http", "http://127.0.0.1:9", *options, "--json")
    compile(file.read_text(encoding="utf-8"), str(file), "exec")
    assert (answer.code, answer.data["requests"]) == (0, 7)
    assert [line.split(" -u ")[1] for line in answer.data["next"]] == [
        "2 -r 2 -t 60s --processes 2",
        "4 -r 4 -t 60s --processes 2",
    ]
    assert str(file) in answer.data["next"][0]


def test_no_secret_is_in_it(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECH_KEY", "secret-1")
    (tmp_path / "voice.wav").write_bytes(wav(tone(0.1)))
    (tmp_path / "own.toml").write_text(TEMPLATE, encoding="utf-8")
    options = ("--request", tmp_path / "own.toml", "--locustfile", tmp_path / "load.py", "--json")
    answer = cli("bench", "--http", "http://127.0.0.1:9", *options)
    text = (tmp_path / "load.py").read_text(encoding="utf-8")
    assert answer.code == 0
    assert "{env:SPEECH_KEY}" in text
    assert "secret-1" not in text


def test_a_timetable_is_not_in_it(cli: Cli, tmp_path: Path) -> None:
    options = ("--rate", "2", "--locustfile", tmp_path / "load.py", "--json")
    answer = cli("bench", "--http", "http://127.0.0.1:9", *options)
    assert (answer.code, answer.error["code"]) == (2, "not-in-locust")
    assert not (tmp_path / "load.py").exists()


# ---- Locust itself, where it is installed: in this environment, or in that of TTSOPT_LOCUST ----

LOCUST = os.environ.get("TTSOPT_LOCUST") or (
    shutil.which("locust", path=str(Path(sys.executable).parent))
    if importlib.util.find_spec("locust")
    else None
)


def locust(file: Path, url: str, folder: Path, *, processes: int) -> dict[str, dict[str, str]]:
    """Run it for two seconds; return its table by name."""
    words = ("--headless", "-u", "2", "-r", "2", "-t", "2s", "--processes", str(processes))
    table = ("--csv", str(folder / "figures"))
    command = [str(LOCUST), "-f", str(file), "--host", url, *words, *table]
    environment = {**os.environ, "SPEECH_KEY": "secret-1"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    text = (folder / "figures_stats.csv").read_text(encoding="utf-8")
    rows = {row["Name"]: row for row in csv.DictReader(text.splitlines())}
    assert rows, done.stderr
    return rows


@pytest.mark.skipif(not LOCUST, reason="locust is not installed")
def test_two_workers_of_locust_make_the_same_requests(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def streamed(handler: Handler, _: int) -> None:
        handler.stream([(0, endless()), (0.05, tone(0.3)), (0.05, tone(0.3))])

    monkeypatch.setenv("SPEECH_KEY", "secret-1")
    (tmp_path / "voice.wav").write_bytes(wav(tone(0.1)))
    (tmp_path / "own.toml").write_text(TEMPLATE, encoding="utf-8")
    options = ("--requests", "4", "--request", tmp_path / "own.toml", "--json")
    with speech_server(streamed, threads=True) as server:
        cli("bench", "--http", server.url, *options)
        ours = server.seen[-4:]
        cli("bench", "--http", server.url, *options, "--locustfile", tmp_path / "load.py")
        del server.seen[:]
        rows = locust(tmp_path / "load.py", server.url, tmp_path, processes=2)
        theirs = list(server.seen)
    assert rows["/say"]["Failure Count"] == "0"
    assert float(rows["first audio"]["Average Response Time"]) < float(
        rows["/say"]["Average Response Time"]
    )
    assert {field(row.body, "tts_text") for row in ours} == {
        field(row.body, "tts_text") for row in theirs
    }
    assert {field(row.body, "prompt") for row in theirs} == {wav(tone(0.1))}
    assert {low(row.headers)["authorization"] for row in theirs} == {"Bearer secret-1"}


@pytest.mark.skipif(not LOCUST, reason="locust is not installed")
@pytest.mark.parametrize(
    ("act", "said"),
    [(servers.half, "truncated"), (servers.fail, "http-500"), (servers.silence, "silence")],
    ids=["half", "fail", "silence"],
)
def test_locust_counts_failures_by_the_same_words(
    cli: Cli, tmp_path: Path, act: Act, said: str
) -> None:
    with speech_server(act, threads=True) as server:
        cli("bench", "--http", server.url, "--locustfile", tmp_path / "load.py", "--json")
        rows = locust(tmp_path / "load.py", server.url, tmp_path, processes=1)
    failures = (tmp_path / "figures_failures.csv").read_text(encoding="utf-8")
    (row,) = (row for name, row in rows.items() if name.startswith("/v1"))
    assert row["Failure Count"] == row["Request Count"] != "0"
    assert said in failures


def low(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def field(body: bytes, name: str) -> bytes:
    """A field of a multipart body."""
    part = body.split(f'name="{name}"'.encode())[1]
    return part.split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0]
