"""Files that the Python of ttsopt cannot read: what is said of them, and which Python is named."""

from __future__ import annotations

import sys

import pytest

from ttsopt.editing.languages import check_parses
from ttsopt.editing.python.source import parse_source
from ttsopt.editing.unparsable import UnparsableError

RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"
NEWER = [
    ("3.12", "PEP 695", "x = 1\ndef first[T](x: T) -> T:\n    return x\n", 2),
    ("3.12", "PEP 695", "class Box[T]:\n    pass\n", 1),
    ("3.12", "PEP 695", "type Wave = list[float]\n", 1),
    ("3.12", "PEP 701", 'x = 1\ny = f"{names["a"]}"\n', 2),
    ("3.12", "PEP 701", "y = f'{', '.join(x)}'\n", 1),
    ("3.12", "PEP 701", 'y = f"{\n    x\n}"\n', 1),
    ("3.13", "PEP 696", "def first[T = int](x: T): pass\n", 1),
    ("3.14", "PEP 758", "try:\n    run()\nexcept KeyError, ValueError:\n    pass\n", 3),
    ("3.14", "PEP 750", "x = t'{name}'\n", 1),
]


@pytest.mark.parametrize(("version", "pep", "text", "line"), NEWER)
def test_newer_syntax_names_the_python_that_reads_it(
    version: str, pep: str, text: str, line: int
) -> None:
    if tuple(map(int, version.split("."))) <= sys.version_info[:2]:
        assert parse_source(text.encode()).tree.body
        return
    with pytest.raises(UnparsableError) as caught:
        parse_source(text.encode())
    error = caught.value
    assert f"not valid Python {RUNNING}, which ttsopt runs on" in error.reason
    assert pep in error.reason
    assert error.reason.endswith(f"new in Python {version}")
    assert (error.needs, error.line) == (version, line)


@pytest.mark.parametrize("text", ['print "x"\n', "raise Error, 'x'\n", "x = 0777\n"])
def test_python_2_is_told(text: str) -> None:
    with pytest.raises(UnparsableError, match=r"of Python 2$") as caught:
        parse_source(text.encode())
    assert not caught.value.needs


def test_what_no_python_reads_names_none() -> None:
    with pytest.raises(UnparsableError) as caught:
        check_parses("a.py", b"a = 1\nb = = 1\n")
    assert (caught.value.line, caught.value.needs) == (2, "")
    assert (
        caught.value.reason == f"not valid Python {RUNNING}, which ttsopt runs on: invalid syntax"
    )


@pytest.mark.parametrize("text", ["match x:\n    case 1:\n        pass\n", "type = 1\nf'{type}'\n"])
def test_what_this_python_reads_is_read(text: str) -> None:
    assert parse_source(text.encode()).tree.body
