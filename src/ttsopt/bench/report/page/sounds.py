"""Players for what `--save-audio` kept: within the page up to a bound, else by a link to the folder beside it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

from ttsopt.bench.report.page.elements import element
from ttsopt.bench.report.rows import SIDES
from ttsopt.boundary.reading import MIB, read_bytes

# About two minutes of speech at 24 kHz, both sides together; base64 makes 10.7 MiB of it.
EMBEDDED = 8 * MIB


@dataclass(frozen=True, slots=True)
class Sounds:
    """Files of an utterance, by side, with the text that was spoken."""

    id: str
    text: str
    files: tuple[tuple[str, Path], ...]


def saved_sounds(folder: Path, texts: dict[str, str]) -> tuple[Sounds, ...]:
    """Return the files `<id>.<side>.wav` that a benchmark left in a folder, of those texts."""
    found = []
    for name, text in texts.items():
        files = [(side, folder / f"{name}.{side}.wav") for side in SIDES]
        there = tuple((side, file) for side, file in files if file.is_file())
        if there:
            found.append(Sounds(name, text, there))
    return tuple(found)


def players(rows: Sequence[Sounds], page: Path) -> Iterator[ET.Element]:
    """Give a block for each utterance; links are as seen from the page."""
    left = EMBEDDED
    for row in rows:
        pairs = []
        for side, file in row.files:
            source, size = _source(file, page, left)
            left -= size
            label = f"{row.id}, {side}"
            player = element("audio", controls="", preload="none", src=source, aria_label=label)
            pairs.append(element("div", element("span", side, class_=f"side {side}"), player))
        text = element("p", element("b", row.id), f"  {row.text}", class_="said")
        yield element("div", text, element("div", *pairs, class_="pair"), class_="sound")


def _source(file: Path, page: Path, left: int) -> tuple[str, int]:
    """Return the address of a sound, and how many bytes of the page's share it takes."""
    try:
        data = read_bytes(file, max(left, 0))
    except OSError:  # it is larger than that
        return _link(file.absolute(), page.absolute().parent), 0
    return f"data:audio/wav;base64,{base64.b64encode(data).decode()}", len(data)


def _link(file: Path, folder: Path) -> str:
    try:
        return quote(Path(os.path.relpath(file, folder)).as_posix())
    except ValueError:  # on Windows, of another drive
        return file.as_uri()
