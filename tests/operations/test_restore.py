from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.location import open_checkout
from ttsopt.errors import GateFailedError, RefusedError
from ttsopt.operations.restore import Restored, restore
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
Harm = Callable[[Path], None]


def lost(state: Path) -> None:
    (state / "journal.json").unlink()


def cut_off(state: Path) -> None:
    data = (state / "journal.json").read_bytes()
    (state / "journal.json").write_bytes(data[: len(data) // 2])


def flipped(state: Path) -> None:
    data = bytearray((state / "journal.json").read_bytes())
    data[len(data) // 2] ^= 4
    (state / "journal.json").write_bytes(data)


def foreign(state: Path) -> None:
    (state / "journal.json").write_text('{"name": "patch-package"}')


def with_both_journals_gone(state: Path) -> None:
    lost(state)
    (state / "journal.copy.json").unlink()


def with_both_journals_cut_off(state: Path) -> None:
    cut_off(state)
    (state / "journal.copy.json").write_bytes(b"")


def with_no_second_journal_and_no_originals(state: Path) -> None:
    with_both_journals_cut_off(state)
    shutil.rmtree(state / "originals")


HARMS = [
    lost,
    cut_off,
    flipped,
    foreign,
    with_both_journals_gone,
    with_both_journals_cut_off,
    with_no_second_journal_and_no_originals,
]


@pytest.mark.parametrize("harm", HARMS)
def test_all_is_restored_by_the_copies(toys: Toys, harm: Harm) -> None:
    before = toys.files()
    toys.apply()
    damaged = harmed(toys.state, harm)
    done = restore(toys.checkout)
    assert done.error is None
    assert done.restored == ("toy/core.py", "toy/extra.py")
    assert [row.id for row in done.patches] == ["toy/calls", "toy/shown", "toy/steps"]
    assert done.kept == ()
    assert toys.files() == before
    assert not toys.state.exists()
    assert (done.set_aside.read_bytes() if done.set_aside else None) == damaged
    assert status(toys.checkout).patches == ()


def harmed(state: Path, harm: Harm) -> bytes | None:
    """What the journal holds then."""
    harm(state)
    path = state / "journal.json"
    return path.read_bytes() if path.exists() else None


@given(at=st.integers(0, 1 << 20), bits=st.integers(1, 255), is_cut=st.booleans())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None
)
def test_after_any_damage_restore_or_rollback_gives_the_first_bytes(
    toys: Toys, at: int, bits: int, is_cut: bool
) -> None:
    before = toys.files()
    toys.apply()
    path = toys.state / "journal.json"
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= bits
    path.write_bytes(data[: at % len(data)] if is_cut else data)
    try:
        rollback(toys.checkout)
    except RefusedError as error:
        assert error.code == "damaged-journal"  # noqa: PT017  a flip in white space is none
        assert restore(toys.checkout).error is None
    assert toys.files() == before
    assert not toys.state.exists()


def test_without_the_users_copy_the_one_beside_it_will_do(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    flipped(toys.state)
    shutil.rmtree(open_checkout(toys.checkout).copy)
    assert restore(toys.checkout).error is None
    assert toys.files() == before


def test_an_edit_made_since_stays(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    toys.core.write_bytes(toys.core.read_bytes().replace(b"class Toy:", b"class Toy:  # mine"))
    cut_off(toys.state)
    assert restore(toys.checkout).error is None
    edited = before["toy/core.py"].replace("class Toy:", "class Toy:  # mine")
    assert toys.files() == {**before, "toy/core.py": edited}


def test_an_edit_where_a_patch_is_leaves_all_as_it_was_with_a_whole_journal(toys: Toys) -> None:
    toys.apply()
    toys.core.write_bytes(toys.core.read_bytes().replace(b"STEPS = 7", b"STEPS = 9"))
    files = toys.files()
    cut_off(toys.state)
    done = restore(toys.checkout)
    assert isinstance(done.error, RefusedError)
    assert "nothing was changed" not in done.error.message
    assert "journal was put back" in done.error.message
    assert "toy/core.py" in done.error.message
    assert "`ttsopt rollback" in done.error.hint
    assert [path for path, _ in done.kept] == ["toy/core.py"]
    assert (done.restored, done.patches) == ((), ())
    assert toys.files() == files
    assert len(status(toys.checkout).patches) == 3


def lose_original_of(toys: Toys, text: str) -> None:
    for state in (toys.state, open_checkout(toys.checkout).copy):
        path = state / "originals" / sha256(text.encode())
        path.unlink()


@pytest.mark.parametrize("harm", [cut_off, lambda _: None])
def test_what_cannot_be_proven_is_left_and_named(toys: Toys, harm: Harm) -> None:
    before = toys.files()
    toys.apply()
    patched = toys.files()
    lose_original_of(toys, before["toy/extra.py"])
    harm(toys.state)
    done = restore(toys.checkout)
    ((path, reason),) = done.kept
    assert path == "toy/extra.py"
    assert sha256(before["toy/extra.py"].encode())[:12] in reason
    assert done.restored == ("toy/core.py",)
    assert isinstance(done.error, GateFailedError)
    assert "toy/extra.py" in done.error.message
    assert toys.files() == {**before, "toy/extra.py": patched["toy/extra.py"]}


@pytest.mark.parametrize("harm", [cut_off, lambda _: None])
def test_a_lost_original_that_is_in_the_tree_again_is_not_missed(toys: Toys, harm: Harm) -> None:
    before = toys.files()
    toys.apply()
    (toys.checkout / "toy/extra.py").write_text(before["toy/extra.py"])
    lose_original_of(toys, before["toy/extra.py"])
    harm(toys.state)
    assert restore(toys.checkout).error is None
    assert toys.files() == before


def test_a_folder_in_the_journals_place_is_set_aside(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    lost(toys.state)
    (toys.state / "journal.json" / "deep").mkdir(parents=True)
    (toys.state / "journal.json" / "deep" / "file").write_text("whose?")
    done = restore(toys.checkout)
    assert done.set_aside is not None
    assert (done.set_aside / "deep" / "file").read_text() == "whose?"
    assert toys.files() == before
    assert not toys.state.exists()


def refused(toys: Toys, code: str) -> RefusedError:
    files, state = toys.files(), contents(toys.state)
    with pytest.raises(RefusedError) as caught:
        restore(toys.checkout)
    assert (caught.value.code, caught.value.exit_code) == (code, 3)
    assert toys.files() == files
    assert contents(toys.state) == state
    return caught.value


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_whole_journal_is_rolled_back_instead(toys: Toys) -> None:
    toys.apply()
    assert "`ttsopt rollback`" in refused(toys, "journal-whole").hint
    shutil.rmtree(toys.state)
    refused(toys, "journal-whole")


def test_with_nothing_applied_there_is_nothing_to_restore(toys: Toys) -> None:
    refused(toys, "nothing-to-restore")


def test_a_newer_journal_is_not_replaced_by_an_older_one(toys: Toys) -> None:
    toys.apply()
    table = json.loads((toys.state / "journal.json").read_text())
    del table["check"]
    (toys.state / "journal.json").write_text(json.dumps({**table, "schema": 9}))
    refused(toys, "newer-journal")


def test_without_any_whole_copy_nothing_is_proven(toys: Toys) -> None:
    toys.apply()
    with_both_journals_cut_off(toys.state)
    shutil.rmtree(open_checkout(toys.checkout).copy)
    assert str(toys.state / "originals") in refused(toys, "nothing-proven").hint


def test_without_any_original_nothing_is_proven(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    for text in before.values():
        lose_original_of(toys, text)
    cut_off(toys.state)
    refusal = refused(toys, "nothing-proven")
    assert "toy/core.py" in refusal.message
    assert "toy/extra.py" in refusal.message
    assert "git checkout -- FILE" in refusal.hint
    assert "delete the folder .ttsopt" in refusal.hint
    for path, text in before.items():
        (toys.checkout / path).write_text(text)
    shutil.rmtree(toys.state)
    assert status(toys.checkout).patches == ()
    assert toys.apply().refusal is None


@pytest.mark.parametrize("harm", [cut_off, lambda _: None])
def test_without_any_original_files_that_are_right_again_need_none(toys: Toys, harm: Harm) -> None:
    before = toys.files()
    toys.apply()
    for path, text in before.items():
        lose_original_of(toys, text)
        (toys.checkout / path).write_text(text)
    harm(toys.state)
    assert restore(toys.checkout).error is None
    assert toys.files() == before
    assert not toys.state.exists()


def test_a_damaged_journal_that_cannot_be_set_aside_is_said(toys: Toys, state_home: Path) -> None:
    before = toys.files()
    state_home.rmdir()
    state_home.write_text("no folder")
    toys.apply()
    cut_off(toys.state)
    done = restore(toys.checkout)
    assert done.error is None
    assert done.set_aside is None
    assert any("the damaged journal is not kept" in note for note in done.notes)
    assert toys.files() == before


def test_the_newer_of_two_whole_copies_is_the_one(toys: Toys) -> None:
    before = toys.files()
    toys.apply("shown")
    older = (toys.state / "journal.copy.json").read_bytes()
    toys.apply()
    (toys.state / "journal.copy.json").write_bytes(older)
    cut_off(toys.state)
    done: Restored = restore(toys.checkout)
    assert len(done.patches) == 3
    assert toys.files() == before


def test_from_a_sub_folder_everything_is_restored(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    cut_off(toys.state)
    done = restore(toys.checkout / "toy")
    assert [done.checkout.from_directory(path) for path in done.restored] == ["core.py", "extra.py"]
    assert toys.files() == before
