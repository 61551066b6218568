"""Files as they come: encodings, marks, line ends, and what is no Python at all."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import pytest

from ttsopt.domain.edits import EnsureImport, Insert, Replace, SetConstant
from ttsopt.editing.resolve import holds_anchor, resolve
from ttsopt.editing.unparsable import UnparsableError

Patched = Callable[..., bytes]
CALL = Replace(pattern="f($X)", replacement="g($X)")


@pytest.mark.parametrize(
    ("cookie", "text"),
    [
        ("latin-1", "é"),
        ("gbk", "语音合成"),
        ("shift_jis", "音声"),
        ("iso-2022-jp", "音声"),
        ("cp1252", "€"),
    ],
)
def test_coding_cookies_are_kept_and_obeyed(patched: Patched, cookie: str, text: str) -> None:
    source = f"# coding: {cookie}\r\ns = '{text}'; y = f('{text}')  # {text}\r\n"
    expected = source.replace("f('", "g('")
    assert patched(source.encode(cookie), CALL) == expected.encode(cookie)
    line = f"# coding: {cookie}\r\ny = 1\r\n"
    insert = Insert(code=f"z = '{text}'", anchors=("y = $_",), place="after", pick="last")
    assert patched(line.encode(cookie), insert) == f"{line}z = '{text}'\r\n".encode(cookie)


def test_mark_tabs_and_line_ends_stay(patched: Patched) -> None:
    source = codecs.BOM_UTF8 + "#!x\r\nif a:\r\n\ty = f('🎙')\r\n\tz = f(1)".encode()
    assert patched(source, CALL) == source.replace(b"f(", b"g(").replace(b"ig(", b"if(")


def test_what_the_encoding_lacks_is_said(patched: Patched) -> None:
    edit = SetConstant(name="x", old=("1",), new="'语'")
    with pytest.raises(UnparsableError, match=r"latin-1|iso-8859-1"):
        patched(b"# coding: latin-1\nx = 1\n", edit)


@pytest.mark.parametrize(
    "source",
    [
        b"print 'two'\n",
        b"x = (\n",
        b"x = 1\x00\n",
        b"x = '\xff'\n",
        b"# coding: latin-1\n# ok\n\xef\xbb\xbfx = (",
        b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
        b"# coding: no-such\nx = 1\n",
        b"# coding: rot13\nx = 1\n",
        b"# coding: hex\nx = 1\n",
        b"# coding: utf-7\nx = '+AGE-'\n",
        b"# coding: undefined\nx = 1\n",
        "x = 1\n".encode("utf-16"),
        b"x = " + b"(" * 5000 + b"1" + b")" * 5000,
        b"x = " + b"-" * 100_000 + b"1\n",
        b"x = f(" + b"1+" * 900 + b"1)\n",
        b"if a: pass\n" + b"elif a: pass\n" * 1500,
        b"def f():\n\t  x = 1\n        y = 2\n",
    ],
    ids=range(17),
)
def test_what_cannot_be_read_is_an_unparsable_error(source: bytes) -> None:
    with pytest.raises(UnparsableError) as caught:
        resolve("a.py", source, [CALL, Replace(pattern="f($X)", replacement="g($X)", scope="A")])
    assert caught.value.reason


def test_the_line_of_the_error_is_told() -> None:
    with pytest.raises(UnparsableError) as syntax:
        resolve("a.py", b"a = 1\nb = = 2\n", [])
    with pytest.raises(UnparsableError) as text:
        resolve("a.py", b"a = 1\nc = 1\nb = '\xff'\n", [])
    assert (syntax.value.line, text.value.line) == (2, 3)


@pytest.mark.parametrize("source", [b"", b"\n", b"# words", codecs.BOM_UTF8, b"\x0c\n", b"pass"])
def test_next_to_nothing_is_python(patched: Patched, source: bytes) -> None:
    assert patched(source, CALL) == source
    assert b"import os" in patched(source, EnsureImport(statement="import os"))


@pytest.mark.parametrize(
    ("anchor", "there"),
    [
        ("class F5TTS", True),
        ("def infer", True),
        ("def nested", False),
        ("class F5", False),
        ("class F5TTSX", False),
        ("def F5TTS", False),
        ("class infer", False),
        ("class ", False),
    ],
)
def test_definitions_are_exact(anchor: str, there: bool) -> None:
    raw = (
        b"class F5TTS: pass\nasync def infer():\n    def nested(): pass\n'''\nclass F5: pass\n'''\n"
    )
    assert holds_anchor("a.py", raw, anchor) is there
