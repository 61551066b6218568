"""Views: what gets in, how, and that the checkout is never written to."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ttsopt.bench.run.snapshot import fingerprint_tree, lay_out_snapshot
from ttsopt.bench.run.tree import LINK_ABOVE_BYTES
from ttsopt.errors import CannotRunError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small checkout: src/tts/api.py, a script, a README."""
    folder = tmp_path / "checkout"
    write(folder / "src/tts/api.py", b"x = 1\n")
    write(folder / "run.sh", b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    write(folder / "README.md", b"# TTS\n")
    return folder


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def big(path: Path) -> None:
    """A sparse file above the threshold."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(LINK_ABOVE_BYTES + 1)


def view_of(root: Path, *copy: str, **replaced: bytes) -> Path:
    view = root.parent / "view"
    lay_out_snapshot(root, view, copy, replaced)
    return view


def paths(view: Path) -> set[str]:
    return {str(row.relative_to(view)) for row in view.rglob("*")}


def test_everything_is_copied_with_its_mode(root: Path) -> None:
    view = view_of(root)
    assert paths(view) == {"src", "src/tts", "src/tts/api.py", "run.sh", "README.md"}
    assert (view / "src/tts/api.py").read_bytes() == b"x = 1\n"
    assert not (view / "src").is_symlink()
    assert (view / "run.sh").stat().st_mode & 0o777 == 0o755


def test_only_what_is_named_is_taken(root: Path) -> None:
    view = view_of(root, "src", "run.sh", "not-there")
    assert paths(view) == {"src", "src/tts", "src/tts/api.py", "run.sh"}


def test_a_name_below_the_root_keeps_its_place(root: Path) -> None:
    assert (view_of(root, "src/tts") / "src/tts/api.py").is_file()


def test_nothing_of_what_is_named_is_an_error(root: Path) -> None:
    with pytest.raises(CannotRunError) as caught:
        view_of(root, "lib", "app")
    assert caught.value.code == "empty-snapshot"
    assert "app, lib" in caught.value.message or "lib, app" in caught.value.message


@pytest.mark.parametrize(
    "path",
    [".git/config", ".ttsopt/journal.json", "src/__pycache__/a.pyc", "web/node_modules/a.js"],
)
def test_repositories_caches_and_state_are_left_out(root: Path, path: str) -> None:
    write(root / path, b"")
    assert path not in paths(view_of(root))


def test_the_git_file_of_a_worktree_is_left_out(root: Path) -> None:
    write(root / ".git", b"gitdir: /elsewhere\n")
    assert ".git" not in paths(view_of(root))


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_virtual_environments_are_left_out_whatever_their_name(root: Path, mark: str) -> None:
    write(root / "my-python" / mark, b"")
    write(root / "my-python/lib/x.py", b"")
    assert "my-python" not in paths(view_of(root))


def test_large_data_is_linked_and_large_code_copied(root: Path) -> None:
    for name in ("weights.safetensors", "table.py", "config.yaml"):
        big(root / name)
    view = view_of(root)
    assert (view / "weights.safetensors").readlink() == (root / "weights.safetensors").resolve()
    assert not (view / "table.py").is_symlink()
    assert not (view / "config.yaml").is_symlink()


def test_data_below_the_threshold_is_copied(root: Path) -> None:
    write(root / "voice.wav", b"RIFF")
    assert not (view_of(root) / "voice.wav").is_symlink()


def test_a_link_to_a_file_is_copied_as_its_content(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside.yaml", b"a: 1\n")
    (root / "config.yaml").symlink_to(tmp_path / "outside.yaml")
    view = view_of(root)
    assert not (view / "config.yaml").is_symlink()
    (view / "config.yaml").write_bytes(b"a: 2\n")
    assert (tmp_path / "outside.yaml").read_bytes() == b"a: 1\n"


def test_a_link_to_a_folder_outside_is_linked_to_it(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "models/m.bin", b"")
    (root / "models").symlink_to("../models")
    view = view_of(root)
    assert (view / "models").readlink() == (tmp_path / "models").resolve()


def test_a_link_to_a_folder_inside_leads_to_the_view_itself(root: Path) -> None:
    (root / "tts").symlink_to("src/tts")
    view = view_of(root)
    assert (view / "tts/api.py").resolve() == (view / "src/tts/api.py").resolve()
    assert (view / "tts/api.py").resolve().is_relative_to(view.resolve())


def test_loops_end(root: Path) -> None:
    (root / "src/up").symlink_to("..")
    (root / "self").symlink_to("self")
    (root / "src/root").symlink_to(root)
    view = view_of(root)
    assert (view / "src/up").resolve() == (view).resolve()
    assert not os.path.lexists(view / "self")
    assert (view / "src/root").is_symlink()


def test_broken_links_and_special_files_are_skipped(root: Path) -> None:
    (root / "broken").symlink_to("nowhere")
    (root / "under-a-file").symlink_to("README.md/x")
    os.mkfifo(root / "pipe")
    folder = os.open(root, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"/proc/self/fd/{folder}/socket")
        view = view_of(root)
    os.close(folder)
    assert paths(view) == {"src", "src/tts", "src/tts/api.py", "run.sh", "README.md"}


def test_a_view_below_the_root_does_not_hold_itself(root: Path) -> None:
    view = root / "tmp" / "view"
    lay_out_snapshot(root, view, (), {})
    assert paths(view) == {"tmp", "src", "src/tts", "src/tts/api.py", "run.sh", "README.md"}


def test_replaced_files_hold_the_given_bytes_and_new_ones_appear(root: Path) -> None:
    (root / "src/tts/api.py").chmod(0o444)
    view = view_of(root, **{"src/tts/api.py": b"x = 2\n", "src/tts/new/helper.py": b"y = 1\n"})
    assert (view / "src/tts/api.py").read_bytes() == b"x = 2\n"
    assert (view / "src/tts/new/helper.py").read_bytes() == b"y = 1\n"
    assert (view / "src/tts/api.py").stat().st_mode & 0o777 == 0o644
    assert (root / "src/tts/api.py").read_bytes() == b"x = 1\n"


def test_replacing_linked_data_leaves_the_original(root: Path) -> None:
    big(root / "weights.bin")
    view = view_of(root, **{"weights.bin": b"small"})
    assert (view / "weights.bin").read_bytes() == b"small"
    assert (root / "weights.bin").stat().st_size > LINK_ABOVE_BYTES


def test_a_file_behind_a_link_out_of_the_tree_is_replaced_in_the_view_only(
    root: Path, tmp_path: Path
) -> None:
    write(tmp_path / "sibling/api.py", b"x = 1\n")
    write(tmp_path / "sibling/sub/b.py", b"")
    (root / "sibling").symlink_to("../sibling")
    view = view_of(root, **{"sibling/api.py": b"x = 2\n"})
    assert (tmp_path / "sibling/api.py").read_bytes() == b"x = 1\n"
    assert (view / "sibling/api.py").read_bytes() == b"x = 2\n"
    assert (view / "sibling/sub/b.py").is_file()


def test_a_file_behind_a_link_inside_the_tree_is_replaced_in_the_view(root: Path) -> None:
    (root / "tts").symlink_to("src/tts")
    view = view_of(root, **{"tts/api.py": b"x = 2\n"})
    assert (view / "src/tts/api.py").read_bytes() == b"x = 2\n"
    assert (root / "src/tts/api.py").read_bytes() == b"x = 1\n"


@pytest.mark.parametrize("path", ["../evil.py", "src/../../evil.py", "/tmp/evil-ttsopt.py"])
def test_a_path_out_of_the_view_is_refused(root: Path, path: str) -> None:
    with pytest.raises(CannotRunError) as caught:
        view_of(root, **{path: b""})
    assert caught.value.code == "outside-snapshot"
    assert not Path("/tmp/evil-ttsopt.py").exists()


def test_an_existing_destination_is_an_error(root: Path) -> None:
    (root.parent / "view").mkdir()
    with pytest.raises(CannotRunError) as caught:
        view_of(root)
    assert caught.value.code == "cannot-copy"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_named(root: Path) -> None:
    (root / "README.md").chmod(0)
    with pytest.raises(CannotRunError, match=r"README\.md"):
        view_of(root)


def test_fingerprint_is_the_same_after_a_view_was_made_and_written_to(root: Path) -> None:
    before = fingerprint_tree(root, ())
    view = view_of(root)
    (view / "src/tts/api.py").write_bytes(b"broken")
    assert fingerprint_tree(root, ()) == before


def test_fingerprint_sees_content_mode_names_links_and_data(root: Path) -> None:
    big(root / "weights.bin")
    (root / "link").symlink_to("src")
    seen = [fingerprint_tree(root, ())]
    write(root / "src/tts/api.py", b"x = 2\n")
    seen.append(fingerprint_tree(root, ()))
    (root / "run.sh").chmod(0o644)
    seen.append(fingerprint_tree(root, ()))
    os.utime(root / "weights.bin", (1, 1))
    seen.append(fingerprint_tree(root, ()))
    (root / "link").unlink()
    (root / "link").symlink_to("src/tts")
    seen.append(fingerprint_tree(root, ()))
    (root / "README.md").rename(root / "READ.md")
    seen.append(fingerprint_tree(root, ()))
    assert len(set(seen)) == 6


def test_fingerprint_ignores_what_a_view_leaves_out(root: Path) -> None:
    before = fingerprint_tree(root, ())
    write(root / "src/tts/__pycache__/api.pyc", b"")
    write(root / ".ttsopt/journal.json", b"")
    assert fingerprint_tree(root, ()) == before
    assert fingerprint_tree(root, ("src",)) != before


def test_fingerprint_of_no_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="gone"):
        fingerprint_tree(tmp_path / "gone", ())
