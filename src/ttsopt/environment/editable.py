"""Distributions that are installed without files of their own: editable, zipped, or made of links."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.reading import TABLE, read_bytes
from ttsopt.errors import RefusedError

PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
INSTALLED_INTO = frozenset({"site-packages", "dist-packages"})


def refuse_zip(name: str, metadata: Path) -> None:
    """RefusedError where the code is inside of an archive."""
    if metadata.is_file() and metadata.suffix not in {".egg-link", ".egg-info"}:
        message = f"{name} is inside of {metadata}, and ttsopt edits plain files"
        raise RefusedError("zipped", message, "Unpack it, or install it with pip.")


def refuse_editable(name: str, metadata: Path, rows: Sequence[str]) -> None:
    """RefusedError, with the folder of the source, where the code that runs is not what was installed.

    `rows` are the installed files, relative to the folder that the metadata lies in.
    """
    source = _source(metadata, rows)
    if source is not None:
        message = f"{name} is an editable install: what runs is the code in {source}"
        hint = f"Name that folder instead of --installed: {source}"
        raise RefusedError("editable", message, hint)


def refuse_links(name: str, folder: Path, files: Collection[str]) -> None:
    """RefusedError where code is a link out of the folder: another environment may share what it leads to."""
    for path in sorted(row for row in files if row.endswith(".py")):
        real = Path(os.path.realpath(folder / path))
        if not real.is_relative_to(folder):
            message = f"{name} is installed as links: {folder / path} leads to {real}"
            hint = "Install it as copies (uv: --link-mode copy --reinstall), or name the folder behind the links."
            raise RefusedError("linked", message, hint)


def _source(metadata: Path, rows: Sequence[str]) -> Path | None:
    if metadata.suffix == ".egg-link":
        return _project(Path(_first_line(metadata)))
    direct = _direct_url(metadata)
    if direct is not None:
        return direct
    if not rows and metadata.suffix == ".egg-info" and metadata.parent.name not in INSTALLED_INTO:
        return _project(
            metadata.parent
        )  # `setup.py develop` puts the source's own folder on the path
    return _through_path_file(metadata, rows)


def _direct_url(metadata: Path) -> Path | None:
    """Source: https://packaging.python.org/en/latest/specifications/direct-url/."""
    file = metadata / "direct_url.json"
    try:
        told = load_json(read_bytes(file, TABLE)) if file.is_file() else {}
        editable = told.get("dir_info", {}).get("editable") is True
        return Path(url2pathname(urlsplit(told["url"]).path)) if editable else None
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return None  # not of that shape, or not readable: no word on where the code lies


def _through_path_file(metadata: Path, rows: Sequence[str]) -> Path | None:
    """The folder that a `.pth` file leads to, where nothing but such a file was installed."""
    paths = [PurePosixPath(row) for row in rows]
    outside = [row for row in paths if metadata.name not in row.parts and row.parts[0] != ".."]
    leads = [row for row in outside if row.suffix == ".pth"]
    if not leads or any(row not in leads and _is_code(row) for row in outside):
        return None
    lines = _lines(metadata.parent / leads[0])
    folders = [Path(line) for line in lines if Path(line).is_dir()]
    return _project(folders[0]) if folders else None


def _is_code(path: PurePosixPath) -> bool:
    return path.suffix == ".py" and not path.name.startswith("__editable__")


def _project(folder: Path) -> Path:
    """The folder itself, or the one above it that is the project's: code may lie in its `src`."""
    around = [folder, folder.parent]
    return next(
        (row for row in around if any((row / file).exists() for file in PROJECT_FILES)), folder
    )


def _first_line(file: Path) -> str:
    return next(iter(_lines(file)), "")


def _lines(file: Path) -> list[str]:
    try:
        return read_bytes(file, TABLE).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []  # it leads nowhere
