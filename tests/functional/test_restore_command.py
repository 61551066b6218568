from __future__ import annotations

import shutil
from pathlib import Path

from cli_driver import Cli, Tree

from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.state.lock import locked


def damage(sample: Path) -> None:
    path = sample / ".ttsopt" / "journal.json"
    path.write_bytes(path.read_bytes()[:-40])


def test_the_hint_of_a_damaged_journal_names_the_command_that_helps(
    cli: Cli, sample: Path, tree: Tree
) -> None:
    before = tree(sample)
    cli("apply", sample)
    damage(sample)
    for name in ("status", "plan", "apply", "rollback"):
        answer = cli(name, sample, "--json")
        assert (answer.code, answer.error["code"]) == (3, "damaged-journal")
        assert "`ttsopt restore`" in answer.error["hint"]
    answer = cli("restore", sample, "--json")
    assert (answer.code, answer.envelope["status"]) == (0, "ok")
    assert answer.data["kept"] == []
    assert "sample_tts/frontend.py" in answer.data["restored"]
    assert "sample/precompiled-regex" in [row["patch"] for row in answer.data["patches"]]
    assert Path(answer.data["set_aside"]).is_file()
    assert tree(sample) == before
    assert not (sample / ".ttsopt").exists()


def test_a_folder_in_the_journals_place_is_damage_too(cli: Cli, sample: Path, tree: Tree) -> None:
    before = tree(sample)
    cli("apply", sample)
    (sample / ".ttsopt" / "journal.json").unlink()
    (sample / ".ttsopt" / "journal.json").mkdir()
    answer = cli("status", sample, "--json")
    assert (answer.code, answer.error["code"]) == (3, "damaged-journal")
    assert "is a folder" in answer.error["message"]
    assert cli("restore", sample).code == 0
    assert tree(sample) == before


def test_it_says_what_it_did(cli: Cli, sample: Path) -> None:
    cli("apply", sample)
    damage(sample)
    said = cli("restore", sample).out
    assert "took out sample/precompiled-regex" in said
    assert "restored sample_tts/frontend.py" in said
    assert "journal.json" in said.splitlines()[0]


def test_what_it_cannot_prove_is_named_and_not_exit_0(
    cli: Cli, sample: Path, state_home: Path
) -> None:
    cli("apply", sample)
    one, *_ = (sample / ".ttsopt" / "originals").iterdir()
    for path in (one, *state_home.rglob(one.name)):
        path.unlink()
    damage(sample)
    answer = cli("restore", sample, "--json")
    assert (answer.code, answer.error["code"]) == (1, "not-all-restored")
    ((kept,),) = (answer.data["kept"],)
    assert kept["path"] in answer.error["message"]
    assert one.name[:12] in kept["reason"]


def test_with_no_copy_left_it_is_exit_3(cli: Cli, sample: Path, state_home: Path) -> None:
    cli("apply", sample)
    damage(sample)
    (sample / ".ttsopt" / "journal.copy.json").unlink()
    shutil.rmtree(state_home / "checkouts")
    answer = cli("restore", sample, "--json")
    assert (answer.code, answer.error["code"]) == (3, "nothing-proven")


def test_commands_that_write_wait_as_long_as_they_are_told(cli: Cli, sample: Path) -> None:
    cli("apply", sample)
    damage(sample)
    with locked(open_checkout(sample), 0):
        for name in ("apply", "rollback", "restore"):
            answer = cli(name, sample, "--wait", "0", "--json")
            assert (answer.code, answer.error["code"]) == (3, "busy")
        assert "at work in" in cli("restore", sample, "--wait", "0.7").err
    assert cli("restore", sample, "--wait", "0").code == 0


def test_status_tells_of_an_original_that_is_lost_with_the_command_that_helps(
    cli: Cli, sample: Path, state_home: Path
) -> None:
    cli("apply", sample)
    for store in (sample / ".ttsopt/originals", *state_home.glob("checkouts/*/originals")):
        for original in store.iterdir():
            original.unlink()
    checked = cli("status", sample, "--check", "--json")
    assert (checked.code, checked.error["code"]) == (1, "drifted")
    lost = checked.data["lost"]
    assert lost
    assert f"{lost[0]}: its original is lost" in checked.error["message"]
    shown = cli("status", sample).out
    assert all(path in shown for path in lost)
    assert "`ttsopt restore`" in shown
