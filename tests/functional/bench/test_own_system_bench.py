"""A system of the user's own is measured by the workload in its folder of `--catalog`."""

from __future__ import annotations

from pathlib import Path

from cli_driver import Cli

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
WORKLOAD = """\
STUBS = ("a sine in the place of speech",)


def load(job):
    from toy_tts.speak import Toy

    def speak(utterance, seed):
        return {"samples": Toy().speak(utterance["text"]), "sample_rate": 8000}

    return speak
"""
SPEAK = """\
import math


class Toy:
    def speak(self, text):
        return [math.sin(0.3 * at) / 2 for at in range(4000)]
"""


def test_a_system_of_ones_own_is_measured(cli: Cli, tmp_path: Path) -> None:
    system, toy = tmp_path / "own/toy-tts", tmp_path / "toy/toy_tts"
    system.mkdir(parents=True)
    toy.mkdir(parents=True)
    (system / "system.toml").write_text(SYSTEM)
    (system / "workload.py").write_text(WORKLOAD)
    (toy / "speak.py").write_text(SPEAK)
    asked = ("bench", toy.parent, "--aa", "--rounds", "1", "--catalog", tmp_path / "own", "--json")
    answer = cli(*asked)
    assert (answer.code, answer.err) == (0, answer.err)
    assert answer.data["system"] == "toy-tts"
    assert "a sine in the place of speech" in answer.data["stubs"]


def test_listing_a_catalogue_never_runs_its_workload(cli: Cli, tmp_path: Path) -> None:
    system, mark = tmp_path / "own/toy-tts", tmp_path / "ran"
    system.mkdir(parents=True)
    (system / "system.toml").write_text(SYSTEM)
    (system / "workload.py").write_text(f"open({str(mark)!r}, 'w')\n{WORKLOAD}")
    assert cli("list", "--check", "--catalog", tmp_path / "own").code == 0
    assert not mark.exists()
