"""`ttsopt tune`: what it prints and leaves, by a machine in the place of processes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cli_driver import Cli, Tree
from tuning_fakes import FOLDED, KEPT, TunedMachine

pytest.importorskip("optuna")
ASKED = ("--text", "Hi.", "--threads", "1")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> TunedMachine:
    made = TunedMachine()
    monkeypatch.setattr("ttsopt.operations.bench.measure.WorkerExecutor", made)
    return made


def test_it_writes_a_list_that_apply_reads_and_leaves_the_checkout(
    cli: Cli, sample: Path, tree: Tree, tmp_path: Path, machine: TunedMachine
) -> None:
    before, listed, report = tree(sample), tmp_path / "tuned.toml", tmp_path / "tuned.md"
    files = ("--save", listed, "--report", report)
    answer = cli("tune", sample, *ASKED, *files, "--json")
    assert (answer.code, tree(sample)) == (0, before)
    data = answer.data
    assert data["confirmed"] is True
    assert (data["result"]["verdict"], data["result"]["before"]) == ("faster", [])
    assert [row["patch"] for row in data["chosen"]] == [FOLDED, KEPT]
    assert [row["patch"] for row in data["left_out"]] == ["sample/precompiled-regex"]
    assert (data["list"], data["report"], data["applied"]) == (str(listed), str(report), None)
    assert "confirmed: faster" in report.read_text()
    applied = cli("apply", sample, "--list", listed, "--json")
    assert {row["patch"] for row in applied.data["applied"]} == {FOLDED, KEPT}


def test_with_apply_the_set_is_applied_and_rolled_back(
    cli: Cli, sample: Path, tree: Tree, machine: TunedMachine
) -> None:
    before = tree(sample)
    answer = cli("tune", sample, *ASKED, "-p", FOLDED, "--apply")
    assert answer.code == 0
    assert f"ttsopt rollback {sample}" in answer.out
    status = cli("status", sample, "--json")
    assert [row["patch"] for row in status.data["patches"]] == [FOLDED]
    again = cli("tune", sample, *ASKED, "-p", FOLDED, "--apply", "--json")
    assert (again.code, again.error["code"]) == (3, "patches-applied")
    cli("rollback", sample)
    assert tree(sample) == before


def test_nothing_is_kept_and_said_with_1_where_nothing_gains(
    cli: Cli, sample: Path, machine: TunedMachine
) -> None:
    assert cli("tune", sample, *ASKED, "-p", FOLDED, "--json").code == 0
    listed = Path(cli("tune", sample, *ASKED, "-p", FOLDED, "--json").data["list"])
    assert listed.is_file()
    (sample / "sample_tts" / "more.py").write_text("x = 1\n")  # another tree: measured anew
    machine.cost = lambda *_: 4.0
    answer = cli("tune", sample, *ASKED, "-p", FOLDED, "--json")
    assert (answer.code, answer.error["code"]) == (1, "nothing-gained")
    assert (answer.data["list"], listed.exists()) == (None, False)


def test_ctrl_c_ends_it_with_130_and_what_is_known(
    cli: Cli, sample: Path, machine: TunedMachine
) -> None:
    begun: list[object] = []

    def happen(job: object) -> None:
        begun.append(job)
        if len(begun) == 20:
            raise KeyboardInterrupt

    machine.happen = happen
    answer = cli("tune", sample, *ASKED, "--json")
    assert (answer.code, answer.data["interrupted"]) == (130, True)
    complete, cut = answer.data["comparisons"]
    assert (complete["rounds"], 1 <= cut["rounds"] < 5) == (5, True)
    assert [row["why"] for row in answer.data["left_out"]][1:] == ["not measured yet"] * 2
    assert cli("tune", sample, *ASKED, "--json").code == 0


def test_the_screen_fits_80_columns(cli: Cli, sample: Path, machine: TunedMachine) -> None:
    answer = cli("tune", sample, *ASKED, "-p", FOLDED)
    kept = [line for line in answer.out.splitlines() if not line.startswith(("list:", "report:"))]
    assert all(len(line) <= 80 for line in kept if "ttsopt apply" not in line)
    assert f"on top     {FOLDED}  faster 1." in answer.out
    assert "Left out:" not in answer.out


def test_without_optuna_it_says_what_installs_it(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    answer = cli("tune", sample, *ASKED)
    assert answer.code == 5
    assert 'pip install "ttsopt[tune]"' in answer.err


@pytest.mark.parametrize("option", ["--budget", "--max-distance"])
def test_a_limit_that_is_none_is_wrong_use(cli: Cli, sample: Path, option: str) -> None:
    answer = cli("tune", sample, option, "nan", "--json")
    assert (answer.code, answer.error["code"]) == (2, "bad-limit")
