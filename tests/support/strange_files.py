"""Things that may lie where a source file is looked for: each a function that makes one at a path."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path


def as_folder(path: Path) -> None:
    path.mkdir()


def as_fifo(path: Path) -> None:
    os.mkfifo(path)


def as_socket(path: Path) -> None:
    with chdir(path.parent), socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)  # a socket's path may have 107 bytes


def as_link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def as_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)


def as_bytes(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


SOURCE = "class SampleTTS: ...\nclass Vocoder: ...\ndef weight_norm(): ...\nclass Frontend: ...\n"
KINDS: dict[str, Callable[[Path], None]] = {
    "folder": as_folder,
    "fifo": as_fifo,
    "socket": as_socket,
    "endless device": as_link("/dev/zero"),
    "terminal": as_link("/dev/tty"),
    "dangling": as_link("nowhere"),
    "loop": as_link("frontend.py"),
    "very long link": as_link("x/" * 2000),
    "link to a folder": as_link("."),
    "2 GB": as_sparse,
    "empty": as_bytes(b""),
    "NUL": as_bytes(SOURCE.encode() + b"\0\n"),
    "UTF-16": as_bytes(SOURCE.encode("utf-16")),
    "Latin-1": as_bytes(SOURCE.encode() + b"# \xe9\n"),
    "unknown codec": as_bytes(b"# coding: nonsense\n" + SOURCE.encode()),
    "codec that is none for text": as_bytes(b"# coding: zlib\n" + SOURCE.encode()),
    "UTF-7": as_bytes(b"# coding: utf-7\n" + SOURCE.encode() + b"x = '+AGE-'\n"),
    "BOM against cookie": as_bytes(b"\xef\xbb\xbf# coding: latin-1\n" + SOURCE.encode()),
    "lone surrogate": as_bytes(SOURCE.encode() + b"x = '\xed\xa0\x80'\n"),
    "deep brackets": as_bytes(SOURCE.encode() + b"x = " + b"(" * 50_000 + b")" * 50_000 + b"\n"),
    "deep operators": as_bytes(SOURCE.encode() + b"x = " + b"-" * 20_000 + b"1\n"),
    "long sum": as_bytes(SOURCE.encode() + b"x = 1" + b" + 1" * 20_000 + b"\n"),
    "deep attributes": as_bytes(SOURCE.encode() + b"x = a" + b".b" * 20_000 + b"\n"),
    "deep blocks": as_bytes(
        SOURCE.encode() + b"".join(b" " * depth + b"if x:\n" for depth in range(150)) + b" pass\n"
    ),
    "long line": as_bytes(SOURCE.encode() + b"x = '" + b"y" * 4_000_000 + b"'\n"),
    "large number": as_bytes(SOURCE.encode() + b"x = " + b"9" * 10_000 + b"\n"),
    "carriage returns": as_bytes(SOURCE.replace("\n", "\r").encode()),
    "form feeds": as_bytes(SOURCE.replace("\n", "\n\f").encode()),
}
