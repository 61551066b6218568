from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import Decorate, Insert
from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.resolve import resolve
from ttsopt.editing.unparsable import PatternError

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Edit], EditAnswer]

EDIT = Decorate(scope="A.m", decorator="torch.inference_mode()")

ABOVE = {
    "a method": "class A:\n{}    def m(self): pass\n",
    "async": "class A:\n{}    async def m(self):\n        pass\n",
    "outermost": "class A:\n{}    @other(1)\n    # words\n    @third\n    def m(self): pass\n",
    "below staticmethod": "class A:\n    @staticmethod\n{}    def m(): pass\n",
    "below classmethod with others": "class A:\n    @x\n    @classmethod\n{}    @y\n    def m(c): pass\n",
    "below property, comment and all": "class A:\n    @property  # p\n{}    def m(self): pass\n",
    "below a setter": "class A:\n    @m.setter\n{}    def m(self, v): pass\n",
    "below a getter": "class A:\n    @m.getter\n{}    @(\n      y)\n    def m(self): pass\n",
    "below functools.cached_property": "class A:\n    @functools.cached_property\n{}    def m(self): pass\n",
    "a decorator in brackets": "class A:\n{}    @(\n      y)\n    def m(self): pass\n",
    "nested under if": "if a:\n    class A:\n        try:\n            b\n        finally:\n"
    "{}            def m(s): 0\n",
}  # fmt: skip


@pytest.mark.parametrize("source", ABOVE.values(), ids=ABOVE.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_its_place_among_others(patched: Patched, source: str, newline: str) -> None:
    source = source.replace("\n", newline)
    indent = " " * (12 if "try" in source else 4)
    expected = source.format(f"{indent}@torch.inference_mode(){newline}")
    assert patched(source.format(""), EDIT).decode() == expected
    assert patched(expected, EDIT).decode() == expected


def test_classes_and_tabs(patched: Patched) -> None:
    edit = Decorate(scope="A.B", decorator="dataclass(slots=True)")
    source = "class A:\n\tclass B: pass\n"
    assert patched(source, edit) == b"class A:\n\t@dataclass(slots=True)\n\tclass B: pass\n"


def test_wildcards_take_every_definition_that_fits(patched: Patched) -> None:
    edit = Decorate(scope="A*.infer*", decorator="d")
    source = "class A:\n def infer(s): 0\nclass A2:\n def infer_fast(s): 0\n def m(s): 0\n"
    assert patched(source, edit).decode() == source.replace(" def infer", " @d\n def infer")


def test_the_same_one_is_already(answer: Answer) -> None:
    source = "class A:\n    @torch . inference_mode( )\n    def m(self): pass\n"
    found = answer(source, EDIT)
    assert (found.status, found.line) == (Status.ALREADY, 2)


def test_the_same_one_with_other_values_is_refused(answer: Answer) -> None:
    source = "class A:\n    @lru_cache(maxsize=8)\n    def m(self): pass\n"
    found = answer(source, Decorate(scope="A.m", decorator="lru_cache(maxsize=64)"))
    assert (found.status, found.line) == (Status.REFUSED, 2)
    assert found.nearest == "@lru_cache(maxsize=8)"
    assert found.difference == "`8` where the patch expects `64`"


def test_absent_without_the_definition(answer: Answer) -> None:
    assert answer("class A: pass\ndef m(): pass\n", EDIT).status is Status.ABSENT


def test_two_decorators_and_lines_before_stay_apart(patched: Patched) -> None:
    lines = Insert(code="K = 1", anchors=("def m(): pass",), place="before", pick="first")
    edits = [Decorate(scope="m", decorator="a"), Decorate(scope="m", decorator="b"), lines]
    assert patched("def m(): pass\n", *edits) == b"K = 1\n@a\n@b\ndef m(): pass\n"


@pytest.mark.parametrize(("scope", "decorator"), [("", "a"), ("m", "x = 1"), ("m", "@a")])
def test_it_needs_a_definition_and_an_expression(scope: str, decorator: str) -> None:
    with pytest.raises(PatternError):
        resolve("a.py", b"def m(): pass\n", [Decorate(scope=scope, decorator=decorator)])
