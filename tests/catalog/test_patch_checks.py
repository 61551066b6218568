from __future__ import annotations

from typing import Any

import pytest

from ttsopt.domain.effect import Tolerance

Shelf = Any  # conftest.py of this folder

HEAD = 'version = 1\nsummary = "s"\nwhy = "w"\neffect = "exact"\n'
FILE = '[[files]]\npaths = ["toy.py"]\n'
EDIT = '[[files.edits]]\nreplace = "a"\nwith = "b"\n'
USED = '[[files.edits]]\nreplace = "a"\nwith = "${n}"\n'
KEY = '[[files.edits]]\nset_yaml = "a"\nold = ["1"]\nnew = "2"\n'


def parameter(text: str) -> str:
    return FILE + USED + f"[params.n]\nhelp = 'h'\n{text}\n"


def only(shelf: Shelf, body: str) -> str:
    shelf.patch(body=body)
    (line,) = shelf.problems()
    return str(line).removeprefix("toy/quick/patch.toml: ")


@pytest.mark.parametrize("name", ["toy/Quick", "toy/a_b", "toy/-a", "toy/a--b"])
def test_ids_are_small_letters_and_hyphens(shelf: Shelf, name: str) -> None:
    shelf.patch(name)
    (line,) = shelf.problems()
    assert "id: expected system/name in small letters" in line


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/toy.py", "expected a path below the system's root"),
        ("C:/toy.py", "expected a path below"),
        ("../toy.py", "no part of a path is empty, . or .."),
        ("a//toy.py", "no part of a path is empty"),
        ("./toy.py", "no part of a path is empty"),
        ("a\\\\toy.py", "plain path with forward slashes"),
        (".git/hooks/a.py", "nothing in .git can be edited"),
        ("a/.TTSOPT/a.py", "nothing in .ttsopt can be edited"),
    ],
)
def test_paths_stay_below_the_root(shelf: Shelf, path: str, expected: str) -> None:
    line = only(shelf, f'[[files]]\npaths = ["toy.py", "{path}"]\n' + EDIT)
    assert expected in line


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("[[files]]\npaths = []\n" + EDIT, "files[0].paths: expected at least one path"),
        ('[[files]]\npaths = ["a.py"]\nedits = []\n', "files[0].edits: a file needs an edit"),
        ('[[files]]\npaths = ["a.sh"]\n' + EDIT, "files[0].paths: no edits are known for .sh"),
        ('[[files]]\npaths = ["*/a.py"]\n' + EDIT, "files[0].anchor: a path with * needs one"),
        (
            '[[files]]\npaths = ["x**/a.py"]\nanchor = "class A"\n' + EDIT,
            "** stands for whole folders",
        ),
        (FILE + 'anchor = "Toy"\n' + EDIT, "files[0].anchor: expected `class Name` or `def name`"),
        (FILE + 'anchor = "class A B"\n' + EDIT, "files[0].anchor: expected `class Name`"),
        (
            '[[files]]\npaths = ["a.yaml"]\nanchor = "class A"\n' + KEY,
            "files[0].anchor: expected a key",
        ),
        (FILE + EDIT + 'in = "A.b c"\n', "files[0].edits[0].in: expected a dotted name"),
        (FILE + KEY, "files[0].edits[0]: it cannot be made in a Python file"),
        (
            FILE
            + "optional = true\n"
            + EDIT
            + '[[files]]\npaths = ["a.yaml"]\n'
            + KEY
            + "add = true\n",
            "files[1].edits[0].add: the patch adds a key beside edits of code",
        ),
        (
            FILE + '[[files.edits]]\nensure_import = "import a"\nessential = true\n' + EDIT,
            "files[0].edits[0].essential: an import or a helper is never what a patch is about",
        ),
        (
            FILE
            + '[[files.edits]]\nany_of = [{ delete = "a", essential = true }, { delete = "b" }]\n',
            "files[0].edits[0].any_of[0].essential: it stands outside the any_of",
        ),
        (
            '[[files]]\npaths = ["a.yaml"]\n' + EDIT,
            "files[0].edits[0]: it cannot be made in a YAML",
        ),
        ('[[files]]\npaths = ["a.toml"]\n' + KEY, "files[0].edits[0]: it is for .yaml and .yml"),
        (
            '[[files]]\npaths = ["a.yaml"]\n' + KEY + 'in = "A"\n',
            "edits[0].in: a key has no definition",
        ),
        (FILE + '[[files.edits]]\ndecorate = "a"\n', "edits[0].in: it needs one"),
        (
            FILE + '[[files.edits]]\nset_default = "a"\nold = ["1"]\nnew = "2"\n',
            "edits[0].in: it needs one",
        ),
        (
            FILE + EDIT + "[[notes]]\ntext = 't'\npaths = ['a.py']\nif_defined = 'A'\n",
            "notes[0].if_defined: expected `class Name`",
        ),
    ],
)
def test_files_and_edits_fit_together(shelf: Shelf, body: str, expected: str) -> None:
    assert expected in only(shelf, body)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("paths = []\nwhy = 'w'", "paths: expected at least one path"),
        ("paths = ['a']\nwhy = ''", "why: it is empty"),
        ("paths = ['a.npy']\nwhy = 'w'\nshape = [1]\npresent = false", "more than one of"),
        ("paths = ['a.yaml']\nwhy = 'w'\nkey = 'a'", "equals: key and equals go together"),
        ("paths = ['a.yaml']\nwhy = 'w'\nequals = 1", "key: key and equals go together"),
        ("paths = ['a.txt']\nwhy = 'w'\nkey = 'a'\nequals = 1", "key: it is read from"),
        ("paths = ['a.bin']\nwhy = 'w'\nshape = [1]", "shape: it is read from .npy files"),
        ("paths = ['a.npy']\nwhy = 'w'\nshape = [-1]", "shape: sizes are not negative"),
    ],
)
def test_facts_say_one_thing(shelf: Shelf, fact: str, expected: str) -> None:
    line = only(shelf, FILE + EDIT + f"[[requires.facts]]\n{fact}\n")
    assert line.startswith("requires.facts[0]")
    assert expected in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type = 'integer'\ndefault = 1", "params.n.type: it is one of int, float, bool, str"),
        ("type = 'int'\ndefault = 'auto'", "params.n.default: 'auto' is no int"),
        ("type = 'int'\ndefault = true", "params.n.default: True is no int"),
        ("type = 'float'\ndefault = nan", "params.n.default: nan is no float"),
        ("type = 'int'\ndefault = 9\nmax = 8", "params.n.default: 9 is not"),
        ("type = 'int'\ndefault = 9\nmin = 10\nmax = 8", "params.n.min: it is above max"),
        ("type = 'str'\ndefault = 'c'\nchoices = ['a']", "params.n.default: 'c' is not one of a"),
        ("type = 'int'\ndefault = 1\nchoices = [1, 'a']", "params.n.choices[1]: 'a' is no int"),
        ("type = 'str'\ndefault = 'a'\nmin = 1", "params.n.min: a str has no bounds"),
        ("type = 'int'\ndefault = 1\nmin = 1\nchoices = [1]", "choices need no min"),
        ("type = 'int'\ndefault = 1\nnamed = { a = '1 +' }", "params.n.named.a: no Python"),
        ("type = 'int'\ndefault = 1\nname = 'm'", "params.n.name: unknown key"),
    ],
)
def test_parameters_make_sense(shelf: Shelf, text: str, expected: str) -> None:
    shelf.patch(body=parameter(text))
    found = shelf.problems()
    assert any(expected in line for line in found)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (FILE + USED, "files[0].edits[0].with: ${n}: there is no such parameter"),
        (
            FILE + "[[files.edits]]\nset_const = 'A'\nold = ['${n}']\nnew = '1'\n",
            "edits[0].old[0]: ${n}",
        ),
        (
            FILE + "[[files.edits]]\ninsert = 'a'\nbefore = ['b', '${n}']\n",
            "edits[0].before[1]: ${n}",
        ),
        (
            FILE + "[[files.edits]]\nany_of = [{ delete = 'a' }, { delete = '${n}' }]\n",
            "edits[0].any_of[1].delete: ${n}",
        ),
        (FILE + EDIT + "when = { n = [1] }\n", "edits[0].when.n: there is no such parameter"),
        (
            FILE + EDIT + "[[notes]]\ntext = '${n}'\npaths = ['a.py']\nif_defined = 'def f'\n",
            "notes[0].text: ${n}",
        ),
        (
            FILE + EDIT + "[params.n]\ntype = 'int'\ndefault = 1\nhelp = 'h'\n",
            "params.n: it is used nowhere",
        ),
        (
            parameter("type = 'int'\ndefault = 1\nmax = 2").replace(
                "[params", "when = { n = [3] }\n[params"
            ),
            "edits[0].when.n: 3 is not",
        ),
        (
            parameter("type = 'int'\ndefault = 1").replace(
                "[params", "when = { n = ['1'] }\n[params"
            ),
            "edits[0].when.n: '1' is not a whole number",
        ),
        (
            "[[files]]\npaths = ['a.yaml']\n"
            + KEY.replace('"2"', '"${n}"')
            + "[params.n]\ntype = 'int'\ndefault = 1\nhelp = 'h'\nnamed = { auto = 'f()' }\n",
            "edits[0].new: ${n} may stand for Python (auto)",
        ),
    ],
)
def test_parameters_are_used_as_declared(shelf: Shelf, body: str, expected: str) -> None:
    assert expected in only(shelf, body)


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ('id = "Toy"', "id: expected small letters"),
        ('path = "../toy.py"', "layouts[0].files[0].path: no part of a path"),
        ('path = "toy/*.py"', "layouts[0].files[0].path: * stands for the first folder alone"),
        ('path = "*/toy.py"', "layouts[0].package: a path that begins with * needs it"),
        ('id = "toy"\nentry_points = ["/x.py"]', "entry_points[0]: expected a path below"),
        ('defines = ["Toy"]', "layouts[0].files[0].defines[0]: expected `class Name`"),
    ],
)
def test_systems_are_checked_as_well(shelf: Shelf, system: str, expected: str) -> None:
    text = (shelf.folder / "toy/system.toml").read_text(encoding="utf-8")
    key = system.partition(" = ")[0]
    plain = {"id": 'id = "toy"', "path": 'path = "toy.py"', "defines": 'defines = ["class Toy"]'}
    shelf.write("toy/system.toml", text.replace(plain[key], system, 1))
    assert any(expected in line for line in shelf.problems())


def test_a_known_bad_package_says_which_versions(shelf: Shelf) -> None:
    bench = '[bench]\n[[bench.known_bad]]\npackage = "torch"\nwhy = "w"\n'
    text = (shelf.folder / "toy/system.toml").read_text(encoding="utf-8")
    shelf.write("toy/system.toml", f"{text}\n{bench}")
    expected = "bench.known_bad[0].package: expected versions such as transformers>4.51.3"
    assert any(expected in line for line in shelf.problems())


CLOSE = HEAD.replace('"exact"', '"close"')


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("mel_db = 0", "tolerance.mel_db: expected decibels above 0"),
        ("mel_db = inf", "tolerance.mel_db: expected decibels above 0"),
        ("tokens = 1.1", "tolerance.tokens: expected a share, 0 to 1"),
        ("tokens = true", "expected a number, got bool"),
        ("volume = 1", "volume"),
    ],
)
def test_a_tolerance_is_one(shelf: Shelf, table: str, expected: str) -> None:
    shelf.patch(head=CLOSE, body=f"[tolerance]\n{table}\n" + FILE + EDIT)
    (line,) = shelf.problems()
    assert expected in line


def test_only_close_patches_have_a_tolerance(shelf: Shelf) -> None:
    body = "[tolerance]\nmel_db = 1\n" + FILE + EDIT
    assert only(shelf, body) == "tolerance: only a patch of effect close has one, this is exact"
    shelf.patch(head=CLOSE, body=body)
    (patch,) = shelf.load().patches
    assert patch.tolerance == Tolerance(mel_db=1, tokens=0.99)


def test_only_lossy_patches_have_a_guard(shelf: Shelf) -> None:
    body = 'guard = "it speaks another language"\n' + FILE + EDIT
    assert only(shelf, body) == "guard: only a patch of effect lossy has one, this is exact"
    shelf.patch(head=HEAD.replace('"exact"', '"lossy"'), body=body)
    (patch,) = shelf.load().patches
    assert patch.guard == "it speaks another language"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('packages = ["torch>=2.5", "deep speed"]', "requires.packages[1]: expected a package"),
        ('packages = ["torch>="]', "requires.packages[0]: expected a package"),
        ('compute_capability = "8"', "requires.compute_capability: expected one such as 8.0"),
    ],
)
def test_what_is_needed_where_it_runs_is_written_as_usual(
    shelf: Shelf, table: str, expected: str
) -> None:
    assert only(shelf, f"[requires]\n{table}\n" + FILE + EDIT).startswith(expected)


@pytest.mark.parametrize("package", ["torch", "deepspeed>=0.14", "a_b.c[x]~=1.2,!=1.2.3"])
def test_any_requirement_of_a_package_will_do(shelf: Shelf, package: str) -> None:
    shelf.patch(body=f'[requires]\npackages = ["{package}"]\n' + FILE + EDIT)
    assert shelf.load().patches[0].requires.packages == (package,)
