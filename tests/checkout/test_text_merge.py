"""Three versions of a text as one: against edits that are known, and what must not come out."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st

from ttsopt.checkout.upstream.text_merge import UnmergedError, merge_text

BASE = b"".join(b"line %d\n" % number for number in range(1, 21))
pieces = st.sampled_from(
    [
        b"a",
        b"\xff\xfe",
        b" \t",
        "语".encode(),
        b"\r",
        b"\xef\xbb\xbf",
        b"<<<<<<< x",
        b"=======",
        b"",
    ]
)
texts = st.lists(st.lists(pieces, max_size=3).map(b"".join), max_size=9)


def changed(number: int, line: bytes, text: bytes = BASE) -> bytes:
    lines = text.splitlines(keepends=True)
    lines[number - 1] = line
    return b"".join(lines)


@examples(60)
@given(st.data(), st.sampled_from([b"\n", b"\r\n"]), st.booleans(), pieces)
def test_edits_of_lines_apart_from_each_other_are_all_in_the_result(
    data: st.DataObject, end: bytes, ended: bool, letters: bytes
) -> None:
    assume(letters != b"\r")
    lines = [b"%d " % number + letters for number in range(30)]
    places = sorted(data.draw(st.sets(st.integers(0, 9), min_size=2, max_size=6)))
    sides = [data.draw(st.sampled_from(["ours", "theirs"])) for _ in places]
    kinds = [data.draw(st.sampled_from(["change", "delete", "add"])) for _ in places]
    versions = {}
    for name in ("base", "ours", "theirs", "both"):
        out = list(lines)
        for place, side, kind in reversed(list(zip(places, sides, kinds, strict=True))):
            if name in {side, "both"}:
                kept = [] if kind == "delete" else [b"new %d" % place]
                out[place * 3 : place * 3 + (kind != "add")] = kept
        versions[name] = end.join([*out, b"last"]) + end * ended
    merged = merge_text(versions["base"], versions["ours"], versions["theirs"])
    assert merged == versions["both"]


@examples(60)
@given(texts, texts, st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_where_one_side_has_not_changed_the_other_one_comes_through(
    base: list[bytes], other: list[bytes], end: bytes
) -> None:
    one, two = end.join(base), end.join(other)
    assert merge_text(one, one, two) == two
    assert merge_text(one, two, one) == two
    assert merge_text(one, two, two) == two


@examples(60)
@given(texts, texts, texts, st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_no_line_comes_out_that_no_version_has(
    base: list[bytes], current: list[bytes], target: list[bytes], end: bytes
) -> None:
    versions = [end.join(lines) for lines in (base, current, target)]
    try:
        merged = merge_text(*versions)
    except UnmergedError as error:
        assert error.line in range(1, versions[1].count(b"\n") + 2)  # noqa: PT017
        return
    known = {line for version in versions for line in version.split(b"\n")}
    assert set(merged.split(b"\n")) <= known


@pytest.mark.parametrize(
    ("current", "line"),
    [
        (changed(12, b"mine\n"), 12),
        (b"first\n" + changed(12, b"mine\n"), 13),
        (b"".join(changed(12, b"mine\n").splitlines(keepends=True)[4:]), 8),
        (changed(2, b"a\nb\nc\n", changed(12, b"mine\n")), 14),
    ],
)
def test_a_conflict_names_the_line_of_the_current_version(current: bytes, line: int) -> None:
    target = changed(7, b"one\ntwo\nthree\n", changed(12, b"theirs\n", changed(18, b"new\n")))
    with pytest.raises(UnmergedError, match="the same lines") as caught:
        merge_text(BASE, current, target)
    assert caught.value.line == line


def test_a_file_that_holds_what_looks_like_a_conflict_is_merged_as_any_other() -> None:
    strange = b"<<<<<<< ours\n=======\n>>>>>>> theirs\n"
    current = strange + changed(18, b"mine\n")
    merged = merge_text(strange + BASE, current, strange + changed(5, b"new\n"))
    assert merged == strange + changed(5, b"new\n", changed(18, b"mine\n"))


def test_what_is_no_text_is_not_merged() -> None:
    for late in (b"\0", b"x" * 9000 + b"\0"):
        with pytest.raises(UnmergedError, match="zero bytes") as caught:
            merge_text(BASE, BASE + late, changed(1, b"x\n"))
        assert caught.value.line == 0


def test_without_git_nothing_is_merged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnmergedError, match="not on this machine") as caught:
        merge_text(BASE, changed(2, b"x\n"), changed(9, b"y\n"))
    assert "install it" in caught.value.hint


@pytest.mark.parametrize("seen", ["while the folder is made", "while one is looked for"])
def test_a_full_disk_is_told_as_one(monkeypatch: pytest.MonkeyPatch, seen: str) -> None:
    def full(**_: object) -> NoReturn:
        if seen == "while one is looked for":
            raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/ttsopt-x")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    with pytest.raises(UnmergedError, match="cannot be merged") as caught:
        merge_text(BASE, changed(2, b"x\n"), changed(9, b"y\n"))
    assert "Free some space" in caught.value.hint


def test_a_git_that_gives_no_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec /bin/sleep 60\n", encoding="utf-8")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ttsopt.boundary.git.SECONDS", 0.2)
    with pytest.raises(UnmergedError, match="no answer in"):
        merge_text(BASE, changed(2, b"x\n"), changed(9, b"y\n"))


def test_no_configuration_has_a_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / ".gitconfig"
    config.write_text("[merge]\n\tconflictstyle = no such style\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    merged = merge_text(BASE, changed(2, b"x\n"), changed(9, b"y\n"))
    assert merged == changed(9, b"y\n", changed(2, b"x\n"))
