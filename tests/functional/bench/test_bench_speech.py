"""What is spoken and how: texts, hot and streamed, from several threads, profiled, explained, summed up for CI."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from cli_driver import Cli

ONE = ("--aa", "--rounds", "1", "--threads", "1", "--json")


def test_sets_of_texts_are_in_the_systems_languages(cli: Cli, sample: Path) -> None:
    data = cli("bench", sample, "--texts", "short", *ONE).data
    assert list(data["texts"]) == ["en"]
    assert [row["id"] for row in data["before"]["utterances"]] == ["en"]


def test_a_file_of_texts_has_one_a_line(cli: Cli, sample: Path, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("Hi.\n\nHo.\n", encoding="utf-8")
    assert cli("bench", sample, "--text-file", file, *ONE).data["texts"] == {"1": "Hi.", "2": "Ho."}


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe\xff"])
def test_a_file_without_texts_is_a_wrong_use(
    cli: Cli, sample: Path, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "texts.txt"
    file.write_bytes(content)
    answer = cli("bench", sample, "--text-file", file, *ONE)
    assert (answer.code, answer.error["code"]) == (2, "bad-text-file")


def test_a_voice_that_is_not_there_is_a_wrong_use(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--prompt-audio", "no.wav", *ONE)
    assert (answer.code, answer.error["code"]) == (2, "no-prompt")


def test_two_baselines_are_a_wrong_use(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--against", "HEAD", *ONE)
    assert (answer.code, answer.error["code"]) == (2, "two-baselines")


def test_hot_says_each_text_again_in_rows_of_their_own(cli: Cli, sample: Path) -> None:
    patch = ("-p", "sample/kept-speaker-embedding", "--rounds", "1", "--text", "Hi.", "--json")
    cold, hot = (cli("bench", sample, *patch, *more).data for more in ((), ("--hot",)))
    assert (cold["hot"], hot["hot"]) == (False, True)
    assert cold["hot_cache"] is None
    assert hot["after"]["counters"] == cold["after"]["counters"]
    counted = hot["hot_cache"]["after"]["counters_per_call"]
    assert counted["speaker_embeddings"] == {"mean": 0, "steady": True}
    assert [row["id"] for row in hot["outputs"]] == ["1", "hot/1"]


@pytest.mark.parametrize("levels", ["0", "65", "two", "1,", "1,2,1", "-1", "1.5"])
def test_levels_that_make_no_sense_are_a_wrong_use(cli: Cli, sample: Path, levels: str) -> None:
    answer = cli("bench", sample, f"--concurrency={levels}", *ONE)
    assert (answer.code, answer.error["code"]) == (2, "bad-concurrency")
    assert levels in answer.error["message"]


def test_what_a_workload_cannot_do_is_said(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--stream", *ONE)
    assert answer.code == 5
    assert "this workload" in answer.error["message"]


def test_every_level_of_concurrency_is_served_and_told(cli: Cli, sample: Path) -> None:
    data = cli("bench", sample, "--text", "Hi.", "--concurrency", "1,2", *ONE).data
    assert [row["concurrency"] for row in data["levels"]] == [1, 2]
    assert [row["after"]["latency"]["requests"] for row in data["levels"]] == [1, 2]


def test_a_profile_is_kept_for_other_tools(cli: Cli, sample: Path, tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    data = cli("bench", sample, "--profile", folder, "--text", "Hi.", *ONE).data
    assert [row["side"] for row in data["profiles"]] == ["before", "after"]
    assert (folder / "before.pstats").stat().st_size > 0
    assert any("sample_tts" in row["file"] for row in data["profiles"][0]["functions"])


def test_explain_runs_nothing_and_says_which_stubs(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--explain", "--json", "--python", "no-such-python")
    assert answer.code == 0
    assert answer.data["system"] == "sample"
    assert answer.data["stubs"] == ["a formant synthesiser in plain Python, no neural network"]
    assert "counters" in answer.data["about"].lower()


def test_the_summary_of_a_job_of_github_actions_gets_the_report(
    cli: Cli, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Build\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    cli("bench", sample, "--text", "Hi.", *ONE)
    text = summary.read_text()
    assert text.startswith("# Build\n")
    assert "| RTF |" in text


def test_the_noise_floor_is_that_of_the_tree_against_itself(cli: Cli, sample: Path) -> None:
    three = ("--text", "Hi.", "--rounds", "3", "--json")
    assert cli("bench", sample, "--aa", *three).data["noise_floor"] > 0
    patch = ("-p", "sample/folded-weight-norm")
    assert cli("bench", sample, *patch, *three).data["noise_floor"] is None


def test_the_model_and_the_threads_are_told_as_they_were(cli: Cli, sample: Path) -> None:
    data = cli("bench", sample, "--text", "Hi.", *ONE).data
    assert data["environment"]["worker"]["threads"]["native"] >= 1
    assert data["before"]["model"] == data["after"]["model"]


def test_a_recogniser_has_nothing_to_hear_of_random_weights(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--recogniser", "python", *ONE)
    assert (answer.code, answer.error["code"]) == (2, "nothing-to-hear")


@pytest.mark.skipif(find_spec("funasr") is not None, reason="this interpreter has funasr")
def test_a_recogniser_without_funasr_is_told(cli: Cli, sample: Path, tmp_path: Path) -> None:
    weights = ("--weights", tmp_path, "--text", "Hi.")
    answer = cli("bench", sample, "--recogniser", sys.executable, *weights, *ONE)
    assert (answer.code, answer.error["code"]) == (5, "module-missing")
    assert "funasr" in answer.error["message"]
