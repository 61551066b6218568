"""Very many checkouts in one folder, and none at all."""

from __future__ import annotations

import shutil
from pathlib import Path

from all_commands import Go
from cli_driver import Cli


def test_very_many_roots(cli: Cli, sample: Path) -> None:
    for number in range(300):
        package = sample / f"{number // 20}" / f"{number}" / "sample_tts"
        package.mkdir(parents=True)
        (package / "api.py").write_text("class SampleTTS: ...\n")
        (package / "vocoder.py").write_text("class Vocoder: ...\ndef weight_norm(): ...\n")
    assert len(cli("discover", sample, "--json").data["systems"]) == 301
    answer = cli("apply", sample, "--json")
    assert (answer.code, answer.error["code"]) == (3, "several-roots")


def test_an_empty_folder(go: Go, sample: Path) -> None:
    shutil.rmtree(sample)
    sample.mkdir()
    answers = go()
    assert answers["discover"].data["systems"] == []
    assert answers["apply"].error["code"] == "no-system"
