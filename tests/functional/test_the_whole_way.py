"""discover, list, show, plan, apply, status, rollback on one checkout, through `--json`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_driver import Cli, Tree
from git_command import commit_all, git

ALL = [
    "sample/folded-weight-norm",
    "sample/kept-speaker-embedding",
    "sample/nfe-step",
    "sample/precompiled-regex",
]


def test_discover_tells_system_root_version_and_evidence(cli: Cli, sample: Path) -> None:
    answer = cli("discover", sample, "--json")
    (found,) = answer.data["systems"]
    assert (answer.code, found["system"], found["root"]) == (0, "sample", ".")
    assert (found["version"], found["version_source"]) == ("1.2.0", "package")
    assert "sample_tts/api.py: class SampleTTS" in found["evidence"]


def test_discover_finds_nothing_without_failing(cli: Cli, tmp_path: Path) -> None:
    assert cli("discover", tmp_path, "--json").data == {"systems": []}


def test_apply_takes_no_lossy_patch_unless_told(cli: Cli, sample: Path) -> None:
    data = cli("apply", sample, "--json").data
    assert [row["patch"] for row in data["applied"]] == [name for name in ALL if "nfe" not in name]
    (skipped,) = data["skipped"]
    assert (skipped["patch"], skipped["why"]) == ("sample/nfe-step", "effect")


def test_apply_twice_then_rollback_gives_the_first_bytes(
    cli: Cli, sample: Path, tree: Tree
) -> None:
    before = tree(sample)
    first = cli("apply", sample, "--effect", "lossy", "--json")
    assert [row["patch"] for row in first.data["applied"]] == ALL
    patched = tree(sample)
    again = cli("apply", sample, "--effect", "lossy", "--json")
    assert (again.data["applied"], [row["patch"] for row in again.data["already"]]) == ([], ALL)
    assert tree(sample) == patched != before
    undone = cli("rollback", sample, "--json")
    assert (undone.code, [row["patch"] for row in undone.data["rolled_back"]]) == (0, ALL)
    assert tree(sample) == before
    assert not (sample / ".ttsopt").exists()


def test_rows_carry_the_hashes_of_the_files(cli: Cli, sample: Path) -> None:
    from hashlib import sha256

    before = sha256((sample / "sample_tts/vocoder.py").read_bytes()).hexdigest()
    (row,) = cli("apply", sample, "-p", "sample/folded-weight-norm", "--json").data["applied"]
    after = sha256((sample / "sample_tts/vocoder.py").read_bytes()).hexdigest()
    (file,) = row["files"]
    assert (file["path"], file["before_sha256"], file["after_sha256"]) == (
        "sample_tts/vocoder.py",
        before,
        after,
    )


@pytest.mark.parametrize("taken_out", ["sample/nfe-step", "sample/kept-speaker-embedding"])
def test_one_of_two_patches_on_a_file_comes_out_alone(
    cli: Cli, sample: Path, tree: Tree, taken_out: str
) -> None:
    both = {"sample/nfe-step", "sample/kept-speaker-embedding"}
    (kept,) = both - {taken_out}
    cli("apply", sample, "-p", kept, "--effect", "lossy")
    alone = tree(sample)
    cli("apply", sample, "-p", taken_out, "--effect", "lossy")
    assert tree(sample) != alone
    answer = cli("rollback", sample, "-p", taken_out, "--json")
    assert [row["patch"] for row in answer.data["remaining"]] == [kept]
    assert tree(sample) == alone


def test_plan_prints_the_diff_that_apply_writes(
    cli: Cli, sample: Path, tree: Tree, tmp_path: Path
) -> None:
    diff = cli("plan", sample, "--effect", "lossy").out
    twin = tmp_path / "twin"
    subprocess.run(["cp", "-r", sample, twin], check=True)
    subprocess.run(["git", "apply", "-"], cwd=twin, input=diff.encode(), check=True)
    cli("apply", sample, "--effect", "lossy")
    assert tree(sample) == tree(twin)


def test_plan_check_tells_changes_by_its_exit_code(cli: Cli, sample: Path) -> None:
    assert cli("plan", sample, "--check").code == 1
    cli("apply", sample)
    assert cli("plan", sample, "--check").code == 0


def test_status_tells_applied_edited_missing_and_drifted(cli: Cli, sample: Path) -> None:
    original = (sample / "sample_tts/vocoder.py").read_bytes()
    cli("apply", sample, "--effect", "lossy")
    (sample / "sample_tts/vocoder.py").write_bytes(original)
    (sample / "sample_tts/api.py").write_text("# mine\n")
    (sample / "sample_tts/frontend.py").unlink()
    data = cli("status", sample, "--json").data
    states = {row["path"]: row["state"] for row in data["files"]}
    assert states == {
        "sample_tts/acoustic.py": "applied",
        "sample_tts/api.py": "edited",
        "sample_tts/frontend.py": "missing",
        "sample_tts/vocoder.py": "drifted",
    }


def test_status_of_an_unpatched_checkout_says_so(cli: Cli, sample: Path) -> None:
    answer = cli("status", sample)
    assert (answer.code, answer.out) == (0, f"nothing is applied in {sample}\n")


def test_rollback_keeps_an_edit(cli: Cli, sample: Path, tree: Tree) -> None:
    before = tree(sample)
    cli("apply", sample, "-p", "sample/folded-weight-norm")
    with (sample / "sample_tts/vocoder.py").open("ab") as file:
        file.write(b"# mine\n")
    answer = cli("rollback", sample, "--json")
    assert (answer.code, answer.data["merged"]) == (0, ["sample_tts/vocoder.py"])
    edited = before["sample_tts/vocoder.py"] + b"# mine\n"
    assert tree(sample) == {**before, "sample_tts/vocoder.py": edited}
    assert not (sample / ".ttsopt").exists()


@pytest.fixture
def spoilt(cli: Cli, sample: Path) -> Path:
    """A checkout with an edit of the very line that a patch made."""
    steps = ("--set", "sample/nfe-step.nfe_step=7")
    cli("apply", sample, "-p", "sample/nfe-step", "--effect", "lossy", *steps)
    api = sample / "sample_tts/api.py"
    api.write_bytes(api.read_bytes().replace(b"nfe_step: int = 7", b"nfe_step: int = 8"))
    return sample


def test_rollback_refuses_to_overwrite_an_edit(cli: Cli, spoilt: Path, tree: Tree) -> None:
    before = tree(spoilt)
    answer = cli("rollback", spoilt, "--json")
    assert (answer.code, answer.error["code"]) == (3, "edited-since")
    (kept,) = answer.data["kept"]
    lines = before["sample_tts/api.py"].splitlines()
    assert b"nfe_step: int = 8" in lines[kept["line"] - 1]
    assert f"sample_tts/api.py:{kept['line']}: " in answer.error["message"]
    assert "--force" in answer.error["hint"]
    assert tree(spoilt) == before


def test_rollback_by_force_keeps_what_it_replaces(cli: Cli, spoilt: Path, tree: Tree) -> None:
    edited = tree(spoilt)["sample_tts/api.py"]
    answer = cli("rollback", spoilt, "--force", "--json")
    (row,) = answer.data["replaced"]
    assert (answer.code, row["path"]) == (0, "sample_tts/api.py")
    assert Path(row["kept_at"]).read_bytes() == edited
    assert b"nfe_step: int = 32" in tree(spoilt)["sample_tts/api.py"]
    assert not (spoilt / ".ttsopt").exists()


def test_parameters_are_set_kept_and_changed(cli: Cli, sample: Path) -> None:
    nfe = ("-p", "sample/nfe-step", "--effect", "lossy", "--json")
    cli("apply", sample, *nfe, "--set", "sample/nfe-step.nfe_step=5")
    assert "nfe_step: int = 5" in (sample / "sample_tts/api.py").read_text()
    (kept,) = cli("apply", sample, *nfe).data["already"]
    assert kept["parameters"] == {"nfe_step": 5}
    (changed,) = cli("apply", sample, *nfe, "--set", "sample/nfe-step.nfe_step=6").data["applied"]
    assert changed["parameters"] == {"nfe_step": 6}
    assert "nfe_step: int = 6" in (sample / "sample_tts/api.py").read_text()


def test_a_parameter_set_to_the_value_that_upstream_has_takes_the_patch_out(
    cli: Cli, sample: Path, tree: Tree
) -> None:
    before = tree(sample)
    nfe = ("-p", "sample/nfe-step", "--effect", "lossy", "--json")
    cli("apply", sample, *nfe)
    (row,) = cli("apply", sample, *nfe, "--set", "sample/nfe-step.nfe_step=32").data["already"]
    assert (row["why"], row["message"]) == (
        "upstream",
        "the tree has it without the patch, which is taken out",
    )
    assert cli("status", sample, "--json").data["patches"] == []
    assert cli("rollback", sample).code == 0
    assert tree(sample) == before


def test_dry_run_writes_nothing(cli: Cli, sample: Path, tree: Tree) -> None:
    before = tree(sample)
    answer = cli("apply", sample, "--dry-run", "--json")
    assert answer.data["dry_run"]
    assert answer.data["applied"]
    assert tree(sample) == before
    assert not (sample / ".ttsopt").exists()


def test_list_and_show_explain_the_catalogue(cli: Cli, sample: Path) -> None:
    listed = [row["patch"] for row in cli("list", "--json").data["patches"]]
    assert set(ALL) | {"f5-tts/nfe-step", "step-audio/tf32", "step-audio/ort-threads"} <= set(
        listed
    )
    assert [row["patch"] for row in cli("list", sample, "--json").data["applied"]] == ALL
    shown = cli("show", "f5-tts/nfe-step", "--json").data
    assert shown["effect"] == "lossy"
    assert shown["parameters"][0]["takes"] == "a whole number from 1 to 64"
    assert "EPSS" in cli("show", "f5-tts/nfe-step").out


def test_json_may_stand_before_the_command(cli: Cli, sample: Path) -> None:
    assert json.loads(cli("--json", "status", sample).out)["command"] == "status"


def test_git_status_shows_the_patched_files_alone(cli: Cli, sample: Path) -> None:
    commit_all(sample)
    cli("apply", sample, "-p", "sample/folded-weight-norm")
    assert git(sample, "status", "--short").split() == ["M", "sample_tts/vocoder.py"]


def ttsopt(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "ttsopt", *map(str, arguments)]


def test_a_reader_that_stops_reading_is_no_defect(sample: Path) -> None:
    with subprocess.Popen(
        ttsopt("plan", sample, "--effect", "lossy"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read().decode()
    assert process.returncode == 141
    assert "Traceback" not in said


def test_starts_as_a_module_and_tells_its_version() -> None:
    done = subprocess.run(ttsopt("--version"), capture_output=True, text=True, check=True)
    assert re.fullmatch(r"ttsopt \d+\.\d+\.\d+\n", done.stdout)
    assert (
        "rollback"
        in subprocess.run(ttsopt("--help"), capture_output=True, text=True, check=True).stdout
    )
