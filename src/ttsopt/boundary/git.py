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
    "core.alternateRefsCommand=true",
    "gpg.program=false",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
)
_NO_REMOTE = (
    "core.sshCommand=false",
    "core.askPass=",
    "credential.helper=",
    "protocol.allow=never",
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
# What of the user's own environment says how to reach a remote.
_ACCESS = ("GIT_SSH", "GIT_ASKPASS", "GIT_SSL_", "GIT_HTTP_")
_NETWORK = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh", "GIT_NO_LAZY_FETCH": "0"}


@dataclass(frozen=True, slots=True)
class GitEnd:
    """The exit status of git, and what it printed."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run_git(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    network: bool = False,
) -> GitEnd:
    """Run git in a folder, without what git sets for its hooks: it would answer for the hook's own repository.

    Only commands that run no filter, driver or alias: `cat-file`, `rev-parse`, `ls-tree`, `ls-files` and the
    like, never `diff`, `status` or `checkout` in a repository. A repository of another owner is refused by git
    itself (`safe.directory`), and stays refused. What writes a work tree is `checkout/upstream/forward.py`'s,
    with every filter switched off.

    With `network`, remotes may be reached, by the user's own programs and credentials, and with the environment
    that those need: for a repository whose own configuration names none (`Repository.programs`). It never asks
    for a password.

    Raises:
        OSError: There is no git on this machine (`filename` is `git`), or no such folder; a `TimeoutError` where
            it gave no answer in time; EFBIG where the answer is longer than 256 MiB.
    """
    from ttsopt.boundary.processes import run_process

    given = os.environ if network else scrubbed()
    others = {name: value for name, value in given.items() if not name.startswith("GIT_")}
    reach = network_environment() if network else {}
    config = _CONFIG if network else (*_CONFIG, *_NO_REMOTE)
    settings = [word for setting in config for word in ("-c", setting)]
    git = str(require_program("git"))
    command = [git, "--no-pager", "--no-replace-objects", *settings, *arguments]
    variables = {**others, **_QUIET, **reach, **(environment or {})}
    end = run_process(command, folder, variables, seconds)
    if end.is_cut:
        raise OSError(errno.EFBIG, "git's answer is longer than any source file", str(folder))
    if end.status is None:
        raise TimeoutError(f"git gave no answer in {seconds:.0f} seconds")
    return GitEnd(end.status, end.stdout, end.stderr)


def network_environment() -> dict[str, str]:
    """Return what git gets on top where it may reach a remote."""
    own = {name: value for name, value in os.environ.items() if name.startswith(_ACCESS)}
    return {**own, **_NETWORK}
