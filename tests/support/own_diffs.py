"""Changes of the sample checkout, as git writes them into a diff, and as git would carry one out."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"]
GIT += ["-c", "core.fileMode=true", "-c", "commit.gpgSign=false"]
EMBED = "speaker = embed(self.voice)"
State = dict[str, tuple[int, bytes]]
DiffOf = Callable[..., Path]  # fixture of tests/functional/own_patch_file/conftest.py


def git(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run([*GIT, "-C", str(folder), *arguments], capture_output=True, check=True)
    return done.stdout


def state(folder: Path) -> State:
    """Mode and bytes of every file, those of git left out; ttsopt's own state is a part of it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    kept = [path for path in files if ".git" not in path.relative_to(folder).parts]
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in kept
    }


def without_journal(folder: Path) -> State:
    return {path: row for path, row in state(folder).items() if not path.startswith(".ttsopt/")}


def as_git_sees(files: State) -> State:
    """Of a mode, git keeps alone whether the owner may execute the file."""
    return {path: (mode & 0o100, data) for path, (mode, data) in files.items()}


def replace(path: Path, old: str, new: str) -> None:
    data = path.read_bytes()
    assert data.count(old.encode()) == 1
    path.write_bytes(data.replace(old.encode(), new.encode()))


def all_kinds(tree: Path) -> None:
    """A change of every kind: edited, edited in CRLF, new, new and empty, deleted, renamed."""
    replace(tree / "sample_tts/api.py", "REFERENCE_VOICE = Path", "# 声音\nREFERENCE_VOICE = Path")
    replace(tree / "notes.txt", "two\r\n", "zwei\r\n")
    (tree / "scripts").mkdir()
    (tree / "scripts/say.sh").write_bytes(b"#!/bin/sh\npython -m sample_tts")
    (tree / "scripts/say.sh").chmod(0o755)
    (tree / "scripts/__init__.py").touch()
    (tree / "sample_tts/__main__.py").unlink()
    (tree / "tools/make_voice.py").rename(tree / "tools/new_voice.py")
    replace(tree / "tools/new_voice.py", "\nfrom __future__", "\n# Another name.\nfrom __future__")


def other_embedding(tree: Path) -> None:
    replace(tree / "sample_tts/api.py", EMBED, "speaker = embed(str(self.voice))")


def by_git(checkout: Path, diff: Path) -> State:
    """What `git apply` makes of a copy."""
    copy = checkout.parent / "by-git"
    shutil.copytree(checkout, copy)
    git(copy, "apply", str(diff))
    made = as_git_sees(state(copy))
    shutil.rmtree(copy)
    return made
