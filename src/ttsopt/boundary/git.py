"""git, run so that nothing a checkout's own configuration names can run, and nothing is fetched or locked."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.programs import require_program
from ttsopt.boundary.variables import scrubbed

SECONDS = 10.0
# What a repository can name for git to run. No command that would read filters, drivers for diffs or merges, or
# aliases is called on a checkout: those have names that cannot be listed here.
_CONFIG = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.askPass=",
    "core.alternateRefsCommand=true",
    "credential.helper=",
    "gpg.program=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
)
# A blob that a partial clone lacks would be fetched by what `.git/config` says. Git before 2.45 does not know
# GIT_NO_LAZY_FETCH; no transport at all is allowed to any.
_QUIET = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class GitEnd:
    """The exit status of git, and what it printed."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run_git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> GitEnd:
    """Run git in a folder, without what git sets for its hooks: it would answer for the hook's own repository.

    Only commands that run no filter, driver or alias: `cat-file`, `rev-parse`, `ls-tree`, `ls-files` and the
    like, never `diff`, `status` or `checkout` in a repository. A repository of another owner is refused by git
    itself (`safe.directory`), and stays refused.

    Raises:
        OSError: There is no git on this machine (`filename` is `git`), or no such folder; a `TimeoutError` where
            it gave no answer in ten seconds; EFBIG where the answer is longer than 256 MiB.
    """
    from ttsopt.boundary.processes import run_process

    others = {name: value for name, value in scrubbed().items() if not name.startswith("GIT_")}
    settings = [word for setting in _CONFIG for word in ("-c", setting)]
    git = str(require_program("git"))
    command = [git, "--no-pager", "--no-replace-objects", *settings, *arguments]
    end = run_process(command, folder, {**others, **_QUIET, **(environment or {})}, SECONDS)
    if end.is_cut:
        raise OSError(errno.EFBIG, "git's answer is longer than any source file", str(folder))
    if end.status is None:
        raise TimeoutError(f"git gave no answer in {SECONDS:.0f} seconds")
    return GitEnd(end.status, end.stdout, end.stderr)
