"""A defect of ttsopt: the traceback, the versions that a report needs, and where to report it."""

from __future__ import annotations

import platform
import traceback
from importlib.metadata import PackageNotFoundError, metadata, version

from ttsopt.cli.text import say
from ttsopt.errors import TtsoptError

# Whose other versions made defects before: they read files and print for ttsopt.
PACKAGES = ("typer", "click", "rich", "cattrs", "tomlkit", "PyYAML", "filelock")


def defect(error: Exception) -> TtsoptError:
    """Print the traceback and the versions to standard error; return the error that the command ends with."""
    for part in traceback.format_exception(error):
        for line in part.removesuffix("\n").split("\n"):
            say(line, err=True, code=True)
    say(versions(), err=True)
    message = f"a defect of ttsopt: {type(error).__name__}: {error}"
    return TtsoptError("defect", message, f"Please report it, with the lines above: {tracker()}")


def versions() -> str:
    """Return the versions of ttsopt, Python, the platform and the packages that ttsopt stands on, in one line."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    at = f"{platform.system()} {platform.release()} {platform.machine()}"
    packages = (f"{name} {_version(name)}" for name in PACKAGES)
    return ", ".join([f"ttsopt {_version('ttsopt')}", python, at, *packages])


def tracker() -> str:
    """Return the address of the issue tracker, as the installed package states it."""
    try:
        links = metadata("ttsopt").get_all("Project-URL") or []
    except PackageNotFoundError:  # run from a source tree
        links = []
    found = (link.partition(", ")[2] for link in links if link.startswith("Issues,"))
    return next(found, "the issues of ttsopt's repository")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
