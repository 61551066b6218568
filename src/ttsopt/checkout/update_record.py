"""The record of an update that is under way: in the user's state folder of the checkout, until it is over."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ttsopt.boundary.parsing import load_json
from ttsopt.checkout.fs.files import read_if_there
from ttsopt.checkout.fs.folder import open_folder
from ttsopt.checkout.state.journal_format import (
    DamagedJournalError,
    JournalRecord,
    NewerJournalError,
    decode,
    encode,
)
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.ownership import own_folder_of
from ttsopt.checkout.state.seal_key import sealing_key
from ttsopt.checkout.state.state_files import LARGEST, put, writing
from ttsopt.checkout.upstream.repository import COMMIT
from ttsopt.domain.journal import Journal
from ttsopt.errors import CannotRunError, RefusedError

NAME = "update.json"
SCHEMA = 1
BRANCH = "refs/heads/"
SHOWN = 12  # digits of a commit's id in messages
_TEXTS = ("from", "to", "branch", "journal", "patches")
_LISTS = ("catalogs", "patch_files")
_PERMISSIONS = 0o777


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """An update of a `branch` (its full name) from one commit to another.

    `journal` is what was applied before, `patches` the list of what is to be applied after (`patch_list`), with
    the user's own `catalogs` and `patch_files`. `is_taken_back`: nothing but the way back is left.
    """

    old: str
    new: str
    branch: str
    journal: Journal
    patches: str
    catalogs: tuple[str, ...] = ()
    patch_files: tuple[str, ...] = ()
    is_taken_back: bool = field(default=False)


def read_update(checkout: Checkout) -> UpdateRecord | None:
    """Return the update that was begun and not ended; None where there is none.

    Raises:
        RefusedError: The record is damaged, or of a newer ttsopt, or somebody else can have written it.
        CannotRunError: It cannot be read.
    """
    data = read_if_there(own_folder_of(checkout.top) / NAME)
    if data is None:
        return None
    try:
        return _record(load_json(data))
    except (ValueError, KeyError, TypeError, RecursionError, DamagedJournalError) as error:
        path = checkout.copy / NAME
        message = f"{path} is no record of an update: {error}"
        hint = f"See where git stands, and `ttsopt status`; then delete {path}."
        raise RefusedError("damaged-update", message, hint) from error
    except NewerJournalError as error:
        raise RefusedError(
            "newer-journal", f"the update's record: {error}", "Upgrade ttsopt."
        ) from error


def write_update(checkout: Checkout, record: UpdateRecord) -> None:
    """Put a record in the place of the one before, lastingly.

    Raises:
        CannotRunError: It cannot be written, or would be too large to be read again.
    """
    data = json.dumps(_table(record), sort_keys=True).encode("ascii")
    if len(data) > LARGEST:
        message = f"the record of this update would take {len(data)} bytes; {LARGEST} are allowed"
        raise CannotRunError("too-large", message, "Roll back, pull, and reapply.")
    with writing(own_folder_of(checkout.top), private=True) as folder:
        put(folder, NAME, data, 0o600)
        folder.sync()


def delete_update(checkout: Checkout) -> None:
    """Drop the record: the update is over. The folder goes with it where nothing else is in it.

    Raises:
        CannotRunError: It cannot be deleted.
    """
    if not os.path.lexists(checkout.copy / NAME):
        return
    with writing(checkout.copy) as folder:
        folder.unlink(NAME)
        folder.sync()
    with open_folder(checkout.copy.parent) as above:
        above.remove_empty_folder(checkout.copy.name)


def _table(record: UpdateRecord) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "from": record.old,
        "to": record.new,
        "branch": record.branch,
        "journal": encode(JournalRecord(record.journal), sealing_key()).decode("ascii"),
        "patches": record.patches,
        "catalogs": list(record.catalogs),
        "patch_files": list(record.patch_files),
        "is_taken_back": record.is_taken_back,
    }


def _record(table: Mapping[str, Any]) -> UpdateRecord:
    if not isinstance(table, dict) or table.get("schema") != SCHEMA:
        raise ValueError(f"this ttsopt knows schema {SCHEMA}")
    if table.keys() != {"schema", *_TEXTS, *_LISTS, "is_taken_back"}:
        raise ValueError("its keys are others")
    if not all(isinstance(table[name], str) for name in _TEXTS):
        raise TypeError("a text is none")
    if not all(_is_list_of_texts(table[name]) for name in _LISTS):
        raise TypeError("a list of paths is none")
    if not (COMMIT.fullmatch(table["from"]) and COMMIT.fullmatch(table["to"])):
        raise ValueError("a commit is none")
    if not table["branch"].startswith(BRANCH) or not isinstance(table["is_taken_back"], bool):
        raise ValueError("the branch is none, or the direction")
    return UpdateRecord(
        table["from"],
        table["to"],
        table["branch"],
        _journal(table["journal"]),
        table["patches"],
        tuple(table["catalogs"]),
        tuple(table["patch_files"]),
        is_taken_back=table["is_taken_back"],
    )


def _journal(text: str) -> Journal:
    journal = decode(text.encode("ascii")).journal
    if any(mode > _PERMISSIONS for row in journal.patches for mode in row.created.values()):
        raise ValueError("mode bits beyond permissions")
    return journal


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
