from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.journal import JournalRecord, PendingFile, read_journal, write_journal
from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.state.store import keep_all
from ttsopt.domain.plan import Status
from ttsopt.errors import CannotRunError, RefusedError, TtsoptError
from ttsopt.operations.planning import make_plan
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder


def refusal_of(action: Callable[[], Any]) -> TtsoptError:
    """Why it was refused, told by the plan or raised."""
    try:
        refusal = action().refusal
    except TtsoptError as error:
        return error
    assert isinstance(refusal, TtsoptError)
    return refusal


def test_a_file_edited_where_a_patch_is_is_never_overwritten(toys: Toys) -> None:
    toys.apply()
    edited = toys.core.read_bytes().replace(b"STEPS = 7", b"STEPS = 9")
    toys.core.write_bytes(edited)
    files = toys.files()
    assert dict(status(toys.checkout).files)["toy/core.py"].value == "edited"
    for names in ([], ["toy/steps"]):
        refused = rollback(toys.checkout, names)
        assert [row.path for row in refused.kept] == ["toy/core.py"]
        assert refused.refusal is not None
        assert "toy/core.py" in refused.refusal.message
    again = toys.apply("steps", settings=("toy/steps.steps=5",))
    assert again.refusal is not None
    assert toys.files() == files
    rollback(toys.checkout, ["toy/shown"])
    assert toys.files() == {**files, "toy/extra.py": files["toy/extra.py"].replace("7", "32")}


def test_a_missing_file_is_not_made_again(toys: Toys) -> None:
    toys.apply()
    toys.core.unlink()
    assert dict(status(toys.checkout).files)["toy/core.py"].value == "missing"
    assert rollback(toys.checkout).gone == ("toy/core.py",)
    assert not toys.core.exists()
    assert not toys.state.exists()


def test_files_that_git_put_back_are_drifted_and_rollback_agrees(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    toys.core.write_bytes(before["toy/core.py"].encode())
    assert dict(status(toys.checkout).files)["toy/core.py"].value == "drifted"
    assert rollback(toys.checkout).gone == ("toy/core.py",)
    assert toys.files() == before
    assert not toys.state.exists()
    assert set(toys.statuses(toys.apply()).values()) == {Status.APPLIED}


def test_the_way_back_that_a_refusal_names_works(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    toys.core.write_bytes(toys.core.read_bytes().replace(b"STEPS = 7", b"STEPS = 9"))
    refusal = rollback(toys.checkout).refusal
    assert refusal is not None
    (stored,) = (
        path for path in (toys.state / "originals").iterdir() if str(path) in refusal.message
    )
    shutil.copyfile(stored, toys.core)
    assert rollback(toys.checkout).refusal is None
    assert toys.files() == before


def lose_journal(state: Path) -> None:
    (state / "journal.json").unlink()


def damage_journal(state: Path) -> None:
    (state / "journal.json").write_text('{"schema": 1, "pat', encoding="utf-8")


def newer_journal(state: Path) -> None:
    table = json.loads((state / "journal.json").read_text(encoding="utf-8"))
    del table["check"]
    (state / "journal.json").write_text(json.dumps({**table, "schema": 9}), encoding="utf-8")


def lose_originals(state: Path) -> None:
    shutil.rmtree(state / "originals")


def damage_originals(state: Path) -> None:
    for path in (state / "originals").iterdir():
        path.chmod(0o644)
        path.write_bytes(b"?")


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lose_journal, "damaged-journal"),
        (damage_journal, "damaged-journal"),
        (newer_journal, "newer-journal"),
        (lose_originals, "lost-original"),
        (damage_originals, "damaged-original"),
    ],
)
def test_a_damaged_state_is_refused_and_nothing_is_lost(
    toys: Toys, harm: Callable[[Path], None], code: str
) -> None:
    toys.apply()
    copy = open_checkout(toys.checkout).copy
    harm(toys.state)
    shutil.rmtree(copy / "originals")
    files = toys.files()
    state = contents(toys.state) | contents(copy)
    with pytest.raises(RefusedError) as caught:
        rollback(toys.checkout)
    assert caught.value.code == code
    refusal = refusal_of(lambda: toys.apply("steps", settings=("toy/steps.steps=5",)))
    assert refusal.exit_code == 3
    assert toys.files() == files
    assert state == contents(toys.state) | contents(copy)


@pytest.mark.parametrize("harm", [lose_originals, damage_originals])
def test_originals_lost_in_the_checkout_alone_come_from_the_users_copy(
    toys: Toys, harm: Callable[[Path], None]
) -> None:
    before = toys.files()
    toys.apply()
    harm(toys.state)
    assert toys.apply("steps", settings=("toy/steps.steps=5",)).refusal is None
    assert rollback(toys.checkout).refusal is None
    assert toys.files() == before
    assert not toys.state.exists()


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_unfinished_step_is_told_and_then_put_right(toys: Toys) -> None:
    toys.apply("steps")
    checkout = open_checkout(toys.checkout)
    journal = read_journal(checkout).journal
    reached, half_done = toys.core.read_bytes(), b"class Toy: ...\n"
    toys.core.write_bytes(half_done)
    keep_all(checkout, [reached])
    pending = PendingFile("toy/core.py", sha256(reached), sha256(half_done))
    write_journal(checkout, JournalRecord(journal, (pending,)))
    assert status(toys.checkout).unfinished == ("toy/core.py",)
    with pytest.raises(RefusedError, match=r"toy/core\.py") as caught:
        make_plan(toys.request())
    assert caught.value.code == "unfinished"
    with pytest.raises(RefusedError):
        rollback(toys.checkout, dry_run=True)
    assert toys.core.read_bytes() == half_done
    assert toys.apply("shown").recovered == ("toy/core.py",)
    assert toys.core.read_bytes() == reached
    assert {state.value for _, state in status(toys.checkout).files} == {"applied"}


def test_what_cannot_be_written_changes_nothing(toys: Toys) -> None:
    before = toys.files()
    (toys.checkout / "toy" / "__pycache__" / "extra.x.pyc").mkdir(parents=True)
    with pytest.raises(CannotRunError):
        toys.apply()
    assert toys.files() == before
    assert not toys.state.exists()
