"""Journals as others could write them: whoever writes into a checkout can compute the check, but not the seal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ttsopt.checkout.state.journal_seal import seal
from ttsopt.checkout.state.seal_key import sealing_key


def forge(file: Path, table: dict[str, Any]) -> None:
    """Write a journal whose check fits what it says."""
    table.pop("check", None)
    file.write_text(json.dumps({**table, "check": _check(table)}))


def seal_anew(file: Path, table: dict[str, Any]) -> None:
    """Write a journal as the user's own ttsopt does."""
    said = {name: value for name, value in table.items() if name not in {"check", "seal"}}
    forge(file, {**said, "seal": seal(sealing_key(), _check(said))})


def as_of_schema(schema: int, file: Path) -> None:
    """Make a journal one of a ttsopt that knew no seals (3), no check and no numbers either (2, 1)."""
    table = json.loads(file.read_text())
    del table["seal"]
    if schema == 3:
        forge(file, {**table, "schema": schema})
        return
    kept = {name: table[name] for name in ("patches", "files", "pending")}
    file.write_text(json.dumps({**kept, "schema": schema}))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def plant(top: Path, path: str, *, before: bytes, after: bytes, mode: int = 0o644) -> str:
    """Lay a state into a folder that tells of an unfinished step; gives what a shipped `.ttsopt` is known by."""
    state = top / ".ttsopt"
    (state / "originals").mkdir(parents=True)
    (state / "originals" / sha256(before)).write_bytes(before)
    pending = {"path": path, "before_sha256": sha256(before), "after_sha256": sha256(after)}
    table = {"schema": 3, "sequence": 1, "life": "0" * 16, "patches": [], "files": []}
    table["pending"] = [{**pending, "mode": mode, "folders": 0}]
    for name in ("journal.json", "journal.copy.json"):
        forge(state / name, dict(table))
    return _check(table)


def _check(table: dict[str, Any]) -> str:
    text = json.dumps(table, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
