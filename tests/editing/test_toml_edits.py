"""`SetToml` through the door of the engine: what it changes, keeps, and refuses."""

from __future__ import annotations

import pytest

from ttsopt.domain.edits import SetToml, SetYaml
from ttsopt.domain.plan import EditAnswer, Status
from ttsopt.editing.compose import compose
from ttsopt.editing.languages import check_parses
from ttsopt.editing.resolve import holds_anchor, resolve
from ttsopt.editing.unparsable import PatternError, UnparsableError

SERVICE = """\
# 服务 settings
name = '语音'   # literal
nfe.steps = 32

[model]   # the model
half = false # 半
"a.b" = { c = 1, d = [
  1, # one
  2,
] }
text = \"\"\"
two
lines\"\"\"

# voices follow
[[voices]]
path = "a.wav"
[[voices]]
path = "b.wav"
"""


def edit(key: str, old: str, new: str, **fields: bool | int) -> SetToml:
    return SetToml(key=key, old=(old,) if old else (), new=new, **fields)  # type: ignore[arg-type]


def patched(text: str | bytes, *edits: SetToml) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode()
    return compose(raw, resolve("x.toml", raw, edits).splices)


def answer(text: str | bytes, one: SetToml) -> EditAnswer:
    raw = text if isinstance(text, bytes) else text.encode()
    return resolve("x.toml", raw, [one]).answers[0]


@pytest.mark.parametrize(
    ("key", "old", "new", "before", "after"),
    [
        ("name", '"语音"', '"speech"', "'语音'   #", '"speech"   #'),
        ("nfe.steps", "0x20", "16", "steps = 32", "steps = 16"),
        ("model.half", "false", "true", "half = false # 半", "half = true # 半"),
        ("model.'a.b'.c", "1", "2.5", "c = 1,", "c = 2.5,"),
        ("model.'a.b'.d.1", "2", "3", "  2,\n", "  3,\n"),
        ("model.'a.b'.d", "[1, 2]", "[]", "[\n  1, # one\n  2,\n]", "[]"),
        ("model.text", '"two\\nlines"', '"one"', '"""\ntwo\nlines"""', '"one"'),
        ("voices.1.path", '"b.wav"', '"c.wav"', '"b.wav"', '"c.wav"'),
    ],
)
def test_changes_one_value_and_no_other_byte(
    key: str, old: str, new: str, before: str, after: str
) -> None:
    assert SERVICE.count(before) == 1
    assert patched(SERVICE, edit(key, old, new)).decode() == SERVICE.replace(before, after)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_keeps_line_ends_and_byte_order_marks(codec: str, newline: str) -> None:
    text = SERVICE.rstrip().replace("\n", newline)
    edits = [edit("model.half", "false", "true"), edit("voices.1.path", '"b.wav"', '"c.wav"')]
    after = text.replace("= false", "= true").replace("b.wav", "c.wav")
    assert patched(text.encode(codec), *edits) == after.encode(codec)


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("a.k", "[a]\nb = 1 # c\n\n# next\n[d]\n", "[a]\nb = 1 # c\nk = 7\n\n# next\n[d]\n"),
        ("a.k", "[a]\r\n  b=1\r\n", "[a]\r\n  b=1\r\n  k=7\r\n"),
        ("a.k", "a = {b = 1}", "a = {b = 1, k = 7}"),
        ("a.k", "a.b = [\n1]\n[c]\n", "a.b = [\n1]\na.k = 7\n[c]\n"),
        ("k", "b = 1\n[c]\nd = 1", "b = 1\nk = 7\n[c]\nd = 1"),
        ("a.'x y'", "[a]\nb = 1\n[a.c]\nd = 1", '[a]\nb = 1\n"x y" = 7\n[a.c]\nd = 1'),
        ("a.1.k", "[[a]]\nb = 1\n[[a]]\nb = 1", "[[a]]\nb = 1\n[[a]]\nb = 1\nk = 7"),
    ],
)
def test_adds_a_key_behind_the_last_of_its_table(key: str, before: str, after: str) -> None:
    assert patched(before, edit(key, "", "7", add=True)).decode() == after


@pytest.mark.parametrize("text", ["[a]\n", "[a.b]\nc = 1\n", "a = 1\n", "a = [1]\n", "a = {}\n"])
def test_refuses_to_add_where_nothing_shows_how(text: str) -> None:
    assert answer(text, edit("a.k", "", "7", add=True)).status is Status.REFUSED


def test_answers_already_and_absent() -> None:
    assert answer(SERVICE, edit("name", '"x"', '"语音"')).status is Status.ALREADY
    assert answer(SERVICE, edit("model.none", "1", "2")).status is Status.ABSENT
    assert answer(SERVICE, edit("none.k", "", "2", add=True)).status is Status.ABSENT
    assert answer("", edit("a", "1", "2")).status is Status.ABSENT


def test_says_what_stands_where_something_else_was_expected() -> None:
    given = answer(SERVICE, edit("nfe.steps", "64", "16"))
    assert (given.status, given.line) == (Status.REFUSED, 3)
    assert given.nearest == "nfe.steps = 32"
    assert given.difference == "`32` where the patch expects `64`"


def test_does_not_take_a_number_for_another_kind_of_value() -> None:
    assert answer("a = 1.0", edit("a", "1", "2")).status is Status.REFUSED
    assert answer("a = true", edit("a", "1", "2")).status is Status.REFUSED


def test_refuses_a_table_in_place_of_a_value() -> None:
    assert answer("[a]\nb = 1\n", edit("a", "{b = 1}", "2")).status is Status.REFUSED


@pytest.mark.parametrize("value", ["", "null", "1\nb = 2", "[1,\n2]", "# c"])
def test_a_value_that_is_none_is_the_patch_authors_error(value: str) -> None:
    with pytest.raises(PatternError):
        answer("a = 1\n", edit("a", "1", value))


def test_a_yaml_edit_is_the_patch_authors_error() -> None:
    with pytest.raises(PatternError):
        resolve("x.toml", b"a = 1\n", [SetYaml(key="a", old=("1",), new="2")])


@pytest.mark.parametrize(
    "raw", ["a = 'é'".encode("latin-1"), b"a = [1", b"a = 1\na = 2\n", b"a = " + b"[" * 100_000]
)
def test_says_that_a_file_is_no_toml(raw: bytes) -> None:
    with pytest.raises(UnparsableError):
        check_parses("x.toml", raw)


def test_a_key_anchors_a_file() -> None:
    assert holds_anchor("x.toml", SERVICE.encode(), "model.'a.b'.d.0")
    assert not holds_anchor("x.toml", SERVICE.encode(), "model.none")


@pytest.mark.parametrize("key", ["a", "list.0.a"])
def test_a_change_that_lands_elsewhere_is_refused(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Where tomlkit and tomllib disagree about a place, the values after the change say so."""
    text = "a = 1\nb = 1\n[[list]]\na = 1\nb = 1\n"
    assert answer(text, edit(key, "1", "2")).status is Status.APPLIED
    span = (text.rindex("1"), text.rindex("1") + 1)
    monkeypatch.setattr("ttsopt.editing.config.toml_edit.value_span", lambda *_: span)
    found = answer(text, edit(key, "1", "2"))
    assert found.status is Status.REFUSED
    assert "the rest would not mean the same" in found.reason
