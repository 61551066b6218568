from __future__ import annotations

from typing import Any

import pytest

Shelf = Any  # conftest.py of this folder

BODY = """
[[files]]
paths = ["toy.py"]
[[files.edits]]
add_file = "{helper}"
import = ["fast"]
"""


def put(shelf: Shelf, helper: str = "quick.py") -> None:
    shelf.patch(body=BODY.format(helper=helper))


def test_a_helper_is_the_patchs_own_before_the_shared_one(shelf: Shelf) -> None:
    put(shelf)
    shelf.write("_helpers/quick.py", "fast = 1\n")
    assert shelf.load().patch("toy/quick").helpers == {"quick.py": b"fast = 1\n"}
    shelf.write("toy/quick/files/quick.py", "fast = 2\n")
    assert shelf.load().patch("toy/quick").helpers == {"quick.py": b"fast = 2\n"}


def test_a_helper_must_be_there(shelf: Shelf) -> None:
    put(shelf)
    (line,) = shelf.problems()
    assert line == (
        "toy/quick/patch.toml: files[0].edits[0].add_file: "
        "there is no files/quick.py beside it, and no _helpers/quick.py"
    )


@pytest.mark.parametrize("helper", ["a/quick.py", "../quick.py", "quick", "1.py", "quick.py.txt"])
def test_a_helper_is_named_as_a_module(shelf: Shelf, helper: str) -> None:
    put(shelf, helper)
    (line,) = shelf.problems()
    assert "expected the name of a Python module" in line


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"match fast:\n    case 1: pass\n", "quick.py:2: no Python 3.8"),
        (b"fast = (\n", "no Python 3.8"),
        (b"slow = 1\n", "import[0]: quick.py defines no fast"),
        (b"def slow():\n    fast = 1\n", "import[0]: quick.py defines no fast"),
        (b"fast = '\xff'\n", "quick.py"),
        (b"fast = 1\nreturn fast\n", "quick.py:2: no Python 3.8: 'return' outside function"),
    ],
)
def test_a_helper_is_python_that_every_checkout_runs(
    shelf: Shelf, content: bytes, expected: str
) -> None:
    put(shelf)
    shelf.write("_helpers/quick.py", content)
    (line,) = shelf.problems()
    assert expected in line


@pytest.mark.parametrize(
    "content",
    [
        "async def fast(): ...",
        "class fast: ...",
        "fast: int = 1",
        "from a import b as fast",
        "try:\n    import fast\nexcept ImportError:\n    fast = None",
        "with open('a') as fast: ...",
    ],
)
def test_a_name_may_be_defined_in_any_way(shelf: Shelf, content: str) -> None:
    put(shelf)
    shelf.write("_helpers/quick.py", content)
    assert shelf.load()


def test_a_file_that_no_edit_lays_out_is_a_mistake(shelf: Shelf) -> None:
    shelf.patch()
    shelf.write("toy/quick/files/quick.py", "fast = 1\n")
    (line,) = shelf.problems()
    assert "files/quick.py is laid out by no edit" in line


def test_what_a_helper_imports_of_other_helpers_is_laid_out_too(shelf: Shelf) -> None:
    put(shelf, "ttsopt_quick.py")
    shelf.write(
        "_helpers/ttsopt_quick.py",
        "if __package__:\n    from .ttsopt_base import fast\nelse:\n    from ttsopt_base import fast\n",
    )
    assert "there is no files/ttsopt_base.py beside it" in str(shelf.problems())
    shelf.write("_helpers/ttsopt_base.py", "fast = 1\n")
    assert set(shelf.load().patch("toy/quick").helpers) == {"ttsopt_quick.py", "ttsopt_base.py"}
