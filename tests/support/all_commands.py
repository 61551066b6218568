"""Every command that works on a checkout, and what their answers say on the sample."""

from __future__ import annotations

from collections.abc import Callable

from cli_driver import Answer

COMMANDS = (
    ("discover",),
    ("list",),
    ("plan", "--effect", "lossy"),
    ("apply", "--effect", "lossy"),
    ("status",),
    ("reapply",),
    ("rollback",),
)
FRONTEND = "sample_tts/frontend.py"
TARGETS = ("sample_tts/api.py", "sample_tts/vocoder.py", FRONTEND)
ALL = {"folded-weight-norm", "kept-speaker-embedding", "nfe-step", "precompiled-regex"}

# Runs every command; fixture of tests/functional/hostile/conftest.py.
Go = Callable[..., dict[str, Answer]]


def applied(answers: dict[str, Answer]) -> set[str]:
    rows = answers["apply"].data.get("applied", [])
    return {row["patch"].removeprefix("sample/") for row in rows}


def refused(answers: dict[str, Answer]) -> dict[str, str]:
    rows = answers["apply"].data.get("refused", [])
    return {row["patch"].removeprefix("sample/"): row["why"] for row in rows}
