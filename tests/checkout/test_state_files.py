"""Files of ttsopt's own state, and the folder that the user wants them in."""

from __future__ import annotations

import os
import runpy
import stat
from pathlib import Path

import pytest

from ttsopt.checkout.state import state_files
from ttsopt.checkout.state.state_files import put, put_originals, temporary_of, writing
from ttsopt.checkout.state.state_home import folder_of, state_home
from ttsopt.errors import CannotRunError, UsageError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("named", ["state", "./state", "../state", "~/state"])
def test_a_state_folder_is_named_by_an_absolute_path(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTSOPT_STATE_HOME", named)
    for asked in (state_home, lambda: folder_of(Path("/top"))):
        with pytest.raises(UsageError) as caught:
            asked()
        assert (caught.value.code, caught.value.exit_code) == ("bad-state-home", 2)
        assert named in caught.value.message
        assert "an absolute path" in caught.value.hint


@pytest.mark.parametrize(("system", "mode"), [("posix", 0o444), ("nt", 0o644)])
def test_originals_are_read_only_where_read_only_files_can_be_deleted(
    system: str, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "name", system)
        found = runpy.run_path(state_files.__file__)["ORIGINAL_MODE"]
    assert found == mode


def test_originals_have_that_mode(tmp_path: Path) -> None:
    with writing(tmp_path / "originals") as folder:
        put_originals(folder, {"1": b"one"})
    status = (tmp_path / "originals" / "1").stat()
    assert stat.S_IMODE(status.st_mode) == state_files.ORIGINAL_MODE


def test_an_original_that_is_damaged_is_put_anew_only_where_it_is_looked_into(
    tmp_path: Path,
) -> None:
    (tmp_path / "1").write_bytes(b"damaged")
    with writing(tmp_path) as folder:
        put_originals(folder, {"1": b"one"})
        assert (tmp_path / "1").read_bytes() == b"damaged"
        put_originals(folder, {"1": b"one"}, again=True)
    assert (tmp_path / "1").read_bytes() == b"one"


def test_what_a_killed_write_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / temporary_of("journal.json")).write_bytes(b"hal")
    with writing(tmp_path) as folder:
        put(folder, "journal.json", b"whole", 0o644)
    assert names(tmp_path) == ["journal.json"]
    assert (tmp_path / "journal.json").read_bytes() == b"whole"


def test_a_write_that_fails_leaves_the_file_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "journal.json").write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotRunError) as caught, writing(tmp_path) as folder:
        put(folder, "journal.json", b"after", 0o644)
    assert caught.value.hint.startswith("Free some space")
    assert names(tmp_path) == ["journal.json"]
    assert (tmp_path / "journal.json").read_bytes() == b"before"
