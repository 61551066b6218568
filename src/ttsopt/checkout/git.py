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


# What of the user's own environment says how to reach a remote.
_ACCESS = ("GIT_SSH", "GIT_ASKPASS", "GIT_SSL_", "GIT_HTTP_")
_NETWORK = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh", "GIT_NO_LAZY_FETCH": "0"}


def run_git(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    network: bool = False,
) -> CompletedProcess[bytes]:
    """Run git in a folder, without what git sets for its hooks: it would answer for the hook's own repository.

    With `network`, remotes may be reached, by the user's own programs and credentials: for a repository whose own
    configuration names none (`Repository.programs`). It never asks for a password.

    Raises:
        OSError: There is no git on this machine (`filename` is `git`), or no such folder; a `TimeoutError` where
            it gave no answer in time.
    """
    import subprocess

    others = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    reach = network_environment() if network else {}
    settings = [word for setting in _CONFIG for word in ("-c", setting)]
    try:
        return subprocess.run(
            ["git", "--no-pager", *settings, *arguments],
            cwd=folder,
            env={**others, **_QUIET, **reach, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"git gave no answer in {error.timeout:.0f} seconds") from error


def network_environment() -> dict[str, str]:
    """What git gets on top where it may reach a remote."""
    own = {name: value for name, value in os.environ.items() if name.startswith(_ACCESS)}
    return {**own, **_NETWORK}


def has_blob(folder: Path, data: bytes) -> bool:
    """Whether the repository around a folder has bytes among its objects: they can be had from it again."""
    try:
        return run_git(folder, "cat-file", "-e", blob_id(data)).returncode == 0
    except OSError:
        return False  # no git here, or no answer
