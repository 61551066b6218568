from __future__ import annotations

from typing import Any

import pytest

from ttsopt.domain.edits import (
    AddFile,
    AnyOf,
    Decorate,
    Delete,
    EnsureImport,
    Insert,
    Replace,
    SetArgument,
    SetConstant,
    SetDefault,
    SetToml,
    SetYaml,
)
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Base, Fact

PYTHON = """
[[files]]
paths = ["toy.py", "**/toy.py"]
anchor = "class Toy"
[[files.edits]]
in = "A.b"
replace = "a"
with = "b"
expect = "2..3"
[[files.edits]]
insert = "c"
before = "d"
[[files.edits]]
insert = "c"
after = ["d", "e"]
pick = "first"
optional = true
[[files.edits]]
delete = "d"
[[files.edits]]
in = "f"
decorate = "cache"
[[files.edits]]
set_const = "N"
old = ["1"]
new = "2"
expect = "1"
[[files.edits]]
set_default = "n"
in = "f"
old = ["1"]
new = "2"
when = { mode = ["a", "b"] }
[[files.edits]]
set_arg = "n"
call = "f($$$A)"
old = ["1"]
new = "2"
expect = "0.."
[[files.edits]]
ensure_import = "import os"
[[files.edits]]
add_file = "quick.py"
import = ["fast"]
[[files.edits]]
in = "A"
optional = true
expect = "2..4"
any_of = [{ replace = "a", with = "b", in = "B" }, { insert = "c", before = "d", expect = 1 }]
"""
CONFIG = """
[[files]]
paths = ["a.yml"]
anchor = "custom.half"
scope = "checkout"
[[files.edits]]
set_yaml = "custom.half"
old = ["true"]
new = "false"
[[files.edits]]
set_yaml = "custom.more"
new = "1"
add = true
[[files]]
paths = ["a.toml"]
optional = true
[[files.edits]]
set_toml = "a.b"
old = ["1"]
new = "2"
"""
FACTS = """
[requires]
patches = ["toy/other"]
[[requires.facts]]
paths = ["a.npy"]
why = "w"
shape = [1024, 512]
[[requires.facts]]
paths = ["a.yaml"]
why = "w"
key = "a.b"
equals = 1.5
scope = "checkout"
[[requires.facts]]
paths = ["c"]
why = "w"
present = false
[params.mode]
type = "str"
default = "a"
choices = ["a", "b"]
help = "h"
"""

Shelf = Any  # conftest.py of this folder


def test_every_operation_is_read(shelf: Shelf) -> None:
    shelf.patch("other")
    shelf.write("_helpers/quick.py", "def fast(): ...\n")
    shelf.patch(body=PYTHON + CONFIG + FACTS, more='after = ["toy/other"]\nconflicts = []\n')
    patch = shelf.load().patch("toy/quick")
    assert patch.effect is Effect.EXACT
    assert patch.files[0].edits == (
        Replace(scope="A.b", pattern="a", replacement="b", minimum=2, maximum=3),
        Insert(code="c", anchors=("d",), place="before", pick="first"),
        Insert(code="c", anchors=("d", "e"), place="after", pick="first", optional=True),
        Delete(pattern="d"),
        Decorate(scope="f", decorator="cache"),
        SetConstant(name="N", old=("1",), new="2", minimum=1, maximum=1),
        SetDefault(name="n", scope="f", old=("1",), new="2", when={"mode": ("a", "b")}),
        SetArgument(name="n", call="f($$$A)", old=("1",), new="2", minimum=0, maximum=None),
        EnsureImport(statement="import os"),
        AddFile(helper="quick.py", names=("fast",)),
        AnyOf(
            scope="A",
            optional=True,
            minimum=2,
            maximum=4,
            variants=(
                Replace(
                    pattern="a",
                    replacement="b",
                    scope="B",
                    optional=True,
                    minimum=2,
                    maximum=4,
                ),
                Insert(
                    code="c",
                    anchors=("d",),
                    place="before",
                    pick="first",
                    scope="A",
                    optional=True,
                    minimum=1,
                    maximum=1,
                ),
            ),
        ),
    )
    assert patch.files[1].base is Base.CHECKOUT
    assert patch.files[1].edits == (
        SetYaml(key="custom.half", old=("true",), new="false"),
        SetYaml(key="custom.more", old=(), new="1", add=True),
    )
    assert patch.files[2].edits == (SetToml(key="a.b", old=("1",), new="2"),)
    assert patch.requires.patches == ("toy/other",)
    assert patch.requires.facts == (
        Fact(("a.npy",), "w", shape=(1024, 512)),
        Fact(("a.yaml",), "w", base=Base.CHECKOUT, key="a.b", equals=1.5),
        Fact(("c",), "w", present=False),
    )
    assert patch.rank == 1
    assert patch.helpers == {"quick.py": b"def fast(): ...\n"}


FILE = '[[files]]\npaths = ["toy.py"]\n'
EDIT = '[[files.edits]]\nreplace = "a"\nwith = "b"\n'
YAML = '[[files]]\npaths = ["toy.yaml"]\n[[files.edits]]\nset_yaml = "a.b"\nnew = "1"\n'
NUMBER = "[params.n]\ntype = 'int'\nhelp = 'h'\n"


def edit(text: str) -> str:
    return f"{FILE}[[files.edits]]\n{text}\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (FILE + EDIT + "scop = 'A'\n", "files[0].edits[0].scop: unknown key"),
        (FILE + EDIT + "minimum = 2\n", "files[0].edits[0].minimum: unknown key"),
        (FILE + EDIT + "in = 7\n", "files[0].edits[0].in: expected str, got int"),
        (FILE + EDIT + "set_const = 'A'\n", "files[0].edits[0]: expected one operation"),
        (edit("in = 'A'"), "files[0].edits[0]: expected one operation"),
        (FILE + EDIT + "expect = 'many'\n", "files[0].edits[0].expect: a number or a range"),
        (FILE + EDIT + "expect = '3..1'\n", "files[0].edits[0].expect: it ends below"),
        (FILE + EDIT + "expect = '1..2+'\n", "files[0].edits[0].expect: a number or a range"),
        (FILE + EDIT + "expect = '+'\n", "files[0].edits[0].expect: a number or a range"),
        (FILE + EDIT + "when = { a = 'x' }\n", "files[0].edits[0].when['a']: expected a list"),
        (FILE + EDIT + "optional = 1\n", "files[0].edits[0].optional: expected bool, got int"),
        (edit("insert = 'a'"), "files[0].edits[0]: insert needs either"),
        (edit("insert = 'a'\nafter = 'b'\npick = 'best'"), "edits[0].pick: it is first or last"),
        (edit("insert = 'a'\nafter = []"), "edits[0].after: expected at least one"),
        (edit("insert = 'a'\nafter = [1]"), "edits[0].after: expected a statement"),
        (edit("insert = 1\nafter = 'b'"), "edits[0].insert: expected str, got int"),
        (edit("set_const = 'a'\nold = '32'\nnew = '7'"), "edits[0].old: expected a list, got str"),
        (edit("set_const = 'a'\nold = []\nnew = '7'"), "edits[0].old: expected at least one"),
        (edit("replace = 'a'"), "files[0].edits[0].with: required field missing"),
        (edit("add_file = 'a.py'\nimport = []"), "edits[0].import: expected at least one"),
        (edit("any_of = [{ delete = 'a' }]"), "edits[0].any_of: expected a list of at least two"),
        (edit("any_of = [{ delete = 'a' }, { delete = 1 }]"), "any_of[1].delete: expected str"),
        (
            edit("any_of = [{ delete = 'a' }, { ensure_import = 'import a' }]"),
            "any_of[1]: ensure_import cannot be a variant",
        ),
        (YAML, "files[0].edits[0].old: required field missing"),
        ("[[files]]\npaths = 'toy.py'\nedits = []\n", "files[0].paths: expected a list, got str"),
        ("files = [7]\n", "files[0]: expected a table, got int"),
        ("[[files]]\npaths = ['a.py']\nscope = 'top'\nedits = []\n", "files[0].scope: expected"),
        ("", "files: required field missing"),
        ("files = []\n", "files: a patch needs a file"),
        (FILE + EDIT + "[params]\nn = 7\n", "params.n: expected a table, got int"),
        (FILE + EDIT + NUMBER, "params.n.default: required field missing"),
        (FILE + EDIT + "[[notes]]\ntext = 't'\npaths = []\n", "notes[0]: a note needs either"),
        ("files = [\n", "toy/quick/patch.toml: "),
    ],
)
def test_a_problem_is_named_with_file_and_key(shelf: Shelf, body: str, expected: str) -> None:
    shelf.patch(body=body)
    (line,) = shelf.problems()
    assert line.startswith("toy/quick/patch.toml: ")
    assert expected in line


@pytest.mark.parametrize(
    ("head", "more", "expected"),
    [
        ("", "system = 'toy'\n", "system: unknown key"),
        ("", "rank = 1\n", "rank: unknown key"),
        ("", "device = 'gpu'\n", "device: expected one of any, cpu, cuda, got 'gpu'"),
        ("", "params = 7\n", "params: expected tables"),
        ("", "conflicts = 'toy/a'\n", "conflicts: expected a list, got str"),
        ('effect = "safe"', "", "effect: expected one of exact, close, lossy"),
        ("version = '1'", "", "version: expected int, got str"),
        ("version = 0", "", "version: versions count from 1"),
        ("version = true", "", "version: expected int, got bool"),
        ('why = " "', "", "why: it is empty"),
        ('summary = "TODO: say it"', "", "summary: it still says TODO"),
    ],
)
def test_the_head_of_a_patch_is_checked(shelf: Shelf, head: str, more: str, expected: str) -> None:
    plain = {"version": "1", "summary": '"s"', "why": '"w"', "effect": '"exact"'}
    if head:
        key, _, value = head.partition(" = ")
        plain[key] = value
    lines = "".join(f"{key} = {value}\n" for key, value in plain.items())
    shelf.patch(head=lines, more=more)
    (line,) = shelf.problems()
    assert expected in line


def test_a_misspelled_key_is_answered_with_the_right_one(shelf: Shelf) -> None:
    shelf.patch(body=FILE + EDIT + "optionl = true\n")
    assert shelf.problems()[0].endswith("optionl: unknown key: did you mean optional?")


def test_an_id_must_be_that_of_its_folder(shelf: Shelf) -> None:
    shelf.write(
        "toy/quick/patch.toml",
        'id = "toy/slow"\nversion = 1\nsummary = "s"\nwhy = "w"\neffect = "exact"\n' + FILE + EDIT,
    )
    (line,) = shelf.problems()
    assert "id: it is 'toy/slow', but the folder says 'toy/quick'" in line


def test_all_problems_of_all_files_come_at_once(shelf: Shelf) -> None:
    shelf.patch(body=FILE + EDIT + "x = 1\nexpect = 'x'\n" + EDIT + "in = 1\nexpect = 'x'\n")
    shelf.write("toy/other/patch.toml", b"\xff")
    shelf.write("toy/system.toml", "id = 7\n")
    found = shelf.problems()
    assert len([line for line in found if line.startswith("toy/quick/patch.toml: files")]) == 4
    assert len([line for line in found if line.startswith("toy/other/patch.toml")]) == 1
    assert {
        "toy/system.toml: id: expected str, got int",
        "toy/system.toml: name: required field missing",
    } <= set(found)


@pytest.mark.parametrize("layouts", ["layouts = []", "[[layouts]]\nname = 'l'\nfiles = []"])
def test_a_system_must_be_told_by_something(shelf: Shelf, layouts: str) -> None:
    shelf.system(f'id = "toy"\nname = "Toy"\nhomepage = ""\n{layouts}\n')
    (line,) = shelf.problems()
    assert "layouts" in line
