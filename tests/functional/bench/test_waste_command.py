"""`ttsopt waste`: on the sample, which has no torch, and on a small model with planted waste.

TTSOPT_PYTHON_F5_TTS is an interpreter with torch, as docs/environments.md makes it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli_driver import Answer, Cli, Tree
from upstream_views import needed

PLANTED = Path(__file__).parents[2] / "support" / "planted"
OWN = PLANTED / "own"
SAVES_NOTHING = ("--text", "Hi.", "--json")


def test_a_system_without_torch_cannot_be_recorded(cli: Cli, sample: Path, tree: Tree) -> None:
    before = tree(sample)
    answer = cli("waste", sample, *SAVES_NOTHING)
    assert (answer.code, answer.error["code"]) == (5, "no-torch")
    assert "--profile" in answer.error["hint"]
    assert tree(sample) == before


def test_a_system_without_a_workload_is_named(cli: Cli, tmp_path: Path) -> None:
    own, toy = tmp_path / "own" / "toy-tts", tmp_path / "toy"
    own.mkdir(parents=True)
    toy.mkdir()
    (toy / "toy.py").write_text("class Toy:\n    pass\n")
    text = (OWN / "planted-tts" / "system.toml").read_text("utf-8").partition("[bench]")[0]
    text = text.replace("planted-tts", "toy-tts").replace("planted_tts/speak.py", "toy.py")
    (own / "system.toml").write_text(text.replace("class Planted", "class Toy"))
    answer = cli("waste", toy, "--catalog", own.parent, "--json")
    assert (answer.code, answer.error["code"]) == (5, "no-workload")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--fail-over", "101"), 2),
        (("--threads", "0"), 2),
        (("-p", "sample/none"), 2),
        (("--set", "sample/nfe-step.nfe_step=8"), 2),
    ],
)
def test_wrong_use(cli: Cli, sample: Path, arguments: tuple[str, ...], code: int) -> None:
    assert cli("waste", sample, *arguments, "--json").code == code


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PLANTED / "checkout", tmp_path / "planted", ignore=ignored))


def waste(cli: Cli, planted: Path, *arguments: object) -> Answer:
    python = needed("TTSOPT_PYTHON_F5_TTS")
    return cli("waste", planted, "--catalog", OWN, "--python", python, *arguments)


def lines(data: dict[str, Any], table: str, function: str) -> list[dict[str, Any]]:
    (rows,) = [one["rows"] for one in data["tables"] if one["name"] == table]
    return [row for row in rows if any(place["function"] == function for place in row["chain"])]


@pytest.mark.upstream
def test_a_checkout_with_planted_waste(cli: Cli, planted: Path, tree: Tree, tmp_path: Path) -> None:
    before, trace = tree(planted), tmp_path / "trace.json"
    answer = waste(cli, planted, "--fail-over", "0", "--trace", trace, "--json")
    assert (answer.code, answer.error["code"]) == (1, "waste")
    assert (answer.data["trusted"], answer.data["clock"]) == (True, "cpu")
    rows = lines(answer.data, "never-used", "never_used_layer")
    assert {row["chain"][0]["file"] for row in rows} == {"planted_tts/waste.py"}
    patch = {"patch": "planted-tts/no-unused-layer", "applied": False}
    assert all(row["patches"] == [patch] for row in rows)
    names = [event["name"] for event in json.loads(trace.read_text())["traceEvents"]]
    assert names.count("never used") > 5
    assert tree(planted) == before


@pytest.mark.upstream
def test_what_a_patch_leaves(cli: Cli, planted: Path, tmp_path: Path) -> None:
    saved = tmp_path / "waste.json"
    answer = waste(cli, planted, "-p", "planted-tts/no-unused-layer", "--save", saved)
    assert answer.code == 0
    data = json.loads(saved.read_text("utf-8"))
    assert data["patches"] == ["planted-tts/no-unused-layer"]
    assert lines(data, "never-used", "never_used_layer") == []
    assert lines(data, "never-used", "never_used_chain")
    assert max(len(line) for line in answer.out.splitlines()) <= 80
