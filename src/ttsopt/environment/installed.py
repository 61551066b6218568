"""Where an interpreter has a distribution installed, and which files are its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.processes import Ended, run_process
from ttsopt.boundary.reading import read_bytes
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.boundary.variables import scrubbed
from ttsopt.environment.editable import refuse_editable, refuse_links, refuse_zip
from ttsopt.environment.probe import CHOOSE, MOST_BYTES, TIME_LIMIT
from ttsopt.errors import CannotRunError, RefusedError, UsageError

# Run as it runs for the user's own programs, except for what is set for one shell: of Python's variables only
# those that say where the user's own site-packages lie count.
OF_USER_SITE = frozenset({"PYTHONUSERBASE", "PYTHONNOUSERSITE"})
PROGRAM = "import json, sys; print(json.dumps([entry for entry in sys.path if entry]))"
# https://packaging.python.org/en/latest/specifications/name-normalization/
NAME = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Installed:
    """A distribution in an environment.

    `folder` holds its files (site-packages; links resolved), `files` are theirs below it, with forward slashes;
    scripts elsewhere are left out. `others` are further folders that hold the distribution too, and that
    nothing is imported from, because they come later on `sys.path`.
    """

    name: str
    version: str
    folder: Path
    files: frozenset[str]
    others: tuple[Path, ...] = ()


def search_path(python: Path, time_limit: float = TIME_LIMIT) -> tuple[Path, ...]:
    """Return what an interpreter (3.8 or newer) imports from: its `sys.path`, links resolved, each entry once.

    Raises:
        CannotRunError: It cannot be started, fails, takes longer than `time_limit` seconds, or answers nonsense.
    """
    end = _run(python, time_limit)
    try:
        # The last line: what the environment runs at start may print too.
        entries = load_json(end.stdout.splitlines()[-1] if end.stdout and not end.status else b"")
        return tuple(dict.fromkeys(Path(os.path.realpath(entry)) for entry in entries))
    except (ValueError, TypeError) as error:
        said = end.stderr.decode("utf-8", "replace").splitlines()
        why = f"asked for its sys.path, it ended with status {end.status}"
        raise _unusable(python, f"{why}: {said[-1] if said else 'no answer'}") from error


def find_installed(name: str, path: Sequence[Path]) -> Installed | None:
    """A distribution, by its name in any spelling, in the first folder of `path` that has it; None where none has.

    Raises:
        UsageError: What is no name of a distribution.
        RefusedError: It is there, but its files are not in such a folder: an editable install, a zip, links.
            Or its installer left no list of them.
    """
    if not NAME.fullmatch(name):
        hint = "Give the name alone, as `pip list` has it, such as f5-tts."
        raise UsageError("bad-name", f"{name!r} is no name of an installed package", hint)
    found = [metadata for entry in path for metadata in _metadata(entry, normal(name))]
    if not found:
        return None
    metadata = _valid(found)
    refuse_zip(name, metadata)
    rows = _rows(metadata)
    refuse_editable(name, metadata, rows)
    if not rows:
        raise _no_list(name, metadata)
    folder = _folder(metadata, rows, path)
    files = frozenset(_below(folder, metadata.parent, rows))
    refuse_links(name, folder, files)
    others = tuple(dict.fromkeys(row.parent for row in found if row.parent != metadata.parent))
    return Installed(normal(name), _version(metadata), folder, files, others)


def normal(name: str) -> str:
    """PEP 503: `F5_TTS` and `f5.tts` are `f5-tts`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _run(python: Path, time_limit: float) -> Ended:
    kept = {row: value for row, value in scrubbed().items() if _is_kept(row)}
    # In an empty folder: `-c` imports from the current one first.
    with scratch_folder("installed") as folder:
        try:
            end = run_process([python, "-c", PROGRAM], folder, kept, time_limit, most=MOST_BYTES)
        except OSError as error:
            raise _unusable(python, f"it cannot be started: {error}") from error
    if end.status is None:
        raise _unusable(python, f"it gave no answer in {time_limit:g} s")
    return end


def _is_kept(variable: str) -> bool:
    return variable in OF_USER_SITE or not variable.startswith("PYTHON")


def _unusable(python: Path, why: str) -> CannotRunError:
    return CannotRunError("python-unusable", f"{python} cannot be used: {why}", CHOOSE)


def _metadata(entry: Path, name: str) -> Iterator[Path]:
    """Return what tells of the distribution in an entry of `sys.path`: a folder, an `.egg-link`, or a zip file."""
    if entry.suffix == ".egg" and _own_name(entry.name) == name:
        yield entry if entry.is_file() else entry / "EGG-INFO"
    elif entry.is_file() and name in _names_in_zip(entry):
        yield entry
    elif entry.is_dir() and os.access(entry, os.R_OK):
        kinds = (".dist-info", ".egg-info", ".egg-link")
        rows = sorted(row for row in os.listdir(entry) if row.endswith(kinds))  # noqa: PTH208 - only names
        yield from (entry / row for row in rows if _own_name(row) == name)


def _own_name(file: str) -> str:
    """`F5_TTS-1.1.22-py3.11.egg-info` is of `f5-tts`; there is no dash in an escaped name."""
    return normal(file.rpartition(".")[0].partition("-")[0])


def _names_in_zip(file: Path) -> set[str]:
    from importlib.metadata import distributions

    return {normal(row.metadata["Name"] or "") for row in distributions(path=[str(file)])}


def _valid(found: Sequence[Path]) -> Path:
    """Of the first folder; what an upgrade that broke off left there has no list of files any more."""
    first = [row for row in found if row.parent == found[0].parent]
    return next((row for row in first if _rows(row)), first[0])


def _rows(metadata: Path) -> tuple[str, ...]:
    """The installed files, relative to the folder that the metadata lies in; none where there is no list.

    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    record, legacy = metadata / "RECORD", metadata / "installed-files.txt"
    if record.is_file():
        import csv

        try:
            return tuple(row[0] for row in csv.reader(_lines(record)) if row)
        except (OSError, csv.Error) as error:
            raise _no_list(metadata.name, metadata) from error
    if legacy.is_file():  # before wheels; its paths begin in the metadata's own folder
        return tuple(os.path.normpath(f"{metadata.name}/{line}") for line in _lines(legacy) if line)
    return ()


def _lines(file: Path) -> list[str]:
    return read_bytes(file).decode("utf-8", "surrogateescape").splitlines()


def _folder(metadata: Path, rows: Iterable[str], path: Sequence[Path]) -> Path:
    """That of the metadata, unless all its code went to another one (purelib and platlib may differ)."""
    code = [row for row in rows if row.endswith(".py")]
    held = {entry: len(list(_below(entry, metadata.parent, code))) for entry in path}
    if not code or held.get(metadata.parent):
        return metadata.parent
    # Some folders of the path lie in others: the standard library's holds site-packages.
    return max(held, key=lambda entry: (held[entry], len(entry.parts)))


def _below(folder: Path, base: Path, rows: Iterable[str]) -> Iterator[str]:
    """Those of the files, given relative to `base`, that lie below a folder, as seen from there."""
    for row in rows:
        path = Path(os.path.normpath(base / row))
        if path.is_relative_to(folder):
            yield path.relative_to(folder).as_posix()


def _version(metadata: Path) -> str:
    """From the folder's name, `f5_tts-1.1.22.dist-info`."""
    stem = metadata.parent.name if metadata.name == "EGG-INFO" else metadata.name
    return stem.rpartition(".")[0].partition("-")[2].partition("-py")[0] or "unknown"


def _no_list(name: str, metadata: Path) -> RefusedError:
    message = f"{metadata} has no list of the files of {name} that could be read"
    hint = f"Name the folder that holds it instead of --installed: {metadata.parent}"
    return RefusedError("no-record", message, hint)
