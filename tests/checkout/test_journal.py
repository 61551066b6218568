from __future__ import annotations

import json
from pathlib import Path

import pytest

from ttsopt.checkout.journal import JournalRecord, PendingFile, read_journal, write_journal
from ttsopt.checkout.location import Checkout, open_checkout
from ttsopt.checkout.store import fetch, forget_all_but, keep, open_store
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import Splice
from ttsopt.errors import RefusedError

EVERY_BYTE = bytes(range(256))
PATCH = JournalPatch(
    id="f5-tts/nfe-step",
    version=3,
    root="third_party/语音",
    applied_at="2026-01-01T00:00:00+00:00",
    parameters={"n": 7, "f": 0.5, "b": True, "s": "é"},
    splices={
        "a b/语.py": (Splice(3, 259, EVERY_BYTE, "语\u2028\r\n".encode() + EVERY_BYTE),),
        "c\udcff.py": (),
    },
)
FILE = JournalFile("a b/语.py", "1" * 64, "2" * 64, 0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = open_checkout(tmp_path)
    open_store(checkout)
    return checkout


def test_a_record_comes_back_as_it_went(checkout: Checkout) -> None:
    record = JournalRecord(Journal((PATCH,), (FILE,)), (PendingFile("x.py", "3" * 64, "4" * 64),))
    write_journal(checkout, record)
    assert read_journal(checkout) == record


def test_nothing_there_is_nothing_applied(tmp_path: Path) -> None:
    assert read_journal(open_checkout(tmp_path)) == JournalRecord()
    assert not (tmp_path / ".ttsopt").exists()


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "7", '"x"', "{}", '{"schema": 1}',
        '{"schema": 1, "patches": {}, "files": [], "pending": [{"path": "a"}]}',
        '{"schema": 1, "patches": [{"id": "a"}], "files": [], "pending": []}',
        '{"schema": 1, "patches": [], "files": [7], "pending": []}',
        '{"schema": 1, "patches": [7], "files": [], "pending": []}',
    ],
)  # fmt: skip
def test_a_damaged_journal_is_refused(checkout: Checkout, text: str) -> None:
    (checkout.state / "journal.json").write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError) as caught:
        read_journal(checkout)
    assert caught.value.code == "damaged-journal"
    assert "originals" in caught.value.hint


def test_bytes_that_are_no_text_are_a_damaged_journal(checkout: Checkout) -> None:
    (checkout.state / "journal.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RefusedError, match="not a journal"):
        read_journal(checkout)


def test_a_newer_journal_is_refused(checkout: Checkout) -> None:
    text = json.dumps({"schema": 3, "entries": []})
    (checkout.state / "journal.json").write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match="schema 3") as caught:
        read_journal(checkout)
    assert caught.value.code == "newer-journal"


def test_originals_without_a_journal_are_never_nothing_applied(checkout: Checkout) -> None:
    keep(checkout, b"x = 1\n")
    with pytest.raises(RefusedError, match="is gone"):
        read_journal(checkout)


def test_originals_come_back_checked(checkout: Checkout) -> None:
    name = keep(checkout, EVERY_BYTE)
    assert keep(checkout, EVERY_BYTE) == name
    assert fetch(checkout, name) == EVERY_BYTE
    path = checkout.state / "originals" / name
    path.chmod(0o644)
    path.write_bytes(b"other")
    with pytest.raises(RefusedError, match="not what was stored"):
        fetch(checkout, name)
    path.unlink()
    with pytest.raises(RefusedError, match="is not in"):
        fetch(checkout, name)


def test_only_what_a_record_needs_is_kept(checkout: Checkout) -> None:
    one, two = keep(checkout, b"1"), keep(checkout, b"2")
    forget_all_but(checkout, {two})
    assert fetch(checkout, two) == b"2"
    with pytest.raises(RefusedError):
        fetch(checkout, one)


def test_the_state_hides_itself_from_git(checkout: Checkout) -> None:
    assert (checkout.state / ".gitignore").read_bytes() == b"*\n"
