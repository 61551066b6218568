from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import SetArgument, SetConstant, SetDefault
from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Status

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Edit], EditAnswer]

STEPS = SetConstant(name="steps", old=("32", "16"), new="7")
DEFAULT = SetDefault(scope="F.infer", name="steps", old=("32",), new="7")
SLIDER = SetArgument(call="s = gr.Slider($$$A)", name="value", old=("32",), new="7")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("steps = 32\n", "steps = 7\n"),
        ("steps=16  # why", "steps=7  # why"),
        ("steps: int = 0x20\n", "steps: int = 7\n"),
        ("a = steps = (32)\n", "a = steps = (7)\n"),
        ("a = '语🎙'; steps = 32; b = 1\n", "a = '语🎙'; steps = 7; b = 1\n"),
    ],
)
def test_constant_is_set_and_nothing_else(patched: Patched, source: str, expected: str) -> None:
    assert patched(source, STEPS) == expected.encode()


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("steps = 7\n", Status.ALREADY),
        ("def f():\n    steps = 32\n", Status.ABSENT),
        ("steps: int\n", Status.ABSENT),
        ("self.steps = 32\n", Status.ABSENT),
        ("steps = 24\n", Status.REFUSED),
        ("steps = 32.0\n", Status.REFUSED),
        ("steps = int(32)\n", Status.REFUSED),
    ],
)
def test_constant_answers(answer: Answer, source: str, status: Status) -> None:
    assert answer(source, STEPS).status is status


def test_another_value_is_named_with_line_and_both_values(answer: Answer) -> None:
    found = answer("a = 1\n\nsteps = 24  # slow\n", STEPS)
    assert found.line == 3
    assert found.reason == "steps is 24, neither the expected 32 or 16 nor the new 7"
    assert found.nearest == "steps = 24  # slow"


def test_strings_compare_as_values(patched: Patched) -> None:
    edit = SetConstant(name="mode", old=('"eager"',), new='"compiled"')
    assert patched("mode = 'eager'\n", edit) == b'mode = "compiled"\n'


def test_constant_of_a_class(patched: Patched) -> None:
    edit = SetConstant(scope="A", name="steps", old=("32",), new="7")
    source = "steps = 32\nclass A:\n    steps = 32\n"
    assert patched(source, edit) == b"steps = 32\nclass A:\n    steps = 7\n"


@pytest.mark.parametrize(
    "signature",
    [
        "self, steps={}, *a",
        "self, x, /, steps={}",
        "self, steps={}, /, y=1",
        "self, *, other, steps={}, z",
        "self, a=1, b=(2, 3), *c, steps: int={}, **d",
        "self, a=lambda steps=32: steps, steps={}",
    ],
)
def test_default_of_any_kind_of_parameter(patched: Patched, signature: str) -> None:
    source = f"class F:\n    async def infer({signature}): pass\n"
    assert patched(source.format(32), DEFAULT) == source.format(7).encode()


def test_default_missing_or_elsewhere_is_absent(answer: Answer) -> None:
    assert answer("class F:\n    def infer(self, steps): pass\n", DEFAULT).status is Status.ABSENT
    assert (
        answer("class F:\n    def other(self, steps=32): pass\n", DEFAULT).status is Status.ABSENT
    )
    assert answer("def infer(steps=32): pass\n", DEFAULT).status is Status.ABSENT


def test_argument_of_an_assigned_call(patched: Patched) -> None:
    source = "s = gr.Slider(\n    'n', step=2, value=32, **more\n)\nt = gr.Slider(value=32)\n"
    assert patched(source, SLIDER).decode() == source.replace("value=32, ", "value=7, ")


def test_argument_of_every_bare_call(patched: Patched) -> None:
    edit = SetArgument(call="load($$$A)", name="dtype", old=("None",), new="torch.half")
    source = "a = load(1, dtype=None)\nb(load(dtype=None), load(2))\n"
    assert patched(source, edit).decode() == source.replace("None", "torch.half")


def test_argument_answers(answer: Answer) -> None:
    assert answer("s = gr.Slider(step=2)\n", SLIDER).status is Status.ABSENT
    assert answer("s = gr.Slider(value=7)\n", SLIDER).status is Status.ALREADY
    assert answer("s = gr.Slider(value=n)\n", SLIDER).status is Status.REFUSED


def test_two_definitions_where_one_is_expected_are_refused(answer: Answer) -> None:
    edit = SetDefault(scope="f", name="n", old=("1",), new="2", maximum=1)
    found = answer("if a:\n    def f(n=1): pass\nelse:\n    def f(n=1): pass\n", edit)
    assert found.status is Status.REFUSED
    assert found.reason == "found 2 places (lines 2, 4), expected 1"
