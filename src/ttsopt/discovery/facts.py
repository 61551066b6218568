"""Facts that a patch requires of a checkout's files: read as data, told as sentences where they do not hold."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import BinaryIO

from ttsopt.boundary.reading import SOURCE, amount, open_regular
from ttsopt.discovery.config_value import MISSING, READ, config_value
from ttsopt.discovery.npy_header import HeaderError, npy_shape
from ttsopt.domain.dotted_key import split_key
from ttsopt.domain.patch import Fact, Scalar

_SHORT = 80


def unmet(root: Path, fact: Fact) -> str:
    """Empty where a fact holds below `root`, else a sentence: what was found, and where.

    No file outside of `root` is read, unless the fact names it by an absolute path. Raises nothing for what a
    tree may hold: unreadable, broken and hostile files are sentences too.
    """
    try:
        path = next((path for path in fact.paths if _is_there(root, path)), None)
    except (OSError, ValueError) as error:
        return f"`{'`, `'.join(fact.paths)}` cannot be looked for: {_why(error)}"
    if not fact.present:
        return f"`{path}` is there" if path else ""
    if path is None:
        return _none_there(fact)
    if not fact.shape and not fact.key:
        return ""
    try:
        with _opened(root, path) as file:
            wrong = _wrong_shape(file, fact) if fact.shape else _wrong_value(file, path, fact)
    except (OSError, ValueError) as error:
        return f"`{path}` cannot be read: {_why(error)}"
    return f"`{path}` {wrong}" if wrong else ""


def _is_there(root: Path, path: str) -> bool:
    where = root / path
    if ".." in PurePath(path).parts and not _within(root, where):
        return False
    try:
        where.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _opened(root: Path, path: str) -> BinaryIO:
    where = root / path
    if not PurePath(path).is_absolute() and not _within(root, where):
        raise ValueError("it leads out of the checkout")
    return open_regular(where)


def _within(root: Path, where: Path) -> bool:
    try:
        return where.resolve().is_relative_to(root.resolve())
    except RuntimeError:  # links in a circle, as Python before 3.13 tells them
        return False


def _wrong_shape(file: BinaryIO, fact: Fact) -> str:
    try:
        shape = npy_shape(file)
    except HeaderError as error:
        return str(error)
    return "" if shape == fact.shape else f"has the shape {shape}, not {fact.shape}"


def _wrong_value(file: BinaryIO, path: str, fact: Fact) -> str:
    suffix = PurePath(path).suffix.lower()
    if suffix not in READ:
        return f"is none of the files that keys are read from ({', '.join(READ)})"
    raw = file.read(SOURCE + 1)
    if len(raw) > SOURCE:
        return f"is larger than {amount(SOURCE)}, and is not searched for keys"
    value = config_value(suffix, raw, split_key(fact.key))
    if value is MISSING:
        return f"has no key `{fact.key}`"
    if fact.equals is None or _equal(value, fact.equals):
        return ""
    return f"has {fact.key} = {_shown(value)}, not {_shown(fact.equals)}"


def _equal(value: object, wanted: Scalar) -> bool:
    """Numbers by their value, but `true` is not 1."""
    numbers = isinstance(value, int | float) and isinstance(wanted, int | float)
    alike = isinstance(value, bool) == isinstance(wanted, bool)
    return alike and (numbers or type(value) is type(wanted)) and value == wanted


def _shown(value: object) -> str:
    if not isinstance(value, bool | int | float | str | None):
        return "a mapping or a list"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]} ..."


def _none_there(fact: Fact) -> str:
    if len(fact.paths) == 1:
        return f"`{fact.paths[0]}` is not there"
    return f"none of {', '.join(f'`{path}`' for path in fact.paths)} is there"


def _why(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
