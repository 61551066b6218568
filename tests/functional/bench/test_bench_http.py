"""`ttsopt bench --http`: servers that fail, two in turn, gates, service levels, templates."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path

import pytest
import speech_server as servers
from cli_driver import Cli
from speech_server import RATE, Act, Handler, endless, speech_server, tone, wav

FEW = ("--requests", "6", "--request-timeout", "0.5", "--json")


@pytest.mark.parametrize(
    ("act", "code", "said"),
    [
        (servers.hang, "server-timeout", "no whole answer within 0.5 s"),
        (servers.die, "server-disconnected", "without sending a response"),
        (servers.fail, "server-http-500", "out of memory \\x1b[31m"),
        (servers.half, "server-truncated", "3978 of 8000 bytes of sound"),
        (servers.redirect, "server-http-302", "answered none"),
        (servers.refuse_json, "server-not-audio", "no sound that is known"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_server_that_answers_nothing_of_use_is_named(
    cli: Cli, act: Act, code: str, said: str
) -> None:
    with speech_server(act, threads=True) as server:
        answer = cli("bench", "--http", server.url, *FEW)
        told = cli("bench", "--http", server.url, *FEW[:-1])
    assert (answer.code, answer.error["code"]) == (5, code)
    assert said in told.err
    assert "\x1b" not in told.err


def test_nobody_there(cli: Cli) -> None:
    with speech_server(servers.speak()) as server:
        url = server.url
    answer = cli("bench", "--http", url, *FEW)
    assert (answer.code, answer.error["code"]) == (5, "server-refused")
    assert "Is it running" in answer.error["hint"]


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (servers.hang, "timeout"),
        (servers.die, "disconnected"),
        (servers.fail, "http-500"),
        (servers.half, "truncated"),
    ],
    ids=["hang", "die", "fail", "half"],
)
def test_some_failures_are_counted_by_kind_and_never_exit_0(cli: Cli, act: Act, kind: str) -> None:
    acts = servers.after(4, act)  # two to warm it up, two that are timed
    with speech_server(acts, threads=True) as server:
        answer = cli("bench", "--http", server.url, *FEW)
    with speech_server(acts, threads=True) as server:
        gated = cli("bench", "--http", server.url, *FEW, "--max-rtf", "100")
    (level,) = answer.data["levels"]
    assert (answer.code, answer.error["code"]) == (5, "bad-answers")
    assert level["after"]["failures"] == {kind: 4}
    assert (level["after"]["answered"], len(level["after"]["answers"])) == (2, 6)
    assert gated.code == 1
    assert f"4 x {kind}" in gated.error["message"]


def test_a_server_that_is_gone_is_not_asked_to_the_end(cli: Cli) -> None:
    with speech_server(servers.after(3, servers.die)) as server:
        answer = cli("bench", "--http", server.url, "--requests", "90", "--json")
    (level,) = answer.data["levels"]
    assert level["after"]["failures"] == {"disconnected": 8}


def test_silence_and_another_length_are_defects(cli: Cli) -> None:
    def longer(handler: Handler, _: int) -> None:
        handler.answer(wav(tone(0.9)))

    for act, kind in ((servers.silence, "silence"), (longer, "wrong-length")):
        with speech_server(servers.after(6, act)) as server:
            answer = cli("bench", "--http", server.url, "--text", "Hi.", *FEW)
        with speech_server(servers.after(6, act)) as server:
            gated = cli("bench", "--http", server.url, "--text", "Hi.", *FEW, "--max-p95", "9")
        assert answer.code == 5
        assert answer.data["levels"][0]["after"]["defects"][kind] == 2
        assert answer.data["levels"][0]["after"]["answered"] == 6
        gates = {row["name"]: row["outcome"] for row in gated.data["gates"]}
        assert (gated.code, gates) == (1, {"max-p95": "passed", "answers": "failed"})


def test_what_the_before_server_has_too_is_no_defect_of_the_after_one(cli: Cli) -> None:
    with speech_server(servers.silence) as before, speech_server(servers.silence) as after:
        answer = cli("bench", "--http", before.url, after.url, *FEW)
    assert answer.code == 0
    assert answer.data["levels"][0]["before"]["defects"] == {"silence": 6}


def test_two_servers_get_the_same_requests_in_turn(cli: Cli, tmp_path: Path) -> None:
    saved, page = tmp_path / "result.json", tmp_path / "page.html"
    slow, quick = servers.queue(0.08), servers.queue(0.01)
    with speech_server(slow) as before, speech_server(quick) as after:
        options = ("--requests", "12", "--rounds", "4", "--concurrency", "1,2", "--save", saved)
        answer = cli("bench", "--http", before.url, after.url, *options, "--report", page)
        texts = [[row.json["input"] for row in server.seen] for server in (before, after)]
        began = [(row.began, "b") for row in before.seen] + [(row.began, "a") for row in after.seen]
    data = json.loads(saved.read_text(encoding="utf-8"))
    assert answer.code == 0
    assert texts[0] == texts[1]
    assert len(set(texts[0])) == len(texts[0])  # no text twice: a cache would know it
    runs = [len(list(run)) for _, run in groupby(side for _, side in sorted(began))]
    assert min(runs) >= 3  # in blocks of three
    assert len(runs) > 6  # that alternate
    assert [row["clients"] for row in data["levels"]] == [1, 2]
    assert data["levels"][0]["verdict"] == "faster"
    assert data["levels"][0]["speedup"]["rounds"] == 4
    assert "faster: " in answer.out
    assert "faster: " in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "code", "outcomes"),
    [
        (("--max-rtf", "100", "--max-ttfa", "5", "--max-p95", "5"), 0, ["passed"] * 4),
        (("--max-rtf", "0.00001"), 1, ["failed", "passed"]),
        (("--min-speedup", "1"), 4, ["undecided", "passed"]),
    ],
)
def test_gates(cli: Cli, options: tuple[str, ...], code: int, outcomes: list[str]) -> None:
    with speech_server(servers.speak()) as server:
        answer = cli("bench", "--http", server.url, "--requests", "20", *options, "--json")
    assert answer.code == code
    assert [row["outcome"] for row in answer.data["gates"]] == outcomes


def test_percentiles_only_with_enough_behind_them(cli: Cli) -> None:
    with speech_server(servers.speak()) as server:
        answer = cli("bench", "--http", server.url, "--requests", "19", "--json")
    assert list(answer.data["levels"][0]["after"]["latency"]["whole"]) == ["50", "90"]


def test_the_highest_rate_that_keeps_a_service_level(cli: Cli) -> None:
    """One request at a time, 40 ms each: 25 a second at most, and by a P90 below 150 ms surely more than 4."""
    with speech_server(servers.speak(takes=0.04)) as server:
        options = (
            "--slo",
            "p90<150ms",
            "--rate",
            "4",
            "--requests",
            "12",
            "--arrivals",
            "constant",
        )
        answer = cli("bench", "--http", server.url, *options, "--json")
    rates = {row["rate"]: row["keeps_slo"] for row in answer.data["levels"]}
    assert answer.code == 0
    assert 4 <= answer.data["slo"]["highest_rate"]["after"] < 32
    assert rates[4] is True
    assert False in rates.values()


def test_a_service_level_that_nothing_keeps_fails(cli: Cli) -> None:
    with speech_server(servers.speak(takes=0.02)) as server:
        options = ("--slo", "p50<5ms", "--rate", "40", "--requests", "4")
        answer = cli("bench", "--http", server.url, *options, "--json")
    assert (answer.code, answer.error["code"]) == (1, "gate-failed")
    assert answer.data["slo"]["highest_rate"] == {"after": None}


@pytest.mark.parametrize("load", [("--concurrency", "4"), ("--rate", "20")])
def test_several_client_processes_send_the_same_requests(cli: Cli, load: tuple[str, str]) -> None:
    options = (*load, "--requests", "9", "--seed", "3", "--json")
    with speech_server(servers.queue(0.02), threads=True) as server:
        alone = cli("bench", "--http", server.url, *options)
        texts = [row.json["input"] for row in server.seen]
        shared = cli("bench", "--http", server.url, *options, "--workers", "2")
        again = [row.json["input"] for row in server.seen[len(texts) :]]
    ((one,), (two,)) = ([row["after"] for row in run.data["levels"]] for run in (alone, shared))
    assert (shared.code, shared.data["workers"], two["answered"]) == (0, 2, 9)
    assert sorted(again) == sorted(texts)
    if load[0] == "--rate":
        assert [row["due"] for row in one["answers"]] == [row["due"] for row in two["answers"]]
    assert {row["sha256"] for row in two["answers"]} == {one["answers"][0]["sha256"]}


@pytest.mark.parametrize(
    ("command", "said"),
    [("raise SystemExit('no room')", "no room"), ("print('done')", "was not ready")],
)
def test_a_client_process_that_ends_is_named(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.setattr("ttsopt.bench.serve.shares.COMMAND", (sys.executable, "-c", command))
    with speech_server(servers.speak()) as server:
        answer = cli("bench", "--http", server.url, *FEW, "--workers", "2", "--rate", "9")
    assert (answer.code, answer.error["code"]) == (5, "client-died")
    assert said in answer.error["message"]


def test_failures_are_named_from_client_processes_too(cli: Cli) -> None:
    with speech_server(servers.after(4, servers.half), threads=True) as server:
        answer = cli("bench", "--http", server.url, *FEW, "--workers", "2", "--concurrency", "2")
    assert (answer.code, answer.error["code"]) == (5, "bad-answers")
    assert answer.data["levels"][0]["after"]["failures"] == {"truncated": 4}


def test_the_first_sound_and_the_longest_stall(cli: Cli) -> None:
    """A header at once is nothing to hear; 0.1 s of sound, then a pause of 0.3 s: 0.2 s of silence."""
    part = tone(0.1)

    def act(handler: Handler, _: int) -> None:
        handler.stream([(0, endless()), (0.1, part), (0.3, part), (0, part)])

    with speech_server(act) as server:
        answer = cli("bench", "--http", server.url, "--requests", "2", "--json")
    for row in answer.data["levels"][0]["after"]["answers"]:
        assert row["first_audio"] >= 0.1
        assert row["seconds"] - row["first_audio"] >= 0.3
        assert row["stall"] >= 0.15
        assert row["audio_seconds"] == pytest.approx(0.3)


def test_a_template_says_how_a_server_is_asked(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "voice.wav").write_bytes(wav(tone(0.1)))
    template = tmp_path / "own.toml"
    template.write_text(
        f"""
        path = "/say"
        sample_rate = {RATE}
        form = {{ tts_text = "{{text}}", lang = "{{language}}", who = "{{voice}}" }}
        files = {{ prompt = "voice.wav" }}
        query = {{ speed = "1" }}
        headers = {{ Authorization = "Bearer {{env:SPEECH_KEY}}" }}
        """,
        encoding="utf-8",
    )

    def raw(handler: Handler, _: int) -> None:
        handler.answer(tone(0.25))

    options = ("--request", template, "--voice", "{text}", "--requests", "2", "--json")
    with speech_server(raw) as server:
        lacking = cli("bench", "--http", server.url, *options)
        monkeypatch.setenv("SPEECH_KEY", "secret-1")
        answer = cli("bench", "--http", server.url, *options)
        seen = server.seen[-1]
    assert (lacking.code, lacking.error["code"]) == (2, "no-variable")
    assert answer.code == 0
    assert answer.data["levels"][0]["after"]["answers"][0]["audio_seconds"] == pytest.approx(0.25)
    assert seen.path == "/say?speed=1"
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert headers["authorization"] == "Bearer secret-1"
    assert "secret-1" not in answer.out
    assert b'name="prompt"; filename="voice.wav"' in seen.body
    assert b'name="lang"\r\n\r\nzh' in seen.body
    assert b'name="who"\r\n\r\n{text}' in seen.body  # a value is not looked at again


def test_a_function_of_gradio_is_called_through_its_api(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "voice.wav").write_bytes(wav(tone(0.1)))
    template = tmp_path / "own.toml"
    template.write_text(
        """
        path = "/gradio_api"
        gradio = "speak"
        json = { data = [{ path = "{upload}" }, "{text}", 3] }
        files = { voice = "voice.wav" }
        """,
        encoding="utf-8",
    )
    options = ("--request", template, "--requests", "2", "--json")
    with speech_server(servers.gradio(), threads=True) as server:
        answer = cli("bench", "--http", server.url, *options)
        shared = cli("bench", "--http", server.url, *options, "--workers", "2", "--rate", "9")
        asked = [row.json for row in server.seen if row.path.endswith("/call/speak")]
        locust = cli("bench", "--http", server.url, *options, "--locustfile", tmp_path / "a.py")
    with speech_server(servers.gradio(fails=True), threads=True) as server:
        failed = cli("bench", "--http", server.url, *options)
    rows = [run.data["levels"][0]["after"] for run in (answer, shared)]
    assert [row["answered"] for row in rows] == [2, 2]
    assert rows[0]["answers"][0]["audio_seconds"] == pytest.approx(0.3)
    assert asked[-1]["data"][::2] == [{"path": "/tmp/gradio/voice.wav"}, 3]
    assert (failed.code, failed.error["code"]) == (5, "server-function")
    assert "no such voice" in failed.error["message"]
    assert (locust.code, locust.error["code"]) == (2, "not-in-locust")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('json = { data = ["{text}"] }\ngradio = "a/b"', "the name of a function"),
        ('json = { a = "{text}{upload}" }', "no placeholder {upload}"),
        ('json = { input = "{txt}" }', "no placeholder {txt}"),
        ('json = { input = "{text}" }\nfiles = { a = "b" }', "either json, or form"),
        ('json = { input = "Hi." }', "no {text}"),
        ('path = "tts"\njson = { input = "{text}" }', "begins with /"),
        ('pathh = "/"', "did you mean path?"),
        ('method = "DELETE"', "expected one of GET, POST, PUT"),
        ('json = { input = "{text} {env:HOME}" }', "headers alone"),
        ('json = { input = "{text}" }\nheaders = { "a b" = "c" }', "no name of a header"),
        ('json = { input = "{text}" }\nheaders = { a = "b\\r\\nc: d" }', "printable ASCII"),
        ("path = ", "Invalid value"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(
    cli: Cli, tmp_path: Path, content: str, said: str
) -> None:
    template = tmp_path / "own.toml"
    template.write_text(content, encoding="utf-8")
    answer = cli("bench", "--http", "http://127.0.0.1:9", "--request", template, "--json")
    assert (answer.code, answer.error["code"]) == (2, "bad-request")
    assert said in answer.error["message"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--http", "ftp://x"), "bad-url"),
        (("--http", "http://user:pass@x"), "bad-url"),
        (("--http", "http://x", "--http", "http://y", "--http", "http://z"), "bad-url"),
        (("--http", "http://x", "-p", "a/b"), "not-over-http"),
        (("--http", "http://x", "--time-limit=5"), "not-over-http"),
        (("--http", "http://x", "--rate", "0"), "bad-rate"),
        (("--http", "http://x", "--slo", "p97<2s"), "bad-slo"),
        (("--http", "http://x", "--slo", "p95<1s", "--requests", "10"), "too-few-requests"),
        (("--rate", "2"), "no-server"),
    ],
)
def test_wrong_use(cli: Cli, words: tuple[str, ...], code: str) -> None:
    answer = cli("bench", *words, "--json")
    assert (answer.code, answer.error["code"]) == (2, code)


def test_without_the_client_it_says_what_to_install(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [row for row in sys.modules if row.startswith("ttsopt.bench.serve.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httpx", None)
    answer = cli("bench", "--http", "http://127.0.0.1:9", "--json")
    assert (answer.code, answer.error["code"]) == (5, "no-client")
    assert answer.error["hint"] == 'pip install "ttsopt[http]"'


def test_an_open_loop_sees_the_queue_that_lindley_predicts(cli: Cli) -> None:
    """P95 against W' = max(0, W + S - A) over the arrivals that were really sent, by a service time that is known.

    Lindley, The theory of queues with a single server (1952).
    """
    takes = 0.2
    with speech_server(servers.queue(takes), threads=True) as server:
        options = ("--rate", "10", "--requests", "30", "--seed", "3", "--text", "Hi.", "--json")
        answer = cli("bench", "--http", server.url, *options)
    rows = answer.data["levels"][0]["after"]["answers"]
    predicted: list[float] = []
    free = 0.0
    for row in rows:
        free = max(free, row["sent"]) + takes
        predicted.append(free - row["due"])
    rank = -(-95 * len(rows) // 100) - 1
    measured = answer.data["levels"][0]["after"]["latency"]["whole"]["95"]
    assert measured == sorted(row["seconds"] for row in rows)[rank]
    assert max(row["sent"] - row["due"] for row in rows) < takes  # nobody waited for an answer
    assert measured > 9 * takes  # a queue so long that how late threads wake does not matter
    assert measured == pytest.approx(sorted(predicted)[rank], rel=0.03)
