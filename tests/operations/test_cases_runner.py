from __future__ import annotations

import compileall
from pathlib import Path

import pytest

from ttsopt.catalog.load import load_catalogue
from ttsopt.operations.apply import Applied, apply
from ttsopt.operations.authoring.cases import applied_trees, cases_of, missing_cases, run_case
from ttsopt.operations.planning import PlanRequest

SYSTEM = """
id = "toy"
name = "Toy"
homepage = ""
[[layouts]]
name = "toy"
files = [
    { path = "toy/core.py", defines = ["class Toy"] },
    { path = "toy/rest.py", defines = ["def rest"] },
]
"""
PATCH = """
id = "toy/{name}"
version = 1
summary = "s"
why = "w"
effect = "lossy"
{more}
[[files]]
paths = ["toy/core.py"]
anchor = "class Toy"
"""
STEPS = """
[[files.edits]]
set_const = "STEPS"
old = ["32"]
new = "${steps}"
[params.steps]
type = "int"
default = 7
help = "h"
"""
BEFORE = "STEPS = 32\n\n\nclass Toy:\n    rate = 1\n"
AFTER = BEFORE.replace("32", "7")


class Bench:
    """A catalogue with one system, and cases that are written and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("toy/system.toml", SYSTEM)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")

    def patch(self, name: str = "steps", body: str = STEPS, more: str = "") -> None:
        self.write(f"toy/{name}/patch.toml", PATCH.format(name=name, more=more) + body)

    def run(self, files: dict[str, str], patch: str = "steps") -> str:
        """What the case of these files says, as one text; empty where it is right."""
        for name, text in files.items():
            self.write(f"toy/{patch}/cases/one/{name}", text)
        catalogue = load_catalogue()
        (case,) = cases_of(catalogue, catalogue.patch(f"toy/{patch}"))
        return "\n".join(run_case(case))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path / "catalogue")
    monkeypatch.setattr("ttsopt.catalog.load.catalogue_folder", lambda: made.folder)
    made.patch()
    return made


def test_a_case_that_is_right_has_nothing_to_say(bench: Bench) -> None:
    assert bench.run({"before/toy/core.py": BEFORE, "after/toy/core.py": AFTER}) == ""


def test_cases_that_pip_has_compiled_are_still_right(bench: Bench) -> None:
    files = {"before/toy/core.py": BEFORE, "after/toy/core.py": AFTER}
    assert bench.run(files) == ""
    assert compileall.compile_dir(bench.folder, quiet=2)
    assert list(bench.folder.rglob("*.pyc"))
    assert bench.run({}) == ""


def test_a_difference_is_shown_as_a_diff_with_what_cannot_be_seen(bench: Bench) -> None:
    wrong = AFTER.replace("rate = 1\n", "rate = 2\r\n")
    said = bench.run({"before/toy/core.py": BEFORE, "after/toy/core.py": wrong})
    assert "toy/core.py is not as expected (- expected, + got)" in said
    assert "-    rate = 2\\r\n" in said
    assert "+    rate = 1\n" in said


def test_a_file_that_is_not_created_is_missed(bench: Bench) -> None:
    said = bench.run(
        {"before/toy/core.py": BEFORE, "after/toy/core.py": AFTER, "after/toy/new.py": "x = 1\n"}
    )
    assert said == "toy/new.py is missing"


HELPED = (
    '[[files.edits]]\nin = "Toy"\nreplace = "1"\nwith = "fast()"\n'
    '[[files.edits]]\nadd_file = "quick.py"\nimport = ["fast"]\n'
)
HELPER = "def fast():\n    return 1\n"
USES_HELPER = "from .quick import fast\nimport os\n\n\nclass Toy:\n    rate = fast()\n"
HELPED_CASE = {
    "before/toy/__init__.py": "",
    "before/toy/core.py": "import os\n\n\nclass Toy:\n    rate = 1\n",
    "after/toy/core.py": USES_HELPER,
}


@pytest.fixture
def helped(bench: Bench) -> Bench:
    bench.patch("helped", HELPED)
    bench.write("_helpers/quick.py", HELPER)
    return bench


def test_a_helper_that_is_laid_out_need_not_be_in_after(helped: Bench) -> None:
    assert helped.run(HELPED_CASE, "helped") == ""
    assert helped.run({"after/toy/quick.py": HELPER}, "helped") == ""
    assert "toy/quick.py is not as expected" in helped.run(
        {"after/toy/quick.py": "other = 1\n"}, "helped"
    )


@pytest.mark.parametrize(
    ("laid_out", "said"),
    [
        (None, "toy/quick.py is missing"),
        ("fast = 2\n", "toy/quick.py is not as expected"),
    ],
)
def test_a_helper_that_is_not_laid_out_or_another_one_is_told(
    helped: Bench, monkeypatch: pytest.MonkeyPatch, laid_out: str | None, said: str
) -> None:
    def apply_wrongly(request: PlanRequest) -> Applied:
        result = apply(request)
        helper = request.target.directory / "toy/quick.py"
        helper.unlink()
        if laid_out is not None:
            helper.write_text(laid_out, encoding="utf-8")
        return result

    monkeypatch.setattr("ttsopt.operations.authoring.cases.apply", apply_wrongly)
    assert said in helped.run(HELPED_CASE, "helped")


def test_a_helper_where_nothing_imports_it_is_told(helped: Bench) -> None:
    without = USES_HELPER.removeprefix("from .quick import fast\n")
    said = helped.run(HELPED_CASE | {"after/toy/core.py": without}, "helped")
    assert "toy/quick.py should not be there" in said


def test_helpers_that_helpers_import_are_asked_for_too(helped: Bench) -> None:
    helped.patch("helped", HELPED.replace("quick.py", "ttsopt_quick.py"))
    helped.write("_helpers/ttsopt_quick.py", "from .ttsopt_base import fast\n")
    helped.write("_helpers/ttsopt_base.py", HELPER)
    after = USES_HELPER.replace(".quick", ".ttsopt_quick")
    assert helped.run(HELPED_CASE | {"after/toy/core.py": after}, "helped") == ""


def test_a_tree_before_has_the_helpers_that_its_files_import(helped: Bench) -> None:
    rate = "\n\n\ndef rest():\n    return fast()\n"
    files = {**HELPED_CASE, "before/toy/rest.py": "from .quick import fast" + rate}
    assert helped.run(files, "helped") == ""
    catalogue = load_catalogue()
    (case,) = cases_of(catalogue, catalogue.patch("toy/helped"))
    before, _ = applied_trees(case)
    assert before["toy/quick.py"] == HELPER.encode()


def test_a_file_of_a_helpers_name_that_a_case_shows_stays(helped: Bench) -> None:
    files = {"before/toy/core.py": USES_HELPER.replace("fast()", "1")}
    (helped.folder / "toy/helped/cases/one/after").mkdir(parents=True)
    other = {"before/toy/quick.py": "fast = 0\n", "before/toy/__init__.py": ""}
    said = helped.run(files | other, "helped")
    assert "beside it is another quick.py already" in said


def test_deleted_names_a_file_that_must_be_gone(bench: Bench) -> None:
    files = {
        "before/toy/core.py": BEFORE,
        "before/toy/old.py": "old = 1\n",
        "after/toy/core.py": AFTER,
        "deleted.txt": "toy/old.py\n",
    }
    assert bench.run(files) == "toy/old.py should not be there"
    said = bench.run({"deleted.txt": "toy/older.py\n"})
    assert "deleted.txt names toy/older.py, which is not in before/" in said


@pytest.mark.parametrize(
    ("core", "outcome", "text", "expected"),
    [
        (AFTER, "already.txt", "", ""),
        (AFTER, "absent.txt", "", "it should be absent, and is already"),
        ("class Toy: ...\n", "absent.txt", "", ""),
        (BEFORE.replace("32", "16"), "refused.txt", "STEPS\n16", ""),
        (
            BEFORE.replace("32", "16"),
            "refused.txt",
            "STEPS\n17",
            "refused.txt expects '17'; said was:",
        ),
        (BEFORE, "refused.txt", "", "it should be refused, and is applied"),
        (BEFORE.replace("32", "16"), "skipped.txt", "", "it should be skipped, and is refused"),
    ],
)
def test_the_other_outcomes(
    bench: Bench, core: str, outcome: str, text: str, expected: str
) -> None:
    said = bench.run({"before/toy/core.py": core, outcome: text})
    assert said.startswith(expected) if expected else said == ""


def test_refused_may_be_the_tree_itself(bench: Bench) -> None:
    assert bench.run({"refused/toy/core.py": BEFORE.replace("32", "16"), "refused.txt": "16"}) == ""


def test_settings_are_taken(bench: Bench) -> None:
    files = {"before/toy/core.py": BEFORE, "settings.txt": "steps=9\n"}
    assert bench.run(files | {"after/toy/core.py": BEFORE.replace("32", "9")}) == ""


def test_other_patches_are_applied_first(bench: Bench) -> None:
    rate = '[[files.edits]]\nin = "Toy"\nset_const = "rate"\nold = ["1"]\nnew = "2"\n'
    bench.patch("rate", rate, 'conflicts = ["toy/other"]')
    bench.patch("needy", rate.replace("rate", "more"), "[requires]\npatches = ['toy/steps']\n")
    bench.patch("other")
    core = BEFORE + "    more = 1\n"
    assert "it needs toy/steps" in bench.run(
        {"before/toy/core.py": core, "after/toy/core.py": core}, "needy"
    )
    both = core.replace("32", "7").replace("more = 1", "more = 2")
    assert bench.run({"with.txt": "toy/steps\n", "after/toy/core.py": both}, "needy") == ""
    files = {"before/toy/core.py": core, "with.txt": "toy/rate\n", "skipped.txt": "toy/rate\n"}
    assert bench.run(files, "other") == ""
    assert "with.txt" in bench.run({"with.txt": "toy/needy\n"}, "other")


def test_a_fact_that_does_not_hold_is_a_reason_to_skip(bench: Bench) -> None:
    fact = "[[requires.facts]]\npaths = ['voice.npy']\nwhy = 'It reads it.'\n"
    bench.patch("factual", STEPS, fact)
    assert (
        bench.run(
            {"before/toy/core.py": BEFORE, "skipped.txt": "voice.npy\nIt reads it."}, "factual"
        )
        == ""
    )


def test_the_root_may_lie_deeper(bench: Bench) -> None:
    files = {
        "before/backend/toy/core.py": BEFORE,
        "before/service.py": "x = 1\n",
        "root.txt": "backend\n",
        "after/backend/toy/core.py": AFTER,
    }
    assert bench.run(files) == ""


def test_a_tree_that_is_no_such_system_says_what_it_lacks(bench: Bench) -> None:
    said = bench.run({"before/toy/rest.py": "x = 1\n", "absent.txt": ""})
    assert said == "toy/rest.py must have `def rest`: Toy is told by it"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"before/a": ""}, "it says nothing; expected one of"),
        ({"before/a": "", "after/a": "", "absent.txt": ""}, "it says after, absent; expected one"),
        ({"absent.txt": ""}, "it has no tree"),
    ],
)
def test_a_case_says_one_thing_of_one_tree(
    bench: Bench, files: dict[str, str], expected: str
) -> None:
    assert bench.run(files).startswith(expected)


def test_both_sides_must_be_shown(bench: Bench) -> None:
    catalogue = load_catalogue()
    patch = catalogue.patch("toy/steps")
    assert "where it applies" in missing_cases(cases_of(catalogue, patch))
    bench.write("toy/steps/cases/a/after/x", "")
    assert "where it does not apply" in missing_cases(cases_of(catalogue, patch))
    bench.write("toy/steps/cases/b/refused/x", "")
    assert missing_cases(cases_of(catalogue, patch)) == ""
