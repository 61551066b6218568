from __future__ import annotations

from pathlib import Path

import pytest
from toy_catalogue import SYSTEM

from ttsopt.operations.authoring.check_catalogue import CheckedCatalogue, check_catalogue

PATCH = """
id = "toy/quick"
version = 1
summary = "s"
why = "w"
effect = "exact"
"""
PYTHON = PATCH + '[[files]]\npaths = ["toy.py"]\n[[files.edits]]\n'
YAML = PATCH + '[[files]]\npaths = ["toy.yaml"]\nanchor = "a"\n[[files.edits]]\n'
TOML = YAML.replace("yaml", "toml")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "catalogue"
    (folder / "toy/quick").mkdir(parents=True)
    (folder / "toy/system.toml").write_text(SYSTEM, encoding="utf-8")
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: folder)
    return folder


def check(shelf: Path, text: str) -> list[str]:
    """The keys and messages of all problems."""
    (shelf / "toy/quick/patch.toml").write_text(text, encoding="utf-8")
    return [f"{one.key}: {one.message}" for one in check_catalogue().problems]


def put_cases(shelf: Path, after: str = "class Toy: fast\n") -> None:
    cases = shelf / "toy/quick/cases"
    for name, text in {
        "good/before/toy.py": "class Toy: slow\n",
        "good/after/toy.py": after,
        "none/before/toy.py": "class Toy: ...\n",
        "none/absent.txt": "",
    }.items():
        (cases / name).parent.mkdir(parents=True, exist_ok=True)
        (cases / name).write_text(text, encoding="utf-8")


RIGHT = PYTHON + 'replace = "slow"\nwith = "fast"\n'


def test_a_catalogue_that_is_right_runs_its_cases(shelf: Path) -> None:
    put_cases(shelf)
    assert check(shelf, RIGHT) == []
    found: CheckedCatalogue = check_catalogue()
    assert (found.cases, len(found.catalogue.patches)) == (2, 1)


def test_a_failing_case_is_a_problem_of_its_patch(shelf: Path) -> None:
    put_cases(shelf, "class Toy: quick\n")
    (line,) = check(shelf, RIGHT)
    assert "-class Toy: quick" in line
    found = check_catalogue()
    assert found.problems_of(found.catalogue.patch("toy/quick")) == found.problems
    assert found.problems[0].file == str(shelf / "toy/quick/cases/good")


def test_a_patch_without_cases_is_incomplete(shelf: Path) -> None:
    assert check(shelf, RIGHT) == [
        ": no case shows where it applies: cases/NAME/before and cases/NAME/after"
    ]


def test_problems_of_the_files_come_before_cases_and_all_at_once(shelf: Path) -> None:
    put_cases(shelf)
    found = check(shelf, RIGHT.replace('why = "w"', 'why = ""').replace("slow", "slow("))
    assert [line.partition(": ")[0] for line in found] == ["why", "files[0].edits[0].replace"]
    assert check_catalogue().cases == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PYTHON + 'replace = "a b"\nwith = "c"\n', "edits[0].replace: not Python"),
        (PYTHON + 'replace = "a; b"\nwith = "c"\n', "edits[0].replace: a pattern is one"),
        (PYTHON + 'replace = "a"\nwith = "c d"\n', "edits[0].with: not Python"),
        (PYTHON + 'replace = "a"\nwith = " "\n', "edits[0].with: it is empty"),
        (PYTHON + 'replace = "f($X)"\nwith = "g($Y)"\n', "edits[0].with: $Y does not stand"),
        (PYTHON + 'replace = "f($_)"\nwith = "g($_)"\n', "edits[0].with: $_ does not stand"),
        (PYTHON + 'replace = "f($$$A)"\nwith = "g($$$B)"\n', "edits[0].with: $$$B does not"),
        (PYTHON + "replace = \"f('$X')\"\nwith = 'g($X)'\n", "edits[0].with: $X does not stand"),
        (PYTHON + 'insert = "a b"\nbefore = "c"\n', "edits[0].insert: not Python"),
        (PYTHON + 'insert = ""\nbefore = "c"\n', "edits[0].insert: it is empty"),
        (PYTHON + 'insert = "a"\nafter = ["c", "d e"]\n', "edits[0].after[1]: not Python"),
        (PYTHON + 'delete = "a b"\n', "edits[0].delete: not Python"),
        (PYTHON + 'in = "f"\ndecorate = "a b"\n', "edits[0].decorate: not Python"),
        (PYTHON + 'set_const = "a.b"\nold = ["1"]\nnew = "2"\n', "edits[0].set_const: 'a.b' is no"),
        (PYTHON + 'set_const = "a"\nold = ["1"]\nnew = "2 3"\n', "edits[0].new: not Python"),
        (
            PYTHON + 'in = "f"\nset_default = "a"\nold = ["1", "2 3"]\nnew = "2"\n',
            "edits[0].old[1]: not Python",
        ),
        (
            PYTHON + 'set_arg = "a"\ncall = "f("\nold = ["1"]\nnew = "2"\n',
            "edits[0].call: not Python",
        ),
        (PYTHON + 'ensure_import = "import"\n', "edits[0].ensure_import: not Python"),
        (PYTHON + 'ensure_import = "a = 1"\n', "edits[0].ensure_import: expected one import"),
        (
            PYTHON + 'any_of = [{ delete = "a" }, { delete = "b c" }]\n',
            "edits[0].any_of[1].delete: not Python",
        ),
        (YAML + 'set_yaml = "a..b"\nold = ["1"]\nnew = "2"\n', "edits[0].set_yaml: no dotted key"),
        (YAML + 'set_yaml = "a"\nold = ["1"]\nnew = "[2"\n', "edits[0].new: not YAML"),
        (
            YAML + 'set_yaml = "a"\nold = [""]\nnew = "2"\n',
            "edits[0].old[0]: a YAML value is missing",
        ),
        (YAML + 'set_yaml = "a"\nold = ["1"]\nnew = "2 # c"\n', "edits[0].new: a new value is one"),
        (PYTHON + 'insert = "# c"\nbefore = "a"\n', "edits[0].insert: there is no code in it"),
        (
            PYTHON + 'set_const = "A"\nold = ["1"]\nnew = "2  # c"\n',
            "edits[0].new: a comment would",
        ),
        (TOML + 'set_toml = "a"\nold = ["yes"]\nnew = "2"\n', "edits[0].old[0]: no value of such"),
        (
            TOML.replace('"a"', '"a b"') + 'set_toml = "a"\nold = ["1"]\nnew = "2"\n',
            "files[0].anchor: no dotted key",
        ),
    ],
)
def test_code_keys_and_values_must_parse(shelf: Path, text: str, expected: str) -> None:
    put_cases(shelf)
    (line,) = check(shelf, text)
    assert expected in line


def test_a_placeholder_in_a_string_is_text(shelf: Path) -> None:
    put_cases(shelf, "class Toy: fast['$HOME']\n")
    assert check(shelf, PYTHON + "replace = 'slow'\nwith = \"fast['$HOME']\"\n") == []


def test_parameters_stand_at_their_defaults_where_code_is_parsed(shelf: Path) -> None:
    put_cases(shelf)
    text = PYTHON + 'replace = "slow"\nwith = "fast[${n}]"\n'
    text += '[params.n]\ntype = "int"\ndefault = 1\nhelp = "h"\n'
    put_cases(shelf, "class Toy: fast[1]\n")
    assert check(shelf, text) == []


def test_a_folder_with_cases_and_no_patch_is_told(shelf: Path) -> None:
    put_cases(shelf)
    (shelf / "toy/lost/cases/one/before").mkdir(parents=True)
    assert check(shelf, RIGHT) == [": it has cases, but no patch.toml"]


def test_a_recipe_without_its_workload_is_told(shelf: Path) -> None:
    put_cases(shelf)
    system = shelf / "toy/system.toml"
    text = system.read_text(encoding="utf-8") + "\n[bench]\nmodules = []\n"
    system.write_text(text, encoding="utf-8")
    assert check(shelf, RIGHT) == ["bench: [bench] is there, but no workload.py beside it"]


def test_a_pattern_is_quoted_as_its_author_wrote_it(shelf: Path) -> None:
    (problem,) = check(shelf, PYTHON + 'replace = "foo($X"\nwith = "bar"\n')
    assert "'foo($X'" in problem
    assert "<unknown>" not in problem
