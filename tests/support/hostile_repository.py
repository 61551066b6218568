"""A repository whose configuration names a program wherever git takes one; each leaves a mark when it runs."""

from __future__ import annotations

import shutil
from pathlib import Path

from git_command import commit_all, git

_KEYS = (
    "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.askPass", "core.gitProxy",
    "core.alternateRefsCommand", "sequence.editor", "gpg.program", "gpg.ssh.program", "credential.helper",
    "diff.external", "diff.evil.command", "diff.evil.textconv", "merge.evil.driver", "filter.evil.clean",
    "filter.evil.smudge", "filter.evil.process", "pager.log", "pager.cat-file", "pager.rev-parse", "pager.ls-tree",
    "pager.diff", "interactive.diffFilter", "remote.origin.uploadpack", "remote.origin.receivepack",
    "uploadpack.packObjectsHook", "trailer.evil.command", "submodule.evil.update",
)  # fmt: skip
_ALIASES = (
    "cat-file",
    "rev-parse",
    "describe",
    "ls-tree",
    "ls-files",
    "rev-list",
    "for-each-ref",
    "diff",
    "show",
)
_HOOKS = (
    "post-checkout",
    "post-index-change",
    "reference-transaction",
    "pre-commit",
    "fsmonitor-watchman",
)


class Marks:
    """The programs that were run; none is the promise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def program(self, name: str) -> str:
        """A program that says that it ran; `|` in a name cannot be in a file's."""
        file = self.folder.parent / "programs" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\ntouch '{self.folder / name}'\ncat\n")
        file.chmod(0o755)
        return str(file)

    def found(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


def make_hostile(checkout: Path, folder: Path) -> Marks:
    """Commit the checkout, then set everything that could run."""
    commit_all(checkout)
    git(checkout, "tag", "v1")
    marks = Marks(folder)
    for key in _KEYS:
        sign = "!" if key in {"credential.helper", "submodule.evil.update"} else ""
        git(checkout, "config", key, sign + marks.program(key))
    for name in _ALIASES:
        git(checkout, "config", f"alias.{name}", "!" + marks.program(f"alias.{name}"))
    for name in _HOOKS:
        hook = checkout / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.unlink(missing_ok=True)
        shutil.copy(marks.program(f"hook.{name}"), hook)
    git_config = checkout / ".git" / "config"
    git_config.write_text(
        git_config.read_text()
        + '[remote "origin"]\n\turl = ext::' + marks.program("remote.url") + "\n\tpromisor = true\n"
        + "[extensions]\n\tpartialClone = origin\n[core]\n\trepositoryformatversion = 1\n"
    )  # fmt: skip
    attributes = "* filter=evil diff=evil merge=evil\n"
    (checkout / ".git" / "info").mkdir(exist_ok=True)
    (checkout / ".git" / "info" / "attributes").write_text(attributes)
    return marks
