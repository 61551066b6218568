from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.catalog.load import load_catalogue
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import EnsureImport, Insert, Replace, SetArgument, SetConstant, SetDefault
from ttsopt.errors import CannotRunError, UsageError

SYSTEM = """
id = "toy"
name = "Toy"
homepage = ""
[[layouts]]
name = "toy"
files = [{ path = "toy.py", defines = ["class Toy"] }]
"""
HEAD = """
id = "toy/quick"
version = 1
summary = "s"
why = "w"
effect = "exact"
"""
FILE = '[[files]]\npaths = ["toy.py"]\n'
EDIT = '[[files.edits]]\nreplace = "a"\nwith = "b"\n'


def catalogue(folder: Path, patch: str, system: str = SYSTEM, name: str = "quick") -> Path:
    (folder / "toy" / name).mkdir(parents=True)
    (folder / "toy" / "system.toml").write_text(system, encoding="utf-8")
    (folder / "toy" / name / "patch.toml").write_text(patch, encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(CannotRunError) as caught:
        load_catalogue(folder)
    assert caught.value.code == "bad-catalogue"
    return [line.strip() for line in caught.value.message.splitlines()[1:]]


def test_the_catalogue_that_comes_with_ttsopt_is_right() -> None:
    loaded = load_catalogue()
    assert {system.id for system in loaded.systems} >= {"f5-tts", "sample", "step-audio"}
    assert all(loaded.patch(patch.id) is patch for patch in loaded.patches)
    assert all(patch.system in {system.id for system in loaded.systems} for patch in loaded.patches)


def test_every_operation_is_read(tmp_path: Path) -> None:
    edits = """
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
set_const = "N"
old = ["1"]
new = "2"
expect = "1"
[[files.edits]]
set_default = "n"
in = "f"
old = ["1"]
new = "2"
when = { mode = ["a", 1, true] }
[[files.edits]]
set_arg = "n"
call = "f($$$A)"
old = ["1"]
new = "2"
expect = "0.."
[[files.edits]]
ensure_import = "import os"
"""
    (patch,) = load_catalogue(catalogue(tmp_path, HEAD + FILE + edits)).patches
    assert patch.effect is Effect.EXACT
    assert patch.files[0].edits == (
        Replace(scope="A.b", pattern="a", replacement="b", minimum=2, maximum=3),
        Insert(code="c", anchors=("d",), place="before", pick="first"),
        Insert(code="c", anchors=("d", "e"), place="after", pick="first", optional=True),
        SetConstant(name="N", old=("1",), new="2", minimum=1, maximum=1),
        SetDefault(name="n", scope="f", old=("1",), new="2", when={"mode": ("a", 1, True)}),
        SetArgument(name="n", call="f($$$A)", old=("1",), new="2", minimum=0, maximum=None),
        EnsureImport(statement="import os"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + FILE + EDIT + "scop = 'A'\n", "files[0].edits[0]: extra fields found (scop)"),
        (HEAD + FILE + EDIT + "minimum = 2\n", "files[0].edits[0]: extra fields found (minimum)"),
        (HEAD + FILE + EDIT + "in = 7\n", "files[0].edits[0].scope: expected str, got int"),
        (HEAD + FILE + EDIT + "set_const = 'A'\n", "files[0].edits[0]: expected one operation"),
        (HEAD + FILE + "[[files.edits]]\nin = 'A'\n", "files[0].edits[0]: expected one operation"),
        (
            HEAD + FILE + EDIT + "expect = 'many'\n",
            "files[0].edits[0]: expect is a number or a range",
        ),
        (HEAD + FILE + EDIT + "expect = '3..1'\n", "files[0].edits[0]: expect ends below"),
        (
            HEAD + FILE + EDIT + "when = { a = 'xy' }\n",
            "files[0].edits[0].when['a']: expected a list",
        ),
        (
            HEAD + FILE + EDIT + "optional = 1\n",
            "files[0].edits[0].optional: expected bool, got int",
        ),
        (HEAD + FILE + "[[files.edits]]\ninsert = 'a'\n", "files[0].edits[0]: insert needs either"),
        (
            HEAD + FILE + "[[files.edits]]\ninsert = 'a'\nafter = 'b'\npick = 'best'\n",
            "pick is first or last",
        ),
        (
            HEAD + FILE + "[[files.edits]]\nset_const = 'a'\nold = '32'\nnew = '7'\n",
            "edits[0].old: expected a list, got str",
        ),
        (
            HEAD + "[[files]]\npaths = 'toy.py'\nedits = []\n",
            "files[0].paths: expected a list, got str",
        ),
        (HEAD + "files = []\nsystem = 'toy'\n", "top level: extra fields found (system)"),
        (
            HEAD + "files = []\ndevice = 'gpu'\n",
            "device: expected one of any, cpu, cuda, got 'gpu'",
        ),
        (
            HEAD.replace('"exact"', '"safe"') + "files = []\n",
            "effect: expected one of exact, close, lossy",
        ),
        (
            HEAD.replace("version = 1", "version = '1'") + "files = []\n",
            "version: expected int, got str",
        ),
        (HEAD.replace('id = "toy/quick"', "") + "files = []\n", "id: required field missing"),
        (
            HEAD.replace("toy/quick", "toy/slow") + "files = []\n",
            "id is 'toy/slow', but the folder says 'toy/quick'",
        ),
        (HEAD, "files: required field missing"),
        (HEAD + "files = []\nparams = 7\n", "params: expected tables"),
        (
            HEAD + "files = []\n[params.n]\ntype = 'int'\nhelp = 'h'\n",
            "params.n.default: required field missing",
        ),
        (
            HEAD + "files = []\n[params.n]\ntype = 'integer'\nhelp = 'h'\ndefault = 1\n",
            "params.n: type is one of",
        ),
        (
            HEAD + "files = []\n[params.n]\ntype = 'int'\nhelp = 'h'\ndefault = 'auto'\n",
            "params.n: default 'auto' is no int",
        ),
        (
            HEAD + "files = []\n[params.n]\ntype = 'int'\nhelp = 'h'\ndefault = true\n",
            "params.n: default True is no int",
        ),
        (HEAD + "files = []\n[[notes]]\ntext = 't'\npaths = []\n", "notes[0]: a note needs either"),
        (HEAD + "files = [\n", "toy/quick/patch.toml: "),
    ],
)
def test_a_problem_is_named_with_file_and_key(tmp_path: Path, text: str, expected: str) -> None:
    (line,) = problems(catalogue(tmp_path, text))
    assert line.startswith("toy/quick/patch.toml: ")
    assert expected in line


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    catalogue(tmp_path, HEAD + FILE + EDIT + "x = 1\n" + EDIT + "expect = 'x'\n", "id = 7\n")
    (tmp_path / "toy" / "other").mkdir()
    (tmp_path / "toy" / "other" / "patch.toml").write_bytes(b"\xff")
    found = problems(tmp_path)
    assert len([line for line in found if line.startswith("toy/quick/patch.toml")]) == 2
    assert len([line for line in found if line.startswith("toy/other/patch.toml")]) == 1
    assert {
        "toy/system.toml: id: expected str, got int",
        "toy/system.toml: name: required field missing",
    } <= set(found)


@pytest.mark.parametrize("layouts", ["layouts = []", "[[layouts]]\nname = 'l'\nfiles = []"])
def test_a_system_must_be_told_by_something(tmp_path: Path, layouts: str) -> None:
    system = SYSTEM.partition("[[")[0] + layouts
    (line,) = problems(catalogue(tmp_path, HEAD + FILE + EDIT, system))
    assert "layouts" in line


def test_an_unknown_patch_is_refused_with_the_nearest(tmp_path: Path) -> None:
    loaded = load_catalogue(catalogue(tmp_path, HEAD + FILE + EDIT))
    with pytest.raises(UsageError) as near:
        loaded.patch("toy/qick")
    with pytest.raises(UsageError) as far:
        loaded.patch("zzz")
    assert "toy/quick" in near.value.hint
    assert far.value.hint == "`ttsopt list` shows all."
