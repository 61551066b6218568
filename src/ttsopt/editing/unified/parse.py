"""Reads a unified diff, from git or from diff: all of it, or a reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ttsopt.domain.plan import Fate
from ttsopt.editing.unified.body import read_hunk
from ttsopt.editing.unified.file_diff import DiffError, FileDiff, Hunk
from ttsopt.editing.unified.lines import split_lines
from ttsopt.editing.unified.names import (
    DEV_NULL,
    bare_name,
    name_and_stamp,
    names_of_git,
    safe_path,
    says_no_file,
    stripped,
)

EXTENDED = re.compile(
    rb"(old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from|rename to"
    rb"|similarity index|dissimilarity index|index) (.*)"
)
# Forms that are no unified diff: refused rather than passed over as text, so that nothing is half applied.
OTHER_FORMS = (
    (rb"diff --(cc|combined) ", "a combined diff of a merge; make one against a single parent"),
    (rb"@@@+ -", "a combined diff of a merge; make one against a single parent"),
    (rb"GIT binary patch|Binary files .* differ", "a binary change; ttsopt patches text alone"),
    (rb"\*\*\* \d+(,\d+)? \*\*\*\*", "a context diff; make a unified one with `diff -u`"),
    (
        rb"\d+(,\d+)?[acd]\d+(,\d+)?\r?\n\Z",
        "a diff without context; make a unified one with `diff -u`",
    ),
)
REGULAR = {"100644": 0o644, "100755": 0o755}
# git cuts ids short to seven digits or more; what is shorter was not written by it and tells nothing.
IDS = re.compile(rb"([0-9a-f]{7,64})\.\.([0-9a-f]{7,64})(?:\s|\Z)")


# Far beyond any path with its time stamp, in C's quotes too; to look for a stamp takes the square of the length.
LONGEST = 32 * 1024


@dataclass(slots=True)
class _Header:
    """Header above the hunks of one file."""

    line: int
    git: bytes = b""
    extended: dict[str, bytes] = field(default_factory=dict)
    source: bytes = b""
    target: bytes = b""
    no_source: bool = False
    no_target: bool = False
    strip_cr: bool = False


def parse_diff(data: bytes) -> tuple[FileDiff, ...]:
    """Return what a diff does, file by file; text around it (mail headers, a signature) is let through.

    A diff whose own header lines end in CR LF went through a program that changed its line ends: they are
    taken off, as GNU patch does. unidiff is not used: it passes over lines that a hunk has beyond its counts,
    gives no line numbers, and cannot tell the two names of a git header with blanks in them.

    Raises:
        DiffError: It is none, it is damaged, or it asks for something that ttsopt does not do.
    """
    lines = split_lines(data)
    files = tuple(_files(lines))
    if not files:
        kind = " (it looks like an ed script)" if _is_ed_script(lines) else ""
        raise DiffError(f"there is no unified diff in it{kind}", 1 if kind else 0)
    return files


def _files(lines: Sequence[bytes]) -> Iterator[FileDiff]:
    at = 0
    while at < len(lines):
        header = _Header(at + 1)
        start = at
        at = _read_git_header(lines, at, header)
        at = _read_names(lines, at, header)
        if at == start:
            _refuse_other_forms(lines, at)
            at += 1
            continue
        hunks: list[Hunk] = []
        while at < len(lines) and lines[at].startswith(b"@@ -"):
            hunk, at = read_hunk(lines, at, header.strip_cr)
            hunks.append(hunk)
        if not hunks and at < len(lines):
            _refuse_other_forms(lines, at)
        yield _file(header, tuple(hunks))


def _refuse_other_forms(lines: Sequence[bytes], at: int) -> None:
    if lines[at].startswith(b"@@ -"):
        raise DiffError("a hunk, but no names of a file (`---` and `+++`) above it", at + 1)
    for pattern, what in OTHER_FORMS:
        follows = lines[at + 1][:2] if at + 1 < len(lines) else b""
        bare = "without context" in what
        if re.match(pattern, lines[at]) and (not bare or follows in {b"< ", b"> "}):
            raise DiffError(f"it holds {what}", at + 1)


def _read_git_header(lines: Sequence[bytes], at: int, header: _Header) -> int:
    if not lines[at].startswith(b"diff --git "):
        return at
    header.git = lines[at].removeprefix(b"diff --git ")
    if len(header.git) > LONGEST:
        raise DiffError("names of a file that no file has: too long", at + 1)
    at += 1
    while at < len(lines) and (found := EXTENDED.match(lines[at])):
        if len(found[2]) > LONGEST:
            raise DiffError("a header that is too long", at + 1)
        header.extended[found[1].decode()] = found[2]
        at += 1
    return at


def _read_names(lines: Sequence[bytes], at: int, header: _Header) -> int:
    old, new, below = (*lines[at : at + 3], b"", b"", b"")[:3]
    if not (old.startswith(b"--- ") and new.startswith(b"+++ ")):
        return at
    if not below.startswith(b"@@ -"):
        raise DiffError("the names of a file, but no hunk below them", at + 1)
    if max(len(old), len(new)) > LONGEST:
        raise DiffError("names of a file that no file has: too long", at + 1)
    source, source_stamp = name_and_stamp(old[4:])
    target, target_stamp = name_and_stamp(new[4:])
    if not _belong(header, source, target):
        return at
    header.source, header.target = source, target
    header.no_source = header.source == DEV_NULL or says_no_file(source_stamp)
    header.no_target = header.target == DEV_NULL or says_no_file(target_stamp)
    header.strip_cr = new.endswith(b"\r\n")
    return at + 2


def _belong(header: _Header, source: bytes, target: bytes) -> bool:
    """Return True if names go with the git header above; below one without hunks they may begin the next file."""
    said = header.extended
    if "rename to" in said:
        return target.endswith(bare_name(said["rename to"]))
    created_apart = "new file mode" in said and source != DEV_NULL
    return not (created_apart or ("deleted file mode" in said and target != DEV_NULL))


def _file(header: _Header, hunks: tuple[Hunk, ...]) -> FileDiff:
    _refuse_modes(header)
    renames = "rename from" in header.extended
    if not (hunks or renames or {"new file mode", "deleted file mode"} & header.extended.keys()):
        raise DiffError("the names of a file, but no change of it", header.line)
    fate = _fate(header, hunks)
    whole_source, whole_target = (safe_path(name, header.line) for name in _names(header, fate))
    source, target = whole_source, whole_target
    if not renames:
        source, target = stripped(source), stripped(target)
    mode = REGULAR[_mode(header, "new file mode", "100644")]
    names = source, target, whole_source, whole_target
    return FileDiff(header.line, *names, fate, hunks, mode, renames, *_ids(header))


def _ids(header: _Header) -> tuple[str, str]:
    found = IDS.match(header.extended.get("index", b""))
    return (found[1].decode(), found[2].decode()) if found else ("", "")


def _fate(header: _Header, hunks: tuple[Hunk, ...]) -> Fate:
    """Return what the header and the hunks together say; a side that is said to be no file has no lines."""
    has_old, has_new = (any(hunk.old for hunk in hunks), any(hunk.new for hunk in hunks))
    is_git = "new file mode" in header.extended or header.source == DEV_NULL
    if is_git or (header.no_source and not has_old):
        if has_old or len(hunks) > 1 or "deleted file mode" in header.extended:
            raise DiffError("a new file, but there are lines to be found in it", header.line)
        return Fate.CREATED
    is_git = "deleted file mode" in header.extended or header.target == DEV_NULL
    if is_git or (header.no_target and not has_new):
        if has_new:
            raise DiffError("a deleted file, but there are lines that stay in it", header.line)
        return Fate.DELETED
    return Fate.EDITED


def _names(header: _Header, fate: Fate) -> tuple[bytes, bytes]:
    if "rename from" in header.extended:
        old = bare_name(header.extended["rename from"])
        return old, bare_name(header.extended.get("rename to", b""))
    names = (header.source, header.target)
    if not header.source:
        found = names_of_git(header.git)
        if found is None:
            raise DiffError("two different names, but no rename of a file", header.line)
        names = found
    if fate is Fate.CREATED:
        return names[1], names[1]
    return (names[0], names[0]) if fate is Fate.DELETED else names


def _refuse_modes(header: _Header) -> None:
    keys = header.extended.keys()
    if {"copy from", "copy to"} & keys:
        raise DiffError("it copies a file; make the diff without `-C`", header.line)
    modes = {_mode(header, key, "100644") for key in ("new file mode", "deleted file mode")}
    modes |= {_mode(header, key, "100644") for key in ("old mode", "new mode")}
    index = header.extended.get("index", b"").split()
    modes |= {index[1].decode("ascii", "replace")} if len(index) > 1 else set()
    for mode, what in (("120000", "symbolic link"), ("160000", "submodule")):
        if mode in modes:
            raise DiffError(f"it changes a {what}; ttsopt patches plain files alone", header.line)
    if {"old mode", "new mode"} & keys:
        reason = "it changes the mode of a file that is there; ttsopt leaves modes as they are"
        raise DiffError(reason, header.line)
    if unknown := modes - REGULAR.keys():
        raise DiffError(f"{unknown.pop()} is no mode of a plain file", header.line)


def _mode(header: _Header, key: str, default: str) -> str:
    found = header.extended.get(key)
    return default if found is None else found.strip().decode("ascii", "replace")


def _is_ed_script(lines: Sequence[bytes]) -> bool:
    return bool(lines) and re.match(rb"\d+(,\d+)?[acds]\r?\n\Z", lines[0]) is not None
