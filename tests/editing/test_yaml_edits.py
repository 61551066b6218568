"""`SetYaml` through the door of the engine: what it changes, keeps, and refuses."""

from __future__ import annotations

import codecs

import pytest
import yaml

from ttsopt.domain.edits import AnyOf, SetConstant, SetToml, SetYaml
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.compose import compose
from ttsopt.editing.languages import check_parses
from ttsopt.editing.resolve import holds_anchor, resolve
from ttsopt.editing.unparsable import PatternError, UnparsableError

SPEECH = """\
# 语音合成 TTS settings
custom:
  device: cuda   # 设备
  is_half: false
  'a.b': {c: 1, d: [x, 2]}   # flow

# the default voice
default: &voice
  version: v2
copy: *voice
merged:
  <<: *voice
  own: 1
text: |
  two
  lines

last: "语"
"""


def edit(key: str, old: str, new: str, **fields: bool | int) -> SetYaml:
    return SetYaml(key=key, old=(old,) if old else (), new=new, **fields)  # type: ignore[arg-type]


def patched(text: str | bytes, *edits: SetYaml) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode()
    return compose(raw, resolve("x.yaml", raw, edits).splices)


def answer(text: str | bytes, one: SetYaml | AnyOf) -> EditAnswer:
    raw = text if isinstance(text, bytes) else text.encode()
    return resolve("x.yaml", raw, [one]).answers[0]


@pytest.mark.parametrize(
    ("key", "old", "new", "before", "after"),
    [
        ("custom.is_half", "False", "true", "is_half: false\n", "is_half: true\n"),
        ("custom.device", "'cuda'", "cpu", "device: cuda   #", "device: cpu   #"),
        ("custom.'a.b'.d.1", "2", "3", "[x, 2]", "[x, 3]"),
        ("custom.'a.b'.c", "1", "1e-05", "{c: 1,", "{c: 1.0e-05,"),
        ("text", '"two\\nlines\\n"', '"one"', "text: |\n  two\n  lines\n\n", 'text: "one"\n\n'),
        ("last", "语", "音", '"语"', "音"),
        ("custom.'a.b'", "{d: [x, 2], c: 1}", "null", "{c: 1, d: [x, 2]}", "null"),
    ],
)
def test_changes_one_value_and_no_other_byte(
    key: str, old: str, new: str, before: str, after: str
) -> None:
    assert SPEECH.count(before) == 1
    assert patched(SPEECH, edit(key, old, new)).decode() == SPEECH.replace(before, after)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_keeps_line_ends_and_byte_order_marks(codec: str, newline: str) -> None:
    text = SPEECH.rstrip().replace("\n", newline)
    out = patched(text.encode(codec), edit("custom.is_half", "false", "true"))
    assert out == text.replace("is_half: false", "is_half: true").encode(codec)


def test_fills_an_empty_value_in() -> None:
    assert patched("a:   # c\nb: [1]\n", edit("a", "null", "2")) == b"a: 2   # c\nb: [1]\n"


def test_puts_a_flow_list_to_the_right_of_its_key() -> None:
    out = patched("a:\n- 1\n- 2\n\n# c\nb: 3\n", edit("a", "[1, 2]", "[]"))
    assert out == b"a:\n  []\n\n# c\nb: 3\n"


def test_leaves_the_tags_of_a_system_alone() -> None:
    text = "rate: 24000\nflow: !new:pkg.Flow\n  rate: !ref <rate>\n  n: !apply:f [!ref <rate>]\n"
    assert (
        patched(text, edit("flow.rate", "!ref <rate>", "16000"))
        == text.replace("rate: !ref <rate>", "rate: 16000").encode()
    )
    assert answer(text, edit("flow.rate", "<rate>", "16000")).status is Status.REFUSED


def test_takes_the_first_document_that_has_the_key() -> None:
    out = patched("a: 1\n---\nb: 1\n---\nb: 1\n", edit("b", "1", "2"))
    assert out == b"a: 1\n---\nb: 2\n---\nb: 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  b: 1  # c\n\n# next\nd: 2\n", "a:\n  b: 1  # c\n  k: 7\n\n# next\nd: 2\n"),
        ("a:\n    b:\n    - 1", "a:\n    b:\n    - 1\n    k: 7"),
        ("a: {b: 1}\n", "a: {b: 1, k: 7}\n"),
        ("z: &z 1\na: {b: *z}\n", "z: &z 1\na: {b: *z, k: 7}\n"),
        ("z: &z 1\na:\n  b: *z # c\n# d\n", "z: &z 1\na:\n  b: *z # c\n  k: 7\n# d\n"),
        ("a:\r\n  b: 1\r\n", "a:\r\n  b: 1\r\n  k: 7\r\n"),
        ("a:\n  b: |\n    x\n\nc: 1\n", "a:\n  b: |\n    x\n  k: 7\n\nc: 1\n"),
        ("a:\n  b:\nc: 1\n", "a:\n  b:\n  k: 7\nc: 1\n"),
    ],
)
def test_adds_a_key_behind_the_last_of_its_mapping(before: str, after: str) -> None:
    assert patched(before, edit("a.k", "", "7", add=True)).decode() == after


def test_adds_several_keys_in_their_order() -> None:
    edits = [edit("a.x", "", "1", add=True), edit("a.on", "", "2", add=True)]
    assert patched("a:\n  b: 1\n", *edits) == b'a:\n  b: 1\n  x: 1\n  "on": 2\n'


@pytest.mark.parametrize("text", ["a:\n", "a: {}\n", "a: 5\n", "a: [1]\n", "a: |+\n  b\n\n"])
def test_refuses_to_add_where_nothing_shows_how(text: str) -> None:
    assert answer(text, edit("a.k", "", "7", add=True)).status is Status.REFUSED


def test_answers_already_and_absent() -> None:
    assert answer("a: True\n", edit("a", "false", "true")).status is Status.ALREADY
    assert answer("a: True\n", edit("b", "false", "true")).status is Status.ABSENT
    assert answer("a: True\n", edit("b.c", "", "1", add=True)).status is Status.ABSENT
    assert answer("", edit("a", "1", "2")).status is Status.ABSENT
    assert answer("# only\n", edit("a", "1", "2")).status is Status.ABSENT


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("copy.version", "shared"),
        ("default.version", "shared"),
        ("merged.version", "`<<`"),
        ("last.more", "single value"),
    ],
)
def test_refuses_a_change_that_is_one_elsewhere(key: str, reason: str) -> None:
    given = answer(SPEECH, edit(key, "v2", "v3"))
    assert given.status is Status.REFUSED
    assert reason in given.reason


def test_refuses_a_key_that_is_there_twice() -> None:
    given = answer("a: 1\nb: 2\na: 1\n", edit("a", "1", "2"))
    assert (given.status, given.line) == (Status.REFUSED, 3)
    assert "2 times" in given.reason


def test_says_what_stands_where_something_else_was_expected() -> None:
    given = answer(SPEECH, edit("custom.is_half", "true", "null"))
    assert (given.status, given.line) == (Status.REFUSED, 4)
    assert given.nearest == "is_half: false"
    assert given.looked_for == "custom.is_half: true"
    assert given.difference == "`false` where the patch expects `true`"


def test_does_not_take_a_number_for_another_kind_of_number() -> None:
    assert answer("a: 1.0\n", edit("a", "1", "2")).status is Status.REFUSED
    assert answer("a: '1'\n", edit("a", "1", "2")).status is Status.REFUSED
    assert answer("a: 1e-5\n", edit("a", "7", "1e-05")).status is Status.ALREADY


@pytest.mark.parametrize("new", ["b, c", "x: y", "b }"])
def test_never_lets_a_value_spill_into_the_rest(new: str) -> None:
    raw = b"a: {k: 1, l: 2}\n"
    try:
        resolution = resolve("x.yml", raw, [edit("a.k", "1", new)])
    except PatternError:
        return
    assert resolution.answers[0].status is Status.REFUSED
    assert resolution.splices == ()


def test_expects_one_place() -> None:
    assert answer("a: 1\n", edit("a", "1", "2", minimum=2)).status is Status.REFUSED


def test_takes_the_variant_that_fits() -> None:
    both = AnyOf(variants=(edit("old.k", "1", "2"), edit("k", "1", "2")))
    assert answer("k: 1\n", both).status is Status.APPLIED


@pytest.mark.parametrize("value", ["", "[", "a\nb", "# c", "k: v", "1 # c"])
def test_a_value_that_is_none_is_the_patch_authors_error(value: str) -> None:
    with pytest.raises(PatternError):
        answer("a: 1\n", edit("a", "1", value))


def test_an_edit_of_another_language_is_the_patch_authors_error() -> None:
    with pytest.raises(PatternError):
        resolve("x.yaml", b"a: 1\n", [SetToml(key="a", old=("1",), new="2")])
    with pytest.raises(PatternError):
        resolve("x.yaml", b"A: 1\n", [SetConstant(name="A", old=("1",), new="2")])
    with pytest.raises(PatternError):
        answer("a: 1\n", edit("a.", "1", "2"))


@pytest.mark.parametrize(
    "raw",
    [
        "a: é".encode("latin-1"),
        "a: 语音".encode("gbk"),
        b"a: [1",
        b"a:\t1\n\tb: 2",
        b"\xff\xfea",
        b"a: \x00",
        codecs.BOM_UTF32_LE + b"a\0\0\0",
        b"[" * 100_000,
        b"- " * 50_000,
        b'a: "\\UFFFFFFFF"',
        b"a: *nobody",
        b"a: 2\n---\n%YAML 7.0\n---\n",
    ],
)
def test_says_that_a_file_is_no_yaml(raw: bytes) -> None:
    with pytest.raises(UnparsableError):
        check_parses("x.yaml", raw)
    with pytest.raises(UnparsableError):
        answer(raw, edit("a", "1", "2"))


def test_a_value_of_nested_aliases_takes_no_time() -> None:
    rows = ["a0: &a0 [x, x]"]
    rows += [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    for text in ("\n".join(rows), "a59: &x [*x]\n"):
        with pytest.raises(UnparsableError, match="aliases"):
            answer(text, edit("a59", "[1]", "[2]"))


def test_nothing_is_constructed_from_tags() -> None:
    text = "a: !!python/object/apply:os.system ['exit 1']\nb: 1\n"
    assert patched(text, edit("b", "1", "2")) == text.replace("b: 1", "b: 2").encode()


def test_a_key_anchors_a_file() -> None:
    assert holds_anchor("x.yaml", SPEECH.encode(), "custom.'a.b'.d.0")
    assert not holds_anchor("x.yaml", SPEECH.encode(), "merged.version")
    assert not holds_anchor("x.yaml", b"", "custom")


def test_safe_load_reads_what_was_put_in() -> None:
    out = patched(SPEECH, edit("custom.'a.b'.c", "1", "1e+16"))
    assert yaml.safe_load(out)["custom"]["a.b"]["c"] == 1e16
