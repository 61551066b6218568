"""The journal on disk: `.ttsopt/journal.json`, versioned, one state and at most one unfinished step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ttsopt.checkout.files import read_file, replace_file
from ttsopt.checkout.location import Checkout
from ttsopt.checkout.store import is_empty
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import Splice
from ttsopt.errors import RefusedError

# 2 knows created and deleted files; what 1 holds reads the same.
SCHEMA = 2
READABLE = (1, 2)


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
    """What the file holds: the state that was reached, and the step that was begun from it, if any."""

    journal: Journal = field(default_factory=Journal)
    pending: tuple[PendingFile, ...] = ()


def read_journal(checkout: Checkout) -> JournalRecord:
    """The record of a checkout; an empty one where nothing is applied.

    Raises:
        RefusedError: It is damaged, newer than this program, or leads out of the checkout; never read as
            "nothing applied".
    """
    path = checkout.state / "journal.json"
    _refuse_links(checkout)
    if not path.exists():
        # It is written before the first original and deleted after the last one.
        if is_empty(checkout):
            return JournalRecord()
        raise RefusedError(
            "damaged-journal",
            f"{path} is gone, but there are originals beside it",
            "Put the journal back, or the originals, named by their SHA-256; then delete .ttsopt.",
        )
    try:
        table = json.loads(read_file(path))
        schema = table["schema"]
        if schema in READABLE:
            return _record(table)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = f"The original files are in {checkout.state / 'originals'}, named by their SHA-256."
        raise RefusedError(
            "damaged-journal", f"{path} is not a journal of ttsopt ({error})", hint
        ) from error
    raise RefusedError(
        "newer-journal",
        f"{path} has schema {schema}; this ttsopt knows {SCHEMA}",
        "Upgrade ttsopt.",
    )


def _refuse_links(checkout: Checkout) -> None:
    for folder in (checkout.state, checkout.state / "originals"):
        if folder.is_symlink():
            message = f"{folder} is a link; ttsopt keeps its state inside the checkout"
            raise RefusedError("outside", message, "Delete the link, if you did not make it.")


def write_journal(checkout: Checkout, record: JournalRecord) -> None:
    """Put a record in the place of the one before, in one step."""
    journal = record.journal
    table = {
        "schema": SCHEMA,
        "patches": [_patch_table(patch) for patch in journal.patches],
        "files": [asdict(file) for file in journal.files],
        "pending": [asdict(file) for file in record.pending],
    }
    data = json.dumps(table, indent=1).encode("ascii")
    replace_file(checkout.state / "journal.json", data, mode=0o644)


def _record(table: Mapping[str, Any]) -> JournalRecord:
    patches = tuple(_patch(row) for row in table["patches"])
    files = tuple(JournalFile(**row) for row in table["files"])
    return JournalRecord(
        Journal(patches, files), tuple(PendingFile(**row) for row in table["pending"])
    )


def _patch(row: Mapping[str, Any]) -> JournalPatch:
    splices = {
        path: tuple(_splice(entry) for entry in entries) for path, entries in row["splices"].items()
    }
    lists = {name: tuple(row.get(name, ())) for name in ("deleted", "requires")}
    return JournalPatch(**{**row, **lists, "splices": splices})


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
    removed, inserted = _bytes(row["removed"]), _bytes(row["inserted"])
    return Splice(int(row["start"]), int(row["end"]), removed, inserted, int(row.get("rank", 0)))


def _splice_table(splice: Splice) -> dict[str, Any]:
    return {
        "start": splice.start,
        "end": splice.end,
        "removed": _text(splice.removed),
        "inserted": _text(splice.inserted),
        "rank": splice.rank,
    }


def _text(data: bytes) -> str:
    """Bytes as readable text that gives them back: what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
