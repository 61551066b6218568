"""Three versions of a text become one, by `git merge-file`: all lines of both changes, or none."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from ttsopt.boundary.git import GitEnd, run_git

_BASE, _CURRENT, _TARGET, _OURS = "base", "current", "target", "ours"
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_MOST_CONFLICTS = (
    127  # https://git-scm.com/docs/git-merge-file: above it, the exit status is an error
)


_INSTALL = "ttsopt merges with git: install it, and run the command again"
_SPACE = "Free some space where temporary files lie ({}), and run the command again"


class UnmergedError(Exception):
    """Why versions cannot be merged, and the line (1-based, 0 where none) of the current one that it is about.

    `hint` says what to do where the versions are not to blame: it is no whole sentence.
    """

    def __init__(self, reason: str, line: int = 0, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.hint = hint


def merge_text(base: bytes, current: bytes, target: bytes, *, favour_target: bool = False) -> bytes:
    """Return what `current`, made from `base`, becomes when base becomes `target`; lines are kept byte for byte.

    With `favour_target`, where both change the same lines they are those of the target.

    Raises:
        UnmergedError: Both change the same lines, or lines that touch; one is no text; git is not there or does
            not answer.
    """
    if base in {current, target}:
        return target if current == base else current
    if current == target:
        return current
    if any(b"\0" in data for data in (base, current, target)):
        raise UnmergedError("it is no text: it holds zero bytes")
    import tempfile

    try:
        with tempfile.TemporaryDirectory(prefix="ttsopt-") as name:
            folder = Path(name).resolve()
            for file, data in ((_BASE, base), (_CURRENT, current), (_TARGET, target)):
                (folder / file).write_bytes(data)
            return _merged(folder, ["--theirs"] if favour_target else [])
    except OSError as error:
        raise _unmerged(error) from error


def _unmerged(error: OSError) -> UnmergedError:
    """Return what kept git from merging, and what to do about it."""
    import tempfile

    if error.filename == "git":
        return UnmergedError("git, which merges, is not on this machine", hint=_INSTALL)
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    # On a full disk the standard library says that it found no folder that it can write to.
    if full or (error.errno == errno.ENOENT and error.filename is None):
        folder = tempfile.tempdir or "TMPDIR names the folder"
        return UnmergedError(f"it cannot be merged: {error.strerror}", hint=_SPACE.format(folder))
    return UnmergedError(f"merging it: {error}", hint="Run the command again once that is mended")


def _merged(folder: Path, options: list[str]) -> bytes:
    mark = os.urandom(16).hex()
    done = _git(folder, "merge-file", *options, "-L", mark, "-p", "-q", _CURRENT, _BASE, _TARGET)
    if done.returncode == 0:
        return done.stdout
    if 0 < done.returncode <= _MOST_CONFLICTS:
        before = done.stdout.partition(b"<<<<<<< " + mark.encode())[0]
        line = _line_of_current(folder, before.count(b"\n"))
        raise UnmergedError("it and the change that is to be made in it touch the same lines", line)
    said = done.stderr.decode("utf-8", "replace").strip()
    raise UnmergedError(f"git cannot merge it: {said or f'exit status {done.returncode}'}")


def _line_of_current(folder: Path, merged_lines: int) -> int:
    """The line of the current version that stands behind so many lines of the merged one."""
    ours = _git(folder, "merge-file", "--ours", "-p", "-q", _CURRENT, _BASE, _TARGET)
    (folder / _OURS).write_bytes(ours.stdout)
    options = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--text", "-U0")
    diff = _git(folder, "diff", "--no-index", *options, "--", _CURRENT, _OURS)
    line = merged_lines + 1
    for hunk in _HUNK.finditer(diff.stdout):
        start, removed, added = int(hunk[3]), int(hunk[2] or 1), int(hunk[4] or 1)
        if start <= merged_lines:
            line += removed - added
    return max(line, 1)


def _git(folder: Path, *arguments: str) -> GitEnd:
    """Run git in the folder with no configuration but its own, also where the folder lies in a repository."""
    alone = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
    return run_git(folder, *arguments, environment=alone)
