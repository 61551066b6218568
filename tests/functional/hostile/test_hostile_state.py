"""A `.ttsopt` that came with the checkout: links, other kinds of files, and a journal that names files outside."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from all_commands import FRONTEND, Go
from cli_driver import Cli
from forged_state import seal_anew
from strange_files import as_bytes, as_fifo, as_folder, as_link, as_socket
from surroundings import photograph


@pytest.mark.parametrize("name", [".ttsopt", ".ttsopt/journal.json", ".ttsopt/originals"])
@pytest.mark.parametrize("aim", ["nothing", "file", "empty", "folder"])
def test_state_that_is_a_link_to_the_outside(
    go: Go, sample: Path, tmp_path: Path, name: str, aim: str
) -> None:
    target = tmp_path / "aim"
    if aim == "file":
        target.write_text("{}")
    elif aim != "nothing":
        target.mkdir()
    if aim == "folder":
        (target / "keep").write_text("somebody else's")
    (sample / name).parent.mkdir(exist_ok=True)
    (sample / name).symlink_to(target)
    go(whole=False)


@pytest.mark.parametrize("name", [".ttsopt", ".ttsopt/journal.json", ".ttsopt/originals"])
@pytest.mark.parametrize("kind", ["file", "folder", "fifo", "socket", "endless", "loop"])
def test_state_that_is_not_what_it_seems(go: Go, sample: Path, name: str, kind: str) -> None:
    makers = {"file": as_bytes(b"[]"), "folder": as_folder, "fifo": as_fifo, "socket": as_socket}
    makers |= {"endless": as_link("/dev/zero"), "loop": as_link(Path(name).name)}
    (sample / name).parent.mkdir(exist_ok=True)
    makers[kind](sample / name)
    go(whole=False)


@pytest.mark.parametrize("path", ["../outside/sample_tts/frontend.py", "/outside", "a/../../x"])
@pytest.mark.parametrize("where", ["files", "pending"])
def test_a_journal_that_names_files_outside(
    cli: Cli, sample: Path, outside: Path, tmp_path: Path, path: str, where: str
) -> None:
    cli("apply", sample)
    file = sample / ".ttsopt/journal.json"
    if path == "/outside":
        path = str(outside / FRONTEND)
    table = json.loads(file.read_text().replace(FRONTEND, path))
    (row,) = (row for row in table["files"] if row["path"] == path)
    shutil.copyfile(sample / FRONTEND, outside / FRONTEND)  # as the journal says that it wrote it
    if where == "pending":
        names = {"path": path, "before_sha256": row["original_sha256"]}
        table["pending"] = [{**names, "after_sha256": row["written_sha256"], "mode": 0o644}]
    seal_anew(file, table)
    before = photograph(tmp_path, sample)
    for name in ("discover", "status", "plan", "apply", "rollback"):
        assert cli(name, sample, "--json").code in ({0} if name == "discover" else {3, 5})
    assert cli("rollback", sample, "--json").error["code"] == "damaged-journal"
    assert photograph(tmp_path, sample) == before
    # By the copies, which are whole, what is really patched is restored, and nothing else is touched.
    restored = cli("restore", sample, "--json")
    assert restored.code == 0
    assert FRONTEND in restored.data["restored"]
    assert photograph(tmp_path, sample) == before


def test_a_journal_that_names_originals_outside(
    cli: Cli, sample: Path, outside: Path, tmp_path: Path
) -> None:
    cli("apply", sample)
    file = sample / ".ttsopt/journal.json"
    table = json.loads(file.read_text())
    for row in table["files"]:
        row["original_sha256"] = str(outside / FRONTEND)
    seal_anew(file, table)
    before = photograph(tmp_path)
    answer = cli("rollback", sample, "--json")
    assert answer.code in {3, 5}
    assert photograph(tmp_path) == before


@pytest.mark.parametrize(
    ("path", "code"),
    [("../outside/sample_tts/frontend.py", 0), ("sub/../../x", 0), (".git/config", 3)],
)
def test_a_second_journal_that_names_files_outside_proves_nothing(
    cli: Cli, sample: Path, outside: Path, tmp_path: Path, path: str, code: int
) -> None:
    """The user's own copy does; of one inside the checkout, but git's, nothing is written."""
    (sample / ".git").mkdir()
    (sample / ".git/config").write_text("[core]\n")
    cli("apply", sample)
    table = json.loads((sample / ".ttsopt/journal.json").read_text().replace(FRONTEND, path))
    table["sequence"] += 90
    (sample / ".ttsopt/journal.json").write_text("?")
    seal_anew(sample / ".ttsopt/journal.copy.json", table)
    before, git = photograph(tmp_path, sample), photograph(sample / ".git")
    assert cli("restore", sample, "--json").code == code
    assert photograph(tmp_path, sample) == before
    assert photograph(sample / ".git") == git


@pytest.mark.parametrize("kind", ["file", "folder", "fifo", "socket", "endless", "loop"])
def test_a_second_journal_that_is_not_what_it_seems(cli: Cli, sample: Path, kind: str) -> None:
    makers = {"file": as_bytes(b"[]"), "folder": as_folder, "fifo": as_fifo, "socket": as_socket}
    makers |= {"endless": as_link("/dev/zero"), "loop": as_link("journal.copy.json")}
    cli("apply", sample)
    (sample / ".ttsopt/journal.json").unlink()
    (sample / ".ttsopt/journal.copy.json").unlink()
    makers[kind](sample / ".ttsopt/journal.copy.json")
    for name in ("status", "plan", "apply", "rollback", "restore"):
        answer = cli(name, sample, "--json")
        assert answer.code in ({0, 3, 5} if name == "restore" else {3, 5}), answer
