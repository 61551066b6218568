"""`ttsopt` alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_driver import Cli, Tree


def test_in_a_checkout_it_says_what_is_there_and_what_would_help(
    cli: Cli, sample: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sample)
    before = tree(sample)
    said = cli()
    assert said.code == 0
    assert said.out.startswith("Sample TTS at ., version 1.2.0\napplied: nothing\n")
    assert "  sample/nfe-step: lossy; argued" in said.out
    assert "  ttsopt apply" in said.out
    assert tree(sample) == before
    monkeypatch.chdir(sample / "sample_tts")
    assert cli().out == said.out
    monkeypatch.chdir(sample)
    data = cli("--json").data
    assert [row["system"] for row in data["systems"]] == ["sample"]
    assert {row["patch"] for row in data["helpful"]} >= {"sample/folded-weight-norm"}
    for command in data["next"]:
        if command.startswith("ttsopt apply"):
            assert cli(*command.split()[1:]).code == 0
    after = cli("--json").data
    assert {row["patch"] for row in after["applied"]} >= {
        "sample/nfe-step",
        "sample/precompiled-regex",
    }
    assert {"ttsopt bench --rtf", "ttsopt rollback"} <= {*after["next"]}


def test_elsewhere_it_is_the_help(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = cli()
    assert answer.code == 2
    assert "Usage: " in answer.err + answer.out


def test_a_crowd_of_systems_is_no_checkout(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        shutil.copytree(sample, sample.parent / f"crowd/{number}")
    monkeypatch.chdir(sample.parent / "crowd")
    assert "Usage: " in cli().err + cli().out


def test_a_home_is_not_searched(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sample)
    monkeypatch.setenv("HOME", str(sample))
    assert cli().code == 2
