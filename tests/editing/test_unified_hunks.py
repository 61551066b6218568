"""Where a hunk may go, and what is said of one that goes nowhere."""

from __future__ import annotations

import pytest

from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.compose import compose
from ttsopt.editing.unified.hunks import resolve_hunks
from ttsopt.editing.unified.parse import parse_diff
from ttsopt.editing.unified.write import unified_diff

LINES = [b"line %d\n" % number for number in range(30)]
OLD = b"".join(LINES)
TWO = OLD.replace(b"line 5\n", b"five\n").replace(b"line 20\n", b"twenty\n")
NAMES = b"--- a/f\n+++ b/f\n"


def answers(diff: bytes, original: bytes) -> list[EditAnswer]:
    (file,) = parse_diff(diff)
    return list(resolve_hunks(file, original).answers)


def refusal(diff: bytes, original: bytes) -> EditAnswer:
    """The one refusal; nothing is spliced then."""
    (file,) = parse_diff(diff)
    found = resolve_hunks(file, original)
    assert found.splices == ()
    (wrong,) = [answer for answer in found.answers if answer.status is Status.REFUSED]
    return wrong


def applied(diff: bytes, original: bytes) -> bytes:
    (file,) = parse_diff(diff)
    found = resolve_hunks(file, original)
    assert {answer.status for answer in found.answers} == {Status.APPLIED}
    return compose(original, found.splices)


def test_a_hunk_moves_to_the_one_place_that_its_lines_have() -> None:
    diff = unified_diff("f", OLD, TWO)
    drifted = b"top\n" * 7 + OLD.replace(b"line 12\n", b"")
    expected = b"top\n" * 7 + TWO.replace(b"line 12\n", b"")
    assert applied(diff, drifted) == expected
    assert [answer.line for answer in answers(diff, drifted)] == [13, 27]


def test_a_hunk_does_not_choose_between_two_places() -> None:
    diff = unified_diff("f", OLD, OLD.replace(b"line 9\n", b"nine\n"))
    assert applied(diff, OLD + OLD)  # At its own line it is the first that is meant.
    assert "several places (lines 8 and 38" in refusal(diff, b"top\n" + OLD + OLD).reason


def test_after_a_hunk_that_moved_the_line_that_is_named_says_nothing() -> None:
    before = OLD + b"a\nb\nc\nd\ne\nf\ng\n" * 2
    after = before.replace(b"line 5\n", b"five\n").replace(b"d\n", b"D\n", 1)
    diff = unified_diff("f", before, after)
    assert applied(diff, before) == after
    assert "several places" in refusal(diff, b"top\n" + before).reason


def test_less_context_before_the_change_holds_a_hunk_at_the_start() -> None:
    diff = unified_diff("f", OLD, b"new\n" + OLD)
    assert "at the start of the file" in refusal(diff, b"top\n" + OLD).reason
    end = unified_diff("f", OLD, OLD + b"new\n")
    assert "at the end of the file" in refusal(end, OLD + b"more\n").reason
    assert applied(end, b"top\n" + OLD) == b"top\n" + OLD + b"new\n"


def test_lines_without_context_are_held_by_nothing() -> None:
    diff = NAMES + b"@@ -5,0 +6 @@\n+new\n"
    assert "no context" in refusal(diff, OLD).reason
    new = NAMES + b"@@ -0,0 +1 @@\n+new\n"
    assert applied(new, b"") == b"new\n"
    assert [answer.status for answer in answers(new, b"new\n")] == [Status.ALREADY]


def test_splices_hold_changed_lines_alone_and_keep_their_order() -> None:
    diff = NAMES + b"@@ -1,4 +1,5 @@\n-line 0\n+zero\n+more\n line 1\n-line 2\n+two\n line 3\n"
    (file,) = parse_diff(diff)
    spliced = resolve_hunks(file, OLD).splices
    assert [splice.removed for splice in spliced] == [b"line 0\n", b"line 2\n"]
    touching = NAMES + b"@@ -1 +1,2 @@\n line 0\n+b\n@@ -2,2 +3,3 @@\n+a\n line 1\n line 2\n"
    (file,) = parse_diff(touching)
    assert [splice.inserted for splice in resolve_hunks(file, OLD).splices] == []


def test_what_is_there_is_already_and_half_of_it_is_refused() -> None:
    diff = unified_diff("f", OLD, TWO)
    assert {answer.status for answer in answers(diff, TWO)} == {Status.ALREADY}
    assert {answer.status for answer in answers(diff, b"top\n" + TWO)} == {Status.ALREADY}
    half = refusal(diff, OLD.replace(b"line 5\n", b"five\n"))
    assert half.what.startswith("apply hunk 1 of 2")
    assert "in the file already (at line 6), but hunk 2 of 2" in half.reason


def test_a_change_that_is_there_is_not_made_again_in_a_block_that_is_like_it() -> None:
    """GNU patch moves such a hunk to the second block without a word."""
    block = (
        b"# of f\n# below\ndef f():\n    a = 1\n    b = 2\n    return a\n    # end\n    # of it\n"
    )
    before = b"top\n" + block + OLD + block
    after = b"top\n" + block.replace(b"b = 2", b"b = 3") + OLD + block
    diff = unified_diff("f", before, after)
    assert applied(diff, before) == after
    assert "which place is meant cannot be told" in refusal(diff, after).reason


@pytest.mark.parametrize(
    ("file", "line", "looked_for", "nearest", "difference"),
    [
        (OLD.replace(b"line 7\n", b"7\n"), 8, "line 7", "7", "`7` where the diff expects `line 7`"),
        (b"top\n" * 3 + OLD.replace(b"line 7\n", b""), 11, "line 7", "line 8", "`line 8` where"),
        (OLD.replace(b"\n", b"\r\n"), 3, "line 2", "line 2", "the file has CR LF where the diff has LF"),
        (OLD.replace(b"line 4\n", b"line\t4\n"), 5, "line 4", "line\t4", "only tabs and blanks differ"),
        (b"".join(LINES[:7]), 8, "line 7", "", "the file ends where the diff expects `line 7`"),
        (b"", 1, "line 2", "", "the file ends"),
        (b"\xff\n\0\n", 2, "line 2", "", ""),
    ],
    ids=["other", "missing", "crlf", "tab", "cut", "empty", "no-text"],
)  # fmt: skip
def test_a_refusal_says_what_differs(
    file: bytes, line: int, looked_for: str, nearest: str, difference: str
) -> None:
    wrong = refusal(unified_diff("f", OLD, OLD.replace(b"line 5\n", b"five\n")), file)
    if nearest or line != 2:
        assert (wrong.line, wrong.nearest) == (line, nearest)
    assert wrong.looked_for == looked_for
    assert difference in wrong.difference
    assert wrong.difference in wrong.reason


def test_a_final_line_end_counts() -> None:
    diff = unified_diff("f", b"a\nb", b"a\nc")
    assert applied(diff, b"a\nb") == b"a\nc"
    assert "no line end at the end of the file where" in refusal(diff, b"a\nb\n").reason
    back = unified_diff("f", b"a\nb\n", b"a\nc\n")
    assert "no line end at its end" in refusal(back, b"a\nb").reason
