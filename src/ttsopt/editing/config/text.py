"""A config file as bytes and as text, with places in the one for places in the other."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ttsopt.domain.dotted_key import split_key
from ttsopt.domain.plan import Splice, Status
from ttsopt.editing.unparsable import PatternError, UnparsableError

UTF_8 = {codecs.BOM_UTF8: "utf-8", b"": "utf-8"}
# https://yaml.org/spec/1.2.2/#52-character-encodings; PyYAML reads no UTF-32.
UTF_8_OR_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be", **UTF_8}

_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class ConfigText:
    """A file's text without its byte order mark; offsets into it count characters."""

    raw: bytes
    bom: bytes
    codec: str
    text: str

    @property
    def newline(self) -> str:
        """The line end that most lines of the file have."""
        crlf = self.text.count("\r\n")
        return "\r\n" if crlf * 2 > self.text.count("\n") else "\n"

    def line_number(self, offset: int) -> int:
        """The line of a place, from 1."""
        return len(_BREAK.findall(self.text, 0, offset)) + 1

    def line_start(self, offset: int) -> int:
        """Where the line of a place begins."""
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of a place ends, before its line end."""
        found = _BREAK.search(self.text, offset)
        return found.start() if found else len(self.text)

    def line(self, offset: int) -> str:
        """The line of a place, without the white space around it."""
        return self.text[self.line_start(offset) : self.line_end(offset)].strip()

    def after(self, change: Change) -> str:
        """The whole text with one change made."""
        return self.text[: change.start] + change.text + self.text[change.end :]

    def raw_after(self, change: Change) -> bytes:
        """The whole file's bytes with one change made."""
        return self.bom + self.after(change).encode(self.codec)

    def without_lines(self, start: int, end: int) -> Change:
        """The change that takes the lines from `start` to `end` out, with the line end before them."""
        before = re.search(r"(\r\n|\r|\n)\Z", self.text[:start])
        if before:
            return Change(before.start(), end, "")
        behind = _BREAK.match(self.text, end)
        return Change(start, behind.end() if behind else end, "")

    def splice(self, change: Change) -> Splice:
        """A change as a splice of the file's own bytes."""
        start = len(self.bom) + len(self.text[: change.start].encode(self.codec))
        end = start + len(self.text[change.start : change.end].encode(self.codec))
        return Splice(start, end, self.raw[start:end], change.text.encode(self.codec))


@dataclass(frozen=True, slots=True)
class Change:
    """Characters `start` to `end` of a text, and what takes their place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """Finding of one edit in a config file, before it is turned into an answer."""

    status: Status
    line: int = 0
    reason: str = ""
    nearest: str = ""
    difference: str = ""
    change: Change | None = None


class RefusedError(Exception):
    """The place is there, but cannot be changed: `offset` is where (None: no one place), `reason` why."""

    def __init__(self, reason: str, offset: int | None, difference: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.difference = difference


def decode_config(raw: bytes, codec_by_bom: Mapping[bytes, str]) -> ConfigText:
    """Read a file's bytes as text; the first byte order mark that fits says how.

    Raises:
        UnparsableError: They are no such text.
    """
    bom, codec = next(row for row in codec_by_bom.items() if raw.startswith(row[0]))
    try:
        return ConfigText(raw, bom, codec, raw[len(bom) :].decode(codec))
    except UnicodeDecodeError as error:
        line = raw[: len(bom) + error.start].count(b"\n") + 1
        name = codec.upper().removesuffix("-LE").removesuffix("-BE")
        raise UnparsableError(f"not text in {name}: {error.reason}", line) from error


def key_parts(key: str) -> tuple[str, ...]:
    """Split a dotted key of a patch.

    Raises:
        PatternError: It is none.
    """
    try:
        return split_key(key)
    except ValueError as error:
        raise PatternError(str(error)) from error


def either(values: tuple[str, ...]) -> str:
    """Old values of a patch, as they are read out."""
    return " or ".join(f"`{value}`" for value in values) or "no value"


def other_value(source: ConfigText, key: str, span: tuple[int, int], old: str, new: str) -> Look:
    """The refusal of a value that is neither an old one nor the new one."""
    current = in_short(source.text[slice(*span)])
    start = span[0]
    return Look(
        Status.REFUSED,
        source.line_number(start),
        f"`{key}` is {current}, neither the expected {old} nor the new `{new}`",
        source.line(start),
        f"{current} where the patch expects {old}",
    )


def refusal(source: ConfigText, error: RefusedError) -> Look:
    """The look of an edit that was refused at a place."""
    line, nearest = 0, ""
    if error.offset is not None:
        line, nearest = source.line_number(error.offset), source.line(error.offset)
    return Look(Status.REFUSED, line, error.reason, nearest, error.difference)


def in_short(text: str) -> str:
    """A value as it is quoted in a message: its first line."""
    first, *rest = text.strip().splitlines() or [""]
    return f"`{first.strip()}{' …' if rest else ''}`" if first else "empty"
