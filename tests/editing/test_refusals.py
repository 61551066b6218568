"""What an answer says to the person who reads it: lines, what was looked for, what is there instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ttsopt.domain.edits import (
    AnyOf,
    Decorate,
    Delete,
    EnsureImport,
    Insert,
    Replace,
    SetArgument,
    SetConstant,
    SetDefault,
    SetYaml,
)
from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.languages import check_parses
from ttsopt.editing.python.nearest import nearest_candidate
from ttsopt.editing.python.source import parse_source
from ttsopt.editing.resolve import holds_anchor, resolve
from ttsopt.editing.unparsable import PatternError, UnparsableError

Patched = Callable[..., bytes]
Answer = Callable[[str | bytes, Edit], EditAnswer]

MODEL = """\
import torch


class Model:
    def load(self, path):
        self.net = torch.load(path, map_location="cpu", weights_only=True)
        for step in range(32):
            self.warm(step)

    def infer(self, text, steps=32):
        return self.net.run(text, steps=steps, half=False)
"""
FITS = Replace(pattern="self.warm(step)", replacement="pass_on(step)")
IMPORT = EnsureImport(statement="import torch")


@pytest.mark.parametrize(
    ("edit", "line", "difference"),
    [
        (
            Replace(pattern="range(16)", replacement="range(7)"),
            7,
            "`32` where the patch expects `16`",
        ),
        (
            Replace(
                pattern="self.net.run($T, steps=$S, half=True)", replacement="go($T)", scope="Model"
            ),
            11,
            "`False` where the patch expects `True`",
        ),
        (
            SetDefault(scope="Model.infer", name="steps", old=("16", "24"), new="7"),
            10,
            "`32` where the patch expects `16 or 24`",
        ),
        (
            SetArgument(call="torch.load($$$A)", name="map_location", old=("None",), new="'cuda'"),
            6,
            '`"cpu"` where the patch expects `None`',
        ),
        (
            Insert(code="x = 1", anchors=("range(16)",), place="before", pick="first"),
            7,
            "`32` where the patch expects `16`",
        ),
    ],
)
def test_other_values_are_told_apart(
    answer: Answer, edit: Edit, line: int, difference: str
) -> None:
    found = answer(MODEL, edit)
    assert (found.line, found.difference) == (line, difference)
    assert found.status is Status.REFUSED
    assert found.looked_for
    assert found.nearest == MODEL.splitlines()[line - 1].strip()


@pytest.mark.parametrize(
    "edit",
    [
        Replace(pattern="load(half=False)", replacement="load(half=True)"),
        SetArgument(call="load($$$A)", name="half", old=("False",), new="True"),
    ],
)
def test_a_variable_is_not_called_another_value(answer: Answer, edit: Edit) -> None:
    unknown = "whose value the code alone does not tell"
    found = answer("load(half=self.half)\n", edit)
    assert found.status is Status.REFUSED
    assert f"self.half, {unknown}" in found.reason
    assert found.difference == "`self.half` where the patch expects `False`"
    assert unknown not in answer("load(half=-1)\n", edit).reason


def test_the_lines_of_places_that_are_too_many_are_named(answer: Answer) -> None:
    edit = Replace(pattern="f()", replacement="g()", maximum=1)
    assert answer("f()\na\nf()\n", edit).reason == "found 2 places (lines 1, 3), expected 1"
    edit = Replace(pattern="f()", replacement="g()", minimum=2)
    assert answer("a\nf()\n", edit).reason == "found 1 place (line 2), expected 2 or more"
    assert (
        "lines 1, 2, 3, 4, 5, 6, 7, 8, ...)"
        in answer("f()\n" * 9, Delete(pattern="f()", maximum=1)).reason
    )


@pytest.mark.parametrize(
    "calls",
    [
        ["vocoder(mel)", "vocoder(self.mel)", "vocoder(other)"],
        ["vocoder(mel[:, :, 1])"] * 2 + ["vocoder(mel[:, :, 2])"],
        ["vocoder(run(mel, steps=4))", "vocoder(go(x, steps=8))"],
    ],
)
def test_any_number_of_places_that_are_alike(answer: Answer, calls: list[str]) -> None:
    edit = Replace(pattern="vocoder($X)", replacement="chunks($X)", alike=True)
    assert answer("\n".join([*calls, ""]), edit).status is Status.APPLIED
    assert answer("x\ny\n", edit).status is Status.ABSENT


@pytest.mark.parametrize("other", ["mel[0]", "run(mel)", "mel if a else b", "(mel, 1)"])
def test_a_place_that_is_unlike_the_others_is_refused(answer: Answer, other: str) -> None:
    edit = Replace(pattern="vocoder($X)", replacement="chunks($X)", alike=True)
    found = answer(f"vocoder(a)\nvocoder({other})\nvocoder(b)\n", edit)
    assert (found.status, found.line) == (Status.REFUSED, 2)
    assert found.reason == (
        "found 3 places (lines 1, 2, 3), of which that in line 2 is another construct"
    )


def test_deletions_that_have_to_be_alike_and_a_lowest_number(answer: Answer) -> None:
    edit = Delete(pattern="free($$$A)", alike=True, minimum=2)
    assert answer("free(a)\nfree(b)\nfree(c)\n", edit).status is Status.APPLIED
    assert answer("free(a)\nfree(b)\nfree(c, d=1)\n", edit).line == 3
    reason = "found 1 place (line 1), expected 2 or more that are alike"
    assert answer("free(a)\n", edit).reason == reason


NEAREST = [
    (
        "Model.load",
        "torch.load(path, map_location=$D)",
        6,
        "`weights_only=True`, which the patch does not expect",
    ),
    (
        "Model.load",
        "torch.load(path, map_location=$D, weights_only=True, mmap=True)",
        6,
        "no `mmap=True`, which the patch expects",
    ),
    (
        "Model.infer",
        "self.net.generate($T, steps=$S, half=False)",
        11,
        "`self.net.run` where the patch expects `self.net.generate`",
    ),
    (
        "Net.infer",
        "self.net.run($T, steps=$S, half=False)",
        11,
        "outside of `Net.infer`, where the patch looks",
    ),
    ("", "self.warming(step)", 8, "`self.warm` where the patch expects `self.warming`"),
]


@pytest.mark.parametrize(("scope", "pattern", "line", "difference"), NEAREST)
def test_the_most_alike_is_found_and_told_apart(
    scope: str, pattern: str, line: int, difference: str
) -> None:
    found = nearest_candidate(parse_source(MODEL.encode()), scope, pattern)
    assert found is not None
    assert (found.line, found.difference) == (line, difference)
    assert found.text in MODEL


@pytest.mark.parametrize("pattern", ["onnx.export($M)", "path", "$X"])
def test_what_is_like_nothing_has_no_nearest(pattern: str) -> None:
    found = nearest_candidate(parse_source(MODEL.encode()), "", pattern)
    assert found is None or found.text == "path"


@pytest.mark.parametrize(
    ("edit", "nearest", "difference"),
    [
        (
            Delete(pattern="self.warming(step)", scope="Model.load"),
            "self.warm(step)",
            "`self.warm` where the patch expects `self.warming`",
        ),
        (
            Decorate(decorator="d", scope="Model.inference"),
            "def infer(self, text, steps=32):",
            "`Model.infer` where the patch expects `Model.inference`",
        ),
        (
            SetDefault(name="nfe_step", old=("32",), new="7", scope="Model.infer"),
            "def infer(self, text, steps=32):",
            "no parameter `nfe_step` with a default",
        ),
    ],
)
def test_an_absent_construct_shows_its_nearest_where_others_fit(
    edit: Edit, nearest: str, difference: str
) -> None:
    found = resolve("a.py", MODEL.encode(), [FITS, edit]).answers[1]
    assert (found.status, found.nearest, found.difference) == (Status.ABSENT, nearest, difference)
    for others in ([], [IMPORT]):
        assert not resolve("a.py", MODEL.encode(), [*others, edit]).answers[-1].nearest


# --- variants ------------------------------------------------------------------------------------

OLD = Replace(pattern="load(path)", replacement="cached(path)")
NEW = Replace(pattern="load_model(path)", replacement="cached_model(path)")
FAR = Replace(pattern="load_model(path, 1)", replacement="cached_model(path, 2)")


@pytest.mark.parametrize(
    ("source", "status", "after"),
    [
        ("load_model(path)\n", Status.APPLIED, "cached_model(path)\n"),
        ("load(path)\nload_model(path)\n", Status.APPLIED, "cached(path)\nload_model(path)\n"),
        ("cached(path)\nload_model(path)\n", Status.APPLIED, "cached(path)\ncached_model(path)\n"),
        ("cached_model(path)\n", Status.ALREADY, None),
        ("load_model(path, 3)\n", Status.REFUSED, None),
        ("cached(path)\nload_model(path, 3)\n", Status.ALREADY, None),
        ("y = 1\n", Status.ABSENT, None),
    ],
)
def test_the_first_variant_that_fits_is_made(
    patched: Patched, answer: Answer, source: str, status: Status, after: str | None
) -> None:
    edit = AnyOf(variants=(OLD, AnyOf(variants=(NEW, FAR))))
    assert answer(source, edit).status is status
    assert patched(source, edit).decode() == (after or source)


def test_a_variant_counts_its_own_places(answer: Answer) -> None:
    one = Replace(pattern="f()", replacement="g()", maximum=1)
    two = Replace(pattern="f()", replacement="h()", minimum=2, maximum=2)
    assert answer("f()\nf()\n", AnyOf(variants=(one, two))).status is Status.APPLIED


def test_variants_are_all_described() -> None:
    assert AnyOf(variants=(OLD, Delete(pattern="x = 1", scope="A"))).describe() == (
        "replace `load(path)` with `cached(path)` or delete `x = 1` in A"
    )


# --- the door ------------------------------------------------------------------------------------


def test_an_edit_of_another_language_is_a_pattern_error() -> None:
    with pytest.raises(PatternError, match=r"a\.py"):
        resolve("x/a.py", b"a = 1\n", [SetYaml(key="a", old=("1",), new="2")])


def test_anchors_may_be_dotted_and_are_exact() -> None:
    raw = MODEL.encode()
    assert holds_anchor("a.py", raw, "def Model.infer")
    assert holds_anchor("a.py", raw, "class Model")
    assert not holds_anchor("a.py", raw, "def Model.inf")
    assert not holds_anchor("a.py", raw, "class M*")


@pytest.mark.parametrize("path", ["a.py", "b/A.PY"])
def test_what_must_parse(path: str) -> None:
    check_parses(path, b"a = 1\n")
    with pytest.raises(UnparsableError):
        check_parses(path, b"a = = 1\n")
    check_parses("a.txt", b"a = = 1\n")
    check_parses("noext", b"\xff\x00")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("TTS.*", [2, 4, 6]),
        ("*TTS*.infer*", [2, 4, 8]),
        ("*.infer", [2, 8]),
        ("TTS.in?er", [2]),
        ("IndexTTS", [8]),
        ("Nothing.*", []),
    ],
)
def test_scopes_take_wildcards(patched: Patched, scope: str, expected: list[int]) -> None:
    source = (
        "class TTS:\n def infer(s): f()\n if a:\n  def infer_fast(s): f()\n"
        " x = f()\n async def run(s): f()\nclass IndexTTS:\n def infer(s): f()\n"
    )
    after = patched(source, Replace(pattern="f()", replacement="g()", scope=scope)).decode()
    lines = after.splitlines()
    assert [number for number, line in enumerate(lines, 1) if "g()" in line] == expected


def test_wildcards_do_not_make_constants_of_more_than_they_name(patched: Patched) -> None:
    edit = SetConstant(scope="Config*", name="steps", old=("32",), new="7")
    source = "steps = 32\nclass ConfigA:\n steps = 32\nclass ConfigB:\n steps = 32\n"
    assert patched(source, edit).decode() == source.replace(" steps = 32", " steps = 7")


def test_a_file_is_read_once_however_often_it_is_asked_about() -> None:
    raw = MODEL.encode() + b"# a file of this test alone\n"
    assert parse_source(raw) is parse_source(bytes(bytearray(raw)))
