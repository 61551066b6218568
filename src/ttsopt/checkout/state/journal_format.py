"""Content of a journal, and how it reads as bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import PurePath
from typing import Any, TypeVar

from ttsopt.checkout.state.journal_seal import Proof, seal
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import Splice

# 1 knows no created and no deleted files, 2 no sequence, no life and no check; what they hold reads the same.
# 4 has a seal. Every schema after 3 is to keep `check` as it is, so that a newer journal can be told from a
# damaged one.
SCHEMA = 4
CHECKED = 3
SEALED = 4
KEYS = {"schema", "patches", "files", "pending"}
HASH = re.compile(r"(?:[0-9a-f]{64})?")
LIFE = re.compile(r"(?:[0-9a-f]{16})?")
ALL_BITS = 0o7777
# A journal may come from anybody: set-user-ID and its like are never set by what it says.
PERMISSIONS = 0o777
FOR_ALL = 0o044  # readable by the group and by everybody else
Kind = TypeVar("Kind")


class DamagedJournalError(Exception):
    """It is no journal, or not what was written."""


class NewerJournalError(Exception):
    """It is whole, and of a schema that this program does not know."""


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file of an unfinished step: the hashes before (in the store) and after it. `path` is from the top.

    A hash is empty where there is no file; `mode` and `folders` are what putting it back needs.
    """

    path: str
    before_sha256: str
    after_sha256: str
    mode: int = 0o644
    folders: int = 0


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """The state that was reached, and the step that was begun from it, if any.

    `sequence` counts the writes, so that of two copies the newer one can be told. `life` is 16 random hex digits,
    the same from the first patch to the full rollback: a copy with another one is of another tree, or of
    another time. It is empty where nothing was written yet, and in journals before schema 3.
    """

    journal: Journal = field(default_factory=Journal)
    pending: tuple[PendingFile, ...] = ()
    sequence: int = field(default=0, compare=False)
    life: str = field(default="", compare=False)

    @property
    def is_empty(self) -> bool:
        """True if nothing is applied, and nothing was begun."""
        return not (self.journal.patches or self.pending)

    @property
    def originals(self) -> set[str]:
        """The hashes of all that has to be in the store."""
        names = {file.original_sha256 for file in self.journal.files}
        return (names | {file.before_sha256 for file in self.pending}) - {""}

    @property
    def private(self) -> set[str]:
        """Those among the originals whose files not everybody may read."""
        modes = [(file.path, file.mode) for file in self.journal.files]
        modes += [(file.path, file.mode) for file in self.pending]
        paths = {path for path, mode in modes if mode & FOR_ALL != FOR_ALL}
        names = {file.original_sha256 for file in self.journal.files if file.path in paths}
        return (names | {file.before_sha256 for file in self.pending if file.path in paths}) - {""}


def encode(record: JournalRecord, key: bytes) -> bytes:
    """One line of JSON that can be told from every damaged form of it, and from what others wrote."""
    table = {
        "schema": SCHEMA,
        "sequence": record.sequence,
        "life": record.life,
        "patches": [_patch_table(patch) for patch in record.journal.patches],
        "files": [asdict(file) for file in record.journal.files],
        "pending": [asdict(file) for file in record.pending],
    }
    table["seal"] = seal(key, _check(table))
    return _canonical({**table, "check": _check(table)}) + b"\n"


def decode(data: bytes) -> JournalRecord:
    """The record that some bytes hold, whoever wrote them.

    Raises:
        DamagedJournalError, NewerJournalError: As `decode_with_proof`.
    """
    return decode_with_proof(data)[0]


@lru_cache(
    maxsize=4
)  # one command reads the same few bytes eight times: the journal and its copies
def decode_with_proof(data: bytes) -> tuple[JournalRecord, Proof]:
    """The record that some bytes hold, and what they have to show for who wrote them.

    Raises:
        DamagedJournalError: They are not what `encode` gave, or lead out of the checkout.
        NewerJournalError: They are, of a newer ttsopt.
    """
    try:
        table = _is(dict, json.loads(data))
        schema = _count(table["schema"])
        check = table.pop("check", None)
        if check is not None and check != _check(table):
            raise DamagedJournalError("it is not what ttsopt wrote")
        if schema <= SCHEMA:
            _check_keys(table, schema, has_check=check is not None)
            sealed = _hash(table.pop("seal", ""))
            return _record(table), Proof(_check(table), sealed)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedJournalError(f"it is no journal of ttsopt: {error}") from error
    raise NewerJournalError(f"it has schema {schema}; this ttsopt knows {SCHEMA}")


def _canonical(table: Mapping[str, Any]) -> bytes:
    return json.dumps(table, sort_keys=True, separators=(",", ":")).encode("ascii")


def _check(table: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(table)).hexdigest()


def _check_keys(table: Mapping[str, Any], schema: int, *, has_check: bool) -> None:
    keys = KEYS | ({"sequence", "life"} if schema >= CHECKED else set())
    keys |= {"seal"} if schema >= SEALED else set()
    if has_check != (schema >= CHECKED) or table.keys() != keys or not schema:
        raise ValueError(f"its keys are not those of schema {schema}")


def _record(table: Mapping[str, Any]) -> JournalRecord:
    patches = tuple(_patch(_is(dict, row)) for row in _is(list, table["patches"]))
    files = tuple(_file(_is(dict, row)) for row in _is(list, table["files"]))
    pending = tuple(_pending(_is(dict, row)) for row in _is(list, table["pending"]))
    written = _count(table.get("sequence", 0)), _life(table.get("life", ""))
    return JournalRecord(Journal(patches, files), pending, *written)


def _file(row: Mapping[str, Any]) -> JournalFile:
    hashes = _hash(row["original_sha256"]), _hash(row["written_sha256"])
    real = None if row.get("real") is None else _path(row["real"])
    return JournalFile(_path(row["path"]), *hashes, _mode(row["mode"]), _folders(row), real)


def _pending(row: Mapping[str, Any]) -> PendingFile:
    hashes = _hash(row["before_sha256"]), _hash(row["after_sha256"])
    return PendingFile(_path(row["path"]), *hashes, _mode(row.get("mode", 0o644)), _folders(row))


def _patch(row: Mapping[str, Any]) -> JournalPatch:
    splices, created = _is(dict, row["splices"]), _is(dict, row.get("created", {}))
    parameters = _is(dict, row["parameters"])
    if not all(isinstance(value, str | int | float) for value in parameters.values()):
        raise TypeError("a parameter is neither a text nor a number")
    return JournalPatch(
        _is(str, row["id"]),
        _count(row["version"]),
        _path(row["root"]),
        _is(str, row["applied_at"]),
        parameters,
        {_path(path): tuple(map(_splice, _is(list, rows))) for path, rows in splices.items()},
        {_path(path): _mode(mode) for path, mode in created.items()},
        tuple(map(_path, _is(list, row.get("deleted", [])))),
        tuple(_is(str, name) for name in _is(list, row.get("requires", []))),
    )


def _patch_table(patch: JournalPatch) -> dict[str, Any]:
    splices = {
        path: [_splice_table(splice) for splice in found] for path, found in patch.splices.items()
    }
    return {
        "id": patch.id,
        "version": patch.version,
        "root": patch.root,
        "applied_at": patch.applied_at,
        "parameters": dict(patch.parameters),
        "splices": splices,
        "created": dict(patch.created),
        "deleted": list(patch.deleted),
        "requires": list(patch.requires),
    }


def _splice(row: Mapping[str, Any]) -> Splice:
    row = _is(dict, row)
    start, end = _count(row["start"]), _count(row["end"])
    if end < start:
        raise ValueError(f"a splice ends at {end}, before it starts")
    removed, inserted = _bytes(_is(str, row["removed"])), _bytes(_is(str, row["inserted"]))
    return Splice(start, end, removed, inserted, _is(int, row.get("rank", 0)))


def _splice_table(splice: Splice) -> dict[str, Any]:
    return {
        "start": splice.start,
        "end": splice.end,
        "removed": _text(splice.removed),
        "inserted": _text(splice.inserted),
        "rank": splice.rank,
    }


def _text(data: bytes) -> str:
    """Bytes as text that gives them back: what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is(kind: type[Kind], value: object) -> Kind:
    if type(value) is not kind:  # True is an int, too
        raise TypeError(f"a {type(value).__name__} stands where a {kind.__name__} belongs")
    return value


def _count(value: object) -> int:
    number = _is(int, value)
    if number < 0:
        raise ValueError(f"{number} is no count")
    return number


def _mode(value: object) -> int:
    mode = _count(value)
    if mode > ALL_BITS:
        raise ValueError(f"{mode} are no mode bits")
    return mode & PERMISSIONS


def _folders(row: Mapping[str, Any]) -> int:
    """How many folders were made for a file; all of them lie below the top."""
    count = _count(row.get("folders", 0))
    if count >= max(len(PurePath(row["path"]).parts), 1):
        raise ValueError(f"{row['path']} has no {count} folders above it")
    return count


def _hash(value: object) -> str:
    """It names a file of the store, and may be nothing else."""
    if not HASH.fullmatch(_is(str, value)):
        raise ValueError("a hash is none")
    return _is(str, value)


def _life(value: object) -> str:
    if not LIFE.fullmatch(_is(str, value)):
        raise ValueError("a life is none")
    return _is(str, value)


def _path(value: object) -> str:
    """A path from the top of the checkout, or the top itself."""
    path = PurePath(_is(str, value))
    os.fsencode(path)  # a ValueError, where no file system could have it
    # By its root: on Windows, `/x` is not absolute, and leads to the top of the drive.
    if path.root or path.drive or ".." in path.parts or "\0" in str(path):
        raise ValueError(f"{path} leads out of the checkout")
    return _is(str, value)
