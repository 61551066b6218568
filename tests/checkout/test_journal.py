from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.journal import (
    JournalRecord,
    PendingFile,
    read_journal,
    read_second,
    write_journal,
)
from ttsopt.checkout.state.journal_format import DamagedJournalError, NewerJournalError, decode
from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.checkout.state.store import fetch, forget_all_but, keep_all, open_store
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import Splice
from ttsopt.errors import CannotRunError, RefusedError

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
RECORD = JournalRecord(
    Journal((PATCH,), (FILE,)), (PendingFile("x.py", "3" * 64, "4" * 64),), sequence=8
)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = open_checkout(tmp_path)
    open_store(checkout)
    return checkout


def test_a_record_comes_back_as_it_went(checkout: Checkout) -> None:
    write_journal(checkout, RECORD)
    assert read_journal(checkout) == RECORD


def test_nothing_there_is_nothing_applied(tmp_path: Path) -> None:
    assert read_journal(open_checkout(tmp_path)) == JournalRecord()
    assert not (tmp_path / ".ttsopt").exists()


def test_each_write_counts_up(checkout: Checkout) -> None:
    record = write_journal(checkout, RECORD)
    assert record.sequence == RECORD.sequence + 1
    assert read_journal(checkout).sequence == record.sequence
    assert write_journal(checkout, record).sequence == record.sequence + 1
    second = read_second(checkout)
    assert second is not None
    assert (second, second.sequence) == (RECORD, record.sequence + 1)


OLD_FILE = {"path": "a.py", "original_sha256": "1" * 64, "written_sha256": "2" * 64, "mode": 420}
OLD_PATCH = {
    "id": "f5-tts/nfe-step",
    "version": 3,
    "root": ".",
    "applied_at": "2026-01-01T00:00:00+00:00",
    "parameters": {"n": 7},
    "splices": {"a.py": [{"start": 0, "end": 1, "removed": "1", "inserted": "é"}]},
}
OLD_PENDING = {"path": "a.py", "before_sha256": "1" * 64, "after_sha256": "2" * 64}
FIRST = {"schema": 1, "patches": [OLD_PATCH], "files": [OLD_FILE], "pending": [OLD_PENDING]}
SECOND = {
    "schema": 2,
    "patches": [{**OLD_PATCH, "created": {"b.py": 420}, "deleted": ["c.py"], "requires": ["x/y"]}],
    "files": [{**OLD_FILE, "path": "n/d/a.py", "folders": 2}],
    "pending": [{**OLD_PENDING, "path": "n/a.py", "mode": 493, "folders": 1}],
}


def test_journals_of_older_schemas_are_read(checkout: Checkout) -> None:
    splices = {"a.py": (Splice(0, 1, b"1", "é".encode()),)}
    old = JournalPatch("f5-tts/nfe-step", 3, ".", "2026-01-01T00:00:00+00:00", {"n": 7}, splices)
    newer = replace(old, created={"b.py": 0o644}, deleted=("c.py",), requires=("x/y",))
    file = JournalFile("a.py", "1" * 64, "2" * 64, 0o644)
    pending = PendingFile("a.py", "1" * 64, "2" * 64)
    checkout.copy.mkdir(parents=True)
    (checkout.copy / "journal.json").write_text(json.dumps(FIRST))
    put(checkout, FIRST)
    assert read_journal(checkout) == JournalRecord(Journal((old,), (file,)), (pending,))
    (checkout.copy / "journal.json").write_text(json.dumps(SECOND))
    put(checkout, SECOND)
    assert read_journal(checkout) == JournalRecord(
        Journal((newer,), (replace(file, path="n/d/a.py", folders=2),)),
        (replace(pending, path="n/a.py", mode=0o755, folders=1),),
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "7", '"x"', "{}", '{"schema": 1}', "[" * 100_000,
        '{"schema": 1, "patches": {}, "files": [], "pending": [{"path": "a"}]}',
        '{"schema": 1, "patches": [{"id": "a"}], "files": [], "pending": []}',
        '{"schema": 1, "patches": [], "files": [7], "pending": []}',
        '{"schema": 1, "patches": [7], "files": [], "pending": []}',
        '{"schema": true, "patches": [], "files": [], "pending": []}',
        '{"schema": 0, "patches": [], "files": [], "pending": []}',
        '{"schema": 3, "patches": [], "files": [], "pending": [], "sequence": 1}',
        '{"schema": 2, "patches": [], "files": [], "pending": [], "sequence": 1}',
        '{"schema": 9, "patches": [], "files": [], "pending": [], "check": "0"}',
    ],
)  # fmt: skip
def test_a_damaged_journal_is_refused(checkout: Checkout, text: str) -> None:
    (checkout.state / "journal.json").write_text(text, encoding="utf-8")
    refused(checkout)


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        ("files", "path", "../a.py"),
        ("files", "path", "/a.py"),
        ("files", "path", "b/../../a.py"),
        ("files", "path", "a\0.py"),
        ("files", "path", "a\ud800.py"),
        ("files", "original_sha256", "../../a"),
        ("files", "original_sha256", "1" * 63),
        ("files", "mode", 0o100644),
        ("files", "folders", -1),
        ("files", "folders", 3),
        ("pending", "folders", 3),
        ("pending", "path", "../a.py"),
        ("pending", "before_sha256", "journal.json"),
        ("patches", "root", ".."),
        ("patches", "version", "3"),
        ("patches", "parameters", {"n": [1]}),
        ("patches", "splices", {"../a.py": []}),
        ("patches", "splices", {"a.py": [{"start": 2, "end": 1, "removed": "", "inserted": ""}]}),
        ("patches", "splices", {"a.py": [{"start": 0.0, "end": 1, "removed": "", "inserted": ""}]}),
        ("patches", "created", {"/a.py": 420}),
        ("patches", "deleted", ["../a.py"]),
        ("patches", "requires", [1]),
    ],
)
def test_wrong_types_and_paths_that_lead_outside_are_damage(
    checkout: Checkout, where: str, key: str, value: object
) -> None:
    table = json.loads(json.dumps(SECOND))
    table[where][0][key] = value
    put(checkout, table)
    refused(checkout)


def test_bytes_that_are_no_text_are_a_damaged_journal(checkout: Checkout) -> None:
    (checkout.state / "journal.json").write_bytes(b"\xff\xfe\x00")
    refused(checkout)


def test_a_newer_journal_is_refused(checkout: Checkout) -> None:
    put(checkout, {"schema": 5, "entries": []})
    with pytest.raises(RefusedError, match="schema 5") as caught:
        read_journal(checkout)
    assert caught.value.code == "newer-journal"


SMALL = JournalRecord(
    Journal(
        (
            JournalPatch(
                "a/b", 1, ".", "", {"n": 0.5}, {"é.py": (Splice(0, 1, b"1", b"2"),)}, {"c.py": 420}
            ),
        ),
        (JournalFile("é.py", "1" * 64, "2" * 64, 0o644),),
    ),
    (PendingFile("é.py", "3" * 64, "4" * 64),),
)


def test_a_journal_cut_off_anywhere_is_never_taken_for_another(checkout: Checkout) -> None:
    write_journal(checkout, SMALL)
    whole = (checkout.state / "journal.json").read_bytes()
    for length in range(len(whole)):
        assert_same_or_refused(checkout, whole[:length])


@given(at=st.integers(0, 1 << 20), bits=st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_a_journal_with_a_byte_flipped_is_never_taken_for_another(
    checkout: Checkout, at: int, bits: int
) -> None:
    write_journal(checkout, SMALL)
    data = bytearray((checkout.state / "journal.json").read_bytes())
    data[at % len(data)] ^= bits
    assert_same_or_refused(checkout, bytes(data))


def test_a_journal_with_each_bit_flipped_is_never_taken_for_another(checkout: Checkout) -> None:
    write_journal(checkout, SMALL)
    whole = (checkout.state / "journal.json").read_bytes()
    for position in range(len(whole) * 8):
        data = bytearray(whole)
        data[position // 8] ^= 1 << position % 8
        with suppress(DamagedJournalError, NewerJournalError):
            assert decode(bytes(data)) == SMALL


def test_a_journal_with_something_behind_it_is_damaged(checkout: Checkout) -> None:
    write_journal(checkout, SMALL)
    whole = (checkout.state / "journal.json").read_bytes()
    for behind in (b"x", whole, b"\x00" * 4096):
        (checkout.state / "journal.json").write_bytes(whole + behind)
        refused(checkout)


def put(checkout: Checkout, table: object) -> None:
    (checkout.state / "journal.json").write_text(json.dumps(table), encoding="utf-8")


def refused(checkout: Checkout) -> None:
    with pytest.raises(RefusedError) as caught:
        read_journal(checkout)
    assert caught.value.code == "damaged-journal"
    assert "`ttsopt restore`" in caught.value.hint
    assert "originals" in caught.value.hint


def assert_same_or_refused(checkout: Checkout, data: bytes) -> None:
    (checkout.state / "journal.json").write_bytes(data)
    try:
        assert read_journal(checkout) == SMALL
    except RefusedError as error:
        assert error.code in {"damaged-journal", "newer-journal"}  # noqa: PT017


def test_a_second_copy_without_a_journal_is_never_nothing_applied(checkout: Checkout) -> None:
    write_journal(checkout, SMALL)
    (checkout.state / "journal.json").unlink()
    with pytest.raises(RefusedError, match="is gone"):
        read_journal(checkout)


def test_a_record_of_nothing_leaves_no_second_copy(checkout: Checkout) -> None:
    write_journal(checkout, SMALL)
    write_journal(checkout, JournalRecord())
    assert read_second(checkout) is None
    (checkout.state / "journal.json").unlink()
    assert read_journal(checkout) == JournalRecord()


def test_a_record_too_large_to_be_read_again_is_not_written(checkout: Checkout) -> None:
    write_journal(checkout, SMALL)
    large = Splice(0, 0, b"", b"x" * 17 * 1024 * 1024)
    patch = replace(PATCH, splices={"a.py": (large,)})
    with pytest.raises(CannotRunError) as caught:
        write_journal(checkout, JournalRecord(Journal((patch,))))
    assert caught.value.code == "too-large"
    assert read_journal(checkout) == SMALL


def test_originals_without_a_journal_are_never_nothing_applied(checkout: Checkout) -> None:
    keep_all(checkout, [b"x = 1\n"])
    with pytest.raises(RefusedError, match="is gone"):
        read_journal(checkout)


def test_originals_come_back_checked(checkout: Checkout) -> None:
    name = sha256(EVERY_BYTE)
    keep_all(checkout, [EVERY_BYTE])
    keep_all(checkout, [EVERY_BYTE])
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
    keep_all(checkout, [b"1", b"2"])
    one, two = sha256(b"1"), sha256(b"2")
    forget_all_but(checkout, {two})
    assert fetch(checkout, two) == b"2"
    with pytest.raises(RefusedError):
        fetch(checkout, one)


def test_the_state_hides_itself_from_git(checkout: Checkout) -> None:
    assert (checkout.state / ".gitignore").read_bytes() == b"*\n"
