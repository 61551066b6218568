"""Guesses at a line that this Python cannot read and another may: syntax that is newer, or Python 2's."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

RUNNING = ".".join(map(str, sys.version_info[:2]))


class Syntax(NamedTuple):
    """Syntax that came with a version, what a line of it looks like, and part of what the parser says of it."""

    since: str
    name: str
    line: str
    message: str = ""


F_STRING = "an f-string with quotes, backslashes or comments within (PEP 701)"
# Sources: the PEPs named. Of those that fit a line, the first counts.
NEWER = (
    Syntax("3.13", "a default of a type parameter (PEP 696)", r"(?:def|class|type)\s+\w+\s*\[[^\]]*="),
    Syntax("3.12", "type parameters (PEP 695)", r"(?:async\s+)?(?:def|class)\s+\w+\s*\["),
    Syntax("3.12", "a type statement (PEP 695)", r"type\s+\w+\s*(?:\[[^\]]*\])?\s*="),
    Syntax("3.14", "except without parentheses (PEP 758)", r"except\*?\s+[\w.]+\s*,", "parenthesized"),
    Syntax("3.14", "a template string (PEP 750)", r".*\b(?:[tT][rR]?|[rR][tT])[\"']"),
    Syntax("3.12", F_STRING, r".*\b(?:[fF][rR]?|[rR][fF])[\"']"),
    Syntax("3.12", F_STRING, r"", "f-string"),
)  # fmt: skip
PYTHON_2 = (
    Syntax("2", "a print or exec statement", r"", "Missing parentheses in call to"),
    Syntax("2", "an octal number", r"", "leading zeros in decimal integer"),
    Syntax("2", "a raise statement with a comma", r"raise\s+[\w.]+\s*,"),
    Syntax("2", "an except clause with a name behind a comma", r"except\s+[\w.]+\s*,\s*e\w*\s*:"),
)


def other_version(line: str, message: str) -> Syntax | None:
    """The syntax of another Python that a line may have; None where nothing speaks for one."""
    known = (one for one in (*PYTHON_2, *NEWER) if one.since == "2" or _is_newer(one.since))
    return next((one for one in known if _fits(one, line, message)), None)


def _fits(one: Syntax, line: str, message: str) -> bool:
    return one.message in message and bool(re.match(one.line, line.strip()))


def _is_newer(version: str) -> bool:
    return tuple(map(int, version.split("."))) > sys.version_info[:2]


def explained(message: str, line: str) -> tuple[str, str]:
    """Why a line is no Python to the one that runs, and the version that may read it, empty if none is known."""
    said = f"not valid Python {RUNNING}, which ttsopt runs on: {message}"
    other = other_version(line, message)
    if other is None:
        return said, ""
    if other.since == "2":
        return f"{said}; it looks like {other.name} of Python 2", ""
    return f"{said}; it may be {other.name}, new in Python {other.since}", other.since
