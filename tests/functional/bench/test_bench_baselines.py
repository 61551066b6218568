"""`ttsopt bench` against another folder or commit, `--each`, and `ttsopt compare`: what is compared with what."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_driver import Cli, Tree
from git_command import commit_all, git

ONE = ("--text", "Hi.", "--rounds", "1", "--threads", "1", "--json")
THREE = ("--text", "Hi.", "--rounds", "3", "--threads", "1", "--json")


def edit(sample: Path, path: str, old: str, new: str) -> None:
    file = sample / path
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def speak_worse(sample: Path) -> None:
    """A loss of quality at the same speed: every tenth sample is lost."""
    returns = "        return samples\n"
    lost = "        samples[::10] = [0.0] * len(samples[::10])\n"
    edit(sample, "sample_tts/api.py", returns, lost + returns)


@pytest.fixture
def base(sample: Path) -> Path:
    """The checkout as a repository of one commit."""
    commit_all(sample)
    return sample


def test_a_commit_is_the_before_side(cli: Cli, base: Path, tree: Tree) -> None:
    edit(base, "sample_tts/api.py", "nfe_step: int = 32", "nfe_step: int = 8")
    before = tree(base)
    data = cli("bench", base, "--against", "HEAD", "--effect", "lossy", *ONE).data
    assert (data["before"]["counters"]["nfe"], data["after"]["counters"]["nfe"]) == (32, 8)
    assert (data["against"], data["patches"], data["against_itself"]) == ("HEAD", [], False)
    assert tree(base) == before


def test_a_file_that_the_commit_has_not_is_on_the_after_side_alone(cli: Cli, base: Path) -> None:
    (base / "sample_tts" / "extra.py").write_text("STEPS = 8\n")
    imports = "from sample_tts import acoustic\n"
    edit(base, "sample_tts/api.py", imports, f"{imports}from sample_tts.extra import STEPS\n")
    edit(base, "sample_tts/api.py", "nfe_step: int = 32", "nfe_step: int = STEPS")
    git(base, "add", "-A")
    data = cli("bench", base, "--against", "HEAD", *ONE).data
    assert (data["before"]["counters"]["nfe"], data["after"]["counters"]["nfe"]) == (32, 8)


def test_another_folder_is_the_before_side(cli: Cli, sample: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(sample, other)
    edit(other, "sample_tts/api.py", "nfe_step: int = 32", "nfe_step: int = 16")
    data = cli("bench", sample, "--against", other, *ONE).data
    assert (data["before"]["counters"]["nfe"], data["after"]["counters"]["nfe"]) == (16, 32)


def test_what_is_neither_a_folder_nor_a_commit(cli: Cli, base: Path) -> None:
    answer = cli("bench", base, "--against", "no-such-branch", *ONE)
    assert (answer.code, answer.error["code"]) == (2, "no-baseline")
    assert "fetch" in answer.error["hint"]


def test_a_commit_that_does_not_differ_leaves_nothing_to_compare(cli: Cli, base: Path) -> None:
    answer = cli("bench", base, "--against", "HEAD", *ONE)
    assert (answer.code, answer.error["code"]) == (3, "nothing-to-compare")


def test_a_loss_of_quality_at_unchanged_speed_fails_the_gate(cli: Cli, base: Path) -> None:
    speak_worse(base)
    limits = ("--against", "HEAD", "--max-slowdown", "1e12")
    answer = cli("bench", base, *limits, *THREE)
    gates = {row["name"]: row["passed"] for row in answer.data["gates"]}
    assert (answer.code, gates) == (1, {"max-slowdown": True, "quality": False})
    assert cli("bench", base, *limits, "--effect", "lossy", *THREE).code == 0


def test_memory_over_its_limit_fails_the_gate(cli: Cli, sample: Path) -> None:
    answer = cli("bench", sample, "--aa", "--max-memory", "1", *ONE)
    (row,) = [row for row in answer.data["gates"] if row["name"] == "max-memory"]
    assert (answer.code, row["passed"], row["asked"]) == (1, False, "at most 1 MiB")
    assert cli("bench", sample, "--aa", "--max-memory", "100000", *ONE).code == 0


def test_each_patch_alone_left_out_and_all_together(cli: Cli, sample: Path, tree: Tree) -> None:
    before = tree(sample)
    named = ("-p", "sample/folded-weight-norm", "-p", "sample/kept-speaker-embedding")
    rows = cli("bench", sample, "--each", *named, *ONE).data["each"]
    folded, kept = (name for name in named if "/" in name)
    assert [(row["kind"], row["patches"]) for row in rows] == [
        ("alone", [folded]),
        ("alone", [kept]),
        ("left out", [folded]),
        ("left out", [kept]),
        ("all", [folded, kept]),
    ]
    norms = [
        [row["result"][side]["counters"]["weight_norms"] > 0 for side in ("before", "after")]
        for row in rows
    ]
    # Folded on the after side where it is alone, left out before, or with all.
    assert norms == [[True, False], [True, True], [True, False], [False, False], [True, False]]
    assert tree(sample) == before


def test_two_results_of_one_machine_are_compared(cli: Cli, sample: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    for file in (first, second):
        cli("bench", sample, "--aa", "--save", file, *THREE)
    data = cli("compare", first, second, "--json").data
    assert data["speedup"]["interval"][0] < data["speedup"]["value"]
    assert data["verdict"] in {"same", "faster", "slower", "inconclusive"}
    assert data["differences"] == []


def test_results_of_two_machines_are_not_unless_somebody_insists(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    cli("bench", sample, "--aa", "--save", first, *THREE)
    data = json.loads(first.read_text())
    data["environment"]["machine"]["cpu"] = "another processor"
    second.write_text(json.dumps(data))
    refused = cli("compare", first, second, "--json")
    assert (refused.code, refused.error["code"]) == (3, "other-machine")
    assert "another processor" in refused.error["message"]
    insisted = cli("compare", first, second, "--other-machine", "--json")
    assert (insisted.code, insisted.data["speedup"]["value"]) == (0, 1.0)
    assert any("another processor" in row for row in insisted.data["differences"])


def test_results_of_different_things_are_not_compared(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    cli("bench", sample, "--aa", "--save", first, *ONE)
    data = json.loads(first.read_text()) | {"size": "real"}
    second.write_text(json.dumps(data))
    answer = cli("compare", first, second, "--json")
    assert (answer.code, answer.error["code"]) == (2, "not-comparable")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"schema": 1}', '{"schema": 9}'])
def test_a_file_that_is_no_result(cli: Cli, tmp_path: Path, content: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(content)
    answer = cli("compare", file, file, "--json")
    assert (answer.code, answer.error["code"]) == (2, "bad-result")


@pytest.mark.parametrize(
    "asked",
    [
        ("--against", "HEAD", "-p", "sample/folded-weight-norm"),
        ("--against", "HEAD", "--set", "sample/nfe-step.nfe_step=4"),
        ("--each", "--max-rtf", "1"),
        ("--each", "--aa"),
    ],
)
def test_what_does_not_go_together_is_a_wrong_use(
    cli: Cli, base: Path, asked: tuple[str, ...]
) -> None:
    answer = cli("bench", base, *asked, *ONE)
    assert answer.code == 2
    assert answer.error["code"] in {"two-baselines", "each-alone"}
