"""git, run so that nothing a checkout's own configuration names can run, and nothing is fetched or locked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.domain.blob_id import blob_id

if TYPE_CHECKING:
    from subprocess import CompletedProcess

SECONDS = 10.0
_CONFIG = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "safe.bareRepository=explicit")
# A blob that a partial clone lacks would be fetched by what `.git/config` says. Git before 2.45 does not know
# GIT_NO_LAZY_FETCH; no transport at all is allowed to any.
_QUIET = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


def run_git(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> CompletedProcess[bytes]:
    """Run git in a folder, without what git sets for its hooks: it would answer for the hook's own repository.

    Raises:
        OSError: There is no git on this machine (`filename` is `git`), or no such folder; a `TimeoutError` where
            it gave no answer in ten seconds.
    """
    import subprocess

    others = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = [word for setting in _CONFIG for word in ("-c", setting)]
    try:
        return subprocess.run(
            ["git", "--no-pager", *settings, *arguments],
            cwd=folder,
            env={**others, **_QUIET, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"git gave no answer in {error.timeout:.0f} seconds") from error


def has_in_history(folder: Path, path: str, data: bytes) -> bool:
    """True if a commit that a branch, a tag, the stash or HEAD leads to has bytes at a path below a folder.

    A blob that nothing leads to, which `git add` or a reset left, is not enough: `git gc` deletes it.
    """
    # Plumbing: `git log` would start what the checkout's configuration names to look at signatures.
    history = ("rev-list", "--objects", "--all", "--full-history", "--", f":(literal){path}")
    wanted = blob_id(data).encode("ascii")
    try:
        done = run_git(folder, *history)
    except OSError:
        return False  # no git here, or no answer
    return done.returncode == 0 and any(
        line.split(b" ", 1)[0] == wanted for line in done.stdout.splitlines()
    )
