"""Why a hunk does not fit: the line where it stops, what stands there, and what tells the two apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.unified.file_diff import Hunk
from ttsopt.editing.unified.place import Text, old_side

# A line that stands in a file more often than this (a blank one) says nothing of where a hunk belongs.
TELLING = 200


def not_found(text: Text, hunk: Hunk, what: str) -> EditAnswer:
    """The refusal of a hunk whose old lines stand nowhere that they may."""
    wanted = hunk.old
    at = _nearest(text, hunk)
    wrong = next(
        (n for n, line in enumerate(wanted) if text.lines[at + n : at + n + 1] != [line]), None
    )
    if wrong is None:
        where = "start" if old_side(hunk).leading < old_side(hunk).trailing else "end"
        reason = (
            f"its lines stand at line {at + 1}, but its context says that it is at the {where} of the"
            " file, or it belongs below a hunk that stands further down"
        )
        return EditAnswer(Status.REFUSED, what, at + 1, reason)
    there = text.lines[at + wrong] if at + wrong < len(text.lines) else b""
    looked_for, nearest = _shown(wanted[wrong]), _shown(there)
    difference = _whole_difference(text, wanted, at) or _difference(wanted[wrong], there)
    reason = f"line {at + wrong + 1} is not what the diff expects there: {difference}"
    return EditAnswer(Status.REFUSED, what, at + wrong + 1, reason, looked_for, nearest, difference)


def _nearest(text: Text, hunk: Hunk) -> int:
    """The line where most of the old lines stand; of several, the one nearest to where the hunk says."""
    last = max(len(text.lines) - 1, 0)
    places: dict[bytes, list[int]] = defaultdict(list)
    for number, line in enumerate(text.lines):
        places[_bare(line)].append(number)
    votes: Counter[int] = Counter()
    for n, line in enumerate(hunk.old):
        found = places.get(_bare(line), [])
        votes.update(at - n for at in found if len(found) <= TELLING and at >= n)
    best = max(votes, key=lambda at: (votes[at], -abs(at - hunk.old_at)), default=hunk.old_at)
    return min(best, last)


def _whole_difference(text: Text, wanted: Sequence[bytes], at: int) -> str:
    """A difference that all of the hunk has: in line ends, or in blanks."""
    there = text.lines[at : at + len(wanted)]
    if _same(wanted, there, _without_cr):
        ends = ("CR LF", "LF") if any(line.endswith(b"\r\n") for line in there) else ("LF", "CR LF")
        return (
            f"only the line ends differ: the file has {ends[0]} where the diff has {ends[1]};"
            " make the diff against this very file, or convert the diff's line ends"
        )
    if _same(wanted, there, lambda line: line.rstrip(b"\r\n")):
        return _final_newline(wanted, there)
    if _same(wanted, there, lambda line: b"".join(line.split())):
        return "only tabs and blanks differ; the diff must have them as the file has"
    return ""


def _same(wanted: Sequence[bytes], there: Sequence[bytes], seen: Callable[[bytes], bytes]) -> bool:
    return [seen(line) for line in wanted] == [seen(line) for line in there]


def _final_newline(wanted: Sequence[bytes], there: Sequence[bytes]) -> str:
    if wanted[-1].endswith(b"\n") and not there[-1].endswith(b"\n"):
        return "the file has no line end at its end where the diff has one"
    return "the diff has no line end at the end of the file where the file has one"


def _difference(wanted: bytes, there: bytes) -> str:
    if not there:
        return f"the file ends where the diff expects `{_shown(wanted).strip()}`"
    return f"`{_shown(there).strip()}` where the diff expects `{_shown(wanted).strip()}`"


def _without_cr(line: bytes) -> bytes:
    return line[:-2] + b"\n" if line.endswith(b"\r\n") else line


def _bare(line: bytes) -> bytes:
    """A line as far as it says where a hunk belongs: blanks and line ends aside."""
    return b" ".join(line.split())


def _shown(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
