"""Settings told apart and carried from one version of a config file to another: what is kept, and refused."""

from __future__ import annotations

import sys

import pytest
import yaml

from ttsopt.editing.compose import ConflictError
from ttsopt.editing.config.carry_keys import ChangedKey, Held, carry_keys, changed_keys, holds
from ttsopt.editing.config.key_changes import ABSENT
from ttsopt.editing.unparsable import UnparsableError

ORIGINAL = """\
# 语音合成 TTS settings
custom:
  device: cpu   # 设备
  is_half: false
  sizes: [1, 2]
  empty:   # nothing
  flow: {a: 1}
rate: 1e-5
name: "7"
text: |
  two
  lines
last:
# before
- a
- b
"""
WRITTEN = """\
# 语音合成 TTS settings
custom:
  device: cpu   # 设备
  is_half: true
  sizes: [1, 4]
  empty: 3   # nothing
  flow: {a: 1, b: 2}
  added: on
rate: 3
name: 8
text: "one"
last:
# before
  [x]
"""
TOML = """\
a = 1  # one
x = {p = 1}
[t]
k = [1,
  2, # two
]
[[s]]
n = 1  # first
[[s]]
n = 2
"""
TOML_WRITTEN = """\
a = 2  # one
x = {p = 1, q = 3}
[t]
k = []
z = "7"
[[s]]
n = 1  # first
[[s]]
n = 5
"""


def carried(current: str, base: str, target: str, path: str = "a.yaml") -> str:
    return carry_keys(path, current.encode(), base.encode(), target.encode()).decode()


def conflict(current: str, base: str, target: str, path: str = "a.yaml") -> ConflictError:
    with pytest.raises(ConflictError) as caught:
        carried(current, base, target, path)
    return caught.value


def test_tells_every_setting_that_differs_as_it_is_written() -> None:
    assert changed_keys("a.yaml", ORIGINAL.encode(), WRITTEN.encode()) == (
        ChangedKey("custom.is_half", "false", "true"),
        ChangedKey("custom.sizes", "[1, 2]", "[1, 4]"),
        ChangedKey("custom.empty", "", "3"),
        ChangedKey("custom.flow.b", ABSENT, "2"),
        ChangedKey("custom.added", ABSENT, "on"),
        ChangedKey("rate", "1e-5", "3"),
        ChangedKey("name", '"7"', "8"),
        ChangedKey("text", "|\n  two\n  lines", '"one"'),
        ChangedKey("last", "- a\n- b", "[x]"),
    )
    rows = changed_keys("a.toml", TOML.encode(), TOML_WRITTEN.encode())
    assert [row.key for row in rows] == ["a", "x.q", "t.k", "t.z", "s"]
    assert rows[-1].target == "[{n = 1}, {n = 5}]"


@pytest.mark.parametrize(
    ("base", "target"),
    [
        ("a: 1\nb: 'x'\n", '# c\nb: "x"\na:   1\n'),
        ("a: 1e-05\n", "a: 1.0e-5\n"),
        ("v: &v {a: 1}\nw: *v\n", "v: {a: 1}\nw:\n  a: 1\n"),
        ("v: &v {a: 1, b: 2}\nw: {<<: *v, b: 3}\n", "v: {b: 2, a: 1}\nw: {a: 1, b: 3}\n"),
        ("a: |\n  x\n  y\n", 'a: "x\\ny\\n"\n'),
    ],
)
def test_another_way_to_write_the_same_is_no_difference(base: str, target: str) -> None:
    assert changed_keys("a.yml", base.encode(), target.encode()) == ()
    assert carried(base, target, base) == base


@pytest.mark.parametrize(
    ("base", "target", "keys"),
    [
        ("a: 1\n", "a: 1.0\n", ["a"]),
        ("a: 'on'\n", "a: on\n", ["a"]),
        ("1: x\n", "'1': x\n", ["1", "1"]),
        ("a: 1\n---\nb: {'x.y': 1}\n", "a: 1\n---\nb: {'x.y': 2}\n", ['b."x.y" (document 2)']),
        ("a: {}\n", "a: {b: 1}\n", ["a"]),
        ("", "a: 1\n", ["the file"]),
    ],
)
def test_what_means_something_else_is_one(base: str, target: str, keys: list[str]) -> None:
    rows = changed_keys("a.yaml", base.encode(), target.encode())
    assert [row.key for row in rows] == keys


@pytest.mark.parametrize(
    ("path", "original", "written", "note", "own"),
    [
        ("a.yaml", ORIGINAL, WRITTEN, "# mine\n", "their_own: [a, 'b']  # 语\n"),
        ("a.toml", TOML, TOML_WRITTEN, "# mine\n", "\n[own]\nr = 0x10  # 语\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_edits_of_somebodys_own_stay_byte_for_byte_there_and_back(
    path: str, original: str, written: str, note: str, own: str, newline: str
) -> None:
    one, two = ((note + text + own).replace("\n", newline) for text in (original, written))
    assert carried(one, original, written, path) == two
    assert carried(two, written, original, path) == one


def test_a_file_written_anew_keeps_its_new_order() -> None:
    theirs = yaml.safe_load(WRITTEN) | {"more": {"x": "#"}}
    anew = yaml.safe_dump(theirs, allow_unicode=True)
    back = carried(anew, WRITTEN, ORIGINAL)
    assert yaml.safe_load(back) == yaml.safe_load(ORIGINAL) | {"more": {"x": "#"}}
    assert list(yaml.safe_load(back)) == sorted(theirs)
    assert "rate: 1e-5\n" in back
    assert 'name: "7"\n' in back
    assert "text: |\n  two\n  lines\n" in back
    assert "last:\n- a\n- b\n" in back


def test_where_one_side_has_not_changed_it_is_the_other_one_with_its_comments() -> None:
    assert carried(WRITTEN, WRITTEN, ORIGINAL) == ORIGINAL
    assert carried(ORIGINAL, WRITTEN, ORIGINAL) == ORIGINAL
    assert carried("{", "{", "a: 1\n") == "a: 1\n"
    assert carried("# mine\n", "a: 1\n", "a: 1 # ours\n") == "# mine\n"


def test_how_much_of_what_was_set_is_still_there() -> None:
    def held(current: str) -> Held:
        return holds("a.yaml", current.encode(), ORIGINAL.encode(), WRITTEN.encode())

    assert held(WRITTEN) is Held.ALL
    assert held(yaml.safe_dump(yaml.safe_load(WRITTEN)) + "more: 1\n") is Held.ALL
    assert held(ORIGINAL) is Held.NONE
    assert held(yaml.safe_dump(yaml.safe_load(ORIGINAL))) is Held.NONE
    assert held(WRITTEN.replace("rate: 3", "rate: 4")) is Held.SOME
    assert held(ORIGINAL.replace("1e-5", "3")) is Held.SOME
    assert held("a: [\n") is Held.SOME
    assert held("") is Held.SOME


def test_where_no_setting_differs_it_is_told_by_the_bytes_alone() -> None:
    base, written = b"a: 1\n", b"a: 1  # ours\n"
    assert holds("a.yaml", written, base, written) is Held.ALL
    assert holds("a.yaml", base, base, written) is Held.NONE
    assert holds("a.yaml", b"a: 1\n\n", base, written) is Held.SOME


@pytest.mark.parametrize(
    ("current", "base", "target", "words", "line"),
    [
        ("b: 1\na: 5\n", "a: 2\n", "a: 1\n", "`a` is `5`, neither `2` nor `1`", 2),
        ("b: 1\n", "a: 2\n", "a: 1\n", "`a` is not there, neither `2` nor `1`", 1),
        ("a: 3\n", "b: 1\n", "a: 4\nb: 1\n", "`a` is `3`, neither not there nor `4`", 1),
        ("a: [0, 2, 1]\n", "a: [2, 1]\n", "a: [2, 3]\n", r"`a` is `\[0, 2, 1\]`, neither", 1),
        ("a:\n  - 1\n  # mine\n  - 2\n", "a: [1, 2]\n", "a: 3\n", "`# mine` would be lost", 2),
        ("x: 1\na: 2  # mine\n", "x: 1\na: 2\n", "x: 1\n", "`# mine` would be lost", 2),
        ("{a: 2, # mine\n b: 1}\n", "{a: 2, b: 1}\n", "{b: 1}\n", "taken out of its mapping", 1),
        ("{a: &v 2, b: *v}\n", "{a: 2, b: 3}\n", "{a: 1, b: 3}\n", "shared by an anchor", 1),
        ("v: &v {a: 2}\nw: {<<: *v}\n", "w: {a: 2}\n", "w: {a: 1}\n", "shared|`<<`", 2),
        ("w: 1\n", "w: {a: 2}\n", "w: {a: 2, b: 3}\n", "`w.b` has no place", 1),
        ("c: {a: 2, a: 2}\n", "c: {a: 2}\n", "c: {a: 1}\n", "there 2 times", 1),
        ("# mine\n- 1\n", "- 1\n", "a: 1\n", "`the file` cannot be changed: it is a document", 2),
        ("a: [\n", "a: 2\n", "a: 1\n", "not valid YAML: .* .line 2", 0),
        ("a: 3\n", "a: [\n", "a: 1\n", "not valid YAML", 0),
    ],
)
def test_what_cannot_be_carried_is_named(
    current: str, base: str, target: str, words: str, line: int
) -> None:
    error = conflict(current, base, target)
    assert error.args[0]
    with pytest.raises(ConflictError, match=words):
        raise error
    assert (current.count("\n", 0, error.offset) + 1 if error.offset >= 0 else 0) == line


@pytest.mark.parametrize(
    ("current", "base", "target", "words"),
    [
        ("a = 5\n", "a = 2\n", "a = 1\n", "`a` is `5`, neither `2` nor `1`"),
        ("[a]\nb = 1\n", "a = {b = 1}\n", "a = 3\n", "`a` is a table, not one value"),
        ("a = [1, # mine\n]\n", "a = [1]\n", "a = []\n", "`# mine` would be lost"),
        ("x = 1\na = 2 # mine\n", "x = 1\na = 2\n", "x = 1\n", "`# mine` would be lost"),
        ("a = \n", "a = 2\n", "a = 1\n", "not valid TOML"),
        ("[[s]]\nn = 2\nm = 1\n", "[[s]]\nn = 2\n", "[[s]]\nn = 1\n", "`s` is `.*m = 1"),
        ("", "a.b = 2\n", "a.b = 2\na.c = 3\n", "`a.c` has no place"),
    ],
)
def test_what_cannot_be_carried_into_toml_is_named(
    current: str, base: str, target: str, words: str
) -> None:
    with pytest.raises(ConflictError, match=words):
        raise conflict(current, base, target, "a.toml")


@pytest.mark.parametrize(
    ("current", "base", "target", "expected"),
    [
        # A block where there is a flow, and the other way round.
        ("{m: 0, a: 1}\n", "a: 1\n", "a:\n- x\n- y\n", "{m: 0, a: [x, y]}\n"),
        ("m:\n    a: 1  # c\n", "m: {a: 1}\n", "m:\n  a:\n  - x\n", "m:\n    a:  # c\n    - x\n"),
        ("m: {a: 1, b: 2, c: 3}\n", "m: {b: 2, a: 1}\n", "m: {a: 1}\n", "m: {a: 1, c: 3}\n"),
        ("m: {b: 2, c: 3}\n", "m: {b: 2, a: 1}\n", "m: {a: 1}\n", "m: {c: 3}\n"),
        ("m: {b: 2, a: 1} #\n", "m: {b: 2, a: 1}\n", "m: {a: 1}\n", "m: {a: 1} #\n"),
        ("b: 2\na: 1 #\n", "b: 2\na: 1\n", "a: 1\n", "a: 1 #\n"),
        ("a: 1 #", "a: 1\n", "a: 1\nb: 2\n", "a: 1 #\nb: 2"),
        ("a: 1 #\nb: 2", "a: 1\nb: 2\n", "a: 1\n", "a: 1 #"),
        # Anchors of the target stay where they are.
        ("a: 1 #\n", "a: 1\nw: 0\n", "a: &v {x: 1}\nw: *v\n", None),
        ("a: 1 #\nw: 0\n", "a: 1\nw: 0\n", "a: &v {x: 1}\nw: *v\n", "a: {x: 1} #\nw: {x: 1}\n"),
        # Comments between the items of a list, of which one changes.
        ("a:\n- 1 # m\n- 2 # n\n", "a: [1, 2]\n", "a: [1, 3]\n", "a:\n- 1 # m\n- 3 # n\n"),
    ],
)
def test_a_value_is_laid_out_as_its_new_place_asks(
    current: str, base: str, target: str, expected: str | None
) -> None:
    if expected is None:
        assert "neither" in str(conflict(current, base, target))
    else:
        assert carried(current, base, target) == expected


def test_other_encodings_are_kept() -> None:
    current = "\ufeff# mine\r\na: 1\r\nb: 语\r\n".encode("utf-16-le")
    out = carry_keys("a.yaml", current, b"a: 1\n", "a: '音'\n".encode())
    assert out == "\ufeff# mine\r\na: '音'\r\nb: 语\r\n".encode("utf-16-le")


def test_aliases_without_end_are_an_answer_not_a_hang() -> None:
    rows = ["a0: &a0 [x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    for bomb in ("\n".join(rows) + "\n", "a: &a [*a]\n"):
        assert "aliases" in str(conflict(bomb, "a: 1\n", "a: 2\n"))
        assert holds("a.yaml", bomb.encode(), b"a: 1\n", b"a: 2\n") is Held.SOME
        with pytest.raises(UnparsableError):
            changed_keys("a.yaml", bomb.encode(), b"a: 2\n")


def test_a_tree_deeper_than_the_stack_is_a_conflict() -> None:
    deep = "[" * sys.getrecursionlimit() + "]" * sys.getrecursionlimit()
    assert "too deeply" in str(conflict(f"a: {deep}\n", "a: 1\n", "a: 2\n"))
